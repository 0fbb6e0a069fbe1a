//! Small histories of each tool.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use tempfile::TempDir;

use super::super::directory::Directory;
use super::super::placeholder::Placeholders;
use super::*;

/// A directory with these files.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

/// Of each migration its version, its name, its statements, those of its down, and whether it is one transaction.
type Found = Vec<(String, String, Vec<String>, Option<Vec<String>>, bool)>;

fn read(files: &[(&str, &str)]) -> (Tool, Found) {
    let directory = directory(files);
    let files = Directory::read(directory.path()).unwrap();
    let tool = Tool::recognise(&files).unwrap();
    let history = tool.read(&files).unwrap();
    let sql = |script: &crate::convert::script::Script| {
        script.statements.iter().map(|statement| statement.sql.clone()).collect::<Vec<_>>()
    };
    let found = history.migrations.iter().map(|one| {
        (one.version.clone(), one.name.clone(), sql(&one.up), one.down.as_ref().map(sql), one.up.in_transaction)
    });
    (tool, found.collect())
}

fn one(
    version: &str,
    name: &str,
    up: &str,
    down: Option<&str>,
) -> (String, String, Vec<String>, Option<Vec<String>>, bool) {
    let list = |text: &str| vec![text.to_owned()];
    (version.to_owned(), name.to_owned(), list(up), down.map(list), true)
}

const CARGO: (&str, &str) = ("Cargo.toml", "");

#[test]
fn sqlx() {
    let (tool, found) = read(&[
        CARGO,
        ("2_b.up.sql", "-- no-transaction\ncreate b;"),
        ("2_b.down.sql", "drop b;"),
        ("10_c.sql", "create c;"),
        ("1_a.sql", "create a;"),
    ]);
    assert_eq!(tool, Tool::Sqlx);
    let mut second = one("2", "b", "create b", Some("drop b"));
    second.4 = false;
    assert_eq!(found, [one("1", "a", "create a", None), second, one("10", "c", "create c", None)]);
}

#[test]
fn golang_migrate() {
    let (tool, found) = read(&[("000001_a.up.sql", "create a;"), ("000001_a.down.sql", "drop a;")]);
    assert_eq!((tool, found), (Tool::GolangMigrate, vec![one("000001", "a", "create a", Some("drop a"))]));
}

#[test]
fn refinery_has_versions_out_of_order_and_no_way_back() {
    let (tool, found) =
        read(&[CARGO, ("V10__c.sql", "create c;"), ("V1__a.sql", "create a;"), ("U2__b.sql", "create b;")]);
    assert_eq!(tool, Tool::Refinery);
    let expected = [one("1", "a", "create a", None), one("2", "b", "create b", None), one("10", "c", "create c", None)];
    assert_eq!(found, expected);
}

#[test]
fn flyway() {
    let (tool, found) = read(&[
        ("sql/V1.10__c.sql", "create c;"),
        ("sql/V1_2__b d.sql", "create b;"),
        ("sql/V1_2__b d.sql.conf", "executeInTransaction = false"),
        ("sql/U1_2__b d.sql", "drop b;"),
        ("sql/R__views.sql", "create v;"),
        ("sql/V1__a.sql", "create a;"),
    ]);
    assert_eq!(tool, Tool::Flyway);
    let mut second = one("1.2", "b d", "create b", Some("drop b"));
    second.4 = false;
    let expected = [
        one("1", "a", "create a", None),
        second,
        one("1.10", "c", "create c", None),
        one("R__views", "views", "create v", None),
    ];
    assert_eq!(found, expected);
}

