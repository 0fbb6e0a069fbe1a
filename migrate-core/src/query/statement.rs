//! `INSERT`, `UPDATE`, `DELETE` and `MERGE`.

use super::{Item, Name, ObjectName, Query, Source, With};
use crate::expression::{Expression, Subscript};
use crate::json::ToJson;
use crate::token::At;

/// A statement that reads or changes rows.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(into = "String", try_from = "String")]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum Statement {
    Query(Query),
    Insert(Insert),
    Update(Update),
    Delete(Delete),
    Merge(Merge),
}

impl Statement {
    /// Where it stands.
    pub fn at(&self) -> At {
        match self {
            Statement::Query(query) => query.at,
            Statement::Insert(insert) => insert.at,
            Statement::Update(update) => update.at,
            Statement::Delete(delete) => delete.at,
            Statement::Merge(merge) => merge.at,
        }
    }

    /// `WITH`
    pub fn with(&self) -> Option<&With> {
        match self {
            Statement::Query(query) => query.with.as_ref(),
            Statement::Insert(insert) => insert.with.as_ref(),
            Statement::Update(update) => update.with.as_ref(),
            Statement::Delete(delete) => delete.with.as_ref(),
            Statement::Merge(merge) => merge.with.as_ref(),
        }
    }

    /// `RETURNING`; a query has none.
    pub fn returning(&self) -> Option<&Returning> {
        match self {
            Statement::Query(_) => None,
            Statement::Insert(insert) => insert.returning.as_ref(),
            Statement::Update(update) => update.returning.as_ref(),
            Statement::Delete(delete) => delete.returning.as_ref(),
            Statement::Merge(merge) => merge.returning.as_ref(),
        }
    }

    /// [`Statement::returning`], to change it.
    pub(crate) fn returning_mut(&mut self) -> Option<&mut Returning> {
        match self {
            Statement::Query(_) => None,
            Statement::Insert(insert) => insert.returning.as_mut(),
            Statement::Update(update) => update.returning.as_mut(),
            Statement::Delete(delete) => delete.returning.as_mut(),
            Statement::Merge(merge) => merge.returning.as_mut(),
        }
    }
}

/// `ONLY app.bookings AS b`: the table that is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetTable {
    /// Its name.
    pub name: ObjectName,
    /// Whether tables that inherit from it are left out.
    pub is_only: bool,
    /// The name it has in the statement.
    pub alias: Option<Name>,
}

/// `INSERT INTO bookings AS b (id, total) VALUES ...`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    /// `WITH`
    pub with: Option<With>,
    /// The table.
    pub table: TargetTable,
    /// The columns; empty where they are not said.
    pub columns: Vec<Target>,
    /// `OVERRIDING`
    pub overriding: Option<Overriding>,
    /// The rows.
    pub source: InsertSource,
    /// `ON CONFLICT`
    pub on_conflict: Option<OnConflict>,
    /// `RETURNING`
    pub returning: Option<Returning>,
    /// Where it stands.
    pub at: At,
}

/// The rows that are inserted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InsertSource {
    /// `DEFAULT VALUES`
    DefaultValues,
    /// `VALUES`, `SELECT`; in the rows of `VALUES` there may be
    /// [`ExpressionKind::Default`](crate::expression::ExpressionKind::Default).
    Query(Box<Query>),
}

/// Whose values count for identity columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overriding {
    /// `OVERRIDING SYSTEM VALUE`: those that are given.
    System,
    /// `OVERRIDING USER VALUE`: those that the sequence gives.
    User,
}

/// A column that is set, or a part of one: `tags[1]`, `address.street`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The column.
    pub column: Name,
    /// The way to the part.
    pub path: Vec<PathStep>,
}

/// A step to a part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there are few of them at a time")]
pub enum PathStep {
    /// `.street`
    Field(Name),
    /// `[1]`
    Subscript(Subscript),
}

/// `ON CONFLICT (id) WHERE ... DO UPDATE SET ...`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnConflict {
    /// What conflicts.
    pub target: Option<ConflictTarget>,
    /// What is done.
    pub action: ConflictAction,
    /// Where it stands.
    pub at: At,
}

/// Which unique index or constraint a conflict is with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConflictTarget {
    /// `(lower(email) COLLATE "C" text_ops) WHERE ...`: the index is inferred.
    Index {
        /// Its elements.
        elements: Vec<ConflictElement>,
        /// `WHERE`
        filter: Option<Box<Expression>>,
    },
    /// `ON CONSTRAINT bookings_pkey`
    Constraint(Name),
}

