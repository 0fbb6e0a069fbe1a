//! Where things lie: the caches, the temporary servers, the sample's data.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::account::{Account, is_root};
use crate::error::IoContext as _;
use crate::{Error, files};

const NAME: &str = "postgres-server";
const SYSTEM_CACHE: &str = "/var/cache/postgres-server";

/// A place for the data of a [`Server::persistent`](crate::Server::persistent) server of the program `name`.
///
/// As root below `/var/lib`, where the server's user can reach it; else in `$XDG_DATA_HOME` or
/// `~/.local/share`; in the temporary directory for users without a home. Nothing is created.
#[must_use]
pub fn default_data_directory(name: &str) -> PathBuf {
    let base = if is_root() {
        Some(PathBuf::from("/var/lib"))
    } else {
        absolute_variable("XDG_DATA_HOME").or_else(|| home().map(|home| home.join(".local/share")))
    };
    match base.filter(|base| can_create_below(base)) {
        Some(base) => base.join(name),
        None => temporary_directory(&Account::Own).join(format!("{name}-{}", own_uid())),
    }
}

/// The cache that this process writes to. It exists afterwards.
pub(crate) fn cache(account: &Account) -> Result<PathBuf, Error> {
    let preferred = if is_root() {
        Some(PathBuf::from(SYSTEM_CACHE))
    } else {
        absolute_variable("XDG_CACHE_HOME")
            .or_else(|| home().map(|home| home.join(".cache")))
            .map(|base| base.join(NAME))
    };
    match preferred.filter(|path| can_create_below(path) && files::create_all(path).is_ok()) {
        Some(path) => Ok(path),
        None => {
            let path = own_temporary(account)?.join("cache");
            files::create_all(&path)?;
            Ok(path)
        }
    }
}

/// The caches to look into, the writable one first.
pub(crate) fn readable_caches(account: &Account) -> Result<Vec<PathBuf>, Error> {
    let mut caches = vec![cache(account)?];
    if caches.iter().all(|path| path != Path::new(SYSTEM_CACHE)) {
        caches.push(PathBuf::from(SYSTEM_CACHE));
    }
    Ok(caches)
}

/// The directory in the temporary directory that is this user's alone. It exists afterwards.
pub(crate) fn own_temporary(account: &Account) -> Result<PathBuf, Error> {
    const ADVICE: &str = "set TMPDIR to a directory that is writable";
    let path = temporary_directory(account).join(format!("{NAME}-{}", own_uid()));
    let mode = if is_root() { 0o755 } else { 0o700 };
    match DirBuilder::new().mode(mode).create(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        created => {
            created.at("create the directory", &path, ADVICE)?;
            // Whatever the umask is, the server's user must pass.
            files::set_mode(&path, mode)?;
        }
    }
    // Anyone could have put a directory or a link of that name there before us.
    let found = path.symlink_metadata().at("look at", &path, ADVICE)?;
    if found.is_dir() && found.uid() == own_uid() { Ok(path) } else { Err(Error::ForeignDirectory { path }) }
}

fn temporary_directory(account: &Account) -> PathBuf {
    let chosen = std::env::temp_dir();
    if account.reaches(&chosen.join("inside")) { chosen } else { PathBuf::from("/tmp") }
}

fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn home() -> Option<PathBuf> {
    absolute_variable("HOME")
}

fn absolute_variable(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// Whether the nearest ancestor that exists can be written to.
fn can_create_below(path: &Path) -> bool {
    path.ancestors()
        .find(|ancestor| ancestor.exists())
        .is_some_and(|ancestor| access(ancestor, Access::WRITE_OK | Access::EXEC_OK).is_ok())
}
