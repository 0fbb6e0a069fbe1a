use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, TextSearchTemplate};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;
use super::function_name::FunctionRow;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    init: Option<FunctionRow>,
    lexize: FunctionRow,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "text search templates";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, o.tmplname AS name, ",
        function_of!("o.tmplinit"),
        " AS init, ",
        function_of!("o.tmpllexize"),
        " AS lexize, ",
        "obj_description(o.oid, 'pg_ts_template') AS comment
FROM pg_ts_template o
JOIN spaces ON spaces.oid = o.tmplnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_template'::regclass AND m.objid = o.oid)
ORDER BY spaces.name, o.tmplname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::TextSearchTemplate, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        Ok(TextSearchTemplate {
            init: self.init.map(|function| function.read(placed)).transpose()?,
            lexize: self.lexize.read(placed)?,
        }
        .into())
    }
}
