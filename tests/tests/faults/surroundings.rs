//! What a database or a role may have set, and nobody had migrations in mind with: the outcome is the same.

use crate::boot;
use crate::scenario::{self, Scenario};
use crate::settings::settings;
use crate::site::{Site, execute, pool};

/// Settings of a role, those that bear each other together. One that a server does not know is left out.
const SETTINGS: &[&[&str]] = &[
    &[
        "statement_timeout = '25ms'",
        "lock_timeout = '1ms'",
        "idle_in_transaction_session_timeout = '20ms'",
        "transaction_timeout = '25ms'",
        "default_transaction_isolation = serializable",
        "default_transaction_deferrable = on",
    ],
    &[
        "default_transaction_read_only = on",
        "standard_conforming_strings = off",
        "escape_string_warning = off",
        "search_path = odd, pg_temp",
        "client_encoding = latin1",
        "datestyle = 'SQL, DMY'",
        "intervalstyle = sql_standard",
        "timezone = 'Asia/Kolkata'",
        "bytea_output = escape",
        "extra_float_digits = -15",
        "array_nulls = off",
    ],
    &[
        "idle_session_timeout = '50ms'",
        "quote_all_identifiers = on",
        "client_min_messages = debug1",
        "check_function_bodies = off",
        "row_security = off",
        "session_replication_role = replica",
        "plan_cache_mode = force_generic_plan",
        "transform_null_equals = on",
        "xmloption = document",
        "synchronous_commit = off",
    ],
];

async fn under(site: &Site, scenario: &Scenario, groups: &[Vec<&str>]) -> Vec<String> {
    let prepared = scenario.prepare(site).await;
    let mut failures = Vec::new();
    for group in groups {
        let database = prepared.database().await;
        let at = pool(&site.url(&database));
        execute(&at, "CREATE SCHEMA odd").await;
        for setting in group {
            let sql = format!("ALTER ROLE migrator IN DATABASE {database} SET {setting}");
            match sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&at).await {
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42704") => {}
                result => _ = result.unwrap_or_else(|error| panic!("{setting}: {error}")),
            }
        }
        let ended = prepared.start_at(&site.url(&database).replace("postgres@", "migrator@")).end().await;
        execute(&at, "DROP SCHEMA odd").await;
        at.close().await;
        if !ended.success {
            failures.push(format!("{}, {group:?}: failed:\n      {}", prepared.name, ended.output));
        } else if let Some(differences) = prepared.verdict(&database).await {
            failures.push(format!("{}, {group:?}: {differences}", prepared.name));
        }
        prepared.drop(&database).await;
    }
    failures
}

#[test]
fn settings_of_the_role_change_nothing() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        site.make_role("migrator SUPERUSER").await;
        // Each by itself in the long form.
        let groups: Vec<Vec<&str>> = match settings().long {
            true => SETTINGS.iter().flat_map(|group| group.iter().map(|setting| vec![*setting])).collect(),
            false => SETTINGS.iter().map(|group| group.to_vec()).collect(),
        };
        let mut failures = Vec::new();
        let scenarios = [
            scenario::texts(),
            scenario::small_up(),
            scenario::small_down(),
            scenario::indexes(),
            scenario::backfill(),
        ];
        for scenario in &scenarios {
            failures.extend(under(&site, scenario, &groups).await);
        }
        assert!(failures.is_empty(), "settings of the role:\n  {}", failures.join("\n  "));
    });
}

/// Ten processes, each with a connection of its pool; the role may have three more, and a run takes two.
#[test]
fn ten_processes_where_connections_are_few() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        site.make_role("crowded CONNECTION LIMIT 13").await;
        let address = |database: &str| site.url(database).replace("postgres@", "crowded@");
        boot::race(&site, &scenario::ten_tables(), settings().rounds(1, 20), address).await;
    });
}
