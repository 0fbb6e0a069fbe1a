//! Every change of `changes/`: a schema is typed over a history, the migration to it is generated and completed as its author
//! would, and applied to tables with rows on a real server. The live catalog equals the schema then, there is nothing more to
//! generate, and the way back leads to where it began.
//!
//! `UPDATE_CHANGES=1` writes what is generated into the cases.

mod case;
mod edit;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use migrate_compiler::generate::{Generated, generate, questions, renames_of};
use migrate_compiler::{History, Renamed};
use migrate_core::plan::{Down, Migration};
use migrate_runtime::Target;
use tests::{Database, chain, embed};

use case::{Case, DownOf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("changes")
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder()).expect("changes/ can be read").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let named = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let trials = paths.into_iter().map(|path| Trial::test(named(&path), move || run(&path))).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let case = Case::parse(&text)?;
    let mut history = History::new(case.postgres);
    let before = history.push("1_before", case.before).map_err(|wrong| format!("the history: {wrong:#?}"))?;
    let generated = to_schema(&history, &case)?;
    if std::env::var_os("UPDATE_CHANGES").is_some() {
        fs::write(path, case::with_generated(&text, &generated.text))?;
    } else if generated.text.trim() != case.generated.trim() {
        return Err(
            format!("another migration than in the case (UPDATE_CHANGES=1 writes it):\n{}", generated.text).into()
        );
    }
    let completed = edit::apply(&generated.text, case.edit)?;
    if !case.edit.is_empty() && history.check(&generated.text).is_empty() {
        return Err(format!("it compiles without the edits of the case:\n{}", generated.text).into());
    }
    let compiled = history.push("2_change", &completed);
    let change = compiled.map_err(|wrong| format!("{completed}\ndoes not compile: {wrong:#?}"))?;
    let after = to_schema(&history, &Case { drop: "", ..case })?;
    if !after.operations.is_empty() {
        return Err(format!("after it there is more to generate:\n{}\nbehind\n{completed}", after.text).into());
    }
    if tests::server().major() < case.postgres {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(apply(&case, before, change, &history))
}

/// What leads from a history to the schema of a case.
fn to_schema(history: &History, case: &Case<'_>) -> Result<Generated, Failed> {
    let beside = history.beside_text(case.schema).map_err(|wrong| format!("the schema: {wrong:#?}"))?;
    let renames = renames_of(&beside.renames);
    let mut asked: Vec<String> = questions(history.catalog(), &beside.schema, &renames, &[])
        .iter()
        .map(|question| match &question.gone {
            Renamed::Table(name) | Renamed::Enum(name) => name.to_string(),
            Renamed::Column(of, part) | Renamed::Value(of, part) | Renamed::Index(of, part) => format!("{of}.{part}"),
            Renamed::Object(id) => id.name.to_string(),
        })
        .collect();
    let mut answered: Vec<&str> = case.drop.lines().collect();
    asked.sort();
    answered.sort_unstable();
    if asked != answered {
        return Err(format!("it asks what became of {asked:?}, and the case says that {answered:?} are dropped").into());
    }
    let generated = generate(history, &beside.schema, &renames);
    match (generated.left.as_slice(), generated.unprintable.as_slice()) {
        ([], []) => Ok(generated),
        (left, by_hand) => Err(format!("{}\nnot reached: {left:?}\nas raw SQL: {by_hand:?}", generated.text).into()),
    }
}

async fn apply(case: &Case<'_>, before: Migration, change: Migration, history: &History) -> Result<(), Failed> {
    let database = Database::create().await;
    let is_derived = matches!(change.down, Down::Script { .. });
    let migrations = embed(vec![before, change], &[]);
    let migrator = migrations.migrator();
    database.execute(case.setup).await;
    let failed = |what: &'static str| move |error: migrate_runtime::Error| format!("{what}: {}", chain(&error));
    migrator.apply_to(&database.pool, Target::Version(1)).await.map_err(failed("the history"))?;
    database.execute(case.rows).await;
    let catalog_before = database.catalog().await;
    migrator.apply_to(&database.pool, Target::Version(2)).await.map_err(failed("the change"))?;
    database.assert_same(history.catalog(), "after the change").await;
    holds(&database, case.holds, "after the change").await?;
    match (case.down, is_derived) {
        (DownOf::Irreversible, false) => return Ok(()),
        (DownOf::FailsWithRows, true) => {
            let error = migrator.revert(&database.pool, 1).await.err().map(|error| chain(&error));
            return match error {
                Some(error) if error.contains("contains null values") => Ok(()),
                other => Err(format!("the way back does not fail for the rows: {other:?}").into()),
            };
        }
        (DownOf::Holds(_) | DownOf::FailsWithRows, false) => return Err("the change cannot be reverted".into()),
        (DownOf::Irreversible, true) => return Err("the change can be reverted".into()),
        (DownOf::Holds(queries), true) => {
            migrator.revert(&database.pool, 1).await.map_err(failed("back"))?;
            database.assert_same(&catalog_before, "after the way back").await;
            holds(&database, queries, "after the way back").await?;
        }
    }
    migrator.apply_to(&database.pool, Target::Version(2)).await.map_err(failed("the change again"))?;
    database.assert_same(history.catalog(), "after the change again").await;
    Ok(())
}

/// Each line is a query and what it gives: `select count(*) from users => 2`.
async fn holds(database: &Database, queries: &str, when: &str) -> Result<(), Failed> {
    for line in queries.lines().filter(|line| !line.trim().is_empty()) {
        let (query, expected) = line.rsplit_once(" => ").ok_or_else(|| format!("`{line}` says not what it gives"))?;
        let found = database.text(query).await;
        if found != expected.trim() {
            return Err(format!("{when}: {query}\ngives `{found}`, not `{}`", expected.trim()).into());
        }
    }
    Ok(())
}
