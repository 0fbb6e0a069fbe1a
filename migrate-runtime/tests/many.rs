//! Many databases at once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use migrate_runtime::Event;
use migrate_runtime::many::{Database as One, Many, ManyReport, Outcome};
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

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_asked_for_are_worked_on_at_once_and_events_name_their_database() {
    let all = migrations(vec![table(1, "one"), table(2, "two"), table(3, "three")]);
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
    let most = most.load(Ordering::SeqCst);
    assert!((2..=3).contains(&most), "{most}");
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
