use super::kind::Facts;
use super::{Define, Firing, Kind, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;

/// A trigger at commands that define something.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct EventTrigger {
    /// The event: `ddl_command_end`.
    pub event: String,
    /// `WHEN variable IN (...)`: `TAG` and the commands that it is limited to.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub filters: SortedMap<String, SortedSet<String>>,
    /// The function that it runs.
    pub function: QualifiedName,
    /// When it fires.
    #[serde(default)]
    pub firing: Firing,
}

impl EventTrigger {
    pub(super) const FACTS: Facts =
        Facts { noun: "event trigger", keywords: "EVENT TRIGGER", namespace: Namespace::Database, on_table: None, securable: None };

    fn function_id(&self) -> ObjectId {
        ObjectId::new(Kind::Function, self.function.clone())
    }

    fn lower_firing(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = Writer::new().keyword("ALTER EVENT TRIGGER").identifier(&id.name.name);
        plan.sql(writer.keyword(self.firing.keywords()).finish());
    }

    fn told_filters(&self) -> Option<String> {
        let told = self.filters.iter().map(|(variable, values)| {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            format!("{variable} in ({})", values.join(", "))
        });
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| told.join(" and "))
    }
}

impl Define for EventTrigger {
    fn note_uses(&self, _id: &ObjectId, _scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        uses.insert(Used::Object(self.function_id()));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Object { from, to, .. } = renaming
            && **from == self.function_id()
        {
            (*to).clone_into(&mut self.function);
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let mut writer = Writer::new().keyword("CREATE EVENT TRIGGER").identifier(&id.name.name).keyword("ON");
        writer = writer.identifier(&self.event);
        for (index, (variable, values)) in self.filters.iter().enumerate() {
            writer = writer.keyword(if index == 0 { "WHEN" } else { "AND" }).identifier(variable).keyword("IN");
            writer = writer.list(values, |writer, value| writer.literal(value));
        }
        let writer = writer.keyword("EXECUTE FUNCTION").name(&self.function).arguments([""; 0], Writer::identifier);
        plan.sql(writer.finish());
        if self.firing != Firing::Usual {
            self.lower_firing(id, plan);
        }
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        if (EventTrigger { firing: to.firing, ..self.clone() }) != *to {
            return false;
        }
        to.lower_firing(id, plan);
        true
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        [
            compared("event", Some(&self.event), Some(&found.event)),
            compared("filter", self.told_filters().as_ref(), found.told_filters().as_ref()),
            compared("function", Some(&self.function), Some(&found.function)),
            compared("state", Some(&self.firing.told()), Some(&found.firing.told())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
