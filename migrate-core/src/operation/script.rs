//! From lists of operations to scripts, both ways.

use std::collections::{BTreeMap, BTreeSet};

use super::{Inverse, Operate, Operation, Touched};
use crate::catalog::Catalog;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering, Place, Script, cut_into_segments};

/// An operation, where it stands in the source, and the hazards allowed there.
pub type Placed = (Operation, Place, Vec<Hazard>);

/// The catalog after the operations.
pub fn fold<'o>(before: &Catalog, operations: impl IntoIterator<Item = &'o Operation>) -> Catalog {
    let mut catalog = before.clone();
    for operation in operations {
        operation.apply(&mut catalog);
    }
    catalog
}

/// The statements of the operations, each lowered against the catalog as the ones before it left it, for servers of
/// this major version and newer.
pub fn lower(before: &Catalog, operations: &[Placed], postgres: u32) -> Script {
    let mut catalog = before.clone();
    let mut plan = Lowering::new(postgres);
    for (operation, place, hazards) in operations {
        plan.at(place.clone(), hazards.clone());
        operation.lower(&catalog, &mut plan);
        operation.apply(&mut catalog);
    }
    cut_into_segments(plan)
}

/// What undoes a list of operations.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// These operations, on the catalog after.
    Operations {
        /// The operations, each with the place of what it undoes.
        operations: Vec<Placed>,
        /// What does not come back.
        loses: Vec<String>,
    },
    /// Not all of it can be derived.
    NotDerivable {
        /// The index of each operation that stands in the way, and why.
        reasons: Vec<(usize, String)>,
    },
}

/// Derives what undoes the operations.
///
/// What is made in the list and changed later in it is undone by dropping it: rows of a new table need no inverse.
pub fn undo(before: &Catalog, operations: &[Placed]) -> Undo {
    let short = undo_with(before, operations, &short_cuts(before, operations));
    if leads_back(before, operations, &short) {
        return short;
    }
    let plain = undo_with(before, operations, &BTreeMap::new());
    match (&short, &plain) {
        (Undo::NotDerivable { .. }, Undo::NotDerivable { .. }) => short,
        _ => plain,
    }
}

fn leads_back(before: &Catalog, operations: &[Placed], undo: &Undo) -> bool {
    match undo {
        Undo::Operations { operations: back, .. } => {
            let after = fold(before, operations.iter().map(|(operation, ..)| operation));
            fold(&after, back.iter().map(|(operation, ..)| operation)).same_as(before)
        }
        Undo::NotDerivable { .. } => false,
    }
}

/// What stands for the inverse of the operation at an index; `None` for nothing.
type ShortCuts = BTreeMap<usize, Option<Operation>>;

fn undo_with(before: &Catalog, operations: &[Placed], short_cuts: &ShortCuts) -> Undo {
    let mut catalog = before.clone();
    let mut inverses: Vec<Vec<Placed>> = Vec::new();
    let mut lost = Vec::new();
    let mut reasons = Vec::new();
    for (index, (operation, place, _)) in operations.iter().enumerate() {
        let inverse = match short_cuts.get(&index) {
            Some(short_cut) => Inverse::operations(short_cut.iter().cloned().collect()),
            None => operation.invert(&catalog),
        };
        match inverse {
            Inverse::Operations { operations, loses } => {
                inverses.push(operations.into_iter().map(|inverse| (inverse, place.clone(), Vec::new())).collect());
                lost.extend(loses);
            }
            Inverse::NotDerivable { why } => reasons.push((index, why)),
        }
        operation.apply(&mut catalog);
    }
    if reasons.is_empty() {
        Undo::Operations { operations: inverses.into_iter().rev().flatten().collect(), loses: lost }
    } else {
        Undo::NotDerivable { reasons }
    }
}

/// Finds the operations that need no inverse, because what they change was made in the same list.
fn short_cuts(before: &Catalog, operations: &[Placed]) -> ShortCuts {
    let mut catalog = before.clone();
    let mut short_cuts = ShortCuts::new();
    // The current name of what is new, and the operation that made it.
    let mut tables: BTreeMap<QualifiedName, usize> = BTreeMap::new();
    let mut enums: BTreeMap<QualifiedName, usize> = BTreeMap::new();
    for (index, (operation, ..)) in operations.iter().enumerate() {
        match operation {
            Operation::CreateTable(create) => {
                tables.insert(create.name.clone(), index);
            }
            Operation::CreateEnum(create) => {
                enums.insert(create.name.clone(), index);
            }
            Operation::RenameTable(rename) => {
                if let Some(made) = tables.remove(&rename.from) {
                    let name = rename.from.sibling(&rename.to);
                    short_cuts.insert(made, Some(super::DropTable { name: name.clone() }.into()));
                    short_cuts.insert(index, None);
                    tables.insert(name, made);
                }
            }
            Operation::RenameEnum(rename) => {
                if let Some(made) = enums.remove(&rename.from) {
                    let name = rename.from.sibling(&rename.to);
                    short_cuts.insert(made, Some(super::DropEnum { name: name.clone() }.into()));
                    short_cuts.insert(index, None);
                    enums.insert(name, made);
                }
            }
            Operation::DropTable(drop) => {
                if let Some(made) = tables.remove(&drop.name) {
                    short_cuts.insert(made, None);
                    short_cuts.insert(index, None);
                }
            }
            Operation::DropEnum(drop) => {
                if let Some(made) = enums.remove(&drop.name) {
                    short_cuts.insert(made, None);
                    short_cuts.insert(index, None);
                }
            }
            _ => {
                if touches_only(operation, &catalog, &tables, &enums) {
                    short_cuts.insert(index, None);
                }
            }
        }
        operation.apply(&mut catalog);
    }
    short_cuts
}

