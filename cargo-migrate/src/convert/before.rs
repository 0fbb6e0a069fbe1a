//! What a history takes for granted: schemas, extensions, and what its tool has made for itself.

use std::path::{Path, PathBuf};

use migrate_runtime::core::extension::{providing_function, providing_type};
use migrate_runtime::core::sql::quote_identifier;

use super::history::Theirs;
use super::replay::{Kind, kind};
use super::script::{Script, Statement};
use crate::failure::Failure;

/// The version of the migration that makes it, which their tool does not have.
pub(crate) const VERSION: &str = "before";

/// What stands before a history.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    /// Settings of the session, which hold for all of it.
    pub(crate) settings: Vec<String>,
    statements: Vec<Statement>,
    path: PathBuf,
}

impl Before {
    /// Reads it from a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
        let script = Script::read(path, &text, 1)?;
        let (settings, statements): (Vec<_>, Vec<_>) =
            script.statements.into_iter().partition(|statement| kind(&statement.sql) == Kind::Setting);
        let settings = settings.into_iter().map(|statement| statement.sql).collect();
        Ok(Before { settings, statements, path: path.to_path_buf() })
    }

    /// Adds what was missing; not twice.
    pub(crate) fn add(&mut self, sql: String) -> bool {
        if self.statements.iter().any(|statement| statement.sql == sql) {
            return false;
        }
        self.statements.push(Statement::new(sql, self.statements.len() + 1));
        true
    }

    /// It as a migration.
    pub(crate) fn migration(&self) -> Option<Theirs> {
        if self.statements.is_empty() {
            return None;
        }
        let path =
            if self.path.as_os_str().is_empty() { PathBuf::from("(before the history)") } else { self.path.clone() };
        let up = Script { path, statements: self.statements.clone(), in_transaction: true };
        Some(Theirs { version: VERSION.to_owned(), name: VERSION.to_owned(), up, down: None })
    }
}

/// What makes that an error of the server does not come again, where it is something that histories take for granted.
pub(crate) fn missing(code: &str, message: &str) -> Option<String> {
    let quoted = |place: usize| message.split('"').nth(place);
    let extension = |name: &str| Some(format!("CREATE EXTENSION IF NOT EXISTS {}", quote_identifier(name)));
    match code {
        "3F000" => Some(format!("CREATE SCHEMA {}", quote_identifier(quoted(1)?))),
        "42704" if message.starts_with("type ") => extension(providing_type(quoted(1)?.rsplit('.').next()?)?),
        "42704" if message.starts_with("operator class ") => match quoted(1)? {
            "gin_trgm_ops" | "gist_trgm_ops" => extension("pg_trgm"),
            "gin__int_ops" | "gist__int_ops" | "gist__intbig_ops" => extension("intarray"),
            _ => None,
        },
        "42704" if message.contains("no default operator class") => match quoted(1)? {
            "gist" => extension("btree_gist"),
            "gin" => extension("btree_gin"),
            _ => None,
        },
        "42883" => {
            let (name, _) = message.strip_prefix("function ")?.split_once('(')?;
            extension(providing_function(name.rsplit('.').next()?)?)
        }
        // golang-migrate's own table, which some histories change.
        "42P01" if quoted(1) == Some("schema_migrations") => Some(
            "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)".to_owned(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_for_granted_is_known_by_the_error() {
        for (code, message, sql) in [
            ("3F000", "schema \"auth\" does not exist", Some("CREATE SCHEMA auth")),
            ("42704", "type \"public.citext\" does not exist", Some("CREATE EXTENSION IF NOT EXISTS citext")),
            (
                "42883",
                "function uuid_generate_v4() does not exist",
                Some("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\""),
            ),
            (
                "42704",
                "operator class \"gin_trgm_ops\" does not exist for access method \"gin\"",
                Some("CREATE EXTENSION IF NOT EXISTS pg_trgm"),
            ),
            ("42P01", "relation \"users\" does not exist", None),
        ] {
            assert_eq!(missing(code, message).as_deref(), sql, "{message}");
        }
    }
}
