//! Writing tokens back as SQL text, for what is kept as a list of tokens (sub-selects).

use super::keywords;
use super::writer::{quote_identifier, quote_literal};
use crate::token::{Bracket, Token};

/// Writes the tokens with the least white space that keeps them apart and readable.
///
/// Words come from SQL (folded) or from Rust source (as written): a word that is a keyword without regard to case
/// is written in upper case, another one is quoted when it must be.
pub(super) fn write_tokens(text: &mut String, tokens: &[Token]) {
    let mut glue = true;
    let mut previous: Option<&Token> = None;
    for token in tokens {
        let attached = match token {
            Token::Close(_) => true,
            Token::Symbol { symbol: ',' | ';' | '.', .. } => true,
            Token::Symbol { symbol: ':', .. } => true,
            Token::Open(Bracket::Round) => matches!(previous, Some(Token::Word(word)) if !is_keyword(word)),
            Token::Open(Bracket::Square) => matches!(previous, Some(Token::Word(_) | Token::Close(_))),
            _ => false,
        };
        let is_bits = glue && matches!((previous, token), (Some(Token::Word(_)), Token::Text(_)));
        let glue_here = glue && (is_bits || !matches!(previous, Some(Token::Word(_))));
        if !glue_here && !attached {
            text.push(' ');
        }
        glue = match token {
            Token::Open(_) => true,
            Token::Symbol { symbol: '.' | ':' | '$', .. } => true,
            Token::Symbol { joint, .. } => *joint,
            // `B'101'`: with a space it would be a string of a type `b`.
            Token::Word(word) => matches!(word.as_str(), "b" | "x" | "B" | "X"),
            _ => false,
        };
        match token {
            Token::Word(word) if is_keyword(word) => {
                text.extend(word.chars().map(|character| character.to_ascii_uppercase()));
            }
            Token::Word(word) => text.push_str(&quote_identifier(word)),
            Token::QuotedWord(word) => {
                text.push('"');
                text.push_str(&word.replace('"', "\"\""));
                text.push('"');
            }
            Token::Number(number) => text.push_str(number),
            Token::Text(value) => text.push_str(&quote_literal(value)),
            Token::Symbol { symbol, .. } => text.push(*symbol),
            Token::Open(Bracket::Round) => text.push('('),
            Token::Close(Bracket::Round) => text.push(')'),
            Token::Open(Bracket::Square) => text.push('['),
            Token::Close(Bracket::Square) => text.push(']'),
            Token::Open(Bracket::Curly) => text.push('{'),
            Token::Close(Bracket::Curly) => text.push('}'),
            Token::Documentation(_) | Token::End => {}
        }
        previous = Some(token);
    }
}

/// Whether the word is written in upper case: reserved words always, other keywords where they are no likely name.
fn is_keyword(word: &str) -> bool {
    if word.chars().any(|character| character.is_ascii_uppercase()) {
        return keywords::category(&word.to_ascii_lowercase()).is_some();
    }
    keywords::is_reserved(word) || word == "by"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lex;

    fn rewritten(sql: &str) -> String {
        let mut text = String::new();
        write_tokens(&mut text, &lex(sql).unwrap());
        text
    }

    #[test]
    fn a_select_reads_as_written_and_means_the_same() {
        let sql = "SELECT count(*) FROM bookings b WHERE b.id = a.\"userId\" AND x[1] ->> 'k' = $1::text ORDER BY 1";
        assert_eq!(rewritten(sql), sql);
        assert_eq!(lex(&rewritten(sql)).unwrap(), lex(sql).unwrap());
    }

    #[test]
    fn words_of_rust_source_are_quoted_when_they_must_be() {
        let tokens = [Token::Word("SELECT".into()), Token::Word("userId".into())];
        let mut text = String::new();
        write_tokens(&mut text, &tokens);
        assert_eq!(text, "SELECT \"userId\"");
    }
}
