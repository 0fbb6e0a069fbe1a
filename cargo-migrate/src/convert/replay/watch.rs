//! What a block or a function does to rows, seen in the rows.
//!
//! A history runs again only on databases that begin empty, and there it does what it did here. So rows that such code has changed
//! can be written as they came out, where all that it changes is seen: each table that it names has changed, and nothing
//! depends on the time or on chance.

use std::collections::{BTreeMap, BTreeSet};

use migrate_runtime::core::catalog::{Catalog, ConstraintKind};
use migrate_runtime::core::name::QualifiedName;
use migrate_runtime::core::query::Statement;
use migrate_runtime::core::sql::{Writer, lex, quote_identifier, quote_literal};
use migrate_runtime::core::token::{Cursor, Token};
use migrate_runtime::sqlx::{self, AssertSqlSafe, PgConnection};
use serde_json::{Map, Value};

/// Tables with more rows are not looked at.
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

/// The rows of the tables that some code changes.
pub(super) struct Watch {
    tables: BTreeMap<QualifiedName, Vec<Map<String, Value>>>,
}

impl Watch {
    /// Looks at the rows before the code runs; nothing where it cannot be told what the code changes.
    pub(super) async fn begin(
        sql: &str,
        catalog: &Catalog,
        connection: &mut PgConnection,
    ) -> Result<Option<Watch>, sqlx::Error> {
        let Some(targets) = targets(&code(sql, catalog)) else { return Ok(None) };
        let names: Option<BTreeSet<QualifiedName>> = targets.iter().map(|target| find(target, catalog)).collect();
        let Some(names) = names.filter(|names| !names.is_empty()) else { return Ok(None) };
        let mut tables = BTreeMap::new();
        for name in names {
            let Some(rows) = rows(&name, connection).await? else { return Ok(None) };
            tables.insert(name, rows);
        }
        Ok(Some(Watch { tables }))
    }

    /// The statements that do the same to the rows; nothing where that is not seen for each table.
    pub(super) async fn end(
        self,
        before: &Catalog,
        after: &Catalog,
        connection: &mut PgConnection,
    ) -> Result<Option<Vec<Statement>>, sqlx::Error> {
        let mut statements = Vec::new();
        for (name, was) in self.tables {
            // Where its structure changes as well, the order of both counts.
            if before.table(&name) != after.table(&name) {
                return Ok(None);
            }
            let Some(is) = rows(&name, connection).await? else { return Ok(None) };
            let Some(changed) = changes(&name, &was, &is, after) else { return Ok(None) };
            statements.extend(changed);
        }
        Ok(Some(statements))
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

/// The tables whose rows are changed; nothing where code may change others.
fn targets(code: &str) -> Option<BTreeSet<Vec<String>>> {
    let mut targets = BTreeSet::new();
    collect(code, &mut targets)?;
    Some(targets)
}

fn collect(code: &str, targets: &mut BTreeSet<Vec<String>>) -> Option<()> {
    let tokens = lex(code).ok()?;
    let mut begins = true;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Word(word) if CHANCE.contains(&word.as_str()) => return None,
            Token::Word(word) if begins => {
                begins = ["begin", "then", "else", "loop"].contains(&word.as_str());
                let mut cursor = Cursor::of_sql(tokens.get(at + 1..)?);
                match word.as_str() {
                    "insert" | "delete" => {
                        let _ = cursor.take_word("into") || cursor.take_word("from");
                    }
                    "update" => {}
                    "merge" | "truncate" | "copy" | "perform" | "call" | "with" => return None,
                    _ => continue,
                }
                cursor.take_word("only");
                targets.insert(name(&mut cursor)?);
            }
            Token::Word(word) => begins = ["begin", "then", "else", "loop"].contains(&word.as_str()),
            Token::Symbol { symbol: ';', .. } => begins = true,
            Token::Text(text) => {
                begins = false;
                let first = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
                let is_code = text.contains(';')
                    || ["insert", "update", "delete", "merge", "truncate", "copy", "with"].contains(&first.as_str());
                if is_code {
                    collect(text, targets)?;
                }
            }
            _ => begins = false,
        }
    }
    Some(())
}

fn name(cursor: &mut Cursor<'_>) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    loop {
        match cursor.next() {
            Token::Word(word) | Token::QuotedWord(word) => parts.push(word.clone()),
            _ => return None,
        }
        if !cursor.take_symbol('.') {
            return Some(parts);
        }
    }
}

/// The one table of that name.
fn find(parts: &[String], catalog: &Catalog) -> Option<QualifiedName> {
    match parts {
        [schema, name] => Some(QualifiedName::in_schema(schema, name)).filter(|name| catalog.table(name).is_some()),
        [name] => {
            let mut found = catalog.tables.keys().filter(|table| table.name == *name);
            found.next().cloned().filter(|_| found.next().is_none())
        }
        _ => None,
    }
}

