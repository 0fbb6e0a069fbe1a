//! What a block or a function does to rows, seen in the rows.
//!
//! A history runs again only on databases that begin empty, and there it does what it did here. So rows that such code has changed
//! can be written as they came out, unless that depends on the time or on chance, and code that has changed none has nothing to
//! be written for it.

use std::collections::BTreeMap;

use migrate_runtime::core::catalog::{Catalog, Column, Table};
use migrate_runtime::core::name::QualifiedName;
use migrate_runtime::core::object::Definition;
use migrate_runtime::core::query::Statement;
use migrate_runtime::core::sql::{Writer, lex, quote_identifier, quote_literal};
use migrate_runtime::core::token::Token;
use migrate_runtime::core::types::Category;
use migrate_runtime::sqlx::{self, AssertSqlSafe, PgConnection, Row as _};
use serde_json::{Map, Value};

/// The changes of tables with more rows are not written.
const MOST_ROWS: usize = 200;

/// Words whose values are others each time.
const CHANCE: [&str; 12] = [
    "now",
    "current_timestamp",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "localtimestamp",
    "current_date",
    "current_time",
    "random",
    "gen_random_uuid",
    "uuid_generate_v4",
    "timeofday",
];

/// Where each sequence is: what names it in a call, and the last value.
const SEQUENCES: &str = "
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),
  CASE WHEN d.refobjid IS NULL THEN pg_catalog.quote_literal(pg_catalog.format('%I.%I', n.nspname, c.relname))
    ELSE pg_catalog.format('pg_get_serial_sequence(%L, %L)', pg_catalog.format('%I.%I', tn.nspname, t.relname), a.attname) END,
  s.last_value
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequences s ON s.schemaname = n.nspname AND s.sequencename = c.relname
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'i'
LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S' AND c.relpersistence <> 't'";

/// The beginning of the transaction, as the types of moments have it.
const MOMENTS: &str = "
SELECT array[now()::text, now()::timestamptz(6)::text, now()::timestamptz(3)::text, now()::timestamptz(0)::text,
  localtimestamp::text, localtimestamp(3)::text, localtimestamp(0)::text,
  (now() AT TIME ZONE 'utc')::text, (now() AT TIME ZONE 'utc')::timestamp(3)::text]";

type Row = Map<String, Value>;

/// What is in a table.
#[derive(Clone, Debug, Default, PartialEq)]
struct Content {
    count: i64,
    hash: String,
    /// Where there are few.
    rows: Option<Vec<Row>>,
}

/// The rows of all tables before some code runs.
pub(super) struct Watch {
    depends_on_chance: bool,
    tables: BTreeMap<QualifiedName, Content>,
    sequences: BTreeMap<String, (String, Option<i64>)>,
}

impl Watch {
    pub(super) async fn begin(
        sql: &str,
        catalog: &Catalog,
        connection: &mut PgConnection,
    ) -> Result<Watch, sqlx::Error> {
        Ok(Watch {
            depends_on_chance: depends_on_chance(&code(sql, catalog)),
            tables: contents(catalog, connection).await?,
            sequences: sequences(connection).await?,
        })
    }

    /// The statements that do the same to the rows, none where nothing was changed; `None` where they cannot be written.
    pub(super) async fn end(
        self,
        before: &Catalog,
        after: &Catalog,
        connection: &mut PgConnection,
    ) -> Result<Option<Vec<Statement>>, sqlx::Error> {
        let now = contents(after, connection).await?;
        let moments: Vec<String> = sqlx::query_scalar(MOMENTS).fetch_one(&mut *connection).await?;
        let sequences = sequences(connection).await?;
        let nothing = Content { rows: Some(Vec::new()), ..Content::default() };
        let mut changed: Vec<(usize, Changes)> = Vec::new();
        for (name, is) in &now {
            let was = self.tables.get(name).unwrap_or(&nothing);
            let Some(table) = after.table(name) else { continue };
            let is_as_before = before.table(name).is_none_or(|before| before.columns == table.columns);
            if (was.count, is.count) == (0, 0) || is_as_before && was.hash == is.hash && was.count == is.count {
                continue;
            }
            let (Some(was), Some(is)) = (&was.rows, &is.rows) else { return Ok(None) };
            // Where the columns are others as well, the order of both counts.
            if !is_as_before || self.depends_on_chance {
                return Ok(None);
            }
            let Some(found) = changes(name, table, was, is, &moments) else { return Ok(None) };
            if fires(name, &found, after) {
                return Ok(None);
            }
            changed.push((depth(name, after, 0), found));
        }
        changed.sort_by_key(|(depth, _)| *depth);
        let deleted = changed.iter().rev().flat_map(|(_, changes)| &changes.deleted);
        let made = changed.iter().flat_map(|(_, changes)| changes.updated.iter().chain(&changes.inserted));
        let moved = sequences.into_iter().filter_map(|(name, (call, value))| {
            let was = self.sequences.get(&name).and_then(|(_, was)| *was);
            value.filter(|value| was != Some(*value)).map(|value| format!("SELECT setval({call}, {value})"))
        });
        let sql: Vec<String> = deleted.chain(made).cloned().chain(moved).collect();
        Ok(sql.iter().map(|sql| sql.parse().ok()).collect())
    }
}

