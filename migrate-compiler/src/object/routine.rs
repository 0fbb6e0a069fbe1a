//! What functions, procedures and aggregates share: how they are told apart, their arguments and their options.

use migrate_core::expression::Expression;
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{
    ArgumentMode, Body, Definition, Function, FunctionArgument, FunctionOptions, Kind, ObjectId, Returns,
};
use migrate_core::system::functions;
use migrate_core::token::{At, Bracket, Token};
use migrate_core::types::{BuiltIn, Type};

use super::argument_type::ArgumentType;
use super::routine_options::{OptionClause, parse_option, put_option};
use super::signature::{takes_arguments, undetermined};
use super::standard_body::BodyClause;
use super::{Identity, Written};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::habit::is_type_without_colon;
use crate::parser::{Name, Parsed, Parser, Spanned};

/// A routine that is there: its name, and the types of its arguments where they are written.
pub(super) struct Signature {
    /// The kinds of which it may be.
    kinds: &'static [Kind],
    noun: &'static str,
    name: Spanned<QualifiedName>,
    arguments: Option<Vec<ArgumentType>>,
    at: At,
}

/// Takes `f` or `f(int, text)`.
pub(super) fn parse_signature(parser: &mut Parser<'_>, kind: Kind) -> Parsed<Signature> {
    let kinds: &[Kind] = match kind {
        Kind::Procedure => &[Kind::Procedure],
        Kind::Aggregate => &[Kind::Aggregate],
        _ => &[Kind::Function],
    };
    parse_one_of(parser, kinds, kind.noun())
}

/// Takes the same behind `routine`, which is any of them.
pub(super) fn parse_any(parser: &mut Parser<'_>) -> Parsed<Signature> {
    parse_one_of(parser, &[Kind::Function, Kind::Procedure, Kind::Aggregate], "routine")
}

fn parse_one_of(parser: &mut Parser<'_>, kinds: &'static [Kind], noun: &'static str) -> Parsed<Signature> {
    let start = parser.cursor.index();
    let name = parser.qualified_name(&format!("the {noun}"))?;
    let arguments = match parser.cursor.take_open(Bracket::Round) {
        true if kinds.contains(&Kind::Aggregate) && parser.cursor.take_symbol('*') => {
            parser.close(Bracket::Round, "`)`")?;
            Some(Vec::new())
        }
        true => {
            let clauses = parser.separated(Bracket::Round, parse_argument)?;
            let inputs = clauses.into_iter().filter(|clause| clause.mode.is_input());
            Some(inputs.map(|clause| clause.data_type).collect())
        }
        false => None,
    };
    Ok(Signature { kinds, noun, name, arguments, at: parser.cursor.since(start) })
}

impl Identity for Signature {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        let name = &self.name.value;
        if let Some(arguments) = &self.arguments {
            let arguments: Vec<Type> =
                arguments.iter().map(|argument| argument.check(checker)).collect::<Option<_>>()?;
            let of_kind = |kind: &Kind| ObjectId { arguments: arguments.clone(), ..ObjectId::new(*kind, name.clone()) };
            let found = self.kinds.iter().map(of_kind).find(|id| checker.catalog().object(id).is_some());
            return found.or_else(|| self.kinds.first().map(of_kind));
        }
        let objects = checker.catalog().objects.keys();
        let alike: Vec<ObjectId> =
            objects.filter(|id| self.kinds.contains(&id.kind) && id.name == *name).cloned().collect();
        match alike.as_slice() {
            [only] => Some(only.clone()),
            [] => {
                let id = ObjectId::new(*self.kinds.first()?, name.clone());
                let told = format!("{} `{name}`", self.noun);
                checker.report_missing(&id, &told, &name.to_string(), self.name.at);
                None
            }
            several => {
                let known: Vec<String> = several.iter().map(|id| format!("`{}`", signature(id))).collect();
                checker.report(
                    Diagnostic::new(
                        code::UNKNOWN_OBJECT,
                        format!("{} name `{name}` is not unique", self.noun),
                        self.name.at,
                    )
                    .help(format!("write the types of its arguments: {}", known.join(" or "))),
                );
                None
            }
        }
    }
}

