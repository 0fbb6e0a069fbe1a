//! What other tools and other histories have in a database, beside what is compared.

use migrate_core::diff::Object;
use migrate_core::name::QualifiedName;
use migrate_core::plan::Footprint;
use migrate_core::sorted::SortedSet;
use migrate_core::sql::quote_identifier;
use serde::Deserialize;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{IntrospectError, Options, fetch};

/// The tables in which other tools keep what they have applied, with the tool, in whatever schema they are. Names that an
/// application may well give to a table of its own are not among them.
const TOOLS: [(&str, &str); 29] = [
    ("_sqlx_migrations", "sqlx"),
    ("__diesel_schema_migrations", "diesel"),
    ("refinery_schema_history", "refinery"),
    ("seaql_migrations", "sea-orm"),
    ("alembic_version", "Alembic"),
    ("atlas_schema_revisions", "Atlas"),
    ("flyway_schema_history", "Flyway"),
    ("databasechangelog", "Liquibase"),
    ("databasechangeloglock", "Liquibase"),
    ("schema_migrations", "dbmate, Rails, golang-migrate"),
    ("ar_internal_metadata", "Rails"),
    ("django_migrations", "Django"),
    ("goose_db_version", "goose"),
    ("gorp_migrations", "sql-migrate"),
    ("bun_migrations", "bun"),
    ("bun_migration_locks", "bun"),
    ("_prisma_migrations", "Prisma"),
    ("__drizzle_migrations", "Drizzle"),
    ("knex_migrations", "Knex"),
    ("knex_migrations_lock", "Knex"),
    ("kysely_migration", "Kysely"),
    ("kysely_migration_lock", "Kysely"),
    ("pgmigrations", "node-pg-migrate"),
    ("mikro_orm_migrations", "MikroORM"),
    ("SequelizeMeta", "Sequelize"),
    ("typeorm_metadata", "TypeORM"),
    ("__EFMigrationsHistory", "Entity Framework"),
    ("doctrine_migration_versions", "Doctrine"),
    ("phinxlog", "Phinx"),
];

/// Another history of this library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherHistory {
    /// The schema that its tables are in.
    pub schema: String,
    /// Whether it belongs to a tenant: then its objects are in that schema, too.
    pub is_tenant: bool,
    /// What its migrations have touched; `None` if this role does not read it: it has no privilege to, or the tables
    /// belong to a role that it does not trust.
    pub objects: Option<SortedSet<String>>,
}

/// What others have created in a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// Other histories.
    pub histories: Vec<OtherHistory>,
}

/// Who created an object that is not expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Another tool keeps its history there.
    Tool(&'static str),
    /// It belongs to the history in that schema.
    History(String),
}

#[derive(Debug, Deserialize)]
struct HistoryRow {
    schema: String,
    is_tenant: bool,
    is_trusted: bool,
}

/// The histories but our own. Only those are read that a role made which could do anything to us anyway: this one, the
/// owner of the database or a superuser. What another one made could be anything, a view that calls its functions, say.
const HISTORIES: &str = "SELECT pg_catalog.row_to_json(found)::text FROM (
SELECT n.nspname AS schema, c.relname = 'migrate_history' AS is_tenant,
  c.relkind = 'r' AND NOT c.relrowsecurity
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
    AND (SELECT r.rolsuper OR r.rolname = current_user OR r.oid = d.datdba FROM pg_catalog.pg_roles r WHERE r.oid = c.relowner)
    AND (SELECT r.rolsuper OR r.rolname = current_user OR r.oid = d.datdba FROM pg_catalog.pg_roles r WHERE r.oid = n.nspowner)
    AS is_trusted
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
WHERE c.relkind = 'r' AND c.relname IN ('history', 'migrate_history')
  AND n.nspname <> ALL ($1::text[]) AND n.nspname IS DISTINCT FROM $2::text
  AND (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
    AND a.attname IN ('version', 'checksum', 'chain', 'kind', 'footprint', 'compatibility')) = 6
  AND (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class o WHERE o.relnamespace = n.oid AND o.relkind = 'r'
    AND o.relname IN (pg_catalog.replace(c.relname, 'history', 'journal'), pg_catalog.replace(c.relname, 'history', 'format'))) = 2
