//! What a call may mean.

use super::types::Types;
use crate::expression::Volatility;
use crate::system::{AggregateKind, Function, FunctionKind, TypeId};
use crate::types::Type;

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
    pub(super) extension: Option<&'static str>,
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
            extension: function.extension(),
        }
    }

    pub(super) fn of_user(function: &OwnFunction, types: &mut Types<'_>) -> Callable {
        let last = function.arguments.last().filter(|_| function.is_variadic);
        Callable {
            name: function.name.clone(),
            arguments: function.arguments.iter().map(|(data_type, _)| types.id(data_type)).collect(),
            names: function.arguments.iter().map(|(_, name)| name.clone().unwrap_or_default()).collect(),
            variadic: last.map(|(data_type, _)| types.id(data_type.element().unwrap_or(data_type))),
            defaults: function.defaults,
            result: types.id(&function.result),
            returns_set: function.returns_set,
            volatility: function.volatility,
            kind: function.kind,
            aggregate_kind: AggregateKind::Normal,
            extension: None,
        }
    }

    /// The place of the argument of that name.
    pub(super) fn argument_named(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|found| found == name)
    }
}
