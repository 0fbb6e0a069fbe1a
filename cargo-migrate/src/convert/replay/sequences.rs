//! Where sequences are: a transaction that is rolled back leaves them where they went, and the numbers of its rows would be others
//! the next time.

use std::collections::BTreeMap;

use migrate_runtime::sqlx::{self, AssertSqlSafe, PgConnection};

const READ: &str = "
SELECT s.seqrelid::pg_catalog.int8, pg_catalog.pg_sequence_last_value(s.seqrelid), s.seqstart
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
WHERE c.relpersistence <> 't'";

/// The last value of each, `None` where it was not used yet; and where it starts.
#[derive(Debug, Default)]
pub(super) struct Sequences(BTreeMap<i64, (Option<i64>, i64)>);

impl Sequences {
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let rows: Vec<(i64, Option<i64>, i64)> = sqlx::query_as(READ).fetch_all(connection).await?;
        Ok(Sequences(rows.into_iter().map(|(number, last, start)| (number, (last, start))).collect()))
    }

    /// Sets back those that have moved.
    pub(super) async fn restore(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let now = Sequences::read(&mut *connection).await?;
        for (number, (last, start)) in &self.0 {
            if now.0.get(number).is_none_or(|(now, _)| now == last) {
                continue;
            }
            let sql = format!(
                "SELECT pg_catalog.setval({number}::pg_catalog.oid::pg_catalog.regclass, {}, {})",
                last.unwrap_or(*start),
                last.is_some()
            );
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
        }
        Ok(())
    }
}
