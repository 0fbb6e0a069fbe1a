//! The schemas of tenants in one database.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use migrate_core::plan::LockMode;
use migrate_runtime::many::{Database as One, Many, ManyReport};
use migrate_runtime::{BoxError, Error, Migrations, Migrator, StepContext, StepFuture};
use sqlx::Connection as _;
use support::*;

/// Tables, a backfill and an index that is built concurrently.
fn shop() -> &'static Migrations {
    migrations(vec![
        table(1, "orders"),
        migration(
            2,
            "index",
            vec![
                alone(backfill("orders", "value = 'none'", "value IS NULL", &["id"], 2)),
                alone(index("orders_value_idx", "orders", "value", true)),
            ],
            vec![alone(drop_index("orders_value_idx"))],
        ),
        table(3, "notes"),
    ])
}

async fn schemas(database: &Database, names: &[&str]) {
    for name in names {
        database.run(&format!("CREATE SCHEMA {name}")).await;
    }
}

/// The name of each that failed, and of each that was changed with the number of migrations.
fn told(report: &ManyReport) -> (Vec<&str>, Vec<(&str, usize)>) {
    let changed = report.changed().map(|(name, report)| (name, report.applied.len())).collect();
    (report.failures().map(|(name, _)| name).collect(), changed)
}

