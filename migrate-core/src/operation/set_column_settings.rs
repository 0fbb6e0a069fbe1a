use super::{Inverse, Operate, Operation, Touched, inheritance, settings};
use crate::catalog::{Catalog, Column, ColumnSettings};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;

/// `ALTER TABLE ... ALTER COLUMN ... SET STORAGE`, `SET COMPRESSION`, `SET STATISTICS`, `SET (...)`, `RESET (...)`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetColumnSettings {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: String,
    /// What they become.
    pub settings: ColumnSettings,
}

impl SetColumnSettings {
    fn column<'c>(&self, catalog: &'c Catalog) -> Option<&'c Column> {
        catalog.table(&self.table)?.column(&self.column)
    }
}

impl Operate for SetColumnSettings {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(column) = catalog.table_mut(&self.table).and_then(|table| table.column_mut(&self.column)) {
            column.settings = self.settings.clone();
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let settings = self.column(before).map(|column| column.settings.clone()).unwrap_or_default();
        let mut operations: Vec<Operation> = vec![SetColumnSettings { settings, ..self.clone() }.into()];
        let again = |table: &QualifiedName, own: &Column| {
            SetColumnSettings { table: table.clone(), settings: own.settings.clone(), ..self.clone() }.into()
        };
        let is_other = |above: &Column, own: &Column| own.settings != above.settings;
        operations.extend(inheritance::set_again(before, &self.table, &self.column, again, is_other));
        Inverse::operations(operations)
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        if let Some(column) = self.column(before) {
            let change = (&column.settings, &self.settings);
            settings::lower_column(&self.table, &self.column, &column.data_type, change, plan);
        }
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::catalog::{Compression, Storage};

    #[test]
    fn only_what_changes_is_said() {
        let mut catalog = catalog();
        let set = |settings| SetColumnSettings { table: name("bookings"), column: "note".into(), settings };
        let first = ColumnSettings {
            storage: Some(Storage::External),
            compression: Some(Compression::Lz4),
            statistics: Some(500),
            parameters: [("n_distinct".to_owned(), "-0.5".to_owned())].into(),
        };
        assert_eq!(
            lowered(&catalog, set(first.clone())),
            [
                "-- transaction",
                "ALTER TABLE public.bookings ALTER COLUMN note SET STORAGE EXTERNAL",
                "ALTER TABLE public.bookings ALTER COLUMN note SET COMPRESSION LZ4",
                "ALTER TABLE public.bookings ALTER COLUMN note SET STATISTICS 500",
                "ALTER TABLE public.bookings ALTER COLUMN note SET (n_distinct = '-0.5')",
            ]
        );
        assert!(assert_undone(&catalog, set(first.clone())).is_empty());
        set(first).apply(&mut catalog);
        assert_eq!(
            lowered(&catalog, set(ColumnSettings::default())),
            [
                "-- transaction",
                "ALTER TABLE public.bookings ALTER COLUMN note SET STORAGE EXTENDED",
                "ALTER TABLE public.bookings ALTER COLUMN note SET COMPRESSION DEFAULT",
                "ALTER TABLE public.bookings ALTER COLUMN note SET STATISTICS -1",
                "ALTER TABLE public.bookings ALTER COLUMN note RESET (n_distinct)",
            ]
        );
    }
}
