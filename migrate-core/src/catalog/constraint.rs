use serde::{Deserialize, Serialize};

use crate::expression::Expression;
use crate::name::QualifiedName;

/// A named constraint of a table. NOT NULL is a property of the column instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// What it demands.
    pub kind: ConstraintKind,
    /// `COMMENT ON CONSTRAINT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What a constraint demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintKind {
    /// `PRIMARY KEY (columns)`
    PrimaryKey(Unique),
    /// `UNIQUE (columns)`
    Unique(Unique),
    /// `CHECK (expression)`
    Check(Expression),
    /// `FOREIGN KEY (columns) REFERENCES table (columns)`
    ForeignKey(ForeignKey),
}

/// A primary key or a unique constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    /// The key columns, in order.
    pub columns: Vec<String>,
    /// `INCLUDE (columns)`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// `NULLS NOT DISTINCT` (PostgreSQL 15).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nulls_not_distinct: bool,
    /// When it is checked.
    #[serde(default, skip_serializing_if = "Deferral::is_default")]
    pub deferral: Deferral,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The referencing columns, in order.
    pub columns: Vec<String>,
    /// The referenced table.
    pub table: QualifiedName,
    /// The referenced columns, in order; never empty.
    pub referenced: Vec<String>,
    /// `ON DELETE`
    #[serde(default, skip_serializing_if = "ReferentialAction::is_default")]
    pub on_delete: ReferentialAction,
    /// `ON UPDATE`
    #[serde(default, skip_serializing_if = "ReferentialAction::is_default")]
    pub on_update: ReferentialAction,
    /// `MATCH FULL`
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub match_full: bool,
    /// When it is checked.
    #[serde(default, skip_serializing_if = "Deferral::is_default")]
    pub deferral: Deferral,
}

/// What happens to the referencing row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferentialAction {
    /// Refuse, at the end of the statement (or transaction).
    #[default]
    NoAction,
    /// Refuse at once.
    Restrict,
    /// Do the same to the referencing row.
    Cascade,
    /// Set the referencing columns (these, or all) to NULL. A list needs PostgreSQL 15 and `ON DELETE`.
    SetNull(Vec<String>),
    /// Set the referencing columns (these, or all) to their defaults. A list needs PostgreSQL 15 and `ON DELETE`.
    SetDefault(Vec<String>),
}

/// When a constraint is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferral {
    /// `NOT DEFERRABLE`
    #[default]
    NotDeferrable,
    /// `DEFERRABLE INITIALLY IMMEDIATE`
    InitiallyImmediate,
    /// `DEFERRABLE INITIALLY DEFERRED`
    InitiallyDeferred,
}

impl Deferral {
    fn is_default(&self) -> bool {
        *self == Deferral::NotDeferrable
    }
}

impl ReferentialAction {
    fn is_default(&self) -> bool {
        *self == ReferentialAction::NoAction
    }
}

impl Constraint {
    /// A constraint without a comment.
    pub fn new(kind: ConstraintKind) -> Self {
        Constraint { kind, comment: None }
    }
}

impl ConstraintKind {
    /// Whether an index of the same name backs it.
    pub fn has_index(&self) -> bool {
        matches!(self, ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_))
    }

    /// The words PostgreSQL has for it.
    pub fn noun(&self) -> &'static str {
        match self {
            ConstraintKind::PrimaryKey(_) => "primary key",
            ConstraintKind::Unique(_) => "unique constraint",
            ConstraintKind::Check(_) => "check constraint",
            ConstraintKind::ForeignKey(_) => "foreign key",
        }
    }

    /// Whether it mentions this column of its own table.
    pub fn mentions(&self, column: &str) -> bool {
        match self {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                key.columns.iter().chain(&key.include).any(|name| name == column)
            }
            ConstraintKind::Check(expression) => expression.reads(column),
            ConstraintKind::ForeignKey(key) => key.columns.iter().any(|name| name == column),
        }
    }
}
