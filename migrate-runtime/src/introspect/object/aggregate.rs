use migrate_core::expression::Operator;
use migrate_core::name::QualifiedName;
use migrate_core::object::{
    Aggregate, AggregateState, ArgumentMode, Definition, FinishModify, FunctionArgument, FunctionName, Kind, ObjectId,
    Parallel,
};
use serde::Deserialize;

use super::super::placed::Placed;
use super::function_name::FunctionRow;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    arguments: Vec<ArgumentRow>,
    /// `n`, `o` or `h`.
    kind: String,
    direct: usize,
    result: String,
    state: StateRow,
    moving: StateRow,
    combine: Option<FunctionRow>,
    serialize: Option<FunctionRow>,
    deserialize: Option<FunctionRow>,
    sort_operator: Option<(Option<String>, String)>,
    parallel: String,
    comment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ArgumentRow {
    is_variadic: bool,
    name: Option<String>,
    #[serde(rename = "type")]
    data_type: String,
}

#[derive(Debug, Deserialize)]
struct StateRow {
    function: Option<FunctionRow>,
    inverse: Option<FunctionRow>,
    #[serde(rename = "type")]
    data_type: Option<String>,
    space: u32,
    finish: Option<FunctionRow>,
    extra: bool,
    modify: String,
    initial: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "aggregates";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, p.proname AS name,
  (SELECT coalesce(json_agg(json_build_object(
      'is_variadic', p.provariadic <> 0 AND argument.place = p.pronargs,
      'name', nullif(p.proargnames[argument.place::int], ''),
      'type', format_type(argument.type, -1)) ORDER BY argument.place), '[]'::json)
    FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS argument (type, place)) AS arguments,
  a.aggkind AS kind, a.aggnumdirectargs AS direct,
  format_type(p.prorettype, -1) AS result,
  json_build_object(
    'function', ",
        function_of!("a.aggtransfn"),
        ", 'type', format_type(a.aggtranstype, -1), 'space', a.aggtransspace,
    'finish', ",
        function_of!("a.aggfinalfn"),
        ", 'extra', a.aggfinalextra, 'modify', a.aggfinalmodify, 'initial', a.agginitval) AS state,
  json_build_object(
    'function', ",
        function_of!("a.aggmtransfn"),
        ", 'inverse', ",
        function_of!("a.aggminvtransfn"),
        ", 'type', format_type(nullif(a.aggmtranstype, 0), -1), 'space', a.aggmtransspace,
    'finish', ",
        function_of!("a.aggmfinalfn"),
        ", 'extra', a.aggmfinalextra, 'modify', a.aggmfinalmodify, 'initial', a.aggminitval) AS moving,
  ",
        function_of!("a.aggcombinefn"),
        " AS combine,
  ",
        function_of!("a.aggserialfn"),
        " AS serialize,
  ",
        function_of!("a.aggdeserialfn"),
        " AS deserialize,
  (SELECT json_build_array(
      CASE WHEN os.nspname <> 'pg_catalog' THEN coalesce(nullif(os.nspname::text, $2::text), 'public') END, o.oprname)
    FROM pg_operator o JOIN pg_namespace os ON os.oid = o.oprnamespace
    WHERE o.oid = a.aggsortop) AS sort_operator,
  p.proparallel AS parallel,
  obj_description(p.oid, 'pg_proc') AS comment
FROM pg_aggregate a
JOIN pg_proc p ON p.oid = a.aggfnoid
JOIN spaces ON spaces.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
ORDER BY spaces.name, p.proname, p.oid"
    );

    fn id(&self, placed: &Placed) -> Result<ObjectId, String> {
        let arguments = self.arguments.iter().map(|argument| placed.data_type(&argument.data_type));
        let arguments = arguments.collect::<Result<_, _>>()?;
        Ok(ObjectId { arguments, ..ObjectId::new(Kind::Aggregate, self.name()) })
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let is_ordered = self.kind != "n";
        let is_hypothetical = self.kind == "h";
        let count = self.arguments.len();
        let mut arguments = Vec::new();
        for argument in self.arguments {
            let data_type =
                placed.data_type(&argument.data_type).map_err(|reason| (argument.data_type.clone(), reason))?;
            let mode = if argument.is_variadic { ArgumentMode::Variadic } else { ArgumentMode::In };
            arguments.push(FunctionArgument { mode, name: argument.name, data_type, default: None });
        }
        // A variadic argument that is the last direct one is the one that it orders by, too.
        let ordered = match is_ordered {
            true if self.direct >= count => Some(arguments.last().cloned().into_iter().collect()),
            true => Some(arguments.split_off(self.direct)),
            false => None,
        };
        let state = self.state.read(is_ordered, placed)?;
        let moving = self.moving.read(is_ordered, placed)?;
        let Some(state) = state else { return Err((self.name, "it has no function of its state".to_owned())) };
        let function = |row: Option<FunctionRow>| row.map(|row| row.read(placed)).transpose();
        Ok(Aggregate {
            arguments,
            ordered,
            state,
            moving,
            combine: function(self.combine)?,
            serialize: function(self.serialize)?,
            deserialize: function(self.deserialize)?,
            sort_operator: self.sort_operator.map(|(schema, symbol)| Operator::in_schema(schema, symbol)),
            parallel: match self.parallel.as_str() {
                "s" => Parallel::Safe,
                "r" => Parallel::Restricted,
                _ => Parallel::Unsafe,
            },
            is_hypothetical,
            result: placed.data_type(&self.result).ok(),
        }
        .into())
    }
}

impl StateRow {
    /// How it gathers, where it has such a state.
    fn read(self, is_ordered: bool, placed: &Placed) -> Result<Option<AggregateState>, (String, String)> {
        let (Some(function), Some(data_type)) = (self.function, self.data_type) else { return Ok(None) };
        let read = |row: Option<FunctionRow>| -> Result<Option<FunctionName>, (String, String)> {
            row.map(|row| row.read(placed)).transpose()
        };
        let modify = match self.modify.as_str() {
            "s" => FinishModify::Shareable,
            "w" => FinishModify::ReadWrite,
            _ => FinishModify::ReadOnly,
        };
        let usual = if is_ordered { FinishModify::ReadWrite } else { FinishModify::ReadOnly };
        Ok(Some(AggregateState {
            function: function.read(placed)?,
            inverse: read(self.inverse)?,
            data_type: placed.data_type(&data_type).map_err(|reason| (data_type.clone(), reason))?,
            space: Some(self.space).filter(|space| *space > 0),
            finish: read(self.finish)?,
            finish_extra: self.extra,
            finish_modify: Some(modify).filter(|modify| *modify != usual),
            initial: self.initial,
        }))
    }
}
