//! The history that every tool is measured with: a block in our language for each migration, and the SQL that the
//! compiler makes of it, which the others are given. Each is one transaction.

use migrate_compiler::compile_history;
use migrate_core::plan::{Migration, Mode, Work};

/// One migration.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its version: a date and time of 14 digits.
    pub version: i64,
    /// Its name, without the version.
    pub name: String,
    /// The inside of its `migration! { ... }`.
    pub block: String,
    /// What the compiler makes of it.
    pub migration: Migration,
    /// The SQL of that, as one text.
    pub sql: String,
}

impl Entry {
    /// `20260101000000_table_0`.
    pub fn stem(&self) -> String {
        format!("{}_{}", self.version, self.name)
    }
}

/// The first `count` migrations of the history.
///
/// # Panics
/// A block does not compile, or is not one transaction.
pub fn history(count: usize) -> Vec<Entry> {
    make(count, false)
}

/// The same with another default value in the last one.
///
/// # Panics
/// As [`history`].
pub fn edited(count: usize) -> Vec<Entry> {
    make(count, true)
}

/// As many migrations of two tables only, which end as [`history`] makes them with ten: a long history of a small
/// schema. Whether the table that is changed most has rows from early on makes a difference.
///
/// # Panics
/// As [`history`].
pub fn churn(count: usize, with_rows: bool) -> Vec<Entry> {
    let first = (0..10).map(block).filter(|(_, block)| with_rows || !block.starts_with("insert"));
    let mut blocks: Vec<(String, String)> = first.take(count).collect();
    blocks.extend((0..count - blocks.len()).map(|number| {
        // Comes, is changed, and goes.
        match number % 5 {
            0 => ("add".to_owned(), "alter table accounts_0 { add passing: text? }".to_owned()),
            1 => ("default".to_owned(), "alter table accounts_0 { alter passing set default \"a\" }".to_owned()),
            2 => ("rename".to_owned(), "alter table accounts_0 { rename passing to gone }".to_owned()),
            3 => ("comment".to_owned(), "comment on column accounts_0.gone is \"Soon.\";".to_owned()),
            _ => {
                let reason = "#[allow(drops_data, reason = \"nobody used it\")]";
                ("drop".to_owned(), format!("alter table accounts_0 {{ {reason} drop gone }}"))
            }
        }
    }));
    compile(blocks)
}

fn make(count: usize, edited: bool) -> Vec<Entry> {
    let mut blocks: Vec<(String, String)> = (0..count).map(block).collect();
    if let Some((_, block)) = blocks.last_mut().filter(|_| edited) {
        *block = block.replace("= false", "= true").replace("= 0 check", "= 1 check");
    }
    compile(blocks)
}

fn compile(blocks: Vec<(String, String)>) -> Vec<Entry> {
    let versions = 20_260_101_000_000..;
    let blocks: Vec<(i64, String, String)> =
        versions.zip(blocks).map(|(version, (name, block))| (version, name, block)).collect();
    let text: String =
        blocks.iter().map(|(version, name, block)| format!("migration \"{version}_{name}\" {{ {block} }}\n")).collect();
    let migrations = compile_history(&text).unwrap_or_else(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    });
    let entries = blocks.into_iter().zip(migrations);
    entries
        .map(|((version, name, block), migration)| {
            let sql = sql(&migration);
            Entry { version, name, block, migration, sql }
        })
        .collect()
}

fn sql(migration: &Migration) -> String {
    let [segment] = &*migration.up.segments else { panic!("{} is not one segment", migration.name) };
    assert_eq!(segment.mode, Mode::Transaction, "{}", migration.name);
    let statements = segment.statements.iter().map(|statement| match &statement.work {
        Work::Sql(sql) => format!("{sql};\n"),
        other => panic!("{}: {other:?}", migration.name),
    });
    statements.collect()
}

/// Ten migrations for each pair of tables: what young tables go through.
fn block(number: usize) -> (String, String) {
    let n = number / 10;
    match number % 10 {
        0 => (
            format!("accounts_{n}"),
            format!(
                "create table accounts_{n} {{
                    id: bigint generated always as identity primary key,
                    email: text unique,
                    name: text,
                    status: text = \"new\" check (status in (\"new\", \"active\", \"closed\")),
                    balance: numeric(12, 2) = 0 check (balance >= 0),
                    created_at: timestamptz = now(),
                }}
                create index on accounts_{n} (created_at desc);"
            ),
        ),
        1 => (format!("accounts_{n}_note"), format!("alter table accounts_{n} {{ add note: text? }}")),
        2 => (
            format!("accounts_{n}_currency"),
            format!("alter table accounts_{n} {{ add currency: char(3) = \"EUR\" }}"),
        ),
        3 => (
            format!("orders_{n}"),
            format!(
                "create table orders_{n} {{
                    id: uuid = gen_random_uuid() primary key,
                    account_id: bigint references accounts_{n} on delete cascade,
                    quantity: integer = 1 check (quantity > 0),
                    details: jsonb = {{}},
                }}
                create index on orders_{n} (account_id);"
            ),
        ),
        4 => (
            format!("accounts_{n}_status"),
            format!("alter table accounts_{n} {{ alter status set default \"active\" }}"),
        ),
        5 => (
            format!("orders_{n}_times"),
            format!("alter table orders_{n} {{ add paid_at: timestamptz?, add sent_at: timestamptz? }}"),
        ),
        6 => (
            format!("orders_{n}_comment"),
            format!("comment on column orders_{n}.details is \"As the shop sent it.\";"),
        ),
        7 => (
            format!("accounts_{n}_rows"),
            format!(
                "insert into accounts_{n} (email, name) values (\"ann@example.org\", \"Ann\"), \
                 (\"bob@example.org\", \"Bob\");"
            ),
        ),
        8 => (format!("accounts_{n}_remark"), format!("alter table accounts_{n} {{ rename note to remark }}")),
        _ => (format!("orders_{n}_gift"), format!("alter table orders_{n} {{ add is_gift: boolean = false }}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_changes_the_last_one_only() {
        for count in [1, 10] {
            let (before, after) = (history(count), edited(count));
            let changed = before.iter().zip(&after).map(|(one, other)| one.sql != other.sql);
            assert_eq!(changed.collect::<Vec<_>>(), [vec![false; count - 1], vec![true]].concat());
        }
    }

    #[test]
    fn what_comes_and_goes_compiles() {
        assert_eq!(churn(25, true).len(), 25);
        assert_eq!(churn(25, false).len(), 25);
    }

    #[test]
    fn every_migration_is_one_transaction() {
        for entry in history(20) {
            assert!(!entry.sql.is_empty(), "{}", entry.stem());
        }
    }
}
