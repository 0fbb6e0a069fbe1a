//! Functions behind `FROM`: which columns they give.

use migrate_core::catalog::Table;
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Function, Namespace, Returns};
use migrate_core::query::{Alias, FunctionSource, output_name};
use migrate_core::system::{self, TypeId, TypeKind};
use migrate_core::types::{BuiltIn, Type};

use super::from::outputs_of;
use super::{Output, QueryCheck, Scope};
use crate::diagnostic::{Diagnostic, code};

/// What a function gives.
enum Given {
    /// These columns.
    Columns(Vec<Output>),
    /// A `record`, whose columns must be written.
    Record,
    /// What is not known.
    Open,
}

impl QueryCheck<'_, '_> {
    /// The columns of functions behind `FROM`; `None` where they are not known.
    pub(super) fn function_columns(
        &mut self,
        source: &mut FunctionSource,
        alias: Option<&Alias>,
        scope: &Scope<'_>,
    ) -> Option<Vec<Output>> {
        let mut columns = Vec::new();
        let mut is_open = false;
        for function in &mut source.functions {
            let known = self.checker.mistakes();
            let lists = self.several_arrays(&mut function.call, scope);
            let data_type = if lists.is_some() { None } else { self.value(&mut function.call, None, scope) };
            if self.checker.mistakes() > known {
                is_open = true;
                continue;
            }
            if let Some(lists) = lists {
                columns.extend(lists);
                continue;
            }
            let defined = if function.columns.is_empty() { &source.columns } else { &function.columns };
            let given = self.given(&function.call, data_type);
            if !defined.is_empty() {
                if let Given::Columns(_) = given {
                    let at = function.call.at;
                    let message = "a list of columns with types is allowed only for a function that returns `record`";
                    self.fail(Diagnostic::new(code::INVALID_QUERY, message, at).help("write only their names"));
                }
                for column in defined {
                    let data_type = self.type_behind(&column.name, &mut column.data_type.clone());
                    columns.push(Output { name: column.name.value.clone(), data_type, nullable: true });
                }
                continue;
            }
            match given {
                Given::Columns(found) => columns.extend(found),
                Given::Open => is_open = true,
                Given::Record => {
                    let message = "a function that returns `record` needs a list of its columns here";
                    let mistake = Diagnostic::new(code::INVALID_QUERY, message, function.call.at);
                    self.fail(mistake.help("write `as name (column type, ...)` after it"));
                    is_open = true;
                }
            }
        }
        if source.with_ordinality {
            columns.push(Output { name: "ordinality".into(), data_type: Some(Type::BIGINT), nullable: false });
        }
        // Column names behind the alias tell how many there are.
        match alias.filter(|alias| is_open && !alias.columns.is_empty()) {
            Some(alias) => Some(alias.columns.iter().map(|name| Output::named(name.value.clone())).collect()),
            None => (!is_open).then_some(columns),
        }
    }

    /// `unnest(a, b)`, which stands for `rows from (unnest(a), unnest(b))`.
    fn several_arrays(&mut self, call: &mut Expression, scope: &Scope<'_>) -> Option<Vec<Output>> {
        let ExpressionKind::Call(found) = &mut call.kind else { return None };
        let is_systems = found.schema.as_deref().is_none_or(|schema| schema == "pg_catalog");
        if !is_systems || found.name != "unnest" || found.arguments.len() < 2 {
            return None;
        }
        let mut columns = Vec::new();
        for argument in &mut found.arguments {
            let mut single = Expression::call("unnest", [argument.value.clone()]);
            single.at = argument.value.at;
            let data_type = self.value(&mut single, None, scope);
            columns.push(Output { name: "unnest".to_owned(), data_type, nullable: true });
            if let ExpressionKind::Call(single) = single.kind
                && let Some(checked) = single.arguments.into_iter().next()
            {
                argument.value = checked.value;
            }
        }
        Some(columns)
    }

