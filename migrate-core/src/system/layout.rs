//! The layout of `catalog.bin`. All numbers are little-endian; a name is `offset << 8 | length` in the names; a type is
//! its number; `versions` are two halves of a byte: the first and the last major version, less ten.
//!
//! | section | record |
//! |---|---|
//! | 0 names | one byte |
//! | 1 extensions, by name | name 4, schema 4, required 1, versions 1, first of the required in 5 2 |
//! | 2 types, by number | name 4, extension 1, kind 1, category 1, flags 1, subscripting 1, versions 1, element 2, array 2, base 2 |
//! | 3 types, by name | number 2 |
//! | 4 lists of types | number 2 |
//! | 5 lists of names | name 4 |
//! | 6 columns | name 4, type 2 |
//! | 7 functions, by name and arguments | name 4, first argument in 4 2, result 2, variadic 2, first name in 5 2, first column in 6 2, extension 1, versions 1, arguments 1, defaults 1, traits 1, columns 1, direct arguments 1 |
//! | 8 operators, by symbol, left and right | symbol 4, left 2, right 2, result 2, extension 1, versions 1, traits 1 |
//! | 9 casts, by source and target | source 2, target 2, extension 1, versions 1, context 1, method 1, volatility 1 |
//! | 10 operator classes, by method, name and type | method 4, name 4, type 2, extension 1, versions 1, default 1 |
//! | 11 collations, by name | name 4, provider 1, versions 1 |

use crate::types::BuiltIn;

/// The first bytes.
pub const MAGIC: [u8; 4] = *b"PGC1";
/// How many sections there are.
pub const SECTIONS: usize = 12;
/// No type, no list.
pub const NOTHING: u16 = u16::MAX;

/// The types whose numbers are fixed: those that [`crate::types::Type`] knows, by their names in `pg_type`.
pub fn pinned_types() -> impl Iterator<Item = &'static str> {
    BuiltIn::ALL.iter().map(|built_in| built_in.internal_name()).chain(WITH_MODIFIERS.iter().copied())
}

/// The built-in types that take modifiers, and so are no [`BuiltIn`].
pub(super) const WITH_MODIFIERS: &[&str] =
    &["numeric", "varchar", "bpchar", "bit", "varbit", "time", "timetz", "timestamp", "timestamptz", "interval"];
