//! The fields of a struct beside the columns of a table.

use migrate_core::catalog::{Catalog, Column};
use migrate_core::types::Type;

use super::parse::{Field, Mistake, Row};
use super::rust_type::{RustType, suggested};
use crate::check::State;
use crate::diagnostic::{choices, code};

/// What is wrong, in the order of the fields; what the struct lacks comes last.
pub(super) fn mistakes(row: &Row, state: &State) -> Vec<Mistake> {
    let catalog = &state.catalog;
    let Some(columns) = columns(row, catalog) else {
        if state.undeclared.made(&row.table).is_some() {
            return Vec::new();
        }
        let message = format!("the migrations create no table `{}`", row.table);
        let names: Vec<String> = catalog.tables.keys().map(ToString::to_string).collect();
        let mut mistake = Mistake::new(code::STRUCT_DIFFERS, message, row.table_at);
        mistake.help.extend(choices(&row.table.to_string(), names.iter().map(String::as_str), "tables"));
        return vec![mistake];
    };
    let mut mistakes = Vec::new();
    for field in &row.fields {
        match columns.iter().find(|column| column.name == field.column) {
            Some(column) => mistakes.extend(compared(field, column, row, catalog)),
            None if state.undeclared.column(&row.table, &field.column).is_some() => {}
            None => {
                let message = format!("table `{}` has no column `{}`", row.table, field.column);
                let names = columns.iter().map(|column| column.name.as_str());
                let mut mistake = Mistake::new(code::STRUCT_DIFFERS, message, field.at);
                mistake.help.extend(choices(&field.column, names, "columns"));
                mistakes.push(mistake);
            }
        }
    }
    for column in &columns {
        if row.fields.iter().all(|field| field.column != column.name) {
            let message = format!("`{}` has no field for column `{}.{}`", row.name, row.table, column.name);
            let mut mistake = Mistake::new(code::STRUCT_DIFFERS, message, row.at);
            if let Some(field) = written(column, catalog) {
                mistake = mistake.help(format!("add `{}: {field}`", column.name));
            }
            mistakes.push(mistake);
        }
    }
    mistakes
}

/// The columns of a table, or of a view.
fn columns(row: &Row, catalog: &Catalog) -> Option<Vec<Column>> {
    catalog.table(&row.table).map(|table| table.columns.clone())
}

fn compared(field: &Field, column: &Column, row: &Row, catalog: &Catalog) -> Option<Mistake> {
    let name = format!("column `{}.{}`", row.table, column.name);
    let (inner, is_option) = match &field.rust_type {
        RustType::Option(inner) => (&**inner, true),
        other => (other, false),
    };
    let help = |mistake: Mistake| match written(column, catalog) {
        Some(field) => mistake.help(format!("write `{}: {field}`", column.name)),
        None => mistake,
    };
    let mistake = |message: String| Some(help(Mistake::new(code::STRUCT_DIFFERS, message, field.type_at)));
    let base = base(&column.data_type, catalog);
    if inner.columns(catalog).is_some_and(|known| !known.contains(&base)) {
        return mistake(format!("{name} is `{}`, which cannot be read as `{}`", column.data_type, inner.told()));
    }
    match (column.nullable, is_option) {
        (true, false) if field.rust_type != RustType::Other => mistake(format!("{name} is nullable")),
        (false, true) => mistake(format!("{name} is never NULL")),
        _ => None,
    }
}

/// The type of the values: that of a domain is the one that it is over.
pub(super) fn base(data_type: &Type, catalog: &Catalog) -> Type {
    match data_type {
        Type::Array(element) => Type::Array(Box::new(base(element, catalog))),
        other => catalog.base_type(other).without_modifier(),
    }
}

/// The type of a field for a column.
fn written(column: &Column, catalog: &Catalog) -> Option<String> {
    let value = suggested(&column.data_type, catalog)?;
    Some(if column.nullable { format!("Option<{value}>") } else { value })
}
