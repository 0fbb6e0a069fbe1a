use super::{Inverse, Operate, Touched, settings};
use crate::catalog::{Catalog, Index};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;
use crate::sorted::SortedMap;
use crate::sql::Writer;

/// `ALTER INDEX ... SET (...)`, `RESET (...)`, `ALTER COLUMN ... SET STATISTICS`, also of the index of a constraint.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetIndexSettings {
    /// The table or the materialized view it is on.
    pub table: QualifiedName,
    /// The index, or the constraint that has it.
    pub name: String,
    /// The storage parameters that it has from then on.
    pub parameters: SortedMap<String, String>,
    /// The statistics targets of its keys, by their places from 1, that it has from then on.
    pub statistics: SortedMap<u16, i32>,
}

impl SetIndexSettings {
    /// The index before.
    pub fn index(&self, before: &Catalog) -> Option<Index> {
        let table = before.indexable(&self.table)?;
        let of_constraint = || table.constraints.get(&self.name)?.kind.index();
        table.indexes.get(&self.name).cloned().or_else(of_constraint)
    }
}

impl Operate for SetIndexSettings {
    fn apply(&self, catalog: &mut Catalog) {
        let of_constraint = catalog.table_mut(&self.table).and_then(|table| table.constraints.get_mut(&self.name));
        if let Some(parameters) = of_constraint.and_then(|constraint| constraint.kind.parameters_mut()) {
            parameters.clone_from(&self.parameters);
            return;
        }
        if let Some(index) = catalog.indexes_mut(&self.table).and_then(|indexes| indexes.get_mut(&self.name)) {
            index.parameters.clone_from(&self.parameters);
            index.statistics.clone_from(&self.statistics);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let (parameters, statistics) = self.index(before).map(|index| (index.parameters, index.statistics)).unwrap_or_default();
        Inverse::operation(SetIndexSettings { parameters, statistics, ..self.clone() })
    }

    /// Both lock the index alone, SHARE UPDATE EXCLUSIVE.
    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let Some(index) = self.index(before) else { return };
        let name = self.table.sibling(&self.name);
        let alter = || Writer::new().keyword("ALTER INDEX").name(&name);
        for sql in settings::change_parameters(alter, &index.parameters, &self.parameters) {
            plan.sql(sql);
        }
        settings::lower_statistics(&name, &index.statistics, &self.statistics, plan);
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
    fn parameters_and_targets_are_set_and_reset() {
        let mut catalog = catalog();
        let set = |parameters: &[(&str, &str)], statistics: &[(u16, i32)]| SetIndexSettings {
            table: name("bookings"),
            name: "bookings_note_idx".into(),
            parameters: parameters.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            statistics: statistics.iter().copied().collect(),
        };
        let first = set(&[("fillfactor", "70")], &[(1, 500)]);
        assert_eq!(
            lowered(&catalog, first.clone()),
            [
                "-- transaction",
                "ALTER INDEX public.bookings_note_idx SET (fillfactor = '70')",
                "ALTER INDEX public.bookings_note_idx ALTER COLUMN 1 SET STATISTICS 500",
            ]
        );
        assert!(assert_undone(&catalog, first.clone()).is_empty());
        let of_key = SetIndexSettings { table: name("users"), name: "users_pkey".into(), ..set(&[("fillfactor", "70")], &[]) };
        assert_eq!(
            lowered(&catalog, of_key.clone()),
            ["-- transaction", "ALTER INDEX public.users_pkey SET (fillfactor = '70')"]
        );
        assert!(assert_undone(&catalog, of_key).is_empty());
        first.apply(&mut catalog);
        assert_eq!(
            lowered(&catalog, set(&[], &[])),
            [
                "-- transaction",
                "ALTER INDEX public.bookings_note_idx RESET (fillfactor)",
                "ALTER INDEX public.bookings_note_idx ALTER COLUMN 1 SET STATISTICS -1",
            ]
        );
    }
}
