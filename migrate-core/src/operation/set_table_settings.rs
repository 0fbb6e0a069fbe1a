use super::{Inverse, Operate, Touched, settings, unless_plain};
use crate::catalog::{Catalog, TableSettings};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::{Definition, Object, ObjectId, Sequence};
use crate::plan::{Hazard, Lowering};

/// `ALTER TABLE ... SET (...)`, `RESET (...)`, `SET UNLOGGED`, `SET LOGGED`, `REPLICA IDENTITY`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetTableSettings {
    /// The table.
    pub table: QualifiedName,
    /// What they become.
    pub settings: TableSettings,
}

impl SetTableSettings {
    fn before(&self, catalog: &Catalog) -> TableSettings {
        catalog.table(&self.table).map(|table| table.settings.clone()).unwrap_or_default()
    }
}

/// The sequences that belong to a table are logged or not as it is from now on (`ATExecSetPersistence`, PostgreSQL 15).
fn sequences_follow(name: &QualifiedName, catalog: &mut Catalog) {
    if let Some(table) = catalog.table_mut(name) {
        for column in &mut table.columns {
            let said = column.sequence.take().map(|sequence| Sequence { logged: None, ..*sequence });
            column.sequence = said.and_then(unless_plain);
        }
    }
    let is_owned = |id: &ObjectId, object: &Object| match &object.definition {
        Definition::Sequence(sequence) => {
            let owner = sequence.owned_by.as_ref();
            sequence.logged.is_some() && owner.is_some_and(|(table, _)| id.name.sibling(table.as_str()) == *name)
        }
        _ => false,
    };
    let owned = catalog.objects.iter().filter(|(id, object)| is_owned(id, object)).map(|(id, _)| id.clone());
    for id in owned.collect::<Vec<_>>() {
        if let Some(Definition::Sequence(sequence)) = catalog.object_mut(&id).map(|object| &mut object.definition) {
            sequence.logged = None;
        }
    }
}

impl Operate for SetTableSettings {
    fn apply(&self, catalog: &mut Catalog) {
        let Some(table) = catalog.table_mut(&self.table) else { return };
        let was_unlogged = std::mem::replace(&mut table.settings, self.settings.clone()).unlogged;
        if was_unlogged != self.settings.unlogged {
            sequences_follow(&self.table, catalog);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        Inverse::operation(SetTableSettings { table: self.table.clone(), settings: self.before(before) })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        settings::lower_table(&self.table, &self.before(before), &self.settings, plan);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.table) || self.before(before).unlogged == self.settings.unlogged {
            return Vec::new();
        }
        let text = match self.settings.unlogged {
            true => format!("`{}` is rewritten while nobody can use it, and is emptied if the server crashes", self.table),
            false => format!("`{}` is rewritten, and written to the WAL, while nobody can use it", self.table),
        };
        vec![(Hazard::RewritesTable, text)]
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        let loses_log = self.settings.unlogged && !self.before(before).unlogged;
        loses_log.then(|| format!("`{}` is no longer replicated", self.table)).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::catalog::ReplicaIdentity;

    #[test]
    fn only_what_changes_is_said() {
        let mut catalog = catalog();
        let parameters = |list: &[(&str, &str)]| list.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        let set = |settings| SetTableSettings { table: name("bookings"), settings };
        let first = TableSettings {
            parameters: parameters(&[("fillfactor", "70"), ("toast.autovacuum_enabled", "false")]),
            replica_identity: ReplicaIdentity::Full,
            ..TableSettings::default()
        };
        assert_eq!(
            lowered(&catalog, set(first.clone())),
            [
                "-- transaction",
                "ALTER TABLE public.bookings SET (fillfactor = '70', toast.autovacuum_enabled = 'false')",
                "ALTER TABLE public.bookings REPLICA IDENTITY FULL",
            ]
        );
        assert!(assert_undone(&catalog, set(first.clone())).is_empty());
        set(first).apply(&mut catalog);
        let second = TableSettings {
            unlogged: true,
            parameters: parameters(&[("fillfactor", "80")]),
            replica_identity: ReplicaIdentity::Index("bookings_pkey".into()),
        };
        assert_eq!(hazard_codes(&catalog, set(second.clone())), ["rewrites_table"]);
        assert_eq!(
            lowered(&catalog, set(second)),
            [
                "-- transaction",
                "ALTER TABLE public.bookings SET UNLOGGED",
                "ALTER TABLE public.bookings SET (fillfactor = '80')",
                "ALTER TABLE public.bookings RESET (toast.autovacuum_enabled)",
                "ALTER TABLE public.bookings REPLICA IDENTITY USING INDEX bookings_pkey",
            ]
        );
    }
}
