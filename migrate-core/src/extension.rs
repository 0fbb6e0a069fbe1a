//! What well-known extensions bring. A type that is in no list is accepted once an extension is created whose contents
//! are not known here.

/// An extension with the types and functions it brings. Its operator classes are in [`crate::types`].
struct Extension {
    name: &'static str,
    types: &'static [&'static str],
    /// Functions that a default, a check, an index or a generated column may call, without those of its types.
    functions: &'static [&'static str],
}

const fn extension(
    name: &'static str,
    types: &'static [&'static str],
    functions: &'static [&'static str],
) -> Extension {
    Extension { name, types, functions }
}

/// Contents as of the contrib modules of PostgreSQL 18 (manual, appendix F), pgvector 0.8 and PostGIS 3.
const EXTENSIONS: &[Extension] = &[
    extension("citext", &["citext"], &[]),
    extension(
        "hstore",
        &["hstore"],
        &[
            "akeys",
            "avals",
            "defined",
            "delete",
            "each",
            "exist",
            "hstore_to_array",
            "hstore_to_json",
            "hstore_to_jsonb",
            "hstore_to_matrix",
            "skeys",
            "slice",
            "svals",
        ],
    ),
    extension(
        "ltree",
        &["ltree", "lquery", "ltxtquery"],
        &["index", "lca", "ltree2text", "nlevel", "subltree", "subpath", "text2ltree"],
    ),
    extension("cube", &["cube"], &["cube_dim", "cube_distance", "cube_ll_coord", "cube_ur_coord"]),
    extension("seg", &["seg"], &["seg_center", "seg_lower", "seg_upper"]),
    extension("isn", &["isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "ean13", "upc"], &["isn_weak"]),
    extension(
        "intarray",
        &["query_int"],
        &["icount", "idx", "intset", "sort", "sort_asc", "sort_desc", "subarray", "uniq"],
    ),
    extension(
        "vector",
        &["vector", "halfvec", "sparsevec"],
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
    extension("postgis", &["geometry", "geography", "box2d", "box3d"], &[]),
    extension("btree_gin", &[], &[]),
    extension("btree_gist", &[], &[]),
    extension(
        "fuzzystrmatch",
        &[],
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
    extension("pg_stat_statements", &[], &[]),
    extension(
        "pg_trgm",
        &[],
        &["set_limit", "show_limit", "show_trgm", "similarity", "strict_word_similarity", "word_similarity"],
    ),
    extension(
        "pgcrypto",
        &[],
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
    extension("tablefunc", &[], &["normal_rand"]),
    extension("unaccent", &[], &["unaccent", "unaccent_init", "unaccent_lexize"]),
    extension(
        "uuid-ossp",
        &[],
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
];

/// The types of an extension.
pub fn types_of(name: &str) -> &'static [&'static str] {
    EXTENSIONS.iter().find(|extension| extension.name == name).map_or(&[], |extension| extension.types)
}

/// Extensions that say in their control file that they cannot be moved to another schema. Those of PostgreSQL, from the control
/// files of PostgreSQL 14 to 18; of others, from their own.
const NOT_RELOCATABLE: &[&str] = &[
    "adminpack",
    "pg_cron",
    "pg_partman",
    "pgaudit",
    "plpgsql",
    "postgis",
    "postgis_raster",
    "postgis_sfcgal",
    "postgis_tiger_geocoder",
    "postgis_topology",
    "timescaledb",
    "xml2",
];

/// Whether PostgreSQL refuses to move an extension to another schema.
pub fn stays_in_its_schema(name: &str) -> bool {
    NOT_RELOCATABLE.contains(&name) || crate::system::extension(name).is_some_and(|known| known.schema().is_some())
}

/// The extension that has this type.
pub fn providing_type(type_name: &str) -> Option<&'static str> {
    let listed =
        EXTENSIONS.iter().find(|extension| extension.types.contains(&type_name)).map(|extension| extension.name);
    listed.or_else(|| crate::system::extensions_with_type(type_name).first().copied())
}

/// The extension that has a function of this name. A function that makes a value of a type of the extension is called
/// like the type, or begins like the names of PostGIS.
pub fn providing_function(name: &str) -> Option<&'static str> {
    if name.starts_with("st_") {
        return Some("postgis");
    }
    let has = |extension: &&Extension| extension.functions.contains(&name) || extension.types.contains(&name);
    EXTENSIONS.iter().find(has).map(|extension| extension.name)
}

/// The extension that has a foreign-data wrapper of this name.
pub fn providing_wrapper(name: &str) -> Option<&'static str> {
    match name {
        "postgres_fdw" => Some("postgres_fdw"),
        "file_fdw" => Some("file_fdw"),
        "dblink_fdw" => Some("dblink"),
        _ => None,
    }
}

/// The extension that has a text search template, or a dictionary, of this name.
pub fn providing_template(name: &str) -> Option<&'static str> {
    match name {
        "unaccent" => Some("unaccent"),
        "intdict" | "intdict_template" => Some("dict_int"),
        "xsyn" | "xsyn_template" => Some("dict_xsyn"),
        _ => None,
    }
}

/// Whether the contents of the extension are known here.
pub fn is_known(name: &str) -> bool {
    EXTENSIONS.iter().any(|extension| extension.name == name)
}
