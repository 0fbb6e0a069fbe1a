use super::{Inverse, Operate, Touched};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::plan::Lowering;

/// A Rust async function.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RunFunction {
    /// Its path in the source.
    pub path: String,
    /// Whether it runs inside the migration's transaction.
    pub in_transaction: bool,
}

impl Operate for RunFunction {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::NotDerivable { why: format!("it is not known what `{}` does", self.path) }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        plan.run(&self.path).in_transaction(self.in_transaction);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.anything();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_function_is_run_outside_of_transactions_if_it_says_so() {
        assert_eq!(
            lowered(&catalog(), RunFunction { path: "fill::it".into(), in_transaction: false }),
            ["-- alone", "run fill::it",]
        );
    }

    #[test]
    fn what_a_function_does_is_not_known() {
        let run = RunFunction { path: "fill::it".into(), in_transaction: true };
        assert_eq!(lowered(&catalog(), run.clone()), ["-- transaction", "run fill::it"]);
        assert_eq!(why_not_derivable(&catalog(), run), "it is not known what `fill::it` does");
    }
}
