//! Functions that find tables and functions only where the session looks for them.

use migrate_runtime::core::catalog::Catalog;
use migrate_runtime::core::object::{Definition, Namespace, Object};
use migrate_runtime::core::query::{Statement, full_name};
use migrate_runtime::core::sql::lex;
use migrate_runtime::core::token::Token;

use super::effect::body;
use super::rows::{found_in, is_default, routine_in};

/// The function that a statement runs, itself or by a trigger, and that names something without its schema which is in one of these.
pub(crate) fn reader(statement: &Statement, catalog: &Catalog, path: &[String]) -> Option<String> {
    if is_default(path) {
        return None;
    }
    let target = match statement {
        Statement::Insert(insert) => Some(&insert.table.name),
        Statement::Update(update) => Some(&update.table.name),
        Statement::Delete(delete) => Some(&delete.table.name),
        Statement::Merge(merge) => Some(&merge.table.name),
        Statement::Query(_) => None,
    };
    let target = target.map(full_name);
    let called = statement.functions().into_iter().map(|call| call.name.clone());
    let of_triggers = catalog.objects.iter().filter(|(id, _)| target.is_some() && id.table() == target);
    let of_triggers = of_triggers.filter_map(|(_, object)| match &object.definition {
        Definition::Trigger(trigger) => Some(trigger.function.name.clone()),
        _ => None,
    });
    called.chain(of_triggers).find(|name| routines(name, catalog).any(|object| reads(object, catalog, path)))
}

fn routines<'c>(name: &'c str, catalog: &'c Catalog) -> impl Iterator<Item = &'c Object> {
    let all = catalog.objects.iter();
    all.filter(move |(id, _)| id.kind.namespace() == Namespace::Routine && id.name.name == name)
        .map(|(_, object)| &**object)
}

fn reads(routine: &Object, catalog: &Catalog, path: &[String]) -> bool {
    let Some(body) = body(&routine.definition) else { return false };
    let Ok(tokens) = lex(&body) else { return true };
    // It looks where it says.
    if tokens.iter().any(|token| matches!(token, Token::Word(word) if word == "search_path")) {
        return false;
    }
    let is_dot = |token: Option<&Token>| matches!(token, Some(Token::Symbol { symbol: '.', .. }));
    tokens.iter().enumerate().any(|(at, token)| {
        let (Token::Word(word) | Token::QuotedWord(word)) = token else { return false };
        let is_bare = !is_dot(tokens.get(at + 1)) && !is_dot(at.checked_sub(1).and_then(|before| tokens.get(before)));
        let is_found = || found_in(word, catalog, path).is_some() || routine_in(word, catalog, path).is_some();
        is_bare && is_found()
    })
}
