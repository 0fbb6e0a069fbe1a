//! `create aggregate longest(text) { sfunc: longer, stype: text, initcond: "" }`

use migrate_core::expression::{Expression, ExpressionKind, Operator};
use migrate_core::name::QualifiedName;
use migrate_core::object::{
    Aggregate, AggregateState, ArgumentMode, Definition, FinishModify, FunctionArgument, FunctionName, Kind, ObjectId,
    Parallel,
};
use migrate_core::token::{At, Bracket};
use migrate_core::types::{BuiltIn, Type};

use super::function_name::is_any;
use super::properties::{parse_flag, parse_operator, parse_properties};
use super::routine::{self, ArgumentClause};
use super::{Identity, Write, Written};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use super::function_name::print_function;
#[cfg(feature = "print")]
use super::properties::{print_flag, print_operator, print_properties};
#[cfg(feature = "print")]
use super::{not_of_kind, routine_print};
#[cfg(feature = "print")]
use crate::print::{Printed, data_type, qualified, text};

pub(super) struct Syntax;

/// An aggregate that is made: its arguments are a part of what it is.
#[derive(Clone)]
struct Made {
    name: Spanned<QualifiedName>,
    arguments: Vec<ArgumentClause>,
    ordered: Option<Vec<ArgumentClause>>,
}

#[derive(Default)]
struct StateClause {
    function: Option<Spanned<QualifiedName>>,
    inverse: Option<Spanned<QualifiedName>>,
    data_type: Option<Spanned<Type>>,
    space: Option<u32>,
    finish: Option<Spanned<QualifiedName>>,
    finish_extra: bool,
    finish_modify: Option<FinishModify>,
    initial: Option<Spanned<String>>,
}

struct Clauses {
    made: Made,
    state: StateClause,
    moving: StateClause,
    combine: Option<Spanned<QualifiedName>>,
    serialize: Option<Spanned<QualifiedName>>,
    deserialize: Option<Spanned<QualifiedName>>,
    sort_operator: Option<Spanned<Operator>>,
    parallel: Parallel,
    is_hypothetical: bool,
}

const PROPERTIES: [&str; 22] = [
    "sfunc",
    "stype",
    "sspace",
    "finalfunc",
    "finalfunc_extra",
    "finalfunc_modify",
    "combinefunc",
    "serialfunc",
    "deserialfunc",
    "initcond",
    "msfunc",
    "minvfunc",
    "mstype",
    "msspace",
    "mfinalfunc",
    "mfinalfunc_extra",
    "mfinalfunc_modify",
    "minitcond",
    "sortop",
    "parallel",
    "hypothetical",
    "basetype",
];

impl Write for Syntax {
    const KIND: Kind = Kind::Aggregate;
    const IS_REPLACED: bool = true;

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(routine::parse_signature(parser, Self::KIND)?))
    }

    fn created(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<(Box<dyn Identity>, Box<dyn Written>)> {
        let made = parse_made(parser)?;
        let mut clauses = Clauses {
            made: made.clone(),
            state: StateClause::default(),
            moving: StateClause::default(),
            combine: None,
            serialize: None,
            deserialize: None,
            sort_operator: None,
            parallel: Parallel::Unsafe,
            is_hypothetical: false,
        };
        parse_properties(parser, &PROPERTIES, "an aggregate", |parser, name| parse_property(&mut clauses, parser, name))?;
        Ok((Box::new(made), Box::new(clauses)))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::Aggregate(aggregate) = definition else { return Err(not_of_kind(id)) };
        let function = |function: &Option<FunctionName>| function.as_ref().map(|one| print_function(one, catalog));
        let mut properties = print_state(&aggregate.state, &STATE, catalog);
        properties.push(("combinefunc", function(&aggregate.combine)));
        properties.push(("serialfunc", function(&aggregate.serialize)));
        properties.push(("deserialfunc", function(&aggregate.deserialize)));
        properties.extend(aggregate.moving.iter().flat_map(|moving| print_state(moving, &MOVING_STATE, catalog)));
        let sort_operator = aggregate.sort_operator.as_ref();
        properties.push(("sortop", sort_operator.map(|operator| print_operator(operator, None))));
        let parallel = (aggregate.parallel != Parallel::Unsafe).then(|| aggregate.parallel.word().to_lowercase());
        properties.push(("parallel", parallel));
        properties.push(("hypothetical", print_flag(aggregate.is_hypothetical)));
        let arguments = print_arguments(aggregate, catalog)?;
        Ok(format!("aggregate {}{arguments} {}", qualified(&id.name), print_properties(properties)))
    }
}

