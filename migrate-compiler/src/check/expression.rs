//! Resolving expressions: names become columns or enum values, types are followed as far as they are known, and what is
//! not known is left to PostgreSQL.

use migrate_core::catalog::Table;
use migrate_core::expression::{
    Argument, Call, Expression, ExpressionKind, SessionValue, Volatility, return_type, volatility,
};
use migrate_core::name::QualifiedName;
use migrate_core::token::At;
use migrate_core::types::{Category, Type};

use super::Checker;
use super::literal::{fits_number, fits_text};
use crate::clause::AssignmentClause;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Spanned};

/// Where an expression stands: decides what it may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    Default,
    OnUpdate,
    Check,
    Generated,
    Index,
    IndexPredicate,
    Using,
    Statement,
}

impl Context {
    fn noun(self) -> &'static str {
        match self {
            Context::Default => "a default",
            Context::OnUpdate => "an `on update` value",
            Context::Check => "a check",
            Context::Generated => "a generated column",
            Context::Index => "an index",
            Context::IndexPredicate => "an index predicate",
            Context::Using => "a conversion",
            Context::Statement => "a statement",
        }
    }

    fn allows_subqueries(self) -> bool {
        self == Context::Statement
    }

    fn must_be_immutable(self) -> bool {
        matches!(self, Context::Generated | Context::Index | Context::IndexPredicate)
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
        if value.value.is_null() && !nullable {
            let what = if context == Context::Statement { "the value" } else { context.noun() };
            self.report(
                Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("`{column}` is NOT NULL, and {what} is `null`"),
                    value.at,
                )
                .help(format!("write the type `{data_type}?`, or another value")),
            );
            return None;
        }
        let mut walk = Walk { checker: self, table: None, context, failed: false };
        let mut expression = value.value.clone();
        let found = walk.infer(&mut expression, Some(data_type));
        let failed = walk.failed;
        if let Some(found) = found
            && !failed
            && found.assigns_to(data_type) == Some(false)
            && !self.is_enum_array_literal(&expression, data_type)
        {
            self.report(
                Diagnostic::new(
                    code::TYPE_MISMATCH,
                    format!("`{column}` is `{data_type}`, and the value is `{found}`"),
                    value.at,
                )
                .maybe_help(cast_help(&expression, data_type)),
            );
            return None;
        }
        (!failed).then(|| expression.assigned_to(data_type))
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
        let resolved = self.resolve(condition, table_name, table, context, Some(&Type::BOOLEAN))?;
        match resolved.data_type {
            Some(data_type) if data_type.category() != Category::Boolean && data_type.as_named().is_none() => {
                self.report(
                    Diagnostic::new(
                        code::TYPE_MISMATCH,
                        format!("{} must be a condition, and this is `{data_type}`", context.noun()),
                        condition.at,
                    )
                    .help("compare it with something"),
                );
                None
            }
            _ => Some(resolved.expression),
        }
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
                        format!("`{column}` is generated itself, and cannot be used in a generated column"),
                        expression.at,
                    )
                    .help("write its expression instead"),
                );
                return None;
            }
        }
        if let Some(found) = resolved.data_type
            && found.assigns_to(data_type) == Some(false)
        {
            self.report(
                Diagnostic::new(
                    code::TYPE_MISMATCH,
                    format!("the column is `{data_type}`, and the expression is `{found}`"),
                    expression.at,
                )
                .help(format!("write `(...)::{data_type}`, or change the type")),
            );
            return None;
        }
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
            let Some(column) = self.column(table_name, table, &clause.column) else {
                good = false;
                continue;
            };
            if assignments.iter().any(|(name, _)| *name == column.name) {
                good = false;
                self.report(Diagnostic::new(
                    code::DUPLICATE_CLAUSE,
                    format!("`{}` is set twice", column.name),
                    clause.column.at,
                ));
            }
            if column.generated.is_some() {
                good = false;
                self.report(Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("`{}` is generated, and cannot be set", column.name),
                    clause.column.at,
                ));
            }
            if clause.value.value.is_null() && !column.nullable {
                good = false;
                self.report(Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("`{}` is NOT NULL, and cannot be set to `null`", column.name),
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
                && found.assigns_to(&column.data_type) == Some(false)
            {
                good = false;
                self.report(
                    Diagnostic::new(
                        code::TYPE_MISMATCH,
                        format!("`{}` is `{}`, and the value is `{found}`", column.name, column.data_type),
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
        let mut walk = Walk { checker: self, table: Some((table_name, table)), context, failed: false };
        let mut resolved = expression.value.clone();
        let data_type = walk.infer(&mut resolved, expected);
        if walk.failed {
            return None;
        }
        if context.must_be_immutable() {
            let mut varies = false;
            resolved.visit(&mut |part| varies |= matches!(volatility(part), Volatility::Stable | Volatility::Volatile));
            if varies {
                self.report(
                    Diagnostic::new(
                        code::INVALID_DEFINITION,
                        format!("{} can only use what always gives the same value for the same row", context.noun()),
                        expression.at,
                    )
                    .help("leave out what depends on the time, the session or chance"),
                );
                return None;
            }
        }
        Some(Resolved { expression: resolved, data_type })
    }
}

fn cast_help(expression: &Expression, data_type: &Type) -> Option<String> {
    if expression.is_literal() {
        return None;
    }
    Some(format!("if the value can become one, write `({expression})::{data_type}`"))
}

/// Whether `[...]` stands for a JSON array in a column of this type: it holds literals only.
fn is_json(items: &[Expression], expected: &Type) -> bool {
    let array = Expression::from(ExpressionKind::Array(items.to_vec()));
    expected.category() == Category::Json && matches!(array.assigned_to(expected).kind, ExpressionKind::Cast { .. })
}

/// One walk over an expression.
struct Walk<'w, 'c> {
    checker: &'w mut Checker<'c>,
    table: Option<(&'w QualifiedName, &'w Table)>,
    context: Context,
    failed: bool,
}

impl Walk<'_, '_> {
    fn fail(&mut self, mistake: Diagnostic) {
        self.failed = true;
        self.checker.report(mistake);
    }

    /// Resolves an expression in place, and gives its type where it is known. `expected` is the type that its place
    /// asks for: literals are checked against it, and bare words can be values of an enum.
    fn infer(&mut self, expression: &mut Expression, expected: Option<&Type>) -> Option<Type> {
        let at = expression.at;
        match &mut expression.kind {
            ExpressionKind::Null | ExpressionKind::Star(_) | ExpressionKind::Parameter(_) => None,
            ExpressionKind::Boolean(_) => Some(Type::BOOLEAN),
            ExpressionKind::Number(digits) => self.number(digits, expected, at),
            ExpressionKind::Text(text) => {
                if let Some(expected) = expected {
                    let values = self.checker.values_of(expected);
                    let is_open =
                        expected.as_named().is_some_and(|name| self.checker.state.unchecked.values_of.contains(name));
                    if let Err(misfit) = fits_text(text, expected, values.as_deref(), is_open) {
                        self.fail(misfit.diagnostic(at));
                    }
                }
                None
            }
            ExpressionKind::Json(_) => Some(match expected {
                Some(Type::BuiltIn(_)) if expected == Some(&Type::JSON) => Type::JSON,
                _ => Type::JSONB,
            }),
            ExpressionKind::Name(parts) => {
                let parts = parts.clone();
                self.name(expression, &parts, expected)
            }
            ExpressionKind::SessionValue { value, .. } => Some(match value {
                SessionValue::CurrentDate => Type::DATE,
                SessionValue::CurrentTime => Type::Time { precision: None, with_time_zone: true },
                SessionValue::LocalTime => Type::TIME,
                SessionValue::CurrentTimestamp => Type::TIMESTAMPTZ,
                SessionValue::LocalTimestamp => Type::TIMESTAMP,
                _ => Type::TEXT,
            }),
            ExpressionKind::Call(call) => self.call(call, expected),
            ExpressionKind::Binary { operator, left, right } => {
                let symbol = if operator.schema.is_some() { String::new() } else { operator.symbol.clone() };
                self.binary(&symbol, left, right, at)
            }
            ExpressionKind::IsDistinct { left, right, .. } => {
                self.compared(left, right, at);
                Some(Type::BOOLEAN)
            }
            ExpressionKind::And(parts) | ExpressionKind::Or(parts) => {
                for part in parts {
                    self.truth(part);
                }
                Some(Type::BOOLEAN)
            }
            ExpressionKind::Not(part) => {
                self.truth(part);
                Some(Type::BOOLEAN)
            }
            ExpressionKind::In { operand, items, .. } => {
                let data_type = self.infer(operand, None);
                for item in items {
                    self.comparable_item(data_type.as_ref(), item);
                }
                Some(Type::BOOLEAN)
            }
            ExpressionKind::Between { operand, low, high, .. } => {
                let data_type = self.infer(operand, None);
                self.comparable_item(data_type.as_ref(), low);
                self.comparable_item(data_type.as_ref(), high);
                Some(Type::BOOLEAN)
            }
            ExpressionKind::Quantified { operand, array, .. } => {
                let data_type = self.infer(operand, None);
                let array_type = data_type.map(Type::array);
                self.infer(array, array_type.as_ref());
                Some(Type::BOOLEAN)
            }
            ExpressionKind::Cast { operand, target } => {
                let target = target.clone();
                self.infer(operand, Some(&target));
                if !self.checker.type_exists(&Spanned { value: target.clone(), at }) {
                    self.failed = true;
                }
                Some(target)
            }
            ExpressionKind::TypedText { target, .. } => Some(target.clone()),
            // `[1, 2]` for a jsonb column is JSON.
            ExpressionKind::Array(items) if expected.is_some_and(|expected| is_json(items, expected)) => {
                expected.cloned()
            }
            ExpressionKind::Array(items) => {
                let element = expected.and_then(Type::element).cloned();
                let mut found = None;
                for item in items {
                    let item_type = self.infer(item, element.as_ref());
                    found = found.or(item_type);
                }
                found.map(Type::array).or_else(|| expected.filter(|data_type| data_type.element().is_some()).cloned())
            }
            ExpressionKind::Case { operand, branches, otherwise } => {
                let operand_type = match operand {
                    Some(operand) => self.infer(operand, None),
                    None => Some(Type::BOOLEAN),
                };
                let mut found = None;
                for branch in branches {
                    self.infer(&mut branch.condition, operand_type.as_ref());
                    let result = self.infer(&mut branch.result, expected);
                    found = found.or(result);
                }
                if let Some(otherwise) = otherwise {
                    let result = self.infer(otherwise, expected);
                    found = found.or(result);
                }
                found
            }
            ExpressionKind::Collate { operand, .. } => self.infer(operand, expected),
            ExpressionKind::AtTimeZone { operand, zone } => {
                let data_type = self.infer(operand, None);
                self.infer(zone, None);
                match data_type {
                    Some(Type::Timestamp { with_time_zone: true, .. }) => Some(Type::TIMESTAMP),
                    Some(Type::Timestamp { with_time_zone: false, .. }) => Some(Type::TIMESTAMPTZ),
                    _ => None,
                }
            }
            ExpressionKind::Subquery(_) | ExpressionKind::Exists(_) | ExpressionKind::ArraySubquery(_) => {
                if !self.context.allows_subqueries() {
                    self.fail(Diagnostic::new(
                        code::INVALID_DEFINITION,
                        format!("{} cannot contain a subquery", self.context.noun()),
                        at,
                    ));
                }
                None
            }
            ExpressionKind::Extract { source, .. } => {
                self.infer(source, None);
                Some(Type::NUMERIC)
            }
            ExpressionKind::Is { operand, .. } => {
                self.infer(operand, None);
                Some(Type::BOOLEAN)
            }
            ExpressionKind::Like { operand, pattern, escape, .. } => {
                self.infer(operand, None);
                self.infer(pattern, None);
                if let Some(escape) = escape {
                    self.infer(escape, None);
                }
                Some(Type::BOOLEAN)
            }
            ExpressionKind::Position { .. } => {
                self.children(expression);
                Some(Type::INTEGER)
            }
            ExpressionKind::Unary { operator, operand } => {
                let is_sign = operator.schema.is_none() && matches!(operator.symbol.as_str(), "-" | "+");
                self.infer(operand, if is_sign { expected } else { None })
            }
            _ => {
                self.children(expression);
                None
            }
        }
    }

    fn children(&mut self, expression: &mut Expression) {
        let mut walk = |child: &mut Expression| {
            self.infer(child, None);
        };
        expression.for_each_child_mut(&mut walk);
    }

    /// Something that must be true or false.
    fn truth(&mut self, expression: &mut Expression) {
        let at = expression.at;
        if let Some(data_type) = self.infer(expression, Some(&Type::BOOLEAN))
            && data_type.category() != Category::Boolean
            && data_type.as_named().is_none()
        {
            self.fail(
                Diagnostic::new(code::TYPE_MISMATCH, format!("this must be a condition, and is `{data_type}`"), at)
                    .help("compare it with something"),
            );
        }
    }

    fn number(&mut self, digits: &str, expected: Option<&Type>, at: At) -> Option<Type> {
        if let Some(expected) = expected
            && let Err(misfit) = fits_number(digits, expected)
        {
            self.fail(misfit.diagnostic(at));
            return None;
        }
        if digits.contains(['.', 'e', 'E']) {
            return Some(Type::NUMERIC);
        }
        Some(match digits.parse::<i64>() {
            Ok(number) if i32::try_from(number).is_ok() => Type::INTEGER,
            Ok(_) => Type::BIGINT,
            Err(_) => Type::NUMERIC,
        })
    }

    /// A bare or qualified name: a column of the table, or a value of the expected enum.
    fn name(&mut self, expression: &mut Expression, parts: &[String], expected: Option<&Type>) -> Option<Type> {
        let at = expression.at;
        let column = match (parts, self.table) {
            ([column], _) => column,
            ([table, column], Some((name, _))) if *table == name.name => column,
            _ => return None,
        };
        if let Some((_, table)) = self.table
            && let Some(column) = table.column(column)
        {
            // The table is clear from the place; the catalog keeps the bare column.
            expression.kind = ExpressionKind::Name(vec![column.name.clone()]);
            return Some(column.data_type.clone());
        }
        if let Some(expected) = expected.map(|expected| expected.element().unwrap_or(expected))
            && let Some(definition) = self.checker.values_of(expected)
        {
            let is_open = expected.as_named().is_some_and(|name| self.checker.state.unchecked.values_of.contains(name));
            if definition.has(column) || is_open {
                expression.kind = ExpressionKind::Text(column.clone());
                return None;
            }
            let values = definition.values.iter().map(String::as_str);
            let mut mistake =
                Diagnostic::new(code::UNKNOWN_VALUE, format!("`{column}` is no value of the enum `{expected}`"), at)
                    .maybe_help(choices(column, values, "values"));
            if let Some(name) = expected.as_named() {
                mistake
                    .notes
                    .extend(self.checker.state.made_in(&format!("`{expected}`"), &super::Origin::Type(name.clone())));
            }
            self.fail(mistake);
            return None;
        }
        match self.table {
            Some((name, table)) => {
                let written = Name { value: column.clone(), at };
                self.checker.column(name, table, &written);
                self.failed = true;
            }
            None if expected.is_some_and(|expected| self.is_unchecked_type(expected)) => {
                expression.kind = ExpressionKind::Text(column.clone());
            }
            None => self.fail(
                Diagnostic::new(code::UNKNOWN_COLUMN, format!("{} cannot name `{column}`", self.context.noun()), at)
                    .help(format!("if it is a text, write `\"{column}\"`; if it is a function, `{column}()`")),
            ),
        }
        None
    }

    fn is_unchecked_type(&self, data_type: &Type) -> bool {
        data_type.depends_on().is_some_and(|name| !self.checker.catalog().enums.contains_key(name))
    }

    fn call(&mut self, call: &mut Call, expected: Option<&Type>) -> Option<Type> {
        let passes_type = matches!(call.name.as_str(), "coalesce" | "nullif" | "greatest" | "least");
        let mut found: Option<Type> = None;
        for Argument { value, .. } in &mut call.arguments {
            let wanted = if passes_type { found.clone().or_else(|| expected.cloned()) } else { None };
            let data_type = self.infer(value, wanted.as_ref());
            found = found.or(data_type);
        }
        if let Some(filter) = &mut call.filter {
            self.truth(filter);
        }
        if passes_type {
            return found;
        }
        if call.schema.as_deref().is_none_or(|schema| schema == "pg_catalog") { return_type(&call.name) } else { None }
    }

    fn binary(&mut self, symbol: &str, left: &mut Expression, right: &mut Expression, at: At) -> Option<Type> {
        match symbol {
            "=" | "<>" | "!=" | "<" | ">" | "<=" | ">=" => {
                self.compared(left, right, at);
                Some(Type::BOOLEAN)
            }
            "+" | "-" | "*" | "/" | "%" => {
                let (left, right) = (self.infer(left, None), self.infer(right, None));
                match (left?, right?) {
                    (left, right) if left == right && left.category() == Category::Numeric => {
                        Some(left.without_modifier())
                    }
                    (left, right) if left.category() == Category::Numeric && right.category() == Category::Numeric => {
                        let is_small = |data_type: &Type| *data_type != Type::BIGINT;
                        Some(if left.is_integer() && right.is_integer() {
                            if is_small(&left) && is_small(&right) { Type::INTEGER } else { Type::BIGINT }
                        } else {
                            Type::NUMERIC
                        })
                    }
                    _ => None,
                }
            }
            "||" => {
                let (left, right) = (self.infer(left, None), self.infer(right, None));
                let is_string = |data_type: &Option<Type>| {
                    data_type.as_ref().is_some_and(|data_type| data_type.category() == Category::String)
                };
                (is_string(&left) || is_string(&right)).then_some(Type::TEXT)
            }
            "->>" | "#>>" => {
                self.infer(left, None);
                self.infer(right, None);
                Some(Type::TEXT)
            }
            "@>" | "<@" | "&&" | "~" | "~*" | "!~" | "!~*" | "?" | "?|" | "?&" | "@@" | "~~" | "!~~" | "~~*" => {
                self.infer(left, None);
                self.infer(right, None);
                Some(Type::BOOLEAN)
            }
            _ => {
                self.infer(left, None);
                self.infer(right, None);
                None
            }
        }
    }

    /// Two sides of a comparison. The side with a type of its own decides what a bare word or a literal on the other
    /// side is.
    fn compared(&mut self, left: &mut Expression, right: &mut Expression, at: At) {
        let right_decides = self.is_bare_word(left) && !self.is_bare_word(right);
        let (first, second) = if right_decides { (right, left) } else { (left, right) };
        let mistakes = self.checker.mistakes.len();
        let first_type = self.infer(first, None);
        if self.checker.mistakes.len() > mistakes && first_type.is_none() && self.is_bare_word(second) {
            // What the word is compared with is not known, so neither is what it stands for.
            return;
        }
        let second_type = self.infer(second, first_type.as_ref());
        if let (Some(first), Some(second)) = (first_type, second_type) {
            self.must_compare(&first, &second, at);
        }
    }

    fn comparable_item(&mut self, data_type: Option<&Type>, item: &mut Expression) {
        let at = item.at;
        let item_type = self.infer(item, data_type);
        if let (Some(data_type), Some(item_type)) = (data_type, item_type) {
            self.must_compare(data_type, &item_type, at);
        }
    }

    /// A name that is no column here, so perhaps a value of an enum.
    fn is_bare_word(&self, expression: &Expression) -> bool {
        let is_column = |name: &str| self.table.is_some_and(|(_, table)| table.column(name).is_some());
        match &expression.kind {
            ExpressionKind::Text(_) | ExpressionKind::Number(_) => true,
            _ => expression.as_name().is_some_and(|name| !is_column(name)),
        }
    }

    fn must_compare(&mut self, left: &Type, right: &Type, at: At) {
        let known = |checker: &Checker<'_>, data_type: &Type| match data_type.category() {
            Category::Numeric => Some("number"),
            Category::String => Some("text"),
            Category::Boolean => Some("boolean"),
            Category::DateTime => Some("time"),
            Category::Uuid => Some("uuid"),
            Category::Json => Some("json"),
            Category::Named if checker.values_of(data_type).is_some() => Some("enum"),
            _ => None,
        };
        let kinds = (known(self.checker, left), known(self.checker, right));
        let (Some(left_kind), Some(right_kind)) = kinds else { return };
        if left_kind != right_kind || (left_kind == "enum" && left != right) {
            self.fail(
                Diagnostic::new(code::TYPE_MISMATCH, format!("`{left}` cannot be compared with `{right}`"), at)
                    .help("cast one side to the type of the other, as in `x::text`"),
            );
        }
    }
}
