//! The writer of SQL text: the only place that quotes.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::keywords;
use super::lexer::dollar_tag;
use crate::expression::{self, Expression, Operator};
use crate::name::{QualifiedName, split_class, split_schema};
use crate::query::{self, Query, Statement};
use crate::types::Type;

/// The name as an SQL identifier: quoted only where it must be, as `quote_ident` does.
pub fn quote_identifier(name: &str) -> Cow<'_, str> {
    if is_plain_identifier(name) && !keywords::is_reserved(name) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(enclosed(name, '"'))
    }
}

/// Whether an unquoted word reads back as this name, apart from keywords.
fn is_plain_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A text between quotes, with those in it doubled.
pub(crate) fn enclosed(text: &str, quote: char) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(quote);
    for character in text.chars() {
        if character == quote {
            quoted.push(quote);
        }
        quoted.push(character);
    }
    quoted.push(quote);
    quoted
}

/// The text as an SQL string literal, whatever `standard_conforming_strings` is.
pub fn quote_literal(text: &str) -> String {
    if text.contains('\\') { format!("E{}", enclosed(&text.replace('\\', "\\\\"), '\'')) } else { enclosed(text, '\'') }
}

/// The name with its schema, each quoted where it must be.
pub fn qualified(name: &QualifiedName) -> String {
    format!("{}.{}", quote_identifier(&name.schema), quote_identifier(&name.name))
}

/// The name of a function as it is called: keywords that may name a function stay bare.
pub(crate) fn quote_function_name(name: &str) -> Cow<'_, str> {
    let is_bare = match keywords::category(name) {
        None | Some(keywords::KeywordCategory::Unreserved | keywords::KeywordCategory::FunctionOrType) => true,
        Some(_) => {
            matches!(name, "coalesce" | "nullif" | "greatest" | "least" | "grouping" | "merge_action" | "substring")
        }
    };
    if is_bare && is_plain_identifier(name) { Cow::Borrowed(name) } else { Cow::Owned(enclosed(name, '"')) }
}

/// Builds one SQL statement from left to right and puts the spaces between its parts.
///
/// ```
/// use migrate_core::{name::QualifiedName, sql::Writer, types::Type};
/// let sql = Writer::new()
///     .keyword("ALTER TABLE")
///     .name(&QualifiedName::new("order"))
///     .keyword("ADD COLUMN")
///     .identifier("note")
///     .type_(&Type::TEXT)
///     .finish();
/// assert_eq!(sql, "ALTER TABLE public.\"order\" ADD COLUMN note text");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Writer {
    text: String,
    /// Whether the next part touches what is there.
    is_glued: bool,
    indentation: usize,
}

