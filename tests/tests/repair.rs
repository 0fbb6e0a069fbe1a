//! Applied migrations that are corrected in source: comments are set by the next start, anything else is recorded by a
//! repair, once the database is what the corrected form makes.

use std::time::Duration;

use migrate_runtime::{Error, Event, HistoryError, Migrations};
use tests::{Database, compile, embed};

const MISTAKEN: &str = r#"
migration "0001_users" {
    /// People.
    create table users {
        id: bigint primary key,
        /// Where mail goes.
        email: text,
        age: int?,
    }
}
migration "0002_mistake" {
    create index on users (age);
    insert into users (id, email) values (1, "a");
}
"#;

fn binary(text: &str) -> &'static Migrations {
    embed(compile(text), &[])
}

fn corrected() -> String {
    MISTAKEN.replace("on users (age)", "on users (email)").replace(r#"(1, "a")"#, r#"(1, "b")"#)
}

const COMMENT: &str = "col_description('users'::regclass, 2)";

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_comment_is_set_by_the_next_start_and_an_older_binary_leaves_it() {
    let database = Database::create().await;
    let old = binary(MISTAKEN);
    let new = binary(&MISTAKEN.replace("Where mail goes.", "The address, it's verified.").replace("/// People.", ""));
    old.apply(&database.pool).await.unwrap();
    // Comments of others stay.
    database.execute("COMMENT ON COLUMN users.age IS 'by hand'").await;
    assert!(!new.is_up_to_date(&mut database.pool.acquire().await.unwrap()).await.unwrap());
    let (told, seen) = std::sync::mpsc::channel();
    let migrator = new.migrator().on_event(move |event| {
        if let Event::CommentsChanged { comments, .. } = event {
            let _ = told.send(*comments);
        }
    });
    let report = migrator.apply(&database.pool).await.unwrap();
    assert_eq!(report.recommented.iter().map(ToString::to_string).collect::<Vec<_>>(), ["0001_users"]);
    assert_eq!(seen.try_recv(), Ok(2));
    assert_eq!(database.text(COMMENT).await, "The address, it's verified.");
    assert_eq!(database.text("coalesce(obj_description('users'::regclass), 'none')").await, "none");
    assert_eq!(database.text("col_description('users'::regclass, 3)").await, "by hand");
    assert!(new.is_up_to_date(&mut database.pool.acquire().await.unwrap()).await.unwrap());
    assert!(new.apply(&database.pool).await.unwrap().is_empty());
    // A replica of the release before starts once more.
    assert!(old.apply(&database.pool).await.unwrap().is_empty());
    assert!(old.is_up_to_date(&mut database.pool.acquire().await.unwrap()).await.unwrap());
    assert_eq!(database.text(COMMENT).await, "The address, it's verified.");
    let found = new.migrator().verify(&database.pool).await.unwrap();
    let lines: Vec<String> = found.differences.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["column `users.age`: expected comment none, found `by hand`"]);
    // It can be reverted by both.
    old.migrator().revert_to(&database.pool, 0).await.unwrap();
    new.apply(&database.pool).await.unwrap();
    assert_eq!(database.text(COMMENT).await, "The address, it's verified.");
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_set_once_by_ten_that_start_together_also_where_the_object_is_gone() {
    let database = Database::create().await;
    binary(MISTAKEN).apply(&database.pool).await.unwrap();
    database.execute("ALTER TABLE users RENAME email TO mail").await;
    let new = binary(&MISTAKEN.replace("Where mail goes.", "New.").replace("People.", "Persons."));
    let starts: Vec<_> = (0..10)
        .map(|_| {
            let pool = database.pool.clone();
            tokio::spawn(async move { new.apply(&pool).await.unwrap() })
        })
        .collect();
    let mut changed = 0;
    for start in starts {
        changed += start.await.unwrap().recommented.len();
    }
    assert_eq!(changed, 1);
    assert_eq!(database.text("obj_description('users'::regclass)").await, "Persons.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_migration_is_recorded_once_the_database_is_what_it_makes() {
    let database = Database::create().await;
    let (mistaken, corrected) = (binary(MISTAKEN), binary(&corrected()));
    mistaken.apply(&database.pool).await.unwrap();
    let error = corrected.apply(&database.pool).await.unwrap_err();
    assert!(matches!(&error, Error::History(HistoryError::Modified(_))), "{error}");
    assert!(error.to_string().contains("(`repair`, `Migrator::repair`)"), "{error}");

    let migrator = corrected.migrator().application("the test");
    let plan = migrator.plan_repair(&database.pool, &[]).await.unwrap();
    assert_eq!(plan.migrations.len(), 1);
    assert_eq!(
        plan.migrations[0].changes.clone().unwrap(),
        [
            "- index `users_age_idx` of `users`",
            "+ index `users_email_idx` of `users`",
            "- INSERT INTO public.users (id, email) VALUES (1, 'a')",
            "+ INSERT INTO public.users (id, email) VALUES (1, 'b')",
        ]
    );
    assert_eq!(
        plan.differences,
        ["index `users_email_idx` of `users`: missing", "index `users_age_idx` of `users`: not expected"]
    );
    let refused = migrator.repair(&database.pool, &[], "why").await.unwrap_err();
    assert!(matches!(&refused, Error::NotRepaired { differences, .. } if differences.len() == 2), "{refused}");
    assert!(corrected.apply(&database.pool).await.is_err(), "nothing was recorded");

    database.execute("DROP INDEX users_age_idx; CREATE INDEX users_email_idx ON users (email)").await;
    let report = migrator.repair(&database.pool, &[], "the wrong column; it's mended").await.unwrap();
    assert_eq!(report.repaired.len(), 1);
    let noted = "SELECT concat_ws('|', version, reason, application, repaired_by = session_user, \
                 checksum_before <> checksum, jsonb_array_length(changes)) FROM migrate.repairs";
    assert_eq!(database.text(noted).await, "2|the wrong column; it's mended|the test|t|t|4");
    assert!(migrator.repair(&database.pool, &[], "again").await.unwrap().is_empty());
    assert!(corrected.apply(&database.pool).await.unwrap().is_empty());
    assert!(migrator.verify(&database.pool).await.unwrap().is_clean());
    // The release before, with the mistake, still starts.
    assert!(mistaken.apply(&database.pool).await.unwrap().is_empty());
    // Where it was never applied the corrected form is applied as it is, and what follows applies to both.
    let next = binary(&format!(
        "{}\nmigration \"0003_next\" {{ create table later {{ id: bigint primary key }} }}",
        self::corrected()
    ));
    assert_eq!(next.apply(&database.pool).await.unwrap().applied.len(), 1);
    let production = Database::create().await;
    assert_eq!(next.apply(&production.pool).await.unwrap().applied.len(), 3);
    assert!(next.migrator().repair(&production.pool, &[], "nothing").await.unwrap().is_empty());
    // What reverts it is that of the corrected form.
    next.migrator().revert_to(&database.pool, 0).await.unwrap();
    assert_eq!(database.text("SELECT count(*) FROM pg_class WHERE relname LIKE 'users%'").await, "0");
}

/// Bookings whose corrected form has another type, default, check, key, enum value, index and table, and no longer what was
/// wrong.
const WRONG: &str = r#"
migration "0001_bookings" {
    create enum state { open, closed }
    create table users { id: bigint primary key }
    create table bookings {
        id: bigint primary key,
        user_id: bigint?,
        state: state = open,
        total: int?,
        code: varchar(10)?,
        changed_at: timestamptz = now(),
        check (total > 1),
    }
    create index on bookings (total);
}
"#;

const RIGHT: &str = r#"
migration "0001_bookings" {
    create enum state { draft, open, paid, closed }
    create table users { id: bigint primary key }
    create table rooms { id: bigint primary key, name: text unique }
    create table bookings {
        id: bigint primary key,
        user_id: bigint references users,
        room_id: bigint? references rooms,
        state: state = paid,
        total: bigint? check (total >= 0),
        code: varchar(20)?,
        changed_at: timestamptz = now() on update now(),
    }
    create unique index on bookings (code);
    create view paid as select id, total from bookings where state = paid;
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_applies_the_differences_and_says_what_ran() {
    let database = Database::create().await;
    binary(WRONG).apply(&database.pool).await.unwrap();
    database
        .execute("INSERT INTO users VALUES (7); INSERT INTO bookings (id, user_id, total, code) VALUES (1, 7, 5, 'a')")
        .await;
    let migrations = binary(RIGHT);
    let migrator = migrations.migrator();
    let plan = migrator.plan_repair(&database.pool, &[]).await.unwrap();
    assert_eq!(plan.left, [] as [String; 0]);
    assert!(plan.statements.iter().any(|sql| sql.starts_with("CREATE UNIQUE INDEX CONCURRENTLY")), "{plan:?}");
    assert!(matches!(migrator.repair(&database.pool, &[], "no").await, Err(Error::NotRepaired { .. })));
    let report = migrator.apply_repair(&database.pool, &[], "it's mended").await.unwrap();
    assert_eq!(report.repaired[0].ran, plan.statements);
    let verified = migrator.verify(&database.pool).await.unwrap();
    assert!(verified.is_clean(), "{:?}", verified.differences);
    assert_eq!(database.text("SELECT concat(id, user_id, total, code) FROM bookings").await, "175a");
    let noted = "SELECT reason || (SELECT count(*) FROM jsonb_array_elements_text(changes) AS line WHERE line LIKE 'ran: %') \
                 FROM migrate.repairs";
    assert_eq!(database.text(noted).await, format!("it's mended{}", plan.statements.len()));
    assert_eq!(database.text("SELECT count(*) FROM migrate.journal").await, "0");
    assert!(migrations.apply(&database.pool).await.unwrap().is_empty());
    migrator.revert_to(&database.pool, 0).await.unwrap();
    migrations.apply(&database.pool).await.unwrap();
    assert!(migrator.verify(&database.pool).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_is_killed_again_and_again_is_finished_by_the_next_one() {
    let database = Database::create().await;
    binary(WRONG).apply(&database.pool).await.unwrap();
    database.execute("INSERT INTO users VALUES (7); INSERT INTO bookings (id, user_id, code) SELECT n, 7, n FROM generate_series(1, 2000) n").await;
    let migrations = binary(RIGHT);
    for after in 0..25 {
        let migrator = migrations.migrator();
        let repair = migrator.apply_repair(&database.pool, &[], "killed");
        let _ = tokio::time::timeout(Duration::from_millis(40 + after * 8), repair).await;
    }
    migrations.migrator().apply_repair(&database.pool, &[], "at last").await.unwrap();
    let verified = migrations.migrator().verify(&database.pool).await.unwrap();
    assert!(verified.is_clean(), "{:?}", verified.differences);
    assert_eq!(database.text("SELECT count(*) FROM migrate.repairs").await, "1");
    assert_eq!(database.text("SELECT count(*) FROM migrate.journal").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_never_drops_values_and_then_applies_nothing() {
    let database = Database::create().await;
    let wrong = binary(WRONG);
    wrong.apply(&database.pool).await.unwrap();
    let without =
        binary(&WRONG.replace("        code: varchar(10)?,\n", "").replace("bookings (total)", "bookings (user_id)"));
    let error = without.migrator().apply_repair(&database.pool, &[], "gone").await.unwrap_err();
    let Error::NotRepaired { left, .. } = &error else { panic!("{error}") };
    assert_eq!(left, &["column `bookings.code`: not expected"]);
    assert!(error.to_string().contains("without losing rows or values"), "{error}");
    // The index was not touched either.
    assert!(wrong.migrator().verify(&database.pool).await.unwrap().is_clean());
    let narrower = binary(&WRONG.replace("varchar(10)", "varchar(5)"));
    let plan = narrower.migrator().plan_repair(&database.pool, &[]).await.unwrap();
    assert_eq!(plan.left, ["column `bookings.code`: expected `varchar(5)`, found `varchar(10)`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_repairs_at_once_and_some_that_are_killed_record_it_once() {
    let database = Database::create().await;
    let corrected = binary(&corrected());
    binary(MISTAKEN).apply(&database.pool).await.unwrap();
    database.execute("DROP INDEX users_age_idx; CREATE INDEX users_email_idx ON users (email)").await;
    for after in 0..20 {
        let migrator = corrected.migrator();
        let _ = tokio::time::timeout(Duration::from_millis(after * 4), migrator.repair(&database.pool, &[], "killed"))
            .await;
    }
    let repairs: Vec<_> = (0..10)
        .map(|_| {
            let pool = database.pool.clone();
            tokio::spawn(async move { corrected.migrator().repair(&pool, &[2], "ten").await.unwrap() })
        })
        .collect();
    for repair in repairs {
        repair.await.unwrap();
    }
    assert_eq!(database.text("SELECT count(*) FROM migrate.repairs").await, "1");
    assert!(corrected.apply(&database.pool).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_library_applied_is_compared_with_the_database_alone() {
    let database = Database::create().await;
    binary(MISTAKEN).apply(&database.pool).await.unwrap();
    database.execute("UPDATE migrate.history SET footprint = footprint - 'identity' - 'operations'").await;
    let new = binary(&MISTAKEN.replace("Where mail goes.", "New.").replace("age: int?", "age: bigint?"));
    let plan = new.migrator().plan_repair(&database.pool, &[]).await.unwrap();
    assert_eq!(plan.migrations[0].changes, None);
    assert_eq!(plan.differences, ["column `users.age`: expected `bigint`, found `integer`"]);
    database.execute("ALTER TABLE users ALTER age TYPE bigint").await;
    let report = new.migrator().repair(&database.pool, &[], "bigger").await.unwrap();
    assert_eq!(report.repaired.len(), 1);
    assert!(new.apply(&database.pool).await.unwrap().is_empty());
}
