//! What a statement can do, by its words.

use migrate_runtime::core::query;
use migrate_runtime::core::sql::lex;
use migrate_runtime::core::token::{Cursor, Token};

/// What a statement can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing here: `BEGIN`, `COMMIT`. A file runs as its tool runs it.
    Transaction,
    /// Something of the session: `SET`.
    Setting,
    /// Nothing that stays: `LOCK`, `ANALYZE`.
    Passing,
    /// Roles, which are of the server: `CREATE ROLE`, `GRANT app TO other`.
    Role,
    /// Rows: `INSERT`, `UPDATE`, `DELETE`, `MERGE`.
    Rows,
    /// All rows: `TRUNCATE`.
    Truncate,
    /// Anything: what a function or a block does.
    Anything,
    /// Temporary tables, which no catalog has.
    Temporary,
    /// The structure.
    Structure,
}

/// How what a statement does to the structure goes together with what its neighbours do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It only adds: many of them are seen in one reading.
    Adds,
    /// It only removes: so are these.
    Removes,
    /// It has to be seen by itself.
    Alters,
}

/// The manner of a statement of [`Kind::Structure`].
pub(crate) fn manner(sql: &str) -> Manner {
    let Ok(tokens) = lex(sql) else { return Manner::Alters };
    let cursor = Cursor::of_sql(&tokens);
    match cursor.peek() {
        _ if creates_with_rows(sql) => Manner::Alters,
        Token::Word(first) if first == "create" || first == "comment" => Manner::Adds,
        Token::Word(first) if first == "drop" => Manner::Removes,
        Token::Word(first) if first == "alter" => {
            let only_adds = cursor.is_words(&["alter", "table"])
                && [
                    "drop", "alter", "rename", "set", "reset", "validate", "attach", "detach", "owner", "enable",
                    "disable", "force", "inherit", "replica", "cluster",
                ]
                .iter()
                .all(|verb| {
                    // `ALTER` itself is the first word; `ON DELETE SET NULL` and `DEFAULT` are no actions.
                    !tokens.iter().skip(1).any(|token| matches!(token, Token::Word(word) if word == verb))
                });
            if only_adds { Manner::Adds } else { Manner::Alters }
        }
        _ => Manner::Alters,
    }
}

