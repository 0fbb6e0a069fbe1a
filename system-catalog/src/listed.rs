//! What is kept as lists of lines: settings, and the tables and views of the system.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sqlx::{PgConnection, Row as _};

/// The lists of a server.
#[derive(Debug, Default)]
pub struct Lists {
    /// A setting by its name: when it can be set, its type, its unit, its smallest and largest value, its values.
    settings: BTreeMap<String, [String; 6]>,
    /// A table or a view by its name: its columns, with their types.
    relations: BTreeMap<String, Vec<(String, String)>>,
}

/// Settings that `pg_settings` does not show.
const HIDDEN: [(&str, &str); 3] = [("role", "string"), ("seed", "string"), ("session_authorization", "string")];

/// Reads the lists of a server.
///
/// # Errors
/// What the server says to a query.
pub async fn read_lists(connection: &mut PgConnection) -> Result<Lists, sqlx::Error> {
    let mut lists = Lists::default();
    let rows = sqlx::query(
        "select lower(name), context, vartype, coalesce(unit, ''), coalesce(min_val, ''), coalesce(max_val, ''), \
         coalesce(array_to_string(enumvals, ','), '') from pg_settings where name !~ '[.]'",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let facts =
            [row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?, row.try_get(5)?, row.try_get(6)?];
        lists.settings.insert(row.try_get(0)?, facts);
    }
    for (name, kind) in HIDDEN {
        let facts = ["user", kind, "", "", "", ""].map(str::to_owned);
        lists.settings.insert(name.to_owned(), facts);
    }
    // A domain of `information_schema` counts as its base.
    let rows = sqlx::query(
        "select n.nspname || '.' || c.relname, a.attname::text, case when t.typtype = 'd' then b.typname else t.typname end::text \
         || case when a.attnotnull then '!' else '' end \
         from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid \
         join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = t.typbasetype \
         where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v') and a.attnum > 0 \
         and not a.attisdropped order by 1, a.attnum",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let columns = lists.relations.entry(row.try_get(0)?).or_default();
        columns.push((row.try_get(1)?, row.try_get(2)?));
    }
    Ok(lists)
}

/// `settings.txt`: what a setting takes is the union of what the versions take.
pub fn settings_text(servers: &[(u32, Lists)]) -> String {
    let mut all: BTreeMap<&str, (u32, u32, [String; 6])> = BTreeMap::new();
    for (major, lists) in servers {
        for (name, facts) in &lists.settings {
            let known = all.entry(name).or_insert_with(|| (*major, *major, facts.clone()));
            known.1 = *major;
            let [context, kind, unit, low, high, values] = facts;
            let is_less = |one: &str, other: &str| one.parse().unwrap_or(0.0) < other.parse().unwrap_or(0.0);
            if context == "user" || context == "superuser" {
                known.2[0].clone_from(context);
            }
            known.2[1].clone_from(kind);
            known.2[2].clone_from(unit);
            if is_less(low, &known.2[3]) {
                known.2[3].clone_from(low);
            }
            if is_less(&known.2[4], high) {
                known.2[4].clone_from(high);
            }
            for value in values.split(',').filter(|value| !value.is_empty()) {
                if !known.2[5].split(',').any(|other| other == value) {
                    let _ = write!(known.2[5], ",{value}");
                }
            }
        }
    }
    let mut text = String::new();
    for (name, (first, last, facts)) in all {
        let _ = writeln!(text, "{name}|{first}-{last}|{}", facts.join("|"));
    }
    text
}

/// `relations.txt`: columns that a version lacks have the versions behind them.
pub fn relations_text(servers: &[(u32, Lists)]) -> String {
    let mut all: BTreeMap<&str, (u32, u32, Vec<Column<'_>>)> = BTreeMap::new();
    for (major, lists) in servers {
        for (name, columns) in &lists.relations {
            let known = all.entry(name).or_insert_with(|| (*major, *major, Vec::new()));
            known.1 = *major;
            for (name, data_type) in columns {
                match known.2.iter_mut().find(|column| column.name == name) {
                    Some(column) => {
                        column.last = *major;
                        column.data_type = data_type;
                    }
                    None => known.2.push(Column { name, data_type, first: *major, last: *major }),
                }
            }
        }
    }
    let mut text = String::new();
    for (name, (first, last, columns)) in all {
        let _ = write!(text, "{name}|{first}-{last}|");
        for (index, column) in columns.iter().enumerate() {
            let _ = write!(text, "{}{}:{}", if index > 0 { " " } else { "" }, column.name, column.data_type);
            if (column.first, column.last) != (first, last) {
                let _ = write!(text, ":{}-{}", column.first, column.last);
            }
        }
        text.push('\n');
    }
    text
}

struct Column<'a> {
    name: &'a str,
    data_type: &'a str,
    first: u32,
    last: u32,
}
