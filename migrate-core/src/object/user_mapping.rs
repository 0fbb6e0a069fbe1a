use super::foreign_data_wrapper::{told_options, write_changed_options, write_options};
use super::kind::Facts;
use super::{Define, Namespace, ObjectId, Renaming, Server, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;

/// As whom a role uses a server. The role is the name of its identity, the server what it is of; secrets stay out of it.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct UserMapping {
    /// `OPTIONS`, but for secrets.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub options: SortedMap<String, String>,
}

impl UserMapping {
    pub(super) const FACTS: Facts = Facts {
        noun: "user mapping",
        keywords: "USER MAPPING",
        namespace: Namespace::Database,
        on_table: None,
        securable: None,
    };

    /// Whether an option holds a secret, which no migration may.
    pub fn is_secret(option: &str) -> bool {
        let option = option.to_lowercase();
        ["password", "passwd", "secret", "token", "passcode"].iter().any(|word| option.contains(word))
    }
}

impl Define for UserMapping {
    fn note_uses(&self, id: &ObjectId, _scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        uses.extend(id.of.clone().map(|server| Used::Object(Server::id(server))));
    }

    fn follow(&mut self, _id: &ObjectId, _renaming: &Renaming<'_>) {}

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = id.write(Writer::new().keyword("CREATE USER MAPPING"));
        plan.sql(write_options(writer, &self.options).finish());
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let writer = id.write(Writer::new().keyword("ALTER USER MAPPING"));
        if let Some(writer) = write_changed_options(writer, &self.options, &to.options) {
            plan.sql(writer.finish());
        }
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let (one, other) = (told_options(&self.options), told_options(&found.options));
        compared("options", Some(&one), Some(&other)).into_iter().collect()
    }
}