#[test]
fn placeholders() {
    let files = [
        ("db/V1__a.sql", "create ${name};"),
        ("db/V1.1__b.sql", "select '${it}';"),
        ("db/V1.1__b.sql.conf", "placeholderReplacement=false"),
        (
            "go/1_a.sql",
            "-- +goose Up\ncreate ${name};\n-- +goose ENVSUB ON\ncreate ${name};\n-- +goose ENVSUB OFF\nselect '${it}';",
        ),
    ];
    let directory = directory(&files);
    let read = |tool: Tool, folder: &str, values: &[(&str, &str)]| {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let files = Directory::read(&directory.path().join(folder)).unwrap().with(Placeholders::new(values));
        let history = tool.read(&files)?;
        let all = history.migrations.into_iter().flat_map(|one| one.up.statements);
        Ok::<_, Failure>(all.map(|statement| (statement.line, statement.sql)).collect::<Vec<_>>())
    };
    let it = |line: usize, sql: &str| (line, sql.to_owned());
    let flyway = read(Tool::Flyway, "db", &[("name", "x")]).unwrap();
    assert_eq!(flyway, [it(1, "create x"), it(1, "select '${it}'")]);
    let goose = read(Tool::Goose, "go", &[("name", "x")]).unwrap();
    assert_eq!(goose, [it(2, "create ${name}"), it(4, "create x"), it(6, "select '${it}'")]);
    let failure = read(Tool::Goose, "go", &[]).unwrap_err();
    assert!(failure.message.ends_with("go/1_a.sql:4: the placeholder `${name}` has no value"), "{}", failure.message);
}

#[test]
fn diesel() {
    let (tool, found) = read(&[
        ("2018-07-10-061659_users/up.sql", "create a;"),
        ("2018-07-10-061659_users/down.sql", "drop a;"),
        ("2019-01-01-000000_index/up.sql", "create b;"),
        ("2019-01-01-000000_index/metadata.toml", "run_in_transaction = false\n"),
    ]);
    assert_eq!(tool, Tool::Diesel);
    let mut second = one("20190101000000", "index", "create b", None);
    second.4 = false;
    assert_eq!(found, [one("20180710061659", "users", "create a", Some("drop a")), second]);
}

#[test]
fn prisma() {
    let (tool, found) = read(&[
        ("20230518193415_add_traces/migration.sql", "create a;"),
        ("migration_lock.toml", "provider = \"postgresql\""),
    ]);
    assert_eq!((tool, found), (Tool::Prisma, vec![one("20230518193415", "add_traces", "create a", None)]));
}

