//! Taking back what is half applied, on a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use migrate_core::plan::{LockMode, Place, Statement};
use support::*;

/// A statement of another place in the source.
fn at(line: u32, statement: Statement) -> Statement {
    Statement { place: Place { file: "migrations/test.rs".into(), line, column: 5 }, ..statement }
}

fn alter(line: u32, text: &str) -> Statement {
    at(line, locking(sql(text), "one", LockMode::AccessExclusive))
}

fn half_applied() -> Vec<Build> {
    vec![
        table(1, "one"),
        migration(
            2,
            "wrong",
            vec![
                together(vec![at(1, sql("INSERT INTO public.one VALUES (10, 'new')"))]),
                together(vec![alter(2, "ALTER TABLE public.one ADD CONSTRAINT c CHECK (value <> 'x') NOT VALID")]),
                together(vec![alter(2, "ALTER TABLE public.one VALIDATE CONSTRAINT c")]),
                together(vec![at(3, sql("UPDATE public.one SET value = value || '!'"))]),
            ],
            vec![together(vec![
                at(3, sql("UPDATE public.one SET value = left(value, -1)")),
                alter(2, "ALTER TABLE public.one DROP CONSTRAINT c"),
                at(1, sql("DELETE FROM public.one WHERE id = 10")),
            ])],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_done_is_undone_and_rows_are_not_touched_twice() {
    let database = Database::new().await;
    let all = migrations(half_applied());
    all.migrator().apply_to(&database.pool, migrate_runtime::Target::Version(1)).await.unwrap();
    database.run("INSERT INTO one VALUES (1, 'x'), (2, 'kept')").await;
    let error = all.apply(&database.pool).await.unwrap_err().to_string();
    assert!(error.contains("is violated by some row"), "{error}");
    assert!(error.contains("or, if the migration is wrong, undo it"), "{error}");

    // The binary has another migration of that version by now.
    let mut changed = half_applied();
    changed[1] = migration(2, "right", vec![together(vec![sql("SELECT 1")])], vec![]);
    let changed = migrations(changed);
    let refused = changed.apply(&database.pool).await.unwrap_err().to_string();
    assert!(refused.contains("down --unfinished"), "{refused}");
    let report = changed.migrator().abandon(&database.pool).await.unwrap();
    assert_eq!(report.reverted.len(), 1);
    assert_eq!(database.values("SELECT concat(id, value) FROM one ORDER BY id").await, ["1x", "2kept"]);
    assert_eq!(database.value("SELECT count(*)::text FROM pg_constraint WHERE conname = 'c'").await, "0");
    assert_eq!(database.value("SELECT count(*)::text FROM migrate.journal").await, "0");
    assert!(changed.migrator().abandon(&database.pool).await.unwrap().is_empty());
    changed.apply(&database.pool).await.unwrap();
    assert_eq!(database.versions().await, ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_after_it_is_listed_and_the_journal_is_kept() {
    let database = Database::new().await;
    let mut builds = half_applied();
    // A down that forgets the constraint.
    builds[1] = migration(
        2,
        "wrong",
        vec![
            together(vec![alter(1, "ALTER TABLE public.one ADD COLUMN extra int")]),
            together(vec![at(2, sql("SELECT 1 / 0"))]),
        ],
        vec![together(vec![at(1, sql("SELECT 1"))])],
    )
    .touching("table public.one");
    // Migrations made by hand have no operations. What was there before is known all the same: the table is not named.
    let all = migrations(builds);
    all.migrator().apply_to(&database.pool, migrate_runtime::Target::Version(1)).await.unwrap();
    all.apply(&database.pool).await.unwrap_err();
    for _ in 0..2 {
        let error = all.migrator().abandon(&database.pool).await.unwrap_err().to_string();
        assert!(error.contains("the database is not as it was before:\n  column `one.extra`: not expected"), "{error}");
        assert_eq!(database.value("SELECT direction FROM migrate.journal").await, "down");
    }
    database.run("ALTER TABLE one DROP COLUMN extra").await;
    // Any start goes on with it; the one that is taken back is the first of those to revert.
    assert_eq!(all.migrator().revert(&database.pool, 1).await.unwrap().reverted.len(), 1);
    assert_eq!(database.versions().await, ["1"]);
}
