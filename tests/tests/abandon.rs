//! Taking back what is half applied: every migration of `cases/` that has several parts is stopped at every border
//! between them, and taken back; the live catalog is the one before, and the migration can be applied after that.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, process::ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use migrate_core::plan::{Migration, Mode, Postcondition, Work};
use migrate_runtime::Event;
use tests::cases::{cases, name, needs_newer_server};
use tests::{Database, assert_same, compile, embed, predicted};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = cases().into_iter().map(|path| Trial::test(name(&path), move || run(&path)));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn run(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    // Steps in Rust have a test of their own.
    if needs_newer_server(&text) || text.contains("crate::step") {
        return Ok(());
    }
    let migrations = compile(&text);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut stops = 0;
        for (index, migration) in migrations.iter().enumerate() {
            if migration.up.segments.len() < 2 && migration.up.segments.iter().all(|one| one.mode != Mode::Alone) {
                continue;
            }
            for (number, segment) in migration.up.segments.iter().enumerate() {
                for how in ways_to_stop(number, segment.mode) {
                    stops += usize::from(stop_and_take_back(&migrations, index, number, *how).await);
                }
            }
        }
        println!("{}: {stops} stops", path.display());
    });
    Ok(())
}

/// What became of the statement at which it was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// It did nothing.
    Before,
    /// It stands alone, is done, and nobody has noted that.
    After,
    /// It left an INVALID index.
    Invalid,
}

/// Every border is a stop. In long migrations, which have many statements of one kind, each that stands alone is stopped in one
/// way after another.
fn ways_to_stop(number: usize, mode: Mode) -> &'static [How] {
    const ALL: [How; 3] = [How::Before, How::After, How::Invalid];
    match number % 3 {
        _ if number < 6 => &ALL,
        1 if mode == Mode::Alone => &ALL[1..2],
        2 if mode == Mode::Alone => &ALL[2..],
        _ => &ALL[..1],
    }
}

/// Whether there is such a stop.
async fn stop_and_take_back(migrations: &[Migration], index: usize, segment: usize, how: How) -> bool {
    let migration = &migrations[index];
    let stopped = &migration.up.segments[segment];
    let index_name = stopped.statements.first().and_then(|statement| match &statement.postcondition {
        Some(Postcondition::IndexExists { schema, index, .. }) => Some(format!("\"{schema}\".\"{index}\"")),
        _ => None,
    });
    let is_last = segment + 1 == migration.up.segments.len();
    match how {
        How::Before => {}
        How::After if stopped.mode == Mode::Alone && !is_last => {}
        How::Invalid if index_name.is_some() && !is_last => {}
        _ => return false,
    }
    let name = format!("{}_{} stopped at part {}, {how:?}", migration.version, migration.name, segment + 1);
    let database = Database::create().await;
    let before = embed(migrations[..index].to_vec(), &[]);
    before.apply(&database.pool).await.unwrap_or_else(|error| panic!("{name}: before: {error}"));
    let catalog = database.catalog().await;

    let failing_at = if how == How::Before { segment } else { segment + 1 };
    let mut failing = migrations[..=index].to_vec();
    let failing_segment = &mut failing[index].up.segments.to_mut()[failing_at];
    let is_alone = failing_segment.mode == Mode::Alone;
    let statements = failing_segment.statements.to_mut();
    // In a transaction what comes after it stays, for that is stored and says what would still have been done.
    let mut division = statements[0].clone();
    division.work = Work::Sql("SELECT 1 / 0".into());
    division.postcondition = None;
    division.locks = [].as_slice().into();
    if is_alone {
        *statements = vec![division];
    } else {
        statements.insert(0, division);
    }
    let failing = embed(failing, &[]);
    failing.apply(&database.pool).await.expect_err("a division by zero");
    if database.text("SELECT count(*) FROM migrate.journal").await == "0" {
        // Nothing was kept of a first part that failed.
        assert_same(&catalog, &database.catalog().await, &name);
        return false;
    }
    if how != How::Before {
        database.execute(&format!("UPDATE migrate.journal SET segment = {segment}, running = true")).await;
    }
    if let Some(index) = index_name.filter(|_| how == How::Invalid) {
        let sql = format!("UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{index}'::regclass");
        database.execute(&sql).await;
    }

    // A binary in which the migration is another one: what was begun is in the journal.
    let whole = embed(migrations[..=index].to_vec(), &[]);
    let mut changed = migrations[..=index].to_vec();
    changed[index].checksum = migrate_core::plan::Checksum::of("changed");
    let changed = embed(changed, &[]);
    let binary = if segment.is_multiple_of(2) { whole } else { changed };
    killed_at_a_statement(binary, &database, segment).await;
    if segment % 3 == 2 {
        // Any start goes on with it.
        binary.apply(&database.pool).await.unwrap_or_else(|error| panic!("{name}: start: {error}"));
        database.assert_same(&predicted(&migrations[..=index]), &name).await;
    }
    let report = binary.migrator().abandon(&database.pool).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    if segment % 3 != 2 {
        assert_same(&catalog, &database.catalog().await, &name);
        assert!(report.reverted.len() <= 1, "{report:?}");
    }
    assert_eq!(database.text("SELECT count(*) FROM migrate.journal").await, "0", "{name}");
    binary.apply(&database.pool).await.unwrap_or_else(|error| panic!("{name}: apply after: {error}"));
    database.assert_same(&predicted(&migrations[..=index]), &format!("{name}: applied after")).await;
    true
}

/// Takes it back, and is gone at the statement of that number.
async fn killed_at_a_statement(binary: &'static migrate_runtime::Migrations, database: &Database, number: usize) {
    let seen = Arc::new(AtomicUsize::new(0));
    let killed = Arc::new(tokio::sync::Notify::new());
    let (count, kill) = (Arc::clone(&seen), Arc::clone(&killed));
    let migrator = binary.migrator().on_event(move |event| {
        if matches!(event, Event::StatementStarted(_)) && count.fetch_add(1, Ordering::Relaxed) == number {
            kill.notify_one();
        }
    });
    tokio::select! {
        () = killed.notified() => {}
        result = migrator.abandon(&database.pool) => { result.unwrap_or_else(|error| panic!("{error}")); }
    }
}
