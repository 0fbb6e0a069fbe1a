//! Splitting an SQL text into its statements.

use super::lexer::lex_with_offsets;
use crate::token::{Bracket, SyntaxError, Token};

/// The single statements of an SQL text, without their `;`. Empty ones are dropped, comments around them too.
///
/// A `;` inside strings, brackets, comments and `BEGIN ATOMIC ... END` bodies does not split.
pub fn split_statements(text: &str) -> Result<Vec<&str>, SyntaxError> {
    let tokens = lex_with_offsets(text)?;
    let mut statements = Vec::new();
    let mut current: Option<(usize, usize)> = None;
    let mut brackets = 0_usize;
    // In a BEGIN ATOMIC body: how many `END` are still to come (its own, and one for each CASE).
    let mut open_ends = 0_usize;
    let mut after_begin = false;
    for (token, range) in &tokens {
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
            Token::Symbol { symbol: ';', .. } if brackets == 0 && open_ends == 0 => {
                statements.extend(current.take().and_then(|(start, end)| text.get(start..end)));
                after_begin = false;
                continue;
            }
            _ => {}
        }
        after_begin = is_begin;
        current = Some((current.map_or(range.start, |(start, _)| start), range.end));
    }
    statements.extend(current.and_then(|(start, end)| text.get(start..end)));
    Ok(statements)
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
    fn nothing_gives_nothing() {
        assert!(split_statements(" ; -- x\n;").unwrap().is_empty());
    }
}
