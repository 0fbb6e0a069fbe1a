//! Operators: their names, how they are read from single characters, and how tightly they bind.

use crate::token::{At, Bracket, Cursor, SyntaxError, Token};

/// An operator: built-in, of an extension, or the user's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, crate::json::ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Operator {
    /// The schema, where it is written: `OPERATOR(app.@@)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The characters; `!=` is `<>`.
    pub symbol: String,
    /// Where it is written; nowhere where it is not read from a source.
    #[serde(skip)]
    pub at: At,
}

impl Operator {
    /// An operator of the search path.
    pub fn new(symbol: &str) -> Operator {
        Operator::in_schema(None, if symbol == "!=" { "<>" } else { symbol })
    }

    /// An operator of a schema, or of the search path.
    pub fn in_schema(schema: Option<String>, symbol: impl Into<String>) -> Operator {
        Operator { schema, symbol: symbol.into(), at: At::default() }
    }

    /// Where it is written, if it was read from a source.
    pub fn place(&self) -> Option<At> {
        (self.at.end > self.at.start).then_some(self.at)
    }

    /// Takes the operator that stands here, if one does.
    ///
    /// # Errors
    /// What begins with `operator(` is not one.
    pub fn parse(cursor: &mut Cursor<'_>) -> Result<Option<Operator>, SyntaxError> {
        take(cursor)
    }

    /// Whether it is this built-in operator.
    pub fn is(&self, symbol: &str) -> bool {
        self.schema.as_deref().is_none_or(|schema| schema == "pg_catalog") && self.symbol == symbol
    }

    /// How tightly it binds between two operands.
    pub(crate) fn level(&self) -> Level {
        if self.schema.is_some() {
            return Level::Other;
        }
        match self.symbol.as_str() {
            "<" | ">" | "=" | "<=" | ">=" | "<>" => Level::Comparison,
            "+" | "-" => Level::Sum,
            "*" | "/" | "%" => Level::Product,
            "^" => Level::Power,
            _ => Level::Other,
        }
    }

    /// How tightly it binds before an operand.
    pub(crate) fn prefix_level(&self) -> Level {
        if self.schema.is_none() && matches!(self.symbol.as_str(), "+" | "-") { Level::Sign } else { Level::Other }
    }
}

/// How tightly something binds, from the loosest (`src/backend/parser/gram.y`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Or,
    And,
    Not,
    Is,
    Comparison,
    /// `BETWEEN`, `IN`, `LIKE`
    Membership,
    /// Every operator that is not named here.
    Other,
    Sum,
    Product,
    Power,
    AtTimeZone,
    Collate,
    Sign,
    Cast,
    Operand,
}

impl Level {
    /// The next tighter level.
    pub(crate) fn next(self) -> Level {
        use Level::{
            And, AtTimeZone, Cast, Collate, Comparison, Is, Membership, Not, Operand, Or, Other, Power, Product, Sign,
            Sum,
        };
        match self {
            Or => And,
            And => Not,
            Not => Is,
            Is => Comparison,
            Comparison => Membership,
            Membership => Other,
            Other => Sum,
            Sum => Product,
            Product => Power,
            Power => AtTimeZone,
            AtTimeZone => Collate,
            Collate => Sign,
            Sign => Cast,
            Cast | Operand => Operand,
        }
    }
}

fn is_operator_character(character: char) -> bool {
    "+-*/<>=~!@#%^&|`?".contains(character)
}

/// The operator at the position and the number of its tokens, without taking it.
///
/// As PostgreSQL's lexer does, the longest run of touching characters is one operator, except that an operator of
/// several characters ends in `+` or `-` only if it holds one of `` ~ ! @ # % ^ & | ` ? ``.
pub(crate) fn peek(cursor: &Cursor<'_>) -> Option<(Operator, usize)> {
    let mut symbol = String::new();
    let mut length = 0;
    while let Token::Symbol { symbol: character, joint } = cursor.look_ahead(length) {
        if !is_operator_character(*character) {
            break;
        }
        symbol.push(*character);
        length += 1;
        if !joint {
            break;
        }
    }
    if length > 1 && !symbol.contains(|character| "~!@#%^&|`?".contains(character)) {
        while symbol.len() > 1 && symbol.ends_with(['+', '-']) {
            symbol.pop();
            length -= 1;
        }
    }
    if symbol.is_empty() || symbol == "=>" { None } else { Some((Operator::new(&symbol), length)) }
}

/// Takes the operator at the position, also as `OPERATOR(schema.@@)`.
pub(crate) fn take(cursor: &mut Cursor<'_>) -> Result<Option<Operator>, SyntaxError> {
    let start = cursor.index();
    if let Some((operator, length)) = peek(cursor) {
        cursor.go_to(start + length as u32);
        return Ok(Some(Operator { at: At { start, end: start + length as u32 }, ..operator }));
    }
    if !is_explicit(cursor) {
        return Ok(None);
    }
    cursor.next();
    cursor.next();
    let mut schema = None;
    while let Some(word) = cursor.name_ahead(0) {
        cursor.next();
        if !cursor.take_symbol('.') {
            return Err(cursor.expected("`.`"));
        }
        schema = Some(word.to_owned());
    }
    let Some((operator, length)) = peek(cursor) else { return Err(cursor.expected("an operator")) };
    cursor.go_to(cursor.index() + length as u32);
    if !cursor.take_close(Bracket::Round) {
        return Err(cursor.expected("`)`"));
    }
    Ok(Some(Operator { schema, symbol: operator.symbol, at: cursor.since(start) }))
}

/// Whether `OPERATOR(` is next.
pub(crate) fn is_explicit(cursor: &Cursor<'_>) -> bool {
    cursor.is_word("operator") && *cursor.look_ahead(1) == Token::Open(Bracket::Round)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lex;

    fn first(text: &str) -> String {
        peek(&Cursor::new(&lex(text).unwrap())).map(|(operator, _)| operator.symbol).unwrap_or_default()
    }

    #[test]
    fn touching_characters_are_one_operator_as_in_postgresql() {
        for (text, operator) in [
            ("->> 'a'", "->>"),
            ("=-1", "="),
            ("<-1", "<"),
            ("@-1", "@-"),
            ("*-+1", "*"),
            ("!= 1", "<>"),
            ("= - 1", "="),
            ("=> 1", ""),
            (":: int", ""),
            ("?| 'a'", "?|"),
            ("#> '{a}'", "#>"),
            ("#>>'{a}'", "#>>"),
            ("#- '{a}'", "#-"),
            ("## x", "##"),
            ("<#> x", "<#>"),
            ("!~~* x", "!~~*"),
            ("&&& x", "&&&"),
            ("|>> x", "|>>"),
            ("<-> x", "<->"),
            ("=--1", "="),
            ("</* words */-1", "<"),
        ] {
            assert_eq!(first(text), operator, "{text}");
        }
    }

    #[test]
    fn an_explicit_operator_has_its_schema() {
        let tokens = lex("OPERATOR(app.@@) x").unwrap();
        let mut cursor = Cursor::new(&tokens);
        let operator = take(&mut cursor).unwrap().unwrap();
        assert_eq!((operator.schema.as_deref(), operator.symbol.as_str()), (Some("app"), "@@"));
        assert!(cursor.is_word("x"));
    }
}