async fn rows(
    name: &QualifiedName,
    connection: &mut PgConnection,
) -> Result<Option<Vec<Map<String, Value>>>, sqlx::Error> {
    let table = Writer::new().name(name).finish();
    let sql = format!("SELECT pg_catalog.row_to_json(t)::text FROM {table} t LIMIT {}", MOST_ROWS + 1);
    let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).fetch_all(connection).await?;
    if found.len() > MOST_ROWS {
        return Ok(None);
    }
    Ok(found.iter().map(|row| serde_json::from_str(row).ok()).collect())
}

/// The statements that make the first rows the second ones. At least one.
fn changes(
    name: &QualifiedName,
    was: &[Map<String, Value>],
    is: &[Map<String, Value>],
    catalog: &Catalog,
) -> Option<Vec<Statement>> {
    let table = catalog.table(name)?;
    let full = Writer::new().name(name).finish();
    let key: Vec<&str> = table
        .constraints
        .values()
        .find_map(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => Some(key.columns.iter().map(String::as_str).collect()),
            _ => None,
        })
        .unwrap_or_default();
    let mut sql = Vec::new();
    if let ([before], [after]) = (was, is) {
        sql.extend(update(&full, before, after, "")?);
    } else {
        if key.is_empty() && !was.is_empty() {
            return None;
        }
        let identity = |row: &Map<String, Value>| -> String {
            match key.is_empty() {
                true => Value::Object(row.clone()).to_string(),
                false => {
                    key.iter().map(|column| format!("{}\u{1f}", row.get(*column).unwrap_or(&Value::Null))).collect()
                }
            }
        };
        let by_key = |rows: &[Map<String, Value>]| -> BTreeMap<String, Map<String, Value>> {
            rows.iter().map(|row| (identity(row), row.clone())).collect()
        };
        let (before, after) = (by_key(was), by_key(is));
        if before.len() != was.len() || after.len() != is.len() {
            return None;
        }
        for (identity, row) in &before {
            let condition = condition(row, &key)?;
            match after.get(identity) {
                None => sql.push(format!("DELETE FROM {full}{condition}")),
                Some(now) => sql.extend(update(&full, row, now, &condition)?),
            }
        }
        for (_, row) in after.iter().filter(|(identity, _)| !before.contains_key(*identity)) {
            let columns: Vec<String> = row.keys().map(|column| quote_identifier(column).into_owned()).collect();
            let values: Option<Vec<String>> = row.values().map(literal).collect();
            sql.push(format!("INSERT INTO {full} ({}) VALUES ({})", columns.join(", "), values?.join(", ")));
        }
    }
    // Moments are others each time.
    let has_moments = table.columns.iter().any(|column| {
        column.data_type.to_string().contains("time")
            && is.iter().any(|row| !was.contains(row) && row.get(&column.name).is_some_and(|value| !value.is_null()))
    });
    if sql.is_empty() || has_moments {
        return None;
    }
    sql.iter().map(|sql| sql.parse().ok()).collect()
}

fn condition(row: &Map<String, Value>, key: &[&str]) -> Option<String> {
    let parts: Option<Vec<String>> = key
        .iter()
        .map(|column| Some(format!("{} = {}", quote_identifier(column), literal(row.get(*column)?)?)))
        .collect();
    Some(format!(" WHERE {}", parts?.join(" AND ")))
}

/// What makes one row the other, where they differ.
fn update(
    table: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    condition: &str,
) -> Option<Option<String>> {
    let mut set = Vec::new();
    for (column, value) in after.iter().filter(|(column, value)| before.get(*column) != Some(*value)) {
        set.push(format!("{} = {}", quote_identifier(column), literal(value)?));
    }
    Some((!set.is_empty()).then(|| format!("UPDATE {table} SET {}{condition}", set.join(", "))))
}

fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("NULL".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(quote_literal(text)),
        // An array or a JSON value: what it looks like here is not how it is written.
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_code_changes_is_read_from_its_words() {
        let found =
            |code: &str| targets(code).map(|found| found.into_iter().map(|name| name.join(".")).collect::<Vec<_>>());
        assert_eq!(
            found("do $$ begin if v = 1 then update app.a set x = 1; insert into \"B\" values (1); end if; end $$"),
            Some(vec!["B".to_owned(), "app.a".to_owned()])
        );
        assert_eq!(found("do $$ begin alter table a add b int; end $$"), Some(Vec::new()));
        for code in [
            "do $$ begin perform f(); end $$",
            "do $$ begin execute 'update ' || t || ' set a = 1'; end $$",
            "do $$ begin update a set at = now(); end $$",
            "do $$ begin truncate a; end $$",
        ] {
            assert_eq!(found(code), None, "{code}");
        }
    }
}
