//! What becomes of a database, by what its tables say; with the real sqlx.

use migrate_runtime::{Event, IgnoredFor, Target};
use tests::Database;

use super::old::migrator;
use super::{history, item, objects, refusal};

/// A database that the old program has migrated.
async fn migrated() -> Database {
    let database = Database::create().await;
    migrator(2).run(&database.pool).await.unwrap();
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rows_and_the_same_catalog_are_recorded_without_running_anything() {
    let database = migrated().await;
    let migrations = history(&item(&database).await);
    let before = objects(&database).await;

    let status = migrations.migrator().status(&database.pool).await.unwrap();
    let adopted = status.adopts.unwrap().unwrap();
    assert_eq!((adopted.tool, adopted.versions.len(), adopted.migrations.len()), ("sqlx", 2, 1));
    let plan = migrations.migrator().plan(&database.pool, Target::Head).await.unwrap();
    assert_eq!(plan.adopts.as_ref(), Some(&adopted));
    assert_eq!(plan.steps.iter().map(|step| step.migration.version).collect::<Vec<_>>(), [2]);
    assert_eq!(objects(&database).await, before);

    let report = migrations.migrator().apply_to(&database.pool, Target::Version(1)).await.unwrap();
    assert_eq!(report.adopted, Some(adopted));
    assert_eq!(report.baselined.iter().map(|one| one.version).collect::<Vec<_>>(), [1]);
    assert!(report.applied.is_empty());
    assert_eq!(objects(&database).await, before, "no object is made, changed or rewritten");

    let report = migrations.apply(&database.pool).await.unwrap();
    assert_eq!((report.adopted, report.applied.len()), (None, 1));
    assert!(migrations.apply(&database.pool).await.unwrap().is_empty());
    // The old program goes on starting, also now that ours is ahead.
    migrator(2).run(&database.pool).await.unwrap();
    let verification = migrations.migrator().verify(&database.pool).await.unwrap();
    assert!(verification.is_clean(), "{verification:?}");
    assert!(verification.ignored.iter().all(|one| one.why == IgnoredFor::Tool("sqlx")));
    // What is taken over is reverted as anything else is.
    migrations.migrator().revert_to(&database.pool, 0).await.unwrap();
    assert_eq!(database.text("to_regclass('trips') IS NULL").await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_is_migrated() {
    let copy = migrated().await;
    let migrations = history(&item(&copy).await);
    let database = Database::create().await;
    assert!(migrations.migrator().status(&database.pool).await.unwrap().adopts.is_none());
    let report = migrations.apply(&database.pool).await.unwrap();
    assert_eq!((report.adopted, report.applied.len()), (None, 2));
    assert!(migrations.apply(&database.pool).await.unwrap().is_empty());
    // So is one with something else in it, and one in which the old program has come no further than its table.
    let shared = Database::create().await;
    shared.execute("CREATE TABLE elsewhere (id bigint)").await;
    migrator(0).run(&shared.pool).await.unwrap();
    assert_eq!(migrations.apply(&shared.pool).await.unwrap().applied.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_behind_is_refused_until_the_old_program_has_run() {
    let copy = migrated().await;
    let migrations = history(&item(&copy).await);
    let database = Database::create().await;
    migrator(1).run(&database.pool).await.unwrap();
    let before = objects(&database).await;
    let expected = "cannot take over from sqlx: its table `public._sqlx_migrations` lacks 1 of the 2 migrations that it \
                    must have\n  20260101000001\nhelp: apply them with sqlx (`sqlx migrate run`, or start the previous \
                    version of the program), and start again";
    assert_eq!(refusal(migrations, &database).await, expected);
    let status = migrations.migrator().status(&database.pool).await.unwrap();
    assert_eq!(status.adopts.unwrap().unwrap_err().to_string(), expected);
    let plan = migrations.migrator().plan(&database.pool, Target::Head).await.unwrap_err();
    assert_eq!(plan.to_string(), expected);
    assert_eq!(objects(&database).await, before);
    migrator(2).run(&database.pool).await.unwrap();
    assert!(migrations.apply(&database.pool).await.unwrap().adopted.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_tool_has_beyond_is_named() {
    let database = migrated().await;
    let migrations = history(&item(&database).await);
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (20270101000000, 'later', true, '\\x00', 1)",
        )
        .await;
    let text = refusal(migrations, &database).await;
    assert!(
        text.contains("records migrations that this history does not take over\n  20270101000000\nhelp: "),
        "{text}"
    );
    database.execute("UPDATE _sqlx_migrations SET success = false WHERE version = 20270101000000").await;
    let text = refusal(migrations, &database).await;
    assert!(text.contains("records migrations that were started and not finished\n  20270101000000\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_was_edited_after_it_was_applied_is_no_match() {
    let database = migrated().await;
    let item = item(&database).await;
    database.execute("UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 20260101000000").await;
    let text = refusal(history(&item), &database).await;
    assert!(text.contains("has the right versions, but other checksums than the `adopts` item"), "{text}");
    // Times are not part of the checksum.
    let copy = migrated().await;
    copy.execute("UPDATE _sqlx_migrations SET installed_on = 'epoch', execution_time = 7, description = 'x'").await;
    assert!(history(&item).apply(&copy.pool).await.unwrap().adopted.is_some());
    // The way out that the message tells.
    let line = item.lines().find(|line| line.contains("checksum")).unwrap();
    assert!(history(&item.replace(line, "")).apply(&database.pool).await.unwrap().adopted.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_catalog_is_told_and_nothing_is_recorded() {
    let database = migrated().await;
    let migrations = history(&item(&database).await);
    for (change, back, told) in [
        ("ALTER TABLE trips ADD COLUMN by_hand text", "ALTER TABLE trips DROP COLUMN by_hand", "by_hand"),
        ("DROP INDEX trips_user_id_idx", "CREATE INDEX trips_user_id_idx ON trips (user_id)", "trips_user_id_idx"),
        ("ALTER TABLE trips ALTER title DROP DEFAULT", "ALTER TABLE trips ALTER title SET DEFAULT 'untitled'", "title"),
    ] {
        database.execute(change).await;
        let text = refusal(migrations, &database).await;
        assert!(
            text.starts_with("cannot take over from sqlx: the database does not match these migrations\n"),
            "{text}"
        );
        assert!(text.contains(told), "{text}");
        database.execute(back).await;
    }
    database.execute("CREATE INDEX dba_1 ON trips (title); CREATE TABLE elsewhere (id bigint)").await;
    let migrator = migrations.migrator().ignore("index dba_*".parse().unwrap());
    assert!(migrator.apply(&database.pool).await.unwrap().adopted.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tenant_is_taken_over_by_the_table_in_its_schema() {
    let database = migrated().await;
    let migrations = history(&item(&database).await);
    database
        .execute(
            "CREATE SCHEMA tenant_a; ALTER TABLE users SET SCHEMA tenant_a; ALTER TABLE trips SET SCHEMA tenant_a; \
             ALTER TABLE _sqlx_migrations SET SCHEMA tenant_a; CREATE SCHEMA tenant_b; CREATE SCHEMA tenant_c; \
             CREATE TABLE tenant_c._sqlx_migrations AS SELECT * FROM tenant_a._sqlx_migrations LIMIT 1",
        )
        .await;
    let apply = async |tenant: &str| migrations.migrator().schema(tenant).apply(&database.pool).await;
    let report = apply("tenant_a").await.unwrap();
    assert_eq!(report.adopted.map(|adopted| adopted.table.schema), Some("tenant_a".to_owned()));
    assert_eq!(report.applied.len(), 1);
    let report = apply("tenant_b").await.unwrap();
    assert_eq!((report.adopted, report.applied.len()), (None, 2));
    let refused = apply("tenant_c").await.unwrap_err().to_string();
    assert!(refused.contains("its table `tenant_c._sqlx_migrations` lacks 1 of the 2 migrations"), "{refused}");
    assert_eq!(database.text("SELECT to_regclass('tenant_c.migrate_history') IS NULL").await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_another_name_is_taken_for_none_and_told() {
    let database = migrated().await;
    let item = item(&database).await;
    database.execute("CREATE SCHEMA app; ALTER TABLE _sqlx_migrations SET SCHEMA app").await;
    database.execute("ALTER TABLE app._sqlx_migrations RENAME TO applied").await;
    let text = refusal(history(&item), &database).await;
    assert!(
        text.contains("already has what these migrations create\n  table `trips`\n  table `users`\nhelp: "),
        "{text}"
    );
    assert!(text.contains("name it in the `adopts` item: `table SCHEMA.NAME`; if nothing was ever recorded"), "{text}");
    let named = item.replacen("checksum", "table app.applied, checksum", 1);
    let migrations = history(&named);
    assert!(migrations.apply(&database.pool).await.unwrap().adopted.is_some());
    let verification = migrations.migrator().verify(&database.pool).await.unwrap();
    assert!(verification.is_clean(), "{verification:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_has_the_name_of_the_table_is_not_read() {
    let database = migrated().await;
    let migrations = history(&item(&database).await);
    database
        .execute(
            "ALTER TABLE _sqlx_migrations RENAME TO real; \
             CREATE FUNCTION trap() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'called'; END $$; \
             CREATE VIEW _sqlx_migrations AS SELECT trap() AS version, success, checksum FROM real",
        )
        .await;
    let text = refusal(migrations, &database).await;
    assert!(text.starts_with("cannot take over from sqlx: `public._sqlx_migrations` is not a table\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_of_sqlx_is_waited_for_and_told() {
    let database = migrated().await;
    let migrations = history(&item(&database).await);
    let mut other = database.pool.acquire().await.unwrap();
    sqlx::migrate::Migrate::lock(&mut *other).await.unwrap();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let migrator = migrations.migrator().lock_wait(std::time::Duration::from_millis(300)).on_event({
        let seen = std::sync::Arc::clone(&seen);
        move |event| {
            if let Event::WaitingForTool { tool, holder, .. } = event {
                seen.lock().unwrap().push((*tool, holder.is_some()));
            }
        }
    });
    let error = migrator.apply(&database.pool).await.unwrap_err();
    assert!(error.to_string().contains("s for sqlx, which is migrating this database: backend "), "{error}");
    assert!(seen.lock().unwrap().contains(&("sqlx", true)), "{seen:?}");
    sqlx::migrate::Migrate::unlock(&mut *other).await.unwrap();
    assert!(migrator.apply(&database.pool).await.unwrap().adopted.is_some());
}
