//! Constraints and indexes that are the same under another name: renaming them loses nothing.

use std::collections::BTreeMap;

use migrate_core::catalog::{Catalog, Constraint, Index};
use migrate_core::difference::Renames;
use migrate_core::name::QualifiedName;
use migrate_core::operation::Operate as _;

/// The renames with those of constraints and indexes that mean the same.
pub(super) fn with_parts(renames: &Renames, from: &Catalog, goal: &Catalog) -> Renames {
    let mut renamed = from.clone();
    renames.operations(from).iter().for_each(|operation| operation.apply(&mut renamed));
    let mut all = renames.clone();
    for (name, found) in &renamed.tables {
        let Some(wanted) = goal.table(name) else { continue };
        let old = old_name(renames, name);
        for (from, to) in pairs(&found.constraints, &wanted.constraints, same_constraint) {
            all.constraints.insert((old.clone(), from), to);
        }
        let same = |one: &Index, other: &Index| migrate_core::diff::index_matches(one, other, wanted);
        for (from, to) in pairs(&found.indexes, &wanted.indexes, same) {
            all.indexes.entry((old.clone(), from)).or_insert(to);
        }
    }
    all
}

/// The name of a table in the first catalog.
fn old_name(renames: &Renames, name: &QualifiedName) -> QualifiedName {
    let old = renames.tables.iter().find(|(_, new)| *new == name).map(|(old, _)| old.clone());
    old.unwrap_or_else(|| name.clone())
}

fn same_constraint(one: &Constraint, other: &Constraint) -> bool {
    let bare = |constraint: &Constraint| Constraint { comment: None, ..constraint.clone() };
    one.attached_to.is_none() && bare(one) == bare(other)
}

/// What only one side has under its name, and the other one has under another name, where there is one such only.
fn pairs<Value>(
    found: &BTreeMap<String, Value>,
    wanted: &BTreeMap<String, Value>,
    same: impl Fn(&Value, &Value) -> bool,
) -> Vec<(String, String)> {
    let gone: Vec<_> = found.iter().filter(|(name, _)| !wanted.contains_key(*name)).collect();
    let new: Vec<_> = wanted.iter().filter(|(name, _)| !found.contains_key(*name)).collect();
    let mut pairs = Vec::new();
    for (name, one) in &gone {
        let mut alike = new.iter().filter(|(_, other)| same(one, other));
        let (first, more) = (alike.next(), alike.next());
        let is_only = first.is_some_and(|(_, other)| gone.iter().filter(|(_, one)| same(one, other)).count() == 1);
        if let (Some((new, _)), None, true) = (first, more, is_only) {
            pairs.push(((*name).clone(), (*new).clone()));
        }
    }
    pairs
}
