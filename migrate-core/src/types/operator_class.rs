//! Operator classes: which types an index method can take.

mod built_in;

use super::{BuiltIn, Category, Type};
use TypeSet::{Any, Exactly, Extension, Kind};

/// An operator class of an index method.
#[derive(Clone, Copy, Debug)]
pub struct OperatorClass {
    /// The name.
    pub name: &'static str,
    /// The index method.
    pub method: &'static str,
    /// The extension that brings it.
    pub extension: Option<&'static str>,
    types: TypeSet,
    /// Whether the type has it where none is named.
    is_default: bool,
}

/// The types that a class takes.
#[derive(Clone, Copy, Debug)]
enum TypeSet {
    /// These, by their names in `pg_type`.
    Exactly(&'static [&'static str]),
    /// All types of a kind.
    Kind(Category),
    /// All types.
    Any,
    /// A type of the extension itself, of this name.
    Extension(&'static str),
}

const STRINGS: TypeSet = Exactly(&["text", "varchar"]);

impl TypeSet {
    /// What a class of PostgreSQL takes whose type has this name in `pg_type`.
    const fn of_built_in(name: &'static &'static str) -> Self {
        match name.as_bytes() {
            b"text" => STRINGS,
            b"inet" => Exactly(&["inet", "cidr"]),
            b"anyarray" => Kind(Category::Array),
            b"anyrange" => Kind(Category::Range),
            b"anymultirange" => Kind(Category::Multirange),
            b"anyenum" | b"record" => Any,
            _ => Exactly(std::slice::from_ref(name)),
        }
    }
}

const fn of_extension(
    extension: &'static str,
    method: &'static str,
    name: &'static str,
    types: TypeSet,
) -> OperatorClass {
    OperatorClass { name, method, extension: Some(extension), types, is_default: false }
}

const fn default_of_extension(
    extension: &'static str,
    method: &'static str,
    name: &'static str,
    types: TypeSet,
) -> OperatorClass {
    OperatorClass { is_default: true, ..of_extension(extension, method, name, types) }
}

/// The classes of the usual extensions. From their own scripts: PostgreSQL's contrib modules, pgvector 0.8, PostGIS 3.
const OF_EXTENSIONS: &[OperatorClass] = &[
    of_extension("pg_trgm", "gin", "gin_trgm_ops", STRINGS),
    of_extension("pg_trgm", "gist", "gist_trgm_ops", STRINGS),
    of_extension("intarray", "gin", "gin__int_ops", Exactly(&["_int4"])),
    of_extension("intarray", "gist", "gist__int_ops", Exactly(&["_int4"])),
    of_extension("intarray", "gist", "gist__intbig_ops", Exactly(&["_int4"])),
    default_of_extension("citext", "btree", "citext_ops", Extension("citext")),
    of_extension("citext", "btree", "citext_pattern_ops", Extension("citext")),
    default_of_extension("citext", "hash", "citext_ops", Extension("citext")),
    default_of_extension("hstore", "btree", "btree_hstore_ops", Extension("hstore")),
    default_of_extension("hstore", "hash", "hash_hstore_ops", Extension("hstore")),
    default_of_extension("hstore", "gin", "gin_hstore_ops", Extension("hstore")),
    default_of_extension("hstore", "gist", "gist_hstore_ops", Extension("hstore")),
    default_of_extension("ltree", "btree", "ltree_ops", Extension("ltree")),
    default_of_extension("ltree", "gist", "gist_ltree_ops", Extension("ltree")),
    of_extension("ltree", "gist", "gist__ltree_ops", Any),
    default_of_extension("cube", "gist", "gist_cube_ops", Extension("cube")),
    of_extension("vector", "hnsw", "vector_l2_ops", Extension("vector")),
    of_extension("vector", "hnsw", "vector_ip_ops", Extension("vector")),
    of_extension("vector", "hnsw", "vector_cosine_ops", Extension("vector")),
    of_extension("vector", "hnsw", "vector_l1_ops", Extension("vector")),
    of_extension("vector", "hnsw", "bit_hamming_ops", Exactly(&["bit"])),
    of_extension("vector", "hnsw", "bit_jaccard_ops", Exactly(&["bit"])),
    of_extension("vector", "hnsw", "halfvec_l2_ops", Extension("halfvec")),
    of_extension("vector", "hnsw", "halfvec_ip_ops", Extension("halfvec")),
    of_extension("vector", "hnsw", "halfvec_cosine_ops", Extension("halfvec")),
    of_extension("vector", "hnsw", "sparsevec_l2_ops", Extension("sparsevec")),
    of_extension("vector", "hnsw", "sparsevec_cosine_ops", Extension("sparsevec")),
    default_of_extension("vector", "ivfflat", "vector_l2_ops", Extension("vector")),
    of_extension("vector", "ivfflat", "vector_ip_ops", Extension("vector")),
    of_extension("vector", "ivfflat", "vector_cosine_ops", Extension("vector")),
    default_of_extension("postgis", "gist", "gist_geometry_ops_2d", Extension("geometry")),
    of_extension("postgis", "gist", "gist_geometry_ops_nd", Extension("geometry")),
    default_of_extension("postgis", "gist", "gist_geography_ops", Extension("geography")),
];

