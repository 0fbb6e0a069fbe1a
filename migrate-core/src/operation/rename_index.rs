use super::{Inverse, Operate, Touched, partitions};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;
use crate::sql::Writer;

/// `ALTER INDEX ... RENAME TO`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RenameIndex {
    /// The table it is on.
    pub table: QualifiedName,
    /// The name before.
    pub from: String,
    /// The name after.
    pub to: String,
}

impl Operate for RenameIndex {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(indexes) = catalog.indexes_mut(&self.table)
            && let Some(index) = indexes.remove(&self.from)
        {
            indexes.insert(self.to.clone(), index);
        }
        if let Some(table) = catalog.table_mut(&self.table) {
            table.settings.replica_identity.rename(&self.from, &self.to);
        }
        partitions::rename_index(catalog, &self.table, &self.from, &self.to);
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(RenameIndex { table: self.table.clone(), from: self.to.clone(), to: self.from.clone() })
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        // Locks the index only, SHARE UPDATE EXCLUSIVE since PostgreSQL 12.
        plan.sql(
            Writer::new()
                .keyword("ALTER INDEX")
                .name(&self.table.sibling(&self.from))
                .keyword("RENAME TO")
                .identifier(&self.to)
                .finish(),
        );
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.indexed(&self.table, before);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn an_index_is_renamed() {
        assert_eq!(
            lowered(
                &catalog(),
                RenameIndex { table: name("bookings"), from: "bookings_note_idx".into(), to: "Note".into() }
            ),
            ["-- transaction", "ALTER INDEX public.bookings_note_idx RENAME TO \"Note\"",]
        );
    }
}
