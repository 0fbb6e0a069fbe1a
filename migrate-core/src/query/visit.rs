//! Walking over queries: everything in them, queries inside expressions included.

use super::{
    Assignment, Body, ConflictAction, ConflictTarget, GroupItem, InsertSource, JoinCondition, JsonFunction, JsonTable,
    JsonTableColumn, Merge, MergeAction, ObjectName, OnConflict, PathStep, Query, Select, Source, SourceKind,
    Statement, Target, TargetTable, With, XmlFunction, XmlTable, XmlTableColumnKind,
};
use crate::expression::{Call, Expression, ExpressionKind, Subscript};
use crate::types::Type;

/// What a walk over a query meets.
#[derive(Debug)]
pub enum Part<'q> {
    /// An expression, and each expression in it.
    Expression(&'q Expression),
    /// A query, and each query in it.
    Query(&'q Query),
    /// The name of a table.
    Table(&'q ObjectName, TableRole),
    /// A type.
    Type(&'q Type),
    /// The method of `TABLESAMPLE`, which is a function.
    SampleMethod(&'q ObjectName),
    /// An operator class of `ON CONFLICT`.
    OperatorClass(&'q ObjectName),
}

/// What a changing walk over a query meets.
#[derive(Debug)]
pub enum PartMut<'q> {
    /// An expression, and each expression in it.
    Expression(&'q mut Expression),
    /// A query, and each query in it.
    Query(&'q mut Query),
    /// The name of a table.
    Table(&'q mut ObjectName, TableRole),
    /// A type.
    Type(&'q mut Type),
    /// The method of `TABLESAMPLE`, which is a function.
    SampleMethod(&'q mut ObjectName),
    /// An operator class of `ON CONFLICT`.
    OperatorClass(&'q mut ObjectName),
}

/// What a table is named for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableRole {
    /// Its rows are read.
    Read,
    /// It is what `WITH` has given this name.
    Common,
    /// Its rows are changed.
    Target,
}

/// The two walks differ in `&` and `&mut`, and in whether parents come first.
macro_rules! walk {
    ($walk:ident, $part:ident, $part_type:ty, [$($mutable:tt)?], [$($lifetime:lifetime)?], $parents_first:literal,
        $iterate:ident, $as_deref:ident, $as_ref:ident, $children:ident, $expressions:ident) => {
        struct $walk<'w $(, $lifetime)?> {
            /// What `WITH` gives a name here.
            common: Vec<String>,
            see: &'w mut dyn FnMut($part_type),
        }

        impl<'w $(, $lifetime)?> $walk<'w $(, $lifetime)?> {
            fn statement(&mut self, statement: & $($lifetime)? $($mutable)? Statement) {
                let depth = self.common.len();
                match statement {
                    Statement::Query(query) => self.query(query),
                    Statement::Insert(insert) => {
                        self.with(insert.with.$as_ref());
                        self.target_table(& $($mutable)? insert.table);
                        self.targets(& $($mutable)? insert.columns);
                        if let InsertSource::Query(query) = & $($mutable)? insert.source {
                            self.query(query);
                        }
                        if let Some(on_conflict) = insert.on_conflict.$as_ref() {
                            self.on_conflict(on_conflict);
                        }
                    }
                    Statement::Update(update) => {
                        self.with(update.with.$as_ref());
                        self.target_table(& $($mutable)? update.table);
                        self.assignments(& $($mutable)? update.assignments);
                        update.from.$iterate().for_each(|source| self.source(source));
                        update.filter.$iterate().for_each(|filter| self.expression(filter));
                    }
                    Statement::Delete(delete) => {
                        self.with(delete.with.$as_ref());
                        self.target_table(& $($mutable)? delete.table);
                        delete.using.$iterate().for_each(|source| self.source(source));
                        delete.filter.$iterate().for_each(|filter| self.expression(filter));
                    }
                    Statement::Merge(merge) => self.merge(merge),
                }
                let returning = match statement {
                    Statement::Query(_) => None,
                    Statement::Insert(insert) => insert.returning.$as_ref(),
                    Statement::Update(update) => update.returning.$as_ref(),
                    Statement::Delete(delete) => delete.returning.$as_ref(),
                    Statement::Merge(merge) => merge.returning.$as_ref(),
                };
                if let Some(returning) = returning {
                    for item in returning.items.$iterate() {
                        self.expression(& $($mutable)? item.value);
                    }
                }
                self.common.truncate(depth);
            }

            fn merge(&mut self, merge: & $($lifetime)? $($mutable)? Merge) {
                self.with(merge.with.$as_ref());
                self.target_table(& $($mutable)? merge.table);
                self.source(& $($mutable)? merge.source);
                self.expression(& $($mutable)? merge.condition);
                for branch in merge.branches.$iterate() {
                    branch.condition.$iterate().for_each(|condition| self.expression(condition));
                    match & $($mutable)? branch.action {
                        MergeAction::Nothing | MergeAction::Delete => {}
                        MergeAction::Update(assignments) => self.assignments(assignments),
                        MergeAction::Insert { columns, values, .. } => {
                            self.targets(columns);
                            values.$iterate().for_each(|value| self.expression(value));
                        }
                    }
                }
            }

            fn with(&mut self, with: Option<& $($lifetime)? $($mutable)? With>) {
                let Some(with) = with else { return };
                if with.is_recursive {
                    self.common.extend(with.tables.iter().map(|table| table.name.value.clone()));
                }
                for table in with.tables.$iterate() {
                    let name = table.name.value.clone();
                    self.statement(& $($mutable)? table.statement);
                    if let Some(values) = table.cycle.$as_ref().and_then(|cycle| cycle.values.$as_deref()) {
                        self.expression(& $($mutable)? values.0);
                        self.expression(& $($mutable)? values.1);
                    }
                    self.common.push(name);
                }
            }

            fn query(&mut self, query: & $($lifetime)? $($mutable)? Query) {
                if $parents_first {
                    (self.see)($part::Query(& $($mutable)? *query));
                }
                let depth = self.common.len();
                self.with(query.with.$as_ref());
                match & $($mutable)? query.body {
                    Body::Select(select) => self.select(select),
                    Body::Values(rows) => rows.$iterate().flatten().for_each(|value| self.expression(value)),
                    Body::Table(table) => self.table(& $($mutable)? table.name),
                    Body::Set(operation) => {
                        self.query(& $($mutable)? operation.left);
                        self.query(& $($mutable)? operation.right);
                    }
                }
                for item in query.order_by.$iterate() {
                    self.expression(& $($mutable)? item.value);
                }
                if let Some(limit) = query.limit.$as_ref() {
                    self.expression(& $($mutable)? limit.count);
                }
                query.offset.$as_deref().into_iter().for_each(|offset| self.expression(offset));
                self.common.truncate(depth);
                if !$parents_first {
                    (self.see)($part::Query(query));
                }
            }

            fn select(&mut self, select: & $($lifetime)? $($mutable)? Select) {
                // What is read comes before what is done with it.
                select.from.$iterate().for_each(|source| self.source(source));
                if let super::Distinct::On(items) = & $($mutable)? select.distinct {
                    items.$iterate().for_each(|item| self.expression(item));
                }
                for item in select.items.$iterate() {
                    self.expression(& $($mutable)? item.value);
                }
                select.filter.$iterate().for_each(|filter| self.expression(filter));
                if let Some(group_by) = select.group_by.$as_ref() {
                    group_by.items.$iterate().for_each(|item| self.group_item(item));
                }
                select.having.$iterate().for_each(|having| self.expression(having));
                for window in select.windows.$iterate() {
                    window.window.$expressions(&mut |part| self.expression(part));
                }
            }

            fn group_item(&mut self, item: & $($lifetime)? $($mutable)? GroupItem) {
                match item {
                    GroupItem::Expression(expression) => self.expression(expression),
                    GroupItem::List(items) => items.$iterate().for_each(|item| self.expression(item)),
                    GroupItem::Rollup(items) | GroupItem::Cube(items) | GroupItem::Sets(items) => {
                        items.$iterate().for_each(|item| self.group_item(item));
                    }
                }
            }

            fn source(&mut self, source: & $($lifetime)? $($mutable)? Source) {
                match & $($mutable)? source.kind {
                    SourceKind::Table(table) => {
                        self.table(& $($mutable)? table.name);
                        if let Some(sample) = table.sample.$as_deref() {
                            (self.see)($part::SampleMethod(& $($mutable)? sample.method));
                            sample.arguments.$iterate().for_each(|argument| self.expression(argument));
                            sample.seed.$iterate().for_each(|seed| self.expression(seed));
                        }
                    }
                    SourceKind::Query(query) => self.query(& $($mutable)? query.query),
                    SourceKind::Function(source) => {
                        for function in source.functions.$iterate() {
                            self.expression(& $($mutable)? function.call);
                            for column in function.columns.$iterate() {
                                (self.see)($part::Type(& $($mutable)? column.data_type));
                            }
                        }
                        for column in source.columns.$iterate() {
                            (self.see)($part::Type(& $($mutable)? column.data_type));
                        }
                    }
                    SourceKind::Xml(table) => self.xml_table(table),
                    SourceKind::Json(table) => self.json_table(table),
                    SourceKind::Join(join) => {
                        self.source(& $($mutable)? join.left);
                        self.source(& $($mutable)? join.right);
                        if let JoinCondition::On(condition) = & $($mutable)? join.condition {
                            self.expression(condition);
                        }
                    }
                }
            }

            fn table(&mut self, name: & $($lifetime)? $($mutable)? ObjectName) {
                let is_common = name.schema.is_none() && self.common.contains(&name.name.value);
                (self.see)($part::Table(name, if is_common { TableRole::Common } else { TableRole::Read }));
            }

            fn target_table(&mut self, table: & $($lifetime)? $($mutable)? TargetTable) {
                (self.see)($part::Table(& $($mutable)? table.name, TableRole::Target));
            }

            fn xml_table(&mut self, table: & $($lifetime)? $($mutable)? XmlTable) {
                for namespace in table.namespaces.$iterate() {
                    self.expression(& $($mutable)? namespace.address);
                }
                self.expression(& $($mutable)? table.row);
                self.expression(& $($mutable)? table.document);
                for column in table.columns.$iterate() {
                    if let XmlTableColumnKind::Value { data_type, path, default, .. } = & $($mutable)? column.kind {
                        (self.see)($part::Type(data_type));
                        path.$iterate().chain(default).for_each(|value| self.expression(value));
                    }
                }
            }

            fn json_table(&mut self, table: & $($lifetime)? $($mutable)? JsonTable) {
                self.expression(& $($mutable)? table.document.value);
                self.expression(& $($mutable)? table.path);
                for variable in table.passing.$iterate() {
                    self.expression(& $($mutable)? variable.value.value);
                }
                table.columns.$iterate().for_each(|column| self.json_table_column(column));
                if let Some(behavior) = table.on_error.$as_ref() {
                    behavior.$expressions(&mut |part| self.expression(part));
                }
            }

            fn json_table_column(&mut self, column: & $($lifetime)? $($mutable)? JsonTableColumn) {
                match column {
                    JsonTableColumn::Ordinality(_) => {}
                    JsonTableColumn::Value { data_type, path, on_empty, on_error, .. } => {
                        (self.see)($part::Type(data_type));
                        path.$iterate().for_each(|path| self.expression(path));
                        for behavior in on_empty.$iterate().chain(on_error) {
                            behavior.$expressions(&mut |part| self.expression(part));
                        }
                    }
                    JsonTableColumn::Exists { data_type, path, on_error, .. } => {
                        (self.see)($part::Type(data_type));
                        path.$iterate().for_each(|path| self.expression(path));
                        if let Some(behavior) = on_error {
                            behavior.$expressions(&mut |part| self.expression(part));
                        }
                    }
                    JsonTableColumn::Nested { path, columns, .. } => {
                        self.expression(path);
                        columns.$iterate().for_each(|column| self.json_table_column(column));
                    }
                }
            }

            fn on_conflict(&mut self, on_conflict: & $($lifetime)? $($mutable)? OnConflict) {
                if let Some(ConflictTarget::Index { elements, filter }) = & $($mutable)? on_conflict.target {
                    for element in elements {
                        self.expression(& $($mutable)? element.value);
                        if let Some(class) = element.operator_class.$as_ref() {
                            (self.see)($part::OperatorClass(class));
                        }
                    }
                    filter.$as_deref().into_iter().for_each(|filter| self.expression(filter));
                }
                if let ConflictAction::Update { assignments, filter } = & $($mutable)? on_conflict.action {
                    self.assignments(assignments);
                    filter.$as_deref().into_iter().for_each(|filter| self.expression(filter));
                }
            }

            fn assignments(&mut self, assignments: & $($lifetime)? $($mutable)? [Assignment]) {
                for assignment in assignments {
                    match assignment {
                        Assignment::One { target, value } => {
                            self.target(target);
                            self.expression(value);
                        }
                        Assignment::Several { targets, value } => {
                            self.targets(targets);
                            self.expression(value);
                        }
                    }
                }
            }

            fn targets(&mut self, targets: & $($lifetime)? $($mutable)? [Target]) {
                targets.$iterate().for_each(|target| self.target(target));
            }

            fn target(&mut self, target: & $($lifetime)? $($mutable)? Target) {
                for step in target.path.$iterate() {
                    match step {
                        PathStep::Subscript(Subscript::Index(index)) => self.expression(index),
                        PathStep::Subscript(Subscript::Slice(low, high)) => {
                            low.$iterate().chain(high).for_each(|end| self.expression(end));
                        }
                        PathStep::Field(_) => {}
                    }
                }
            }

            fn expression(&mut self, expression: & $($lifetime)? $($mutable)? Expression) {
                if $parents_first {
                    (self.see)($part::Expression(& $($mutable)? *expression));
                }
                expression.$children(&mut |child| self.expression(child));
                match & $($mutable)? expression.kind {
                    ExpressionKind::Subquery(query)
                    | ExpressionKind::Exists(query)
                    | ExpressionKind::ArraySubquery(query) => self.query(query),
                    ExpressionKind::Cast { target, .. }
                    | ExpressionKind::TypedText { target, .. }
                    | ExpressionKind::Treat { target, .. } => (self.see)($part::Type(target)),
                    ExpressionKind::JsonFunction(function) => self.json_function(function),
                    ExpressionKind::XmlFunction(function) => {
                        if let XmlFunction::Serialize { data_type, .. } = & $($mutable)? **function {
                            (self.see)($part::Type(data_type));
                        }
                    }
                    _ => {}
                }
                if !$parents_first {
                    (self.see)($part::Expression(expression));
                }
            }

            fn json_function(&mut self, function: & $($lifetime)? $($mutable)? JsonFunction) {
                let returning = match function {
                    JsonFunction::Serialize { returning, .. }
                    | JsonFunction::Object { returning, .. }
                    | JsonFunction::Array { returning, .. }
                    | JsonFunction::ObjectAggregate { returning, .. }
                    | JsonFunction::ArrayAggregate { returning, .. } => returning,
                    JsonFunction::ArrayQuery { query, returning, .. } => {
                        self.query(query);
                        returning
                    }
                    JsonFunction::Path(path) => & $($mutable)? path.returning,
                    JsonFunction::Parse { .. } | JsonFunction::Scalar(_) => return,
                };
                if let Some(output) = returning {
                    (self.see)($part::Type(& $($mutable)? output.data_type));
                }
            }
        }
    };
}

walk!(Walk, Part, Part<'q>, [], ['q], true, iter, as_deref, as_ref, for_each_child, for_each_expression);
walk!(
    WalkMut, PartMut, PartMut<'_>, [mut], [], false, iter_mut, as_deref_mut, as_mut, for_each_child_mut,
    for_each_expression_mut
);

/// The walks of one kind of node, which has the rule `$rule`.
macro_rules! walks {
    ($node:ty, $rule:ident) => {
        impl $node {
            /// Calls `see` for everything in it, queries inside expressions included; parents come first.
            pub fn walk<'q>(&'q self, see: &mut dyn FnMut(Part<'q>)) {
                Walk { common: Vec::new(), see }.$rule(self);
            }

            /// Calls `change` for everything in it, queries inside expressions included; children come first.
            pub fn walk_mut(&mut self, change: &mut dyn FnMut(PartMut<'_>)) {
                WalkMut { common: Vec::new(), see: change }.$rule(self);
            }

            /// The tables that are read or changed, in the order of the walk, with repetitions: not those of `WITH`.
            pub fn tables(&self) -> Vec<&ObjectName> {
                let mut tables = Vec::new();
                self.walk(&mut |part| match part {
                    Part::Table(name, TableRole::Read | TableRole::Target) => tables.push(name),
                    _ => {}
                });
                tables
            }

            /// The calls, in the order of the walk.
            pub fn functions(&self) -> Vec<&Call> {
                let mut calls = Vec::new();
                self.walk(&mut |part| match part {
                    Part::Expression(Expression { kind: ExpressionKind::Call(call), .. }) => calls.push(call),
                    _ => {}
                });
                calls
            }

            /// The types that are named.
            pub fn types(&self) -> Vec<&Type> {
                let mut types = Vec::new();
                self.walk(&mut |part| match part {
                    Part::Type(data_type) => types.push(data_type),
                    _ => {}
                });
                types
            }

            /// Calls `change` for each type that is named.
            pub fn change_types(&mut self, change: &mut dyn FnMut(&mut Type)) {
                self.walk_mut(&mut |part| match part {
                    PartMut::Type(data_type) => change(data_type),
                    _ => {}
                });
            }
        }
    };
}

walks!(Expression, expression);
walks!(Query, query);
walks!(Statement, statement);
