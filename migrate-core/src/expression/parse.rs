//! The parser of expressions: operators by their precedence. Operands are read in [`super::operand`].

use super::operator::{self, Level};
use super::{Expression, ExpressionKind, IsTest, Operator, Quantifier, Subscript};
use crate::token::{At, Bracket, Cursor, SyntaxError, Token};
use crate::types::Type;

/// How deep expressions may be nested: far more than people write, and safe for the stack.
const DEEPEST: u32 = 128;

/// How many operators may follow each other at one level: each makes the tree deeper by one.
const LONGEST: u32 = 2000;

/// Reads an expression and stops before what cannot continue it.
///
/// # Errors
/// A [`SyntaxError`] at the token that stands in the way.
pub fn parse(cursor: &mut Cursor<'_>) -> Result<Expression, SyntaxError> {
    Parser::new(cursor).expression()
}

/// Reads an expression that is followed by column options: it stops before `collate` too.
///
/// # Errors
/// A [`SyntaxError`] at the token that stands in the way.
pub fn parse_default(cursor: &mut Cursor<'_>) -> Result<Expression, SyntaxError> {
    Parser { is_default: true, ..Parser::new(cursor) }.expression()
}

/// What all rules share.
pub(crate) struct Parser<'c, 't> {
    pub(crate) cursor: &'c mut Cursor<'t>,
    /// Whether column options follow at this level of brackets.
    is_default: bool,
    /// Whether it is inside a query, whose words cannot be names.
    pub(crate) is_in_query: bool,
    depth: u32,
}

impl<'c, 't> Parser<'c, 't> {
    pub(crate) fn new(cursor: &'c mut Cursor<'t>) -> Self {
        Parser { cursor, is_default: false, is_in_query: false, depth: 0 }
    }
}

impl Parser<'_, '_> {
    pub(crate) fn expression(&mut self) -> Result<Expression, SyntaxError> {
        self.level(Level::Or)
    }

    /// An expression inside brackets, where no column option can follow.
    pub(crate) fn inner_expression(&mut self) -> Result<Expression, SyntaxError> {
        self.inside(Self::expression)
    }

