use super::{CreateEnum, Inverse, Operate, Touched};
use crate::catalog::{Catalog, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// `DROP TYPE` of an enum that nothing uses.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DropEnum {
    /// Its name.
    pub name: QualifiedName,
}

impl Operate for DropEnum {
    fn apply(&self, catalog: &mut Catalog) {
        catalog.enums.remove(&self.name);
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match before.enum_type(&self.name) {
            Some(definition) => {
                Inverse::operation(CreateEnum { name: self.name.clone(), definition: definition.clone() })
            }
            None => Inverse::NotDerivable { why: format!("the definition of `{}` is not known", self.name) },
        }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        plan.sql(Writer::new().keyword("DROP TYPE").name(&self.name).finish());
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.type_(&self.name);
    }

    fn removes(&self, _before: &Catalog) -> SortedSet<Used> {
        SortedSet::from([Used::Type(self.name.clone())])
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("enum `{}` is dropped", self.name)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn an_enum_is_dropped() {
        assert_eq!(
            lowered(&catalog(), DropEnum { name: name("unused") }),
            ["-- transaction", "DROP TYPE public.unused",]
        );
    }
}
