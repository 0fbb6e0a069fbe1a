//! Function calls (`parse_func.c`, `FuncnameGetCandidates`).

use std::cmp::Ordering;

use super::aggregate::Manner;
use super::callable::Callable;
use super::candidate::{Candidate, Choice};
use super::coerce::polymorphic;
use super::types::{ANY, RECORD, UNKNOWN};
use super::walk::{OPEN, Value, Walk};
use super::{Problem, Used};
use crate::expression::{Call, Expression, ExpressionKind, Volatility};
use crate::name::DEFAULT_SCHEMA;
use crate::system::{CastContext, Function, FunctionKind, TypeId, extensions_with_function, functions, type_of_name};
use crate::token::At;
use crate::types::Type;

/// What looks like a function and has a grammar of its own; where there is a function of that name as well, that counts.
const WORDS: &[&str] = &[
    "grouping",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_value",
    "merge_action",
    "normalize",
    "treat",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];

/// An argument with its type.
struct Input<'e> {
    name: Option<&'e str>,
    id: TypeId,
    expression: &'e Expression,
}

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &Call, at: At) -> TypeId {
        self.around_call(call);
        let parts: Vec<&Expression> = call.arguments.iter().map(|argument| &argument.value).collect();
        if call.schema.is_none() {
            match (call.name.as_str(), parts.as_slice()) {
                ("coalesce", _) => return self.alike(&parts, "coalesce", at),
                ("greatest", _) => return self.extreme(&parts, "greatest", at),
                ("least", _) => return self.extreme(&parts, "least", at),
                ("nullif", [left, right]) => return self.null_if(left, right, at),
                (name, _) if WORDS.contains(&name) && functions(name).next().is_none() => {
                    return self.word(call);
                }
                _ => {}
            }
        }
        let is_star = matches!(parts.as_slice(), [Expression { kind: ExpressionKind::Star(of), .. }] if of.is_empty());
        let mut inputs = Vec::new();
        for argument in call.arguments.iter().filter(|_| !is_star) {
            let id = self.type_of(&argument.value);
            inputs.push(Input { name: argument.name.as_deref(), id, expression: &argument.value });
        }
        for item in &call.within_group {
            inputs.push(Input { name: None, id: self.type_of(&item.value), expression: &item.value });
        }
        let manner = Manner { call: Some(call), is_star, is_procedure: false };
        self.find_function(call.schema.as_deref(), &call.name, &inputs, manner, at)
    }

    /// The call of a procedure.
    pub(super) fn procedure(&mut self, expression: &Expression) -> TypeId {
        let ExpressionKind::Call(call) = &expression.kind else { return OPEN };
        let mut inputs = Vec::new();
        for argument in &call.arguments {
            let id = self.type_of(&argument.value);
            inputs.push(Input { name: argument.name.as_deref(), id, expression: &argument.value });
        }
        let manner = Manner { call: Some(call), is_star: false, is_procedure: true };
        self.find_function(call.schema.as_deref(), &call.name, &inputs, manner, expression.at)
    }

    /// A call that the grammar makes of something else.
    pub(super) fn built_in_call(&mut self, name: &str, arguments: &[&Expression], at: At) -> TypeId {
        let inputs: Vec<Input<'_>> = arguments
            .iter()
            .map(|argument| Input { name: None, id: self.type_of(argument), expression: argument })
            .collect();
        self.find_function(Some("pg_catalog"), name, &inputs, Manner::default(), at)
    }

    fn find_function(
        &mut self,
        schema: Option<&str>,
        name: &str,
        inputs: &[Input<'_>],
        manner: Manner<'_>,
        at: At,
    ) -> TypeId {
        let is_variadic = manner.call.is_some_and(|call| call.is_variadic);
        let is_open = self.surroundings.may_have_function(schema, name);
        let kind = if manner.is_procedure { FunctionKind::Procedure } else { FunctionKind::Function };
        let known: Vec<Function> = functions(name)
            .filter(|function| (function.kind() == FunctionKind::Procedure) == manner.is_procedure)
            .filter(|function| match schema {
                None => true,
                Some("pg_catalog") => function.extension().is_none(),
                Some(_) => function.extension().is_some(),
            })
            .collect();
        let there = known.iter().copied().filter(|function| self.is_there(function.extension(), function.versions()));
        let mut usable: Vec<Callable> = there.map(Callable::of_tables).collect();
        // Without a schema a name that PostgreSQL itself has means that one.
        if schema.is_some() || usable.iter().all(|function| function.extension.is_some()) {
            let schema = schema.unwrap_or(DEFAULT_SCHEMA);
            let own = match manner.is_procedure {
                true => self.surroundings.procedures(schema, name),
                false => self.surroundings.functions(schema, name),
            };
            usable.extend(own.iter().map(|function| Callable::of_user(function, &mut self.types)));
        }
        if usable.is_empty() {
            if is_open || manner.is_procedure || schema == Some("information_schema") {
                return OPEN;
            }
            if let Some(schema) = schema.filter(|schema| *schema != "pg_catalog") {
                let name = format!("{schema}.{name}");
                return self.mistake(at, Problem::UnknownFunction { name, extensions: Vec::new(), since: None });
            }
            if inputs.len() == 1 && (self.is_cast_by_name(name, inputs) || type_of_name(name, None).is_some()) {
                return self.cast_by_name(name, inputs, at);
            }
            if let Some(column) = self.projected(schema, name, inputs, manner) {
                return column;
            }
            let own = known.iter().filter(|function| function.extension().is_none());
            let since = own.map(|function| function.versions().first).filter(|first| *first > self.major).min();
            let extensions = self.missing(extensions_with_function(name));
            return self.mistake(at, Problem::UnknownFunction { name: name.to_owned(), extensions, since });
        }
        let takes_open = |function: &Callable| function.arguments.iter().any(|id| self.is_open(*id));
        if inputs.iter().any(|input| self.is_open(input.id)) || usable.iter().any(takes_open) {
            let mut results = usable.iter().filter(|function| may_take(function, inputs.len())).map(|f| f.result);
            let first = results.next();
            return first
                .filter(|first| !is_open && polymorphic(*first).is_none() && results.all(|result| result == *first))
                .unwrap_or(OPEN);
        }
        let mut candidates: Vec<Candidate<Meant>> = Vec::new();
        for function in &usable {
            let Some(candidate) = candidate(function, inputs, is_variadic) else { continue };
            // Of two that take the same, the one that is not variadic wins.
            match candidates.iter_mut().find(|one| one.arguments == candidate.arguments) {
                Some(one) => match rank(&candidate).cmp(&rank(one)) {
                    Ordering::Less => *one = candidate,
                    Ordering::Equal => one.what.is_ambiguous = true,
                    Ordering::Greater => {}
                },
                None => candidates.push(candidate),
            }
        }
        let ids: Vec<TypeId> = inputs.iter().map(|input| input.id).collect();
        let exact = candidates.iter().find(|candidate| {
            candidate.arguments == ids && candidate.arguments.iter().all(|id| polymorphic(*id).is_none())
        });
        if let Some(exact) = exact.cloned() {
            return self.take_function(&exact, inputs, manner, at);
        }
        if self.is_cast_by_name(name, inputs) {
            return self.cast_by_name(name, inputs, at);
        }
        match self.types.choose(&ids, candidates, &self.has_cast()) {
            Choice::One(chosen) => self.take_function(&chosen, inputs, manner, at),
            _ if is_open || self.surroundings.may_have_casts() => OPEN,
            choice => {
                if let Some(column) = self.projected(schema, name, inputs, manner) {
                    return column;
                }
                let (name, arguments) = (name.to_owned(), ids.iter().map(|id| self.shown(*id)).collect());
                let problem = match choice {
                    Choice::Ambiguous => Problem::AmbiguousFunction { kind, name, arguments },
                    _ => {
                        let candidates = usable.iter().map(|function| self.signature(function)).collect();
                        Problem::NoOverload { kind, name, arguments, candidates }
                    }
                };
                self.mistake(at, problem)
            }
        }
    }

    /// `column(row)`, which stands for `row.column` where no function takes the row (`ParseComplexProjection`).
    fn projected(
        &mut self,
        schema: Option<&str>,
        name: &str,
        inputs: &[Input<'_>],
        manner: Manner<'_>,
    ) -> Option<TypeId> {
        let [Input { name: None, id, expression }] = inputs else { return None };
        let is_plain = manner.call.is_none_or(|call| {
            !call.is_distinct
                && !call.is_variadic
                && call.order_by.is_empty()
                && call.within_group.is_empty()
                && call.filter.is_none()
                && call.over.is_none()
        });
        if schema.is_some() || manner.is_star || !is_plain {
            return None;
        }
        let fields = match &expression.kind {
            // The columns of a source are looked up before.
            ExpressionKind::Name(_) | ExpressionKind::Star(_) if *id == RECORD => return None,
            ExpressionKind::Call(call) if *id == RECORD => {
                self.surroundings.columns_of_function(call.schema.as_deref(), &call.name)
            }
            _ if *id == RECORD => None,
            _ => {
                let of = self.types.type_of(self.types.base(*id));
                Some(self.surroundings.fields(of.as_named()?)?)
            }
        };
        let Some(fields) = fields else { return Some(OPEN) };
        let (_, data_type) = fields.iter().find(|(field, _)| field == name)?;
        Some(self.types.id(data_type))
    }

    /// How a function is written: `round(numeric, integer)`.
    fn signature(&self, function: &Callable) -> String {
        let count = function.arguments.len();
        let arguments = function.arguments.iter().enumerate().map(|(index, id)| {
            let variadic = if function.variadic.is_some() && index + 1 == count { "variadic " } else { "" };
            format!("{variadic}{}", self.types.type_of(*id))
        });
        format!("{}({})", function.name, arguments.collect::<Vec<_>>().join(", "))
    }

    fn take_function(&mut self, chosen: &Candidate<Meant>, inputs: &[Input<'_>], manner: Manner<'_>, at: At) -> TypeId {
        let function = &chosen.what.function;
        let ids: Vec<TypeId> = inputs.iter().map(|input| input.id).collect();
        if chosen.what.is_ambiguous {
            let (kind, name) = (function.kind, function.name.clone());
            let arguments = ids.iter().map(|id| self.shown(*id)).collect();
            return self.mistake(at, Problem::AmbiguousFunction { kind, name, arguments });
        }
        if !self.fits_manner(function, manner, &ids, at) {
            return OPEN;
        }
        let generics = self.types.generics(&ids, &chosen.arguments, &self.has_cast()).unwrap_or_default();
        if !generics.is_determined() {
            return self.mistake(at, Problem::Undetermined { name: function.name.clone() });
        }
        if let Some(element) = self.types.lacks_array(function.result, &generics) {
            let found = self.types.type_of(element);
            return self.mistake(at, Problem::NoArrayOf { name: function.name.clone(), found });
        }
        let mut shown: Vec<Type> = Vec::new();
        for (input, id) in inputs.iter().zip(&chosen.arguments) {
            let taken = self.types.concrete(*id, &generics).unwrap_or(input.id);
            // Only values in parentheses and rows of sub-selects become a row of a type.
            let is_row = matches!(
                input.expression.kind,
                ExpressionKind::Row(_) | ExpressionKind::Name(_) | ExpressionKind::Star(_)
            );
            if input.id == RECORD && !is_row && taken != RECORD && self.types.is_composite(self.types.base(taken)) {
                let (from, to) = (self.types.type_of(RECORD), self.types.type_of(taken));
                return self.mistake(input.expression.at, Problem::NoCast { from, to });
            }
            if taken != ANY {
                self.reads(Value { id: input.id, expression: Some(input.expression) }, taken);
                self.converted(input.id, taken, CastContext::Implicit, input.expression.at);
            }
            shown.push(self.types.type_of(if taken == ANY { input.id } else { taken }));
        }
        let what = Used::Function {
            name: function.name.clone(),
            arguments: shown,
            kind: function.kind,
            returns_set: function.returns_set,
        };
        self.note(at, what, function.extension, function.volatility);
        self.types.concrete(function.result, &generics).unwrap_or(OPEN)
    }

    /// Whether `type(value)` is a cast.
    fn is_cast_by_name(&self, name: &str, inputs: &[Input<'_>]) -> bool {
        let ([Input { id, name: None, .. }], Some(target)) = (inputs, type_of_name(name, None)) else { return false };
        if *id == UNKNOWN || self.is_open(*id) {
            return true;
        }
        // `text(row)` and `row.text` would hide columns.
        if (*id == RECORD || self.types.is_composite(*id)) && self.types.category(target) == b'S' {
            return false;
        }
        self.path(*id, target, CastContext::Explicit).is_some_and(|path| {
            path.by_text || self.types.base(*id) == target || path.volatility == Volatility::Immutable
        })
    }

    fn cast_by_name(&mut self, name: &str, inputs: &[Input<'_>], at: At) -> TypeId {
        let (Some(input), Some(target)) = (inputs.first(), type_of_name(name, None)) else { return OPEN };
        self.reads(Value { id: input.id, expression: Some(input.expression) }, target);
        self.converted(input.id, target, CastContext::Explicit, at);
        target
    }
}

/// Whether a function can be called with so many arguments.
fn may_take(function: &Callable, count: usize) -> bool {
    let takes = function.arguments.len();
    (takes.saturating_sub(function.defaults)..=takes).contains(&count)
        || (function.variadic.is_some() && count + 1 >= takes)
}

/// A function as a call may mean it.
#[derive(Clone, Debug)]
struct Meant {
    function: Callable,
    /// Whether the last argument stands for those that the call passes.
    is_expanded: bool,
    /// Whether another function takes the same, so that PostgreSQL cannot choose.
    is_ambiguous: bool,
}

fn rank(candidate: &Candidate<Meant>) -> usize {
    usize::from(candidate.what.function.extension.is_some()) * 2 + usize::from(candidate.what.is_expanded)
}

/// The function as it is called with these inputs: the types of what it takes for them.
fn candidate(function: &Callable, inputs: &[Input<'_>], is_variadic: bool) -> Option<Candidate<Meant>> {
    let mut arguments: Vec<TypeId> = function.arguments.clone();
    let count = inputs.len();
    let meant = |is_expanded| Meant { function: function.clone(), is_expanded, is_ambiguous: false };
    if inputs.iter().any(|input| input.name.is_some()) {
        // With names, only `VARIADIC` reaches the last argument of such a function.
        if function.variadic.is_some() && !is_variadic {
            return None;
        }
        let mut order = Vec::new();
        for (position, input) in inputs.iter().enumerate() {
            let index = match input.name {
                Some(name) => function.argument_named(name)?,
                None => position,
            };
            if order.contains(&index) || index >= arguments.len() {
                return None;
            }
            order.push(index);
        }
        let optional = arguments.len().saturating_sub(function.defaults);
        if (0..optional).any(|index| !order.contains(&index)) {
            return None;
        }
        let arguments = order.into_iter().filter_map(|index| arguments.get(index).copied()).collect();
        return Some(Candidate { arguments, what: meant(false) });
    }
    let is_expanded = !is_variadic && function.variadic.is_some() && count >= arguments.len();
    match function.variadic {
        Some(element) if is_expanded && element != ANY => {
            arguments.truncate(arguments.len() - 1);
            arguments.resize(count, element);
        }
        Some(ANY) if count >= arguments.len() => arguments.resize(count, ANY),
        _ => {}
    }
    let required = arguments.len().saturating_sub(function.defaults);
    if count > arguments.len() || count < required {
        return None;
    }
    arguments.truncate(count);
    Some(Candidate { arguments, what: meant(is_expanded) })
}
