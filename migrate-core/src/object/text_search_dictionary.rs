use super::kind::Facts;
use super::{Define, Kind, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::extension;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;

/// A dictionary of the text search.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct TextSearchDictionary {
    /// The template.
    pub template: QualifiedName,
    /// Its options, which the template knows.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub options: SortedMap<String, String>,
}

impl TextSearchDictionary {
    pub(super) const FACTS: Facts = Facts {
        noun: "text search dictionary",
        keywords: "TEXT SEARCH DICTIONARY",
        namespace: Namespace::Schema,
        on_table: None,
        securable: None,
    };

    fn told_options(&self) -> String {
        self.options.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
    }
}

impl Define for TextSearchDictionary {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        if self.template.schema == "pg_catalog" {
            return;
        }
        let template = ObjectId::new(Kind::TextSearchTemplate, self.template.clone());
        if scope.catalog.object(&template).is_none()
            && let Some(extension) = extension::providing_template(&self.template.name)
        {
            uses.insert(Used::Extension(extension.to_owned()));
        }
        uses.insert(Used::Object(template));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Object { from, to, .. } = renaming
            && from.kind == Kind::TextSearchTemplate
            && from.name == self.template
        {
            (*to).clone_into(&mut self.template);
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = id.write(Writer::new().keyword("CREATE TEXT SEARCH DICTIONARY")).parenthesized(|writer| {
            let mut writer = writer.keyword("TEMPLATE =").name(&self.template);
            for (name, value) in &self.options {
                writer = writer.comma().identifier(name).symbol("=").literal(value);
            }
            writer
        });
        plan.sql(writer.finish());
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        if self.template != to.template {
            return false;
        }
        let names: SortedSet<&String> = self.options.keys().chain(to.options.keys()).collect();
        let changed = names.into_iter().filter(|name| self.options.get(*name) != to.options.get(*name));
        let writer = id.write(Writer::new().keyword("ALTER TEXT SEARCH DICTIONARY"));
        let writer = writer.list(changed, |writer, name| match to.options.get(name) {
            Some(value) => writer.identifier(name).symbol("=").literal(value),
            None => writer.identifier(name),
        });
        plan.sql(writer.finish());
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        [
            compared("template", Some(&self.template.name), Some(&found.template.name)),
            compared("options", Some(&self.told_options()), Some(&found.told_options())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
