//! `on conflict`: what a row can be in conflict with.

use migrate_core::catalog::{ConstraintKind, Table};
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::query::{ConflictElement, Name};
use migrate_core::token::At;

use super::{QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, choices, code};

impl QueryCheck<'_, '_> {
    /// The columns that `on conflict` names: something must keep them unique.
    pub(super) fn conflict_of(
        &mut self,
        scope: &Scope<'_>,
        elements: &[ConflictElement],
        has_condition: bool,
        whole: At,
    ) {
        let relation = scope.sources.first().and_then(|source| source.relation.clone());
        let Some(name) = relation.filter(|name| !self.checker.is_table_open(name)) else { return };
        let Some(table) = self.checker.catalog().table(&name) else { return };
        if elements.iter().any(|element| element.operator_class.is_some()) {
            return;
        }
        let keys: Vec<Expression> = elements.iter().map(|element| bare(&element.value)).collect();
        let is_there = |key: &Expression| key.columns().iter().all(|column| table.column(column).is_some());
        if !keys.iter().all(is_there) || has_unique_index(table, &keys, has_condition) {
            return;
        }
        let listed: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let message = format!("table `{name}` has no unique key on {}", listed.join(", "));
        let help = match has_unique_index(table, &keys, true) {
            true => "the unique index is over some of the rows: write its `where` behind the columns",
            false => "name the columns of a primary key, a unique constraint or a unique index",
        };
        self.fail(Diagnostic::new(code::INVALID_QUERY, message, target_place(elements, whole)).help(help));
    }

    /// The constraint that `ON CONFLICT` names.
    pub(super) fn constraint_of(&mut self, scope: &Scope<'_>, constraint: &Name) {
        let relation = scope.sources.first().and_then(|source| source.relation.clone());
        let Some(name) = relation.filter(|name| !self.checker.is_table_open(name)) else { return };
        let Some(table) = self.checker.catalog().table(&name) else { return };
        if let Some(found) = table.constraints.get(&constraint.value) {
            if !found.kind.has_index() {
                let noun = found.kind.noun();
                let message = format!("`{}` is a {noun}, which no row can be in conflict with", constraint.value);
                let mistake = Diagnostic::new(code::INVALID_QUERY, message, constraint.at);
                self.fail(mistake.help("name a primary key, a unique or an exclusion constraint"));
            }
            return;
        }
        let known: Vec<String> = table.constraints.keys().cloned().collect();
        let help = choices(&constraint.value, known.iter().map(String::as_str), "constraints");
        let message = format!("cannot find constraint `{}` of table `{name}`", constraint.value);
        self.fail(Diagnostic::new(code::UNKNOWN_CONSTRAINT, message, constraint.at).maybe_help(help));
    }
}

/// An expression over columns of one table, as an index has it: without the table's name.
fn bare(expression: &Expression) -> Expression {
    let mut bare = expression.clone();
    fn strip(expression: &mut Expression) {
        if let ExpressionKind::Name(parts) = &mut expression.kind {
            parts.drain(..parts.len().saturating_sub(1));
        }
        expression.for_each_child_mut(&mut strip);
    }
    strip(&mut bare);
    bare
}

/// Whether something keeps these unique: of all rows, or, where a condition is given, of some.
fn has_unique_index(table: &Table, keys: &[Expression], has_condition: bool) -> bool {
    let is_same =
        |found: &[Expression]| keys.iter().all(|key| found.contains(key)) && found.iter().all(|key| keys.contains(key));
    let by_constraint = table.constraints.values().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            is_same(&key.columns.iter().map(Expression::column).collect::<Vec<_>>())
        }
        _ => false,
    });
    let mut by_index = table.indexes.values().filter(|index| index.unique);
    by_constraint
        || by_index.any(|index| {
            let found: Vec<Expression> = index.keys.iter().map(|key| bare(&key.expression)).collect();
            (index.predicate.is_none() || has_condition) && is_same(&found)
        })
}

/// Where the columns of `on conflict` stand.
fn target_place(elements: &[ConflictElement], whole: At) -> At {
    match (elements.first(), elements.last()) {
        (Some(first), Some(last)) => first.value.at.to(last.value.at),
        _ => whole,
    }
}
