//! Collations.

use super::Versions;
use crate::system::table::{COLLATIONS, Record};

/// A collation that every server has.
#[derive(Clone, Copy, Debug)]
pub struct Collation {
    record: Record,
}

impl Collation {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.record.name(0)
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(5))
    }
}

/// The collations that every server has. Others come from the operating system and from ICU.
pub fn collations() -> impl Iterator<Item = Collation> {
    (0..COLLATIONS.len()).map(|index| Collation { record: COLLATIONS.record(index) })
}
