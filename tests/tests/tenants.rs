//! Every case in `cases/` in the schemas of tenants: what the compiler wrote for `public` runs there, gives the predicted
//! catalog, and leaves `public` as it was.

use std::time::{Duration, Instant};

use migrate_core::catalog::{Catalog, Extension};
use migrate_core::plan::{Down, Migration};
use migrate_runtime::introspect::{Options, in_words_of_server, introspect};
use migrate_runtime::many::{Database as One, Many};
use migrate_runtime::rehearse::Stage;
use migrate_runtime::{FromEmpty, Migrator, Target};
use sqlx::postgres::PgPoolOptions;
use tests::cases::{FUNCTIONS, each, name};
use tests::histories::{Shape, by_chance};
use tests::proxy::Proxy;
use tests::{Database, assert_same, compile, embed, predicted, server};

/// A name that needs quotes, also inside of texts.
const STEP_BY_STEP: &str = "Tenant's \"A\"";

/// Those that get there at once, beside it: a plain name, and a word of SQL.
const AT_ONCE: &[(&str, FromEmpty)] = &[("tenant_b", FromEmpty::Fold), ("order", FromEmpty::Replay)];

/// What is in `public` and is not of an extension: there should be nothing.
const IN_PUBLIC: &str = "SELECT coalesce(string_agg(name, ', '), '') FROM (\
    SELECT 'relation ' || relname, oid FROM pg_class WHERE relnamespace = 'public'::regnamespace \
    UNION ALL SELECT 'type ' || typname, oid FROM pg_type WHERE typnamespace = 'public'::regnamespace \
    UNION ALL SELECT 'function ' || proname, oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace\
    ) AS found (name, oid) WHERE NOT EXISTS (SELECT FROM pg_depend WHERE objid = found.oid AND deptype = 'e') \
    AND name !~ '^type _'";

async fn catalog(database: &Database, tenant: &str) -> Catalog {
    let mut connection = database.pool.acquire().await.expect("a connection");
    let options = Options { schema: Some(tenant.to_owned()), ..Options::default() };
    let live = introspect(&mut connection, &options).await.unwrap_or_else(|error| panic!("{tenant}: {error}"));
    assert!(live.unfinished.is_empty() && live.unreadable.is_empty(), "{live:?}");
    live.catalog
}

/// An extension that was made stays: other tenants may need it.
fn with_extensions_of(expected: &Catalog, live: &Catalog) -> Catalog {
    Catalog { extensions: live.extensions.clone(), ..expected.clone() }
}

async fn assert_is(expected: &Catalog, database: &Database, tenant: &str, when: &str) {
    let live = catalog(database, tenant).await;
    for (extension, wanted) in &expected.extensions {
        // All tenants share its comment.
        let found = live.extensions.get(extension).map(Extension::schema);
        assert_eq!(found, Some(wanted.schema()), "{when}: the extension {extension}");
    }
    let expected = with_extensions_of(expected, &live);
    let mut connection = database.pool.acquire().await.expect("a connection");
    let settled = in_words_of_server(&mut connection, &expected, &live, Some(tenant)).await.expect("an answer");
    assert_same(&settled, &live, when);
}

async fn step_by_step(database: &Database, migrator: &Migrator, migrations: &[Migration], tenant: &str) {
    for (index, migration) in migrations.iter().enumerate() {
        let name = format!("{tenant}: {}_{}", migration.version, migration.name);
        let before = predicted(migrations.get(..index).expect("an index"));
        let expected = predicted(migrations.get(..=index).expect("an index"));
        let target = Target::Version(migration.version);
        migrator.apply_to(&database.pool, target).await.unwrap_or_else(|error| panic!("up {name}: {error}"));
        assert_is(&expected, database, tenant, &format!("after up {name}")).await;
        let verification = migrator.verify(&database.pool).await.expect("a verification");
        assert!(verification.is_clean(), "{name}: {:?}", verification.differences);
        if matches!(migration.down, Down::Irreversible { .. }) {
            continue;
        }
        migrator.revert(&database.pool, 1).await.unwrap_or_else(|error| panic!("down {name}: {error}"));
        assert_is(&before, database, tenant, &format!("after down {name}")).await;
        migrator.apply_to(&database.pool, target).await.unwrap_or_else(|error| panic!("up again {name}: {error}"));
        assert_is(&expected, database, tenant, &format!("after up again {name}")).await;
    }
    let again = migrator.apply(&database.pool).await.unwrap_or_else(|error| panic!("apply again: {error}"));
    assert!(again.is_empty(), "the second apply did something: {again:?}");
}

