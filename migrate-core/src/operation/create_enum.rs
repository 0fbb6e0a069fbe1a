use std::sync::Arc;

use super::{CommentTarget, DropEnum, Inverse, Operate, Touched, access, comments, ddl};
use crate::catalog::{AccessTarget, Catalog, EnumType};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;

/// `CREATE TYPE ... AS ENUM`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct CreateEnum {
    /// Its name.
    pub name: QualifiedName,
    /// Its values and comment.
    pub definition: EnumType,
}

impl Operate for CreateEnum {
    fn apply(&self, catalog: &mut Catalog) {
        catalog.enums.insert(self.name.clone(), Arc::new(self.definition.clone()));
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(DropEnum { name: self.name.clone() })
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        plan.sql(ddl::create_enum(&self.name, &self.definition.values));
        let target = CommentTarget::Enum(self.name.clone());
        comments::lower_comment_if_any(&target, self.definition.comment.as_deref(), plan);
        access::lower_new(&AccessTarget::Enum(self.name.clone()), &self.definition.access, plan);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.type_(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn an_enum_is_made() {
        assert_eq!(
            lowered(
                &catalog(),
                CreateEnum {
                    name: name("mood"),
                    definition: EnumType { values: strings(&["sad", "it's"]), comment: Some("How it is.".into()), ..EnumType::default() }
                }
            ),
            [
                "-- transaction",
                "CREATE TYPE public.mood AS ENUM ('sad', 'it''s')",
                "COMMENT ON TYPE public.mood IS 'How it is.'",
            ]
        );
    }
}
