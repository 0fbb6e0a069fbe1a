//! `RETURNING`.

use migrate_core::query::Returning;

use super::statement::add_by_name;
use super::{Clause, Output, QueryCheck, Scope};

impl QueryCheck<'_, '_> {
    /// What comes out of a statement that changes rows.
    pub(super) fn returning(&mut self, returning: Option<&mut Returning>, scope: &Scope<'_>) -> Vec<Output> {
        let Some(returning) = returning else { return Vec::new() };
        let mut seen = scope.clone();
        for (name, plain) in [(&returning.old, "old"), (&returning.new, "new")] {
            let name = name.as_ref().map_or(plain, |name| &name.value);
            if !seen.sources.iter().any(|source| source.name == name) {
                add_by_name(&mut seen, name);
                // There is none before an insert, nor after a delete.
                let added = seen.sources.last_mut().into_iter().flat_map(|row| &mut row.columns);
                added.for_each(|column| column.nullable = true);
            }
        }
        seen.enter(Clause::Returning);
        self.items(&mut returning.items, &[], &seen)
    }
}
