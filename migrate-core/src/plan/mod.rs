//! Plans: the SQL statements that operations lower to, with what each one locks and risks, cut into segments.
//!
//! Everything here can be a constant in the user's binary, and can be stored as JSON (the down of an applied
//! migration is kept in the history table). Hence [`Cow`].

mod described;
mod hazard;
mod limits;
mod lock;
mod lowering;
mod migration;
#[cfg(feature = "runtime")]
mod objection;
#[cfg(feature = "runtime")]
mod relocation;
#[cfg(feature = "runtime")]
mod script_text;
#[cfg(feature = "runtime")]
mod search_path;
mod segments;
mod statement;

pub use std::borrow::Cow;

pub use described::Described;
pub use hazard::Hazard;
pub use limits::{Limit, Limits};
pub use lock::{LockMode, RelationLock};
pub use lowering::{Added, Lowering};
pub use migration::{Checksum, Compatibility, Down, Footprint, Migration};
#[cfg(feature = "runtime")]
pub use objection::{Objection, Obstacle, objection, objections};
#[cfg(feature = "runtime")]
pub use relocation::{Relocation, makes_extension, makes_routine};
#[cfg(feature = "runtime")]
pub use search_path::SearchPath;
pub use segments::{Mode, Script, Segment, cut_into_segments};
pub use statement::{Backfill, Duration, Place, Postcondition, Statement, Work};

/// Whether a field may be left out where it is written: thousands of statements stand in a binary, and in the histories
/// of its databases.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
