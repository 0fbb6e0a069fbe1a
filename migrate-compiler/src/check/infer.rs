//! Walking over an expression: names become columns or enum values, types are followed as far as they are known.

use migrate_core::expression::{Argument, Call, Expression, ExpressionKind, SessionValue, return_type};
use migrate_core::literal::{array_elements, canonical};
use migrate_core::name::QualifiedName;
use migrate_core::token::At;
use migrate_core::types::{Category, Type};

use super::Checker;
use super::around::Around;
use super::expression::Context;
use super::literal::{before_conversion, beside, fits_number, fits_text};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Spanned};

/// One walk over an expression.
pub(super) struct Walk<'w, 'c> {
    pub(super) checker: &'w mut Checker<'c>,
    pub(super) around: Around<'w>,
    pub(super) context: Context,
    /// Whether something was reported.
    pub(super) failed: bool,
}

impl Walk<'_, '_> {
    pub(super) fn fail(&mut self, mistake: Diagnostic) {
        self.failed = true;
        self.checker.report(mistake);
    }

    /// Puts a type into the schema where it is.
    fn resolve_type(&mut self, target: &mut Type, at: At) -> Option<Type> {
        match self.checker.data_type(&Spanned { value: target.clone(), at }) {
            Some(found) => *target = found,
            None => self.failed = true,
        }
        Some(target.clone())
    }

    /// Resolves an expression in place, and gives its type where it is known. `expected` is the type that its place
    /// asks for: literals are checked against it, and bare words can be values of an enum.
    pub(super) fn infer(&mut self, expression: &mut Expression, expected: Option<&Type>) -> Option<Type> {
        let at = expression.at;
        match &mut expression.kind {
            ExpressionKind::Null | ExpressionKind::Star(_) | ExpressionKind::Parameter(_) => None,
            ExpressionKind::Boolean(_) => Some(Type::BOOLEAN),
            ExpressionKind::Number(digits) => self.number(digits, expected, at),
            ExpressionKind::Text(text) => {
                if let Some(expected) = expected {
                    self.text(text, expected, at);
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
                let array_type = data_type.map(|data_type| data_type.without_modifier().array());
                let element = array_type.as_ref().and_then(Type::element);
                match &mut array.kind {
                    ExpressionKind::Array(items) if items.iter().any(|item| beside(element, item).is_none()) => {
                        self.infer(array, None);
                    }
                    _ => {
                        self.infer(array, array_type.as_ref());
                    }
                }
                // PostgreSQL finds operators between all kinds of numbers.
                if let ExpressionKind::Array(items) = &array.kind
                    && !items.iter().any(|item| matches!(item.kind, ExpressionKind::Number(_)))
                {
                    self.give_type(array, array_type.as_ref());
                }
                Some(Type::BOOLEAN)
            }
            ExpressionKind::Cast { operand, target } => {
                self.infer(operand, Some(&before_conversion(target)));
                self.resolve_type(target, at)
            }
            ExpressionKind::TypedText { target, text } => {
                let found = self.resolve_type(target, at);
                self.text(text, target, at);
                found
            }
            // `[1, 2]` for a jsonb column is JSON.
            ExpressionKind::Array(items) if expected.is_some_and(|expected| is_json(items, expected)) => {
                expected.cloned()
            }
            ExpressionKind::Array(items) => {
                let found = self.alike(items, expected.and_then(Type::element));
                found.map(Type::array).or_else(|| expected.filter(|data_type| data_type.element().is_some()).cloned())
            }
            ExpressionKind::Case { operand, branches, otherwise } => {
                let operand_type = match operand {
                    Some(operand) => self.infer(operand, None),
                    None => Some(Type::BOOLEAN),
                };
                for branch in &mut *branches {
                    let condition = &mut branch.condition;
                    self.infer(condition, beside(operand_type.as_ref(), condition).as_ref());
                }
                let results = branches.iter_mut().map(|branch| &mut branch.result);
                self.choice(results.chain(otherwise.as_deref_mut()).collect(), expected)
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
                    return None;
                }
                self.subquery(expression)
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
                match &operand.kind {
                    ExpressionKind::Number(digits) if operator.is("-") => {
                        self.number(&format!("-{digits}"), expected, at)
                    }
                    _ => self.infer(operand, if is_sign { expected } else { None }),
                }
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
                Diagnostic::new(
                    code::TYPE_MISMATCH,
                    format!("expected a `boolean` condition, found `{data_type}`"),
                    at,
                )
                .help("compare it with something"),
            );
        }
    }

