//! What migrations add to compiling: CPU seconds (user and system, of cargo and all it starts) for a crate with 1,000
//! migrations, less those for the same crate with one, the lowest of some rounds; and the size of the stripped release
//! binary; and the instructions that rustc takes. Prints Markdown tables; asserts no times.
//!
//! `compile DIRECTORY ROOT size`: the stripped release binaries of programs with ours, beside the same program without it.
//!
//! `compile DIRECTORY ROOT first-build ROUNDS COMMIT`: what the first build of the macros takes, beside that of an earlier commit.
//!
//! The tools take turns in each round, so that what else the machine does falls on all of them.
//!
//! `compile DIRECTORY ROOT ROUNDS [TOOL|WAY...]`: the crates are made in DIRECTORY, with our crates from ROOT. With no
//! rounds only instructions are counted. Without a tool (ours, sqlx, refinery, diesel, sea-orm) all of them, without a way
//! (check, build, check-release, build-release) all four.

mod crates;
mod first_build;
mod instructions;
mod size;

use std::path::Path;
use std::process::{Command, Stdio};

use crates::Tool;

type BoxError = Box<dyn std::error::Error>;

const SIZES: [usize; 2] = [1, 1000];

/// A way of compiling.
#[derive(Clone, Copy, Debug)]
struct Way {
    name: &'static str,
    arguments: &'static [&'static str],
    clean: &'static [&'static str],
}

const WAYS: [Way; 4] = [
    Way { name: "check", arguments: &["check"], clean: &["clean"] },
    Way { name: "build", arguments: &["build"], clean: &["clean"] },
    Way { name: "check-release", arguments: &["check", "--release"], clean: &["clean", "--release"] },
    Way { name: "build-release", arguments: &["build", "--release"], clean: &["clean", "--release"] },
];

/// What one tool took in one way, in the rounds so far.
struct Measured {
    tool: Tool,
    way: Way,
    clean: [f64; SIZES.len()],
    edit: [f64; SIZES.len()],
}

fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [directory, root, rounds, names @ ..] = arguments.as_slice() else {
        return Err("usage: compile DIRECTORY ROOT ROUNDS|size|first-build [TOOL|WAY...]".into());
    };
    let directory = Path::new(directory);
    if rounds == "size" {
        return size::measure(directory, Path::new(root));
    }
    if rounds == "first-build" {
        let [rounds, commit] = names else { return Err("usage: compile DIRECTORY ROOT first-build ROUNDS COMMIT".into()) };
        return first_build::measure(directory, Path::new(root), rounds.parse()?, commit);
    }
    let rounds: usize = rounds.parse()?;
    let tools = chosen(&Tool::ALL, names, |tool| tool.name());
    let ways = chosen(&WAYS, names, |way| way.name);
    let is_known =
        |name: &&String| Tool::ALL.iter().any(|tool| tool.name() == *name) || WAYS.iter().any(|way| way.name == *name);
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        return Err(format!("{unknown} is neither a tool nor a way of compiling").into());
    }
    crates::workspace(directory, Path::new(root), &tools, &SIZES)?;
    if rounds > 0 {
        measure(directory, &tools, &ways, rounds)?;
    }
    count_instructions(directory, &tools)
}

/// Those of `all` that are named; all of them where none is.
fn chosen<T: Copy>(all: &[T], names: &[String], name: impl Fn(T) -> &'static str) -> Vec<T> {
    let named: Vec<T> = all.iter().copied().filter(|one| names.iter().any(|given| given == name(*one))).collect();
    if named.is_empty() { all.to_vec() } else { named }
}

