//! Columns with a sequence of their own, which `serial` and its kin say in one word.

use migrate_core::catalog::{Catalog, Column, Table};
use migrate_core::expression::Expression;
use migrate_core::name::{QualifiedName, free_object_name};
use migrate_core::object::{Definition, Kind, Object, ObjectId, Sequence, SequenceOptions};
use migrate_core::operation::{Operate as _, Operation};
use migrate_core::sorted::{SortedMap, SortedSet};
use migrate_core::sql::Writer;
use migrate_core::types::{BuiltIn, Type};

use super::{Undo, Written};

/// The columns of operations that are serial, by the place of the operation, and the operations that go without saying.
#[derive(Default)]
pub(super) struct Serials {
    columns: SortedMap<usize, Vec<String>>,
    left_out: SortedSet<usize>,
}

impl Serials {
    pub(super) fn is_left_out(&self, index: usize) -> bool {
        self.left_out.contains(&index)
    }

    /// The columns that the operation at this place makes with a sequence each.
    pub(super) fn columns_of(&self, index: usize) -> Vec<String> {
        self.columns.get(&index).cloned().unwrap_or_default()
    }
}

/// The sequence that a column would get, and its definition without an owner.
fn sequence_of(
    column: &Column,
    table_name: &QualifiedName,
    table: &Table,
    others: &[QualifiedName],
    catalog: &Catalog,
) -> Option<(QualifiedName, Sequence)> {
    let is_taken = |name: &str| {
        let name = table_name.sibling(name);
        name == *table_name
            || catalog.has_relation(&name)
            || table.has_constraint_or_index(&name.name)
            || others.contains(&name)
    };
    let name = table_name.sibling(free_object_name(&table_name.name, Some(&column.name), "seq", is_taken));
    let text = Expression::text(Writer::new().name(&name).finish());
    let sequence = Expression::cast(text, Type::BuiltIn(BuiltIn::RegClass));
    let is_its = column.default == Some(Expression::call("nextval", [sequence])) && !column.nullable;
    let options = SequenceOptions { data_type: Some(column.data_type.clone()), ..SequenceOptions::default() };
    let is_plain = column.identity.is_none() && column.generated.is_none() && column.collation.is_none();
    (is_its && is_plain).then(|| options.complete().ok()).flatten().map(|sequence| (name, sequence))
}

/// Finds sequences that are made directly before a column and given to it directly after.
pub(super) fn find(written: &[Written], before: &Catalog) -> Serials {
    let mut found = Serials::default();
    let mut catalog = before.clone();
    for (index, one) in written.iter().enumerate() {
        if let Some((table_name, columns, table)) = columns_of(&one.operation, &catalog)
            && let Some(wanted) = wanted(&columns, table_name, &table, written, index, &catalog)
            && stands_around(&wanted, table_name, written, index)
        {
            let count = wanted.len();
            found.left_out.extend((index - count..index).chain(index + 1..=index + count));
            found.columns.insert(index, wanted.into_iter().map(|(column, ..)| column).collect());
        }
        one.operation.apply(&mut catalog);
    }
    found
}

/// The columns that an operation makes, with their table and what that has before.
fn columns_of<'o>(operation: &'o Operation, catalog: &Catalog) -> Option<(&'o QualifiedName, Vec<&'o Column>, Table)> {
    match operation {
        Operation::CreateTable(create) if create.definition.partition_of.is_none() => {
            Some((&create.name, create.definition.columns.iter().collect(), Table::default()))
        }
        Operation::AddColumn(add) => Some((&add.table, vec![&add.column], catalog.table(&add.table)?.clone())),
        _ => None,
    }
}

/// A serial column, its sequence, and what that is before it has an owner.
type Wanted = (String, ObjectId, Sequence);

/// The columns that may be serial, given how many sequences are made directly before them.
fn wanted(
    columns: &[&Column],
    table_name: &QualifiedName,
    table: &Table,
    written: &[Written],
    index: usize,
    catalog: &Catalog,
) -> Option<Vec<Wanted>> {
    let candidates = columns.iter().filter(|column| column.default.is_some()).count();
    let made_before = written.get(..index)?.iter().rev().take(candidates).map_while(|one| match &one.operation {
        Operation::CreateObject(create) if create.id.kind == Kind::Sequence => Some(create.id.clone()),
        _ => None,
    });
    let mut made: Vec<ObjectId> = made_before.collect();
    // Before the first of them nothing of theirs was there.
    while !made.is_empty() {
        let mut earlier = catalog.clone();
        made.iter().for_each(|id| drop(earlier.objects.remove(id)));
        let mut names: Vec<QualifiedName> = Vec::new();
        let mut wanted = Vec::new();
        for column in columns {
            if let Some((name, sequence)) = sequence_of(column, table_name, table, &names, &earlier) {
                names.push(name.clone());
                wanted.push((column.name.clone(), ObjectId::new(Kind::Sequence, name), sequence));
            }
        }
        if wanted.len() == made.len() {
            return Some(wanted);
        }
        made.pop();
    }
    None
}

/// Whether the sequences are made before the operation and given to their columns after it, in the order of the columns.
fn stands_around(wanted: &[Wanted], table: &QualifiedName, written: &[Written], index: usize) -> bool {
    wanted.iter().enumerate().all(|(place, (column, id, sequence))| {
        let is_bare = |one: &Written| matches!(one.undo, Undo::Derived) && one.allowed.is_empty();
        let made = written.get(index - wanted.len() + place).filter(|one| is_bare(one));
        let given = written.get(index + 1 + place).filter(|one| is_bare(one));
        let owned = Sequence { owned_by: Some((table.name.clone(), column.clone())), ..sequence.clone() };
        let is_made = made.is_some_and(|one| match &one.operation {
            Operation::CreateObject(create) => create.id == *id && create.object == Object::new(sequence.clone()),
            _ => false,
        });
        let is_given = given.is_some_and(|one| match &one.operation {
            Operation::ChangeObject(change) => change.id == *id && change.definition == Definition::from(owned),
            _ => false,
        });
        is_made && is_given
    })
}
