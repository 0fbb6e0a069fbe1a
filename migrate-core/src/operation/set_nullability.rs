use super::{Inverse, Operate, Operation, Touched, ddl, inheritance, not_null};
use crate::catalog::{Catalog, Column};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};

/// `ALTER COLUMN ... SET NOT NULL` and `DROP NOT NULL`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetNullability {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: String,
    /// Whether it takes NULL afterwards.
    pub nullable: bool,
}

impl Operate for SetNullability {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(column) = catalog.table_mut(&self.table).and_then(|table| table.column_mut(&self.column)) {
            column.nullable = self.nullable;
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let column = before.table(&self.table).and_then(|table| table.column(&self.column));
        let set = |table: &QualifiedName, nullable: bool| -> Operation {
            SetNullability { table: table.clone(), column: self.column.clone(), nullable }.into()
        };
        let mut operations = vec![set(&self.table, column.map_or(!self.nullable, |column| column.nullable))];
        let again = |table: &QualifiedName, own: &Column| set(table, own.nullable);
        let is_other = |above: &Column, own: &Column| own.nullable != above.nullable;
        operations.extend(inheritance::set_again(before, &self.table, &self.column, again, is_other));
        Inverse::operations(operations)
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        if self.nullable {
            plan.sql(ddl::alter_column(&self.table, &self.column).keyword("DROP NOT NULL").finish())
                .locking(&self.table, LockMode::AccessExclusive);
        } else {
            not_null::lower_set_not_null(&self.table, before.table(&self.table), &self.column, plan);
        }
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        let column = before.table(&self.table).and_then(|table| table.column(&self.column));
        if !self.nullable && column.is_some_and(|column| column.nullable) {
            return vec![format!("`{}.{}` no longer accepts NULL", self.table, self.column)];
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn not_null_is_proved_before_it_is_set() {
        assert_eq!(
            lowered(&catalog(), SetNullability { table: name("users"), column: "nick".into(), nullable: false }),
            [
                "-- transaction",
                "ALTER TABLE public.users ADD CONSTRAINT users_nick_not_null CHECK (nick IS NOT NULL) NOT VALID",
                "-- transaction",
                "ALTER TABLE public.users VALIDATE CONSTRAINT users_nick_not_null",
                "-- transaction",
                "ALTER TABLE public.users ALTER COLUMN nick SET NOT NULL",
                "ALTER TABLE public.users DROP CONSTRAINT users_nick_not_null",
            ]
        );
    }

    #[test]
    fn a_check_that_proves_it_is_used() {
        assert_eq!(
            lowered(&catalog(), SetNullability { table: name("bookings"), column: "note".into(), nullable: false }),
            ["-- transaction", "ALTER TABLE public.bookings ALTER COLUMN note SET NOT NULL",]
        );
    }

    #[test]
    fn a_new_table_needs_no_proof() {
        assert_eq!(
            lowered_on_new(
                &catalog(),
                &["users"],
                SetNullability { table: name("users"), column: "nick".into(), nullable: false }
            ),
            ["-- transaction", "ALTER TABLE public.users ALTER COLUMN nick SET NOT NULL",]
        );
    }

    #[test]
    fn not_null_is_dropped_at_once() {
        assert_eq!(
            lowered(&catalog(), SetNullability { table: name("users"), column: "email".into(), nullable: true }),
            ["-- transaction", "ALTER TABLE public.users ALTER COLUMN email DROP NOT NULL",]
        );
    }
}
