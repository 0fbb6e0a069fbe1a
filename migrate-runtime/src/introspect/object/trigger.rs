use migrate_core::catalog::Deferral;
use migrate_core::name::QualifiedName;
use migrate_core::object::{ConstraintTrigger, Definition, Events, Firing, Kind, ObjectId, Timing, Trigger};
use migrate_core::operation::read_on_update_body;
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    table: String,
    name: String,
    /// `pg_trigger.tgtype`
    bits: i32,
    columns: Vec<String>,
    old_table: Option<String>,
    new_table: Option<String>,
    function: (String, String),
    /// The arguments, each with a NUL behind it, in hexadecimal digits.
    arguments: String,
    is_constraint: bool,
    deferrable: bool,
    deferred: bool,
    from: Option<(String, String)>,
    enabled: String,
    /// The whole definition, where it has a condition.
    definition: Option<String>,
    /// The body of its function, where it may be one of ours.
    body: Option<String>,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "triggers";

    /// Not those behind constraints, nor those that a partition has of its parent.
    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, c.relname AS table, t.tgname AS name, t.tgtype::int AS bits,
  ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (t.tgattr::int2[])) AS columns,
  t.tgoldtable AS old_table, t.tgnewtable AS new_table,
  json_build_array(coalesce(nullif(fn.nspname::text, $2::text), 'public'), f.proname) AS function,
  encode(t.tgargs, 'hex') AS arguments,
  t.tgconstraint <> 0 AS is_constraint,
  t.tgdeferrable AS deferrable, t.tginitdeferred AS deferred,
  (SELECT json_build_array(coalesce(nullif(rn.nspname::text, $2::text), 'public'), r.relname)
    FROM pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace WHERE r.oid = t.tgconstrrelid) AS from,
  t.tgenabled AS enabled,
  CASE WHEN t.tgqual IS NOT NULL THEN pg_get_triggerdef(t.oid) END AS definition,
  CASE WHEN t.tgtype = 19 AND f.proname = t.tgname AND f.pronamespace = c.relnamespace AND t.tgqual IS NULL
      AND t.tgenabled = 'O' AND t.tgnargs = 0 AND t.tgattr::text = '' THEN f.prosrc END AS body,
  obj_description(t.oid, 'pg_trigger') AS comment
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN spaces ON spaces.oid = c.relnamespace
JOIN pg_proc f ON f.oid = t.tgfoid
JOIN pg_namespace fn ON fn.oid = f.pronamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
ORDER BY spaces.name, c.relname, t.tgname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        let table = QualifiedName::in_schema(self.schema.clone(), self.table.clone());
        Ok(ObjectId::on_table(Kind::Trigger, self.name.clone(), &table))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn is_left_out(&self) -> bool {
        self.body.as_deref().is_some_and(|body| read_on_update_body(body).is_some())
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let has = |bit: i32| self.bits & bit != 0;
        let condition = match &self.definition {
            Some(text) => {
                let condition = condition_of(text).ok_or_else(|| (text.clone(), "it has no condition".to_owned()))?;
                let condition = placed.expression(condition).map_err(|reason| (condition.to_owned(), reason))?;
                Some(condition)
            }
            None => None,
        };
        let name = |(schema, name): (String, String)| QualifiedName::in_schema(schema, name);
        let deferral = match (self.deferrable, self.deferred) {
            (false, _) => Deferral::NotDeferrable,
            (true, false) => Deferral::InitiallyImmediate,
            (true, true) => Deferral::InitiallyDeferred,
        };
        let constraint = match self.is_constraint {
            true => Some(ConstraintTrigger { deferral, from: self.from.clone().map(name) }),
            false => None,
        };
        Ok(Trigger {
            timing: match (has(1 << 6), has(1 << 1)) {
                (true, _) => Timing::InsteadOf,
                (_, true) => Timing::Before,
                _ => Timing::After,
            },
            events: Events {
                insert: has(1 << 2),
                delete: has(1 << 3),
                update: has(1 << 4).then(|| self.columns.iter().cloned().collect()),
                truncate: has(1 << 5),
            },
            for_each_row: has(1),
            condition,
            old_table: self.old_table.clone(),
            new_table: self.new_table.clone(),
            function: name(self.function.clone()),
            arguments: arguments_of(&self.arguments).ok_or_else(|| (self.arguments.clone(), "it is not text".into()))?,
            constraint,
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

/// The condition in `CREATE TRIGGER ... WHEN (condition) EXECUTE FUNCTION ...`.
fn condition_of(definition: &str) -> Option<&str> {
    let (_, rest) = definition.split_once(" WHEN (")?;
    let (condition, _) = rest.rsplit_once(") EXECUTE ")?;
    Some(condition)
}

/// The texts, each of which has a NUL behind it.
fn arguments_of(digits: &str) -> Option<Vec<String>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Vec<u8> = digits.as_bytes().chunks(2).map(byte).collect::<Option<_>>()?;
    let text = String::from_utf8(bytes).ok()?;
    let mut arguments: Vec<String> = text.split('\0').map(str::to_owned).collect();
    arguments.pop();
    Some(arguments)
}
