use super::{CommentTarget, DropExtension, Inverse, Operate, Touched, comments};
use crate::catalog::{Catalog, Extension};
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sql::Writer;

/// `CREATE EXTENSION`: its types and operator classes are known afterwards.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct CreateExtension {
    /// Its name.
    pub name: String,
    /// `SCHEMA`; `None` for the default.
    pub schema: Option<String>,
    /// The comment on it, in place of the one that it brings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl CreateExtension {
    /// What creates an extension as a catalog has it.
    pub(crate) fn of(name: &str, extension: &Extension) -> Self {
        let Extension { schema, comment, own_comment: _ } = extension.clone();
        CreateExtension { name: name.to_owned(), schema, comment }
    }
}

impl Operate for CreateExtension {
    fn apply(&self, catalog: &mut Catalog) {
        let extension = Extension { schema: self.schema.clone(), comment: self.comment.clone(), own_comment: None };
        catalog.extensions.insert(self.name.clone(), extension);
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(DropExtension { name: self.name.clone() })
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        // On managed servers an administrator may have installed it before.
        plan.sql(
            Writer::new()
                .keyword("CREATE EXTENSION IF NOT EXISTS")
                .identifier(&self.name)
                .optional(self.schema.as_deref(), |writer, schema| writer.keyword("WITH SCHEMA").identifier(schema))
                .finish(),
        );
        comments::lower_comment_if_any(&CommentTarget::Extension(self.name.clone()), self.comment.as_deref(), plan);
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.extension(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn an_extension_may_be_there_before() {
        let create = CreateExtension { name: "uuid-ossp".into(), schema: Some("app".into()), comment: Some("Keys.".into()) };
        assert_eq!(
            lowered(&catalog(), create),
            [
                "-- transaction",
                "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA app",
                "COMMENT ON EXTENSION \"uuid-ossp\" IS 'Keys.'",
            ]
        );
    }
}
