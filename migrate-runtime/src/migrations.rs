//! The migrations a binary carries.

use std::sync::OnceLock;

use migrate_core::history::chain_of;
use migrate_core::plan::{
    Checksum, Compatibility, Cow, Described, Down, Duration, Footprint, Migration, Mode, Script, Segment, Statement,
    Work,
};
use sqlx::PgConnection;

use crate::connect_to::ConnectTo;
use crate::error::Error;
use crate::migrator::Migrator;
use crate::report::Report;
use crate::run::{Examine, Examiner};
use crate::running::Running;
use crate::step::StepFunction;

/// The migrations that a binary contains, sorted by version. Created by `migrations!`.
#[derive(Debug)]
pub struct Migrations {
    embedded: &'static [&'static Embedded],
    options: Options,
    /// The checksum of all of them: what the last row of an up-to-date database has. `None`: not worked out yet.
    chain: Option<Checksum>,
    /// The package in which `migrations!` stands.
    application: Option<&'static str>,
    /// What runs may ask about catalogs: a history that takes over what another tool has migrated compares them.
    examiner: Option<&'static dyn Examine>,
    /// What all of them come to, as JSON: [`migrate_core::outline::Outline`].
    outline: Option<&'static str>,
}

/// Migrations as the binary carries them.
///
/// They are text, and read when they are asked for: nothing is done at start, a database that is up to date needs the
/// checksum of all of them only, and rustc compiles two literals instead of a tree of constants, or a list of a
/// thousand calls. Of each there is a description ([`Described`]), and its operations.
#[derive(Debug)]
pub struct Archive {
    index: &'static [[u8; ENTRY]],
    texts: &'static str,
    parsed: &'static [Parsed],
    functions: &'static [(&'static str, StepFunction)],
}

/// What the index has for a migration, the most significant byte first: its version (8), its checksum (32), where its
/// description starts (4), where its operations start (4) and end (4).
const ENTRY: usize = 52;

/// A migration, once its text was read.
#[derive(Debug, Default)]
pub struct Parsed(OnceLock<Box<Migration>>);

impl Parsed {
    /// It was not read yet.
    pub const fn new() -> Self {
        Parsed(OnceLock::new())
    }
}

impl Archive {
    /// The index, the migrations as JSON one after the other, each with its operations, and the Rust functions that their steps name. For
    /// generated code.
    pub const fn new(
        index: &'static [u8],
        texts: &'static str,
        parsed: &'static [Parsed],
        functions: &'static [(&'static str, StepFunction)],
    ) -> Self {
        Archive { index: index.as_chunks().0, texts, parsed, functions }
    }

    /// Some bytes of the entry with that number.
    fn bytes<const N: usize>(&self, number: usize, at: usize) -> [u8; N] {
        let bytes = self.index.get(number).and_then(|entry| entry.get(at..at + N)?.try_into().ok());
        bytes.unwrap_or([0; N])
    }
}

/// One migration, with the Rust functions it calls.
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    archive: &'static Archive,
    number: usize,
}

impl Embedded {
    /// All migrations of an archive.
    pub const fn all<const N: usize>(archive: &'static Archive) -> [Embedded; N] {
        let mut all = [Embedded { archive, number: 0 }; N];
        let mut number = 0;
        while number < N {
            all[number].number = number;
            number += 1;
        }
        all
    }

    /// References to them.
    pub const fn references<const N: usize>(all: &'static [Embedded; N]) -> [&'static Embedded; N] {
        const STUB: &Embedded = &Embedded::stub();
        let mut references = [STUB; N];
        let mut number = 0;
        while number < N {
            references[number] = &all[number];
            number += 1;
        }
        references
    }

    /// The only migration of an archive.
    pub const fn only(archive: &'static Archive) -> Self {
        Embedded { archive, number: 0 }
    }

    /// A migration without statements: what a block expands to when it cannot be compiled.
    pub const fn stub() -> Self {
        static PARSED: [Parsed; 1] = [Parsed::new()];
        static EMPTY: Archive = Archive::new(&[], "", &PARSED, &[]);
        Embedded::only(&EMPTY)
    }

