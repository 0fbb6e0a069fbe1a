//! Which objects of the kinds that are alike a command of raw SQL makes, as its words say.

use crate::name::QualifiedName;
use crate::object::{Kind, Namespace};
use crate::sql::lex;
use crate::token::{Cursor, Token};

/// The kind and the name of what a `CREATE` makes, where it is of one of the kinds.
pub fn made_by_hand(command: &str) -> Option<(Kind, QualifiedName)> {
    let tokens = lex(command).ok()?;
    let mut cursor = Cursor::new(&tokens);
    if !cursor.take_word("create") {
        return None;
    }
    cursor.take_words(&["or", "replace"]);
    for word in ["temporary", "temp", "unlogged", "recursive", "constraint"] {
        cursor.take_word(word);
    }
    let kind = Kind::ALL.iter().copied().find(|kind| {
        let words: Vec<String> = kind.keywords().to_lowercase().split(' ').map(str::to_owned).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        cursor.take_words(&words)
    })?;
    cursor.take_words(&["if", "not", "exists"]);
    let mut names = names(&mut cursor);
    let name = if kind == Kind::OwnOperator { operator(&mut cursor)? } else { names.pop()? };
    let kind = if kind == Kind::CompositeType && cursor.is_words(&["as", "range"]) { Kind::RangeType } else { kind };
    Some((
        kind,
        match (names.pop(), kind) {
            (_, kind) if kind.namespace() == Namespace::Database => QualifiedName::in_schema("", name),
            (Some(schema), _) => QualifiedName::in_schema(schema, name),
            (None, _) => QualifiedName::new(name),
        },
    ))
}

/// The characters of an operator.
fn operator(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut name = String::new();
    while let Token::Symbol { symbol, .. } = cursor.peek() {
        name.push(*symbol);
        cursor.next();
    }
    (!name.is_empty()).then_some(name)
}

/// The table whose row level security an `ALTER TABLE` switches, and to what: whether it is enabled, whether it is forced.
pub(crate) fn row_security_by_hand(command: &str) -> Option<(QualifiedName, Option<bool>, Option<bool>)> {
    let tokens = lex(command).ok()?;
    let mut cursor = Cursor::new(&tokens);
    if !cursor.take_words(&["alter", "table"]) {
        return None;
    }
    cursor.take_words(&["if", "exists"]);
    cursor.take_word("only");
    let table = named(&mut cursor)?;
    let (mut enabled, mut forced) = (None, None);
    while !cursor.is_at_end() {
        if cursor.take_words(&["enable", "row", "level", "security"]) {
            enabled = Some(true);
        } else if cursor.take_words(&["disable", "row", "level", "security"]) {
            enabled = Some(false);
        } else if cursor.take_words(&["no", "force", "row", "level", "security"]) {
            forced = Some(false);
        } else if cursor.take_words(&["force", "row", "level", "security"]) {
            forced = Some(true);
        } else {
            cursor.next();
        }
    }
    Some((table, enabled, forced))
}

/// The relation to which an `ALTER SEQUENCE`, or an `ALTER TABLE`, gives another name, and that name.
pub(crate) fn renamed_by_hand(command: &str) -> Option<(QualifiedName, String)> {
    let tokens = lex(command).ok()?;
    let mut cursor = Cursor::new(&tokens);
    if !cursor.take_words(&["alter", "sequence"]) && !cursor.take_words(&["alter", "table"]) {
        return None;
    }
    cursor.take_words(&["if", "exists"]);
    let from = named(&mut cursor)?;
    if !cursor.take_words(&["rename", "to"]) {
        return None;
    }
    Some((from, names(&mut cursor).pop()?))
}

/// A name that may have a schema.
fn named(cursor: &mut Cursor<'_>) -> Option<QualifiedName> {
    let mut names = names(cursor);
    let name = names.pop()?;
    Some(match names.pop() {
        Some(schema) => QualifiedName::in_schema(schema, name),
        None => QualifiedName::new(name),
    })
}

/// The parts of a name with dots between them.
fn names(cursor: &mut Cursor<'_>) -> Vec<String> {
    let mut names = Vec::new();
    while let Token::Word(word) | Token::QuotedWord(word) = cursor.peek() {
        names.push(word.clone());
        cursor.next();
        if !cursor.take_symbol('.') {
            break;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_told_by_the_words() {
        let made = |command: &str| made_by_hand(command);
        assert_eq!(
            made("CREATE OR REPLACE VIEW app.v AS SELECT 1"),
            Some((Kind::View, QualifiedName::in_schema("app", "v")))
        );
        assert_eq!(made("create schema if not exists app"), Some((Kind::Schema, QualifiedName::in_schema("", "app"))));
        assert_eq!(made("create type r as range (subtype = int)"), Some((Kind::RangeType, QualifiedName::new("r"))));
        assert_eq!(
            made("create publication p for table t"),
            Some((Kind::Publication, QualifiedName::in_schema("", "p")))
        );
        let operator = Some((Kind::OwnOperator, QualifiedName::in_schema("app", "~~~")));
        assert_eq!(made("create operator app.~~~ (function = f, leftarg = text)"), operator);
        assert_eq!(made("create table t ()"), None);
        assert_eq!(made("drop view v"), None);
    }

    #[test]
    fn a_sequence_is_renamed() {
        let renamed = |command: &str| renamed_by_hand(command);
        let expected = Some((QualifiedName::in_schema("app", "numbers"), "counting".to_owned()));
        assert_eq!(renamed("ALTER SEQUENCE IF EXISTS app.numbers RENAME TO counting"), expected);
        assert_eq!(renamed("alter table app.numbers rename to counting"), expected);
        assert_eq!(renamed("alter table app.numbers rename a to b"), None);
        assert_eq!(renamed("alter sequence numbers restart"), None);
    }

    #[test]
    fn row_level_security_is_switched() {
        let switched = |command: &str| row_security_by_hand(command).map(|(_, enabled, forced)| (enabled, forced));
        assert_eq!(switched("ALTER TABLE ONLY app.t ENABLE ROW LEVEL SECURITY"), Some((Some(true), None)));
        let both = "alter table t disable row level security, no force row level security";
        assert_eq!(switched(both), Some((Some(false), Some(false))));
        assert_eq!(switched("alter table t add a int"), Some((None, None)));
        assert_eq!(switched("alter view v set schema app"), None);
    }
}
