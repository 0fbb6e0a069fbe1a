//! The form in which queries are compared.

use super::visit::{PartMut, TableRole};
use super::{Body, Item, Query, Select, Source, SourceKind, Statement};
use crate::expression::{Expression, ExpressionKind, canonical_part};
use crate::name::DEFAULT_SCHEMA;
use crate::token::At;

/// The query with all expressions in their canonical form, and with what means the same written in one way.
///
/// Names are not resolved: `a` and `t.a` differ.
pub fn canonical(query: &Query) -> Query {
    let mut query = query.clone();
    query.walk_mut(&mut canonical_in);
    query
}

/// [`canonical`] of a statement.
pub fn canonical_statement(statement: &Statement) -> Statement {
    let mut statement = statement.clone();
    statement.walk_mut(&mut canonical_in);
    statement
}

/// Brings one part into its canonical form, whose parts are there already.
pub(crate) fn canonical_in(part: PartMut<'_>) {
    match part {
        PartMut::Expression(expression) => canonical_part(expression),
        PartMut::Query(query) => simplify(query),
        // Without a schema a table is the system's, or else one in `public`.
        PartMut::Table(name, TableRole::Read | TableRole::Target) if !name.name.value.starts_with("pg_") => {
            name.database = None;
            name.schema.take_if(|schema| schema.value == DEFAULT_SCHEMA);
        }
        _ => {}
    }
}

fn simplify(query: &mut Query) {
    if let Body::Table(table) = &query.body {
        let star = Expression::from(ExpressionKind::Star(Vec::new()));
        let source = Source { kind: SourceKind::Table(table.clone()), alias: None, at: At::default() };
        let items = vec![Item { value: star, alias: None }];
        query.body = Body::Select(Box::new(Select::new(items, vec![source], query.at)));
    }
    // `LIMIT NULL` is how `LIMIT ALL` may be kept.
    query.limit.take_if(|limit| limit.count.is_null());
    if let Body::Select(select) = &mut query.body {
        for item in &mut select.items {
            drop_own_name(item);
        }
    }
}

/// `total AS total` is `total`, and `1 AS "?column?"` is `1`.
fn drop_own_name(item: &mut Item) {
    let own = match &item.value.kind {
        ExpressionKind::Name(parts) => parts.last().map(String::as_str),
        _ => Some("?column?"),
    };
    item.alias.take_if(|alias| Some(alias.value.as_str()) == own);
}
