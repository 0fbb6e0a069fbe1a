//! `return $1 + 1`, `begin atomic { insert into ...; select ... }`: bodies in standard SQL, which PostgreSQL keeps parsed.

use migrate_core::object::{Body, Function, ObjectId, StandardBody};
use migrate_core::query::Query;
use migrate_core::sql::lex;
use migrate_core::token::{At, Bracket, Cursor, Token};

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser};
#[cfg(feature = "print")]
use crate::print::{self, Printed, text};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use migrate_core::query::Statement;

/// A body as it is written.
#[derive(Clone)]
pub(super) struct BodyClause {
    body: StandardBody,
    /// The text's place, where it is written as one: all in it is said to be there.
    text_at: Option<At>,
    pub(super) at: At,
}

impl BodyClause {
    /// Takes a body, where one begins.
    pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Self>> {
        let start = parser.cursor.index();
        if parser.cursor.take_word("return") {
            let value = parser.expression()?.value;
            let body = StandardBody::Return(Box::new(Query::of_value(value)));
            return Ok(Some(BodyClause { body, text_at: None, at: parser.cursor.since(start) }));
        }
        if !parser.cursor.take_word("begin") {
            return Ok(None);
        }
        parser.word("atomic")?;
        if let Token::Text(text) = parser.cursor.peek() {
            let at = parser.cursor.at();
            parser.cursor.next();
            let failed =
                |message: String| Diagnostic::new(code::INVALID_SQL, format!("this SQL cannot be read: {message}"), at);
            let tokens = lex(text).map_err(|error| failed(error.message))?;
            let mut cursor = Cursor::of_sql(&tokens);
            let body = StandardBody::parse_statements(&mut cursor).map_err(|error| failed(error.message))?;
            if !cursor.is_at_end() {
                return Err(failed(cursor.expected("a statement that reads or changes rows").message));
            }
            return Ok(Some(BodyClause { body: StandardBody::Atomic(body), text_at: Some(at), at }));
        }
        if !parser.cursor.is_open(Bracket::Curly) {
            let at = parser.cursor.since(start);
            parser.mistakes.push(
                Diagnostic::new(code::SYNTAX, "the statements after `begin atomic` must be in braces", at)
                    .help("write `begin atomic { ...; ... }`, without `end`"),
            );
            while !parser.cursor.take_word("end") && !parser.cursor.is_at_end() {
                parser.cursor.next();
            }
            return Ok(Some(BodyClause { body: StandardBody::Atomic(Vec::new()), text_at: None, at }));
        }
        parser.open(Bracket::Curly, "`{`")?;
        let body = StandardBody::parse_statements(&mut parser.cursor)?;
        parser.close(Bracket::Curly, "`}`")?;
        Ok(Some(BodyClause { body: StandardBody::Atomic(body), text_at: None, at: parser.cursor.since(start) }))
    }

    /// The body, with everything in it looked up. `function` is what it is the body of.
    pub(super) fn check(&self, id: &ObjectId, function: &Function, checker: &mut Checker<'_>) -> Option<Body> {
        let mut body = self.body.clone();
        checker.standard_body(id, function, &mut body, self.text_at)?;
        Some(Body::Standard(body))
    }
}

/// A body behind the options, with a space before it.
#[cfg(feature = "print")]
pub(super) fn print(body: &StandardBody, catalog: &Catalog) -> Printed {
    let statements = match body {
        StandardBody::Return(query) => {
            let written = print::statement(&Statement::Query((**query).clone()), catalog);
            if let Some(value) = written.ok().as_deref().and_then(|written| written.strip_prefix("select ")) {
                return Ok(format!(" return {value}"));
            }
            vec![Statement::Query((**query).clone())]
        }
        StandardBody::Atomic(statements) => statements.clone(),
    };
    let written: Printed<Vec<String>> = statements.iter().map(|one| print::statement(one, catalog)).collect();
    Ok(match written {
        Ok(written) if written.is_empty() => " begin atomic {}".to_owned(),
        Ok(written) => format!(" begin atomic {{ {}; }}", written.join("; ")),
        Err(_) => {
            let sql: Vec<String> = statements.iter().map(Statement::sql).collect();
            format!(" begin atomic {}", text(&sql.join("; ")))
        }
    })
}
