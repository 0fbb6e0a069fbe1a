//! The migration language: tokens in, checked operations and a plan out, mistakes at the exact token.
//!
//! ```text
//! tokens -> flat tokens -> items -> (checked against the catalog) operations -> statements -> segments -> static data
//! source    source         ops      check                         migrate_core                          emit
//! ```
//!
//! The macros and the command line for development use this; a user's binary does not contain it.

mod attribute;
mod check;
mod clause;
pub mod diagnostic;
mod emit;
mod expand;
mod extensions;
#[cfg(feature = "print")]
pub mod format;
#[cfg(feature = "print")]
pub mod generate;
mod habit;
pub mod history;
mod inline;
mod lint;
mod migration;
mod object;
mod ops;
mod parser;
#[cfg(feature = "print")]
pub mod print;
mod row;
mod schema;
mod source;
mod todo;

pub use check::Renamed;
pub use expand::{expand_migration, expand_migrations};
pub use history::DEFAULT_POSTGRES;
#[cfg(feature = "print")]
pub use inline::{History, WrongLine};
pub use inline::{Known, Mistake, compile_history};
pub use lint::{Finding, compile_directory, lint};
pub use migration::Identity;
pub use ops::item_names;
#[cfg(feature = "print")]
pub use row::Structs;
pub use row::expand_table;
#[cfg(feature = "print")]
pub use schema::Beside;
pub use schema::{Rename, expand_schema};
