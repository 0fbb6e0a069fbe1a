//! Prisma: a directory for each migration with `migration.sql`, in the order of their names.

use super::{Directory, Failure, History, Reader, numbered};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

pub(super) struct Prisma;

impl Reader for Prisma {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        Ok(directory.files().any(|file| file.ends_with("/migration.sql")) && !super::drizzle::has_journal(directory))
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let mut history = History::default();
        for file in directory.files() {
            let Some(folder) = file.strip_suffix("/migration.sql") else { continue };
            let base = folder.rsplit('/').next().unwrap_or(folder);
            let (version, name) = numbered(base).unwrap_or((base, base));
            let up = Script::read(&directory.path(file), &directory.text(file)?, 1)?;
            history.migrations.push(Theirs { version: version.to_owned(), name: name.to_owned(), up, down: None });
        }
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "each migration is a directory `VERSION_name` with `migration.sql`"
    }
}