/// Takes `total(value: numeric)`, `count_all(*)`, `middle(float8 order by anyelement)`.
fn parse_made(parser: &mut Parser<'_>) -> Parsed<Made> {
    let name = parser.qualified_name("the aggregate")?;
    parser.open(Bracket::Round, "`(` and the arguments")?;
    let (mut arguments, mut ordered) = (Vec::new(), None);
    if parser.cursor.take_symbol('*') {
        parser.close(Bracket::Round, "`)`")?;
        return Ok(Made { name, arguments, ordered });
    }
    while !parser.cursor.is_close(Bracket::Round) {
        if parser.cursor.take_words(&["order", "by"]) {
            ordered = Some(parser.separated(Bracket::Round, routine::parse_argument)?);
            return Ok(Made { name, arguments, ordered });
        }
        arguments.push(routine::parse_argument(parser)?);
        if !parser.cursor.take_symbol(',') && !parser.cursor.is_words(&["order", "by"]) {
            break;
        }
    }
    parser.close(Bracket::Round, "`,`, `order by` or `)`")?;
    Ok(Made { name, arguments, ordered })
}

fn parse_property(clauses: &mut Clauses, parser: &mut Parser<'_>, name: &str) -> Parsed<()> {
    let is_moving = name.starts_with('m');
    let state = if is_moving { &mut clauses.moving } else { &mut clauses.state };
    match name {
        "sfunc" | "msfunc" => state.function = Some(parser.qualified_name("the function")?),
        "minvfunc" => state.inverse = Some(parser.qualified_name("the function")?),
        "stype" | "mstype" => state.data_type = Some(parser.column_type()?.0),
        "sspace" | "msspace" => state.space = Some(parser.number("a number of bytes")?.value),
        "finalfunc" | "mfinalfunc" => state.finish = Some(parser.qualified_name("the function")?),
        "finalfunc_extra" | "mfinalfunc_extra" => state.finish_extra = parse_flag(parser)?,
        "finalfunc_modify" | "mfinalfunc_modify" => {
            let word = parser.name("`read_only`, `shareable` or `read_write`")?;
            let found = FinishModify::ALL.into_iter().find(|modify| modify.word() == word.value);
            let Some(found) = found else {
                let words = FinishModify::ALL.iter().map(|modify| modify.word());
                let headline = format!("`{}` does not say whether the final function modifies the state", word.value);
                return Err(Diagnostic::new(code::SYNTAX, headline, word.at)
                    .maybe_help(choices(&word.value, words, "write one of")));
            };
            state.finish_modify = Some(found);
        }
        "initcond" | "minitcond" => state.initial = Some(parser.text("the first state in double quotes")?),
        "combinefunc" => clauses.combine = Some(parser.qualified_name("the function")?),
        "serialfunc" => clauses.serialize = Some(parser.qualified_name("the function")?),
        "deserialfunc" => clauses.deserialize = Some(parser.qualified_name("the function")?),
        "sortop" => clauses.sort_operator = Some(parse_operator(parser)?),
        "parallel" => {
            let forms =
                [("safe", Parallel::Safe), ("restricted", Parallel::Restricted), ("unsafe", Parallel::Unsafe)];
            let Some((_, found)) = forms.into_iter().find(|(word, _)| parser.cursor.take_word(word)) else {
                return parser.expected("`safe`, `restricted` or `unsafe`");
            };
            clauses.parallel = found;
        }
        "hypothetical" => clauses.is_hypothetical = parse_flag(parser)?,
        _ => {
            let mistake = Diagnostic::new(code::SYNTAX, "`basetype` is the old form", parser.cursor.at());
            return Err(mistake.help("write the types of the arguments after the name: `create aggregate f(text)`"));
        }
    }
    Ok(())
}

impl Identity for Made {
    fn at(&self) -> At {
        self.name.at
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        let all = self.arguments.iter().chain(self.ordered.iter().flatten());
        let arguments = all.map(|argument| argument.data_type.check(checker)).collect::<Option<Vec<_>>>()?;
        Some(ObjectId { arguments, ..ObjectId::new(Kind::Aggregate, self.name.value.clone()) })
    }
}

