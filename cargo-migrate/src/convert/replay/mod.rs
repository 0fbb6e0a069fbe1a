//! Running a history on a database of its own, and reading what each statement has done.

mod identity;
mod kind;
mod roles;
mod sequences;
mod watch;
mod wrong;

use std::rc::Rc;

use migrate_compiler::print;
use migrate_runtime::core::catalog::Catalog;
use migrate_runtime::core::query::Statement;
use migrate_runtime::core::sql::lex;
use migrate_runtime::core::token::Token;
use migrate_runtime::introspect::{Options, Unreadable, introspect, introspect_within};
use migrate_runtime::sqlx::{self, AssertSqlSafe, Connection as _, PgConnection};
use migrate_runtime::testing::TestDatabase;

pub(crate) use identity::Identities;
pub(crate) use kind::{Kind, creates_with_rows, kind};
use kind::{Manner, manner};
use roles::Roles;
use sequences::Sequences;
use watch::Watch;
pub(crate) use wrong::Wrong;

use super::rows;
use super::script::Script;
use crate::failure::{Failure, chain};
use crate::import::scratch;

/// What a database holds at a moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// As a migration would make it.
    pub(crate) catalog: Catalog,
    pub(crate) identities: Identities,
    /// What cannot be read of it.
    pub(crate) unreadable: Vec<Unreadable>,
}

/// What some statements have done together.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Their places in the script.
    pub(crate) statements: Vec<usize>,
    pub(crate) kind: Kind,
    pub(crate) before: Rc<Snapshot>,
    pub(crate) after: Rc<Snapshot>,
    /// Where names without a schema were looked up, if that is not the default.
    pub(crate) search_path: Option<Vec<String>>,
    /// Settings of the session that are not of the history.
    pub(crate) settings: Rc<Vec<String>>,
    /// What a block or a function has done to rows, where all of it was seen.
    pub(crate) rows: Option<Vec<Statement>>,
}

/// What a script has done.
pub(crate) struct Replayed {
    pub(crate) steps: Vec<Step>,
    /// Whether its transaction is still open.
    is_open: bool,
    before: Rc<Snapshot>,
}

impl Replayed {
    /// Whether it can be taken back and run again, seeing each statement by itself.
    pub(crate) fn can_be_closer(&self) -> bool {
        self.is_open && self.steps.iter().any(|step| step.statements.len() > 1)
    }
}

/// A history at work.
pub(crate) struct Replay {
    server: String,
    database: TestDatabase,
    connection: PgConnection,
    owner: String,
    now: Rc<Snapshot>,
    /// The catalog that was read last, and what came of it.
    live: Option<(Catalog, Rc<Snapshot>)>,
    settings: Rc<Vec<String>>,
    roles: Roles,
    /// Where they were before what may be rolled back.
    sequences: Sequences,
    /// What makes that the last error does not come again.
    pub(crate) missing: Option<String>,
}

/// Errors of a statement that is refused in a transaction, or by what the transaction has done before: `ALTER TYPE ... ADD VALUE` of
/// a value that is used, `ALTER TABLE` while triggers wait.
const NOT_IN_A_TRANSACTION: [&str; 4] = ["25001", "55P04", "55006", "2D000"];