async fn to_all(migrator: &Migrator, database: &Database, pattern: &str) -> ManyReport {
    let found = migrator.schemas_like(&database.pool, pattern).await.unwrap();
    migrator.apply_to_all(found, Many::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_does_not_stop_the_others_and_a_rerun_does_what_is_left() {
    let database = Database::new().await;
    schemas(&database, &["tenant_a", "tenant_b", "tenant_c", "tenantless"]).await;
    let migrator = shop().migrator();
    let first = migrations(vec![table(1, "orders")]).migrator();
    assert_eq!(told(&to_all(&first, &database, "tenant\\_%").await).1.len(), 3);
    database.run("INSERT INTO tenant_b.orders VALUES (1, 'same'), (2, 'same'), (3, NULL)").await;

    let report = to_all(&migrator, &database, "tenant\\_%").await;
    assert_eq!(told(&report), (vec!["tenant_b"], vec![("tenant_a", 2), ("tenant_c", 2)]));
    let error = text(report.failures().next().unwrap().1);
    assert!(error.contains("CREATE UNIQUE INDEX CONCURRENTLY orders_value_idx ON tenant_b.orders (value)"), "{error}");
    assert!(error.contains("could not create unique index \"orders_value_idx\""), "{error}");
    assert_eq!(database.value("SELECT count(*)::text FROM tenant_b.orders WHERE value = 'none'").await, "1");

    database.run("UPDATE tenant_b.orders SET value = id::text").await;
    let report = to_all(&migrator, &database, "tenant\\_%").await;
    assert_eq!(told(&report), (vec![], vec![("tenant_b", 2)]));
    assert!(report.is_complete() && report.databases.len() == 3);
    assert_eq!(told(&to_all(&migrator, &database, "tenant\\_%").await), (vec![], vec![]));
    assert_eq!(database.value("SELECT count(*)::text FROM pg_index WHERE NOT indisvalid").await, "0");
    assert!(!database.has_table("migrate.history").await && !database.has_table("public.orders").await);
    assert!(!database.has_table("tenantless.orders").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_replicas_may_start_at_once() {
    let database = Database::new().await;
    let names = ["t_1", "t_2", "t_3", "t_4", "t_5"];
    schemas(&database, &names).await;
    for name in names {
        database.run(&format!("CREATE TABLE {name}.orders (id bigint PRIMARY KEY, value text)")).await;
        database.run(&format!("INSERT INTO {name}.orders SELECT id, id FROM generate_series(1, 500) AS id")).await;
        shop().migrator().schema(name).baseline(&database.pool, 1).await.unwrap();
    }
    let replicas: Vec<_> = (0..10)
        .map(|_| {
            let pool = database.another_pool();
            tokio::spawn(async move {
                let migrator = shop().migrator();
                let found = migrator.schemas_like(&pool, "t\\_%").await.unwrap();
                migrator.apply_to_all(found, Many::default().at_once(3)).await
            })
        })
        .collect();
    let mut applied = 0;
    for replica in replicas {
        let report = replica.await.unwrap();
        assert!(report.is_complete(), "{:?}", told(&report));
        applied += report.changed().map(|(_, report)| report.applied.len()).sum::<usize>();
    }
    assert_eq!(applied, 10, "two migrations for each of five tenants, each once");
    assert_eq!(database.value("SELECT count(*)::text FROM pg_index WHERE NOT indisvalid").await, "0");
    for name in names {
        let chain = format!("SELECT string_agg(version::text, ',' ORDER BY version) FROM {name}.migrate_history");
        assert_eq!(database.value(&chain).await, "1,2,3");
        assert_eq!(database.value(&format!("SELECT count(*)::text FROM {name}.migrate_journal")).await, "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_made_once_however_many_tenants_need_it_first() {
    let database = Database::new().await;
    let create = sql("CREATE EXTENSION IF NOT EXISTS citext");
    let all = migrations(vec![
        migration(
            1,
            "names",
            vec![together(vec![create, sql("CREATE TABLE public.names (name public.citext)")])],
            vec![together(vec![sql("DROP TABLE public.names"), sql("DROP EXTENSION citext")])],
        )
        .touching("extension citext"),
        // Of another extension, with a type of the same name.
        table(2, "cube"),
    ]);
    database.run("CREATE EXTENSION cube").await;
    let names: Vec<String> = (0..8).map(|number| format!("tenant_{number}")).collect();
    let tenants = names.iter().map(|name| One::schema_of(&database.pool, name));
    let report = all.migrator().create_schema(true).apply_to_all(tenants, Many::default().at_once(8)).await;
    assert!(report.is_complete(), "{:?}", report.failures().map(|(_, error)| text(error)).collect::<Vec<_>>());
    assert_eq!(
        database.value("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'citext'").await,
        "public"
    );

    all.migrator().schema("tenant_3").revert(&database.pool, 2).await.unwrap();
    assert!(!database.has_table("tenant_3.names").await && database.has_table("tenant_4.names").await);
    assert!(!database.has_table("public.cube").await && database.has_table("tenant_4.cube").await);
    assert_eq!(database.value("SELECT count(*)::text FROM pg_extension WHERE extname = 'citext'").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_tied_to_public_is_refused_before_anything_is_done() {
    let database = Database::new().await;
    schemas(&database, &["tenant_a"]).await;
    let all = migrations(vec![
        table(1, "one"),
        migration(
            2,
            "views",
            vec![together(vec![
                raw("create view ones as select * from one"),
                raw("create view v as\n  select * from public.one"),
            ])],
            vec![together(vec![raw("drop view public.v")])],
        ),
        migration(3, "role", vec![together(vec![raw("create role reader")])], vec![]),
        table(4, "shared").touching("table app.shared"),
    ]);
    let migrator = all.migrator().schema("tenant_a");
    let expected = "\
these migrations cannot run in the schema `tenant_a`, because they are tied to another one
  `2_views` at migrations/test.rs:7:5: raw SQL names the schema `public`
    create view v as select * from public.one
  `2_views` at migrations/test.rs:7:5: raw SQL names the schema `public`
    drop view public.v
  `3_role` at migrations/test.rs:7:5: raw SQL changes something that exists once per database
    create role reader
  `4_shared` in migrations/test.rs: it is in a schema of its own, which all tenants would share
    table app.shared
help: leave out `public`: a name without a schema is looked up in the schema that the migration runs in
help: move what exists once per database to a history of its own, which is applied to the database itself";
    assert_eq!(migrator.apply(&database.pool).await.unwrap_err().to_string(), expected);
    assert_eq!(migrator.plan(&database.pool, migrate_runtime::Target::Head).await.unwrap_err().to_string(), expected);
    assert!(!database.has_table("tenant_a.one").await);
    // The database itself takes them as they are.
    database.run("CREATE SCHEMA app").await;
    all.migrator().apply_to(&database.pool, migrate_runtime::Target::Version(2)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_sql_and_rust_functions_find_the_tenants_tables_first() {
    fn step<'a>(context: &'a mut StepContext<'_>) -> StepFuture<'a> {
        async fn work(context: &mut StepContext<'_>) -> Result<(), BoxError> {
            let sql = format!("INSERT INTO one VALUES (2, '{}')", context.schema());
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(context.connection()).await?;
            Ok(())
        }
        Box::pin(work(context))
    }
    let database = Database::new().await;
    database.run("CREATE TABLE one (id bigint, value text)").await;
    let all = migrations(vec![
        table(1, "one"),
        migration(
            2,
            "rows",
            vec![
                together(vec![raw("insert into one values (1, current_schema())"), run("step")]),
                alone(raw("vacuum one")),
            ],
            vec![together(vec![raw("delete from one")])],
        )
        .calling("step", step),
    ]);
    all.migrator().schema("Tenant A").create_schema(true).apply(&database.pool).await.unwrap();
    let rows = database.values("SELECT value FROM \"Tenant A\".one ORDER BY id").await;
    assert_eq!(rows, ["Tenant A", "Tenant A"]);
    assert_eq!(database.value("SELECT count(*)::text FROM public.one").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_not_there_is_made_only_when_that_is_asked_for() {
    let database = Database::new().await;
    let migrator = shop().migrator().schema("tenant_x");
    let error = migrator.apply(&database.pool).await.unwrap_err();
    assert!(matches!(error, Error::NoSchema { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "schema `tenant_x` does not exist in this database\n\
         help: create it, or have it created (`--create-schema`, `Migrator::create_schema`)"
    );
    assert_eq!(migrator.clone().create_schema(true).apply(&database.pool).await.unwrap().applied.len(), 3);
    let status = migrator.status(&database.pool).await.unwrap();
    assert!(status.is_up_to_date() && status.schema.as_deref() == Some("tenant_x"));
    assert!(!shop().migrator().status(&database.pool).await.unwrap().is_up_to_date());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_goes_with_its_schema_and_another_binary_can_revert_it() {
    let database = Database::new().await;
    shop().migrator().schema("before").create_schema(true).apply(&database.pool).await.unwrap();
    database.run("ALTER SCHEMA before RENAME TO after").await;
    let migrator = shop().migrator().schema("after");
    assert!(migrator.apply(&database.pool).await.unwrap().is_empty());
    let older = migrations(vec![table(1, "orders")]).migrator().schema("after");
    assert_eq!(older.revert_to(&database.pool, 1).await.unwrap().reverted.len(), 2);
    assert!(!database.has_table("after.notes").await && !database.has_table("after.orders_value_idx").await);
    assert_eq!(migrator.apply(&database.pool).await.unwrap().applied.len(), 2);

    database.run("DROP SCHEMA after CASCADE").await;
    assert_eq!(migrator.create_schema(true).apply(&database.pool).await.unwrap().applied.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_half_applied_is_resumed_or_taken_back_in_the_tenants_schema() {
    let database = Database::new().await;
    let first = migrations(vec![table(1, "orders")]);
    for tenant in ["tenant_a", "tenant_b"] {
        first.migrator().schema(tenant).create_schema(true).apply(&database.pool).await.unwrap();
        database.run(&format!("INSERT INTO {tenant}.orders VALUES (1, 'same'), (2, 'same')")).await;
        let failed = shop().migrator().schema(tenant).apply(&database.pool).await.unwrap_err();
        assert!(failed.to_string().contains("could not create unique index"), "{failed}");
        // As a process leaves it that is killed while the index is built.
        let build = format!("CREATE UNIQUE INDEX CONCURRENTLY orders_value_idx ON {tenant}.orders (value)");
        assert!(sqlx::raw_sql(sqlx::AssertSqlSafe(build)).execute(&database.pool).await.is_err());
        assert!(database.has_table(&format!("{tenant}.orders_value_idx")).await);
    }
    let a = shop().migrator().schema("tenant_a");
    let report = a.abandon(&database.pool).await.unwrap();
    assert_eq!(report.reverted.len(), 1);
    assert!(!database.has_table("tenant_a.orders_value_idx").await);
    assert_eq!(a.history(&database.pool).await.unwrap().len(), 1);

    let b = shop().migrator().schema("tenant_b");
    database.run("DELETE FROM tenant_b.orders WHERE id = 2").await;
    assert_eq!(b.apply(&database.pool).await.unwrap().applied.len(), 2);
    assert_eq!(
        database
            .value("SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'tenant_b.orders_value_idx'::regclass")
            .await,
        "true"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_of_one_tenant_is_found_and_is_not_that_of_another() {
    let database = Database::new().await;
    let all = migrations(vec![table(1, "one").of_operations(
        r#"[{"create_table":{"name":"one","definition":{"columns":[{"name":"id","data_type":"bigint"},{"name":"value","data_type":"text","nullable":true}],"constraints":{"one_pkey":{"kind":{"primary_key":{"columns":["id"]}}}},"indexes":{}}}}]"#,
    )]);
    let tenant = |name: &str| all.migrator().schema(name).create_schema(true);
    for name in ["tenant_a", "tenant_b"] {
        tenant(name).apply(&database.pool).await.unwrap();
    }
    database.run("ALTER TABLE tenant_b.one ADD COLUMN extra int; CREATE EXTENSION citext").await;
    assert!(tenant("tenant_a").verify(&database.pool).await.unwrap().is_clean());
    let found = tenant("tenant_b").verify(&database.pool).await.unwrap();
    let lines: Vec<String> = found.differences.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["column `one.extra`: not expected"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_of_the_tenants_own_tables_are_waited_for() {
    let database = Database::new().await;
    schemas(&database, &["tenant_a", "tenant_b"]).await;
    let note = locking(sql("ALTER TABLE public.one ADD COLUMN note text"), "one", LockMode::AccessExclusive);
    let all = migrations(vec![table(1, "one"), migration(2, "note", vec![together(vec![note])], vec![])]);
    assert_eq!(told(&to_all(&migrations(vec![table(1, "one")]).migrator(), &database, "tenant%").await).1.len(), 2);
    let mut reader = database.pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT count(*)::text FROM tenant_b.one").execute(&mut *reader).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let migrator = all.migrator().retry_budget(std::time::Duration::from_millis(500));
    let report = to_all(&migrator, &database, "tenant%").await;
    assert_eq!(told(&report), (vec!["tenant_b"], vec![("tenant_a", 1)]));
    let error = report.failures().next().unwrap().1.to_string();
    assert!(
        error.contains("ALTER TABLE tenant_b.one ADD COLUMN note text") && error.contains("gave up after"),
        "{error}"
    );
    drop(reader);
    assert_eq!(told(&to_all(&all.migrator(), &database, "tenant%").await), (vec![], vec![("tenant_b", 1)]));
}

/// Behind a pooler in transaction mode another client may have the session next, with the tenant's search path.
#[tokio::test(flavor = "multi_thread")]
async fn outside_a_transaction_the_search_path_is_set_only_for_what_may_follow_it() {
    const WATCH: &str = "
        CREATE TABLE seen (number int GENERATED ALWAYS AS IDENTITY, source text);
        CREATE FUNCTION look() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO public.seen (source)
            SELECT concat_ws(' ', tg_tag, setting, source) FROM pg_settings WHERE name = 'search_path';
        END $$;
        CREATE EVENT TRIGGER look ON ddl_command_start WHEN TAG IN ('CREATE INDEX')
        EXECUTE FUNCTION look()";
    let all = migrations(vec![
        table(1, "orders"),
        migration(
            2,
            "indexes",
            vec![
                alone(index("plain", "orders", "value", false)),
                alone(index("called", "orders", "lower(value)", false)),
                alone(raw("create index concurrently by_hand on orders (value)")),
            ],
            vec![],
        ),
    ]);
    let seen = "SELECT source FROM seen ORDER BY number";
    let database = Database::new().await;
    schemas(&database, &["tenant_a"]).await;
    database.run(WATCH).await;
    let migrator = all.migrator().schema("tenant_a");
    migrator.apply(&database.pool).await.unwrap();
    assert_eq!(
        database.values(seen).await,
        [
            "CREATE INDEX \"$user\", public default",
            "CREATE INDEX pg_catalog, pg_temp session",
            "CREATE INDEX tenant_a, public session",
        ]
    );

    // A database whose path means the same schemas.
    let database = Database::new().await;
    schemas(&database, &["tenant_a"]).await;
    database.run(WATCH).await;
    let path = "ALTER DATABASE %I SET search_path = tenant_a, public, absent";
    database.run(&format!("DO $$BEGIN EXECUTE format('{path}', current_database()); END$$")).await;
    migrator.apply(&database.another_pool()).await.unwrap();
    let database_path = "CREATE INDEX tenant_a, public, absent database";
    let expected = [database_path, "CREATE INDEX pg_catalog, pg_temp session", database_path];
    assert_eq!(database.values(seen).await, expected);
}

/// One that stands still just before it sends what cannot be in a transaction has nothing else to be known by.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_a_run_that_stands_still_is_ended_whatever_the_schema_is_called() {
    let all = migrations(vec![
        table(1, "one"),
        migration(
            2,
            "index",
            vec![
                alone(raw("insert into seen select current_setting('application_name')")),
                alone(index("one_value_idx", "one", "value", false)),
                together(vec![raw("insert into wanted values (1)")]),
            ],
            vec![],
        ),
    ]);
    let long = "x".repeat(60);
    let tenants = ["plain", "münchen", &format!("{long}_a"), &format!("{long}_b")];
    let database = Database::new().await;
    database.run("CREATE TABLE seen (name text)").await;
    let mut sessions = Vec::new();
    for tenant in tenants {
        all.migrator().schema(tenant).create_schema(true).apply(&database.pool).await.unwrap_err();
        let name = database.value("DELETE FROM seen RETURNING name").await;
        let mut session = sqlx::PgConnection::connect_with(&database.options).await.unwrap();
        sqlx::query("SELECT set_config('application_name', $1, false)")
            .bind(&name)
            .execute(&mut session)
            .await
            .unwrap();
        let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut session).await.unwrap();
        // As if it had been frozen before the index was built, and after its beginning was noted.
        database.run(&format!("UPDATE \"{tenant}\".migrate_journal SET segment = 1, running = true")).await;
        sessions.push((tenant, pid, session));
    }
    database.run("CREATE TABLE wanted (id int)").await;
    for (index, (tenant, pid, _)) in sessions.iter().enumerate() {
        all.migrator().schema(*tenant).apply(&database.pool).await.unwrap();
        database.until(&format!("SELECT (NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {pid}))::text")).await;
        for (other, pid, _) in &sessions[index + 1..] {
            let lives = format!("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {pid})::text");
            assert_eq!(database.value(&lives).await, "true", "{tenant} ended that of {other}");
        }
    }
}
