//! Roles, which are of the server and not of a database: those that a history makes are there while it is converted.

use std::collections::BTreeSet;

use migrate_runtime::core::sql::{lex, quote_identifier};
use migrate_runtime::core::token::{Cursor, Token};
use migrate_runtime::sqlx::{self, Connection as _, PgConnection};

use super::Replay;
use super::kind::is_about_roles;
use crate::failure::Failure;

/// The roles of a history.
#[derive(Debug, Default)]
pub(super) struct Roles {
    /// Those that it makes.
    pub(super) named: BTreeSet<String>,
    /// Those of them that were not there.
    made: BTreeSet<String>,
}

impl Roles {
    /// Drops what was made on a server.
    pub(super) async fn drop_made(&self, server: &str) -> Result<(), Failure> {
        if self.made.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = self.made.iter().map(|name| quote_identifier(name).into_owned()).collect();
        let sql = format!("DROP ROLE IF EXISTS {}", names.join(", "));
        let dropped = async {
            let mut connection = PgConnection::connect(server).await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone())).execute(&mut connection).await?;
            connection.close().await
        };
        dropped.await.map_err(|error| {
            Failure::new(format!("cannot drop the roles of the history: {error}")).help(format!("run `{sql}`"))
        })
    }
}

/// The role that a statement makes.
fn made_by(sql: &str) -> Option<String> {
    let tokens = lex(sql).ok()?;
    let cursor = Cursor::of_sql(&tokens);
    match (is_about_roles(&cursor) && cursor.is_word("create")).then(|| cursor.look_ahead(2))? {
        Token::Word(name) | Token::QuotedWord(name) => Some(name.clone()),
        _ => None,
    }
}

/// Whether the code of a block may make a role.
pub(super) fn may_make(code: &str) -> bool {
    let words: Vec<String> = code.split_whitespace().map(str::to_ascii_lowercase).collect();
    words.windows(2).any(|pair| pair[0].ends_with("create") && ["role", "user"].contains(&pair[1].as_str()))
}

impl Replay {
    /// Makes the role that a statement makes, unless it is there. Nothing else about roles is done: they may be those of others.
    pub(super) async fn role(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let Some(name) = made_by(sql) else { return Ok(()) };
        if !self.role_names().await?.contains(&name) {
            self.command(sql).await?;
            self.roles.made.insert(name.clone());
        }
        self.roles.named.insert(name);
        Ok(())
    }

    /// Notes the roles that a block has made, which was run when these were there.
    pub(super) async fn note_roles(&mut self, code: &str, before: &BTreeSet<String>) -> Result<(), sqlx::Error> {
        let now = self.role_names().await?;
        let made = now.into_iter().filter(|name| !before.contains(name) && code.contains(name.as_str()));
        for name in made {
            self.roles.made.insert(name.clone());
            self.roles.named.insert(name);
        }
        Ok(())
    }

    pub(super) async fn role_names(&mut self) -> Result<BTreeSet<String>, sqlx::Error> {
        let names = sqlx::query_scalar("SELECT rolname::text FROM pg_catalog.pg_roles");
        let names: Vec<String> = names.fetch_all(&mut self.connection).await?;
        Ok(names.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_is_known_by_the_statement() {
        for (sql, role) in [
            ("CREATE ROLE app NOLOGIN", Some("app")),
            ("create user \"App\" with password 'x'", Some("App")),
            ("CREATE USER MAPPING FOR app SERVER s", None),
            ("ALTER ROLE app SET search_path = app", None),
            ("CREATE TABLE role (a int)", None),
        ] {
            assert_eq!(made_by(sql).as_deref(), role, "{sql}");
        }
        assert!(may_make("DO $$ BEGIN\nCREATE ROLE app; END $$") && !may_make("DO $$ BEGIN PERFORM 1; END $$"));
    }
}
