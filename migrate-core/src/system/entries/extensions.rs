//! Extensions.

use crate::system::table::{EXTENSIONS, NAME_LISTS, Record};

/// An extension that the tables know.
#[derive(Clone, Copy, Debug)]
pub struct Extension {
    record: Record,
}

impl Extension {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.record.name(0)
    }

    /// The schema that it is always in, whatever is asked for.
    pub fn schema(self) -> Option<&'static str> {
        Some(self.record.name(4)).filter(|schema| !schema.is_empty())
    }

    /// The extensions that must be there before.
    pub fn requires(self) -> impl Iterator<Item = &'static str> {
        let start = self.record.number16(10) as usize;
        (start..start + self.record.byte(8) as usize).map(|index| NAME_LISTS.record(index).name(0))
    }
}

pub(super) fn extension_of(number: u8) -> Option<&'static str> {
    (number as usize).checked_sub(1).map(|index| EXTENSIONS.record(index).name(0))
}

/// The extension of this name, where the tables know it.
pub fn extension(name: &str) -> Option<Extension> {
    EXTENSIONS.named(name).next().map(|index| Extension { record: EXTENSIONS.record(index) })
}

/// All extensions that the tables know, by name.
pub fn extensions() -> impl Iterator<Item = Extension> {
    (0..EXTENSIONS.len()).map(|index| Extension { record: EXTENSIONS.record(index) })
}
