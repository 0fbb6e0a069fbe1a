//! The built-in types that take no modifier.

use super::Category;

macro_rules! built_in_types {
    ($($(#[$documentation:meta])* $variant:ident $sql:literal $internal:literal $category:ident [$($alias:literal)*];)*) => {
        /// A built-in type without a modifier.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum BuiltIn {
            $(#[doc = concat!("`", $sql, "`")] $variant,)*
        }

        impl BuiltIn {
            /// All of them.
            pub const ALL: &'static [BuiltIn] = &[$(BuiltIn::$variant,)*];

            /// The name as `format_type` prints it.
            pub fn sql(self) -> &'static str {
                match self { $(BuiltIn::$variant => $sql,)* }
            }

            /// The name in `pg_type`.
            pub fn internal_name(self) -> &'static str {
                match self { $(BuiltIn::$variant => $internal,)* }
            }

            /// What kind of values it holds.
            pub fn category(self) -> Category {
                match self { $(BuiltIn::$variant => Category::$category,)* }
            }

            /// The type of an unquoted name of one word, in lower case.
            pub(super) fn from_word(word: &str) -> Option<BuiltIn> {
                match word {
                    $($($alias)|* => Some(BuiltIn::$variant),)*
                    _ => None,
                }
            }

            /// The type of a name in `pg_type`.
            pub(super) fn from_internal_name(name: &str) -> Option<BuiltIn> {
                match name {
                    $($internal => Some(BuiltIn::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

built_in_types! {
    Boolean "boolean" "bool" Boolean ["boolean" "bool"];
    SmallInt "smallint" "int2" Numeric ["smallint" "int2"];
    Integer "integer" "int4" Numeric ["integer" "int" "int4"];
    BigInt "bigint" "int8" Numeric ["bigint" "int8"];
    Real "real" "float4" Numeric ["real" "float4"];
    DoublePrecision "double precision" "float8" Numeric ["float8"];
    Money "money" "money" Numeric ["money"];
    Text "text" "text" String ["text"];
    Name "name" "name" String ["name"];
    InternalChar "\"char\"" "char" String ["\"char\""];
    Bytea "bytea" "bytea" Binary ["bytea"];
    Date "date" "date" DateTime ["date"];
    Uuid "uuid" "uuid" Uuid ["uuid"];
    Json "json" "json" Json ["json"];
    Jsonb "jsonb" "jsonb" Json ["jsonb"];
    JsonPath "jsonpath" "jsonpath" Json ["jsonpath"];
    Xml "xml" "xml" Xml ["xml"];
    Inet "inet" "inet" Network ["inet"];
    Cidr "cidr" "cidr" Network ["cidr"];
    MacAddress "macaddr" "macaddr" Network ["macaddr"];
    MacAddress8 "macaddr8" "macaddr8" Network ["macaddr8"];
    Point "point" "point" Geometric ["point"];
    Line "line" "line" Geometric ["line"];
    LineSegment "lseg" "lseg" Geometric ["lseg"];
    Box "box" "box" Geometric ["box"];
    Path "path" "path" Geometric ["path"];
    Polygon "polygon" "polygon" Geometric ["polygon"];
    Circle "circle" "circle" Geometric ["circle"];
    TsVector "tsvector" "tsvector" TextSearch ["tsvector"];
    TsQuery "tsquery" "tsquery" TextSearch ["tsquery"];
    Int4Range "int4range" "int4range" Range ["int4range"];
    Int8Range "int8range" "int8range" Range ["int8range"];
    NumRange "numrange" "numrange" Range ["numrange"];
    TsRange "tsrange" "tsrange" Range ["tsrange"];
    TstzRange "tstzrange" "tstzrange" Range ["tstzrange"];
    DateRange "daterange" "daterange" Range ["daterange"];
    Int4Multirange "int4multirange" "int4multirange" Multirange ["int4multirange"];
    Int8Multirange "int8multirange" "int8multirange" Multirange ["int8multirange"];
    NumMultirange "nummultirange" "nummultirange" Multirange ["nummultirange"];
    TsMultirange "tsmultirange" "tsmultirange" Multirange ["tsmultirange"];
    TstzMultirange "tstzmultirange" "tstzmultirange" Multirange ["tstzmultirange"];
    DateMultirange "datemultirange" "datemultirange" Multirange ["datemultirange"];
    Oid "oid" "oid" ObjectIdentifier ["oid"];
    RegClass "regclass" "regclass" ObjectIdentifier ["regclass"];
    RegCollation "regcollation" "regcollation" ObjectIdentifier ["regcollation"];
    RegConfig "regconfig" "regconfig" ObjectIdentifier ["regconfig"];
    RegDictionary "regdictionary" "regdictionary" ObjectIdentifier ["regdictionary"];
    RegNamespace "regnamespace" "regnamespace" ObjectIdentifier ["regnamespace"];
    RegOper "regoper" "regoper" ObjectIdentifier ["regoper"];
    RegOperator "regoperator" "regoperator" ObjectIdentifier ["regoperator"];
    RegProc "regproc" "regproc" ObjectIdentifier ["regproc"];
    RegProcedure "regprocedure" "regprocedure" ObjectIdentifier ["regprocedure"];
    RegRole "regrole" "regrole" ObjectIdentifier ["regrole"];
    RegType "regtype" "regtype" ObjectIdentifier ["regtype"];
    PgLsn "pg_lsn" "pg_lsn" System ["pg_lsn"];
    PgSnapshot "pg_snapshot" "pg_snapshot" System ["pg_snapshot"];
    TxidSnapshot "txid_snapshot" "txid_snapshot" System ["txid_snapshot"];
    Tid "tid" "tid" System ["tid"];
    Cid "cid" "cid" System ["cid"];
    Xid "xid" "xid" System ["xid"];
    Xid8 "xid8" "xid8" System ["xid8"];
    AclItem "aclitem" "aclitem" System ["aclitem"];
    RefCursor "refcursor" "refcursor" System ["refcursor"];
    Int2Vector "int2vector" "int2vector" System ["int2vector"];
    OidVector "oidvector" "oidvector" System ["oidvector"];
    GtsVector "gtsvector" "gtsvector" System ["gtsvector"];
    Void "void" "void" Pseudo ["void"];
    Record "record" "record" Pseudo ["record"];
    Trigger "trigger" "trigger" Pseudo ["trigger"];
    EventTrigger "event_trigger" "event_trigger" Pseudo ["event_trigger"];
    Cstring "cstring" "cstring" Pseudo ["cstring"];
    Internal "internal" "internal" Pseudo ["internal"];
    LanguageHandler "language_handler" "language_handler" Pseudo ["language_handler"];
    FdwHandler "fdw_handler" "fdw_handler" Pseudo ["fdw_handler"];
    IndexAmHandler "index_am_handler" "index_am_handler" Pseudo ["index_am_handler"];
    TableAmHandler "table_am_handler" "table_am_handler" Pseudo ["table_am_handler"];
    TsmHandler "tsm_handler" "tsm_handler" Pseudo ["tsm_handler"];
    Unknown "unknown" "unknown" Pseudo ["unknown"];
    Any "\"any\"" "any" Pseudo ["\"any\""];
    AnyElement "anyelement" "anyelement" Pseudo ["anyelement"];
    AnyArray "anyarray" "anyarray" Pseudo ["anyarray"];
    AnyNonArray "anynonarray" "anynonarray" Pseudo ["anynonarray"];
    AnyEnum "anyenum" "anyenum" Pseudo ["anyenum"];
    AnyRange "anyrange" "anyrange" Pseudo ["anyrange"];
    AnyMultirange "anymultirange" "anymultirange" Pseudo ["anymultirange"];
    AnyCompatible "anycompatible" "anycompatible" Pseudo ["anycompatible"];
    AnyCompatibleArray "anycompatiblearray" "anycompatiblearray" Pseudo ["anycompatiblearray"];
    AnyCompatibleNonArray "anycompatiblenonarray" "anycompatiblenonarray" Pseudo ["anycompatiblenonarray"];
    AnyCompatibleRange "anycompatiblerange" "anycompatiblerange" Pseudo ["anycompatiblerange"];
    AnyCompatibleMultirange "anycompatiblemultirange" "anycompatiblemultirange" Pseudo ["anycompatiblemultirange"];
}
