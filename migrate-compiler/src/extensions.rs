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

/// Functions by the extension that brings them; those of an extension's own types are called like these.
const FUNCTIONS: &[(&str, &[&str])] = &[
    ("citext", &["citext"]),
    (
        "fuzzystrmatch",
        &[
            "daitch_mokotoff",
            "difference",
            "dmetaphone",
            "dmetaphone_alt",
            "levenshtein",
            "levenshtein_less_equal",
            "metaphone",
            "soundex",
        ],
    ),
    (
        "hstore",
        &[
            "akeys",
            "avals",
            "defined",
            "delete",
            "each",
            "exist",
            "hstore",
            "hstore_to_array",
            "hstore_to_json",
            "hstore_to_jsonb",
            "hstore_to_matrix",
            "skeys",
            "slice",
            "svals",
        ],
    ),
    ("intarray", &["icount", "idx", "intset", "sort", "sort_asc", "sort_desc", "subarray", "uniq"]),
    ("ltree", &["index", "lca", "ltree2text", "nlevel", "subltree", "subpath", "text2ltree"]),
    ("pg_trgm", &["set_limit", "show_limit", "show_trgm", "similarity", "strict_word_similarity", "word_similarity"]),
    (
        "pgcrypto",
        &[
            "armor",
            "crypt",
            "dearmor",
            "decrypt",
            "decrypt_iv",
            "digest",
            "encrypt",
            "encrypt_iv",
            "gen_random_bytes",
            "gen_salt",
            "hmac",
            "pgp_key_id",
            "pgp_pub_decrypt",
            "pgp_pub_encrypt",
            "pgp_sym_decrypt",
            "pgp_sym_encrypt",
        ],
    ),
    ("unaccent", &["unaccent", "unaccent_init", "unaccent_lexize"]),
    (
        "uuid-ossp",
        &[
            "uuid_generate_v1",
            "uuid_generate_v1mc",
            "uuid_generate_v3",
            "uuid_generate_v4",
            "uuid_generate_v5",
            "uuid_nil",
            "uuid_ns_dns",
            "uuid_ns_oid",
            "uuid_ns_url",
            "uuid_ns_x500",
        ],
    ),
    (
        "vector",
        &[
            "cosine_distance",
            "inner_product",
            "l1_distance",
            "l2_distance",
            "l2_normalize",
            "subvector",
            "vector_dims",
            "vector_norm",
        ],
    ),
];

/// The extension that has this function.
pub(crate) fn providing_function(function: &str) -> Option<&'static str> {
    FUNCTIONS.iter().find(|(_, functions)| functions.contains(&function)).map(|(extension, _)| *extension)
}

/// Whether the contents of the extension are known here.
pub(crate) fn is_known(name: &str) -> bool {
    EXTENSIONS.iter().any(|extension| extension.name == name)
}
