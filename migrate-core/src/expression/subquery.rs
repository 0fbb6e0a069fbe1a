//! Sub-selects, which are kept as their tokens.

use super::parse::Parser;
use crate::token::{Bracket, Cursor, SyntaxError, Token};

/// Words behind the tables of a query.
const AFTER_TABLES: &[&str] =
    &["except", "fetch", "for", "group", "having", "intersect", "limit", "offset", "order", "union", "where", "window"];

impl Parser<'_, '_> {
    /// The tokens of a query up to the bracket that closes it, which is taken too; `None` where no query follows.
    pub(super) fn subquery_tokens(&mut self) -> Result<Option<Vec<Token>>, SyntaxError> {
        if !is_query(self.cursor) {
            return Ok(None);
        }
        let start = self.cursor.at();
        let mut tokens = Vec::new();
        let mut names = Names { parts: vec![Part::Query], expects_table: false };
        loop {
            match self.cursor.peek() {
                Token::Close(Bracket::Round) if names.parts.len() == 1 => {
                    self.cursor.next();
                    return Ok(Some(tokens));
                }
                Token::Open(Bracket::Curly) => {
                    let value = super::json::parse(self.cursor)?;
                    tokens.push(Token::Text(super::json::text(&value)));
                    continue;
                }
                Token::End => {
                    return Err(SyntaxError {
                        message: "unclosed bracket before this query".into(),
                        help: None,
                        at: start,
                    });
                }
                _ => {}
            }
            let token = names.resolve(self.cursor, tokens.last());
            self.cursor.next();
            tokens.push(token);
        }
    }
}

/// Whether a query begins here.
fn is_query(cursor: &Cursor<'_>) -> bool {
    cursor.is_word("select")
        || (cursor.is_word("values") && *cursor.look_ahead(1) == Token::Open(Bracket::Round))
        || (cursor.is_word("with") && matches!(cursor.look_ahead(1), Token::Word(_) | Token::QuotedWord(_)))
}

/// What stands between two brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A query, where it names no tables.
    Query,
    /// The tables of a query, and a join in brackets among them.
    Tables,
    /// Arguments, elements.
    Other,
}

/// Tells names in double quotes from texts, which are the same token in Rust source: it is a name where no text can
/// stand.
struct Names {
    /// From the outermost bracket to the innermost.
    parts: Vec<Part>,
    /// Whether a table comes next.
    expects_table: bool,
}

impl Names {
    /// The next token, as what it is.
    fn resolve(&mut self, cursor: &Cursor<'_>, previous: Option<&Token>) -> Token {
        let part = self.parts.last().copied().unwrap_or(Part::Other);
        let is_behind = |word: &str| matches!(previous, Some(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        let token = match cursor.peek() {
            Token::Text(name)
                if self.expects_table || is_behind("as") || is_dot(previous) || is_dot(Some(cursor.look_ahead(1))) =>
            {
                Token::QuotedWord(name.clone())
            }
            other => other.clone(),
        };
        let expected_table = std::mem::take(&mut self.expects_table);
        match &token {
            // `a is distinct from b`
            Token::Word(_) if cursor.is_word("from") && !is_behind("distinct") && part != Part::Other => {
                self.expects_table = true;
                self.enter(Part::Tables);
            }
            Token::Word(_) if ["join", "lateral", "only"].iter().any(|word| cursor.is_word(word)) => {
                self.expects_table = part == Part::Tables;
            }
            Token::Word(_) if AFTER_TABLES.iter().any(|word| cursor.is_word(word)) && part == Part::Tables => {
                self.enter(Part::Query);
            }
            Token::Symbol { symbol: ',', .. } => self.expects_table = part == Part::Tables,
            Token::Open(_) => {
                let mut inside = cursor.clone();
                inside.next();
                let is_query = is_query(&inside);
                self.expects_table = expected_table && !is_query;
                self.parts.push(match expected_table {
                    _ if is_query => Part::Query,
                    true => Part::Tables,
                    false => Part::Other,
                });
            }
            Token::Close(_) => {
                self.parts.pop();
            }
            _ => {}
        }
        token
    }

    fn enter(&mut self, part: Part) {
        if let Some(last) = self.parts.last_mut() {
            *last = part;
        }
    }
}

fn is_dot(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Symbol { symbol: '.', .. }))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::super::parse::tests::read;

    #[test]
    fn a_name_in_double_quotes_is_a_name_where_no_text_can_stand() {
        for (source, sql) in [
            (r#"(select max(x) from "Order Items")"#, r#"(SELECT max(x) FROM "Order Items")"#),
            (
                r#"(select "a" from app."Order Items" where b = "c")"#,
                r#"(SELECT 'a' FROM app."Order Items" WHERE b = 'c')"#,
            ),
            (r#"(select "T"."Sum" as "Total" from "T")"#, r#"(SELECT "T"."Sum" AS "Total" FROM "T")"#),
            (
                r#"(select 1 from a, "B" left join "C D" on a.x = "y", "E" where f in ("g", "h"))"#,
                r#"(SELECT 1 FROM a, "B" LEFT JOIN "C D" ON a.x = 'y', "E" WHERE f IN ('g', 'h'))"#,
            ),
            (
                r#"(select 1 from ("A" join "B" on true), lateral (select "c" from only "D") as e)"#,
                r#"(SELECT 1 FROM ("A" JOIN "B" ON TRUE), LATERAL (SELECT 'c' FROM ONLY "D") AS e)"#,
            ),
            (
                r#"(select extract(year from date "2020-01-01"), trim(both "x" from "y") from "T" where a is distinct from "b")"#,
                r#"(SELECT EXTRACT (year FROM date '2020-01-01'), TRIM (BOTH 'x' FROM 'y') FROM "T" WHERE a IS DISTINCT FROM 'b')"#,
            ),
            (
                r#"(select 1 from unnest(array["a", "b"]) as t where a = any (array["c", "d"]) union select "e" from "F")"#,
                r#"(SELECT 1 FROM unnest(ARRAY['a', 'b']) AS t WHERE a = ANY (ARRAY['c', 'd']) UNION SELECT 'e' FROM "F")"#,
            ),
        ] {
            assert_eq!(read(source, parse).0, sql);
        }
    }
}
