use super::{CreateExtension, Inverse, Operate, Touched};
use crate::catalog::{Catalog, Used};
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// `DROP EXTENSION`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DropExtension {
    /// Its name.
    pub name: String,
}

impl DropExtension {
    /// The statement.
    pub(crate) fn sql(&self) -> String {
        Writer::new().keyword("DROP EXTENSION").identifier(&self.name).finish()
    }
}

impl Operate for DropExtension {
    fn apply(&self, catalog: &mut Catalog) {
        catalog.extensions.remove(&self.name);
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let extension = before.extensions.get(&self.name).cloned().unwrap_or_default();
        Inverse::operation(CreateExtension::of(&self.name, &extension))
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        plan.sql(self.sql());
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.extension(&self.name);
    }

    fn removes(&self, _before: &Catalog) -> SortedSet<Used> {
        SortedSet::from([Used::Extension(self.name.clone())])
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("extension `{}` is dropped", self.name)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn an_extension_is_dropped() {
        assert_eq!(
            lowered(&catalog(), DropExtension { name: "citext".into() }),
            ["-- transaction", "DROP EXTENSION citext",]
        );
    }
}
