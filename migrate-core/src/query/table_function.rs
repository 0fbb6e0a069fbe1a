//! `XMLTABLE` and `JSON_TABLE`.

use super::{JsonBehavior, JsonFormat, JsonQuotes, JsonValue, JsonVariable, JsonWrapper, Name};
use crate::expression::Expression;
use crate::token::At;
use crate::types::Type;

/// `XMLTABLE (XMLNAMESPACES ('http://x' AS x), '/rows/row' PASSING document COLUMNS ...)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlTable {
    /// `XMLNAMESPACES`
    pub namespaces: Vec<XmlNamespace>,
    /// The XPath of the rows.
    pub row: Expression,
    /// `PASSING`
    pub document: Expression,
    /// `COLUMNS`
    pub columns: Vec<XmlTableColumn>,
    /// Whether `LATERAL` stands before it; it sees what stands before it in any case.
    pub is_lateral: bool,
}

/// `'http://x' AS x`, `DEFAULT 'http://x'`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlNamespace {
    /// The address.
    pub address: Expression,
    /// The name; `None` is `DEFAULT`.
    pub name: Option<Name>,
}

/// A column of `XMLTABLE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlTableColumn {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub kind: XmlTableColumnKind,
}

/// What a column of `XMLTABLE` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there are few of them at a time")]
pub enum XmlTableColumnKind {
    /// `FOR ORDINALITY`: the number of the row.
    Ordinality,
    /// A value.
    Value {
        /// Its type.
        data_type: Type,
        /// `PATH`; the name of the column where it is not said.
        path: Option<Expression>,
        /// `DEFAULT`
        default: Option<Expression>,
        /// `NOT NULL`
        is_not_null: bool,
    },
}

/// `JSON_TABLE (document, '$[*]' AS p PASSING 1 AS x COLUMNS (...) ERROR ON ERROR)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonTable {
    /// The document.
    pub document: JsonValue,
    /// The path of the rows, a string literal.
    pub path: Expression,
    /// The name of the path.
    pub name: Option<Name>,
    /// `PASSING`
    pub passing: Vec<JsonVariable>,
    /// `COLUMNS`
    pub columns: Vec<JsonTableColumn>,
    /// `ON ERROR`
    pub on_error: Option<JsonBehavior>,
    /// Whether `LATERAL` stands before it; it sees what stands before it in any case.
    pub is_lateral: bool,
    /// Where it stands.
    pub at: At,
}

/// A column of `JSON_TABLE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonTableColumn {
    /// `x FOR ORDINALITY`: the number of the row.
    Ordinality(Name),
    /// `x integer PATH '$.x'`
    Value {
        /// Its name.
        name: Name,
        /// Its type.
        data_type: Type,
        /// `FORMAT JSON`
        format: Option<JsonFormat>,
        /// `PATH`; the name of the column where it is not said.
        path: Option<Expression>,
        /// `WITH WRAPPER`
        wrapper: Option<JsonWrapper>,
        /// `KEEP QUOTES`
        quotes: Option<JsonQuotes>,
        /// `ON EMPTY`
        on_empty: Option<JsonBehavior>,
        /// `ON ERROR`
        on_error: Option<JsonBehavior>,
    },
    /// `x boolean EXISTS PATH '$.x'`
    Exists {
        /// Its name.
        name: Name,
        /// Its type.
        data_type: Type,
        /// `PATH`; the name of the column where it is not said.
        path: Option<Expression>,
        /// `ON ERROR`
        on_error: Option<JsonBehavior>,
    },
    /// `NESTED PATH '$.items[*]' AS p COLUMNS (...)`
    Nested {
        /// The path of the rows inside.
        path: Expression,
        /// The name of the path.
        name: Option<Name>,
        /// The columns of the rows inside.
        columns: Vec<JsonTableColumn>,
    },
}
