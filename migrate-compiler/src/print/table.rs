//! `create table`.

use migrate_core::catalog::{AccessTarget, Catalog, Column, Constraint, Table};
use migrate_core::name::QualifiedName;
use migrate_core::operation::{CommentTarget, SetDefault};
use migrate_core::sorted::{SortedMap, SortedSet};

use super::{
    Piece, Printed, Unprintable, column, comment, constraint, implied, index, partition, privileges, qualified,
    settings, storage,
};

/// What makes a table, with its comments, indexes, owner and privileges.
pub(super) fn create(
    table_name: &QualifiedName,
    table: &Table,
    serials: &[String],
    catalog: &Catalog,
) -> Printed<Vec<Piece>> {
    if let Some(of) = &table.partition_of {
        return partition::create(table_name, table, of, catalog);
    }
    let mut pieces = plain(table_name, table, serials, catalog)?;
    pieces.extend(beside(table_name, table, catalog)?);
    Ok(pieces)
}

/// The table itself, as one that is not a partition.
pub(super) fn plain(
    table_name: &QualifiedName,
    table: &Table,
    serials: &[String],
    catalog: &Catalog,
) -> Printed<Vec<Piece>> {
    let mut after = Vec::new();
    let mut entries: Vec<String> = Vec::new();
    let placed = place(table_name, table, catalog)?;
    let mut so_far = Table::default();
    so_far.columns.extend(table.columns.iter().filter(|one| one.inherited).cloned());
    for one in table.columns.iter().filter(|one| !one.inherited) {
        let target = CommentTarget::Column(table_name.clone(), one.name.clone());
        let (lines, rest) = comment::split(one.comment.as_deref(), &target);
        after.extend(rest);
        let mut entry = comment::lines(lines);
        entry.push_str(&column::column(one, table_name, &so_far, serials.contains(&one.name), catalog)?);
        for written in placed.of_columns.get(one.name.as_str()).into_iter().flatten() {
            entry.push_str(&format!(" {written}"));
        }
        entries.push(entry);
        so_far.columns.push(one.clone());
    }
    for (name, written) in &placed.entries {
        let text = table.constraints.get(*name).and_then(|one| one.comment.as_deref());
        let (lines, rest) = comment::split(text, &CommentTarget::Constraint(table_name.clone(), (*name).to_owned()));
        after.extend(rest);
        entries.push(format!("{}{written}", comment::lines(lines)));
    }
    for (is_set, words) in [
        (table.row_security.is_enabled, "enable row level security"),
        (table.row_security.is_forced, "force row level security"),
    ] {
        if is_set {
            entries.push(words.to_owned());
        }
    }
    entries.extend(settings::replica_identity_entry(table));
    let unlogged = if table.settings.unlogged { "unlogged " } else { "" };
    let mut item = format!("create {unlogged}table {} {{\n", qualified(table_name));
    entries.iter().for_each(|entry| item.push_str(&format!("{entry},\n")));
    item.push('}');
    if !table.inherits.is_empty() {
        let parents: Vec<String> = table.inherits.iter().map(qualified).collect();
        item.push_str(&format!(" inherits ({})", parents.join(", ")));
        after.extend(inherited(table_name, table, catalog)?);
    }
    if let Some(partitioning) = &table.partitioning {
        item.push_str(&format!(" {}", partition::by(partitioning, catalog)?));
    }
    if !table.settings.parameters.is_empty() {
        item.push_str(&format!(" with {}", storage(&table.settings.parameters)));
    }
    let own = table.columns.iter().filter(|column| !column.inherited);
    after.extend(own.flat_map(|column| settings::beside_column(table_name, column)));
    let (lines, rest) = comment::split(table.comment.as_deref(), &CommentTarget::Table(table_name.clone()));
    Ok(std::iter::once(Piece::item(item).with_comment(lines)).chain(rest).chain(after).collect())
}

/// What makes the columns that are inherited what they are, where that is not what they are inherited as.
fn inherited(table_name: &QualifiedName, table: &Table, catalog: &Catalog) -> Printed<Vec<Piece>> {
    let unprintable = |why: String| Unprintable::new(format!("table `{table_name}`"), why);
    let parents = catalog.inherited_from(table);
    if parents.len() != table.inherits.len() {
        return Err(unprintable("a table that it inherits from is not known".to_owned()));
    }
    let inherited = migrate_core::catalog::inheritance::inherited(&parents, &|column| {
        table.column(column).is_some_and(|own| !own.inherited && own.default.is_some())
    });
    let mut made = catalog.clone();
    let inherited = inherited.map_err(|conflict| unprintable(conflict.message))?;
    made.tables.insert(table_name.clone(), inherited.clone().into());
    let mut pieces = Vec::new();
    for own in table.columns.iter().filter(|own| own.inherited) {
        let Some(as_made) = inherited.column(&own.name) else {
            return Err(unprintable(format!("no table that it inherits from has a column `{}`", own.name)));
        };
        if own.on_update.is_some() || own.generated != as_made.generated || own.identity.is_some() {
            return Err(unprintable(format!(
                "`{}` is not generated in the same way as the inherited column",
                own.name
            )));
        }
        for operation in migrate_core::operation::inheritance::differing(table_name, own, as_made) {
            pieces.extend(super::operation::pieces(&operation, &made)?);
        }
    }
    // A column of its own that says no default gets the one that it inherits.
    let has_none = |own: &&Column| !own.inherited && own.default.is_none();
    for own in table.columns.iter().filter(has_none) {
        if inherited.column(&own.name).is_some_and(|as_made| as_made.default.is_some()) {
            let drop = SetDefault { table: table_name.clone(), column: own.name.clone(), default: None };
            pieces.extend(super::operation::pieces(&drop.into(), &made)?);
        }
    }
    Ok(pieces)
}

