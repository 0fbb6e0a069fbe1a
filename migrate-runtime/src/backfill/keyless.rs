//! Tables without a primary key: windows of pages, partition after partition, then a sweep for the rows that moved
//! meanwhile.
//!
//! A row that was changed is a new version in another place, and may be met again. So the condition must be false for
//! it then, and each batch checks that.

use migrate_core::plan::Backfill;
use migrate_core::sql::quote_literal;

use super::window::Window;
use super::{Checkpoint, PASSES, Work, text};
use crate::connection::{number, text as column_text};
use crate::error::sqlstate;
use crate::execute::{Runner, Stop};

/// What an error says that comes from the check.
const STILL_TRUE: &str = "the condition of the backfill is still true";

/// The table, or a partition of it that has rows itself.
struct Leaf {
    name: String,
    pages: u64,
    rows_per_page: u64,
}

impl Runner<'_> {
    pub(super) async fn backfill_keyless(&mut self, work: &mut Work<'_>) -> Result<(), Stop> {
        let leaves = self.leaves(work).await?;
        let all = work.checkpoint.expected.unwrap_or_else(|| leaves.iter().map(|leaf| leaf.pages).sum());
        work.checkpoint.expected = Some(all);
        for leaf in leaves {
            if leaf.name < work.checkpoint.partition {
                continue;
            }
            if leaf.name != work.checkpoint.partition {
                let Checkpoint { rows, looked, expected, .. } = work.checkpoint;
                let (partition, pages) = (leaf.name.clone(), leaf.pages);
                let start = Checkpoint { partition, pages, passes: PASSES, ..Checkpoint::default() };
                work.checkpoint = Checkpoint { rows, looked, expected, ..start };
            }
            self.backfill_pages(work, &leaf).await?;
        }
        let table = text::table(work.backfill);
        loop {
            let place = format!(
                "ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE (\n{}\n) LIMIT {}))",
                work.backfill.condition,
                work.pace.size()
            );
            let next = work.checkpoint.clone();
            if self.batch(work, &checked(work.backfill, &table, &place), next).await? == 0 {
                // Rows that others have changed since they were found have moved, and were left out. Where no place is
                // asked for they are followed.
                let next = work.checkpoint.clone();
                if self.batch(work, &checked(work.backfill, &table, "true"), next).await? == 0 {
                    return Ok(());
                }
            }
            work.pace.next_window(self.settings.batch_time);
        }
    }

    async fn backfill_pages(&mut self, work: &mut Work<'_>, leaf: &Leaf) -> Result<(), Stop> {
        let backfill = work.backfill;
        while work.checkpoint.page < work.checkpoint.pages {
            let so_far = work.checkpoint.clone();
            let rows = u64::from(work.pace.size()) * u64::from(so_far.passes);
            let end = match so_far.pass {
                0 => (so_far.page + (rows / leaf.rows_per_page).max(1)).min(so_far.pages),
                _ => so_far.window_page,
            };
            let looked = so_far.looked + (end - so_far.page);
            let window = Window {
                place: format!("ctid >= '({},0)'::tid AND ctid < '({end},0)'::tid", so_far.page),
                part: "pg_catalog.hashtid(ctid)".into(),
                begun: Checkpoint { window_page: end, ..so_far.clone() },
                done: Checkpoint { page: end, pass: 0, looked, ..so_far },
            };
            self.window(work, window, |place| checked(backfill, &leaf.name, place)).await?;
        }
        Ok(())
    }

    /// The table itself, or its partitions, in an order that stays.
    async fn leaves(&mut self, work: &Work<'_>) -> Result<Vec<Leaf>, Stop> {
        let table = quote_literal(&text::table(work.backfill)).to_string();
        let sql = format!(
            "SELECT pg_catalog.format('%I.%I', nspname, relname) COLLATE \"C\", \
             (pg_catalog.pg_relation_size(class.oid) / pg_catalog.current_setting('block_size')::bigint)::text, \
             CASE WHEN relpages > 0 AND reltuples > 0 THEN reltuples / relpages ELSE 50 END::bigint::text \
             FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = relnamespace \
             WHERE relkind = 'r' AND (class.oid = {table}::regclass \
             OR class.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree({table}))) ORDER BY 1"
        );
        let rows = self.ask(work, sql).await?;
        let leaves = rows.iter().map(|row| Leaf {
            name: column_text(row, 0),
            pages: number(row, 1).unwrap_or(0),
            rows_per_page: number(row, 2).unwrap_or(1).max(1),
        });
        Ok(leaves.collect())
    }
}

/// Whether an error comes from the check.
pub(super) fn is_still_true(error: &sqlx::Error) -> bool {
    sqlstate(error) == Some("22P02") && error.to_string().contains(STILL_TRUE)
}

/// The update; it fails when the condition is still true for a row that it changed. What is cast depends on the row: a
/// constant would fail while the statement is planned.
fn checked(backfill: &Backfill, table: &str, place: &str) -> String {
    let update = text::update(backfill, table, place);
    let condition = &backfill.condition;
    format!(
        "{update}\nRETURNING CASE WHEN (\n{condition}\n) THEN pg_catalog.concat('{STILL_TRUE}, ', ctid)::integer END"
    )
}
