//! The catalog: our model of a database, as it is after some migrations.
//!
//! The compiler folds operations into it; the runtime reads one from a live database; both compare by `==`.
//! Maps are ordered, so that everything derived from a catalog is deterministic. Tables and enums are shared
//! between copies, so that a copy is cheap.

mod access;
mod belongings;
mod column;
mod constraint;
mod enum_literals;
mod enum_type;
mod exclusion;
mod fields;
mod foreign;
mod index;
pub mod inheritance;
mod overload;
mod partition;
mod role;
mod row_security;
mod row_type;
mod settings;
mod shared_map;
pub(crate) mod sub_select;
mod table;
mod tables;
mod updatable;
mod uses;

use std::sync::Arc;

pub use access::{Access, AccessTarget, Grants, Privilege, Privileges, Said, Securable};
pub use column::{Column, Generated, Identity, OnUpdate};
pub use constraint::{Constraint, ConstraintKind, Deferral, ForeignKey, ReferentialAction, Unique};
pub(crate) use enum_literals::EnumLiterals;
pub use enum_type::EnumType;
pub use exclusion::{Exclusion, ExclusionElement};
pub(crate) use fields::Fields;
pub use index::{Index, IndexKey, NullsOrder};
#[cfg(feature = "runtime")]
pub(crate) use overload::are_ambiguous;
pub use partition::{PartitionBound, PartitionOf, PartitionStrategy, Partitioning, RangeLimit};
pub use role::Role;
pub use row_security::RowSecurity;
pub use row_type::StoredRows;
pub use settings::{ColumnSettings, Compression, ReplicaIdentity, Storage, TableSettings};
pub use shared_map::SharedMap;
pub use table::Table;
pub use tables::Tables;
pub use updatable::Updatable;
pub(crate) use uses::note_operator;
pub use uses::{Part, Scope, Used, User, Uses};

use crate::json::ToJson;
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object::{
    Define as _, Definition, Kind, MaterializedView, Namespace, Object, ObjectId, RangeType, RelationColumn,
};
use crate::sorted::{SortedMap, SortedSet};
use crate::system;
use crate::types::Type;

/// Everything we know about a database.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Catalog {
    /// Installed extensions by name.
    pub extensions: SharedMap<String, Extension>,
    /// Enum types.
    pub enums: SharedMap<QualifiedName, Arc<EnumType>>,
    /// Tables.
    pub tables: Tables,
    /// Objects of all other kinds.
    #[serde(default, skip_serializing_if = "SharedMap::is_empty", with = "listed")]
    pub objects: SharedMap<ObjectId, Arc<Object>>,
    /// What raw SQL has created without declaring it: a kind and a name, from the text of its commands.
    #[serde(default, skip_serializing_if = "SortedSet::is_empty")]
    pub by_hand: SortedSet<(Kind, QualifiedName)>,
    /// The owner and the privileges of the schema `public`, which no migration creates.
    #[serde(default, skip_serializing_if = "Access::is_empty")]
    pub public: Access,
    /// Whether raw SQL may have granted anything to anybody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub grants_by_hand: bool,
}

/// A map whose keys are not strings, as a list of pairs.
mod listed {
    use crate::json::{ToJson, Writer};

