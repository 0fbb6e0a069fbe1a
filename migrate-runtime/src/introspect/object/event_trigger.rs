use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, EventTrigger, Firing, Kind, ObjectId};
use migrate_core::sorted::{SortedMap, SortedSet};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    name: String,
    event: String,
    function: (String, String),
    enabled: String,
    tags: Vec<String>,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "event triggers";

    /// Nothing of a tenant: they are the database's.
    const QUERY: &'static str = object_query!(
        "SELECT t.evtname AS name, t.evtevent AS event, json_build_array(n.nspname, p.proname) AS function,
  t.evtenabled AS enabled, coalesce(t.evttags, '{}') AS tags, obj_description(t.oid, 'pg_event_trigger') AS comment
FROM pg_event_trigger t
JOIN pg_proc p ON p.oid = t.evtfoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE $2::text IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_event_trigger'::regclass AND m.objid = t.oid)
ORDER BY t.evtname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::without_schema(Kind::EventTrigger, self.name.clone()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema("", self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, _: &Placed) -> Result<Definition, (String, String)> {
        let tags: SortedSet<String> = self.tags.into_iter().collect();
        let filters = if tags.is_empty() { SortedMap::new() } else { [("tag".to_owned(), tags)].into() };
        Ok(EventTrigger {
            event: self.event,
            filters,
            function: QualifiedName::in_schema(self.function.0, self.function.1),
            firing: match self.enabled.as_str() {
                "D" => Firing::Disabled,
                "R" => Firing::Replica,
                "A" => Firing::Always,
                _ => Firing::Usual,
            },
        }
        .into())
    }
}
