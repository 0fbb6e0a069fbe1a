//! The form in which queries are compared.

use super::visit::{PartMut, TableRole};
use super::{Body, Item, Query, Select, Source, SourceKind, Statement, output_name};
use crate::expression::{Expression, ExpressionKind, canonical_part};
use crate::name::DEFAULT_SCHEMA;
use crate::token::At;

/// The query with all expressions in their canonical form, and with what means the same written in one way.
///
/// Names are not resolved: `a` and `t.a` differ.
pub fn canonical(query: &Query) -> Query {
    let mut query = query.clone();
    query.walk_mut(&mut without_own_names);
    query.walk_mut(&mut canonical_in);
    query
}

/// [`canonical`] of a statement.
pub fn canonical_statement(statement: &Statement) -> Statement {
    let mut statement = statement.clone();
    statement.walk_mut(&mut without_own_names);
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
}

/// Leaves out the aliases that the columns have anyway, as they are written: `total AS total` is `total`, and
/// `count(*) AS count` is `count(*)`.
pub(crate) fn without_own_names(part: PartMut<'_>) {
    if let PartMut::Query(Query { body: Body::Select(select), .. }) = part {
        for item in &mut select.items {
            let own = output_name(&item.value);
            item.alias.take_if(|alias| alias.value == own);
        }
    }
}
