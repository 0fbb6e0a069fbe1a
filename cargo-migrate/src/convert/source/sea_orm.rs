//! SeaORM: a file with the SQL of all migrations, and `-- Applying migration 'm20220101_000001_create_users'` before each.

use super::marked::{self, Begins};
use super::{Directory, Failure, History, Reader};

pub(super) struct SeaOrm;

impl Reader for SeaOrm {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        Ok(marked::file(directory, begins)?.is_some())
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        match marked::file(directory, begins)? {
            Some(file) => marked::read(directory, file, begins, |sql| sql.contains("seaql_migrations")),
            None => Ok(History::default()),
        }
    }

    fn expected(&self) -> &'static str {
        "its migrations are Rust: write their SQL into a file, with a line `-- Applying migration 'NAME'` before each, and name \
         that file"
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
