use super::{Inverse, Operate, Touched, rows};
use crate::catalog::Catalog;
use crate::expression::Expression;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};

/// `DELETE FROM`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DeleteRows {
    /// The table.
    pub table: QualifiedName,
    /// `WHERE`; `None` deletes every row.
    pub condition: Option<Expression>,
}

impl Operate for DeleteRows {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::NotDerivable { why: "the deleted rows are not kept".into() }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        rows::lower_delete(&self.table, self.condition.as_ref(), plan);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.table) || rows::names_few(before.table(&self.table), self.condition.as_ref()) {
            return Vec::new();
        }
        vec![(
            Hazard::UnbatchedUpdate,
            format!(
                "all matching rows of `{}` are deleted in one transaction; select the rows by their primary key, or delete \
                 in batches in a Rust function (`run path::to::function`)",
                self.table
            ),
        )]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn rows_are_deleted() {
        assert_eq!(
            lowered(&catalog(), DeleteRows { table: name("users"), condition: Some(expression("id = 1 OR id = 2")) }),
            ["-- transaction", "DELETE FROM public.users WHERE id = 1 OR id = 2",]
        );
    }

    #[test]
    fn only_rows_named_by_a_key_may_be_deleted_at_once() {
        let delete =
            |condition: Option<&str>| DeleteRows { table: name("users"), condition: condition.map(expression) };
        assert!(hazard_codes(&catalog(), delete(Some("id = 1"))).is_empty());
        assert_eq!(hazard_codes(&catalog(), delete(None)), ["unbatched_update"]);
        assert_eq!(why_not_derivable(&catalog(), delete(None)), "the deleted rows are not kept");
    }
}
