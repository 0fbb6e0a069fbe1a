//! Tables without a primary key: windows of pages, then a sweep for the rows that moved meanwhile.
//!
//! A row that was changed is a new version in another place, and may be met again. So the condition must be false for
//! it then, and each batch checks that; where it is not, everything is done in one single UPDATE instead.

use migrate_core::sql::quote_literal;

use super::{Checkpoint, Ended, Work, count, text};
use crate::execute::{Runner, Stop};

impl Runner<'_> {
    pub(super) async fn backfill_keyless(&mut self, work: &mut Work<'_>, begun: bool) -> Result<(), Stop> {
        match self.backfill_pages(work, begun).await {
            Ok(()) => Ok(()),
            Err(Ended::Stop(stop)) => Err(stop),
            Err(Ended::NotConvergent) => {
                let update = text::update(work.backfill, "true");
                let next = Checkpoint { page: work.checkpoint.pages, ..work.checkpoint.clone() };
                match self.batch(work, &update, next).await {
                    Ok(_) => Ok(()),
                    Err(Ended::Stop(stop)) => Err(stop),
                    Err(Ended::NotConvergent) => Ok(()),
                }
            }
        }
    }

    async fn backfill_pages(&mut self, work: &mut Work<'_>, begun: bool) -> Result<(), Ended> {
        let backfill = work.backfill;
        let table = quote_literal(&text::table(backfill)).to_string();
        let facts = self
            .ask(
                work,
                format!(
                    "SELECT (pg_relation_size(oid) / current_setting('block_size')::bigint)::text, \
                     CASE WHEN relpages > 0 AND reltuples > 0 THEN reltuples / relpages ELSE 50 END::text \
                     FROM pg_catalog.pg_class WHERE oid = {table}::regclass"
                ),
            )
            .await?;
        if !begun {
            work.checkpoint = Checkpoint { pages: count(&facts, 0), ..Checkpoint::default() };
        }
        let rows_per_page = count(&facts, 1).max(1);
        work.expected = Some(work.checkpoint.pages);
        while work.checkpoint.page < work.checkpoint.pages {
            let so_far = work.checkpoint.clone();
            let end = (so_far.page + (u64::from(work.size) / rows_per_page).max(1)).min(so_far.pages);
            let place = format!("ctid >= '({},0)'::tid AND ctid < '({end},0)'::tid", so_far.page);
            let next = Checkpoint { page: end, looked: end, ..so_far };
            self.batch(work, &checked(work, &place), next).await?;
        }
        loop {
            let place = format!(
                "ctid = ANY (ARRAY(SELECT ctid FROM {} WHERE (\n{}\n) LIMIT {}))",
                text::table(backfill),
                backfill.condition,
                work.size
            );
            let next = work.checkpoint.clone();
            if self.batch(work, &checked(work, &place), next).await? == 0 {
                return Ok(());
            }
        }
    }
}

/// The update; it fails with a division by zero when the condition still holds for a row that it changed. Its number
/// of rows is that of its answer.
fn checked(work: &Work<'_>, place: &str) -> String {
    let update = text::update(work.backfill, place);
    let condition = &work.backfill.condition;
    format!("{update}\nRETURNING 1 / (CASE WHEN (\n{condition}\n) THEN 0 ELSE 1 END)")
}
