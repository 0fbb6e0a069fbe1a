//! `drop index bookings_user_id_idx;`

use migrate_core::name::QualifiedName;
use migrate_core::operation::DropIndex;

use super::Item;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["drop", "index"]];

#[derive(Debug)]
pub(super) struct Drop {
    name: Spanned<QualifiedName>,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Drop> {
    if parser.cursor.is_word("concurrently") {
        return Err(Diagnostic::new(code::SYNTAX, "`concurrently` is not written", parser.cursor.at())
            .help("leave it out: an index of an existing table is dropped concurrently by itself"));
    }
    Ok(Drop { name: parser.qualified_name("the index")? })
}

impl Item for Drop {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`drop index`");
        let Some((table, index)) = checker.index(&self.name) else { return };
        let columns: Option<Vec<String>> = index.keys.iter().map(|key| key.column().map(str::to_owned)).collect();
        let needed_by: Vec<String> = match (&columns, index.unique) {
            (Some(columns), true) => {
                let mut without = checker.catalog().tables.get(&table).map(|table| (**table).clone());
                if let Some(without) = &mut without {
                    without.indexes.remove(&self.name.value.name);
                }
                checker
                    .catalog()
                    .references_to(&table)
                    .filter(|(_, _, key)| {
                        key.referenced.len() == columns.len()
                            && key.referenced.iter().all(|column| columns.contains(column))
                            && without.as_ref().is_some_and(|table| !table.has_unique_key(&key.referenced))
                    })
                    .map(|(table, constraint, _)| {
                        format!("the foreign key `{constraint}` of `{table}` needs it to be unique")
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        if !needed_by.is_empty() {
            let mut mistake = Diagnostic::new(
                code::STILL_NEEDED,
                format!("the index `{}` is still needed", self.name.value),
                self.name.at,
            )
            .help("drop these foreign keys first");
            mistake.notes = needed_by;
            checker.report(mistake);
            return;
        }
        checker.emit(DropIndex { table, name: self.name.value.name.clone() }, self.name.at);
    }
}
