//! Reading the catalog of a real server.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod bookings;

use std::sync::LazyLock;

use bookings::{column, expression, foreign_key, index, key, names, operations};
use migrate_core::catalog::{
    Catalog, Column, Constraint, ConstraintKind, EnumType, Extension, Index, IndexKey, ReferentialAction, Table,
};
use migrate_core::diff::index_matches;
use migrate_core::name::QualifiedName;
use migrate_core::object::Kind;
use migrate_core::operation::{CreateEnum, CreateTable, Operate as _, Operation};
use migrate_core::plan::{Lowering, Work, cut_into_segments};
use migrate_runtime::introspect::{Introspection, Options, Unfinished, introspect, read_index};
use postgres_server::Server;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let version = postgres_server::requested_version().expect("POSTGRES_VERSION is a major version");
    Server::temporary().major(version).start().expect("a PostgreSQL server can be started")
});

/// A connection to a new, empty database, after these statements.
async fn database(name: &str, sql: &str) -> PgConnection {
    let url = tokio::task::spawn_blocking(|| SERVER.url("postgres")).await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    run(&mut connection, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    let mut connection = PgConnection::connect(&SERVER.url(name)).await.unwrap();
    run(&mut connection, sql).await;
    connection
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{sql}"));
}

async fn read(connection: &mut PgConnection) -> Introspection {
    let found = introspect(connection, &Options::default()).await.unwrap();
    assert_eq!(found.unreadable, []);
    found
}

/// The SQL of the operations, and the catalog they lead to.
fn lowered(operations: Vec<Operation>) -> (String, Catalog) {
    let mut catalog = Catalog::default();
    let mut plan = Lowering::new(14);
    for operation in &operations {
        operation.lower(&catalog, &mut plan);
        operation.apply(&mut catalog);
    }
    let mut sql = String::new();
    for statement in cut_into_segments(plan).statements() {
        if let Work::Sql(text) = &statement.work {
            sql.push_str(text);
            sql.push_str(";\n");
        }
    }
    (sql, catalog)
}

fn differences(expected: &Catalog, found: &Catalog) -> Vec<String> {
    expected.differences(found).iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn what_was_predicted_is_what_is_found() {
    let (sql, expected) = lowered(operations());
    let mut connection = database("predicted", &sql).await;
    let found = read(&mut connection).await;
    assert_eq!(found.unfinished, []);
    assert_eq!(differences(&expected, &found.catalog), [""; 0]);
}

#[tokio::test]
async fn what_is_found_can_be_made_again() {
    let (sql, _) = lowered(operations());
    let first = read(&mut database("made", &sql).await).await.catalog;
    let mut tables: Vec<_> = first.tables.iter().collect();
    tables.reverse();
    let again = first
        .enums
        .iter()
        .map(|(name, found)| CreateEnum { name: name.clone(), definition: EnumType::clone(found) }.into())
        .chain(
            tables
                .into_iter()
                .map(|(name, found)| CreateTable { name: name.clone(), definition: Table::clone(found) }.into()),
        )
        .collect();
    let (sql, _) = lowered(again);
    let second = read(&mut database("made_again", &sql).await).await.catalog;
    // Not `==`: the server prints `varchar in (...)` differently after each reload.
    assert_eq!(differences(&first, &second), [""; 0]);
}

#[tokio::test]
async fn every_difference_to_a_live_database_is_found() {
    let (sql, expected) = lowered(operations());
    let mut connection = database("drifted", &sql).await;
    run(
        &mut connection,
        "ALTER TYPE booking_status ADD VALUE 'refunded';
        ALTER TABLE bookings ALTER code TYPE varchar(30), ALTER note SET NOT NULL, ALTER code DROP DEFAULT;
        ALTER TABLE bookings DROP CONSTRAINT balance_between, ADD CONSTRAINT balance_between CHECK (balance > 0);
        ALTER TABLE bookings DROP COLUMN other CASCADE;
        DROP INDEX bookings_hash;
        CREATE TABLE extra ();
        DROP TRIGGER bookings_updated_at_on_update ON bookings;",
    )
    .await;
    let found = read(&mut connection).await.catalog;
    assert_eq!(
        differences(&expected, &found),
        [
            "enum `booking_status`: expected values `pending, confirmed, cancelled`, \
             found `pending, confirmed, cancelled, refunded`",
            "column `bookings.other`: missing",
            "column `bookings.code`: expected `varchar(20)`, found `varchar(30)`",
            "column `bookings.code`: expected default `'x'`, found none",
            "column `bookings.note`: expected `null`, found `not null`",
            "column `bookings.updated_at`: expected on update `now()`, found none",
            "constraint `balance_between` of `bookings`: \
             expected `CONSTRAINT balance_between CHECK (balance BETWEEN -5 AND 100)`, \
             found `CONSTRAINT balance_between CHECK (balance > 0)`",
            "constraint `number_in_list` of `bookings`: missing",
            "index `bookings_hash` of `bookings`: missing",
            "table `extra`: not expected",
            "function `bookings_updated_at_on_update()`: not expected",
        ]
    );
}

#[tokio::test]
async fn what_others_own_is_left_out() {
    let mut connection = database(
        "others",
        "CREATE SCHEMA migrate; CREATE TABLE migrate.history (id int); CREATE TYPE migrate.mood AS ENUM ('a');
        CREATE SCHEMA app; CREATE TABLE app.mine (id int); CREATE TYPE app.mood AS ENUM ('a');
        CREATE TEMPORARY TABLE mine (id text);
        CREATE VIEW seen AS SELECT * FROM app.mine;
        CREATE TABLE parted (id int) PARTITION BY LIST (id); CREATE TABLE part PARTITION OF parted DEFAULT;",
    )
    .await;
    let found = read(&mut connection).await.catalog;
    assert_eq!(found.tables.keys().map(ToString::to_string).collect::<Vec<_>>(), ["app.mine", "part", "parted"]);
    assert_eq!(found.objects.keys().filter(|id| id.kind == Kind::View).count(), 1);
    assert_eq!(found.enums.keys().map(ToString::to_string).collect::<Vec<_>>(), ["app.mood"]);
    assert_eq!(found.tables.values().next().unwrap().columns, [Column { nullable: true, ..column("id", "int") }]);
    assert!(found.extensions.is_empty());
    // Nothing stays behind in the session.
    let path: String = sqlx::query_scalar("SHOW search_path").fetch_one(&mut connection).await.unwrap();
    assert_eq!(path, "\"$user\", public");
}

#[tokio::test]
async fn what_is_not_of_the_system_is_read_with_its_schema() {
    let mut connection = database(
        "schemas",
        "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('a'); CREATE TYPE mood AS ENUM ('b');
        CREATE FUNCTION app.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE TABLE app.t (a app.mood DEFAULT 'a', b mood[], c int DEFAULT app.one(), d int DEFAULT two());
        CREATE TABLE t (id int PRIMARY KEY);
        ALTER TABLE app.t ADD CONSTRAINT t_id FOREIGN KEY (c) REFERENCES t;",
    )
    .await;
    let found = read(&mut connection).await.catalog;
    let table = found.table(&QualifiedName::in_schema("app", "t")).unwrap();
    assert_eq!(table.column("a").unwrap().data_type, "app.mood".parse().unwrap());
    assert_eq!(table.column("b").unwrap().data_type, "mood[]".parse().unwrap());
    assert_eq!(table.column("c").unwrap().default, Some(expression("app.one()")));
    assert_eq!(table.column("d").unwrap().default, Some(expression("public.two()")));
    assert_eq!(table.constraints["t_id"].kind, ConstraintKind::ForeignKey(foreign_key(&["c"], "t", &["id"])));
}

#[tokio::test]
async fn backslashes_are_read_alike_however_a_role_reads_strings() {
    let table = "CREATE TABLE paths (path text NOT NULL DEFAULT E'C:\\\\temp')";
    let mut connection = database("backslashes", table).await;
    let plain = read(&mut connection).await.catalog;
    run(&mut connection, "SET standard_conforming_strings = off").await;
    let found = read(&mut connection).await.catalog;
    assert_eq!(differences(&plain, &found), [] as [String; 0]);
}

#[tokio::test]
async fn what_is_not_finished_is_told_apart() {
    let mut connection = database(
        "unfinished",
        "CREATE TABLE t (id int PRIMARY KEY, other int);
        INSERT INTO t VALUES (1, 1), (2, 1);
        ALTER TABLE t ADD CONSTRAINT later CHECK (other > 0) NOT VALID;",
    )
    .await;
    let failed = sqlx::query("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (other)").execute(&mut connection).await;
    assert!(failed.is_err());
    let found = read(&mut connection).await;
    let table = QualifiedName::new("t");
    assert_eq!(
        found.unfinished,
        [Unfinished::Index {
            table: table.clone(),
            name: "broken".into(),
            index: Index { unique: true, ..index("btree", vec![key("other")]) },
        },]
    );
    let definition = found.catalog.table(&table).unwrap();
    let later = Constraint::new(ConstraintKind::Check(expression("(other > 0)")));
    assert_eq!(definition.constraints["later"], Constraint { not_valid: true, ..later });
    assert!(definition.indexes.is_empty());
}

#[tokio::test]
async fn one_index_is_read_with_its_state() {
    let (sql, catalog) = lowered(operations());
    let mut connection = database("one_index", &sql).await;
    let table = catalog.table(&QualifiedName::new("bookings")).unwrap();
    for (name, expected) in &table.indexes {
        let found = read_index(&mut connection, "public", name).await.unwrap().unwrap();
        assert!(found.valid);
        assert_eq!(found.table, QualifiedName::new("bookings"));
        assert!(index_matches(expected, &found.index, table), "{expected:?}\n{:?}", found.index);
        let other = Index { unique: !expected.unique, ..expected.clone() };
        assert!(!index_matches(&other, &found.index, table));
    }
    for (schema, name) in [("public", "bookings_pkey"), ("public", "nothing"), ("other", "bookings_hash")] {
        assert_eq!(read_index(&mut connection, schema, name).await.unwrap(), None);
    }
    run(&mut connection, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'bookings_hash'::regclass").await;
    assert!(!read_index(&mut connection, "public", "bookings_hash").await.unwrap().unwrap().valid);
}

#[tokio::test]
async fn extensions_are_read_without_their_objects() {
    let mut connection = database("extensions", "CREATE SCHEMA x").await;
    let is_there = sqlx::query("CREATE EXTENSION citext").execute(&mut connection).await;
    if let Err(error) = is_there {
        panic!("the server has no contrib extensions: {error}");
    }
    run(
        &mut connection,
        "CREATE EXTENSION pg_trgm SCHEMA x;
        CREATE TABLE t (name citext DEFAULT 'a', tag text, CONSTRAINT c CHECK (name <> 'b'));
        CREATE INDEX i ON t USING gin (tag x.gin_trgm_ops);",
    )
    .await;
    let found = read(&mut connection).await.catalog;
    let own_comment = Some("data type for case-insensitive character strings".to_owned());
    assert_eq!(found.extensions.get("citext"), Some(&Extension { own_comment, ..Extension::default() }));
    assert_eq!(found.extensions.get("pg_trgm").and_then(|found| found.schema.as_deref()), Some("x"));
    let mut table = Table {
        columns: vec![
            Column { nullable: true, default: Some(expression("'a'")), ..column("name", "citext") },
            Column { nullable: true, ..column("tag", "text") },
        ],
        ..Table::default()
    };
    table.constraints.insert("c".into(), Constraint::new(ConstraintKind::Check(expression("name <> 'b'"))));
    let trigram = IndexKey { operator_class: Some("x.gin_trgm_ops".into()), ..key("tag") };
    table.indexes.insert("i".into(), index("gin", vec![trigram]));
    let mut expected = found.clone();
    expected.tables.insert(QualifiedName::new("t"), table.into());
    assert_eq!(differences(&expected, &found), [""; 0]);
}

#[tokio::test]
async fn what_newer_servers_know_is_read_where_they_are() {
    let mut connection = database("newer", "CREATE TABLE t (id int PRIMARY KEY, a int, b int)").await;
    let major = SERVER.major();
    if major >= 15 {
        run(
            &mut connection,
            "CREATE TABLE pairs (id int, other int, UNIQUE (id, other));
            CREATE TABLE u (id int, other int,
                CONSTRAINT k UNIQUE NULLS NOT DISTINCT (id),
                CONSTRAINT f FOREIGN KEY (id, other) REFERENCES pairs (id, other) ON DELETE SET NULL (other));
            CREATE UNIQUE INDEX n ON u (other) NULLS NOT DISTINCT;",
        )
        .await;
    }
    if major >= 18 {
        run(
            &mut connection,
            "CREATE TABLE v (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL);
            ALTER TABLE v ADD CONSTRAINT filled NOT NULL a NOT VALID;",
        )
        .await;
    }
    let found = read(&mut connection).await;
    if major >= 15 {
        let table = found.catalog.table(&QualifiedName::new("u")).unwrap();
        let ConstraintKind::Unique(key) = &table.constraints["k"].kind else { panic!("{table:?}") };
        assert!(key.nulls_not_distinct);
        let ConstraintKind::ForeignKey(key) = &table.constraints["f"].kind else { panic!("{table:?}") };
        assert_eq!(key.on_delete, ReferentialAction::SetNull(names(&["other"])));
        assert!(table.indexes["n"].nulls_not_distinct);
    }
    if major >= 18 {
        let table = found.catalog.table(&QualifiedName::new("v")).unwrap();
        let generated = table.column("b").unwrap().generated.as_ref().unwrap();
        assert!(!generated.stored);
        assert!(table.column("a").unwrap().nullable);
        assert_eq!(
            found.unfinished,
            [Unfinished::NotNull { table: QualifiedName::new("v"), column: "a".into(), name: "filled".into() }]
        );
    }
    // PostgreSQL 18 has a constraint for each NOT NULL; to us it is a property of the column.
    let table = found.catalog.table(&QualifiedName::new("t")).unwrap();
    assert_eq!(table.constraints.keys().collect::<Vec<_>>(), ["t_pkey"]);
    assert!(!table.column("id").unwrap().nullable);
}

#[tokio::test]
async fn a_large_catalog_is_read_also_where_the_role_is_in_a_hurry() {
    let tables = "DO $$ BEGIN FOR n IN 1..400 LOOP \
                  EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, a text, b int)', n); END LOOP; END $$";
    let mut connection = database("hurry", tables).await;
    run(&mut connection, "SET statement_timeout = '4ms'").await;
    assert_eq!(read(&mut connection).await.catalog.tables.len(), 400);
}