impl Replay {
    /// Begins with an empty database of this server.
    pub(crate) async fn begin(server: &str, settings: Vec<String>) -> Result<Self, Failure> {
        let database = scratch(server).await.map_err(|failure| {
            failure
                .at("cannot create a database to run the history in")
                .help("`--scratch-url URL` names any database of a server whose role may create databases")
        })?;
        let failed = |error: sqlx::Error| Failure::new(format!("cannot use the database for the history: {error}"));
        // The catalog is read many times, always in the same way.
        let options = database.options().clone().options([("jit", "off"), ("plan_cache_mode", "force_generic_plan")]);
        let mut connection = PgConnection::connect_with(&options).await.map_err(failed)?;
        let owner = sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut connection).await.map_err(failed)?;
        let now = Rc::new(Snapshot::default());
        let mut replay = Replay {
            server: server.to_owned(),
            database,
            connection,
            owner,
            now,
            live: None,
            settings: Rc::new(settings),
            roles: Roles::default(),
            sequences: Sequences::default(),
            missing: None,
        };
        replay.read(false).await?;
        Ok(replay)
    }

    pub(crate) fn database(&self) -> &TestDatabase {
        &self.database
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// The roles that the history makes.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.named.iter().map(String::as_str)
    }

    /// Who runs it.
    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    /// As the database is now.
    pub(crate) fn now(&self) -> &Rc<Snapshot> {
        &self.now
    }

    /// Runs a script as its tool does; what only adds, or only removes, may be seen together. Its transaction stays open.
    pub(crate) async fn run(&mut self, script: &Script, together: bool) -> Result<Replayed, Failure> {
        self.fresh().await.map_err(|error| Wrong::connection(script, &error))?;
        let before = Rc::clone(&self.now);
        if script.in_transaction {
            let sequences = Sequences::read(&mut self.connection).await;
            self.sequences = sequences.map_err(|error| Wrong::connection(script, &error))?;
            self.command("BEGIN").await.map_err(|error| Wrong::connection(script, &error))?;
            match self.statements(script, true, together).await {
                Ok(steps) => return Ok(Replayed { steps, is_open: true, before }),
                Err(wrong) if wrong.sqlstate().is_some_and(|code| NOT_IN_A_TRANSACTION.contains(&code)) => {
                    self.roll_back(script, before.clone()).await?;
                    self.fresh().await.map_err(|error| Wrong::connection(script, &error))?;
                }
                Err(wrong) => return Err(self.failed(wrong, script)),
            }
        }
        match self.statements(script, false, false).await {
            Ok(steps) => Ok(Replayed { steps, is_open: false, before }),
            Err(wrong) => Err(self.failed(wrong, script)),
        }
    }

    fn failed(&mut self, wrong: Wrong, script: &Script) -> Failure {
        self.missing = wrong.missing();
        wrong.into_failure(script)
    }

    /// Keeps what a script has done.
    pub(crate) async fn keep(&mut self, script: &Script, replayed: &Replayed) -> Result<(), Failure> {
        if replayed.is_open {
            self.command("COMMIT").await.map_err(|error| Wrong::at_the_end(script, &error))?;
        }
        Ok(())
    }

    /// Takes back what a script has done, whose transaction is open.
    pub(crate) async fn take_back(&mut self, script: &Script, replayed: Replayed) -> Result<(), Failure> {
        self.roll_back(script, replayed.before).await
    }

    async fn roll_back(&mut self, script: &Script, before: Rc<Snapshot>) -> Result<(), Failure> {
        self.command("ROLLBACK").await.map_err(|error| Wrong::connection(script, &error))?;
        let restored = self.sequences.restore(&mut self.connection).await;
        restored.map_err(|error| Wrong::connection(script, &error))?;
        self.now = before;
        Ok(())
    }

    /// What a down leaves, which is not kept.
    pub(crate) async fn try_down(&mut self, script: &Script) -> Result<Rc<Snapshot>, Failure> {
        self.fresh().await.map_err(|error| Wrong::connection(script, &error))?;
        let before = Rc::clone(&self.now);
        let sequences = Sequences::read(&mut self.connection).await;
        self.sequences = sequences.map_err(|error| Wrong::connection(script, &error))?;
        self.command("BEGIN").await.map_err(|error| Wrong::connection(script, &error))?;
        let mut result = Ok(());
        for (index, statement) in script.statements.iter().enumerate() {
            if matches!(kind(&statement.sql), Kind::Transaction | Kind::Role) {
                continue;
            }
            if let Err(error) = self.command(&without_concurrently(&statement.sql)).await {
                result = Err(Wrong::statement(index, error).into_failure(script));
                break;
            }
        }
        let left = match result {
            Ok(()) => self.read(true).await.map(|()| Rc::clone(&self.now)),
            Err(failure) => Err(failure),
        };
        self.roll_back(script, before).await?;
        left
    }

    /// Closes everything.
    pub(crate) async fn end(self) -> Result<(), Failure> {
        let _ = self.connection.close().await;
        let removed = self.database.remove().await;
        removed.map_err(|error| Failure::new(format!("cannot drop the database of the history: {}", chain(&error))))?;
        self.roles.drop_made(&self.server).await
    }

    /// No setting of the file before.
    async fn fresh(&mut self) -> Result<(), sqlx::Error> {
        self.command("RESET SESSION AUTHORIZATION").await?;
        self.command("RESET ALL").await?;
        self.command("DISCARD TEMP").await?;
        for setting in Rc::clone(&self.settings).iter() {
            self.command(setting).await?;
        }
        Ok(())
    }

    async fn command(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.connection).await.map(|_| ())
    }

    async fn statements(&mut self, script: &Script, in_transaction: bool, together: bool) -> Result<Vec<Step>, Wrong> {
        let mut steps: Vec<Step> = Vec::new();
        let sets_path = |sql: &str| sql.to_ascii_lowercase().contains("search_path");
        let mut path_is_set = self.settings.iter().any(|setting| sets_path(setting));
        // What was run and not seen yet, all of one manner.
        let mut unseen: Option<(Manner, Step)> = None;
        for (index, statement) in script.statements.iter().enumerate() {
            let kind = kind(&statement.sql);
            let manner = manner(&statement.sql);
            let goes_on = |(so_far, _): &(Manner, Step)| {
                together && kind == Kind::Structure && manner == *so_far && manner != Manner::Alters && !path_is_set
            };
            if unseen.as_ref().is_some_and(|unseen| !goes_on(unseen)) {
                self.see(&mut unseen, &mut steps, in_transaction).await?;
            }
            if kind == Kind::Role {
                self.role(&statement.sql).await.map_err(|error| Wrong::statement(index, error))?;
            }
            if matches!(kind, Kind::Transaction | Kind::Role) {
                steps.push(self.step(index, kind, None));
                continue;
            }
            let roles = match kind == Kind::Anything && roles::may_make(&statement.sql) {
                true => Some(self.role_names().await.map_err(|error| Wrong::statement(index, error))?),
                false => None,
            };
            path_is_set |= kind == Kind::Setting && sets_path(&statement.sql);
            let search_path = if path_is_set && kind != Kind::Setting {
                let path = sqlx::query_scalar("SELECT pg_catalog.current_schemas(false)::text[]");
                let path: Vec<String> =
                    path.fetch_one(&mut self.connection).await.map_err(|error| Wrong::statement(index, error))?;
                Some(path)
            } else {
                None
            };
            let is_watched = match kind {
                Kind::Anything => rows::may_change_rows_anywhere(&statement.sql, &self.now.catalog),
                // It reads what no migration has: a temporary table, for one.
                Kind::Rows => rows::operation(&statement.sql, &self.step(index, kind, search_path.clone())).is_err(),
                Kind::Structure => creates_with_rows(&statement.sql),
                _ => false,
            };
            let watch = if is_watched {
                let begun = Watch::begin(&statement.sql, &self.now.catalog, &mut self.connection).await;
                Some(begun.map_err(|error| Wrong::statement(index, error))?)
            } else {
                None
            };
            let sql = without_concurrently(&statement.sql);
            self.command(&sql).await.map_err(|error| Wrong::statement(index, error))?;
            if let Some(before) = roles {
                let noted = self.note_roles(&statement.sql, &before).await;
                noted.map_err(|error| Wrong::statement(index, error))?;
            }
            if let Some(watch) = watch {
                let mut step = self.step(index, kind, search_path);
                self.read(in_transaction).await.map_err(Wrong::Reading)?;
                step.after = Rc::clone(&self.now);
                step.rows = watch
                    .end(&step.before.catalog, &step.after.catalog, &mut self.connection)
                    .await
                    .map_err(|error| Wrong::statement(index, error))?;
                steps.push(step);
                continue;
            }
            if !matches!(kind, Kind::Structure | Kind::Anything) {
                steps.push(self.step(index, kind, search_path));
                continue;
            }
            match &mut unseen {
                Some((_, step)) => step.statements.push(index),
                None => unseen = Some((manner, self.step(index, kind, search_path))),
            }
        }
        self.see(&mut unseen, &mut steps, in_transaction).await?;
        Ok(steps)
    }

    /// Reads what was not seen yet.
    async fn see(
        &mut self,
        unseen: &mut Option<(Manner, Step)>,
        steps: &mut Vec<Step>,
        in_transaction: bool,
    ) -> Result<(), Wrong> {
        if let Some((_, mut step)) = unseen.take() {
            self.read(in_transaction).await.map_err(Wrong::Reading)?;
            step.after = Rc::clone(&self.now);
            steps.push(step);
        }
        Ok(())
    }

    fn step(&self, index: usize, kind: Kind, search_path: Option<Vec<String>>) -> Step {
        Step {
            statements: vec![index],
            kind,
            before: Rc::clone(&self.now),
            after: Rc::clone(&self.now),
            search_path,
            settings: Rc::clone(&self.settings),
            rows: None,
        }
    }

    async fn read(&mut self, in_transaction: bool) -> Result<(), Failure> {
        let options = Options { keeps_plans: true, ..Options::default() };
        let found = if in_transaction {
            introspect_within(&mut self.connection, &options).await
        } else {
            introspect(&mut self.connection, &options).await
        };
        let failed =
            |error: &dyn std::error::Error| Failure::new(chain(error)).help("run it again: nothing was written");
        let found = found.map_err(|error| failed(&error))?;
        let identities = Identities::read(&mut self.connection).await.map_err(|error| failed(&error))?;
        let earlier = self.live.as_ref().map(|(live, written)| (live, &written.catalog));
        let catalog = print::imported_after(&found.catalog, &self.owner, earlier);
        self.now = Rc::new(Snapshot { catalog, identities, unreadable: found.unreadable });
        self.live = Some((found.catalog, Rc::clone(&self.now)));
        Ok(())
    }
}

/// A statement as it does the same in a transaction. Nobody else is in the database.
fn without_concurrently(sql: &str) -> String {
    let holds = lex(sql).is_ok_and(|tokens| {
        tokens.iter().take(12).any(|token| matches!(token, Token::Word(word) if word == "concurrently"))
    });
    let first = sql.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    if !holds || !["create", "drop", "reindex", "refresh", "alter"].contains(&first.as_str()) {
        return sql.to_owned();
    }
    match sql.to_ascii_lowercase().find("concurrently") {
        Some(at) => format!("{}{}", &sql[..at], &sql[at + "concurrently".len()..]),
        None => sql.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concurrently_is_left_out_of_what_builds() {
        assert_eq!(without_concurrently("CREATE INDEX CONCURRENTLY i ON t (a)"), "CREATE INDEX  i ON t (a)");
        let text = "COMMENT ON TABLE t IS 'concurrently'";
        assert_eq!(without_concurrently(text), text);
    }
}
