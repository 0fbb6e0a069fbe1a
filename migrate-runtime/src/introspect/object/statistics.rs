use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, Statistics, StatisticsKind};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    table_schema: String,
    table: String,
    kinds: Vec<String>,
    columns: Vec<String>,
    expressions: Vec<String>,
    target: Option<i32>,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "statistics";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, s.stxname AS name, homes.name AS table_schema, c.relname AS table,
  s.stxkind::text[] AS kinds,
  ARRAY(
    SELECT a.attname::text FROM unnest(s.stxkeys::int2[]) WITH ORDINALITY AS key (number, place)
    JOIN pg_attribute a ON a.attrelid = s.stxrelid AND a.attnum = key.number ORDER BY key.place) AS columns,
  coalesce(pg_get_statisticsobjdef_expressions(s.oid), '{}') AS expressions,
  nullif(s.stxstattarget::int, -1) AS target,
  obj_description(s.oid, 'pg_statistic_ext') AS comment
FROM pg_statistic_ext s
JOIN spaces ON spaces.oid = s.stxnamespace
JOIN pg_class c ON c.oid = s.stxrelid AND c.relkind IN ('r', 'p')
JOIN spaces homes ON homes.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_statistic_ext'::regclass AND m.objid = s.oid)
ORDER BY spaces.name, s.stxname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::Statistics, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let kind = |word: &String| match word.as_str() {
            "d" => Some(StatisticsKind::Ndistinct),
            "f" => Some(StatisticsKind::Dependencies),
            "m" => Some(StatisticsKind::Mcv),
            _ => None,
        };
        let columns = self.columns.into_iter().map(|column| Ok(ExpressionKind::Name(vec![column]).into()));
        let expressions =
            self.expressions.into_iter().map(|text| placed.expression(&text).map_err(|reason| (text, reason)));
        Ok(Statistics {
            table: QualifiedName::in_schema(self.table_schema, self.table),
            kinds: self.kinds.iter().filter_map(kind).collect(),
            keys: columns.chain(expressions).collect::<Result<Vec<Expression>, _>>()?,
            target: self.target.and_then(|target| u32::try_from(target).ok()),
        }
        .into())
    }
}
