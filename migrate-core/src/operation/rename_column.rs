use serde::{Deserialize, Serialize};

use super::{Inverse, Operate, Touched, ddl, follow, on_update};
use crate::catalog::Catalog;
use crate::name::QualifiedName;
use crate::plan::{Hazard, LockMode, Lowering};

/// `ALTER TABLE ... RENAME COLUMN`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RenameColumn {
    /// The table.
    pub table: QualifiedName,
    /// The name before.
    pub from: String,
    /// The name after.
    pub to: String,
}

impl Operate for RenameColumn {
    fn apply(&self, catalog: &mut Catalog) {
        follow::rename_column(catalog, &self.table, &self.from, &self.to);
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(RenameColumn { table: self.table.clone(), from: self.to.clone(), to: self.from.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        plan.sql(
            ddl::alter_table(&self.table)
                .keyword("RENAME COLUMN")
                .identifier(&self.from)
                .keyword("TO")
                .identifier(&self.to)
                .finish(),
        )
        .locking(&self.table, LockMode::AccessExclusive);
        on_update::lower_followed(before, self, plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        for (table, _, key) in before.references_to(&self.table) {
            if key.referenced.contains(&self.from) {
                touched.table(table);
            }
        }
    }

    fn hazards(&self, _before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.table) {
            return Vec::new();
        }
        vec![(
            Hazard::BreaksQueries,
            format!(
                "running code that uses `{}.{}` fails; add a column, fill it, and drop the old one once nothing uses it",
                self.table, self.from
            ),
        )]
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("column `{}.{}` is renamed to `{}`", self.table, self.from, self.to)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn functions_that_mention_the_column_are_replaced() {
        assert_eq!(
            lowered(
                &catalog(),
                RenameColumn { table: name("bookings"), from: "updated_at".into(), to: "changed_at".into() }
            ),
            [
                "-- transaction",
                "ALTER TABLE public.bookings RENAME COLUMN updated_at TO changed_at",
                "CREATE OR REPLACE FUNCTION public.bookings_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$BEGIN IF NEW.changed_at IS NOT DISTINCT FROM OLD.changed_at AND pg_catalog.current_setting('migrate.on_update', true) IS DISTINCT FROM 'off' THEN NEW.changed_at := now(); END IF; RETURN NEW; END$$",
            ]
        );
    }

    #[test]
    fn everything_that_mentions_the_column_follows() {
        let mut catalog = catalog();
        RenameColumn { table: name("users"), from: "id".into(), to: "number".into() }.apply(&mut catalog);
        RenameColumn { table: name("bookings"), from: "note".into(), to: "remark".into() }.apply(&mut catalog);
        RenameColumn { table: name("bookings"), from: "user_id".into(), to: "guest".into() }.apply(&mut catalog);
        let bookings = catalog.table(&name("bookings")).unwrap();
        assert_eq!(bookings.constraints["bookings_user_id_fkey"], foreign_key(&["guest"], "users", &["number"]));
        assert_eq!(bookings.constraints["bookings_total_check"], check("total >= 0 AND remark IS NOT NULL"));
        assert_eq!(bookings.indexes["bookings_note_idx"], index(&["lower(remark)"]));
        assert_eq!(bookings.indexes["bookings_user_id_idx"], index(&["guest"]));
        let label = bookings.column("label").unwrap().generated.clone().unwrap();
        assert_eq!(label.expression, expression("upper(remark)"));
    }
}
