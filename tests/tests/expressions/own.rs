//! What is there for the expressions to use: columns, types and functions of the user.

use migrate_core::expression::Volatility;
use migrate_core::name::QualifiedName;
use migrate_core::resolve::{NamedType, OwnFunction, Surroundings};
use migrate_core::system::{AggregateKind, FunctionKind};
use migrate_core::types::Type;

/// The types of the columns: `c0`, `c1`, ...
pub const TYPES: &[&str] = &[
    "smallint",
    "integer",
    "bigint",
    "numeric",
    "numeric(10,2)",
    "real",
    "double precision",
    "money",
    "text",
    "varchar(10)",
    "char(3)",
    "name",
    "\"char\"",
    "boolean",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
    "uuid",
    "json",
    "jsonb",
    "jsonpath",
    "bytea",
    "bit(3)",
    "varbit",
    "inet",
    "cidr",
    "macaddr",
    "point",
    "box",
    "circle",
    "polygon",
    "tsvector",
    "tsquery",
    "int4range",
    "numrange",
    "tstzrange",
    "daterange",
    "int4multirange",
    "tstzmultirange",
    "oid",
    "regclass",
    "xml",
    "pg_lsn",
    "xid8",
    "integer[]",
    "bigint[]",
    "text[]",
    "varchar[]",
    "numeric[]",
    "boolean[]",
    "timestamptz[]",
    "jsonb[]",
    "mood",
    "mood[]",
    "email",
    "positive",
    "address",
    "address[]",
    "email[]",
    "int8range",
    "tsrange",
    "nummultirange",
    "datemultirange",
    "uuid[]",
    "date[]",
    "double precision[]",
    "int4range[]",
    "lengths",
];

/// A function of the user: its arguments with their names, types and defaults, and the type of its result.
pub struct Own {
    pub name: &'static str,
    pub arguments: &'static [(&'static str, &'static str, &'static str)],
    pub is_variadic: bool,
    pub result: &'static str,
}

const fn own(
    name: &'static str,
    arguments: &'static [(&'static str, &'static str, &'static str)],
    result: &'static str,
) -> Own {
    Own { name, arguments, is_variadic: false, result }
}

const fn variadic(
    name: &'static str,
    arguments: &'static [(&'static str, &'static str, &'static str)],
    result: &'static str,
) -> Own {
    Own { name, arguments, is_variadic: true, result }
}

/// Overloads, defaults, variadic and polymorphic arguments, domains, enums and composite types.
pub const OWN: &[Own] = &[
    own("plus", &[("a", "integer", ""), ("b", "integer", "1")], "integer"),
    own("plus", &[("a", "numeric", ""), ("b", "numeric", "2")], "numeric"),
    own("label", &[("v", "text", "")], "text"),
    own("label", &[("v", "text", ""), ("n", "integer", "0")], "varchar"),
    own("turned", &[("a", "integer", ""), ("b", "text", "'x'")], "text"),
    own("turned", &[("b", "text", ""), ("a", "integer", "1")], "text"),
    own("optional", &[("a", "date", "null"), ("b", "text", "null"), ("c", "mood", "null")], "boolean"),
    variadic("many", &[("v", "text[]", "")], "text"),
    variadic("many", &[("n", "integer", ""), ("v", "numeric[]", "")], "bigint"),
    variadic("listed", &[("v", "anyarray", "")], "anyelement"),
    variadic("mixed", &[("v", "anycompatiblearray", "")], "anycompatible"),
    own("same", &[("a", "anyelement", ""), ("b", "anyelement", "")], "boolean"),
    own("wrapped", &[("a", "anyelement", "")], "anyarray"),
    own("first_of", &[("a", "anyarray", "")], "anyelement"),
    own("either", &[("a", "anycompatible", ""), ("b", "anycompatible", "")], "anycompatible"),
    own("within", &[("a", "anyelement", ""), ("r", "anyrange", "")], "anyrange"),
    own("spread", &[("r", "anymultirange", "")], "anyrange"),
    own("plain", &[("a", "anynonarray", "")], "text"),
    own("mooded", &[("a", "anyenum", "")], "anyenum"),
    own("felt", &[("m", "mood", ""), ("n", "integer", "1")], "mood"),
    own("mailed", &[("m", "email", "")], "email"),
    own("counted", &[("m", "positive", "")], "positive"),
    own("homely", &[("h", "address", "")], "text"),
    own("moved", &[("h", "address", ""), ("s", "text", "'x'")], "address"),
    own("all_homes", &[("h", "address[]", "")], "address[]"),
    own("measured", &[("l", "lengths", "")], "double precision"),
];

pub struct Around {
    pub major: u32,
}

impl Surroundings for Around {
    fn major(&self) -> u32 {
        self.major
    }

    fn functions(&self, schema: &str, name: &str) -> Vec<OwnFunction> {
        let named = OWN.iter().filter(|own| schema == "public" && own.name == name);
        let of = |text: &str| text.parse::<Type>().expect("a type");
        let function = |own: &Own| OwnFunction {
            name: name.to_owned(),
            arguments: own.arguments.iter().map(|(name, data_type, _)| (of(data_type), Some((*name).into()))).collect(),
            defaults: own.arguments.iter().filter(|(.., default)| !default.is_empty()).count(),
            is_variadic: own.is_variadic,
            result: of(own.result),
            returns_set: false,
            volatility: Volatility::Volatile,
            kind: FunctionKind::Function,
            aggregate_kind: AggregateKind::Normal,
        };
        named.map(function).collect()
    }

    fn fields(&self, name: &QualifiedName) -> Option<Vec<(String, Type)>> {
        (name.name == "address").then(|| vec![("street".to_owned(), Type::TEXT), ("number".to_owned(), Type::INTEGER)])
    }

    fn column(&self, parts: &[String]) -> Option<Type> {
        TYPES.get(parts.last()?.strip_prefix('c')?.parse::<usize>().ok()?)?.parse().ok()
    }

    fn named_type(&self, name: &QualifiedName) -> NamedType {
        match name.name.as_str() {
            "mood" => NamedType::Enum,
            "email" => NamedType::Domain(Type::TEXT),
            "positive" => NamedType::Domain(Type::INTEGER),
            "address" => NamedType::Composite,
            "lengths" => {
                NamedType::Range("double precision".parse().expect("a type"), QualifiedName::new("lengths_several"))
            }
            "lengths_several" => NamedType::Multirange(QualifiedName::new("lengths")),
            _ => NamedType::Other,
        }
    }

    fn has_extension(&self, _: &str) -> bool {
        false
    }

    fn may_have_function(&self, _: Option<&str>, _: &str) -> bool {
        false
    }

    fn may_have_operator(&self, _: Option<&str>, _: &str) -> bool {
        false
    }

    fn may_have_casts(&self) -> bool {
        false
    }
}

/// The statement that makes a function of the user.
pub fn declared(own: &Own) -> String {
    let count = own.arguments.len();
    let arguments: Vec<String> = own
        .arguments
        .iter()
        .enumerate()
        .map(|(index, (name, data_type, default))| {
            let variadic = if own.is_variadic && index + 1 == count { "variadic " } else { "" };
            let default = if default.is_empty() { String::new() } else { format!(" default {default}") };
            format!("{variadic}{name} {data_type}{default}")
        })
        .collect();
    format!(
        "create function {}({}) returns {} language plpgsql as 'begin return null; end'",
        own.name,
        arguments.join(", "),
        own.result
    )
}
