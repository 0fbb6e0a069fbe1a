//! `alter table bookings { add ..., drop ..., alter ..., rename ... }`, or one action without braces. One action, one
//! file.

mod add;
mod alter_column;
mod alter_constraint;
mod column_settings;
mod drop;
mod expression;
mod identity;
mod inheritance;
mod owner;
mod partition;
mod rename;
mod row_security;
mod set_schema;
mod settings;
mod trigger;
mod validate;


use migrate_core::catalog::Table;
use migrate_core::name::QualifiedName;
use migrate_core::token::{At, Bracket, Token};

use super::Item;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::habit;
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["alter", "table"]];

pub(super) struct Alter {
    table: Spanned<QualifiedName>,
    entries: Vec<Entry>,
}

/// One action with what stands before it.
struct Entry {
    head: Head,
    action: Box<dyn Action>,
    at: At,
}

/// One change of a table.
trait Action {
    /// Looks everything up, reports what is wrong, and emits the operations. A rename of the table changes `table`.
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>);

    /// What it changes that a partition has of the table that it is of: "the columns".
    fn of_partitioned(&self, _table: &Table) -> Option<&'static str> {
        None
    }

    /// The column or the check that it changes in a way in which only a table that is inherited from can be changed.
    fn of_parent(&self) -> Option<Inherited<'_>> {
        None
    }

    /// The name that the table has afterwards, where this is what changes.
    fn renames_to(&self) -> Option<&str> {
        None
    }
}

/// What a table may have because it inherits from another one.
enum Inherited<'a> {
    Column(&'a str),
    Check(&'a str),
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Alter> {
    parser.takes_habit(&["only"], "remove it");
    let table = parser.qualified_name("the table")?;
    if parser.cursor.is_open(Bracket::Curly) {
        return Ok(Alter { table, entries: parser.body(parse_entry)? });
    }
    let first = parser.cursor.at();
    let mut entries = vec![parse_entry(parser)?];
    if parser.cursor.is_symbol(',') {
        let help = format!("write several actions in braces: `alter table {} {{ ..., ... }}`", table.value);
        parser.habit("expected `{`", help, first);
    }
    while parser.cursor.take_symbol(',') {
        entries.push(parse_entry(parser)?);
    }
    Ok(Alter { table, entries })
}

fn parse_entry(parser: &mut Parser<'_>) -> Parsed<Entry> {
    let head = parser.head()?;
    let start = parser.cursor.index();
    let action: Box<dyn Action> = if parser.cursor.take_word("add") {
        add::parse(parser, &head)?
    } else if parser.cursor.take_word("drop") {
        drop::parse(parser)?
    } else if is_constraint(parser) {
        parser.cursor.take_words(&["alter", "constraint"]);
        alter_constraint::parse(parser)?
    } else if parser.cursor.take_word("alter") {
        alter_column::parse(parser)?
    } else if parser.cursor.take_word("validate") {
        validate::parse(parser)?
    } else if parser.cursor.take_word("rename") {
        rename::parse(parser)?
    } else if let Some(action) = partition::parse(parser)? {
        action
    } else if let Some(action) = inheritance::parse(parser)? {
        action
    } else if let Some(action) = trigger::parse(parser)? {
        action
    } else if let Some(action) = row_security::parse(parser)? {
        action
    } else if let Some(action) = owner::parse(parser)? {
        action
    } else if let Some(action) = set_schema::parse(parser)? {
        action
    } else if let Some(action) = settings::parse(parser)? {
        action
    } else if let Some(mistake) = habit::instead_of_action(&parser.cursor) {
        return Err(mistake);
    } else {
        return parser.expected("`add`, `drop`, `alter`, `rename`, `set`, `enable` or `disable`");
    };
    Ok(Entry { head, action, at: parser.cursor.since(start) })
}

impl Entry {
    /// What is wrong where it changes a partition in a way in which only the partitioned table can be changed.
    fn instead(&self, table: &Spanned<QualifiedName>, checker: &Checker<'_>) -> Option<Diagnostic> {
        let definition = checker.catalog().table(&table.value)?;
        if let Some(inherited) = self.action.of_parent() {
            let (what, name, parents) = match inherited {
                Inherited::Column(name) => ("column", name, checker.catalog().parents_with_column(definition, name)),
                Inherited::Check(name) => ("check", name, checker.catalog().parents_with_check(definition, name)),
            };
            if let Some(parent) = parents.first() {
                let message = format!("`{}` inherits the {what} `{name}` from `{parent}`", table.value);
                let help = format!("write `alter table {parent}`: tables that inherit from it follow");
                return Some(Diagnostic::new(code::INVALID_DEFINITION, message, self.at).help(help));
            }
        }
        let parent = &definition.partition_of.as_ref()?.parent;
        let what = self.action.of_partitioned(definition)?;
        let message = format!("`{}` is a partition of `{parent}`, from which it has {what}", table.value);
        let help = format!("write `alter table {parent}`: its partitions follow");
        Some(Diagnostic::new(code::INVALID_DEFINITION, message, self.at).help(help))
    }
}

/// Whether it is `alter constraint NAME ...`, rather than a column that is called `constraint`.
fn is_constraint(parser: &Parser<'_>) -> bool {
    parser.cursor.is_words(&["alter", "constraint"])
        && matches!(parser.cursor.look_ahead(2), Token::Word(word) if !["set", "drop"].contains(&word.as_str()))
}

impl Item for Alter {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`alter table`");
        let mut table = self.table.clone();
        for entry in &self.entries {
            if checker.table(&table).is_none() {
                // One message for a table that is not there is enough.
                for name in self.entries.iter().filter_map(|entry| entry.action.renames_to()) {
                    let name = table.value.sibling(name.to_owned());
                    checker.state.broken.relations.insert(name.clone());
                    checker.state.broken.members_of.insert(name);
                }
                return;
            }
            if let Some(mistake) = entry.instead(&table, checker) {
                checker.report(mistake);
                continue;
            }
            checker.within(&entry.head, |checker| {
                checker.accounted(entry.at, |checker| entry.action.check(&entry.head, &mut table, checker));
            });
        }
    }
}
