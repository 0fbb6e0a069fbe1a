//! Expressions: a tree of everything that stands in defaults, checks, index expressions, predicates, generated
//! columns, `SET` clauses and policies.
//!
//! [`parse`] reads both SQL text and Rust source, [`write()`] gives the SQL text, and [`canonical`] the form in which
//! what we predict and what PostgreSQL deparses are equal.

mod assigned;
mod call;
mod canonical;
mod canonical_literal;
#[cfg(test)]
mod deparsed_samples;
mod functions;
mod group;
mod json;
mod named_in_text;
mod operand;
mod operator;
mod parse;
mod predicate;
mod special;
#[cfg(feature = "runtime")]
mod text_read_as;
mod visit;
mod volatility;
mod words;
mod write;

pub use canonical::canonical;
pub(crate) use canonical::canonical_part;
pub use functions::{is_system_function, return_type};
pub(crate) use group::{Group, begins_query, continues_query, leads_to_query};
pub use named_in_text::{NamedInText, argument_read_as};
pub use operator::Operator;
pub(crate) use operator::{Level, take as take_operator};
pub(crate) use parse::Parser;
pub use parse::{parse, parse_default};
#[cfg(feature = "runtime")]
pub(crate) use text_read_as::text_read_as;
pub use volatility::{Volatility, volatility};
pub use words::{IsTest, JsonShape, LikeForm, NormalForm, Quantifier, SessionValue, TrimSide};
pub use write::write;
pub(crate) use write::{Output, write_into};

use crate::json::ToJson;
use crate::query::{JsonFunction, OrderItem, Over, Query, XmlFunction};
use crate::sql::lex;
use crate::token::{At, Cursor, SyntaxError};
use crate::types::Type;

