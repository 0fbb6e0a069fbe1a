use super::{Inverse, Operate, Touched};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::{Kind, ObjectId};
use crate::plan::Lowering;
use crate::sql::Writer;

/// `ALTER SEQUENCE ... RESTART`, also of the sequence of an identity: `ALTER TABLE ... ALTER COLUMN ... RESTART` does the same, but
/// locks the table against everything. What a sequence gives next is data, and in no catalog.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RestartSequence {
    /// The sequence.
    pub sequence: QualifiedName,
    /// What it gives next; `None`: its start.
    pub value: Option<i64>,
}

impl Operate for RestartSequence {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::NotDerivable { why: "the value that the sequence had is not kept".into() }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        let writer = Writer::new().keyword("ALTER SEQUENCE").name(&self.sequence).keyword("RESTART");
        plan.sql(writer.optional(self.value, |writer, value| writer.keyword("WITH").integer(value)).finish());
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        match before.owner_of_identity(&self.sequence) {
            Some((table, _)) => touched.table(table),
            None => touched.object(&ObjectId::new(Kind::Sequence, self.sequence.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_sequence_begins_again() {
        let restart = |value| RestartSequence { sequence: name("numbers"), value };
        assert_eq!(lowered(&catalog(), restart(None)), ["-- transaction", "ALTER SEQUENCE public.numbers RESTART"]);
        assert_eq!(
            lowered(&catalog(), restart(Some(-5))),
            ["-- transaction", "ALTER SEQUENCE public.numbers RESTART WITH -5"]
        );
        assert_eq!(why_not_derivable(&catalog(), restart(None)), "the value that the sequence had is not kept");
    }
}
