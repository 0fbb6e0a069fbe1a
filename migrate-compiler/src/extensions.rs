//! What well-known extensions bring. A type that is in no list is accepted once an extension is created whose contents
//! are not known here.

/// An extension with the types it brings. Its operator classes are in `migrate_core::types`.
struct Extension {
    name: &'static str,
    types: &'static [&'static str],
}

const fn extension(name: &'static str, types: &'static [&'static str]) -> Extension {
    Extension { name, types }
}

/// Contents as of the contrib modules of PostgreSQL 18 (manual, appendix F), pgvector 0.8 and PostGIS 3.
const EXTENSIONS: &[Extension] = &[
    extension("citext", &["citext"]),
    extension("hstore", &["hstore"]),
    extension("ltree", &["ltree", "lquery", "ltxtquery"]),
    extension("cube", &["cube"]),
    extension("seg", &["seg"]),
    extension("isn", &["isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "ean13", "upc"]),
    extension("intarray", &["query_int"]),
    extension("vector", &["vector", "halfvec", "sparsevec"]),
    extension("postgis", &["geometry", "geography", "box2d", "box3d"]),
    extension("btree_gin", &[]),
    extension("btree_gist", &[]),
    extension("fuzzystrmatch", &[]),
    extension("pg_stat_statements", &[]),
    extension("pg_trgm", &[]),
    extension("pgcrypto", &[]),
    extension("tablefunc", &[]),
    extension("unaccent", &[]),
    extension("uuid-ossp", &[]),
];

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

/// The extension that has this type.
pub(crate) fn providing_type(type_name: &str) -> Option<&'static str> {
    EXTENSIONS.iter().find(|extension| extension.types.contains(&type_name)).map(|extension| extension.name)
}

/// Whether the contents of the extension are known here.
pub(crate) fn is_known(name: &str) -> bool {
    EXTENSIONS.iter().any(|extension| extension.name == name)
}