/// All classes that are known for an index method: those of PostgreSQL itself are complete.
fn classes_of(method: &str) -> impl Iterator<Item = OperatorClass> + use<> {
    let built_in = built_in::CLASSES.iter().find(|(name, _)| *name == method);
    let of_server = built_in.into_iter().flat_map(|(method, classes)| {
        classes.iter().map(move |(name, type_, is_default)| OperatorClass {
            name,
            method,
            extension: None,
            types: TypeSet::of_built_in(type_),
            is_default: *is_default,
        })
    });
    let start = OF_EXTENSIONS.iter().find(|class| class.method == method).map(|class| class.method);
    of_server.chain(OF_EXTENSIONS.iter().copied().filter(move |class| Some(class.method) == start))
}

/// The operator classes that are known for an index method and can take a type (or might, for a named type).
pub fn operator_classes<'t>(method: &str, type_: &'t Type) -> impl Iterator<Item = OperatorClass> + use<'t> {
    classes_of(method).filter(move |class| class.takes(type_) != Some(false))
}

/// The operator class of a name; `None` where it is not known here, which does not say that there is none.
pub fn operator_class(method: &str, name: &str) -> Option<OperatorClass> {
    // An extension's is written with its schema.
    let name = name.rsplit('.').next().unwrap_or(name);
    classes_of(method).find(|class| class.name == name)
}

/// Whether an index of the method on the type has this class also when none is named, so that the server does not tell
/// it. Of named types only enums and those of the usual extensions are known.
pub fn is_default_operator_class(method: &str, type_: &Type, name: &str) -> bool {
    operator_class(method, name).is_some_and(|class| {
        let might_be_enum = matches!(type_, Type::Named { .. }) && class.name == "enum_ops";
        class.is_default && (might_be_enum || class.takes(type_) == Some(true))
    })
}

impl OperatorClass {
    /// Whether it takes the type. Unknown for a named type, which may be a domain over anything.
    pub fn takes(&self, type_: &Type) -> Option<bool> {
        match (self.types, type_) {
            (Any, _) => None,
            (Extension(name), Type::Named { name: found, .. }) if found.name == name => Some(true),
            (_, Type::Named { .. }) => None,
            (Extension(_), _) => Some(false),
            (Kind(category), _) => Some(type_.category() == category),
            (Exactly(names), Type::Array(element)) => Some(
                element
                    .internal_name()
                    .is_some_and(|element| names.iter().any(|name| name.strip_prefix('_') == Some(element))),
            ),
            (Exactly(names), _) => Some(type_.internal_name().is_some_and(|name| names.contains(&name))),
        }
    }
}

impl Type {
    /// Whether an index of the method can be built on the type without naming an operator class. Unknown for named
    /// types and for methods of extensions.
    ///
    /// The extensions btree_gin and btree_gist give GIN and GiST the types of B-trees: ask
    /// [`Type::has_scalar_operator_class`] where one of them is installed.
    pub fn has_default_operator_class(&self, method: &str) -> Option<bool> {
        if matches!(self, Type::Named { .. }) {
            return None;
        }
        let category = self.category();
        Some(match method {
            "btree" => self.has_order()?,
            "hash" => self.has_hash()?,
            "gin" => match self {
                // The index is made for elements without an order too, and fails with the first row.
                Type::Array(element) => element.has_order()?,
                _ => matches!(
                    self,
                    Type::BuiltIn(BuiltIn::Jsonb | BuiltIn::TsVector | BuiltIn::Int2Vector | BuiltIn::OidVector)
                ),
            },
            "gist" => {
                matches!(category, Category::Range | Category::Multirange | Category::TextSearch)
                    || matches!(self, Type::BuiltIn(BuiltIn::Box | BuiltIn::Circle | BuiltIn::Point | BuiltIn::Polygon))
            }
            "spgist" => {
                category == Category::Range
                    || matches!(
                        self,
                        Type::CharacterVarying(_)
                            | Type::BuiltIn(
                                BuiltIn::Text
                                    | BuiltIn::Inet
                                    | BuiltIn::Cidr
                                    | BuiltIn::Box
                                    | BuiltIn::Point
                                    | BuiltIn::Polygon
                            )
                    )
            }
            "brin" => self.has_summary(),
            _ => return None,
        })
    }

