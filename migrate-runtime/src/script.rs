//! Migrations as an SQL script, for those who run them by hand.
//!
//! The script does what the runtime does, in the same order, with the same rows in the history and in the journal: what
//! it began and did not finish, the runtime finishes. Only the waiting for locks is simpler.

mod extensions;

use migrate_core::history::{Direction, HistoryError, Irreversible, Kind, MigrationName, chain_of, decide_baseline};
use migrate_core::plan::{
    Checksum, Cow, Down, Migration, Mode, Postcondition, Script, SearchPath, Segment, Statement, Work,
};
use migrate_core::sql::{Writer, quote_identifier, quote_literal};

use crate::error::Error;
use crate::history_table::{TOOL_VERSION, Tables};
use crate::journal::{self, Kept};
use crate::lock::Keys;
use crate::migrator::Migrator;
use crate::trust;

/// What a script sets: what a run and its driver do, and everything else that decides how texts are read as values, and values
/// written as texts.
const SETTINGS: [(&str, &str); 17] = [
    ("search_path", "pg_catalog, pg_temp"),
    ("client_encoding", "UTF8"),
    ("standard_conforming_strings", "on"),
    ("backslash_quote", "safe_encoding"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
    ("array_nulls", "on"),
    ("transform_null_equals", "off"),
    ("xmloption", "content"),
    ("default_transaction_read_only", "off"),
    ("default_transaction_isolation", "read committed"),
    ("statement_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("transaction_timeout", "0"),
];

/// Which migrations a script contains: those after one version, up to and including another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScriptRange {
    /// Those after this one; 0 to start with the first.
    pub after: i64,
    /// The last one; `None` for all.
    pub to: Option<i64>,
}

impl Migrator {
    /// The SQL that applies (or reverts) a range of migrations, with its transactions, and with the rows of the
    /// history table. Needs no database; the script itself checks that the database is where the range begins.
    ///
    /// # Errors
    /// No migration has one of the versions, or one of them calls a Rust function or cannot be reverted; or the script
    /// is for the schema of a tenant.
    pub fn script(&self, direction: Direction, range: ScriptRange) -> Result<String, Error> {
        self.settings.check_names()?;
        if let Some(schema) = &self.settings.tenant {
            return Err(Error::NoScript { schema: schema.clone() });
        }
        let all: Vec<&Migration> = self.embedded.iter().map(|embedded| embedded.migration()).collect();
        // Both refuse a version that is unknown, and answer the migrations up to it.
        let before = if range.after == 0 { Vec::new() } else { decide_baseline(&all, &[], &[], range.after)? };
        let upto = range.to.map_or_else(|| Ok(all.clone()), |to| decide_baseline(&all, &[], &[], to))?;
        let chosen = upto.get(before.len()..).unwrap_or_default();
        let mut writer = ScriptWriter {
            tables: self.settings.tables(),
            application: self.settings.application.clone().unwrap_or_default(),
            configured_path: quote_literal(&self.settings.search_path).to_string(),
            safe_path: self.settings.safe_search_path(),
            search_path: SearchPath::System,
            text: String::new(),
        };
        writer.head(self, direction, chosen);
        match direction {
            Direction::Up => {
                if before.is_empty() && !chosen.is_empty() {
                    writer.history_tables();
                }
                let mut done: Vec<&Migration> = before;
                for migration in chosen {
                    writer.up(migration, &done)?;
                    done.push(migration);
                }
            }
            Direction::Down => {
                reversible(chosen)?;
                for (index, migration) in chosen.iter().enumerate().rev() {
                    writer.down(migration, upto.get(..=before.len() + index).unwrap_or_default())?;
                }
            }
        }
        writer.foot();
        Ok(writer.text)
    }
}

fn reversible(migrations: &[&Migration]) -> Result<(), Error> {
    let irreversible: Vec<Irreversible> = migrations
        .iter()
        .rev()
        .filter_map(|migration| match &migration.down {
            Down::Script { .. } => None,
            Down::Irreversible { why } => {
                Some(Irreversible { migration: MigrationName::of(migration), why: why.to_string() })
            }
        })
        .collect();
    if irreversible.is_empty() { Ok(()) } else { Err(HistoryError::Irreversible(irreversible).into()) }
}

/// One migration in one direction.
struct Part<'m> {
    migration: &'m Migration,
    direction: Direction,
    script: &'m Script,
    /// What a revert does not bring back.
    loses: &'m [Cow<'static, str>],
    /// The chain of the database before it.
    chain: Checksum,
    /// The name of the last migration before it.
    at: String,
    finish: Vec<String>,
}

