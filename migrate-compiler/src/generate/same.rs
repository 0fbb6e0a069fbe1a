//! Constraints and indexes that are the same under another name: renaming them loses nothing.

use migrate_core::catalog::{Catalog, Constraint, Index};
use migrate_core::difference::Renames;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, ObjectId};
use migrate_core::operation::Operate as _;
use migrate_core::sorted::SortedMap;

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
        // The sequence of a serial column goes on counting where it is.
        for (id, column) in sequences_of(name, &renamed) {
            let wanted = sequences_of(name, goal).into_iter().find(|(_, of)| *of == column);
            let Some((wanted, _)) = wanted.filter(|(wanted, _)| wanted.name != id.name) else { continue };
            // It is moved with its table.
            let now = ObjectId { name: QualifiedName { schema: old.schema.clone(), ..id.name.clone() }, ..id };
            let to = now.name.sibling(wanted.name.name);
            all.objects.entry(now).or_insert(to);
        }
    }
    all
}

/// The sequences that columns of a table own, with these columns.
fn sequences_of(table: &QualifiedName, catalog: &Catalog) -> Vec<(ObjectId, String)> {
    let owned = catalog.objects.iter().filter_map(|(id, object)| match &object.definition {
        Definition::Sequence(sequence) => {
            let (of, column) = sequence.owned_by.as_ref()?;
            (id.name.sibling(of.as_str()) == *table).then(|| (id.clone(), column.clone()))
        }
        _ => None,
    });
    owned.collect()
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
    found: &SortedMap<String, Value>,
    wanted: &SortedMap<String, Value>,
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
