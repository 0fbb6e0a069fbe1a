//! The real migrator of sqlx.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use super::THEIRS;

/// The old program: the first migrations of [`THEIRS`].
pub(crate) fn migrator(count: usize) -> Migrator {
    let migration = |(index, sql): (usize, &'static str)| {
        let version = 20_260_101_000_000 + i64::try_from(index).unwrap();
        let sql = AssertSqlSafe(sql).into_sql_str();
        Migration::new(version, Cow::Borrowed("step"), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(THEIRS.into_iter().take(count).enumerate().map(migration).collect())
}
