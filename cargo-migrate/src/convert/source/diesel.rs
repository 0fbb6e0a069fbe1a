//! Diesel: a directory for each migration with `up.sql`, `down.sql` and perhaps `metadata.toml`. Its version is what stands before
//! the first `_`, without `-`.

use super::{Directory, Failure, History, Reader};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

pub(super) struct Diesel;

impl Reader for Diesel {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        Ok(directory.files().any(|file| file.ends_with("/up.sql")))
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let mut history = History::default();
        for file in directory.files() {
            let Some(folder) = file.strip_suffix("/up.sql") else { continue };
            let base = folder.rsplit('/').next().unwrap_or(folder);
            let (version, name) = base.split_once('_').unwrap_or((base, ""));
            let metadata = format!("{folder}/metadata.toml");
            let metadata = if directory.has(&metadata) { directory.text(&metadata)? } else { String::new() };
            let is_outside = metadata.lines().any(|line| line.replace(' ', "").starts_with("run_in_transaction=false"));
            let script = |file: &str| -> Result<Script, Failure> {
                let script = Script::read(&directory.path(file), &directory.text(file)?, 1)?;
                Ok(script.without_transaction(is_outside))
            };
            let down = format!("{folder}/down.sql");
            let down = if directory.has(&down) { Some(script(&down)?) } else { None };
            let version = version.replace('-', "");
            history.migrations.push(Theirs { version, name: name.to_owned(), up: script(file)?, down });
        }
        // As texts: that is how Diesel compares them.
        history.migrations.sort_by(|one, other| one.version.cmp(&other.version));
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "each migration is a directory `VERSION_name` with `up.sql` and `down.sql`"
    }
}
