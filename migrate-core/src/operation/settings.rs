//! The statements that bring a table or a column from some settings to others.

use super::ddl;
use crate::catalog::{Column, ColumnSettings, Compression, ReplicaIdentity, Storage, Table, TableSettings};
use crate::name::QualifiedName;
use crate::plan::{Duration, LockMode, Lowering};
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;
use crate::types::Type;

/// Adds the statements that change how a table is kept.
pub(super) fn lower_table(table: &QualifiedName, from: &TableSettings, to: &TableSettings, plan: &mut Lowering) {
    if from.unlogged != to.unlogged {
        let words = if to.unlogged { "SET UNLOGGED" } else { "SET LOGGED" };
        plan.sql(ddl::alter_table(table).keyword(words).finish())
            .locking(table, LockMode::AccessExclusive)
            .taking(Duration::Rewrite);
    }
    for sql in change_parameters(|| ddl::alter_table(table), &from.parameters, &to.parameters) {
        plan.sql(sql).locking_only(table, LockMode::ShareUpdateExclusive);
    }
    if from.replica_identity != to.replica_identity {
        let writer = ddl::alter_table(table).keyword("REPLICA IDENTITY");
        let writer = match &to.replica_identity {
            ReplicaIdentity::Default => writer.keyword("DEFAULT"),
            ReplicaIdentity::Full => writer.keyword("FULL"),
            ReplicaIdentity::Nothing => writer.keyword("NOTHING"),
            ReplicaIdentity::Index(index) => writer.keyword("USING INDEX").identifier(index),
        };
        plan.sql(writer.finish()).locking_only(table, LockMode::AccessExclusive);
    }
}

/// Adds the statements for a new table, beyond what `CREATE TABLE` says: its replica identity, and its columns.
pub(super) fn lower_new_table(table: &QualifiedName, definition: &Table, plan: &mut Lowering) {
    let made = TableSettings { replica_identity: ReplicaIdentity::Default, ..definition.settings.clone() };
    lower_table(table, &made, &definition.settings, plan);
    for column in &definition.columns {
        lower_new_column(table, column, plan);
    }
}

/// Adds the statements for a new column.
pub(super) fn lower_new_column(table: &QualifiedName, column: &Column, plan: &mut Lowering) {
    lower_column(table, &column.name, &column.data_type, (&ColumnSettings::default(), &column.settings), plan);
}

/// Adds the statements that change how a column is kept.
pub(super) fn lower_column(
    table: &QualifiedName,
    column: &str,
    data_type: &Type,
    (from, to): (&ColumnSettings, &ColumnSettings),
    plan: &mut Lowering,
) {
    let alter = || ddl::alter_column(table, column);
    if from.storage != to.storage {
        // `DEFAULT` is known from 16 on.
        let storage = to.storage.unwrap_or(Storage::of(data_type));
        let sql = alter().keyword("SET STORAGE").keyword(storage.keyword()).finish();
        // This and the statistics target go to all tables below, and nothing else here does (`ATPrepCmd`).
        plan.sql(sql).locking_all(table, LockMode::AccessExclusive);
    }
    if from.compression != to.compression {
        let word = to.compression.map_or("DEFAULT", Compression::keyword);
        let sql = alter().keyword("SET COMPRESSION").keyword(word).finish();
        plan.sql(sql).locking_only(table, LockMode::AccessExclusive);
    }
    if from.statistics != to.statistics {
        let target = to.statistics.map_or(-1, i64::from);
        let sql = alter().keyword("SET STATISTICS").integer(target).finish();
        plan.sql(sql).locking_all(table, LockMode::ShareUpdateExclusive);
    }
    for sql in change_parameters(alter, &from.parameters, &to.parameters) {
        plan.sql(sql).locking_only(table, LockMode::ShareUpdateExclusive);
    }
}

/// Adds the statements that change the statistics targets of the keys of an index.
pub(super) fn lower_statistics(
    index: &QualifiedName,
    from: &SortedMap<u16, i32>,
    to: &SortedMap<u16, i32>,
    plan: &mut Lowering,
) {
    let places: SortedSet<u16> = from.keys().chain(to.keys()).copied().collect();
    for place in places {
        let (from, to) = (from.get(&place), to.get(&place));
        if from != to {
            let alter = Writer::new()
                .keyword("ALTER INDEX")
                .name(index)
                .keyword("ALTER COLUMN")
                .integer(i64::from(place))
                .keyword("SET STATISTICS");
            plan.sql(alter.integer(to.map_or(-1, |target| i64::from(*target))).finish());
        }
    }
}

/// `SET (...)` for what is new or otherwise, `RESET (...)` for what is gone.
pub(crate) fn change_parameters(
    alter: impl Fn() -> Writer,
    from: &SortedMap<String, String>,
    to: &SortedMap<String, String>,
) -> Vec<String> {
    let set: SortedMap<String, String> =
        to.iter().filter(|(name, value)| from.get(*name) != Some(value)).map(|(n, v)| (n.clone(), v.clone())).collect();
    let reset: Vec<&String> = from.keys().filter(|name| !to.contains_key(*name)).collect();
    let mut statements = Vec::new();
    if !set.is_empty() {
        statements.push(ddl::parameters(alter().keyword("SET"), &set).finish());
    }
    if !reset.is_empty() {
        statements.push(alter().keyword("RESET").list(reset, |writer, name| ddl::parameter(writer, name)).finish());
    }
    statements
}
