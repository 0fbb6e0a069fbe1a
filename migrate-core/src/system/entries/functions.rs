//! Functions, aggregates and window functions.

use super::extensions::extension_of;
use super::types::TypeId;
use super::{Versions, distinct};
use crate::expression::Volatility;
use crate::system::layout::NOTHING;
use crate::system::table::{COLUMNS, FUNCTIONS, NAME_LISTS, Record, TYPE_LISTS};

/// `prokind`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the kinds say it")]
pub enum FunctionKind {
    Function,
    Procedure,
    Aggregate,
    Window,
}

/// `aggkind`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the kinds say it")]
pub enum AggregateKind {
    Normal,
    OrderedSet,
    Hypothetical,
}

/// The types of the arguments of a function.
#[derive(Clone, Copy, Debug)]
pub struct Arguments {
    start: usize,
    count: usize,
}

impl Arguments {
    /// How many there are.
    pub fn len(self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.count == 0
    }

    /// The type of one.
    pub fn get(self, index: usize) -> Option<TypeId> {
        (index < self.count).then(|| TypeId(TYPE_LISTS.record(self.start + index).number16(0)))
    }

    /// All of them.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = TypeId> + ExactSizeIterator {
        (self.start..self.start + self.count).map(|index| TypeId(TYPE_LISTS.record(index).number16(0)))
    }
}

/// The columns that a function returns.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    start: usize,
    count: usize,
}

impl Columns {
    /// Their names and types.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, TypeId)> {
        (self.start..self.start + self.count).map(|index| {
            let record = COLUMNS.record(index);
            (record.name(0), TypeId(record.number16(4)))
        })
    }
}

/// A function, procedure, aggregate or window function of PostgreSQL or of an extension.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    record: Record,
}

impl Function {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.record.name(0)
    }

    /// The types of its input arguments.
    pub fn arguments(self) -> Arguments {
        Arguments { start: self.record.number16(4) as usize, count: self.record.byte(16) as usize }
    }

    /// The type of its result, of one row where it returns many.
    pub fn result(self) -> TypeId {
        TypeId(self.record.number16(6))
    }

    /// The type of the elements of a variadic last argument: `"any"` for `variadic "any"`.
    pub fn variadic(self) -> Option<TypeId> {
        TypeId::maybe(self.record.number16(8))
    }

    /// The name of an input argument; empty where it has none.
    pub fn argument_name(self, index: usize) -> &'static str {
        let start = self.record.number16(10);
        if start == NOTHING || index >= self.arguments().len() {
            return "";
        }
        NAME_LISTS.record(start as usize + index).name(0)
    }

    /// The columns of its result, where it says them.
    pub fn columns(self) -> Columns {
        Columns { start: self.record.number16(12) as usize, count: self.record.byte(19) as usize }
    }

    /// The extension that brings it.
    pub fn extension(self) -> Option<&'static str> {
        extension_of(self.record.byte(14))
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(15))
    }

    /// How many of the last arguments can be left out.
    pub fn defaults(self) -> usize {
        self.record.byte(17) as usize
    }

    /// What kind of function it is.
    pub fn kind(self) -> FunctionKind {
        match self.record.byte(18) & 3 {
            0 => FunctionKind::Function,
            1 => FunctionKind::Procedure,
            2 => FunctionKind::Aggregate,
            _ => FunctionKind::Window,
        }
    }

    /// Its volatility.
    pub fn volatility(self) -> Volatility {
        volatility_of(self.record.byte(18) >> 2)
    }

    /// Whether it gives NULL for a NULL.
    pub fn is_strict(self) -> bool {
        self.record.byte(18) & 16 != 0
    }

    /// Whether it returns any number of rows.
    pub fn returns_set(self) -> bool {
        self.record.byte(18) & 32 != 0
    }

    /// What kind of aggregate it is, of an aggregate.
    pub fn aggregate_kind(self) -> AggregateKind {
        match self.record.byte(18) >> 6 {
            1 => AggregateKind::OrderedSet,
            2 => AggregateKind::Hypothetical,
            _ => AggregateKind::Normal,
        }
    }

    /// How many arguments of an ordered-set aggregate stand in the parentheses; the others come from `WITHIN GROUP`.
    pub fn direct_arguments(self) -> usize {
        self.record.byte(20) as usize
    }
}

pub(super) fn volatility_of(bits: u8) -> Volatility {
    match bits & 3 {
        0 => Volatility::Immutable,
        1 => Volatility::Stable,
        _ => Volatility::Volatile,
    }
}

/// The functions of this name, of all versions and extensions, ordered by their arguments.
pub fn functions(name: &str) -> impl Iterator<Item = Function> + Clone + use<> {
    FUNCTIONS.named(name).map(|index| Function { record: FUNCTIONS.record(index) })
}

/// Whether PostgreSQL itself has a function of this name, beside its extensions.
pub fn is_of_postgres(name: &str) -> bool {
    functions(name).any(|function| function.extension().is_none())
}

/// Whether a function of this name is an aggregate.
pub fn is_aggregate(name: &str) -> bool {
    functions(name).any(|function| function.kind() == FunctionKind::Aggregate)
}

/// The names of all functions with the extension of each, sorted; a name comes once for each overload.
pub fn function_names() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    (0..FUNCTIONS.len()).map(|index| {
        let record = FUNCTIONS.record(index);
        (record.name(0), extension_of(record.byte(14)))
    })
}

/// The extensions that bring a function of this name.
pub fn extensions_with_function(name: &str) -> Vec<&'static str> {
    distinct(functions(name).filter_map(Function::extension))
}
