//! The options of functions and procedures.

use migrate_core::name::QualifiedName;
use migrate_core::object::{
    Body, Definition, FunctionOptions, FunctionVolatility, Kind, Object, ObjectId, Parallel, Procedure,
    is_list_of_names,
};
use migrate_core::sql::quote_identifier;
use migrate_core::token::{At, Token};
use migrate_core::types::Type;

use super::Action;
use super::routine::parse_type;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};

/// One option.
#[derive(Clone)]
pub(super) enum OptionClause {
    Language(Name),
    Volatility(FunctionVolatility),
    Strict(bool),
    Leakproof(bool),
    SecurityDefiner(bool),
    Window,
    Parallel(Parallel),
    Cost(String),
    Rows(String),
    Support(Spanned<QualifiedName>),
    Set { name: Spanned<String>, value: Spanned<String> },
    Reset(String),
    ResetAll,
    Transform(Vec<Spanned<Type>>),
    Body(Spanned<Body>),
}

impl OptionClause {
    /// What it is, where only one of a kind may be written.
    pub(super) fn noun(&self) -> Option<&'static str> {
        Some(match self {
            OptionClause::Language(_) => "`language`",
            OptionClause::Volatility(_) => "`immutable`, `stable` or `volatile`",
            OptionClause::Strict(_) => "`strict`",
            OptionClause::Leakproof(_) => "`leakproof`",
            OptionClause::SecurityDefiner(_) => "`security`",
            OptionClause::Window => "`window`",
            OptionClause::Parallel(_) => "`parallel`",
            OptionClause::Cost(_) => "`cost`",
            OptionClause::Rows(_) => "`rows`",
            OptionClause::Support(_) => "`support`",
            OptionClause::Transform(_) => "`transform`",
            OptionClause::Body(_) => "`as`",
            OptionClause::Set { .. } | OptionClause::Reset(_) | OptionClause::ResetAll => return None,
        })
    }

    /// Whether procedures have it as well.
    fn fits_procedures(&self) -> bool {
        matches!(
            self,
            OptionClause::Language(_)
                | OptionClause::SecurityDefiner(_)
                | OptionClause::Set { .. }
                | OptionClause::Reset(_)
                | OptionClause::ResetAll
                | OptionClause::Transform(_)
                | OptionClause::Body(_)
        )
    }
}

/// Takes one option, where one begins.
pub(super) fn parse_option(parser: &mut Parser<'_>) -> Parsed<Option<OptionClause>> {
    use FunctionVolatility::{Immutable, Stable, Volatile};
    let plain: [(&[&str], OptionClause); 17] = [
        (&["immutable"], OptionClause::Volatility(Immutable)),
        (&["stable"], OptionClause::Volatility(Stable)),
        (&["volatile"], OptionClause::Volatility(Volatile)),
        (&["strict"], OptionClause::Strict(true)),
        (&["returns", "null", "on", "null", "input"], OptionClause::Strict(true)),
        (&["called", "on", "null", "input"], OptionClause::Strict(false)),
        (&["leakproof"], OptionClause::Leakproof(true)),
        (&["not", "leakproof"], OptionClause::Leakproof(false)),
        (&["security", "definer"], OptionClause::SecurityDefiner(true)),
        (&["external", "security", "definer"], OptionClause::SecurityDefiner(true)),
        (&["security", "invoker"], OptionClause::SecurityDefiner(false)),
        (&["external", "security", "invoker"], OptionClause::SecurityDefiner(false)),
        (&["window"], OptionClause::Window),
        (&["parallel", "safe"], OptionClause::Parallel(Parallel::Safe)),
        (&["parallel", "restricted"], OptionClause::Parallel(Parallel::Restricted)),
        (&["parallel", "unsafe"], OptionClause::Parallel(Parallel::Unsafe)),
        (&["reset", "all"], OptionClause::ResetAll),
    ];
    for (words, option) in plain {
        if parser.cursor.take_words(words) {
            return Ok(Some(option));
        }
    }
    if parser.cursor.take_word("parallel") {
        return parser.expected("`safe`, `restricted` or `unsafe`");
    }
    Ok(Some(if parser.cursor.take_word("language") {
        OptionClause::Language(parser.name("the language")?)
    } else if parser.cursor.take_word("cost") {
        OptionClause::Cost(parse_number(parser)?)
    } else if parser.cursor.take_word("rows") {
        OptionClause::Rows(parse_number(parser)?)
    } else if parser.cursor.take_word("support") {
        OptionClause::Support(parser.qualified_name("the support function")?)
    } else if parser.cursor.take_word("reset") {
        OptionClause::Reset(parse_setting_name(parser)?)
    } else if parser.cursor.take_word("set") {
        parse_setting(parser)?
    } else if parser.cursor.take_word("transform") {
        let mut types = Vec::new();
        loop {
            parser.word("for")?;
            parser.word("type")?;
            types.push(parse_type(parser)?);
            if !parser.cursor.take_symbol(',') {
                break;
            }
        }
        OptionClause::Transform(types)
    } else if parser.cursor.take_word("as") {
        let text = parser.text("the body in double quotes, or as `r#\"...\"#`")?;
        let value = match parser.cursor.take_symbol(',') {
            true => Body::Library { file: text.value, symbol: parser.text("the symbol in double quotes")?.value },
            false => Body::Text(text.value),
        };
        OptionClause::Body(Spanned { value, at: text.at })
    } else {
        return Ok(None);
    }))
}

