//! Maps and sets in order, as sorted lists.
//!
//! What they hold is small: the columns of a key, the users of a table. Of each pair of types the standard library's trees cost a
//! user's first build, which does not optimize the macros, ten times as much code, and each `collect` into one a sort of its own.
//! To insert or remove moves what stands behind; where thousands come one by one, as the places of a whole history, a
//! `BTreeMap` is right.

mod map;
mod set;

pub use map::{Entry, SortedMap};
pub use set::SortedSet;