/// All code that a statement runs: its own, and that of the functions that it calls.
fn code(sql: &str, catalog: &Catalog) -> String {
    let Ok(statement) = sql.parse::<Statement>() else { return sql.to_owned() };
    let mut code = sql.to_owned();
    for call in statement.functions() {
        let known = catalog.objects.iter().filter(|(id, _)| id.name.name == call.name);
        for (_, object) in known {
            if let Some(body) = crate::convert::effect::body(&object.definition) {
                code.push_str(";\n");
                code.push_str(&body);
            }
        }
    }
    code
}

fn depends_on_chance(code: &str) -> bool {
    let Ok(tokens) = lex(code) else { return true };
    tokens.iter().any(|token| match token {
        Token::Word(word) => CHANCE.contains(&word.as_str()),
        Token::Text(text) => text.len() < code.len() && text.contains(' ') && depends_on_chance(text),
        _ => false,
    })
}

/// How many tables have to be filled before this one.
fn depth(name: &QualifiedName, catalog: &Catalog, so_far: usize) -> usize {
    const DEEPEST: usize = 12;
    let Some(table) = catalog.table(name).filter(|_| so_far < DEEPEST) else { return so_far };
    let referenced = table.foreign_keys().map(|(_, key)| &key.table).filter(|other| *other != name);
    referenced.map(|other| depth(other, catalog, so_far + 1)).max().unwrap_or(so_far)
}

/// What is in each table that has rows of its own.
async fn contents(
    catalog: &Catalog,
    connection: &mut PgConnection,
) -> Result<BTreeMap<QualifiedName, Content>, sqlx::Error> {
    let tables: Vec<_> = catalog.tables.iter().filter(|(_, table)| table.partitioning.is_none()).collect();
    let mut contents = BTreeMap::new();
    if tables.is_empty() {
        return Ok(contents);
    }
    let each = tables.iter().enumerate().map(|(number, (name, table))| {
        let columns: Vec<String> = table.columns.iter().map(|column| {
            let name = quote_identifier(&column.name);
            // What JSON has no form for is a text, as it would be in a literal.
            match column.data_type.category() {
                Category::Numeric | Category::Boolean => name.into_owned(),
                _ => format!("{name}::pg_catalog.text AS {name}"),
            }
        }).collect();
        format!(
            "SELECT {number}, pg_catalog.count(*), \
             pg_catalog.md5(coalesce(pg_catalog.string_agg(t::pg_catalog.text, '|' ORDER BY t::pg_catalog.text), '')), \
             CASE WHEN pg_catalog.count(*) <= {MOST_ROWS} THEN coalesce(pg_catalog.json_agg(t), '[]'::pg_catalog.json)::pg_catalog.text END \
             FROM (SELECT {} FROM ONLY {}) t",
            columns.join(", "),
            Writer::new().name(name).finish()
        )
    });
    let sql = each.collect::<Vec<_>>().join(" UNION ALL ");
    for row in sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_all(connection).await? {
        let number = usize::try_from(row.try_get::<i32, _>(0)?).unwrap_or_default();
        let rows: Option<String> = row.try_get(3)?;
        let content = Content {
            count: row.try_get(1)?,
            hash: row.try_get(2)?,
            rows: rows.and_then(|rows| serde_json::from_str(&rows).ok()),
        };
        if let Some((name, _)) = tables.get(number) {
            contents.insert((*name).clone(), content);
        }
    }
    Ok(contents)
}

async fn sequences(connection: &mut PgConnection) -> Result<BTreeMap<String, (String, Option<i64>)>, sqlx::Error> {
    let rows = sqlx::query(SEQUENCES).fetch_all(connection).await?;
    rows.into_iter().map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)))).collect()
}

/// The statements that make the first rows of a table the second ones.
#[derive(Debug, Default)]
struct Changes {
    deleted: Vec<String>,
    updated: Vec<String>,
    inserted: Vec<String>,
}

