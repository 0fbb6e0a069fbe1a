//! A whole catalog as one migration.

use migrate_core::catalog::Catalog;
use migrate_core::difference::operations_of;

use super::{Unprintable, block};
use crate::inline::History;

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
    let mut unprintable = Vec::new();
    for (kind, name) in &catalog.by_hand {
        unprintable.push(Unprintable::new(format!("{} `{name}`", kind.noun()), "raw SQL has made it"));
    }
    if catalog.grants_by_hand {
        unprintable.push(Unprintable::new("what raw SQL has granted", "nobody knows what it is"));
    }
    let written = operations_of(catalog).into_iter().map(Into::into).collect();
    let mut source = block(written, &History::new(postgres), REASON);
    source.unprintable.splice(0..0, unprintable);
    source
}

/// Why a hazard is allowed, or nothing undone, in what is printed.
const REASON: &str = "it was like this";
