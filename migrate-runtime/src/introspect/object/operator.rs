use migrate_core::expression::Operator;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, OwnOperator};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;
use super::function_name::FunctionRow;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    left: Option<String>,
    right: String,
    result: String,
    function: FunctionRow,
    commutator: Option<(String, String)>,
    negator: Option<(String, String)>,
    restrict: Option<FunctionRow>,
    join: Option<FunctionRow>,
    hashes: bool,
    merges: bool,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "operators";

    /// One that another one names and that nobody has made yet has no function.
    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, o.oprname AS name,
  format_type(nullif(o.oprleft, 0), -1) AS left, format_type(o.oprright, -1) AS right,
  format_type(o.oprresult, -1) AS result, ",
        function_of!("o.oprcode"),
        " AS function,
  (SELECT json_build_array(coalesce(nullif(n.nspname::text, $2::text), 'public'), other.oprname)
    FROM pg_operator other JOIN pg_namespace n ON n.oid = other.oprnamespace WHERE other.oid = o.oprcom) AS commutator,
  (SELECT json_build_array(coalesce(nullif(n.nspname::text, $2::text), 'public'), other.oprname)
    FROM pg_operator other JOIN pg_namespace n ON n.oid = other.oprnamespace WHERE other.oid = o.oprnegate) AS negator,
  ",
        function_of!("o.oprrest"),
        " AS restrict, ",
        function_of!("o.oprjoin"),
        " AS join,
  o.oprcanhash AS hashes, o.oprcanmerge AS merges,
  obj_description(o.oid, 'pg_operator') AS comment
FROM pg_operator o
JOIN spaces ON spaces.oid = o.oprnamespace
WHERE o.oprcode <> 0
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_operator'::regclass AND m.objid = o.oid)
ORDER BY spaces.name, o.oprname, o.oid"
    );

    fn id(&self, placed: &Placed) -> Result<ObjectId, String> {
        let arguments = self.left.iter().chain([&self.right]).map(|text| placed.data_type(text));
        Ok(ObjectId { arguments: arguments.collect::<Result<_, _>>()?, ..ObjectId::new(Kind::OwnOperator, self.name()) })
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let partner = |named: Option<(String, String)>| {
            named.map(|(schema, symbol)| Operator::in_schema(Some(schema), symbol))
        };
        let estimator = |row: Option<FunctionRow>| -> Result<Option<QualifiedName>, (String, String)> {
            Ok(row.map(|row| row.read(placed)).transpose()?.map(|function| function.name))
        };
        Ok(OwnOperator {
            function: self.function.read(placed)?,
            commutator: partner(self.commutator),
            negator: partner(self.negator),
            restrict: estimator(self.restrict)?,
            join: estimator(self.join)?,
            hashes: self.hashes,
            merges: self.merges,
            result: placed.data_type(&self.result).ok(),
        }
        .into())
    }
}
