//! The names that the compiler would choose for what has none, as PostgreSQL does.

use migrate_core::catalog::{Catalog, ConstraintKind, Exclusion, IndexKey, Table};
use migrate_core::name::{QualifiedName, free_object_name};

use crate::clause::index_key_name;

/// The name of an index over these keys.
pub(super) fn index(table_name: &QualifiedName, table: &Table, keys: &[IndexKey], catalog: &Catalog) -> String {
    let second = keys.iter().map(|key| index_key_name(&key.expression)).collect::<Vec<_>>().join("_");
    free(table_name, table, Some(&second), "idx", catalog)
}

/// The name of a constraint of a table that has what `table` has so far.
pub(super) fn constraint(
    table_name: &QualifiedName,
    table: &Table,
    kind: &ConstraintKind,
    catalog: &Catalog,
) -> String {
    let (second, label) = match kind {
        ConstraintKind::PrimaryKey(_) => (None, "pkey"),
        ConstraintKind::Unique(key) => (Some(key.columns.join("_")), "key"),
        ConstraintKind::ForeignKey(key) => (Some(key.columns.join("_")), "fkey"),
        ConstraintKind::Exclusion(exclusion) => (Some(keys_of(exclusion)), "excl"),
        ConstraintKind::Check(expression) => {
            let columns = expression.columns();
            let mut columns = columns.iter();
            let only = columns.next().filter(|_| columns.next().is_none());
            (only.map(ToString::to_string), "check")
        }
    };
    free(table_name, table, second.as_deref(), label, catalog)
}

fn keys_of(exclusion: &Exclusion) -> String {
    exclusion.elements.iter().map(|element| index_key_name(&element.key.expression)).collect::<Vec<_>>().join("_")
}

fn free(table_name: &QualifiedName, table: &Table, second: Option<&str>, label: &str, catalog: &Catalog) -> String {
    free_object_name(&table_name.name, second, label, |candidate| {
        table.has_constraint_or_index(candidate) || catalog.has_relation(&table_name.sibling(candidate))
    })
}

/// The name of the trigger and the function of `on update`, where the table has these columns so far.
pub(super) fn on_update(table_name: &QualifiedName, table: &Table, column: &str, catalog: &Catalog) -> String {
    let has_it = |table: &Table, candidate: &str| {
        table.columns.iter().filter_map(|column| column.on_update.as_ref()).any(|one| one.trigger == candidate)
    };
    free_object_name(&table_name.name, Some(column), "on_update", |candidate| {
        let is_routine = catalog.objects.keys().any(|id| id.name.name == candidate);
        is_routine
            || has_it(table, candidate)
            || catalog.tables.iter().any(|(name, table)| name.schema == table_name.schema && has_it(table, candidate))
    })
}
