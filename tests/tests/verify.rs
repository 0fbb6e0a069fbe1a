//! `verify` right after `up` is clean, whatever an expression calls and however the server prints it; and what others have
//! in the database is left alone.

use std::collections::BTreeSet;

use migrate_runtime::{Cause, Error, Ignore, IgnoredFor, Migrator, Verification};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tests::{Database, compile, embed};

const EXPRESSIONS: &str = r##"
migration "0001_functions" {
    sql "create function public.conv(v varchar) returns varchar language sql immutable as 'select upper(v)';
         create function public.touch(t text) returns text language sql immutable as 'select t';
         create operator public.~~~ (leftarg = text, rightarg = text, function = pg_catalog.texteq)"
        down { sql "drop operator public.~~~ (text, text); drop function public.touch(text); drop function public.conv(varchar)"; }
}
migration "0002_tables" {
    create table docs {
        id: bigint primary key,
        j: jsonb,
        kind: text = touch("x") check (length(kind) > "5"),
        label: varchar(20)? = null::varchar,
        owner: text? = "by " || current_user,
        shout: varchar? generated always as (conv(kind)) stored,
        began: timestamptz = "epoch",
        at: time = "allballs",
        n: numeric?,
        check ((j -> "a" -> "b")::jsonb::numeric = n),
        check (touch(kind) <> touch("no")),
        check (conv(j ->> "a") <> "Z"),
    }
    create index on docs (conv(j ->> "b"));
    create index on docs (lower(touch(kind)), id) where touch(kind) <> conv(label);
}
"##;

fn lines(found: &Verification) -> Vec<String> {
    found.differences.iter().map(ToString::to_string).chain(found.unfinished.iter().map(ToString::to_string)).collect()
}

async fn verified(migrator: &Migrator, database: &Database) -> Verification {
    migrator.verify(&database.pool).await.unwrap_or_else(|error| panic!("verify: {error}"))
}

