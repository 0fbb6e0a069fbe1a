//! Expressions as they are written. What is printed is read back, so that nothing else can be meant.

use std::str::FromStr;

use migrate_core::catalog::Catalog;
use migrate_core::expression::{Expression, ExpressionKind, NamedInText, parse, parse_default};
use migrate_core::json::Value;
use migrate_core::name::DEFAULT_SCHEMA;
use migrate_core::query::{Part, PartMut, Query, Statement, TableRole};
use migrate_core::token::Cursor;
use migrate_core::types::{BuiltIn, Category, Type};
use proc_macro2::{Span, TokenStream};

use super::tokens::{Odd, rust_tokens};
use super::words::{is_identifier, is_word, text};
use super::{Printed, Unprintable};
use crate::check::is_system_function;
use crate::source::Source;

/// What may stand behind an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behind {
    /// A bracket, or the end of the item.
    Nothing,
    /// The options of a column.
    Options,
}

/// An expression where any may stand.
///
/// # Errors
/// It cannot be written so that it is read as the same.
pub(crate) fn expression(written: &Expression, catalog: &Catalog) -> Printed {
    let mut short = written.clone();
    walk(&mut short, catalog);
    let sql = short.sql();
    for odd in Odd::ALL {
        if let Some(tokens) = rust_tokens(&sql, odd)
            && read(&tokens, Behind::Nothing).is_some_and(|found| found == short)
        {
            return Ok(tokens);
        }
    }
    Err(Unprintable::new(format!("the expression `{}`", written.sql()), "it would be read as another one"))
}

/// An expression in round brackets.
pub(crate) fn bracketed(written: &Expression, catalog: &Catalog) -> Printed {
    Ok(format!("({})", expression(written, catalog)?))
}

/// A value of a type, in the short form that the language has for it.
pub(crate) fn value(written: &Expression, data_type: &Type, behind: Behind, catalog: &Catalog) -> Printed {
    if let Some(short) = short_value(written, data_type, catalog)
        && read(&short, behind).is_some()
    {
        return Ok(short);
    }
    let full = expression(written, catalog)?;
    Ok(if ends_by_itself(&full, behind) { full } else { format!("({full})") })
}

/// The short form: the value of an enum as a name, JSON in braces, an array in square brackets.
fn short_value(written: &Expression, data_type: &Type, catalog: &Catalog) -> Option<String> {
    if let Some(value) = written.as_text()
        && let Some(name) = data_type.as_named()
        && catalog.enum_type(name).is_some_and(|found| found.has(value))
    {
        return (is_identifier(value) && !is_word(value)).then(|| value.to_owned());
    }
    let short = match &written.kind {
        ExpressionKind::Cast { operand, target, .. } if target == data_type => match &operand.kind {
            ExpressionKind::Text(value) if data_type.category() == Category::Json => json(&Value::read(value)?),
            ExpressionKind::Text(value) if value == "{}" && data_type.element().is_some() => "[]".to_owned(),
            ExpressionKind::Array(items) if !items.is_empty() => array(items, catalog)?,
            _ => return None,
        },
        ExpressionKind::Array(items) if !items.is_empty() && data_type.element().is_some() => array(items, catalog)?,
        _ => return None,
    };
    let found = read(&short, Behind::Nothing)?;
    (found.assigned_to(data_type) == *written).then_some(short)
}

fn array(items: &[Expression], catalog: &Catalog) -> Option<String> {
    let items: Option<Vec<String>> = items.iter().map(|item| expression(item, catalog).ok()).collect();
    Some(format!("[{}]", items?.join(", ")))
}

/// A JSON value as tokens.
fn json(value: &Value) -> String {
    match value {
        Value::Text(value) => text(value),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{}: {}", text(name), json(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Plain(plain) => plain.clone(),
    }
}

/// A query as tokens, or as a text where those would be read as another one.
pub(crate) fn query(written: &Query, catalog: &Catalog) -> String {
    let mut short = written.clone();
    shorten_query(&mut short, catalog);
    query_tokens(&short).unwrap_or_else(|| text(&short.sql()))
}

/// Whether a query is printed as tokens.
#[cfg(test)]
pub(super) fn is_as_tokens(written: &Query, catalog: &Catalog) -> bool {
    let mut short = written.clone();
    shorten_query(&mut short, catalog);
    query_tokens(&short).is_some()
}

fn query_tokens(short: &Query) -> Option<String> {
    let sql = short.sql();
    for odd in Odd::ALL {
        let Some(tokens) = rust_tokens(&sql, odd) else { continue };
        let Some(source) = source(&tokens) else { continue };
        let mut cursor = Cursor::new(&source.tokens);
        if migrate_core::query::parse(&mut cursor).is_ok_and(|found| found == *short) && cursor.is_at_end() {
            return Some(tokens);
        }
    }
    None
}

