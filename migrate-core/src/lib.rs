//! The pure half of the migrate toolkit: the [`catalog`] (our picture of a database), the [`operation`]s that
//! change it, the [`plan`] of SQL statements they lower to, and the decisions over a [`history`] of migrations.
//!
//! Nothing here reads a file, a clock, the environment or a socket; nothing here knows Rust syntax.

// What `ToJson` derives names the crate, here and in the runtime.
extern crate self as migrate_core;

pub mod adopt;
pub mod catalog;
pub mod diff;
#[cfg(feature = "runtime")]
pub mod difference;
pub mod expression;
pub mod extension;
#[cfg(feature = "runtime")]
pub mod history;
pub mod json;
pub mod literal;
pub mod name;
pub mod object;
pub mod operation;
pub mod outline;
pub mod plan;
pub mod plpgsql;
pub mod query;
pub mod resolve;
pub mod sorted;
pub mod sql;
pub mod system;
pub mod token;
pub mod types;
