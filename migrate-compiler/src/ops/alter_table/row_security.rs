//! `enable row level security`, `disable ...`, `force ...`, `no force ...`

use migrate_core::catalog::RowSecurity;
use migrate_core::name::QualifiedName;
use migrate_core::operation::SetRowSecurity;
use migrate_core::token::At;

use super::Action;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

struct RowSecurityChange {
    enable: Option<bool>,
    force: Option<bool>,
    at: At,
}

/// Takes the action, where it begins here.
pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
    let start = parser.cursor.index();
    let changes: [(&[&str], _, _); 4] = [
        (&["enable"], Some(true), None),
        (&["disable"], Some(false), None),
        (&["no", "force"], None, Some(false)),
        (&["force"], None, Some(true)),
    ];
    let Some((_, enable, force)) = changes.into_iter().find(|(words, ..)| parser.cursor.take_words(words)) else {
        return Ok(None);
    };
    if !parser.cursor.take_words(&["row", "level", "security"]) {
        return parser.expected("`row level security`");
    }
    Ok(Some(Box::new(RowSecurityChange { enable, force, at: parser.cursor.since(start) })))
}

impl Action for RowSecurityChange {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`row level security`");
        let Some(definition) = checker.table(table) else { return };
        let before = definition.row_security;
        drop(definition);
        let row_security = RowSecurity {
            is_enabled: self.enable.unwrap_or(before.is_enabled),
            is_forced: self.force.unwrap_or(before.is_forced),
        };
        if row_security == before {
            let state = match (self.enable, self.force) {
                (Some(true), _) => "already enabled",
                (Some(false), _) => "not enabled",
                (None, Some(true)) => "already forced",
                (None, _) => "not forced",
            };
            checker.report(
                Diagnostic::new(code::EMPTY, format!("row level security of `{}` is {state}", table.value), self.at)
                    .help("remove it"),
            );
            return;
        }
        checker.emit(SetRowSecurity { table: table.value.clone(), row_security }, self.at);
    }
}
