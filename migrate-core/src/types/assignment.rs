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

impl Type {
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
        let found = CASTS.binary_search_by(|(source, _)| (*source).cmp(from)).ok().and_then(|index| CASTS.get(index));
        Some(found.is_some_and(|(_, targets)| targets.contains(&to)))
    }

    pub(super) fn is_object_identifier(&self) -> bool {
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
    fn the_list_is_sorted() {
        assert!(CASTS.is_sorted_by(|one, two| one.0 < two.0));
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
