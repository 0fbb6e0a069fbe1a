//! A live catalog in the words of the history: where a replay of the history has the same as the live database, what the history
//! says of it stands in its place. So what a server merely prints otherwise is not a difference.

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
    say(&mut goal.public, &replayed.public, &history.public);
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
fn told<Map, Name: Ord, Value: PartialEq + Clone>(goal: &mut Map, replayed: &Map, history: &Map)
where
    Map: Default + IntoIterator<Item = (Name, Value)> + FromIterator<(Name, Value)>,
    for<'map> &'map Map: IntoIterator<Item = (&'map Name, &'map Value)>,
{
    let [replayed, history] = [replayed, history].map(|map| map.into_iter().collect::<BTreeMap<&Name, &Value>>());
    let told = |(name, found)| match (replayed.get(&name) == Some(&&found), history.get(&name)) {
        (true, Some(said)) => Some((name, Value::clone(said))),
        (true, None) => None,
        (false, _) => Some((name, found)),
    };
    *goal = std::mem::take(goal).into_iter().filter_map(told).collect();
}

/// The same of one fact.
fn say<Value: PartialEq + Clone>(goal: &mut Value, replayed: &Value, history: &Value) {
    if goal == replayed {
        goal.clone_from(history);
    }
}

fn table(live: &Table, replayed: &Table, history: &Table) -> Table {
    let mut goal = live.clone();
    told(&mut goal.constraints, &replayed.constraints, &history.constraints);
    told(&mut goal.indexes, &replayed.indexes, &history.indexes);
    goal.columns = live.columns.iter().map(|column| self::column(column, replayed, history)).collect();
    say(&mut goal.access, &replayed.access, &history.access);
    say(&mut goal.settings, &replayed.settings, &history.settings);
    say(&mut goal.partitioning, &replayed.partitioning, &history.partitioning);
    say(&mut goal.partition_of, &replayed.partition_of, &history.partition_of);
    goal
}

fn column(live: &Column, replayed: &Table, history: &Table) -> Column {
    let (Some(replayed), Some(said)) = (replayed.column(&live.name), history.column(&live.name)) else {
        return live.clone();
    };
    let mut goal = live.clone();
    say(&mut goal.default, &replayed.default, &said.default);
    say(&mut goal.generated, &replayed.generated, &said.generated);
    say(&mut goal.on_update, &replayed.on_update, &said.on_update);
    if (&goal.identity, &goal.sequence) == (&replayed.identity, &replayed.sequence) {
        (goal.identity, goal.sequence) = (said.identity, said.sequence.clone());
    }
    say(&mut goal.grants, &replayed.grants, &said.grants);
    say(&mut goal.collation, &replayed.collation, &said.collation);
    goal
}
