use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Checksum, Compatibility, Down, Footprint, Migration, Script};

/// What of a migration is written as JSON in a binary. Beside it stand its version and its checksum, as numbers, and its
/// operations, which are JSON already.
#[derive(Debug, Serialize, Deserialize)]
pub struct Described<'m> {
    #[serde(default, skip_serializing_if = "is_zero")]
    leading_zeros: u8,
    name: Cow<'m, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    file: Cow<'m, str>,
    up: Cow<'m, Script>,
    down: Cow<'m, Down>,
    footprint: Cow<'m, Footprint>,
    compatibility: Cow<'m, Compatibility>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over the field as it is")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

impl<'m> Described<'m> {
    /// What is written of a migration.
    pub fn of(migration: &'m Migration) -> Self {
        Described {
            leading_zeros: migration.leading_zeros,
            name: Cow::Borrowed(&migration.name),
            file: Cow::Borrowed(&migration.file),
            up: Cow::Borrowed(&migration.up),
            down: Cow::Borrowed(&migration.down),
            footprint: Cow::Borrowed(&migration.footprint),
            compatibility: Cow::Borrowed(&migration.compatibility),
        }
    }

    /// The migration, with what stands beside it.
    pub fn with(self, version: i64, checksum: Checksum, operations: &'static str) -> Migration {
        Migration {
            version,
            leading_zeros: self.leading_zeros,
            name: Cow::Owned(self.name.into_owned()),
            file: Cow::Owned(self.file.into_owned()),
            checksum,
            up: self.up.into_owned(),
            down: self.down.into_owned(),
            operations: Cow::Borrowed(operations),
            footprint: self.footprint.into_owned(),
            compatibility: self.compatibility.into_owned(),
        }
    }
}
