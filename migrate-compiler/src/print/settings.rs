//! How tables and columns are kept.

use migrate_core::catalog::{Column, ColumnSettings, ReplicaIdentity, Table, TableSettings};
use migrate_core::name::QualifiedName;
use migrate_core::object::Sequence;
use migrate_core::operation::{SetIdentity, plain_sequence};
use migrate_core::sorted::SortedMap;

use super::alteration::action;
use super::{Piece, Printed, name, storage};
use crate::object::{print_changed_identity, print_identity_options};

/// The settings among the options of a column, with a space before each.
pub(super) fn of_column(settings: &ColumnSettings) -> String {
    let mut written = String::new();
    if let Some(storage) = settings.storage {
        written.push_str(&format!(" storage {}", storage.keyword().to_lowercase()));
    }
    if let Some(compression) = settings.compression {
        written.push_str(&format!(" compression {}", compression.keyword().to_lowercase()));
    }
    if let Some(statistics) = settings.statistics {
        written.push_str(&format!(" statistics {statistics}"));
    }
    written
}

/// What only `alter table` can say of the settings of a new column.
pub(super) fn beside_column(table: &QualifiedName, column: &Column) -> Vec<Piece> {
    let parameters = &column.settings.parameters;
    match parameters.is_empty() {
        true => Vec::new(),
        false => action(table, format!("alter {} set {}", name(&column.name), storage(parameters))),
    }
}

/// Actions that lead from some settings of a column to others.
pub(super) fn change_column(
    table: &QualifiedName,
    column: &str,
    before: &ColumnSettings,
    after: &ColumnSettings,
) -> Vec<Piece> {
    let mut actions = Vec::new();
    if before.storage != after.storage {
        let word = after.storage.map_or_else(|| "default".to_owned(), |storage| storage.keyword().to_lowercase());
        actions.push(format!("set storage {word}"));
    }
    if before.compression != after.compression {
        let word = after.compression.map_or_else(|| "default".to_owned(), |one| one.keyword().to_lowercase());
        actions.push(format!("set compression {word}"));
    }
    if before.statistics != after.statistics {
        let target = after.statistics.map_or_else(|| "default".to_owned(), |target| target.to_string());
        actions.push(format!("set statistics {target}"));
    }
    actions.extend(change_parameters(&before.parameters, &after.parameters));
    actions.into_iter().flat_map(|text| action(table, format!("alter {} {text}", name(column)))).collect()
}

/// `set (...)` and `reset (...)`
pub(crate) fn change_parameters(before: &SortedMap<String, String>, after: &SortedMap<String, String>) -> Vec<String> {
    let is_new = |(name, value): &(&String, &String)| before.get(*name) != Some(*value);
    let set: SortedMap<String, String> =
        after.iter().filter(is_new).map(|(name, value)| (name.clone(), value.clone())).collect();
    let gone: Vec<String> = before.keys().filter(|name| !after.contains_key(*name)).cloned().collect();
    let mut actions = Vec::new();
    if !set.is_empty() {
        actions.push(format!("set {}", storage(&set)));
    }
    if !gone.is_empty() {
        actions.push(format!("reset ({})", gone.join(", ")));
    }
    actions
}

/// `replica identity full`
fn replica_identity(written: &ReplicaIdentity) -> String {
    match written {
        ReplicaIdentity::Index(index) => format!("replica identity using index {}", name(index)),
        other => format!("replica identity {}", other.told()),
    }
}

/// The entry for the replica identity, where `create table` can say it: an index must be there by then.
pub(super) fn replica_identity_entry(table: &Table) -> Option<String> {
    let written = &table.settings.replica_identity;
    let is_there = match written {
        ReplicaIdentity::Default => return None,
        ReplicaIdentity::Index(index) => table.constraints.contains_key(index),
        _ => true,
    };
    is_there.then(|| replica_identity(written))
}

/// The replica identity of a new table that has to wait for its index.
pub(super) fn late_replica_identity(table_name: &QualifiedName, table: &Table) -> Vec<Piece> {
    match (&table.settings.replica_identity, replica_identity_entry(table)) {
        (ReplicaIdentity::Default, _) | (_, Some(_)) => Vec::new(),
        (written, None) => action(table_name, replica_identity(written)),
    }
}

/// Actions that lead from some settings of a table to others.
pub(super) fn change_table(table: &QualifiedName, before: &TableSettings, after: &TableSettings) -> Vec<Piece> {
    let mut actions = Vec::new();
    match (before.unlogged, after.unlogged) {
        (false, true) => actions.push("set unlogged".to_owned()),
        (true, false) => actions.push("set logged".to_owned()),
        _ => {}
    }
    actions.extend(change_parameters(&before.parameters, &after.parameters));
    if before.replica_identity != after.replica_identity {
        actions.push(replica_identity(&after.replica_identity));
    }
    actions.into_iter().flat_map(|text| action(table, text)).collect()
}

/// `alter id add generated always as identity`, `set generated ...`, `drop identity`
pub(super) fn set_identity(operation: &SetIdentity, before: Option<&Column>) -> Printed<Vec<Piece>> {
    use migrate_core::catalog::Identity;
    let column = name(&operation.column);
    let words = |identity: Identity| match identity {
        Identity::Always => "generated always",
        Identity::ByDefault => "generated by default",
    };
    let was = before.and_then(|column| column.identity);
    let text = match (was, operation.identity) {
        (_, None) => "drop identity".to_owned(),
        (None, Some(identity)) => {
            format!("add {} as identity{}", words(identity), print_identity_options(operation.sequence.as_deref()))
        }
        (Some(_), Some(identity)) => {
            let plain = before.and_then(|column| plain_sequence(&column.data_type));
            let was = before.and_then(|column| column.sequence.as_deref()).or(plain.as_ref());
            let is = operation.sequence.as_deref().or(plain.as_ref());
            let implied = Sequence::name_of_identity(None, &operation.table, &operation.column);
            let options = is.map_or_else(String::new, |is| print_changed_identity(is, was, Some(&implied.name)));
            format!("set {}{options}", words(identity))
        }
    };
    Ok(action(&operation.table, format!("alter {column} {text}")))
}
