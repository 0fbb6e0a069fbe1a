//! Tables with a primary key: windows of keys, up to the last key there was at the start.

use migrate_core::sql::quote_literal;

use super::{Checkpoint, Ended, Work, count, text};
use crate::connection::text as column_text;
use crate::execute::{Runner, Stop};

impl Runner<'_> {
    pub(super) async fn backfill_keyed(&mut self, work: &mut Work<'_>, begun: bool) -> Result<(), Stop> {
        let backfill = work.backfill;
        let (schema, table) = (quote_literal(&backfill.schema), quote_literal(&backfill.table));
        let first_key = backfill.key.first().map(|column| quote_literal(column).to_string()).unwrap_or_default();
        let facts = self
            .ask(
                work,
                format!(
                    "SELECT class.reltuples::text, \
                     (SELECT count(*) FROM pg_catalog.pg_index WHERE indrelid = class.oid)::text, \
                     coalesce((SELECT abs(correlation) FROM pg_catalog.pg_stats WHERE schemaname = {schema} \
                     AND tablename = {table} AND attname = {first_key}), 1)::text, \
                     (SELECT atttypid IN (20, 21, 23) FROM pg_catalog.pg_attribute WHERE attrelid = class.oid \
                     AND attname = {first_key})::text \
                     FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space \
                     ON space.oid = class.relnamespace WHERE space.nspname = {schema} AND class.relname = {table}"
                ),
            )
            .await?;
        work.expected = Some(count(&facts, 0)).filter(|rows| *rows > 0);
        let is_integer = backfill.key.len() == 1 && facts.first().is_some_and(|row| column_text(row, 3) == "true");
        if !begun {
            let last = format!(
                "SELECT {} FROM {} ORDER BY {} LIMIT 1",
                text::source_columns(backfill, "::text"),
                text::source(backfill),
                text::source_columns(backfill, " DESC")
            );
            let Some(until) = self.key(work, last).await? else { return Ok(()) };
            let correlated =
                facts.first().and_then(|row| crate::connection::number::<f64>(row, 2)).is_none_or(|found| found > 0.9);
            // Keys in random order come by each page often enough without that.
            let passes = match (correlated, count(&facts, 1)) {
                (false, _) => 1,
                (true, 4..) => 16,
                (true, _) => 8,
            };
            work.checkpoint = Checkpoint { until, passes, ..Checkpoint::default() };
        }
        loop {
            let Checkpoint { until, after, window, passes, .. } = work.checkpoint.clone();
            if after.as_ref() == Some(&until) {
                return Ok(());
            }
            let passes = passes.max(1);
            let rows = u64::from(work.size) * u64::from(passes);
            let end = match window {
                Some(end) => end,
                None => {
                    let boundary = format!(
                        "SELECT {} FROM {} WHERE {} ORDER BY {} OFFSET {} LIMIT 1",
                        text::source_columns(backfill, "::text"),
                        text::source(backfill),
                        text::between(backfill, after.as_deref(), &until),
                        text::source_columns(backfill, ""),
                        rows.saturating_sub(1),
                    );
                    self.key(work, boundary).await?.unwrap_or_else(|| until.clone())
                }
            };
            let place = text::between(backfill, after.as_deref(), &end);
            for pass in work.checkpoint.pass..passes {
                let part = match passes {
                    1 => String::new(),
                    _ if is_integer => format!(" AND abs({} % {passes}) = {pass}", text::key(backfill)),
                    _ => format!(
                        " AND pg_catalog.hashtextextended(ROW{}::text, 0) & {} = {pass}",
                        text::key(backfill),
                        passes - 1
                    ),
                };
                let update = text::update(backfill, &format!("{place}{part}"));
                let so_far = work.checkpoint.clone();
                let next = if pass + 1 == passes {
                    let looked = so_far.looked + rows;
                    Checkpoint { after: Some(end.clone()), window: None, pass: 0, looked, ..so_far }
                } else {
                    Checkpoint { window: Some(end.clone()), pass: pass + 1, ..so_far }
                };
                match self.batch(work, &update, next).await {
                    Ok(_) => {}
                    Err(Ended::Stop(stop)) => return Err(stop),
                    Err(Ended::NotConvergent) => {}
                }
            }
        }
    }

    /// The key that a query answers, as text.
    async fn key(&mut self, work: &Work<'_>, sql: String) -> Result<Option<Vec<String>>, Stop> {
        let rows = self.ask(work, sql).await?;
        Ok(rows.first().map(|row| (0..work.backfill.key.len()).map(|column| column_text(row, column)).collect()))
    }
}
