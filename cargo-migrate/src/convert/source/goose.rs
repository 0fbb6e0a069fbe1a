//! goose: `VERSION_name.sql` with `-- +goose Up`, `-- +goose Down` and perhaps `-- +goose NO TRANSACTION`; behind
//! `-- +goose ENVSUB ON` the environment says what stands for `${NAME}` and `$NAME`.

use super::sections::{self, Mark};
use super::{Directory, Failure, History, Reader, numbered};

pub(super) struct Goose;

impl Reader for Goose {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        sections::are_here(directory, mark)
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let is_migration = |file: &&str| numbered(file).is_some() && !file.ends_with("_test.go");
        if let Some(file) = directory.here(".go").find(is_migration) {
            return Err(Failure::new(format!("`{file}` is Go, so its SQL is known only when it runs"))
                .help("write what it does to a file of the same name that ends in `.sql`, with `-- +goose Up` in it"));
        }
        sections::history(directory, "-- +goose Up", mark)
    }

    fn expected(&self) -> &'static str {
        "its files are named `VERSION_name.sql` and contain `-- +goose Up`"
    }
}

fn mark(line: &str) -> Option<Mark> {
    let words = line.strip_prefix("--")?.trim().strip_prefix("+goose")?.trim().to_ascii_lowercase();
    match words.as_str() {
        "up" => Some(Mark::Up { in_transaction: true }),
        "down" => Some(Mark::Down { in_transaction: true }),
        "no transaction" => Some(Mark::Alone),
        "envsub on" => Some(Mark::Placeholders { are_filled: true }),
        "envsub off" => Some(Mark::Placeholders { are_filled: false }),
        _ => None,
    }
}
