use super::{Inverse, Operate, Touched, on_update};
use crate::catalog::{Catalog, OnUpdate};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;

/// Adds, replaces or drops the trigger behind `on update EXPRESSION`.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetOnUpdate {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: String,
    /// The new value; `None` drops it.
    pub on_update: Option<OnUpdate>,
}

impl SetOnUpdate {
    fn current<'c>(&self, catalog: &'c Catalog) -> Option<&'c OnUpdate> {
        catalog.table(&self.table)?.column(&self.column)?.on_update.as_ref()
    }
}

impl Operate for SetOnUpdate {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(column) = catalog.table_mut(&self.table).and_then(|table| table.column_mut(&self.column)) {
            column.on_update.clone_from(&self.on_update);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        Inverse::operation(SetOnUpdate {
            table: self.table.clone(),
            column: self.column.clone(),
            on_update: self.current(before).cloned(),
        })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let old = self.current(before);
        match (old, &self.on_update) {
            // The trigger stays, only the body of its function changes: no lock.
            (Some(old), Some(new)) if old.trigger == new.trigger => {
                on_update::lower_replace(&self.table, &self.column, new, plan);
            }
            (old, new) => {
                if let Some(old) = old {
                    on_update::lower_drop(&self.table, old, plan);
                }
                if let Some(new) = new {
                    on_update::lower_create(&self.table, &self.column, new, plan);
                }
            }
        }
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        if self.on_update.is_none() && self.current(before).is_some() {
            return vec![format!("updates no longer set `{}.{}`", self.table, self.column)];
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_trigger_is_made() {
        assert_eq!(
            lowered(
                &catalog(),
                SetOnUpdate {
                    table: name("users"),
                    column: "nick".into(),
                    on_update: Some(on_update("lower(email)", "users_nick"))
                }
            ),
            [
                "-- transaction",
                "CREATE FUNCTION public.users_nick() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$BEGIN IF NEW.nick IS NOT DISTINCT FROM OLD.nick AND pg_catalog.current_setting('migrate.on_update', true) IS DISTINCT FROM 'off' THEN NEW.nick := lower(new.email); END IF; RETURN NEW; END$$",
                "CREATE TRIGGER users_nick BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.users_nick()",
            ]
        );
    }

    #[test]
    fn a_new_value_replaces_the_function_only() {
        assert_eq!(
            lowered(
                &catalog(),
                SetOnUpdate {
                    table: name("bookings"),
                    column: "updated_at".into(),
                    on_update: Some(on_update("clock_timestamp()", "bookings_updated_at"))
                }
            ),
            [
                "-- transaction",
                "CREATE OR REPLACE FUNCTION public.bookings_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$BEGIN IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND pg_catalog.current_setting('migrate.on_update', true) IS DISTINCT FROM 'off' THEN NEW.updated_at := clock_timestamp(); END IF; RETURN NEW; END$$",
            ]
        );
    }

    #[test]
    fn a_trigger_is_dropped_with_its_function() {
        assert_eq!(
            lowered(&catalog(), SetOnUpdate { table: name("bookings"), column: "updated_at".into(), on_update: None }),
            [
                "-- transaction",
                "DROP TRIGGER bookings_updated_at ON public.bookings",
                "DROP FUNCTION public.bookings_updated_at()",
            ]
        );
    }
}
