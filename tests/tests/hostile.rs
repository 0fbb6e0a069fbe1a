//! A role that may only create objects in `public` (and in the schema of a tenant), or that owns the schema `migrate`, and
//! a superuser that migrates: whatever the role has put there, it stays what it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use migrate_core::history::{Direction, RevertTarget, Target};
use migrate_runtime::rehearse::Stage;
use migrate_runtime::{Error, Migrations, Migrator, ScriptRange};
use tests::{Database, compile, embed};

/// Its functions and operators over names and columns, indexes that are built by themselves, backfills, rows, triggers.
const HISTORY: &str = r#"
    migration "0001_plans" {
        create enum mood { calm, loud }
        create table plans {
            id: bigint generated always as identity primary key,
            code: varchar(20),
            mood: mood = calm,
            tags: text[] = [],
            created_at: timestamptz = now(),
            changed_at: timestamptz = now() on update now(),
            check (length(code) > 0),
            check (code <> "x" and lower(code) = code || ""),
        }
        create index on plans (lower(code));
        create function note() returns trigger language plpgsql as "begin return new; end";
        create trigger noted before insert or update on plans for each row execute function note();
        insert into plans (code) values ("a"), ("b");
    }
    migration "0002_more" {
        create index plans_code on plans (lower(code), upper(code)) where code <> "z" and length(code) < 10;
        alter table plans { add short: varchar(5)? }
        backfill plans set short = lower(left(code, 3)) where short is null and code <> "q" down { }
    }
    migration "0003_last" {
        #[allow(unbatched_update, reason = "a test")]
        update plans set tags = array[lower(code)] where upper(code) <> "q" and code in ("a", "b") down { }
        select length(code) from plans down { }
        alter table plans { alter short: text?, alter code set default lower("C") }
        create unique index on plans (md5(code));
    }
"#;

