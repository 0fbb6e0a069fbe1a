//! Extensions that are in a database before migrations create them: on managed servers an administrator makes them.

use migrate_runtime::{Direction, Error, Migrations, RevertTarget, ScriptRange, Target};
use tests::{Database, compile, embed};

fn accounts() -> &'static Migrations {
    let text = r#"
        migration "0001_accounts" { create extension citext; create table accounts { id: bigint primary key, email: citext } }
    "#;
    embed(compile(text), &[])
}

/// A migration of several transactions, whose second one fails as long as there is a table `obstacle`.
fn several() -> &'static Migrations {
    let text = r#"
        migration "0001_first" { create table notes { id: bigint primary key, text: text } }
        migration "0002_search" {
            create extension citext;
            create index on notes (text);
            sql "do $$ begin if to_regclass('public.obstacle') is not null then raise 'obstacle'; end if; end $$" down { sql "select 1"; }
        }
    "#;
    embed(compile(text), &[])
}

async fn schema_of_citext(database: &Database) -> String {
    let schema = "SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'citext'";
    database.text(&format!("SELECT coalesce(({schema}), 'nowhere')")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_in_another_schema_is_an_error_before_anything_is_done() {
    let database = Database::create().await;
    database.execute("CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions").await;
    let error = accounts().migrator().plan(&database.pool, Target::Head).await.expect_err("it is elsewhere");
    assert!(matches!(error, Error::ExtensionElsewhere(_)), "{error:?}");
    let error = accounts().apply(&database.pool).await.expect_err("it is elsewhere");
    assert!(matches!(error, Error::ExtensionElsewhere(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the extension `citext` is in the schema `extensions` of this database, but `0001_accounts` needs it in \
         `public`\nhelp: move it with `ALTER EXTENSION citext SET SCHEMA public`; or, while no database has this \
         migration, write `create extension citext schema extensions;` in it"
    );
    assert_eq!(database.text("SELECT to_regclass('public.accounts') IS NULL").await, "true");
    database.execute("ALTER EXTENSION citext SET SCHEMA public").await;
    assert_eq!(accounts().apply(&database.pool).await.expect("it is moved").applied.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_stays_and_what_was_made_goes() {
    for there in [true, false] {
        let database = Database::create().await;
        if there {
            database.execute("CREATE EXTENSION citext").await;
        }
        let migrator = accounts().migrator();
        migrator.apply(&database.pool).await.expect("applied");
        let plan = migrator.plan_revert(&database.pool, RevertTarget::Steps(1)).await.expect("a plan");
        let drops = format!("{plan:?}").contains("DROP EXTENSION");
        assert_eq!(drops, !there);
        migrator.revert(&database.pool, 1).await.expect("reverted");
        assert_eq!(schema_of_citext(&database).await, if there { "public" } else { "nowhere" });
        assert_eq!(database.text("SELECT to_regclass('public.accounts') IS NULL").await, "true");
    }
}

/// Runs a script as psql does: one command after the other, in one session.
async fn run_script(database: &Database, script: &str) {
    let mut session = database.pool.acquire().await.expect("a connection").detach();
    let commands = migrate_core::sql::split_statements(script).expect("commands");
    for command in commands {
        sqlx::raw_sql(sqlx::AssertSqlSafe(command.to_owned()))
            .execute(&mut session)
            .await
            .unwrap_or_else(|error| panic!("{command}: {error}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_knows_what_was_there_before_it() {
    let text = r#"
        migration "0001_both" { create extension citext; create extension pg_trgm; create extension hstore; }
        migration "0002_only" { create extension intarray; }
    "#;
    let migrator = embed(compile(text), &[]).migrator();
    let script = |direction| migrator.script(direction, ScriptRange::default()).expect("a script");
    for by_script in [true, false] {
        let database = Database::create().await;
        database.execute("CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION intarray").await;
        run_script(&database, &script(Direction::Up)).await;
        match by_script {
            true => run_script(&database, &script(Direction::Down)).await,
            false => _ = migrator.revert(&database.pool, 2).await.expect("reverted"),
        }
        let left = "SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension WHERE extname <> 'plpgsql'";
        assert_eq!(database.text(left).await, "citext hstore intarray", "by a script: {by_script}");
        assert_eq!(database.text("SELECT count(*) FROM migrate.history").await, "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_knows_what_was_there_before_it() {
    for there in [true, false] {
        for taken_back in [true, false] {
            let database = Database::create().await;
            let migrator = several().migrator();
            migrator.apply_to(&database.pool, Target::Version(1)).await.expect("the first one");
            if there {
                database.execute("CREATE EXTENSION citext").await;
            }
            database.execute("CREATE TABLE obstacle ()").await;
            migrator.apply(&database.pool).await.expect_err("it fails in the middle");
            assert_eq!(schema_of_citext(&database).await, "public");
            assert_eq!(database.text("SELECT count(*) FROM migrate.journal").await, "1");
            if taken_back {
                migrator.abandon(&database.pool).await.expect("taken back");
            } else {
                database.execute("DROP TABLE obstacle").await;
                migrator.apply(&database.pool).await.expect("finished");
                migrator.revert(&database.pool, 1).await.expect("reverted");
            }
            let expected = if there { "public" } else { "nowhere" };
            assert_eq!(schema_of_citext(&database).await, expected, "there {there}, taken back {taken_back}");
        }
    }
}

#[test]
fn another_schema_than_that_of_the_extension_is_a_mistake() {
    let text = r#"
        migration "0001_elsewhere" {
            create extension citext schema extensions;
            create extension pg_trgm schema extensions;
            create table a { id: bigint primary key, email: other.citext }
            create table b { id: bigint primary key, name: text }
            create index on b using gin (name other.gin_trgm_ops);
        }
    "#;
    let mistakes = migrate_compiler::compile_history(text).expect_err("two mistakes");
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "0001_elsewhere:5:61: cannot find type `other.citext` [unknown_type]\n\
             help: write `citext`: the extension `citext` is in the schema `extensions`",
            "0001_elsewhere:7:47: cannot find operator class `other.gin_trgm_ops` [unknown_operator_class]\n\
             help: write `gin_trgm_ops`: the extension `pg_trgm` is in the schema `extensions`",
        ]
    );
}
