//! One walk over an expression.

use super::coerce::Path;
use super::construct::Words;
use super::row::has_star;
use super::types::{BIGINT, BOOLEAN, INTEGER, RECORD, TEXT, Types, UNKNOWN};
use super::{Literal, Mistake, Problem, Resolution, Surroundings, Use, Used};
use crate::expression::{Expression, ExpressionKind, Operator, SessionValue, Volatility};
use crate::system::{Cast, CastContext, TypeId, Versions};
use crate::token::At;
use crate::types::Type;

/// The type of what is not known.
pub(super) const OPEN: TypeId = TypeId(0xfffe);

pub(super) struct Walk<'s> {
    pub(super) surroundings: &'s dyn Surroundings,
    pub(super) types: Types<'s>,
    pub(super) major: u32,
    uses: Vec<Use>,
    mistakes: Vec<Mistake>,
    literals: Vec<Literal>,
}

/// An operand or an argument: its type, and the expression, where there is one.
#[derive(Clone, Copy)]
pub(super) struct Value<'e> {
    pub(super) id: TypeId,
    pub(super) expression: Option<&'e Expression>,
}

impl From<TypeId> for Value<'_> {
    fn from(id: TypeId) -> Self {
        Value { id, expression: None }
    }
}

impl<'s> Walk<'s> {
    pub(super) fn new(surroundings: &'s dyn Surroundings) -> Walk<'s> {
        let major = surroundings.major();
        let types = Types::new(surroundings);
        Walk { surroundings, types, major, uses: Vec::new(), mistakes: Vec::new(), literals: Vec::new() }
    }

    pub(super) fn finish(self, id: TypeId) -> Resolution {
        let data_type = (id != UNKNOWN && !self.is_open(id)).then(|| self.types.type_of(id));
        Resolution { data_type, uses: self.uses, mistakes: self.mistakes, literals: self.literals }
    }

    pub(super) fn is_open(&self, id: TypeId) -> bool {
        id == OPEN || self.types.is_open(id)
    }

    /// The type of a number for a message: `None` for a literal without a type of its own.
    pub(super) fn shown(&self, id: TypeId) -> Option<Type> {
        (id != UNKNOWN).then(|| self.types.type_of(id))
    }

    pub(super) fn mistake(&mut self, at: At, problem: Problem) -> TypeId {
        self.mistakes.push(Mistake { at, problem, literals: self.literals.len() });
        OPEN
    }

    pub(super) fn note(&mut self, at: At, what: Used, extension: Option<&'static str>, volatility: Volatility) {
        self.uses.push(Use { at, what, extension, volatility });
    }

    /// Whether something of the tables is there.
    pub(super) fn is_there(&self, extension: Option<&str>, versions: Versions) -> bool {
        versions.has(self.major) && extension.is_none_or(|extension| self.surroundings.has_extension(extension))
    }

    pub(super) fn has_cast(&self) -> impl Fn(Cast) -> bool + use<'s> {
        let (surroundings, major) = (self.surroundings, self.major);
        move |cast: Cast| {
            cast.versions().has(major) && cast.extension().is_none_or(|extension| surroundings.has_extension(extension))
        }
    }

    /// How a value becomes one of another type; `None`: not at all.
    pub(super) fn path(&self, from: TypeId, to: TypeId, context: CastContext) -> Option<Path> {
        self.types.path(from, to, context, &self.has_cast())
    }

    pub(super) fn common(&self, types: &[TypeId]) -> Option<TypeId> {
        self.types.common(types, &self.has_cast())
    }

