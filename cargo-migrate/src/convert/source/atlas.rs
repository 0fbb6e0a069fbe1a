//! Atlas: `VERSION_name.sql` and `atlas.sum`; `-- atlas:txmode none` at the top of a file.

use super::{Directory, Failure, History, Reader, numbered};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

pub(super) struct Atlas;

impl Reader for Atlas {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        Ok(directory.has("atlas.sum"))
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let mut history = History::default();
        for file in directory.here(".sql") {
            let text = directory.text(file)?;
            let says = |directive: &str| {
                text.lines().take_while(|line| line.starts_with("--")).any(|line| line.trim() == directive)
            };
            if says("-- atlas:checkpoint") {
                history
                    .left_out
                    .push(format!("`{file}` is a checkpoint of the versions before it, all of which exist"));
                continue;
            }
            let stem = file.strip_suffix(".sql").unwrap_or(file);
            let (version, name) = stem.split_once('_').or_else(|| numbered(stem)).unwrap_or((stem, ""));
            let script = Script::read(&directory.path(file), &text, 1)?;
            let up = script.without_transaction(says("-- atlas:txmode none"));
            history.migrations.push(Theirs { version: version.to_owned(), name: name.to_owned(), up, down: None });
        }
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "its files are named `VERSION_name.sql`, next to `atlas.sum`"
    }
}
