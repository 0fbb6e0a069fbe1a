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
        return Err(Diagnostic::new(code::SYNTAX, "unexpected `concurrently`", parser.cursor.at())
            .help("remove it: indexes of existing tables are always dropped concurrently"));
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
                        format!("foreign key `{constraint}` of table `{table}` relies on it being unique")
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        if !needed_by.is_empty() {
            let mut mistake = Diagnostic::new(
                code::STILL_NEEDED,
                format!("cannot drop index `{}`, because it is still used", self.name.value),
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
