//! The migrations a binary carries.

use std::sync::OnceLock;

use migrate_core::history::chain_of;
use migrate_core::plan::{Checksum, Compatibility, Cow, Down, Footprint, Migration, Script};
use sqlx::PgPool;

use crate::error::Error;
use crate::migrator::Migrator;
use crate::report::Report;
use crate::step::StepFunction;

/// The migrations a binary carries, sorted by version. Made by `migrations!`.
#[derive(Debug)]
pub struct Migrations {
    embedded: &'static [&'static Embedded],
    options: Options,
    chain: OnceLock<Checksum>,
}

/// One migration, with the Rust functions it calls.
#[derive(Debug)]
pub struct Embedded {
    /// The migration.
    pub migration: Migration,
    /// Its Rust functions by their paths in the source.
    pub functions: &'static [(&'static str, StepFunction)],
}

impl Embedded {
    /// A migration without statements: what a block expands to when it cannot be compiled.
    pub const STUB: Embedded = Embedded {
        migration: Migration {
            version: 0,
            name: Cow::Borrowed(""),
            file: Cow::Borrowed(""),
            checksum: Checksum::EMPTY,
            up: Script { segments: Cow::Borrowed(&[]) },
            down: Down::Script { script: Script { segments: Cow::Borrowed(&[]) }, loses: Cow::Borrowed(&[]) },
            operations: Cow::Borrowed("[]"),
            footprint: Footprint { objects: Cow::Borrowed(&[]), uses: Cow::Borrowed(&[]), unknown: false },
            compatibility: Compatibility::Compatible,
        },
        functions: &[],
    };
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
    pub async fn apply(&self, pool: &PgPool) -> Result<Report, Error> {
        self.migrator().apply(pool).await
    }

    /// A migrator, to change settings or to do something else than to apply.
    pub fn migrator(&self) -> Migrator {
        Migrator::new(self.embedded, self.options, self.chain())
    }

    /// The migrations in the order of their versions.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'static Migration> + use<> {
        self.embedded.iter().map(|embedded| &embedded.migration)
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
        let index = self.embedded.binary_search_by_key(&version, |embedded| embedded.migration.version).ok()?;
        self.embedded.get(index).map(|embedded| &embedded.migration)
    }

    /// The oldest major version of PostgreSQL that the SQL was compiled for.
    pub fn oldest_server(&self) -> u32 {
        self.options.oldest_server
    }

    /// The checksum of all of them: what the last row of an up-to-date database has.
    fn chain(&self) -> Checksum {
        *self.chain.get_or_init(|| chain_of(self.iter().map(|migration| (migration.version, migration.checksum))))
    }
}
