//! `SELECT`.

use super::{Name, Source, Window};
use crate::expression::Expression;
use crate::token::At;

/// `SELECT items FROM sources WHERE ...`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// Which rows are kept of those that are equal.
    pub distinct: Distinct,
    /// What comes out. There may be nothing.
    pub items: Vec<Item>,
    /// `FROM`: what is separated by commas.
    pub from: Vec<Source>,
    /// `WHERE`
    pub filter: Option<Expression>,
    /// `GROUP BY`
    pub group_by: Option<GroupBy>,
    /// `HAVING`
    pub having: Option<Expression>,
    /// `WINDOW`
    pub windows: Vec<NamedWindow>,
    /// Where it stands.
    pub at: At,
}

impl Select {
    /// `SELECT items FROM sources`
    pub fn new(items: Vec<Item>, from: Vec<Source>, at: At) -> Self {
        Select {
            distinct: Distinct::All,
            items,
            from,
            filter: None,
            group_by: None,
            having: None,
            windows: Vec::new(),
            at,
        }
    }
}

/// Which rows are kept of those that are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distinct {
    /// All.
    All,
    /// `DISTINCT`: one.
    Rows,
    /// `DISTINCT ON (...)`: the first one for each combination of these.
    On(Vec<Expression>),
}

/// What comes out: `total AS amount`, `bookings.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The value; [`ExpressionKind::Star`](crate::expression::ExpressionKind::Star) and
    /// [`ExpressionKind::Fields`](crate::expression::ExpressionKind::Fields) are several columns.
    pub value: Expression,
    /// The name of the column.
    pub alias: Option<Name>,
}

/// `GROUP BY`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupBy {
    /// Whether grouping sets that occur twice count once.
    pub is_distinct: bool,
    /// By what.
    pub items: Vec<GroupItem>,
}

/// What rows are grouped by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupItem {
    /// An expression, the name of a column that comes out, or its number.
    Expression(Expression),
    /// `(a, b)`, `()`
    List(Vec<Expression>),
    /// `ROLLUP (a, (b, c))`
    Rollup(Vec<GroupItem>),
    /// `CUBE (a, (b, c))`
    Cube(Vec<GroupItem>),
    /// `GROUPING SETS (a, (b, c), ROLLUP (d))`
    Sets(Vec<GroupItem>),
}

/// `WINDOW w AS (...)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedWindow {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub window: Window,
}
