//! Foreign tables as source.

use migrate_core::catalog::{Catalog, PartitionOf};
use migrate_core::name::object_name;
use migrate_core::object::{ForeignCheck, ForeignColumn, ForeignTable, ObjectId};
use migrate_core::operation::partitions;
use migrate_core::sorted::SortedMap;

use super::default_value::print_changed_default;
use super::foreign_column::print_column;
use super::options::{print_changed_options, print_options};
use crate::print::{Piece, Printed, Unprintable, bound, bracketed, name, qualified};

/// What stands behind `create`.
pub(super) fn print(id: &ObjectId, table: &ForeignTable, catalog: &Catalog) -> Printed {
    let what = match &table.partition_of {
        Some(of) => format!("partition of {} {}", qualified(&of.parent), bound(&of.bound, &of.parent, catalog)?),
        None => {
            let columns = table.columns.iter().filter(|column| !column.inherited);
            let columns = columns.map(|column| print_column(column, catalog));
            let checks = table.checks.iter().filter(|(_, check)| !check.inherited);
            let checks = checks.map(|(name, check)| print_check(name, check, table, id, catalog));
            let entries = columns.chain(checks).collect::<Printed<Vec<String>>>()?.join(", ");
            let parents: Vec<String> = table.inherits.iter().map(qualified).collect();
            let inherits =
                if parents.is_empty() { String::new() } else { format!(" inherits ({})", parents.join(", ")) };
            format!("{{ {entries} }}{inherits}")
        }
    };
    let (own, server, options) = (qualified(&id.name), name(&table.server), print_options(&table.options));
    Ok(format!("foreign table {own} {what} server {server}{options}"))
}

/// It as `create` makes it.
pub(super) fn as_made(table: &ForeignTable, catalog: &Catalog) -> ForeignTable {
    let mut made = table.clone();
    if let Some(of) = &table.partition_of {
        let Some(parent) = catalog.table(&of.parent) else { return made };
        made.columns = parent
            .columns
            .iter()
            .map(|column| ForeignColumn::of_parent(&partitions::column_of_partition(column)))
            .collect();
        made.checks.retain(|_, check| check.inherited);
        return made;
    }
    made.checks.retain(|_, check| !check.not_valid || check.inherited);
    made.as_inherited(catalog)
}

/// What leads from one definition to the other.
pub(super) fn print_change(
    id: &ObjectId,
    before: &ForeignTable,
    after: &ForeignTable,
    catalog: &Catalog,
) -> Printed<Vec<Piece>> {
    let mut made = before.clone();
    let stays = |name: &String, check: &ForeignCheck| {
        let validated = ForeignCheck { not_valid: false, ..check.clone() };
        let as_it_was = |other: &ForeignCheck| ForeignCheck { inherited: check.inherited, ..other.clone() };
        after.checks.get(name).map(as_it_was).is_some_and(|other| other == *check || other == validated)
    };
    made.checks.retain(|name, check| stays(name, check));
    let gone = before.checks.iter().filter(|(name, check)| !stays(name, check));
    let is_left = |of: &&PartitionOf| after.partition_of.as_ref() != Some(*of);
    let detached = before.partition_of.as_ref().filter(is_left).map(|of| {
        let action = format!("detach partition {}", qualified(&id.name));
        Piece::action(format!("alter table {}", qualified(&of.parent)), action)
    });
    let ended = before.inherits.iter().filter(|parent| !after.inherits.contains(parent));
    let mut actions: Vec<String> = ended.map(|parent| format!("no inherit {}", qualified(parent))).collect();
    actions.extend(gone.map(|(check, _)| format!("drop constraint {}", name(check))));
    made.columns.retain(|column| after.column(&column.name).is_some());
    let gone = before.columns.iter().filter(|column| after.column(&column.name).is_none());
    actions.extend(gone.map(|column| format!("drop {}", name(&column.name))));
    for column in &after.columns {
        let Some(known) = made.columns.iter_mut().find(|known| known.name == column.name) else {
            actions.push(format!("add {}", print_column(column, catalog)?));
            made.columns.push(column.clone());
            continue;
        };
        let ForeignColumn { options, default, generated, inherited, .. } = known.clone();
        if generated == column.generated && (ForeignColumn { options, default, inherited, ..column.clone() }) != *known
        {
            let bare = ForeignColumn { options: SortedMap::new(), default: None, generated: None, ..column.clone() };
            actions.push(format!("alter {}", print_column(&bare, catalog)?));
        }
        let (was, is) = (known.default.as_ref(), column.default.as_ref());
        let default = print_changed_default(was, is, Some(&column.data_type), catalog)?;
        actions.extend(default.map(|default| format!("alter {} {default}", name(&column.name))));
        let options = print_changed_options(&known.options, &column.options);
        actions.extend(options.map(|options| format!("alter {} {options}", name(&column.name))));
        *known = ForeignColumn { generated, ..column.clone() };
    }
    for (check_name, check) in &after.checks {
        match made.checks.get(check_name) {
            None => {
                let not_valid = if check.not_valid { " not valid" } else { "" };
                actions.push(format!("add {}{not_valid}", print_check(check_name, check, after, id, catalog)?));
            }
            Some(known) if known.not_valid != check.not_valid => {
                actions.push(format!("validate constraint {}", name(check_name)))
            }
            Some(_) => {}
        }
        made.checks.insert(check_name.clone(), check.clone());
    }
    actions.extend(print_changed_options(&before.options, &after.options));
    made.options.clone_from(&after.options);
    let begun = after.inherits.iter().filter(|parent| !before.inherits.contains(parent));
    actions.extend(begun.map(|parent| format!("inherit {}", qualified(parent))));
    let is_new = |of: &&PartitionOf| before.partition_of.as_ref() != Some(*of);
    let attached = after.partition_of.as_ref().filter(is_new).map(|of| {
        let bound = bound(&of.bound, &of.parent, catalog)?;
        let action = format!("attach partition {} {bound}", qualified(&id.name));
        Ok(Piece::action(format!("alter table {}", qualified(&of.parent)), action))
    });
    let attached = attached.transpose()?;
    made.inherits.clone_from(&after.inherits);
    made.partition_of.clone_from(&after.partition_of);
    let is_moved = attached.is_some() || detached.is_some();
    if made != *after || (actions.is_empty() && !is_moved) {
        let what = format!("a change of {}", id.told());
        return Err(Unprintable::new(what, "it must be dropped and created again"));
    }
    let actions = actions.into_iter().map(|text| super::action(id, text));
    Ok(detached.into_iter().chain(actions).chain(attached).collect())
}

/// `constraint NAME check (...)`, without the name where it is the one that would be chosen.
fn print_check(
    check_name: &str,
    check: &ForeignCheck,
    table: &ForeignTable,
    id: &ObjectId,
    catalog: &Catalog,
) -> Printed {
    let implied = |check: &ForeignCheck| {
        let columns = check.condition.columns();
        let only = if let [only] = columns.as_slice() { Some(*only) } else { None };
        object_name(&id.name.name, only, "check")
    };
    let own = implied(check);
    let is_implied = own == check_name && table.checks.values().filter(|other| implied(other) == own).count() == 1;
    let named = if is_implied { String::new() } else { format!("constraint {} ", name(check_name)) };
    let no_inherit = if check.no_inherit { " no inherit" } else { "" };
    Ok(format!("{named}check {}{no_inherit}", bracketed(&check.condition, catalog)?))
}