    fn given(&self, call: &Expression, data_type: Option<Type>) -> Given {
        let ExpressionKind::Call(call) = &call.kind else {
            // What is called without parentheses gives one value.
            return match data_type {
                Some(data_type) => {
                    Given::Columns(vec![Output { name: output_name(call), data_type: Some(data_type), nullable: true }])
                }
                None => Given::Open,
            };
        };
        let is_systems = call.schema.as_deref().is_none_or(|schema| schema == "pg_catalog");
        let own = self.own_functions(call.schema.as_deref(), &call.name);
        if !own.is_empty() {
            return match own.as_slice() {
                [function] => self.given_by(function, &call.name, data_type),
                _ => Given::Open,
            };
        }
        let found: Vec<system::Function> = system::functions(&call.name).collect();
        if !is_systems && found.iter().all(|function| function.extension().is_none()) {
            return Given::Open;
        }
        let columns_of = |function: &system::Function| -> Vec<Output> {
            let columns = function.columns().iter();
            columns.map(|(name, id)| Output { data_type: plain_type(id), ..Output::named(name) }).collect()
        };
        let is_row = matches!(data_type, Some(Type::BuiltIn(BuiltIn::Record)));
        if let Some(data_type) = data_type.filter(|_| !is_row) {
            if let Some(name) = data_type.as_named() {
                return match self.fields(name) {
                    Some(fields) => Given::Columns(fields),
                    None if self.checker.catalog().enums.contains_key(name) => Given::Columns(vec![Output {
                        name: call.name.clone(),
                        data_type: Some(data_type),
                        nullable: true,
                    }]),
                    None => Given::Open,
                };
            }
            // A single output argument gives the column its name.
            let named = found.iter().map(columns_of).find(|columns| columns.len() == 1);
            let name = named.and_then(|columns| columns.into_iter().next()).map_or(call.name.clone(), |one| one.name);
            return Given::Columns(vec![Output { name, data_type: Some(data_type), nullable: true }]);
        }
        let mut with_columns = found.iter().map(columns_of).filter(|columns| !columns.is_empty());
        // Where the type is not known, it may be an overload that gives one value.
        let may_be_value = !is_row && found.iter().any(|function| function.columns().iter().next().is_none());
        match (with_columns.next(), is_row) {
            (Some(_), false) if may_be_value => Given::Open,
            (Some(first), _) if with_columns.all(|other| other == first) => Given::Columns(first),
            (None, true) if !found.is_empty() => Given::Record,
            (None, false) if found.len() == 1 => Given::Columns(vec![Output::named(call.name.clone())]),
            _ => Given::Open,
        }
    }

    fn own_functions(&self, schema: Option<&str>, name: &str) -> Vec<Function> {
        let schema = schema.unwrap_or(DEFAULT_SCHEMA);
        let objects = self.checker.catalog().objects.iter();
        objects
            .filter(|(id, _)| {
                id.kind.namespace() == Namespace::Routine && id.name.name == name && id.name.schema == schema
            })
            .filter_map(|(_, object)| match &object.definition {
                Definition::Function(function) => Some(function.clone()),
                _ => None,
            })
            .collect()
    }

    /// What a function of the user gives.
    fn given_by(&self, function: &Function, name: &str, data_type: Option<Type>) -> Given {
        let column = |name: &str, data_type: &Type| Output {
            name: name.to_owned(),
            data_type: Some(data_type.without_modifier()).filter(|found| !is_polymorphic(found)),
            nullable: true,
        };
        match &function.returns {
            Returns::Table(_) | Returns::Outputs { .. } => {
                Given::Columns(function.row_columns().iter().map(|(name, data_type)| column(name, data_type)).collect())
            }
            Returns::Type { data_type: Type::BuiltIn(BuiltIn::Record), .. } => Given::Record,
            Returns::Type { data_type: declared, .. } => match declared.as_named() {
                Some(row) if !self.checker.catalog().enums.contains_key(row) => {
                    match (self.fields(row), self.is_domain(row)) {
                        (Some(fields), _) => Given::Columns(fields),
                        (None, true) => Given::Columns(vec![column(name, declared)]),
                        (None, false) => Given::Open,
                    }
                }
                _ if is_polymorphic(declared) => match data_type {
                    Some(found) if found.as_named().is_none() => Given::Columns(vec![column(name, &found)]),
                    _ => Given::Open,
                },
                _ => Given::Columns(vec![column(name, declared)]),
            },
        }
    }

    fn is_domain(&self, name: &QualifiedName) -> bool {
        let found = self.checker.catalog().object_named(Namespace::Type, name);
        found.is_some_and(|(_, object)| matches!(object.definition, Definition::Domain(_)))
    }

    /// The columns of a row of a composite type or of a table.
    fn fields(&self, name: &QualifiedName) -> Option<Vec<Output>> {
        let catalog = self.checker.catalog();
        let table: Option<&Table> = catalog.table(name).filter(|_| !self.checker.is_table_open(name));
        if let Some(table) = table {
            return Some(outputs_of(table));
        }
        match &catalog.object_named(Namespace::Type, name)?.1.definition {
            Definition::CompositeType(composite) => {
                let attributes = composite.attributes.iter();
                let output = |one: &migrate_core::object::Attribute| Output {
                    name: one.name.clone(),
                    data_type: Some(one.data_type.clone()),
                    nullable: true,
                };
                Some(attributes.map(output).collect())
            }
            _ => None,
        }
    }
}

pub(in crate::check) fn is_polymorphic(data_type: &Type) -> bool {
    data_type.internal_name().is_some_and(|name| name.starts_with("any"))
        || data_type.element().is_some_and(is_polymorphic)
}

/// The type of a number of the tables, where it is one that a column can have.
pub(in crate::check) fn plain_type(id: TypeId) -> Option<Type> {
    let entry = id.entry();
    if let Some(element) = entry.array_element() {
        return plain_type(element).map(Type::array);
    }
    if entry.kind() == TypeKind::Pseudo || entry.extension().is_some() {
        return None;
    }
    entry.name().parse().ok()
}
