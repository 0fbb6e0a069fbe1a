use std::borrow::Cow;

use super::segments::Step;
use super::{Backfill, Duration, Hazard, Limits, LockMode, Mode, Place, Postcondition, RelationLock, Statement, Work};
use crate::catalog::Catalog;
use crate::name::QualifiedName;
use crate::object::Kind;
use crate::sorted::{SortedMap, SortedSet};

/// Collects the statements of a migration while its operations are lowered one after the other.
#[derive(Clone, Debug)]
pub struct Lowering {
    postgres: u32,
    new_tables: SortedSet<QualifiedName>,
    /// The partitions of partitioned tables, and those that inherit from others: they are locked with them.
    below: SortedMap<QualifiedName, Vec<QualifiedName>>,
    place: Place,
    hazards: Vec<Hazard>,
    limits: Limits,
    puts_back: bool,
    rebuilds: bool,
    steps: Vec<Step>,
}

impl Lowering {
    /// Starts with no statements, for servers of this major version and newer.
    pub fn new(postgres: u32) -> Self {
        Lowering {
            postgres,
            new_tables: SortedSet::new(),
            below: SortedMap::new(),
            place: Place::default(),
            hazards: Vec::new(),
            limits: Limits::default(),
            puts_back: false,
            rebuilds: false,
            steps: Vec::new(),
        }
    }

    /// Says whether the next statements put back what was there before, or is known to be right: as a down does.
    pub fn putting_back(&mut self, puts_back: bool) {
        self.puts_back = puts_back;
    }

    /// Whether what is made was there before, or is known to be right.
    pub fn puts_back(&self) -> bool {
        self.puts_back
    }

    /// Says whether the next statements make again what was taken down for a change, in its transaction.
    pub fn rebuilding(&mut self, rebuilds: bool) {
        self.rebuilds = rebuilds;
    }

    /// Whether what is made was taken down for a change, and must be there when the change is.
    pub fn is_rebuilding(&self) -> bool {
        self.rebuilds
    }

    /// The oldest server major the SQL must run on.
    pub fn postgres(&self) -> u32 {
        self.postgres
    }

    /// Says where the next statements come from, and what their source allows.
    pub fn at(&mut self, place: Place, hazards: Vec<Hazard>) {
        self.place = place;
        self.hazards = hazards;
    }

    /// Says how the next statements behave beside live traffic.
    pub fn limited(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Notes a table as made in this migration: empty, and unseen by others.
    pub fn note_new_table(&mut self, table: &QualifiedName) {
        self.new_tables.insert(table.clone());
    }

    /// Notes that all tables and materialized views were made in this migration.
    pub fn note_all_as_new(&mut self, catalog: &Catalog) {
        self.new_tables.extend(catalog.tables.keys().cloned());
        let views = catalog.objects.keys().filter(|id| id.kind == Kind::MaterializedView);
        self.new_tables.extend(views.map(|id| id.name.clone()));
    }

    /// Notes which tables have partitions, or others that inherit from them.
    pub fn note_tables_below(&mut self, catalog: &Catalog) {
        self.below.clear();
        for name in catalog.above_others() {
            let below = catalog.relations_below(&name);
            self.below.insert(name, below);
        }
    }

    /// Follows a table that was renamed.
    pub fn note_renamed_table(&mut self, from: &QualifiedName, to: &QualifiedName) {
        if self.new_tables.remove(from) {
            self.new_tables.insert(to.clone());
        }
    }

    /// Whether the table was made in this migration.
    pub fn is_new(&self, table: &QualifiedName) -> bool {
        self.new_tables.contains(table)
    }

    /// How many statements there are so far.
    pub fn count(&self) -> usize {
        self.steps.len()
    }

    /// Adds one SQL command. Chain on the answer what it locks and how it runs.
    pub fn sql(&mut self, sql: impl Into<String>) -> Added<'_> {
        self.push(Work::Sql(Cow::Owned(sql.into())))
    }

