//! golang-migrate: `VERSION_title.up.sql` and `VERSION_title.down.sql`. A file is sent in one message, which the server runs in
//! one transaction.

use super::{Directory, Failure, History, Reader, by_number, numbered};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

pub(super) struct GolangMigrate;

impl Reader for GolangMigrate {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        // Those of sqlx look the same, and lie in a crate.
        Ok(directory.here(".up.sql").next().is_some() && !directory.is_in_crate())
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let mut history = History::default();
        for file in directory.here(".up.sql") {
            let stem = file.strip_suffix(".up.sql").unwrap_or(file);
            let Some((version, name)) = numbered(stem) else {
                history.left_out.push(format!("`{file}`: the name does not begin with a version"));
                continue;
            };
            let down = format!("{stem}.down.sql");
            let down = if directory.has(&down) {
                Some(Script::read(&directory.path(&down), &directory.text(&down)?, 1)?)
            } else {
                None
            };
            let up = Script::read(&directory.path(file), &directory.text(file)?, 1)?;
            history.migrations.push(Theirs { version: version.to_owned(), name: name.to_owned(), up, down });
        }
        history.migrations.sort_by_cached_key(|one| by_number(&one.version));
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "its files are named `VERSION_title.up.sql` and `VERSION_title.down.sql`"
    }
}
