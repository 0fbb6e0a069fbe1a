//! Which functions, operators and casts an expression uses, and the type it has, by PostgreSQL's rules (manual, chapter
//! 10; `parse_func.c`, `parse_oper.c`, `parse_coerce.c`).
//!
//! What is not known is open: it fits everywhere, and nothing is said about it. An open part makes open only what takes
//! its type from it.

mod call;
mod callable;
mod candidate;
mod coerce;
mod construct;
mod operator;
mod types;
mod walk;

use crate::expression::{Expression, Volatility};
use crate::name::QualifiedName;
use crate::system::{CastContext, FunctionKind};
use crate::token::At;
use crate::types::Type;
use walk::Walk;

pub use callable::OwnFunction;

/// What a type of the user is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedType {
    /// An enum.
    Enum,
    /// A domain over this type.
    Domain(Type),
    /// A composite type.
    Composite,
    /// A range over this type.
    Range(Type),
    /// None of the user's: of an extension, or not known.
    Other,
}

/// What stands around an expression.
pub trait Surroundings {
    /// The major version of the oldest server.
    fn major(&self) -> u32;
    /// The type of a column, by its name or with its table's; `None` where it is not known.
    fn column(&self, parts: &[String]) -> Option<Type>;
    /// What a named type is.
    fn named_type(&self, name: &QualifiedName) -> NamedType;
    /// Whether an extension is installed.
    fn has_extension(&self, name: &str) -> bool;
    /// The functions of the user with this name.
    fn functions(&self, schema: &str, name: &str) -> Vec<OwnFunction>;
    /// Whether there may be a function of this name that is not in the tables.
    fn may_have_function(&self, schema: Option<&str>, name: &str) -> bool;
    /// Whether there may be operators that are not in the tables.
    fn may_have_operator(&self, schema: Option<&str>, symbol: &str) -> bool;
    /// Whether there may be casts that are not in the tables.
    fn may_have_casts(&self) -> bool;
}

/// What was found of an expression.
#[derive(Debug)]
pub struct Resolution {
    /// Its type; `None` where it is not known, and for a literal without a type of its own.
    pub data_type: Option<Type>,
    /// The functions, operators and casts that it uses, in their order.
    pub uses: Vec<Use>,
    /// What PostgreSQL would refuse.
    pub mistakes: Vec<Mistake>,
}

/// A function, an operator or a cast that is used.
#[derive(Clone, Debug)]
pub struct Use {
    /// Where.
    pub at: At,
    /// What is used.
    pub what: Used,
    /// The extension that brings it; `None`: it is in `pg_catalog`.
    pub extension: Option<&'static str>,
    /// Its volatility.
    pub volatility: Volatility,
}

/// What is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// A function.
    Function {
        /// Its name.
        name: String,
        /// The types of its arguments.
        arguments: Vec<Type>,
        /// What kind of function it is.
        kind: FunctionKind,
        /// Whether it gives any number of rows.
        returns_set: bool,
    },
    /// An operator.
    Operator {
        /// Its characters.
        symbol: String,
        /// The types of its operands.
        operands: Vec<Type>,
    },
    /// A cast that is written, or made by itself.
    Cast {
        /// From this type.
        from: Type,
        /// To this type.
        to: Type,
    },
    /// `CURRENT_TIMESTAMP` and its kin.
    SessionValue(&'static str),
}

/// What PostgreSQL would refuse, with its place.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// Where.
    pub at: At,
    /// What.
    pub problem: Problem,
}

/// What PostgreSQL would refuse. A type is `None` for a literal without a type of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No function has this name.
    UnknownFunction {
        /// The name.
        name: String,
        /// The extensions that have one.
        extensions: Vec<&'static str>,
        /// The first version that has one.
        since: Option<u32>,
    },
    /// No function of this name takes these arguments.
    NoOverload {
        /// The name.
        name: String,
        /// The types of the arguments.
        arguments: Vec<Option<Type>>,
        /// What there is.
        candidates: Vec<String>,
    },
    /// Several functions of this name take these arguments equally well.
    AmbiguousFunction {
        /// The name.
        name: String,
        /// The types of the arguments.
        arguments: Vec<Option<Type>>,
    },
    /// No operator takes these operands.
    NoOperator {
        /// The characters.
        symbol: String,
        /// The type on the left; the outer `None` is a prefix operator.
        left: Option<Option<Type>>,
        /// The type on the right.
        right: Option<Type>,
        /// Whether there is an operator of these characters.
        is_known: bool,
        /// The extensions that have one of these characters.
        extensions: Vec<&'static str>,
    },
    /// Several operators take these operands equally well.
    AmbiguousOperator {
        /// The characters.
        symbol: String,
        /// The type on the left; the outer `None` is a prefix operator.
        left: Option<Option<Type>>,
        /// The type on the right.
        right: Option<Type>,
    },
    /// There is no cast between these types.
    NoCast {
        /// From this type.
        from: Type,
        /// To this type.
        to: Type,
    },
    /// Something that must be true or false is not.
    NotBoolean {
        /// The type it is of.
        found: Type,
    },
    /// Values that must have one type have none in common.
    NoCommonType {
        /// What they are: `CASE`, `ARRAY`, `coalesce`.
        of: &'static str,
        /// The one type.
        one: Type,
        /// The other.
        other: Type,
    },
    /// What a polymorphic function or operator is called with does not tell the type.
    Undetermined {
        /// The function or operator.
        name: String,
    },
    /// `greatest` and `least` need a type with an order.
    NotOrdered {
        /// The type.
        found: Type,
    },
    /// `ANY` and `ALL` need an array.
    NoArray {
        /// The type that stands there.
        found: Type,
    },
    /// `COLLATE` after something that has no collation.
    NotCollatable {
        /// The type that stands there.
        found: Type,
    },
    /// `[...]` after something that has no elements.
    NotSubscriptable {
        /// The type that stands there.
        found: Type,
    },
}

/// Resolves an expression.
pub fn resolve(expression: &Expression, surroundings: &dyn Surroundings) -> Resolution {
    let mut walk = Walk::new(surroundings);
    let id = walk.type_of(expression);
    walk.finish(id)
}

/// Resolves a condition: what must be true or false.
pub fn resolve_condition(expression: &Expression, surroundings: &dyn Surroundings) -> Resolution {
    let mut walk = Walk::new(surroundings);
    let id = walk.condition(expression);
    walk.finish(id)
}

/// Resolves an expression whose value becomes one of the target: by assignment, or by a cast.
pub fn resolve_as(
    expression: &Expression,
    target: &Type,
    context: CastContext,
    surroundings: &dyn Surroundings,
) -> Resolution {
    let mut walk = Walk::new(surroundings);
    let id = walk.becomes(expression, target, context);
    walk.finish(id)
}

/// Whether a value of a type is converted by itself when it is assigned to a column of the other. Where that is not known
/// it counts as converted.
pub fn assigns(from: &Type, to: &Type, surroundings: &dyn Surroundings) -> bool {
    from == to || Walk::new(surroundings).assigns(from, to)
}

#[cfg(test)]
mod tests;