/// What a low role puts into a schema: one of each kind that could be met instead of what the system has. Each of them makes
/// the role a superuser where a superuser runs it.
fn planted(schema: &str, role: &str) -> String {
    let mut sql = format!(
        "CREATE FUNCTION {schema}.evil() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN \
         BEGIN EXECUTE 'ALTER ROLE {role} SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END; RETURN true; END$$;\n"
    );
    let mut function = |name: &str, arguments: &str, result: &str, value: &str| {
        sql.push_str(&format!(
            "CREATE FUNCTION {schema}.{name}({arguments}) RETURNS {result} LANGUAGE plpgsql IMMUTABLE AS \
             $$BEGIN PERFORM {schema}.evil(); RETURN {value}; END$$;\n"
        ));
    };
    for (name, arguments, result, value) in [
        ("lower", "varchar", "text", "pg_catalog.lower($1::pg_catalog.text)"),
        ("upper", "varchar", "text", "pg_catalog.upper($1::pg_catalog.text)"),
        ("length", "varchar", "integer", "1"),
        ("left", "varchar, integer", "text", "$1"),
        ("md5", "varchar", "text", "pg_catalog.md5($1::pg_catalog.text)"),
        ("quote_ident", "name", "text", "$1"),
        ("to_jsonb", "pg_index", "jsonb", "'{}'"),
        ("to_jsonb", "pg_constraint", "jsonb", "'{}'"),
        ("format_type", "oid, integer", "text", "'text'"),
        ("pg_get_expr", "pg_node_tree, oid", "text", "''"),
        ("host", "inet", "text", "''"),
        ("now", "", "timestamptz", "pg_catalog.now()"),
        ("clock_timestamp", "", "timestamptz", "pg_catalog.clock_timestamp()"),
        ("set_config", "text, text, boolean", "text", "''"),
        ("current_setting", "text", "text", "''"),
        ("current_database", "", "name", "''"),
        ("obj_description", "oid, name", "text", "''"),
        ("to_char", "timestamp, text", "text", "''"),
        ("string_agg", "text, text", "text", "''"),
        ("same", "varchar, varchar", "boolean", "true"),
        ("same_text", "varchar, text", "boolean", "true"),
        ("same_name", "name, name", "boolean", "true"),
        ("same_oid", "oid, oid", "boolean", "true"),
        ("same_char", "\"char\", \"char\"", "boolean", "true"),
        ("joined", "varchar, text", "text", "$1"),
        ("minus", "timestamptz, timestamptz", "interval", "'1 s'"),
    ] {
        function(name, arguments, result, value);
    }
    sql.push_str(&format!(
        "CREATE FUNCTION {schema}.unnest(smallint[]) RETURNS SETOF smallint LANGUAGE plpgsql AS \
         $$BEGIN PERFORM {schema}.evil(); RETURN QUERY SELECT pg_catalog.unnest($1); END$$;\n"
    ));
    for (operator, left, right, procedure) in [
        ("=", "varchar", "varchar", "same"),
        ("<>", "varchar", "varchar", "same"),
        ("<>", "varchar", "text", "same_text"),
        ("=", "varchar", "text", "same_text"),
        ("=", "name", "name", "same_name"),
        ("<>", "name", "name", "same_name"),
        ("=", "oid", "oid", "same_oid"),
        ("=", "\"char\"", "\"char\"", "same_char"),
        ("||", "varchar", "text", "joined"),
        ("-", "timestamptz", "timestamptz", "minus"),
    ] {
        sql.push_str(&format!(
            "CREATE OPERATOR {schema}.{operator} (LEFTARG = {left}, RIGHTARG = {right}, PROCEDURE = {schema}.{procedure});\n"
        ));
    }
    // Types that are domains with a check, a type with a cast, tables and views that are called as the system's are.
    for name in ["text", "regclass", "int2", "int4", "jsonb"] {
        sql.push_str(&format!("CREATE DOMAIN {schema}.\"{name}\" AS pg_catalog.{name} CHECK ({schema}.evil());\n"));
    }
    sql.push_str(&format!(
        "CREATE TYPE {schema}.pair AS (a pg_catalog.int4);
         CREATE FUNCTION {schema}.of_pair({schema}.pair) RETURNS pg_catalog.text LANGUAGE plpgsql AS \
         $$BEGIN PERFORM {schema}.evil(); RETURN 'x'; END$$;
         CREATE CAST ({schema}.pair AS pg_catalog.text) WITH FUNCTION {schema}.of_pair({schema}.pair) AS IMPLICIT;\n"
    ));
    for name in ["pg_class", "pg_namespace", "pg_locks", "pg_stat_activity", "pg_index", "pg_roles", "history"] {
        sql.push_str(&format!(
            "CREATE VIEW {schema}.{name} AS SELECT {schema}.evil() AS oid, 'x'::pg_catalog.name AS nspname;\n"
        ));
    }
    sql
}

async fn database(role: &str) -> Database {
    let database = Database::create().await;
    database.execute(&format!("DROP ROLE IF EXISTS {role}")).await;
    let name = database.text("current_database()").await;
    // What is in `public` comes before what the system has, where nothing else is said.
    database
        .execute(&format!(
            "CREATE ROLE {role} LOGIN; GRANT CREATE ON SCHEMA public TO {role};
             ALTER DATABASE {name} SET search_path = public, pg_catalog"
        ))
        .await;
    database
}

async fn as_role(database: &Database, role: &str, sql: &str) {
    database
        .execute(&format!("SET ROLE {role};\nSET search_path = pg_catalog;\n{sql}\n;RESET search_path; RESET ROLE"))
        .await;
}

async fn assert_low(database: &Database, role: &str, when: &str) {
    // This query must not run what is planted either.
    let sql = format!("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) '{role}'");
    let is_super: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&database.pool).await.unwrap();
    assert!(!is_super, "{when}: the role is a superuser now");
}

/// Every verb that changes something, and every one that looks, one after the other.
async fn every_verb(database: &Database, role: &str, migrations: &'static Migrations, migrator: &Migrator) {
    // Sessions that have what the database sets.
    let pool = sqlx::PgPool::connect(&database.url).await.unwrap();
    every_verb_in(&pool, database, role, migrations, migrator).await;
    pool.close().await;
}