/// `f(integer, text)`
pub(super) fn signature(id: &ObjectId) -> String {
    let arguments: Vec<String> = id.arguments.iter().map(ToString::to_string).collect();
    format!("{}({})", id.name, arguments.join(", "))
}

impl Checker<'_> {
    /// The type of an argument, without what PostgreSQL does not keep of it.
    pub(super) fn argument_type(&mut self, data_type: &Spanned<Type>) -> Option<Type> {
        self.data_type(data_type).map(|data_type| data_type.without_modifier())
    }
}

impl Checker<'_> {
    /// The function of a trigger with its schema: one without arguments that returns what `whose` needs.
    pub(super) fn trigger_function(
        &mut self,
        name: &Spanned<QualifiedName>,
        result: &Type,
        whose: &str,
    ) -> Option<QualifiedName> {
        let (written, at) = (&name.value, name.at);
        let id = ObjectId::new(Kind::Function, written.clone());
        if let Some(object) = self.catalog().object(&id) {
            let Definition::Function(function) = &object.definition else { return None };
            let found = function.result();
            if found == *result {
                return Some(written.clone());
            }
            self.report(
                Diagnostic::new(
                    code::TYPE_MISMATCH,
                    format!("function `{written}` returns `{found}`, but {whose} needs one that returns `{result}`"),
                    at,
                )
                .help(format!("write a function that `returns {result}`")),
            );
            return None;
        }
        let known = functions(&written.name)
            .filter(|function| function.result().built_in().map(Type::BuiltIn).as_ref() == Some(result));
        for function in known {
            let schema = match function.extension() {
                None if matches!(written.schema.as_str(), DEFAULT_SCHEMA | "pg_catalog") => Some("pg_catalog"),
                None => None,
                Some(extension) => self.catalog().extensions.get(extension).map(|extension| extension.schema()),
            };
            if let Some(schema) = schema {
                return Some(QualifiedName::in_schema(schema, written.name.clone()));
            }
        }
        if self.state.undeclared.may_have_made(&written.name) || self.state.broken.has_object(&id) {
            return Some(written.clone());
        }
        let alike = self.catalog().objects.iter().filter(|(_, object)| match &object.definition {
            Definition::Function(function) => function.result() == *result,
            _ => false,
        });
        let known: Vec<String> = alike.map(|(id, _)| id.name.to_string()).collect();
        let has_name = |other: &ObjectId| other.kind == Kind::Function && other.name == *written;
        let mistake = match self.catalog().objects.keys().any(has_name) {
            true => Diagnostic::new(
                code::UNKNOWN_FUNCTION,
                format!("function `{written}` has arguments, but {whose} needs one without"),
                at,
            )
            .help("the arguments of a trigger are in `TG_ARGV`"),
            false => Diagnostic::new(code::UNKNOWN_FUNCTION, format!("cannot find function `{written}()`"), at)
                .maybe_help(choices(&written.to_string(), known.iter().map(String::as_str), "trigger functions")),
        };
        self.report(mistake);
        None
    }
}

/// An argument as it is written.
#[derive(Clone)]
pub(super) struct ArgumentClause {
    pub(super) mode: ArgumentMode,
    pub(super) name: Option<Name>,
    pub(super) data_type: ArgumentType,
    pub(super) default: Option<Spanned<Expression>>,
    pub(super) at: At,
}

