//! `run crate::steps::encrypt_passports irreversible "...";`, `run crate::steps::reindex outside transaction ...`

use migrate_core::operation::RunFunction;
use migrate_core::token::{Cursor, Token};

use super::Item;
use crate::check::Checker;
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["run"]];

pub(super) struct Run {
    path: Spanned<String>,
    in_transaction: bool,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Run> {
    let start = parser.cursor.index();
    let mut path = String::new();
    if take_path_separator(&mut parser.cursor) {
        path.push_str("::");
    }
    loop {
        let Token::Word(segment) = parser.cursor.peek() else { return parser.expected("the path of an async function") };
        path.push_str(segment);
        parser.cursor.next();
        if !take_path_separator(&mut parser.cursor) {
            break;
        }
        path.push_str("::");
    }
    let at = parser.cursor.since(start);
    let in_transaction = !parser.cursor.take_words(&["outside", "transaction"]);
    Ok(Run { path: Spanned { value: path, at }, in_transaction })
}

fn take_path_separator(cursor: &mut Cursor<'_>) -> bool {
    let next_is_colon = matches!(cursor.look_ahead(1), Token::Symbol { symbol: ':', .. });
    let found = cursor.is_symbol(':') && next_is_colon;
    if found {
        cursor.next();
        cursor.next();
    }
    found
}

impl Item for Run {
    fn changes_catalog(&self) -> bool {
        false
    }

    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`run`");
        checker.note_function(self.path.clone());
        let operation = RunFunction { path: self.path.value.clone(), in_transaction: self.in_transaction };
        checker.emit(operation, self.path.at);
    }
}
