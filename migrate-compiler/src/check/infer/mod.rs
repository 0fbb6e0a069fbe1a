//! Walking over an expression: names become columns or enum values, types are followed as far as they are known.

mod choice;
mod compare;
mod name;
mod notation;

use migrate_core::expression::{Argument, Call, Expression, ExpressionKind, IsTest, SessionValue, return_type};
use migrate_core::literal::{
    array_elements, canonical, is_range_backwards, multirange_of, range_ends, range_over, record_fields,
};
use migrate_core::name::DEFAULT_SCHEMA;
use migrate_core::object::{Definition, Namespace};
use migrate_core::query::{FrameBound, FrameUnit, JsonBehavior, JsonFunction, Over, Window};
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Category, Type};

use super::Checker;
use super::around::Around;
use super::expression::Context;
use super::literal::{before_conversion, beside, fits_number, fits_text};
use super::query::Meaning;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::Spanned;

/// What a literal is made of.
enum Parts {
    /// Of a domain: it is read as a value of this type.
    Base(Type),
    /// Of a composite type: the types of its fields.
    Fields(Vec<Type>),
    /// Of a range type, or of the type of several ranges: the ends are of this type.
    Ends(Type),
}

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
            ExpressionKind::Null | ExpressionKind::Parameter(_) => None,
            ExpressionKind::Star(parts) => {
                if let Some(row) = parts.last().cloned() {
                    self.check_row(&row, at);
                }
                None
            }
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
            ExpressionKind::Call(call) => match self.as_column(call) {
                Some(column) => {
                    expression.kind = column;
                    self.infer(expression, expected)
                }
                None => {
                    let found = self.call(call, expected);
                    self.means_own(expression);
                    found
                }
            },
            ExpressionKind::Binary { operator, left, right } => {
                let symbol = if operator.schema.is_some() { String::new() } else { operator.symbol.clone() };
                self.binary(&symbol, left, right, operator.place().unwrap_or(at))
            }
            ExpressionKind::IsDistinct { left, right, place, .. } => {
                self.compared(left, right, if place.end > place.start { *place } else { at });
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
                    // One of another type is told once.
                    if !self.comparable_item(data_type.as_ref(), item) {
                        break;
                    }
                }
                Some(Type::BOOLEAN)
            }
            ExpressionKind::Between { operand, low, high, .. } => {
                let data_type = self.infer(operand, None);
                if self.comparable_item(data_type.as_ref(), low) {
                    self.comparable_item(data_type.as_ref(), high);
                }
                Some(Type::BOOLEAN)
            }
            ExpressionKind::Quantified { operand, array, .. }
                if self.is_bare_word(operand) && matches!(array.kind, ExpressionKind::Name(_)) =>
            {
                let array_type = self.infer(array, None);
                self.infer(operand, array_type.as_ref().and_then(Type::element).map(Type::without_modifier).as_ref());
                self.give_type(operand, array_type.as_ref().and_then(Type::element));
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
            ExpressionKind::Cast { operand, target, .. } => {
                // Of a number the types say whether there is a cast.
                let is_number = matches!(operand.kind, ExpressionKind::Number(_));
                let is_numeric = target.category() == Category::Numeric;
                let known = self.checker.mistakes.len();
                self.infer(operand, Some(&before_conversion(target)).filter(|_| !is_number || is_numeric));
                let at = of_type(target, operand.at, at);
                let is_wrong = operand.as_text().is_some() && self.checker.mistakes.len() > known;
                // What a literal was meant to be that the type does not read is not known.
                self.resolve_type(target, at).filter(|_| !is_wrong)
            }
            ExpressionKind::TypedText { target, text } => {
                let found = self.resolve_type(target, at);
                // The text stands last, unless the fields of an interval follow it.
                let has_fields = matches!(target, Type::Interval { fields: Some(_), .. });
                let start = if has_fields { at.start } else { at.end.saturating_sub(1).max(at.start) };
                self.text(text, target, At { start, end: at.end });
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
            ExpressionKind::Collate { operand, collation } => {
                if let Some(mistake) = self.checker.unknown_collation(collation, operand.at, at) {
                    self.fail(mistake);
                }
                self.infer(operand, expected)
            }
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
            ExpressionKind::Is { operand, test, .. } => {
                if matches!(test, IsTest::Json { .. }) {
                    self.checker.needs_postgres_once(16, "`is json`", at);
                }
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
            ExpressionKind::JsonFunction(function) => {
                let (version, name) = function.since();
                self.checker.needs_postgres_once(version, &format!("`{name}`"), at);
                if let Some(output) = function.returning_mut() {
                    self.resolve_type(&mut output.data_type, at);
                }
                if let JsonFunction::Path(path) = &mut **function
                    && let Some(data_type) = path.returning.as_ref().map(|output| output.data_type.without_modifier())
                {
                    // A text as the value instead is one of the type of the result.
                    for behavior in path.on_empty.iter_mut().chain(&mut path.on_error) {
                        if let JsonBehavior::Default(value) = behavior
                            && matches!(value.kind, ExpressionKind::Text(_))
                        {
                            self.infer(value, Some(&data_type));
                        }
                    }
                }
                if let JsonFunction::ArrayQuery { query, .. } = &mut **function {
                    let mut subquery = Expression::new(ExpressionKind::Subquery(Box::new((**query).clone())), at);
                    self.subquery(&mut subquery);
                    if let ExpressionKind::Subquery(checked) = subquery.kind {
                        *query = checked;
                    }
                }
                self.children(expression);
                None
            }
            // The fields of a composite type say what its texts are.
            ExpressionKind::Row(items) => {
                self.expand_stars(items);
                let fields =
                    expected.and_then(Type::as_named).and_then(|name| self.checker.fields(name)).unwrap_or_default();
                let is_whole = fields.len() == items.len();
                for (index, item) in items.iter_mut().enumerate() {
                    let field = fields.get(index).map(|(_, data_type)| data_type.without_modifier());
                    let is_text = matches!(item.kind, ExpressionKind::Text(_));
                    self.infer(item, field.as_ref().filter(|_| is_whole && is_text));
                }
                None
            }
            ExpressionKind::Field { operand, field } => {
                self.infer(operand, None);
                if self.failed {
                    return None;
                }
                if let (ExpressionKind::Star(row), Around::Table(..)) = (&operand.kind, self.around) {
                    let parts: Vec<String> = row.iter().chain([&*field]).cloned().collect();
                    return self.name(expression, &parts, expected);
                }
                if let Some(call) = self.field_as_call(operand, field, at) {
                    expression.kind = call;
                } else if let (ExpressionKind::Name(parts), Around::Query(scope)) = (&operand.kind, self.around)
                    && let ([row], Meaning::Row(_)) = (parts.as_slice(), scope.find(parts))
                    && let Meaning::NoColumn { source, columns } = scope.find(&[row.clone(), field.clone()])
                {
                    let message = format!("cannot find column `{field}` in `{source}`");
                    let at = At { start: at.end.saturating_sub(1).max(at.start), end: at.end };
                    let help = choices(field, columns.iter().map(String::as_str), "columns");
                    self.fail(Diagnostic::new(code::UNKNOWN_COLUMN, message, at).maybe_help(help));
                }
                None
            }
            ExpressionKind::Unary { operator, operand } => {
                let is_sign = operator.schema.is_none() && matches!(operator.symbol.as_str(), "-" | "+");
                match &operand.kind {
                    ExpressionKind::Number(digits) if operator.is("-") => {
                        self.number(&format!("-{digits}"), expected, at)
                    }
                    _ => self.infer(operand, if is_sign { expected } else { None }).filter(|_| is_sign),
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
            && !self.checker.assigns(&data_type, &Type::BOOLEAN)
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
    pub(super) fn text(&mut self, text: &mut String, expected: &Type, at: At) {
        let has_parts = |element: &&Type| self.checker.values_of(element).is_some() || self.parts_of(element).is_some();
        if let Some(element) = expected.element().filter(has_parts)
            && let Some(elements) = array_elements(text)
        {
            self.all_parts(elements.into_iter().map(|value| (value, element)), at);
            if let Some(printed) = canonical(text, &Type::TEXT.array()) {
                *text = printed;
            }
            return;
        }
        // A table that is being created can be named in its own definition.
        let table = self.around.table().map(|(name, _)| name);
        let mistake = match expected {
            Type::BuiltIn(BuiltIn::RegConfig) => self.checker.unknown_text_search(text, at),
            Type::BuiltIn(BuiltIn::RegDictionary) => self.checker.unknown_dictionary(text, at),
            // `find_expr_references_walker`: roles belong to the server.
            Type::BuiltIn(BuiltIn::RegRole) if self.context.is_stored() => {
                let message = format!("{} cannot have a constant of the type `regrole`", self.context.noun());
                let help = format!("compare the name: `... = {text:?}::name`");
                Some(Diagnostic::new(code::TYPE_MISMATCH, message, at).help(help))
            }
            _ => self.checker.names_nothing(text, expected, table, at),
        };
        if let Some(mistake) = mistake {
            self.fail(mistake);
            return;
        }
        if let Some(full) = self.checker.named_in_full(text, expected) {
            *text = full;
            return;
        }
        if let Some(parts) = self.parts_of(expected) {
            match (parts, record_fields(text)) {
                (Parts::Base(base), _) => self.text(&mut text.clone(), &base, at),
                (Parts::Fields(types), Some(fields)) if types.len() == fields.len() => {
                    let given = fields.into_iter().zip(&types).filter_map(|(field, one)| Some((field?, one)));
                    self.all_parts(given, at);
                }
                (Parts::Ends(subtype), _) => match range_ends(text) {
                    Some(_)
                        if is_range_backwards(text, &self.checker.catalog().base_type(&subtype).without_modifier()) =>
                    {
                        let message = format!("the lower bound of `{text}` is above its upper bound");
                        self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, at));
                    }
                    Some(ends) => self.all_parts(ends.into_iter().map(|end| (end, &subtype)), at),
                    None => {
                        let message = format!("`{text}` is not a valid `{expected}`");
                        self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, at));
                    }
                },
                (Parts::Fields(types), _) => {
                    let message = format!("`{text}` is not a valid `{expected}`");
                    let help = format!("write its {} fields in parentheses, with commas between them", types.len());
                    self.fail(Diagnostic::new(code::TYPE_MISMATCH, message, at).help(help));
                }
            }
            return;
        }
        let values = self.checker.values_of(expected);
        let is_open = expected.as_named().is_some_and(|name| self.checker.state.has_open_values(name));
        // A body is read when it runs.
        let context = if self.checker.lookup.is_some() { Context::Statement } else { self.context };
        match fits_text(text, expected, values.as_deref(), is_open, context) {
            Ok(Some(printed)) => *text = printed,
            Ok(None) => {}
            Err(misfit) => self.fail(misfit.diagnostic(at)),
        }
    }

    /// The parts of one literal, up to one that is not a value of its type.
    fn all_parts<'t>(&mut self, parts: impl Iterator<Item = (String, &'t Type)>, at: At) {
        let known = self.checker.mistakes();
        for (mut part, data_type) in parts {
            self.text(&mut part, data_type, at);
            if self.checker.mistakes() > known {
                return;
            }
        }
    }

    /// What a literal of a domain or of a composite type is made of.
    fn parts_of(&self, data_type: &Type) -> Option<Parts> {
        let name = data_type.as_named()?;
        if let Some((_, range)) = self.checker.catalog().range_of_multirange(name) {
            return Some(
                match range_over(&range.subtype).and_then(multirange_of).filter(|_| range.operator_class.is_none()) {
                    Some(multirange) => Parts::Base(Type::BuiltIn(multirange)),
                    None => Parts::Ends(range.subtype.clone()),
                },
            );
        }
        match &self.checker.catalog().object_named(Namespace::Type, name)?.1.definition {
            Definition::Domain(domain) => Some(Parts::Base(domain.data_type.clone())),
            Definition::CompositeType(composite) => {
                Some(Parts::Fields(composite.attributes.iter().map(|one| one.data_type.clone()).collect()))
            }
            // A range over one of PostgreSQL's own types is read as that of PostgreSQL.
            Definition::RangeType(range) if range.operator_class.is_none() => Some(match range_over(&range.subtype) {
                Some(range) => Parts::Base(Type::BuiltIn(range)),
                None => Parts::Ends(range.subtype.clone()),
            }),
            Definition::RangeType(range) => Some(Parts::Ends(range.subtype.clone())),
            _ => None,
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
        if let Some(Over::Defined(window)) = call.over.as_deref_mut() {
            let by = window.partition_by.iter_mut().chain(window.order_by.iter_mut().map(|item| &mut item.value));
            by.for_each(|value| {
                self.infer(value, None);
            });
            for (distance, expected) in distances(window) {
                self.infer(distance, expected);
            }
        }
        if call.schema.as_deref().is_none_or(|schema| schema == "pg_catalog") { return_type(&call.name) } else { None }
    }
}

