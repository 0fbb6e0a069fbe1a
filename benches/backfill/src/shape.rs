//! The tables: rows of some 150 bytes, and indexes on columns that are not filled.

use migrate_compiler::compile_history;
use migrate_runtime::Migrations;
use migrate_runtime::private::{Embedded, Options};

use crate::BoxError;
use crate::way::Way;

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    TwoIndexes,
    SixIndexes,
    RandomKey,
    NoKey,
}

impl Shape {
    pub(crate) const ALL: [Shape; 4] = [Shape::TwoIndexes, Shape::SixIndexes, Shape::RandomKey, Shape::NoKey];

    /// How the command line calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Shape::TwoIndexes => "two",
            Shape::SixIndexes => "six",
            Shape::RandomKey => "random",
            Shape::NoKey => "keyless",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Shape::TwoIndexes => "A primary key in the order of the rows, and one index",
            Shape::SixIndexes => "A primary key in the order of the rows, and five indexes",
            Shape::RandomKey => "A primary key of random UUIDs, and one index",
            Shape::NoKey => "No key that the backfill knows, and two indexes",
        }
    }

    pub(crate) fn ways(self) -> Vec<Way> {
        match self {
            Shape::NoKey => vec![Way::Backfill, Way::OneUpdate],
            _ => vec![Way::Backfill, Way::OneUpdate, Way::Keyset, Way::KeysetWithoutWaiting],
        }
    }

    fn key_type(self) -> &'static str {
        if self == Shape::RandomKey { "uuid" } else { "bigint" }
    }

    /// The key of a row by its number, as SQL.
    pub(crate) fn key(self, number: &str) -> String {
        match self {
            Shape::RandomKey => format!("md5(({number})::text)::uuid"),
            _ => format!("({number})::bigint"),
        }
    }

    /// The table, and the backfill.
    pub(crate) fn history(self, batch: Option<u32>) -> Result<&'static Migrations, BoxError> {
        let key = if self == Shape::NoKey { "" } else { "primary key" };
        let more = match self {
            Shape::NoKey => "create unique index on orders (id);",
            Shape::SixIndexes => {
                "create index on orders (reference); create index on orders (created_at);
                 create index on orders (status, created_at); create index on orders (total);"
            }
            _ => "",
        };
        let batch = batch.map(|batch| format!("in batches of {batch}")).unwrap_or_default();
        let text = format!(
            "migration \"1_orders\" {{
                 create table orders {{
                     id: {} {key},
                     reference: uuid,
                     customer_id: bigint,
                     status: text,
                     total: numeric(12, 2),
                     note: text,
                     created_at: timestamptz,
                     updated_at: timestamptz,
                     currency: text?,
                 }}
                 create index on orders (customer_id);
                 {more}
             }}
             migration \"2_currency\" {{
                 backfill orders set currency = left(status, 3) where currency is null {batch} irreversible \"measured\";
             }}",
            self.key_type()
        );
        let migrations = compile_history(&text)
            .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let embedded: Vec<&'static Embedded> =
            migrations.into_iter().map(|migration| &*Box::leak(Box::new(Embedded::of(migration, &[])))).collect();
        let options = Options { oldest_server: 14, source: None };
        Ok(Box::leak(Box::new(Migrations::new(Vec::leak(embedded), options))))
    }

    /// Puts the rows into the table.
    pub(crate) fn rows(self, rows: u64) -> String {
        format!(
            "INSERT INTO orders SELECT {}, gen_random_uuid(), (random() * 100000)::bigint, \
             (ARRAY['pending', 'paid', 'sent', 'cancelled'])[1 + number % 4], (random() * 1000)::numeric(12, 2), \
             left(md5(number::text) || md5((-number)::text), 60), now() - number * interval '1 minute', now() \
             FROM generate_series(1, {rows}) AS number",
            self.key("number")
        )
    }
}
