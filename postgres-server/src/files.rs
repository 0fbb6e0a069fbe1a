//! Directories and trees of files.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::Error;
use crate::account::Account;
use crate::error::IoContext as _;

const ADVICE: &str = "check its permissions and the free space";

/// Creates `path` and what is missing above it, open for the server's user whatever the umask.
pub(crate) fn create_all(path: &Path) -> Result<(), Error> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_all(parent)?;
    }
    match fs::create_dir(path) {
        // Another process was faster.
        Err(_) if path.is_dir() => Ok(()),
        created => {
            created.at("create the directory", path, ADVICE)?;
            set_mode(path, 0o755)
        }
    }
}

/// Sets the permissions of one file or directory, whatever the umask.
pub(crate) fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    fs::set_permissions(path, Permissions::from_mode(mode)).at("set the permissions of", path, ADVICE)
}

/// Copies a tree of plain files with its permissions, and hands the copy to the server's user.
pub(crate) fn copy_tree(from: &Path, to: &Path, account: &Account) -> Result<(), Error> {
    fs::create_dir(to).at("create the directory", to, ADVICE)?;
    for entry in fs::read_dir(from).at("read the directory", from, ADVICE)? {
        let entry = entry.at("read the directory", from, ADVICE)?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().at("look at", &source, ADVICE)?.is_dir() {
            copy_tree(&source, &target, account)?;
        } else {
            fs::copy(&source, &target).at("write the copy", &target, ADVICE)?;
            account.give(&target)?;
        }
    }
    let permissions = fs::metadata(from).at("look at", from, ADVICE)?.permissions();
    fs::set_permissions(to, permissions).at("set the permissions of", to, ADVICE)?;
    account.give(to)
}

/// Lets everyone read the tree, and run what is in directories named `bin`.
pub(crate) fn open_up(directory: &Path) -> Result<(), Error> {
    let programs = directory.ends_with("bin");
    set_mode(directory, 0o755)?;
    for entry in fs::read_dir(directory).at("read the directory", directory, ADVICE)? {
        let entry = entry.at("read the directory", directory, ADVICE)?;
        let (path, kind) = (entry.path(), entry.file_type().at("look at", directory, ADVICE)?);
        if kind.is_dir() {
            open_up(&path)?;
        } else if kind.is_file() {
            set_mode(&path, if programs { 0o755 } else { 0o644 })?;
        }
    }
    Ok(())
}
