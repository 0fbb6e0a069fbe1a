//! `drop table bookings;`

use migrate_core::name::QualifiedName;
use migrate_core::operation::DropTable;

use super::Item;
use crate::check::{Checker, Origin};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["drop", "table"]];

#[derive(Debug)]
pub(super) struct Drop {
    name: Spanned<QualifiedName>,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Drop> {
    let name = parser.qualified_name("the table")?;
    if parser.cursor.is_word("cascade") {
        return Err(Diagnostic::new(code::SYNTAX, "unexpected `cascade`", parser.cursor.at())
            .help("remove it, and drop what uses the table first: the compiler lists it"));
    }
    Ok(Drop { name })
}

impl Item for Drop {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`drop table`");
        if checker.table(&self.name).is_none() {
            return;
        }
        let name = &self.name.value;
        let needed_by: Vec<(QualifiedName, String)> = checker
            .catalog()
            .references_to(name)
            .filter(|(table, _, _)| *table != name)
            .map(|(table, constraint, _)| (table.clone(), constraint.to_owned()))
            .collect();
        if !needed_by.is_empty() {
            let mut mistake = Diagnostic::new(
                code::STILL_NEEDED,
                format!("cannot drop table `{name}`, because it is still used"),
                self.name.at,
            )
            .help("drop these foreign keys, or their tables, first");
            for (table, constraint) in needed_by {
                mistake = mistake.note(format!("foreign key `{constraint}` of table `{table}` references it"));
                let origin = Origin::Constraint(table, constraint.clone());
                mistake.notes.extend(checker.state.made_in(&format!("`{constraint}`"), &origin));
            }
            checker.report(mistake);
            checker.state.broken.relations.insert(name.clone());
            return;
        }
        checker.emit(DropTable { name: name.clone() }, self.name.at);
        checker.state.undeclared.forget(name);
    }
}
