//! What the body of a function names without a schema.

use migrate_core::catalog::Catalog;
use migrate_core::name::DEFAULT_SCHEMA;
use migrate_core::object::{Body, Definition, Function, Namespace, Procedure};
use migrate_core::sql::lex;
use migrate_core::token::Token;

use crate::extensions;

/// Whether the server would not find something that a body in SQL names, under the path that migrations run with: it is in
/// another schema, and was found there under the path of whoever made the function.
pub(super) fn needs_another_path(definition: &Definition, catalog: &Catalog) -> bool {
    let (Definition::Function(function) | Definition::Procedure(Procedure(function))) = definition else {
        return false;
    };
    let Function { language, body: Body::Text(body), options, .. } = function else { return false };
    if language != "sql" || options.settings.contains_key("search_path") {
        return false;
    }
    let tokens = lex(body).unwrap_or_default();
    let is_dot = |index: Option<usize>| {
        let token = index.and_then(|index| tokens.get(index));
        matches!(token, Some(Token::Symbol { symbol: '.', .. }))
    };
    tokens.iter().enumerate().any(|(index, token)| match token {
        Token::Word(name) | Token::QuotedWord(name) => {
            !is_dot(index.checked_sub(1)) && !is_dot(Some(index + 1)) && is_elsewhere(name, catalog)
        }
        _ => false,
    })
}

/// Whether tables, views or functions of this name are in other schemas than the default one alone.
fn is_elsewhere(name: &str, catalog: &Catalog) -> bool {
    let objects = catalog.objects.keys().filter(|id| {
        matches!(id.kind.namespace(), Namespace::Relation | Namespace::Routine | Namespace::Type)
            && id.name.name == name
    });
    let tables = catalog.tables.keys().chain(catalog.enums.keys()).filter(|one| one.name == name);
    let mut schemas = objects.map(|id| id.name.schema.as_str()).chain(tables.map(|one| one.schema.as_str())).peekable();
    match schemas.peek() {
        Some(_) => schemas.all(|schema| schema != DEFAULT_SCHEMA),
        None => is_of_extension_elsewhere(name, catalog),
    }
}

fn is_of_extension_elsewhere(name: &str, catalog: &Catalog) -> bool {
    let found = [extensions::providing_type(name), extensions::providing_function(name)];
    let mut installed = found.into_iter().flatten().filter_map(|extension| catalog.extensions.get(extension));
    installed.any(|extension| extension.schema() != DEFAULT_SCHEMA)
}
