//! `sql "create view ..." down { sql "drop view ..."; }`, with its effect on the catalog after `changes { ... }` where
//! later migrations need to know it.

use migrate_core::operation::RawSql;
use migrate_core::sql::{lex, split_statements};
use migrate_core::token::{At, Cursor, Token};

use super::{Item, Statement, parse_nested};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser};

pub(super) const WORDS: &[&[&str]] = &[&["sql"]];

pub(super) struct Sql {
    texts: Vec<Name>,
    /// What the source says it changes; nothing of what the language knows, where the braces are empty.
    changes: Option<Vec<Statement>>,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Sql> {
    let start = parser.cursor.index();
    if !matches!(parser.cursor.peek(), Token::Text(_)) {
        let mistake: Diagnostic = parser.cursor.expected("SQL in double quotes").into();
        return Err(mistake.help("write `sql \"...\" down { sql \"...\"; }`"));
    }
    let mut texts = vec![parser.text("SQL in double quotes")?];
    while matches!(parser.cursor.peek(), Token::Text(_)) {
        texts.push(parser.text("SQL in double quotes")?);
    }
    let at = parser.cursor.since(start);
    let mut changes = None;
    if parser.cursor.take_word("changes") {
        changes = Some(parse_nested(parser)?);
    }
    Ok(Sql { texts, changes, at })
}

impl Item for Sql {
    fn changes_catalog(&self) -> bool {
        self.changes.as_ref().is_some_and(|changes| !changes.is_empty())
    }

    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`sql`");
        let mut commands = Vec::new();
        for text in &self.texts {
            match split_statements(&text.value) {
                Ok(found) if found.is_empty() => {
                    checker.report(Diagnostic::new(code::INVALID_SQL, "the SQL is empty", text.at));
                }
                Ok(found) => commands.extend(found.into_iter().map(|command| (command.trim().to_owned(), text.at))),
                Err(error) => {
                    checker.state.note_broken_sql(&text.value);
                    checker.report(
                        Diagnostic::new(code::INVALID_SQL, error.message, text.at).maybe_help(error.help),
                    );
                }
            }
        }
        let mut is_good = true;
        for (command, at) in &commands {
            if !check_command(command, *at, checker) {
                is_good = false;
                checker.state.note_broken_sql(command);
            }
        }
        // The declared changes are folded on a copy: `RawSql` itself applies them to the catalog.
        let changes = match self.changes.as_deref() {
            Some(items) if !items.is_empty() => {
                let before = checker.state.catalog.clone();
                let changes = checker.sketch(items);
                checker.state.catalog = before;
                changes
            }
            _ => Vec::new(),
        };
        for (command, _) in &commands {
            checker.note_others(command);
        }
        if self.changes.is_none() && is_good {
            for (command, at) in &commands {
                checker.note_undeclared(command, *at);
            }
        }
        if !commands.is_empty() {
            let texts = commands.iter().map(|(command, _)| command.clone()).collect();
            checker.emit(RawSql { commands: texts, changes }, self.at);
            for (command, at) in &commands {
                checker.note_raw_user(command, *at);
            }
        }
    }
}

/// Reports what cannot run inside a migration; answers whether there is nothing of that.
fn check_command(command: &str, at: At, checker: &mut Checker<'_>) -> bool {
    let Ok(tokens) = lex(command) else { return true };
    let mut is_good = true;
    let cursor = Cursor::new(&tokens);
    let controls = [
        &["begin"][..],
        &["start", "transaction"],
        &["commit"],
        &["end"],
        &["rollback"],
        &["abort"],
        &["savepoint"],
        &["release"],
        &["prepare", "transaction"],
        &["set", "transaction"],
    ];
    if let Some(words) = controls.iter().find(|words| cursor.is_words(words)) {
        is_good = false;
        checker.report(
            Diagnostic::new(code::INVALID_SQL, format!("`{}` is not allowed in a migration", words.join(" ")), at)
                .help("remove it: the compiler decides which statements share a transaction"),
        );
    }
    if cursor.is_word("copy") && tokens.iter().any(|token| matches!(token, Token::Word(word) if word == "stdin")) {
        is_good = false;
        checker.report(
            Diagnostic::new(code::INVALID_SQL, "`copy ... from stdin` is not allowed in a migration", at)
                .help("use `insert into`, or a Rust step with `run`"),
        );
    }
    let mut depth = 0_i32;
    for token in &tokens {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            break;
        }
    }
    if depth != 0 {
        is_good = false;
        checker.report(Diagnostic::new(code::INVALID_SQL, "mismatched brackets in the SQL", at));
    }
    is_good
}
