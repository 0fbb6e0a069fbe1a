//! Looking things up: what is there is given, what is missing is reported with the closest name, what only raw SQL may
//! have made is reported with the raw SQL, and what an earlier mistake would have made stays silent.

use std::sync::Arc;

use migrate_core::catalog::{Column, EnumType, Table};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Kind, Namespace};
use migrate_core::token::At;
use migrate_core::types::Type;

use super::Checker;
use crate::diagnostic::{Diagnostic, choices, choices_of_names, closest, code};
use crate::parser::{Name, Spanned};

impl Checker<'_> {
    /// The table of that name.
    pub(crate) fn table(&mut self, name: &Spanned<QualifiedName>) -> Option<Arc<Table>> {
        if let Some(table) = self.state.catalog.tables.get(&name.value) {
            return Some(Arc::clone(table));
        }
        if let Some(maker) = self.state.undeclared.made(&name.value).cloned() {
            let what = format!("table `{}` is", name.value);
            let declaration = format!("create table {} {{ ... }}", name.value);
            self.report(self.undeclared(&what, &maker, &declaration, name.at));
        } else if is_system_table(&name.value) {
            self.report(
                Diagnostic::new(code::UNKNOWN_TABLE, format!("`{}` is a system table", name.value.name), name.at)
                    .help("a migration cannot change it: use the statements that change what it describes"),
            );
        } else if !self.state.broken.has_relation(&name.value) {
            let help = choices_of_names(&name.value, self.state.catalog.tables.keys(), "tables");
            let headline = format!("cannot find table `{}`", name.value);
            self.report(Diagnostic::new(code::UNKNOWN_TABLE, headline, name.at).maybe_help(help));
        }
        None
    }

    /// Whether something else than a table has this name among relations: a view, a foreign table.
    pub(crate) fn is_other_relation(&self, name: &QualifiedName) -> bool {
        let catalog = self.catalog();
        catalog.table(name).is_none() && catalog.object_named(Namespace::Relation, name).is_some()
    }

    /// What an index can be on: a table, or a materialized view as a table of its columns.
    pub(crate) fn indexable(&mut self, name: &Spanned<QualifiedName>) -> Option<Arc<Table>> {
        match self.state.catalog.materialized_view(&name.value) {
            Some(view) => Some(Arc::new(view.as_table())),
            None => self.table(name),
        }
    }

    /// What people call it.
    pub(crate) fn noun_of_indexable(&self, name: &QualifiedName) -> &'static str {
        match self.state.catalog.materialized_view(name) {
            Some(_) => Kind::MaterializedView.noun(),
            None => "table",
        }
    }

    /// The column of a table.
    pub(crate) fn column<'t>(
        &mut self,
        table_name: &QualifiedName,
        table: &'t Table,
        name: &Name,
    ) -> Option<&'t Column> {
        let found = self.column_by_name(table_name, table, name)?;
        if found.is_none()
            && let Some(maker) = self.state.undeclared.column(table_name, &name.value).cloned()
        {
            self.report_undeclared_column(table_name, &name.value, &maker, name.at);
        }
        found
    }

    /// The column of a table for what needs no more than its name. `Some(None)`: raw SQL may have made it.
    pub(crate) fn column_by_name<'t>(
        &mut self,
        table_name: &QualifiedName,
        table: &'t Table,
        name: &Name,
    ) -> Option<Option<&'t Column>> {
        let found = table.column(&name.value);
        if found.is_some() || self.state.undeclared.column(table_name, &name.value).is_some() {
            return Some(found);
        }
        if !self.state.broken.has_column(table_name, &name.value) {
            self.report(self.unknown_column(table_name, table, name));
        }
        None
    }

    /// What is said about a column that is not there.
    pub(super) fn unknown_column(&self, table_name: &QualifiedName, table: &Table, name: &Name) -> Diagnostic {
        let names = table.columns.iter().map(|column| column.name.as_str());
        let mut mistake = Diagnostic::new(
            code::UNKNOWN_COLUMN,
            format!("cannot find column `{}` in table `{table_name}`", name.value),
            name.at,
        )
        .maybe_help(choices(&name.value, names, "columns"));
        mistake.notes.extend(self.state.made_in(&format!("`{table_name}`"), &super::Origin::Table(table_name.clone())));
        mistake
    }

    /// Whether a column that is not in the catalog is left to PostgreSQL, or to the mistake that is to blame.
    pub(crate) fn is_column_open(&self, table: &QualifiedName, column: &str) -> bool {
        self.state.broken.has_column(table, column) || self.state.undeclared.column(table, column).is_some()
    }

    /// The enum of that name.
    pub(crate) fn enum_type(&mut self, name: &Spanned<QualifiedName>) -> Option<Arc<EnumType>> {
        if let Some(definition) = self.state.catalog.enums.get(&name.value) {
            return Some(Arc::clone(definition));
        }
        if let Some(maker) = self.state.undeclared.made(&name.value).cloned() {
            let what = format!("enum `{}` is", name.value);
            let declaration = format!("create enum {} {{ ... }}", name.value);
            self.report(self.undeclared(&what, &maker, &declaration, name.at));
        } else if !self.state.broken.has_type(&name.value) {
            let help = choices_of_names(&name.value, self.state.catalog.enums.keys(), "enums");
            let headline = format!("cannot find enum `{}`", name.value);
            self.report(Diagnostic::new(code::UNKNOWN_TYPE, headline, name.at).maybe_help(help));
        }
        None
    }

    /// A type as it is written, in the schema where it is: built-in, one that was created, that of the rows of a table, or of an
    /// installed extension. `None` when there is none, reported.
    pub(crate) fn data_type(&mut self, data_type: &Spanned<Type>) -> Option<Type> {
        let written = data_type.value.clone();
        let Some(name) = written.depends_on().cloned() else { return Some(written) };
        let broken = &self.state.broken;
        let is_open =
            broken.has_type(&name) || broken.relations.contains(&name) || self.state.undeclared.made(&name).is_some();
        // The rows of a table, a view or another object with rows are of a type of its name.
        let has_rows = || self.catalog().tables.contains_key(&name) || self.catalog().with_columns(&name).is_some();
        if is_open || self.catalog().has_type(&name) || has_rows() {
            return Some(written);
        }
        match crate::extensions::providing_type(&name.name) {
            Some(extension) if self.state.catalog.extensions.contains_key(extension) => {
                return self.type_of_extension(extension, written, &name, data_type.at);
            }
            Some(extension) => {
                self.report(
                    Diagnostic::new(
                        code::UNKNOWN_TYPE,
                        format!("type `{name}` belongs to the extension `{extension}`, which has not been created"),
                        data_type.at,
                    )
                    .help(format!("write `create extension {};` first", quoted_if_needed(extension))),
                );
                return None;
            }
            None => {}
        }
        let has_unknown_extension = self.state.catalog.extensions.keys().any(|extension| {
            !crate::extensions::is_known(extension) && migrate_core::system::extension(extension).is_none()
        });
        if has_unknown_extension {
            return Some(written);
        }
        let catalog = &self.state.catalog;
        let types = catalog.objects.keys().filter(|id| id.kind.namespace() == Namespace::Type).map(|id| &id.name);
        let enums: Vec<String> = catalog.enums.keys().chain(types).map(ToString::to_string).collect();
        let known = enums.iter().map(String::as_str).chain(crate::extensions::BUILT_IN_TYPES.iter().copied());
        let written = name.to_string();
        let is_extension = |name: &str| crate::extensions::providing_type(name).is_some();
        let lower = written.to_lowercase();
        if lower != written && is_extension(&lower) {
            self.report(
                Diagnostic::new(code::UNKNOWN_TYPE, format!("cannot find type `{written}`"), data_type.at)
                    .help(format!("write `{lower}`: names are case-sensitive here")),
            );
            return None;
        }
        self.report(
            Diagnostic::new(code::UNKNOWN_TYPE, format!("cannot find type `{written}`"), data_type.at).maybe_help(
                crate::habit::data_type(&written)
                    .or_else(|| closest(&written, known))
                    .map(|name| format!("did you mean `{name}`?"))
                    .or_else(|| Some("create the enum, or the extension that provides the type, first".into())),
            ),
        );
        None
    }

    /// A type of an installed extension, in the extension's schema, where it is written with that schema or with none.
    fn type_of_extension(&mut self, extension: &str, mut written: Type, name: &QualifiedName, at: At) -> Option<Type> {
        let schema = self.state.catalog.extensions.get(extension)?.schema().to_owned();
        if name.schema == schema {
            return Some(written);
        }
        if name.schema == DEFAULT_SCHEMA {
            written.rename(name, &QualifiedName::in_schema(schema, name.name.clone()));
            return Some(written);
        }
        self.report(
            Diagnostic::new(code::UNKNOWN_TYPE, format!("cannot find type `{name}`"), at)
                .help(format!("write `{}`: the extension `{extension}` is in the schema `{schema}`", name.name)),
        );
        None
    }

    /// The values of an enum type, when the type is one.
    pub(crate) fn values_of(&self, data_type: &Type) -> Option<Arc<EnumType>> {
        self.state.catalog.enums.get(data_type.as_named()?).map(Arc::clone)
    }
}

/// Whether a table is one of PostgreSQL's own.
fn is_system_table(name: &QualifiedName) -> bool {
    matches!(name.schema.as_str(), "pg_catalog" | "information_schema") || name.name.starts_with("pg_")
}

/// An extension's name as it is written in the source.
pub(crate) fn quoted_if_needed(name: &str) -> String {
    if name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_') {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}
