//! Why a history does not run.

use migrate_runtime::sqlx;
use migrate_runtime::sqlx::postgres::PgDatabaseError;

use crate::convert::before;
use crate::convert::script::Script;
use crate::failure::{Failure, chain};

/// How many lines of a statement are shown.
const SHOWN: usize = 6;

/// What went wrong with a script.
pub(crate) enum Wrong {
    /// The server refuses a statement, or is gone.
    Statement { index: usize, error: sqlx::Error },
    /// The catalog cannot be read.
    Reading(Failure),
}

impl Wrong {
    pub(crate) fn statement(index: usize, error: sqlx::Error) -> Self {
        Wrong::Statement { index, error }
    }

    pub(crate) fn sqlstate(&self) -> Option<&str> {
        match self {
            Wrong::Statement { error: sqlx::Error::Database(error), .. } => {
                error.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::code)
            }
            _ => None,
        }
    }

    /// What makes that it does not come again, where it is something that histories take for granted.
    pub(crate) fn missing(&self) -> Option<String> {
        match self {
            Wrong::Statement { error: sqlx::Error::Database(error), .. } => {
                before::missing(self.sqlstate()?, error.message())
            }
            _ => None,
        }
    }

    /// The connection is lost between the statements.
    pub(crate) fn connection(script: &Script, error: &sqlx::Error) -> Failure {
        Failure::new(format!("lost the server at `{}`: {}", script.path.display(), chain(error)))
            .help("check the log of the server, and run it again: nothing was written")
    }

    /// What the server finds only when the transaction ends: a constraint that was deferred.
    pub(crate) fn at_the_end(script: &Script, error: &sqlx::Error) -> Failure {
        Failure::new(format!("{}: at its end: {}", script.path.display(), chain(error)))
    }

    pub(crate) fn into_failure(self, script: &Script) -> Failure {
        let (index, error) = match self {
            Wrong::Statement { index, error } => (index, error),
            Wrong::Reading(failure) => return failure,
        };
        let Some(statement) = script.statements.get(index) else { return Wrong::connection(script, &error) };
        let place = format!("{}:{}", script.path.display(), statement.line);
        let sqlx::Error::Database(database) = &error else {
            return Failure::new(format!("{place}: lost the server while it ran this statement: {}", chain(&error)))
                .help("check the log of the server, and run it again: nothing was written");
        };
        let told = database.try_downcast_ref::<PgDatabaseError>();
        let code = told.map_or("", PgDatabaseError::code);
        let number = index + 1;
        let of = script.statements.len();
        let mut message = format!("{place}: statement {number} of {of} fails: {} [{code}]", database.message());
        for (what, text) in [
            ("detail", told.and_then(PgDatabaseError::detail)),
            ("hint", told.and_then(PgDatabaseError::hint)),
            ("where", told.and_then(PgDatabaseError::r#where)),
        ] {
            if let Some(text) = text {
                message.push_str(&format!("\n  {what}: {}", text.replace('\n', "\n    ")));
            }
        }
        let lines: Vec<&str> = statement.sql.lines().collect();
        for line in lines.iter().take(SHOWN) {
            message.push_str(&format!("\n  | {line}"));
        }
        if lines.len() > SHOWN {
            message.push_str(&format!("\n  | ... {} more lines", lines.len() - SHOWN));
        }
        Failure::new(message).help(help(code))
    }
}

/// What to do about an error of the server.
fn help(code: &str) -> &'static str {
    match code {
        "58P01" | "0A000" => {
            "where it is an extension that is not there: install it on that server, or name another one with `--scratch-url`"
        }
        "42P01" | "42883" | "42703" => {
            "the history runs on an empty database of its own: where its tool or an administrator makes that first, write the SQL \
             into a file and name it with `--before FILE`"
        }
        "42501" => {
            "name a role that may do it with `--scratch-url`: it needs the rights that the history needs, on a server of its own"
        }
        "42704" => {
            "roles are of the server, not of the database: create those that the history names, and run it again"
        }
        _ => {
            "the history runs on an empty database of its own: correct the statement so that it runs there, and run it again; nothing was written"
        }
    }
}