fn parse_number(parser: &mut Parser<'_>) -> Parsed<String> {
    let Token::Number(number) = parser.cursor.peek() else { return parser.expected("a number above zero") };
    let value: Option<f32> = number.parse().ok().filter(|value: &f32| *value > 0.0 && value.is_finite());
    let Some(value) = value else { return parser.expected("a number above zero") };
    parser.cursor.next();
    Ok(value.to_string())
}

fn parse_setting_name(parser: &mut Parser<'_>) -> Parsed<String> {
    let mut name = parser.name("the setting")?.value;
    if parser.cursor.take_symbol('.') {
        name = format!("{name}.{}", parser.name("the setting")?.value);
    }
    Ok(name.to_lowercase())
}

fn parse_setting(parser: &mut Parser<'_>) -> Parsed<OptionClause> {
    let start = parser.cursor.index();
    let name = parse_setting_name(parser)?;
    let name_at = parser.cursor.since(start);
    if parser.cursor.is_words(&["from", "current"]) {
        let mistake = Diagnostic::new(code::SYNTAX, "unexpected `from current`", parser.cursor.at());
        return Err(mistake.help(format!(
            "write the value, `set {name} = ...`: the current value depends on who runs the migration"
        )));
    }
    if !parser.cursor.take_word("to") {
        parser.symbol('=')?;
    }
    let is_list = is_list_of_names(&name);
    let (value_start, mut values) = (parser.cursor.index(), Vec::new());
    loop {
        let is_negative = parser.cursor.take_symbol('-');
        let value = match parser.cursor.peek() {
            Token::Word(word) if word.eq_ignore_ascii_case("default") => {
                let mistake = Diagnostic::new(code::SYNTAX, "unexpected `default`", parser.cursor.since(start));
                return Err(mistake.help(format!("leave out `set {name}`, or write `reset {name}` in `alter`")));
            }
            Token::Word(value) | Token::Text(value) if is_list => quote_identifier(value).into_owned(),
            Token::Word(value) | Token::Text(value) => value.clone(),
            Token::Number(number) if is_negative => format!("-{number}"),
            Token::Number(number) => number.clone(),
            _ => return parser.expected("a value"),
        };
        parser.cursor.next();
        values.push(value);
        // In `alter` the next action stands behind a comma as well, and there may be one behind the last.
        let (next, after) = (parser.cursor.look_ahead(1), parser.cursor.look_ahead(2));
        let is_word = |token: &Token, wanted: &str| matches!(token, Token::Word(word) if word == wanted);
        let is_last = matches!(next, Token::End | Token::Close(_)) || (is_word(next, "owner") && is_word(after, "to"));
        if !is_list || is_last || begins_action(next) || !parser.cursor.take_symbol(',') {
            break;
        }
    }
    let value = Spanned { value: values.join(", "), at: parser.cursor.since(value_start) };
    Ok(OptionClause::Set { name: Spanned { value: name, at: name_at }, value })
}

