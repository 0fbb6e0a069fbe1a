//! Which types a foreign key can connect.

use super::{BuiltIn, Type};

impl Type {
    /// Whether a column of this type can reference a column of the other type: there must be an `=` between them
    /// in the order of the referenced type, or a conversion to it that is always made. Measured on PostgreSQL 15
    /// for each pair. Unknown where a named type is involved, which may be a domain; equal types always can.
    pub fn can_reference(&self, referenced: &Type) -> Option<bool> {
        if self.without_modifier() == referenced.without_modifier() {
            return if matches!(self, Type::Named { .. }) { Some(true) } else { referenced.has_order() };
        }
        if let (Type::Named { .. }, _) | (_, Type::Named { .. }) = (self, referenced) {
            return None;
        }
        if let (Type::Array(one), Type::Array(other)) = (self, referenced) {
            let is_named = |element: &Type| matches!(element, Type::Named { .. });
            return if is_named(one) || is_named(other) { None } else { Some(false) };
        }
        let (Some(from), Some(to)) = (self.internal_name(), referenced.internal_name()) else { return Some(false) };
        Some(match to {
            "int2" | "int4" | "int8" | "numeric" => self.is_integer(),
            "float4" => self.is_integer() || matches!(from, "float8" | "numeric"),
            "float8" => self.is_integer() || matches!(from, "float4" | "numeric"),
            "text" | "varchar" => {
                matches!(from, "text" | "varchar" | "bpchar" | "name") || *self == Type::BuiltIn(BuiltIn::InternalChar)
            }
            "name" => matches!(from, "text" | "varchar" | "bpchar"),
            "bpchar" => matches!(from, "text" | "varchar"),
            "date" => matches!(from, "timestamp" | "timestamptz"),
            "timestamp" => matches!(from, "date" | "timestamptz"),
            "timestamptz" => matches!(from, "date" | "timestamp"),
            "timetz" | "interval" => from == "time",
            "inet" => from == "cidr",
            "cidr" => from == "inet",
            "bit" => from == "varbit",
            "varbit" => from == "bit",
            "macaddr" => from == "macaddr8",
            "macaddr8" => from == "macaddr",
            _ => referenced.is_object_identifier() && (self.is_object_identifier() || self.is_integer()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn can_reference(from: &str, to: &str) -> Option<bool> {
        from.parse::<Type>().unwrap().can_reference(&to.parse().unwrap())
    }

    #[test]
    fn types_with_an_equality_across_them_can_be_connected() {
        for (from, to) in [
            ("int", "bigint"),
            ("bigint", "int"),
            ("smallint", "int"),
            ("int", "numeric"),
            ("numeric", "float8"),
            ("numeric", "real"),
            ("varchar(20)", "text"),
            ("text", "varchar(5)"),
            ("char(3)", "text"),
            ("text", "char(3)"),
            ("date", "timestamptz"),
            ("timestamptz", "date"),
            ("time", "interval"),
            ("uuid", "uuid"),
            ("numeric(10,2)", "numeric"),
            ("text[]", "text[]"),
            ("mood", "mood"),
            ("cidr", "inet"),
            ("int", "oid"),
        ] {
            assert_eq!(can_reference(from, to), Some(true), "{from} to {to}");
        }
    }

    #[test]
    fn others_cannot() {
        for (from, to) in [
            ("text", "bigint"),
            ("bigint", "text"),
            ("uuid", "text"),
            ("text", "uuid"),
            ("numeric", "int"),
            ("float8", "int"),
            ("int", "boolean"),
            ("int[]", "bigint[]"),
            ("varchar[]", "text[]"),
            ("interval", "time"),
            ("timetz", "time"),
            ("time", "timestamp"),
            ("oid", "int"),
            ("json", "json"),
            ("jsonb", "json"),
            ("int", "int[]"),
            ("name", "bpchar"),
            ("\"char\"", "name"),
        ] {
            assert_eq!(can_reference(from, to), Some(false), "{from} to {to}");
        }
        assert_eq!(can_reference("text", "mood"), None);
        assert_eq!(can_reference("mood[]", "feeling[]"), None);
    }
}
