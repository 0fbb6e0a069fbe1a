//! Splitting an SQL text into its statements.

use std::ops::Range;

use super::lexer::Lexer;
use crate::token::{Bracket, SyntaxError, Token};

/// The single statements of an SQL text, without their `;`. Empty ones are dropped, comments around them too.
///
/// A `;` inside strings, brackets, comments and `BEGIN ATOMIC ... END` bodies does not split.
pub fn split_statements(text: &str) -> Result<Vec<&str>, SyntaxError> {
    let mut script = Statements::new(text);
    let mut statements = Vec::new();
    while let Some(range) = script.statement(false)? {
        statements.extend(text.get(range.range()));
    }
    Ok(statements)
}

/// A part of a script for psql.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A statement, without its `;`.
    Statement(Range<usize>),
    /// A command of psql itself, up to the end of its line: `\connect shop`.
    Command(Range<usize>),
}

impl Piece {
    /// Where it stands in the text, in bytes.
    pub fn range(self) -> Range<usize> {
        match self {
            Piece::Statement(range) | Piece::Command(range) => range,
        }
    }
}

/// Reads a script one statement after the other. Nothing is read ahead, so that what follows a statement may be no SQL: the
/// rows behind `COPY ... FROM STDIN`.
#[derive(Clone, Debug)]
pub struct Statements<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
}

impl<'t> Statements<'t> {
    /// Begins at the beginning.
    pub fn new(text: &'t str) -> Self {
        Statements { text, lexer: Lexer::new(text) }
    }

    /// Where the next statement, or what stands before it, begins.
    pub fn position(&self) -> usize {
        self.lexer.position()
    }

    /// Goes on at this byte.
    pub fn go_to(&mut self, position: usize) {
        self.lexer.go_to(position);
    }

    /// The next statement or psql command; none at the end.
    ///
    /// # Errors
    /// A string, a quoted name or a comment that does not end.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, SyntaxError> {
        self.statement(true)
    }

    fn statement(&mut self, for_psql: bool) -> Result<Option<Piece>, SyntaxError> {
        let mut current: Option<(usize, usize)> = None;
        let mut brackets = 0_usize;
        // In a BEGIN ATOMIC body: how many `END` are still to come (its own, and one for each CASE).
        let mut open_ends = 0_usize;
        let mut after_begin = false;
        while let Some((token, range)) = self.lexer.next()? {
            let mut is_begin = false;
            match token {
                Token::Open(Bracket::Round) => brackets += 1,
                Token::Close(Bracket::Round) => brackets = brackets.saturating_sub(1),
                Token::Word(word) => match word.as_str() {
                    "begin" => is_begin = true,
                    "atomic" if after_begin => open_ends += 1,
                    "case" if open_ends > 0 => open_ends += 1,
                    "end" if open_ends > 0 => open_ends -= 1,
                    _ => {}
                },
                Token::Symbol { symbol: ';', .. } if brackets == 0 && open_ends == 0 => match current {
                    Some((start, end)) => return Ok(Some(Piece::Statement(start..end))),
                    None => continue,
                },
                // No operator has a backslash.
                Token::Symbol { symbol: '\\', .. } if for_psql => {
                    if let Some((start, end)) = current {
                        self.lexer.go_to(range.start);
                        return Ok(Some(Piece::Statement(start..end)));
                    }
                    let rest = self.text.get(range.start..).unwrap_or_default();
                    let end = range.start + rest.find('\n').unwrap_or(rest.len());
                    self.lexer.go_to(end);
                    return Ok(Some(Piece::Command(range.start..end)));
                }
                _ => {}
            }
            after_begin = is_begin;
            current = Some((current.map_or(range.start, |(start, _)| start), range.end));
        }
        Ok(current.map(|(start, end)| Piece::Statement(start..end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semicolon_in_strings_comments_and_brackets_does_not_split() {
        assert_eq!(
            split_statements("select ';'; -- a;b\n select $x$;$x$ /* ; */ ;; create rule r do (a; b);").unwrap(),
            ["select ';'", "select $x$;$x$", "create rule r do (a; b)"]
        );
    }

    #[test]
    fn an_atomic_body_is_one_statement() {
        let body = "create function f() returns int begin atomic select case when true then 1 end; select 2; end";
        assert_eq!(split_statements(&format!("{body}; select 3")).unwrap(), [body, "select 3"]);
        assert_eq!(split_statements("begin; select 1; end;").unwrap(), ["begin", "select 1", "end"]);
    }

    #[test]
    fn commands_of_psql_end_with_their_line() {
        let text = "\\connect shop\nselect 1 \\gset it's\nselect '\\x';";
        let mut script = Statements::new(text);
        let mut pieces = Vec::new();
        while let Some(piece) = script.next_piece().unwrap() {
            let is_command = matches!(piece, Piece::Command(_));
            pieces.push((is_command, &text[piece.range()]));
        }
        assert_eq!(
            pieces,
            [(true, "\\connect shop"), (false, "select 1"), (true, "\\gset it's"), (false, "select '\\x'")]
        );
    }

    #[test]
    fn what_follows_a_statement_may_be_no_sql() {
        let text = "copy t from stdin;\nit's\n\\.\nselect 1;";
        let mut script = Statements::new(text);
        assert_eq!(&text[script.next_piece().unwrap().unwrap().range()], "copy t from stdin");
        script.go_to(text.find("select").unwrap());
        assert_eq!(&text[script.next_piece().unwrap().unwrap().range()], "select 1");
        assert!(script.next_piece().unwrap().is_none());
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(split_statements(" ; -- x\n;").unwrap().is_empty());
    }
}
