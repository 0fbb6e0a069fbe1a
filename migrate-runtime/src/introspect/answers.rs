//! What the server answers about its catalog, before anything is made of it: light enough for a program that only applies
//! migrations, and exact enough to see that nothing has changed.

use migrate_core::json::ToJson;
use migrate_core::plan::Footprint;
use migrate_core::sorted::{SortedMap, SortedSet};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;

use super::{IntrospectError, Options, access, begin, column_comments, object, queries};

/// The rows of each query, as JSON, by what they are of.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson, Deserialize)]
pub(crate) struct Answers(SortedMap<String, Vec<String>>);

/// The query that takes the schema and the name of an index as well, for one alone.
pub(super) const INDEXES: &str = "indexes";

/// Each query, with what it is of.
fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_tables = [
        ("extensions", queries::EXTENSIONS),
        ("enums", queries::ENUMS),
        ("tables", queries::TABLES),
        ("columns", queries::COLUMNS),
        ("constraints", queries::CONSTRAINTS),
        ("triggers of `on update`", queries::ON_UPDATE_TRIGGERS),
        (INDEXES, queries::INDEXES),
        ("owners and privileges", access::ACCESS),
        ("comments on columns", column_comments::COLUMN_COMMENTS),
    ];
    of_tables.into_iter().chain(object::QUERIES.iter().copied())
}

impl Answers {
    /// Asks everything, in a transaction of its own.
    pub(crate) async fn of(connection: &mut PgConnection, options: &Options) -> Result<Self, IntrospectError> {
        let mut transaction = begin(connection).await?;
        let answers = Self::read(&mut transaction, options).await?;
        transaction.rollback().await.map_err(|source| IntrospectError::Query { what: "catalog", source })?;
        Ok(answers)
    }

    /// Asks everything, in a transaction of [`begin`].
    pub(crate) async fn read(connection: &mut PgConnection, options: &Options) -> Result<Self, IntrospectError> {
        let mut answers = Answers::default();
        for (what, query) in all() {
            let index = (what == INDEXES).then_some(None);
            answers.0.insert(what.to_owned(), ask(connection, what, query, options, index).await?);
        }
        Ok(answers)
    }

    /// Keeps what concerns the objects of a footprint.
    pub(crate) fn keep(&mut self, footprint: &Footprint) {
        for rows in self.0.values_mut() {
            rows.retain(|row| concerns(row, footprint));
        }
        self.0.retain(|_, rows| !rows.is_empty());
    }

    /// What there is otherwise than in `before`, one line each.
    pub(crate) fn changes_since(&self, before: &Answers) -> Vec<String> {
        let mut lines = Vec::new();
        let kinds: SortedSet<&String> = self.0.keys().chain(before.0.keys()).collect();
        for what in kinds {
            let rows = |answers: &Answers| answers.0.get(what).cloned().unwrap_or_default();
            let (was, is) = (rows(before), rows(self));
            let gone = was.iter().filter(|row| !is.contains(row)).map(|row| format!("before, of the {what}: {row}"));
            let new = is.iter().filter(|row| !was.contains(row)).map(|row| format!("now, of the {what}: {row}"));
            lines.extend(gone.chain(new));
        }
        lines
    }

    /// The rows of one query.
    pub(super) fn rows<Row: DeserializeOwned>(&self, what: &'static str) -> Result<Vec<Row>, IntrospectError> {
        read_rows(what, self.0.get(what).map(Vec::as_slice).unwrap_or_default())
    }
}

/// Reads what the server answered.
pub(super) fn read_rows<Row: DeserializeOwned>(
    what: &'static str,
    rows: &[String],
) -> Result<Vec<Row>, IntrospectError> {
    rows.iter()
        .map(|row| serde_json::from_str(row))
        .collect::<Result<_, _>>()
        .map_err(|source| IntrospectError::Row { what, source })
}

/// Runs one of the [`queries`]; `index` is for the one that takes the schema and name of an index.
pub(super) async fn ask(
    connection: &mut PgConnection,
    what: &'static str,
    query: &'static str,
    options: &Options,
    index: Option<Option<(&str, &str)>>,
) -> Result<Vec<String>, IntrospectError> {
    // Behind a pooler the next transaction may meet another server connection.
    let mut query = sqlx::query_scalar::<_, String>(query).persistent(options.keeps_plans);
    query = query.bind(&options.excluded_schemas).bind(&options.schema);
    if let Some(index) = index {
        query = query.bind(index.map(|(schema, _)| schema)).bind(index.map(|(_, name)| name));
    }
    query.fetch_all(connection).await.map_err(|source| IntrospectError::Query { what, source })
}

/// Whether a row is about something that a footprint names, or names nothing.
fn concerns(row: &str, footprint: &Footprint) -> bool {
    let row: Value = serde_json::from_str(row).unwrap_or_default();
    let text = |field: &str| row.get(field).and_then(Value::as_str);
    let schema = text("schema").filter(|schema| !schema.is_empty());
    let mut names = ["name", "table"].into_iter().filter_map(text).peekable();
    let is_touched = |name: &str| {
        let name = schema.map_or_else(|| format!(" {name}"), |schema| format!(" {schema}.{name}"));
        footprint.objects.iter().any(|touched| match touched.split_once(&name) {
            Some((_, rest)) => rest.is_empty() || rest.starts_with(' '),
            None => false,
        })
    };
    names.peek().is_none() || names.any(is_touched)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_migration_touches_is_kept() {
        let footprint = Footprint {
            objects: vec!["table public.t".into(), "function public.f integer".into(), "extension citext".into()]
                .into(),
            ..Footprint::default()
        };
        let concerned = |row: &str| concerns(row, &footprint);
        assert!(concerned(r#"{"schema": "public", "name": "t"}"#));
        assert!(concerned(r#"{"schema": "public", "table": "t", "name": "c"}"#));
        assert!(concerned(r#"{"schema": "public", "name": "f"}"#));
        assert!(concerned(r#"{"name": "citext", "schema": ""}"#));
        assert!(concerned(r#"{"role": "app"}"#));
        assert!(!concerned(r#"{"schema": "other", "name": "t"}"#));
        assert!(!concerned(r#"{"schema": "public", "name": "te"}"#));
    }

    #[test]
    fn changes_are_told_by_row() {
        let of = |rows: &[&str]| {
            Answers(SortedMap::from([("tables".to_owned(), rows.iter().map(|row| (*row).to_owned()).collect())]))
        };
        assert!(of(&["a", "b"]).changes_since(&of(&["b", "a"])).is_empty());
        assert_eq!(
            of(&["a", "c"]).changes_since(&of(&["a", "b"])),
            ["before, of the tables: b", "now, of the tables: c"]
        );
    }
}
