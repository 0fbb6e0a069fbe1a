//! Comparing two tables of the same name.

use std::borrow::Cow;
use std::fmt::Display;

use super::compare::Differences;
use super::expressions::{same_expression, same_value};
use super::{Difference, Object, Property};
use crate::catalog::{
    Catalog, Column, ColumnSettings, Constraint, ConstraintKind, Exclusion, ExclusionElement, Identity, Index,
    IndexKey, NullsOrder, Table, TableSettings,
};
use crate::expression::{Expression, ExpressionKind};
use crate::name::{DEFAULT_SCHEMA, QualifiedName, split_schema};
use crate::object::Sequence;
use crate::operation::{constraint_definition, create_index, partitioning};
use crate::sorted::SortedMap;
use crate::sql::Writer;
use crate::types::is_default_operator_class;

pub(super) fn compare_tables(
    differences: &mut Differences,
    object: &Object,
    name: &QualifiedName,
    expected: &Table,
    found: &Table,
) {
    if expected.row_security != found.row_security {
        let told = |table: &Table| Some(table.row_security.told().to_owned());
        differences.compare(object, Property::Other("row level security"), told(expected), told(found));
    }
    compare_settings(differences, object, expected, found);
    compare_partitioning(differences, object, expected, found);
    let inherits = |table: &Table| {
        let parents: Vec<String> = table.parents().iter().map(ToString::to_string).collect();
        (!parents.is_empty()).then(|| parents.join(", "))
    };
    differences.compare(object, Property::Other("inherits"), inherits(expected), inherits(found));
    differences.compare(object, Property::Comment, expected.comment.clone(), found.comment.clone());
    let column = |column: &Column| Object::Column { table: name.clone(), column: column.name.clone() };
    for wanted in &expected.columns {
        match found.column(&wanted.name) {
            Some(found) => compare_columns(differences, &column(wanted), wanted, found, expected),
            None => differences.0.push(Difference::Missing(column(wanted))),
        }
    }
    for unexpected in found.columns.iter().filter(|found| expected.column(&found.name).is_none()) {
        differences.0.push(Difference::Unexpected(column(unexpected)));
    }
    differences.pair(
        &expected.constraints,
        &found.constraints,
        |constraint| Object::Constraint { table: name.clone(), name: constraint.clone() },
        |differences, object, constraint, wanted, found| {
            compare_constraints(differences, &object, constraint, wanted, found, expected);
        },
    );
    compare_indexes(differences, name, expected, found);
}

/// Compares the indexes of a table, or of what has indexes as a table has them.
pub(super) fn compare_indexes(differences: &mut Differences, name: &QualifiedName, expected: &Table, found: &Table) {
    differences.pair(
        &expected.indexes,
        &found.indexes,
        |index| Object::Index { table: name.clone(), name: index.clone() },
        |differences, object, index, wanted, found| {
            if !same_index(wanted, found, expected) {
                differences.0.push(Difference::Different {
                    object: object.clone(),
                    property: Property::Definition,
                    expected: Some(create_index(name, index, wanted, false)),
                    found: Some(create_index(name, index, found, false)),
                });
            }
            differences.compare(
                &object,
                Property::Other("storage parameters"),
                told(&wanted.parameters),
                told(&found.parameters),
            );
            let statistics = Property::Other("statistics");
            differences.compare(&object, statistics, told(&wanted.statistics), told(&found.statistics));
            let part_of = Property::Other("part of index");
            differences.compare(&object, part_of, wanted.attached_to.clone(), found.attached_to.clone());
            differences.compare(&object, Property::Comment, wanted.comment.clone(), found.comment.clone());
        },
    );
}

fn compare_settings(differences: &mut Differences, object: &Object, expected: &Table, found: &Table) {
    let (expected, found) = (&expected.settings, &found.settings);
    let logging = |settings: &TableSettings| Some(if settings.unlogged { "unlogged" } else { "logged" }.to_owned());
    differences.compare(object, Property::Other("logging"), logging(expected), logging(found));
    let parameters = Property::Other("storage parameters");
    differences.compare(object, parameters, told(&expected.parameters), told(&found.parameters));
    let identity = |settings: &TableSettings| Some(settings.replica_identity.told());
    differences.compare(object, Property::Other("replica identity"), identity(expected), identity(found));
}

fn compare_column_settings(differences: &mut Differences, object: &Object, expected: &Column, found: &Column) {
    let (expected, found) = (&expected.settings, &found.settings);
    let storage = |settings: &ColumnSettings| settings.storage.map(|storage| storage.keyword().to_lowercase());
    differences.compare(object, Property::Other("storage"), storage(expected), storage(found));
    let compression = |settings: &ColumnSettings| settings.compression.map(|one| one.keyword().to_lowercase());
    differences.compare(object, Property::Other("compression"), compression(expected), compression(found));
    let statistics = |settings: &ColumnSettings| settings.statistics.map(|target| target.to_string());
    differences.compare(object, Property::Other("statistics"), statistics(expected), statistics(found));
    let parameters = Property::Other("parameters");
    differences.compare(object, parameters, told(&expected.parameters), told(&found.parameters));
}

