//! `call close_month("2026-01-01") irreversible "...";`, `call archive() outside transaction ...`

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::object::{Definition, Procedure};
use migrate_core::operation::CallProcedure;
use migrate_core::sql::lex;
use migrate_core::token::{At, Token};

use super::Item;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["call"]];

pub(super) struct Call {
    call: Spanned<Expression>,
    /// Where `outside transaction` stands.
    outside: Option<At>,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Call> {
    let call = parser.expression()?;
    if !matches!(call.value.kind, ExpressionKind::Call(_)) {
        return Err(Diagnostic::new(code::SYNTAX, "expected a call of a procedure", call.at)
            .help("write `call name(argument, ...)`"));
    }
    let start = parser.cursor.index();
    let outside = parser.cursor.take_words(&["outside", "transaction"]).then(|| parser.cursor.since(start));
    Ok(Call { call, outside })
}

impl Item for Call {
    fn changes_catalog(&self) -> bool {
        false
    }

    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`call`");
        let Some(call) = checker.call(&self.call.value) else { return };
        if self.outside.is_none() && commits(&call, checker) {
            checker.report(
                Diagnostic::new(
                    code::INVALID_QUERY,
                    "this procedure commits or rolls back, so it cannot run in a transaction",
                    self.call.at,
                )
                .help("add `outside transaction` after the call"),
            );
            return;
        }
        checker.emit(CallProcedure { call, in_transaction: self.outside.is_none() }, self.call.at);
    }
}

/// Whether the only procedure of this name ends transactions.
fn commits(call: &Expression, checker: &Checker<'_>) -> bool {
    let ExpressionKind::Call(call) = &call.kind else { return false };
    let mut named = checker.catalog().objects.iter().filter_map(|(id, object)| match &object.definition {
        Definition::Procedure(Procedure(function)) => {
            let is_it = id.name.name == call.name && call.schema.as_ref().is_none_or(|schema| *schema == id.name.schema);
            is_it.then_some(function)
        }
        _ => None,
    });
    let (Some(only), None) = (named.next(), named.next()) else { return false };
    let tokens = only.body.text().and_then(|text| lex(text).ok()).unwrap_or_default();
    tokens.windows(2).any(|pair| {
        let begins = match &pair[0] {
            Token::Symbol { symbol, .. } => *symbol == ';',
            Token::Word(word) => ["begin", "then", "else", "loop"].contains(&word.as_str()),
            _ => false,
        };
        begins && matches!(&pair[1], Token::Word(word) if word == "commit" || word == "rollback")
    })
}
