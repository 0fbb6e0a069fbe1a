//! Names that are known without a catalog. What extensions bring is in [`migrate_core::extension`].

/// Common names of built-in types, for did-you-mean.
pub(crate) const BUILT_IN_TYPES: &[&str] = &[
    "bigint",
    "bit",
    "boolean",
    "bool",
    "bytea",
    "char",
    "cidr",
    "date",
    "double precision",
    "float",
    "inet",
    "int",
    "integer",
    "interval",
    "json",
    "jsonb",
    "macaddr",
    "money",
    "numeric",
    "decimal",
    "point",
    "real",
    "smallint",
    "text",
    "time",
    "timestamp",
    "timestamptz",
    "tsquery",
    "tsvector",
    "uuid",
    "varchar",
    "xml",
    "int4range",
    "int8range",
    "numrange",
    "daterange",
    "tsrange",
    "tstzrange",
];

/// The access methods that come with PostgreSQL.
pub(crate) const METHODS: &[&str] = &["btree", "hash", "gin", "gist", "spgist", "brin"];

pub(crate) use migrate_core::extension::{is_known, providing_function, providing_type};
