use super::kind::Facts;
use super::{Define, FunctionName, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// A parser of the text search.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct TextSearchParser {
    /// What begins.
    pub start: FunctionName,
    /// What gives the next word.
    pub token: FunctionName,
    /// What ends.
    pub end: FunctionName,
    /// What tells the kinds of words.
    pub types: FunctionName,
    /// What makes the excerpt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<FunctionName>,
}

impl TextSearchParser {
    pub(super) const FACTS: Facts = Facts {
        noun: "text search parser",
        keywords: "TEXT SEARCH PARSER",
        namespace: Namespace::Schema,
        on_table: None,
        securable: None,
    };

    fn functions(&self) -> Vec<(&'static str, &FunctionName)> {
        let functions = [
            ("START =", Some(&self.start)),
            ("GETTOKEN =", Some(&self.token)),
            ("END =", Some(&self.end)),
            ("LEXTYPES =", Some(&self.types)),
            ("HEADLINE =", self.headline.as_ref()),
        ];
        functions.into_iter().filter_map(|(word, function)| Some((word, function?))).collect()
    }

    fn functions_mut(&mut self) -> impl Iterator<Item = &mut FunctionName> {
        std::iter::empty().chain([&mut self.start]).chain([&mut self.token]).chain([&mut self.end]).chain([&mut self.types]).chain(&mut self.headline)
    }
}

impl Define for TextSearchParser {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.functions().into_iter().for_each(|(_, function)| function.note_uses(scope, uses));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        self.functions_mut().for_each(|function| function.follow(renaming));
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = id.write(Writer::new().keyword("CREATE TEXT SEARCH PARSER"));
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
            compared("start", Some(&self.start), Some(&found.start)),
            compared("token", Some(&self.token), Some(&found.token)),
            compared("end", Some(&self.end), Some(&found.end)),
            compared("types", Some(&self.types), Some(&found.types)),
            compared("headline", self.headline.as_ref(), found.headline.as_ref()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