    /// A migration that is there already; for the rest of the process, as one in the binary.
    pub fn of(migration: Migration, functions: &'static [(&'static str, StepFunction)]) -> Self {
        let mut entry = [0; ENTRY];
        let (version, rest) = entry.split_at_mut(8);
        version.copy_from_slice(&migration.version.to_be_bytes());
        let (checksum, _) = rest.split_at_mut(32);
        checksum.copy_from_slice(&migration.checksum.0);
        let index = Box::leak(Box::new([entry]));
        let parsed = Box::leak(Box::new([Parsed(OnceLock::from(Box::new(migration)))]));
        Embedded::only(Box::leak(Box::new(Archive { index, texts: "", parsed, functions })))
    }

    /// The version.
    pub fn version(&self) -> i64 {
        i64::from_be_bytes(self.archive.bytes(self.number, 0))
    }

    /// The checksum of its meaning.
    fn checksum(&self) -> Checksum {
        Checksum(self.archive.bytes(self.number, 8))
    }

    /// The text between two offsets in the index.
    fn text(&self, from: usize, to: usize) -> &'static str {
        let [start, end] = [from, to].map(|at| u32::from_be_bytes(self.archive.bytes(self.number, at)) as usize);
        self.archive.texts.get(start..end).unwrap_or_default()
    }

    /// What its texts say; `None` for a stub.
    fn described(&self) -> Option<Migration> {
        let described: Described = serde_json::from_str(self.text(40, 44)).ok()?;
        Some(described.with(self.version(), self.checksum(), self.text(44, 48)))
    }

    /// The migration.
    pub fn migration(&self) -> &'static Migration {
        static NOWHERE: Parsed = Parsed::new();
        let parsed = self.archive.parsed.get(self.number).unwrap_or(&NOWHERE);
        parsed.0.get_or_init(|| Box::new(self.described().unwrap_or_else(|| self.unreadable())))
    }

    /// The Rust functions by their paths in the source.
    pub fn functions(&self) -> &'static [(&'static str, StepFunction)] {
        self.archive.functions
    }

    /// What stands for a text that is not a migration: only a stub has one, and a stub never gets into a binary, since
    /// its block did not compile. It cannot be applied: its one statement says why.
    fn unreadable(&self) -> Migration {
        let work = Work::Sql(Cow::Borrowed("this migration was not compiled"));
        let statement = Statement { duration: Duration::Unknown, ..Statement::of(work) };
        let segment = Segment { mode: Mode::Transaction, statements: Cow::Owned(vec![statement]) };
        Migration {
            version: self.version(),
            leading_zeros: 0,
            name: Cow::Borrowed("not_compiled"),
            file: Cow::Borrowed(""),
            checksum: self.checksum(),
            identity: None,
            up: Script { segments: Cow::Owned(vec![segment]) },
            down: Down::Irreversible { why: Cow::Borrowed("it was not compiled") },
            operations: Cow::Borrowed("[]"),
            footprint: Footprint { unknown: true, ..Footprint::default() },
            compatibility: Compatibility::Compatible,
            adoption: None,
        }
    }
}

/// The arguments of `migrations!`.
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
    /// The migrations, sorted by version.
    pub const fn new(embedded: &'static [&'static Embedded], options: Options) -> Self {
        Migrations { embedded, options, chain: None, application: None, examiner: Some(&Examiner), outline: None }
    }

    /// The same, with what the compiler computed from all of them. For generated code.
    pub const fn with_chain(embedded: &'static [&'static Embedded], options: Options, chain: &[u8; 32]) -> Self {
        let chain = Some(Checksum(*chain));
        Migrations { embedded, options, chain, application: None, examiner: None, outline: None }
    }

    /// The same, with the result of all of them. For generated code.
    pub const fn outlined(self, outline: &'static str) -> Self {
        Migrations { outline: Some(outline), ..self }
    }

    /// The same, of which one takes over what another tool has migrated. For generated code.
    pub const fn adopting(self) -> Self {
        Migrations { examiner: Some(&Examiner), ..self }
    }

    /// The same, of an application of this name: see [`Migrator::application`].
    pub const fn of(self, application: &'static str) -> Self {
        Migrations { application: Some(application), ..self }
    }

    /// Applies everything that is pending, with the default settings.
    ///
    /// Any number of processes may call this at the same time: one applies, the others wait until it is done. If there
    /// is nothing to do, it costs one round trip.
    ///
    /// # Errors
    /// A statement fails, the history does not match, or the database cannot be reached. See [`Error`].
    pub fn apply<'a>(&self, database: impl Into<ConnectTo<'a>>) -> Running<'a, Result<Report, Error>> {
        let migrator = self.migrator();
        let database = database.into();
        Box::pin(async move { migrator.apply(database).await })
    }

    /// Whether [`Migrations::apply`] would find nothing to do: see [`Migrator::is_up_to_date`].
    ///
    /// # Errors
    /// The connection is lost, the history cannot be read, or the server is older than the SQL was compiled for.
    pub fn is_up_to_date<'a>(&self, connection: &'a mut PgConnection) -> Running<'a, Result<bool, Error>> {
        let migrator = self.migrator();
        Box::pin(async move { migrator.is_up_to_date(connection).await })
    }

    /// A migrator, to change settings or to do something other than apply.
    pub fn migrator(&self) -> Migrator {
        let Migrations { examiner, outline, .. } = *self;
        let migrator = Migrator { examiner, outline, ..Migrator::new(self.embedded, self.options, self.chain()) };
        match self.application {
            Some(application) => migrator.application(application),
            None => migrator,
        }
    }

    /// The migrations, in the order of their versions.
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

    /// The migration with that version.
    pub fn get(&self, version: i64) -> Option<&'static Migration> {
        let index = self.embedded.binary_search_by_key(&version, |embedded| embedded.version()).ok()?;
        self.embedded.get(index).map(|embedded| embedded.migration())
    }

    /// The oldest major version of PostgreSQL that the SQL was compiled for.
    pub fn oldest_server(&self) -> u32 {
        self.options.oldest_server
    }

    fn chain(&self) -> Checksum {
        let work_out = || chain_of(self.embedded.iter().map(|embedded| (embedded.version(), embedded.checksum())));
        self.chain.unwrap_or_else(work_out)
    }
}
