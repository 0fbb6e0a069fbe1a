//! The migrations a binary carries.

use std::sync::OnceLock;

use migrate_core::history::chain_of;
use migrate_core::plan::{
    Checksum, Compatibility, Cow, Down, Duration, Footprint, Limits, Migration, Mode, Place, Script, Segment,
    Statement, Work,
};
use sqlx::PgPool;

use crate::error::Error;
use crate::migrator::Migrator;
use crate::report::Report;
use crate::running::Running;
use crate::step::StepFunction;

/// The migrations a binary carries, sorted by version. Made by `migrations!`.
#[derive(Debug)]
pub struct Migrations {
    embedded: &'static [&'static Embedded],
    options: Options,
    chain: OnceLock<Checksum>,
}

/// One migration, with the Rust functions it calls.
///
/// The binary carries a migration as text and reads it when it is asked for: nothing is done at start, a database
/// that is up to date needs the version and checksum only, and rustc compiles one string instead of a tree of
/// constants.
#[derive(Debug)]
pub struct Embedded {
    version: i64,
    checksum: Checksum,
    text: &'static str,
    /// Beside the rest, which every start goes through.
    migration: OnceLock<Box<Migration>>,
    functions: &'static [(&'static str, StepFunction)],
}

impl Embedded {
    /// A migration without statements: what a block expands to when it cannot be compiled.
    pub const fn stub() -> Self {
        Embedded::new(0, Checksum::EMPTY, "", &[])
    }

    /// A migration as JSON, with the Rust functions that its steps name. For generated code.
    pub const fn new(
        version: i64,
        checksum: Checksum,
        text: &'static str,
        functions: &'static [(&'static str, StepFunction)],
    ) -> Self {
        Embedded { version, checksum, text, migration: OnceLock::new(), functions }
    }

    /// A migration that is there already.
    pub fn of(migration: Migration, functions: &'static [(&'static str, StepFunction)]) -> Self {
        let (version, checksum) = (migration.version, migration.checksum);
        Embedded { version, checksum, text: "", migration: OnceLock::from(Box::new(migration)), functions }
    }

    /// The version.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The migration.
    pub fn migration(&self) -> &Migration {
        self.migration.get_or_init(|| Box::new(serde_json::from_str(self.text).unwrap_or_else(|_| self.unreadable())))
    }

    /// The Rust functions by their paths in the source.
    pub fn functions(&self) -> &'static [(&'static str, StepFunction)] {
        self.functions
    }

    /// What stands for a text that is no migration: only a stub has one, and a stub never gets into a binary, since
    /// its block did not compile. It cannot be applied: its one statement says why.
    fn unreadable(&self) -> Migration {
        let place = Place::default();
        let statement = Statement {
            work: Work::Sql(Cow::Borrowed("this migration was not compiled")),
            locks: Cow::Borrowed(&[]),
            hazards: Cow::Borrowed(&[]),
            duration: Duration::Unknown,
            postcondition: None,
            limits: Limits::default(),
            place,
            by_hand: false,
        };
        let segment = Segment { mode: Mode::Transaction, statements: Cow::Owned(vec![statement]) };
        Migration {
            version: self.version,
            name: Cow::Borrowed("not_compiled"),
            file: Cow::Borrowed(""),
            checksum: self.checksum,
            up: Script { segments: Cow::Owned(vec![segment]) },
            down: Down::Irreversible { why: Cow::Borrowed("it was not compiled") },
            operations: Cow::Borrowed("[]"),
            footprint: Footprint { unknown: true, ..Footprint::default() },
            compatibility: Compatibility::Compatible,
        }
    }
}

/// What `migrations!` was told.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The oldest major version of PostgreSQL that the SQL was compiled for.
    pub oldest_server: u32,
    /// Where the migrations come from; given in development builds.
    pub source: Option<Source>,
}

/// The directory of the migrations.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its absolute path on the machine that built the binary.
    pub directory: &'static str,
}

impl Migrations {
    /// The migrations, sorted by version. For generated code.
    pub const fn new(embedded: &'static [&'static Embedded], options: Options) -> Self {
        Migrations { embedded, options, chain: OnceLock::new() }
    }

    /// Applies everything that is pending, with the default settings.
    ///
    /// Any number of processes may call this at the same time: one applies, the others wait until it is done. When
    /// nothing is to do it costs one round trip.
    ///
    /// # Errors
    /// A statement fails, the history does not fit, or the database cannot be reached. See [`Error`].
    pub fn apply<'a>(&self, pool: &'a PgPool) -> Running<'a, Result<Report, Error>> {
        let migrator = self.migrator();
        Box::pin(async move { migrator.apply(pool).await })
    }

    /// A migrator, to change settings or to do something else than to apply.
    pub fn migrator(&self) -> Migrator {
        Migrator::new(self.embedded, self.options, self.chain())
    }

    /// The migrations in the order of their versions.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'static Migration> + use<> {
        self.embedded.iter().map(|embedded| embedded.migration())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.embedded.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.embedded.is_empty()
    }

    /// The migration of that version.
    pub fn get(&self, version: i64) -> Option<&'static Migration> {
        let index = self.embedded.binary_search_by_key(&version, |embedded| embedded.version).ok()?;
        self.embedded.get(index).map(|embedded| embedded.migration())
    }

    /// The oldest major version of PostgreSQL that the SQL was compiled for.
    pub fn oldest_server(&self) -> u32 {
        self.options.oldest_server
    }

    /// The checksum of all of them: what the last row of an up-to-date database has.
    fn chain(&self) -> Checksum {
        *self.chain.get_or_init(|| chain_of(self.embedded.iter().map(|embedded| (embedded.version, embedded.checksum))))
    }
}
