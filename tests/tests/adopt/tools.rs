//! The tables of all known tools, with rows as the tools leave them.

use std::time::Duration;

use migrate_core::adopt::{Exclusion, Tool};
use migrate_runtime::{Error, IgnoredFor};
use tests::Database;

use super::{THEIRS, found, history, item, objects, refusal};

/// A tool's table.
struct Case {
    tool: Tool,
    /// How the tool makes its table.
    table: &'static str,
    /// What it has in it once everything is applied.
    rows: &'static str,
    /// The versions that are taken over.
    versions: &'static [&'static str],
    /// What takes the last migration away, and what is said to be missing then.
    behind: (&'static str, &'static str),
    /// What is there of a migration that was begun and not finished, where the table can say so, and what it is called.
    failed: Option<(&'static str, &'static str)>,
}

const CASES: &[Case] = &[
    Case {
        tool: Tool::Sqlx,
        table: "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
                installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, \
                execution_time BIGINT NOT NULL)",
        rows: "INSERT INTO _sqlx_migrations VALUES (1, 'users', now(), true, '\\xab', -1), (2, 'trips', now(), true, '\\xcd', 71)",
        versions: &["1", "2"],
        behind: ("DELETE FROM _sqlx_migrations WHERE version = 2", "2"),
        failed: Some(("UPDATE _sqlx_migrations SET success = false WHERE version = 2", "2")),
    },
    Case {
        tool: Tool::Refinery,
        table: "CREATE TABLE refinery_schema_history (version INT4 PRIMARY KEY, name VARCHAR(255), \
                applied_on VARCHAR(255), checksum VARCHAR(255))",
        rows: "INSERT INTO refinery_schema_history VALUES \
               (1, 'users', '2026-01-01T00:00:00.000000000Z', '14839282823408931237'), \
               (2, 'trips', '2026-01-02T00:00:00.000000000Z', '5382819191948211111')",
        versions: &["1", "2"],
        behind: ("DELETE FROM refinery_schema_history WHERE version = 2", "2"),
        failed: None,
    },
    Case {
        tool: Tool::Diesel,
        table: "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
                run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
        rows: "INSERT INTO __diesel_schema_migrations (version) VALUES ('00000000000000'), ('20260101000000')",
        versions: &["00000000000000", "20260101000000"],
        behind: ("DELETE FROM __diesel_schema_migrations WHERE version = '20260101000000'", "20260101000000"),
        failed: None,
    },
    Case {
        tool: Tool::SeaOrm,
        table: "CREATE TABLE \"seaql_migrations\" (\"version\" varchar NOT NULL PRIMARY KEY, \"applied_at\" bigint NOT NULL)",
        rows: "INSERT INTO seaql_migrations VALUES ('m20260101_000001_users', 1767225600), ('m20260102_000001_trips', 1767312000)",
        versions: &["m20260101_000001_users", "m20260102_000001_trips"],
        behind: ("DELETE FROM seaql_migrations WHERE version LIKE '%trips'", "m20260102_000001_trips"),
        failed: None,
    },
    Case {
        tool: Tool::Alembic,
        table: "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, \
                CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
        rows: "INSERT INTO alembic_version VALUES ('ae1027a6acf'), ('3f9a2b7c8d10')",
        versions: &["3f9a2b7c8d10", "ae1027a6acf"],
        behind: ("UPDATE alembic_version SET version_num = '1975ea83b712' WHERE version_num LIKE 'ae%'", "ae1027a6acf"),
        failed: None,
    },
    Case {
        tool: Tool::Prisma,
        table: "CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, \
                finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, \
                started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)",
        // The second one failed at first, and was resolved as rolled back.
        rows: "INSERT INTO _prisma_migrations VALUES \
               ('a', 'aa', now(), '20260101000000_users', NULL, NULL, now(), 1), \
               ('b', 'bb', NULL, '20260102000000_trips', 'syntax error', now(), now() - interval '1 hour', 0), \
               ('c', 'bb', now(), '20260102000000_trips', NULL, NULL, now(), 1)",
        versions: &["20260101000000_users", "20260102000000_trips"],
        behind: ("DELETE FROM _prisma_migrations WHERE id = 'c'", "20260102000000_trips"),
        failed: Some((
            "INSERT INTO _prisma_migrations VALUES ('d', 'dd', NULL, '20260103000000_more', 'error', NULL, now(), 0)",
            "20260103000000_more",
        )),
    },
    Case {
        tool: Tool::Flyway,
        table: "CREATE TABLE \"public\".\"flyway_schema_history\" (\"installed_rank\" INT NOT NULL, \
                \"version\" VARCHAR(50), \"description\" VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT NULL, \
                \"script\" VARCHAR(1000) NOT NULL, \"checksum\" INTEGER, \"installed_by\" VARCHAR(100) NOT NULL, \
                \"installed_on\" TIMESTAMP NOT NULL DEFAULT now(), \"execution_time\" INTEGER NOT NULL, \
                \"success\" BOOLEAN NOT NULL); \
                ALTER TABLE flyway_schema_history ADD CONSTRAINT \"flyway_schema_history_pk\" PRIMARY KEY (\"installed_rank\"); \
                CREATE INDEX \"flyway_schema_history_s_idx\" ON flyway_schema_history (\"success\")",
        // A schema that it made, a baseline, one that was undone and done again, one that is repeated.
        rows: "INSERT INTO flyway_schema_history VALUES \
               (0, NULL, '<< Flyway Schema Creation >>', 'SCHEMA', '\"public\"', NULL, 'app', now(), 0, true), \
               (1, '1', 'users', 'BASELINE', 'users', NULL, 'app', now(), 0, true), \
               (2, '1.1', 'trips', 'SQL', 'V1_1__trips.sql', -1180934231, 'app', now(), 5, true), \
               (3, '1.1', 'trips', 'UNDO_SQL', 'U1_1__trips.sql', 7, 'app', now(), 5, true), \
               (4, '1.1', 'trips', 'SQL', 'V1_1__trips.sql', -1180934231, 'app', now(), 5, true), \
               (5, NULL, 'views', 'SQL', 'R__views.sql', 7, 'app', now(), 5, true), \
               (6, '9', 'gone', 'SQL', 'V9__gone.sql', 9, 'app', now(), 5, true), \
               (7, '9', 'gone', 'DELETE', 'V9__gone.sql', 9, 'app', now(), 5, true)",
        versions: &["1", "1.1"],
        behind: ("DELETE FROM flyway_schema_history WHERE installed_rank = 4", "1.1"),
        failed: Some((
            "INSERT INTO flyway_schema_history VALUES \
             (8, '2', 'more', 'SQL', 'V2__more.sql', 1, 'app', now(), 5, false)",
            "2",
        )),
    },
    Case {
        tool: Tool::Atlas,
        table: "CREATE SCHEMA \"atlas_schema_revisions\"; \
                CREATE TABLE \"atlas_schema_revisions\".\"atlas_schema_revisions\" (\"version\" character varying NOT NULL, \
                \"description\" character varying NOT NULL, \"type\" bigint NOT NULL DEFAULT 2, \
                \"applied\" bigint NOT NULL DEFAULT 0, \"total\" bigint NOT NULL DEFAULT 0, \"executed_at\" timestamptz NOT NULL, \
                \"execution_time\" bigint NOT NULL, \"error\" text NULL, \"error_stmt\" text NULL, \
                \"hash\" character varying NOT NULL, \"partial_hashes\" jsonb NULL, \"operator_version\" character varying NOT NULL, \
                PRIMARY KEY (\"version\"))",
        rows: "INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES \
               ('.atlas_cloud_identifier', 'b3c9', 2, 0, 0, now(), 0, '', '', '', 'null', 'Atlas CLI v1'), \
               ('20260101000000', 'users', 2, 1, 1, now(), 9, '', '', 'h1=', 'null', 'Atlas CLI v1'), \
               ('20260102000000', 'trips', 6, 1, 2, now(), 9, 'resolved by hand', '', 'h2=', 'null', 'Atlas CLI v1')",
        versions: &["20260101000000", "20260102000000"],
        behind: (
            "DELETE FROM atlas_schema_revisions.atlas_schema_revisions WHERE version = '20260102000000'",
            "20260102000000",
        ),
        failed: Some((
            "UPDATE atlas_schema_revisions.atlas_schema_revisions SET type = 2 WHERE version = '20260102000000'",
            "20260102000000",
        )),
    },
    Case {
        tool: Tool::Drizzle,
        table: "CREATE SCHEMA \"drizzle\"; CREATE TABLE \"drizzle\".\"__drizzle_migrations\" \
                (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)",
        rows: "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('aa', 1767225600000), ('bb', 1767312000000)",
        versions: &["1767225600000", "1767312000000"],
        behind: ("DELETE FROM drizzle.__drizzle_migrations WHERE hash = 'bb'", "1767312000000"),
        failed: None,
    },
    Case {
        tool: Tool::GolangMigrate,
        table: "CREATE TABLE \"public\".\"schema_migrations\" (version bigint not null primary key, dirty boolean not null)",
        rows: "INSERT INTO schema_migrations VALUES (20260102000000, false)",
        versions: &["20260102000000"],
        behind: ("UPDATE schema_migrations SET version = 20260101000000", "20260102000000"),
        failed: Some(("UPDATE schema_migrations SET dirty = true", "20260102000000")),
    },
    Case {
        tool: Tool::Goose,
        table: "CREATE TABLE goose_db_version (id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, \
                version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp NOT NULL DEFAULT now())",
        rows: "INSERT INTO goose_db_version (version_id, is_applied) VALUES \
               (0, true), (20260101000000, true), (20260102000000, true), (20260102000000, false), (20260102000000, true), \
               (20260103000000, true), (20260103000000, false)",
        versions: &["20260101000000", "20260102000000"],
        behind: (
            "INSERT INTO goose_db_version (version_id, is_applied) VALUES (20260102000000, false)",
            "20260102000000",
        ),
        failed: None,
    },
    Case {
        tool: Tool::Dbmate,
        table: "CREATE TABLE \"public\".\"schema_migrations\" (version varchar PRIMARY KEY)",
        rows: "INSERT INTO schema_migrations VALUES ('20260102000000'), ('20260101000000')",
        versions: &["20260101000000", "20260102000000"],
        behind: ("DELETE FROM schema_migrations WHERE version = '20260102000000'", "20260102000000"),
        failed: None,
    },
    Case {
        tool: Tool::Django,
        table: "CREATE TABLE \"django_migrations\" (\"id\" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, \
                \"app\" varchar(255) NOT NULL, \"name\" varchar(255) NOT NULL, \"applied\" timestamp with time zone NOT NULL)",
        rows: "INSERT INTO django_migrations (app, name, applied) VALUES \
               ('users', '0001_initial', now()), ('trips', '0001_initial', now())",
        versions: &["users.0001_initial", "trips.0001_initial"],
        behind: ("DELETE FROM django_migrations WHERE app = 'trips'", "trips.0001_initial"),
        failed: None,
    },
    Case {
        tool: Tool::Rails,
        table: "CREATE TABLE \"schema_migrations\" (\"version\" character varying NOT NULL PRIMARY KEY); \
                CREATE TABLE \"ar_internal_metadata\" (\"key\" character varying NOT NULL PRIMARY KEY, \
                \"value\" character varying, \"created_at\" timestamp(6) NOT NULL, \"updated_at\" timestamp(6) NOT NULL)",
        rows: "INSERT INTO schema_migrations VALUES ('20260101000000'), ('20260102000000'); \
               INSERT INTO ar_internal_metadata VALUES ('environment', 'production', now(), now())",
        versions: &["20260101000000", "20260102000000"],
        behind: ("DELETE FROM schema_migrations WHERE version = '20260102000000'", "20260102000000"),
        failed: None,
    },
    Case {
        tool: Tool::Ecto,
        table: "CREATE TABLE \"schema_migrations\" (\"version\" bigint, \"inserted_at\" timestamp(0), PRIMARY KEY (\"version\"))",
        rows: "INSERT INTO schema_migrations VALUES (20260101000000, now()), (20260102000000, now())",
        versions: &["20260101000000", "20260102000000"],
        behind: ("DELETE FROM schema_migrations WHERE version = 20260102000000", "20260102000000"),
        failed: None,
    },
];

