//! What the tables of other tools look like, and the queries that read them.

use super::{Row, RowState, Tool};
use crate::name::QualifiedName;
use crate::sql::{qualified, quote_literal};

/// A table as it is: what has to be known before anything is read from it. Whoever can create objects in its schema could
/// have put a view in its place, which calls functions with the rights of whoever reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// `relkind` of `pg_class`.
    pub kind: String,
    /// Its columns, by their numbers.
    pub columns: Vec<Column>,
}

/// A column of such a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The type as `format_type` prints it without a length, if it is one of the system's; else `None`.
    pub of_system: Option<String>,
    /// Whether it is computed.
    pub is_generated: bool,
}

/// Why nothing is read from a table that has the name of a tool's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is a view, a foreign table, or something else that is not a table.
    NoTable,
    /// It has no such column.
    NoColumn(&'static str),
    /// A column of it is of a type that somebody has made, or computed.
    Foreign(String),
}

/// How many columns the query of [`Tool::read`] has: version, state, checksum.
pub const READ_COLUMNS: usize = 3;

impl Shape {
    /// The query that finds the shape of a table: for each column a row of `relkind`, name, type and whether it is
    /// generated; of a table that is not there none.
    pub fn query(table: &QualifiedName) -> String {
        format!(
            "SELECT class.relkind::text, att.attname::text, \
             CASE WHEN type.typnamespace = 'pg_catalog'::regnamespace THEN pg_catalog.format_type(type.oid, NULL) END, \
             (att.attgenerated <> '')::text \
             FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
             LEFT JOIN pg_catalog.pg_attribute AS att ON att.attrelid = class.oid AND att.attnum > 0 AND NOT att.attisdropped \
             LEFT JOIN pg_catalog.pg_type AS type ON type.oid = att.atttypid \
             WHERE space.nspname = {} AND class.relname = {} ORDER BY att.attnum",
            quote_literal(&table.schema),
            quote_literal(&table.name)
        )
    }

    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    /// The tool whose table this is, by its name and its columns; `beside` says whether there is a table of that name in
    /// the same schema.
    pub fn tool(&self, name: &str, beside: impl Fn(&str) -> bool) -> Option<Tool> {
        let tool = match name {
            "schema_migrations" if self.has("dirty") => Tool::GolangMigrate,
            "schema_migrations" if self.has("inserted_at") => Tool::Ecto,
            "schema_migrations" if beside("ar_internal_metadata") => Tool::Rails,
            "schema_migrations" => Tool::Dbmate,
            name => Tool::ALL.iter().copied().find(|tool| tool.table().name == name)?,
        };
        tool.missing_column(self).is_none().then_some(tool)
    }
}

