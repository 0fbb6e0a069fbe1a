//! Every case in `cases/` on a real server: each migration is applied, the live catalog equals the predicted one, it is
//! reverted, the live catalog equals the one before, it is applied again, and applying once more does nothing.

use std::path::Path;
use std::{fs, process::ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use migrate_core::plan::{Down, Migration};
use migrate_runtime::Target;
use tests::cases::{FUNCTIONS, cases, folder, name, needs_newer_server};
use tests::{Database, chain, compile, embed, predicted};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = cases().into_iter().map(|path| Trial::test(name(&path), move || run(&path))).collect();
    trials.push(Trial::test("every_item_of_the_language_has_a_case", every_item_has_a_case));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A folder of `cases/` is named after the item of the language that its cases show.
fn every_item_has_a_case() -> Result<(), Failed> {
    let missing: Vec<&str> = migrate_compiler::item_names()
        .filter(|item| !cases().iter().any(|path| path.starts_with(folder().join(item))))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no case in cases/ for: {}", missing.join(", ")).into()) }
}

fn run(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let migrations = compile(&text);
    if needs_newer_server(&text) {
        // It must compile all the same.
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(apply_and_revert(&migrations));
    Ok(())
}

async fn apply_and_revert(migrations: &[Migration]) {
    let database = Database::create().await;
    let all = embed(migrations.to_vec(), FUNCTIONS);
    let migrator = all.migrator();
    let nothing = database.catalog().await;
    for (index, migration) in migrations.iter().enumerate() {
        let name = format!("{}_{}", migration.version, migration.name);
        let before = database.catalog().await;
        let expected = predicted(migrations.get(..=index).expect("an index"));
        let target = Target::Version(migration.version);
        migrator.apply_to(&database.pool, target).await.unwrap_or_else(|error| panic!("up {name}: {}", chain(&error)));
        database.assert_same(&expected, &format!("after up {name}")).await;
        if matches!(migration.down, Down::Irreversible { .. }) {
            continue;
        }
        migrator.revert(&database.pool, 1).await.unwrap_or_else(|error| panic!("down {name}: {}", chain(&error)));
        database.assert_same(&before, &format!("after down {name}")).await;
        migrator
            .apply_to(&database.pool, target)
            .await
            .unwrap_or_else(|error| panic!("up again {name}: {}", chain(&error)));
        database.assert_same(&expected, &format!("after up again {name}")).await;
    }
    let again = all.apply(&database.pool).await.unwrap_or_else(|error| panic!("apply again: {}", chain(&error)));
    assert!(again.applied.is_empty(), "the second apply did something: {again:?}");
    if migrations.iter().all(|migration| matches!(migration.down, Down::Script { .. })) {
        let count = u32::try_from(migrations.len()).expect("few migrations");
        migrator
            .revert(&database.pool, count as usize)
            .await
            .unwrap_or_else(|error| panic!("down all: {}", chain(&error)));
        database.assert_same(&nothing, "after down of everything").await;
    }
}