async fn as_tenants(name: &str, migrations: &[Migration]) {
    let database = Database::create().await;
    let all = embed(migrations.to_vec(), FUNCTIONS);
    let expected = predicted(migrations);
    let tenant = |tenant: &str| all.migrator().schema(tenant).create_schema(true);
    step_by_step(&database, &tenant(STEP_BY_STEP), migrations, STEP_BY_STEP).await;
    for (schema, way) in AT_ONCE {
        let migrator = tenant(schema).from_empty(*way);
        migrator.apply(&database.pool).await.unwrap_or_else(|error| panic!("{name}: {schema}: {error}"));
        assert_is(&expected, &database, schema, name).await;
    }
    assert_eq!(database.text(IN_PUBLIC).await, "", "{name}: in public");
    if migrations.iter().all(|migration| matches!(migration.down, Down::Script { .. })) {
        let reverted = tenant(STEP_BY_STEP).revert(&database.pool, migrations.len()).await;
        reverted.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_is(&Catalog::default(), &database, STEP_BY_STEP, "after down of everything").await;
        assert_is(&expected, &database, "order", "the others stay").await;
    }
    database.pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_runs_in_the_schema_of_a_tenant() {
    each(async |path, text| {
        let migrations = compile(text);
        // What has a schema of its own is in a history of its own.
        if migrations.iter().all(|migration| migrate_core::plan::objections(migration).is_empty()) {
            as_tenants(&name(path), &migrations).await;
        } else {
            let ties =
                ["create schema", "set schema", "event trigger", "foreign data wrapper", "public", "search_path"];
            assert!(ties.iter().any(|tie| text.contains(tie)), "{}", name(path));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_made_by_chance_run_in_the_schema_of_a_tenant() {
    for seed in 1..=3 {
        let text = by_chance(seed, Shape { migrations: 25, tables: 5, rows: 10, raw: if seed == 3 { 4 } else { 0 } });
        as_tenants(&format!("seed {seed}:\n{text}"), &compile(&text)).await;
    }
}

const HISTORY: &str = r#"
migration "0001_bookings" {
    create enum status { pending, cancelled }
    create table bookings {
        id: bigint primary key,
        status: status = pending,
        updated_at: timestamptz = now() on update now(),
    }
    insert into bookings (id) values (1), (2);
}
migration "0002_index" { create index on bookings (id) where status <> cancelled; }
migration "0003_more" {
    alter enum status { add refunded after cancelled }
    alter table bookings { add note: text?, add check (status <> refunded or note is not null) }
    backfill bookings set note = "none" where note is null down { }
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_a_killed_process_finished_is_known_as_the_one_that_was_meant() {
    let database = Database::create().await;
    let migrator = embed(compile(HISTORY), &[]).migrator().schema("Tenant A").create_schema(true);
    migrator.apply_to(&database.pool, Target::Version(2)).await.expect("two migrations");
    let index = "SELECT oid FROM pg_class WHERE relname = 'bookings_id_idx'";
    let built = database.text(index).await;
    database
        .execute(
            "INSERT INTO \"Tenant A\".migrate_journal (version, name, direction, checksum, segment, running, application, \
             tool_version) SELECT version, name, 'up', checksum, 0, true, '', '' FROM \"Tenant A\".migrate_history \
             WHERE version = 2; DELETE FROM \"Tenant A\".migrate_history WHERE version = 2",
        )
        .await;
    migrator.apply(&database.pool).await.expect("it goes on");
    assert_eq!(database.text(index).await, built, "it was not built again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_in_the_schema_of_a_tenant_sees_what_was_predicted() {
    let database = Database::create().await;
    let migrator = embed(compile(HISTORY), &[]).migrator().schema("tenant_a").create_schema(true);
    migrator.apply_to(&database.pool, Target::Version(1)).await.expect("a table with rows");
    let rehearsal = migrator.rehearse(&database.pool, Stage::Here).await.expect("a rehearsal");
    let surprises: Vec<String> = rehearsal.surprises().map(|(_, _, surprise)| surprise.to_string()).collect();
    assert!(rehearsal.is_clean(), "{surprises:?} {:?}", rehearsal.failure);
    let observed = rehearsal.migrations.iter().flat_map(|one| &one.statements).flat_map(|one| &one.observed);
    let schemas: std::collections::BTreeSet<&str> = observed.map(|lock| lock.schema.as_ref()).collect();
    assert_eq!(schemas.into_iter().collect::<Vec<_>>(), ["tenant_a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_a_rerun_brings_all_tenants_to_the_same_catalog() {
    let rounds: u64 = std::env::var("TENANT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    let migrations = compile(HISTORY);
    let expected = predicted(&migrations);
    let all = embed(migrations, &[]);
    let names = ["tenant_a", "tenant_b", "tenant_c", "tenant_d"];
    let mut begun = 0;
    for round in 0..rounds {
        let random = fastrand::Rng::with_seed(round).u64(20..500);
        let database = Database::create().await;
        let tenants = |pool: &sqlx::PgPool| names.iter().map(|name| One::schema_of(pool, *name)).collect::<Vec<_>>();
        let migrator = all.migrator().create_schema(true);
        migrator.apply_to_all(tenants(&database.pool), Many::default().target(Target::Version(1))).await;
        let replicas: Vec<_> = (0..3)
            .map(|_| {
                let (migrator, tenants) = (migrator.clone(), tenants(&database.pool));
                tokio::spawn(async move { migrator.apply_to_all(tenants, Many::default()).await.is_complete() })
            })
            .collect();
        // What is dropped in the middle closes its connections without a word, as a process that is killed.
        tokio::time::sleep(Duration::from_millis(random)).await;
        replicas.iter().for_each(tokio::task::JoinHandle::abort);
        for replica in replicas {
            let _ = replica.await;
        }
        let report = migrator.apply_to_all(tenants(&database.pool), Many::default()).await;
        assert!(report.is_complete(), "round {round}: {:?}", report.failures().next());
        begun += usize::from(report.changed().next().is_some());
        for name in names {
            assert_is(&expected, &database, name, &format!("round {round}: {name}")).await;
            let rest = "(SELECT count(*) FROM bookings WHERE note IS NULL) + (SELECT count(*) FROM migrate_journal)";
            let rest = rest.replace("FROM ", &format!("FROM {name}."));
            assert_eq!(database.text(&rest).await, "0", "round {round}: {name}");
        }
    }
    println!("{begun} of {rounds} runs were stopped before their end");
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_with_nothing_to_do_cost_a_query_for_fifty_of_them_and_no_connection() {
    const COUNT: usize = 60;
    let database = Database::create().await;
    let proxy = Proxy::start(server().port(), None).await;
    let url = database.url.replace(&format!(":{}/", server().port()), &format!(":{}/", proxy.port));
    let pool = PgPoolOptions::new().max_connections(1).connect(&url).await.expect("a connection");
    let migrator = embed(compile(HISTORY), &[]).migrator().create_schema(true);
    let tenants = || (0..COUNT).map(|number| One::schema_of(&pool, format!("tenant_{number}")));
    let started = Instant::now();
    let report = migrator.apply_to_all(tenants(), Many::default().at_once(2)).await;
    assert_eq!(report.changed().count(), COUNT, "{:?}", report.failures().next());
    println!("{COUNT} new tenants: {:.1} ms each", started.elapsed().as_secs_f64() * 1000.0 / COUNT as f64);

    // The pool has a connection again: a run lets go of the one that it looked with.
    drop(pool.acquire().await.expect("a connection"));
    let before = (proxy.connections(), proxy.queries());
    let report = migrator.apply_to_all(tenants(), Many::default()).await;
    assert!(report.is_complete() && report.changed().next().is_none());
    println!("{COUNT} tenants up to date: {:?}", report.elapsed);
    // Which have a history, and two times 50 of them.
    assert_eq!((proxy.connections(), proxy.queries()), (before.0, before.1 + 3));
}
