use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, ForeignDataWrapper, Kind, ObjectId};
use migrate_core::sorted::SortedMap;
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;
use super::function_name::FunctionRow;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    name: String,
    handler: Option<FunctionRow>,
    validator: Option<FunctionRow>,
    options: Vec<(String, String)>,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "foreign-data wrappers";

    /// Nothing of a tenant: they are the database's.
    const QUERY: &'static str = object_query!(
        "SELECT w.fdwname AS name, ",
        function_of!("w.fdwhandler"),
        " AS handler, ",
        function_of!("w.fdwvalidator"),
        " AS validator,
  (SELECT coalesce(json_agg(json_build_array(option_name, option_value)), '[]'::json)
    FROM pg_options_to_table(w.fdwoptions)) AS options,
  obj_description(w.oid, 'pg_foreign_data_wrapper') AS comment
FROM pg_foreign_data_wrapper w
WHERE $2::text IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_foreign_data_wrapper'::regclass AND m.objid = w.oid)
ORDER BY w.fdwname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::without_schema(Kind::ForeignDataWrapper, self.name.clone()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema("", self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        Ok(ForeignDataWrapper {
            handler: self.handler.map(|function| function.read(placed)).transpose()?,
            validator: self.validator.map(|function| function.read(placed)).transpose()?,
            options: self.options.into_iter().collect::<SortedMap<_, _>>(),
        }
        .into())
    }
}
