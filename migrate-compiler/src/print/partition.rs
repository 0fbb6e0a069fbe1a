//! Partitioned tables and partitions.

use migrate_core::catalog::{
    AccessTarget, Catalog, PartitionBound, PartitionOf, Partitioning, RangeLimit, Table, TableSettings,
};
use migrate_core::name::QualifiedName;
use migrate_core::operation::{CommentTarget, partitions};
use migrate_core::types::Type;

use super::{Behind, Piece, Printed, Unprintable, comment, index, privileges, qualified, value};

/// `partition by range (at)`
pub(super) fn by(partitioning: &Partitioning, catalog: &Catalog) -> Printed {
    let strategy = partitioning.strategy.keyword().to_lowercase();
    Ok(format!("partition by {strategy} ({})", index::keys(&partitioning.keys, catalog)?))
}

/// `for values from (...) to (...)`, `default`
pub(crate) fn bound(bound: &PartitionBound, parent: &QualifiedName, catalog: &Catalog) -> Printed {
    let types = catalog.partition_key_types(parent);
    let one = |written: &migrate_core::expression::Expression, place: usize| {
        let data_type = types.get(place).cloned().unwrap_or(Type::TEXT);
        value(written, &data_type, Behind::Nothing, catalog)
    };
    let limits = |limits: &[RangeLimit]| -> Printed {
        let each = limits.iter().enumerate().map(|(place, limit)| match limit {
            RangeLimit::MinValue => Ok("minvalue".to_owned()),
            RangeLimit::MaxValue => Ok("maxvalue".to_owned()),
            RangeLimit::Value(value) => one(value, place),
        });
        Ok(each.collect::<Printed<Vec<_>>>()?.join(", "))
    };
    Ok(match bound {
        PartitionBound::Default => "default".to_owned(),
        PartitionBound::Range { from, to } => format!("for values from ({}) to ({})", limits(from)?, limits(to)?),
        PartitionBound::List(values) => {
            let values = values.iter().map(|value| one(value, 0)).collect::<Printed<Vec<_>>>()?;
            format!("for values in ({})", values.join(", "))
        }
        PartitionBound::Hash { modulus, remainder } => {
            format!("for values with (modulus {modulus}, remainder {remainder})")
        }
    })
}

/// `create table events_2026 partition of events ...`, where it has nothing but what its table has; else a table of its
/// own, which is attached.
pub(super) fn create(name: &QualifiedName, table: &Table, of: &PartitionOf, catalog: &Catalog) -> Printed<Vec<Piece>> {
    let Some(parent) = catalog.table(&of.parent) else {
        return Err(Unprintable::new(format!("the partition `{name}`"), format!("there is no table `{}`", of.parent)));
    };
    let bound_text = bound(&of.bound, &of.parent, catalog)?;
    let mut plain = as_made(name, parent, catalog);
    plain.partitioning.clone_from(&table.partitioning);
    plain.partition_of = Some(of.clone());
    plain.settings.clone_from(&table.settings);
    // What names an index of its own is said behind it.
    let is_late = plain.settings.replica_identity != Default::default();
    let bare = Table { comment: None, access: Default::default(), row_security: Default::default(), ..table.clone() };
    if plain == bare {
        let unlogged = if table.settings.unlogged { "unlogged " } else { "" };
        let (own, whole) = (qualified(name), qualified(&of.parent));
        let mut item = format!("create {unlogged}table {own} partition of {whole} {bound_text}");
        if let Some(partitioning) = &table.partitioning {
            item.push_str(&format!(" {}", by(partitioning, catalog)?));
        }
        if !table.settings.parameters.is_empty() {
            item.push_str(&format!(" with {}", super::storage(&table.settings.parameters)));
        }
        let (lines, after) = comment::split(table.comment.as_deref(), &CommentTarget::Table(name.clone()));
        let mut pieces = vec![Piece::item(item).with_comment(lines)];
        pieces.extend(after);
        let alter = format!("alter table {}", qualified(name));
        for (is_set, words) in [
            (table.row_security.is_enabled, "enable row level security"),
            (table.row_security.is_forced, "force row level security"),
        ] {
            if is_set {
                pieces.push(Piece::action(alter.clone(), words));
            }
        }
        if is_late {
            let made = TableSettings { replica_identity: Default::default(), ..table.settings.clone() };
            pieces.extend(super::settings::change_table(name, &made, &table.settings));
        }
        pieces.extend(privileges::access(&AccessTarget::Table(name.clone()), &table.access)?);
        return Ok(pieces);
    }
    let mut own = Table { partition_of: None, ..table.clone() };
    own.constraints.values_mut().for_each(|constraint| constraint.attached_to = None);
    own.indexes.values_mut().for_each(|index| index.attached_to = None);
    let mut pieces = super::table::plain(name, &own, &[], catalog)?;
    pieces.extend(super::table::beside(name, &own, catalog)?);
    pieces.push(Piece::action(
        format!("alter table {}", qualified(&of.parent)),
        format!("attach partition {} {bound_text}", qualified(name)),
    ));
    Ok(pieces)
}

/// A partition as `create table ... partition of` makes it.
fn as_made(name: &QualifiedName, parent: &Table, catalog: &Catalog) -> Table {
    let columns = parent.columns.iter().map(partitions::column_of_partition).collect();
    let mut table = Table { columns, ..Table::default() };
    for (of, constraint) in parent.constraints.iter().filter(|(_, constraint)| !constraint.no_inherit) {
        let own = partitions::name_of_constraint(of, &constraint.kind, name, &table, catalog);
        table.constraints.insert(own, partitions::constraint_of_partition(of, constraint));
    }
    for (of, index) in &parent.indexes {
        let own = partitions::name_of_index(index, name, &table, catalog);
        table.indexes.insert(own, partitions::index_of_partition(of, index));
    }
    table
}