/// Whether a word begins an action of `alter function`, rather than that it is a value of a setting.
fn begins_action(token: &Token) -> bool {
    const ACTIONS: [&str; 17] = [
        "set",
        "reset",
        "rename",
        "immutable",
        "stable",
        "volatile",
        "strict",
        "called",
        "returns",
        "leakproof",
        "not",
        "security",
        "external",
        "parallel",
        "cost",
        "rows",
        "support",
    ];
    matches!(token, Token::Word(word) if ACTIONS.contains(&word.as_str()))
}

/// Puts an option among those that are set, or takes it away.
pub(super) fn put_option(
    option: &Spanned<OptionClause>,
    kind: Kind,
    language: &str,
    returns_set: bool,
    options: &mut FunctionOptions,
    checker: &mut Checker<'_>,
) -> Option<()> {
    if kind == Kind::Procedure && !option.value.fits_procedures() {
        let noun = option.value.noun().unwrap_or_default();
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, format!("a procedure cannot have {noun}"), option.at)
                .help("remove it"),
        );
        return None;
    }
    match &option.value {
        OptionClause::Language(_) | OptionClause::Body(_) => {}
        OptionClause::Volatility(volatility) => options.volatility = *volatility,
        OptionClause::Strict(strict) => options.strict = *strict,
        OptionClause::Leakproof(leakproof) => options.leakproof = *leakproof,
        OptionClause::SecurityDefiner(definer) => options.security_definer = *definer,
        OptionClause::Window => options.window = true,
        OptionClause::Parallel(parallel) => options.parallel = *parallel,
        OptionClause::Cost(cost) => {
            let default = if matches!(language, "c" | "internal") { "1" } else { "100" };
            options.cost = Some(cost.clone()).filter(|cost| cost != default);
        }
        OptionClause::Rows(_) if !returns_set => {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "`rows` is for functions that return a set", option.at)
                    .help("remove it"),
            );
            return None;
        }
        OptionClause::Rows(rows) => options.rows = Some(rows.clone()).filter(|rows| rows != "1000"),
        OptionClause::Support(name) => {
            if !checker.may_be_function(&name.value.name) {
                let message = format!("cannot find function `{}(internal)`", name.value);
                let mistake = Diagnostic::new(code::UNKNOWN_FUNCTION, message, name.at);
                checker.report(mistake.help("a support function is written in C, and comes with an extension"));
                return None;
            }
            options.support = Some(name.value.clone());
        }
        OptionClause::Set { name, value } => {
            super::setting::check(name, value, checker)?;
            options.settings.insert(name.value.clone(), value.value.clone());
        }
        OptionClause::Reset(name) => {
            if options.settings.remove(name).is_none() {
                let known = options.settings.keys().map(String::as_str);
                let mistake = Diagnostic::new(code::NO_CHANGE, format!("the setting `{name}` is not set"), option.at)
                    .maybe_help(choices(name, known, "settings"));
                checker.report(mistake);
                return None;
            }
        }
        OptionClause::ResetAll => options.settings.clear(),
        OptionClause::Transform(types) => {
            for data_type in types {
                options.transforms.push(checker.data_type(data_type)?);
            }
        }
    }
    Some(())
}

/// An option that is changed.
pub(super) struct Change(Spanned<OptionClause>);

pub(super) fn parse_change(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
    let start = parser.cursor.index();
    if parser.cursor.is_words(&["set", "schema"]) {
        return Ok(None);
    }
    let Some(value) = parse_option(parser)? else { return Ok(None) };
    let at = parser.cursor.since(start);
    if let OptionClause::Language(_) | OptionClause::Window | OptionClause::Transform(_) | OptionClause::Body(_) = value
    {
        let noun = value.noun().unwrap_or_default();
        return Err(Diagnostic::new(code::SYNTAX, format!("{noun} cannot be altered"), at)
            .help("write `create or replace` with the whole definition"));
    }
    Ok(Some(Box::new(Change(Spanned { value, at }))))
}

impl Action for Change {
    fn at(&self) -> At {
        self.0.at
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let mut definition = before.definition.clone();
        let (Definition::Function(function) | Definition::Procedure(Procedure(function))) = &mut definition else {
            let headline = format!("{} has no options", id.told());
            let mistake = Diagnostic::new(code::INVALID_DEFINITION, headline, self.0.at);
            checker.report(mistake.help("write `create or replace aggregate` for another definition"));
            return None;
        };
        let set = function.returns_set();
        put_option(&self.0, id.kind, &function.language, set, &mut function.options, checker)?;
        Some(definition)
    }
}