/// Whether it makes a table with the rows of a query: `CREATE TABLE ... AS`, `SELECT ... INTO`.
pub(crate) fn creates_with_rows(sql: &str) -> bool {
    let Ok(tokens) = lex(sql) else { return false };
    let is = |token: &Token, words: &[&str]| matches!(token, Token::Word(word) if words.contains(&word.as_str()));
    let mut depth = 0_usize;
    let top: Vec<&Token> = tokens
        .iter()
        .filter(|token| {
            match token {
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })
        .collect();
    let has = |words: &[&str]| top.iter().any(|token| is(token, words));
    match tokens.first() {
        Some(first) if is(first, &["create"]) => {
            let is_table = tokens.iter().take(3).any(|token| is(token, &["table"]));
            let with_nothing =
                top.windows(3).any(|three| is(three[0], &["with"]) && is(three[1], &["no"]) && is(three[2], &["data"]));
            is_table && has(&["as"]) && !with_nothing
        }
        Some(first) if is(first, &["select", "with"]) => has(&["into"]) && !has(&["insert", "merge"]),
        _ => false,
    }
}

/// The word that begins a statement, and those behind it.
pub(crate) fn kind(sql: &str) -> Kind {
    let Ok(tokens) = lex(sql) else { return Kind::Structure };
    let cursor = Cursor::of_sql(&tokens);
    let Token::Word(first) = cursor.peek() else { return Kind::Structure };
    match first.as_str() {
        "begin" | "commit" | "end" | "start" => Kind::Transaction,
        "set" | "reset" | "discard" => Kind::Setting,
        // It is remembered by which index.
        "cluster" if tokens.iter().any(|token| matches!(token, Token::Word(word) if word == "using")) => {
            Kind::Structure
        }
        "lock" | "analyze" | "analyse" | "vacuum" | "checkpoint" | "reindex" | "cluster" | "notify" | "listen"
        | "show" | "explain" | "savepoint" | "release" => Kind::Passing,
        "insert" | "update" | "delete" | "merge" => Kind::Rows,
        "select" | "with" if creates_with_rows(sql) => Kind::Structure,
        "with" => match sql.parse() {
            Ok(query::Statement::Query(_)) | Err(_) => Kind::Anything,
            Ok(_) => Kind::Rows,
        },
        "select" if is_setting(sql) => Kind::Setting,
        "truncate" => Kind::Truncate,
        "select" | "values" | "do" | "call" | "execute" | "table" => Kind::Anything,
        _ if is_about_roles(&cursor) => Kind::Role,
        "create" if is_temporary(&cursor) || is_in_session(&tokens) => Kind::Temporary,
        _ => Kind::Structure,
    }
}

/// Whether a statement is about roles, or about who is a member of which.
pub(super) fn is_about_roles(cursor: &Cursor<'_>) -> bool {
    let is = |distance: usize, words: &[&str]| matches!(cursor.look_ahead(distance), Token::Word(word) if words.contains(&word.as_str()));
    if is(0, &["grant", "revoke"]) {
        let mut words = (1..).map(|distance| cursor.look_ahead(distance)).take_while(|token| **token != Token::End);
        return !words.any(|token| matches!(token, Token::Word(word) if word == "on"));
    }
    is(0, &["create", "alter", "drop"]) && is(1, &["role", "user", "group"]) && !is(2, &["mapping"])
}

/// `SELECT pg_catalog.set_config('search_path', '', false)`, as dumps have it.
fn is_setting(sql: &str) -> bool {
    let words = sql.to_ascii_lowercase().replace(char::is_whitespace, "");
    words.starts_with("selectpg_catalog.set_config(") || words.starts_with("selectset_config(")
}

fn is_temporary(cursor: &Cursor<'_>) -> bool {
    let temporary = |distance: usize| matches!(cursor.look_ahead(distance), Token::Word(word) if word == "temp" || word == "temporary");
    // `CREATE OR REPLACE TEMP VIEW`, `CREATE GLOBAL TEMP TABLE`
    (1..4).any(temporary)
}

/// Whether it is made in the schema of the session: `CREATE FUNCTION pg_temp.f()`.
fn is_in_session(tokens: &[Token]) -> bool {
    tokens.iter().take(6).any(|token| matches!(token, Token::Word(word) if word == "pg_temp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_adds_goes_together() {
        for (sql, expected) in [
            ("create table t (a int)", Manner::Adds),
            ("alter table t add a int default 0, add constraint c unique (a)", Manner::Adds),
            ("alter table t add a int, alter b drop default", Manner::Alters),
            ("alter table t rename to u", Manner::Alters),
            ("alter type t add value 'x'", Manner::Alters),
            ("drop table t", Manner::Removes),
        ] {
            assert_eq!(manner(sql), expected, "{sql}");
        }
    }

    #[test]
    fn the_first_words_tell() {
        for (sql, expected) in [
            ("BEGIN", Kind::Transaction),
            ("set search_path to app", Kind::Setting),
            ("SELECT pg_catalog.set_config('search_path', '', false)", Kind::Setting),
            ("SELECT fill()", Kind::Anything),
            ("with a as (select 1) insert into t select * from a", Kind::Rows),
            ("with a as (select 1) select * from a", Kind::Anything),
            ("create temp table t (a int)", Kind::Temporary),
            ("create or replace function pg_temp.f() returns int language sql as 'select 1'", Kind::Temporary),
            ("create table temporary_things (a int)", Kind::Structure),
            ("truncate t", Kind::Truncate),
            ("select a into b from t", Kind::Structure),
            ("with a as (insert into t values (1) returning a) select * from a", Kind::Anything),
            ("cluster t", Kind::Passing),
            ("cluster t using i", Kind::Structure),
            ("CREATE ROLE app", Kind::Role),
            ("GRANT app TO other", Kind::Role),
            ("GRANT SELECT ON t TO other", Kind::Structure),
            ("CREATE USER MAPPING FOR app SERVER s", Kind::Structure),
            ("alter table t add a int", Kind::Structure),
        ] {
            assert_eq!(kind(sql), expected, "{sql}");
        }
    }
}
