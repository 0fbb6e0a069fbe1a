//! The migration that leads from a history to a catalog, for review: nothing that loses data is allowed in it, and what
//! only a person can know is left open as `todo("...")`.

mod question;
mod same;
mod unknown;

use migrate_core::catalog::Catalog;
use migrate_core::diff::Difference;
use migrate_core::difference::{Renames, Way, way};
use migrate_core::operation::Operation;

use crate::check::Renamed;
use crate::inline::History;
use crate::print::{self, Source, Unprintable};
use crate::schema::Rename;

pub use question::{Question, questions};

/// A migration to review.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The contents of the block; empty if nothing differs.
    pub text: String,
    /// Its operations.
    pub operations: Vec<Operation>,
    /// What became raw SQL, or is not written.
    pub unprintable: Vec<Unprintable>,
    /// What still differs after it: the language cannot express it.
    pub left: Vec<Difference>,
}

/// Generates the migration that leads to a catalog.
pub fn generate(history: &History, goal: &Catalog, renames: &Renames) -> Generated {
    let renames = same::with_parts(renames, history.catalog(), goal);
    let Way { operations, left } = way(history.catalog(), goal, &renames, history.postgres());
    if operations.is_empty() {
        return Generated { text: String::new(), operations, unprintable: Vec::new(), left };
    }
    let written = unknown::left_open(&operations, history.catalog());
    let operations = written.iter().map(|one| one.operation.clone()).collect();
    let Source { text, unprintable } = print::block_to_review(written, history);
    Generated { text, operations, unprintable, left }
}

/// Renames as the way takes them.
pub fn renames_of(renames: &[Rename]) -> Renames {
    let mut all = Renames::default();
    for Rename { renamed, before, .. } in renames {
        match (before, renamed) {
            (Renamed::Table(old), Renamed::Table(new)) => drop(all.tables.insert(old.clone(), new.clone())),
            (Renamed::Enum(old), Renamed::Enum(new)) => drop(all.enums.insert(old.clone(), new.clone())),
            (Renamed::Object(old), Renamed::Object(new)) => drop(all.objects.insert(old.clone(), new.name.clone())),
            (Renamed::Column(table, old), Renamed::Column(_, new)) => {
                all.columns.insert((table.clone(), old.clone()), new.clone());
            }
            (Renamed::Value(of, old), Renamed::Value(_, new)) => {
                all.values.insert((of.clone(), old.clone()), new.clone());
            }
            (Renamed::Index(table, old), Renamed::Index(_, new)) => {
                all.indexes.insert((table.clone(), old.clone()), new.clone());
            }
            _ => {}
        }
    }
    all
}
