//! Comparing whole catalogs.

use std::sync::Arc;

use super::access::AccessComparison;
use super::table::{compare_indexes, compare_partition_of, compare_tables};
use super::{Difference, Object, Property};
use crate::catalog::{AccessTarget, Catalog, EnumType, Extension, SharedMap};
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object::{Define as _, Definition, Kind, ObjectId};
use crate::sorted::SortedSet;

/// Collects differences.
#[derive(Debug, Default)]
pub(super) struct Differences(pub(super) Vec<Difference>);

impl Differences {
    /// Notes the property if its two values, as people read them, are different.
    pub(super) fn compare(
        &mut self,
        object: &Object,
        property: Property,
        expected: Option<String>,
        found: Option<String>,
    ) {
        if expected != found {
            self.0.push(Difference::Different { object: object.clone(), property, expected, found });
        }
    }

    /// Notes what only one of two maps has, and hands out what both have.
    pub(super) fn pair<'map, Map, Key: Ord + 'map, Value: 'map>(
        &mut self,
        expected: &'map Map,
        found: &'map Map,
        object: impl Fn(&Key) -> Object,
        both: impl FnMut(&mut Differences, Object, &Key, &Value, &Value),
    ) where
        &'map Map: IntoIterator<Item = (&'map Key, &'map Value)>,
    {
        self.pair_unless(|_, _| false, expected, found, object, both);
    }

    /// The same, without those pairs that are known to be alike. The keys of both are in their order.
    fn pair_unless<'map, Map, Key: Ord + 'map, Value: 'map>(
        &mut self,
        alike: impl Fn(&Value, &Value) -> bool,
        expected: &'map Map,
        found: &'map Map,
        object: impl Fn(&Key) -> Object,
        mut both: impl FnMut(&mut Differences, Object, &Key, &Value, &Value),
    ) where
        &'map Map: IntoIterator<Item = (&'map Key, &'map Value)>,
    {
        let mut found = found.into_iter().peekable();
        let mut unexpected = Vec::new();
        for (key, value) in expected {
            while let Some((other, _)) = found.next_if(|(other, _)| *other < key) {
                unexpected.push(Difference::Unexpected(object(other)));
            }
            match found.next_if(|(other, _)| *other == key) {
                Some((_, found)) if alike(value, found) => {}
                Some((_, found)) => both(self, object(key), key, value, found),
                None => self.0.push(Difference::Missing(object(key))),
            }
        }
        unexpected.extend(found.map(|(key, _)| Difference::Unexpected(object(key))));
        self.0.append(&mut unexpected);
    }

    /// As [`Differences::pair`], of values that copies of a catalog share: what is the same one is the same.
    fn pair_shared<Value>(
        &mut self,
        expected: &SharedMap<QualifiedName, Arc<Value>>,
        found: &SharedMap<QualifiedName, Arc<Value>>,
        object: impl Fn(&QualifiedName) -> Object,
        mut both: impl FnMut(&mut Differences, Object, &QualifiedName, &Value, &Value),
    ) {
        self.pair_unless(Arc::ptr_eq, expected, found, object, |differences, object, name, expected, found| {
            both(differences, object, name, expected, found);
        });
    }
}

