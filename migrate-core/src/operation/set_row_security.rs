use super::{Inverse, Operate, Touched, ddl};
use crate::catalog::{Catalog, RowSecurity};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::Kind;
use crate::plan::{Hazard, LockMode, Lowering};

/// `ALTER TABLE ... { ENABLE | DISABLE | FORCE | NO FORCE } ROW LEVEL SECURITY`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetRowSecurity {
    /// The table.
    pub table: QualifiedName,
    /// What it becomes.
    pub row_security: RowSecurity,
}

/// Adds the statements that change row level security of a table.
pub(super) fn lower_row_security(table: &QualifiedName, from: RowSecurity, to: RowSecurity, plan: &mut Lowering) {
    let enabling = (from.is_enabled != to.is_enabled).then_some(match to.is_enabled {
        true => "ENABLE ROW LEVEL SECURITY",
        false => "DISABLE ROW LEVEL SECURITY",
    });
    let forcing = (from.is_forced != to.is_forced).then_some(match to.is_forced {
        true => "FORCE ROW LEVEL SECURITY",
        false => "NO FORCE ROW LEVEL SECURITY",
    });
    for words in enabling.into_iter().chain(forcing) {
        plan.sql(ddl::alter_table(table).keyword(words).finish()).locking_only(table, LockMode::AccessExclusive);
    }
}

impl SetRowSecurity {
    fn before(&self, catalog: &Catalog) -> RowSecurity {
        catalog.table(&self.table).map_or_else(RowSecurity::default, |table| table.row_security)
    }

    /// Whether other roles than the owner see no row anymore.
    fn hides_all(&self, before: &Catalog) -> bool {
        let has_policy = || {
            before.objects.keys().any(|id| id.kind == Kind::Policy && id.table().as_ref() == Some(&self.table))
        };
        self.row_security.is_enabled && !self.before(before).is_enabled && !has_policy()
    }
}

impl Operate for SetRowSecurity {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(table) = catalog.table_mut(&self.table) {
            table.row_security = self.row_security;
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        Inverse::operation(SetRowSecurity { table: self.table.clone(), row_security: self.before(before) })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        lower_row_security(&self.table, self.before(before), self.row_security, plan);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.table) || !self.hides_all(before) {
            return Vec::new();
        }
        vec![(
            Hazard::BreaksQueries,
            format!("`{}` has no policy yet: roles that do not own it see none of its rows; create the policies first", self.table),
        )]
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        let (was, is) = (self.before(before), self.row_security);
        let is_stricter = is.is_enabled && !was.is_enabled || is.is_enabled && is.is_forced && !was.is_forced;
        is_stricter.then(|| format!("policies decide which rows of `{}` are visible", self.table)).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn only_what_changes_is_said() {
        let mut catalog = catalog();
        let set = |is_enabled, is_forced| SetRowSecurity {
            table: name("bookings"),
            row_security: RowSecurity { is_enabled, is_forced },
        };
        assert_eq!(hazard_codes(&catalog, set(true, false)), ["breaks_queries"]);
        set(true, false).apply(&mut catalog);
        assert_eq!(
            lowered(&catalog, set(true, true)),
            ["-- transaction", "ALTER TABLE public.bookings FORCE ROW LEVEL SECURITY"]
        );
        assert_eq!(
            lowered(&catalog, set(false, false)),
            ["-- transaction", "ALTER TABLE public.bookings DISABLE ROW LEVEL SECURITY"]
        );
        assert!(assert_undone(&catalog, set(false, true)).is_empty());
    }
}
