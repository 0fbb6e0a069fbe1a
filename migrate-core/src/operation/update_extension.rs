use super::{Inverse, Operate, Touched};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sql::Writer;

/// `ALTER EXTENSION ... UPDATE`: which version a database has is for its server to say, and so in no catalog.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct UpdateExtension {
    /// The extension.
    pub name: String,
    /// The version; `None` for the one that the server has as its default.
    pub version: Option<String>,
}

impl Operate for UpdateExtension {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::NotDerivable { why: format!("the version of the extension `{}` before is not known", self.name) }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        let writer = Writer::new().keyword("ALTER EXTENSION").identifier(&self.name).keyword("UPDATE");
        let version = |writer: Writer, version: &str| writer.keyword("TO").literal(version);
        plan.sql(writer.optional(self.version.as_deref(), version).finish());
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
    fn an_extension_is_updated() {
        let to = |version: Option<&str>| {
            lowered(&catalog(), UpdateExtension { name: "citext".into(), version: version.map(str::to_owned) })
        };
        assert_eq!(to(None), ["-- transaction", "ALTER EXTENSION citext UPDATE"]);
        assert_eq!(to(Some("1.6")), ["-- transaction", "ALTER EXTENSION citext UPDATE TO '1.6'"]);
    }
}
