//! Reads back the body of the function behind `on update EXPRESSION`, which `on_update` writes.

use super::on_update::SETTING;
use crate::expression::{self, Expression};
use crate::sql::lex;
use crate::token::{Bracket, Cursor, Token};

/// The column and the value, where the body of a PL/pgSQL function is one that `on update` makes; else `None`.
pub fn read_on_update_body(body: &str) -> Option<(String, Expression)> {
    let (column, value) = parts(body)?;
    let mut cursor = Cursor::new(&value);
    let expression = expression::parse(&mut cursor).ok()?;
    cursor.is_at_end().then_some((column, expression))
}

/// Whether the body of a PL/pgSQL function has the form of one that `on update` makes.
pub fn is_on_update_body(body: &str) -> bool {
    parts(body).is_some()
}

/// The column, and the tokens of the value.
fn parts(body: &str) -> Option<(String, Vec<Token>)> {
    let tokens = lex(body).ok()?;
    let mut cursor = Cursor::new(&tokens);
    take_words(&mut cursor, &["begin", "if"])?;
    let column = take_field(&mut cursor, "new")?;
    take_words(&mut cursor, &["is", "not", "distinct", "from"])?;
    let same = take_field(&mut cursor, "old")?;
    // Functions of earlier versions of this tool do not ask for the setting.
    if cursor.take_word("and") {
        let asks = cursor.take_words(&["pg_catalog"])
            && cursor.take_symbol('.')
            && cursor.take_word("current_setting")
            && cursor.take_open(Bracket::Round)
            && matches!(cursor.next(), Token::Text(setting) if setting == SETTING)
            && cursor.take_symbol(',')
            && cursor.take_word("true")
            && cursor.take_close(Bracket::Round)
            && cursor.take_words(&["is", "distinct", "from"])
            && matches!(cursor.next(), Token::Text(value) if value == "off");
        asks.then_some(())?;
    }
    take_words(&mut cursor, &["then"])?;
    let assigned = take_field(&mut cursor, "new")?;
    let is_assignment = cursor.take_symbol(':') && cursor.take_symbol('=');
    if !is_assignment || column != same || column != assigned {
        return None;
    }
    let start = cursor.index() as usize;
    let is_semicolon = |token: &Token| matches!(token, Token::Symbol { symbol: ';', .. });
    let end = start + tokens.get(start..)?.iter().position(is_semicolon)?;
    let mut cursor = Cursor::new(tokens.get(end..)?);
    let is_ours = cursor.take_symbol(';')
        && cursor.take_words(&["end", "if"])
        && cursor.take_symbol(';')
        && cursor.take_words(&["return", "new"])
        && cursor.take_symbol(';')
        && cursor.take_word("end");
    cursor.take_symbol(';');
    (is_ours && cursor.is_at_end()).then(|| (column, without_row(tokens.get(start..end).unwrap_or_default(), "new")))
}

fn take_words(cursor: &mut Cursor<'_>, words: &[&str]) -> Option<()> {
    cursor.take_words(words).then_some(())
}

/// `row.column`
fn take_field(cursor: &mut Cursor<'_>, row: &str) -> Option<String> {
    let is_field = cursor.take_word(row) && cursor.take_symbol('.');
    match cursor.next() {
        Token::Word(name) | Token::QuotedWord(name) if is_field => Some(name.clone()),
        _ => None,
    }
}

/// The tokens, where each `row.column` became `column`.
fn without_row(tokens: &[Token], row: &str) -> Vec<Token> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let [first, others @ ..] = rest {
        let is_row = matches!(first, Token::Word(word) if word == row);
        rest = match others {
            [Token::Symbol { symbol: '.', .. }, column, others @ ..] if is_row => {
                kept.push(column.clone());
                others
            }
            _ => {
                kept.push(first.clone());
                others
            }
        };
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::on_update::body;
    use super::*;
    use crate::catalog::OnUpdate;

    #[test]
    fn the_body_that_is_written_reads_back() {
        for (column, value) in [
            ("updated_at", "now()"),
            ("order", "\"order\" + 1"),
            ("new", "coalesce(\"new\", 'new.x')"),
            ("version", "old.version + 1"),
        ] {
            let expression: Expression = value.parse().unwrap();
            let body = body(column, &OnUpdate { expression: expression.clone(), trigger: "t".into() });
            assert_eq!(read_on_update_body(&body), Some((column.to_owned(), expression)), "{body}");
        }
    }

    #[test]
    fn the_body_of_an_earlier_version_reads_back() {
        let body = "BEGIN IF NEW.a IS NOT DISTINCT FROM OLD.a THEN NEW.a := now(); END IF; RETURN NEW; END";
        assert_eq!(read_on_update_body(body), Some(("a".to_owned(), "now()".parse().unwrap())));
    }

    #[test]
    fn another_body_is_not_ours() {
        for body in [
            "BEGIN NEW.updated_at := now(); RETURN NEW; END",
            "BEGIN IF NEW.a IS NOT DISTINCT FROM OLD.b THEN NEW.a := now(); END IF; RETURN NEW; END",
            "BEGIN IF NEW.a IS NOT DISTINCT FROM OLD.a THEN NEW.a := now(); NEW.b := 1; END IF; RETURN NEW; END",
            "not even 'sql",
        ] {
            assert_eq!(read_on_update_body(body), None);
        }
    }
}
