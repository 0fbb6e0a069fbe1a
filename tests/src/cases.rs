//! The cases of `cases/`: histories as text, in a folder for each item of the language, with what they need to run.

use std::fs;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt as _, stream};
use migrate_runtime::{BoxError, StepContext, StepFunction, StepFuture};

/// Where the cases are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// The files of all cases, sorted.
pub fn cases() -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let mut folders = vec![folder()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("cases/ can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths
}

/// The name of a case: its folder and file.
pub fn name(path: &Path) -> String {
    path.strip_prefix(folder()).expect("a path in cases/").with_extension("").to_string_lossy().into_owned()
}

/// Whether a case says `// needs PostgreSQL N`, and the server of this process is older.
pub fn needs_newer_server(text: &str) -> bool {
    let oldest = text.lines().find_map(|line| line.strip_prefix("// needs PostgreSQL "));
    let oldest = oldest.map(|version| version.trim().parse::<u32>().expect("a major version"));
    oldest.is_some_and(|oldest| crate::server().major() < oldest)
}

/// How many cases are worked at at once: most of the work is the server's.
const AT_ONCE: usize = 3;

/// Works at each case that the server of this process can run, given its path and its text; answers what came of them.
pub async fn each<T>(work: impl AsyncFn(&Path, &str) -> T) -> Vec<T> {
    let runnable = cases().into_iter().filter_map(|path| {
        let text = fs::read_to_string(&path).expect("a case");
        (!needs_newer_server(&text)).then_some((path, text))
    });
    let work = &work;
    let all = stream::iter(runnable).map(|(path, text)| async move { work(&path, &text).await });
    all.buffered(AT_ONCE).collect().await
}

/// The Rust functions that cases run.
pub static FUNCTIONS: &[(&str, StepFunction)] = &[("crate::step", run_step)];

fn run_step<'a>(context: &'a mut StepContext<'_>) -> StepFuture<'a> {
    Box::pin(step(context))
}

async fn step(context: &mut StepContext<'_>) -> Result<(), BoxError> {
    sqlx::raw_sql("UPDATE people SET name = upper(name)").execute(context.connection()).await?;
    Ok(())
}
