//! `refresh materialized view monthly_totals;`

use migrate_core::name::QualifiedName;
use migrate_core::object::{Kind, ObjectId};
use migrate_core::operation::RefreshView;
use migrate_core::token::At;

use super::Item;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["refresh", "materialized", "view"]];

pub(super) struct Refresh {
    name: Spanned<QualifiedName>,
    with_data: bool,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Refresh> {
    let start = parser.cursor.index();
    if parser.cursor.is_word("concurrently") {
        return Err(Diagnostic::new(code::SYNTAX, "unexpected `concurrently`", parser.cursor.at())
            .help("remove it: what has a unique index over columns is always refreshed concurrently"));
    }
    let name = parser.qualified_name("the materialized view")?;
    let with_data = parse_with_data(parser)?;
    Ok(Refresh { name, with_data, at: parser.cursor.since(start) })
}

/// Takes `with data` or `with no data`, which says that nothing is filled.
pub(crate) fn parse_with_data(parser: &mut Parser<'_>) -> Parsed<bool> {
    if parser.cursor.take_words(&["with", "no", "data"]) {
        return Ok(false);
    }
    if parser.cursor.take_word("with") {
        parser.word("data")?;
    }
    Ok(true)
}

impl Item for Refresh {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`refresh`");
        let id = ObjectId::new(Kind::MaterializedView, self.name.value.clone());
        let Some(_) = checker.object(&id, self.name.at) else { return };
        if !self.with_data
            && checker.catalog().materialized_view(&self.name.value).is_some_and(|view| !view.is_filled)
        {
            checker.report(
                Diagnostic::new(code::EMPTY, format!("{id} already has no data"), self.at)
                    .help("remove it, or refresh the view with its data"),
            );
            return;
        }
        let (name, with_data) = (self.name.value.clone(), self.with_data);
        checker.emit(RefreshView { name, with_data }, self.at);
    }
}
