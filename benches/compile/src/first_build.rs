//! What a user's first build pays for the macros: CPU seconds of `cargo build` of `migrate-macros` and all below it, beside the
//! same of an earlier commit.

use std::path::Path;
use std::process::Command;

use crate::{BoxError, cargo};

/// Builds both in turns, from nothing, and prints the lowest of some rounds as a Markdown table.
pub(crate) fn measure(directory: &Path, root: &Path, rounds: usize, commit: &str) -> Result<(), BoxError> {
    let directory = std::path::absolute(directory)?.join("first-build");
    let earlier = directory.join(commit);
    if !earlier.exists() {
        let worktree = ["worktree", "add", "--quiet", "--force", "--detach"];
        let made = Command::new("git").current_dir(root).args(worktree).arg(&earlier).arg(commit).status()?;
        if !made.success() {
            return Err(format!("cannot check out {commit}").into());
        }
    }
    let target = directory.join("target");
    let targets = target.to_str().ok_or("the directory is not UTF-8")?;
    let mut lowest = [f64::INFINITY; 2];
    for _ in 0..rounds {
        for (lowest, source) in lowest.iter_mut().zip([earlier.as_path(), root]) {
            if target.exists() {
                std::fs::remove_dir_all(&target)?;
            }
            *lowest = lowest.min(cargo(source, &["build", "--target-dir", targets], "migrate-macros")?);
        }
    }
    let [before, now] = lowest;
    println!("| first build of the macros, debug | CPU seconds | ratio |\n|---|---|---|");
    println!("| {commit} | {before:.1} | 1.00 |\n| now | {now:.1} | {:.2} |", now / before);
    Ok(())
}
