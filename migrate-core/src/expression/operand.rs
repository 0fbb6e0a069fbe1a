//! The parser of operands: literals, names, calls, and everything in brackets.

use super::parse::Parser;
use super::{CaseBranch, Expression, ExpressionKind, SessionValue, functions};
use crate::query::parse::{is_json_function, is_xml_function};
use crate::sql::keywords::{self, KeywordCategory};
use crate::token::{Bracket, Cursor, SyntaxError, Token};
use crate::types::Type;

/// Words that cannot begin an expression, so that a missing operand is reported where it is missing.
const NO_OPERAND: &[&str] = &["and", "as", "between", "ilike", "in", "is", "like", "or", "then", "where"];

/// The first words of types that consist of several words or take a modifier.
const TYPE_WORDS: &[&str] = &[
    "bit",
    "bpchar",
    "char",
    "character",
    "dec",
    "decimal",
    "double",
    "float",
    "interval",
    "national",
    "nchar",
    "numeric",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "varbit",
    "varchar",
];

/// Whether a word of a query can be a name, or the name of a function.
fn may_begin_operand(word: &str, is_called: bool) -> bool {
    match keywords::category(word) {
        Some(KeywordCategory::Reserved) => false,
        Some(KeywordCategory::FunctionOrType) => is_called,
        _ => true,
    }
}

impl Parser<'_, '_> {
    /// Reads one operand.
    pub(crate) fn operand(&mut self) -> Result<Expression, SyntaxError> {
        let start = self.cursor.index();
        let kind = match self.cursor.peek() {
            Token::Number(number) => {
                self.cursor.next();
                ExpressionKind::Number(number.clone())
            }
            Token::Text(_) if matches!(self.cursor.look_ahead(1), Token::Symbol { symbol: '.', .. }) => {
                self.name_or_call()?
            }
            // A name that would be taken for a word or for a text, of the language.
            Token::Symbol { symbol: '.', .. } if !self.cursor.is_sql() && self.cursor.name_ahead(1).is_some() => {
                self.cursor.next();
                self.name_or_call_in(true)?
            }
            Token::Text(text) => {
                self.cursor.next();
                ExpressionKind::Text(text.clone())
            }
            Token::Word(word) => self.word_operand(word)?,
            Token::QuotedWord(_) => self.name_or_call()?,
            Token::Open(Bracket::Round) => return self.round(),
            // Of the language, not of SQL.
            Token::Open(Bracket::Square | Bracket::Curly) if self.is_in_query && self.cursor.is_sql() => {
                return Err(self.cursor.expected("an expression"));
            }
            Token::Open(Bracket::Square) => {
                self.cursor.next();
                ExpressionKind::Array(self.items(Bracket::Square)?)
            }
            Token::Open(Bracket::Curly) => ExpressionKind::Json(super::json::parse(self.cursor)?),
            Token::Symbol { symbol: '$', .. } => {
                self.cursor.next();
                let Token::Number(digits) = self.cursor.peek() else {
                    return Err(self.cursor.expected("the number of a parameter"));
                };
                let number = digits.parse().map_err(|_| self.cursor.expected("the number of a parameter"))?;
                self.cursor.next();
                ExpressionKind::Parameter(number)
            }
            _ => return Err(self.cursor.expected("an expression")),
        };
        Ok(Expression::new(kind, self.cursor.since(start)))
    }

    /// What is said about a keyword where an expression should stand.
    fn no_operand(&self, keyword: &str) -> SyntaxError {
        let mut error = self.cursor.expected("an expression");
        // With these something else goes on, and what is before them is missing.
        let goes_on = [
            "and", "as", "else", "end", "from", "group", "having", "in", "is", "limit", "on", "or", "order", "then",
            "using", "when", "where",
        ];
        if !self.cursor.is_sql() && !goes_on.contains(&keyword) {
            error.help = Some(format!("for a string or a value of an enum, write `\"{keyword}\"`"));
        }
        error
    }

