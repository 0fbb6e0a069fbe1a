//! What is made of other expressions: arrays, `CASE`, choices, `IN`, `LIKE`, subscripts, tests.

use super::types::{BOOLEAN, TEXT, UNKNOWN};
use super::walk::{OPEN, Walk};
use super::{Given, Problem};
use crate::expression::{CaseBranch, Expression, ExpressionKind, IsTest, LikeForm, Operator, Subscript};
use crate::system::{CastContext, TypeId};
use crate::token::At;
use crate::types::{BuiltIn, Type};

impl Walk<'_> {
    /// The one type of several expressions.
    pub(super) fn alike(&mut self, parts: &[&Expression], of: &'static str, at: At) -> TypeId {
        let ids: Vec<TypeId> = parts.iter().map(|part| self.type_of(part)).collect();
        self.one_type(&ids, of, at)
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

    fn one_type(&mut self, ids: &[TypeId], of: &'static str, at: At) -> TypeId {
        if ids.iter().any(|id| self.is_open(*id)) {
            return OPEN;
        }
        if let Some(found) = self.common(ids) {
            for id in ids {
                self.converted(*id, found, CastContext::Implicit, at);
            }
            return found;
        }
        if self.surroundings.may_have_casts() {
            return OPEN;
        }
        let Some((one, other)) = self.apart(ids) else { return OPEN };
        self.mistake(at, Problem::NoCommonType { of, one, other })
    }

    /// Two of several types that have none in common.
    fn apart(&self, ids: &[TypeId]) -> Option<(Type, Type)> {
        let mut known = ids.iter().copied().filter(|id| *id != UNKNOWN);
        let one = known.next()?;
        let other = known.find(|id| self.common(&[one, *id]).is_none()).unwrap_or(one);
        Some((self.types.type_of(one), self.types.type_of(other)))
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
            None => self.apart(&ids).map_or(Ok(None), |apart| Err(Box::new(apart))),
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
                    let condition = self.type_of(&branch.condition);
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
            let operands = values_of(operand);
            return self.compare_columns(&equal, operands, query, at);
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
        let id = self.type_of(operand);
        let (fixed, varying): (Vec<_>, Vec<_>) =
            items.iter().map(|item| (item, self.type_of(item))).partition(|(item, _)| item.columns().is_empty());
        if fixed.iter().chain(&varying).any(|(_, id)| self.is_open(*id)) {
            return BOOLEAN;
        }
        let mut single = varying;
        let ids: Vec<TypeId> = std::iter::once(id).chain(fixed.iter().map(|(_, id)| *id)).collect();
        match self.common(&ids).filter(|_| fixed.len() > 1 && !self.is_open(id)) {
            Some(common) => self.compare("=", id, common, at),
            None => single.extend(fixed),
        }
        for (item, item_id) in single {
            self.compare("=", id, item_id, item.at);
        }
        BOOLEAN
    }

    pub(super) fn like(
        &mut self,
        form: LikeForm,
        operand: &Expression,
        pattern: &Expression,
        escape: Option<&Expression>,
        is_negated: bool,
        at: At,
    ) -> TypeId {
        let left = self.type_of(operand);
        let right = match (form, escape) {
            (LikeForm::SimilarTo, escape) => {
                let arguments: Vec<&Expression> = std::iter::once(pattern).chain(escape).collect();
                self.built_in_call("similar_to_escape", &arguments, at)
            }
            (_, Some(escape)) => self.built_in_call("like_escape", &[pattern, escape], at),
            (_, None) => self.type_of(pattern),
        };
        let symbol = match (form, is_negated) {
            (LikeForm::Like, false) => "~~",
            (LikeForm::Like, true) => "!~~",
            (LikeForm::ILike, false) => "~~*",
            (LikeForm::ILike, true) => "!~~*",
            (LikeForm::SimilarTo, false) => "~",
            (LikeForm::SimilarTo, true) => "!~",
        };
        self.operator(&Operator::new(symbol), Some(left), right, at);
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
            let operands = values_of(operand);
            return self.compare_columns(operator, operands, query, at);
        }
        let left = self.type_of(operand);
        let found = self.type_of(array);
        if self.is_open(found) {
            return BOOLEAN;
        }
        let element = if found == UNKNOWN {
            UNKNOWN
        } else if let Some(element) = self.types.element(self.types.base(found)) {
            element
        } else {
            let found = self.types.type_of(found);
            self.mistake(array.at, Problem::NoArray { found });
            return BOOLEAN;
        };
        self.operator(operator, Some(left), element, at);
        BOOLEAN
    }

    /// `IS NULL`, `IS TRUE` and their kin.
    pub(super) fn test(&mut self, operand: &Expression, test: IsTest) -> TypeId {
        match test {
            IsTest::True | IsTest::False | IsTest::Unknown => {
                self.condition(operand);
            }
            _ => {
                self.type_of(operand);
            }
        }
        BOOLEAN
    }

    pub(super) fn subscript(&mut self, operand: &Expression, subscripts: &[Subscript], at: At) -> TypeId {
        let id = self.type_of(operand);
        let mut is_slice = false;
        for subscript in subscripts {
            match subscript {
                Subscript::Index(index) => {
                    self.type_of(index);
                }
                Subscript::Slice(low, high) => {
                    is_slice = true;
                    for end in [low, high].into_iter().flatten() {
                        self.type_of(end);
                    }
                }
            }
        }
        if self.is_open(id) || id == UNKNOWN {
            return OPEN;
        }
        let base = self.types.base(id);
        if let Some(element) = self.types.element(base) {
            return if is_slice { base } else { element };
        }
        let entry = base.entry();
        if entry.subscripts_itself() {
            return if base.built_in() == Some(BuiltIn::Jsonb) { base } else { TEXT };
        }
        if let Some(part) = entry.part() {
            return part;
        }
        let found = self.types.type_of(id);
        self.mistake(at, Problem::NotSubscriptable { found })
    }

    pub(super) fn is_collatable(&self, id: TypeId) -> bool {
        let base = self.types.base(id);
        let element = self.types.element(base).map_or(base, |element| self.types.base(element));
        !self.types.is_enum(element) && !self.types.is_composite(element) && element.entry().is_collatable()
    }

    /// `nullif`: as the `=` between both, which gives the left one its type.
    pub(super) fn null_if(&mut self, left: &Expression, right: &Expression, at: At) -> TypeId {
        let (left, right) = (self.type_of(left), self.type_of(right));
        match self.find_operator(&Operator::new("="), Some(left), right, at) {
            Some(found) => found.operands.first().copied().unwrap_or(OPEN),
            None => OPEN,
        }
    }
}

/// The values that a sub-select is compared with: of a row its parts, also where it becomes one of a composite type.
fn values_of(operand: &Expression) -> &[Expression] {
    match &operand.kind {
        ExpressionKind::Row(operands) => operands,
        ExpressionKind::Cast { operand: row, target } if target.as_named().is_some() => match &row.kind {
            ExpressionKind::Row(operands) => operands,
            _ => std::slice::from_ref(operand),
        },
        _ => std::slice::from_ref(operand),
    }
}
