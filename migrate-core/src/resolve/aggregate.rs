//! Whether a call is made as its function must be called: aggregates, ordered-set aggregates, window functions
//! (`ParseFuncOrColumn`).

use super::callable::Callable;
use super::types::UNKNOWN;
use super::walk::{OPEN, Value, Walk};
use super::{Misuse, Problem};
use crate::expression::{Call, ExpressionKind};
use crate::query::Over;
use crate::system::{AggregateKind, FunctionKind, TypeId};
use crate::token::At;

/// How a function is called, beside its arguments.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner<'e> {
    /// The call, where it is one.
    pub(super) call: Option<&'e Call>,
    /// Whether the argument is `*`.
    pub(super) is_star: bool,
    /// Whether it is `CALL`.
    pub(super) is_procedure: bool,
}

impl Walk<'_> {
    /// What stands behind the arguments.
    pub(super) fn around_call(&mut self, call: &Call) {
        for item in &call.order_by {
            let id = self.type_of(&item.value);
            self.must_have_order(id, item.value.at);
        }
        if let Some(filter) = &call.filter {
            self.condition(filter);
        }
        if let Some(Over::Defined(window)) = call.over.as_deref() {
            self.window(window);
        }
    }

    pub(super) fn must_have_order(&mut self, id: TypeId, at: At) {
        if id != UNKNOWN
            && !self.is_open(id)
            && !self.surroundings.may_have_operator(None, "<")
            && !self.types.has_order(id)
        {
            self.mistake(at, Problem::NotOrdered { found: self.types.type_of(id) });
        }
    }

    pub(super) fn must_have_equality(&mut self, id: TypeId, at: At) {
        if id != UNKNOWN
            && !self.is_open(id)
            && !self.surroundings.may_have_operator(None, "=")
            && !self.types.has_equality(id)
        {
            self.mistake(at, Problem::NoEquality { found: self.types.type_of(id) });
        }
    }

    /// Whether the function that was found can be called in this manner. The last of the inputs are those of `WITHIN GROUP`.
    pub(super) fn fits_manner(&mut self, function: &Callable, manner: Manner<'_>, inputs: &[TypeId], at: At) -> bool {
        let Some(call) = manner.call else { return true };
        let is_ordered_set = function.aggregate_kind != AggregateKind::Normal;
        let ordered = call.within_group.len();
        let misuse = match function.kind {
            FunctionKind::Aggregate if is_ordered_set && ordered == 0 => Some(Misuse::NeedsWithinGroup),
            FunctionKind::Aggregate if is_ordered_set && call.over.is_some() => Some(Misuse::OrderedSetOver),
            _ if !is_ordered_set && ordered > 0 => Some(Misuse::NoOrderedSet),
            FunctionKind::Aggregate => {
                let no_arguments = call.arguments.is_empty() && ordered == 0;
                if no_arguments && !manner.is_star {
                    Some(Misuse::NeedsStar)
                } else if call.over.is_some() && call.is_distinct {
                    Some(Misuse::NotInWindow("distinct"))
                } else if call.over.is_some() && !call.order_by.is_empty() {
                    Some(Misuse::NotInWindow("order by"))
                } else if call.is_distinct && call.order_by.iter().any(|item| !is_argument(call, &item.value)) {
                    Some(Misuse::DistinctOrder)
                } else {
                    None
                }
            }
            FunctionKind::Window if call.over.is_none() => Some(Misuse::NeedsOver),
            FunctionKind::Window if call.is_distinct => Some(Misuse::NotInWindow("distinct")),
            FunctionKind::Window if !call.order_by.is_empty() => Some(Misuse::NotInWindow("order by")),
            FunctionKind::Window if call.filter.is_some() => Some(Misuse::NotInWindow("filter")),
            FunctionKind::Window => None,
            _ if manner.is_star => Some(Misuse::NoAggregate("*")),
            _ if call.is_distinct => Some(Misuse::NoAggregate("distinct")),
            _ if !call.order_by.is_empty() => Some(Misuse::NoAggregate("order by")),
            _ if call.filter.is_some() => Some(Misuse::NoAggregate("filter")),
            _ if call.over.is_some() => Some(Misuse::NoWindow),
            _ => None,
        };
        let direct = inputs.len().saturating_sub(ordered);
        let misuse = match function.aggregate_kind {
            AggregateKind::Hypothetical if misuse.is_none() && direct != ordered => {
                Some(Misuse::Hypothetical { direct, ordered })
            }
            AggregateKind::OrderedSet if misuse.is_none() => match function.direct {
                Some(expected) if expected != direct => Some(Misuse::DirectArguments { expected, found: direct }),
                _ => None,
            },
            _ => misuse,
        };
        if let Some(misuse) = misuse {
            self.mistake(at, Problem::Misused { name: function.name.clone(), misuse });
            return false;
        }
        for (index, id) in inputs.iter().enumerate() {
            if is_ordered_set && index >= direct {
                self.must_have_order(*id, at);
            } else if call.is_distinct {
                self.must_have_equality(*id, at);
            }
        }
        if function.aggregate_kind == AggregateKind::Hypothetical {
            for ((one, other), argument) in inputs.iter().zip(inputs.iter().skip(direct)).zip(&call.arguments) {
                self.reads(Value { id: *one, expression: Some(&argument.value) }, *other);
                let is_known = !self.is_open(*one) && !self.is_open(*other);
                if is_known && self.common(&[*one, *other]).is_none() && !self.surroundings.may_have_casts() {
                    let (one, other) = (self.types.type_of(*one), self.types.type_of(*other));
                    self.mistake(at, Problem::NoCommonType { of: "within group", one, other });
                    return false;
                }
            }
        }
        true
    }

    /// What is said of a name that PostgreSQL's grammar knows, and that has no function.
    pub(super) fn word(&mut self, call: &Call) -> TypeId {
        call.arguments.iter().for_each(|argument| {
            self.type_of(&argument.value);
        });
        match call.name.as_str() {
            "grouping" => super::types::INTEGER,
            _ => OPEN,
        }
    }
}

/// Whether a value is one of the arguments: a constant counts by what it says.
fn is_argument(call: &Call, value: &crate::expression::Expression) -> bool {
    let plain = |value: &crate::expression::Expression| match &value.kind {
        ExpressionKind::Cast { operand, .. } => (**operand).clone(),
        _ => value.clone(),
    };
    call.arguments.iter().any(|argument| argument.value == *value || plain(&argument.value) == plain(value))
}