/// An element of the index that is inferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictElement {
    /// A column or an expression.
    pub value: Expression,
    /// The parts of the collation's name; empty where none is said.
    pub collation: Vec<String>,
    /// The operator class.
    pub operator_class: Option<ObjectName>,
}

/// What is done on a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConflictAction {
    /// `DO NOTHING`
    Nothing,
    /// `DO UPDATE SET ... WHERE ...`; the row that was to be inserted is `excluded`.
    Update {
        /// `SET`
        assignments: Vec<Assignment>,
        /// `WHERE`
        filter: Option<Box<Expression>>,
    },
}

/// `total = 0`, `(a, b) = (1, 2)`, `(a, b) = (SELECT ...)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// One column.
    One {
        /// The column.
        target: Target,
        /// The value, or [`ExpressionKind::Default`](crate::expression::ExpressionKind::Default).
        value: Expression,
    },
    /// Several.
    Several {
        /// The columns.
        targets: Vec<Target>,
        /// A row or a sub-select. In the row there may be
        /// [`ExpressionKind::Default`](crate::expression::ExpressionKind::Default).
        value: Expression,
    },
}

/// `RETURNING WITH (OLD AS o, NEW AS n) o.total, n.*`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returning {
    /// The name for the rows before, where it is not `old`.
    pub old: Option<Name>,
    /// The name for the rows after, where it is not `new`.
    pub new: Option<Name>,
    /// What comes out.
    pub items: Vec<Item>,
}

/// `UPDATE bookings AS b SET ... FROM ... WHERE ...`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// `WITH`
    pub with: Option<With>,
    /// The table.
    pub table: TargetTable,
    /// `SET`
    pub assignments: Vec<Assignment>,
    /// `FROM`
    pub from: Vec<Source>,
    /// `WHERE`; it may be [`ExpressionKind::CurrentOf`](crate::expression::ExpressionKind::CurrentOf).
    pub filter: Option<Expression>,
    /// `RETURNING`
    pub returning: Option<Returning>,
    /// Where it stands.
    pub at: At,
}

/// `DELETE FROM bookings AS b USING ... WHERE ...`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// `WITH`
    pub with: Option<With>,
    /// The table.
    pub table: TargetTable,
    /// `USING`
    pub using: Vec<Source>,
    /// `WHERE`; it may be [`ExpressionKind::CurrentOf`](crate::expression::ExpressionKind::CurrentOf).
    pub filter: Option<Expression>,
    /// `RETURNING`
    pub returning: Option<Returning>,
    /// Where it stands.
    pub at: At,
}

/// `MERGE INTO bookings AS b USING imported AS i ON ... WHEN ...`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// `WITH`
    pub with: Option<With>,
    /// The table.
    pub table: TargetTable,
    /// `USING`
    pub source: Source,
    /// `ON`
    pub condition: Expression,
    /// `WHEN ... THEN ...`
    pub branches: Vec<MergeBranch>,
    /// `RETURNING`
    pub returning: Option<Returning>,
    /// Where it stands.
    pub at: At,
}

/// `WHEN MATCHED AND ... THEN ...`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeBranch {
    /// For which rows.
    pub matched: MergeMatch,
    /// `AND`
    pub condition: Option<Expression>,
    /// `THEN`
    pub action: MergeAction,
    /// Where it stands.
    pub at: At,
}

impl Assignment {
    /// The columns that it sets, or the parts of them.
    pub fn targets(&self) -> &[Target] {
        match self {
            Assignment::One { target, .. } => std::slice::from_ref(target),
            Assignment::Several { targets, .. } => targets,
        }
    }
}

/// Which rows a branch of `MERGE` is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MergeMatch {
    /// `MATCHED`: those on both sides.
    Both,
    /// `NOT MATCHED BY SOURCE`: those of the table alone.
    TargetOnly,
    /// `NOT MATCHED`: those of the source alone.
    SourceOnly,
}

/// What a branch of `MERGE` does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeAction {
    /// `DO NOTHING`
    Nothing,
    /// `DELETE`
    Delete,
    /// `UPDATE SET ...`
    Update(Vec<Assignment>),
    /// `INSERT (a, b) VALUES (1, 2)`
    Insert {
        /// The columns; empty where they are not said.
        columns: Vec<Target>,
        /// `OVERRIDING`
        overriding: Option<Overriding>,
        /// The values; empty for `DEFAULT VALUES`.
        values: Vec<Expression>,
    },
}