struct ScriptWriter {
    tables: Tables,
    application: String,
    /// The `search_path` of what a person wrote, and that of what runs routines, as expressions.
    configured_path: String,
    safe_path: String,
    /// Where names are looked up at this place of the script.
    search_path: SearchPath,
    text: String,
}

impl ScriptWriter {
    fn head(&mut self, migrator: &Migrator, direction: Direction, migrations: &[&Migration]) {
        let verb = match direction {
            Direction::Up => "Applies",
            Direction::Down => "Reverts",
        };
        let names = match migrations {
            [] => "nothing: the range is empty".to_string(),
            [one] => MigrationName::of(one).to_string(),
            [first, .., last] => {
                let (first, last) = (MigrationName::of(first), MigrationName::of(last));
                format!("{} migrations, {first} to {last}", migrations.len())
            }
        };
        self.comment(&format!("{verb} {names}."));
        self.comment(&format!(
            "For PostgreSQL {} and newer. Generated by migrate-runtime {TOOL_VERSION}.",
            migrator.options.oldest_server
        ));
        self.comment("Run it in one session that stops at the first error: psql -X -v ON_ERROR_STOP=1 -f THIS_FILE");
        self.comment("If it stops, start the application's own `up` or `down`: it continues where this stopped.");
        self.text.push('\n');
        self.comment("Settings that a role or a database may have changed.");
        self.settings();
        self.comment("How long to wait for the lock on a table, while others queue behind.");
        self.command("SET lock_timeout = '5s'");
        self.comment("The lock that the application's own runs take, so that none starts in the meantime.");
        let key = Keys::of(&self.tables.schema_name).run();
        self.check(
            &format!("NOT pg_catalog.pg_try_advisory_lock({key})"),
            "another process is migrating this database",
        );
        self.comment("Nobody else may write to the history.");
        self.block(&trust::stop(&self.tables));
    }

    fn foot(&mut self) {
        let key = Keys::of(&self.tables.schema_name).run();
        self.text.push('\n');
        self.comment("The state of the history, for programs that start.");
        self.command("BEGIN");
        for command in self.tables.set_head() {
            self.command(&command);
        }
        self.command("COMMIT");
        self.block(&format!("BEGIN PERFORM pg_catalog.pg_advisory_unlock({key}); END"));
    }

    fn history_tables(&mut self) {
        self.text.push('\n');
        self.comment("The tables that record what is applied.");
        self.command("BEGIN");
        self.command(&format!("CREATE SCHEMA IF NOT EXISTS {}", self.tables.schema));
        for command in self.tables.create(true) {
            self.command(&command);
        }
        self.command("COMMIT");
    }

    fn up(&mut self, migration: &Migration, before: &[&Migration]) -> Result<(), Error> {
        let chain = chain_of(before.iter().map(|one| (one.version, one.checksum)));
        let version = migration.version;
        let journalled = !migration.up.is_one_transaction();
        let duration = if journalled {
            journal::duration(&self.tables, version)
        } else {
            "extract(epoch FROM clock_timestamp() - now()) * 1000".to_string()
        };
        let own = chain.chain(version, migration.checksum);
        let row = self.tables.row(migration, own, Kind::Applied, &self.application, &duration);
        let mut finish = vec![self.tables.insert(&[row])];
        finish.extend(self.keep_extensions(migration));
        if journalled {
            finish.push(journal::forget(&self.tables, version));
        }
        let at = before.last().map_or_else(|| "the beginning".to_string(), |one| MigrationName::of(one).to_string());
        let part = Part { migration, direction: Direction::Up, script: &migration.up, loses: &[], chain, at, finish };
        self.part(&part)
    }