    /// A text that is read as a value of a type. It becomes what the server prints for it.
    fn text(&mut self, text: &mut String, expected: &Type, at: At) {
        if let Some(element) = expected.element().filter(|element| self.checker.values_of(element).is_some())
            && let Some(elements) = array_elements(text)
        {
            for mut value in elements {
                self.text(&mut value, element, at);
            }
            if let Some(printed) = canonical(text, &Type::TEXT.array()) {
                *text = printed;
            }
            return;
        }
        let values = self.checker.values_of(expected);
        let is_open = expected.as_named().is_some_and(|name| self.checker.state.has_open_values(name));
        match fits_text(text, expected, values.as_deref(), is_open, self.context) {
            Ok(Some(printed)) => *text = printed,
            Ok(None) => {}
            Err(misfit) => self.fail(misfit.diagnostic(at)),
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
        let mut row_name = None;
        let is_row = |name: &str| matches!(name, "old" | "new");
        if let Around::Query(scope) = self.around
            && let Some(found) = self.name_in_query(expression, parts, scope)
        {
            return found;
        }
        let column = match (parts, self.around.table()) {
            // The whole row.
            ([row], Some(_)) if self.context == Context::Trigger && is_row(row) => return None,
            ([row, column], Some(_)) if self.context == Context::Trigger && is_row(row) => {
                row_name = Some(row.clone());
                column
            }
            ([column], Some((_, table))) if self.context == Context::Trigger && table.column(column).is_some() => {
                let mistake = format!("`{column}` is a column of which row?");
                let help = format!("write `new.{column}`, or `old.{column}` for its value before");
                self.fail(Diagnostic::new(code::UNKNOWN_COLUMN, mistake, at).help(help));
                return None;
            }
            ([column], _) => column,
            ([row, column], Some(_)) if self.context == Context::OnUpdate && matches!(row.as_str(), "old" | "new") => {
                row_name = Some(row.clone()).filter(|row| row == "old");
                column
            }
            ([table, column], Some((name, _))) if *table == name.name => column,
            _ if self.context == Context::OnUpdate => {
                let mistake = format!("`{}` is not a column of the row", parts.join("."));
                self.fail(
                    Diagnostic::new(code::UNKNOWN_COLUMN, mistake, at)
                        .help("write `column`, or `old.column` for its value before the update"),
                );
                return None;
            }
            ([other, column], Some((name, table)))
                if self.context != Context::Statement
                    && !self.checker.state.broken.has_relation(&QualifiedName::new(other.as_str())) =>
            {
                let help = match table.column(column) {
                    Some(_) => format!("write `{column}`: only columns of `{name}` can be used here"),
                    None => format!("only columns of `{name}` can be used here"),
                };
                let mistake = Diagnostic::new(code::UNKNOWN_TABLE, format!("cannot find table `{other}` here"), at);
                self.fail(mistake.help(help));
                return None;
            }
            _ => return None,
        };
        if let Some((_, table)) = self.around.table()
            && let Some(column) = table.column(column)
        {
            // The table is clear from the place; the catalog keeps the bare column.
            expression.kind = ExpressionKind::Name(row_name.into_iter().chain([column.name.clone()]).collect());
            return Some(column.data_type.clone());
        }
        if let Around::Query(scope) = self.around
            && scope.is_sql()
        {
            self.no_name_in_query(column, scope, at);
            return None;
        }
        if parts.len() == 1
            && let Some(expected) = expected.map(|expected| expected.element().unwrap_or(expected))
            && let Some(definition) = self.checker.values_of(expected)
        {
            let is_open = expected.as_named().is_some_and(|name| self.checker.state.has_open_values(name));
            if definition.has(column) || is_open {
                expression.kind = ExpressionKind::Text(column.clone());
                return None;
            }
            if self.is_column_open(column) {
                return None;
            }
            let values = definition.values.iter().map(String::as_str);
            let mut mistake =
                Diagnostic::new(code::UNKNOWN_VALUE, format!("`{column}` is not a value of the enum `{expected}`"), at)
                    .maybe_help(choices(column, values, "values"));
            if let Some(name) = expected.as_named() {
                mistake
                    .notes
                    .extend(self.checker.state.made_in(&format!("`{expected}`"), &super::Origin::Type(name.clone())));
            }
            self.fail(mistake);
            return None;
        }
        if let Around::Query(scope) = self.around {
            if expected.is_some_and(|expected| self.is_open_type(expected)) {
                expression.kind = ExpressionKind::Text(column.clone());
            } else {
                self.no_name_in_query(column, scope, at);
            }
            return None;
        }
        match self.around.table() {
            _ if self.is_column_open(column) => {}
            _ if expected.is_some_and(|expected| self.is_open_type(expected)) => {
                expression.kind = ExpressionKind::Text(column.clone());
            }
            Some((name, table)) => {
                let mut mistake = self.checker.unknown_column(name, table, &Name { value: column.clone(), at });
                if expected.is_none()
                    && let Some(help) = self.text_help(column)
                {
                    mistake.help = vec![help];
                }
                self.fail(mistake);
            }
            None => self.fail(
                Diagnostic::new(
                    code::UNKNOWN_COLUMN,
                    format!("{} cannot refer to the column `{column}`", self.context.noun()),
                    at,
                )
                .help(format!("for a string write `\"{column}\"`, for a function call `{column}()`")),
            ),
        }
        None
    }

    /// Whether raw SQL may have made a column of this name.
    fn is_column_open(&self, column: &str) -> bool {
        self.around.table().is_some_and(|(name, _)| self.checker.is_column_open(name, column))
    }

    /// What to write for a value of an enum where nothing says that one is expected.
    fn text_help(&self, value: &str) -> Option<String> {
        let (name, _) = self.checker.catalog().enums.iter().find(|(_, definition)| definition.has(value))?;
        Some(format!("write a value of the enum `{name}` as a string here: `{value:?}`"))
    }

    fn is_open_type(&self, data_type: &Type) -> bool {
        data_type.depends_on().is_some_and(|name| !self.checker.catalog().enums.contains_key(name))
    }

    fn call(&mut self, call: &mut Call, expected: Option<&Type>) -> Option<Type> {
        if call.is_choice() {
            return self.choice(call.arguments.iter_mut().map(|argument| &mut argument.value).collect(), expected);
        }
        for Argument { value, .. } in &mut call.arguments {
            self.infer(value, None);
        }
        for item in call.order_by.iter_mut().chain(&mut call.within_group) {
            self.infer(&mut item.value, None);
        }
        if let Some(filter) = &mut call.filter {
            self.truth(filter);
        }
        if let Some(over) = &mut call.over {
            over.for_each_expression_mut(&mut |value| {
                self.infer(value, None);
            });
        }
        if call.schema.as_deref().is_none_or(|schema| schema == "pg_catalog") { return_type(&call.name) } else { None }
    }

    /// What gives one of several expressions. For PostgreSQL it is a text where all of them are literals, and no text
    /// becomes a value of an enum by itself.
    fn choice(&mut self, mut parts: Vec<&mut Expression>, expected: Option<&Type>) -> Option<Type> {
        let found = self.alike(parts.iter_mut().map(|part| &mut **part), expected);
        let Some(expected) = expected.filter(|expected| found.is_none() && self.checker.values_of(expected).is_some())
        else {
            return found;
        };
        let mut found = None;
        for part in parts.into_iter().filter(|part| part.as_text().is_some()) {
            let at = part.at;
            let text = std::mem::replace(part, Expression::null());
            *part = Expression::new(Expression::cast(text, expected.clone()).kind, at);
            found = Some(expected.clone());
        }
        found
    }

    /// Expressions that PostgreSQL gives one type: the arguments of a choice, the results of `case`, the elements of an
    /// array. Those with a type of their own decide what bare words and literals among the others are.
    fn alike<'e>(
        &mut self,
        parts: impl IntoIterator<Item = &'e mut Expression>,
        expected: Option<&Type>,
    ) -> Option<Type> {
        let (words, typed): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| self.is_bare_word(part));
        let mistakes = self.checker.mistakes.len();
        let types: Vec<Type> = typed.into_iter().filter_map(|part| self.infer(part, expected)).collect();
        // PostgreSQL keeps no length that not all of them have.
        let mut found = types.first().map(Type::without_modifier);
        let is_one = types.iter().all(|data_type| Some(data_type.without_modifier()) == found);
        let wanted = if is_one { found.clone().or_else(|| expected.cloned()) } else { expected.cloned() };
        for part in words {
            if wanted.is_none() && self.checker.mistakes.len() > mistakes {
                // What would give the word its meaning is not known.
                break;
            }
            // A number is of the smallest type that holds it, not of that of the others.
            let is_wider =
                matches!(part.kind, ExpressionKind::Number(_)) && found.as_ref().is_some_and(Type::is_integer);
            let data_type = self.infer(part, if is_wider { expected } else { wanted.as_ref() });
            self.give_type(part, wanted.as_ref());
            found = found.or(data_type);
        }
        found
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
        let second_type = self.infer(second, beside(first_type.as_ref(), second).as_ref());
        self.give_type(second, first_type.as_ref());
        if let (Some(first), Some(second)) = (first_type, second_type) {
            self.must_compare(&first, &second, at);
        }
    }

    fn comparable_item(&mut self, data_type: Option<&Type>, item: &mut Expression) {
        let at = item.at;
        let item_type = self.infer(item, beside(data_type, item).as_ref());
        self.give_type(item, data_type);
        if let (Some(data_type), Some(item_type)) = (data_type, item_type) {
            self.must_compare(data_type, &item_type, at);
        }
    }

    /// Gives `[...]` the type of the array that it stands beside: for PostgreSQL `ARRAY[]` has none, and `ARRAY['a']` is
    /// `text[]` beside whatever it stands.
    fn give_type(&self, part: &mut Expression, data_type: Option<&Type>) {
        let Some(data_type) = data_type.filter(|data_type| data_type.element().is_some()) else { return };
        if matches!(part.kind, ExpressionKind::Array(_)) && self.is_bare_word(part) {
            let array = std::mem::replace(part, Expression::null());
            *part = array.assigned_to(&data_type.without_modifier());
        }
    }

    /// What has no type of its own: a literal, a name that is no column here, so perhaps a value of an enum, and a choice
    /// among nothing but these.
    fn is_bare_word(&self, expression: &Expression) -> bool {
        let is_column = |name: &str| self.around.has(name);
        match &expression.kind {
            ExpressionKind::Null | ExpressionKind::Text(_) | ExpressionKind::Number(_) | ExpressionKind::Json(_) => {
                true
            }
            ExpressionKind::Array(items) => items.iter().all(|item| self.is_bare_word(item)),
            ExpressionKind::Call(call) if call.is_choice() => {
                call.arguments.iter().all(|argument| self.is_bare_word(&argument.value))
            }
            ExpressionKind::Case { branches, otherwise, .. } => {
                let mut results = branches.iter().map(|branch| &branch.result).chain(otherwise.as_deref());
                results.all(|result| self.is_bare_word(result))
            }
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
                Diagnostic::new(code::TYPE_MISMATCH, format!("cannot compare `{left}` with `{right}`"), at)
                    .help("cast one side to the type of the other, for example `x::text`"),
            );
        }
    }
}

/// Whether `[...]` stands for a JSON array in a column of this type: it holds literals only.
fn is_json(items: &[Expression], expected: &Type) -> bool {
    let array = Expression::from(ExpressionKind::Array(items.to_vec()));
    expected.category() == Category::Json && matches!(array.assigned_to(expected).kind, ExpressionKind::Cast { .. })
}
