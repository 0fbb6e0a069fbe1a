//! Resolving expressions: names become columns or enum values, types are followed as far as they are known, and what is
//! not known is left to PostgreSQL.

use migrate_core::catalog::{Column, Table};
use migrate_core::expression::{Expression, ExpressionKind, NamedInText};
use migrate_core::name::QualifiedName;
use migrate_core::types::Type;

use super::Checker;
use super::around::Around;
use super::infer::Walk;
use super::qualify::qualify;
use super::query::set_always;
use crate::clause::AssignmentClause;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::Spanned;

/// Where an expression stands: decides what it may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    Default,
    OnUpdate,
    Check,
    Generated,
    Index,
    IndexPredicate,
    /// What is gathered about several columns and expressions.
    Statistics,
    Using,
    Policy,
    Statement,
    /// What comes out of a query, or orders or groups it.
    Query,
    /// Which rows a query takes.
    Filter,
    /// Over `old` and `new`.
    Trigger,
    /// The same, of a rule.
    Rule,
    /// Which rows are published.
    Publication,
}

impl Context {
    pub(super) fn noun(self) -> &'static str {
        match self {
            Context::Default => "a default",
            Context::OnUpdate => "an `on update` value",
            Context::Check => "a check",
            Context::Generated => "a generated column",
            Context::Index => "an index",
            Context::IndexPredicate => "an index predicate",
            Context::Statistics => "statistics",
            Context::Using => "a conversion",
            Context::Policy => "a policy",
            Context::Statement => "a statement",
            Context::Query => "a query",
            Context::Filter => "a condition over rows",
            Context::Trigger => "the condition of a trigger",
            Context::Rule => "the condition of a rule",
            Context::Publication => "`where` of a publication",
        }
    }

    /// Whether it is kept as part of a table.
    pub(super) fn is_stored(self) -> bool {
        matches!(
            self,
            Context::Default
                | Context::Check
                | Context::Generated
                | Context::Index
                | Context::IndexPredicate
                | Context::Statistics
                | Context::Policy
                | Context::Trigger
        )
    }

    pub(super) fn allows_subqueries(self) -> bool {
        matches!(self, Context::Policy | Context::Statement | Context::Query | Context::Filter)
    }

    /// Whether `old` and `new` are there.
    pub(super) fn has_rows(self) -> bool {
        matches!(self, Context::Trigger | Context::Rule)
    }

    /// Whether the row of the table can stand in it as one value: in what is made of the row itself it would depend on
    /// its own value.
    pub(super) fn takes_whole_row(self) -> bool {
        matches!(
            self,
            Context::Check
                | Context::Index
                | Context::IndexPredicate
                | Context::Using
                | Context::Policy
                | Context::Statement
        )
    }

    pub(super) fn must_be_immutable(self) -> bool {
        matches!(self, Context::Generated | Context::Index | Context::IndexPredicate | Context::Publication)
    }
}

/// A resolved expression with its type, as far as it is known.
pub(crate) struct Resolved {
    pub(crate) expression: Expression,
    pub(crate) data_type: Option<Type>,
}