async fn database(case: &Case) -> Database {
    let database = Database::create().await;
    for sql in THEIRS.into_iter().chain([case.table, case.rows]) {
        database.execute(sql).await;
    }
    database
}

#[test]
fn every_tool_has_a_case() {
    let cases: Vec<Tool> = CASES.iter().map(|case| case.tool).collect();
    assert_eq!(cases, Tool::ALL);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_tool_has_applied_is_taken_over() {
    for case in CASES {
        let database = database(case).await;
        let adoption = found(&database).await;
        assert_eq!((adoption.tool, adoption.table.clone()), (case.tool, case.tool.table()), "{:?}", case.tool);
        assert_eq!(adoption.versions, case.versions, "{:?}", case.tool);
        let migrations = history(&item(&database).await);
        let before = objects(&database).await;
        let report = migrations.migrator().apply_to(&database.pool, migrate_runtime::Target::Version(1)).await;
        let report = report.unwrap_or_else(|error| panic!("{:?}: {error}", case.tool));
        assert_eq!(report.adopted.map(|adopted| adopted.tool), Some(case.tool.name()));
        assert_eq!(objects(&database).await, before, "{:?}", case.tool);
        assert_eq!(migrations.apply(&database.pool).await.unwrap().applied.len(), 1);
        let verification = migrations.migrator().verify(&database.pool).await.unwrap();
        assert!(verification.is_clean(), "{:?}: {:?}", case.tool, verification.differences);
        assert!(!verification.ignored.is_empty());
        assert!(verification.ignored.iter().all(|one| matches!(one.why, IgnoredFor::Tool(_))), "{verification:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_is_behind_or_half_done_is_told_by_name() {
    for case in CASES {
        let (change, missing) = case.behind;
        let one = database(case).await;
        let migrations = history(&item(&one).await);
        one.execute(change).await;
        let text = refusal(migrations, &one).await;
        assert!(text.starts_with(&format!("cannot take over from {}: its table `", case.tool.name())), "{text}");
        assert!(text.contains(&format!("\n  {missing}\nhelp: ")) && text.contains(case.tool.command()), "{text}");
        let Some((change, failed)) = case.failed else { continue };
        let one = database(case).await;
        one.execute(change).await;
        let text = refusal(migrations, &one).await;
        assert!(
            text.contains(&format!("records migrations that were started and not finished\n  {failed}\nhelp: ")),
            "{text}"
        );
    }
}

/// As the tool itself would while it migrates: with its advisory lock, or with a row that is not committed yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_is_at_work_is_waited_for() {
    for case in CASES {
        let database = database(case).await;
        let adoption = found(&database).await;
        let migrations = history(&item(&database).await);
        let name = database.text("current_database()").await;
        let mut tool = database.pool.begin().await.unwrap();
        let sql = match adoption.exclusion(&name) {
            Exclusion::Advisory(key) => format!("SELECT pg_advisory_lock({key})"),
            Exclusion::Table => case.behind.0.to_string(),
        };
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *tool).await.unwrap();
        let migrator = migrations.migrator().lock_wait(Duration::from_millis(100));
        match migrator.apply(&database.pool).await {
            Err(Error::ToolBusy { tool, .. }) => assert_eq!(tool, case.tool.name()),
            other => panic!("{:?}: {other:?}", case.tool),
        }
        sqlx::raw_sql("SELECT pg_advisory_unlock_all()").execute(&mut *tool).await.unwrap();
        tool.rollback().await.unwrap();
        assert!(migrator.apply(&database.pool).await.unwrap().adopted.is_some(), "{:?}", case.tool);
    }
}
