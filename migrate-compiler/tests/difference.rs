//! The way between the catalogs of every case of the acceptance tests, there and back: it arrives, and the compiler takes
//! what is printed of it.

#![cfg(feature = "print")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

mod support;

use std::fs;
use std::path::Path;

use migrate_compiler::print::{self, Written};
use migrate_compiler::{History, compile_history};
use migrate_core::catalog::Catalog;
use migrate_core::difference::{Renames, way};
use migrate_core::operation::{Operate as _, Operation};
use support::{cases, name};

/// The catalogs of a case, from none to the last one, without what raw SQL has left.
fn catalogs(path: &Path) -> Vec<Catalog> {
    let text = fs::read_to_string(path).expect("a case");
    let history = compile_history(&text).unwrap_or_else(|all| panic!("{}: {all:#?}", path.display()));
    let mut catalogs = vec![Catalog::default()];
    for migration in &history {
        let mut catalog = catalogs.last().cloned().unwrap_or_default();
        let operations: Vec<Operation> = serde_json::from_str(&migration.operations).expect("operations");
        operations.iter().for_each(|operation| operation.apply(&mut catalog));
        catalogs.push(catalog);
    }
    catalogs
}

/// Why the way does not arrive.
fn wrong(from: &Catalog, to: &Catalog) -> Option<String> {
    let found = way(from, to, &Renames::default(), 18);
    let told = |found: &[Operation]| found.iter().map(|one| format!("  {}\n", one.name())).collect::<String>();
    if !found.left.is_empty() {
        let left: Vec<String> = found.left.iter().map(ToString::to_string).collect();
        return Some(format!("left: {}\n{}", left.join("\n      "), told(&found.operations)));
    }
    let mut after = from.clone();
    found.operations.iter().for_each(|operation| operation.apply(&mut after));
    let differences = to.differences(&after);
    if !differences.is_empty() {
        return Some(format!("{differences:?}"));
    }
    let unneeded = way(&after, to, &Renames::default(), 18);
    if !unneeded.operations.is_empty() {
        return Some(format!("not done with it:\n{}", told(&unneeded.operations)));
    }
    None
}

/// Cases with what the language cannot say, or has no way for.
const NOT_REACHED: [&str; 4] = [
    // A table that others inherit from gets another name, which nobody tells: what they had of it becomes their own.
    "create_table/inheritance",
    // A partition of another table is another table, as far as names tell.
    "alter_table/attach_and_detach",
    "create_table/partitions",
    // A range type under another name, whose multirange type keeps its own.
    "range_type/of_tables",
];

/// Cases in which the compiler refuses the way between the catalogs alone.
const NOT_TAKEN: [&str; 7] = [
    // Arrays of another enum.
    "create_table/arrays",
    // A function of `on update` whose name is taken by chance.
    "create_table/on_update_names",
    "create_table/partitions",
    // Types, attributes and functions get other names, which nobody tells, under what is built on them.
    "cast/of_types",
    "composite_type/fields",
    "operator/of_texts",
    "range_type/of_tables",
];

#[test]
fn the_way_between_all_catalogs_of_all_cases_arrives() {
    let (mut count, mut failed) = (0, Vec::new());
    for path in cases() {
        if NOT_REACHED.contains(&name(&path).as_str()) {
            continue;
        }
        let catalogs = catalogs(&path);
        for (index, from) in catalogs.iter().enumerate() {
            for (other, to) in catalogs.iter().enumerate() {
                count += 1;
                if let Some(why) = wrong(from, to) {
                    failed.push(format!("{} from {index} to {other}: {why}", name(&path)));
                }
            }
        }
    }
    assert!(count > 600, "{count}");
    assert!(failed.is_empty(), "{} of {count} failed\n{}", failed.len(), failed.join("\n\n"));
}

#[test]
fn the_compiler_takes_what_is_printed_of_it() {
    let mut failed = Vec::new();
    for path in cases() {
        if NOT_TAKEN.contains(&name(&path).as_str()) {
            continue;
        }
        let catalogs = catalogs(&path);
        let ends = catalogs.first().zip(catalogs.last());
        for (from, to) in catalogs.iter().zip(catalogs.iter().skip(1)).chain(ends) {
            let mut history = History::new(18);
            let first = print::catalog(from, 18);
            if !first.text.is_empty() && history.push("1_first", &first.text).is_err() {
                continue;
            }
            let found = way(history.catalog(), to, &Renames::default(), 18);
            if found.operations.is_empty() {
                continue;
            }
            let written: Vec<Written> = found.operations.into_iter().map(Into::into).collect();
            let source = print::block(written, &history, "a test");
            if !source.unprintable.is_empty() {
                let why: Vec<String> = source.unprintable.iter().map(ToString::to_string).collect();
                failed.push(format!("{}: {}\n{}", name(&path), why.join("\n"), source.text));
                continue;
            }
            if let Err(wrong) = history.push("2_second", &source.text) {
                let why: Vec<String> = wrong.into_iter().map(|one| one.text).collect();
                failed.push(format!("{}: {}\n{}", name(&path), why.join("\n"), source.text));
            }
        }
    }
    assert!(failed.is_empty(), "{} failed\n{}", failed.len(), failed.join("\n\n"));
}

/// The catalog after a history.
fn catalog_of(history: &str) -> Catalog {
    let mut catalog = Catalog::default();
    for migration in compile_history(history).unwrap_or_else(|all| panic!("{all:#?}")) {
        let operations: Vec<Operation> = serde_json::from_str(&migration.operations).expect("operations");
        operations.iter().for_each(|operation| operation.apply(&mut catalog));
    }
    catalog
}

#[test]
fn what_is_said_of_the_columns_of_a_view_that_is_made_again_is_in_the_language() {
    let with = |column: &str| {
        format!(
            "migration \"1_all\" {{
                create table users {{ id: bigint primary key, name: text }}
                create view people as select id, name as {column} from users;
                comment on column people.{column} is \"How they are called.\";
                comment on column people.id is \"A number.\";
                grant select (id, {column}) on people to public;
            }}"
        )
    };
    let (from, to) = (catalog_of(&with("called")), catalog_of(&with("title")));
    let mut history = History::new(18);
    history.push("1_first", &print::catalog(&from, 18).text).unwrap_or_else(|all| panic!("{all:#?}"));
    let found = way(history.catalog(), &to, &Renames::default(), 18);
    assert_eq!(found.left, []);
    let source = print::block(found.operations.into_iter().map(Into::into).collect(), &history, "a test");
    assert!(
        source.unprintable.is_empty() && !source.text.contains("sql \""),
        "{:?}\n{}",
        source.unprintable,
        source.text
    );
    history.push("2_second", &source.text).unwrap_or_else(|all| panic!("{all:#?}\n{}", source.text));
    assert_eq!(to.differences(history.catalog()), [], "{}", source.text);
}