fn touches_only(
    operation: &Operation,
    catalog: &Catalog,
    tables: &BTreeMap<QualifiedName, usize>,
    enums: &BTreeMap<QualifiedName, usize>,
) -> bool {
    let mut touched = Touched::default();
    operation.touch(catalog, &mut touched);
    let mut new = Touched::default();
    tables.keys().for_each(|table| new.table(table));
    enums.keys().for_each(|name| new.type_(name));
    !touched.unknown && touched.objects.is_subset(&new.objects)
}

/// What stops working in application code that does not know of the operations. Nobody knows of what they make.
pub fn breaks(before: &Catalog, operations: &[Operation]) -> Vec<String> {
    let mut catalog = before.clone();
    let mut new = Touched::default();
    let mut broken = Vec::new();
    let mut seen = BTreeSet::new();
    for operation in operations {
        let mut touched = Touched::default();
        operation.touch(&catalog, &mut touched);
        match operation {
            Operation::CreateTable(create) => new.table(&create.name),
            Operation::CreateEnum(create) => new.type_(&create.name),
            Operation::RenameTable(rename) if touched.objects.iter().any(|object| new.objects.contains(object)) => {
                new.table(&rename.from.sibling(&rename.to));
            }
            _ => {}
        }
        if touched.unknown || !touched.objects.is_subset(&new.objects) {
            broken.extend(operation.breaks(&catalog).into_iter().filter(|line| seen.insert(line.clone())));
        }
        operation.apply(&mut catalog);
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::*;
    use super::*;

    fn placed(operations: Vec<Operation>) -> Vec<Placed> {
        let at_line = |(line, operation)| {
            let place = Place { file: "migrations/1_a.rs".into(), line, column: 1 };
            (operation, place, vec![Hazard::DropsData])
        };
        (1..).zip(operations).map(at_line).collect()
    }

    fn trips() -> CreateTable {
        let definition =
            Table { columns: vec![column("id", "bigint"), column("user_id", "bigint?")], ..Table::default() };
        CreateTable { name: name("trips"), definition }
    }

    fn inverse(operations: Vec<Operation>) -> Vec<Operation> {
        match undo(&catalog(), &placed(operations)) {
            Undo::Operations { operations, .. } => operations.into_iter().map(|(operation, ..)| operation).collect(),
            not_derivable => panic!("{not_derivable:?}"),
        }
    }

    #[test]
    fn each_operation_sees_the_catalog_its_elders_made() {
        let reference = AddConstraint {
            table: name("trips"),
            name: "trips_user_id_fkey".into(),
            constraint: foreign_key(&["user_id"], "users", &["id"]),
        };
        let index = CreateIndex { table: name("trips"), name: "i".into(), index: index(&["user_id"]) };
        let script = lower(&catalog(), &placed(vec![trips().into(), reference.into(), index.into()]), 15);
        assert_eq!(
            lines(&script),
            [
                "-- transaction",
                "CREATE TABLE public.trips (\n    id bigint NOT NULL,\n    user_id bigint\n)",
                "ALTER TABLE public.trips ADD CONSTRAINT trips_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users (id)",
                "CREATE INDEX i ON public.trips (user_id)",
            ]
        );
    }

    #[test]
    fn statements_keep_their_place_and_what_is_allowed_there() {
        let script = lower(&catalog(), &placed(vec![DropTable { name: name("bookings") }.into()]), 15);
        for statement in script.statements() {
            assert_eq!(statement.place.line, 1);
            assert_eq!(*statement.hazards, [Hazard::DropsData]);
        }
    }

    #[test]
    fn what_was_made_last_is_undone_first() {
        let add = AddColumn { table: name("users"), column: column("a", "text?") };
        let index = CreateIndex { table: name("users"), name: "i".into(), index: index(&["a"]) };
        assert_eq!(
            inverse(vec![add.into(), index.into()]),
            [
                Operation::from(DropIndex { table: name("users"), name: "i".into() }),
                DropColumn { table: name("users"), column: "a".into() }.into(),
            ]
        );
    }

    #[test]
    fn a_new_table_is_undone_by_dropping_it_whatever_was_done_to_it() {
        let fill = UpdateRows { table: name("trips"), assignments: Vec::new(), condition: None };
        let rename = RenameTable { from: name("trips"), to: "journeys".into() };
        let index = CreateIndex { table: name("journeys"), name: "i".into(), index: index(&["user_id"]) };
        assert_eq!(
            inverse(vec![trips().into(), fill.into(), rename.into(), index.into()]),
            [DropTable { name: name("journeys") }.into()]
        );
        assert!(inverse(vec![trips().into(), DropTable { name: name("trips") }.into()]).is_empty());
    }

    #[test]
    fn every_operation_that_stands_in_the_way_is_named() {
        let update = |table: &str| UpdateRows { table: name(table), assignments: Vec::new(), condition: None };
        let operations = placed(vec![update("users").into(), trips().into(), update("bookings").into()]);
        let why = "the old values are not kept";
        assert_eq!(
            undo(&catalog(), &operations),
            Undo::NotDerivable { reasons: vec![(0, why.into()), (2, why.into())] }
        );
    }

    #[test]
    fn nobody_knows_of_a_new_table_so_that_changing_it_breaks_nothing() {
        let drop = |table: &str| DropColumn { table: name(table), column: "user_id".into() }.into();
        assert_eq!(
            breaks(&catalog(), &[trips().into(), drop("trips"), drop("bookings")]),
            ["column `bookings.user_id` is dropped"]
        );
    }
}
