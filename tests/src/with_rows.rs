//! Rows in every table, by chance, and what is in a database as text: to compare one that went through its history with rows in it,
//! back and forth, with another one.

use std::collections::BTreeMap;

use migrate_core::catalog::{Catalog, Column, ConstraintKind, Table};
use migrate_core::name::QualifiedName;
use migrate_core::sql::{quote_identifier, quote_literal};
use sqlx::AssertSqlSafe;

use crate::Database;
use crate::histories::Chance;

/// What another run has otherwise becomes a word: what is of today, and ids made by chance.
const MASKED: &str = "regexp_replace(regexp_replace(value, \
    '(' || to_char(now(), 'YYYY-MM-DD') || '|' || to_char(now() - interval '1 day', 'YYYY-MM-DD') || ')[ T]?[0-9:.+-]*', '<now>', 'g'), \
    '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|\\y[0-9A-F]{10}\\y', '<by chance>', 'g')";

/// The rows of each table, by its name: the rows as text, sorted.
pub type Rows = BTreeMap<String, Vec<String>>;

impl Database {
    /// All rows, with all values but those that differ from run to run.
    pub async fn values(&self, catalog: &Catalog) -> Rows {
        let mut rows = Rows::new();
        let mut queries = Vec::new();
        for (name, table) in &catalog.tables {
            rows.insert(name.to_string(), Vec::new());
            let mut columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            columns.sort_unstable();
            let value = |column: &&str| {
                format!("{} || '=' || coalesce({}::text, 'NULL')", quote_literal(column), quote_identifier(column))
            };
            let values: Vec<String> = columns.iter().map(value).collect();
            let text =
                if values.is_empty() { "''".to_string() } else { format!("concat_ws(', ', {})", values.join(", ")) };
            // Of many rows a sum will do. Tables below it are read by themselves; without a handler, nobody reads foreign ones.
            queries.push(format!(
                "(WITH lines AS MATERIALIZED (SELECT {MASKED} AS line FROM (SELECT {text} AS value FROM ONLY {}) AS t) \
                 SELECT {} AS name, line FROM lines WHERE (SELECT count(*) FROM lines) <= 100 \
                 UNION ALL SELECT {1}, format('%s rows, %s', count(*), md5(string_agg(line, '|' ORDER BY line))) FROM lines \
                 HAVING count(*) > 100)",
                quoted(name),
                quote_literal(&name.to_string())
            ));
        }
        // All tables in one round trip.
        if queries.is_empty() {
            return rows;
        }
        let sql = format!("{} ORDER BY 1, 2", queries.join(" UNION ALL "));
        let found: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(sql.clone()))
            .fetch_all(&self.pool)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        for (name, line) in found {
            rows.entry(name).or_default().push(line);
        }
        rows
    }

    /// The schema as the server prints it, without the places of columns, and how far sequences are.
    pub async fn shape(&self) -> Vec<String> {
        let schema = self.schema().await;
        let mut lines: Vec<String> =
            schema.lines().filter(|line| !line.starts_with("next value")).map(without_place).collect();
        lines.sort();
        lines
    }

    /// Adds a row to each table that takes one; how each of them went.
    pub async fn fill(&self, catalog: &Catalog, chance: &mut Chance) -> Vec<String> {
        let mut went = Vec::new();
        for name in referenced_first(catalog) {
            let Some(table) = catalog.table(name) else { continue };
            for _ in 0..2 {
                let sql = insert(catalog, name, table, chance);
                let result = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&self.pool).await;
                let code =
                    |error: &sqlx::Error| error.as_database_error().and_then(|error| error.code().map(String::from));
                went.push(match &result {
                    Ok(_) => format!("{sql}: ok"),
                    Err(error) => format!("{sql}: {}", code(error).unwrap_or_else(|| error.to_string())),
                });
            }
        }
        went
    }

    /// Removes all rows.
    pub async fn clear(&self) {
        // Those below others are listed themselves; without a handler, nobody empties foreign ones.
        let tables = "SELECT coalesce(string_agg(format('ONLY %I.%I', nspname, relname), ', '), '') FROM pg_class \
                      JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE relkind = 'r' \
                      AND nspname NOT IN ('migrate', 'information_schema') AND nspname !~ '^pg_'";
        let tables = self.text(tables).await;
        if !tables.is_empty() {
            self.execute(&format!("TRUNCATE {tables} CASCADE")).await;
        }
    }
}

