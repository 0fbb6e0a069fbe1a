//! What mentions a renamed thing follows it, as it does in PostgreSQL, which keeps no names but references.

use std::sync::Arc;

use super::set_identity::keep_sequence_name;
use crate::catalog::{Catalog, ConstraintKind, EnumLiterals, Fields, ForeignKey, ReferentialAction, Table};
use crate::expression::{Expression, ExpressionKind};
use crate::name::QualifiedName;
use crate::object::{Define as _, Object, Renaming, follow_class, follow_collation};

/// Changes a table and those that depend on it: nothing else can mention it or its columns.
fn change_around(catalog: &mut Catalog, around: &QualifiedName, change: impl Fn(&QualifiedName, &mut Table)) {
    let mut names: Vec<QualifiedName> =
        catalog.tables.dependents(around).into_iter().map(|(name, _)| name.clone()).collect();
    if !names.contains(around) {
        names.push(around.clone());
    }
    change_tables(catalog, &names, change);
}

/// Changes all tables that have to be.
fn change_all(catalog: &mut Catalog, change: impl Fn(&QualifiedName, &mut Table)) {
    let names: Vec<QualifiedName> = catalog.tables.keys().cloned().collect();
    change_tables(catalog, &names, change);
}

/// Changes the tables of these names that have to be, and leaves those shared that stay as they are.
fn change_tables(catalog: &mut Catalog, names: &[QualifiedName], change: impl Fn(&QualifiedName, &mut Table)) {
    for name in names {
        let Some(table) = catalog.table(name) else { continue };
        let mut changed = table.clone();
        change(name, &mut changed);
        if changed != *table {
            catalog.tables.insert(name.clone(), changed.into());
        }
    }
}

fn foreign_keys_mut(table: &mut Table) -> impl Iterator<Item = &mut ForeignKey> {
    table.constraints.values_mut().filter_map(|constraint| match &mut constraint.kind {
        ConstraintKind::ForeignKey(key) => Some(key),
        _ => None,
    })
}

/// What objects mention, and what they are told by, follows.
pub(super) fn objects(catalog: &mut Catalog, renaming: &Renaming<'_>) {
    for (id, object) in std::mem::take(&mut catalog.objects) {
        let mut definition = object.definition.clone();
        definition.follow(&id, renaming);
        let object = match definition == object.definition {
            true => object,
            false => Arc::new(Object { definition, ..(*object).clone() }),
        };
        catalog.objects.insert(renaming.of_identity(&id).unwrap_or(id), object);
    }
    // Types and values of tables are followed where they are renamed; so are columns.
    if matches!(renaming, Renaming::Relation { .. } | Renaming::Object { .. }) {
        change_all(catalog, |_, table| {
            table.expressions_mut().for_each(|expression| renaming.follow_expression(expression));
            table.collations_mut().for_each(|collation| follow_collation(collation, renaming));
            table.classes_mut().for_each(|(method, class)| follow_class(&method, class, renaming));
        });
    }
}

/// A table was renamed, and stands in the catalog under its new name already.
pub(super) fn rename_table(catalog: &mut Catalog, from: &QualifiedName, to: &QualifiedName) {
    objects(catalog, &Renaming::Relation { from, to });
    let around = catalog.tables.dependents(from).into_iter().map(|(name, _)| name.clone());
    let names: Vec<QualifiedName> = around.filter(|name| name != to).chain([to.clone()]).collect();
    change_tables(catalog, &names, |name, table| {
        for key in foreign_keys_mut(table).filter(|key| key.table == *from) {
            key.table = to.clone();
        }
        for column in &mut table.columns {
            column.data_type.rename(from, to);
        }
        if let Some(of) = table.partition_of.as_mut().filter(|of| of.parent == *from) {
            of.parent = to.clone();
        }
        for parent in table.inherits.iter_mut().filter(|parent| *parent == from) {
            parent.clone_from(to);
        }
        if name == to {
            for column in &mut table.columns {
                let own = column.name.clone();
                keep_sequence_name(column, (from, &own), to);
            }
            for expression in table.expressions_mut() {
                rename_qualifier(expression, &from.name, &to.name);
            }
        }
    });
}

