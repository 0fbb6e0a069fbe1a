//! Which objects of the kinds that are alike a command of raw SQL makes, as its words say.

use crate::name::QualifiedName;
use crate::object::Kind;
use crate::sql::lex;
use crate::token::{Cursor, Token};

/// The kind and the name of what a `CREATE` makes, where it is of one of the kinds.
pub(crate) fn made_by_hand(command: &str) -> Option<(Kind, QualifiedName)> {
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
    let mut names = Vec::new();
    while let Token::Word(word) | Token::QuotedWord(word) = cursor.peek() {
        names.push(word.clone());
        cursor.next();
        if !cursor.take_symbol('.') {
            break;
        }
    }
    let name = names.pop()?;
    Some((
        kind,
        match (names.pop(), kind) {
            (_, Kind::Schema) => QualifiedName::in_schema("", name),
            (Some(schema), _) => QualifiedName::in_schema(schema, name),
            (None, _) => QualifiedName::new(name),
        },
    ))
}