/// An expression with its place. Expressions compare by meaning: places are always equal.
#[derive(Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(into = "String", try_from = "String")]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands in the source.
    pub at: At,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpressionKind {
    /// `NULL`
    Null,
    /// `TRUE`, `FALSE`
    Boolean(bool),
    /// A number without a sign, as written.
    Number(String),
    /// The value of a string literal.
    Text(String),
    /// `B'101'`, `X'1F'`
    BitText {
        /// Whether the digits are hexadecimal.
        is_hexadecimal: bool,
        /// The digits.
        digits: String,
    },
    /// A JSON value written as `{ ... }` in Rust source. [`Expression::assigned_to`] makes it a literal of its type.
    Json(crate::json::Value),
    /// `$1`
    Parameter(u32),
    /// A column or whatever the name means: `total`, `bookings.total`.
    Name(Vec<String>),
    /// `*`, `bookings.*`
    Star(Vec<String>),
    /// `CURRENT_TIMESTAMP` and its kin, which are called without parentheses.
    SessionValue {
        /// Which one.
        value: SessionValue,
        /// Digits of the seconds' fraction.
        precision: Option<u32>,
    },
    /// A function call.
    Call(Call),
    /// `-x`, `~x`
    Unary {
        /// The operator before the operand.
        operator: Operator,
        /// The operand.
        operand: Box<Expression>,
    },
    /// `a + b`, `a = b`, `a @> b`
    Binary {
        /// The operator between the operands.
        operator: Operator,
        /// The left operand.
        left: Box<Expression>,
        /// The right operand.
        right: Box<Expression>,
    },
    /// `a AND b AND c`, two or more.
    And(Vec<Expression>),
    /// `a OR b OR c`, two or more.
    Or(Vec<Expression>),
    /// `NOT a`
    Not(Box<Expression>),
    /// `a IS NULL`, `a IS NOT TRUE`
    Is {
        /// What is tested.
        operand: Box<Expression>,
        /// The test.
        test: IsTest,
        /// Whether it is `IS NOT`.
        is_negated: bool,
    },
    /// `a IS DISTINCT FROM b`
    IsDistinct {
        /// The left operand.
        left: Box<Expression>,
        /// The right operand.
        right: Box<Expression>,
        /// Whether it is `IS NOT DISTINCT FROM`.
        is_negated: bool,
        /// Where its words are.
        place: At,
    },
    /// `a IN (b, c)`, `a IN (SELECT ...)` with the one item [`ExpressionKind::Subquery`].
    In {
        /// What is looked for.
        operand: Box<Expression>,
        /// Where.
        items: Vec<Expression>,
        /// Whether it is `NOT IN`.
        is_negated: bool,
    },
    /// `a BETWEEN b AND c`
    Between {
        /// What is compared.
        operand: Box<Expression>,
        /// The lower end.
        low: Box<Expression>,
        /// The upper end.
        high: Box<Expression>,
        /// Whether the ends may be swapped.
        is_symmetric: bool,
        /// Whether it is `NOT BETWEEN`.
        is_negated: bool,
    },
    /// `a LIKE b ESCAPE c`
    Like {
        /// Which of the matches.
        form: LikeForm,
        /// What is matched.
        operand: Box<Expression>,
        /// The pattern.
        pattern: Box<Expression>,
        /// The escape character.
        escape: Option<Box<Expression>>,
        /// Whether it is `NOT LIKE`.
        is_negated: bool,
        /// Where its words are.
        place: At,
    },
    /// `a = ANY (b)`, `a <> ALL (b)`
    Quantified {
        /// What is compared.
        operand: Box<Expression>,
        /// How.
        operator: Operator,
        /// With any or with all of the elements.
        quantifier: Quantifier,
        /// The array or sub-select.
        array: Box<Expression>,
    },
    /// `a::type`, `CAST(a AS type)`
    Cast {
        /// What is converted.
        operand: Box<Expression>,
        /// The type it becomes.
        target: Type,
        /// Where `::` is with the type, or `CAST`.
        place: At,
    },
    /// `interval '1 day'`, `date '2020-01-01'`
    TypedText {
        /// The type.
        target: Type,
        /// The value of the string literal.
        text: String,
    },
    /// `ARRAY[a, b]`, `[a, b]`
    Array(Vec<Expression>),
    /// `ARRAY(SELECT ...)`
    ArraySubquery(Box<Query>),
    /// `ROW(a, b)`, `(a, b)`
    Row(Vec<Expression>),
    /// `CASE`
    Case {
        /// What the branches are compared with.
        operand: Option<Box<Expression>>,
        /// The branches.
        branches: Vec<CaseBranch>,
        /// `ELSE`
        otherwise: Option<Box<Expression>>,
    },
    /// `a AT TIME ZONE b`
    AtTimeZone {
        /// The point in time.
        operand: Box<Expression>,
        /// The zone.
        zone: Box<Expression>,
    },
    /// `a COLLATE "C"`
    Collate {
        /// What is sorted or compared.
        operand: Box<Expression>,
        /// The parts of the collation's name.
        collation: Vec<String>,
    },
    /// `a[1]`, `a[1:2][3]`
    Subscript {
        /// The array.
        operand: Box<Expression>,
        /// One for each pair of brackets.
        subscripts: Vec<Subscript>,
    },
    /// `(a).b`
    Field {
        /// The composite value.
        operand: Box<Expression>,
        /// The field.
        field: String,
    },
    /// `(a).*`
    Fields(Box<Expression>),
    /// `(SELECT ...)`
    Subquery(Box<Query>),
    /// `EXISTS (SELECT ...)`
    Exists(Box<Query>),
    /// `EXTRACT(field FROM source)`
    Extract {
        /// The field, in lower case.
        field: String,
        /// What it is taken from.
        source: Box<Expression>,
    },
    /// `POSITION(needle IN haystack)`
    Position {
        /// What is looked for.
        needle: Box<Expression>,
        /// Where.
        haystack: Box<Expression>,
    },
    /// `SUBSTRING(source FROM start FOR length)`; with commas it is a call.
    Substring {
        /// The whole.
        source: Box<Expression>,
        /// `FROM`: a position or a pattern.
        start: Option<Box<Expression>>,
        /// `FOR`
        length: Option<Box<Expression>>,
    },
    /// `OVERLAY(source PLACING replacement FROM start FOR length)`
    Overlay {
        /// The whole.
        source: Box<Expression>,
        /// What is put in.
        replacement: Box<Expression>,
        /// Where.
        start: Box<Expression>,
        /// How much is replaced.
        length: Option<Box<Expression>>,
    },
    /// `TRIM(BOTH characters FROM source)`
    Trim {
        /// On which side.
        side: TrimSide,
        /// Which characters; blanks when there are none.
        characters: Option<Box<Expression>>,
        /// What is trimmed.
        source: Box<Expression>,
    },
    /// `NORMALIZE(a, NFKC)`; without a form it is a call.
    Normalize {
        /// The text.
        operand: Box<Expression>,
        /// The form it gets.
        form: NormalForm,
    },
    /// `TREAT(a AS type)`
    Treat {
        /// The value.
        operand: Box<Expression>,
        /// What it is taken for.
        target: Type,
    },
    /// A function of SQL/JSON with words between its arguments.
    JsonFunction(Box<JsonFunction>),
    /// A function of SQL/XML with words between its arguments.
    XmlFunction(Box<XmlFunction>),
    /// `DEFAULT`, in place of a value that is inserted or set.
    Default,
    /// `CURRENT OF bookings_cursor`, the condition of `UPDATE` and `DELETE` in a loop.
    CurrentOf(String),
}