impl Checker<'_> {
    /// Resolves a value that is assigned to a column.
    pub(crate) fn value_for(
        &mut self,
        value: &Spanned<Expression>,
        data_type: &Type,
        column: &str,
        nullable: bool,
        context: Context,
    ) -> Option<Expression> {
        self.value_over(None, value, data_type, column, nullable, context)
    }

    /// Resolves what an update sets a column to: `total` and `new.total` are the row as the update leaves it, `old.total`
    /// is the row before it.
    pub(crate) fn on_update_value(
        &mut self,
        value: &Spanned<Expression>,
        column: &Column,
        table_name: &QualifiedName,
        table: &Table,
    ) -> Option<Expression> {
        let over = Some((table_name, table));
        let (name, nullable) = (&column.name, column.nullable);
        let resolved = self.value_over(over, value, &column.data_type, name, nullable, Context::OnUpdate)?;
        for read in table.columns_read(&resolved) {
            if table.column(read).is_some_and(|column| column.generated.is_some()) {
                self.report(
                    Diagnostic::new(
                        code::INVALID_DEFINITION,
                        format!("`{read}` is generated after `on update`, so it has no value here"),
                        value.at,
                    )
                    .help("write its expression instead"),
                );
                return None;
            }
        }
        Some(resolved)
    }

    fn value_over(
        &mut self,
        table: Option<(&QualifiedName, &Table)>,
        value: &Spanned<Expression>,
        data_type: &Type,
        column: &str,
        nullable: bool,
        context: Context,
    ) -> Option<Expression> {
        if value.value.is_null() && (!nullable || self.catalog().refuses_null(data_type)) {
            self.report(
                Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("`{column}` is NOT NULL, but the value is `null`"),
                    value.at,
                )
                .help(format!("make the column nullable with `{data_type}?`, or write another value")),
            );
            return None;
        }
        let around = table.map_or(Around::Nothing, |(name, table)| Around::Table(name, table));
        let mut walk = Walk { checker: self, around, context, failed: false };
        let mut expression = value.value.clone();
        let inferred = walk.infer(&mut expression, Some(data_type));
        let failed = walk.failed;
        if let Some(found) = &inferred
            && !failed
            && self.catalog().assigns(found, data_type) == Some(false)
            && !self.is_enum_array_literal(&expression, data_type)
        {
            self.judge(&expression, around, context)?;
            self.report(
                Diagnostic::new(
                    code::TYPE_MISMATCH,
                    format!("`{column}` is of type `{data_type}`, but the value is of type `{found}`"),
                    value.at,
                )
                .maybe_help(cast_help(&expression, data_type)),
            );
            return None;
        }
        if failed {
            return None;
        }
        let mut expression = expression.assigned_to(data_type);
        // Said as what a name is read, so that it follows when that has another name.
        if let (Type::BuiltIn(read_as), Some(text)) = (data_type, expression.as_text())
            && NamedInText::read(text, *read_as).is_some()
        {
            expression = Expression::cast(expression, data_type.clone());
        }
        self.judge_row(&expression, data_type, around, context)?;
        // A number alone is not judged.
        let is_number = matches!(expression.kind, ExpressionKind::Number(_));
        let found = self.judge(&expression, around, context)?.or(inferred.filter(|_| is_number));
        if let Some(found) = found
            && !self.assigns(&found, data_type)
        {
            self.report(
                Diagnostic::new(
                    code::TYPE_MISMATCH,
                    format!("`{column}` is of type `{data_type}`, but the value is of type `{found}`"),
                    value.at,
                )
                .maybe_help(cast_help(&expression, data_type)),
            );
            return None;
        }
        qualify(&mut expression, around, self.state);
        Some(expression)
    }

    /// Resolves a value for a column that only raw SQL may have made: one that means the same whatever type it has.
    pub(crate) fn value_for_undeclared(
        &mut self,
        value: &Spanned<Expression>,
        column: &str,
        table_name: &QualifiedName,
        table: &Table,
    ) -> Option<Expression> {
        let resolved = self.resolve(value, table_name, table, Context::Statement, None)?.expression;
        let mut is_clear = true;
        resolved.visit(&mut |part| {
            is_clear &= match &part.kind {
                ExpressionKind::Json(_) | ExpressionKind::Array(_) => false,
                ExpressionKind::Name(_) => part.as_name().is_none_or(|name| table.column(name).is_some()),
                _ => true,
            };
        });
        if !is_clear && let Some(maker) = self.state.undeclared.column(table_name, column).cloned() {
            let declaration = format!("alter table {table_name} {{ add {column}: ... }}");
            let what = format!("the type of column `{column}` of table `{table_name}` is");
            let mistake = self.undeclared(&what, &maker, &declaration, value.at);
            self.report(mistake);
            return None;
        }
        Some(resolved)
    }

    /// An empty array has no type of its own.
    fn is_enum_array_literal(&self, expression: &Expression, data_type: &Type) -> bool {
        data_type.element().is_some() && matches!(&expression.kind, ExpressionKind::Array(items) if items.is_empty())
    }

    /// Resolves an expression that decides: a check, a predicate, a `where`.
    pub(crate) fn condition(
        &mut self,
        condition: &Spanned<Expression>,
        table_name: &QualifiedName,
        table: &Table,
        context: Context,
    ) -> Option<Expression> {
        let known = self.mistakes.len();
        let Some(resolved) = self.resolve(condition, table_name, table, context, Some(&Type::BOOLEAN)) else {
            self.explain_logical(&condition.value, known);
            return None;
        };
        match resolved.data_type {
            Some(data_type) if !self.assigns(&data_type, &Type::BOOLEAN) => {
                self.report(
                    Diagnostic::new(
                        code::TYPE_MISMATCH,
                        format!("{} must be a `boolean` condition, found `{data_type}`", context.noun()),
                        condition.at,
                    )
                    .help("compare it with something"),
                );
                None
            }
            _ => Some(resolved.expression),
        }
    }

    /// Resolves a check of a domain over a type, in which `value` is the value.
    pub(crate) fn domain_condition(&mut self, condition: &Spanned<Expression>, data_type: &Type) -> Option<Expression> {
        let mut value = Column::new("value", data_type.clone());
        value.nullable = true;
        let table = Table { columns: vec![value], ..Table::default() };
        self.condition(condition, &QualifiedName::new("value"), &table, Context::Check)
    }

    /// Resolves an expression over the columns of a table.
    pub(crate) fn column_expression(
        &mut self,
        expression: &Spanned<Expression>,
        table_name: &QualifiedName,
        table: &Table,
        context: Context,
    ) -> Option<Resolved> {
        self.resolve(expression, table_name, table, context, None)
    }

    /// Resolves what a column is generated from.
    pub(crate) fn generated(
        &mut self,
        expression: &Spanned<Expression>,
        data_type: &Type,
        table_name: &QualifiedName,
        table: &Table,
    ) -> Option<Expression> {
        let resolved = self.resolve(expression, table_name, table, Context::Generated, Some(data_type))?;
        for column in resolved.expression.columns() {
            if table.column(column).is_some_and(|column| column.generated.is_some()) {
                self.report(
                    Diagnostic::new(
                        code::INVALID_DEFINITION,
                        format!("cannot use the generated column `{column}` in another generated column"),
                        expression.at,
                    )
                    .help("write its expression instead"),
                );
                return None;
            }
        }
        if let Some(found) = resolved.data_type
            && !self.assigns(&found, data_type)
        {
            self.report(
                Diagnostic::new(
                    code::TYPE_MISMATCH,
                    format!("the column is of type `{data_type}`, but the expression is of type `{found}`"),
                    expression.at,
                )
                .help(format!("write `(...)::{data_type}`, or change the type of the column")),
            );
            return None;
        }
        let assigned = resolved.expression.clone().assigned_to(data_type);
        self.judge_assigned(&assigned, data_type, table_name, table, expression.at)?;
        Some(resolved.expression)
    }

    /// Resolves `column = value, ...`.
    pub(crate) fn assignments(
        &mut self,
        clauses: &[AssignmentClause],
        table_name: &QualifiedName,
        table: &Table,
    ) -> Option<Vec<(String, Expression)>> {
        let mut good = true;
        let mut assignments: Vec<(String, Expression)> = Vec::new();
        for clause in clauses {
            let Some(column) = self.column_by_name(table_name, table, &clause.column) else {
                good = false;
                continue;
            };
            let name = &clause.column.value;
            if assignments.iter().any(|(other, _)| other == name) {
                good = false;
                self.report(Diagnostic::new(
                    code::DUPLICATE_CLAUSE,
                    format!("`{name}` is set more than once"),
                    clause.column.at,
                ));
            }
            let Some(column) = column else {
                let value = self.value_for_undeclared(&clause.value, name, table_name, table);
                good &= value.is_some();
                assignments.extend(value.map(|value| (name.clone(), value)));
                continue;
            };
            if let Some(mistake) = set_always(column, clause.column.at) {
                good = false;
                self.report(mistake);
            } else if clause.value.value.is_null()
                && (!column.nullable || self.catalog().refuses_null(&column.data_type))
            {
                good = false;
                self.report(Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("cannot set `{}` to `null`, because it is NOT NULL", column.name),
                    clause.value.at,
                ));
                continue;
            }
            let resolved = self.resolve(&clause.value, table_name, table, Context::Statement, Some(&column.data_type));
            let Some(resolved) = resolved else {
                good = false;
                continue;
            };
            if let Some(found) = &resolved.data_type
                && !self.assigns(found, &column.data_type)
            {
                good = false;
                self.report(
                    Diagnostic::new(
                        code::TYPE_MISMATCH,
                        format!(
                            "`{}` is of type `{}`, but the value is of type `{found}`",
                            column.name, column.data_type
                        ),
                        clause.value.at,
                    )
                    .maybe_help(cast_help(&resolved.expression, &column.data_type)),
                );
            }
            assignments.push((column.name.clone(), resolved.expression.assigned_to(&column.data_type)));
        }
        good.then_some(assignments)
    }

    fn resolve(
        &mut self,
        expression: &Spanned<Expression>,
        table_name: &QualifiedName,
        table: &Table,
        context: Context,
        expected: Option<&Type>,
    ) -> Option<Resolved> {
        let around = Around::Table(table_name, table);
        let mut walk = Walk { checker: self, around, context, failed: false };
        let mut resolved = expression.value.clone();
        let data_type = walk.infer(&mut resolved, expected);
        if walk.failed {
            return None;
        }
        let typed = match expected {
            Some(expected) => resolved.clone().assigned_to(expected),
            None => resolved.clone(),
        };
        let data_type = self.judge(&typed, around, context)?.or(data_type);
        qualify(&mut resolved, around, self.state);
        if context == Context::Policy {
            resolved.qualify_columns(table_name, &self.state.catalog);
        }
        Some(Resolved { expression: resolved, data_type })
    }
}

fn cast_help(expression: &Expression, data_type: &Type) -> Option<String> {
    if expression.is_literal() {
        return None;
    }
    Some(format!("cast it if possible: `({expression})::{data_type}`"))
}