async fn every_verb_in(
    pool: &sqlx::PgPool,
    database: &Database,
    role: &str,
    migrations: &'static Migrations,
    migrator: &Migrator,
) {
    let pool = pool.clone();
    let low = |when: &'static str| assert_low(database, role, when);
    for target in [Target::Version(1), Target::Version(2), Target::Head] {
        migrator.plan(&pool, target).await.unwrap();
        low("plan").await;
        migrator.apply_to(&pool, target).await.unwrap();
        low("up").await;
    }
    migrator.apply(&pool).await.unwrap();
    low("up with nothing to do").await;
    migrator.watch(&pool).await.unwrap();
    low("watch").await;
    migrator.is_up_to_date(&mut pool.acquire().await.unwrap()).await.unwrap();
    migrator.status(&pool).await.unwrap();
    migrator.history(&pool).await.unwrap();
    low("status").await;
    let verification = migrator.verify(&pool).await.unwrap();
    low("verify").await;
    let ours: Vec<String> = verification
        .differences
        .iter()
        .map(ToString::to_string)
        .filter(|difference| difference.contains("plans"))
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
    migrator.plan_revert(&pool, RevertTarget::Version(0)).await.unwrap();
    migrator.revert_to(&pool, 0).await.unwrap();
    low("down").await;
    migrator.abandon(&pool).await.unwrap();
    migrations.migrator().schemas_like(&pool, "%").await.unwrap();
    migrations.migrator().databases_like(&pool, "nothing%").await.unwrap();
    low("what is left").await;
}

