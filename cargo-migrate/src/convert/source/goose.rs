//! goose: `VERSION_name.sql` with `-- +goose Up`, `-- +goose Down` and perhaps `-- +goose NO TRANSACTION`.

use super::sections::{self, Mark};
use super::{Directory, Failure, History, Reader, by_number, numbered};
use crate::convert::history::Theirs;

pub(super) struct Goose;

impl Reader for Goose {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        match directory.here(".sql").next() {
            Some(file) => sections::has(directory, file, mark),
            None => Ok(false),
        }
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let mut history = History::default();
        let is_migration = |file: &&str| numbered(file).is_some() && !file.ends_with("_test.go");
        if let Some(file) = directory.here(".go").find(is_migration) {
            return Err(Failure::new(format!("`{file}` is Go, and its SQL is known only when it runs")).help(
                "write what it does into a file of the same name that ends in `.sql`, with `-- +goose Up` in it",
            ));
        }
        for file in directory.here(".sql") {
            let Some((version, name)) = numbered(file.trim_end_matches(".sql")) else {
                history.left_out.push(format!("`{file}`: its name does not begin with a version"));
                continue;
            };
            let (up, down) = sections::read(directory, file, mark)?;
            let up = up.ok_or_else(|| {
                Failure::new(format!("{}: there is no `-- +goose Up`", directory.path(file).display()))
            })?;
            history.migrations.push(Theirs { version: version.to_owned(), name: name.to_owned(), up, down });
        }
        history.migrations.sort_by_cached_key(|one| by_number(&one.version));
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "its files are called `VERSION_name.sql` and have `-- +goose Up` in them"
    }
}

fn mark(line: &str) -> Option<Mark> {
    let words = line.strip_prefix("--")?.trim().strip_prefix("+goose")?.trim().to_ascii_lowercase();
    match words.as_str() {
        "up" => Some(Mark::Up { in_transaction: true }),
        "down" => Some(Mark::Down { in_transaction: true }),
        "no transaction" => Some(Mark::Alone),
        _ => None,
    }
}