/// Parameters and their values in words.
fn told<Name: Display, Value: Display>(parameters: &SortedMap<Name, Value>) -> Option<String> {
    let each: Vec<String> = parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    (!each.is_empty()).then(|| each.join(", "))
}

fn compare_partitioning(differences: &mut Differences, object: &Object, expected: &Table, found: &Table) {
    let is_same = match (&expected.partitioning, &found.partitioning) {
        (Some(one), Some(other)) => {
            one.strategy == other.strategy
                && one.keys.len() == other.keys.len()
                && one.keys.iter().zip(&other.keys).all(|(one, other)| same_key(one, other, "btree", expected))
        }
        (one, other) => one == other,
    };
    let told = |table: &Table| Some(partitioning(Writer::new(), table.partitioning.as_ref()?).finish());
    if !is_same {
        differences.compare(object, Property::Other("partition by"), told(expected), told(found));
    }
}

/// Compares what a table is a partition of; the types of the keys say what the literals are.
pub(super) fn compare_partition_of(
    differences: &mut Differences,
    object: &Object,
    (expected, found): (&Table, &Table),
    catalog: &Catalog,
) {
    let is_same = match (&expected.partition_of, &found.partition_of) {
        (Some(one), Some(other)) => {
            one.parent == other.parent && one.bound.same_as(&other.bound, &catalog.partition_key_types(&one.parent))
        }
        (one, other) => one == other,
    };
    let told = |table: &Table| table.partition_of.as_ref().map(|of| format!("{} {}", of.parent, of.bound));
    if !is_same {
        differences.compare(object, Property::Other("partition of"), told(expected), told(found));
    }
}

fn compare_columns(differences: &mut Differences, object: &Object, expected: &Column, found: &Column, table: &Table) {
    let data_type = |column: &Column| Some(column.data_type.to_string());
    if expected.data_type != found.data_type {
        differences.compare(object, Property::Type, data_type(expected), data_type(found));
    }
    let nullability = |column: &Column| Some(if column.nullable { "null" } else { "not null" }.to_owned());
    differences.compare(object, Property::Nullability, nullability(expected), nullability(found));
    differences.compare_expressions(
        object,
        Property::Default,
        expected.default.as_ref(),
        found.default.as_ref(),
        |expected_default, found_default| same_value(expected_default, found_default, expected, table),
    );
    let generation = |column: &Column| column.generated.as_ref().map(ToString::to_string);
    let is_same_generation = match (&expected.generated, &found.generated) {
        (Some(one), Some(other)) => {
            one.stored == other.stored && same_value(&one.expression, &other.expression, expected, table)
        }
        (None, None) => true,
        _ => false,
    };
    if !is_same_generation {
        differences.compare(object, Property::Generated, generation(expected), generation(found));
    }
    let identity = |column: &Column| {
        column.identity.map(|identity| {
            match identity {
                Identity::Always => "generated always",
                Identity::ByDefault => "generated by default",
            }
            .to_owned()
        })
    };
    let (wanted, there) = object.table().map_or((None, None), |name| sequences_of_identity(name, expected, found));
    differences.compare(object, Property::Other("sequence"), wanted, there);
    compare_column_settings(differences, object, expected, found);
    differences.compare(object, Property::Identity, identity(expected), identity(found));
    differences.compare_expressions(
        object,
        Property::OnUpdate,
        expected.on_update.as_ref().map(|on_update| &on_update.expression),
        found.on_update.as_ref().map(|on_update| &on_update.expression),
        |expected_value, found_value| same_value(expected_value, found_value, expected, table),
    );
    let origin = |column: &Column| Some(if column.inherited { "inherited" } else { "its own" }.to_owned());
    differences.compare(object, Property::Other("origin"), origin(expected), origin(found));
    let collation = |column: &Column| bare(column.collation.clone()).filter(|name| name != "default");
    differences.compare(object, Property::Collation, collation(expected), collation(found));
    differences.compare(object, Property::Comment, expected.comment.clone(), found.comment.clone());
}

/// The options of the sequences of two identities, as far as they are to be compared.
fn sequences_of_identity(table: &QualifiedName, expected: &Column, found: &Column) -> (Option<String>, Option<String>) {
    let (wanted, mut there) = (expected.sequence.as_deref(), found.sequence.as_deref().cloned());
    if let Some(there) = &mut there {
        // Nothing said is nothing compared.
        there.name = there.name.take().filter(|_| wanted.is_some_and(|wanted| wanted.name.is_some()));
        there.logged = there.logged.filter(|_| wanted.is_some_and(|wanted| wanted.logged.is_some()));
    }
    let told = |sequence: Option<&Sequence>| {
        let text = sequence?.write_of_identity(table, Writer::new()).finish();
        Some(text).filter(|text| !text.is_empty())
    };
    (told(wanted), told(there.as_ref()))
}

