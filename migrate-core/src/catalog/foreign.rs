//! Foreign tables among the tables that they are below.

use super::{Catalog, PartitionBound};
use crate::name::QualifiedName;
use crate::object::{Definition, ForeignTable, Kind, ObjectId};
use crate::sorted::SortedSet;

impl Catalog {
    /// The foreign tables by their names.
    pub fn foreign_tables(&self) -> impl Iterator<Item = (&QualifiedName, &ForeignTable)> {
        let first = ObjectId::new(Kind::ForeignTable, QualifiedName::in_schema("", ""));
        let found = self.objects.iter_from(&first).take_while(|(id, _)| id.kind == Kind::ForeignTable);
        found.filter_map(|(id, object)| match &object.definition {
            Definition::ForeignTable(table) => Some((&id.name, table)),
            _ => None,
        })
    }

    /// The foreign table of that name.
    pub fn foreign_table(&self, name: &QualifiedName) -> Option<&ForeignTable> {
        match &self.object(&ObjectId::new(Kind::ForeignTable, name.clone()))?.definition {
            Definition::ForeignTable(table) => Some(table),
            _ => None,
        }
    }

    /// The foreign tables that inherit from a table directly or are partitions of it, by name.
    pub fn foreign_below<'c>(
        &'c self,
        parent: &'c QualifiedName,
    ) -> impl Iterator<Item = (&'c QualifiedName, &'c ForeignTable)> {
        self.foreign_tables().filter(move |(_, table)| table.parents().any(|one| one == parent))
    }

    /// A foreign table among the partitions of a table and among theirs.
    pub fn foreign_partition(&self, root: &QualifiedName) -> Option<&QualifiedName> {
        let mut tree = self.partition_tree(root);
        tree.push(root.clone());
        let is_in_tree = |table: &ForeignTable| table.partition_of.as_ref().is_some_and(|of| tree.contains(&of.parent));
        self.foreign_tables().find(|(_, table)| is_in_tree(table)).map(|(name, _)| name)
    }

    /// The partitions of a table, foreign tables among them, with their bounds.
    pub fn bounds_of_partitions<'c>(
        &'c self,
        parent: &'c QualifiedName,
    ) -> Vec<(&'c QualifiedName, &'c PartitionBound)> {
        let tables = self.partitions(parent).filter_map(|(name, table)| Some((name, table.partition_of.as_ref()?)));
        let foreign = self.foreign_below(parent).filter_map(|(name, table)| Some((name, table.partition_of.as_ref()?)));
        tables.chain(foreign).map(|(name, of)| (name, &of.bound)).collect()
    }

    /// The tables that have others below them, foreign tables among these, or may get some.
    pub fn above_others(&self) -> SortedSet<QualifiedName> {
        let mut above = self.tables.above_others();
        above.extend(self.foreign_tables().flat_map(|(_, table)| table.parents()).cloned());
        above
    }

    /// [`Catalog::tables_below`], and the foreign tables below.
    pub fn relations_below(&self, root: &QualifiedName) -> Vec<QualifiedName> {
        let mut below = self.tables_below(root);
        let is_below = |table: &ForeignTable| table.parents().any(|parent| parent == root || below.contains(parent));
        let foreign: Vec<QualifiedName> =
            self.foreign_tables().filter(|(_, table)| is_below(table)).map(|(name, _)| name.clone()).collect();
        below.extend(foreign);
        below
    }
}
