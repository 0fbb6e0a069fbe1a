//! Which functions, operators and casts an expression uses, and the type it has, by PostgreSQL's rules (manual, chapter
//! 10; `parse_func.c`, `parse_oper.c`, `parse_coerce.c`).
//!
//! What is not known is open: it fits everywhere, and nothing is said about it. An open part makes open only what takes
//! its type from it.

mod aggregate;
mod call;
mod callable;
mod candidate;
mod coerce;
mod construct;
mod json;
mod operator;
mod problem;
mod row;
mod types;
mod walk;
mod window;
mod xml;

use crate::expression::{Expression, Volatility};
use crate::name::QualifiedName;
use crate::query::{Query, Window};
use crate::system::{CastContext, FunctionKind};
use crate::token::At;
use crate::types::Type;
use types::UNKNOWN;
use walk::Walk;

pub use callable::{OwnCast, OwnFunction, OwnOperator};
pub use problem::{Mistake, Misuse, Problem};

/// What a type of the user is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedType {
    /// An enum.
    Enum,
    /// A domain over this type.
    Domain(Type),
    /// A composite type.
    Composite,
    /// A range over this type, and the type of several of its ranges.
    Range(Type, QualifiedName),
    /// The type of several ranges of this one.
    Multirange(QualifiedName),
    /// None of the user's: of an extension, or not known.
    Other,
}

/// What stands around an expression.
pub trait Surroundings {
    /// The major version of the oldest server.
    fn major(&self) -> u32;
    /// The type of a column, by its name or with its table's; `None` where it is not known.
    fn column(&self, parts: &[String]) -> Option<Type>;
    /// The type of the rows of what is meant by `users.*`; `None` where it is not known.
    fn row(&self, _name: &str) -> Option<Type> {
        None
    }
    /// What a named type is.
    fn named_type(&self, name: &QualifiedName) -> NamedType;
    /// Whether an extension is installed.
    fn has_extension(&self, name: &str) -> bool;
    /// The functions of the user with this name.
    fn functions(&self, schema: &str, name: &str) -> Vec<OwnFunction>;
    /// The procedures of the user with this name.
    fn procedures(&self, _schema: &str, _name: &str) -> Vec<OwnFunction> {
        Vec::new()
    }
    /// Whether there may be a function of this name that is not in the tables.
    fn may_have_function(&self, schema: Option<&str>, name: &str) -> bool;
    /// Whether there may be operators that are not in the tables.
    fn may_have_operator(&self, schema: Option<&str>, symbol: &str) -> bool;
    /// The operators of the user with these characters.
    fn operators(&self, _schema: Option<&str>, _symbol: &str) -> Vec<OwnOperator> {
        Vec::new()
    }
    /// The casts of the user.
    fn casts(&self) -> Vec<OwnCast> {
        Vec::new()
    }
    /// Whether there may be casts that are not in the tables.
    fn may_have_casts(&self) -> bool;
    /// The types of the columns that come out of a sub-select, as far as they are known; `None` where it is not known
    /// what comes out.
    fn columns(&self, _query: &Query) -> Option<Vec<Option<Type>>> {
        None
    }
    /// The fields of a composite type of the user, or the columns of a table; `None` where they are not known.
    fn fields(&self, _name: &QualifiedName) -> Option<Vec<(String, Type)>> {
        None
    }
    /// The columns of the rows that a function gives, where it names them and they are known.
    fn columns_of_function(&self, _schema: Option<&str>, _name: &str) -> Option<Vec<(String, Type)>> {
        None
    }
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
    /// The literals without a type of their own that a function, an operator or the values beside them give a type.
    pub literals: Vec<Literal>,
}

/// A string that is read as a value of a type.
#[derive(Clone, Debug)]
pub struct Literal {
    /// Where.
    pub at: At,
    /// Its value.
    pub text: String,
    /// The type.
    pub data_type: Type,
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

/// Resolves an expression.
pub fn resolve(expression: &Expression, surroundings: &dyn Surroundings) -> Resolution {
    let mut walk = Walk::new(surroundings);
    let id = walk.type_of(expression);
    walk.finish(id)
}

/// Resolves the call of a procedure: `p(1)` of `CALL p(1)`.
pub fn resolve_procedure(call: &Expression, surroundings: &dyn Surroundings) -> Resolution {
    let mut walk = Walk::new(surroundings);
    let id = walk.procedure(call);
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

/// Resolves what a window is partitioned and ordered by, and its frame. A window that refines another has the order of that
/// one, which is not known here.
pub fn resolve_window(window: &Window, surroundings: &dyn Surroundings) -> Resolution {
    let mut walk = Walk::new(surroundings);
    walk.window(window);
    walk.finish(UNKNOWN)
}

/// A value among others that must have one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A literal without a type of its own.
    Literal,
    /// Not known.
    Open,
    /// Of this type.
    Type(Type),
}

/// The one type of several values, as of the columns of `UNION`; `None` where it is not known.
///
/// # Errors
/// Two types that have none in common.
pub fn common_type(values: &[Given], surroundings: &dyn Surroundings) -> Result<Option<Type>, Box<(Type, Type)>> {
    Walk::new(surroundings).common_type(values)
}

/// Whether values of a type can be compared for equality, as `DISTINCT` and `GROUP BY` do. Where that is not known they can.
pub fn has_equality(data_type: &Type, surroundings: &dyn Surroundings) -> bool {
    let mut walk = Walk::new(surroundings);
    let id = walk.types.id(data_type);
    walk.is_open(id) || walk.surroundings.may_have_operator(None, "=") || walk.types.has_equality(id)
}

/// Whether `COLLATE` can stand behind values of a type. Where that is not known it can.
pub fn is_collatable(data_type: &Type, surroundings: &dyn Surroundings) -> bool {
    let mut walk = Walk::new(surroundings);
    let id = walk.types.id(data_type);
    walk.is_open(id) || walk.is_collatable(id)
}

/// Whether values of a type have an order, as `ORDER BY` needs it. Where that is not known they have.
pub fn has_order(data_type: &Type, surroundings: &dyn Surroundings) -> bool {
    let mut walk = Walk::new(surroundings);
    let id = walk.types.id(data_type);
    walk.is_open(id) || walk.surroundings.may_have_operator(None, "<") || walk.types.has_order(id)
}

#[cfg(test)]
mod tests;
