use super::named_in_text::{argument_read_as, is_name};
use crate::token::Token;
use crate::types::{BuiltIn, Type};

/// What a text among the tokens of SQL is read as, where it is a name: that of `nextval('...')`, `to_regclass('...')`,
/// `regclass '...'`, `'...'::regclass` and `cast('...' as regclass)`.
pub(crate) fn text_read_as<'t>(token: impl Fn(usize) -> Option<&'t Token>, index: usize) -> Option<BuiltIn> {
    let word = |index: usize| match token(index) {
        Some(Token::Word(word) | Token::QuotedWord(word)) => Some(word.as_str()),
        _ => None,
    };
    let is_symbol =
        |index: usize, wanted: char| matches!(token(index), Some(Token::Symbol { symbol, .. }) if *symbol == wanted);
    let type_at = |index: usize| {
        let is_full = word(index) == Some("pg_catalog") && is_symbol(index + 1, '.');
        type_of_names(word(if is_full { index + 2 } else { index })?)
    };
    if is_symbol(index + 1, ':') && is_symbol(index + 2, ':') {
        return type_at(index + 3);
    }
    // Behind `as` may also be the name of a column of the result.
    if word(index + 1) == Some("as")
        && let Some(read_as) = type_at(index + 2)
    {
        return Some(read_as);
    }
    let before = index.checked_sub(1)?;
    if !matches!(token(before), Some(Token::Open(_))) {
        return type_of_names(word(before)?);
    }
    let function = word(before.checked_sub(1)?)?;
    let count = if is_symbol(index + 1, ',') { 2 } else { 1 };
    function.strip_prefix("to_").and_then(type_of_names).or_else(|| argument_read_as(function, 0, count))
}

/// The type of this name, where a text that is read as it is a name.
fn type_of_names(name: &str) -> Option<BuiltIn> {
    match name.parse() {
        Ok(Type::BuiltIn(read_as)) if is_name(read_as) => Some(read_as),
        _ => None,
    }
}
