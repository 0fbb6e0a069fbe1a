//! `WITH`.

use super::{Name, Statement};
use crate::expression::Expression;
use crate::token::At;

/// `WITH a AS (...), b AS (...)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct With {
    /// Whether each may use itself and all others: `RECURSIVE`.
    pub is_recursive: bool,
    /// The queries in the order of the text; without `RECURSIVE` each may use those before it.
    pub tables: Vec<CommonTable>,
    /// Where it stands.
    pub at: At,
}

/// `a (x, y) AS MATERIALIZED (...)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommonTable {
    /// Its name.
    pub name: Name,
    /// The names of the first columns; the others keep theirs.
    pub columns: Vec<Name>,
    /// `MATERIALIZED`, `NOT MATERIALIZED`
    pub is_materialized: Option<bool>,
    /// What gives its rows; of all but a query, what `RETURNING` gives.
    pub statement: Box<Statement>,
    /// `SEARCH`
    pub search: Option<Search>,
    /// `CYCLE`
    pub cycle: Option<Cycle>,
    /// Where it stands.
    pub at: At,
}

/// `SEARCH DEPTH FIRST BY a, b SET ordering`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Whether it is `BREADTH FIRST`.
    pub is_breadth_first: bool,
    /// By what.
    pub columns: Vec<Name>,
    /// The column that is added, to order by.
    pub sequence: Name,
}

/// `CYCLE a, b SET mark TO true DEFAULT false USING path`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// What is the same in a row that was seen before.
    pub columns: Vec<Name>,
    /// The column that is added, which says whether it was.
    pub mark: Name,
    /// `TO` and `DEFAULT`; `true` and `false` where they are not said.
    pub values: Option<Box<(Expression, Expression)>>,
    /// The column that is added, which has the way to the row.
    pub path: Name,
}
