use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, TextSearchParser};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;
use super::function_name::FunctionRow;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    start: FunctionRow,
    token: FunctionRow,
    end: FunctionRow,
    types: FunctionRow,
    headline: Option<FunctionRow>,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "text search parsers";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, o.prsname AS name, ",
        function_of!("o.prsstart"),
        " AS start, ",
        function_of!("o.prstoken"),
        " AS token, ",
        function_of!("o.prsend"),
        " AS \"end\", ",
        function_of!("o.prslextype"),
        " AS types, ",
        function_of!("o.prsheadline"),
        " AS headline, ",
        "obj_description(o.oid, 'pg_ts_parser') AS comment
FROM pg_ts_parser o
JOIN spaces ON spaces.oid = o.prsnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_parser'::regclass AND m.objid = o.oid)
ORDER BY spaces.name, o.prsname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::TextSearchParser, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        Ok(TextSearchParser {
            start: self.start.read(placed)?,
            token: self.token.read(placed)?,
            end: self.end.read(placed)?,
            types: self.types.read(placed)?,
            headline: self.headline.map(|function| function.read(placed)).transpose()?,
        }
        .into())
    }
}
