//! A whole catalog as one migration, or as one for each schema.

use migrate_core::catalog::Catalog;
use migrate_core::difference::{operations_of, operations_of_schemas};

use super::{Unprintable, block};
use crate::inline::{History, WrongLine};

/// Source, and what the language has no words for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// What stands in a `migration!` block.
    pub text: String,
    /// What stands there as raw SQL, or not at all.
    pub unprintable: Vec<Unprintable>,
}

/// The source of a migration that makes a catalog from an empty database, for servers of this major version and newer. What
/// the language has no words for becomes raw SQL, and is told; so does what the compiler refuses.
pub fn catalog(catalog: &Catalog, postgres: u32) -> Source {
    let written = operations_of(catalog).into_iter().map(Into::into);
    let mut source = block(written.collect(), &History::new(postgres), REASON);
    source.unprintable.splice(0..0, by_hand(catalog));
    source
}

/// The same as a migration for each schema that has something, with its name: first those that others are built on.
pub fn schemas(catalog: &Catalog, postgres: u32) -> Vec<(String, Source)> {
    let mut history = History::new(postgres);
    let mut sources: Vec<(String, Source)> = Vec::new();
    for (schema, operations) in operations_of_schemas(catalog) {
        if operations.is_empty() {
            continue;
        }
        let written = operations.into_iter().map(Into::into);
        let mut source = block(written.collect(), &history, REASON);
        if let Err(wrong) = history.push(&format!("{}_import", sources.len() + 1), &source.text) {
            let refused = |line: WrongLine| Unprintable::new(format!("schema `{schema}`"), line.message);
            source.unprintable.extend(wrong.into_iter().map(refused));
        }
        sources.push((schema, source));
    }
    if let Some((_, first)) = sources.first_mut() {
        first.unprintable.splice(0..0, by_hand(catalog));
    }
    sources
}

/// What is there and nobody knows.
fn by_hand(catalog: &Catalog) -> Vec<Unprintable> {
    let mut unprintable = Vec::new();
    for (kind, name) in &catalog.by_hand {
        unprintable.push(Unprintable::new(format!("{} `{name}`", kind.noun()), "raw SQL created it"));
    }
    if catalog.grants_by_hand {
        unprintable.push(Unprintable::new("what raw SQL has granted", "it is not known what that was"));
    }
    unprintable
}

/// Why a hazard is allowed, or nothing undone, in what is printed.
const REASON: &str = "it was like this";