    fn word_operand(&mut self, word: &str) -> Result<ExpressionKind, SyntaxError> {
        let lower = word.to_ascii_lowercase();
        let next = self.cursor.look_ahead(1);
        let is_called = *next == Token::Open(Bracket::Round);
        match lower.as_str() {
            "null" => return Ok(self.literal(ExpressionKind::Null)),
            "true" => return Ok(self.literal(ExpressionKind::Boolean(true))),
            "false" => return Ok(self.literal(ExpressionKind::Boolean(false))),
            "case" if !matches!(next, Token::Symbol { .. } | Token::Close(_) | Token::End) => return self.case(),
            "cast" if is_called => return self.cast(),
            "array" if *next == Token::Open(Bracket::Square) => {
                self.cursor.next();
                self.cursor.next();
                return self.array().map(ExpressionKind::Array);
            }
            "array" if is_called => {
                self.cursor.next();
                return Ok(ExpressionKind::ArraySubquery(Box::new(self.enclosed_query()?)));
            }
            "row" if is_called => {
                self.cursor.next();
                self.cursor.next();
                return Ok(ExpressionKind::Row(self.items(Bracket::Round)?));
            }
            "exists" if is_called => {
                self.cursor.next();
                return Ok(ExpressionKind::Exists(Box::new(self.enclosed_query()?)));
            }
            "extract" | "position" | "substring" | "overlay" | "trim" | "normalize" | "treat" if is_called => {
                return self.special(&lower);
            }
            "collation" if self.cursor.is_words(&["collation", "for"]) => return self.collation_for(),
            _ if is_called && is_json_function(&lower) => {
                if let Some(function) = self.json_function(&lower)? {
                    return Ok(ExpressionKind::JsonFunction(Box::new(function)));
                }
            }
            _ if is_called && is_xml_function(&lower) => {
                return Ok(ExpressionKind::XmlFunction(Box::new(self.xml_function(&lower)?)));
            }
            "b" | "x" => {
                if let Token::Text(digits) = next {
                    self.cursor.next();
                    self.cursor.next();
                    return Ok(ExpressionKind::BitText { is_hexadecimal: lower == "x", digits: digits.clone() });
                }
            }
            "select" if !self.is_in_query => {
                let mut error = self.cursor.expected("an expression");
                error.help = Some("put the subquery in parentheses".into());
                return Err(error);
            }
            _ if NO_OPERAND.contains(&lower.as_str()) && !matches!(next, Token::Symbol { symbol: '.', .. }) => {
                return Err(self.no_operand(&lower));
            }
            _ => {}
        }
        if let Some(value) = self.session_value(&lower)? {
            return Ok(value);
        }
        if self.is_in_query && !may_begin_operand(&lower, is_called) {
            return Err(self.no_operand(&lower));
        }
        if let Some(literal) = self.typed_text(&lower)? {
            return Ok(literal);
        }
        self.name_or_call()
    }

    fn literal(&mut self, kind: ExpressionKind) -> ExpressionKind {
        self.cursor.next();
        kind
    }

    fn session_value(&mut self, word: &str) -> Result<Option<ExpressionKind>, SyntaxError> {
        let Some((_, value)) = SessionValue::ALL.iter().find(|(sql, _)| sql.eq_ignore_ascii_case(word)) else {
            return Ok(None);
        };
        match self.cursor.look_ahead(1) {
            Token::Symbol { symbol: '.', .. } => return Ok(None),
            Token::Open(Bracket::Round) if !value.takes_precision() => return Ok(None),
            _ => {}
        }
        self.cursor.next();
        let mut precision = None;
        if value.takes_precision() && self.cursor.take_open(Bracket::Round) {
            let Token::Number(digits) = self.cursor.peek() else { return Err(self.cursor.expected("a precision")) };
            precision = Some(digits.parse().map_err(|_| self.cursor.expected("a precision"))?);
            self.cursor.next();
            self.expect_close(Bracket::Round)?;
        }
        Ok(Some(ExpressionKind::SessionValue { value: *value, precision }))
    }

    /// `date '2020-01-01'`, `timestamp with time zone '...'`, `interval '1' day`
    fn typed_text(&mut self, word: &str) -> Result<Option<ExpressionKind>, SyntaxError> {
        let start = self.cursor.index();
        let is_simple = matches!(self.cursor.look_ahead(1), Token::Text(_));
        let may_be_long = TYPE_WORDS.contains(&word)
            && matches!(self.cursor.look_ahead(1), Token::Word(_) | Token::Open(Bracket::Round));
        if !is_simple && !may_be_long {
            return Ok(None);
        }
        let target = match Type::parse(self.cursor) {
            Ok(target) => target,
            Err(error) if is_simple => return Err(error),
            Err(_) => {
                self.cursor.go_to(start);
                return Ok(None);
            }
        };
        let Token::Text(text) = self.cursor.peek() else {
            self.cursor.go_to(start);
            return Ok(None);
        };
        self.cursor.next();
        let target = if target == Type::INTERVAL { self.interval_fields(target)? } else { target };
        Ok(Some(ExpressionKind::TypedText { target, text: text.clone() }))
    }

    /// The fields that follow the text in `interval '1' day`.
    fn interval_fields(&mut self, plain: Type) -> Result<Type, SyntaxError> {
        const FIELDS: &[&str] = &["year", "month", "day", "hour", "minute", "second"];
        let Token::Word(field) = self.cursor.peek() else { return Ok(plain) };
        if !FIELDS.iter().any(|name| field.eq_ignore_ascii_case(name)) {
            return Ok(plain);
        }
        // The type's own parser reads the fields behind the word `interval`.
        let mut tokens = vec![Token::Word("interval".into())];
        let mut distance = 0;
        while let token @ (Token::Word(_) | Token::Open(_) | Token::Number(_) | Token::Close(_)) =
            self.cursor.look_ahead(distance)
        {
            if distance == 6 {
                break;
            }
            tokens.push(token.clone());
            distance += 1;
        }
        let mut fields = Cursor::new(&tokens);
        let target = Type::parse(&mut fields)?;
        self.cursor.go_to(self.cursor.index() + fields.index() - 1);
        Ok(target)
    }