/// The same database for another role, which has the password-less login that the server of the tests gives.
async fn as_role(database: &Database, role: &str) -> Database {
    let options: PgConnectOptions = database.url.parse().unwrap();
    let pool = PgPoolOptions::new().max_connections(2).connect_with(options.username(role)).await.unwrap();
    Database { pool, url: database.url.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expressions_call_is_no_drift() {
    let database = Database::create().await;
    let all = embed(compile(EXPRESSIONS), &[]);
    all.apply(&database.pool).await.unwrap();
    let found = verified(&all.migrator(), &database).await;
    assert_eq!(lines(&found), [] as [&str; 0]);
    assert_eq!(found.unasked, None);
    // What it asked the server is gone.
    let left = "SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'pg_temp%'";
    assert_eq!(database.text(left).await, "0");
    // What really is another expression is a difference.
    database.execute("ALTER TABLE docs ALTER kind SET DEFAULT touch('y'), DROP CONSTRAINT docs_kind_check").await;
    database.execute("ALTER TABLE docs ADD CONSTRAINT docs_kind_check CHECK (length(kind) > 6)").await;
    let found = lines(&verified(&all.migrator(), &database).await);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("expected default `public.touch('x'::text)`, found `public.touch('y'::text)`"),
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_ask_the_server_is_told() {
    let database = Database::create().await;
    let all = embed(compile(EXPRESSIONS), &[]);
    all.apply(&database.pool).await.unwrap();
    let name = database.text("current_database()").await;
    database
        .execute(&format!(
            "CREATE ROLE reader_{name} LOGIN; GRANT USAGE ON SCHEMA migrate TO reader_{name}; \
             GRANT SELECT ON ALL TABLES IN SCHEMA migrate TO reader_{name}; \
             REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC"
        ))
        .await;
    let low = as_role(&database, &format!("reader_{name}")).await;
    let found = verified(&all.migrator(), &low).await;
    let reason = found.unasked.expect("a reason");
    assert_eq!(reason, "the role may not create temporary tables in this database");
    database
        .execute(&format!("GRANT TEMPORARY ON DATABASE {name} TO reader_{name}; GRANT SELECT ON docs TO reader_{name}"))
        .await;
    let found = verified(&all.migrator(), &low).await;
    assert_eq!((lines(&found), found.unasked), (Vec::new(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_runs_nothing_of_the_database() {
    let database = Database::create().await;
    let all = embed(
        compile(
            r##"
migration "0001_a" {
    sql "create sequence called; create function public.f(v text) returns text language plpgsql immutable as
        'begin perform nextval(''public.called''); return v; end'" down { sql "drop function public.f(text); drop sequence called"; }
    create table t { id: bigint primary key, a: text = f("1"), check (f("2") <> a), check (length(f("4")) > "5") }
    create index on t (f(a)) where f("3") <> a;
}
"##,
        ),
        &[],
    );
    all.apply(&database.pool).await.unwrap();
    let before = database.text("SELECT last_value::text || is_called FROM called").await;
    let found = verified(&all.migrator(), &database).await;
    assert_eq!(lines(&found), [] as [&str; 0]);
    assert_eq!(database.text("SELECT last_value::text || is_called FROM called").await, before);
    // Where an event trigger would run, nothing is asked.
    database
        .execute(
            "CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS 'begin perform nextval(''public.called''); end'; \
             CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION seen()",
        )
        .await;
    let before = database.text("SELECT last_value FROM called").await;
    let found = verified(&all.migrator(), &database).await;
    assert_eq!(lines(&found), ["function `seen()`: not expected", "event trigger `seen`: not expected"]);
    assert_eq!(found.unasked, None, "a superuser asks without event triggers");
    assert_eq!(database.text("SELECT last_value FROM called").await, before);
    database.execute("ALTER EVENT TRIGGER seen ENABLE ALWAYS").await;
    let before = database.text("SELECT last_value FROM called").await;
    let found = verified(&all.migrator(), &database).await;
    assert_eq!(found.unasked.as_deref(), Some("the database has event triggers, which would run"));
    assert_eq!(database.text("SELECT last_value FROM called").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_keys_that_nothing_checks_are_found() {
    let database = Database::create().await;
    let all = embed(
        compile(
            r#"
migration "0001_a" {
    create table users { id: bigint primary key }
    create table trips { id: bigint primary key, user_id: bigint references users }
}
"#,
        ),
        &[],
    );
    all.apply(&database.pool).await.unwrap();
    database.execute("ALTER TABLE trips DISABLE TRIGGER ALL").await;
    let found = verified(&all.migrator(), &database).await;
    let unfinished: Vec<String> = found.unfinished.iter().map(ToString::to_string).collect();
    assert_eq!(
        unfinished,
        ["the foreign key `trips_user_id_fkey` of table `trips` is not checked: its triggers are disabled"]
    );
    database.execute("ALTER TABLE trips ENABLE TRIGGER ALL").await;
    assert!(verified(&all.migrator(), &database).await.is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_is_left_alone_and_what_is_not_compared_is_said() {
    let database = Database::create().await;
    let own = embed(
        compile(
            r#"migration "0001_a" { create table users { id: bigint primary key, at: timestamptz = now() on update now() } }"#,
        ),
        &[],
    );
    let billing = embed(
        compile(
            r#"migration "0001_b" { create enum paid { yes, no } create table invoices { id: bigint primary key, paid: paid } }"#,
        ),
        &[],
    );
    own.apply(&database.pool).await.unwrap();
    billing.migrator().history_schema("billing_history").apply(&database.pool).await.unwrap();
    own.migrator().schema("tenant_a").create_schema(true).apply(&database.pool).await.unwrap();
    sqlx::migrate::Migrator::with_migrations(Vec::new()).run(&database.pool).await.unwrap();
    database
        .execute(
            "CREATE TABLE jobs (id int CHECK (id > 0)); CREATE INDEX dba_users ON users (at); CREATE SCHEMA audit; \
             CREATE TABLE audit.log (a int); CREATE VIEW v AS SELECT 1; CREATE FUNCTION f() RETURNS int LANGUAGE sql \
             AS 'select 1'; CREATE VIEW w AS SELECT 2; ALTER TABLE users ENABLE ROW LEVEL SECURITY; \
             CREATE POLICY p ON users USING (true); CREATE SEQUENCE s; CREATE SCHEMA stray; \
             CREATE LANGUAGE other HANDLER plpgsql_call_handler; \
             CREATE ACCESS METHOD rows TYPE TABLE HANDLER heap_tableam_handler",
        )
        .await;
    let found = verified(&own.migrator(), &database).await;
    let objects: BTreeSet<String> = found.differences.iter().map(|one| one.object().to_string()).collect();
    let expected = [
        "function `f()`",
        "index `dba_users` of `users`",
        "policy `p` of table `users`",
        "schema `stray`",
        "sequence `s`",
        "table `audit.log`",
        "table `jobs`",
        "table `users`",
        "view `v`",
        "view `w`",
    ];
    assert_eq!(objects, expected.map(String::from).into());
    assert!(found.ignored.iter().any(|one| one.why == IgnoredFor::Tool("sqlx")), "{:?}", found.ignored);
    let counted: Vec<String> = found.not_compared.iter().map(|one| one.text()).collect();
    assert_eq!(counted, ["1 access method", "1 language"]);

    let ignore = |pattern: &str| pattern.parse::<Ignore>().unwrap();
    let patient =
        own.migrator().ignore(ignore("table job?")).ignore(ignore("index public.dba_*")).ignore(ignore("schema audit"));
    database.execute("ALTER TABLE users DISABLE ROW LEVEL SECURITY").await;
    let patient = patient.ignore(ignore("view ?")).ignore(ignore("function f")).ignore(ignore("sequence public.s"));
    let patient = patient.ignore(ignore("policy p")).ignore(ignore("schema stray"));
    let found = verified(&patient, &database).await;
    assert_eq!(lines(&found), [] as [&str; 0]);
    let asked = found.ignored.iter().filter(|one| one.why == IgnoredFor::Asked).count();
    assert_eq!(asked, 9);
    let other = verified(&billing.migrator().history_schema("billing_history"), &database).await;
    let tables = other.differences.iter().filter(|one| one.object().table().is_some());
    let objects: Vec<String> = tables.map(|one| one.object().to_string()).collect();
    assert_eq!(objects, ["table `audit.log`", "table `jobs`"]);
    assert!(verified(&own.migrator().schema("tenant_a"), &database).await.is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_of_a_role_that_is_not_trusted_is_not_read() {
    let database = Database::create().await;
    let own = embed(compile(r#"migration "0001_a" { create table users { id: bigint primary key } }"#), &[]);
    own.apply(&database.pool).await.unwrap();
    let name = database.text("current_database()").await;
    database
        .execute(&format!(
            "CREATE ROLE low_{name} LOGIN; CREATE SCHEMA fake AUTHORIZATION low_{name}; CREATE TABLE called (a int); \
             GRANT INSERT ON called TO PUBLIC; CREATE TABLE hidden (a int); SET ROLE low_{name}; \
             CREATE TABLE fake.history (version bigint, checksum text, chain text, kind text, footprint jsonb, compatibility jsonb); \
             CREATE TABLE fake.journal (); CREATE TABLE fake.format (); \
             INSERT INTO fake.history (footprint) VALUES ('{{\"objects\": [\"table public.hidden\"]}}'); RESET ROLE"
        ))
        .await;
    let found = verified(&own.migrator(), &database).await;
    assert_eq!(found.unread_histories, ["fake"]);
    assert!(lines(&found).contains(&"table `hidden`: not expected".to_string()), "{:?}", lines(&found));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_schema_of_a_tenant_expressions_are_compared_as_well() {
    let database = Database::create().await;
    let all = embed(
        compile(
            r##"
migration "0001_a" {
    create enum kind { a, b }
    create table docs {
        id: bigint primary key,
        kind: kind = a,
        label: text = "by " || current_user,
        n: int check (n > "5"),
        check (kind <> b or length(label) > "5"),
    }
    create index on docs (lower(label)) where kind = b;
}
"##,
        ),
        &[],
    );
    let tenant = all.migrator().schema("tenant A").create_schema(true);
    tenant.apply(&database.pool).await.unwrap();
    let found = verified(&tenant, &database).await;
    assert_eq!((lines(&found), found.unasked), (Vec::new(), None));
}

const STUCK: &str = r#"
migration "0001_a" { create table t { id: bigint primary key, a: text, b: text? } }
migration "0002_b" {
    create index on t (a);
    alter table t { add check (a <> "bad") }
    create unique index on t (b);
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_differed_before_a_migration_began_is_none_of_its_business() {
    let database = Database::create().await;
    let migrations = compile(STUCK);
    embed(migrations[..1].to_vec(), &[]).apply(&database.pool).await.unwrap();
    // Somebody was here: names that the migration mentions, otherwise than expected.
    database
        .execute(
            "ALTER TABLE t ALTER a SET DEFAULT 'x', ALTER b SET NOT NULL, ADD CONSTRAINT c CHECK (id > 0) NOT VALID; \
             COMMENT ON COLUMN t.a IS 'by hand'; INSERT INTO t VALUES (1, 'a', 'twice'), (2, 'bad', 'twice')",
        )
        .await;
    let all = embed(migrations, &[]);
    let error = all.apply(&database.pool).await.unwrap_err();
    assert!(matches!(&error, Error::Failed(_)), "{error}");
    assert_eq!(database.text("SELECT count(*) FROM migrate.journal").await, "1");
    let report = all.migrator().abandon(&database.pool).await.unwrap();
    assert_eq!(report.reverted.len(), 1);
    assert_eq!(database.text("SELECT count(*) FROM migrate.journal").await, "0");
    assert_eq!(database.text("SELECT count(*) FROM pg_indexes WHERE tablename = 't'").await, "1");
    database.execute("DELETE FROM t").await;
    all.apply(&database.pool).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_migration_itself_has_left_is_a_difference() {
    let database = Database::create().await;
    let migrations = compile(STUCK);
    embed(migrations[..1].to_vec(), &[]).apply(&database.pool).await.unwrap();
    database.execute("INSERT INTO t VALUES (1, 'a', 'twice'), (2, 'bad', 'twice')").await;
    let all = embed(migrations, &[]);
    all.apply(&database.pool).await.unwrap_err();
    // As if the down had forgotten something.
    database.execute("ALTER TABLE t ALTER a DROP NOT NULL").await;
    let error = all.migrator().abandon(&database.pool).await.unwrap_err();
    let Error::Failed(failure) = &error else { panic!("{error}") };
    let Cause::Differs { differences } = &failure.cause else { panic!("{error}") };
    assert_eq!(differences, &["column `t.a`: expected `not null`, found `null`"]);
    database.execute("ALTER TABLE t ALTER a SET NOT NULL").await;
    all.migrator().abandon(&database.pool).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn privileges_and_owners_that_are_said_or_given_to_everybody_are_compared() {
    let database = Database::create().await;
    let all = embed(
        compile(
            r#"
migration "0001_a" {
    create table users { id: bigint primary key, email: text }
    create table logs { id: bigint primary key }
    create view active as select id from users;
    create function half(n: numeric) returns numeric language sql immutable as "select n / 2";
    grant select on users to pg_monitor;
    grant select (id) on active to pg_monitor;
    revoke execute on function half from public;
    alter view active owner to pg_read_all_data;
    alter default privileges grant select on sequences to public;
    create sequence numbers;
}
"#,
        ),
        &[],
    );
    all.apply(&database.pool).await.unwrap();
    // Nobody said anything about these.
    database
        .execute("GRANT SELECT ON logs TO pg_read_all_stats; GRANT INSERT ON users TO pg_read_all_stats; ALTER TABLE logs OWNER TO pg_monitor")
        .await;
    let found = verified(&all.migrator(), &database).await;
    assert_eq!(lines(&found), [] as [&str; 0]);
    database
        .execute(
            "GRANT SELECT ON logs TO PUBLIC; GRANT DELETE ON users TO pg_monitor; GRANT UPDATE (email) ON users TO PUBLIC, pg_monitor, pg_read_all_stats; \
             GRANT EXECUTE ON FUNCTION half TO PUBLIC; ALTER VIEW active OWNER TO pg_monitor; \
             REVOKE SELECT (id) ON active FROM pg_monitor; GRANT SELECT ON active TO pg_monitor; \
             ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO PUBLIC",
        )
        .await;
    let found = verified(&all.migrator(), &database).await;
    assert_eq!(
        lines(&found),
        [
            "table `logs`: expected privileges `public: nothing`, found `public: select`",
            "table `users`: expected privileges `pg_monitor: select`, found `pg_monitor: select, delete`",
            "column `users.email`: expected privileges `public: nothing`, found `public: update`",
            "column `users.email`: expected privileges `pg_monitor: nothing`, found `pg_monitor: update`",
            "view `active`: expected owner `pg_read_all_data`, found `pg_monitor`",
            "function `half(numeric)`: expected privileges `public: nothing`, found `public: execute`",
            "default privileges on tables: not expected",
        ]
    );
}
