//! Which types PostgreSQL converts by itself when a value is assigned, and when `ALTER COLUMN ... TYPE` has no `USING`.

use super::{BuiltIn, Category, Type};

/// The casts that are implicit or in assignment, from `pg_cast` of PostgreSQL 15, by the names in `pg_type`; without
/// those to strings (every type has them) and without the types of object identifiers such as `regclass`.
const CASTS: &[(&str, &[&str])] = &[
    ("bit", &["varbit"]),
    ("box", &["polygon"]),
    ("bpchar", &["char"]),
    ("cidr", &["inet"]),
    ("date", &["timestamp", "timestamptz"]),
    ("float4", &["float8", "int2", "int4", "int8", "numeric"]),
    ("float8", &["float4", "int2", "int4", "int8", "numeric"]),
    ("inet", &["cidr"]),
    ("int2", &["float4", "float8", "int4", "int8", "numeric", "oid"]),
    ("int4", &["float4", "float8", "int2", "int8", "money", "numeric", "oid"]),
    ("int8", &["float4", "float8", "int2", "int4", "money", "numeric", "oid"]),
    ("interval", &["time"]),
    ("json", &["jsonb"]),
    ("jsonb", &["json"]),
    ("macaddr", &["macaddr8"]),
    ("macaddr8", &["macaddr"]),
    ("money", &["numeric"]),
    ("numeric", &["float4", "float8", "int2", "int4", "int8", "money"]),
    ("oid", &["int4", "int8"]),
    ("path", &["polygon"]),
    ("point", &["box"]),
    ("polygon", &["path"]),
    ("text", &["char"]),
    ("time", &["interval", "timetz"]),
    ("timestamp", &["date", "time", "timestamptz"]),
    ("timestamptz", &["date", "time", "timestamp", "timetz"]),
    ("timetz", &["time"]),
    ("varbit", &["bit"]),
    ("varchar", &["char"]),
];

/// The casts that must be written, from `pg_cast` of PostgreSQL 14 to 18; without those from and to strings, which every
/// type has.
const EXPLICIT_CASTS: &[(&str, &[&str])] = &[
    ("bit", &["int4", "int8"]),
    ("bool", &["int4"]),
    ("box", &["circle", "lseg", "point"]),
    ("char", &["int4"]),
    ("circle", &["box", "point", "polygon"]),
    ("daterange", &["datemultirange"]),
    ("int4", &["bit", "bool", "char"]),
    ("int4range", &["int4multirange"]),
    ("int8", &["bit"]),
    ("int8range", &["int8multirange"]),
    ("jsonb", &["bool", "float4", "float8", "int2", "int4", "int8", "numeric"]),
    ("lseg", &["point"]),
    ("numrange", &["nummultirange"]),
    ("polygon", &["box", "circle", "point"]),
    ("tsrange", &["tsmultirange"]),
    ("tstzrange", &["tstzmultirange"]),
    ("xid8", &["xid"]),
];

fn is_listed(casts: &[(&str, &[&str])], from: &str, to: &str) -> bool {
    let found = casts.binary_search_by(|(source, _)| (*source).cmp(from)).ok().and_then(|index| casts.get(index));
    found.is_some_and(|(_, targets)| targets.contains(&to))
}

impl Type {
    /// Whether a cast that is written (`value::target`) takes a value of this type to the other.
    /// Unknown for named types but to and from strings, which every type has.
    pub fn casts_to(&self, target: &Type) -> Option<bool> {
        let is_string = |data_type: &Type| {
            data_type.category() == Category::String && *data_type != Type::BuiltIn(BuiltIn::InternalChar)
        };
        if self == target || is_string(self) || is_string(target) {
            return Some(true);
        }
        if let (Type::Array(element), Type::Array(target)) = (self, target) {
            return element.casts_to(target);
        }
        match self.assigns_to(target) {
            Some(false) => {
                let (Some(from), Some(to)) = (self.internal_name(), target.internal_name()) else {
                    return Some(false);
                };
                Some(is_listed(EXPLICIT_CASTS, from, to))
            }
            assigns => assigns,
        }
    }

