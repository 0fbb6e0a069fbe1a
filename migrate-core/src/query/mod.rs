//! Queries: a tree of everything that PostgreSQL 18 takes as `SELECT`, `VALUES`, `INSERT`, `UPDATE`, `DELETE` and `MERGE`.
//!
//! As expressions do, trees compare by meaning: places are always equal, and what only looks different (`FETCH FIRST ROW
//! ONLY` and `LIMIT 1`, parentheses, the word `ASC`) is the same tree.

mod canonical;
mod json;
mod name;
mod output_name;
pub(crate) mod parse;
mod parts;
mod reads_and_sets;
mod reference;
mod select;
mod source;
mod statement;
mod table_function;
mod visit;
mod window;
mod with;
pub(crate) mod write;
mod xml;

pub use canonical::{canonical, canonical_statement};
pub(crate) use canonical::{canonical_in, without_own_names};
pub use json::{
    JsonBehavior, JsonFormat, JsonFunction, JsonMember, JsonNulls, JsonOutput, JsonPath, JsonPathFunction, JsonQuotes,
    JsonValue, JsonVariable, JsonWrapper,
};
pub use name::{Alias, ColumnDefinition, Name, ObjectName};
pub use output_name::{output_name, output_names};
pub use parse::{parse, parse_statement};
pub use reference::full_name;
pub use select::{Distinct, GroupBy, GroupItem, Item, NamedWindow, Select};
pub use source::{
    Function, FunctionSource, Join, JoinCondition, JoinKind, QuerySource, Sample, Source, SourceKind, TableSource,
};
pub use statement::{
    Assignment, ConflictAction, ConflictElement, ConflictTarget, Delete, Insert, InsertSource, Merge, MergeAction,
    MergeBranch, MergeMatch, OnConflict, Overriding, PathStep, Returning, Statement, Target, TargetTable, Update,
};
pub use table_function::{JsonTable, JsonTableColumn, XmlNamespace, XmlTable, XmlTableColumn, XmlTableColumnKind};
pub use visit::{Part, PartMut, TableRole};
pub use window::{Direction, Exclusion, Frame, FrameBound, FrameUnit, Nulls, OrderItem, Over, Window};
pub use with::{CommonTable, Cycle, Search, With};
pub use xml::{XmlAttribute, XmlFunction, XmlKind, XmlStandalone};

use crate::expression::Expression;
use crate::json::ToJson;
use crate::sql::lex;
use crate::token::{At, Cursor, SyntaxError};

/// `SELECT`, `VALUES`, or several of them put together, with what stands around them.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(into = "String", try_from = "String")]
pub struct Query {
    /// `WITH`
    pub with: Option<With>,
    /// What gives the rows.
    pub body: Body,
    /// `ORDER BY`
    pub order_by: Vec<OrderItem>,
    /// `LIMIT`, `FETCH FIRST`
    pub limit: Option<Limit>,
    /// `OFFSET`
    pub offset: Option<Box<Expression>>,
    /// `FOR UPDATE` and its kin.
    pub locking: Vec<Locking>,
    /// Where it stands, without parentheses around it.
    pub at: At,
}

/// What gives the rows of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// `SELECT`
    Select(Box<Select>),
    /// `VALUES (1, 2), (3, 4)`: the rows.
    Values(Vec<Vec<Expression>>),
    /// `TABLE bookings`, the same as `SELECT * FROM bookings`.
    Table(TableSource),
    /// `UNION`, `INTERSECT`, `EXCEPT`
    Set(Box<SetOperation>),
}

/// Two queries put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetOperation {
    /// How.
    pub operator: SetOperator,
    /// Whether equal rows are kept: `ALL`.
    pub is_all: bool,
    /// The left query; with more than a body it is in parentheses.
    pub left: Query,
    /// The right query; with more than a body it is in parentheses.
    pub right: Query,
}

/// How two queries are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

/// How many rows come out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The number of rows; `NULL` is `ALL`.
    pub count: Box<Expression>,
    /// Whether rows that are equal to the last one come too: `FETCH FIRST ... WITH TIES`.
    pub with_ties: bool,
}

/// `FOR UPDATE OF bookings SKIP LOCKED`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locking {
    /// How strong.
    pub strength: LockStrength,
    /// The tables of the query whose rows are locked, by their aliases; all where there are none.
    pub of: Vec<ObjectName>,
    /// What is done with rows that others have locked.
    pub wait: LockWait,
    /// Where it stands.
    pub at: At,
}

/// How strongly rows are locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum LockStrength {
    Update,
    NoKeyUpdate,
    Share,
    KeyShare,
}

/// What is done with rows that others have locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockWait {
    /// They are waited for.
    Wait,
    /// `NOWAIT`: an error.
    Error,
    /// `SKIP LOCKED`
    Skip,
}

impl Query {
    /// A query that is nothing but its body.
    pub fn new(body: Body, at: At) -> Query {
        Query { with: None, body, order_by: Vec::new(), limit: None, offset: None, locking: Vec::new(), at }
    }

    /// `SELECT` of one value.
    pub fn of_value(value: Expression) -> Query {
        let at = value.at;
        let select = Select::new(vec![Item { value, alias: None }], Vec::new(), at);
        Query::new(Body::Select(Box::new(select)), at)
    }

    /// Whether nothing stands around the body.
    pub fn is_plain(&self) -> bool {
        self.with.is_none()
            && self.order_by.is_empty()
            && self.limit.is_none()
            && self.offset.is_none()
            && self.locking.is_empty()
    }
}

/// Text and tree are two forms of one thing, for queries and statements alike.
macro_rules! text {
    ($tree:ty, $parse:path, $write:path, $what:literal) => {
        impl $tree {
            /// The SQL text.
            pub fn sql(&self) -> String {
                let mut text = String::new();
                $write(&mut text, self);
                text
            }
        }

        impl std::str::FromStr for $tree {
            type Err = SyntaxError;

            fn from_str(text: &str) -> Result<Self, SyntaxError> {
                let tokens = lex(text)?;
                let mut cursor = Cursor::of_sql(&tokens);
                let found = $parse(&mut cursor)?;
                if cursor.is_at_end() { Ok(found) } else { Err(cursor.expected(found.expected_next())) }
            }
        }

        impl std::fmt::Display for $tree {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.sql())
            }
        }

        impl From<$tree> for String {
            fn from(tree: $tree) -> String {
                tree.sql()
            }
        }

        impl TryFrom<String> for $tree {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse().map_err(|error: SyntaxError| format!("`{text}` is not a {}: {}", $what, error.message))
            }
        }
    };
}

text!(Query, parse, write::write_into, "query");
text!(Statement, parse_statement, write::write_statement_into, "statement");

#[cfg(test)]
mod tests;