    /// A value with its type.
    pub(super) fn value<'e>(&mut self, expression: &'e Expression) -> Value<'e> {
        Value { id: self.type_of(expression), expression: Some(expression) }
    }

    /// Notes that a value becomes one of a type, if it is a literal without a type of its own.
    pub(super) fn reads(&mut self, value: Value<'_>, to: TypeId) {
        if value.id == UNKNOWN
            && to != UNKNOWN
            && !self.is_open(to)
            && let Some(Expression { kind: ExpressionKind::Text(text), at }) = value.expression
        {
            self.literals.push(Literal { at: *at, text: text.clone(), data_type: self.types.type_of(to) });
        }
        // A row that is written becomes one of a type with as many fields.
        if value.id == RECORD
            && let Some(Expression { kind: ExpressionKind::Row(items), at }) = value.expression
            && let Some(fields) =
                self.types.type_of(self.types.base(to)).as_named().and_then(|name| self.surroundings.fields(name))
            && !has_star(items)
        {
            if fields.len() != items.len() {
                let (from, to) = (self.types.type_of(RECORD), self.types.type_of(to));
                self.mistake(*at, Problem::NoCast { from, to });
                return;
            }
            for (item, (_, field)) in items.iter().zip(&fields) {
                if matches!(item.kind, ExpressionKind::Text(_)) {
                    let field = self.types.id(field);
                    self.reads(Value { id: UNKNOWN, expression: Some(item) }, field);
                }
            }
        }
    }

    /// Notes a conversion that is made.
    pub(super) fn converted(&mut self, from: TypeId, to: TypeId, context: CastContext, at: At) {
        if from == to || from == UNKNOWN || self.is_open(from) || self.is_open(to) {
            return;
        }
        if let Some(path) = self.path(from, to, context)
            && (path.volatility != Volatility::Immutable || path.extension.is_some())
        {
            let what = Used::Cast { from: self.types.type_of(from), to: self.types.type_of(to) };
            self.note(at, what, path.extension, path.volatility);
        }
    }

    /// Something that must be true or false.
    pub(super) fn condition(&mut self, expression: &Expression) -> TypeId {
        let id = self.type_of(expression);
        if id != UNKNOWN && !self.is_open(id) && self.path(id, BOOLEAN, CastContext::Assignment).is_none() {
            return self.mistake(expression.at, Problem::NotBoolean { found: self.types.type_of(id) });
        }
        BOOLEAN
    }

    /// Something whose value becomes one of the target.
    pub(super) fn becomes(&mut self, expression: &Expression, target: &Type, context: CastContext) -> TypeId {
        self.becomes_at(expression, target, context, expression.at)
    }

    /// The same, with the place of what converts it.
    pub(super) fn becomes_at(
        &mut self,
        expression: &Expression,
        target: &Type,
        context: CastContext,
        at: At,
    ) -> TypeId {
        let to = self.types.id(target);
        if let ExpressionKind::Array(items) = &expression.kind
            && context == CastContext::Explicit
            && let Some(element) = self.types.element(self.types.base(to))
        {
            // The elements are converted one by one, and need no type in common.
            let element = self.types.type_of(element);
            // Where one of them is an array, they are parts of one with more dimensions.
            let is_deep = items.iter().any(|item| self.is_array(item));
            let target = if is_deep { target } else { &element };
            for item in items {
                self.becomes_at(item, target, context, item.at);
            }
            return to;
        }
        if let ExpressionKind::Row(items) = &expression.kind
            && let Some(id) = self.row_becomes(items, target, to, context, expression.at)
        {
            return id;
        }
        let from = self.type_of(expression);
        self.reads(Value { id: from, expression: Some(expression) }, to);
        if from == UNKNOWN || self.is_open(from) || self.is_open(to) || self.surroundings.may_have_casts() {
            return to;
        }
        if !self.types.can_coerce(from, to, context, &self.has_cast()) {
            let (from, to) = (self.types.type_of(from), self.types.type_of(to));
            return self.mistake(at, Problem::NoCast { from, to });
        }
        self.converted(from, to, context, expression.at);
        to
    }

    /// Whether an expression is an array. Nothing of it is noted.
    fn is_array(&mut self, expression: &Expression) -> bool {
        if matches!(expression.kind, ExpressionKind::Array(_)) {
            return true;
        }
        let known = (self.uses.len(), self.mistakes.len(), self.literals.len());
        let id = self.type_of(expression);
        self.uses.truncate(known.0);
        self.mistakes.truncate(known.1);
        self.literals.truncate(known.2);
        !self.is_open(id) && self.types.element(self.types.base(id)).is_some()
    }

    pub(super) fn assigns(&mut self, from: &Type, to: &Type) -> bool {
        let (from, to) = (self.types.id(from), self.types.id(to));
        self.is_open(from)
            || self.is_open(to)
            || self.surroundings.may_have_casts()
            || self.types.can_coerce(from, to, CastContext::Assignment, &self.has_cast())
    }

    pub(super) fn type_of(&mut self, expression: &Expression) -> TypeId {
        let at = expression.at;
        match &expression.kind {
            ExpressionKind::Null | ExpressionKind::Text(_) => UNKNOWN,
            ExpressionKind::Boolean(_) => BOOLEAN,
            ExpressionKind::Number(digits) => self.number(digits),
            ExpressionKind::BitText { .. } => self.types.built_in("bit"),
            ExpressionKind::Json(_) | ExpressionKind::Parameter(_) | ExpressionKind::Default => OPEN,
            ExpressionKind::Star(parts) => match parts.last().and_then(|name| self.surroundings.row(name)) {
                Some(data_type) => self.types.id(&data_type),
                None => OPEN,
            },
            ExpressionKind::Subquery(query) => self.scalar(query, at),
            ExpressionKind::ArraySubquery(query) => match self.scalar(query, at) {
                // Arrays become one array of more dimensions.
                id if self.is_open(id) || self.types.element(self.types.base(id)).is_some() => id,
                id => self.types.array(id),
            },
            ExpressionKind::Exists(_) | ExpressionKind::CurrentOf(_) => BOOLEAN,
            ExpressionKind::Name(parts) => match self.surroundings.column(parts) {
                Some(data_type) => self.types.id(&data_type),
                None => OPEN,
            },
            ExpressionKind::SessionValue { value, .. } => self.session_value(*value, at),
            ExpressionKind::Call(call) => self.call(call, at),
            ExpressionKind::Unary { operator, operand } => {
                let right = self.value(operand);
                self.operator(operator, None, right, at)
            }
            ExpressionKind::Binary { operator, left, right } => {
                if let ExpressionKind::Row(items) = &left.kind {
                    match &right.kind {
                        ExpressionKind::Row(others) => return self.compare_rows(operator, items, others, at),
                        ExpressionKind::Subquery(query) if !has_star(items) => {
                            let items: Vec<Value<'_>> = items.iter().map(|item| self.value(item)).collect();
                            return self.compare_columns(operator, &items, query, at);
                        }
                        _ => {}
                    }
                }
                self.same_collation(operator, left, right);
                let (left, right) = (self.value(left), self.value(right));
                self.operator(operator, Some(left), right, at)
            }
            ExpressionKind::And(parts) | ExpressionKind::Or(parts) => {
                parts.iter().for_each(|part| {
                    self.condition(part);
                });
                BOOLEAN
            }
            ExpressionKind::Not(part) => {
                self.condition(part);
                BOOLEAN
            }
            ExpressionKind::Is { operand, test, .. } => self.test(operand, *test),
            ExpressionKind::IsDistinct { left, right, place, .. } => {
                let place = placed(*place, at);
                if let (ExpressionKind::Row(items), ExpressionKind::Row(others)) = (&left.kind, &right.kind) {
                    return self.compare_rows(&Operator::new("="), items, others, place);
                }
                let values = (self.value(left), self.value(right));
                let is_null = |side: &Expression| matches!(side.kind, ExpressionKind::Null);
                if !is_null(left) && !is_null(right) {
                    self.compare("=", values.0, values.1, place);
                }
                BOOLEAN
            }
            ExpressionKind::In { operand, items, .. } => self.membership(operand, items, at),
            ExpressionKind::Between { operand, low, high, .. } => {
                let value = self.value(operand);
                for (symbol, end) in [(">=", low), ("<=", high)] {
                    let other = self.value(end);
                    self.compare(symbol, value, other, end.at);
                }
                BOOLEAN
            }
            ExpressionKind::Like { form, operand, pattern, escape, is_negated, place } => {
                let words = Words { form: *form, is_negated: *is_negated, at: placed(*place, at) };
                self.like(words, operand, pattern, escape.as_deref(), at)
            }
            ExpressionKind::Quantified { operand, operator, array, .. } => {
                self.quantified(operand, operator, array, at)
            }
            ExpressionKind::Cast { operand, target, place } => {
                self.becomes_at(operand, target, CastContext::Explicit, placed(*place, operand.at));
                self.types.id(target)
            }
            ExpressionKind::TypedText { target, .. } => self.types.id(target),
            ExpressionKind::Array(items) => self.array(items, at),
            ExpressionKind::Row(items) => {
                items.iter().for_each(|item| {
                    self.type_of(item);
                });
                RECORD
            }
            ExpressionKind::Case { operand, branches, otherwise } => {
                self.case(operand.as_deref(), branches, otherwise.as_deref(), at)
            }
            ExpressionKind::AtTimeZone { operand, zone } => self.built_in_call("timezone", &[zone, operand], at),
            ExpressionKind::Collate { operand, .. } => {
                let id = self.type_of(operand);
                let data_type = self.shown(id);
                match data_type.filter(|_| !self.is_open(id)) {
                    Some(found) if !self.is_collatable(id) => self.mistake(at, Problem::NotCollatable { found }),
                    _ => id,
                }
            }
            ExpressionKind::Subscript { operand, subscripts } => self.subscript(operand, subscripts, at),
            ExpressionKind::Field { operand, field } => self.field(operand, field, at),
            ExpressionKind::Fields(operand) => {
                self.field(operand, "*", at);
                OPEN
            }
            ExpressionKind::Normalize { operand, .. } => self.built_in_call("normalize", &[operand], at),
            ExpressionKind::JsonFunction(function) => self.json(function, at),
            ExpressionKind::XmlFunction(function) => self.xml(function),
            ExpressionKind::Treat { .. } => {
                expression.for_each_child(&mut |child| {
                    self.type_of(child);
                });
                OPEN
            }
            ExpressionKind::Extract { source, .. } => {
                let text = Expression::new(ExpressionKind::TypedText { target: Type::TEXT, text: String::new() }, at);
                self.built_in_call("extract", &[&text, source], at)
            }
            ExpressionKind::Position { needle, haystack } => self.built_in_call("position", &[haystack, needle], at),
            ExpressionKind::Substring { source, start, length } => {
                let one = Expression::number(1);
                let start = start.as_deref().unwrap_or(&one);
                let arguments = [&**source, start].into_iter().chain(length.as_deref()).collect::<Vec<_>>();
                self.built_in_call("substring", &arguments, at)
            }
            ExpressionKind::Overlay { source, replacement, start, length } => {
                let arguments =
                    [&**source, &**replacement, &**start].into_iter().chain(length.as_deref()).collect::<Vec<_>>();
                self.built_in_call("overlay", &arguments, at)
            }
            ExpressionKind::Trim { side, characters, source } => {
                let name = match side {
                    crate::expression::TrimSide::Both => "btrim",
                    crate::expression::TrimSide::Leading => "ltrim",
                    crate::expression::TrimSide::Trailing => "rtrim",
                };
                let arguments = std::iter::once(&**source).chain(characters.as_deref()).collect::<Vec<_>>();
                self.built_in_call(name, &arguments, at)
            }
        }
    }

    /// What is compared cannot have two collations that are written (`parse_collate.c`).
    fn same_collation(&mut self, operator: &Operator, left: &Expression, right: &Expression) {
        if !is_comparison(&operator.symbol) && operator.symbol != "||" {
            return;
        }
        if let (Some(one), Some(other)) = (written_collation(left), written_collation(right))
            && one.last() != other.last()
        {
            let (one, other) = (one.join("."), other.join("."));
            self.mistake(right.at, Problem::Collations { one, other });
        }
    }

    fn number(&self, digits: &str) -> TypeId {
        let plain = digits.replace('_', "");
        let value = match plain.get(..2) {
            Some("0x" | "0X") => i64::from_str_radix(&plain[2..], 16),
            Some("0o" | "0O") => i64::from_str_radix(&plain[2..], 8),
            Some("0b" | "0B") => i64::from_str_radix(&plain[2..], 2),
            _ => plain.parse::<i64>(),
        };
        match value {
            Ok(value) if i32::try_from(value).is_ok() => INTEGER,
            Ok(_) => BIGINT,
            Err(_) => self.types.built_in("numeric"),
        }
    }

    fn session_value(&mut self, value: SessionValue, at: At) -> TypeId {
        self.note(at, Used::SessionValue(value.sql()), None, Volatility::Stable);
        match value {
            SessionValue::CurrentDate => self.types.built_in("date"),
            SessionValue::CurrentTime => self.types.built_in("timetz"),
            SessionValue::LocalTime => self.types.built_in("time"),
            SessionValue::CurrentTimestamp => self.types.built_in("timestamptz"),
            SessionValue::LocalTimestamp => self.types.built_in("timestamp"),
            SessionValue::SystemUser => TEXT,
            _ => self.types.built_in("name"),
        }
    }
}

/// The collation that is written in an expression, and goes on to its value.
fn written_collation(expression: &Expression) -> Option<&[String]> {
    match &expression.kind {
        ExpressionKind::Collate { collation, .. } => Some(collation),
        ExpressionKind::Binary { operator, left, right } if operator.symbol == "||" => {
            written_collation(left).or_else(|| written_collation(right))
        }
        _ => None,
    }
}

/// The place of a part, or that of the whole where the tree is not read from a source.
fn placed(part: At, whole: At) -> At {
    if part.end > part.start { part } else { whole }
}

pub(super) fn is_comparison(symbol: &str) -> bool {
    matches!(symbol, "=" | "<>" | "!=" | "<" | ">" | "<=" | ">=")
}
