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
mod objection;
mod relocation;
mod script_text;
mod segments;
mod statement;

pub use std::borrow::Cow;

pub use described::Described;
pub use hazard::Hazard;
pub use limits::{Limit, Limits};
pub use lock::{LockMode, RelationLock};
pub use lowering::{Added, Lowering};
pub use migration::{Checksum, Compatibility, Down, Footprint, Migration};
pub use objection::{Objection, Obstacle, objection, objections};
pub use relocation::{Relocation, makes_extension, makes_routine};
pub use segments::{Mode, Script, Segment, cut_into_segments};
pub use statement::{Backfill, Duration, Place, Postcondition, SearchPath, Statement, Work};

/// Whether a field may be left out where it is written: thousands of statements stand in a binary, and in the histories
/// of its databases.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
