//! `validate constraint bookings_total_check`

use migrate_core::name::QualifiedName;
use migrate_core::operation::ValidateConstraint;

use super::Action;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

struct Validate {
    name: Name,
}

/// Takes what stands behind `validate`.
pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Box<dyn Action>> {
    parser.word("constraint")?;
    Ok(Box::new(Validate { name: parser.name("the constraint")? }))
}

impl Action for Validate {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`validate constraint`");
        let Some(definition) = checker.table(table) else { return };
        let Some(constraint) = checker.constraint(&table.value, &definition, &self.name) else { return };
        if !constraint.not_valid {
            checker.report(
                Diagnostic::new(code::NO_CHANGE, format!("constraint `{}` is already valid", self.name.value), self.name.at)
                    .help("remove it: a constraint is validated when it is added, unless it is `not valid`"),
            );
            return;
        }
        drop(definition);
        let validate = ValidateConstraint { table: table.value.clone(), name: self.name.value.clone() };
        checker.emit(validate, self.name.at);
    }
}
