//! `cargo migrate init`

use std::fs;
use std::path::Path;

use jiff::Timestamp;

use crate::failure::Failure;
use crate::project::{Project, create, shown};
use crate::{Place, template, version};

/// Set a crate up for migrations: the directory with a first migration, and the build script that sees new files.
/// Nothing that exists is changed; what is left to do is printed.
#[derive(Debug, clap::Args)]
pub(crate) struct Init {}

impl Init {
    pub(crate) fn run(&self, place: &Place) -> Result<String, Failure> {
        let project = Project::find(place)?;
        let mut done = Vec::new();
        let mut left = Vec::new();
        first_migration(&project, &mut done)?;
        build_script(&project, &mut done, &mut left)?;
        dependencies(&project, &mut left);
        let directory = project.directory_in_source();
        let call = format!("migrations!(\"{directory}\")");
        let main = fs::read_to_string(project.path("src/main.rs")).unwrap_or_default();
        if !main.contains(&call) {
            let lines = indented(&template::main_file(&directory));
            left.push(format!(
                "src/main.rs: `cargo run -- up` applies them, `cargo run -- status` shows the state of a database, \
                 with\n\n{lines}\n\n   \
                 a program that does something else calls `MIGRATIONS.apply(&url).await?` (or `&pool`) when it starts"
            ));
        }
        let mut text = String::new();
        for line in done {
            text.push_str(&format!("{line}\n"));
        }
        for (index, step) in left.iter().enumerate() {
            text.push_str(&format!("\n{}. {step}\n", index + 1));
        }
        Ok(text)
    }
}

fn first_migration(project: &Project, done: &mut Vec<String>) -> Result<(), Failure> {
    let directory = project.migrations();
    fs::create_dir_all(&directory).map_err(|error| Failure::file("create", &directory, &error))?;
    let existing = project.existing()?;
    if !existing.is_empty() {
        done.push(format!("kept     {} ({} migrations)", shown(&directory), existing.len()));
        return Ok(());
    }
    let path = directory.join(format!("{}_users.rs", version::next(&existing, Timestamp::now())));
    create(&path, template::FIRST)?;
    done.push(format!("created  {}", shown(&path)));
    Ok(())
}

fn build_script(project: &Project, done: &mut Vec<String>, left: &mut Vec<String>) -> Result<(), Failure> {
    let path = project.path("build.rs");
    let directory = project.directory_in_source();
    match fs::read_to_string(&path) {
        Ok(text) if text.contains(&format!("rerun-if-changed={directory}")) => {
            done.push(format!("kept     {}", shown(&path)));
        }
        Ok(_) => left.push(format!(
            "build.rs: add this line to its `main`, so that the next build sees new files\n\n{}",
            indented(&template::rerun(&directory))
        )),
        Err(_) => {
            create(&path, &template::build_script(&directory))?;
            done.push(format!("created  {}", shown(&path)));
        }
    }
    Ok(())
}

fn dependencies(project: &Project, left: &mut Vec<String>) {
    let runtime = format!("cargo add {} --features cli", runtime());
    let commands = [
        ("migrate-runtime", runtime.as_str()),
        // Servers that are managed by somebody take encrypted connections only.
        ("sqlx", "cargo add sqlx@0.9 --no-default-features --features postgres,runtime-tokio,tls-rustls"),
        ("tokio", "cargo add tokio --features macros,rt-multi-thread"),
    ];
    let missing: Vec<&str> =
        commands.iter().filter(|(package, _)| !project.depends_on(package)).map(|(_, command)| *command).collect();
    if !missing.is_empty() {
        left.push(format!("Cargo.toml: add the dependencies\n\n{}", indented(&missing.join("\n"))));
    }
}

/// The runtime of the version of this program: from the checkout that it was built in, where there is one, else from the
/// registry.
fn runtime() -> String {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(|root| root.join("migrate-runtime"));
    match checkout.filter(|path| path.join("Cargo.toml").is_file()) {
        Some(path) => format!("migrate-runtime --path {}", path.display()),
        None => format!("migrate-runtime@{}", env!("CARGO_PKG_VERSION")),
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> =
        text.lines().map(|line| if line.is_empty() { String::new() } else { format!("    {line}") }).collect();
    lines.join("\n")
}
