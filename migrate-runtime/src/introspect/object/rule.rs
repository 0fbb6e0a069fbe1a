use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Firing, Kind, ObjectId, Rule};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    table: String,
    name: String,
    text: String,
    enabled: String,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "rules";

    /// What a view selects is not a rule here.
    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, c.relname AS table, r.rulename AS name, pg_get_ruledef(r.oid) AS text,
  r.ev_enabled AS enabled, obj_description(r.oid, 'pg_rewrite') AS comment
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN spaces ON spaces.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
ORDER BY spaces.name, c.relname, r.rulename"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        let table = QualifiedName::in_schema(self.schema.clone(), self.table.clone());
        Ok(ObjectId::on_table(Kind::Rule, self.name.clone(), &table))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let mut rule = Rule::read(&self.text).map_err(|error| (self.text.clone(), error.message))?;
        rule.firing = match self.enabled.as_str() {
            "D" => Firing::Disabled,
            "R" => Firing::Replica,
            "A" => Firing::Always,
            _ => Firing::Usual,
        };
        let mut definition = rule.into();
        placed.place_definition(&mut definition);
        Ok(definition)
    }
}