    /// Whether btree_gin or btree_gist, as the method is `gin` or `gist`, brings a default operator class.
    pub fn has_scalar_operator_class(&self, method: &str) -> Option<bool> {
        let (Some(name), "gin" | "gist") = (self.internal_name(), method) else {
            return if matches!(self, Type::Named { .. }) { None } else { Some(false) };
        };
        let is_both = matches!(
            name,
            "bit"
                | "bool"
                | "bpchar"
                | "bytea"
                | "cidr"
                | "date"
                | "float4"
                | "float8"
                | "inet"
                | "int2"
                | "int4"
                | "int8"
                | "interval"
                | "macaddr"
                | "macaddr8"
                | "money"
                | "numeric"
                | "oid"
                | "text"
                | "time"
                | "timestamp"
                | "timestamptz"
                | "timetz"
                | "uuid"
                | "varbit"
                | "varchar"
        );
        Some(is_both || (method == "gin" && matches!(name, "char" | "name")))
    }

    /// Whether the type has an order of its own: what B-trees, unique and primary keys need.
    pub fn has_order(&self) -> Option<bool> {
        match self {
            Type::Named { .. } => None,
            Type::Array(element) => element.has_order(),
            Type::BuiltIn(
                BuiltIn::Json
                | BuiltIn::JsonPath
                | BuiltIn::Xml
                | BuiltIn::Point
                | BuiltIn::Line
                | BuiltIn::LineSegment
                | BuiltIn::Box
                | BuiltIn::Path
                | BuiltIn::Polygon
                | BuiltIn::Circle
                | BuiltIn::PgSnapshot
                | BuiltIn::TxidSnapshot
                | BuiltIn::Xid
                | BuiltIn::Cid
                | BuiltIn::AclItem
                | BuiltIn::RefCursor
                | BuiltIn::GtsVector,
            ) => Some(false),
            _ => Some(self.category() != Category::Pseudo),
        }
    }

    fn has_hash(&self) -> Option<bool> {
        match self {
            Type::Named { .. } => None,
            Type::Array(element) => element.has_hash(),
            Type::Bit(_) | Type::BitVarying(_) => Some(false),
            Type::BuiltIn(BuiltIn::Money | BuiltIn::TsVector | BuiltIn::TsQuery) => Some(false),
            Type::BuiltIn(BuiltIn::Xid | BuiltIn::Cid | BuiltIn::AclItem) => Some(true),
            _ => self.has_order(),
        }
    }

