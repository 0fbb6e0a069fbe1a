use super::{Column, Exclusion, Index, IndexKey, Table};
use crate::expression::Expression;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Hazard;
use crate::sorted::SortedMap;

/// A named constraint of a table. NOT NULL is a property of the column instead.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Constraint {
    /// What it demands.
    pub kind: ConstraintKind,
    /// `COMMENT ON CONSTRAINT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// `NOT VALID`: only new rows are checked. Of a check or a foreign key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_valid: bool,
    /// The constraint of the partitioned table that it is a part of; the check that it is there for, of a table that
    /// this one inherits from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_to: Option<String>,
    /// `NO INHERIT`: not for tables that inherit from this one. Of a check.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_inherit: bool,
}

/// What a constraint demands.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
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
    /// `EXCLUDE USING method (key WITH operator)`
    Exclusion(Exclusion),
}

/// A primary key or a unique constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Unique {
    /// The key columns, in order.
    pub columns: Vec<String>,
    /// `INCLUDE (columns)`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// `NULLS NOT DISTINCT` (PostgreSQL 15).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nulls_not_distinct: bool,
    /// Storage parameters of its index: `WITH (fillfactor = 70)`.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub parameters: SortedMap<String, String>,
    /// When it is checked.
    #[serde(default, skip_serializing_if = "Deferral::is_default")]
    pub deferral: Deferral,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
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
    pub(super) fn is_default(&self) -> bool {
        *self == Deferral::NotDeferrable
    }

    /// In words, as `ALTER CONSTRAINT` takes them.
    pub fn words(self) -> &'static str {
        match self {
            Deferral::NotDeferrable => "NOT DEFERRABLE",
            Deferral::InitiallyImmediate => "DEFERRABLE INITIALLY IMMEDIATE",
            Deferral::InitiallyDeferred => "DEFERRABLE INITIALLY DEFERRED",
        }
    }
}

impl ReferentialAction {
    fn is_default(&self) -> bool {
        *self == ReferentialAction::NoAction
    }
}

impl ForeignKey {
    /// Why its action fails for every row, if so: it gives NULL to a column of its table that takes none.
    pub fn impossible_action(&self, table: &Table) -> Option<(Hazard, String)> {
        [("delete", &self.on_delete), ("update", &self.on_update)].into_iter().find_map(|(event, action)| {
            let (list, word) = match action {
                ReferentialAction::SetNull(list) => (list, "null"),
                ReferentialAction::SetDefault(list) => (list, "default"),
                _ => return None,
            };
            let is_meant = |name: &&String| list.is_empty() || list.contains(name);
            let columns = self.columns.iter().filter(is_meant).filter_map(|name| table.column(name));
            let is_refused = |column: &&Column| !column.nullable && (word == "null" || column.default.is_none());
            let column = columns.filter(|column| column.generated.is_none()).find(is_refused)?;
            let rest = if word == "null" { "" } else { " and has no default" };
            let message = format!(
                "`on {event} set {word}` always fails, because `{}` is NOT NULL{rest}: referenced rows cannot be \
                 {event}d",
                column.name
            );
            Some((Hazard::ActionFails, message))
        })
    }
}

impl Constraint {
    /// A constraint without a comment.
    pub fn new(kind: ConstraintKind) -> Self {
        Constraint { kind, comment: None, attached_to: None, not_valid: false, no_inherit: false }
    }
}

impl ConstraintKind {
    /// Whether an index of the same name backs it.
    pub fn has_index(&self) -> bool {
        matches!(self, ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::Exclusion(_))
    }

    /// The storage parameters of its index; `None` where it has none.
    pub fn parameters(&self) -> Option<&SortedMap<String, String>> {
        match self {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some(&key.parameters),
            ConstraintKind::Exclusion(exclusion) => Some(&exclusion.parameters),
            ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) => None,
        }
    }

    /// [`ConstraintKind::parameters`], to change them.
    pub fn parameters_mut(&mut self) -> Option<&mut SortedMap<String, String>> {
        match self {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some(&mut key.parameters),
            ConstraintKind::Exclusion(exclusion) => Some(&mut exclusion.parameters),
            ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) => None,
        }
    }

    /// Its index, as one that stands by itself would be; `None` where it has none.
    pub fn index(&self) -> Option<Index> {
        let (method, keys) = match self {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                let keys = key.columns.iter().map(|column| IndexKey::new(Expression::column(column.clone()))).collect();
                ("btree".to_owned(), keys)
            }
            ConstraintKind::Exclusion(exclusion) => {
                (exclusion.method.clone(), exclusion.elements.iter().map(|element| element.key.clone()).collect())
            }
            ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) => return None,
        };
        let parameters = self.parameters().cloned().unwrap_or_default();
        Some(Index {
            method,
            keys,
            unique: !matches!(self, ConstraintKind::Exclusion(_)),
            nulls_not_distinct: false,
            include: Vec::new(),
            predicate: None,
            attached_to: None,
            parameters,
            statistics: SortedMap::new(),
            comment: None,
        })
    }

    /// The words PostgreSQL has for it.
    pub fn noun(&self) -> &'static str {
        match self {
            ConstraintKind::PrimaryKey(_) => "primary key",
            ConstraintKind::Unique(_) => "unique constraint",
            ConstraintKind::Check(_) => "check constraint",
            ConstraintKind::ForeignKey(_) => "foreign key",
            ConstraintKind::Exclusion(_) => "exclusion constraint",
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
            ConstraintKind::Exclusion(exclusion) => exclusion.mentions(column),
        }
    }

    /// Whether rows that break it may be there when it is made, and are told by a scan: of a check and a foreign key.
    pub fn can_be_validated(&self) -> bool {
        matches!(self, ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_))
    }

    /// The expressions in it.
    pub fn expressions(&self) -> Vec<&Expression> {
        match self {
            ConstraintKind::Check(check) => vec![check],
            ConstraintKind::Exclusion(exclusion) => exclusion.expressions().collect(),
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::ForeignKey(_) => Vec::new(),
        }
    }

    /// The expressions in it, to change them.
    pub(crate) fn expressions_mut(&mut self) -> Vec<&mut Expression> {
        match self {
            ConstraintKind::Check(check) => vec![check],
            ConstraintKind::Exclusion(exclusion) => exclusion.expressions_mut().collect(),
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::ForeignKey(_) => Vec::new(),
        }
    }
}
