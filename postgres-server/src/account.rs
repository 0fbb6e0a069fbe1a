//! As whom the server runs.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::Error;
use crate::error::IoContext as _;

/// The user of the server: this process's own, or, as root, one that PostgreSQL accepts.
#[derive(Debug, Clone)]
pub(crate) enum Account {
    Own,
    Other { name: String, uid: u32, gid: u32 },
}

impl Account {
    pub(crate) fn of_server() -> Result<Self, Error> {
        if !is_root() {
            return Ok(Self::Own);
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        ["postgres", "nobody"].iter().find_map(|name| find_user(&users, name)).ok_or(Error::NoAccount)
    }

    /// Lets `command` run as the server's user. The standard library clears the other groups.
    pub(crate) fn apply(&self, command: &mut Command) {
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
    }

    /// Hands a file or a directory, but not what is in it, to the server's user.
    pub(crate) fn give(&self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid, .. } => chown(path, Some(*uid), Some(*gid)).at(
                "hand over to the server's user",
                path,
                "run this as an ordinary user instead of root",
            ),
        }
    }

    /// Whether the server's user can enter all of `directory`'s ancestors.
    pub(crate) fn reaches(&self, directory: &Path) -> bool {
        let Self::Other { uid, .. } = self else {
            return true;
        };
        directory.ancestors().skip(1).filter(|ancestor| !ancestor.as_os_str().is_empty()).all(|ancestor| {
            // What does not exist yet is created with the search bit set.
            ancestor.metadata().map_or(true, |found| {
                let needed = if found.uid() == *uid { 0o100 } else { 0o001 };
                found.mode() & needed != 0
            })
        })
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Own => "this process's own",
            Self::Other { name, .. } => name,
        }
    }
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn find_user(passwd: &str, wanted: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| *name == wanted)?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account::Other { name: name.to_owned(), uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::{Account, find_user};

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let passwd = "postgresql:x:1:2::/:/bin/sh\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        let found = find_user(passwd, "postgres");
        assert!(matches!(found, Some(Account::Other { uid: 101, gid: 104, .. })), "{found:?}");
        assert!(find_user(passwd, "nobody").is_none());
    }

    #[test]
    fn a_private_directory_is_out_of_reach_for_others() {
        use std::fs::{Permissions, set_permissions};
        use std::os::unix::fs::PermissionsExt as _;
        let other = Account::Other { name: "other".to_owned(), uid: 4_000_000, gid: 4_000_000 };
        let directory = tempfile::tempdir().unwrap();
        let inside = directory.path().join("not/yet/there");
        set_permissions(directory.path(), Permissions::from_mode(0o700)).unwrap();
        assert!(!other.reaches(&inside));
        assert!(Account::Own.reaches(&inside));
        set_permissions(directory.path(), Permissions::from_mode(0o711)).unwrap();
        assert!(other.reaches(&inside));
    }
}