    fn down(&mut self, migration: &Migration, including: &[&Migration]) -> Result<(), Error> {
        let Down::Script { script, loses } = &migration.down else { return Ok(()) };
        let chain = chain_of(including.iter().map(|one| (one.version, one.checksum)));
        let mut finish = vec![self.tables.delete(migration.version)];
        if !script.is_one_transaction() {
            finish.push(journal::forget(&self.tables, migration.version));
        }
        let at = MigrationName::of(migration).to_string();
        let part = Part { migration, direction: Direction::Down, script, loses, chain, at, finish };
        self.part(&part)
    }

    fn part(&mut self, part: &Part<'_>) -> Result<(), Error> {
        let name = MigrationName::of(part.migration);
        self.text.push('\n');
        let file = match part.migration.file.as_ref() {
            "" => String::new(),
            file => format!(" ({file})"),
        };
        self.comment(&format!("{} {name}{file}", part.direction.code()));
        for line in part.loses {
            self.comment(&format!("does not restore {line}"));
        }
        let last = part.script.segments.len().saturating_sub(1);
        if part.script.segments.is_empty() {
            self.command("BEGIN");
            self.guard(part, 0);
            self.finish(part);
            self.command("COMMIT");
        }
        for (index, segment) in part.script.segments.iter().enumerate() {
            self.command("BEGIN");
            self.guard(part, index);
            if index == 0 && part.direction == Direction::Up {
                self.look_at_extensions(part.migration);
            }
            match segment.mode {
                Mode::Transaction => {
                    for statement in segment.statements.iter() {
                        self.statement(part, statement)?;
                    }
                }
                Mode::Alone => self.alone(part, index, segment)?,
            }
            if index == last {
                self.finish(part);
            } else {
                self.note(part, index + 1, false)?;
            }
            self.command("COMMIT");
        }
        Ok(())
    }

    /// A statement that no transaction may hold: the journal says that it is started, so that the runtime looks for
    /// what it left if it is not finished. Leaves a transaction open, as it found one.
    fn alone(&mut self, part: &Part<'_>, index: usize, segment: &Segment) -> Result<(), Error> {
        self.note(part, index, true)?;
        self.command("COMMIT");
        for statement in segment.statements.iter() {
            self.comment("outside a transaction; waits without blocking others");
            self.command("SET lock_timeout = 0");
            self.statement(part, statement)?;
            self.command("SET lock_timeout = '5s'");
            self.command("BEGIN");
            if let Some(postcondition) = &statement.postcondition {
                self.set_path(SearchPath::System);
                self.postcondition(postcondition);
            }
        }
        Ok(())
    }

    fn statement(&mut self, part: &Part<'_>, statement: &Statement) -> Result<(), Error> {
        self.set_path(statement.search_path());
        let facts = statement.facts();
        if !facts.is_empty() {
            self.comment(&facts.join("; "));
        }
        if part.direction == Direction::Down
            && let Some(guarded) = self.guarded_drop(part.migration, statement)
        {
            self.command(&guarded);
            return Ok(());
        }
        match (statement.script_text(), &statement.work) {
            (Some(sql), _) => self.command(&sql),
            (None, Work::Run(path)) => {
                let migration = MigrationName::of(part.migration);
                return Err(Error::NotSql { migration, function: path.to_string() });
            }
            (None, _) => {}
        }
        Ok(())
    }

    fn finish(&mut self, part: &Part<'_>) {
        self.set_path(SearchPath::System);
        for command in &part.finish {
            self.command(command);
        }
    }

    fn note(&mut self, part: &Part<'_>, segment: usize, running: bool) -> Result<(), Error> {
        self.set_path(SearchPath::System);
        let stored = match part.direction {
            Direction::Down => Kept::Script(part.script, None),
            Direction::Up => Kept::Nothing,
        };
        let command = journal::note(
            &self.tables,
            &MigrationName::of(part.migration),
            part.direction,
            part.migration.checksum,
            stored,
            (segment, running),
            &self.application,
        );
        self.command(&command);
        Ok(())
    }