    fn has_summary(&self) -> bool {
        match self {
            Type::BuiltIn(BuiltIn::Box) => true,
            Type::BuiltIn(
                BuiltIn::Boolean
                | BuiltIn::Jsonb
                | BuiltIn::Money
                | BuiltIn::TsVector
                | BuiltIn::TsQuery
                | BuiltIn::Xid8
                | BuiltIn::Int2Vector
                | BuiltIn::OidVector,
            ) => false,
            _ if matches!(self.category(), Category::Array | Category::Multirange) => false,
            _ => self.has_order() == Some(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The types without arrays on which `CREATE INDEX ... USING method (column)` works on PostgreSQL 15.
    const MEASURED: &[(&str, &str)] = &[
        (
            "brin",
            "\"bit\", \"char\", bigint, bit varying, box, bpchar, bytea, character varying, cidr, date, \
             daterange, double precision, inet, int4range, int8range, integer, interval, macaddr, macaddr8, \
             name, numeric, numrange, oid, pg_lsn, real, regclass, regcollation, regconfig, regdictionary, \
             regnamespace, regoper, regoperator, regproc, regprocedure, regrole, regtype, smallint, text, \
             tid, time with time zone, time without time zone, timestamp with time zone, \
             timestamp without time zone, tsrange, tstzrange, uuid",
        ),
        (
            "btree",
            "\"bit\", \"char\", bigint, bit varying, boolean, bpchar, bytea, character varying, cidr, date, \
             datemultirange, daterange, double precision, inet, int2vector, int4multirange, int4range, \
             int8multirange, int8range, integer, interval, jsonb, macaddr, macaddr8, money, name, numeric, \
             nummultirange, numrange, oid, oidvector, pg_lsn, real, regclass, regcollation, regconfig, \
             regdictionary, regnamespace, regoper, regoperator, regproc, regprocedure, regrole, regtype, \
             smallint, text, tid, time with time zone, time without time zone, timestamp with time zone, \
             timestamp without time zone, tsmultirange, tsquery, tsrange, tstzmultirange, tstzrange, \
             tsvector, uuid, xid8",
        ),
        ("gin", "int2vector, jsonb, oidvector, tsvector"),
        (
            "gist",
            "box, circle, datemultirange, daterange, int4multirange, int4range, int8multirange, int8range, \
             nummultirange, numrange, point, polygon, tsmultirange, tsquery, tsrange, tstzmultirange, \
             tstzrange, tsvector",
        ),
        (
            "hash",
            "\"char\", aclitem, bigint, boolean, bpchar, bytea, character varying, cid, cidr, date, \
             datemultirange, daterange, double precision, inet, int2vector, int4multirange, int4range, \
             int8multirange, int8range, integer, interval, jsonb, macaddr, macaddr8, name, numeric, \
             nummultirange, numrange, oid, oidvector, pg_lsn, real, regclass, regcollation, regconfig, \
             regdictionary, regnamespace, regoper, regoperator, regproc, regprocedure, regrole, regtype, \
             smallint, text, tid, time with time zone, time without time zone, timestamp with time zone, \
             timestamp without time zone, tsmultirange, tsrange, tstzmultirange, tstzrange, uuid, xid, xid8",
        ),
        (
            "spgist",
            "box, character varying, cidr, daterange, inet, int4range, int8range, numrange, point, polygon, \
             text, tsrange, tstzrange",
        ),
    ];

    #[test]
    fn default_classes_are_those_of_the_server() {
        let all = BuiltIn::ALL.iter().map(|built_in| Type::BuiltIn(*built_in)).chain(
            [
                "\"bit\"",
                "varbit",
                "bpchar",
                "varchar",
                "numeric",
                "interval",
                "time",
                "timetz",
                "timestamp",
                "timestamptz",
            ]
            .map(|text| text.parse().unwrap()),
        );
        for type_ in all.filter(|type_| type_.category() != Category::Pseudo) {
            for (method, names) in MEASURED {
                let expected = names.split(", ").any(|name| name == type_.sql());
                assert_eq!(type_.has_default_operator_class(method), Some(expected), "{method} ({type_})");
            }
        }
    }

    #[test]
    fn arrays_need_elements_with_an_order() {
        let has = |type_: &str, method: &str| type_.parse::<Type>().unwrap().has_default_operator_class(method);
        assert_eq!(has("text[]", "gin"), Some(true));
        assert_eq!(has("text[]", "btree"), Some(true));
        assert_eq!(has("json[]", "gin"), Some(false));
        assert_eq!(has("text[]", "gist"), Some(false));
        assert_eq!(has("mood", "btree"), None);
        assert_eq!(has("text", "hnsw"), None);
    }

    #[test]
    fn classes_are_found_by_method_and_type() {
        let names = |method: &str, type_: &str| -> Vec<&str> {
            operator_classes(method, &type_.parse().unwrap()).map(|class| class.name).collect()
        };
        assert_eq!(names("gin", "jsonb"), ["jsonb_ops", "jsonb_path_ops"]);
        assert_eq!(names("gin", "varchar(20)"), ["gin_trgm_ops"]);
        assert_eq!(names("gin", "int[]"), ["array_ops", "gin__int_ops"]);
        assert!(names("btree", "text").contains(&"text_pattern_ops"));
        assert!(names("unheard_of", "text").is_empty());
        let class = operator_class("gin", "gin_trgm_ops").unwrap();
        assert_eq!(class.extension, Some("pg_trgm"));
        assert_eq!(class.takes(&Type::JSONB), Some(false));
        assert_eq!(class.takes(&Type::named(crate::name::QualifiedName::new("email"))), None);
    }
}
