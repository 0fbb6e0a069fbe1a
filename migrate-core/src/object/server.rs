use super::foreign_data_wrapper::{told_options, write_changed_options, write_options};
use super::kind::Facts;
use super::{Define, Kind, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::extension;
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;

/// A foreign server.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Server {
    /// The foreign-data wrapper.
    pub wrapper: String,
    /// `TYPE`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_type: Option<String>,
    /// `VERSION`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `OPTIONS`
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub options: SortedMap<String, String>,
}

impl Server {
    pub(super) const FACTS: Facts =
        Facts { noun: "server", keywords: "SERVER", namespace: Namespace::Database, on_table: None, securable: None };

    /// The identity of a server of that name.
    pub fn id(name: impl Into<String>) -> ObjectId {
        ObjectId::without_schema(Kind::Server, name)
    }
}

impl Define for Server {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        let wrapper = ObjectId::without_schema(Kind::ForeignDataWrapper, self.wrapper.clone());
        if scope.catalog.object(&wrapper).is_none()
            && let Some(extension) = extension::providing_wrapper(&self.wrapper)
        {
            uses.insert(Used::Extension(extension.to_owned()));
        }
        uses.insert(Used::Object(wrapper));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Object { from, to, .. } = renaming
            && from.kind == Kind::ForeignDataWrapper
            && from.name.name == self.wrapper
        {
            self.wrapper.clone_from(&to.name);
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = id
            .write(Writer::new().keyword("CREATE SERVER"))
            .optional(self.server_type.as_deref(), |writer, text| writer.keyword("TYPE").literal(text))
            .optional(self.version.as_deref(), |writer, text| writer.keyword("VERSION").literal(text))
            .keyword("FOREIGN DATA WRAPPER")
            .identifier(&self.wrapper);
        plan.sql(write_options(writer, &self.options).finish());
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        if self.wrapper != to.wrapper
            || self.server_type != to.server_type
            || (to.version.is_none() && self.version.is_some())
        {
            return false;
        }
        let writer = id.write(Writer::new().keyword("ALTER SERVER"));
        let version = to.version.as_deref().filter(|_| self.version != to.version);
        let writer = writer.optional(version, |writer, text| writer.keyword("VERSION").literal(text));
        let writer = write_changed_options(writer.clone(), &self.options, &to.options).unwrap_or(writer);
        plan.sql(writer.finish());
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        [
            compared("foreign-data wrapper", Some(&self.wrapper), Some(&found.wrapper)),
            compared("type", self.server_type.as_ref(), found.server_type.as_ref()),
            compared("version", self.version.as_ref(), found.version.as_ref()),
            compared("options", Some(&told_options(&self.options)), Some(&told_options(&found.options))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
