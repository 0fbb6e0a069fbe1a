//! What tables should be, by the structs that hold their rows: for `cargo migrate generate --from-structs`.

use migrate_core::catalog::{Catalog, Column};
use migrate_core::name::QualifiedName;
use migrate_core::operation::{DropColumn, Operate as _};
use migrate_core::sorted::SortedMap;

use super::compare::base;
use super::parse::{Field, Mistake};
use super::rust_type::RustType;
use super::sources::{self, Found, finding};
use crate::diagnostic::{choices, code};
use crate::inline::History;
use crate::lint::Finding;

/// What the structs of a crate want of the tables whose rows they hold.
#[derive(Clone, Debug)]
pub struct Structs {
    /// The catalog of the history, with the columns that the structs have.
    pub catalog: Catalog,
    /// How many structs there are.
    pub count: usize,
}

impl History {
    /// Reads the structs with `#[derive(Table)]` in these files, each a name and a text, that belong to the migrations in this
    /// directory.
    ///
    /// # Errors
    /// All mistakes: a file that is not Rust, a table that the migrations do not make, a new column whose type is not known.
    pub fn with_structs(&self, files: &[(String, String)], migrations: &str) -> Result<Structs, Vec<Finding>> {
        let mut wrong = Vec::new();
        let mut by_table: SortedMap<QualifiedName, Vec<Found>> = SortedMap::new();
        for (file, text) in files {
            match sources::find(file, text) {
                Ok(found) => {
                    let own = found.into_iter().filter(|one| one.row.migrations == migrations);
                    own.for_each(|one| by_table.entry(one.row.table.clone()).or_default().push(one));
                }
                Err(mistakes) => wrong.extend(mistakes),
            }
        }
        let mut catalog = self.catalog().clone();
        for (table, structs) in &by_table {
            match self.catalog().table(table) {
                Some(_) => of_table(table, structs, &mut catalog, &mut wrong),
                None => wrong.extend(structs.iter().map(|one| finding(&one.file, &self.no_table(one)))),
            }
        }
        let count = by_table.values().map(Vec::len).sum();
        if wrong.is_empty() { Ok(Structs { catalog, count }) } else { Err(wrong) }
    }

    fn no_table(&self, found: &Found) -> Mistake {
        let row = &found.row;
        let message = format!("the migrations create no table `{}`", row.table);
        let names: Vec<String> = self.catalog().tables.keys().map(ToString::to_string).collect();
        let mut mistake = Mistake::new(code::STRUCT_DIFFERS, message, row.table_at);
        mistake.help.extend(choices(&row.table.to_string(), names.iter().map(String::as_str), "tables"));
        mistake.help("a struct does not name the primary key of a new table: create the table with `cargo migrate new`")
    }
}

fn of_table(table: &QualifiedName, structs: &[Found], catalog: &mut Catalog, wrong: &mut Vec<Finding>) {
    let fields = || structs.iter().flat_map(|one| one.row.fields.iter().map(move |field| (one.file.as_str(), field)));
    let columns = catalog.table(table).map(|table| table.columns.clone()).unwrap_or_default();
    for column in columns.iter().filter(|column| fields().all(|(_, field)| field.column != column.name)) {
        DropColumn { table: table.clone(), column: column.name.clone() }.apply(catalog);
    }
    for (file, field) in fields() {
        match as_column(field, catalog.table(table).and_then(|table| table.column(&field.column)), catalog) {
            Ok(column) => {
                let Some(table) = catalog.table_mut(table) else { continue };
                match table.column_mut(&field.column) {
                    Some(found) => *found = column,
                    None => table.columns.push(column),
                }
            }
            Err(mistake) => wrong.push(finding(file, &mistake)),
        }
    }
}

/// The column that a field reads: the one that is there where it does, else one of the first type that it reads.
fn as_column(field: &Field, found: Option<&Column>, catalog: &Catalog) -> Result<Column, Mistake> {
    let (inner, is_option) = match &field.rust_type {
        RustType::Option(inner) => (&**inner, true),
        other => (other, false),
    };
    let known = inner.columns(catalog);
    let mut column = match found {
        Some(found) => found.clone(),
        None => {
            let Some(data_type) = known.as_ref().and_then(|types| types.first().cloned()) else {
                let message = format!("cannot tell which PostgreSQL type `{}` stands for", inner.told());
                return Err(Mistake::new(code::STRUCT_DIFFERS, message, field.type_at)
                    .help("write the column in a migration: `cargo migrate new`"));
            };
            Column::new(field.column.clone(), data_type)
        }
    };
    if field.rust_type != RustType::Other || found.is_none() {
        column.nullable = is_option;
    }
    if let Some(types) = known
        && !types.contains(&base(&column.data_type, catalog))
        && let Some(data_type) = types.first()
    {
        column.data_type = data_type.clone();
    }
    Ok(column)
}
