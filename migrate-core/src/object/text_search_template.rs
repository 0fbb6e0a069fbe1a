use super::kind::Facts;
use super::{Define, FunctionName, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// A template of dictionaries of the text search.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct TextSearchTemplate {
    /// What begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<FunctionName>,
    /// What makes lexemes of a word.
    pub lexize: FunctionName,
}

impl TextSearchTemplate {
    pub(super) const FACTS: Facts = Facts {
        noun: "text search template",
        keywords: "TEXT SEARCH TEMPLATE",
        namespace: Namespace::Schema,
        on_table: None,
        securable: None,
    };

    fn functions(&self) -> Vec<(&'static str, &FunctionName)> {
        let functions = [("INIT =", self.init.as_ref()), ("LEXIZE =", Some(&self.lexize))];
        functions.into_iter().filter_map(|(word, function)| Some((word, function?))).collect()
    }

    fn functions_mut(&mut self) -> impl Iterator<Item = &mut FunctionName> {
        std::iter::empty().chain(&mut self.init).chain([&mut self.lexize])
    }
}

impl Define for TextSearchTemplate {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.functions().into_iter().for_each(|(_, function)| function.note_uses(scope, uses));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        self.functions_mut().for_each(|function| function.follow(renaming));
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = id.write(Writer::new().keyword("CREATE TEXT SEARCH TEMPLATE"));
        let write = |writer: Writer, (word, function): (&'static str, &FunctionName)| {
            writer.keyword(word).name(&function.name)
        };
        plan.sql(writer.list(self.functions(), write).finish());
    }

    fn change(&self, _id: &ObjectId, _to: &Self, _before: &Catalog, _plan: &mut Lowering) -> bool {
        false
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        [
            compared("init", self.init.as_ref(), found.init.as_ref()),
            compared("lexize", Some(&self.lexize), Some(&found.lexize)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
