//! `XMLTABLE` and `JSON_TABLE`: rows of a document.

use migrate_core::expression::Expression;
use migrate_core::query::{JsonBehavior, JsonTable, JsonTableColumn, JsonVariable, Name, XmlTable, XmlTableColumnKind};
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Category, Type};

use super::{Output, QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::Spanned;

impl QueryCheck<'_, '_> {
    /// The columns of `XMLTABLE`.
    pub(super) fn xml_table(&mut self, table: &mut XmlTable, scope: &Scope<'_>) -> Vec<Output> {
        for namespace in &mut table.namespaces {
            self.value(&mut namespace.address, Some(&Type::TEXT), scope);
        }
        self.value(&mut table.row, Some(&Type::TEXT), scope);
        self.document(&mut table.document, |found| *found == Type::BuiltIn(BuiltIn::Xml), "xmltable", scope);
        let mut outputs: Vec<Output> = Vec::new();
        for column in &mut table.columns {
            let name = &column.name;
            if !self.only_once(name, outputs.iter().map(|output| output.name.as_str())) {
                continue;
            }
            let (data_type, nullable) = match &mut column.kind {
                XmlTableColumnKind::Ordinality => (Some(Type::INTEGER), false),
                XmlTableColumnKind::Value { data_type, path, default, is_not_null } => {
                    let found = self.type_behind(name, data_type);
                    if let Some(path) = path {
                        self.value(path, Some(&Type::TEXT), scope);
                    }
                    if let Some(default) = default {
                        self.value(default, found.as_ref(), scope);
                    }
                    (found, !*is_not_null)
                }
            };
            outputs.push(Output { name: name.value.clone(), data_type, nullable });
        }
        outputs
    }

    /// The columns of `JSON_TABLE`.
    pub(super) fn json_table(&mut self, table: &mut JsonTable, scope: &Scope<'_>) -> Vec<Output> {
        self.checker.needs_postgres_once(17, "`json_table`", table.document.value.at);
        let is_document = |found: &Type| {
            matches!(found, Type::BuiltIn(BuiltIn::Json | BuiltIn::Jsonb | BuiltIn::Bytea))
                || found.category() == Category::String
        };
        self.document(&mut table.document.value, is_document, "json_table", scope);
        self.path(&mut table.path, scope);
        for JsonVariable { value, .. } in &mut table.passing {
            self.value(&mut value.value, None, scope);
        }
        let mut outputs = Vec::new();
        let mut names = table.name.iter().map(|name| name.value.clone()).collect();
        self.json_columns(&mut table.columns, scope, &mut names, &mut outputs);
        outputs
    }

    fn json_columns(
        &mut self,
        columns: &mut [JsonTableColumn],
        scope: &Scope<'_>,
        names: &mut Vec<String>,
        outputs: &mut Vec<Output>,
    ) {
        for column in columns {
            let name = match column {
                JsonTableColumn::Ordinality(name) => Some(&*name),
                JsonTableColumn::Value { name, .. } | JsonTableColumn::Exists { name, .. } => Some(&*name),
                JsonTableColumn::Nested { name, .. } => name.as_ref(),
            };
            if let Some(name) = name {
                if !self.only_once(name, names.iter().map(String::as_str)) {
                    continue;
                }
                names.push(name.value.clone());
            }
            match column {
                JsonTableColumn::Ordinality(name) => {
                    let name = name.value.clone();
                    outputs.push(Output { name, data_type: Some(Type::INTEGER), nullable: false });
                }
                JsonTableColumn::Value { name, data_type, path, on_empty, on_error, .. } => {
                    let found = self.type_behind(name, data_type);
                    path.iter_mut().for_each(|path| self.path(path, scope));
                    for behavior in on_empty.iter_mut().chain(on_error) {
                        if let JsonBehavior::Default(value) = behavior {
                            self.value(value, found.as_ref(), scope);
                        }
                    }
                    outputs.push(Output { name: name.value.clone(), data_type: found, nullable: true });
                }
                JsonTableColumn::Exists { name, data_type, path, .. } => {
                    let found = self.type_behind(name, data_type);
                    path.iter_mut().for_each(|path| self.path(path, scope));
                    outputs.push(Output { name: name.value.clone(), data_type: found, nullable: true });
                }
                JsonTableColumn::Nested { path, columns, .. } => {
                    self.path(path, scope);
                    self.json_columns(columns, scope, names, outputs);
                }
            }
        }
    }

    /// What the rows come from.
    fn document(
        &mut self,
        document: &mut Expression,
        is_document: impl Fn(&Type) -> bool,
        function: &str,
        scope: &Scope<'_>,
    ) {
        let Some(found) = self.value(document, None, scope) else { return };
        let base = self.checker.catalog().base_type(&found).clone();
        if self.failed || base.as_named().is_some() || is_document(&base) {
            return;
        }
        let message = format!("`{function}` cannot read a document of type `{found}`");
        self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, document.at));
    }

    fn path(&mut self, path: &mut Expression, scope: &Scope<'_>) {
        self.value(path, Some(&Type::BuiltIn(BuiltIn::JsonPath)), scope);
    }

    /// The type that stands behind the name of a column.
    pub(super) fn type_behind(&mut self, name: &Name, data_type: &mut Type) -> Option<Type> {
        let at = At { start: name.at.end, end: name.at.end + 1 };
        let found = self.checker.data_type(&Spanned { value: data_type.clone(), at });
        match &found {
            Some(found) => *data_type = found.clone(),
            None => self.failed = true,
        }
        found
    }

    /// Whether nothing before it has the name of a column.
    fn only_once<'n>(&mut self, name: &Name, mut known: impl Iterator<Item = &'n str>) -> bool {
        let is_twice = known.any(|known| known == name.value);
        if is_twice {
            let message = format!("the column `{}` is given more than once", name.value);
            self.fail(Diagnostic::new(code::INVALID_QUERY, message, name.at).help("choose another name"));
        }
        !is_twice
    }
}