impl Differences {
    fn compare_expressions(
        &mut self,
        object: &Object,
        property: Property,
        expected: Option<&Expression>,
        found: Option<&Expression>,
        same: impl FnOnce(&Expression, &Expression) -> bool,
    ) {
        let is_same = match (expected, found) {
            (Some(expected), Some(found)) => same(expected, found),
            (None, None) => true,
            // `DEFAULT NULL` is not a default to the server.
            (Some(only), None) | (None, Some(only)) => only.is_null(),
        };
        if !is_same {
            self.0.push(Difference::Different {
                object: object.clone(),
                property,
                expected: expected.map(Expression::to_string),
                found: found.map(Expression::to_string),
            });
        }
    }
}

fn compare_constraints(
    differences: &mut Differences,
    object: &Object,
    name: &str,
    expected: &Constraint,
    found: &Constraint,
    table: &Table,
) {
    let is_same = match (&expected.kind, &found.kind) {
        (ConstraintKind::Check(one), ConstraintKind::Check(other)) => same_expression(one, other, table),
        (ConstraintKind::Exclusion(one), ConstraintKind::Exclusion(other)) => same_exclusion(one, other, table),
        (one, other) => one == other,
    };
    let is_same = is_same && (expected.not_valid, expected.no_inherit) == (found.not_valid, found.no_inherit);
    let part_of = Property::Other("part of constraint");
    differences.compare(object, part_of, expected.attached_to.clone(), found.attached_to.clone());
    let definition = |constraint: &Constraint| {
        let writer = constraint_definition(Writer::new(), name, constraint);
        writer.keyword_if(constraint.not_valid, "NOT VALID").finish()
    };
    if !is_same {
        differences.0.push(Difference::Different {
            object: object.clone(),
            property: Property::Definition,
            expected: Some(definition(expected)),
            found: Some(definition(found)),
        });
    }
    differences.compare(object, Property::Comment, expected.comment.clone(), found.comment.clone());
}

pub(super) fn same_index(expected: &Index, found: &Index, table: &Table) -> bool {
    expected.method == found.method
        && expected.unique == found.unique
        && expected.nulls_not_distinct == found.nulls_not_distinct
        && expected.include == found.include
        && expected.keys.len() == found.keys.len()
        && expected.keys.iter().zip(&found.keys).all(|(one, other)| same_key(one, other, &expected.method, table))
        && match (&expected.predicate, &found.predicate) {
            (Some(expected), Some(found)) => same_expression(expected, found, table),
            (None, None) => true,
            _ => false,
        }
}

fn same_exclusion(expected: &Exclusion, found: &Exclusion, table: &Table) -> bool {
    let same_element = |one: &ExclusionElement, other: &ExclusionElement| {
        one.operator.symbol == other.operator.symbol
            && (one.operator.schema == other.operator.schema || one.operator.schema.is_none())
            && same_key(&one.key, &other.key, &expected.method, table)
    };
    expected.method == found.method
        && expected.deferral == found.deferral
        && expected.include == found.include
        && expected.parameters == found.parameters
        && expected.elements.len() == found.elements.len()
        && expected.elements.iter().zip(&found.elements).all(|(one, other)| same_element(one, other))
        && match (&expected.predicate, &found.predicate) {
            (Some(expected), Some(found)) => same_expression(expected, found, table),
            (None, None) => true,
            _ => false,
        }
}

/// The key without a collation that its expression ends with: the server keeps it as the key's own.
fn without_collation(key: &IndexKey) -> Cow<'_, IndexKey> {
    match &key.expression.kind {
        ExpressionKind::Collate { operand, collation } if key.collation.is_none() => Cow::Owned(IndexKey {
            expression: Expression::clone(operand),
            collation: Some(collation.join(".")),
            ..key.clone()
        }),
        _ => Cow::Borrowed(key),
    }
}

fn same_key(expected: &IndexKey, found: &IndexKey, method: &str, table: &Table) -> bool {
    let (expected, found) = (&*without_collation(expected), &*without_collation(found));
    let column = expected.column().and_then(|column| table.column(column));
    // What is written although it is what the column has anyway is not told by the server.
    let collation = |key: &IndexKey| {
        let inherited = column.and_then(|column| column.collation.clone());
        bare(key.collation.clone().or(inherited)).unwrap_or_else(|| "default".into())
    };
    let operator_class = |key: &IndexKey| {
        let is_default =
            |name: &String| column.is_some_and(|one| is_default_operator_class(method, &one.data_type, name));
        bare(key.operator_class.clone()).filter(|name| !is_default(name))
    };
    let nulls_first = |key: &IndexKey| match key.nulls {
        Some(nulls) => nulls == NullsOrder::First,
        None => key.descending,
    };
    expected.descending == found.descending
        && expected.class_parameters == found.class_parameters
        && nulls_first(expected) == nulls_first(found)
        && collation(expected) == collation(found)
        && operator_class(expected) == operator_class(found)
        && same_expression(&expected.expression, &found.expression, table)
}

/// The name of a collation or an operator class as it is read from the server: without the schemas `public` and `pg_catalog`.
fn bare(name: Option<String>) -> Option<String> {
    name.map(|name| match split_schema(&name) {
        Some((DEFAULT_SCHEMA | "pg_catalog", rest)) => rest.to_owned(),
        _ => name,
    })
}
