//! How items are undone: by what is derived, by what is written, or not at all.

use migrate_core::catalog::{AccessTarget, Catalog};
use migrate_core::name::QualifiedName;
use migrate_core::object::Kind;
use migrate_core::operation::proof::{Obstacle, in_order};
use migrate_core::operation::script::Placed;
use migrate_core::operation::{Inverse, Operation, SetGrants};
use migrate_core::sorted::SortedSet;
use migrate_core::token::At;

use super::Checker;
use crate::diagnostic::{Diagnostic, code};

/// How an item of the source is undone.
pub(crate) enum Undo {
    /// As the operations say.
    Derived,
    /// By these items.
    Written { items: Vec<crate::ops::Statement>, at: At },
    /// Not at all.
    Irreversible { why: String },
}

impl Checker<'_> {
    /// Notes what undoes an item, or reports that nothing does.
    pub(super) fn undo_of(
        &mut self,
        statement: &crate::ops::Statement,
        before: Option<Catalog>,
        emitted: &[(Operation, Inverse, At)],
    ) {
        let reason = emitted.iter().find_map(|(operation, inverse, at)| match inverse {
            // Rows of a table that is made in the same migration go with the table.
            Inverse::NotDerivable { .. } if rows_of(operation).is_some_and(|table| self.plan.is_new(table)) => None,
            Inverse::NotDerivable { why } => Some((why, *at)),
            Inverse::Operations { .. } => None,
        });
        match (&statement.undo, reason) {
            (Undo::Derived, Some((why, at))) => self.report(not_invertible(why, at)),
            (Undo::Derived, None) => {
                let mut undo = Vec::new();
                for (operation, inverse, at) in emitted.iter().rev() {
                    if let Inverse::Operations { operations, loses } = inverse {
                        undo.extend(operations.iter().map(|operation| (operation.clone(), *at)));
                        // What was made in this migration is not missed.
                        if !only_table(operation).is_some_and(|table| self.plan.is_new(table)) {
                            self.loses.extend(loses.iter().cloned());
                        }
                    }
                }
                self.undo.push(undo);
            }
            (Undo::Written { at, .. }, None) if !may_be_undone_otherwise(emitted) => self.report(
                Diagnostic::new(code::UNNEEDED_DOWN, "this `down` is not needed: the compiler derives it", *at)
                    .help("remove the `down`"),
            ),
            (Undo::Written { items, at }, _) => {
                let Some(before) = before else {
                    let operations = self.without_effect(|checker| checker.sketch(items));
                    let at = statement.at;
                    self.undo.push(operations.into_iter().map(|operation| (operation, at)).collect());
                    return;
                };
                let after = self.state.clone();
                let operations = self.sketch(items);
                let differences = before.differences(&self.state.catalog);
                if !differences.is_empty() {
                    let mut mistake = Diagnostic::new(
                        code::WRONG_DOWN,
                        "this `down` does not restore the schema as it was before",
                        *at,
                    );
                    for difference in differences {
                        mistake = mistake.note(format!("after it, {difference}"));
                    }
                    let says_nothing =
                        |operation: &Operation| matches!(operation, Operation::RawSql(raw) if raw.changes.is_empty());
                    if operations.iter().any(says_nothing) {
                        mistake = mistake.help("declare what the raw SQL in it changes: `changes { ... }`");
                    }
                    self.report(mistake);
                }
                *self.state = after;
                let at = statement.at;
                self.undo.push(operations.into_iter().map(|operation| (operation, at)).collect());
            }
            (Undo::Irreversible { why }, _) => {
                self.irreversible.get_or_insert_with(|| why.clone());
            }
        }
    }

    /// What undoes the migration, in an order in which it can run: each operation is proved against the catalog as it is then.
    /// What cannot run in any order is a mistake.
    pub(super) fn down_in_order(&mut self) -> Vec<Placed> {
        let undo = std::mem::take(&mut self.undo).into_iter().rev().flatten().collect();
        let (ats, placed): (Vec<At>, Vec<Placed>) = without_doomed(undo)
            .into_iter()
            .map(|(operation, at)| (at, (operation, self.place(at), Vec::new())))
            .unzip();
        if self.state.has_mistakes || !self.mistakes.is_empty() {
            return Vec::new();
        }
        match in_order(placed, &self.state.catalog, &self.before) {
            Ok(ordered) => ordered,
            Err(Obstacle { operation, why }) => {
                let at = ats.get(operation).copied().unwrap_or_default();
                self.report(not_invertible(&why, at));
                Vec::new()
            }
        }
    }
}