fn argument(clause: &ArgumentClause, checker: &mut Checker<'_>) -> Option<FunctionArgument> {
    if !matches!(clause.mode, ArgumentMode::In | ArgumentMode::Variadic) {
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, "an aggregate cannot have `out` arguments", clause.at)
                .help("remove it: its result is the state, or what `finalfunc` returns for it"),
        );
        return None;
    }
    if let Some(default) = &clause.default {
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, "arguments of aggregates cannot have defaults", default.at)
                .help("remove it"),
        );
        return None;
    }
    Some(FunctionArgument {
        mode: clause.mode,
        name: clause.name.as_ref().map(|name| name.value.clone()),
        data_type: clause.data_type.check(checker)?,
        default: None,
    })
}

/// What is called with which types.
struct Calls {
    /// What the functions that gather take beside the state.
    gathered: Vec<Type>,
    /// What the last one takes beside the state.
    direct: Vec<Type>,
    /// All arguments.
    all: Vec<Type>,
    is_ordered: bool,
}

impl StateClause {
    fn check(&self, words: (&str, &str), calls: &Calls, at: At, checker: &mut Checker<'_>) -> Option<(AggregateState, Option<Type>)> {
        let (Some(function), Some(data_type)) = (&self.function, &self.data_type) else {
            let (function, data_type) = words;
            let missing = if self.function.is_none() { function } else { data_type };
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, format!("the aggregate needs `{missing}`"), at)
                    .help(format!("write `{function}: FUNCTION, {data_type}: TYPE`")),
            );
            return None;
        };
        let data_type = match is_any(&data_type.value) {
            true => data_type.value.clone(),
            false => checker.data_type(data_type)?.without_modifier(),
        };
        if let Some(initial) = self.initial.as_ref().filter(|_| !is_any(&data_type)) {
            let written = Expression::new(ExpressionKind::Text(initial.value.clone()), initial.at);
            let written = Spanned { value: written, at: initial.at };
            checker.value_for(&written, &data_type, "the first state", true, Context::Statement)?;
        }
        let with = |others: &[Type]| -> Vec<Type> { std::iter::once(&data_type).chain(others).cloned().collect() };
        let whose = "an aggregate with this state";
        let found = checker.function_named(function, &with(&calls.gathered), Some(&data_type), whose)?;
        let inverse = match &self.inverse {
            Some(name) => Some(checker.function_named(name, &with(&calls.gathered), Some(&data_type), whose)?),
            None => None,
        };
        let mut result = Some(data_type.clone());
        let finish = match &self.finish {
            Some(name) => {
                let taken = match (self.finish_extra, calls.is_ordered) {
                    (true, _) => &calls.all,
                    (false, true) => &calls.direct,
                    (false, false) => &Vec::new(),
                };
                let function = checker.function_named(name, &with(taken), None, whose)?;
                result = checker.own_function_named(&function.name, &function.arguments).map(|(_, found)| found.result());
                Some(function)
            }
            None => None,
        };
        let state = AggregateState {
            function: found,
            inverse,
            data_type,
            space: self.space.filter(|space| *space > 0),
            finish,
            finish_extra: self.finish_extra,
            finish_modify: self.finish_modify,
            initial: self.initial.as_ref().map(|initial| initial.value.clone()),
        };
        Some((state, result))
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let arguments: Vec<FunctionArgument> =
            self.made.arguments.iter().map(|clause| argument(clause, checker)).collect::<Option<_>>()?;
        let ordered: Option<Vec<FunctionArgument>> = match &self.made.ordered {
            Some(ordered) => Some(ordered.iter().map(|clause| argument(clause, checker)).collect::<Option<_>>()?),
            None => None,
        };
        if self.is_hypothetical && ordered.is_none() {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "only aggregates with `order by` are hypothetical", at)
                    .help("write `order by` and its types after the arguments, or remove `hypothetical`"),
            );
            return None;
        }
        let types = |arguments: &[FunctionArgument]| -> Vec<Type> {
            arguments.iter().map(|argument| argument.data_type.clone()).collect()
        };
        let direct = types(&arguments);
        let of_order = ordered.as_deref().map(types);
        let all: Vec<Type> = direct.iter().chain(of_order.iter().flatten()).cloned().collect();
        let calls = Calls {
            gathered: of_order.clone().unwrap_or_else(|| direct.clone()),
            direct,
            all,
            is_ordered: ordered.is_some(),
        };
        let (state, result) = self.state.check(("sfunc", "stype"), &calls, at, checker)?;
        let is_moving = self.moving.function.is_some() || self.moving.data_type.is_some() || self.moving.inverse.is_some();
        let moving = match is_moving {
            true if self.moving.inverse.is_none() => {
                checker.report(
                    Diagnostic::new(code::INVALID_DEFINITION, "the aggregate needs `minvfunc`", at)
                        .help("write the function that removes a value from the state: `minvfunc: FUNCTION`"),
                );
                return None;
            }
            true => Some(self.moving.check(("msfunc", "mstype"), &calls, at, checker)?.0),
            false => None,
        };
        let state_type = &state.data_type;
        let mut named = |name: &Option<Spanned<QualifiedName>>, takes: &[Type], gives: &Type| -> Option<Option<FunctionName>> {
            match name {
                Some(name) => {
                    checker.function_named(name, takes, Some(gives), "an aggregate with this state").map(Some)
                }
                None => Some(None),
            }
        };
        let (bytes, internal) = (Type::BYTEA, Type::BuiltIn(BuiltIn::Internal));
        let combine = named(&self.combine, &[state_type.clone(), state_type.clone()], state_type)?;
        let serialize = named(&self.serialize, std::slice::from_ref(&internal), &bytes)?;
        let deserialize = named(&self.deserialize, &[bytes.clone(), internal.clone()], &internal)?;
        if serialize.is_some() != deserialize.is_some() {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "`serialfunc` and `deserialfunc` require each other", at)
                    .help("write both, or neither"),
            );
            return None;
        }
        if let (Some(operator), [only]) = (&self.sort_operator, calls.all.as_slice())
            && !is_any(only)
        {
            checker.operator_named(operator, only, only)?;
        }
        let sort_operator = self.sort_operator.as_ref().map(|operator| operator.value.clone());
        Some(
            Aggregate {
                arguments,
                ordered,
                state,
                moving,
                combine,
                serialize,
                deserialize,
                sort_operator,
                parallel: self.parallel,
                is_hypothetical: self.is_hypothetical,
                result,
            }
            .into(),
        )
    }
}

