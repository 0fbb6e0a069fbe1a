//! Alembic: what `alembic upgrade head --sql` prints, with `-- Running upgrade a -> b` before each migration.

use super::marked::{self, Begins};
use super::{Directory, Failure, History, Reader};

pub(super) struct Alembic;

impl Reader for Alembic {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        Ok(marked::file(directory, begins)?.is_some())
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        match marked::file(directory, begins)? {
            Some(file) => marked::read(directory, file, begins, sql, is_own),
            None => Ok(History::default()),
        }
    }

    fn expected(&self) -> &'static str {
        "its migrations are Python: write their SQL to a file with `alembic upgrade head --sql > history.sql 2>&1`, \
         and name that file"
    }
}

/// `-- Running upgrade 1975ea83b712, ae1027a6acf -> 27c6a30d7c24`, also as Alembic's log has it, with the first line of the
/// migration's text behind it.
fn begins(line: &str) -> Option<Begins> {
    let (before, rest) = line.split_once("Running upgrade ")?;
    if !before.starts_with("--") && !before.contains("alembic") {
        return None;
    }
    let (_, rest) = rest.split_once("->")?;
    let rest = rest.trim();
    let (version, name) = rest.split_once(',').unwrap_or((rest, ""));
    let version = version.split_whitespace().next()?;
    Some(Begins { version: version.to_owned(), name: name.trim().to_owned() })
}

/// The log, which has the names of the migrations, may stand among the SQL: `2>&1`.
fn sql(line: &str) -> &str {
    let is_log = line.split_once('[').is_some_and(|(level, rest)| {
        rest.starts_with("alembic") && level.trim_end().bytes().all(|byte| byte.is_ascii_uppercase())
    });
    if is_log { "" } else { line }
}

fn is_own(sql: &str) -> bool {
    let words: String = sql.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    [
        "create table alembic_version",
        "insert into alembic_version",
        "update alembic_version",
        "delete from alembic_version",
    ]
    .iter()
    .any(|own| words.starts_with(own))
}
