//! `FROM`: tables, views, common tables, functions, sub-selects and joins.

use migrate_core::catalog::Table;
use migrate_core::expression::ExpressionKind;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Define as _, Definition, Kind, Namespace};
use migrate_core::query::{Alias, Join, JoinCondition, JoinKind, Name, ObjectName, Source, SourceKind, TableSource};
use migrate_core::resolve::Given;
use migrate_core::system;
use migrate_core::types::{BuiltIn, Type};

use super::{Clause, Common, Merged, Output, QueryCheck, Scope, Visible, counted};
use crate::diagnostic::{Diagnostic, choices, choices_of_names, code};

/// A table or a view, as a query sees it.
pub(in crate::check) struct Relation {
    /// Its name; `None` for a common table.
    pub(in crate::check) name: Option<QualifiedName>,
    pub(super) columns: Vec<Output>,
    pub(super) is_open: bool,
}

impl QueryCheck<'_, '_> {
    /// Adds a source to what the query sees. What stands before it is seen by it where it is lateral.
    pub(super) fn source(&mut self, source: &mut Source, scope: &mut Scope<'_>) {
        let first = scope.sources.len();
        match &mut source.kind {
            SourceKind::Table(table) => {
                let written = table.name.name.value.clone();
                let Some(relation) = self.relation(table) else {
                    // There is a mistake: nothing more is said about its columns.
                    let name = source.alias.as_ref().map_or(written, |alias| alias.name.value.clone());
                    scope.sources.push(Visible { is_open: true, ..Visible::of_rows(name, Vec::new()) });
                    return;
                };
                if let Some(sample) = &mut table.sample {
                    let is_view = |name| {
                        let found = self.checker.catalog().object_named(Namespace::Relation, name);
                        found.is_some_and(|(id, _)| !matches!(id.kind, Kind::MaterializedView | Kind::ForeignTable))
                    };
                    if relation.name.as_ref().map_or(!relation.is_open, is_view) {
                        let message = "`tablesample` needs a table or a materialized view";
                        let mistake = Diagnostic::new(code::INVALID_QUERY, message, table.name.at());
                        self.fail(mistake.help("remove it, or sample the tables that this reads"));
                    }
                    let nothing = self.empty(scope.outer);
                    let is_system = self.sampling(&sample.method);
                    let expected = is_system.then_some(Type::BuiltIn(BuiltIn::Real));
                    for argument in sample.arguments.iter_mut().chain(&mut sample.seed) {
                        self.value(argument, expected.as_ref(), &nothing);
                    }
                }
                let rows = Visible::of_rows(written, relation.columns);
                scope.sources.push(Visible { relation: relation.name, is_open: relation.is_open, ..rows });
            }
            SourceKind::Query(query) => {
                let columns = {
                    let outer = if query.is_lateral { Some(&*scope) } else { scope.outer };
                    self.query(&mut query.query, outer)
                };
                scope.sources.push(Visible { is_open: self.failed, ..Visible::of_rows("", columns) });
            }
            SourceKind::Function(function) => {
                let columns = self.function_columns(function, source.alias.as_ref(), scope);
                let (name, is_record) = match function.functions.first().map(|function| &function.call.kind) {
                    Some(ExpressionKind::Call(call)) => {
                        let columns = self.checker.columns_of_function(call.schema.as_deref(), &call.name);
                        (call.name.clone(), columns.is_some_and(|columns| columns.len() > 1))
                    }
                    _ => (String::new(), false),
                };
                let is_open = columns.is_none();
                let columns = columns.unwrap_or_default();
                scope.sources.push(Visible { is_open, is_function: !is_record, ..Visible::of_rows(name, columns) });
            }
            SourceKind::Xml(table) => {
                let columns = self.xml_table(table, scope);
                scope.sources.push(Visible::of_rows("xmltable", columns));
            }
            SourceKind::Json(table) => {
                let columns = self.json_table(table, scope);
                scope.sources.push(Visible::of_rows("json_table", columns));
            }
            SourceKind::Join(join) => self.join(join, scope),
        }
        self.name_source(source.alias.as_ref(), first, scope);
    }

