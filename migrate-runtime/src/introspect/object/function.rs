use migrate_core::name::QualifiedName;
use migrate_core::object::{
    ArgumentMode, Body, Definition, Function, FunctionArgument, FunctionOptions, FunctionVolatility, Kind, ObjectId,
    Parallel, Returns, StandardBody, is_list_of_names,
};
use migrate_core::operation::read_on_update_body;
use migrate_core::sorted::SortedMap;
use migrate_core::types::Type;
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

/// A function or a procedure.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    arguments: Vec<ArgumentRow>,
    result: Option<String>,
    set: bool,
    language: String,
    source: String,
    library: Option<String>,
    /// Its body in standard SQL.
    standard: Option<String>,
    volatility: String,
    strict: bool,
    leakproof: bool,
    security_definer: bool,
    window: bool,
    parallel: String,
    cost: f32,
    rows: f32,
    support: Option<(String, String)>,
    settings: Vec<String>,
    transforms: Vec<String>,
    /// Whether it is run by a trigger of its name, as those behind `on update` are.
    is_of_trigger: bool,
    comment: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ArgumentRow {
    mode: String,
    name: Option<String>,
    #[serde(rename = "type")]
    data_type: String,
    default: Option<String>,
}

/// What is read of functions and of procedures.
macro_rules! routines_query {
    ($condition:literal) => {
        object_query!(
            "SELECT spaces.name AS schema, p.proname AS name,
  (SELECT coalesce(json_agg(json_build_object(
      'mode', coalesce(p.proargmodes[argument.place::int]::text, 'i'),
      'name', nullif(p.proargnames[argument.place::int], ''),
      'type', format_type(argument.type, -1),
      'default', pg_get_function_arg_default(p.oid, argument.place::int)) ORDER BY argument.place), '[]'::json)
    FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY AS argument (type, place)
  ) AS arguments,
  format_type(nullif(p.prorettype, 0), -1) AS result,
  p.proretset AS set,
  l.lanname AS language,
  p.prosrc AS source,
  p.probin AS library,
  pg_get_function_sqlbody(p.oid) AS standard,
  p.provolatile AS volatility,
  p.proisstrict AS strict,
  p.proleakproof AS leakproof,
  p.prosecdef AS security_definer,
  p.prokind = 'w' AS window,
  p.proparallel AS parallel,
  p.procost AS cost,
  p.prorows AS rows,
  (SELECT json_build_array(coalesce(nullif(sn.nspname::text, $2::text), 'public'), s.proname)
    FROM pg_proc s JOIN pg_namespace sn ON sn.oid = s.pronamespace
    WHERE s.oid = p.prosupport AND p.prosupport <> 0) AS support,
  coalesce(p.proconfig, '{}') AS settings,
  ARRAY(SELECT format_type(t, -1) FROM unnest(p.protrftypes) AS t) AS transforms,
  EXISTS (
    SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid AND t.tgname = p.proname AND t.tgtype = 19 AND NOT t.tgisinternal
  ) AS is_of_trigger,
  obj_description(p.oid, 'pg_proc') AS comment
FROM pg_proc p
JOIN spaces ON spaces.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind ",
            $condition,
            "
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
ORDER BY spaces.name, p.proname, p.oid"
        )
    };
}
pub(super) use routines_query;

impl Read for Row {
    const WHAT: &'static str = "functions";

    const QUERY: &'static str = routines_query!("IN ('f', 'w')");

    fn id(&self, placed: &Placed) -> Result<ObjectId, String> {
        self.id_of(Kind::Function, placed)
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn is_left_out(&self) -> bool {
        self.is_of_trigger && read_on_update_body(&self.source).is_some()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        self.function(placed).map(|function| placed.placed(function.into()))
    }
}

impl Row {
    pub(super) fn id_of(&self, kind: Kind, placed: &Placed) -> Result<ObjectId, String> {
        let inputs = self.arguments.iter().filter(|argument| !matches!(argument.mode.as_str(), "o" | "t"));
        let arguments = inputs.map(|argument| placed.data_type(&argument.data_type)).collect::<Result<_, _>>()?;
        Ok(ObjectId { arguments, ..ObjectId::new(kind, self.name()) })
    }

    pub(super) fn function(self, placed: &Placed) -> Result<Function, (String, String)> {
        let data_type = |text: &str| placed.data_type(text).map_err(|reason| (text.to_owned(), reason));
        let (mut arguments, mut columns) = (Vec::new(), Vec::new());
        for argument in self.arguments {
            let found = data_type(&argument.data_type)?;
            let mode = match argument.mode.as_str() {
                "t" => {
                    columns.push((argument.name.unwrap_or_default(), found));
                    continue;
                }
                "o" => ArgumentMode::Out,
                "b" => ArgumentMode::InOut,
                "v" => ArgumentMode::Variadic,
                _ => ArgumentMode::In,
            };
            let default = match argument.default {
                Some(text) => Some(placed.expression(&text).map_err(|reason| (text, reason))?),
                None => None,
            };
            arguments.push(FunctionArgument { mode, name: argument.name, data_type: found, default });
        }
        let has_outputs = arguments.iter().any(|argument: &FunctionArgument| argument.mode.is_output());
        let returns = match self.result {
            _ if !columns.is_empty() => Returns::Table(columns),
            Some(result) if !has_outputs => Returns::Type { data_type: data_type(&result)?, set: self.set },
            _ => Returns::Outputs { set: self.set },
        };
        let usual_cost = if matches!(self.language.as_str(), "c" | "internal") { 1.0 } else { 100.0 };
        let settings: SortedMap<String, String> = self
            .settings
            .iter()
            .filter_map(|setting| setting.split_once('='))
            .map(|(name, value)| (name.to_lowercase(), setting_value(name, value)))
            .collect();
        let options = FunctionOptions {
            volatility: match self.volatility.as_str() {
                "i" => FunctionVolatility::Immutable,
                "s" => FunctionVolatility::Stable,
                _ => FunctionVolatility::Volatile,
            },
            strict: self.strict,
            leakproof: self.leakproof,
            security_definer: self.security_definer,
            window: self.window,
            parallel: match self.parallel.as_str() {
                "s" => Parallel::Safe,
                "r" => Parallel::Restricted,
                _ => Parallel::Unsafe,
            },
            cost: (self.cost != usual_cost).then(|| self.cost.to_string()),
            rows: (self.set && self.rows != 1000.0).then(|| self.rows.to_string()),
            support: self.support.map(|(schema, name)| QualifiedName::in_schema(schema, name)),
            settings,
            transforms: self.transforms.iter().map(|text| data_type(text)).collect::<Result<Vec<Type>, _>>()?,
        };
        let body = match (self.standard, self.library) {
            (Some(text), _) => {
                let read = StandardBody::read(&text).map_err(|error| (text.clone(), error.message))?;
                Body::Standard(read)
            }
            (None, Some(file)) => Body::Library { file, symbol: self.source },
            (None, None) => Body::Text(self.source),
        };
        Ok(Function { arguments, returns, language: self.language, body, options })
    }
}

/// The server keeps lists of names as they are written.
fn setting_value(name: &str, value: &str) -> String {
    match is_list_of_names(&name.to_lowercase()) {
        true => value.split(',').map(str::trim).collect::<Vec<_>>().join(", "),
        false => value.to_owned(),
    }
}
