//! Operators (`parse_oper.c`).

use super::callable::KnownOperator;
use super::candidate::{Candidate, Choice};
use super::coerce::polymorphic;
use super::types::{BOOLEAN, TEXT, UNKNOWN};
use super::walk::{OPEN, Value, Walk, is_comparison};
use super::{Problem, Used};
use crate::expression::Operator;
use crate::system::{CastContext, SystemOperator, TypeId, extensions_with_operator, operator_between, operators};
use crate::token::At;

/// The operator that was found.
pub(super) struct Found {
    pub(super) result: TypeId,
    /// The types of the operands after their conversions.
    pub(super) operands: Vec<TypeId>,
}

impl Walk<'_> {
    /// A comparison that must be there.
    pub(super) fn compare<'e>(
        &mut self,
        symbol: &str,
        left: impl Into<Value<'e>>,
        right: impl Into<Value<'e>>,
        at: At,
    ) {
        self.operator(&Operator::new(symbol), Some(left.into()), right.into(), at);
    }

    /// The type of the result of an operator.
    pub(super) fn operator(
        &mut self,
        operator: &Operator,
        left: Option<Value<'_>>,
        right: Value<'_>,
        at: At,
    ) -> TypeId {
        self.find_operator(operator, left, right, at)
            .map_or(if left.is_some() && is_comparison(&operator.symbol) { BOOLEAN } else { OPEN }, |found| {
                found.result
            })
    }

    /// Looks an operator up; `None` where it is open, and where there is none, which is noted.
    pub(super) fn find_operator(
        &mut self,
        operator: &Operator,
        left: Option<Value<'_>>,
        right: Value<'_>,
        at: At,
    ) -> Option<Found> {
        let values: Vec<Value<'_>> = left.into_iter().chain([right]).collect();
        let (left, right) = (left.map(|left| left.id), right.id);
        let symbol = operator.symbol.as_str();
        let place = operator.place().unwrap_or(at);
        let is_built_in_only = operator.schema.as_deref() == Some("pg_catalog");
        if left.is_some_and(|left| self.is_open(left)) || self.is_open(right) {
            return None;
        }
        let is_open = self.surroundings.may_have_operator(operator.schema.as_deref(), symbol);
        let is_usable = |walk: &Self, found: &SystemOperator| {
            walk.is_there(found.extension(), found.versions()) && !(is_built_in_only && found.extension().is_some())
        };
        // Of two types of which one is a literal's, the exact match is that of the other type twice.
        let exact = match left {
            None => (None, right),
            Some(left) if left == UNKNOWN => (Some(right), right),
            Some(left) if right == UNKNOWN => (Some(left), left),
            Some(left) => (Some(left), right),
        };
        let based = (exact.0.map(|id| self.types.base(id)), self.types.base(exact.1));
        let own: Vec<KnownOperator> = match is_built_in_only {
            true => Vec::new(),
            false => {
                let own = self.surroundings.operators(operator.schema.as_deref(), symbol);
                own.iter().map(|one| KnownOperator::of_user(symbol, one, &mut self.types)).collect()
            }
        };
        let mut found: Option<KnownOperator> = None;
        if right != UNKNOWN || left.is_some_and(|left| left != UNKNOWN) {
            let of_tables = |walk: &Self, left, right| {
                operator_between(symbol, left, right).find(|found| is_usable(walk, found)).map(KnownOperator::of_tables)
            };
            let of_user = |left, right| own.iter().find(|one| (one.left, one.right) == (left, right)).cloned();
            found = of_tables(self, exact.0, exact.1).or_else(|| of_user(exact.0, exact.1));
            if found.is_none() && based != exact {
                found = of_tables(self, based.0, based.1).or_else(|| of_user(based.0, based.1));
            }
        }
        if let Some(found) = found {
            return Some(self.take_operator(found, &values, at));
        }
        let inputs: Vec<TypeId> = left.into_iter().chain([right]).collect();
        let mut candidates = Vec::new();
        for known in operators(symbol).filter(|known| known.left().is_some() == left.is_some()) {
            if is_usable(self, &known) {
                let arguments = known.left().into_iter().chain([known.right()]).collect();
                candidates.push(Candidate { arguments, what: KnownOperator::of_tables(known) });
            }
        }
        for known in own.iter().filter(|known| known.left.is_some() == left.is_some()) {
            let arguments = known.left.into_iter().chain([known.right]).collect();
            candidates.push(Candidate { arguments, what: known.clone() });
        }
        match self.types.choose(&inputs, candidates, &self.has_cast()) {
            Choice::One(chosen) => Some(self.take_operator(chosen.what, &values, at)),
            _ if is_open || self.surroundings.may_have_casts() => None,
            Choice::Ambiguous => {
                let (left, right) = (left.map(|left| self.shown(left)), self.shown(right));
                self.mistake(place, Problem::AmbiguousOperator { symbol: symbol.to_owned(), left, right });
                None
            }
            Choice::None => {
                let (left, right) = (left.map(|left| self.shown(left)), self.shown(right));
                let is_known = !own.is_empty() || operators(symbol).any(|known| is_usable(self, &known));
                let extensions = self.missing(extensions_with_operator(symbol));
                let symbol = symbol.to_owned();
                self.mistake(place, Problem::NoOperator { symbol, left, right, is_known, extensions });
                None
            }
        }
    }

    /// Those of some extensions that are not installed.
    pub(super) fn missing(&self, extensions: Vec<&'static str>) -> Vec<&'static str> {
        extensions.into_iter().filter(|extension| !self.surroundings.has_extension(extension)).collect()
    }

    fn take_operator(&mut self, found: KnownOperator, values: &[Value<'_>], at: At) -> Found {
        let inputs: Vec<TypeId> = values.iter().map(|value| value.id).collect();
        let declared: Vec<TypeId> = found.left.into_iter().chain([found.right]).collect();
        let generics = self.types.generics(&inputs, &declared, &self.has_cast()).unwrap_or_default();
        let mut operands = Vec::new();
        for (value, id) in values.iter().zip(&declared) {
            let operand = self.types.concrete(*id, &generics).unwrap_or(value.id);
            self.reads(*value, operand);
            self.converted(value.id, operand, CastContext::Implicit, at);
            operands.push(operand);
        }
        let mut volatility = found.volatility;
        if found.symbol == "||" && declared.contains(&TEXT) && declared.iter().any(|id| polymorphic(*id).is_some()) {
            // PostgreSQL puts `a || b::text` in its place, and judges that.
            let casts = inputs.iter().map(|input| self.path(*input, TEXT, CastContext::Explicit));
            volatility = casts.flatten().map(|path| path.volatility).max().unwrap_or(volatility);
        }
        let shown = operands.iter().map(|id| self.types.type_of(*id)).collect();
        let what = Used::Operator { symbol: found.symbol, operands: shown };
        self.note(at, what, found.extension, volatility);
        let result = self.types.concrete(found.result, &generics).unwrap_or(OPEN);
        Found { result, operands }
    }
}
