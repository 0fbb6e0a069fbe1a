use super::{Inverse, Operate, Touched};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::object::{Kind, ObjectId};
use crate::plan::Lowering;
use crate::sql::Writer;

/// `ALTER COLLATION ... REFRESH VERSION`: what was built with an older version of the library is built again, and the server
/// stops warning. The version is the server's, and in no catalog.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RefreshCollation {
    /// The collation.
    pub id: ObjectId,
}

impl Operate for RefreshCollation {
    fn apply(&self, _catalog: &mut Catalog) {}

    /// The library stays as it is.
    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operations(Vec::new())
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        let alter = self.id.write(Writer::new().keyword("ALTER").keyword(Kind::Collation.keywords()));
        plan.sql(alter.keyword("REFRESH VERSION").finish());
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.object(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn the_server_is_told() {
        let operation = RefreshCollation { id: ObjectId::new(Kind::Collation, name("german")) };
        assert_eq!(
            lowered(&catalog(), operation),
            ["-- transaction", "ALTER COLLATION public.german REFRESH VERSION"]
        );
    }
}