fn quoted(name: &QualifiedName) -> String {
    format!("{}.{}", quote_identifier(&name.schema), quote_identifier(&name.name))
}

/// `column a 3 b ...` without the number.
fn without_place(line: &str) -> String {
    let mut words: Vec<&str> = line.split(' ').collect();
    if words.first() == Some(&"column") && words.len() > 2 {
        words.remove(2);
    }
    words.join(" ")
}

/// All tables, those that others reference before these, as far as that goes.
fn referenced_first(catalog: &Catalog) -> Vec<&QualifiedName> {
    let mut waiting: Vec<&QualifiedName> = catalog.tables.keys().collect();
    let mut ordered: Vec<&QualifiedName> = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |name: &&QualifiedName| {
            let table = catalog.table(name);
            table.is_some_and(|table| {
                table.referenced_tables().iter().all(|other| other == name || ordered.contains(other))
            })
        };
        let next = waiting.iter().position(is_ready).unwrap_or(0);
        ordered.push(waiting.remove(next));
    }
    ordered
}

fn insert(catalog: &Catalog, name: &QualifiedName, table: &Table, chance: &mut Chance) -> String {
    let keys: Vec<&str> =
        table.primary_key().map(|(_, key)| key.columns.iter().map(String::as_str).collect()).unwrap_or_default();
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for column in &table.columns {
        let is_key = keys.contains(&column.name.as_str());
        let is_made = column.generated.is_some() || column.identity.is_some();
        let may_be_left_out = column.default.is_some() || column.nullable;
        if is_made || (may_be_left_out && !is_key && chance.below(2) == 0) {
            continue;
        }
        columns.push(quote_identifier(&column.name));
        values.push(match referenced(table, column) {
            Some((other, key)) => format!("(SELECT min({}) FROM {})", quote_identifier(key), quoted(other)),
            None => value(catalog, column, chance),
        });
    }
    let into = format!("INSERT INTO {}", quoted(name));
    match columns.is_empty() {
        true => format!("{into} DEFAULT VALUES"),
        false => format!("{into} ({}) VALUES ({})", columns.join(", "), values.join(", ")),
    }
}

fn referenced<'t>(table: &'t Table, column: &Column) -> Option<(&'t QualifiedName, &'t String)> {
    table.constraints.values().find_map(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => {
            let at = key.columns.iter().position(|name| *name == column.name)?;
            Some((&key.table, key.referenced.get(at)?))
        }
        _ => None,
    })
}

/// A value that a column takes, as SQL.
fn value(catalog: &Catalog, column: &Column, chance: &mut Chance) -> String {
    let number = chance.below(90) + 1;
    let data_type = column.data_type.to_string();
    if let Some(name) = column.data_type.depends_on() {
        let values = catalog.enum_type(name).map(|definition| definition.values.clone()).unwrap_or_default();
        let value = values.get(chance.below(values.len())).cloned().unwrap_or_else(|| "x".to_string());
        return match column.data_type.element() {
            Some(_) => quote_literal(&format!("{{\"{value}\"}}")),
            None => quote_literal(&value),
        };
    }
    let start = |text: &str| data_type.starts_with(text);
    let text = match () {
        () if data_type.ends_with("[]") => if start("text") || start("character") { "{v1}" } else { "{}" }.to_string(),
        () if start("text") || start("char") || start("varchar") || start("citext") => match chance.below(3) {
            0 => "v1".to_string(),
            _ => number.to_string(),
        },
        () if start("timestamp") => format!("2021-03-04 05:06:{:02}.789", number % 60),
        () if start("date") => format!("2021-03-{:02}", number % 28 + 1),
        () if start("time") => format!("05:06:{:02}", number % 60),
        () if start("interval") => format!("{number} hours"),
        () if start("bool") => number.is_multiple_of(2).to_string(),
        () if start("uuid") => format!("00000000-0000-0000-0000-0000000000{number:02}"),
        () if start("inet") => format!("10.0.0.{number}"),
        () if start("cidr") => format!("10.{number}.0.0/16"),
        () if start("json") => "[1, 2]".to_string(),
        () if start("bytea") => "\\x02".to_string(),
        () if start("bit") => "1010".to_string(),
        () if data_type.ends_with("range") => "empty".to_string(),
        () if start("point") => "(1,2)".to_string(),
        () if start("money") => format!("{number}.25"),
        () => number.to_string(),
    };
    quote_literal(&text)
}