impl Writer {
    /// An empty statement.
    pub fn new() -> Self {
        Writer { text: String::new(), is_glued: true, indentation: 0 }
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.text
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    fn separate(&mut self) {
        if !self.is_glued {
            self.text.push(' ');
        }
        self.is_glued = false;
    }

    fn part(mut self, part: &str) -> Self {
        if !part.is_empty() {
            self.separate();
            self.text.push_str(part);
        }
        self
    }

    /// Lets the next part follow without a space.
    pub(crate) fn glue(mut self) -> Self {
        self.is_glued = true;
        self
    }

    /// A keyword or several, in upper case by convention.
    pub fn keyword(self, keyword: &'static str) -> Self {
        self.part(keyword)
    }

    /// A keyword that is written only under a condition.
    pub fn keyword_if(self, condition: bool, keyword: &'static str) -> Self {
        if condition { self.part(keyword) } else { self }
    }

    /// Punctuation or an operator with spaces around it, such as `=`.
    pub fn symbol(self, symbol: &'static str) -> Self {
        self.part(symbol)
    }

    /// An operator, as `OPERATOR(schema.=)` where it has a schema.
    pub fn operator(self, operator: &Operator) -> Self {
        match &operator.schema {
            Some(schema) => {
                self.part("OPERATOR(").glue().identifier(schema).dot().part(&operator.symbol).glue().part(")")
            }
            None => self.part(&operator.symbol),
        }
    }

    /// A dot between two identifiers, without spaces.
    pub fn dot(mut self) -> Self {
        self.text.push('.');
        self.is_glued = true;
        self
    }

    /// A comma, which touches what is before it.
    pub fn comma(mut self) -> Self {
        self.text.push(',');
        self
    }

    /// A semicolon, which touches what is before it.
    pub fn semicolon(mut self) -> Self {
        self.text.push(';');
        self
    }

    /// A name as `schema.name` where it is written with its schema.
    pub fn dotted_name(self, name: &str) -> Self {
        match split_schema(name) {
            Some((schema, name)) => self.identifier(schema).dot().identifier(name),
            None => self.identifier(name),
        }
    }

    /// An operator class, with its schema where it is written with that.
    pub fn operator_class(self, class: &str) -> Self {
        match split_class(class) {
            Some((schema, class)) => self.identifier(schema).dot().identifier(class),
            None => self.identifier(class),
        }
    }

    /// The name of an operator: its schema, and its characters as they are.
    pub fn operator_name(self, name: &QualifiedName) -> Self {
        self.identifier(&name.schema).dot().part(&name.name)
    }

    /// A name of something that has no schema: a column, a constraint, a role, a schema.
    pub fn identifier(self, name: &str) -> Self {
        self.part(&quote_identifier(name))
    }

    /// A name with its schema.
    pub fn name(self, name: &QualifiedName) -> Self {
        self.identifier(&name.schema).dot().identifier(&name.name)
    }

    /// The name of a function as it is called, with or without a schema.
    pub fn function_name(self, schema: Option<&str>, name: &str) -> Self {
        match schema {
            Some(schema) => self.identifier(schema).dot().part(&quote_function_name(name)),
            None => self.part(&quote_function_name(name)),
        }
    }

    /// `COLLATE` and a collation, as `schema.name` where it is written with its schema.
    pub fn collation(self, name: &str) -> Self {
        self.keyword("COLLATE").dotted_name(name)
    }

    /// A type, in PostgreSQL's own spelling.
    pub fn type_(mut self, type_: &Type) -> Self {
        self.separate();
        type_.write_sql(&mut self.text);
        self
    }

    /// A string literal.
    pub fn literal(self, text: &str) -> Self {
        self.part(&quote_literal(text))
    }

    /// A whole number.
    pub fn integer(mut self, number: impl Into<i128>) -> Self {
        self.separate();
        let number: i128 = number.into();
        // Writing into a String cannot fail.
        let _ = write!(self.text, "{number}");
        self
    }

    /// A number as it was written in the source (digits, point, exponent).
    pub fn number(self, number: &str) -> Self {
        self.part(number)
    }

    /// A string in dollar quotes with a tag that the body does not contain: the body of a function.
    pub fn dollar_quoted(mut self, body: &str) -> Self {
        self.separate();
        let mut tag = String::from("$$");
        let mut number = 0_u32;
        // A body that ends with a part of the delimiter (`...$`) would run into it.
        while body.contains(tag.as_str()) || body.ends_with('$') && tag == "$$" {
            number += 1;
            tag = if number == 1 { "$body$".into() } else { format!("$body{number}$") };
        }
        debug_assert!(dollar_tag(&tag).is_some());
        self.text.push_str(&tag);
        self.text.push_str(body);
        self.text.push_str(&tag);
        self
    }

    /// SQL text that came as a whole from the user or the server: a query, an option's value.
    pub fn raw(self, sql: &str) -> Self {
        self.part(sql)
    }

    /// A query.
    pub fn query(mut self, query: &Query) -> Self {
        self.separate();
        query::write::write_into(&mut self.text, query);
        self
    }

    /// A statement that reads or changes rows.
    pub fn statement(mut self, statement: &Statement) -> Self {
        self.separate();
        query::write::write_statement_into(&mut self.text, statement);
        self
    }

    /// An expression where any expression may stand.
    pub fn expression(mut self, expression: &Expression) -> Self {
        self.separate();
        expression::write_into(&mut self.text, expression);
        self
    }

    /// An expression in parentheses: `CHECK (...)`, `USING (...)`, `WHERE (...)`.
    pub fn enclosed_expression(self, expression: &Expression) -> Self {
        self.parenthesized(|writer| writer.expression(expression))
    }

    /// An expression after `DEFAULT`: in parentheses unless it is one operand.
    pub fn default_expression(self, expression: &Expression) -> Self {
        if expression.is_operand() { self.expression(expression) } else { self.enclosed_expression(expression) }
    }

    /// An expression as an element of an index or of a partition key: a column or a call stands bare,
    /// everything else in parentheses.
    pub fn index_element(self, expression: &Expression) -> Self {
        if expression.is_index_element() { self.expression(expression) } else { self.enclosed_expression(expression) }
    }

    /// Parts in parentheses, after a space.
    pub fn parenthesized(self, write: impl FnOnce(Writer) -> Writer) -> Self {
        let mut writer = self.part("(");
        writer.is_glued = true;
        let mut writer = write(writer);
        writer.text.push(')');
        writer.is_glued = false;
        writer
    }

    /// Parts in parentheses that touch what is before them: the arguments of a function.
    pub fn arguments<T>(self, items: impl IntoIterator<Item = T>, write: impl FnMut(Writer, T) -> Writer) -> Self {
        self.glue().list(items, write)
    }

    /// Items with commas between them.
    pub fn comma_separated<T>(
        self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(Writer, T) -> Writer,
    ) -> Self {
        let mut writer = self;
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                writer.text.push(',');
            }
            writer = write(writer, item);
        }
        writer
    }

    /// Items in parentheses with commas between them, after a space.
    pub fn list<T>(self, items: impl IntoIterator<Item = T>, write: impl FnMut(Writer, T) -> Writer) -> Self {
        self.parenthesized(|writer| writer.comma_separated(items, write))
    }

    /// Identifiers in parentheses: `(a, b)`.
    pub fn identifiers<S: AsRef<str>>(self, names: impl IntoIterator<Item = S>) -> Self {
        self.list(names, |writer, name| writer.identifier(name.as_ref()))
    }

    /// Items in parentheses, each on its own line: the columns of `CREATE TABLE`.
    pub fn lines<T>(self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(Writer, T) -> Writer) -> Self {
        let mut writer = self.part("(");
        writer.indentation += 1;
        let mut is_any = false;
        for item in items {
            if is_any {
                writer.text.push(',');
            }
            is_any = true;
            writer = write(writer.new_line(), item);
        }
        writer.indentation -= 1;
        if is_any {
            writer = writer.new_line();
        }
        writer.text.push(')');
        writer.is_glued = false;
        writer
    }

    /// Starts a new line.
    pub fn new_line(mut self) -> Self {
        self.text.push('\n');
        for _ in 0..self.indentation {
            self.text.push_str("    ");
        }
        self.is_glued = true;
        self
    }

    /// Parts that are written only under a condition.
    pub fn when(self, condition: bool, write: impl FnOnce(Writer) -> Writer) -> Self {
        if condition { write(self) } else { self }
    }

    /// Parts that are written only where there is a value.
    pub fn optional<T>(self, value: Option<T>, write: impl FnOnce(Writer, T) -> Writer) -> Self {
        match value {
            Some(value) => write(self, value),
            None => self,
        }
    }

    /// Parts that are written for each item, with spaces between them.
    pub fn each<T>(self, items: impl IntoIterator<Item = T>, write: impl FnMut(Writer, T) -> Writer) -> Self {
        items.into_iter().fold(self, write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_only_when_it_must_be() {
        for plain in ["bookings", "_a1", "name", "status", "type"] {
            assert_eq!(quote_identifier(plain), plain);
        }
        for (name, quoted) in
            [("order", "\"order\""), ("userId", "\"userId\""), ("1a", "\"1a\""), ("a\"b", "\"a\"\"b\""), ("ö", "\"ö\"")]
        {
            assert_eq!(quote_identifier(name), quoted);
        }
        assert_eq!(quote_identifier(""), "\"\"");
    }

    #[test]
    fn a_literal_escapes_quotes_and_backslashes() {
        assert_eq!(quote_literal("it's"), "'it''s'");
        assert_eq!(quote_literal(r"a\'b"), r"E'a\\''b'");
    }

    #[test]
    fn parts_are_separated_and_brackets_are_tight() {
        let sql = Writer::new()
            .keyword("CREATE UNIQUE INDEX")
            .identifier("i")
            .keyword("ON")
            .name(&QualifiedName::new("t"))
            .identifiers(["a", "b"])
            .keyword("WITH")
            .parenthesized(|writer| writer.identifier("fillfactor").symbol("=").integer(70))
            .finish();
        assert_eq!(sql, "CREATE UNIQUE INDEX i ON public.t (a, b) WITH (fillfactor = 70)");
    }

    #[test]
    fn lines_are_indented() {
        let sql = Writer::new()
            .keyword("CREATE TABLE")
            .identifier("t")
            .lines(["a", "b"], |writer, name| writer.identifier(name).keyword("integer"))
            .finish();
        assert_eq!(sql, "CREATE TABLE t (\n    a integer,\n    b integer\n)");
        assert_eq!(
            Writer::new().keyword("CREATE TABLE t").lines([""; 0], |writer, _| writer).finish(),
            "CREATE TABLE t ()"
        );
    }

    #[test]
    fn dollar_quotes_have_a_tag_that_the_body_does_not_contain() {
        assert_eq!(Writer::new().dollar_quoted("a").finish(), "$$a$$");
        assert_eq!(Writer::new().dollar_quoted("a$$b").finish(), "$body$a$$b$body$");
        assert_eq!(Writer::new().dollar_quoted("$1 = $").finish(), "$body$$1 = $$body$");
    }

    #[test]
    fn arguments_touch_the_function() {
        let sql = Writer::new()
            .keyword("EXECUTE FUNCTION")
            .name(&QualifiedName::new("f"))
            .arguments(["a"], |writer, argument| writer.literal(argument))
            .finish();
        assert_eq!(sql, "EXECUTE FUNCTION public.f('a')");
    }
}