/// A function call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The schema, where it is written.
    pub schema: Option<String>,
    /// The name; `coalesce`, `nullif`, `greatest` and `least` are names like others.
    pub name: String,
    /// The arguments.
    pub arguments: Vec<Argument>,
    /// Whether `DISTINCT` stands before the arguments.
    pub is_distinct: bool,
    /// Whether `VARIADIC` stands before the last argument.
    pub is_variadic: bool,
    /// `ORDER BY` behind the arguments.
    pub order_by: Vec<OrderItem>,
    /// `WITHIN GROUP (ORDER BY ...)`
    pub within_group: Vec<OrderItem>,
    /// `FILTER (WHERE ...)`
    pub filter: Option<Box<Expression>>,
    /// `OVER`
    pub over: Option<Box<Over>>,
}

impl Call {
    /// A call without arguments of a function of the search path.
    pub fn new(name: impl Into<String>) -> Call {
        Call {
            schema: None,
            name: name.into(),
            arguments: Vec::new(),
            is_distinct: false,
            is_variadic: false,
            order_by: Vec::new(),
            within_group: Vec::new(),
            filter: None,
            over: None,
        }
    }

    /// Whether it gives one of its arguments, as `coalesce` does: these and what it gives are of one type.
    pub fn is_choice(&self) -> bool {
        self.schema.is_none() && functions::CHOICES.contains(&self.name.as_str())
    }
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// `name =>`
    pub name: Option<String>,
    /// The value; [`ExpressionKind::Star`] in `count(*)`.
    pub value: Expression,
}

/// One `WHEN ... THEN ...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseBranch {
    /// `WHEN`
    pub condition: Expression,
    /// `THEN`
    pub result: Expression,
}

/// What stands in a pair of square brackets after an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subscript {
    /// `[1]`
    Index(Expression),
    /// `[1:2]`, `[:2]`
    Slice(Option<Expression>, Option<Expression>),
}

impl From<ExpressionKind> for Expression {
    fn from(kind: ExpressionKind) -> Expression {
        Expression { kind, at: At::default() }
    }
}

impl Clone for Expression {
    /// One copy of this code for each binary: derived, it would stand in each place that clones what has an expression.
    #[inline(never)]
    fn clone(&self) -> Self {
        Expression { kind: self.kind.clone(), at: self.at }
    }
}

impl Expression {
    /// An expression at a place.
    pub fn new(kind: ExpressionKind, at: At) -> Expression {
        Expression { kind, at }
    }

    /// `NULL`
    pub fn null() -> Expression {
        ExpressionKind::Null.into()
    }

    /// `TRUE` or `FALSE`
    pub fn boolean(value: bool) -> Expression {
        ExpressionKind::Boolean(value).into()
    }

    /// A string literal.
    pub fn text(text: impl Into<String>) -> Expression {
        ExpressionKind::Text(text.into()).into()
    }

    /// A whole number.
    pub fn number(number: i64) -> Expression {
        let digits = Expression::from(ExpressionKind::Number(number.unsigned_abs().to_string()));
        if number < 0 { digits.negated_number() } else { digits }
    }

    fn negated_number(self) -> Expression {
        ExpressionKind::Unary { operator: Operator::new("-"), operand: Box::new(self) }.into()
    }