pub(super) fn catalogs(expected: &Catalog, actual: &Catalog) -> Vec<Difference> {
    let mut differences = Differences::default();
    let access = AccessComparison::new(expected);
    let wanted = expected;
    differences.pair(
        &expected.extensions,
        &actual.extensions,
        |name| Object::Extension(name.clone()),
        |differences, object, _, expected, found| extensions(differences, &object, expected, found),
    );
    differences.pair_shared(
        &expected.enums,
        &actual.enums,
        |name: &QualifiedName| Object::Enum(name.clone()),
        |differences, object, name, expected, found| {
            enums(differences, &object, expected, found);
            access.compare(differences, &object, &AccessTarget::Enum(name.clone()), &expected.access, &found.access);
        },
    );
    differences.pair_shared(
        &expected.tables,
        &actual.tables,
        |name: &QualifiedName| Object::Table(name.clone()),
        |differences, object, name, expected, found| {
            compare_partition_of(differences, &object, (expected, found), wanted);
            compare_tables(differences, &object, name, expected, found);
            let target = AccessTarget::Table(name.clone());
            access.compare(differences, &object, &target, &expected.access, &found.access);
            let owner = found.access.owner.as_ref();
            for column in &expected.columns {
                let Some(other) = found.column(&column.name) else { continue };
                let object = Object::Column { table: name.clone(), column: column.name.clone() };
                let target = AccessTarget::Column(name.clone(), column.name.clone());
                access.compare_grants(differences, &object, &target, owner, &column.grants, &other.grants);
            }
        },
    );
    let actual_objects = with_roles_of(expected, actual);
    differences.pair(
        &expected.objects,
        &actual_objects,
        |id: &ObjectId| Object::Other(id.clone()),
        |differences, object, id, expected, found| {
            if let (Definition::ForeignTable(expected), Definition::ForeignTable(found)) =
                (&expected.definition, &found.definition)
            {
                compare_partition_of(differences, &object, (&expected.as_table(), &found.as_table()), wanted);
            }
            for (word, expected, found) in expected.definition.differences(&found.definition) {
                let property = Property::Other(word);
                differences.0.push(Difference::Different { object: object.clone(), property, expected, found });
            }
            differences.compare(&object, Property::Comment, expected.comment.clone(), found.comment.clone());
            for column in expected.column_comments.keys().chain(found.column_comments.keys()).collect::<SortedSet<_>>()
            {
                let object = Object::Column { table: id.name.clone(), column: column.clone() };
                let of = |one: &crate::object::Object| one.column_comments.get(column).cloned();
                differences.compare(&object, Property::Comment, of(expected), of(found));
            }
            let target = AccessTarget::Object(id.clone());
            access.compare(differences, &object, &target, &expected.access, &found.access);
            if let (Definition::MaterializedView(expected), Definition::MaterializedView(found)) =
                (&expected.definition, &found.definition)
            {
                compare_indexes(differences, &id.name, &expected.as_table(), &found.as_table());
            }
        },
    );
    access.compare_public(expected, actual, &mut differences);
    // A schema that nobody asked for matters by what is in it, if anything is; and raw SQL may have made what it does not describe.
    differences.0.retain(|difference| match difference {
        Difference::Unexpected(Object::Other(id)) => {
            // Raw SQL may leave out the schema, and that of the table counts.
            let is_by_hand = expected.by_hand.iter().any(|(kind, name)| {
                *kind == id.kind && name.name == id.name.name && (id.table.is_some() || name.schema == id.name.schema)
            });
            // Nor what somebody else's objects give to whom; but what everybody gets counts.
            let is_for_somebody = match actual_objects.get(id).map(|object| &object.definition) {
                Some(Definition::DefaultPrivileges(defaults)) => {
                    expected.grants_by_hand || !defaults.opens_to_everybody()
                }
                _ => false,
            };
            let has_contents = id.kind == Kind::Schema && has_anything_in(actual, &id.name.name);
            !(has_contents || is_by_hand || is_for_somebody)
        }
        _ => true,
    });
    differences.0
}

/// Whether there is anything in a schema, of extensions too.
fn has_anything_in(catalog: &Catalog, schema: &str) -> bool {
    catalog.tables.keys().chain(catalog.enums.keys()).any(|name| name.schema == schema)
        || catalog.objects.keys().any(|id| id.schema() == Some(schema))
        || catalog.extensions.values().any(|extension| extension.schema() == schema)
}

/// The objects that are there, with default privileges of the role that migrated, whichever that was, as those of whoever
/// migrates.
fn with_roles_of(expected: &Catalog, actual: &Catalog) -> SharedMap<ObjectId, Arc<crate::object::Object>> {
    let mut objects = actual.objects.clone();
    for (id, object) in &expected.objects {
        let Definition::DefaultPrivileges(wanted) = &object.definition else { continue };
        if wanted.role.is_some() || objects.contains_key(id) {
            continue;
        }
        let is_alike = |(other, object): &(&ObjectId, &Arc<crate::object::Object>)| match &object.definition {
            Definition::DefaultPrivileges(found) => {
                (&found.schema, found.of) == (&wanted.schema, wanted.of) && !expected.objects.contains_key(*other)
            }
            _ => false,
        };
        let found = objects.iter().find(is_alike).map(|(other, object)| (other.clone(), Arc::clone(object)));
        if let Some((other, object)) = found {
            objects.remove(&other);
            objects.insert(id.clone(), object);
        }
    }
    objects
}

fn extensions(differences: &mut Differences, object: &Object, expected: &Extension, found: &Extension) {
    // Where none is asked for, the extension's own choice or the search path decided.
    let comment = expected.comment.clone();
    let expected = expected.schema.clone().filter(|schema| schema != DEFAULT_SCHEMA);
    if expected.is_some() {
        differences.compare(object, Property::Schema, expected, found.schema.clone());
    }
    // Where none is said, it has the one that it brings.
    if comment.is_some() {
        differences.compare(
            object,
            Property::Comment,
            comment,
            found.comment.clone().or_else(|| found.own_comment.clone()),
        );
    }
}

fn enums(differences: &mut Differences, object: &Object, expected: &EnumType, found: &EnumType) {
    let values = |definition: &EnumType| Some(definition.values.join(", "));
    if expected.values != found.values {
        differences.0.push(Difference::Different {
            object: object.clone(),
            property: Property::Values,
            expected: values(expected),
            found: values(found),
        });
    }
    differences.compare(object, Property::Comment, expected.comment.clone(), found.comment.clone());
}