/// The verbs of which there is one for all databases, with a history in its own schema.
async fn other_verbs(database: &Database, role: &str, migrations: &'static Migrations) {
    let pool = sqlx::PgPool::connect(&database.url).await.unwrap();
    let low = |when: &'static str| assert_low(database, role, when);
    let migrator = migrations.migrator();
    let rehearsal = migrator.rehearse(&pool, Stage::Here).await.unwrap();
    assert!(rehearsal.failure.is_none(), "{:?}", rehearsal.failure);
    low("rehearse").await;
    migrator.apply(&pool).await.unwrap();
    let corrected = embed(compile(&HISTORY.replace(r#"("a"), ("b")"#, r#"("a"), ("c")"#)), &[]);
    corrected.migrator().plan_repair(&pool, &[]).await.unwrap();
    low("what a repair would do").await;
    let report = corrected.migrator().repair(&pool, &[], "a test").await.unwrap();
    assert_eq!(report.repaired.len(), 1);
    low("repair").await;
    sqlx::raw_sql("DROP SCHEMA migrate CASCADE").execute(&pool).await.unwrap();
    migrator.baseline(&pool, 3).await.unwrap();
    low("baseline").await;
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_planted_in_public_is_never_run() {
    let role = "mallory_public";
    let database = database(role).await;
    as_role(&database, role, &planted("public", role)).await;
    let migrations = embed(compile(HISTORY), &[]);
    every_verb(&database, role, migrations, &migrations.migrator()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_it_by_a_rehearsal_a_repair_or_a_baseline() {
    let role = "mallory_others";
    let database = database(role).await;
    as_role(&database, role, &planted("public", role)).await;
    other_verbs(&database, role, embed(compile(HISTORY), &[])).await;
}

type Planting<'p> = std::pin::Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'p>>;

fn plant_in(connection: &mut sqlx::PgConnection, sql: String) -> Planting<'_> {
    Box::pin(async move { sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop) })
}

/// What a session left behind that a pooler hands on: its temporary objects come before all others.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_temporary_schema_of_a_session_is_never_run() {
    let role = "mallory_temporary";
    let database = database(role).await;
    let planting = planted("pg_temp", role);
    let sql = format!("SET search_path = pg_catalog; {planting} RESET search_path");
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(3)
        .after_connect(move |connection, _| plant_in(connection, sql.clone()));
    let pool = pool.connect(&database.url).await.unwrap();
    let migrations = embed(compile(HISTORY), &[]);
    every_verb_in(&pool, &database, role, migrations, &migrations.migrator()).await;
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_planted_for_a_tenant_is_never_run() {
    let role = "mallory_tenant";
    let database = database(role).await;
    database.execute(&format!("CREATE SCHEMA tenant; GRANT ALL ON SCHEMA tenant TO {role}")).await;
    as_role(&database, role, &planted("public", role)).await;
    as_role(&database, role, &planted("tenant", role)).await;
    let migrations = embed(compile(HISTORY), &[]);
    every_verb(&database, role, migrations, &migrations.migrator().schema("tenant")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_runs_nothing_that_is_planted() {
    let role = "mallory_script";
    let database = database(role).await;
    as_role(&database, role, &planted("public", role)).await;
    let migrations = embed(compile(HISTORY), &[]);
    for direction in [Direction::Up, Direction::Down] {
        let script = migrations.migrator().script(direction, ScriptRange::default()).unwrap();
        let file = std::env::temp_dir().join(format!("hostile_{}_{}.sql", std::process::id(), direction.code()));
        std::fs::write(&file, script).unwrap();
        let psql = std::process::Command::new("psql")
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"])
            .arg(&file)
            .arg(&database.url)
            .output();
        std::fs::remove_file(&file).unwrap();
        let output = psql.expect("psql, which comes with the server");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_low(&database, role, direction.code()).await;
    }
}

fn distrust(result: Result<impl std::fmt::Debug, Error>) -> String {
    match result {
        Err(error @ Error::Distrusted { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_owns_the_schema_of_the_history_gets_nothing() {
    let role = "mallory_owner";
    let database = database(role).await;
    let migrations = embed(compile(HISTORY), &[]);
    let evil = planted("public", role);
    as_role(&database, role, &evil).await;
    database.execute(&format!("CREATE SCHEMA migrate AUTHORIZATION {role}")).await;
    let error = distrust(migrations.apply(&database.pool).await);
    assert!(error.contains(&format!("the schema `migrate` is owned by `{role}`")), "{error}");
    assert!(error.contains("ALTER SCHEMA migrate OWNER TO "), "{error}");
    // Views in the place of the tables: even looking would run them.
    let columns = "version bigint, name text, checksum text, chain text, kind text, applied_at timestamptz, applied_by text, \
                   application text, client text, duration_ms float8, tool_version text, down jsonb, footprint jsonb, \
                   compatibility jsonb";
    for name in ["history", "head", "journal", "format"] {
        as_role(
            &database,
            role,
            &format!(
                "CREATE TABLE migrate.{name}_rows ({columns}); \
                 CREATE VIEW migrate.{name} AS SELECT *, public.evil() AS evil FROM migrate.{name}_rows;"
            ),
        )
        .await;
    }
    let migrator = migrations.migrator();
    let pool = &database.pool;
    distrust(migrator.apply(pool).await);
    distrust(migrator.status(pool).await);
    distrust(migrator.history(pool).await);
    distrust(migrator.verify(pool).await);
    distrust(migrator.plan(pool, Target::Head).await);
    distrust(migrator.plan_revert(pool, RevertTarget::Version(0)).await);
    distrust(migrator.revert_to(pool, 0).await);
    distrust(migrator.baseline_unchecked(pool, 1).await);
    distrust(migrator.abandon(pool).await);
    assert!(migrator.is_up_to_date(&mut pool.acquire().await.unwrap()).await.is_err());
    assert_low(&database, role, "views").await;
    // Tables with a trigger.
    database.execute("DROP SCHEMA migrate CASCADE").await;
    migrations.apply(pool).await.unwrap();
    for name in ["history", "head", "journal", "format"] {
        database.execute(&format!("ALTER TABLE migrate.{name} OWNER TO {role}")).await;
    }
    database.execute(&format!("GRANT USAGE ON SCHEMA migrate TO {role}")).await;
    let trigger = "CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM public.evil(); \
                   RETURN coalesce(new, old); END$$; \
                   CREATE TRIGGER fire AFTER INSERT OR DELETE ON migrate.head FOR EACH ROW EXECUTE FUNCTION public.fire(); \
                   CREATE RULE two AS ON DELETE TO migrate.history DO ALSO SELECT public.evil();";
    as_role(&database, role, trigger).await;
    let error = distrust(migrator.revert(pool, 1).await);
    for part in ["has the trigger `fire`", "has the rule `two`", &format!("is owned by `{role}`")] {
        assert!(error.contains(part), "{part}: {error}");
    }
    migrator.status(pool).await.unwrap();
    migrator.apply(pool).await.unwrap();
    assert_low(&database, role, "triggers").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn default_privileges_let_nobody_write_to_the_history() {
    let role = "mallory_service";
    let database = database(role).await;
    database.execute(&format!("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {role}, PUBLIC")).await;
    let migrations = embed(compile(HISTORY), &[]);
    migrations.apply(&database.pool).await.unwrap();
    let may = |what: &str| format!("SELECT has_table_privilege('{role}', 'migrate.journal', '{what}')");
    assert_eq!(database.text(&may("INSERT")).await, "false");
    assert_eq!(database.text(&may("SELECT")).await, "true");
    migrations.migrator().revert(&database.pool, 1).await.unwrap();
    database.execute(&format!("GRANT INSERT, UPDATE ON migrate.journal TO {role}")).await;
    let error = distrust(migrations.apply(&database.pool).await);
    assert!(error.contains(&format!("`{role}` may INSERT, UPDATE on `migrate.journal`")), "{error}");
    assert!(error.contains(&format!("`REVOKE INSERT, UPDATE ON migrate.journal FROM {role}`")), "{error}");
    database.execute(&format!("REVOKE INSERT, UPDATE ON migrate.journal FROM {role}")).await;
    migrations.apply(&database.pool).await.unwrap();
}

/// The team of who migrates may write to the history: that lets them do what who migrates may, if it runs what they write.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_team_has_put_into_the_history_is_not_run_by_who_migrates() {
    let database = Database::create().await;
    let name = database.text("current_database()").await;
    database
        .execute(&format!(
            "DROP ROLE IF EXISTS stored_team; DROP ROLE IF EXISTS stored_migrator; DROP ROLE IF EXISTS stored_mallory;
             CREATE ROLE stored_team; CREATE ROLE stored_migrator LOGIN CREATEROLE IN ROLE stored_team;
             CREATE ROLE stored_mallory LOGIN IN ROLE stored_team;
             GRANT CREATE ON DATABASE {name} TO stored_migrator; GRANT ALL ON SCHEMA public TO stored_migrator"
        ))
        .await;
    let text = format!("{HISTORY}\nmigration \"0004_text\" {{ create extension citext }}");
    let migrations = embed(compile(&text), &[]);
    let older = embed(compile(HISTORY), &[]);
    let options: sqlx::postgres::PgConnectOptions = database.url.parse().unwrap();
    let pool = sqlx::PgPool::connect_with(options.username("stored_migrator")).await.unwrap();
    migrations.apply(&pool).await.unwrap();
    database
        .execute(
            "GRANT USAGE ON SCHEMA migrate TO stored_team;
             GRANT SELECT, INSERT, UPDATE, DELETE ON migrate.history, migrate.journal TO stored_team",
        )
        .await;
    let evil = "CREATE ROLE stored_evil";
    let assert_not_run = async |when: &str| {
        let there = database.text("SELECT count(*) FROM pg_roles WHERE rolname = 'stored_evil'").await;
        assert_eq!(there, "0", "{when}");
    };
    // Of what this binary does not know the history alone has the script.
    let error = distrust(older.migrator().revert(&pool, 1).await);
    for part in [
        "the stored script of `4_text` is not what this binary would run",
        "`stored_team` may DELETE, INSERT, UPDATE on `migrate.history`",
        "help: `REVOKE DELETE, INSERT, UPDATE ON migrate.history FROM stored_team`",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    // Of what it knows it takes what it would run, where that is what is stored.
    let write = format!(
        "UPDATE migrate.history SET down = jsonb_set(down, '{{script,script,segments,0,statements,0,work,sql}}', '\"{evil}\"') \
         WHERE version IN (3, 4)"
    );
    as_role(&database, "stored_mallory", &write).await;
    assert_eq!(database.text("SELECT count(*) FROM migrate.history WHERE down::text LIKE '%stored_evil%'").await, "2");
    distrust(migrations.migrator().revert(&pool, 1).await);
    assert_not_run("down of an extension").await;
    let journal = |begun: &str| {
        format!(
            "DELETE FROM migrate.journal; \
             INSERT INTO migrate.journal SELECT version, name, 'down', checksum, down -> 'script' -> 'script' || {begun}, 0, false, \
             NULL, now(), now(), '', '' FROM migrate.history WHERE version = 3"
        )
    };
    for begun in [
        "'{}'",
        r#"'{"begun": {"up": {"segments": []}, "down": {"irreversible": {"why": ""}}, "operations": "[]", "footprint": {"objects": []}}}'"#,
    ] {
        as_role(&database, "stored_mallory", &journal(begun)).await;
        for result in [migrations.migrator().revert(&pool, 1).await, migrations.migrator().abandon(&pool).await] {
            distrust(result);
            assert_not_run(begun).await;
        }
        // What has done nothing of the revert is applied as it was: nothing runs of what is stored.
        database.execute("DELETE FROM migrate.head").await;
        let _ = migrations.apply(&pool).await;
        assert_not_run(begun).await;
    }
    // A revert that was killed goes on where the journal has what this binary would run.
    as_role(&database, "stored_mallory", "DELETE FROM migrate.journal; DELETE FROM migrate.history WHERE version = 4")
        .await;
    database.execute("DROP EXTENSION citext").await;
    migrations.migrator().revert(&pool, 1).await.unwrap();
    migrations.apply(&pool).await.unwrap();
    migrations.migrator().revert_to(&pool, 0).await.unwrap();
    migrations.apply(&pool).await.unwrap();
    // Nobody else may write: the older binary reverts.
    database.execute("REVOKE ALL ON migrate.history, migrate.journal FROM stored_team").await;
    older.migrator().revert(&pool, 1).await.unwrap();
    assert_eq!(database.text("SELECT count(*) FROM pg_extension WHERE extname = 'citext'").await, "0");
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_application_is_refused_unless_that_is_meant() {
    let database = Database::create().await;
    let shop = embed(compile(HISTORY), &[]);
    shop.migrator().application("shop").apply(&database.pool).await.unwrap();
    let blog = embed(compile(r#"migration "0009_posts" { create table posts { id: bigint primary key } }"#), &[]);
    let blog = blog.migrator().application("blog");
    for error in [blog.apply(&database.pool).await.unwrap_err(), blog.revert_to(&database.pool, 0).await.unwrap_err()] {
        let text = error.to_string();
        assert!(matches!(error, Error::OtherApplication { .. }), "{text}");
        assert!(text.contains("belongs to `shop`, but this is `blog`"), "{text}");
        assert!(text.contains("--share-history"), "{text}");
    }
    assert_eq!(database.text("SELECT count(*) FROM plans").await, "2");
    // What it says then is what any history says of which migrations are missing.
    let shared = blog.share_history(true).apply(&database.pool).await.unwrap_err();
    assert!(matches!(shared, Error::History(_)), "{shared}");
    // Rows from before there were names are anybody's.
    database.execute("UPDATE migrate.history SET application = ''").await;
    shop.migrator().application("store").apply(&database.pool).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_would_be_cut_are_refused() {
    let database = Database::create().await;
    let migrations = embed(compile(HISTORY), &[]);
    let long = "t".repeat(64);
    let tenant = migrations.migrator().schema(format!("{long}_a")).create_schema(true);
    let error = tenant.apply(&database.pool).await.unwrap_err().to_string();
    assert!(error.contains("is 66 bytes long, but PostgreSQL allows only 63"), "{error}");
    assert!(tenant.status(&database.pool).await.is_err() && tenant.verify(&database.pool).await.is_err());
    let history = migrations.migrator().history_schema("é".repeat(32));
    assert!(matches!(history.apply(&database.pool).await, Err(Error::LongName { .. })));
    let fits = migrations.migrator().schema("t".repeat(63)).create_schema(true);
    fits.apply(&database.pool).await.unwrap();
}
