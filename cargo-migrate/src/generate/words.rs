//! A live catalog in the words of the history: where a replay of the history has the same as the live database, what the history
//! says of it stands in its place. So what a server merely prints otherwise is no difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use migrate_runtime::core::catalog::{Catalog, Column, Table};
use migrate_runtime::core::difference::Renames;
use migrate_runtime::core::operation::Operate as _;

/// The live catalog where it is not as the history left it, and the history's own where it is. `replayed` is the same as
/// `history`, as a server prints it. Names are those of the live catalog after the renames.
pub(super) fn of_history(history: &Catalog, replayed: &Catalog, live: &Catalog, renames: &Renames) -> Catalog {
    let renamed = |catalog: &Catalog| {
        let mut renamed = catalog.clone();
        renames.operations(catalog).iter().for_each(|operation| operation.apply(&mut renamed));
        renamed
    };
    let (history, replayed) = (renamed(history), renamed(replayed));
    let mut goal = live.clone();
    told(&mut goal.extensions, &replayed.extensions, &history.extensions);
    told(&mut goal.enums, &replayed.enums, &history.enums);
    told(&mut goal.objects, &replayed.objects, &history.objects);
    if goal.public == replayed.public {
        goal.public = history.public.clone();
    }
    goal.tables.retain(|name, found| match (replayed.tables.get(name), history.tables.get(name)) {
        (Some(replayed), Some(history)) => {
            *found = Arc::new(table(found, replayed, history));
            true
        }
        // Raw SQL of the history has made it, and nobody has changed it.
        (Some(replayed), None) => found != replayed,
        (None, _) => true,
    });
    goal.by_hand = history.by_hand.clone();
    goal.grants_by_hand = history.grants_by_hand;
    goal
}

/// The same of what has a name, and goes where raw SQL of the history has made it.
fn told<Name: Ord, Value: PartialEq + Clone>(
    goal: &mut BTreeMap<Name, Value>,
    replayed: &BTreeMap<Name, Value>,
    history: &BTreeMap<Name, Value>,
) {
    goal.retain(|name, found| match (replayed.get(name) == Some(found), history.get(name)) {
        (true, Some(said)) => {
            *found = said.clone();
            true
        }
        (true, None) => false,
        (false, _) => true,
    });
}

fn table(live: &Table, replayed: &Table, history: &Table) -> Table {
    let mut goal = live.clone();
    told(&mut goal.constraints, &replayed.constraints, &history.constraints);
    told(&mut goal.indexes, &replayed.indexes, &history.indexes);
    goal.columns = live.columns.iter().map(|column| self::column(column, replayed, history)).collect();
    if goal.access == replayed.access {
        goal.access = history.access.clone();
    }
    if goal.settings == replayed.settings {
        goal.settings = history.settings.clone();
    }
    if goal.partitioning == replayed.partitioning {
        goal.partitioning = history.partitioning.clone();
    }
    if goal.partition_of == replayed.partition_of {
        goal.partition_of = history.partition_of.clone();
    }
    goal
}

fn column(live: &Column, replayed: &Table, history: &Table) -> Column {
    let (Some(replayed), Some(said)) = (replayed.column(&live.name), history.column(&live.name)) else {
        return live.clone();
    };
    let mut goal = live.clone();
    if goal.default == replayed.default {
        goal.default = said.default.clone();
    }
    if goal.generated == replayed.generated {
        goal.generated = said.generated.clone();
    }
    if goal.on_update == replayed.on_update {
        goal.on_update = said.on_update.clone();
    }
    if (&goal.identity, &goal.sequence) == (&replayed.identity, &replayed.sequence) {
        (goal.identity, goal.sequence) = (said.identity, said.sequence.clone());
    }
    if goal.grants == replayed.grants {
        goal.grants = said.grants.clone();
    }
    if goal.collation == replayed.collation {
        goal.collation = said.collation.clone();
    }
    goal
}