/// `bookings.total` becomes `trips.total`.
fn rename_qualifier(expression: &mut Expression, from: &str, to: &str) {
    expression.visit_mut(&mut |part| {
        let qualifier = match &mut part.kind {
            ExpressionKind::Name(parts) => match parts.as_mut_slice() {
                [table, _] | [_, table, _] => table,
                _ => return,
            },
            ExpressionKind::Star(parts) => match parts.last_mut() {
                Some(table) => table,
                None => return,
            },
            _ => return,
        };
        if qualifier == from {
            to.clone_into(qualifier);
        }
    });
}

/// A column is renamed, in its own table and wherever it is referenced.
pub(super) fn rename_column(catalog: &mut Catalog, table_name: &QualifiedName, from: &str, to: &str) {
    let before = catalog.clone();
    objects(catalog, &Renaming::Column { table: table_name, from, to, before: &before });
    let id = catalog.with_columns(table_name).map(|(id, _)| id.clone());
    if let Some(object) = id.and_then(|id| catalog.object_mut(&id)) {
        object.rename_column(from, to);
    }
    let rename = |names: &mut Vec<String>| {
        for name in names.iter_mut().filter(|name| *name == from) {
            to.clone_into(name);
        }
    };
    change_around(catalog, table_name, |name, table| {
        for key in foreign_keys_mut(table).filter(|key| key.table == *table_name) {
            rename(&mut key.referenced);
        }
        let type_of_name = |parts: &[String]| before.column_type(name, parts.last()?);
        let fields = Fields { catalog: &before, type_of_name: &type_of_name };
        for expression in table.expressions_mut() {
            expression.visit_mut(&mut |part| fields.rename(part, (table_name, from, to)));
        }
        if name != table_name {
            return;
        }
        for column in table.columns.iter_mut().filter(|column| column.name == from) {
            to.clone_into(&mut column.name);
            keep_sequence_name(column, (table_name, from), table_name);
        }
        for constraint in table.constraints.values_mut() {
            match &mut constraint.kind {
                ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                    rename(&mut key.columns);
                    rename(&mut key.include);
                }
                ConstraintKind::ForeignKey(key) => {
                    rename(&mut key.columns);
                    for action in [&mut key.on_delete, &mut key.on_update] {
                        if let ReferentialAction::SetNull(columns) | ReferentialAction::SetDefault(columns) = action {
                            rename(columns);
                        }
                    }
                }
                ConstraintKind::Exclusion(exclusion) => rename(&mut exclusion.include),
                ConstraintKind::Check(_) => {}
            }
        }
        for index in table.indexes.values_mut() {
            rename(&mut index.include);
        }
        for expression in table.expressions_mut() {
            expression.rename_column(from, to);
        }
    });
}

/// A type is renamed in columns and casts.
pub(super) fn rename_type(catalog: &mut Catalog, from: &QualifiedName, to: &QualifiedName) {
    let renaming = Renaming::Type { from, to };
    objects(catalog, &renaming);
    change_all(catalog, |_, table| {
        for column in &mut table.columns {
            column.data_type.rename(from, to);
        }
        for expression in table.expressions_mut() {
            renaming.follow_expression(expression);
        }
    });
}

/// A value of an enum is renamed in the literals that are known to be of that enum.
pub(super) fn rename_enum_value(catalog: &mut Catalog, name: &QualifiedName, from: &str, to: &str) {
    if !catalog.objects.is_empty() {
        let before = catalog.clone();
        objects(catalog, &Renaming::Value { name, from, to, before: &before });
    }
    change_all(catalog, |_, table| {
        let literals = EnumLiterals::of(table, name);
        let mut rename = |value: &mut String| {
            if value == from {
                to.clone_into(value);
            }
        };
        for column in &mut table.columns {
            if column.data_type.depends_on() == Some(name) {
                let generated = column.generated.as_mut().map(|generated| &mut generated.expression);
                let on_update = column.on_update.as_mut().map(|on_update| &mut on_update.expression);
                for expression in column.default.iter_mut().chain(generated).chain(on_update) {
                    literals.visit_value(expression, &mut rename);
                }
            }
        }
        for expression in table.expressions_mut() {
            literals.visit_inside(expression, &mut rename);
        }
    });
}
