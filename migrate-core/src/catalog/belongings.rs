//! What goes with a table or with one of its columns.

use super::{Catalog, Column};
use crate::name::QualifiedName;
use crate::object::{Definition, Kind, Object, ObjectId};
use crate::sorted::SortedSet;

impl Catalog {
    /// The objects that belong to a table, or to this column of it: triggers, policies and rules of the table, sequences
    /// that the column owns. They go when it goes.
    pub fn belongings<'c>(
        &'c self,
        table: &'c QualifiedName,
        column: Option<&'c str>,
    ) -> impl Iterator<Item = (&'c ObjectId, &'c Object)> {
        let belongs = move |id: &ObjectId, object: &Object| match (&object.definition, column) {
            (Definition::Sequence(sequence), column) => sequence.owned_by.as_ref().is_some_and(|(owner, of)| {
                id.name.sibling(owner) == *table && column.is_none_or(|column| column == of)
            }),
            (Definition::Statistics(statistics), None) => statistics.table == *table,
            (_, None) => id.table().as_ref() == Some(table),
            (_, Some(_)) => false,
        };
        let objects = self.objects.iter().map(|(id, object)| (id, object.as_ref()));
        objects.filter(move |(id, object)| belongs(id, object))
    }

    /// The column of whose identity a sequence is.
    pub fn owner_of_identity(&self, sequence: &QualifiedName) -> Option<(&QualifiedName, &Column)> {
        let tables = self.tables.iter().filter(|(name, _)| name.schema == sequence.schema);
        let mut columns = tables.flat_map(|(name, table)| table.columns.iter().map(move |column| (name, column)));
        columns.find(|(table, column)| column.identity_sequence(table).as_ref() == Some(sequence))
    }

    /// The sequences that go with a table, or with this column of it: those of identities, and those that columns own.
    pub fn sequences_with(&self, table: &QualifiedName, column: Option<&str>) -> SortedSet<QualifiedName> {
        let owned = self.belongings(table, column).filter(|(id, _)| id.kind == Kind::Sequence);
        let columns = self.table(table).into_iter().flat_map(|table| &table.columns);
        let columns = columns.filter(|one| column.is_none_or(|column| column == one.name));
        let of_identities = columns.filter_map(|column| column.identity_sequence(table));
        owned.map(|(id, _)| id.name.clone()).chain(of_identities).collect()
    }

    /// Takes away what belongs to a table, or to this column of it.
    pub(crate) fn remove_belongings(&mut self, table: &QualifiedName, column: Option<&str>) {
        let gone: Vec<ObjectId> = self.belongings(table, column).map(|(id, _)| id.clone()).collect();
        for id in gone {
            self.objects.remove(&id);
        }
    }
}
