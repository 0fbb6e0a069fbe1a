//! dbmate: `VERSION_name.sql` with `-- migrate:up` and `-- migrate:down`, each perhaps with `transaction:false`.

use super::sections::{self, Mark};
use super::{Directory, Failure, History, Reader};

pub(super) struct Dbmate;

impl Reader for Dbmate {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        sections::are_here(directory, mark)
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        sections::history(directory, "-- migrate:up", mark)
    }

    fn expected(&self) -> &'static str {
        "its files are named `VERSION_name.sql` and contain `-- migrate:up`"
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
