//! Data directories: made by initdb, or copied from one that was.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::account::Account;
use crate::binaries::Binaries;
use crate::error::IoContext as _;
use crate::once::build_once;
use crate::{Error, files, places};

const ADVICE: &str = "check its permissions and the free space";

/// Makes the data directory `data` for a temporary server: a copy of one that initdb made once for these
/// programs.
pub(crate) fn copy_fresh(binaries: &Binaries, data: &Path, account: &Account) -> Result<(), Error> {
    let clusters = places::cache(account)?.join("clusters");
    files::create_all(&clusters)?;
    // Two builds of one version may differ in how they lay out the data.
    let mut place = DefaultHasher::new();
    (&binaries.directory, account.name()).hash(&mut place);
    let master = clusters.join(format!("{}-{:016x}", binaries.version, place.finish()));
    build_once(&master, |partial| init(binaries, partial, account, &["-N"]))?;
    files::copy_tree(&master, data, account)
}

/// Makes the data directory `data` for data that is to survive, unless it exists.
pub(crate) fn create_durable(binaries: &Binaries, data: &Path, account: &Account) -> Result<(), Error> {
    build_once(data, |partial| init(binaries, partial, account, &[]))
}

fn init(binaries: &Binaries, data: &Path, account: &Account, options: &[&str]) -> Result<(), Error> {
    account.give(data)?;
    let program = binaries.directory.join("initdb");
    let mut command = Command::new(&program);
    command
        .args(["--no-locale", "-E", "UTF8", "-A", "trust", "-U", "postgres"])
        .args(options)
        .arg("-D")
        .arg(data)
        .current_dir("/")
        .stdin(Stdio::null());
    clean_environment(&mut command);
    account.apply(&mut command);
    let failed = |detail: String| Error::Command {
        program: program.display().to_string(),
        detail,
        advice: "check the free space, and that the server's user can write to the temporary directory",
    };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

/// The major version of the data in `data`; `None` where there is none yet.
pub(crate) fn major_of(data: &Path) -> Result<Option<u32>, Error> {
    if !data.exists() {
        return Ok(None);
    }
    let file = data.join("PG_VERSION");
    let version = fs::read_to_string(&file).at("read the data's version from", &file, ADVICE)?;
    Ok(version.trim().split('.').next().and_then(|major| major.parse().ok()))
}

/// Keeps settings that were meant for clients of another server away from `command`.
pub(crate) fn clean_environment(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("PG")) {
            command.env_remove(name);
        }
    }
}
