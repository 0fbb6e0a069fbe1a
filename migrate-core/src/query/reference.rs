//! What a query that was checked refers to, and how it follows what is renamed. Such a query names everything in full:
//! a column with the name of its source, a table with its schema.

use super::reads_and_sets::{each_source_in, each_source_of};
use super::visit::{Part, PartMut, TableRole};
use super::{
    Alias, Body, Item, JoinCondition, Name, ObjectName, Query, Source, SourceKind, Statement, TargetTable, With,
};
use crate::catalog::{Catalog, EnumLiterals, Fields, Scope, Used, note_operator};
use crate::expression::{Expression, ExpressionKind};
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object::{Renaming, note_collation};
use crate::sorted::SortedSet;
use crate::types::Type;

/// The name of a table or a function, in full.
pub fn full_name(name: &ObjectName) -> QualifiedName {
    let schema = name.schema.as_ref().map_or(DEFAULT_SCHEMA, |schema| &schema.value);
    QualifiedName::in_schema(schema, name.name.value.clone())
}

/// A source of a query or of one in it: its name there, the table or view it is, and whether its columns have other names
/// there.
struct Binding {
    name: String,
    relation: Option<QualifiedName>,
    renamed: Vec<String>,
}

/// What a tree has around its queries: the statements in it that change rows.
trait Tree: Clone {
    fn see<'q>(&'q self, see: &mut dyn FnMut(Part<'q>));

    fn change(&mut self, change: &mut dyn FnMut(PartMut<'_>));

    /// The statement itself, where it is one that changes rows.
    fn itself(&self) -> Option<&Statement>;

    fn itself_mut(&mut self) -> Option<&mut Statement>;

    fn with(&self) -> Option<&With>;

    /// Every statement in it that changes rows.
    fn changes(&self) -> Vec<&Statement> {
        let mut found: Vec<&Statement> = self.itself().into_iter().collect();
        let mut withs: Vec<&With> = self.with().into_iter().collect();
        self.see(&mut |part| {
            if let Part::Query(query) = part {
                withs.extend(query.with.as_ref());
            }
        });
        while let Some(with) = withs.pop() {
            for table in &with.tables {
                if !matches!(*table.statement, Statement::Query(_)) {
                    withs.extend(table.statement.with());
                    found.push(&table.statement);
                }
            }
        }
        found
    }

    /// The sources of all queries and statements in it.
    fn all_bindings(&self) -> Vec<Binding> {
        let mut bindings = Vec::new();
        self.see(&mut |part| {
            if let Part::Query(query) = part {
                query.each_source(&mut |source| bindings.extend(Binding::of(source)));
            }
        });
        for statement in self.changes() {
            each_source_in(statement.sources(), &mut |source| bindings.extend(Binding::of(source)));
            bindings.extend(statement.target().map(Binding::of_target));
        }
        bindings
    }

    /// Notes the tables, columns, types, functions and values of enums that it uses.
    fn note(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        let bindings = self.all_bindings();
        let type_of_name =
            |parts: &[String]| type_of_name(parts, &bindings, scope.catalog).or_else(|| scope.type_of_name(parts));
        let fields = Fields { catalog: scope.catalog, type_of_name: &type_of_name };
        let mut columns: SortedSet<(QualifiedName, String)> = SortedSet::new();
        let mut joined: SortedSet<String> = SortedSet::new();
        let mut note_join = |source: &Source| {
            if let SourceKind::Join(join) = &source.kind {
                match &join.condition {
                    JoinCondition::Using { columns, .. } => {
                        joined.extend(columns.iter().map(|column| column.value.clone()));
                    }
                    JoinCondition::Natural => joined.extend(shared(&bindings, scope.catalog)),
                    JoinCondition::Always | JoinCondition::On(_) => {}
                }
            }
        };
        self.see(&mut |part| match part {
            Part::Expression(expression) => {
                scope.note_text(expression, uses);
                fields.note(expression, uses);
                match &expression.kind {
                    ExpressionKind::Unary { .. }
                    | ExpressionKind::Binary { .. }
                    | ExpressionKind::Quantified { .. } => {
                        note_operator(expression, uses);
                    }
                    ExpressionKind::Name(parts) => note_name(parts, &bindings, scope.catalog, &mut columns),
                    ExpressionKind::Call(call) => scope.note_call(call, &fields, uses),
                    ExpressionKind::Collate { collation, .. } if collation.len() == 2 => {
                        note_collation(Some(&collation.join(".")), uses);
                    }
                    _ => {}
                }
            }
            Part::Type(data_type) => scope.note_type(data_type, uses),
            Part::Query(query) => query.each_source(&mut note_join),
            Part::Table(name, TableRole::Read | TableRole::Target) => {
                uses.insert(Used::Table(full_name(name)));
            }
            _ => {}
        });
        for statement in self.changes() {
            each_source_in(statement.sources(), &mut note_join);
            let Some(target) = statement.target() else { continue };
            let table = full_name(&target.name);
            match statement.assigned() {
                Some(assigned) => {
                    columns.extend(assigned.into_iter().map(|column| (table.clone(), column.value.clone())));
                }
                None => {
                    let all = scope.catalog.column_names(&table);
                    columns.extend(all.into_iter().map(|column| (table.clone(), column)));
                }
            }
        }
        for relation in bindings.iter().filter_map(|binding| binding.relation.as_ref()) {
            let has = scope.catalog.column_names(relation);
            columns.extend(has.into_iter().filter(|name| joined.contains(name)).map(|name| (relation.clone(), name)));
        }
        // Texts beside columns of an enum are values of it.
        let mut copy = self.clone();
        for name in scope.catalog.enums.keys() {
            let literals = EnumLiterals::of_columns(name, enum_columns(name, &columns, scope.catalog));
            copy.change(&mut |part| {
                if let PartMut::Expression(expression) = part {
                    literals.visit_node(expression, &mut |value| {
                        uses.insert(Used::Value(name.clone(), value.clone()));
                    });
                }
            });
        }
        uses.extend(columns.into_iter().map(|(relation, column)| Used::Column(relation, column)));
    }

    /// Follows something that gets another name.
    fn follow_names(&mut self, renaming: &Renaming<'_>) {
        self.change(&mut |part| {
            if let PartMut::Expression(expression) = part {
                renaming.follow_text(expression);
            }
        });
        match renaming {
            Renaming::Relation { from, to } => self.rename_relation(from, to),
            Renaming::Column { table, from, to, before } => self.rename_column(table, from, to, before),
            Renaming::Type { from, to } => self.change(&mut |part| {
                if let PartMut::Type(data_type) = part {
                    data_type.rename(from, to);
                }
            }),
            Renaming::Value { name, from, to, before } => {
                let mut columns = SortedSet::new();
                let bindings = self.all_bindings();
                self.see(&mut |part| {
                    if let Part::Expression(Expression { kind: ExpressionKind::Name(parts), .. }) = part {
                        note_name(parts, &bindings, before, &mut columns);
                    }
                });
                let literals = EnumLiterals::of_columns(name, enum_columns(name, &columns, before));
                self.change(&mut |part| {
                    if let PartMut::Expression(expression) = part {
                        literals.visit_node(expression, &mut |value| {
                            if value == from {
                                (*to).clone_into(value);
                            }
                        });
                    }
                });
            }
            // The names and texts of a query follow the column, and are checked again where they must be.
            Renaming::ColumnType { .. } => {}
            Renaming::Object { .. } => self.change(&mut |part| {
                if let PartMut::Expression(expression) = part {
                    renaming.follow_call(expression);
                }
            }),
        }
    }

    /// A table gets another name: so does the source, unless it has an alias, or something else in the query has that name.
    fn rename_relation(&mut self, from: &QualifiedName, to: &QualifiedName) {
        let bindings = self.all_bindings();
        let is_bare = |binding: &&Binding| binding.name == from.name;
        let is_ours = |binding: &Binding| binding.relation.as_ref() == Some(from);
        let keeps_name = bindings.iter().filter(is_bare).any(|binding| !is_ours(binding))
            || bindings.iter().any(|binding| binding.name == to.name && from.name != to.name);
        let mut has_alias = false;
        self.change(&mut |part| match part {
            PartMut::Query(query) => {
                query.each_source_mut(&mut |source| has_alias |= rename_source(source, from, to, keeps_name));
            }
            PartMut::Table(name, TableRole::Target) if full_name(name) == *from => set_name(name, to),
            _ => {}
        });
        if let Some(statement) = self.itself_mut() {
            let sources = statement.sources_mut();
            each_source_of(sources, &mut |source| has_alias |= rename_source(source, from, to, keeps_name));
        }
        if has_alias {
            return;
        }
        self.change(&mut |part| {
            if let PartMut::Expression(Expression {
                kind: ExpressionKind::Name(parts) | ExpressionKind::Star(parts),
                ..
            }) = part
                && let [source] | [source, _] = parts.as_mut_slice()
                && *source == from.name
            {
                to.name.clone_into(source);
            }
        });
    }

    /// A column gets another name: the query names it so, and what comes out keeps its name. Where a join is by the name,
    /// or one alias is used for several things, the source has its columns under the old names.
    fn rename_column(&mut self, table: &QualifiedName, from: &str, to: &str, before: &Catalog) {
        if let Some(statement) = self.itself_mut()
            && statement.target().is_some_and(|target| full_name(&target.name) == *table)
        {
            for column in statement.assigned_mut().into_iter().filter(|column| column.value == from) {
                to.clone_into(&mut column.value);
            }
        }
        let bindings = self.all_bindings();
        let type_of_name = |parts: &[String]| type_of_name(parts, &bindings, before);
        let fields = Fields { catalog: before, type_of_name: &type_of_name };
        self.change(&mut |part| {
            if let PartMut::Expression(expression) = part {
                fields.rename(expression, (table, from, to));
            }
        });
        let is_ours = |binding: &Binding| {
            let is_hidden = binding.renamed.iter().any(|name| name == from)
                || before.column_names(table).iter().position(|name| name == from) < Some(binding.renamed.len());
            binding.relation.as_ref() == Some(table) && !is_hidden
        };
        let names: SortedSet<&str> =
            bindings.iter().filter(|binding| is_ours(binding)).map(|binding| binding.name.as_str()).collect();
        if names.is_empty() {
            return;
        }
        let is_clear = names.iter().all(|name| bindings.iter().filter(|other| other.name == *name).all(is_ours));
        if !is_clear || self.joins_by(from) {
            let columns = before.column_names(table);
            self.change(&mut |part| {
                if let PartMut::Query(query) = part {
                    query.each_source_mut(&mut |source| list_columns(source, table, &columns));
                }
            });
            if let Some(statement) = self.itself_mut() {
                each_source_of(statement.sources_mut(), &mut |source| list_columns(source, table, &columns));
            }
            return;
        }
        self.change(&mut |part| match part {
            PartMut::Expression(Expression { kind: ExpressionKind::Name(parts), .. }) => {
                if let [source, column] = parts.as_mut_slice()
                    && column == from
                    && names.contains(source.as_str())
                {
                    to.clone_into(column);
                }
            }
            PartMut::Query(Query { body: Body::Select(select), .. }) => {
                keep_output_names(&mut select.items, &names, from, to);
            }
            _ => {}
        });
        let returning = self.itself_mut().and_then(Statement::returning_mut);
        if let Some(returning) = returning {
            keep_output_names(&mut returning.items, &names, from, to);
        }
    }

    fn joins_by(&self, column: &str) -> bool {
        let mut found = false;
        self.see(&mut |part| {
            if let Part::Query(query) = part {
                query.each_source(&mut |source| {
                    if let SourceKind::Join(join) = &source.kind {
                        found |= match &join.condition {
                            JoinCondition::Using { columns, .. } => columns.iter().any(|name| name.value == column),
                            JoinCondition::Natural => true,
                            JoinCondition::Always | JoinCondition::On(_) => false,
                        };
                    }
                });
            }
        });
        found
    }
}

impl Tree for Query {
    fn see<'q>(&'q self, see: &mut dyn FnMut(Part<'q>)) {
        self.walk(see);
    }

    fn change(&mut self, change: &mut dyn FnMut(PartMut<'_>)) {
        self.walk_mut(change);
    }

    fn itself(&self) -> Option<&Statement> {
        None
    }

    fn itself_mut(&mut self) -> Option<&mut Statement> {
        None
    }

    fn with(&self) -> Option<&With> {
        self.with.as_ref()
    }
}

impl Tree for Statement {
    fn see<'q>(&'q self, see: &mut dyn FnMut(Part<'q>)) {
        self.walk(see);
    }

    fn change(&mut self, change: &mut dyn FnMut(PartMut<'_>)) {
        self.walk_mut(change);
    }

    fn itself(&self) -> Option<&Statement> {
        (!matches!(self, Statement::Query(_))).then_some(self)
    }

    fn itself_mut(&mut self) -> Option<&mut Statement> {
        (!matches!(self, Statement::Query(_))).then_some(self)
    }

    fn with(&self) -> Option<&With> {
        Statement::with(self)
    }
}

impl Statement {
    /// Notes the tables, columns, types, functions and values of enums that it uses.
    pub fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.note(scope, uses);
    }

    /// Follows something that gets another name.
    pub fn follow(&mut self, renaming: &Renaming<'_>) {
        self.follow_names(renaming);
    }

    /// The names that its sources have, and those of the queries in it.
    pub(crate) fn source_names(&self) -> SortedSet<String> {
        self.all_bindings().into_iter().map(|binding| binding.name).collect()
    }
}

impl Binding {
    /// A source that has a name.
    fn of(source: &Source) -> Option<Self> {
        let table = match &source.kind {
            SourceKind::Table(table) => Some(&table.name),
            SourceKind::Join(_) if source.alias.is_none() => return None,
            _ => None,
        };
        // A common table has no schema.
        let relation = table.filter(|table| table.schema.is_some()).map(full_name);
        let own = table.map(|table| table.name.value.clone());
        let alias = source.alias.as_ref();
        let renamed = alias.into_iter().flat_map(|alias| &alias.columns);
        let renamed = renamed.map(|name| name.value.clone()).collect();
        let name = alias.map(|alias| alias.name.value.clone()).or(own).unwrap_or_default();
        Some(Binding { name, relation, renamed })
    }

    fn of_target(table: &TargetTable) -> Self {
        let name = table.alias.as_ref().unwrap_or(&table.name.name).value.clone();
        let relation = table.name.schema.is_some().then(|| full_name(&table.name));
        Binding { name, relation, renamed: Vec::new() }
    }
}

impl Query {
    /// Notes the tables, columns, types, functions and values of enums that it uses.
    pub fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.note(scope, uses);
    }

    /// Follows something that gets another name.
    pub fn follow(&mut self, renaming: &Renaming<'_>) {
        self.follow_names(renaming);
    }

    /// The names that its sources have, and those of the queries in it.
    pub(crate) fn source_names(&self) -> SortedSet<String> {
        self.all_bindings().into_iter().map(|binding| binding.name).collect()
    }
}

/// Gives a source the new name of its table. Whether it is known by the old one as its alias.
fn rename_source(source: &mut Source, from: &QualifiedName, to: &QualifiedName, keeps_name: bool) -> bool {
    let SourceKind::Table(table) = &mut source.kind else { return false };
    if table.name.schema.is_none() || full_name(&table.name) != *from {
        return false;
    }
    if keeps_name && source.alias.is_none() {
        source.alias = Some(Alias { name: table.name.name.clone(), columns: Vec::new() });
    }
    set_name(&mut table.name, to);
    source.alias.as_ref().is_some_and(|alias| alias.name.value == from.name)
}

/// What comes out keeps its name where its column has got another one.
fn keep_output_names(items: &mut [Item], sources: &SortedSet<&str>, from: &str, to: &str) {
    for Item { value, alias } in items {
        // Children come first: the name is the new one already.
        if let ExpressionKind::Name(parts) = &value.kind
            && let [source, column] = parts.as_slice()
            && column == to
            && sources.contains(source.as_str())
        {
            match alias {
                None => *alias = Some(Name::from(from)),
                // It is the column's own name now.
                Some(name) if name.value == to => *alias = None,
                Some(_) => {}
            }
        }
    }
}

fn set_name(name: &mut ObjectName, to: &QualifiedName) {
    let at = name.name.at;
    name.schema = Some(Name::new(to.schema.clone(), at));
    name.name = Name::new(to.name.clone(), at);
}

/// Gives the source its columns under the names that they have now.
fn list_columns(source: &mut Source, table: &QualifiedName, columns: &[String]) {
    let SourceKind::Table(found) = &source.kind else { return };
    if found.name.schema.is_none() || full_name(&found.name) != *table {
        return;
    }
    let name = found.name.name.clone();
    let alias = source.alias.get_or_insert_with(|| Alias { name, columns: Vec::new() });
    let listed = alias.columns.len();
    alias.columns.extend(columns.iter().skip(listed).map(|column| Name::from(column.as_str())));
}

/// Columns that several sources have.
fn shared(bindings: &[Binding], catalog: &Catalog) -> Vec<String> {
    let relations: Vec<Vec<String>> = bindings
        .iter()
        .filter_map(|binding| binding.relation.as_ref())
        .map(|name| catalog.column_names(name))
        .collect();
    let all = relations.iter().flatten();
    all.filter(|name| relations.iter().filter(|columns| columns.contains(name)).count() > 1).cloned().collect()
}

/// Notes the columns that a name stands for: one, or all of a row.
fn note_name(
    parts: &[String],
    bindings: &[Binding],
    catalog: &Catalog,
    columns: &mut SortedSet<(QualifiedName, String)>,
) {
    let (source, column) = match parts {
        [row] => (row, None),
        [source, column] => (source, Some(column)),
        _ => return,
    };
    for binding in bindings.iter().filter(|binding| binding.name == *source) {
        let Some(relation) = &binding.relation else { continue };
        let has = catalog.column_names(relation);
        let own = |name: &String| match binding.renamed.iter().position(|renamed| renamed == name) {
            Some(place) => has.get(place).cloned(),
            None => Some(name.clone()),
        };
        match column {
            Some(column) => columns.extend(own(column).map(|column| (relation.clone(), column))),
            None => columns.extend(has.iter().map(|name| (relation.clone(), name.clone()))),
        }
    }
}

/// The type of a column of a source, or of its rows.
fn type_of_name(parts: &[String], bindings: &[Binding], catalog: &Catalog) -> Option<Type> {
    let (source, column) = match parts {
        [source] => (source, None),
        [source, column] => (source, Some(column)),
        _ => return None,
    };
    let mut known = bindings.iter().filter(|binding| binding.name == *source && binding.renamed.is_empty());
    let relation = known.find_map(|binding| binding.relation.as_ref())?;
    match column {
        Some(column) => catalog.column_type(relation, column),
        None => Some(Type::named(relation.clone())),
    }
}

/// The names of the columns among these that are of an enum.
fn enum_columns(
    name: &QualifiedName,
    columns: &SortedSet<(QualifiedName, String)>,
    catalog: &Catalog,
) -> SortedSet<String> {
    let is_of_enum = |(relation, column): &&(QualifiedName, String)| {
        let data_type = match catalog.table(relation) {
            Some(table) => table.column(column).map(|column| column.data_type.clone()),
            None => {
                let mut found = catalog.columns_of_object(relation).into_iter();
                found.find(|found| found.name == *column).and_then(|found| found.data_type)
            }
        };
        data_type.is_some_and(|data_type| data_type.depends_on() == Some(name))
    };
    columns.iter().filter(is_of_enum).map(|(_, column)| column.clone()).collect()
}
