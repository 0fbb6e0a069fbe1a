//! Databases and binaries of different versions, and what somebody did by hand: each with its exact message.

use migrate_runtime::{Event, Migrations, RevertTarget, Target};
use tests::{Database, compile, embed};

const USERS: &str = "migration \"1_users\" { create table users { id: bigint primary key, email: text } }\n";
const BOOKINGS: &str = "migration \"2_bookings\" {
    create enum status { pending, confirmed }
    create table bookings { id: bigint primary key, user_id: bigint references users, state: status = pending }
    create index on bookings (user_id);
}\n";
const NOTE: &str = "migration \"3_note\" { alter table users { add note: text? } }\n";
const NO_EMAIL: &str = "migration \"4_no_email\" { alter table users {
    #[allow(drops_data, reason = \"nobody reads it\")]
    drop email,
} }\n";

fn history(blocks: &[&str]) -> &'static Migrations {
    embed(compile(&blocks.concat()), &[])
}

fn said(error: &(dyn std::error::Error + 'static)) -> String {
    error.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_was_run_by_hand_is_recorded_and_the_next_one_goes_on() {
    let database = Database::create().await;
    history(&[USERS]).apply(&database.pool).await.unwrap();
    database.execute("ALTER TABLE users ADD COLUMN note text").await;

    let all = history(&[USERS, BOOKINGS, NOTE, NO_EMAIL]);
    let error = all.apply(&database.pool).await.unwrap_err();
    assert_eq!(
        said(&error),
        "cannot apply `3_note`: statement 1 of 1 failed\n  at line 7\n  \
         ALTER TABLE public.users ADD COLUMN note text\n  \
         column \"note\" of relation \"users\" already exists (SQLSTATE 42701)\n\
         help: if it was created by hand exactly as by the migration, record that (`Migrator::baseline(3)`, \
         `baseline 3`); otherwise rename or drop what exists"
    );
    assert_eq!(error.report().unwrap().applied.len(), 1, "2_bookings stays");

    let report = all.migrator().baseline(&database.pool, 3).await.unwrap();
    assert_eq!(report.baselined.iter().map(ToString::to_string).collect::<Vec<_>>(), ["3_note"]);
    all.apply(&database.pool).await.unwrap();
    assert!(all.migrator().verify(&database.pool).await.unwrap().is_clean());
    all.migrator().revert_to(&database.pool, 0).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_of_what_is_not_there_says_what_differs() {
    let database = Database::create().await;
    database.execute("CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, extra text)").await;
    database.execute("CREATE TABLE bookings (id bigint PRIMARY KEY, user_id integer NOT NULL, state text)").await;
    database.execute("CREATE TABLE somebody_elses (id bigint)").await;
    let all = history(&[USERS, BOOKINGS, NOTE, NO_EMAIL]);

    let error = all.migrator().baseline(&database.pool, 2).await.unwrap_err();
    assert_eq!(
        said(&error),
        "cannot record the baseline: the database does not match these migrations\n  \
         enum `status`: missing\n  \
         column `bookings.user_id`: expected `bigint`, found `integer`\n  \
         column `bookings.state`: expected `status`, found `text`\n  \
         column `bookings.state`: expected `not null`, found `null`\n  \
         column `bookings.state`: expected default `'pending'`, found none\n  \
         constraint `bookings_user_id_fkey` of `bookings`: missing\n  \
         index `bookings_user_id_idx` of `bookings`: missing\n\
         help: change the database or the migrations so that they match; to record them anyway: \
         `baseline --unchecked` (`Migrator::baseline_unchecked`)"
    );
    assert_eq!(database.text("SELECT count(*)::text FROM migrate.history").await, "0");

    all.migrator().baseline(&database.pool, 1).await.expect("what is there besides is nobody's business");
    all.migrator().baseline_unchecked(&database.pool, 2).await.unwrap();
    let pending = all.migrator().plan(&database.pool, Target::Head).await.unwrap();
    assert_eq!(pending.steps.iter().map(|step| step.migration.version).collect::<Vec<_>>(), [3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_of_a_drop_wants_it_to_be_gone() {
    let database = Database::create().await;
    let all = history(&[USERS, BOOKINGS, NOTE, NO_EMAIL]);
    all.migrator().apply_to(&database.pool, Target::Version(3)).await.unwrap();
    let error = all.migrator().baseline(&database.pool, 4).await.unwrap_err();
    let lines: Vec<String> = said(&error).lines().map(str::to_owned).collect();
    assert_eq!(lines[1], "  column `users.email`: not expected");
    database.execute("ALTER TABLE users DROP COLUMN email").await;
    all.migrator().baseline(&database.pool, 4).await.unwrap();
    assert!(all.apply(&database.pool).await.unwrap().is_empty());
}

/// Format 2 had no head.
const TO_FORMAT_2: &str = "DROP TABLE migrate.head; UPDATE migrate.format SET version = 2";

/// Format 1 had chains that were hashed.
const TO_FORMAT_1: &str = "
    DROP TABLE migrate.head;
    UPDATE migrate.format SET version = 1;
    WITH RECURSIVE old (version, chain) AS (
        (SELECT version, sha256(decode(repeat('00', 32), 'hex') || int8send(version) || decode(checksum, 'hex'))
         FROM migrate.history ORDER BY version LIMIT 1)
        UNION ALL
        (SELECT next.version, sha256(old.chain || int8send(next.version) || decode(next.checksum, 'hex'))
         FROM old JOIN LATERAL (SELECT * FROM migrate.history WHERE history.version > old.version
                                ORDER BY version LIMIT 1) AS next ON true)
    )
    UPDATE migrate.history SET chain = encode(old.chain, 'hex') FROM old WHERE old.version = history.version";

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_an_older_format_are_upgraded_once() {
    upgraded_once(1, TO_FORMAT_1).await;
    upgraded_once(2, TO_FORMAT_2).await;
}

async fn upgraded_once(format: i32, to_format: &str) {
    let database = Database::create().await;
    let (three, all) = (history(&[USERS, BOOKINGS, NOTE]), history(&[USERS, BOOKINGS, NOTE, NO_EMAIL]));
    three.apply(&database.pool).await.unwrap();
    let fresh = database.text("SELECT string_agg(chain, ' ' ORDER BY version) FROM migrate.history").await;
    database.execute(to_format).await;

    // Looking needs no upgrade, and makes none.
    assert_eq!(all.migrator().status(&database.pool).await.unwrap().pending().count(), 1);
    assert!(three.migrator().verify(&database.pool).await.unwrap().is_clean());
    assert_eq!(database.text("SELECT version::text FROM migrate.format").await, format.to_string());

    // Ten at once.
    let starts: Vec<_> = (0..10)
        .map(|_| {
            let pool = database.pool.clone();
            tokio::spawn(async move {
                let upgrades = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
                let seen = upgrades.clone();
                let migrator = three.migrator().on_event(move |event| {
                    if let Event::UpgradingTables { from, to: 3, .. } = event {
                        assert_eq!(*from, format);
                        seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                });
                assert!(migrator.apply(&pool).await.unwrap().is_empty());
                upgrades.load(std::sync::atomic::Ordering::Relaxed)
            })
        })
        .collect();
    let mut upgrades = 0;
    for start in starts {
        upgrades += start.await.unwrap();
    }
    assert_eq!(upgrades, 1);
    assert_eq!(database.text("SELECT version::text FROM migrate.format").await, "3");
    assert_eq!(database.text("SELECT string_agg(chain, ' ' ORDER BY version) FROM migrate.history").await, fresh);
    all.apply(&database.pool).await.unwrap();
    all.migrator().revert_to(&database.pool, 0).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_newer_format_are_refused() {
    let database = Database::create().await;
    let all = history(&[USERS, BOOKINGS]);
    history(&[USERS]).apply(&database.pool).await.unwrap();
    database.execute("UPDATE migrate.format SET version = 7").await;
    let error = all.apply(&database.pool).await.unwrap_err();
    assert_eq!(
        said(&error),
        "the history tables in schema `migrate` have format 7, but this binary supports only formats up to 3\n\
         help: build it with a newer migrate-runtime"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_binary_starts_beside_what_does_not_break_it_and_can_take_it_back() {
    let database = Database::create().await;
    let (old, new) = (history(&[USERS, BOOKINGS]), history(&[USERS, BOOKINGS, NOTE]));
    new.apply(&database.pool).await.unwrap();
    let report = old.apply(&database.pool).await.unwrap();
    assert_eq!(report.unknown.iter().map(ToString::to_string).collect::<Vec<_>>(), ["3_note"]);

    let newest = history(&[USERS, BOOKINGS, NOTE, NO_EMAIL]);
    newest.apply(&database.pool).await.unwrap();
    let error = old.apply(&database.pool).await.unwrap_err();
    assert_eq!(
        said(&error),
        "the database has a migration that this binary does not know and is not compatible with:\n  `4_no_email`\n    \
         column `users.email` is dropped\n\
         help: run a newer binary, or revert them with this one"
    );
    let report = old.migrator().revert(&database.pool, 2).await.unwrap();
    assert_eq!(report.reverted.len(), 2);
    assert!(old.apply(&database.pool).await.unwrap().is_empty());
    assert!(old.migrator().verify(&database.pool).await.unwrap().is_clean());
    let plan = old.migrator().plan_revert(&database.pool, RevertTarget::Version(0)).await.unwrap();
    assert_eq!(plan.steps.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_comes_late_runs_where_it_is_disjoint_and_else_both_are_named() {
    let database = Database::create().await;
    let hotels = "migration \"2_hotels\" { create table hotels { id: bigint primary key } }\n";
    let late_note = "migration \"2_late\" { alter table users { add late: text? } }\n";
    history(&[USERS, NOTE]).apply(&database.pool).await.unwrap();

    let error = history(&[USERS, late_note, NOTE]).apply(&database.pool).await.unwrap_err();
    assert_eq!(
        said(&error),
        "`2_late` is not applied, but the later `3_note` is, and both change table public.users\n\
         help: give it a version after `3_note`, or revert the later one first; if it was applied by hand, record that \
         (`baseline 2`, `Migrator::baseline`)"
    );
    let report = history(&[USERS, hotels, NOTE]).apply(&database.pool).await.unwrap();
    assert_eq!(report.applied.len(), 1);
    assert!(history(&[USERS, hotels, NOTE]).apply(&database.pool).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modified_migration_is_refused_and_the_same_meaning_is_not_modified() {
    let database = Database::create().await;
    history(&[USERS, NOTE]).apply(&database.pool).await.unwrap();
    let laid_out = NOTE.replace("{ add", "{\n    // for the support\n    add");
    assert!(history(&[USERS, &laid_out]).apply(&database.pool).await.unwrap().is_empty());

    let modified = NOTE.replace("text?", "varchar(20)?");
    let error = history(&[USERS, &modified]).apply(&database.pool).await.unwrap_err();
    let text = said(&error);
    assert!(text.starts_with("1 applied migration was modified since:\n  `3_note` ("), "{text}");
    assert!(
        text.ends_with(
            "\nhelp: restore the source as it was when applied, and write the change as a new migration; if \
                        the source was corrected deliberately, record the corrected form (`repair`, \
                        `Migrator::repair`)"
        ),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_the_history_that_somebody_deleted_is_out_of_order() {
    let database = Database::create().await;
    let all = history(&[USERS, BOOKINGS, NOTE]);
    all.apply(&database.pool).await.unwrap();
    database.execute("DELETE FROM migrate.history WHERE version = 2").await;
    assert!(all.apply(&database.pool).await.unwrap().is_empty(), "the schema is that of head");

    // It shows when something is to do.
    let all = history(&[USERS, BOOKINGS, NOTE, NO_EMAIL]);
    let text = said(&all.apply(&database.pool).await.unwrap_err());
    assert!(text.starts_with("`2_bookings` is not applied, but the later `3_note` is"), "{text}");
    all.migrator().baseline(&database.pool, 2).await.unwrap();
    assert_eq!(all.apply(&database.pool).await.unwrap().applied.len(), 1);
    assert!(all.migrator().verify(&database.pool).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_is_never_believed_when_the_history_says_otherwise() {
    let database = Database::create().await;
    let (three, all) = (history(&[USERS, BOOKINGS, NOTE]), history(&[USERS, BOOKINGS, NOTE, NO_EMAIL]));
    three.apply(&database.pool).await.unwrap();
    let head = async || database.text("SELECT coalesce(max(version), 0)::text FROM migrate.head").await;
    assert_eq!(head().await, "3");

    // Somebody deletes the last row: the head goes with it.
    database.execute("DELETE FROM migrate.history WHERE version = 3").await;
    assert_eq!(head().await, "0");
    let text = said(&three.apply(&database.pool).await.unwrap_err());
    assert!(text.contains("column \"note\" of relation \"users\" already exists"), "{text}");
    three.migrator().baseline(&database.pool, 3).await.unwrap();
    assert_eq!(head().await, "3");

    // A run that was killed before it wrote the head: the next start writes it.
    database.execute("DELETE FROM migrate.head").await;
    assert!(three.apply(&database.pool).await.unwrap().is_empty());
    assert_eq!(head().await, "3");

    // A run that fails has not got anywhere.
    database.execute("ALTER TABLE users DROP COLUMN email").await;
    all.apply(&database.pool).await.unwrap_err();
    assert_eq!(head().await, "0");
    assert!(three.apply(&database.pool).await.unwrap().is_empty());
    assert_eq!(head().await, "3");

    database.execute("ALTER TABLE users ADD COLUMN email text NOT NULL").await;
    all.apply(&database.pool).await.unwrap();
    all.migrator().revert_to(&database.pool, 0).await.unwrap();
    assert_eq!(head().await, "0");

    // The history is dropped, and the head is left.
    all.apply(&database.pool).await.unwrap();
    database.execute("DROP TABLE migrate.history CASCADE").await;
    let text = said(&all.apply(&database.pool).await.unwrap_err());
    assert!(text.contains("already exists"), "{text}");
}