    pub(super) fn write_json<'map, Map, Key, Value>(map: &'map Map, json: &mut Writer)
    where
        &'map Map: IntoIterator<Item = (&'map Key, &'map Value)>,
        Key: ToJson + 'map,
        Value: ToJson + 'map,
    {
        json.pairs(&mut map.into_iter().map(|(key, value)| (key as _, value as _)));
    }

    #[cfg(feature = "runtime")]
    pub(super) fn deserialize<'d, Map, Pair, D: serde::Deserializer<'d>>(deserializer: D) -> Result<Map, D::Error>
    where
        Map: IntoIterator<Item = Pair> + FromIterator<Pair>,
        Pair: serde::Deserialize<'d>,
    {
        Ok(<Vec<Pair> as serde::Deserialize>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// An installed extension.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Extension {
    /// The schema of its objects; `None` for the default.
    pub schema: Option<String>,
    /// The comment that it was given in place of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The comment that it brings, and still has; where a server was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_comment: Option<String>,
}

impl Extension {
    /// The schema of its objects.
    pub fn schema(&self) -> &str {
        self.schema.as_deref().unwrap_or(DEFAULT_SCHEMA)
    }
}

impl Catalog {
    /// The table of that name.
    pub fn table(&self, name: &QualifiedName) -> Option<&Table> {
        self.tables.get(name).map(Arc::as_ref)
    }

    /// The table of that name, to change it.
    pub fn table_mut(&mut self, name: &QualifiedName) -> Option<&mut Table> {
        self.tables.get_mut(name).map(Arc::make_mut)
    }

    /// The enum of that name.
    pub fn enum_type(&self, name: &QualifiedName) -> Option<&EnumType> {
        self.enums.get(name).map(Arc::as_ref)
    }

    /// The enum of that name, to change it.
    pub fn enum_type_mut(&mut self, name: &QualifiedName) -> Option<&mut EnumType> {
        self.enums.get_mut(name).map(Arc::make_mut)
    }

    /// The object of one of the kinds that are alike.
    pub fn object(&self, id: &ObjectId) -> Option<&Object> {
        self.objects.get(id).map(Arc::as_ref)
    }

    /// The object, to change it.
    pub fn object_mut(&mut self, id: &ObjectId) -> Option<&mut Object> {
        self.objects.get_mut(id).map(Arc::make_mut)
    }

    /// The object with this name among those of a namespace: of relations, or of types.
    pub fn object_named(&self, namespace: Namespace, name: &QualifiedName) -> Option<(&ObjectId, &Object)> {
        let mut objects = self.objects.iter();
        let found = objects.find(|(id, _)| id.kind.namespace() == namespace && id.name == *name);
        found.map(|(id, object)| (id, object.as_ref()))
    }

    /// The view, the other object with rows, or the composite type of that name.
    pub fn with_columns(&self, name: &QualifiedName) -> Option<(&ObjectId, &Object)> {
        let kinds = [Kind::View, Kind::MaterializedView, Kind::CompositeType, Kind::ForeignTable];
        let mut found = kinds.into_iter().filter_map(|kind| {
            self.objects.get_key_value(&ObjectId::new(kind, name.clone())).map(|(id, object)| (id, object.as_ref()))
        });
        found.next()
    }

    /// The names of the columns of a table, a view or another object that has rows, in their order.
    pub fn column_names(&self, relation: &QualifiedName) -> Vec<String> {
        match self.table(relation) {
            Some(table) => table.columns.iter().map(|column| column.name.clone()).collect(),
            None => self.columns_of_object(relation).into_iter().map(|column| column.name).collect(),
        }
    }

    /// Whether an extension is installed whose contents are not known.
    pub fn has_unknown_extension(&self) -> bool {
        self.extensions.keys().any(|extension| system::extension(extension).is_none())
    }

    /// The columns of a view or of another object that has rows.
    pub fn columns_of_object(&self, name: &QualifiedName) -> Vec<RelationColumn> {
        let found = self.object_named(Namespace::Relation, name);
        found.map_or_else(Vec::new, |(_, object)| object.definition.columns())
    }

    /// The materialized view of that name.
    pub fn materialized_view(&self, name: &QualifiedName) -> Option<&MaterializedView> {
        match &self.object(&ObjectId::new(Kind::MaterializedView, name.clone()))?.definition {
            Definition::MaterializedView(view) => Some(view),
            _ => None,
        }
    }

    /// The indexes of a table or a materialized view, to change them.
    pub fn indexes_mut(&mut self, relation: &QualifiedName) -> Option<&mut SortedMap<String, Index>> {
        if self.tables.contains_key(relation) {
            return self.table_mut(relation).map(|table| &mut table.indexes);
        }
        let id = ObjectId::new(Kind::MaterializedView, relation.clone());
        match self.object_mut(&id).map(|object| &mut object.definition) {
            Some(Definition::MaterializedView(view)) => Some(&mut view.indexes),
            _ => None,
        }
    }

    /// A table, or a materialized view as a table with its columns and indexes.
    pub fn indexable(&self, name: &QualifiedName) -> Option<Arc<Table>> {
        let table = self.tables.get(name).cloned();
        table.or_else(|| self.materialized_view(name).map(|view| Arc::new(view.as_table())))
    }

    /// The table or materialized view an index belongs to, and the index. Index names are unique in a schema.
    pub fn index(&self, name: &QualifiedName) -> Option<(&QualifiedName, &Index)> {
        let of_table = self
            .tables
            .iter()
            .filter(|(table, _)| table.schema == name.schema)
            .find_map(|(table, definition)| definition.indexes.get(&name.name).map(|index| (table, index)));
        of_table.or_else(|| {
            let mut views = self.materialized_views().filter(|(view, _)| view.schema == name.schema);
            views.find_map(|(view, definition)| definition.indexes.get(&name.name).map(|index| (view, index)))
        })
    }

    /// All materialized views.
    pub fn materialized_views(&self) -> impl Iterator<Item = (&QualifiedName, &MaterializedView)> {
        self.objects.iter().filter_map(|(id, object)| match &object.definition {
            Definition::MaterializedView(view) => Some((&id.name, view)),
            _ => None,
        })
    }

    /// Whether a table, or an index (also one that backs a constraint), has this name: they share one namespace
    /// (`pg_class`) in each schema.
    pub fn has_relation(&self, name: &QualifiedName) -> bool {
        self.tables.contains_key(name)
            || self.object_named(Namespace::Relation, name).is_some()
            || self.index(name).is_some()
            || self.tables.iter().filter(|(table, _)| table.schema == name.schema).any(|(_, table)| {
                table.constraints.get(&name.name).is_some_and(|constraint| constraint.kind.has_index())
            })
    }

    /// Foreign keys of all tables that reference this one: (referencing table, constraint name, key).
    pub fn references_to<'c>(
        &'c self,
        referenced: &'c QualifiedName,
    ) -> impl Iterator<Item = (&'c QualifiedName, &'c str, &'c ForeignKey)> + 'c {
        self.tables.dependents(referenced).into_iter().flat_map(move |(table, definition)| {
            definition.constraints.iter().filter_map(move |(name, constraint)| match &constraint.kind {
                ConstraintKind::ForeignKey(key) if key.table == *referenced => Some((table, name.as_str(), key)),
                _ => None,
            })
        })
    }

    /// Whether a type of this name is known: an enum, or an object that is a type.
    pub fn has_type(&self, name: &QualifiedName) -> bool {
        self.enums.contains_key(name)
            || self.object_named(Namespace::Type, name).is_some()
            || self.range_of_multirange(name).is_some()
    }

    /// The range type whose multirange type has this name.
    pub fn range_of_multirange(&self, name: &QualifiedName) -> Option<(&QualifiedName, &RangeType)> {
        self.objects.iter().find_map(|(id, object)| match &object.definition {
            Definition::RangeType(range) if range.multirange == *name => Some((&id.name, range)),
            _ => None,
        })
    }

    /// The type that a domain, or a domain over a domain, is over; any other type is itself.
    pub fn base_type<'c>(&'c self, data_type: &'c Type) -> &'c Type {
        let found = data_type.as_named().and_then(|name| self.object_named(Namespace::Type, name));
        match found.map(|(_, object)| &object.definition) {
            Some(Definition::Domain(domain)) => self.base_type(&domain.data_type),
            _ => data_type,
        }
    }

    /// Whether a type is a domain that is NOT NULL, or one over such a domain.
    pub fn refuses_null(&self, data_type: &Type) -> bool {
        let found = data_type.as_named().and_then(|name| self.object_named(Namespace::Type, name));
        match found.map(|(_, object)| &object.definition) {
            Some(Definition::Domain(domain)) => domain.not_null || self.refuses_null(&domain.data_type),
            _ => false,
        }
    }

    /// Whether a row must give this column a value: it is NOT NULL, and gets none by itself, nor from its domain.
    pub fn needs_value(&self, column: &Column) -> bool {
        let found = column.data_type.as_named().and_then(|name| self.object_named(Namespace::Type, name));
        let of_domain = || matches!(found.map(|(_, object)| &object.definition), Some(Definition::Domain(domain)) if domain.default.as_ref().is_some_and(|default| !default.is_null()));
        !column.nullable
            && column.default.is_none()
            && column.generated.is_none()
            && column.identity.is_none()
            && !of_domain()
    }

    /// Columns of this type, or of arrays of it: (table, column).
    pub fn columns_of_type<'c>(
        &'c self,
        type_name: &'c QualifiedName,
    ) -> impl Iterator<Item = (&'c QualifiedName, &'c Column)> + 'c {
        self.tables.iter().flat_map(move |(table, definition)| {
            definition
                .columns
                .iter()
                .filter(move |column| column.data_type.depends_on() == Some(type_name))
                .map(move |column| (table, column))
        })
    }

    /// Whether PostgreSQL automatically converts a value of one type when it is assigned to a column of the other.
    /// Unknown for named types that are not enums here.
    pub fn assigns(&self, from: &Type, to: &Type) -> Option<bool> {
        from.assigns_to(to).or_else(|| self.is_enum_of(from, to).then_some(false))
    }

    /// Whether an explicit cast converts a value of one type to the other. Unknown for named types that are not enums
    /// here.
    pub fn casts(&self, from: &Type, to: &Type) -> Option<bool> {
        from.casts_to(to).or_else(|| self.is_enum_of(from, to).then_some(false))
    }

    /// Whether one of two types is an enum, and the other one is built in or an enum as well. Enums have casts only
    /// from and to strings.
    fn is_enum_of(&self, one: &Type, other: &Type) -> bool {
        let is_known = |data_type: &Type| data_type.depends_on().is_none_or(|name| self.enums.contains_key(name));
        is_known(one) && is_known(other)
    }

    /// Whether both are the same, regardless of the order of columns: a column that was dropped and added again is
    /// last.
    pub fn same_as(&self, other: &Catalog) -> bool {
        self.extensions == other.extensions
            && self.enums == other.enums
            && self.objects == other.objects
            && self.public == other.public
            && self.tables.len() == other.tables.len()
            && self
                .tables
                .iter()
                .zip(&other.tables)
                .all(|((name, table), (other_name, other))| name == other_name && table.same_as(other))
    }
}
