//! Tables with a primary key: windows of keys, up to the last key there was at the start.

use migrate_core::sql::quote_literal;

use super::window::Window;
use super::{Checkpoint, PASSES, Work, text};
use crate::connection::{number, text as column_text};
use crate::execute::{Runner, Stop};
use crate::introspect::SETTINGS;

/// From which correlation on the rows of a window of keys are taken to lie together.
const CORRELATED: f64 = 0.9;

/// Lets the planner sort only where nothing else leads there.
const BY_INDEX: &str = "SET LOCAL enable_sort = off;
SET LOCAL enable_incremental_sort = off;
SET LOCAL enable_seqscan = off";

impl Runner<'_> {
    pub(super) async fn backfill_keyed(&mut self, work: &mut Work<'_>) -> Result<(), Stop> {
        let backfill = work.backfill;
        let table = text::table(backfill);
        if work.checkpoint.until.is_empty() {
            let last = format!(
                "SELECT {} FROM {} ORDER BY {} LIMIT 1",
                text::source_columns(backfill, "::text"),
                text::source(backfill),
                text::source_columns(backfill, " DESC")
            );
            let Some(until) = self.key(work, last).await? else { return Ok(()) };
            let (expected, passes) = self.estimate(work).await?;
            work.checkpoint = Checkpoint { until, expected, passes, ..Checkpoint::default() };
        }
        let part = self.key_part(work).await?;
        while work.checkpoint.after.as_ref() != Some(&work.checkpoint.until) {
            let so_far = work.checkpoint.clone();
            let rows = u64::from(work.pace.size()) * u64::from(so_far.passes);
            let end = match &so_far.window {
                Some(end) => end.clone(),
                None => {
                    let boundary = format!(
                        "SELECT {} FROM {} WHERE {} ORDER BY {} OFFSET {} LIMIT 1",
                        text::source_columns(backfill, "::text"),
                        text::source(backfill),
                        text::between(backfill, so_far.after.as_deref(), &so_far.until),
                        text::source_columns(backfill, ""),
                        rows.saturating_sub(1),
                    );
                    self.key(work, boundary).await?.unwrap_or_else(|| so_far.until.clone())
                }
            };
            let window = Window {
                place: text::between(backfill, so_far.after.as_deref(), &end),
                part: part.clone(),
                begun: Checkpoint { window: Some(end.clone()), ..so_far.clone() },
                done: Checkpoint { after: Some(end), window: None, pass: 0, looked: so_far.looked + rows, ..so_far },
            };
            self.window(work, window, |place| text::update(backfill, &table, place)).await?;
        }
        Ok(())
    }

    /// How many rows there are, as far as the planner knows, and how often to visit each window.
    async fn estimate(&mut self, work: &Work<'_>) -> Result<(Option<u64>, u32), Stop> {
        let backfill = work.backfill;
        let sql = format!(
            "SELECT CASE relkind WHEN 'p' THEN (SELECT sum(greatest(leaf.reltuples, 0)) \
             FROM pg_catalog.pg_partition_tree(class.oid) JOIN pg_catalog.pg_class AS leaf ON leaf.oid = relid \
             WHERE isleaf) ELSE reltuples END::text, \
             (SELECT abs(correlation) FROM pg_catalog.pg_stats WHERE schemaname = {} AND tablename = {} \
             AND attname = {} ORDER BY inherited LIMIT 1)::text \
             FROM pg_catalog.pg_class AS class WHERE class.oid = {}::regclass",
            quote_literal(&backfill.schema),
            quote_literal(&backfill.table),
            quote_literal(backfill.key.first().map_or("", AsRef::as_ref)),
            quote_literal(&text::table(backfill)),
        );
        let facts = self.ask(work, sql).await?;
        let fact = |column| facts.first().and_then(|row| number::<f64>(row, column));
        let expected = fact(0).filter(|rows| *rows > 0.0).map(|rows| rows as u64);
        let is_correlated = fact(1).is_none_or(|correlation| correlation > CORRELATED);
        // Keys in random order come by each page often enough without that.
        Ok((expected, if is_correlated { PASSES } else { 1 }))
    }

    /// A number for each row, from its key. A domain is as its type.
    async fn key_part(&mut self, work: &Work<'_>) -> Result<String, Stop> {
        let sql = format!(
            "WITH RECURSIVE base (name, type) AS ( \
             SELECT attname, atttypid FROM pg_catalog.pg_attribute \
             WHERE attrelid = {}::regclass AND attnum > 0 AND NOT attisdropped \
             UNION ALL SELECT name, typbasetype FROM base JOIN pg_catalog.pg_type ON oid = type AND typtype = 'd') \
             SELECT name::text, type::text FROM base JOIN pg_catalog.pg_type ON oid = type AND typtype <> 'd'",
            quote_literal(&text::table(work.backfill))
        );
        let columns = self.ask(work, sql).await?;
        let type_of = |name: &str| {
            let column = columns.iter().find(|row| column_text(row, 0) == name);
            column.and_then(|row| number(row, 1)).unwrap_or(0)
        };
        let key: Vec<(&str, u32)> = work.backfill.key.iter().map(|name| (&**name, type_of(name))).collect();
        Ok(text::part(&key, work.checkpoint.passes))
    }

    /// The key that a query answers by an index: nobody may have analysed the table yet, and to sort what is left of it
    /// for each window takes as long as all the rest. As text that means the same under all settings: another process may go on with it,
    /// as another role. Only this message has these settings; what the batches compute follows the settings of the role.
    async fn key(&mut self, work: &Work<'_>, sql: String) -> Result<Option<Vec<String>>, Stop> {
        let rows = self.ask(work, format!("{SETTINGS};\n{BY_INDEX};\n{sql}")).await?;
        Ok(rows.first().map(|row| (0..work.backfill.key.len()).map(|column| column_text(row, column)).collect()))
    }
}