/// A statement that changes rows.
///
/// # Errors
/// It cannot be written so that it is read as the same.
pub(crate) fn statement(written: &Statement, catalog: &Catalog) -> Printed {
    let mut short = written.clone();
    shorten_statement(&mut short, catalog);
    let sql = short.sql();
    for odd in Odd::ALL {
        let Some(tokens) = rust_tokens(&sql, odd) else { continue };
        let Some(source) = source(&tokens) else { continue };
        let mut cursor = Cursor::new(&source.tokens);
        if migrate_core::query::parse_statement(&mut cursor).is_ok_and(|found| found == short) && cursor.is_at_end() {
            return Ok(tokens);
        }
    }
    Err(Unprintable::new(format!("the statement `{sql}`"), "it would be read as another one"))
}

/// Whether the tokens are read as one expression where this may follow.
pub(super) fn ends_by_itself(tokens: &str, behind: Behind) -> bool {
    read(tokens, behind).is_some_and(|found| Some(found) == read(tokens, Behind::Nothing))
}

/// The tokens of a text as the compiler reads them.
fn source(tokens: &str) -> Option<Source> {
    let stream = TokenStream::from_str(tokens).ok()?;
    let mut mistakes = Vec::new();
    let source = Source::new(stream, Span::call_site(), "", &mut mistakes);
    mistakes.is_empty().then_some(source)
}

/// The expression that the tokens are read as, where they are one and nothing is left.
fn read(tokens: &str, behind: Behind) -> Option<Expression> {
    let source = source(tokens)?;
    let mut cursor = Cursor::new(&source.tokens);
    let found = match behind {
        Behind::Nothing => parse(&mut cursor),
        Behind::Options => parse_default(&mut cursor),
    };
    found.ok().filter(|_| cursor.is_at_end())
}

/// Leaves out the schemas that are found without being written.
fn walk(expression: &mut Expression, catalog: &Catalog) {
    let common = common_tables(|see| expression.walk(see));
    expression.walk_mut(&mut |part| shorten(part, &common, catalog));
}

fn shorten_query(query: &mut Query, catalog: &Catalog) {
    let common = common_tables(|see| query.walk(see));
    query.walk_mut(&mut |part| shorten(part, &common, catalog));
}

fn shorten_statement(statement: &mut Statement, catalog: &Catalog) {
    let mut common = common_tables(|see| statement.walk(see));
    common.extend(statement.with().iter().flat_map(|with| &with.tables).map(|table| table.name.value.clone()));
    statement.walk_mut(&mut |part| shorten(part, &common, catalog));
}

/// The names that `WITH` gives anywhere in a tree: a table of such a name needs its schema.
fn common_tables<'q>(walk: impl FnOnce(&mut dyn FnMut(Part<'q>))) -> Vec<String> {
    let mut names = Vec::new();
    walk(&mut |part| match part {
        Part::Query(query) => {
            names.extend(query.with.iter().flat_map(|with| &with.tables).map(|table| table.name.value.clone()));
        }
        Part::Table(name, TableRole::Common) => names.push(name.name.value.clone()),
        _ => {}
    });
    names
}

fn shorten(part: PartMut<'_>, common: &[String], catalog: &Catalog) {
    match part {
        PartMut::Expression(Expression { kind: ExpressionKind::Call(call), .. }) => {
            if call.schema.is_none() && matches!(call.name.as_str(), "nextval" | "currval" | "setval") {
                call.arguments.iter_mut().take(1).for_each(|sequence| shorten_relation(&mut sequence.value));
            }
            let is_public = call.schema.as_deref() == Some(DEFAULT_SCHEMA);
            if is_public
                && !is_system_function(&call.name)
                && !is_of_other_schema(&call.name, catalog)
                && !call.is_choice()
            {
                call.schema = None;
                // A choice is told from a function by having no schema.
                if call.is_choice() {
                    call.schema = Some(DEFAULT_SCHEMA.to_owned());
                }
            }
        }
        PartMut::Table(name, role) => {
            let is_public = name.schema.as_ref().is_some_and(|schema| schema.value == DEFAULT_SCHEMA);
            let is_system = name.name.value.starts_with("pg_");
            if is_public && role != TableRole::Common && !is_system && !common.contains(&name.name.value) {
                name.schema = None;
            }
        }
        _ => {}
    }
}

/// The name of a relation in a text, as in `nextval("numbers")`, without the default schema.
fn shorten_relation(name: &mut Expression) {
    match &mut name.kind {
        ExpressionKind::Cast { operand, .. } => shorten_relation(operand),
        ExpressionKind::Text(text) => {
            let Some(mut named) = NamedInText::read(text, BuiltIn::RegClass) else { return };
            if let NamedInText::Object { schema, name, .. } = &mut named {
                schema.take_if(|schema| schema == DEFAULT_SCHEMA && !name.starts_with("pg_"));
            }
            *text = named.text();
        }
        _ => {}
    }
}

/// Whether an extension in another schema would be looked into for a function of this name.
fn is_of_other_schema(function: &str, catalog: &Catalog) -> bool {
    let extension = crate::extensions::providing_function(function).and_then(|name| catalog.extensions.get(name));
    extension.is_some_and(|extension| extension.schema() != DEFAULT_SCHEMA)
}