    /// `a`, `a.b`, `a.*`, `f(x)`, `app.f(x)`, `app.mood 'x'`
    pub(crate) fn name_or_call(&mut self) -> Result<ExpressionKind, SyntaxError> {
        let is_quoted = !matches!(self.cursor.peek(), Token::Word(_));
        self.name_or_call_in(is_quoted)
    }

    /// The same where it is known whether the name is quoted.
    fn name_or_call_in(&mut self, is_quoted: bool) -> Result<ExpressionKind, SyntaxError> {
        let start = self.cursor.index();
        let mut parts = Vec::with_capacity(1);
        loop {
            // In Rust source a name that is not an identifier is a string literal; beside a dot it can be nothing else.
            match self.cursor.name_ahead(0) {
                Some(part) => parts.push(part.to_owned()),
                None if self.cursor.is_symbol('*') && !parts.is_empty() => {
                    self.cursor.next();
                    if self.cursor.is_symbol('.') {
                        return Err(SyntaxError {
                            message: "nothing can follow `.*`".into(),
                            help: Some("write `(....*).field` for a field of the row, or name the column".into()),
                            at: self.cursor.at(),
                        });
                    }
                    return Ok(ExpressionKind::Star(parts));
                }
                None => return Err(self.cursor.expected("a name")),
            }
            self.cursor.next();
            let continues = self.cursor.is_symbol('.')
                && (self.cursor.name_ahead(1).is_some()
                    || matches!(self.cursor.look_ahead(1), Token::Symbol { symbol: '*', .. }));
            if !continues {
                break;
            }
            self.cursor.next();
        }
        if matches!(self.cursor.peek(), Token::Text(_)) && (is_quoted || parts.len() > 1) {
            return self.text_of_type(start);
        }
        if !self.cursor.is_open(Bracket::Round) {
            return Ok(ExpressionKind::Name(parts));
        }
        let mut name = parts.pop().unwrap_or_default();
        if !is_quoted && name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            let folded = name.to_ascii_lowercase();
            if functions::is_built_in(&folded) {
                name = folded;
            }
        }
        let schema = parts.pop();
        let call = self.call(schema, name)?;
        // `vector(3) '[1, 2, 3]'`
        if matches!(self.cursor.peek(), Token::Text(_)) { self.text_of_type(start) } else { Ok(call) }
    }

    /// A string literal behind the name of its type, which begins at `start`.
    fn text_of_type(&mut self, start: u32) -> Result<ExpressionKind, SyntaxError> {
        self.cursor.go_to(start);
        let target = Type::parse(self.cursor)?;
        let Token::Text(text) = self.cursor.peek() else { return Err(self.cursor.expected("a string literal")) };
        self.cursor.next();
        Ok(ExpressionKind::TypedText { target, text: text.clone() })
    }

    /// The elements of `ARRAY[...]`, where one in square brackets is an array too.
    fn array(&mut self) -> Result<Vec<Expression>, SyntaxError> {
        let mut items = Vec::new();
        while !self.cursor.take_close(Bracket::Square) {
            let start = self.cursor.index();
            items.push(match self.cursor.take_open(Bracket::Square) {
                true => {
                    let inner = self.deeper(1, Self::array)?;
                    Expression::new(ExpressionKind::Array(inner), self.cursor.since(start))
                }
                false => self.inner_expression()?,
            });
            if !self.takes_comma(Bracket::Square)? {
                break;
            }
        }
        Ok(items)
    }

    fn case(&mut self) -> Result<ExpressionKind, SyntaxError> {
        self.cursor.next();
        let operand = if self.cursor.is_word("when") { None } else { Some(Box::new(self.inner_expression()?)) };
        let mut branches = Vec::new();
        while self.cursor.take_word("when") {
            let condition = self.inner_expression()?;
            self.expect_word("then")?;
            branches.push(CaseBranch { condition, result: self.inner_expression()? });
        }
        if branches.is_empty() {
            return Err(self.cursor.expected("`when`"));
        }
        let otherwise = if self.cursor.take_word("else") { Some(Box::new(self.inner_expression()?)) } else { None };
        self.expect_word("end")?;
        Ok(ExpressionKind::Case { operand, branches, otherwise })
    }

    fn cast(&mut self) -> Result<ExpressionKind, SyntaxError> {
        let place = self.cursor.at();
        self.cursor.next();
        self.cursor.next();
        let operand = Box::new(self.inner_expression()?);
        self.expect_word("as")?;
        let target = Type::parse(self.cursor)?;
        self.expect_close(Bracket::Round)?;
        Ok(ExpressionKind::Cast { operand, target, place })
    }
}
