//! What is made of other expressions: arrays, `CASE`, choices, `IN`, `LIKE`, subscripts, tests.

use super::row::has_star;
use super::types::{BOOLEAN, INTEGER, RECORD, TEXT, UNKNOWN};
use super::walk::{OPEN, Value, Walk};
use super::{Given, Problem};
use crate::expression::{CaseBranch, Expression, ExpressionKind, IsTest, LikeForm, Operator, Subscript};
use crate::system::{CastContext, TypeId};
use crate::token::At;
use crate::types::{BuiltIn, Type};

/// The words of a match: `NOT LIKE`.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) form: LikeForm,
    pub(super) is_negated: bool,
    pub(super) at: At,
}

impl Walk<'_> {
    /// The one type of several expressions.
    pub(super) fn alike(&mut self, parts: &[&Expression], of: &'static str, at: At) -> TypeId {
        let values: Vec<Value<'_>> = parts.iter().map(|part| self.value(part)).collect();
        self.one_type(&values, of, at)
    }

    /// The type of the greatest or the least of several.
    pub(super) fn extreme(&mut self, parts: &[&Expression], of: &'static str, at: At) -> TypeId {
        let found = self.alike(parts, of, at);
        if self.is_open(found) || self.types.has_order(found) {
            return found;
        }
        let found = self.types.type_of(found);
        self.mistake(at, Problem::NotOrdered { found })
    }

    fn one_type(&mut self, values: &[Value<'_>], of: &'static str, at: At) -> TypeId {
        let ids: Vec<TypeId> = values.iter().map(|value| value.id).collect();
        if ids.iter().any(|id| self.is_open(*id)) {
            return OPEN;
        }
        if let Some(found) = self.common(&ids) {
            for value in values {
                self.reads(*value, found);
                self.converted(value.id, found, CastContext::Implicit, at);
            }
            return found;
        }
        if self.surroundings.may_have_casts() {
            return OPEN;
        }
        let Some((one, other)) = self.apart(&ids) else { return OPEN };
        let misfit = values.iter().find(|value| value.id == other).and_then(|value| value.expression);
        let (one, other) = (self.types.type_of(one), self.types.type_of(other));
        self.mistake(misfit.map_or(at, |value| value.at), Problem::NoCommonType { of, one, other })
    }

    /// Two of several types that have none in common.
    fn apart(&self, ids: &[TypeId]) -> Option<(TypeId, TypeId)> {
        let mut known = ids.iter().copied().filter(|id| *id != UNKNOWN);
        let one = known.next()?;
        let other = known.find(|id| self.common(&[one, *id]).is_none()).unwrap_or(one);
        Some((one, other))
    }

    pub(super) fn common_type(&mut self, values: &[Given]) -> Result<Option<Type>, Box<(Type, Type)>> {
        let mut ids = Vec::new();
        for value in values {
            match value {
                Given::Literal => ids.push(UNKNOWN),
                Given::Open => return Ok(None),
                Given::Type(data_type) => ids.push(self.types.id(data_type)),
            }
        }
        if ids.iter().any(|id| self.is_open(*id)) {
            return Ok(None);
        }
        match self.common(&ids) {
            Some(found) => Ok(Some(self.types.type_of(found))),
            None if self.surroundings.may_have_casts() => Ok(None),
            None => match self.apart(&ids) {
                Some((one, other)) => Err(Box::new((self.types.type_of(one), self.types.type_of(other)))),
                None => Ok(None),
            },
        }
    }

    pub(super) fn array(&mut self, items: &[Expression], at: At) -> TypeId {
        if items.is_empty() {
            return OPEN;
        }
        let found = self.alike(&items.iter().collect::<Vec<_>>(), "ARRAY", at);
        if self.is_open(found) { OPEN } else { self.types.array(found) }
    }

    pub(super) fn case(
        &mut self,
        operand: Option<&Expression>,
        branches: &[CaseBranch],
        otherwise: Option<&Expression>,
        at: At,
    ) -> TypeId {
        let operand = operand.map(|operand| self.type_of(operand)).map(|id| if id == UNKNOWN { TEXT } else { id });
        for branch in branches {
            match operand {
                Some(operand) => {
                    let condition = self.value(&branch.condition);
                    self.compare("=", operand, condition, branch.condition.at);
                }
                None => {
                    self.condition(&branch.condition);
                }
            }
        }
        // The value of `ELSE` has the first word on the type.
        let results: Vec<&Expression> =
            otherwise.into_iter().chain(branches.iter().map(|branch| &branch.result)).collect();
        self.alike(&results, "CASE", at)
    }

    pub(super) fn membership(&mut self, operand: &Expression, items: &[Expression], at: At) -> TypeId {
        let equal = Operator::new("=");
        if let [Expression { kind: ExpressionKind::Subquery(query), .. }] = items {
            let operands = self.operands(operand);
            if let ExpressionKind::Row(items) = &operand.kind
                && has_star(items)
            {
                return BOOLEAN;
            }
            return self.compare_columns(&equal, &operands, query, at);
        }
        if let ExpressionKind::Row(operands) = &operand.kind
            && items.iter().all(|item| matches!(item.kind, ExpressionKind::Row(_)))
        {
            for item in items {
                if let ExpressionKind::Row(others) = &item.kind {
                    self.compare_rows(&equal, operands, others, item.at);
                }
            }
            return BOOLEAN;
        }
        let value = self.value(operand);
        let (fixed, varying): (Vec<_>, Vec<_>) =
            items.iter().map(|item| (item, self.value(item))).partition(|(item, _)| item.columns().is_empty());
        if fixed.iter().chain(&varying).any(|(_, item)| self.is_open(item.id)) {
            return BOOLEAN;
        }
        let mut single = varying;
        let ids: Vec<TypeId> = std::iter::once(value.id).chain(fixed.iter().map(|(_, item)| item.id)).collect();
        match self.common(&ids).filter(|_| fixed.len() > 1 && !self.is_open(value.id)) {
            Some(common) => {
                for (_, item) in &fixed {
                    self.reads(*item, common);
                }
                self.compare("=", value, common, at);
            }
            None => single.extend(fixed),
        }
        for (item, item_value) in single {
            self.compare("=", value, item_value, item.at);
        }
        BOOLEAN
    }

    pub(super) fn like(
        &mut self,
        words: Words,
        operand: &Expression,
        pattern: &Expression,
        escape: Option<&Expression>,
        at: At,
    ) -> TypeId {
        let Words { form, is_negated, at: place } = words;
        let left = self.value(operand);
        let right: Value<'_> = match (form, escape) {
            (LikeForm::SimilarTo, escape) => {
                let arguments: Vec<&Expression> = std::iter::once(pattern).chain(escape).collect();
                self.built_in_call("similar_to_escape", &arguments, at).into()
            }
            (_, Some(escape)) => self.built_in_call("like_escape", &[pattern, escape], at).into(),
            (_, None) => self.value(pattern),
        };
        let symbol = match (form, is_negated) {
            (LikeForm::Like, false) => "~~",
            (LikeForm::Like, true) => "!~~",
            (LikeForm::ILike, false) => "~~*",
            (LikeForm::ILike, true) => "!~~*",
            (LikeForm::SimilarTo, false) => "~",
            (LikeForm::SimilarTo, true) => "!~",
        };
        self.operator(&Operator { at: place, ..Operator::new(symbol) }, Some(left), right, at);
        BOOLEAN
    }

    pub(super) fn quantified(
        &mut self,
        operand: &Expression,
        operator: &Operator,
        array: &Expression,
        at: At,
    ) -> TypeId {
        if let ExpressionKind::Subquery(query) = &array.kind {
            let operands = self.operands(operand);
            return self.compare_columns(operator, &operands, query, at);
        }
        let left = self.value(operand);
        let found_type = self.type_of(array);
        if self.is_open(found_type) {
            return BOOLEAN;
        }
        let element = if found_type == UNKNOWN {
            UNKNOWN
        } else if let Some(element) = self.types.element(self.types.base(found_type)) {
            element
        } else {
            let found = self.types.type_of(found_type);
            self.mistake(array.at, Problem::NoArray { found });
            return BOOLEAN;
        };
        if let Some(found) = self.find_operator(operator, Some(left), element.into(), at)
            && let Some(element) = found.operands.get(1)
        {
            let array_type = self.types.array(*element);
            self.reads(Value { id: found_type, expression: Some(array) }, array_type);
        }
        BOOLEAN
    }

    /// `IS NULL`, `IS TRUE` and their kin.
    pub(super) fn test(&mut self, operand: &Expression, test: IsTest) -> TypeId {
        match test {
            IsTest::True | IsTest::False | IsTest::Unknown => {
                self.condition(operand);
            }
            IsTest::Document => {
                let (id, xml) = (self.type_of(operand), self.types.built_in("xml"));
                self.must_become(id, xml, "the operand of `is document`", operand.at);
            }
            IsTest::Json { .. } => {
                let id = self.type_of(operand);
                self.must_be_document(id, "the operand of `is json`", operand.at);
            }
            IsTest::Null | IsTest::Normalized(_) => {
                self.type_of(operand);
            }
        }
        BOOLEAN
    }

    pub(super) fn subscript(&mut self, operand: &Expression, subscripts: &[Subscript], at: At) -> TypeId {
        let id = self.type_of(operand);
        let mut is_slice = false;
        let mut ends: Vec<Value<'_>> = Vec::new();
        for subscript in subscripts {
            match subscript {
                Subscript::Index(index) => ends.push(self.value(index)),
                Subscript::Slice(low, high) => {
                    is_slice = true;
                    for end in [low, high].into_iter().flatten() {
                        ends.push(self.value(end));
                    }
                }
            }
        }
        if self.is_open(id) || id == UNKNOWN {
            return OPEN;
        }
        let base = self.types.base(id);
        if let Some(element) = self.types.element(base) {
            for end in ends {
                self.reads(end, INTEGER);
                let place = end.expression.map_or(at, |end| end.at);
                self.must_become(end.id, INTEGER, "the subscript of an array", place);
            }
            return if is_slice { base } else { element };
        }
        let entry = base.entry();
        if entry.subscripts_itself() {
            if base.built_in() != Some(BuiltIn::Jsonb) {
                return TEXT;
            }
            if is_slice {
                self.mistake(at, Problem::Subscript { message: "`jsonb` does not support slices", found: None });
                return base;
            }
            for end in ends {
                self.jsonb_subscript(end, at);
            }
            return base;
        }
        if let Some(part) = entry.part() {
            for end in ends {
                let place = end.expression.map_or(at, |end| end.at);
                self.must_become(end.id, INTEGER, "the subscript of an array", place);
            }
            return if is_slice { base } else { part };
        }
        let found = self.types.type_of(id);
        self.mistake(at, Problem::NotSubscriptable { found })
    }

    /// A subscript of `jsonb`: a key or a place in an array, which its type must tell.
    fn jsonb_subscript(&mut self, subscript: Value<'_>, at: At) {
        let at = subscript.expression.map_or(at, |expression| expression.at);
        let id = subscript.id;
        if id == UNKNOWN || self.is_open(id) || self.surroundings.may_have_casts() {
            return;
        }
        let fits = [INTEGER, TEXT].into_iter().filter(|to| self.path(id, *to, CastContext::Implicit).is_some());
        if fits.count() != 1 {
            let found = self.shown(id);
            let message = "a subscript of `jsonb` must be an `integer` or a `text`";
            self.mistake(at, Problem::Subscript { message, found });
        }
    }

    pub(super) fn is_collatable(&self, id: TypeId) -> bool {
        let base = self.types.base(id);
        let element = self.types.element(base).map_or(base, |element| self.types.base(element));
        !self.types.is_enum(element) && !self.types.is_composite(element) && element.entry().is_collatable()
    }

    /// `nullif`: as the `=` between both, which gives the left one its type.
    pub(super) fn null_if(&mut self, left: &Expression, right: &Expression, at: At) -> TypeId {
        let (left, right) = (self.value(left), self.value(right));
        match self.find_operator(&Operator::new("="), Some(left), right, at) {
            // A value of a composite type stays one, although rows of any type are compared.
            Some(found) => match found.operands.first().copied() {
                Some(RECORD) => left.id,
                operand => operand.unwrap_or(OPEN),
            },
            None => OPEN,
        }
    }

    /// The values that a sub-select is compared with: of a row its parts, also where it becomes one of a composite type.
    fn operands<'e>(&mut self, operand: &'e Expression) -> Vec<Value<'e>> {
        match &operand.kind {
            ExpressionKind::Row(items) => items.iter().map(|item| self.value(item)).collect(),
            ExpressionKind::Cast { operand: row, target, .. } if matches!(row.kind, ExpressionKind::Row(_)) => {
                let whole = self.value(operand);
                let fields = target.as_named().and_then(|name| self.surroundings.fields(name));
                match fields {
                    Some(fields) => fields.iter().map(|(_, field)| self.types.id(field).into()).collect(),
                    None => vec![whole],
                }
            }
            _ => vec![self.value(operand)],
        }
    }
}
