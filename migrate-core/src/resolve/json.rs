//! Functions of SQL/JSON (`transformJsonObjectConstructor`, `transformJsonFuncExpr` and their kin).

use super::Problem;
use super::types::{BOOLEAN, TEXT, UNKNOWN};
use super::walk::{OPEN, Value, Walk};
use crate::expression::Expression;
use crate::query::{JsonBehavior, JsonFunction, JsonMember, JsonOutput, JsonPath, JsonPathFunction, JsonValue, Over};
use crate::system::{CastContext, FunctionKind, TypeId};
use crate::token::At;
use crate::types::BuiltIn;

impl Walk<'_> {
    pub(super) fn json(&mut self, function: &JsonFunction, at: At) -> TypeId {
        let json = TypeId::of(BuiltIn::Json);
        match function {
            JsonFunction::Parse { value, .. } => {
                let id = self.type_of(&value.value);
                self.must_be_document(id, "the document of `json`", value.value.at);
                json
            }
            JsonFunction::Scalar(value) => {
                self.type_of(value);
                json
            }
            JsonFunction::Serialize { value, returning } => {
                let id = self.type_of(&value.value);
                self.must_be_document(id, "the document of `json_serialize`", value.value.at);
                let found = self.output(returning.as_ref(), TEXT);
                let base = self.types.base(found);
                if !self.is_open(found) && base.built_in() != Some(BuiltIn::Bytea) && self.types.category(base) != b'S'
                {
                    let (expected, found) = (self.types.type_of(TEXT), self.types.type_of(found));
                    let what = "what `json_serialize` returns".to_owned();
                    return self.mistake(at, Problem::Expected { what, expected, found });
                }
                found
            }
            // Before PostgreSQL 16 it is a call of the function, which has arguments.
            JsonFunction::Object { members, .. } if members.is_empty() && self.major < 16 => {
                let (kind, name) = (FunctionKind::Function, "json_object".to_owned());
                let candidates = vec!["json_object(text[])".to_owned(), "json_object(text[], text[])".to_owned()];
                self.mistake(at, Problem::NoOverload { kind, name, arguments: Vec::new(), candidates })
            }
            JsonFunction::Object { members, returning, .. } => {
                members.iter().for_each(|member| self.member(member));
                self.output(returning.as_ref(), json)
            }
            JsonFunction::Array { values, returning, .. } => {
                values.iter().for_each(|value| {
                    self.type_of(&value.value);
                });
                self.output(returning.as_ref(), json)
            }
            JsonFunction::ArrayQuery { query, returning, .. } => {
                self.scalar(query, at);
                self.output(returning.as_ref(), json)
            }
            JsonFunction::ObjectAggregate { member, returning, filter, over, .. } => {
                self.member(member);
                self.behind(filter.as_deref(), over.as_deref());
                self.output(returning.as_ref(), json)
            }
            JsonFunction::ArrayAggregate { value, order_by, returning, filter, over, .. } => {
                self.type_of(&value.value);
                for item in order_by {
                    let id = self.type_of(&item.value);
                    self.must_have_order(id, item.value.at);
                }
                self.behind(filter.as_deref(), over.as_deref());
                self.output(returning.as_ref(), json)
            }
            JsonFunction::Path(path) => self.path_function(path),
        }
    }

    fn behind(&mut self, filter: Option<&Expression>, over: Option<&Over>) {
        if let Some(filter) = filter {
            self.condition(filter);
        }
        if let Some(Over::Defined(window)) = over {
            self.window(window);
        }
    }

    fn output(&mut self, returning: Option<&JsonOutput>, otherwise: TypeId) -> TypeId {
        returning.map_or(otherwise, |output| self.types.id(&output.data_type))
    }

    fn member(&mut self, member: &JsonMember) {
        let key = self.type_of(&member.key);
        self.type_of(&member.value.value);
        if key == UNKNOWN || self.is_open(key) {
            return;
        }
        // A key is a scalar.
        let base = self.types.base(key);
        let is_document = matches!(base.built_in(), Some(BuiltIn::Json | BuiltIn::Jsonb));
        if is_document || self.types.element(base).is_some() || self.types.is_composite(base) {
            let found = self.types.type_of(key);
            self.mistake(
                member.key.at,
                Problem::Expected { what: "a key".into(), expected: self.types.type_of(TEXT), found },
            );
        }
    }

    /// A document: `json`, `jsonb`, a text or a `bytea`.
    pub(super) fn must_be_document(&mut self, id: TypeId, what: &str, at: At) {
        if id == UNKNOWN || self.is_open(id) {
            return;
        }
        let base = self.types.base(id);
        let is_document = matches!(base.built_in(), Some(BuiltIn::Json | BuiltIn::Jsonb | BuiltIn::Bytea));
        if !is_document && self.types.category(base) != b'S' {
            let (what, found) = (what.to_owned(), self.types.type_of(id));
            let expected = self.types.type_of(TypeId::of(BuiltIn::Json));
            self.mistake(at, Problem::Expected { what, expected, found });
        }
    }

    fn path_function(&mut self, path: &JsonPath) -> TypeId {
        let JsonValue { value, .. } = &path.document;
        let document = self.type_of(value);
        let name = match path.function {
            JsonPathFunction::Exists => "json_exists",
            JsonPathFunction::Value => "json_value",
            JsonPathFunction::Query => "json_query",
        };
        let jsonb = TypeId::of(BuiltIn::Jsonb);
        if document != UNKNOWN && !self.is_open(document) {
            let base = self.types.base(document);
            let is_document = matches!(base.built_in(), Some(BuiltIn::Json | BuiltIn::Jsonb | BuiltIn::Bytea));
            if !is_document && self.types.category(base) != b'S' {
                let (expected, found) = (self.types.type_of(jsonb), self.types.type_of(document));
                self.mistake(
                    value.at,
                    Problem::Expected { what: format!("the document of `{name}`"), expected, found },
                );
            }
        }
        let id = self.type_of(&path.path);
        self.must_become(id, TypeId::of(BuiltIn::JsonPath), "the path", path.path.at);
        self.reads(Value { id, expression: Some(&path.path) }, TypeId::of(BuiltIn::JsonPath));
        for variable in &path.passing {
            self.type_of(&variable.value.value);
        }
        let result = match path.function {
            JsonPathFunction::Exists => return BOOLEAN,
            JsonPathFunction::Value => self.output(path.returning.as_ref(), TEXT),
            JsonPathFunction::Query => self.output(path.returning.as_ref(), jsonb),
        };
        for behavior in path.on_empty.iter().chain(&path.on_error) {
            let JsonBehavior::Default(value) = behavior else { continue };
            let id = self.type_of(value);
            if id == UNKNOWN || self.is_open(id) || self.is_open(result) || self.surroundings.may_have_casts() {
                continue;
            }
            // The text form is read where there is no cast.
            if !self.types.can_coerce(id, result, CastContext::Explicit, &self.has_cast()) {
                let (from, to) = (self.types.type_of(id), self.types.type_of(result));
                self.mistake(value.at, Problem::NoCast { from, to });
            }
        }
        if result == UNKNOWN { OPEN } else { result }
    }
}
