use migrate_core::catalog::Catalog;
use migrate_core::history::MigrationName;
use migrate_core::operation::script::{self, Placed};
use migrate_core::operation::{Operate as _, Operation};
use migrate_core::plan::{Migration, Place, Statement};

use crate::Migrations;
use crate::verify::fold;

/// One operation of a migration, as seen by a team's rule.
#[derive(Debug)]
pub struct Change<'c> {
    /// The migration.
    pub migration: &'c Migration,
    /// What it does.
    pub operation: &'c Operation,
    /// The database before it.
    pub before: &'c Catalog,
    /// The database after it.
    pub after: &'c Catalog,
    /// Its place: the file of the migration or, for an inline one, its version and name. For an operation without a
    /// statement, nothing more is known.
    pub place: &'c Place,
}

/// A change that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its place.
    pub place: Place,
    /// What the rule said.
    pub message: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Broken { place: Place { file, line, column }, message } = self;
        match line {
            0 => write!(formatter, "{file}: {message}"),
            _ => write!(formatter, "{file}:{line}:{column}: {message}"),
        }
    }
}

/// Fails if a change breaks a rule, and lists all that do, each with its place. No database is needed.
///
/// ```
/// use migrate_runtime::core::operation::Operation;
/// use migrate_runtime::testing::{self, Change};
///
/// fn tables_say_when_a_row_was_made(change: &Change<'_>) -> Result<(), String> {
///     match change.operation {
///         Operation::CreateTable(create) if create.definition.column("created_at").is_none() => {
///             Err(format!("table `{}` has no `created_at`", create.name))
///         }
///         _ => Ok(()),
///     }
/// }
///
/// # static MIGRATIONS: migrate_runtime::Migrations =
/// #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
/// # /*
/// #[test]
/// # */
/// fn every_table_says_when_a_row_was_made() {
///     testing::assert_rule(&MIGRATIONS, tables_say_when_a_row_was_made);
/// }
/// # every_table_says_when_a_row_was_made();
/// ```
///
/// To exempt older migrations from a new rule: `if change.migration.version < 20260301000000 { return Ok(()) }`.
///
/// # Panics
/// A change breaks the rule.
#[expect(clippy::panic, reason = "it is for tests, which fail this way")]
#[track_caller]
pub fn assert_rule(migrations: &Migrations, rule: impl Fn(&Change<'_>) -> Result<(), String>) {
    let broken = broken_by(migrations, rule);
    if !broken.is_empty() {
        let each: String = broken.iter().map(|one| format!("\n{one}")).collect();
        panic!("the migrations break a rule:{each}");
    }
}

/// The changes that break a rule, in their order.
pub fn broken_by(migrations: &Migrations, rule: impl Fn(&Change<'_>) -> Result<(), String>) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut catalog = Catalog::default();
    for migration in migrations.iter() {
        // The binary was built with them: they are as this version writes them.
        let operations: Vec<Operation> = serde_json::from_str(&migration.operations).unwrap_or_default();
        let places = places(migration, &operations, &catalog, migrations.oldest_server());
        for (operation, place) in operations.iter().zip(&places) {
            // What raw SQL says that it changes is a change as any other.
            let declared = match operation {
                Operation::RawSql(raw) => raw.changes.as_slice(),
                _ => &[],
            };
            let before = catalog.clone();
            let mut so_far = before.clone();
            operation.apply(&mut catalog);
            let change = Change { migration, operation, before: &before, after: &catalog, place };
            let mut judge = |change: &Change<'_>| {
                if let Err(message) = rule(change) {
                    broken.push(Broken { place: place.clone(), message });
                }
            };
            judge(&change);
            for operation in declared {
                let before = so_far.clone();
                operation.apply(&mut so_far);
                judge(&Change { migration, operation, before: &before, after: &so_far, place });
            }
        }
    }
    broken
}

/// The database that the migrations create, as the compiler knows it.
pub fn catalog_of(migrations: &Migrations) -> Catalog {
    // The binary was built with them: they are as this version writes them.
    fold(migrations.iter()).unwrap_or_default()
}

/// Where each operation stands. Statements know their places and operations do not; so they are made once more, each with the
/// number of its operation for a place, and come out in the same order.
fn places(migration: &Migration, operations: &[Operation], before: &Catalog, oldest_server: u32) -> Vec<Place> {
    let numbered: Vec<Placed> = (1..)
        .zip(operations)
        .map(|(number, operation)| {
            let place = Place { line: number, ..Place::default() };
            (operation.clone(), place, Vec::new())
        })
        .collect();
    let again = script::lower(before, &numbered, oldest_server);
    let (again, real): (Vec<&Statement>, Vec<&Statement>) =
        (again.statements().collect(), migration.up.statements().collect());
    let is_same = again.len() == real.len() && again.iter().zip(&real).all(|(one, other)| one.work == other.work);
    let file = match migration.file.is_empty() {
        true => MigrationName::of(migration).to_string().into(),
        false => migration.file.clone(),
    };
    let of = |number: u32| {
        let at = again.iter().position(|statement| statement.place.line == number).filter(|_| is_same);
        at.and_then(|at| real.get(at)).map(|statement| Place { file: file.clone(), ..statement.place })
    };
    let somewhere = Place { file: file.clone(), line: 0, column: 0 };
    (1..).zip(operations).map(|(number, _)| of(number).unwrap_or_else(|| somewhere.clone())).collect()
}