#[test]
fn drizzle_goes_by_its_journal() {
    let (tool, found) = read(&[
        ("meta/_journal.json", r#"{"entries": [{"idx": 0, "tag": "0000_odd_hulk"}, {"idx": 1, "tag": "0001_b"}]}"#),
        ("0000_odd_hulk.sql", "create a\n--> statement-breakpoint\ncreate b;"),
        ("0001_b.sql", "create c;"),
        ("0002_not_listed.sql", "create d;"),
    ]);
    assert_eq!(tool, Tool::Drizzle);
    let mut first = one("0000", "odd_hulk", "create a", None);
    first.2.push("create b".to_owned());
    assert_eq!(found, [first, one("0001", "b", "create c", None)]);
}

#[test]
fn atlas() {
    let (tool, found) = read(&[
        ("atlas.sum", "h1:x="),
        ("20220318104614_team.sql", "create a;"),
        ("20220318104615_index.sql", "-- atlas:txmode none\n\ncreate b;"),
        ("20220318104616_checkpoint.sql", "-- atlas:checkpoint\n\ncreate a;"),
    ]);
    assert_eq!(tool, Tool::Atlas);
    let mut second = one("20220318104615", "index", "create b", None);
    second.4 = false;
    assert_eq!(found, [one("20220318104614", "team", "create a", None), second]);
}

#[test]
fn dbmate() {
    let (tool, found) = read(&[(
        "20151129054053_users.sql",
        "-- migrate:up transaction:false\ncreate a;\n\n-- migrate:down\ndrop a;\n",
    )]);
    let mut first = one("20151129054053", "users", "create a", Some("drop a"));
    first.4 = false;
    assert_eq!((tool, found), (Tool::Dbmate, vec![first]));
}

#[test]
fn goose() {
    let text = "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\ncreate a;\n-- +goose StatementEnd\n\n-- +goose down\ndrop a;\n";
    let (tool, found) = read(&[("00001_users.sql", text)]);
    let mut first = one("00001", "users", "create a", Some("drop a"));
    first.4 = false;
    assert_eq!((tool, found), (Tool::Goose, vec![first]));
}

#[test]
fn alembic() {
    let text = "BEGIN;\n\nCREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL\n);\n\n\
        -- Running upgrade  -> 1975ea83b712, Create users\n\ncreate a;\n\n\
        INSERT INTO alembic_version (version_num) VALUES ('1975ea83b712');\n\n\
        -- Running upgrade 1975ea83b712 -> ae1027a6acf\n\ncreate b;\n\n\
        UPDATE alembic_version SET version_num='ae1027a6acf' WHERE alembic_version.version_num = '1975ea83b712';\n\nCOMMIT;\n";
    let (tool, found) = read(&[("history.sql", text)]);
    let mut second = one("ae1027a6acf", "", "create b", None);
    second.2.push("COMMIT".to_owned());
    assert_eq!((tool, found), (Tool::Alembic, vec![one("1975ea83b712", "Create users", "create a", None), second]));
}

#[test]
fn sea_orm() {
    let text = "-- Applying migration 'm20220101_000001_create_users'\ncreate a;\n\
        INSERT INTO \"seaql_migrations\" (\"version\") VALUES ('m20220101_000001_create_users');\n";
    let (tool, found) = read(&[("history.sql", text)]);
    assert_eq!((tool, found), (Tool::SeaOrm, vec![one("20220101000001", "create_users", "create a", None)]));
}

/// The log of Alembic among its SQL has the names.
#[test]
fn alembic_with_its_log() {
    let text = "INFO  [alembic.runtime.migration] Generating static SQL\nBEGIN;\n\n\
        INFO  [alembic.runtime.migration] Running upgrade  -> 1975ea83b712, Create users\n\
        -- Running upgrade  -> 1975ea83b712\n\ncreate a;\n\n\
        INFO  [alembic.runtime.migration] Running upgrade 1975ea83b712 -> ae1027a6acf, Add a column\n\
        -- Running upgrade 1975ea83b712 -> ae1027a6acf\n\ncreate b;\n";
    let (tool, found) = read(&[("history.sql", text)]);
    let expected =
        [one("1975ea83b712", "Create users", "create a", None), one("ae1027a6acf", "Add a column", "create b", None)];
    assert_eq!((tool, found.as_slice()), (Tool::Alembic, expected.as_slice()));
}

/// As `cargo run -- up -v` of its version 2.0 writes it, with colours, with and without its feature `debug-print`.
#[test]
fn sea_orm_from_its_log() {
    let own = "INSERT INTO \"seaql_migrations\" (\"version\", \"applied_at\") VALUES";
    let debug = format!(
        "2026-11-30T10:45:37.842424Z DEBUG sea_orm::driver::sqlx_postgres: CREATE TABLE IF NOT EXISTS \"seaql_migrations\" ( )\n\
         \u{1b}[2m2026-11-30T10:45:37.860593Z\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m \u{1b}[2msea_orm_migration::migrator::exec\u{1b}[0m\u{1b}[2m:\u{1b}[0m Applying migration 'm20260101_000001_users'\n\
         \u{1b}[2m2026-11-30T10:45:37.860823Z\u{1b}[0m \u{1b}[34mDEBUG\u{1b}[0m \u{1b}[2msea_orm::database::transaction\u{1b}[0m\u{1b}[2m:\u{1b}[0m create a;\n\n   -- the second\n   create b\n\
         2026-11-30T10:45:37.868052Z  INFO sqlx::query: summary=\"create a; …\" db.statement=\"\\n\\ncreate a\\n\" rows_affected=0\n\
         2026-11-30T10:45:37.867413Z DEBUG sea_orm::database::transaction: INSERT INTO \"users\" VALUES (E'o\\'b')\n\
         2026-11-30T10:45:37.868146Z DEBUG sea_orm::database::transaction: {own} ('m', 1)\n\
         2026-11-30T10:45:37.868805Z  INFO sqlx::query: summary=\"COMMIT\" db.statement=\"\" rows_affected=0\n"
    );
    let (tool, found) = read(&[("history.log", &debug)]);
    let mut first = one("20260101000001", "users", "create a", None);
    first.2 = vec!["create a".to_owned(), "create b".to_owned(), "INSERT INTO \"users\" VALUES (E'o\\'b')".to_owned()];
    assert_eq!((tool, found), (Tool::SeaOrm, vec![first.clone()]));

    let without = |statement: &str| {
        format!(
            "2026-11-30T10:45:37.860593Z  INFO sea_orm_migration::migrator::exec: Applying migration 'm20260101_000001_users'\n\
             2026-11-30T10:45:37.867326Z  INFO sqlx::query: summary=\"create a …\" db.statement=\"\\n\\ncreate a ('\\\"', '\\u{{e9}}')\\n\" rows_affected=0\n\
             2026-11-30T10:45:37.868052Z  INFO sqlx::query: summary=\"{statement}\" db.statement=\"\" rows_affected=1\n\
             2026-11-30T10:45:37.868146Z  INFO sqlx::query: summary=\"I …\" db.statement=\"{}\" rows_affected=1\n\
             2026-11-30T10:45:37.868805Z  INFO sqlx::query: summary=\"COMMIT\" db.statement=\"\" rows_affected=0\n",
            format!("{own} ($1, $2)").replace('"', "\\\"")
        )
    };
    let (_, found) = read(&[("history.log", &without("create b"))]);
    first.2 = vec!["create a ('\"', 'é')".to_owned(), "create b".to_owned()];
    assert_eq!(found, [first]);
    let directory = directory(&[("history.log", &without("INSERT INTO b VALUES ($1)"))]);
    let failure = Tool::SeaOrm.read(&Directory::read(directory.path()).unwrap()).map(|_| ()).unwrap_err();
    assert!(
        failure
            .message
            .ends_with("history.log:3: the log omits the values of this statement: INSERT INTO b VALUES ($1)"),
        "{}",
        failure.message
    );
}

#[test]
fn sql() {
    let (tool, found) =
        read(&[("001-users.sql", "create a;"), ("001-users.down.sql", "drop a;"), ("last.sql", "create b;")]);
    assert_eq!(tool, Tool::Sql);
    assert_eq!(found, [one("001", "users", "create a", Some("drop a")), one("last", "last", "create b", None)]);
}

#[test]
fn what_is_wrong_is_named() {
    let failure = |files: &[(&str, &str)], tool: Option<Tool>| {
        let directory = directory(files);
        let files = Directory::read(directory.path()).unwrap();
        let result = tool.map_or_else(|| Tool::recognise(&files), Ok).and_then(|tool| tool.read(&files));
        let failure = result.map(|history| history.migrations.len()).unwrap_err();
        failure.message.replace(&directory.path().display().to_string(), "DIR")
    };
    assert_eq!(failure(&[("readme.md", "")], None), "cannot find a migration in `DIR/`");
    assert_eq!(failure(&[("1_a.sql", "")], Some(Tool::Diesel)), "cannot find a migration of diesel in `DIR/`");
    assert_eq!(
        failure(&[("1_a.sql", ""), ("01_b.sql", ""), ("1_c.sql", "")], Some(Tool::Sqlx)),
        "version `1` is used more than once"
    );
    assert_eq!(
        failure(&[("V1__a.rs", "")], Some(Tool::Refinery)),
        "`V1__a.rs` is Rust, so its SQL is known only when it runs"
    );
    assert_eq!(
        failure(&[("1_a.sql", "-- +goose Up\nselect 1;\n-- +goose Up\n")], None),
        "DIR/1_a.sql:3: duplicate marker"
    );
}