/// Takes `out total: numeric`, `grace: interval = "1 day"`, `int`.
pub(super) fn parse_argument(parser: &mut Parser<'_>) -> Parsed<ArgumentClause> {
    let start = parser.cursor.index();
    let is_named_so = |parser: &Parser<'_>| matches!(parser.cursor.look_ahead(1), Token::Symbol { symbol: ':', .. });
    let modes = [
        ("in", ArgumentMode::In),
        ("out", ArgumentMode::Out),
        ("inout", ArgumentMode::InOut),
        ("variadic", ArgumentMode::Variadic),
    ];
    let mut mode = ArgumentMode::In;
    if !is_named_so(parser)
        && let Some((_, found)) = modes.into_iter().find(|(word, _)| parser.cursor.take_word(word))
    {
        mode = found;
    }
    let (name, data_type) = match is_named_so(parser) || is_named_as_in_sql(parser) {
        true => {
            let name = parser.name("the argument")?;
            let data_type = ArgumentType::parse(parser, Some(&name))?;
            (Some(name), data_type)
        }
        false => (None, ArgumentType::parse(parser, None)?),
    };
    let has_default =
        parser.takes_habit(&["default"], "write `= value` after the type") || parser.cursor.take_symbol('=');
    let default = if has_default { Some(parser.expression()?) } else { None };
    Ok(ArgumentClause { mode, name, data_type, default, at: parser.cursor.since(start) })
}

/// Whether a name and a type follow with nothing between them, rather than a type of several words.
fn is_named_as_in_sql(parser: &Parser<'_>) -> bool {
    const OF_TYPES: [&str; 9] = ["precision", "varying", "without", "year", "month", "day", "hour", "minute", "second"];
    let mut behind = parser.cursor.clone();
    let Token::Word(name) = behind.next() else { return false };
    let Token::Word(next) = behind.peek() else { return false };
    let is_one_type = OF_TYPES.contains(&next.to_ascii_lowercase().as_str()) || name.eq_ignore_ascii_case("national");
    !is_one_type && is_type_without_colon(&behind, name)
}

pub(super) fn parse_type(parser: &mut Parser<'_>) -> Parsed<Spanned<Type>> {
    not_null(parser.column_type()?)
}

pub(super) fn not_null((data_type, takes_null): (Spanned<Type>, bool)) -> Parsed<Spanned<Type>> {
    if takes_null {
        let mistake = Diagnostic::new(code::SYNTAX, "unexpected `?`", data_type.at);
        return Err(mistake.help("remove it: arguments and results can always be NULL"));
    }
    Ok(data_type)
}

/// What a function returns, as it is written.
#[derive(Clone)]
enum ReturnsClause {
    Type { data_type: ArgumentType, set: bool },
    Table(Vec<ArgumentClause>),
}

/// A definition as it is written.
#[derive(Clone)]
pub(super) struct Routine {
    is_procedure: bool,
    arguments: Vec<ArgumentClause>,
    returns: Option<ReturnsClause>,
    options: Vec<Spanned<OptionClause>>,
    /// A body in standard SQL.
    standard: Option<BodyClause>,
    at: At,
}

/// A routine that is made: the arguments are a part of what it is.
pub(super) struct Made {
    kind: Kind,
    name: Spanned<QualifiedName>,
    arguments: Vec<ArgumentClause>,
}

/// Takes everything behind `create function` or `create procedure`.
pub(super) fn parse_created(parser: &mut Parser<'_>, kind: Kind) -> Parsed<(Made, Routine)> {
    let is_procedure = kind == Kind::Procedure;
    let name = parser.qualified_name(&format!("the {}", kind.noun()))?;
    parser.open(Bracket::Round, "`(` and the arguments")?;
    let arguments = parser.separated(Bracket::Round, parse_argument)?;
    let at = parser.cursor.at();
    let is_strict = parser.cursor.is_words(&["returns", "null", "on"]);
    let returns = if !is_strict && parser.cursor.take_word("returns") {
        if is_procedure {
            return Err(Diagnostic::new(code::SYNTAX, "a procedure cannot have `returns`", at)
                .help("give it an argument `out name: type`, or write a function"));
        }
        Some(parse_returns(parser)?)
    } else {
        None
    };
    let mut options: Vec<Spanned<OptionClause>> = Vec::new();
    loop {
        let start = parser.cursor.index();
        let Some(value) = parse_option(parser)? else { break };
        let at = parser.cursor.since(start);
        let again = |other: &Spanned<OptionClause>| other.value.noun().is_some() && other.value.noun() == value.noun();
        if let OptionClause::Reset(_) | OptionClause::ResetAll = value {
            return Err(Diagnostic::new(code::SYNTAX, "unexpected `reset`", at).help("remove it: nothing is set yet"));
        }
        if options.iter().any(again) {
            let noun = value.noun().unwrap_or_default();
            return Err(Diagnostic::new(code::DUPLICATE_CLAUSE, format!("{noun} is given more than once"), at)
                .help("remove one of them"));
        }
        options.push(Spanned { value, at });
    }
    let standard = BodyClause::parse(parser)?;
    let made = Made { kind, name, arguments: arguments.clone() };
    Ok((made, Routine { is_procedure, arguments, returns, options, standard, at }))
}

