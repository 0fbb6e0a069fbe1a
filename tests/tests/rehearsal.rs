//! What the compiler predicts of each statement, beside what the server does: locks and rewrites, of every case, up,
//! down and up again.

use migrate_core::plan::LockMode;
use migrate_runtime::rehearse::{Pass, Rehearsal, Stage, Surprise};
use tests::cases::{FUNCTIONS, each};
use tests::{Database, compile, embed};

fn surprises(rehearsal: &Rehearsal) -> Vec<String> {
    let line = |(migration, statement, surprise): (
        &migrate_runtime::rehearse::RehearsedMigration,
        &migrate_runtime::rehearse::RehearsedStatement,
        &Surprise,
    )| format!("{:?} {}: {surprise}\n    {}", migration.pass, migration.migration, statement.sql);
    rehearsal.surprises().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_locks_and_rewrites_what_was_predicted() {
    let (mut statements, mut strong, mut rewrites, mut wrong) = (0, 0, 0, Vec::new());
    let each = each(async |path, text| {
        let all = embed(compile(text), FUNCTIONS);
        let database = Database::create().await;
        let rehearsal = all.migrator().rehearse(&database.pool, Stage::Here).await.expect("a rehearsal");
        if let Some(failure) = &rehearsal.failure {
            panic!("{}: {failure}", path.display());
        }
        (path.to_owned(), rehearsal)
    });
    for (path, rehearsal) in each.await {
        let seen = rehearsal.migrations.iter().flat_map(|migration| &migration.statements);
        for statement in seen {
            statements += 1;
            strong += statement.observed.iter().filter(|lock| lock.mode >= LockMode::ShareUpdateExclusive).count();
            rewrites += statement.rewritten.len();
        }
        wrong.extend(surprises(&rehearsal).into_iter().map(|line| format!("{}: {line}", path.display())));
    }
    println!("{statements} statements, {strong} locks from SHARE UPDATE EXCLUSIVE on, {rewrites} rewrites");
    assert!(strong > 50 && rewrites > 3, "{strong} {rewrites}");
    assert!(wrong.is_empty(), "{} of the predictions are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

const TRIPS: &str = r#"
migration "0001_trips" { create table trips { id: bigint primary key, n: int } }
migration "0002_index" {
    create index on trips (n);
    #[allow(rewrites_table, reason = "a test")]
    alter table trips alter n: bigint;
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_migrated_and_dropped_and_its_template_is_left_alone() {
    let all = embed(compile(TRIPS), &[]);
    let template = Database::create().await;
    template.execute("CREATE TABLE other (id int)").await;
    let name = template.text("SELECT current_database()").await;
    template.pool.close().await;
    let any = Database::create().await;
    let rehearsal = all.migrator().rehearse(&any.pool, Stage::CopyOf(name.clone())).await.expect("a rehearsal");
    assert!(rehearsal.is_clean(), "{:?} {:#?}", rehearsal.failure, surprises(&rehearsal));
    let passes: Vec<Pass> = rehearsal.migrations.iter().map(|migration| migration.pass).collect();
    assert_eq!(passes, [Pass::Up, Pass::Up, Pass::Down, Pass::Down, Pass::UpAgain, Pass::UpAgain]);
    let changed = rehearsal.migrations.get(1).expect("0002");
    assert!(changed.statements.iter().all(|statement| statement.elapsed.is_some()), "{changed:#?}");
    assert_eq!(changed.statements.last().expect("alter").rewritten, ["public.trips"]);
    let left = any.text("SELECT count(*) FROM pg_database WHERE datname LIKE 'migrate_rehearsal_%'").await;
    assert_eq!(left, "0");
    let template = Database::connect(&name).await;
    assert_eq!(
        template.text("SELECT to_regclass('trips') IS NULL AND to_regnamespace('migrate') IS NULL").await,
        "true"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_prediction_is_found() {
    let mut migrations = compile(TRIPS);
    for migration in &mut migrations {
        for segment in migration.up.segments.to_mut() {
            for statement in segment.statements.to_mut() {
                statement.locks = Vec::new().into();
                statement.duration = migrate_core::plan::Duration::Constant;
            }
        }
    }
    let database = Database::create().await;
    let rehearsal = embed(migrations, &[]).migrator().rehearse(&database.pool, Stage::Here).await.expect("a rehearsal");
    let found = surprises(&rehearsal).join("\n");
    assert!(found.contains("took ACCESS EXCLUSIVE on public.trips; predicted was no lock"), "{found}");
    assert!(found.contains("rewrote public.trips, which was not predicted"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_on_the_data_is_told_with_what_was_seen_before() {
    let history = "migration \"0001_a\" { create table a { id: bigint primary key, n: int } \
                   insert into a (id, n) values (1, 1), (2, 1); } \
                   migration \"0002_unique\" { alter table a add unique (n); }";
    let database = Database::create().await;
    let all = embed(compile(history), &[]);
    let rehearsal = all.migrator().rehearse(&database.pool, Stage::Here).await.expect("a rehearsal");
    let failure = rehearsal.failure.as_ref().expect("duplicates").to_string();
    assert!(failure.contains("cannot apply `0002_unique`"), "{failure}");
    assert_eq!(rehearsal.migrations.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reverted_is_said() {
    let history = "migration \"0001_a\" { create table a { id: bigint primary key } } \
                   migration \"0002_sql\" { sql \"select 1\" irreversible \"nobody knows\"; } \
                   migration \"0003_b\" { create table b { id: bigint primary key } }";
    let database = Database::create().await;
    let all = embed(compile(history), &[]);
    let rehearsal = all.migrator().rehearse(&database.pool, Stage::Here).await.expect("a rehearsal");
    assert_eq!(rehearsal.irreversible.as_deref(), Some("`0002_sql`: nobody knows"));
    let ran: Vec<String> =
        rehearsal.migrations.iter().map(|one| format!("{:?} {}", one.pass, one.migration.version)).collect();
    assert_eq!(ran, ["Up 1", "Up 2", "Up 3", "Down 3", "UpAgain 3"]);
}

const SPENT: &str = r#"
migration "0001_spent" {
    create table users { id: bigint primary key, spent: int }
    insert into users (id, spent) values (1, 10), (2, 20);
    create materialized view totals as select id, spent from users;
    create materialized view later as select spent from users with no data;
}
migration "0002_refreshed" {
    insert into users (id, spent) values (3, 30);
    #[allow(refills_view, reason = "a test")]
    refresh materialized view totals;
    refresh materialized view later;
}
migration "0003_concurrently" {
    create unique index on totals (id);
    refresh materialized view totals;
}
migration "0004_emptied" {
    #[allow(drops_data, reason = "a test")]
    refresh materialized view later with no data;
    alter materialized view totals { set (fillfactor = 80), rename to sums }
}
migration "0005_retyped" {
    #[allow(rewrites_table, refills_view, reason = "a test")]
    alter table users alter spent: bigint;
}
migration "0006_moved" {
    create schema reports;
    comment on materialized view sums is "What everybody has spent.";
    #[allow(breaks_queries, reason = "a test")]
    alter materialized view sums { set schema reports }
}
migration "0007_again" {
    drop materialized view reports.sums;
    create materialized view reports.sums as select id, spent from users;
    drop materialized view later;
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn materialized_views_are_locked_and_written_as_predicted() {
    let all = embed(compile(SPENT), &[]);
    let database = Database::create().await;
    let rehearsal = all.migrator().rehearse(&database.pool, Stage::Here).await.expect("a rehearsal");
    assert!(rehearsal.is_clean(), "{:?} {:#?}", rehearsal.failure, surprises(&rehearsal));
    let seen = |verbs: &[&str], passes: &[Pass]| -> Vec<String> {
        (rehearsal.migrations.iter())
            .filter(|migration| passes.contains(&migration.pass))
            .flat_map(|migration| migration.statements.iter().map(move |statement| (migration.pass, statement)))
            .filter(|(_, statement)| verbs.iter().any(|verb| statement.sql.starts_with(verb)))
            .map(|(pass, statement)| {
                let mode = statement.observed.iter().map(|lock| lock.mode).max();
                let rewritten = statement.rewritten.join(", ");
                format!("{pass:?} {}: {}, {rewritten}", statement.sql, mode.map_or("", LockMode::name))
            })
            .collect()
    };
    let changes = ["ALTER MATERIALIZED VIEW", "DROP MATERIALIZED VIEW", "COMMENT ON MATERIALIZED VIEW"];
    assert_eq!(
        seen(&changes, &[Pass::Up]),
        [
            "Up ALTER MATERIALIZED VIEW public.totals SET (fillfactor = '80'): SHARE UPDATE EXCLUSIVE, ",
            "Up ALTER MATERIALIZED VIEW public.totals RENAME TO sums: ACCESS EXCLUSIVE, ",
            "Up DROP MATERIALIZED VIEW public.sums: ACCESS EXCLUSIVE, ",
            "Up DROP MATERIALIZED VIEW public.later: ACCESS EXCLUSIVE, ",
            "Up COMMENT ON MATERIALIZED VIEW public.sums IS 'What everybody has spent.': SHARE UPDATE EXCLUSIVE, ",
            "Up ALTER MATERIALIZED VIEW public.sums SET SCHEMA reports: ACCESS EXCLUSIVE, ",
            "Up DROP MATERIALIZED VIEW reports.sums: ACCESS EXCLUSIVE, ",
            "Up DROP MATERIALIZED VIEW public.later: ACCESS EXCLUSIVE, ",
        ]
    );
    assert_eq!(
        seen(&["REFRESH"], &[Pass::Up, Pass::Down, Pass::UpAgain]),
        [
            "Up REFRESH MATERIALIZED VIEW public.totals: ACCESS EXCLUSIVE, public.totals",
            "Up REFRESH MATERIALIZED VIEW public.later: ACCESS EXCLUSIVE, public.later",
            "Up REFRESH MATERIALIZED VIEW CONCURRENTLY public.totals: EXCLUSIVE, ",
            "Up REFRESH MATERIALIZED VIEW public.later WITH NO DATA: ACCESS EXCLUSIVE, public.later",
            "Down REFRESH MATERIALIZED VIEW public.later: ACCESS EXCLUSIVE, public.later",
            "Down REFRESH MATERIALIZED VIEW public.later WITH NO DATA: ACCESS EXCLUSIVE, public.later",
            "UpAgain REFRESH MATERIALIZED VIEW public.totals: ACCESS EXCLUSIVE, public.totals",
            "UpAgain REFRESH MATERIALIZED VIEW public.later: ACCESS EXCLUSIVE, public.later",
            "UpAgain REFRESH MATERIALIZED VIEW CONCURRENTLY public.totals: EXCLUSIVE, ",
            "UpAgain REFRESH MATERIALIZED VIEW public.later WITH NO DATA: ACCESS EXCLUSIVE, public.later",
        ]
    );
    assert_eq!(database.text("SELECT count(*) FROM reports.sums").await, "3");
}
