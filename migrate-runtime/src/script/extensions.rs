//! Extensions that are there before a script creates them: which ones, only the server knows, so that the script asks it.

use migrate_core::history::{DroppedExtension, dropped_extensions};
use migrate_core::plan::{Migration, Statement, Work};
use migrate_core::sql::{Writer, quote_literal};

use super::ScriptWriter;

/// The setting of the session that holds which of the extensions of a migration are there before it.
const SETTING: &str = "migrate.extensions";

impl ScriptWriter {
    /// Keeps which of the extensions that a migration creates are there before it.
    pub(super) fn look_at_extensions(&mut self, migration: &Migration) {
        let dropped = dropped_extensions(migration);
        if dropped.is_empty() {
            return;
        }
        let names: Vec<String> = dropped.iter().map(|one| quote_literal(&one.name)).collect();
        self.comment("An extension that already exists is kept when this is reverted.");
        self.block(&format!(
            "BEGIN PERFORM pg_catalog.set_config('{SETTING}', ARRAY(SELECT extname::text FROM pg_catalog.pg_extension \
             WHERE extname IN ({}))::text, false); END",
            names.join(", ")
        ));
    }

    /// Takes out of the down that is stored with the row the extensions that were there before: from the last statement on,
    /// so that the places of the others stay.
    pub(super) fn keep_extensions(&self, migration: &Migration) -> Vec<String> {
        let statement = |one: DroppedExtension| {
            format!(
                "UPDATE {} SET down = down #- '{{script,script,segments,{},statements,{}}}' WHERE version = {} AND {} = ANY \
                 (pg_catalog.current_setting('{SETTING}', true)::text[])",
                self.tables.history,
                one.segment,
                one.statement,
                migration.version,
                quote_literal(&one.name)
            )
        };
        dropped_extensions(migration).into_iter().rev().map(statement).collect()
    }

    /// A statement of a down that drops an extension, which it does only where the row says so.
    pub(super) fn guarded_drop(&self, migration: &Migration, statement: &Statement) -> Option<String> {
        let Work::Sql(sql) = &statement.work else { return None };
        let is_it = |one: &DroppedExtension| one.sql == **sql;
        if !dropped_extensions(migration).iter().any(is_it) {
            return None;
        }
        let statement = serde_json::json!({ "work": { "sql": sql } });
        let down = serde_json::json!({ "script": { "script": { "segments": [{ "statements": [statement] }] } } });
        let body = format!(
            "BEGIN IF (SELECT down @> {} FROM {} WHERE version = {}) THEN {sql}; END IF; END",
            quote_literal(&down.to_string()),
            self.tables.history,
            migration.version
        );
        Some(Writer::new().keyword("DO").dollar_quoted(&body).finish())
    }
}