impl Tool {
    /// The columns that are read.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Tool::Sqlx => &["version", "success", "checksum"],
            Tool::Refinery => &["version", "checksum"],
            Tool::Diesel | Tool::SeaOrm | Tool::Dbmate | Tool::Rails | Tool::Ecto => &["version"],
            Tool::Alembic => &["version_num"],
            Tool::Prisma => &["migration_name", "checksum", "started_at", "finished_at", "rolled_back_at"],
            Tool::Flyway => &["installed_rank", "version", "description", "type", "checksum", "success"],
            Tool::Atlas => &["version", "type", "applied", "total", "error", "hash"],
            Tool::Drizzle => &["hash", "created_at"],
            Tool::GolangMigrate => &["version", "dirty"],
            Tool::Goose => &["id", "version_id", "is_applied"],
            Tool::Django => &["id", "app", "name"],
        }
    }

    fn missing_column(self, shape: &Shape) -> Option<&'static str> {
        self.columns().iter().copied().find(|name| !shape.has(name))
    }

    /// The query that reads its table: for each migration a row of its version, its state ([`RowState::from_code`]) and
    /// the tool's own checksum, in the tool's order.
    ///
    /// # Errors
    /// The table is not one that may be read.
    pub fn read(self, table: &QualifiedName, shape: &Shape) -> Result<String, Unreadable> {
        if shape.kind != "r" {
            return Err(Unreadable::NoTable);
        }
        if let Some(column) = self.missing_column(shape) {
            return Err(Unreadable::NoColumn(column));
        }
        let read = |column: &&Column| self.columns().contains(&column.name.as_str());
        let foreign = |column: &&Column| column.of_system.is_none() || column.is_generated;
        if let Some(column) = shape.columns.iter().filter(read).find(foreign) {
            return Err(Unreadable::Foreign(column.name.clone()));
        }
        Ok(self.query(&format!("ONLY {}", qualified(table))))
    }

    fn query(self, from: &str) -> String {
        let rows = |version: &str, state: &str, checksum: &str, order: &str| {
            format!("SELECT {version}, {state}, {checksum} FROM {from} ORDER BY {order}")
        };
        let applied = "'applied'";
        match self {
            // `false` is never written to PostgreSQL by sqlx itself: somebody did that by hand, to have it repaired.
            Tool::Sqlx => rows(
                "version::text",
                "CASE WHEN success THEN 'applied' ELSE 'failed' END",
                "encode(checksum, 'hex')",
                "version",
            ),
            Tool::Refinery => rows("version::text", applied, "checksum::text", "version"),
            Tool::Diesel | Tool::SeaOrm | Tool::Dbmate | Tool::Rails => {
                rows("version::text", applied, "''", "version COLLATE \"C\"")
            }
            Tool::Ecto => rows("version::text", applied, "''", "version"),
            Tool::Alembic => rows("version_num::text", applied, "''", "version_num COLLATE \"C\""),
            // A migration has a row for each attempt.
            Tool::Prisma => rows(
                "migration_name::text",
                "CASE WHEN rolled_back_at IS NOT NULL THEN 'ignored' WHEN finished_at IS NULL THEN 'failed' ELSE 'applied' END",
                "checksum::text",
                "migration_name COLLATE \"C\", started_at",
            ),
            // The last row of a version counts: one that is undone or deleted stays in the table. What has no version is
            // run again whenever it changes (`R__`), or is the row of the schema.
            Tool::Flyway => format!(
                "SELECT version, state, checksum FROM (SELECT version::text AS version, \
                 CASE WHEN type::text LIKE 'UNDO%' OR type::text = 'DELETE' THEN 'ignored' WHEN NOT success THEN 'failed' \
                 ELSE 'applied' END AS state, coalesce(checksum::text, '') AS checksum, installed_rank, \
                 row_number() OVER (PARTITION BY version ORDER BY installed_rank DESC) AS age \
                 FROM {from} WHERE version IS NOT NULL \
                 UNION ALL SELECT description::text, 'failed', '', installed_rank, 1 \
                 FROM {from} WHERE version IS NULL AND NOT success) AS rows WHERE age = 1 ORDER BY installed_rank"
            ),
            // `.atlas_cloud_identifier` is a row of its own; 4 is the bit of what somebody declared to be done (`migrate set`).
            Tool::Atlas => rows(
                "version::text",
                "CASE WHEN version::text LIKE '.%' THEN 'ignored' \
                 WHEN type & 4 <> 0 OR applied = total AND coalesce(error::text, '') = '' THEN 'applied' ELSE 'failed' END",
                "hash::text",
                "version COLLATE \"C\"",
            ),
            Tool::Drizzle => rows("created_at::text", applied, "hash::text", "created_at"),
            Tool::GolangMigrate => {
                rows("version::text", "CASE WHEN dirty THEN 'failed' ELSE 'applied' END", "''", "version")
            }
            // One that is rolled back gets another row; version 0 is made with the table.
            Tool::Goose => format!(
                "SELECT version_id::text, CASE WHEN version_id = 0 OR NOT is_applied THEN 'ignored' ELSE 'applied' END, '' \
                 FROM (SELECT version_id, is_applied, row_number() OVER (PARTITION BY version_id ORDER BY id DESC) AS age \
                 FROM {from}) AS rows WHERE age = 1 ORDER BY version_id"
            ),
            Tool::Django => rows("app::text || '.' || name::text", applied, "''", "id"),
        }
    }
}

impl Row {
    /// A row of the query of [`Tool::read`].
    pub fn read(version: String, state: &str, checksum: String) -> Row {
        Row { version, state: RowState::from_code(state), checksum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(kind: &str, columns: &[&str]) -> Shape {
        let column = |name: &&str| Column {
            name: (*name).to_string(),
            of_system: Some("text".to_string()),
            is_generated: false,
        };
        Shape { kind: kind.to_string(), columns: columns.iter().map(column).collect() }
    }

    #[test]
    fn nothing_is_read_from_what_could_call_functions() {
        let table = Tool::Dbmate.table();
        let read = |shape: &Shape| Tool::Dbmate.read(&table, shape);
        assert!(
            read(&shape("r", &["version"]))
                .unwrap()
                .ends_with("FROM ONLY public.schema_migrations ORDER BY version COLLATE \"C\"")
        );
        assert_eq!(read(&shape("v", &["version"])), Err(Unreadable::NoTable));
        assert_eq!(read(&shape("r", &["id"])), Err(Unreadable::NoColumn("version")));
        let mut generated = shape("r", &["version"]);
        generated.columns[0].is_generated = true;
        assert_eq!(read(&generated), Err(Unreadable::Foreign("version".into())));
        let mut foreign = shape("r", &["version", "other"]);
        foreign.columns[1].of_system = None;
        assert!(read(&foreign).is_ok(), "what is not read may be anything");
        foreign.columns[0].of_system = None;
        assert_eq!(read(&foreign), Err(Unreadable::Foreign("version".into())));
    }

    #[test]
    fn four_tools_have_a_table_of_the_same_name() {
        let tool = |columns: &[&str], beside: bool| shape("r", columns).tool("schema_migrations", |_| beside);
        assert_eq!(tool(&["version", "dirty"], false), Some(Tool::GolangMigrate));
        assert_eq!(tool(&["version", "inserted_at"], false), Some(Tool::Ecto));
        assert_eq!(tool(&["version"], true), Some(Tool::Rails));
        assert_eq!(tool(&["version"], false), Some(Tool::Dbmate));
        assert_eq!(tool(&["id"], false), None, "the application's own");
        assert_eq!(shape("r", &["version", "name"]).tool("users", |_| true), None);
    }
}