    /// Whether PostgreSQL converts a value of this type by itself when it is assigned to a column of the other.
    /// Unknown for named types, which may be domains.
    pub fn assigns_to(&self, target: &Type) -> Option<bool> {
        if self.without_modifier() == target.without_modifier() {
            return Some(true);
        }
        if target.category() == Category::String && *target != Type::BuiltIn(BuiltIn::InternalChar) {
            return Some(true);
        }
        if let (Type::Array(element), Type::Array(target)) = (self, target) {
            return element.assigns_to(target);
        }
        if self.category() == Category::Named || target.category() == Category::Named {
            return None;
        }
        let (Some(from), Some(to)) = (self.internal_name(), target.internal_name()) else { return Some(false) };
        if self.is_object_identifier() && target.is_object_identifier() {
            // Between two of the `reg` types there is a way only where both name the same kind of object.
            let is_pair = |kind: &str| from.starts_with(kind) && to.starts_with(kind);
            return Some(from == "oid" || to == "oid" || is_pair("regproc") || is_pair("regoper"));
        }
        if target.is_object_identifier() {
            let is_class_name = to == "regclass" && matches!(from, "text" | "varchar");
            return Some(self.is_integer() || is_class_name);
        }
        if self.is_object_identifier() {
            return Some(matches!(to, "int4" | "int8"));
        }
        Some(is_listed(CASTS, from, to))
    }

    pub(crate) fn is_object_identifier(&self) -> bool {
        self.category() == Category::ObjectIdentifier
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigns(from: &str, to: &str) -> Option<bool> {
        from.parse::<Type>().unwrap().assigns_to(&to.parse().unwrap())
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(CASTS.is_sorted_by(|one, two| one.0 < two.0));
        assert!(EXPLICIT_CASTS.is_sorted_by(|one, two| one.0 < two.0));
    }

    #[test]
    fn a_cast_that_is_written_does_more_than_an_assignment() {
        let casts = |from: &str, to: &str| from.parse::<Type>().unwrap().casts_to(&to.parse().unwrap());
        for (from, to) in
            [("int", "boolean"), ("text", "uuid"), ("jsonb", "int"), ("text[]", "int[]"), ("mood", "text")]
        {
            assert_eq!(casts(from, to), Some(true), "{from} to {to}");
        }
        for (from, to) in [
            ("money", "bigint"),
            ("time", "timestamp"),
            ("timetz", "timestamptz"),
            ("uuid", "\"char\""),
            ("int", "int[]"),
        ] {
            assert_eq!(casts(from, to), Some(false), "{from} to {to}");
        }
        assert_eq!(casts("mood", "int"), None);
    }

    #[test]
    fn conversions_are_those_of_the_server() {
        for (from, to) in [
            ("int", "bigint"),
            ("bigint", "int"),
            ("int", "numeric(10,2)"),
            ("numeric", "int"),
            ("int", "text"),
            ("timestamptz", "date"),
            ("date", "timestamp"),
            ("json", "jsonb"),
            ("jsonb", "json"),
            ("mood", "text"),
            ("cidr", "inet"),
            ("int", "money"),
            ("int[]", "bigint[]"),
            ("int[]", "text[]"),
            ("int[]", "text"),
            ("time", "interval"),
            ("int", "regclass"),
            ("regclass", "bigint"),
            ("regproc", "regprocedure"),
            ("text", "regclass"),
            ("varchar(3)", "char(2)"),
            ("text", "\"char\""),
        ] {
            assert_eq!(assigns(from, to), Some(true), "{from} to {to}");
        }
        for (from, to) in [
            ("text", "int"),
            ("text", "uuid"),
            ("int", "boolean"),
            ("boolean", "int"),
            ("bigint", "timestamptz"),
            ("interval", "int"),
            ("text", "jsonb"),
            ("int", "int[]"),
            ("text[]", "int[]"),
            ("int", "\"char\""),
            ("uuid", "bytea"),
            ("regclass", "regtype"),
            ("regclass", "smallint"),
            ("xid", "int"),
            ("date", "time"),
        ] {
            assert_eq!(assigns(from, to), Some(false), "{from} to {to}");
        }
        assert_eq!(assigns("text", "mood"), None);
    }
}
