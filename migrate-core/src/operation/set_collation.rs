use super::{Inverse, Operate, Touched, ddl};
use crate::catalog::{Catalog, Column, IndexKey, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Duration, Hazard, LockMode, Lowering};
use crate::sorted::SortedSet;

/// `ALTER TABLE ... ALTER COLUMN ... TYPE ... COLLATE`, of a column that keeps its type.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetCollation {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: String,
    /// The collation, with its schema where it is not the system's; `None` is that of the type.
    pub collation: Option<String>,
}

impl SetCollation {
    fn column<'c>(&self, catalog: &'c Catalog) -> Option<&'c Column> {
        catalog.table(&self.table)?.column(&self.column)
    }

    /// Indexes and keys whose order follows the column.
    fn rebuilt<'c>(&'c self, before: &'c Catalog) -> Vec<&'c str> {
        let Some(table) = before.table(&self.table) else { return Vec::new() };
        let is_of_column = |key: &IndexKey| key.expression.reads(&self.column);
        let indexes = table.indexes.iter().filter(|(_, index)| index.keys.iter().any(is_of_column));
        let keys = table
            .constraints
            .iter()
            .filter(|(_, constraint)| constraint.kind.has_index() && constraint.kind.mentions(&self.column));
        indexes.map(|(name, _)| name.as_str()).chain(keys.map(|(name, _)| name.as_str())).collect()
    }
}

impl Operate for SetCollation {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(column) = catalog.table_mut(&self.table).and_then(|table| table.column_mut(&self.column)) {
            column.collation = self.collation.clone();
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let collation = self.column(before).and_then(|column| column.collation.clone());
        Inverse::operation(SetCollation { collation, ..self.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let Some(column) = self.column(before) else { return };
        let collation = self.collation.as_deref().unwrap_or("default");
        let writer = ddl::alter_table(&self.table)
            .keyword("ALTER COLUMN")
            .identifier(&self.column)
            .keyword("TYPE")
            .type_(&column.data_type)
            .collation(collation);
        let is_rebuilt = !self.rebuilt(before).is_empty();
        let added = plan.sql(writer.finish()).locking(&self.table, LockMode::AccessExclusive);
        if is_rebuilt {
            added.taking(Duration::IndexBuild);
        }
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        let rebuilt = self.rebuilt(before);
        if is_new(&self.table) || rebuilt.is_empty() {
            return Vec::new();
        }
        let table = &self.table;
        vec![(
            Hazard::BlocksWrites,
            format!(
                "`{}` is rebuilt while nobody can read or write `{table}`; drop it first and create it again \
                 afterwards: both run concurrently",
                rebuilt.join("`, `")
            ),
        )]
    }

    fn disturbs(&self, _before: &Catalog) -> SortedSet<Used> {
        SortedSet::from([Used::Column(self.table.clone(), self.column.clone())])
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{CreateIndex, Operate as _};
    use super::*;

    #[test]
    fn the_type_stays_and_indexes_are_rebuilt() {
        let mut catalog = catalog();
        let set =
            |collation: Option<&str>| SetCollation { table: name("users"), column: "nick".into(), collation: collation.map(Into::into) };
        assert_eq!(
            lowered(&catalog, set(Some("C"))),
            ["-- transaction", "ALTER TABLE public.users ALTER COLUMN nick TYPE character varying(20) COLLATE \"C\""]
        );
        assert!(assert_undone(&catalog, set(Some("C"))).is_empty());
        assert!(hazard_codes(&catalog, set(Some("C"))).is_empty());
        CreateIndex { table: name("users"), name: "by_nick".into(), index: index(&["nick"]) }.apply(&mut catalog);
        assert_eq!(hazard_codes(&catalog, set(Some("C"))), ["blocks_writes"]);
        set(Some("C")).apply(&mut catalog);
        assert_eq!(
            lowered(&catalog, set(None)),
            ["-- transaction", "ALTER TABLE public.users ALTER COLUMN nick TYPE character varying(20) COLLATE \"default\""]
        );
    }
}
