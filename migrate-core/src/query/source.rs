//! What stands behind `FROM`.

use super::{Alias, ColumnDefinition, JsonTable, Name, ObjectName, Query, XmlTable};
use crate::expression::Expression;
use crate::token::At;

/// Something that gives rows, with its name in the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// The name it has in the query. Of a join, it hides the names inside.
    pub alias: Option<Alias>,
    /// Where it stands.
    pub at: At,
}

/// What gives rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A table, a view, or a common table.
    Table(TableSource),
    /// `(SELECT ...)`
    Query(QuerySource),
    /// `generate_series(1, 3)`, `ROWS FROM (f(), g())`
    Function(FunctionSource),
    /// `XMLTABLE (...)`
    Xml(Box<XmlTable>),
    /// `JSON_TABLE (...)`
    Json(Box<JsonTable>),
    /// `a JOIN b ON ...`
    Join(Box<Join>),
}

/// `ONLY app.bookings TABLESAMPLE SYSTEM (10)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSource {
    /// Its name. Without a schema it may be that of a common table.
    pub name: ObjectName,
    /// Whether tables that inherit from it are left out.
    pub is_only: bool,
    /// `TABLESAMPLE`
    pub sample: Option<Box<Sample>>,
}

/// `TABLESAMPLE BERNOULLI (10) REPEATABLE (1)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The method, which is a function.
    pub method: ObjectName,
    /// Its arguments.
    pub arguments: Vec<Expression>,
    /// `REPEATABLE`
    pub seed: Option<Expression>,
}

/// `LATERAL (SELECT ...)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuerySource {
    /// The query.
    pub query: Box<Query>,
    /// Whether it sees what stands before it.
    pub is_lateral: bool,
}

/// Functions that give rows. They see what stands before them, with or without `LATERAL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSource {
    /// The functions; more than one only in `ROWS FROM`.
    pub functions: Vec<Function>,
    /// Whether it is `ROWS FROM (...)`.
    pub is_rows_from: bool,
    /// Whether a column with the number of the row comes behind the others.
    pub with_ordinality: bool,
    /// Whether `LATERAL` stands before it.
    pub is_lateral: bool,
    /// `AS t (x integer, y text)`: the columns of a function that returns `record`.
    pub columns: Vec<ColumnDefinition>,
}

/// A function that gives rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The call, or what is called without parentheses.
    pub call: Expression,
    /// In `ROWS FROM`: `AS (x integer, y text)`.
    pub columns: Vec<ColumnDefinition>,
}

/// `left JOIN right ON ...`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// Which rows come without a partner.
    pub kind: JoinKind,
    /// Which rows are partners.
    pub condition: JoinCondition,
    /// The left side.
    pub left: Source,
    /// The right side.
    pub right: Source,
}

/// Which rows of a join come without a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

/// Which rows of a join are partners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinCondition {
    /// `CROSS JOIN`: each with each. The kind is [`JoinKind::Inner`].
    Always,
    /// `NATURAL`: those that are equal in all columns of the same name.
    Natural,
    /// `ON ...`
    On(Box<Expression>),
    /// `USING (a, b) AS j`
    Using {
        /// The columns that are equal.
        columns: Vec<Name>,
        /// The name for these columns.
        alias: Option<Name>,
    },
}