fn not_invertible(why: &str, at: At) -> Diagnostic {
    Diagnostic::new(code::NOT_INVERTIBLE, format!("this cannot be undone: {why}"), at)
        .help("add how to undo it, `down { ... }`, or why it cannot be undone, `irreversible \"...\"`")
}

/// Whether the catalog after an item and its written down may differ from the one before.
pub(super) fn may_differ(statement: &crate::ops::Statement, down: &[crate::ops::Statement]) -> bool {
    statement.item.changes_catalog() || down.iter().any(|undo| undo.item.changes_catalog())
}

/// Whether a written down can do better than the derived one: it brings back less than there was, or only what raw SQL
/// says that it changes.
fn may_be_undone_otherwise(emitted: &[(Operation, Inverse, At)]) -> bool {
    emitted.is_empty()
        || emitted.iter().any(|(operation, inverse, _)| match inverse {
            Inverse::Operations { loses, .. } => !loses.is_empty() || matches!(operation, Operation::RawSql(_)),
            Inverse::NotDerivable { .. } => true,
        })
}

/// Leaves out what is done to a table that is dropped in the end anyway, unless something else is done between: a type
/// cannot be dropped while the table has a column of it.
fn without_doomed(undo: Vec<(Operation, At)>) -> Vec<(Operation, At)> {
    let mut doomed: SortedSet<QualifiedName> = SortedSet::new();
    let mut kept: Vec<(Operation, At)> = Vec::new();
    for (operation, at) in undo.into_iter().rev() {
        match &operation {
            Operation::DropTable(drop) => {
                doomed.insert(drop.name.clone());
            }
            Operation::RenameTable(_) | Operation::CreateTable(_) => doomed.clear(),
            // A foreign key must go before the table it references does.
            Operation::AddConstraint(_) | Operation::DropConstraint(_) => {}
            // What belongs to a table goes with it, but not what another one is named in.
            Operation::DropObject(drop) if drop.id.table.is_some() => {}
            // Its indexes go with it.
            Operation::DropObject(drop) if drop.id.kind == Kind::MaterializedView => {
                doomed.clear();
                doomed.insert(drop.id.name.clone());
            }
            other => match only_table(other) {
                Some(table) if doomed.contains(table) => continue,
                Some(_) => {}
                None => doomed.clear(),
            },
        }
        kept.push((operation, at));
    }
    kept.reverse();
    kept
}

/// The table, of an operation that touches nothing else.
pub(super) fn only_table(operation: &Operation) -> Option<&QualifiedName> {
    Some(match operation {
        Operation::DropTable(operation) => &operation.name,
        Operation::AddColumn(operation) => &operation.table,
        Operation::DropColumn(operation) => &operation.table,
        Operation::RenameColumn(operation) => &operation.table,
        Operation::ChangeType(operation) => &operation.table,
        Operation::SetDefault(operation) => &operation.table,
        Operation::SetNullability(operation) => &operation.table,
        Operation::SetOnUpdate(operation) => &operation.table,
        Operation::SetRowSecurity(operation) => &operation.table,
        Operation::SetTableSettings(operation) => &operation.table,
        Operation::SetCollation(operation) => &operation.table,
        Operation::SetColumnSettings(operation) => &operation.table,
        Operation::SetIdentity(operation) => &operation.table,
        Operation::SetExpression(operation) => &operation.table,
        Operation::DropExpression(operation) => &operation.table,
        Operation::AddConstraint(operation) => &operation.table,
        Operation::DropConstraint(operation) => &operation.table,
        Operation::ValidateConstraint(operation) => &operation.table,
        Operation::AlterConstraint(operation) => &operation.table,
        Operation::RenameConstraint(operation) => &operation.table,
        Operation::CreateIndex(operation) => &operation.table,
        Operation::DropIndex(operation) => &operation.table,
        Operation::RenameIndex(operation) => &operation.table,
        Operation::SetIndexSettings(operation) => &operation.table,
        Operation::InsertRows(operation) => &operation.table,
        Operation::DeleteRows(operation) => &operation.table,
        Operation::SetGrants(SetGrants {
            target: AccessTarget::Table(table) | AccessTarget::Column(table, _), ..
        }) => table,
        _ => return None,
    })
}

/// The table, of an operation that only changes its rows.
fn rows_of(operation: &Operation) -> Option<&QualifiedName> {
    match operation {
        Operation::InsertRows(operation) => Some(&operation.table),
        Operation::DeleteRows(operation) => Some(&operation.table),
        Operation::UpdateRows(operation) => Some(&operation.table),
        Operation::BackfillRows(operation) => Some(&operation.table),
        _ => None,
    }
}