    /// Adds a backfill.
    pub fn backfill(&mut self, backfill: Backfill) -> Added<'_> {
        self.push(Work::Backfill(backfill)).alone().taking(Duration::Unknown)
    }

    /// Adds a call of a Rust function.
    pub fn run(&mut self, path: impl Into<String>) -> Added<'_> {
        self.push(Work::Run(Cow::Owned(path.into()))).taking(Duration::Unknown)
    }

    fn push(&mut self, work: Work) -> Added<'_> {
        let statement = Statement {
            work,
            locks: Cow::Borrowed(&[]),
            hazards: Cow::Owned(self.hazards.clone()),
            duration: Duration::Constant,
            postcondition: None,
            limits: self.limits,
            place: self.place.clone(),
            by_hand: false,
            runs_routines: false,
        };
        self.steps.push(Step {
            statement,
            mode: Mode::Transaction,
            commit_after: false,
            commit_before_if_locked: false,
            with_next: false,
            locks_with_others: false,
        });
        Added { lowering: self }
    }

    /// Whether one of the statements from this one on reads or writes rows; all of them do where that is said.
    pub(crate) fn works_on_rows(&self, from: usize, are_all: bool) -> bool {
        self.steps.iter().skip(from).any(|step| are_all || step.statement.duration != Duration::Constant)
    }

    /// Notes of the statements from this one on that they may run routines of the database: all of them, or those alone that read
    /// or write rows.
    pub(crate) fn note_routines(&mut self, from: usize, are_all: bool) {
        for step in self.steps.iter_mut().skip(from) {
            step.statement.runs_routines = are_all || step.statement.duration != Duration::Constant;
        }
    }

    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}

/// The statement that was added last, to say more about it.
pub struct Added<'l> {
    lowering: &'l mut Lowering,
}

impl Added<'_> {
    fn change(self, change: impl FnOnce(&mut Step)) -> Self {
        if let Some(step) = self.lowering.steps.last_mut() {
            change(step);
        }
        self
    }

    /// It locks this table, and its partitions where others wait for the lock; tables made in this migration are nobody
    /// else's, and are left out.
    pub fn locking(self, table: &QualifiedName, mode: LockMode) -> Self {
        if mode >= LockMode::Share { self.locking_all(table, mode) } else { self.locking_only(table, mode) }
    }

    /// It locks this table with those below it.
    pub fn locking_all(self, table: &QualifiedName, mode: LockMode) -> Self {
        let below = self.lowering.below.get(table).cloned().unwrap_or_default();
        below.iter().fold(self.locking_only(table, mode), |added, one| added.locking_only(one, mode))
    }

    /// It locks this table, and none of its partitions.
    pub fn locking_only(self, table: &QualifiedName, mode: LockMode) -> Self {
        if self.lowering.is_new(table) {
            return self;
        }
        let lock =
            RelationLock { schema: Cow::Owned(table.schema.clone()), table: Cow::Owned(table.name.clone()), mode };
        self.change(|step| step.statement.locks.to_mut().push(lock))
    }

    /// It locks this materialized view, and no transaction ends for that: what is dropped may be made again by the next statement,
    /// and must not be missing in between.
    pub fn locking_view(self, view: &QualifiedName, mode: LockMode) -> Self {
        self.locking_only(view, mode).change(|step| step.locks_with_others = true)
    }

    /// It runs unknown code: in a transaction, apart from strong locks, or outside of one.
    pub fn in_transaction(self, is_inside: bool) -> Self {
        if is_inside { self.apart_from_locks() } else { self.alone() }
    }

    /// It cannot be in a transaction.
    pub fn alone(self) -> Self {
        self.change(|step| step.mode = Mode::Alone)
    }

    /// What a restart checks before it runs the statement again.
    pub fn ensuring(self, postcondition: Postcondition) -> Self {
        self.change(|step| step.statement.postcondition = Some(postcondition))
    }

    /// How its time grows.
    pub fn taking(self, duration: Duration) -> Self {
        self.change(|step| step.statement.duration = duration)
    }

    /// Its SQL is the user's own.
    pub fn by_hand(self) -> Self {
        self.change(|step| step.statement.by_hand = true)
    }

    /// It must not run while the transaction holds a strong lock on an existing table.
    pub fn apart_from_locks(self) -> Self {
        self.change(|step| step.commit_before_if_locked = true)
    }

    /// It prepares the next statement, and must be in its transaction.
    pub fn with_next(self) -> Self {
        self.change(|step| step.with_next = true)
    }

    /// It must be committed before another kind of statement follows.
    pub fn committed_before_use(self) -> Self {
        self.change(|step| step.commit_after = true)
    }
}
