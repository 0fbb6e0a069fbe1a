use std::borrow::Cow;

use super::{Checksum, Compatibility, Down, Footprint, Migration, Place, Script};
use crate::adopt::Adoption;
use crate::json::ToJson;

/// What of a migration is written as JSON in a binary. Beside it stand its version and its checksum, as numbers, and its
/// operations, which are JSON already.
///
/// What the places of its statements share, the file, stands in it once.
#[derive(Debug, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Described {
    #[serde(default, skip_serializing_if = "is_zero")]
    leading_zeros: u8,
    name: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<Checksum>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    file: Cow<'static, str>,
    up: Script,
    down: Down,
    footprint: Footprint,
    #[serde(default = "compatible", skip_serializing_if = "is_compatible")]
    compatibility: Compatibility,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adoption: Option<Adoption>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the field is handed over as it is")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

#[cfg(feature = "runtime")]
fn compatible() -> Compatibility {
    Compatibility::Compatible
}

fn is_compatible(compatibility: &Compatibility) -> bool {
    *compatibility == Compatibility::Compatible
}

impl Described {
    /// What is written of a migration, and its operations.
    pub fn of(migration: Migration) -> (Self, Cow<'static, str>) {
        let Migration {
            leading_zeros,
            name,
            identity,
            file,
            up,
            down,
            operations,
            footprint,
            compatibility,
            adoption,
            ..
        } = migration;
        let mut described =
            Described { leading_zeros, name, identity, file, up, down, footprint, compatibility, adoption };
        described.each_place(|place, file| {
            if place.file == *file {
                place.file = Cow::Borrowed("");
            }
        });
        (described, operations)
    }

    /// The migration, with what stands beside it.
    pub fn with(mut self, version: i64, checksum: Checksum, operations: &'static str) -> Migration {
        self.each_place(|place, file| {
            // A place that is unknown has no line.
            if place.file.is_empty() && place.line > 0 {
                place.file = file.clone();
            }
        });
        let Described { leading_zeros, name, identity, file, up, down, footprint, compatibility, adoption } = self;
        let operations = Cow::Borrowed(operations);
        Migration {
            version,
            leading_zeros,
            name,
            file,
            checksum,
            identity,
            up,
            down,
            operations,
            footprint,
            compatibility,
            adoption,
        }
    }

    /// Changes the places of all statements, given the file.
    fn each_place(&mut self, change: impl Fn(&mut Place, &Cow<'static, str>)) {
        let down = match &mut self.down {
            Down::Script { script, .. } => Some(script),
            Down::Irreversible { .. } => None,
        };
        for script in std::iter::once(&mut self.up).chain(down) {
            for segment in script.segments.to_mut() {
                for statement in segment.statements.to_mut() {
                    change(&mut statement.place, &self.file);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::Tool;
    use crate::catalog::Catalog;
    use crate::operation::RawSql;
    use crate::operation::script::lower;

    /// A migration whose statements come from its own file, from another one, and from nowhere.
    fn migration() -> Migration {
        let sql = |line| {
            let raw = RawSql { commands: vec!["SELECT 1".into()], changes: Vec::new() };
            let file = if line == 2 { "src/other.rs" } else { "migrations/0007_a.rs" };
            let place = match line {
                0 => Place::default(),
                _ => Place { file: file.into(), line, column: 5 },
            };
            (raw.into(), place, Vec::new())
        };
        let script = lower(&Catalog::default(), &[sql(0), sql(1), sql(2)], 13);
        Migration {
            version: 7,
            leading_zeros: 3,
            name: "a".into(),
            file: "migrations/0007_a.rs".into(),
            checksum: Checksum::EMPTY,
            identity: None,
            up: script.clone(),
            down: Down::Script { script, loses: Cow::Borrowed(&[]) },
            operations: "[]".into(),
            footprint: Footprint { unknown: true, ..Footprint::default() },
            compatibility: Compatibility::Compatible,
            adoption: Some(Adoption {
                tool: Tool::Sqlx,
                table: Tool::Sqlx.table(),
                versions: vec!["1".into()],
                checksum: Some(Checksum::EMPTY),
            }),
        }
    }

    #[test]
    fn a_migration_reads_what_it_writes() {
        let (described, operations) = Described::of(migration());
        assert_eq!(operations, "[]");
        let json = crate::json::to_json(&described);
        assert_eq!(json.matches("0007_a.rs").count(), 1, "{json}");
        let read: Described = serde_json::from_str(&json).unwrap();
        assert_eq!(read.with(7, Checksum::EMPTY, "[]"), migration());
    }
}
