//! The functions of SQL/JSON, which have words between their arguments.

use super::{Name, OrderItem, Over, Query};
use crate::expression::Expression;
use crate::types::Type;

/// A function of SQL/JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonFunction {
    /// `JSON (text WITH UNIQUE KEYS)`
    Parse {
        /// The text.
        value: JsonValue,
        /// `WITH UNIQUE KEYS`
        is_unique: bool,
    },
    /// `JSON_SCALAR (1)`
    Scalar(Expression),
    /// `JSON_SERIALIZE (document RETURNING text)`
    Serialize {
        /// The document.
        value: JsonValue,
        /// `RETURNING`
        returning: Option<JsonOutput>,
    },
    /// `JSON_OBJECT ('a': 1, 'b' VALUE 2 ABSENT ON NULL)`; with commas only it is a call.
    Object {
        /// The members.
        members: Vec<JsonMember>,
        /// `ON NULL`; they are kept where it is not said.
        nulls: Option<JsonNulls>,
        /// `WITH UNIQUE KEYS`
        is_unique: bool,
        /// `RETURNING`
        returning: Option<JsonOutput>,
    },
    /// `JSON_ARRAY (1, 2 NULL ON NULL)`
    Array {
        /// The elements.
        values: Vec<JsonValue>,
        /// `ON NULL`; they are left out where it is not said.
        nulls: Option<JsonNulls>,
        /// `RETURNING`
        returning: Option<JsonOutput>,
    },
    /// `JSON_ARRAY (SELECT ...)`
    ArrayQuery {
        /// The query, of one column.
        query: Box<Query>,
        /// `FORMAT JSON`
        format: Option<JsonFormat>,
        /// `RETURNING`
        returning: Option<JsonOutput>,
    },
    /// `JSON_OBJECTAGG (key: value)`
    ObjectAggregate {
        /// The member that each row gives.
        member: JsonMember,
        /// `ON NULL`; they are kept where it is not said.
        nulls: Option<JsonNulls>,
        /// `WITH UNIQUE KEYS`
        is_unique: bool,
        /// `RETURNING`
        returning: Option<JsonOutput>,
        /// `FILTER (WHERE ...)`
        filter: Option<Box<Expression>>,
        /// `OVER`
        over: Option<Box<Over>>,
    },
    /// `JSON_ARRAYAGG (value ORDER BY x)`
    ArrayAggregate {
        /// The element that each row gives.
        value: JsonValue,
        /// `ORDER BY`
        order_by: Vec<OrderItem>,
        /// `ON NULL`; they are left out where it is not said.
        nulls: Option<JsonNulls>,
        /// `RETURNING`
        returning: Option<JsonOutput>,
        /// `FILTER (WHERE ...)`
        filter: Option<Box<Expression>>,
        /// `OVER`
        over: Option<Box<Over>>,
    },
    /// `JSON_EXISTS`, `JSON_VALUE`, `JSON_QUERY`
    Path(JsonPath),
}

impl JsonFunction {
    /// The version of PostgreSQL that it came with, and its name.
    pub fn since(&self) -> (u32, &'static str) {
        match self {
            JsonFunction::Object { .. } => (16, "json_object"),
            JsonFunction::Array { .. } | JsonFunction::ArrayQuery { .. } => (16, "json_array"),
            JsonFunction::ObjectAggregate { .. } => (16, "json_objectagg"),
            JsonFunction::ArrayAggregate { .. } => (16, "json_arrayagg"),
            JsonFunction::Parse { .. } => (17, "json"),
            JsonFunction::Scalar(_) => (17, "json_scalar"),
            JsonFunction::Serialize { .. } => (17, "json_serialize"),
            JsonFunction::Path(JsonPath { function: JsonPathFunction::Exists, .. }) => (17, "json_exists"),
            JsonFunction::Path(JsonPath { function: JsonPathFunction::Value, .. }) => (17, "json_value"),
            JsonFunction::Path(JsonPath { function: JsonPathFunction::Query, .. }) => (17, "json_query"),
        }
    }

    /// `RETURNING`, where it is written.
    pub fn returning_mut(&mut self) -> Option<&mut JsonOutput> {
        match self {
            JsonFunction::Serialize { returning, .. }
            | JsonFunction::Object { returning, .. }
            | JsonFunction::Array { returning, .. }
            | JsonFunction::ArrayQuery { returning, .. }
            | JsonFunction::ObjectAggregate { returning, .. }
            | JsonFunction::ArrayAggregate { returning, .. }
            | JsonFunction::Path(JsonPath { returning, .. }) => returning.as_mut(),
            JsonFunction::Parse { .. } | JsonFunction::Scalar(_) => None,
        }
    }

    /// `OVER`, of an aggregate.
    pub fn over(&self) -> Option<&Over> {
        match self {
            JsonFunction::ObjectAggregate { over, .. } | JsonFunction::ArrayAggregate { over, .. } => over.as_deref(),
            _ => None,
        }
    }
}

/// `JSON_VALUE (document, '$.x' PASSING 1 AS y RETURNING integer NULL ON EMPTY ERROR ON ERROR)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    /// Which of the three.
    pub function: JsonPathFunction,
    /// The document.
    pub document: JsonValue,
    /// The path.
    pub path: Expression,
    /// `PASSING`
    pub passing: Vec<JsonVariable>,
    /// `RETURNING`
    pub returning: Option<JsonOutput>,
    /// `WITH WRAPPER`
    pub wrapper: Option<JsonWrapper>,
    /// `KEEP QUOTES`
    pub quotes: Option<JsonQuotes>,
    /// `ON EMPTY`
    pub on_empty: Option<JsonBehavior>,
    /// `ON ERROR`
    pub on_error: Option<JsonBehavior>,
}

/// What is asked with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum JsonPathFunction {
    Exists,
    Value,
    Query,
}

/// `document FORMAT JSON`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonValue {
    /// The value.
    pub value: Expression,
    /// `FORMAT JSON`
    pub format: Option<JsonFormat>,
}

/// `FORMAT JSON ENCODING UTF8`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFormat {
    /// `ENCODING`
    pub encoding: Option<Name>,
}

/// `RETURNING text FORMAT JSON`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonOutput {
    /// The type.
    pub data_type: Type,
    /// `FORMAT JSON`
    pub format: Option<JsonFormat>,
}

/// `'a': 1`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonMember {
    /// The key.
    pub key: Expression,
    /// The value.
    pub value: JsonValue,
}

/// `1 AS x`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonVariable {
    /// The value.
    pub value: JsonValue,
    /// The name that the path has for it.
    pub name: Name,
}

/// What becomes of null values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JsonNulls {
    /// `NULL ON NULL`
    Null,
    /// `ABSENT ON NULL`
    Absent,
}

/// Whether what is found is put into an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JsonWrapper {
    /// `WITHOUT WRAPPER`
    Without,
    /// `WITH CONDITIONAL WRAPPER`
    Conditional,
    /// `WITH WRAPPER`
    Unconditional,
}

/// Whether strings keep their quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum JsonQuotes {
    Keep,
    Omit,
}

/// What is given in place of a value: `NULL ON EMPTY`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum JsonBehavior {
    Error,
    Null,
    True,
    False,
    Unknown,
    EmptyArray,
    EmptyObject,
    Default(Box<Expression>),
}
