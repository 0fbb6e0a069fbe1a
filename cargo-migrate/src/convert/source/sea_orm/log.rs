//! The log of its command line. With its feature `debug-print` SeaORM tells each statement with the values in it; without it only
//! sqlx does, which leaves them out.

use anstream::adapter::strip_str;
use migrate_runtime::core::sql::lex;
use migrate_runtime::core::token::Token;

use super::super::marked::Begins;
use super::{Directory, Failure, History};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

/// Whether it is a log, and not SQL.
pub(super) fn is_log(text: &str) -> bool {
    text.lines().any(|line| Entry::of(&plain(line)).is_some())
}

pub(super) fn read(
    directory: &Directory,
    file: &str,
    begins: impl Fn(&str) -> Option<Begins>,
    is_own: impl Fn(&str) -> bool,
) -> Result<History, Failure> {
    let path = directory.path(file);
    let text = directory.text(file)?;
    let has_values = text.lines().any(|line| matches!(Entry::of(&plain(line)), Some(Entry::Statement(_))));
    let mut history = History::default();
    // The statement that was started, and its line.
    let mut begun: Option<(usize, String)> = None;
    for (index, line) in text.lines().map(Some).chain([None]).enumerate() {
        let is_end = line.is_none();
        let line = plain(line.unwrap_or_default());
        let entry = if is_end { Some(Entry::Other) } else { Entry::of(&line) };
        let Some(entry) = entry else {
            // A statement of several lines goes on.
            if let Some((_, sql)) = &mut begun {
                sql.push('\n');
                sql.push_str(&line);
            }
            continue;
        };
        if let (Some((line, sql)), Some(last)) = (begun.take(), history.migrations.last_mut()) {
            add(&mut last.up, &sql, line, has_values)?;
        }
        if let Some(Begins { version, name }) = begins(&line) {
            let up = Script { path: path.clone(), statements: Vec::new(), in_transaction: true };
            history.migrations.push(Theirs { version, name, up, down: None });
        }
        begun = match entry {
            Entry::Statement(sql) if has_values => Some((index + 1, sql.to_owned())),
            Entry::Logged(sql) if !has_values => Some((index + 1, sql)),
            _ => None,
        };
    }
    for one in &mut history.migrations {
        one.up.statements.retain(|statement| !is_own(&statement.sql));
        let parameter = one.up.statements.iter().find(|statement| !has_values && has_parameter(&statement.sql));
        if let Some(statement) = parameter {
            return Err(Failure::new(format!(
                "{}:{}: the log omits the values of this statement: {}",
                path.display(),
                statement.line,
                statement.sql
            ))
            .help("write `sea-orm = { version = \"...\", features = [\"debug-print\"] }` in the crate of the migrations, and log them again"));
        }
    }
    Ok(history)
}

/// What was logged as one may be several statements. Where it was written on one line of the log, all stand on that.
fn add(script: &mut Script, sql: &str, line: usize, keeps_lines: bool) -> Result<(), Failure> {
    let mut read = Script::read(&script.path, sql, line)?;
    if !keeps_lines {
        read.statements.iter_mut().for_each(|statement| statement.line = line);
    }
    let is_of_the_tool = |sql: &str| ["BEGIN", "COMMIT", "ROLLBACK"].contains(&sql) || sql.starts_with("SAVEPOINT ");
    read.statements.retain(|statement| !is_of_the_tool(statement.sql.trim()));
    script.statements.append(&mut read.statements);
    Ok(())
}

/// A line that begins with a time and a level.
enum Entry<'l> {
    /// A statement as SeaORM tells it; it may go on behind this line.
    Statement(&'l str),
    /// A statement as sqlx tells it.
    Logged(String),
    Other,
}

impl<'l> Entry<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let (time, rest) = line.split_once(' ')?;
        let is_time =
            time.len() > 18 && time.as_bytes()[10] == b'T' && time.bytes().take(4).all(|byte| byte.is_ascii_digit());
        let (level, rest) = rest.trim_start().split_once(' ')?;
        if !is_time || !["TRACE", "DEBUG", "INFO", "WARN", "ERROR"].contains(&level) {
            return None;
        }
        for target in ["sea_orm::database::", "sea_orm::driver::"] {
            if let Some((_, sql)) = rest.split_once(target).and_then(|(_, rest)| rest.split_once(": ")) {
                return Some(Entry::Statement(sql));
            }
        }
        if rest.contains("sqlx::query:") {
            let sql = quoted(rest, "db.statement=").filter(|sql| !sql.is_empty()).or_else(|| quoted(rest, "summary="));
            return Some(sql.map_or(Entry::Other, Entry::Logged));
        }
        Some(Entry::Other)
    }
}

/// The text in quotes behind a word, as Rust writes it for debugging.
fn quoted(line: &str, before: &str) -> Option<String> {
    let (_, rest) = line.split_once(before)?;
    let mut characters = rest.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match characters.next()? {
            '"' => return Some(text),
            '\\' => match characters.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'u' => {
                    let code: String = characters.by_ref().skip(1).take_while(|&one| one != '}').collect();
                    text.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}

/// Whether a statement has a `$1`, whose value is not in it.
fn has_parameter(sql: &str) -> bool {
    let tokens = lex(sql).unwrap_or_default();
    tokens.windows(2).any(|pair| matches!(pair, [Token::Symbol { symbol: '$', .. }, Token::Number(_)]))
}

/// A line without the colours that a terminal is told.
fn plain(line: &str) -> String {
    strip_str(line).to_string()
}
