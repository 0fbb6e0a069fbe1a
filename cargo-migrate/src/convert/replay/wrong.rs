//! Why a history does not run.

use migrate_runtime::core::sql::quote_identifier;
use migrate_runtime::sqlx;
use migrate_runtime::sqlx::postgres::{PgDatabaseError, PgErrorPosition};

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
        let begins = format!("{}:{}", script.path.display(), statement.line);
        let sqlx::Error::Database(database) = &error else {
            return Failure::new(format!("{begins}: lost the server while it ran this statement: {}", chain(&error)))
                .help("check the log of the server, and run it again: nothing was written");
        };
        let told = database.try_downcast_ref::<PgDatabaseError>();
        let code = told.map_or("", PgDatabaseError::code);
        let position = match told.and_then(PgDatabaseError::position) {
            // Without `CONCURRENTLY`, another text was sent.
            Some(PgErrorPosition::Original(position))
                if super::without_concurrently(&statement.sql) == statement.sql =>
            {
                Position::of(&statement.sql, position)
            }
            _ => None,
        };
        let line = statement.line + position.as_ref().map_or(0, |position| position.line);
        let number = index + 1;
        let of = script.statements.len();
        let mut message = format!(
            "{}:{line}: statement {number} of {of} fails: {} [{code}]",
            script.path.display(),
            database.message()
        );
        for (what, text) in [
            ("detail", told.and_then(PgDatabaseError::detail)),
            ("hint", told.and_then(PgDatabaseError::hint)),
            ("where", told.and_then(PgDatabaseError::r#where)),
        ] {
            if let Some(text) = text {
                message.push_str(&format!("\n  {what}: {}", text.replace('\n', "\n    ")));
            }
        }
        excerpt(&mut message, &statement.sql, position.as_ref());
        Failure::new(message).help(help(code, database.message()))
    }
}

/// A place in a statement, from 0.
struct Position {
    line: usize,
    /// In characters.
    column: usize,
}

impl Position {
    /// As the server counts: characters, from 1.
    fn of(sql: &str, position: usize) -> Option<Self> {
        let before: String = sql.chars().take(position.checked_sub(1)?).collect();
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        Some(Position { line, column })
    }
}

/// Adds the lines of a statement: its first ones, or those around the place, which is marked.
fn excerpt(message: &mut String, sql: &str, position: Option<&Position>) {
    let lines: Vec<&str> = sql.lines().collect();
    let at = position.map_or(0, |position| position.line);
    let first = (at + 1).saturating_sub(SHOWN);
    if first > 0 {
        message.push_str(&format!("\n  | ... {}", counted(first)));
    }
    let end = (first + SHOWN).min(lines.len());
    for (number, line) in lines.iter().enumerate().take(end).skip(first) {
        message.push_str(&format!("\n  | {line}"));
        if let Some(position) = position.filter(|position| position.line == number) {
            // Tabs stay tabs, so that the mark stands below its place.
            let space = line.chars().take(position.column).map(|one| if one == '\t' { '\t' } else { ' ' });
            message.push_str(&format!("\n  | {}^", space.collect::<String>()));
        }
    }
    if end < lines.len() {
        message.push_str(&format!("\n  | ... {}", counted(lines.len() - end)));
    }
}

fn counted(lines: usize) -> String {
    if lines == 1 { "1 more line".to_owned() } else { format!("{lines} more lines") }
}

/// What to do about an error of the server.
fn help(code: &str, message: &str) -> String {
    let quoted = message.split('"').nth(1);
    let before = |what: &str, sql: &str| {
        format!(
            "no statement of the history creates {what} before this one. If its tool or an administrator creates it \
             first, write `{sql}` into a file, and name the file with `--before FILE`"
        )
    };
    match code {
        "58P01" | "0A000" if message.contains("extension") => {
            "install the extension on that server, or name another one with `--scratch-url`".to_owned()
        }
        "42P01" => match quoted {
            Some(name) => before(&format!("`{name}`"), &format!("CREATE TABLE {name} (...)")),
            None => before("it", "CREATE TABLE ..."),
        },
        "42703" => match message.split('"').collect::<Vec<_>>().as_slice() {
            [_, column, _, table, _] => {
                before(&format!("`{column}` of `{table}`"), &format!("ALTER TABLE {table} ADD COLUMN {column} ..."))
            }
            _ => {
                let column = quoted.unwrap_or("...");
                before(&format!("the column `{column}`"), &format!("ALTER TABLE ... ADD COLUMN {column} ..."))
            }
        },
        "42883" => match message.strip_prefix("function ").and_then(|rest| rest.strip_suffix(" does not exist")) {
            Some(function) => before(&format!("`{function}`"), &format!("CREATE FUNCTION {function} RETURNS ...")),
            None => before("it", "CREATE FUNCTION ..."),
        },
        "42704" if message.starts_with("role ") => match quoted {
            Some(role) => format!(
                "roles belong to the server, not to the database: run `CREATE ROLE {}` on it, and try again",
                quote_identifier(role)
            ),
            None => "roles belong to the server, not to the database: create it, and try again".to_owned(),
        },
        "42704" => match (message.split(' ').next(), quoted) {
            (Some(kind), Some(name)) => {
                before(&format!("the {kind} `{name}`"), &format!("CREATE {} {name} ...", kind.to_uppercase()))
            }
            _ => before("it", "CREATE ..."),
        },
        "42501" => {
            "name a role that may do this with `--scratch-url`: it needs the privileges that the history needs, on a \
             server of its own"
                .to_owned()
        }
        _ => "the history runs in a new, empty database: correct the statement so that it runs there, and try again; \
             nothing was written"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_marked_in_the_lines_around_it() {
        let sql = (1..=9).map(|number| format!("\tline {number}")).collect::<Vec<_>>().join("\n");
        let mut message = String::new();
        let position = Position::of(&sql, sql.find("line 8").map_or(0, |bytes| bytes + 6)).unwrap();
        excerpt(&mut message, &sql, Some(&position));
        assert_eq!(
            message,
            "\n  | ... 2 more lines\n  | \tline 3\n  | \tline 4\n  | \tline 5\n  | \tline 6\n  | \tline 7\n  | \tline 8\n  | \t     ^\n  | ... 1 more line"
        );
        assert_eq!(position.line, 7);
    }

    #[test]
    fn what_is_missing_is_named_with_what_to_write() {
        for (code, message, expected) in [
            ("42P01", "relation \"auth.users\" does not exist", "`CREATE TABLE auth.users (...)`"),
            (
                "42703",
                "column \"owner\" of relation \"storage.objects\" does not exist",
                "`ALTER TABLE storage.objects ADD COLUMN owner ...`",
            ),
            ("42883", "function auth.uid() does not exist", "`CREATE FUNCTION auth.uid() RETURNS ...`"),
            ("42704", "role \"my app\" does not exist", "`CREATE ROLE \"my app\"`"),
            ("42704", "type \"mood\" does not exist", "the type `mood` before this one"),
            ("0A000", "extension \"postgis\" is not available", "install the extension"),
            ("0A000", "cannot alter type of a column used by a generated column", "correct the statement"),
        ] {
            let text = help(code, message);
            assert!(text.contains(expected), "{text}");
        }
    }
}
