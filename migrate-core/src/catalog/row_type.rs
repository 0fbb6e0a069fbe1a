//! The rows of a table as the type of columns. PostgreSQL does not change rows that are stored inside others.

use super::{Catalog, Column, Table};
use crate::name::QualifiedName;
use crate::object::{Define as _, Definition, Domain, Kind, ObjectId};
use crate::operation::Operation;
use crate::sorted::SortedSet;
use crate::types::Type;

/// A column that stores rows of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRows {
    /// The table whose rows they are: the one that is asked for, or one below it.
    pub rows_of: QualifiedName,
    /// The table of the column.
    pub relation: QualifiedName,
    /// The column.
    pub column: String,
}

impl Catalog {
    /// A column that stores rows of a table or of one below it: as they are, in arrays, in domains or in composite types
    /// (`find_composite_type_dependencies`). Materialized views are made again where their tables change.
    pub fn stored_rows(&self, table: &QualifiedName) -> Option<StoredRows> {
        let below = self.tables_below(table);
        std::iter::once(table).chain(&below).find_map(|rows_of| {
            let (relation, column) = self.column_with_rows(rows_of)?;
            Some(StoredRows { rows_of: rows_of.clone(), relation, column })
        })
    }

    fn column_with_rows(&self, table: &QualifiedName) -> Option<(QualifiedName, String)> {
        let mut seen = SortedSet::from([table.clone()]);
        let mut waiting = vec![table.clone()];
        while let Some(name) = waiting.pop() {
            let is_it = |data_type: &Type| data_type.depends_on() == Some(&name);
            // A partitioned table stores nothing, and its partitions have the column, too.
            let stores = |table: &Table| {
                let column = table.columns.iter().find(|column| is_it(&column.data_type));
                column.filter(|_| table.partitioning.is_none()).map(|column| column.name.clone())
            };
            let dependents = self.tables.dependents(&name);
            if let Some(found) = dependents.iter().find_map(|(name, table)| Some(((*name).clone(), stores(table)?))) {
                return Some(found);
            }
            for (id, object) in &self.objects {
                let is_made_of_it = match &object.definition {
                    Definition::Domain(domain) => is_it(&domain.data_type),
                    Definition::CompositeType(of) => of.attributes.iter().any(|one| is_it(&one.data_type)),
                    _ => false,
                };
                if is_made_of_it && seen.insert(id.name.clone()) {
                    waiting.push(id.name.clone());
                }
            }
        }
        None
    }

    /// Whether a new column of this type has something to check or to store in each row.
    fn is_checked_domain(&self, column: &Column) -> bool {
        self.domains_of(column).any(|domain| domain.default.is_some() || is_constrained(domain))
    }

    /// The domain of a column, if PostgreSQL checks it in each row (`DomainHasConstraints`).
    pub fn constrained_domain<'c>(&'c self, column: &'c Column) -> Option<&'c QualifiedName> {
        column.data_type.as_named().filter(|_| self.domains_of(column).any(is_constrained))
    }

    /// The domain of a column, the one that it is made of, and so on.
    fn domains_of(&self, column: &Column) -> impl Iterator<Item = &Domain> {
        std::iter::successors(self.domain_of(&column.data_type), |domain| self.domain_of(&domain.data_type))
    }

    fn domain_of(&self, data_type: &Type) -> Option<&Domain> {
        let id = ObjectId::new(Kind::Domain, data_type.as_named()?.clone());
        match self.object(&id).map(|object| &object.definition) {
            Some(Definition::Domain(domain)) => Some(domain),
            _ => None,
        }
    }

    /// The stored rows that PostgreSQL does not let an operation change.
    pub fn rows_in_the_way(&self, operation: &Operation) -> Option<StoredRows> {
        let table = match operation {
            Operation::AddColumn(add) => {
                let column = &add.column;
                let is_stored = column.generated.as_ref().is_some_and(|generated| generated.stored);
                let has_value = is_stored || column.identity.is_some() || self.is_checked_domain(column);
                has_value.then_some(&add.table)
            }
            Operation::ChangeType(change) => Some(&change.table),
            Operation::SetCollation(set) => Some(&set.table),
            Operation::SetExpression(set) => {
                let column = self.table(&set.table)?.column(&set.column)?;
                column.generated.as_ref().is_some_and(|generated| generated.stored).then_some(&set.table)
            }
            Operation::SetTableSettings(set) => {
                let is_other = self.table(&set.table)?.settings.unlogged != set.settings.unlogged;
                is_other.then_some(&set.table)
            }
            // The values of a composite type are rows as well.
            Operation::ChangeObject(change) => {
                let before = &self.object(&change.id)?.definition;
                let is_other = !before.retypes(&change.id, &change.definition).is_empty();
                is_other.then_some(&change.id.name)
            }
            _ => None,
        };
        self.stored_rows(table?)
    }
}

fn is_constrained(domain: &Domain) -> bool {
    domain.not_null || !domain.checks.is_empty()
}
