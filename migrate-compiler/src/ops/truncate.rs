//! `truncate sessions, logins restart identity irreversible "they were test data";`

use migrate_core::name::QualifiedName;
use migrate_core::operation::TruncateTables;
use migrate_core::token::At;

use super::Item;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["truncate", "table"], &["truncate"]];

pub(super) struct Truncate {
    tables: Vec<Spanned<QualifiedName>>,
    restart_identity: bool,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Truncate> {
    let start = parser.cursor.index();
    let mut tables = vec![parser.qualified_name("the table")?];
    while parser.cursor.take_symbol(',') {
        tables.push(parser.qualified_name("the table")?);
    }
    let restart_identity = parser.cursor.take_words(&["restart", "identity"]);
    parser.cursor.take_words(&["continue", "identity"]);
    if parser.cursor.is_word("cascade") {
        let mistake = Diagnostic::new(code::SYNTAX, "`cascade` is not supported", parser.cursor.at());
        return Err(mistake.help("name the tables that reference it as well: `truncate bookings, payments`"));
    }
    Ok(Truncate { tables, restart_identity, at: parser.cursor.since(start) })
}

impl Item for Truncate {
    fn changes_catalog(&self) -> bool {
        false
    }

    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`truncate`");
        let known = checker.mistakes();
        let mut tables: Vec<QualifiedName> = Vec::new();
        for table in &self.tables {
            if checker.table(table).is_none() {
                continue;
            }
            if tables.contains(&table.value) {
                let mistake = format!("table `{}` is given more than once", table.value);
                checker.report(Diagnostic::new(code::DUPLICATE_CLAUSE, mistake, table.at).help("remove one of them"));
            }
            tables.push(table.value.clone());
        }
        for table in &self.tables {
            let references = checker.catalog().tables.iter().filter(|(name, definition)| {
                !tables.contains(name) && definition.foreign_keys().any(|(_, key)| key.table == table.value)
            });
            let referencing: Vec<String> = references.map(|(name, _)| format!("`{name}`")).collect();
            if !referencing.is_empty() {
                let verb = if referencing.len() == 1 { "references" } else { "reference" };
                let message = format!("cannot truncate `{}`, because {} {verb} it", table.value, referencing.join(" and "));
                checker.report(
                    Diagnostic::new(code::STILL_NEEDED, message, table.at)
                        .help("truncate them in one item, or delete the rows with `delete from`"),
                );
            }
        }
        if checker.mistakes() == known && tables.len() == self.tables.len() {
            checker.emit(TruncateTables { tables, restart_identity: self.restart_identity }, self.at);
        }
    }
}