    /// A column.
    pub fn name(name: impl Into<String>) -> Expression {
        ExpressionKind::Name(vec![name.into()]).into()
    }

    /// A column, the same as [`Expression::name`].
    pub fn column(name: impl Into<String>) -> Expression {
        Expression::name(name)
    }

    /// A call of a function of the search path.
    pub fn call(name: impl Into<String>, arguments: impl IntoIterator<Item = Expression>) -> Expression {
        let arguments = arguments.into_iter().map(|value| Argument { name: None, value }).collect();
        ExpressionKind::Call(Call { arguments, ..Call::new(name) }).into()
    }

    /// `left operator right`
    pub fn binary(left: Expression, operator: &str, right: Expression) -> Expression {
        ExpressionKind::Binary { operator: Operator::new(operator), left: Box::new(left), right: Box::new(right) }
            .into()
    }

    /// `operand IS NOT NULL`
    pub fn is_not_null(operand: Expression) -> Expression {
        ExpressionKind::Is { operand: Box::new(operand), test: IsTest::Null, is_negated: true }.into()
    }

    /// `operand IS NULL`
    pub fn null_test(operand: Expression) -> Expression {
        ExpressionKind::Is { operand: Box::new(operand), test: IsTest::Null, is_negated: false }.into()
    }

    /// `operand::target`
    pub fn cast(operand: Expression, target: Type) -> Expression {
        ExpressionKind::Cast { operand: Box::new(operand), target, place: At::default() }.into()
    }

    /// The SQL text.
    pub fn sql(&self) -> String {
        write(self)
    }

    /// The name, where the expression is nothing but an unqualified name.
    pub fn as_name(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::Name(parts) => match parts.as_slice() {
                [name] => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value, where the expression is nothing but a string literal.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `NULL`, with or without a cast.
    pub fn is_null(&self) -> bool {
        match &self.kind {
            ExpressionKind::Null => true,
            ExpressionKind::Cast { operand, .. } => operand.is_null(),
            _ => false,
        }
    }

    /// Whether it is a literal or a name alone, so that it calls nothing.
    pub fn is_plain(&self) -> bool {
        matches!(
            self.kind,
            ExpressionKind::Null
                | ExpressionKind::Boolean(_)
                | ExpressionKind::Number(_)
                | ExpressionKind::Text(_)
                | ExpressionKind::Json(_)
                | ExpressionKind::Parameter(_)
                | ExpressionKind::Name(_)
        )
    }

    /// Whether it calls a window function, outside of sub-selects.
    pub fn has_window(&self) -> bool {
        let mut found = false;
        self.visit(&mut |part| found |= matches!(&part.kind, ExpressionKind::Call(call) if call.over.is_some()));
        found
    }

    /// Whether it is written down as a value: a literal, with or without a sign or a cast.
    pub fn is_literal(&self) -> bool {
        match &self.kind {
            ExpressionKind::Null
            | ExpressionKind::Boolean(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::Text(_)
            | ExpressionKind::BitText { .. }
            | ExpressionKind::Json(_)
            | ExpressionKind::TypedText { .. } => true,
            ExpressionKind::Unary { operator, operand } => {
                operator.schema.is_none()
                    && matches!(operator.symbol.as_str(), "-" | "+")
                    && matches!(operand.kind, ExpressionKind::Number(_))
            }
            ExpressionKind::Cast { operand, .. } => operand.is_literal(),
            ExpressionKind::Array(items) => items.iter().all(Expression::is_literal),
            _ => false,
        }
    }
}

impl std::str::FromStr for Expression {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Expression, SyntaxError> {
        let tokens = lex(text)?;
        let mut cursor = Cursor::of_sql(&tokens);
        let expression = parse(&mut cursor)?;
        if cursor.is_at_end() { Ok(expression) } else { Err(cursor.expected("the end of the expression")) }
    }
}

impl std::fmt::Display for Expression {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&write(self))
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> String {
        write(&expression)
    }
}

impl TryFrom<String> for Expression {
    type Error = String;

    fn try_from(text: String) -> Result<Expression, String> {
        text.parse().map_err(|error: SyntaxError| format!("`{text}` is not an expression: {}", error.message))
    }
}