/// `(*)`, `(value: text)`, `(float8 order by value: numeric)`
#[cfg(feature = "print")]
fn print_arguments(aggregate: &Aggregate, catalog: &Catalog) -> Printed {
    let list = |arguments: &[FunctionArgument]| -> Printed {
        let written = arguments.iter().map(|one| routine_print::argument(one, catalog)).collect::<Printed<Vec<_>>>()?;
        Ok(written.join(", "))
    };
    let arguments = list(&aggregate.arguments)?;
    Ok(match &aggregate.ordered {
        Some(ordered) if arguments.is_empty() => format!("(order by {})", list(ordered)?),
        Some(ordered) => format!("({arguments} order by {})", list(ordered)?),
        None if arguments.is_empty() => "(*)".to_owned(),
        None => format!("({arguments})"),
    })
}

/// The names of the properties of a state: its function, the inverse, the type, its space, what finishes, whether that takes
/// all arguments, what it does to the state, the first one.
#[cfg(feature = "print")]
type StateNames = [&'static str; 8];

#[cfg(feature = "print")]
const STATE: StateNames =
    ["sfunc", "minvfunc", "stype", "sspace", "finalfunc", "finalfunc_extra", "finalfunc_modify", "initcond"];

#[cfg(feature = "print")]
const MOVING_STATE: StateNames =
    ["msfunc", "minvfunc", "mstype", "msspace", "mfinalfunc", "mfinalfunc_extra", "mfinalfunc_modify", "minitcond"];

#[cfg(feature = "print")]
fn print_state(state: &AggregateState, names: &StateNames, catalog: &Catalog) -> Vec<(&'static str, Option<String>)> {
    let function = |function: &Option<FunctionName>| function.as_ref().map(|one| print_function(one, catalog));
    let values = [
        Some(print_function(&state.function, catalog)),
        function(&state.inverse),
        Some(data_type(&state.data_type)),
        state.space.map(|space| space.to_string()),
        function(&state.finish),
        print_flag(state.finish_extra),
        state.finish_modify.map(|modify| modify.word().to_owned()),
        state.initial.as_deref().map(text),
    ];
    names.iter().copied().zip(values).collect()
}
