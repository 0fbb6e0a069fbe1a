//! `alter constraint bookings_user_id_fkey deferrable initially deferred`

use migrate_core::catalog::{ConstraintKind, Deferral};
use migrate_core::name::QualifiedName;
use migrate_core::operation::AlterConstraint;
use migrate_core::token::At;

use super::Action;
use crate::check::Checker;
use crate::clause::parse_deferral;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

struct Alter {
    name: Name,
    deferral: Deferral,
    at: At,
}

/// Takes what stands behind `alter constraint`.
pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Box<dyn Action>> {
    let name = parser.name("the constraint")?;
    let start = parser.cursor.index();
    let deferral = parse_deferral(parser)?;
    if parser.cursor.index() == start {
        return parser.expected("`deferrable` or `not deferrable`");
    }
    Ok(Box::new(Alter { name, deferral, at: parser.cursor.since(start) }))
}

impl Action for Alter {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`alter constraint`");
        let Some(definition) = checker.table(table) else { return };
        let Some(constraint) = checker.constraint(&table.value, &definition, &self.name) else { return };
        let ConstraintKind::ForeignKey(key) = &constraint.kind else {
            let message = format!("`{}` is a {}, and only a foreign key can be altered", self.name.value, constraint.kind.noun());
            let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, self.name.at);
            checker.report(mistake.help("drop it, and add it with these settings"));
            return;
        };
        if key.deferral == self.deferral {
            checker.report(
                Diagnostic::new(code::NO_CHANGE, format!("constraint `{}` already has these settings", self.name.value), self.at)
                    .help("remove it"),
            );
            return;
        }
        drop(definition);
        let (table, name) = (table.value.clone(), self.name.value.clone());
        checker.emit(AlterConstraint { table, name, deferral: self.deferral }, self.name.at);
    }
}
