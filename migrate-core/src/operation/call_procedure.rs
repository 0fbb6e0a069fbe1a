use super::{Inverse, Operate, Touched};
use crate::catalog::Catalog;
use crate::expression::Expression;
use crate::json::ToJson;
use crate::plan::{Duration, Lowering};
use crate::sql::Writer;

/// `CALL`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct CallProcedure {
    /// The call, which names everything in full.
    pub call: Expression,
    /// Whether it runs inside the migration's transaction. A procedure that commits cannot.
    pub in_transaction: bool,
}

impl Operate for CallProcedure {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::NotDerivable { why: "it is not known what the procedure does".into() }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        let sql = Writer::new().keyword("CALL").expression(&self.call).finish();
        plan.sql(sql).taking(Duration::Unknown).in_transaction(self.in_transaction);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.anything();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn call(in_transaction: bool) -> CallProcedure {
        CallProcedure { call: expression("public.close_month(5)"), in_transaction }
    }

    #[test]
    fn a_procedure_is_called_outside_of_transactions_if_it_commits() {
        assert_eq!(lowered(&catalog(), call(true)), ["-- transaction", "CALL public.close_month(5)"]);
        assert_eq!(lowered(&catalog(), call(false)), ["-- alone", "CALL public.close_month(5)"]);
    }

    #[test]
    fn what_a_procedure_does_is_not_known() {
        assert_eq!(why_not_derivable(&catalog(), call(true)), "it is not known what the procedure does");
    }
}