/// Seconds, and the size of what comes out.
fn measure(directory: &Path, tools: &[Tool], ways: &[Way], rounds: usize) -> Result<(), BoxError> {
    let mut all = Vec::new();
    for &way in ways {
        for &tool in tools {
            for size in SIZES {
                // Everything the crate depends on, once.
                cargo(directory, way.arguments, &tool.package(size))?;
            }
            all.push(Measured { tool, way, clean: [f64::INFINITY; SIZES.len()], edit: [f64::INFINITY; SIZES.len()] });
        }
    }
    for round in 1..=rounds {
        for one in &mut all {
            one.measure(directory)?;
        }
        eprintln!("round {round} of {rounds}");
    }
    let cores = std::thread::available_parallelism()?;
    println!("{cores} cores, {} migrations, CPU seconds, the lowest of {rounds} rounds\n", SIZES[1]);
    println!("| | | clean: 1 | clean: 1,000 | added | one edit: 1 | one edit: 1,000 | added |");
    println!("|---|---|---|---|---|---|---|---|");
    for Measured { tool, way, clean: [clean_one, clean], edit: [edit_one, edit] } in &all {
        println!(
            "| {} | {} | {clean_one:.2} | {clean:.2} | **{:.2}** | {edit_one:.2} | {edit:.2} | **{:.2}** |",
            way.name,
            tool.name(),
            clean - clean_one,
            edit - edit_one,
        );
    }
    if ways.iter().any(|way| way.name == "build-release") {
        println!("\n| stripped release binary, MB | 1 migration | 1,000 | added |\n|---|---|---|---|");
        for tool in tools {
            let size = |size: usize| size::of_binary(directory, &tool.package(size));
            let (one, many) = (size(SIZES[0])?, size(SIZES[1])?);
            println!("| {} | {one:.2} | {many:.2} | {:.2} |", tool.name(), many - one);
        }
    }
    println!();
    Ok(())
}

impl Measured {
    /// One round: for each size from nothing, and after one edit.
    fn measure(&mut self, directory: &Path) -> Result<(), BoxError> {
        for (index, size) in SIZES.into_iter().enumerate() {
            let package = self.tool.package(size);
            cargo(directory, self.way.clean, &package)?;
            // What else runs on the machine makes some rounds dearer, and none cheaper.
            self.clean[index] = self.clean[index].min(cargo(directory, self.way.arguments, &package)?);
            self.tool.write(directory, size, &workload::edited(size))?;
            self.edit[index] = self.edit[index].min(cargo(directory, self.way.arguments, &package)?);
            self.tool.write(directory, size, &workload::history(size))?;
        }
        Ok(())
    }
}

/// What cannot be noise: without optimization, where optimizing would take hours.
fn count_instructions(directory: &Path, tools: &[Tool]) -> Result<(), BoxError> {
    if !instructions::can_be_counted() {
        println!("instructions are not counted: valgrind is not installed");
        return Ok(());
    }
    println!("| millions of instructions of rustc, clean | | 1 migration | 1,000 | added |\n|---|---|---|---|---|");
    for tool in tools {
        for verb in ["check", "build"] {
            let mut counts = [0.0; SIZES.len()];
            for (count, size) in counts.iter_mut().zip(SIZES) {
                cargo(directory, &[verb], &tool.package(size))?;
                *count = instructions::of_rustc(directory, verb, &tool.package(size))? as f64 / 1e6;
            }
            let [one, many] = counts;
            println!("| {} | {verb} | {one:.0} | {many:.0} | **{:.0}** |", tool.name(), many - one);
        }
    }
    Ok(())
}

fn target(directory: &Path) -> std::path::PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| directory.join("target"), Into::into)
}

/// Runs cargo for a package; gives the CPU seconds of it and of everything it started.
fn cargo(directory: &Path, arguments: &[&str], package: &str) -> Result<f64, BoxError> {
    let before = children();
    let output = Command::new("cargo")
        .args(arguments)
        .args(["--quiet", "--package", package])
        .args(arguments.first().filter(|verb| **verb != "clean").map(|_| "-j2"))
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        return Err(format!("{arguments:?} {package}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(children() - before)
}

/// The CPU seconds of all children that have ended.
fn children() -> f64 {
    // SAFETY: zero is a value of every field, and the call fills the struct it is given.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage);
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