fn parse_returns(parser: &mut Parser<'_>) -> Parsed<ReturnsClause> {
    if parser.cursor.is_word("table") && *parser.cursor.look_ahead(1) == Token::Open(Bracket::Round) {
        parser.cursor.next();
        parser.open(Bracket::Round, "`(` and the columns")?;
        let columns = parser.separated(Bracket::Round, |parser| {
            let name = parser.name("a column")?;
            let data_type = ArgumentType::parse(parser, Some(&name))?;
            let at = name.at;
            Ok(ArgumentClause { mode: ArgumentMode::Out, name: Some(name), data_type, default: None, at })
        })?;
        if columns.is_empty() {
            return parser.expected("a column");
        }
        return Ok(ReturnsClause::Table(columns));
    }
    let set = parser.cursor.take_word("setof");
    Ok(ReturnsClause::Type { data_type: ArgumentType::parse(parser, None)?, set })
}

impl Identity for Made {
    fn at(&self) -> At {
        self.name.at
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        let inputs = self.arguments.iter().filter(|argument| argument.mode.is_input());
        let arguments: Option<Vec<Type>> = inputs.map(|argument| argument.data_type.check(checker)).collect();
        let Some(arguments) = arguments else {
            // Nothing that calls it is judged.
            checker.state.broken.words.insert(self.name.value.name.clone());
            return None;
        };
        Some(ObjectId { arguments, ..ObjectId::new(self.kind, self.name.value.clone()) })
    }
}