    /// Reads something inside brackets.
    pub(crate) fn inside<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        let is_default = std::mem::replace(&mut self.is_default, false);
        let found = read(self);
        self.is_default = is_default;
        found
    }

    pub(crate) fn expect_close(&mut self, bracket: Bracket) -> Result<(), SyntaxError> {
        if self.cursor.take_close(bracket) {
            return Ok(());
        }
        Err(self.cursor.expected(match bracket {
            Bracket::Round => "`)`",
            Bracket::Square => "`]`",
            Bracket::Curly => "`}`",
        }))
    }

    pub(crate) fn expect_word(&mut self, word: &str) -> Result<(), SyntaxError> {
        if self.cursor.take_word(word) { Ok(()) } else { Err(self.cursor.expected(&format!("`{word}`"))) }
    }

    /// Reads what binds at least as tightly as `minimum`.
    pub(crate) fn level(&mut self, minimum: Level) -> Result<Expression, SyntaxError> {
        self.deeper(1, |parser| {
            let start = parser.cursor.index();
            let left = parser.prefix()?;
            parser.continued(left, start, minimum)
        })
    }

    /// Reads something that is nested inside of what is being read.
    pub(crate) fn deeper<T>(
        &mut self,
        levels: u32,
        read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        if self.depth + levels > DEEPEST {
            let what = if self.is_in_query { "query" } else { "expression" };
            return Err(SyntaxError {
                message: format!("the {what} is nested too deeply"),
                help: None,
                at: self.cursor.at(),
            });
        }
        self.depth += levels;
        let found = read(self);
        self.depth -= levels;
        found
    }

    /// Reads the operators behind an operand that began at `start`, and what they take.
    pub(crate) fn continued(
        &mut self,
        operand: Expression,
        start: u32,
        minimum: Level,
    ) -> Result<Expression, SyntaxError> {
        let mut left = operand;
        let mut is_compared = false;
        for _ in 0..LONGEST {
            let kind = match self.cursor.peek() {
                Token::Open(Bracket::Square) => self.subscripts(left)?,
                Token::Symbol { symbol: ':', joint: true }
                    if matches!(self.cursor.look_ahead(1), Token::Symbol { symbol: ':', .. })
                        && minimum <= Level::Cast =>
                {
                    let start = self.cursor.index();
                    self.cursor.next();
                    self.cursor.next();
                    let target = Type::parse(self.cursor)?;
                    ExpressionKind::Cast { operand: Box::new(left), target, place: self.cursor.since(start) }
                }
                Token::Symbol { symbol: '.', .. } => {
                    let is_star = matches!(self.cursor.look_ahead(1), Token::Symbol { symbol: '*', .. });
                    let field = self.cursor.name_ahead(1);
                    if field.is_none() && !is_star {
                        return Ok(left);
                    }
                    self.cursor.next();
                    self.cursor.next();
                    match field {
                        Some(field) => ExpressionKind::Field { operand: Box::new(left), field: field.to_owned() },
                        None => ExpressionKind::Fields(Box::new(left)),
                    }
                }
                Token::Symbol { .. } => {
                    let Some((operator, _)) = operator::peek(self.cursor) else { return Ok(left) };
                    let level = operator.level();
                    if level < minimum {
                        return Ok(left);
                    }
                    if level == Level::Comparison && std::mem::replace(&mut is_compared, true) {
                        if let Some(mistake) = logical(&left) {
                            return Err(mistake);
                        }
                        return Err(SyntaxError {
                            message: "comparison operators cannot be chained".into(),
                            help: Some("write `a < b and b < c`, or put one of the comparisons in parentheses".into()),
                            at: self.cursor.at(),
                        });
                    }
                    self.binary(left)?
                }
                Token::Word(word) => match self.word(word, left, minimum)? {
                    Ok(kind) => kind,
                    Err(left) => return Ok(left),
                },
                _ => return Ok(left),
            };
            left = Expression::new(kind, self.cursor.since(start));
        }
        Err(SyntaxError { message: "the expression is too long".into(), help: None, at: self.cursor.at() })
    }

    pub(crate) fn prefix(&mut self) -> Result<Expression, SyntaxError> {
        let start = self.cursor.index();
        let kind = if self.cursor.is_word("not") {
            self.cursor.next();
            ExpressionKind::Not(Box::new(self.level(Level::Not)?))
        } else if matches!(self.cursor.peek(), Token::Symbol { symbol, .. } if *symbol != '*')
            || operator::is_explicit(self.cursor)
        {
            let Some(operator) = operator::take(self.cursor)? else { return self.operand() };
            let operand = Box::new(self.level(operator.prefix_level().next())?);
            ExpressionKind::Unary { operator, operand }
        } else {
            return self.operand();
        };
        Ok(Expression::new(kind, self.cursor.since(start)))
    }

    /// `operator right`, `operator ANY (...)`
    fn binary(&mut self, left: Expression) -> Result<ExpressionKind, SyntaxError> {
        let Some(operator) = operator::take(self.cursor)? else { return Err(self.cursor.expected("an operator")) };
        if let Some(quantifier) = self.quantifier() {
            return self.quantified(left, operator, quantifier);
        }
        let right = self.level(operator.level().next())?;
        Ok(ExpressionKind::Binary { operator, left: Box::new(left), right: Box::new(right) })
    }

    /// Takes `ANY`, `SOME` or `ALL` if a bracket follows it.
    pub(crate) fn quantifier(&mut self) -> Option<Quantifier> {
        if *self.cursor.look_ahead(1) != Token::Open(Bracket::Round) {
            return None;
        }
        let quantifier = if self.cursor.is_word("any") || self.cursor.is_word("some") {
            Quantifier::Any
        } else if self.cursor.is_word("all") {
            Quantifier::All
        } else {
            return None;
        };
        self.cursor.next();
        Some(quantifier)
    }

    pub(crate) fn quantified(
        &mut self,
        operand: Expression,
        operator: Operator,
        quantifier: Quantifier,
    ) -> Result<ExpressionKind, SyntaxError> {
        let array = self.round()?;
        Ok(ExpressionKind::Quantified { operand: Box::new(operand), operator, quantifier, array: Box::new(array) })
    }

    /// What a word after an operand means; `Err` gives the operand back where the word does not continue it.
    fn word(
        &mut self,
        word: &str,
        left: Expression,
        minimum: Level,
    ) -> Result<Result<ExpressionKind, Expression>, SyntaxError> {
        let lower;
        let word = if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
            lower = word.to_ascii_lowercase();
            lower.as_str()
        } else {
            word
        };
        let level = match word {
            "or" => Level::Or,
            "and" => Level::And,
            "is" | "isnull" | "notnull" => Level::Is,
            // `backfill ... where a = b in batches of 1000`
            "in" if matches!(self.cursor.look_ahead(1), Token::Word(_)) => return Ok(Err(left)),
            "in" | "between" | "like" | "ilike" => Level::Membership,
            "similar" if self.cursor.is_words(&["similar", "to"]) => Level::Membership,
            "not" if self.is_negated_membership() => Level::Membership,
            "overlaps" if matches!(left.kind, ExpressionKind::Row(_)) => Level::Other,
            "operator" if operator::is_explicit(self.cursor) => Level::Other,
            "at" if self.cursor.is_words(&["at", "time", "zone"]) => Level::AtTimeZone,
            "at" if self.cursor.is_words(&["at", "local"]) => Level::AtTimeZone,
            "collate" if !self.is_default => Level::Collate,
            _ => return Ok(Err(left)),
        };
        if level < minimum {
            return Ok(Err(left));
        }
        let kind = match word {
            "or" => ExpressionKind::Or(self.chain(left, "or", Level::And)?),
            "and" => ExpressionKind::And(self.chain(left, "and", Level::Not)?),
            "is" => self.is(left)?,
            "isnull" | "notnull" => {
                self.cursor.next();
                ExpressionKind::Is { operand: Box::new(left), test: IsTest::Null, is_negated: word == "notnull" }
            }
            "overlaps" => self.overlaps(left)?,
            "operator" => self.binary(left)?,
            "at" => self.at_time_zone(left)?,
            "collate" => ExpressionKind::Collate { operand: Box::new(left), collation: self.collation()? },
            _ => self.membership(left)?,
        };
        Ok(Ok(kind))
    }

    fn is_negated_membership(&self) -> bool {
        matches!(self.cursor.look_ahead(1), Token::Word(next)
            if ["in", "between", "like", "ilike", "similar"].iter().any(|word| next.eq_ignore_ascii_case(word)))
    }

    fn chain(&mut self, first: Expression, word: &str, level: Level) -> Result<Vec<Expression>, SyntaxError> {
        let mut items = vec![first];
        while self.cursor.take_word(word) {
            items.push(self.level(level)?);
        }
        Ok(items)
    }

    fn at_time_zone(&mut self, left: Expression) -> Result<ExpressionKind, SyntaxError> {
        if self.cursor.take_words(&["at", "local"]) {
            return Ok(Expression::call("timezone", [left]).kind);
        }
        self.cursor.take_words(&["at", "time", "zone"]);
        let zone = Box::new(self.level(Level::AtTimeZone.next())?);
        Ok(ExpressionKind::AtTimeZone { operand: Box::new(left), zone })
    }

    /// The name behind `COLLATE`, which is next.
    pub(crate) fn collation(&mut self) -> Result<Vec<String>, SyntaxError> {
        self.cursor.next();
        let mut collation = Vec::new();
        loop {
            let Some(part) = self.cursor.name_ahead(0) else { return Err(self.cursor.expected("a collation")) };
            collation.push(part.to_owned());
            self.cursor.next();
            if !self.cursor.take_symbol('.') {
                return Ok(collation);
            }
        }
    }

    /// Expressions with commas between them, up to and with the closing bracket. A comma at the end is allowed, but not in a
    /// query.
    pub(crate) fn items(&mut self, bracket: Bracket) -> Result<Vec<Expression>, SyntaxError> {
        let mut items = Vec::new();
        while !self.cursor.take_close(bracket) {
            items.push(self.inner_expression()?);
            if !self.takes_comma(bracket)? {
                break;
            }
        }
        Ok(items)
    }

    /// Takes a comma, or else the closing bracket; says whether it was a comma.
    pub(crate) fn takes_comma(&mut self, bracket: Bracket) -> Result<bool, SyntaxError> {
        if !self.cursor.take_symbol(',') {
            self.expect_close(bracket)?;
            return Ok(false);
        }
        if self.is_in_query && *self.cursor.peek() == Token::Close(bracket) {
            return Err(self.cursor.expected("an expression"));
        }
        Ok(true)
    }

    fn subscripts(&mut self, operand: Expression) -> Result<ExpressionKind, SyntaxError> {
        let mut subscripts = Vec::new();
        while self.cursor.is_open(Bracket::Square) {
            subscripts.push(self.subscript()?);
        }
        Ok(ExpressionKind::Subscript { operand: Box::new(operand), subscripts })
    }

    /// `[1]`, `[1:2]`. The position is at the opening bracket.
    pub(crate) fn subscript(&mut self) -> Result<Subscript, SyntaxError> {
        self.cursor.next();
        let low = if self.cursor.is_symbol(':') { None } else { Some(self.inner_expression()?) };
        let subscript = if self.cursor.take_symbol(':') {
            let is_end = *self.cursor.peek() == Token::Close(Bracket::Square);
            let high = if is_end { None } else { Some(self.inner_expression()?) };
            Subscript::Slice(low, high)
        } else {
            match low {
                Some(index) => Subscript::Index(index),
                None => return Err(self.cursor.expected("a subscript")),
            }
        };
        self.expect_close(Bracket::Square)?;
        Ok(subscript)
    }
}

