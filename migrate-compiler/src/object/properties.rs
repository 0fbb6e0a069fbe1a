//! `{ name: value, ... }`: what some kinds of objects are made of.

use migrate_core::expression::Operator;
use migrate_core::name::QualifiedName;
use migrate_core::token::{At, Bracket, Token};

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};

/// Takes the properties in braces. `known` are their names, `what` is what they are of: `a range type`.
pub(super) fn parse_properties<T>(
    parser: &mut Parser<'_>,
    known: &[&str],
    what: &str,
    mut value: impl FnMut(&mut Parser<'_>, &str) -> Parsed<T>,
) -> Parsed<Vec<(Name, T)>> {
    if !parser.cursor.is_open(Bracket::Curly) {
        return parser.expected(&format!("`{{` and the properties of {what}"));
    }
    let known_mistakes = parser.mistakes.len();
    let mut seen: Vec<String> = Vec::new();
    let found = parser.body(|parser| {
        let name = parser.name("a property")?;
        if !known.contains(&name.value.as_str()) {
            let headline = format!("{what} has no property `{}`", name.value);
            return Err(Diagnostic::new(code::SYNTAX, headline, name.at).maybe_help(choices(
                &name.value,
                known.iter().copied().filter(|name| *name != "basetype" && *name != "procedure"),
                "properties",
            )));
        }
        if seen.contains(&name.value) {
            let headline = format!("the property `{}` is given more than once", name.value);
            return Err(Diagnostic::new(code::DUPLICATE_CLAUSE, headline, name.at).help("remove one of them"));
        }
        seen.push(name.value.clone());
        if parser.cursor.is_symbol('=') {
            let mistake = Diagnostic::new(code::SYNTAX, "unexpected `=`", parser.cursor.at());
            return Err(mistake.help(format!("write `{}: ...`", name.value)));
        }
        parser.symbol(':')?;
        let found = value(parser, &name.value)?;
        Ok((name, found))
    })?;
    // One that could not be read is not one that is missing.
    match parser.mistakes.len() > known_mistakes {
        true => parser.mistakes.pop().map_or(Ok(found), Err),
        false => Ok(found),
    }
}

/// Takes `true` or `false`.
pub(super) fn parse_flag(parser: &mut Parser<'_>) -> Parsed<bool> {
    if parser.cursor.take_word("true") {
        Ok(true)
    } else if parser.cursor.take_word("false") {
        Ok(false)
    } else {
        parser.expected("`true` or `false`")
    }
}

/// Takes the characters of an operator, with a schema as `operator(app.@@)`, or as a text.
pub(super) fn parse_operator(parser: &mut Parser<'_>) -> Parsed<Spanned<Operator>> {
    let start = parser.cursor.index();
    if parser.cursor.take_word("operator") {
        parser.open(Bracket::Round, "`(`")?;
        let schema = match parser.cursor.peek() {
            Token::Word(_) => {
                let schema = parser.name("the schema")?;
                parser.symbol('.')?;
                Some(schema.value)
            }
            _ => None,
        };
        let symbol = parse_symbol(parser)?;
        parser.close(Bracket::Round, "`)`")?;
        return Ok(Spanned { value: Operator::in_schema(schema, symbol), at: parser.cursor.since(start) });
    }
    // `app.===`, as in `create operator`.
    let is_qualified = matches!(parser.cursor.peek(), Token::Word(_))
        && matches!(parser.cursor.look_ahead(1), Token::Symbol { symbol: '.', .. });
    let schema = match is_qualified {
        true => {
            let schema = parser.name("the schema")?;
            parser.symbol('.')?;
            Some(schema.value)
        }
        false => None,
    };
    let symbol = parse_symbol(parser)?;
    Ok(Spanned { value: Operator::in_schema(schema, symbol), at: parser.cursor.since(start) })
}

/// Takes the characters of an operator: as they are, or as a text.
pub(super) fn parse_symbol(parser: &mut Parser<'_>) -> Parsed<String> {
    const CHARACTERS: &str = "+-*/<>=~!@#%^&|`?";
    if let Token::Text(text) = parser.cursor.peek() {
        let text = text.clone();
        if text.is_empty() || !text.chars().all(|character| CHARACTERS.contains(character)) {
            return parser.expected("the characters of an operator");
        }
        parser.cursor.next();
        return Ok(text);
    }
    let mut symbol = String::new();
    while let Token::Symbol { symbol: character, .. } = parser.cursor.peek() {
        if !CHARACTERS.contains(*character) {
            break;
        }
        let (character, is_joint) = match parser.cursor.next() {
            Token::Symbol { symbol, joint } => (*symbol, *joint),
            _ => break,
        };
        symbol.push(character);
        if !is_joint {
            break;
        }
    }
    if symbol.is_empty() { parser.expected("the characters of an operator") } else { Ok(symbol) }
}

/// A function that must be named; reported where it is not. `what` needs it: `a text search parser`.
pub(super) fn required<'n>(
    name: &'n Option<Spanned<QualifiedName>>,
    (what, property): (&str, &str),
    at: At,
    checker: &mut Checker<'_>,
) -> Option<&'n Spanned<QualifiedName>> {
    if name.is_none() {
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, format!("{what} needs `{property}`"), at)
                .help(format!("write `{property}: FUNCTION`")),
        );
    }
    name.as_ref()
}

/// The properties in braces, but for those that are not there.
#[cfg(feature = "print")]
pub(super) fn print_properties(properties: impl IntoIterator<Item = (&'static str, Option<String>)>) -> String {
    let written = properties.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?)));
    format!("{{ {} }}", written.collect::<Vec<_>>().join(", "))
}

/// The value of a property that is `false` where nothing is said.
#[cfg(feature = "print")]
pub(super) fn print_flag(flag: bool) -> Option<String> {
    flag.then(|| "true".to_owned())
}

/// The characters of an operator; as a text where Rust would take them for something else.
#[cfg(feature = "print")]
pub(super) fn print_symbol(symbol: &str) -> String {
    let is_misread = symbol.contains('`') || symbol.contains("//") || symbol.contains("/*");
    if is_misread { crate::print::text(symbol) } else { symbol.to_owned() }
}

/// An operator with its schema, where that is not the one that is meant without one.
#[cfg(feature = "print")]
pub(super) fn print_operator(operator: &Operator, default: Option<&str>) -> String {
    let symbol = print_symbol(&operator.symbol);
    match operator.schema.as_deref() {
        Some(schema) if Some(schema) != default => format!("operator({}.{symbol})", crate::print::name(schema)),
        _ => symbol,
    }
}
