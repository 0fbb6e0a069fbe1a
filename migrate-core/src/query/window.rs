//! Orders and windows.

use super::Name;
use crate::expression::{Expression, Operator};
use crate::token::At;

/// `total DESC NULLS LAST`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderItem {
    /// By what: an expression; of a query also the name of a column that comes out, or its number.
    pub value: Expression,
    /// From where to where.
    pub direction: Direction,
    /// Where null values stand, where it is said.
    pub nulls: Option<Nulls>,
}

/// From where to where rows are ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `ASC`, or nothing.
    Ascending,
    /// `DESC`
    Descending,
    /// `USING <`
    Using(Operator),
}

/// Where null values stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum Nulls {
    First,
    Last,
}

/// `OVER w`, `OVER (...)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// A window that `WINDOW` defines.
    Named(Name),
    /// A window of its own.
    Defined(Window),
}

/// `(w PARTITION BY ... ORDER BY ... ROWS ...)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The window that it refines.
    pub base: Option<Name>,
    /// `PARTITION BY`
    pub partition_by: Vec<Expression>,
    /// `ORDER BY`
    pub order_by: Vec<OrderItem>,
    /// Which rows of the partition are seen.
    pub frame: Option<Frame>,
    /// Where it stands.
    pub at: At,
}

/// `ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// In what it is measured.
    pub unit: FrameUnit,
    /// The first row.
    pub start: FrameBound,
    /// The last row; `None` is the current one.
    pub end: Option<FrameBound>,
    /// What is left out.
    pub exclusion: Option<Exclusion>,
}

/// In what a frame is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum FrameUnit {
    Range,
    Rows,
    Groups,
}

/// An end of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Box<Expression>),
    CurrentRow,
    Following(Box<Expression>),
    UnboundedFollowing,
}

/// What is left out of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum Exclusion {
    CurrentRow,
    Group,
    Ties,
    NoOthers,
}