ORDER BY n.nspname
) AS found";

/// Looks for them, in the transaction of a reading.
pub(super) async fn read(connection: &mut PgConnection, options: &Options) -> Result<Others, IntrospectError> {
    let what = "histories";
    let found: Vec<HistoryRow> = fetch(connection, what, HISTORIES, options, None).await?;
    let mut histories = Vec::with_capacity(found.len());
    for HistoryRow { schema, is_tenant, is_trusted } in found {
        let mut objects = None;
        if is_trusted && !is_tenant {
            let sql = format!("SELECT footprint::text FROM ONLY {}.history", quote_identifier(&schema));
            let query = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).persistent(false);
            let rows =
                query.fetch_all(&mut *connection).await.map_err(|source| IntrospectError::Query { what, source })?;
            // What this version cannot read is left out: it shows as a difference.
            let footprints = rows.iter().filter_map(|row| serde_json::from_str::<Footprint>(row).ok());
            objects = Some(footprints.flat_map(|one| one.objects.into_owned()).map(String::from).collect());
        }
        histories.push(OtherHistory { schema, is_tenant, objects });
    }
    Ok(Others { histories })
}

impl Others {
    /// Who created an object that is not expected; `None` if that is not known.
    pub fn owner(&self, object: &Object) -> Option<Owner> {
        let table = object.table();
        if let Some((_, tool)) = table.and_then(|table| TOOLS.iter().find(|(name, _)| *name == table.name)) {
            return Some(Owner::Tool(tool));
        }
        let (schema, footprint) = match (object, table) {
            (_, Some(table)) => (Some(&table.schema), format!("table {}.{}", table.schema, table.name)),
            (Object::Enum(name), _) => (Some(&name.schema), format!("type {}.{}", name.schema, name.name)),
            (Object::Extension(name), _) => (None, format!("extension {name}")),
            _ => return None,
        };
        let is_of = |history: &&OtherHistory| {
            let in_its_schema = schema == Some(&history.schema);
            let is_its_own = in_its_schema && (history.is_tenant || table.is_some_and(is_history_table));
            is_its_own || history.objects.as_ref().is_some_and(|objects| objects.contains(&footprint))
        };
        self.histories.iter().find(is_of).map(|history| Owner::History(history.schema.clone()))
    }

    /// The schemas of tenants, which are compared each by itself.
    pub(super) fn tenants(&self) -> impl Iterator<Item = &str> {
        self.histories.iter().filter(|history| history.is_tenant).map(|history| history.schema.as_str())
    }
}

fn is_history_table(table: &QualifiedName) -> bool {
    matches!(table.name.as_str(), "history" | "head" | "journal" | "format" | "repairs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_made_is_known_by_its_name_its_schema_or_its_footprint() {
        let others = Others {
            histories: vec![
                OtherHistory {
                    schema: "billing".into(),
                    is_tenant: false,
                    objects: Some(["table public.invoices".to_string(), "type public.paid".to_string()].into()),
                },
                OtherHistory { schema: "acme".into(), is_tenant: true, objects: None },
            ],
        };
        let table = |schema: &str, name: &str| Object::Table(QualifiedName::in_schema(schema, name));
        let of = |schema: &str| Some(Owner::History(schema.into()));
        assert_eq!(others.owner(&table("public", "_sqlx_migrations")), Some(Owner::Tool("sqlx")));
        assert_eq!(others.owner(&table("billing", "history")), of("billing"));
        assert_eq!(others.owner(&table("billing", "other")), None);
        assert_eq!(others.owner(&table("public", "invoices")), of("billing"));
        assert_eq!(others.owner(&Object::Enum(QualifiedName::new("paid"))), of("billing"));
        assert_eq!(others.owner(&table("acme", "anything")), of("acme"));
        assert_eq!(others.owner(&table("public", "users")), None);
    }
}