    /// The method of `TABLESAMPLE`. Says whether it is one of the system.
    fn sampling(&mut self, method: &ObjectName) -> bool {
        let name = method.name.value.as_str();
        if method.schema.is_none() && matches!(name, "system" | "bernoulli") {
            return true;
        }
        let is_known = method.schema.is_some()
            || system::functions(name).next().is_some()
            || self.checker.may_have(Kind::Function, name);
        if !is_known {
            let message = format!("cannot find sampling method `{name}`");
            let help = choices(name, ["system", "bernoulli"], "methods");
            self.fail(Diagnostic::new(code::UNKNOWN_FUNCTION, message, method.at()).maybe_help(help));
        }
        false
    }

    /// Gives what was added since `first` the alias, and reports a name that something else has.
    fn name_source(&mut self, alias: Option<&Alias>, first: usize, scope: &mut Scope<'_>) {
        if let Some(alias) = alias {
            if scope.sources.len() > first + 1 {
                // An alias of a join hides what is joined.
                let columns = scope.star(first).into_iter().map(|(_, column)| column).collect();
                let hidden: Vec<String> = scope.sources.drain(first..).map(|source| source.name).collect();
                scope.merged.retain(|merged| !merged.sources.iter().any(|source| hidden.contains(source)));
                scope.sources.push(Visible {
                    name: String::new(),
                    relation: None,
                    columns,
                    is_open: false,
                    is_by_name_only: false,
                    is_function: false,
                });
            }
            if let Some(source) = scope.sources.get_mut(first) {
                // A function with one column gives it the alias.
                let is_alone = match source.columns.as_slice() {
                    [_] => true,
                    [_, second] => second.name == "ordinality",
                    _ => false,
                };
                if let Some(column) = source.columns.first_mut()
                    && is_alone
                    && source.relation.is_none()
                    && column.name == source.name
                {
                    column.name.clone_from(&alias.name.value);
                }
                source.name.clone_from(&alias.name.value);
                if alias.columns.len() > source.columns.len() && !source.is_open {
                    let (found, named) = (source.columns.len(), alias.columns.len());
                    self.fail(Diagnostic::new(
                        code::INVALID_QUERY,
                        format!(
                            "`{}` has {}, but {named} column names are given",
                            alias.name.value,
                            counted(found, "column")
                        ),
                        alias.columns.get(found).map_or(alias.name.at, |extra| extra.at),
                    ));
                    // Nothing more is said about its columns.
                    if let Some(source) = scope.sources.get_mut(first) {
                        source.is_open = true;
                    }
                    return;
                }
                for (column, name) in source.columns.iter_mut().zip(&alias.columns) {
                    column.name.clone_from(&name.value);
                }
            }
        }
        let Some(added) = scope.sources.get(first).filter(|added| !added.name.is_empty()) else { return };
        let is_twice = scope
            .sources
            .iter()
            .take(first)
            .any(|other| other.name == added.name && (alias.is_some() || other.relation == added.relation));
        if is_twice {
            let at = alias.map_or_else(Default::default, |alias| alias.name.at);
            let mistake = Diagnostic::new(
                code::INVALID_QUERY,
                format!("the name `{}` is used more than once in this query", added.name),
                at,
            );
            self.fail(mistake.help("give one of them an alias: `... as other`"));
        }
    }

