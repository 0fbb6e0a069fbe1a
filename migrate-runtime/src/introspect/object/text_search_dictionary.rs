use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, TextSearchDictionary};
use migrate_core::sorted::SortedMap;
use migrate_core::sql::lex;
use migrate_core::token::{Cursor, Token};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    template: (String, String),
    options: Option<String>,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "text search dictionaries";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, d.dictname AS name,
  json_build_array(coalesce(nullif(n.nspname::text, $2::text), 'public'), t.tmplname) AS template,
  d.dictinitoption AS options, obj_description(d.oid, 'pg_ts_dict') AS comment
FROM pg_ts_dict d
JOIN spaces ON spaces.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_dict'::regclass AND m.objid = d.oid)
ORDER BY spaces.name, d.dictname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::TextSearchDictionary, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, _: &Placed) -> Result<Definition, (String, String)> {
        let text = self.options.unwrap_or_default();
        let options = read_options(&text).ok_or_else(|| (text, "the options cannot be read".to_owned()))?;
        let template = QualifiedName::in_schema(self.template.0, self.template.1);
        Ok(TextSearchDictionary { template, options }.into())
    }
}

/// Reads `language = 'english', stopwords = 'english'`.
fn read_options(text: &str) -> Option<SortedMap<String, String>> {
    let tokens = lex(text).ok()?;
    let mut cursor = Cursor::of_sql(&tokens);
    let mut options = SortedMap::new();
    while !cursor.is_at_end() {
        let name = cursor.name_ahead(0)?.to_owned();
        cursor.next();
        if !cursor.take_symbol('=') {
            return None;
        }
        let value = match cursor.next() {
            Token::Text(value) | Token::Word(value) | Token::Number(value) => value.clone(),
            _ => return None,
        };
        options.insert(name, value);
        cursor.take_symbol(',');
    }
    Some(options)
}
