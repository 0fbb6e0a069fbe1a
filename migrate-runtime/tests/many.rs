//! Many databases at once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use migrate_runtime::many::{Database as One, Many, ManyReport, Outcome};
use migrate_runtime::{Error, Event, HistoryError, Migrations, StepContext, StepFuture};
use sqlx::ConnectOptions as _;
use support::*;

async fn databases(count: usize) -> Vec<Database> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(Database::new().await);
    }
    all
}

fn ones(databases: &[Database]) -> Vec<One> {
    databases.iter().map(|database| One::at(database.options.to_url_lossy().as_str()).unwrap()).collect()
}

fn counts(report: &ManyReport) -> (usize, usize, usize) {
    let not_begun = report.databases.iter().filter(|one| matches!(one.outcome, Outcome::NotBegun)).count();
    (report.changed().count(), report.failures().count(), not_begun)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_does_not_stop_the_others_and_a_rerun_does_what_is_left() {
    let all = migrations(vec![table(1, "one"), table(2, "two")]);
    let databases = databases(6).await;
    databases[2].run("CREATE TABLE two (mine int)").await;
    let migrator = all.migrator();
    let report = migrator.apply_to_all(ones(&databases), Many::default().at_once(3)).await;
    assert_eq!(counts(&report), (5, 1, 0));
    assert!(!report.is_complete());
    let (name, error) = report.failures().next().unwrap();
    assert!(name.ends_with(databases[2].options.get_database().unwrap()), "{name}");
    assert!(error.to_string().contains("relation \"two\" already exists"), "{error}");
    assert_eq!(error.report().unwrap().applied.len(), 1);

    databases[2].run("DROP TABLE two").await;
    let report = migrator.apply_to_all(ones(&databases), Many::default()).await;
    assert_eq!(counts(&report), (1, 0, 0));
    assert!(report.is_complete());
    assert_eq!(report.changed().next().unwrap().1.applied.len(), 1);
    assert_eq!(report.databases.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_failure_stops_when_that_is_asked_for() {
    let all = migrations(vec![table(1, "one")]);
    let databases = databases(5).await;
    databases[1].run("CREATE TABLE one (mine int)").await;
    let how = Many::default().at_once(1).stop_at_failure(true);
    let report = all.migrator().apply_to_all(ones(&databases), how).await;
    assert_eq!(counts(&report), (1, 1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_reached_is_a_failure_like_another() {
    let all = migrations(vec![table(1, "one")]);
    let databases = databases(1).await;
    let mut wanted = ones(&databases);
    let missing = databases[0].options.clone().database("no_such_database");
    wanted.insert(0, One::new("missing", missing));
    let task = async move { all.migrator().apply_to_all(wanted, Many::default()).await };
    let report = tokio::spawn(task).await.unwrap();
    assert_eq!(counts(&report), (1, 1, 0));
    assert_eq!(report.failures().next().unwrap().0, "missing");
}

/// The first three wait for each other.
fn meet<'a>(_: &'a mut StepContext<'_>) -> StepFuture<'a> {
    static CAME: AtomicUsize = AtomicUsize::new(0);
    Box::pin(async {
        CAME.fetch_add(1, Ordering::SeqCst);
        eventually("three are worked on at once", || CAME.load(Ordering::SeqCst) >= 3).await;
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_asked_for_are_worked_on_at_once_and_events_name_their_database() {
    let meets = migration(2, "meets", vec![together(vec![run("meet")])], vec![]);
    let all = migrations(vec![table(1, "one"), meets.calling("meet", meet), table(3, "three")]);
    let databases = databases(8).await;
    let (working, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let names = Arc::new(Mutex::new(BTreeSet::new()));
    let (seen, peak, told) = (Arc::clone(&working), Arc::clone(&most), Arc::clone(&names));
    let how = Many::default().at_once(3).on_event(move |name, event| match event {
        Event::LockAcquired { .. } => {
            told.lock().unwrap().insert(name.to_string());
            peak.fetch_max(seen.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        }
        Event::Finished(_) => {
            seen.fetch_sub(1, Ordering::SeqCst);
        }
        _ => {}
    });
    let report = all.migrator().apply_to_all(ones(&databases), how).await;
    assert_eq!(counts(&report), (8, 0, 0));
    assert_eq!(names.lock().unwrap().len(), 8);
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_are_found_by_a_pattern() {
    let any = Database::new().await;
    let prefix = format!("tenant_of_{}", any.options.get_database().unwrap());
    for tenant in ["b", "a"] {
        any.run(&format!("CREATE DATABASE {prefix}_{tenant}")).await;
    }
    let migrator = migrations(vec![table(1, "one")]).migrator();
    let found = migrator.databases_like(&any.pool, &format!("{}\\_%", prefix.replace('_', "\\_"))).await.unwrap();
    let names: Vec<&str> = found.iter().map(One::name).collect();
    assert_eq!(names, [format!("{prefix}_a"), format!("{prefix}_b")]);
    assert_eq!(counts(&migrator.apply_to_all(found, Many::default()).await), (2, 0, 0));
}

/// Two tables, then a note in the second, with a row, that is taken back in two parts.
fn three() -> &'static Migrations {
    let note = sql("ALTER TABLE public.two ADD COLUMN note text");
    let row = sql("INSERT INTO public.two (id) VALUES (1)");
    migrations(vec![
        table(1, "one"),
        table(2, "two"),
        migration(
            3,
            "note",
            vec![together(vec![note]), together(vec![row])],
            vec![
                together(vec![sql("DELETE FROM public.two WHERE id = 1")]),
                together(vec![sql("ALTER TABLE public.two DROP COLUMN note")]),
            ],
        ),
    ])
}

/// The schemas of tenants at these versions; without a history at 0.
async fn tenants(database: &Database, versions: &[(&str, i64)]) {
    for (name, version) in versions {
        database.run(&format!("CREATE SCHEMA {name}")).await;
        if *version > 0 {
            let migrator = three().migrator().schema(*name);
            migrator.apply_to(&database.pool, migrate_runtime::Target::Version(*version)).await.unwrap();
        }
    }
}

fn reverted(report: &ManyReport) -> Vec<(&str, usize)> {
    report.changed().map(|(name, report)| (name, report.reverted.len())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_go_back_to_a_version_and_a_rerun_takes_back_what_is_left_and_no_more() {
    let database = Database::new().await;
    tenants(&database, &[("t_a", 3), ("t_behind", 1), ("t_new", 0), ("t_used", 3), ("t_z", 2)]).await;
    database.run("CREATE VIEW t_used.notes AS SELECT note FROM t_used.two").await;
    let migrator = three().migrator();
    let all = migrator.schemas_like(&database.pool, "t\\_%").await.unwrap();
    let report = migrator.revert_all_to(all.clone(), 2, Many::default().at_once(3)).await;
    assert_eq!(reverted(&report), [("t_a", 1)]);
    let failed: Vec<&str> = report.failures().map(|(name, _)| name).collect();
    assert_eq!(failed, ["t_used"]);
    assert_eq!(report.done().count(), 4, "one that is not as far has nothing to take back");
    assert!(!database.has_table("t_new.migrate_history").await, "looking makes no tables");

    database.run("DROP VIEW t_used.notes").await;
    let report = migrator.revert_all_to(all.clone(), 2, Many::default()).await;
    assert_eq!((reverted(&report), report.is_complete()), (vec![("t_used", 1)], true));
    let report = migrator.revert_all_to(all.clone(), 2, Many::default()).await;
    assert_eq!((reverted(&report), report.is_complete()), (vec![], true));
    for (tenant, left) in [("t_a", "1,2"), ("t_behind", "1"), ("t_used", "1,2"), ("t_z", "1,2")] {
        let versions = format!("SELECT string_agg(version::text, ',' ORDER BY version) FROM {tenant}.migrate_history");
        assert_eq!(database.value(&versions).await, left, "{tenant}");
    }
    let report = migrator.revert_all_to(all, 0, Many::default()).await;
    assert_eq!(reverted(&report), [("t_a", 2), ("t_behind", 1), ("t_used", 2), ("t_z", 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_cannot_be_read_is_in_nobody_elses_way() {
    let database = Database::new().await;
    tenants(&database, &[("t_behind", 1), ("t_broken", 3), ("t_new", 0), ("t_z", 3)]).await;
    database.run("ALTER TABLE t_broken.migrate_history RENAME version TO number").await;
    let migrator = three().migrator();
    let mut all = migrator.schemas_like(&database.pool, "t\\_%").await.unwrap();
    all.push(One::schema_of(&database.pool, "t_gone"));
    let report = migrator.revert_all_to(all, 2, Many::default()).await;
    assert_eq!(reverted(&report), [("t_z", 1)]);
    let failed: Vec<&str> = report.failures().map(|(name, _)| name).collect();
    assert_eq!(failed, ["t_broken", "t_gone"]);
    assert!(matches!(report.failures().last(), Some((_, Error::NoSchema { .. }))));
    assert!(!database.has_table("t_new.migrate_history").await, "looking makes no tables");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_nobody_has_is_refused_and_nothing_is_taken_back() {
    let database = Database::new().await;
    tenants(&database, &[("t_a", 3), ("t_b", 1)]).await;
    let migrator = three().migrator();
    for version in [7, -1] {
        let all = migrator.schemas_like(&database.pool, "t\\_%").await.unwrap();
        let report = migrator.revert_all_to(all, version, Many::default()).await;
        assert_eq!(counts(&report), (0, 2, 0));
        let (_, error) = report.failures().next().unwrap();
        assert!(matches!(error, Error::History(HistoryError::UnknownTarget { .. })), "{error}");
    }
    // A newer binary's version, in one that has it: it may be gone back to.
    let older = migrations(vec![table(1, "one")]).migrator();
    let report = older.revert_all_to([One::schema_of(&database.pool, "t_a")], 2, Many::default()).await;
    assert_eq!(reverted(&report), [("t_a", 1)]);
    let report = older.revert_all_to([One::schema_of(&database.pool, "t_a")], 2, Many::default()).await;
    assert_eq!(counts(&report), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_are_reverted_once_one_has_failed_where_that_is_asked_for() {
    let databases = databases(4).await;
    let migrator = three().migrator();
    assert!(migrator.apply_to_all(ones(&databases), Many::default()).await.is_complete());
    databases[1].run("CREATE VIEW notes AS SELECT note FROM two").await;
    let how = Many::default().at_once(1).stop_at_failure(true);
    assert_eq!(counts(&migrator.revert_all_to(ones(&databases), 2, how).await), (1, 1, 2));
    databases[1].run("DROP VIEW notes").await;
    let report = migrator.revert_all_to(ones(&databases), 2, Many::default()).await;
    assert_eq!(counts(&report), (3, 0, 0));
    for database in &databases {
        assert_eq!(database.versions().await, ["1", "2"]);
    }
    let report = migrator.revert_all_to(ones(&databases), 2, Many::default()).await;
    assert_eq!(counts(&report), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_half_applied_is_taken_back_wherever_it_is() {
    let database = Database::new().await;
    tenants(&database, &[("t_a", 2), ("t_b", 2), ("t_c", 0)]).await;
    database.run("INSERT INTO t_b.two VALUES (1)").await;
    let migrator = three().migrator();
    let all = migrator.schemas_like(&database.pool, "t\\_%").await.unwrap();
    let report = migrator.apply_to_all(all.clone(), Many::default()).await;
    assert_eq!(counts(&report), (2, 1, 0));
    let report = migrator.abandon_all(all.clone(), Many::default()).await;
    assert_eq!((reverted(&report), report.is_complete()), (vec![("t_b", 1)], true));
    assert_eq!(database.value("SELECT count(*)::text FROM t_a.migrate_history").await, "3");
    let report = migrator.abandon_all(all, Many::default()).await;
    assert_eq!(counts(&report), (0, 0, 0));

    let databases = databases(2).await;
    assert!(migrator.abandon_all(ones(&databases), Many::default()).await.is_complete());
    assert!(!databases[0].has_table("migrate.history").await, "looking makes no tables");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_looked_at_through_the_few_connections_of_a_pool() {
    let database = Database::new().await;
    let names: Vec<String> = (10..40).map(|number| format!("t_{number}")).collect();
    let versions: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), i64::from(name == "t_17"))).collect();
    tenants(&database, &versions).await;
    let migrator = three().migrator();
    let all = migrator.schemas_like(&database.pool, "t\\_%").await.unwrap();
    let tenants = all.clone();
    let looking = tokio::spawn(async move { migrator.status_of_all(tenants, Many::default().at_once(64)).await });
    let statuses = looking.await.unwrap();
    assert!(statuses.is_complete() && statuses.databases.len() == 30);
    let begun: Vec<&str> =
        statuses.done().filter(|(_, status)| status.current.is_some()).map(|(name, _)| name).collect();
    assert_eq!(begun, ["t_17"]);
    let clean = migrations(vec![]).migrator();
    let found = tokio::spawn(async move { clean.verify_all(all, Many::default().at_once(64)).await }).await.unwrap();
    let drifted: Vec<&str> = found.done().filter(|(_, found)| !found.is_clean()).map(|(name, _)| name).collect();
    assert_eq!(drifted, ["t_17"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_looked_at_does_not_keep_the_others_from_it() {
    let databases = databases(2).await;
    let mut wanted = ones(&databases);
    let missing = databases[0].options.clone().database("no_such_database");
    wanted.insert(1, One::new("missing", missing));
    let report = three().migrator().status_of_all(wanted, Many::default()).await;
    let failed: Vec<&str> = report.failures().map(|(name, _)| name).collect();
    assert_eq!((failed, report.done().count(), report.is_complete()), (vec!["missing"], 2, false));
    assert!(report.done().all(|(_, status)| status.pending().count() == 3));
}
