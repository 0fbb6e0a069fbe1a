//! What PostgreSQL itself and its extensions bring: types, functions, operators, casts, operator classes, collations.
//!
//! It is read from real servers of all supported versions by the program `system-catalog` of the repository, and kept
//! in `catalog.bin`, whose layout is told in [`layout`]. Of extensions it has those of PostgreSQL's own `contrib` and
//! some widely used others; [`extension`] says whether one is known. Settings, and the tables and views of the system, are
//! lists of lines, in `settings.txt` and `relations.txt`.
//!
//! A binary that asks for nothing of this does not carry the tables.

mod entries;
pub mod layout;
mod lists;
mod table;

pub use entries::*;
pub use lists::*;
