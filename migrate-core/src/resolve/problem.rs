//! What PostgreSQL would refuse.

use crate::system::FunctionKind;
use crate::token::At;
use crate::types::Type;

/// What PostgreSQL would refuse, with its place.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// Where.
    pub at: At,
    /// What.
    pub problem: Problem,
    /// How many of the literals are read before.
    pub literals: usize,
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
        /// Whether it is a procedure.
        kind: FunctionKind,
        /// The name.
        name: String,
        /// The types of the arguments.
        arguments: Vec<Option<Type>>,
        /// What there is.
        candidates: Vec<String>,
    },
    /// Several functions of this name take these arguments equally well.
    AmbiguousFunction {
        /// Whether it is a procedure.
        kind: FunctionKind,
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
    /// A function would give an array of arrays, for which there is no type.
    NoArrayOf {
        /// The function.
        name: String,
        /// The type of the array.
        found: Type,
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
    /// Values that must be compared for equality and cannot be.
    NoEquality {
        /// The type.
        found: Type,
    },
    /// A sub-select gives another number of columns than its place takes.
    Columns {
        /// How many it gives.
        found: usize,
        /// How many its place takes.
        expected: usize,
    },
    /// Two collations are written for what is compared.
    Collations {
        /// The one.
        one: String,
        /// The other.
        other: String,
    },
    /// Rows with different numbers of values are compared.
    UnequalRows {
        /// How many are on the left.
        left: usize,
        /// How many are on the right.
        right: usize,
    },
    /// Rows are compared by an operator that does not compare.
    NoRowComparison {
        /// The operator.
        symbol: String,
    },
    /// A composite value has no such field.
    NoField {
        /// The field.
        field: String,
        /// The type of the value.
        of: Type,
        /// The fields that there are.
        fields: Vec<String>,
    },
    /// `.field` after something that has none.
    NotComposite {
        /// The field.
        field: String,
        /// The type of the value.
        found: Type,
    },
    /// A value of another type than its place takes.
    Expected {
        /// What stands there, as in a message: `the document of xmlserialize`.
        what: String,
        /// The type that is expected.
        expected: Type,
        /// The type that stands there.
        found: Type,
    },
    /// A function is called in a way that it is not made for.
    Misused {
        /// Its name.
        name: String,
        /// What is wrong.
        misuse: Misuse,
    },
    /// `RANGE` with a distance needs one column to order by.
    RangeOrder,
    /// `RANGE` with a distance is not there for what the window is ordered by.
    RangeDistance {
        /// The type by which it is ordered.
        found: Type,
    },
    /// `GROUPS` needs an order.
    GroupsOrder,
    /// A frame that ends before it starts, or starts at its end.
    Frame {
        /// What is wrong, as PostgreSQL says it.
        message: &'static str,
    },
    /// A subscript that something with elements does not take.
    Subscript {
        /// What is wrong, as PostgreSQL says it.
        message: &'static str,
        /// The type that stands there.
        found: Option<Type>,
    },
    /// `[...]` after something that has no elements.
    NotSubscriptable {
        /// The type that stands there.
        found: Type,
    },
}

/// What is wrong with a call of a function that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// A window function without `OVER`.
    NeedsOver,
    /// `OVER` behind what is neither a window function nor an aggregate.
    NoWindow,
    /// `OVER` behind an ordered-set aggregate.
    OrderedSetOver,
    /// An ordered-set aggregate without `WITHIN GROUP`.
    NeedsWithinGroup,
    /// `WITHIN GROUP` behind what is not an ordered-set aggregate.
    NoOrderedSet,
    /// This, behind or in a call of what is not an aggregate: `DISTINCT`.
    NoAggregate(&'static str),
    /// This, in a call of a window function: `DISTINCT`.
    NotInWindow(&'static str),
    /// `count()`
    NeedsStar,
    /// A hypothetical-set aggregate with another number of arguments than there are columns behind `ORDER BY`.
    Hypothetical {
        /// The arguments.
        direct: usize,
        /// The columns.
        ordered: usize,
    },
    /// An ordered-set aggregate with another number of arguments before `WITHIN GROUP` than it takes.
    DirectArguments {
        /// How many it takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// `DISTINCT` with `ORDER BY` something that is not an argument.
    DistinctOrder,
}
