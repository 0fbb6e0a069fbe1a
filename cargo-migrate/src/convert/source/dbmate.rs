//! dbmate: `VERSION_name.sql` with `-- migrate:up` and `-- migrate:down`, each perhaps with `transaction:false`.

use super::sections::{self, Mark};
use super::{Directory, Failure, History, Reader, by_number, numbered};
use crate::convert::history::Theirs;

pub(super) struct Dbmate;

impl Reader for Dbmate {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        match directory.here(".sql").next() {
            Some(file) => sections::has(directory, file, mark),
            None => Ok(false),
        }
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let mut history = History::default();
        for file in directory.here(".sql") {
            let Some((version, name)) = numbered(file.trim_end_matches(".sql")) else {
                history.left_out.push(format!("`{file}`: its name does not begin with a version"));
                continue;
            };
            let (up, down) = sections::read(directory, file, mark)?;
            let up = up.ok_or_else(|| {
                Failure::new(format!("{}: there is no `-- migrate:up`", directory.path(file).display()))
            })?;
            history.migrations.push(Theirs { version: version.to_owned(), name: name.to_owned(), up, down });
        }
        history.migrations.sort_by_cached_key(|one| by_number(&one.version));
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "its files are called `VERSION_name.sql` and have `-- migrate:up` in them"
    }
}

fn mark(line: &str) -> Option<Mark> {
    let rest = line.trim_end().strip_prefix("--")?.trim_start().strip_prefix("migrate:")?;
    let mut words = rest.split_whitespace();
    let direction = words.next()?;
    let in_transaction = !words.any(|word| word == "transaction:false");
    match direction {
        "up" => Some(Mark::Up { in_transaction }),
        "down" => Some(Mark::Down { in_transaction }),
        _ => None,
    }
}