    fn join(&mut self, join: &mut Join, scope: &mut Scope<'_>) {
        let before = scope.sources.len();
        self.source(&mut join.left, scope);
        let middle = scope.sources.len();
        if matches!(join.kind, JoinKind::Right | JoinKind::Full) {
            // Rows of the right side come without a partner, so it cannot depend on the left.
            let hidden: Vec<Visible> = scope.sources.drain(before..).collect();
            let merged = std::mem::take(&mut scope.merged);
            self.source(&mut join.right, scope);
            scope.merged.splice(0..0, merged);
            let count = hidden.len();
            scope.sources.splice(before..before, hidden);
            let (left, right) = scope.sources.split_at(before + count);
            // Tables of the same name in different schemas are apart, unless they are called so by an alias.
            let is_alias = |one: &Visible| one.relation.as_ref().is_none_or(|relation| relation.name != one.name);
            let is_same = |one: &&Visible, other: &Visible| {
                !one.name.is_empty()
                    && one.name == other.name
                    && (is_alias(one) || is_alias(other) || one.relation == other.relation)
            };
            if let Some(twice) = right.iter().find(|one| left.iter().skip(before).any(|other| is_same(one, other))) {
                let message = format!("the name `{}` is used more than once in this query", twice.name);
                let mistake = Diagnostic::new(code::INVALID_QUERY, message, join.right.at);
                self.fail(mistake.help("give one of them an alias: `... as other`"));
            }
        } else {
            self.source(&mut join.right, scope);
        }
        let end = scope.sources.len();
        let (left, right) = (before..middle, middle..end);
        let names: Vec<Name> = match &join.condition {
            JoinCondition::Using { columns, .. } => columns.clone(),
            JoinCondition::Natural => {
                let of = |range: std::ops::Range<usize>| scope.sources[range].iter().flat_map(|source| &source.columns);
                let shared = of(left.clone()).filter(|column| of(right.clone()).any(|other| other.name == column.name));
                shared.map(|column| Name::from(column.name.as_str())).collect()
            }
            JoinCondition::Always | JoinCondition::On(_) => Vec::new(),
        };
        let joined: Vec<String> = scope.sources[before..end].iter().map(|source| source.name.clone()).collect();
        let mut shared = Vec::new();
        for (outermost, name) in names.into_iter().enumerate() {
            let find = |range: std::ops::Range<usize>| {
                let is_open = scope.sources[range.clone()].iter().any(|source| source.is_open);
                let columns = scope.star(range.start).into_iter();
                let names: Vec<String> = scope.sources[range].iter().map(|source| source.name.clone()).collect();
                // A column that is merged already counts once.
                let of_side = columns.filter(|(parts, column)| {
                    column.name == name.value
                        && match parts.as_slice() {
                            [source, _] => names.contains(source),
                            _ => scope.merged.iter().any(|merged| {
                                merged.column.name == name.value
                                    && merged.sources.iter().all(|source| names.contains(source))
                            }),
                        }
                });
                let found: Vec<Output> = of_side.map(|(_, column)| column).collect();
                (found, is_open)
            };
            let ((one, one_is_open), (other, other_is_open)) = (find(left.clone()), find(right.clone()));
            for (found, side) in [(&one, "left"), (&other, "right")] {
                if found.len() > 1 {
                    let message = format!("column `{}` is ambiguous on the {side} side of the join", name.value);
                    let mistake = Diagnostic::new(code::INVALID_QUERY, message, name.at);
                    self.fail(mistake.help("write `on ...` instead of `using`"));
                }
            }
            let (one, other) = (one.into_iter().next(), other.into_iter().next());
            for (found, is_open, side) in [(&one, one_is_open, "left"), (&other, other_is_open, "right")] {
                // One that neither has is told once.
                let is_told = side == "right" && one.is_none() && !one_is_open;
                if found.is_none() && !is_open && !is_told {
                    self.fail(Diagnostic::new(
                        code::UNKNOWN_COLUMN,
                        format!("cannot find column `{}` on the {side} side of the join", name.value),
                        name.at,
                    ));
                }
            }
            if let (Some(Output { data_type: Some(left), .. }), Some(Output { data_type: Some(right), .. })) =
                (&one, &other)
                && let Err(apart) = self.checker.common_type(&[Given::Type(left.clone()), Given::Type(right.clone())])
            {
                let (left, right) = *apart;
                let message = format!(
                    "column `{}` is `{left}` on the left side of the join, and `{right}` on the right",
                    name.value
                );
                let at = if name.at.end > name.at.start { name.at } else { join.right.at };
                self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, at).help("write `on ...`, with a cast"));
            }
            let data_type = one.as_ref().or(other.as_ref()).and_then(|column| column.data_type.clone());
            let nullable = match join.kind {
                JoinKind::Inner | JoinKind::Left => one.is_none_or(|column| column.nullable),
                JoinKind::Right => other.is_none_or(|column| column.nullable),
                JoinKind::Full => true,
            };
            scope.merged.retain(|merged| {
                merged.column.name != name.value || !merged.sources.iter().any(|source| joined.contains(source))
            });
            let column = Output { name: name.value, data_type, nullable };
            shared.push(column.clone());
            // `using (id, id)` has merged one of them already.
            let outermost = outermost.min(scope.merged.len());
            scope.merged.insert(outermost, Merged { column, sources: joined.clone() });
        }
        let (left_is_outer, right_is_outer) = match join.kind {
            JoinKind::Inner => (false, false),
            JoinKind::Left => (false, true),
            JoinKind::Right => (true, false),
            JoinKind::Full => (true, true),
        };
        if let JoinCondition::Using { alias: Some(alias), .. } = &join.condition {
            // The columns of `using` alone, by this name alone.
            let columns = Visible::of_rows(alias.value.clone(), shared);
            scope.sources.push(Visible { is_by_name_only: true, ..columns });
        }
        if let JoinCondition::On(condition) = &mut join.condition {
            // Only what is joined is seen, and what is around the query.
            let seen = Scope { sources: scope.sources.get(before..).unwrap_or_default().to_vec(), ..scope.clone() };
            seen.enter(Clause::On);
            self.condition(condition, &seen);
        }
        for (range, is_outer) in [(left, left_is_outer), (right, right_is_outer)] {
            if is_outer {
                let sources = scope.sources[range].iter_mut();
                sources.flat_map(|source| &mut source.columns).for_each(|column| column.nullable = true);
            }
        }
    }

    /// A table, a view or a common table by its name, which is given its schema.
    pub(super) fn relation(&mut self, table: &mut TableSource) -> Option<Relation> {
        if table.name.schema.is_none()
            && let Some(Common { columns, is_open, is_silent }) = self.common.get(&table.name.name.value).cloned()
        {
            if is_silent {
                let message = format!("`{}` gives no rows, because it has no `returning`", table.name.name.value);
                self.fail(
                    Diagnostic::new(code::INVALID_QUERY, message, table.name.at()).help("add `returning ...` to it"),
                );
            }
            return Some(Relation { name: None, columns, is_open: is_open || is_silent });
        }
        self.named_relation(&mut table.name)
    }

    /// One of PostgreSQL's own tables and views; `Some(None)` where there is a mistake.
    #[expect(clippy::option_option, reason = "not of the system, of the system and right, of the system and wrong")]
    fn system_relation(&mut self, written: &ObjectName, name: &QualifiedName) -> Option<Option<Relation>> {
        let schema = match &written.schema {
            Some(schema) if matches!(schema.value.as_str(), "pg_catalog" | "information_schema") => &schema.value,
            None if written.name.value.starts_with("pg_") => "pg_catalog",
            _ => return None,
        };
        let postgres = self.checker.postgres();
        let known = &written.name.value;
        if let Some(relation) = system::relation(schema, known) {
            if relation.versions.first > postgres.max(14) {
                self.checker.needs_postgres(relation.versions.first, &format!("`{known}`"), written.at());
                self.failed = true;
                return Some(None);
            }
            let columns = relation.columns().filter(|column| column.versions.has(postgres)).map(|column| Output {
                name: column.name.to_owned(),
                data_type: column.data_type,
                nullable: column.nullable,
            });
            return Some(Some(Relation { name: Some(name.clone()), columns: columns.collect(), is_open: false }));
        }
        // An extension that is called like its views may bring it, and people's own tables may begin like that.
        let catalog = self.checker.catalog();
        let is_of_extension = catalog.extensions.keys().any(|extension| known.starts_with(extension.as_str()));
        let is_made = written.schema.is_none()
            && (catalog.table(name).is_some() || catalog.object_named(Namespace::Relation, name).is_some());
        if is_made || self.common.contains_key(known) {
            return None;
        }
        if is_of_extension
            || catalog.has_unknown_extension()
            || self.checker.state.undeclared.may_have_made(known)
            || self.checker.state.undeclared.made(name).is_some()
        {
            return Some(Some(Relation { name: Some(name.clone()), columns: Vec::new(), is_open: true }));
        }
        let names: Vec<&str> = system::relations()
            .filter(|relation| relation.versions.has(postgres))
            .filter_map(|relation| relation.name.split_once('.').filter(|(of, _)| *of == schema))
            .map(|(_, name)| name)
            .collect();
        let message = format!("cannot find `{known}` in `{schema}`");
        let help = choices(known, names, "tables and views");
        self.fail(Diagnostic::new(code::UNKNOWN_TABLE, message, written.at()).maybe_help(help));
        Some(None)
    }

    /// A table or a view by its name, which is given its schema.
    pub(in crate::check) fn named_relation(&mut self, written: &mut ObjectName) -> Option<Relation> {
        let schema = match &written.schema {
            Some(schema) => schema.value.clone(),
            None => self.checker.schema_of_relation(&written.name.value),
        };
        let name = QualifiedName::in_schema(schema, written.name.value.clone());
        let at = written.at();
        if let Some(relation) = self.system_relation(written, &name) {
            return relation;
        }
        let catalog = &self.checker.state.catalog;
        let relation = if let Some(table) = catalog.table(&name) {
            let is_open =
                self.checker.state.broken.is_incomplete(&name) || self.checker.state.undeclared.is_altered(&name);
            Relation { name: Some(name.clone()), columns: outputs_of(table), is_open }
        } else if let Some((_, object)) = catalog.object_named(Namespace::Relation, &name) {
            let columns = match &object.definition {
                Definition::Sequence(_) => ["last_value", "log_cnt", "is_called"].map(Output::named).to_vec(),
                _ => object
                    .definition
                    .columns()
                    .into_iter()
                    .map(|column| Output { name: column.name, data_type: column.data_type, nullable: column.nullable })
                    .collect(),
            };
            Relation { name: Some(name.clone()), columns, is_open: false }
        } else if let Some(table) = self.checker.transition(&name.name).filter(|_| written.schema.is_none()).cloned() {
            let columns = catalog.table(&table).map(outputs_of);
            let is_open = columns.is_none() || self.checker.is_table_open(&table);
            return Some(Relation { name: None, columns: columns.unwrap_or_default(), is_open });
        } else if self.checker.may_be_passing(&name.name) {
            // It has no schema, as a common table has none.
            return Some(Relation { name: None, columns: Vec::new(), is_open: true });
        } else if self.checker.state.undeclared.made(&name).is_some()
            || self.checker.state.undeclared.may_have_made(&name.name)
        {
            Relation { name: Some(name.clone()), columns: Vec::new(), is_open: true }
        } else {
            if !self.checker.state.broken.has_relation(&name) {
                let common = self.common.keys().map(|name| QualifiedName::new(name.as_str()));
                let known: Vec<QualifiedName> = self.checker.relation_names().into_iter().chain(common).collect();
                let headline = format!("cannot find table or view `{name}`");
                let mistake = Diagnostic::new(code::UNKNOWN_TABLE, headline, at);
                self.fail(match self.common.contains_key(&name.name) {
                    // The query of a recursive view, too, knows it by its name alone.
                    true => mistake.help(format!("write `{}`: what `with` names is in no schema", name.name)),
                    false => mistake.maybe_help(choices_of_names(&name, &known, "tables and views")),
                });
            }
            self.failed = true;
            return None;
        };
        written.schema = Some(Name::new(name.schema, written.name.at));
        Some(relation)
    }
}

/// The columns of a table.
pub(in crate::check) fn outputs_of(table: &Table) -> Vec<Output> {
    let output = |column: &migrate_core::catalog::Column| Output {
        name: column.name.clone(),
        data_type: Some(column.data_type.clone()),
        nullable: column.nullable,
    };
    table.columns.iter().map(output).collect()
}