    /// Stops a transaction on a database that is somewhere else.
    fn guard(&mut self, part: &Part<'_>, segment: usize) {
        let (history, journal) = (&self.tables.history, &self.tables.journal);
        if segment == 0 {
            let chain = match part.chain {
                Checksum::EMPTY => "NULL".to_string(),
                chain => quote_literal(&chain.to_string()),
            };
            let condition = format!(
                "(SELECT chain FROM {history} ORDER BY version DESC LIMIT 1) IS DISTINCT FROM {chain} OR EXISTS (SELECT FROM {journal})"
            );
            self.check(&condition, &format!("this database is not at {}: see `status`", part.at));
            self.command(&self.tables.unset_head());
        } else {
            let condition = format!(
                "(SELECT segment FROM {journal} WHERE version = {}) IS DISTINCT FROM {segment}",
                part.migration.version
            );
            self.check(&condition, "the part before this one did not succeed");
        }
    }

    fn postcondition(&mut self, postcondition: &Postcondition) {
        let regclass = |schema: &str, index: &str| {
            let name = format!("{}.{}", quote_identifier(schema), quote_identifier(index));
            format!("pg_catalog.to_regclass({})", quote_literal(&name))
        };
        let condition = match postcondition {
            Postcondition::IndexExists { schema, index, .. } => format!(
                "NOT EXISTS (SELECT FROM pg_catalog.pg_index WHERE indexrelid = {} AND indisvalid)",
                regclass(schema, index)
            ),
            Postcondition::IndexAbsent { schema, index } => format!("{} IS NOT NULL", regclass(schema, index)),
            Postcondition::PartitionDetached { schema, table, .. } => format!(
                "EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = {} AND relispartition)",
                regclass(schema, table)
            ),
        };
        self.check(&condition, "the statement before this one did not succeed");
    }

    /// Fails with a message where the condition holds.
    fn check(&mut self, condition: &str, message: &str) {
        let message = Writer::new().literal(&message.replace('%', "%%")).finish();
        self.block(&format!("BEGIN IF {condition} THEN RAISE EXCEPTION {message}; END IF; END"));
    }

    /// Settings of the session, those that the server knows.
    fn settings(&mut self) {
        let wanted: Vec<String> =
            SETTINGS.into_iter().map(|(name, value)| format!("('{name}', {})", quote_literal(value))).collect();
        self.block(&format!(
            "BEGIN PERFORM pg_catalog.set_config(name, value, false) FROM (VALUES {}) AS wanted (name, value) \
             WHERE pg_catalog.current_setting(name, true) IS NOT NULL; END",
            wanted.join(", ")
        ));
    }

    /// Sets the `search_path` of what follows: the system's schema alone, or the configured one for what a person wrote.
    fn set_path(&mut self, path: SearchPath) {
        if path == self.search_path {
            return;
        }
        let before = std::mem::replace(&mut self.search_path, path);
        if path == SearchPath::System || before != SearchPath::System {
            self.command("SET search_path = pg_catalog, pg_temp");
        }
        let wanted = match path {
            SearchPath::System => return,
            SearchPath::Configured => &self.configured_path,
            SearchPath::ConfiguredWhereSafe => &self.safe_path,
        };
        self.block(&format!("BEGIN PERFORM pg_catalog.set_config('search_path', {wanted}, false); END"));
    }

    fn block(&mut self, body: &str) {
        self.command(&Writer::new().keyword("DO").dollar_quoted(body).finish());
    }

    /// A command that ends with a comment needs its semicolon on the next line.
    fn command(&mut self, sql: &str) {
        self.text.push_str(sql);
        if sql.lines().next_back().is_some_and(|line| line.contains("--")) {
            self.text.push('\n');
        }
        self.text.push_str(";\n");
    }

    fn comment(&mut self, text: &str) {
        for line in text.lines() {
            self.text.push_str("-- ");
            self.text.push_str(line);
            self.text.push('\n');
        }
    }
}