impl Routine {
    fn check_arguments(&self, checker: &mut Checker<'_>) -> Option<Vec<FunctionArgument>> {
        let mut arguments: Vec<FunctionArgument> = Vec::new();
        let mut has_default = false;
        let columns = match &self.returns {
            Some(ReturnsClause::Table(columns)) => columns.as_slice(),
            _ => &[],
        };
        let mut names: Vec<(&str, bool, bool)> = Vec::new();
        for clause in self.arguments.iter().chain(columns) {
            let Some(name) = &clause.name else { continue };
            let (input, output) = (clause.mode.is_input(), clause.mode.is_output());
            let collides =
                |(other, ins, outs): &(&str, bool, bool)| *other == name.value && (*ins && input || *outs && output);
            if names.iter().any(collides) {
                checker.report(
                    Diagnostic::new(
                        code::DUPLICATE_CLAUSE,
                        format!("the argument `{}` is given more than once", name.value),
                        name.at,
                    )
                    .help("choose another name"),
                );
                return None;
            }
            names.push((&name.value, input, output));
        }
        for (index, clause) in self.arguments.iter().enumerate() {
            let data_type = clause.data_type.check(checker)?;
            let wrong = |message: String| Diagnostic::new(code::INVALID_DEFINITION, message, clause.at);
            let told = clause
                .name
                .as_ref()
                .map_or_else(|| format!("argument {}", index + 1), |name| format!("`{}`", name.value));
            if clause.mode == ArgumentMode::Variadic {
                let is_last = self.arguments.iter().skip(index + 1).all(|other| !other.mode.is_input());
                let is_array = data_type.element().is_some()
                    || matches!(
                        data_type,
                        Type::BuiltIn(BuiltIn::Any | BuiltIn::AnyArray | BuiltIn::AnyCompatibleArray)
                    );
                if !is_array {
                    let mistake = wrong(format!("the variadic argument {told} must be an array"));
                    checker.report(mistake.help(format!("write `{data_type}[]`")));
                    return None;
                }
                if !is_last {
                    checker.report(wrong(format!("the variadic argument {told} must be the last one")));
                    return None;
                }
            }
            let default = match &clause.default {
                Some(default) if !clause.mode.is_input() => {
                    checker.report(
                        Diagnostic::new(
                            code::INVALID_DEFINITION,
                            format!("{told} is an output, and cannot have a default"),
                            default.at,
                        )
                        .help("remove the default"),
                    );
                    return None;
                }
                Some(default) => {
                    has_default = true;
                    let name = clause.name.as_ref().map_or("the argument", |name| &name.value);
                    Some(checker.value_for(default, &data_type, name, true, Context::Default)?)
                }
                None if has_default && clause.mode.is_input() && clause.mode != ArgumentMode::Variadic => {
                    checker.report(
                        wrong(format!("{told} needs a default, because an argument before it has one"))
                            .help("give it a default, or move it before the arguments that have one"),
                    );
                    return None;
                }
                None => None,
            };
            let name = clause.name.as_ref().map(|name| name.value.clone());
            arguments.push(FunctionArgument { mode: clause.mode, name, data_type, default });
        }
        Some(arguments)
    }