/// Where the type of a cast stands, if it is nothing but a name.
fn of_type(target: &Type, operand: At, whole: At) -> At {
    let Type::Named { name, .. } = target else { return whole };
    let length = if name.schema == DEFAULT_SCHEMA { 1 } else { 3 };
    // `value::type`, `(value)::type`, or `cast(value as type)`.
    let end = if operand.start <= whole.start + 1 { whole.end } else { whole.end.saturating_sub(1) };
    let start = end.saturating_sub(length);
    if start > operand.end { At { start, end } } else { whole }
}

/// The distances in the frame of a window, with the type that a literal has there.
pub(super) fn distances(window: &mut Window) -> Vec<(&mut Expression, Option<&'static Type>)> {
    let Some(frame) = &mut window.frame else { return Vec::new() };
    let counts = frame.unit != FrameUnit::Range;
    let bounds = std::iter::once(&mut frame.start).chain(&mut frame.end);
    let distances = bounds.filter_map(|bound| match bound {
        FrameBound::Preceding(distance) | FrameBound::Following(distance) => Some(&mut **distance),
        _ => None,
    });
    distances
        .map(|distance| {
            let is_text = matches!(distance.kind, ExpressionKind::Text(_));
            let expected: Option<&'static Type> = if counts && is_text { Some(&Type::BIGINT) } else { None };
            (distance, expected)
        })
        .collect()
}

/// Whether `[...]` stands for a JSON array in a column of this type: it holds literals only.
fn is_json(items: &[Expression], expected: &Type) -> bool {
    let array = Expression::from(ExpressionKind::Array(items.to_vec()));
    expected.category() == Category::Json && matches!(array.assigned_to(expected).kind, ExpressionKind::Cast { .. })
}