/// What stands in items of its own: indexes, the owner, privileges.
pub(super) fn beside(table_name: &QualifiedName, table: &Table, catalog: &Catalog) -> Printed<Vec<Piece>> {
    let mut pieces = Vec::new();
    if !table.indexes.is_empty() {
        let mut made = catalog.clone();
        let bare = Table { indexes: SortedMap::new(), ..table.clone() };
        made.tables.insert(table_name.clone(), bare.into());
        for (name, one) in &table.indexes {
            pieces.extend(index::create(table_name, name, one, &made)?);
            if let Some(table) = made.table_mut(table_name) {
                table.indexes.insert(name.clone(), one.clone());
            }
        }
    }
    pieces.extend(settings::late_replica_identity(table_name, table));
    pieces.extend(privileges::access(&AccessTarget::Table(table_name.clone()), &table.access)?);
    for one in table.columns.iter().filter(|one| !one.grants.is_empty()) {
        let target = AccessTarget::Column(table_name.clone(), one.name.clone());
        pieces.extend(privileges::grants(&target, &one.grants)?);
    }
    Ok(pieces)
}

/// Constraints as they are written, where they are written.
#[derive(Default)]
struct Placed<'t> {
    of_columns: SortedMap<&'t str, Vec<String>>,
    entries: Vec<(&'t str, String)>,
}

/// Puts the constraints beside their columns or behind them. The compiler chooses names in this order: what stands with
/// columns, what stands by itself, and foreign keys after all others.
fn place<'t>(table_name: &QualifiedName, table: &'t Table, catalog: &Catalog) -> Printed<Placed<'t>> {
    let mut of_columns: SortedMap<&str, Vec<(&str, &Constraint)>> = SortedMap::new();
    let mut others: Vec<(&str, &Constraint)> = Vec::new();
    let mut taken: SortedSet<(&str, &str)> = SortedSet::new();
    for (name, one) in &table.constraints {
        if one.attached_to.is_some() && !table.inherits.is_empty() {
            continue;
        }
        if one.attached_to.is_some() {
            let what = format!("the constraint `{name}` of `{table_name}`");
            return Err(Unprintable::new(what, "it belongs to that of a partitioned table"));
        }
        let column =
            constraint::only_column(one).filter(|column| table.column(column).is_some_and(|column| !column.inherited));
        // A column with two foreign keys or checks is read better with one of them.
        match column {
            Some(column) if taken.insert((column, one.kind.noun())) => {
                of_columns.entry(column).or_default().push((name, one));
            }
            _ => others.push((name, one)),
        }
    }
    let rank = |one: &Constraint| {
        ["primary key", "unique constraint", "check constraint"]
            .iter()
            .position(|noun| *noun == one.kind.noun())
            .unwrap_or(3)
    };
    of_columns.values_mut().for_each(|found| found.sort_by_key(|(_, one)| rank(one)));
    others.sort_by_key(|(_, one)| rank(one));

    let in_columns = table.columns.iter().flat_map(|column| of_columns.get(column.name.as_str()).into_iter().flatten());
    let (keys, rest): (Vec<_>, Vec<_>) =
        in_columns.chain(&others).copied().partition(|(_, one)| one.kind.noun() == "foreign key");
    let inherited = table.constraints.iter().filter(|(_, one)| one.attached_to.is_some());
    let constraints = inherited.map(|(name, one)| (name.clone(), one.clone())).collect();
    let mut made = Table { columns: table.columns.clone(), constraints, ..Table::default() };
    let mut is_named: SortedMap<&str, bool> = SortedMap::new();
    for (name, one) in rest.into_iter().chain(keys) {
        let implied = implied::constraint(table_name, &made, &one.kind, catalog);
        is_named.insert(name, implied != *name);
        made.constraints.insert(name.to_owned(), one.clone());
    }
    let write = |name: &str, one: &Constraint, is_of_column: bool| {
        constraint::constraint(name, one, is_of_column, is_named.get(name).copied().unwrap_or(true), catalog)
    };
    let mut placed = Placed::default();
    for (column, found) in &of_columns {
        let written = found.iter().map(|(name, one)| write(name, one, true)).collect::<Printed<Vec<_>>>()?;
        placed.of_columns.insert(column, written);
    }
    for (name, one) in others {
        placed.entries.push((name, write(name, one, false)?));
    }
    Ok(placed)
}
