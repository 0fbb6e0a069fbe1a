//! What a program weighs that carries its migrations, beside the same program that only has a pool.

use std::path::Path;

use crate::crates::{self, Tool};
use crate::{BoxError, cargo, target};

/// The size of a stripped release binary that was built, in MB.
pub(crate) fn of_binary(directory: &Path, package: &str) -> Result<f64, BoxError> {
    let binary = target(directory).join("release").join(package);
    Ok(std::fs::metadata(binary)?.len() as f64 / 1e6)
}

/// Builds the programs and prints their sizes as a Markdown table.
pub(crate) fn measure(directory: &Path, root: &Path) -> Result<(), BoxError> {
    const SIZES: [usize; 2] = [10, 1000];
    // A program that only has a pool is the same whatever the number of migrations.
    crates::workspace(directory, root, &[Tool::Ours, Tool::Pool], &SIZES)?;
    let build = |tool: Tool, size: usize| -> Result<f64, BoxError> {
        let package = tool.package(size);
        cargo(directory, &["build", "--release"], &package)?;
        of_binary(directory, &package)
    };
    let pool = build(Tool::Pool, SIZES[0])?;
    println!("| stripped release binary | MB | more than the pool alone |\n|---|---|---|");
    println!("| sqlx's pool alone | {pool:.2} | |");
    for size in SIZES {
        let ours = build(Tool::Ours, size)?;
        println!("| with {size} migrations | {ours:.2} | {:.2} |", ours - pool);
    }
    Ok(())
}
