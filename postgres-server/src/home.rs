//! The directory of one server: a temporary one, removed with it, or one that stays.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::account::Account;
use crate::error::IoContext as _;
use crate::once::lock;
use crate::{Error, places};

const PREFIX: &str = "run-";
const OWNER: &str = "owner.lock";
const ADVICE: &str = "set TMPDIR to a directory that is writable";

/// Where a server's data and log lie. The owner's lock is free as soon as its process has ended, so that
/// others can tell what is left over.
#[derive(Debug)]
pub(crate) enum Home {
    /// Removed when dropped.
    Temporary { directory: TempDir, _owner: File },
    Persistent {
        directory: PathBuf,
        /// `None` while another process has it.
        owner: Option<File>,
    },
}

impl Home {
    /// A fresh temporary directory; removes those whose owner is gone.
    pub(crate) fn temporary(account: &Account) -> Result<Self, Error> {
        let parent = places::own_temporary(account)?;
        // A directory and its owner's lock appear together for whoever sweeps.
        let _all = lock(&parent.join("lock"))?;
        sweep(&parent);
        let directory =
            tempfile::Builder::new().prefix(PREFIX).tempdir_in(&parent).at("create a directory in", &parent, ADVICE)?;
        let owner = lock(&directory.path().join(OWNER))?;
        account.give(directory.path())?;
        Ok(Self::Temporary { directory, _owner: owner })
    }

    /// A directory that stays, owned by this process unless another one owns it.
    pub(crate) fn persistent(directory: PathBuf) -> Result<Self, Error> {
        const ADVICE: &str = "choose a directory that this user can write to";
        let path = directory.join(OWNER);
        let file = File::options().create(true).append(true).open(&path).at("open the lock file", &path, ADVICE)?;
        let owner = file.try_lock().is_ok().then_some(file);
        Ok(Self::Persistent { directory, owner })
    }

    /// Whether another process has started, or is to stop, what runs here.
    pub(crate) fn is_owned_elsewhere(&self) -> bool {
        matches!(self, Self::Persistent { owner: None, .. })
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Temporary { directory, .. } => directory.path(),
            Self::Persistent { directory, .. } => directory,
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path().join("server.log")
    }

    /// What is to be removed when this process ends without saying so.
    pub(crate) fn scratch(&self) -> Option<&Path> {
        match self {
            Self::Temporary { directory, .. } => Some(directory.path()),
            Self::Persistent { .. } => None,
        }
    }
}

fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let owned = File::open(entry.path().join(OWNER)).is_ok_and(|file| file.try_lock().is_err());
        if !owned {
            // What cannot be removed is no reason not to start; the next one tries again.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{OWNER, sweep};
    use crate::once::lock;

    #[test]
    fn only_directories_without_an_owner_are_swept() {
        let parent = tempfile::tempdir().unwrap();
        let [owned, left, other] = ["run-a", "run-b", "cache"].map(|name| parent.path().join(name));
        for directory in [&owned, &left, &other] {
            fs::create_dir(directory).unwrap();
        }
        drop(lock(&left.join(OWNER)).unwrap());
        let _owner = lock(&owned.join(OWNER)).unwrap();
        sweep(parent.path());
        assert_eq!([owned, left, other].map(|directory| directory.exists()), [true, false, true]);
    }
}
