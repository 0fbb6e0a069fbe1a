//! What a call may mean.

use super::types::Types;
use crate::expression::Volatility;
use crate::system::{AggregateKind, CastContext, Function, FunctionKind, SystemOperator, TypeId};
use crate::types::{BuiltIn, Type};

/// A function of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFunction {
    /// Its name, without its schema.
    pub name: String,
    /// The types of the arguments that a call passes, with their names where they have one.
    pub arguments: Vec<(Type, Option<String>)>,
    /// How many of them, from the end, may be left off.
    pub defaults: usize,
    /// Whether the last one takes any number of values.
    pub is_variadic: bool,
    /// The type of its result.
    pub result: Type,
    /// Whether it gives any number of rows.
    pub returns_set: bool,
    /// Its volatility.
    pub volatility: Volatility,
    /// What kind of function it is.
    pub kind: FunctionKind,
    /// What kind of aggregate it is, where it is one.
    pub aggregate_kind: AggregateKind,
}

/// An operator of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnOperator {
    /// The type of the operand on the left; `None`: it is a prefix operator.
    pub left: Option<Type>,
    /// The type of the operand on the right.
    pub right: Type,
    /// The type of its result.
    pub result: Type,
    /// Its volatility.
    pub volatility: Volatility,
}

/// A cast of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCast {
    /// From this type.
    pub source: Type,
    /// To this type.
    pub target: Type,
    /// Where it is done by itself.
    pub context: CastContext,
    /// Its volatility.
    pub volatility: Volatility,
}

/// An operator of the tables, or of the user.
#[derive(Clone, Debug)]
pub(super) struct KnownOperator {
    pub(super) symbol: String,
    pub(super) left: Option<TypeId>,
    pub(super) right: TypeId,
    pub(super) result: TypeId,
    pub(super) volatility: Volatility,
    pub(super) extension: Option<&'static str>,
}

impl KnownOperator {
    pub(super) fn of_tables(operator: SystemOperator) -> KnownOperator {
        KnownOperator {
            symbol: operator.symbol().to_owned(),
            left: operator.left(),
            right: operator.right(),
            result: operator.result(),
            volatility: operator.volatility(),
            extension: operator.extension(),
        }
    }

    pub(super) fn of_user(symbol: &str, operator: &OwnOperator, types: &mut Types<'_>) -> KnownOperator {
        KnownOperator {
            symbol: symbol.to_owned(),
            left: operator.left.as_ref().map(|left| types.id(left)),
            right: types.id(&operator.right),
            result: types.id(&operator.result),
            volatility: operator.volatility,
            extension: None,
        }
    }
}

/// A function of the tables, or of the user.
#[derive(Clone, Debug)]
pub(super) struct Callable {
    pub(super) name: String,
    pub(super) arguments: Vec<TypeId>,
    names: Vec<String>,
    /// The type of each further argument.
    pub(super) variadic: Option<TypeId>,
    pub(super) defaults: usize,
    pub(super) result: TypeId,
    pub(super) returns_set: bool,
    pub(super) volatility: Volatility,
    pub(super) kind: FunctionKind,
    pub(super) aggregate_kind: AggregateKind,
    /// How many arguments of an ordered-set aggregate stand before `WITHIN GROUP`, where that is known.
    pub(super) direct: Option<usize>,
    pub(super) extension: Option<&'static str>,
}

/// The type of each value that a variadic argument stands for.
fn element_of(data_type: &Type) -> Type {
    match data_type {
        Type::BuiltIn(BuiltIn::AnyArray) => Type::BuiltIn(BuiltIn::AnyElement),
        Type::BuiltIn(BuiltIn::AnyCompatibleArray) => Type::BuiltIn(BuiltIn::AnyCompatible),
        other => other.element().unwrap_or(other).clone(),
    }
}

impl Callable {
    pub(super) fn of_tables(function: Function) -> Callable {
        let arguments: Vec<TypeId> = function.arguments().iter().collect();
        Callable {
            name: function.name().to_owned(),
            names: (0..arguments.len()).map(|index| function.argument_name(index).to_owned()).collect(),
            arguments,
            variadic: function.variadic(),
            defaults: function.defaults(),
            result: function.result(),
            returns_set: function.returns_set(),
            volatility: function.volatility(),
            kind: function.kind(),
            aggregate_kind: function.aggregate_kind(),
            // PostgreSQL's own are ordered by one value.
            direct: (function.aggregate_kind() == AggregateKind::OrderedSet)
                .then(|| function.arguments().iter().count().saturating_sub(1)),
            extension: function.extension(),
        }
    }

    pub(super) fn of_user(function: &OwnFunction, types: &mut Types<'_>) -> Callable {
        let last = function.arguments.last().filter(|_| function.is_variadic);
        Callable {
            name: function.name.clone(),
            arguments: function.arguments.iter().map(|(data_type, _)| types.id(data_type)).collect(),
            names: function.arguments.iter().map(|(_, name)| name.clone().unwrap_or_default()).collect(),
            variadic: last.map(|(data_type, _)| types.id(&element_of(data_type))),
            defaults: function.defaults,
            result: types.id(&function.result),
            returns_set: function.returns_set,
            volatility: function.volatility,
            kind: function.kind,
            aggregate_kind: function.aggregate_kind,
            direct: None,
            extension: None,
        }
    }

    /// The place of the argument of that name.
    pub(super) fn argument_named(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|found| found == name)
    }
}
