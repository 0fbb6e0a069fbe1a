//! What goes with a table or with one of its columns.

use super::Catalog;
use crate::name::QualifiedName;
use crate::object::{Definition, Object, ObjectId};

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

    /// Takes away what belongs to a table, or to this column of it.
    pub(crate) fn remove_belongings(&mut self, table: &QualifiedName, column: Option<&str>) {
        let gone: Vec<ObjectId> = self.belongings(table, column).map(|(id, _)| id.clone()).collect();
        for id in gone {
            self.objects.remove(&id);
        }
    }
}
