//! Scripts that a database has stored, beside what a binary would run: whoever may write to the history could have put
//! others there.

use super::extensions::{dropped_extensions, keeping_extensions};
use crate::plan::{Down, Migration, Place, Script, Statement, Work};
use crate::sorted::SortedSet;

/// Whether a stored down does what that of the migration does, which may leave extensions where they are. Where it
/// stands in the source is no matter: the checksum is not over that.
pub fn is_down_of(migration: &Migration, stored: &Down) -> bool {
    match stored {
        Down::Script { script, .. } => is_script_of(migration, script),
        // Nothing runs.
        Down::Irreversible { .. } => true,
    }
}

/// [`is_down_of`], of what a revert has begun with.
pub fn is_script_of(migration: &Migration, stored: &Script) -> bool {
    let dropped = dropped_extensions(migration);
    let is_dropped =
        |drop: &str| stored.statements().any(|one| matches!(&one.work, Work::Sql(sql) if sql.as_ref() == drop));
    let left: SortedSet<String> =
        dropped.iter().filter(|one| !is_dropped(&one.sql)).map(|one| one.name.clone()).collect();
    let Down::Script { script, .. } = keeping_extensions(&migration.down, &left) else { return false };
    script.segments.len() == stored.segments.len()
        && script.segments.iter().zip(stored.segments.iter()).all(|(own, stored)| {
            own.mode == stored.mode
                && own.statements.len() == stored.statements.len()
                && own.statements.iter().zip(stored.statements.iter()).all(|(own, stored)| is_same(own, stored))
        })
}

fn is_same(own: &Statement, stored: &Statement) -> bool {
    let nowhere = |statement: &Statement| Statement { place: Place::default(), ..statement.clone() };
    nowhere(own) == nowhere(stored)
}

#[cfg(test)]
mod tests {
    use super::super::testing::migration;
    use super::*;
    use crate::operation::{CreateExtension, DropExtension, Operation};
    use crate::plan::{Cow, Limits, Mode, Segment};

    fn script(commands: &[&str], line: u32) -> Script {
        let statement = |sql: &&str| Statement {
            work: Work::Sql(Cow::Owned(sql.to_string())),
            locks: Cow::Borrowed(&[]),
            hazards: Cow::Borrowed(&[]),
            duration: Default::default(),
            postcondition: None,
            limits: Limits::default(),
            place: Place { line, ..Place::default() },
            by_hand: false,
            runs_routines: false,
        };
        let statements = Cow::Owned(commands.iter().map(statement).collect());
        Script { segments: Cow::Owned(vec![Segment { mode: Mode::Transaction, statements }]) }
    }

    fn down(commands: &[&str], line: u32) -> Down {
        Down::Script { script: script(commands, line), loses: Cow::Borrowed(&[]) }
    }

    #[test]
    fn a_stored_down_is_that_of_the_migration_wherever_it_stands() {
        let mut one = migration(1, "a");
        one.down = down(&["DROP TABLE a", "DROP TABLE b"], 3);
        assert!(is_down_of(&one, &down(&["DROP TABLE a", "DROP TABLE b"], 7)));
        for other in [&["DROP TABLE a"][..], &["DROP TABLE b", "DROP TABLE a"], &["DROP TABLE a", "DROP TABLE c"]] {
            assert!(!is_down_of(&one, &down(other, 3)), "{other:?}");
        }
        assert!(!is_down_of(&one, &down(&["DROP TABLE a", "DROP TABLE b", "ALTER ROLE x SUPERUSER"], 3)));
    }

    #[test]
    fn it_may_leave_an_extension_that_the_migration_creates() {
        let mut one = migration(1, "a");
        let create: Operation = CreateExtension { name: "citext".into(), schema: None, comment: None }.into();
        one.operations = Cow::Owned(crate::json::to_json(&vec![create]));
        one.footprint.objects = Cow::Owned(vec![Cow::Borrowed("extension citext")]);
        let drop = DropExtension { name: "citext".into() }.sql();
        one.down = down(&["DROP TABLE a", &drop], 3);
        assert!(is_down_of(&one, &down(&["DROP TABLE a", &drop], 3)));
        assert!(is_down_of(&one, &down(&["DROP TABLE a"], 3)));
        assert!(!is_down_of(&one, &down(&["ALTER ROLE x SUPERUSER"], 3)));
    }
}
