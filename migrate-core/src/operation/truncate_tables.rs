use super::{Inverse, Operate, Touched};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, LockMode, Lowering};
use crate::sql::Writer;

/// `TRUNCATE`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct TruncateTables {
    /// The tables: those that reference one of them are among them.
    pub tables: Vec<QualifiedName>,
    /// Whether the sequences of their columns begin again.
    pub restart_identity: bool,
}

impl Operate for TruncateTables {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::NotDerivable { why: "the deleted rows are not kept".into() }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        let writer = Writer::new()
            .keyword("TRUNCATE TABLE")
            .comma_separated(&self.tables, Writer::name)
            .keyword_if(self.restart_identity, "RESTART IDENTITY");
        let mut added = plan.sql(writer.finish());
        for table in &self.tables {
            added = added.locking(table, LockMode::AccessExclusive);
        }
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        self.tables.iter().for_each(|table| touched.table(table));
    }

    fn hazards(&self, _before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        let names: Vec<String> =
            self.tables.iter().filter(|table| !is_new(table)).map(|table| format!("`{table}`")).collect();
        if names.is_empty() {
            return Vec::new();
        }
        vec![(Hazard::DropsData, format!("all rows of {} are deleted", names.join(" and ")))]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn tables_are_emptied_together() {
        let truncate = TruncateTables { tables: vec![name("bookings"), name("users")], restart_identity: true };
        assert_eq!(
            lowered(&catalog(), truncate.clone()),
            ["-- transaction", "TRUNCATE TABLE public.bookings, public.users RESTART IDENTITY"]
        );
        assert_eq!(hazard_codes(&catalog(), truncate.clone()), ["drops_data"]);
        assert_eq!(why_not_derivable(&catalog(), truncate), "the deleted rows are not kept");
    }
}
