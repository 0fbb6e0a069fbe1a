use super::{Inverse, Operate, Touched, rows};
use crate::catalog::Catalog;
use crate::expression::Expression;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};

/// `UPDATE`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct UpdateRows {
    /// The table.
    pub table: QualifiedName,
    /// `SET`
    pub assignments: Vec<(String, Expression)>,
    /// `WHERE`; `None` updates every row.
    pub condition: Option<Expression>,
}

impl Operate for UpdateRows {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::NotDerivable { why: "the old values are not kept".into() }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        rows::lower_update(&self.table, &self.assignments, self.condition.as_ref(), plan);
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
                "all matching rows of `{table}` are updated in one transaction; write \
                 `backfill {table} set ... where ...`",
                table = self.table
            ),
        )]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn rows_are_updated() {
        assert_eq!(
            lowered(
                &catalog(),
                UpdateRows {
                    table: name("users"),
                    assignments: vec![("nick".into(), expression("lower(nick)"))],
                    condition: Some(expression("id IN (1, 2)"))
                }
            ),
            ["-- transaction", "UPDATE public.users SET nick = lower(nick) WHERE id IN (1, 2)",]
        );
    }

    #[test]
    fn only_rows_named_by_a_key_may_be_updated_at_once() {
        let codes = |condition: Option<&str>| {
            let assignments = vec![("nick".to_owned(), expression("'x'"))];
            hazard_codes(
                &catalog(),
                UpdateRows { table: name("users"), assignments, condition: condition.map(expression) },
            )
        };
        for few in ["id = 1", "id IN (1, 2)", "email = 'a' AND nick IS NULL", "id = 1 OR email = 'a'"] {
            assert!(codes(Some(few)).is_empty(), "{few}");
        }
        for many in [None, Some("nick = 'a'"), Some("id > 1"), Some("id = 1 OR nick = 'a'"), Some("id = length(nick)")]
        {
            assert_eq!(codes(many), ["unbatched_update"], "{many:?}");
        }
    }

    #[test]
    fn old_values_do_not_come_back() {
        let update = UpdateRows { table: name("users"), assignments: Vec::new(), condition: None };
        assert_eq!(why_not_derivable(&catalog(), update), "the old values are not kept");
    }
}