/// What is wrong with `a > 1 || b > 2` and `a = 1 && b = 2`, of which `left` is all but the last comparison: these
/// operators bind tighter than comparisons, and mean other things.
fn logical(left: &Expression) -> Option<SyntaxError> {
    let ExpressionKind::Binary { right, .. } = &left.kind else { return None };
    let ExpressionKind::Binary { operator, left, .. } = &right.kind else { return None };
    let word = match operator.symbol.as_str() {
        "||" => "or",
        "&&" => "and",
        _ => return None,
    };
    Some(SyntaxError {
        message: format!("unexpected `{}` between two conditions", operator.symbol),
        help: Some(format!("write `{word}`")),
        at: At { start: left.at.end, end: left.at.end + 2 },
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::sql::lex;

    /// The tokens of Rust source: words as written, `"..."` is a text.
    fn rust_tokens(source: &str) -> Vec<Token> {
        lex(source)
            .unwrap()
            .into_iter()
            .map(|token| match token {
                Token::QuotedWord(text) => Token::Text(text),
                other => other,
            })
            .collect()
    }

    /// The SQL of an expression in Rust source, and what stands behind it.
    pub(in super::super) fn read(
        source: &str,
        rule: fn(&mut Cursor<'_>) -> Result<Expression, SyntaxError>,
    ) -> (String, String) {
        let tokens = rust_tokens(source);
        let mut cursor = Cursor::new(&tokens);
        let expression = rule(&mut cursor).unwrap_or_else(|error| panic!("{source}: {error:?}"));
        (expression.sql(), cursor.peek().describe())
    }

    #[test]
    fn a_default_ends_where_a_column_option_begins() {
        for (source, sql, next) in [
            ("gen_random_uuid() primary key", "gen_random_uuid()", "`primary`"),
            ("pending, x", "pending", "`,`"),
            ("now() on update now()", "now()", "`on`"),
            ("1 check (a > 0)", "1", "`check`"),
            ("\"x\" collate \"C\"", "'x'", "`collate`"),
            ("a || (b collate c) collate d", "a || b COLLATE c", "`collate`"),
            ("0 not null", "0", "`not`"),
            ("5 generated always", "5", "`generated`"),
            ("{} unique", "'{}'", "`unique`"),
            ("[] references users", "ARRAY[]", "`references`"),
            ("-1.5 }", "-1.5", "`}`"),
            ("now() at time zone \"utc\" unique", "now() AT TIME ZONE 'utc'", "`unique`"),
        ] {
            assert_eq!(read(source, parse_default), (sql.into(), next.into()), "{source}");
        }
    }

    #[test]
    fn an_expression_ends_before_what_cannot_continue_it() {
        for (source, sql, next) in [
            ("status <> cancelled in batches of 5", "status <> cancelled", "`in`"),
            ("a = 1; b", "a = 1", "`;`"),
            ("a = 1) b", "a = 1", "`)`"),
            ("details ->> \"a\" = \"b\", c = 1", "details ->> 'a' = 'b'", "`,`"),
            ("a..b", "a", "`.`"),
            ("\"a b\".\"c d\" + 1; x", "\"a b\".\"c d\" + 1", "`;`"),
        ] {
            assert_eq!(read(source, parse), (sql.into(), next.into()), "{source}");
        }
    }

    #[test]
    fn precedence_is_that_of_postgresql() {
        for (one, other) in [
            ("a or b and not c = d", "a or (b and (not (c = d)))"),
            ("a + b * c ^ d", "a + (b * (c ^ d))"),
            ("2 ^ 3 ^ 2", "(2 ^ 3) ^ 2"),
            ("- a ^ b", "(- a) ^ b"),
            ("a || b = c || d", "(a || b) = (c || d)"),
            ("a -> 'b' ->> 'c' = 'd'", "((a -> 'b') ->> 'c') = 'd'"),
            ("a - b < c + 1", "(a - b) < (c + 1)"),
            ("a < b is null", "(a < b) is null"),
            ("a in (1) = b", "(a in (1)) = b"),
            ("a between 1 and 2 and b", "(a between 1 and 2) and b"),
            ("a::int + 1", "(a::int) + 1"),
            ("a at time zone 'x' + b", "(a at time zone 'x') + b"),
            ("a is distinct from b and c", "(a is distinct from b) and c"),
            ("a << 1 + 2", "a << (1 + 2)"),
            ("~ a + b", "~ (a + b)"),
            ("a like 'x' || 'y'", "a like ('x' || 'y')"),
        ] {
            assert_eq!(one.parse::<Expression>().unwrap(), other.parse().unwrap(), "{one}");
        }
    }

    #[test]
    fn operators_need_no_space_around_them() {
        for (source, sql) in [
            ("a=-1", "a = -1"),
            ("a*-b", "a * -b"),
            ("a->>'x'", "a ->> 'x'"),
            ("a<-1", "a < -1"),
            ("a::int=1", "a::integer = 1"),
            ("a@>b", "a @> b"),
            ("f(a=>1)", "f(a => 1)"),
        ] {
            assert_eq!(source.parse::<Expression>().unwrap().sql(), sql);
        }
    }

    #[test]
    fn an_error_stands_at_the_token_in_the_way() {
        for (source, message, at) in [
            ("a +", "expected an expression, found the end", 2),
            ("a and", "expected an expression, found the end", 2),
            ("(a", "expected `)`, found the end", 2),
            ("a in ()", "the list after `in` is empty", 2),
            ("a in 1", "expected `(`, found `1`", 2),
            ("a < b < c", "comparison operators cannot be chained", 3),
            ("case a end", "expected `when`, found `end`", 2),
            ("case when a 1 end", "expected `then`, found `1`", 3),
            ("select 1", "expected an expression, found `select`", 0),
            ("a is b", "expected `null`, `true`, `false`, `unknown` or `distinct from`, found `b`", 2),
            ("a between 1 or 2", "expected `and`, found `or`", 3),
            ("and a", "expected an expression, found `and`", 0),
            ("a b", "expected the end of the expression, found `b`", 1),
            ("a::", "expected a type, found the end", 3),
        ] {
            let error = source.parse::<Expression>().unwrap_err();
            assert_eq!((error.message.as_str(), error.at.start), (message, at), "{source}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(deep.parse::<Expression>().unwrap_err().message, "the expression is nested too deeply");
        let signs = "- ".repeat(5000) + "1";
        assert!(signs.parse::<Expression>().is_err());
        let long = "a + ".repeat(1000) + "1";
        assert!(long.parse::<Expression>().is_ok());
        assert!(long.repeat(9).replace("1a", "1 + a").parse::<Expression>().is_err());
    }
}
