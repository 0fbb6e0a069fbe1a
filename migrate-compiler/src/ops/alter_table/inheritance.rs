//! `inherit places`, `no inherit places`

use migrate_core::catalog::inheritance::can_inherit;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{Inherit, NoInherit};

use super::Action;
use crate::check::Checker;
use crate::clause::{check_parent, inheritance_mistake};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

struct Begin {
    parent: Spanned<QualifiedName>,
}

struct End {
    parent: Spanned<QualifiedName>,
}

/// Takes the action, where it begins here.
pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
    if parser.cursor.take_word("inherit") {
        return Ok(Some(Box::new(Begin { parent: parser.qualified_name("the table to inherit from")? })));
    }
    if parser.cursor.take_words(&["no", "inherit"]) {
        return Ok(Some(Box::new(End { parent: parser.qualified_name("the table that is inherited from")? })));
    }
    Ok(None)
}

impl Action for Begin {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`inherit`");
        let Some(definition) = checker.table(table) else { return };
        let Some(parent) = check_parent(&self.parent, checker) else { return };
        let (name, of) = (&table.value, &self.parent.value);
        let mistake = |message: String| Diagnostic::new(code::INVALID_DEFINITION, message, self.parent.at);
        if definition.partitioning.is_some() || definition.partition_of.is_some() {
            let what = if definition.partitioning.is_some() { "partitioned" } else { "a partition" };
            checker.report(mistake(format!("`{name}` is {what}, so it cannot inherit from another table")));
            return;
        }
        if definition.inherits.contains(of) {
            let mistake = Diagnostic::new(code::NO_CHANGE, format!("`{name}` already inherits from `{of}`"), self.parent.at);
            checker.report(mistake.help("remove it"));
            return;
        }
        if of == name || checker.catalog().tables_below(name).contains(of) {
            checker.report(mistake(format!("`{of}` inherits from `{name}`: a table cannot inherit from itself")));
            return;
        }
        if let Err(conflict) = can_inherit(name, &definition, of, &parent) {
            checker.report(inheritance_mistake(conflict, self.parent.at));
            return;
        }
        drop(definition);
        checker.emit(Inherit { table: name.clone(), parent: of.clone() }, self.parent.at);
    }
}

impl Action for End {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`no inherit`");
        let Some(definition) = checker.table(table) else { return };
        let (name, of) = (&table.value, &self.parent.value);
        if !definition.inherits.contains(of) {
            let written = of.to_string();
            let known: Vec<String> = definition.inherits.iter().map(ToString::to_string).collect();
            let message = format!("`{name}` does not inherit from `{written}`");
            let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, self.parent.at);
            checker.report(mistake.maybe_help(choices(&written, known.iter().map(String::as_str), "tables")));
            return;
        }
        drop(definition);
        checker.emit(NoInherit { table: name.clone(), parent: of.clone() }, self.parent.at);
    }
}