    fn check_returns(&self, arguments: &[FunctionArgument], checker: &mut Checker<'_>) -> Option<Returns> {
        let has_outputs = arguments.iter().any(|argument| argument.mode.is_output());
        let (data_type, set) = match &self.returns {
            None if has_outputs || self.is_procedure => return Some(Returns::Outputs { set: false }),
            None => {
                checker.report(
                    Diagnostic::new(code::INVALID_DEFINITION, "a function needs a result", self.at)
                        .help("write `returns TYPE` after the arguments; `returns void` for none"),
                );
                return None;
            }
            Some(ReturnsClause::Table(columns)) => {
                let mut found = Vec::new();
                for column in columns {
                    let name = column.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
                    found.push((name, column.data_type.check(checker)?));
                }
                if has_outputs {
                    checker.report(
                        Diagnostic::new(
                            code::INVALID_DEFINITION,
                            "output arguments cannot be combined with `returns table`",
                            self.at,
                        )
                        .help("write them as columns of the table"),
                    );
                    return None;
                }
                return Some(Returns::Table(found));
            }
            Some(ReturnsClause::Type { data_type, set }) => (data_type, *set),
        };
        let found = data_type.check(checker)?;
        if let Some(wanted) = undetermined(&found, arguments) {
            let message = format!("the result `{found}` cannot be determined, because no argument is of such a type");
            let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, data_type.at());
            checker.report(mistake.help(format!("add an argument of type {wanted}, or write another type")));
            return None;
        }
        if !has_outputs {
            return Some(Returns::Type { data_type: found, set });
        }
        let implied = Function {
            arguments: arguments.to_vec(),
            returns: Returns::Outputs { set },
            language: String::new(),
            body: Body::Text(String::new()),
            options: FunctionOptions::default(),
        };
        if implied.result() != found {
            checker.report(
                Diagnostic::new(
                    code::TYPE_MISMATCH,
                    format!(
                        "the result must be `{}` because of the output arguments, found `{found}`",
                        implied.result()
                    ),
                    data_type.at(),
                )
                .help("remove `returns`, or write that type"),
            );
            return None;
        }
        Some(Returns::Outputs { set })
    }

    pub(super) fn check_definition(&self, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Function> {
        let arguments = self.check_arguments(checker)?;
        let returns = self.check_returns(&arguments, checker)?;
        let mut options = FunctionOptions::default();
        let (mut language, mut body) = (None, None);
        for option in &self.options {
            match &option.value {
                OptionClause::Language(name) => {
                    checker.language_exists(&name.value.to_lowercase(), name.at)?;
                    language = Some(name.value.to_lowercase());
                }
                OptionClause::Body(text) => body = Some(text),
                _ => {}
            }
        }
        let missing = |what: &str, help: &str| {
            Diagnostic::new(code::INVALID_DEFINITION, format!("{id} has no {what}"), at).help(help)
        };
        if let (Some(text), Some(standard)) = (body, &self.standard) {
            checker.report(
                Diagnostic::new(code::DUPLICATE_CLAUSE, format!("{id} has two bodies"), text.at.to(standard.at))
                    .help("remove one of them"),
            );
            return None;
        }
        // What stands in SQL needs no `language`.
        let Some(language) = language.or_else(|| self.standard.as_ref().map(|_| "sql".to_owned())) else {
            checker.report(missing("language", "write `language sql` or `language plpgsql` before the body"));
            return None;
        };
        if let Some(standard) = self.standard.as_ref().filter(|_| language != "sql") {
            checker.report(
                Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("a function in `{language}` cannot have a body in standard SQL"),
                    standard.at,
                )
                .help("write `language sql`, or the body as a text: `as r#\"...\"#`"),
            );
            return None;
        }
        let text = match (body, &self.standard) {
            (Some(body), _) => body.value.clone(),
            (None, Some(_)) => Body::Text(String::new()),
            (None, None) => {
                checker.report(missing("body", "write `as \"...\"` after it"));
                return None;
            }
        };
        for option in &self.options {
            self.put(option, &language, &returns, &mut options, checker)?;
        }
        for (argument, clause) in arguments.iter().zip(&self.arguments).filter(|(argument, _)| argument.mode.is_input())
        {
            if !takes_arguments(&language, &argument.data_type) {
                let message =
                    format!("a function in `{language}` cannot have an argument of type `{}`", argument.data_type);
                checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, clause.at));
                return None;
            }
        }
        let mut function = Function { arguments, returns, language, body: text, options };
        check_trigger_function(&function, id, at, checker)?;
        match (&self.standard, body) {
            (Some(standard), _) => {
                function.body = standard.check(id, &function, checker)?;
                checker.forget_body(id);
            }
            (None, Some(body)) => checker.body(id, &function, body.at)?,
            (None, None) => {}
        }
        Some(function)
    }

    fn put(
        &self,
        option: &Spanned<OptionClause>,
        language: &str,
        returns: &Returns,
        options: &mut FunctionOptions,
        checker: &mut Checker<'_>,
    ) -> Option<()> {
        let set = match returns {
            Returns::Type { set, .. } | Returns::Outputs { set } => *set,
            Returns::Table(_) => true,
        };
        let kind = if self.is_procedure { Kind::Procedure } else { Kind::Function };
        put_option(option, kind, language, set, options, checker)
    }
}

fn check_trigger_function(function: &Function, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<()> {
    let result = function.result();
    let is_for_events = matches!(result, Type::BuiltIn(BuiltIn::Trigger | BuiltIn::EventTrigger));
    let message = if is_for_events && !function.arguments.is_empty() {
        format!("{id} returns `{result}`, so it cannot have arguments")
    } else if is_for_events && function.language == "sql" {
        format!("{id} is in SQL, and cannot return `{result}`")
    } else {
        return Some(());
    };
    let help = match function.arguments.is_empty() {
        true => "write it in `plpgsql`",
        false => "remove them: the arguments of a trigger are in `TG_ARGV`",
    };
    checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, at).help(help));
    None
}

impl Written for Routine {
    fn check(&self, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let function = self.check_definition(id, at, checker)?;
        Some(match self.is_procedure {
            true => migrate_core::object::Procedure(function).into(),
            false => function.into(),
        })
    }
}
