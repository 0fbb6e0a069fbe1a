//! Drizzle: `meta/_journal.json` lists the migrations; the statements of a file are parted by `--> statement-breakpoint`.

use serde_json::Value;

use super::{Directory, Failure, History, Reader, numbered};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

pub(super) struct Drizzle;

const JOURNAL: &str = "meta/_journal.json";

pub(super) fn has_journal(directory: &Directory) -> bool {
    directory.has(JOURNAL)
}

impl Reader for Drizzle {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        Ok(has_journal(directory))
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        if !has_journal(directory) {
            return Err(Failure::new(format!("there is no `{JOURNAL}` in `{}`", directory.path("").display()))
                .help("name the directory that drizzle-kit writes: the one that contains `meta`"));
        }
        let unreadable =
            |why: String| Failure::new(format!("cannot read `{}`: {why}", directory.path(JOURNAL).display()));
        let journal: Value =
            serde_json::from_str(&directory.text(JOURNAL)?).map_err(|error| unreadable(error.to_string()))?;
        let entries = journal["entries"].as_array().ok_or_else(|| unreadable("it has no `entries`".to_owned()))?;
        let mut history = History::default();
        for entry in entries {
            let tag = entry["tag"].as_str().ok_or_else(|| unreadable("an entry has no `tag`".to_owned()))?;
            let file = format!("{tag}.sql");
            // The marker is a comment to the server, and parts what may have no `;`.
            let text = directory.text(&file)?.replace("--> statement-breakpoint", ";");
            let up = Script::read(&directory.path(&file), &text, 1)?;
            let (version, name) = numbered(tag).unwrap_or((tag, tag));
            history.migrations.push(Theirs { version: version.to_owned(), name: name.to_owned(), up, down: None });
        }
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "`meta/_journal.json` lists the migrations, which are next to `meta`"
    }
}