/// Whether a trigger would fire once more.
fn fires(table: &QualifiedName, changes: &Changes, catalog: &Catalog) -> bool {
    catalog.objects.iter().filter(|(id, _)| id.table().as_ref() == Some(table)).any(|(_, object)| {
        let Definition::Trigger(trigger) = &object.definition else { return false };
        let events = &trigger.events;
        events.delete && !changes.deleted.is_empty()
            || events.update.is_some() && !changes.updated.is_empty()
            || events.insert && !changes.inserted.is_empty()
    })
}

/// `moments` are those at which the statement ran, as texts.
fn changes(name: &QualifiedName, table: &Table, was: &[Row], is: &[Row], moments: &[String]) -> Option<Changes> {
    let full = Writer::new().name(name).finish();
    let key: Vec<&str> =
        table.primary_key().map(|(_, key)| key.columns.iter().map(String::as_str).collect()).unwrap_or_default();
    let mut changes = Changes::default();
    if let ([before], [after]) = (was, is) {
        changes.updated.extend(update(&full, table, before, after, "")?);
    } else {
        if key.is_empty() && !was.is_empty() {
            return None;
        }
        let identity = |(place, row): (usize, &Row)| -> String {
            match key.is_empty() {
                true => place.to_string(),
                false => {
                    key.iter().map(|column| format!("{}\u{1f}", row.get(*column).unwrap_or(&Value::Null))).collect()
                }
            }
        };
        let by_key = |rows: &[Row]| -> BTreeMap<String, Row> {
            rows.iter().enumerate().map(|(place, row)| (identity((place, row)), row.clone())).collect()
        };
        let (before, after) = (by_key(was), by_key(is));
        if before.len() != was.len() || after.len() != is.len() {
            return None;
        }
        for (identity, row) in &before {
            let condition = condition(row, &key)?;
            match after.get(identity) {
                None => changes.deleted.push(format!("DELETE FROM {full}{condition}")),
                Some(now) => changes.updated.extend(update(&full, table, row, now, &condition)?),
            }
        }
        let has_identity = table.columns.iter().any(|column| column.identity.is_some());
        let overriding = if has_identity { " OVERRIDING SYSTEM VALUE" } else { "" };
        for (_, row) in after.iter().filter(|(identity, _)| !before.contains_key(*identity)) {
            let columns = table.columns.iter().filter(|column| column.generated.is_none());
            let columns: Vec<&Column> = columns.collect();
            let values: Option<Vec<String>> =
                columns.iter().map(|column| inserted(column, row.get(&column.name)?, moments)).collect();
            let names: Vec<String> = columns.iter().map(|column| quote_identifier(&column.name).into_owned()).collect();
            changes.inserted.push(format!(
                "INSERT INTO {full} ({}){overriding} VALUES ({})",
                names.join(", "),
                values?.join(", ")
            ));
        }
    }
    Some(changes)
}

fn is_moment(column: &Column) -> bool {
    column.data_type.to_string().contains("time")
}

/// The value of a new row. A moment is another one each time: it is the default, or it cannot be written.
fn inserted(column: &Column, value: &Value, moments: &[String]) -> Option<String> {
    if !is_moment(column) || value.is_null() {
        return literal(value);
    }
    let is_default = column.default.as_ref().is_some_and(|default| depends_on_chance(&default.sql()))
        && value.as_str().is_some_and(|value| moments.iter().any(|moment| moment == value));
    is_default.then(|| "DEFAULT".to_owned())
}

fn condition(row: &Row, key: &[&str]) -> Option<String> {
    let parts: Option<Vec<String>> = key
        .iter()
        .map(|column| Some(format!("{} = {}", quote_identifier(column), literal(row.get(*column)?)?)))
        .collect();
    Some(format!(" WHERE {}", parts?.join(" AND ")))
}

/// What makes one row the other, where they differ.
fn update(full: &str, table: &Table, before: &Row, after: &Row, condition: &str) -> Option<Option<String>> {
    let mut set = Vec::new();
    let is_generated = |name: &str| table.column(name).is_some_and(|column| column.generated.is_some());
    for (column, value) in after.iter().filter(|(column, value)| before.get(*column) != Some(*value)) {
        if table.column(column).is_some_and(is_moment) && !value.is_null() {
            return None;
        }
        if !is_generated(column) {
            set.push(format!("{} = {}", quote_identifier(column), literal(value)?));
        }
    }
    Some((!set.is_empty()).then(|| format!("UPDATE {full} SET {}{condition}", set.join(", "))))
}

fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("NULL".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(quote_literal(text)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_that_depends_on_the_time_is_known_by_its_words() {
        for (code, expected) in [
            ("do $$ begin update a set at = now(); end $$", true),
            ("do $$ begin execute 'update a set at = current_date'; end $$", true),
            ("do $$ begin update a set b = 'now'; end $$", false),
        ] {
            assert_eq!(depends_on_chance(code), expected, "{code}");
        }
    }
}
