//! Installing the distribution's server, as root on Debian and its relatives.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::account::is_root;
use crate::say;

/// The name of the package with the server.
pub(crate) fn package(major: Option<u32>) -> String {
    major.map_or_else(|| "postgresql".to_owned(), |major| format!("postgresql-{major}"))
}

/// Installs the server's package, or says in one line why not. What apt-get prints goes to stderr.
///
/// The package may set up a cluster of its own on port 5432; nothing here uses it.
pub(crate) fn install(major: Option<u32>) -> Result<(), String> {
    if !Path::new("/etc/debian_version").exists() {
        return Err("this is not Debian or Ubuntu".to_owned());
    }
    if !is_root() {
        return Err("this process is not root".to_owned());
    }
    let package = package(major);
    say(&format!("no PostgreSQL server here; installing the package `{package}` with apt-get"));
    // The lists may be older than the mirror, or missing as in most container images.
    run(&["update"])?;
    run(&["install", "-y", "--no-install-recommends", &package])
}

fn run(arguments: &[&str]) -> Result<(), String> {
    let status = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .map_err(|error| format!("cannot run `apt-get`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`apt-get {}` ended with {status}", arguments.join(" "))) }
}
