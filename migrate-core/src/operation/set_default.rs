use super::{Inverse, Operate, Operation, Touched, ddl, inheritance};
use crate::catalog::{Catalog, Column};
use crate::expression::Expression;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};

/// `ALTER COLUMN ... SET DEFAULT` and `DROP DEFAULT`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetDefault {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: String,
    /// The new default; `None` drops it.
    pub default: Option<Expression>,
}

impl Operate for SetDefault {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(column) = catalog.table_mut(&self.table).and_then(|table| table.column_mut(&self.column)) {
            column.default.clone_from(&self.default);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let set = |table: &QualifiedName, default: Option<Expression>| -> Operation {
            SetDefault { table: table.clone(), column: self.column.clone(), default }.into()
        };
        let column = before.table(&self.table).and_then(|table| table.column(&self.column));
        let mut operations = vec![set(&self.table, column.and_then(|column| column.default.clone()))];
        let again = |table: &QualifiedName, own: &Column| set(table, own.default.clone());
        let is_other = |above: &Column, own: &Column| own.default != above.default;
        operations.extend(inheritance::set_again(before, &self.table, &self.column, again, is_other));
        Inverse::operations(operations)
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        let writer = ddl::alter_column(&self.table, &self.column);
        let sql = match &self.default {
            Some(default) => writer.keyword("SET DEFAULT").default_expression(default),
            None => writer.keyword("DROP DEFAULT"),
        };
        plan.sql(sql.finish()).locking(&self.table, LockMode::AccessExclusive);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        let column = before.table(&self.table).and_then(|table| table.column(&self.column));
        match column {
            Some(column) if self.default.is_none() && column.default.is_some() && !column.nullable => vec![format!(
                "`{}.{}` no longer has a default: inserts without a value for it fail",
                self.table, self.column
            )],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_default_is_set() {
        assert_eq!(
            lowered(
                &catalog(),
                SetDefault { table: name("users"), column: "nick".into(), default: Some(expression("'a' || 'b'")) }
            ),
            ["-- transaction", "ALTER TABLE public.users ALTER COLUMN nick SET DEFAULT ('a' || 'b')",]
        );
    }

    #[test]
    fn a_default_is_dropped() {
        assert_eq!(
            lowered(&catalog(), SetDefault { table: name("users"), column: "nick".into(), default: None }),
            ["-- transaction", "ALTER TABLE public.users ALTER COLUMN nick DROP DEFAULT",]
        );
    }

    #[test]
    fn only_dropping_the_default_of_a_not_null_column_breaks_inserts() {
        let set = |column: &str, default| SetDefault { table: name("bookings"), column: column.into(), default };
        assert_eq!(set("status", None).breaks(&catalog()).len(), 1);
        assert!(set("note", None).breaks(&catalog()).is_empty());
        assert!(set("status", Some(expression("'confirmed'"))).breaks(&catalog()).is_empty());
    }
}
