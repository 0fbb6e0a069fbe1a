use super::kind::Facts;
use super::{Define, FunctionName, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;

/// A foreign-data wrapper.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ForeignDataWrapper {
    /// What reads and writes; `None`: nothing can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<FunctionName>,
    /// What checks options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validator: Option<FunctionName>,
    /// `OPTIONS`
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub options: SortedMap<String, String>,
}

/// Writes `OPTIONS (host 'a')`, where there are any.
pub(super) fn write_options(writer: Writer, options: &SortedMap<String, String>) -> Writer {
    if options.is_empty() {
        return writer;
    }
    writer.keyword("OPTIONS").list(options, |writer, (name, value)| writer.identifier(name).literal(value))
}

/// Writes what makes these options of the others: `OPTIONS (SET host 'a', DROP port)`; `None`: they are the same.
pub(super) fn write_changed_options(
    writer: Writer,
    before: &SortedMap<String, String>,
    after: &SortedMap<String, String>,
) -> Option<Writer> {
    let names: SortedSet<&String> = before.keys().chain(after.keys()).collect();
    let changed: Vec<&String> = names.into_iter().filter(|name| before.get(*name) != after.get(*name)).collect();
    if changed.is_empty() {
        return None;
    }
    let write = |writer: Writer, name: &String| match (before.contains_key(name), after.get(name)) {
        (true, Some(value)) => writer.keyword("SET").identifier(name).literal(value),
        (false, Some(value)) => writer.keyword("ADD").identifier(name).literal(value),
        (_, None) => writer.keyword("DROP").identifier(name),
    };
    Some(writer.keyword("OPTIONS").list(changed, write))
}

/// The options for a comparison, in words.
pub(super) fn told_options(options: &SortedMap<String, String>) -> String {
    options.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

impl ForeignDataWrapper {
    pub(super) const FACTS: Facts = Facts {
        noun: "foreign-data wrapper",
        keywords: "FOREIGN DATA WRAPPER",
        namespace: Namespace::Database,
        on_table: None,
        securable: None,
    };

    fn functions(&self) -> [(&'static str, &'static str, &Option<FunctionName>); 2] {
        [("HANDLER", "NO HANDLER", &self.handler), ("VALIDATOR", "NO VALIDATOR", &self.validator)]
    }
}

impl Define for ForeignDataWrapper {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        for (_, _, function) in self.functions() {
            function.iter().for_each(|function| function.note_uses(scope, uses));
        }
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        self.handler.iter_mut().chain(&mut self.validator).for_each(|function| function.follow(renaming));
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let mut writer = id.write(Writer::new().keyword("CREATE FOREIGN DATA WRAPPER"));
        for (word, _, function) in self.functions() {
            writer = writer.optional(function.as_ref(), |writer, function| writer.keyword(word).name(&function.name));
        }
        plan.sql(write_options(writer, &self.options).finish());
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let mut writer = id.write(Writer::new().keyword("ALTER FOREIGN DATA WRAPPER"));
        for ((word, none, function), (_, _, before)) in to.functions().into_iter().zip(self.functions()) {
            writer = match function {
                _ if function == before => writer,
                Some(function) => writer.keyword(word).name(&function.name),
                None => writer.keyword(none),
            };
        }
        let writer = write_changed_options(writer.clone(), &self.options, &to.options).unwrap_or(writer);
        plan.sql(writer.finish());
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        [
            compared("handler", self.handler.as_ref(), found.handler.as_ref()),
            compared("validator", self.validator.as_ref(), found.validator.as_ref()),
            compared("options", Some(&told_options(&self.options)), Some(&told_options(&found.options))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
