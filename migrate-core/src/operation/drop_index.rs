use super::{CreateIndex, Inverse, Operate, Touched, indexes};
use crate::catalog::{Catalog, Index, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;
use crate::sorted::SortedSet;

/// `DROP INDEX`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DropIndex {
    /// The table it is on.
    pub table: QualifiedName,
    /// The index.
    pub name: String,
}

impl DropIndex {
    fn index<'c>(&self, catalog: &'c Catalog) -> Option<&'c Index> {
        let of_table = catalog.table(&self.table).map(|table| &table.indexes);
        of_table.or_else(|| catalog.materialized_view(&self.table).map(|view| &view.indexes))?.get(&self.name)
    }
}

impl Operate for DropIndex {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(indexes) = catalog.indexes_mut(&self.table) {
            indexes.remove(&self.name);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match self.index(before) {
            Some(index) => Inverse::operation(CreateIndex {
                table: self.table.clone(),
                name: self.name.clone(),
                index: index.clone(),
            }),
            None => Inverse::NotDerivable { why: format!("the definition of `{}` is not known", self.name) },
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        indexes::lower_drop(&self.table, &self.name, before, plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.indexed(&self.table, before);
    }

    /// The key that it is, unless another index or constraint is the same.
    fn removes(&self, before: &Catalog) -> SortedSet<Used> {
        let (Some(index), Some(table)) = (self.index(before).filter(|index| index.unique), before.table(&self.table))
        else {
            return SortedSet::new();
        };
        let columns: Option<Vec<String>> = index.keys.iter().map(|key| key.column().map(str::to_owned)).collect();
        let mut without = table.clone();
        without.indexes.remove(&self.name);
        columns.map(|columns| without.key_that_went(&self.table, &columns)).unwrap_or_default()
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        if self.index(before).is_some_and(|index| index.unique) && before.tables.contains_key(&self.table) {
            return vec![format!("`ON CONFLICT` on `{}` fails if it relies on `{}`", self.table, self.name)];
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn an_index_of_a_live_table_is_dropped_by_itself() {
        assert_eq!(
            lowered(&catalog(), DropIndex { table: name("bookings"), name: "bookings_note_idx".into() }),
            ["-- alone", "DROP INDEX CONCURRENTLY public.bookings_note_idx",]
        );
    }
}
