use super::{AddColumn, AddConstraint, CreateIndex, Inverse, Operate, Operation, Touched, belongings, ddl, indexes, inheritance, on_update};
use crate::catalog::{Catalog, Column, Part, Table, Used, User};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, LockMode, Lowering};
use crate::sorted::SortedSet;

/// `ALTER TABLE ... DROP COLUMN`. Constraints and indexes of the same table over this column alone go with it; what else
/// uses it is dropped before.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DropColumn {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: String,
}

impl DropColumn {
    fn column<'t>(&self, table: &'t Table) -> Option<&'t Column> {
        table.column(&self.column)
    }
}

impl Operate for DropColumn {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(table) = catalog.table_mut(&self.table) {
            table.columns.retain(|column| column.name != self.column);
            table.constraints.retain(|_, constraint| !constraint.kind.mentions(&self.column));
            table.indexes.retain(|_, index| !index.mentions(&self.column));
        }
        catalog.remove_belongings(&self.table, Some(&self.column));
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let table = before.table(&self.table);
        let Some((table, column)) = table.and_then(|table| Some((table, self.column(table)?))) else {
            return Inverse::NotDerivable { why: format!("the definition of `{}` is not known", self.column) };
        };
        let add = AddColumn { table: self.table.clone(), column: column.clone() };
        let mut operations: Vec<Operation> = belongings::restored(add, before, &self.table, Some(&self.column));
        for (name, constraint) in &table.constraints {
            if constraint.kind.mentions(&self.column) {
                let (table, name, constraint) = (self.table.clone(), name.clone(), constraint.clone());
                operations.push(AddConstraint { table, name, constraint }.into());
            }
        }
        for (name, index) in &table.indexes {
            if index.mentions(&self.column) {
                let (table, name, index) = (self.table.clone(), name.clone(), index.clone());
                operations.push(CreateIndex { table, name, index }.into());
            }
        }
        operations.extend(inheritance::restored(before, &self.table, &self.column));
        let inverse = Inverse::operations(operations);
        if column.generated.is_some() {
            return inverse;
        }
        let values = format!("the values of `{}.{}`", self.table, self.column);
        if column.nullable || column.default.is_some() || column.identity.is_some() {
            inverse.losing(values)
        } else {
            inverse.losing(format!(
                "{values}; it is NOT NULL and has no default, so reverting fails while the table has rows"
            ))
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let table = before.table(&self.table);
        if !plan.is_new(&self.table) {
            for (name, index) in table.into_iter().flat_map(|table| &table.indexes) {
                if index.mentions(&self.column) {
                    indexes::lower_drop(&self.table, name, before, plan);
                }
            }
            // Dropping the column with its foreign keys would lock the tables they reference as well.
            for (name, key) in table.into_iter().flat_map(Table::foreign_keys) {
                if key.columns.contains(&self.column) && key.table != self.table {
                    plan.sql(ddl::drop_constraint(&self.table, name))
                        .locking(&self.table, LockMode::AccessExclusive)
                        .locking(&key.table, LockMode::AccessExclusive);
                }
            }
        }
        if let Some(on_update) = table.and_then(|table| self.column(table)).and_then(|column| column.on_update.as_ref())
        {
            on_update::lower_drop(&self.table, on_update, plan);
        }
        plan.sql(ddl::alter_table(&self.table).keyword("DROP COLUMN").identifier(&self.column).finish())
            .locking(&self.table, LockMode::AccessExclusive);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        for (_, key) in before.table(&self.table).into_iter().flat_map(Table::foreign_keys) {
            if key.columns.contains(&self.column) {
                touched.uses_table(&key.table);
            }
        }
    }

    fn hazards(&self, _before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.table) {
            return Vec::new();
        }
        vec![(
            Hazard::DropsData,
            format!(
                "the values of `{}.{}` are lost; copy what is still needed to another column first",
                self.table, self.column
            ),
        )]
    }

    fn removes(&self, before: &Catalog) -> SortedSet<Used> {
        let below = inheritance::losing(before, &self.table, &self.column);
        let tables = below.into_iter().chain([self.table.clone()]);
        let columns = tables.map(|table| Used::Column(table, self.column.clone()));
        columns.chain(before.sequences_with(&self.table, Some(&self.column)).into_iter().map(Used::Table)).collect()
    }

    /// What is about this column alone, also in partitions; what these have of an index or a constraint of their parent is
    /// judged there.
    fn takes_along(&self, user: &User<'_>, before: &Catalog) -> bool {
        if let Some((id, _)) = user.object() {
            return before.belongings(&self.table, Some(&self.column)).any(|(belonging, _)| belonging == id);
        }
        let is_ours =
            |table: &&QualifiedName| **table == self.table || before.tables_below(&self.table).contains(*table);
        let Some(name) = user.table().filter(is_ours) else { return false };
        let Some((table, part)) = before.table(name).zip(user.part()) else { return false };
        let is_alone = |columns: SortedSet<String>| columns.len() == 1 && columns.contains(&self.column);
        match part {
            Part::Itself | Part::Partitioning(_) | Part::PartitionOf(_) | Part::Inherits(_) => false,
            Part::Type(column) | Part::Default(column) | Part::Generated(column) | Part::OnUpdate(column) => {
                column.name == self.column
            }
            Part::Constraint(_, constraint) => {
                constraint.attached_to.is_some() || is_alone(table.columns_of_constraint(&constraint.kind))
            }
            Part::Index(_, index) => index.attached_to.is_some() || is_alone(table.columns_of_index(index)),
        }
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("column `{}.{}` is dropped", self.table, self.column)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn indexes_and_foreign_keys_of_the_column_go_first() {
        assert_eq!(
            lowered(&catalog(), DropColumn { table: name("bookings"), column: "user_id".into() }),
            [
                "-- alone",
                "DROP INDEX CONCURRENTLY public.bookings_user_id_idx",
                "-- transaction",
                "ALTER TABLE public.bookings DROP CONSTRAINT bookings_user_id_fkey",
                "ALTER TABLE public.bookings DROP COLUMN user_id",
            ]
        );
    }

    #[test]
    fn the_trigger_of_the_column_goes_with_it() {
        assert_eq!(
            lowered(&catalog(), DropColumn { table: name("bookings"), column: "updated_at".into() }),
            [
                "-- transaction",
                "DROP TRIGGER bookings_updated_at ON public.bookings",
                "DROP FUNCTION public.bookings_updated_at()",
                "ALTER TABLE public.bookings DROP COLUMN updated_at",
            ]
        );
    }

    #[test]
    fn what_went_with_the_column_comes_back_without_its_values() {
        let drop = |column: &str| DropColumn { table: name("bookings"), column: column.into() };
        assert_eq!(hazard_codes(&catalog(), drop("total")), ["drops_data"]);
        assert_eq!(assert_undone(&catalog(), drop("status")), ["the values of `bookings.status`"]);
        assert_eq!(
            assert_undone(&catalog(), drop("total")),
            ["the values of `bookings.total`; it is NOT NULL and has no default, so reverting fails while the table \
              has rows"]
        );
    }
}
