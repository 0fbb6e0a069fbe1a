//! SeaORM: the log of its command line, `cargo run -- up -v`, which has the SQL; or a file with the SQL of all migrations, and
//! `-- Applying migration 'm20220101_000001_create_users'` before each.

mod log;

use super::marked::{self, Begins};
use super::{Directory, Failure, History, Reader};

pub(super) struct SeaOrm;

impl Reader for SeaOrm {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        Ok(marked::file(directory, begins)?.is_some())
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let Some(file) = marked::file(directory, begins)? else { return Ok(History::default()) };
        match log::is_log(&directory.text(file)?) {
            true => log::read(directory, file, begins, is_own),
            false => marked::read(directory, file, begins, |line| line, is_own),
        }
    }

    fn expected(&self) -> &'static str {
        "its migrations are Rust: run them on an empty database, `cargo run -- up -v > history.log` in their crate with the feature \
         `debug-print` of sea-orm, and name that file"
    }
}

/// The version is the number in `m20220101_000001_create_users`.
fn begins(line: &str) -> Option<Begins> {
    let (_, rest) = line.split_once("Applying migration '")?;
    let (stem, _) = rest.split_once('\'')?;
    let mut version = String::new();
    let mut name = stem.strip_prefix('m').unwrap_or(stem);
    while let Some((number, rest)) = name.split_once('_') {
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        version.push_str(number);
        name = rest;
    }
    let version = if version.is_empty() { stem.to_owned() } else { version };
    Some(Begins { version, name: name.to_owned() })
}

/// Its table, and what its methods `has_table` and the like ask.
fn is_own(sql: &str) -> bool {
    let asks = |name: &str| sql.contains(&format!("AS \"{name}\""));
    sql.contains("seaql_migrations") || ["has_table", "has_column", "has_index"].into_iter().any(asks)
}
