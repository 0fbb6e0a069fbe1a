use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, TextSearchConfiguration};
use migrate_core::sorted::SortedMap;
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    parser: (String, String),
    mappings: Vec<MappingRow>,
    comment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct MappingRow {
    token: String,
    schema: String,
    dictionary: String,
}

impl Read for Row {
    const WHAT: &'static str = "text search configurations";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, c.cfgname AS name,
  json_build_array(coalesce(nullif(n.nspname::text, $2::text), 'public'), p.prsname) AS parser,
  (SELECT coalesce(json_agg(json_build_object(
      'token', kind.alias, 'schema', coalesce(nullif(dn.nspname::text, $2::text), 'public'), 'dictionary', d.dictname)
      ORDER BY m.maptokentype, m.mapseqno), '[]'::json)
    FROM pg_ts_config_map m
    JOIN ts_token_type(c.cfgparser) AS kind ON kind.tokid = m.maptokentype
    JOIN pg_ts_dict d ON d.oid = m.mapdict
    JOIN pg_namespace dn ON dn.oid = d.dictnamespace
    WHERE m.mapcfg = c.oid) AS mappings,
  obj_description(c.oid, 'pg_ts_config') AS comment
FROM pg_ts_config c
JOIN spaces ON spaces.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_config'::regclass AND m.objid = c.oid)
ORDER BY spaces.name, c.cfgname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::TextSearchConfiguration, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, _: &Placed) -> Result<Definition, (String, String)> {
        let mut mappings: SortedMap<String, Vec<QualifiedName>> = SortedMap::new();
        for row in self.mappings {
            mappings.entry(row.token).or_default().push(QualifiedName::in_schema(row.schema, row.dictionary));
        }
        let parser = QualifiedName::in_schema(self.parser.0, self.parser.1);
        Ok(TextSearchConfiguration { parser, mappings }.into())
    }
}
