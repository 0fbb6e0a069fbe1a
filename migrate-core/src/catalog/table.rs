use super::sub_select::table_of;
use super::{
    Access, Column, Constraint, ConstraintKind, Deferral, ForeignKey, Index, PartitionOf, Partitioning,
    ReplicaIdentity, RowSecurity, TableSettings, Unique, Used,
};
use crate::expression::{Expression, NamedInText};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::query::{Part, TableRole};
use crate::sorted::{SortedMap, SortedSet};

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Table {
    /// Its columns, in the order of the source. Compare catalogs by name: a dropped and re-added column moves.
    pub columns: Vec<Column>,
    /// Its constraints by name.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub constraints: SortedMap<String, Constraint>,
    /// Its indexes by name, without those that back a constraint.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub indexes: SortedMap<String, Index>,
    /// How its rows are divided among partitions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitioning: Option<Partitioning>,
    /// What it is a partition of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_of: Option<PartitionOf>,
    /// The tables that it inherits columns and checks from, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<QualifiedName>,
    /// Row level security.
    #[serde(default, skip_serializing_if = "RowSecurity::is_default")]
    pub row_security: RowSecurity,
    /// How it is kept.
    #[serde(default, skip_serializing_if = "TableSettings::is_default")]
    pub settings: TableSettings,
    /// Its owner and its privileges.
    #[serde(default, skip_serializing_if = "Access::is_empty")]
    pub access: Access,
    /// `COMMENT ON TABLE`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Table {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether it has a column of that name.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// The column of that name, to change it.
    pub fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name)
    }

    /// The primary key: its name and columns.
    pub fn primary_key(&self) -> Option<(&str, &Unique)> {
        self.constraints.iter().find_map(|(name, constraint)| match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => Some((name.as_str(), key)),
            _ => None,
        })
    }

    /// The columns by which subscribers of a publication know a row that was updated or deleted; `None`: there are none, and
    /// PostgreSQL refuses to update and to delete rows whose changes are published.
    pub fn replica_identity(&self) -> Option<SortedSet<&str>> {
        let of_key = |key: &Unique| -> SortedSet<String> { key.columns.iter().cloned().collect() };
        let columns: SortedSet<String> = match &self.settings.replica_identity {
            ReplicaIdentity::Nothing => return None,
            ReplicaIdentity::Full => self.columns.iter().map(|column| column.name.clone()).collect(),
            // A key that waits for the end of the transaction tells nothing apart before.
            ReplicaIdentity::Default => {
                let (_, key) = self.primary_key()?;
                (key.deferral == Deferral::NotDeferrable).then(|| of_key(key))?
            }
            ReplicaIdentity::Index(name) => match self.constraints.get(name).map(|constraint| &constraint.kind) {
                Some(ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)) => of_key(key),
                _ => {
                    let index = self.indexes.get(name)?;
                    index.keys.iter().filter_map(|key| key.column().map(str::to_owned)).collect()
                }
            },
        };
        let named = self.columns.iter().map(|column| column.name.as_str());
        Some(named.filter(|name| columns.contains(*name)).collect())
    }

    /// Whether a foreign key may reference exactly these columns, in any order: a primary key, a unique constraint, or a
    /// unique index over plain columns without a predicate covers them
    /// (PostgreSQL manual, CREATE TABLE, REFERENCES).
    pub fn has_unique_key(&self, columns: &[String]) -> bool {
        let same = |key: &[String]| key.len() == columns.len() && key.iter().all(|name| columns.contains(name));
        self.constraints.values().any(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                key.deferral == Deferral::NotDeferrable && same(&key.columns)
            }
            _ => false,
        }) || self.indexes.values().any(|index| {
            let keys: Option<Vec<String>> = index.keys.iter().map(|key| key.column().map(str::to_owned)).collect();
            index.unique && index.predicate.is_none() && keys.is_some_and(|keys| same(&keys))
        })
    }

    /// The key over these columns, if the table, which is called `name`, has none like it (anymore).
    pub(crate) fn key_that_went(&self, name: &QualifiedName, columns: &[String]) -> SortedSet<Used> {
        match self.has_unique_key(columns) {
            true => SortedSet::new(),
            false => SortedSet::from([Used::Key(name.clone(), columns.iter().cloned().collect())]),
        }
    }

    /// Whether a constraint of the table or an index of it has this name.
    pub fn has_constraint_or_index(&self, name: &str) -> bool {
        self.constraints.contains_key(name) || self.indexes.contains_key(name)
    }

    /// Its foreign keys: name and definition.
    pub fn foreign_keys(&self) -> impl Iterator<Item = (&str, &ForeignKey)> {
        self.constraints.iter().filter_map(|(name, constraint)| match &constraint.kind {
            ConstraintKind::ForeignKey(key) => Some((name.as_str(), key)),
            _ => None,
        })
    }

    /// The tables its foreign keys reference, each once.
    pub fn referenced_tables(&self) -> SortedSet<&QualifiedName> {
        self.foreign_keys().map(|(_, key)| &key.table).collect()
    }

    /// Notes that the columns of a primary key take no NULL, as PostgreSQL does when the key is made.
    pub(crate) fn mark_primary_key_not_null(&mut self) {
        let columns = self.primary_key().map(|(_, key)| key.columns.clone()).unwrap_or_default();
        for column in &mut self.columns {
            if columns.contains(&column.name) {
                column.nullable = false;
            }
        }
    }

    /// Every expression in it.
    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let of_columns = self.columns.iter().flat_map(|column| {
            let generated = column.generated.iter().map(|generated| &generated.expression);
            let on_update = column.on_update.iter().map(|on_update| &on_update.expression);
            column.default.iter().chain(generated).chain(on_update)
        });
        let of_constraints = self.constraints.values().flat_map(|constraint| constraint.kind.expressions());
        let of_indexes = self.indexes.values().flat_map(Index::expressions);
        let of_keys = self.partitioning.iter().flat_map(|partitioning| &partitioning.keys).map(|key| &key.expression);
        of_columns.chain(of_constraints).chain(of_indexes).chain(of_keys)
    }

    /// The relations that its expressions name, in texts and in sub-selects, and the types of its columns: rows are types too.
    pub(super) fn named(&self) -> Vec<QualifiedName> {
        let mut named: Vec<QualifiedName> =
            self.columns.iter().filter_map(|column| column.data_type.depends_on().cloned()).collect();
        for expression in self.expressions() {
            expression.walk(&mut |part| match part {
                Part::Expression(one) => named.extend(NamedInText::of(one).and_then(|text| text.relation())),
                Part::Table(name, TableRole::Read | TableRole::Target) => named.push(table_of(name)),
                _ => {}
            });
        }
        named
    }

    /// Every expression it holds, to change it: defaults, generated columns, `on update` values, checks, index keys and
    /// predicates.
    pub(crate) fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expression> {
        let of_columns = self.columns.iter_mut().flat_map(|column| {
            let generated = column.generated.as_mut().map(|generated| &mut generated.expression);
            let on_update = column.on_update.as_mut().map(|on_update| &mut on_update.expression);
            column.default.iter_mut().chain(generated).chain(on_update)
        });
        let of_constraints = self.constraints.values_mut().flat_map(|constraint| constraint.kind.expressions_mut());
        let of_indexes = self
            .indexes
            .values_mut()
            .flat_map(|index| index.keys.iter_mut().map(|key| &mut key.expression).chain(index.predicate.as_mut()));
        let of_keys = self.partitioning.iter_mut().flat_map(|partitioning| &mut partitioning.keys);
        let of_keys = of_keys.map(|key| &mut key.expression);
        of_columns.chain(of_constraints).chain(of_indexes).chain(of_keys)
    }

    /// Every collation that it names, to change it.
    pub(crate) fn collations_mut(&mut self) -> impl Iterator<Item = &mut Option<String>> {
        let of_columns = self.columns.iter_mut().map(|column| &mut column.collation);
        let of_exclusions = self.constraints.values_mut().flat_map(|constraint| match &mut constraint.kind {
            ConstraintKind::Exclusion(exclusion) => exclusion.elements.iter_mut(),
            _ => [].iter_mut(),
        });
        let of_indexes = self.indexes.values_mut().flat_map(|index| &mut index.keys);
        let of_keys = self.partitioning.iter_mut().flat_map(|partitioning| &mut partitioning.keys);
        let keys = of_indexes.chain(of_keys).chain(of_exclusions.map(|element| &mut element.key));
        of_columns.chain(keys.map(|key| &mut key.collation))
    }

    /// Every operator class that it names, with the index method, to change it.
    pub(crate) fn classes_mut(&mut self) -> impl Iterator<Item = (String, &mut Option<String>)> {
        let of_exclusions = self.constraints.values_mut().flat_map(|constraint| match &mut constraint.kind {
            ConstraintKind::Exclusion(exclusion) => {
                let method = exclusion.method.clone();
                let keys = exclusion.elements.iter_mut().map(|element| &mut element.key.operator_class);
                keys.map(|class| (method.clone(), class)).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        });
        let of_indexes = self.indexes.values_mut().flat_map(|index| {
            let method = index.method.clone();
            index.keys.iter_mut().map(move |key| (method.clone(), &mut key.operator_class))
        });
        let of_keys = self.partitioning.iter_mut().flat_map(|partitioning| {
            let method = partitioning.index_method();
            partitioning.keys.iter_mut().map(move |key| (method.to_owned(), &mut key.operator_class))
        });
        of_indexes.chain(of_keys).chain(of_exclusions)
    }

    /// The tables that it inherits from, in no order.
    pub fn parents(&self) -> SortedSet<&QualifiedName> {
        self.inherits.iter().collect()
    }

    /// Whether both say the same, in whatever order their columns stand.
    pub fn same_as(&self, other: &Table) -> bool {
        fn by_name(table: &Table) -> SortedMap<&str, &Column> {
            table.columns.iter().map(|column| (column.name.as_str(), column)).collect()
        }
        self.comment == other.comment
            && self.access == other.access
            && self.row_security == other.row_security
            && self.partitioning == other.partitioning
            && self.partition_of == other.partition_of
            && self.parents() == other.parents()
            && self.constraints == other.constraints
            && self.indexes == other.indexes
            && self.columns.len() == other.columns.len()
            && by_name(self) == by_name(other)
    }
}
