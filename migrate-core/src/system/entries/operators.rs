//! Operators.

use super::extensions::extension_of;
use super::functions::volatility_of;
use super::types::TypeId;
use super::{Versions, distinct};
use crate::expression::Volatility;
use crate::system::layout::NOTHING;
use crate::system::table::{OPERATORS, Record};

/// An operator of PostgreSQL or of an extension.
#[derive(Clone, Copy, Debug)]
pub struct SystemOperator {
    record: Record,
}

impl SystemOperator {
    /// Its characters.
    pub fn symbol(self) -> &'static str {
        self.record.name(0)
    }

    /// The type on the left; none of a prefix operator.
    pub fn left(self) -> Option<TypeId> {
        TypeId::maybe(self.record.number16(4))
    }

    /// The type on the right.
    pub fn right(self) -> TypeId {
        TypeId(self.record.number16(6))
    }

    /// The type of the result.
    pub fn result(self) -> TypeId {
        TypeId(self.record.number16(8))
    }

    /// The extension that brings it.
    pub fn extension(self) -> Option<&'static str> {
        extension_of(self.record.byte(10))
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(11))
    }

    /// The volatility of its function.
    pub fn volatility(self) -> Volatility {
        volatility_of(self.record.byte(12))
    }

    /// Whether it gives NULL for a NULL.
    pub fn is_strict(self) -> bool {
        self.record.byte(12) & 4 != 0
    }
}

/// The operators of these characters, of all versions and extensions, ordered by their operands.
pub fn operators(symbol: &str) -> impl Iterator<Item = SystemOperator> + Clone + use<> {
    OPERATORS.named(symbol).map(|index| SystemOperator { record: OPERATORS.record(index) })
}

/// All operators.
pub fn all_operators() -> impl Iterator<Item = SystemOperator> {
    (0..OPERATORS.len()).map(|index| SystemOperator { record: OPERATORS.record(index) })
}

/// The operators between just these types.
pub fn operator_between(
    symbol: &str,
    left: Option<TypeId>,
    right: TypeId,
) -> impl Iterator<Item = SystemOperator> + Clone + use<> {
    let key = (left.map_or(NOTHING, |id| id.0), right.0);
    let operands = |record: Record| (record.number16(4), record.number16(6));
    let start =
        OPERATORS.partition_point(|record| record.name(0).cmp(symbol).then_with(|| operands(record).cmp(&key)).is_lt());
    let mut end = start;
    while end < OPERATORS.len() {
        let record = OPERATORS.record(end);
        if operands(record) != key || record.name(0) != symbol {
            break;
        }
        end += 1;
    }
    (start..end).map(|index| SystemOperator { record: OPERATORS.record(index) })
}

/// The extensions that bring an operator of these characters.
pub fn extensions_with_operator(symbol: &str) -> Vec<&'static str> {
    distinct(operators(symbol).filter_map(SystemOperator::extension))
}
