//! What is printed is read back as the same: operations and catalogs of every case of the acceptance tests.

#![cfg(feature = "print")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

#[allow(dead_code, reason = "others use the rest")]
#[path = "support/examples.rs"]
mod examples;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use migrate_compiler::print::{self, Undo, Written};
use migrate_compiler::{compile_history, format};
use migrate_core::catalog::Catalog;
use migrate_core::operation::{Inverse, Operate as _, Operation};
use migrate_core::plan::{Hazard, Migration};
use support::{cases, name};

fn operations(migration: &Migration) -> Vec<Operation> {
    serde_json::from_str(&migration.operations).expect("operations")
}

fn stem(migration: &Migration) -> String {
    format!("{}{}_{}", "0".repeat(migration.leading_zeros.into()), migration.version, migration.name)
}

/// What stands before the first migration: the oldest version that is served.
fn head(text: &str) -> String {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    code.split("migration \"").next().unwrap_or_default().trim().to_owned()
}

/// The oldest version that is served.
fn oldest(text: &str) -> u32 {
    let head = head(text);
    let said = head.strip_prefix("postgres = ").and_then(|rest| rest.split(',').next());
    said.map_or(14, |version| version.parse().expect("a version"))
}

/// The operation with everything allowed, and a way back where none is derived.
fn written(operation: Operation, before: &Catalog, allows_bodies: bool) -> Written {
    let found = operation.hazards(before, &|_| false).into_iter().map(|(hazard, _)| hazard);
    let mut found: BTreeSet<Hazard> = found.filter(|hazard| hazard.is_denied()).collect();
    // Whether a body uses it is known at the end of a migration only.
    let is_of_body = operation.name().starts_with("rename_") || operation.name().starts_with("drop_");
    if allows_bodies && is_of_body && operation.name() != "rename_constraint" {
        found.insert(Hazard::UncheckedBody);
    }
    let undo = match operation.invert(before) {
        Inverse::Operations { .. } => Undo::Derived,
        Inverse::NotDerivable { .. } => Undo::Irreversible("a test".into()),
    };
    let allowed = found.into_iter().map(|hazard| (hazard, "a test".to_owned())).collect();
    Written { allowed, undo, ..operation.into() }
}

/// What is printed, as it is formatted.
fn laid_out(source: &str) -> String {
    format::block(source).unwrap_or_else(|error| panic!("{error}\n{source}"))
}

/// The history printed again.
fn printed(text: &str, history: &[Migration]) -> Result<String, String> {
    let mut catalog = Catalog::default();
    let allows_bodies = text.contains("unchecked_body");
    let mut text = format!("{}\n", head(text));
    for migration in history {
        let mut all = Vec::new();
        let before = catalog.clone();
        for operation in operations(migration) {
            let one = written(operation, &catalog, allows_bodies);
            one.operation.apply(&mut catalog);
            all.push(one);
        }
        let source = print::operations(&all, &before)
            .map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let adopts = migration.adoption.as_ref().map(print::adoption).unwrap_or_default();
        let source = laid_out(&format!("{adopts}\n{source}"));
        text.push_str(&format!("migration \"{}\" {{\n{source}}}\n", stem(migration)));
    }
    Ok(text)
}

/// How many operations a history has, where its print is read back as the same.
fn read_back(name: &str, text: &str) -> Result<usize, String> {
    let history = compile_history(text).unwrap_or_else(|all| panic!("{name}: {all:#?}"));
    let again = printed(text, &history).map_err(|why| format!("{name}: {why}"))?;
    let found = compile_history(&again).map_err(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        format!("{name}: {}\n{again}", mistakes.join("\n"))
    })?;
    let (mut before, mut after) = (Catalog::default(), Catalog::default());
    let mut count = 0;
    for (one, other) in history.iter().zip(&found) {
        if one.adoption != other.adoption {
            return Err(format!("{name}: expected {:?}, found {:?}\n{again}", one.adoption, other.adoption));
        }
        let (one, other) = (operations(one), operations(other));
        count += one.len();
        one.iter().for_each(|operation| operation.apply(&mut before));
        other.iter().for_each(|operation| operation.apply(&mut after));
        if let Some(difference) = difference(&one, &other)
            && !(before == after && IN_SEVERAL.contains(&name))
        {
            return Err(format!("{name}: {difference}\n{again}"));
        }
    }
    Ok(count)
}

/// Fails where anything is not read back as the same, and gives the number of operations.
fn all_read_back(histories: impl Iterator<Item = (String, String)>) -> usize {
    let (mut count, mut failed) = (0, Vec::new());
    for (name, text) in histories {
        match read_back(&name, &text) {
            Ok(found) => count += found,
            Err(why) => failed.push(why),
        }
    }
    assert!(failed.is_empty(), "{} failed\n{}", failed.len(), failed.join("\n\n"));
    count
}

#[test]
fn operations_of_every_case_are_read_back_as_the_same() {
    let cases = cases().into_iter().map(|path| (name(&path), fs::read_to_string(&path).expect("a case")));
    let count = all_read_back(cases);
    assert!(count > 700, "{count}");
}

#[test]
fn examples_of_the_reference_are_read_back_as_the_same() {
    let examples = examples::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs"));
    assert!(examples.len() > 40, "{}", examples.len());
    let count = all_read_back(examples.iter().map(|example| (example.place(), example.history())));
    assert!(count > 100, "{count}");
}

/// Cases in which something is put back with a state that `create` has no words for, which is an item of its own.
const IN_SEVERAL: [&str; 8] = [
    "alter_enum/foreign_tables",
    "foreign_table/checks_and_generated_columns",
    "statistics/of_tables",
    "materialized_view/with_indexes",
    "grant/on_everything",
    "trigger/rebuilt",
    "rule/of_tables",
    "view/details_of_columns",
];

/// The first operations that differ.
fn difference(one: &[Operation], other: &[Operation]) -> Option<String> {
    let length = one.len().max(other.len());
    (0..length).find(|index| one.get(*index) != other.get(*index)).map(|index| {
        let told = |list: &[Operation]| list.get(index).map(|found| migrate_core::json::to_json(found));
        format!("operation {index}:\n  {:?}\n  {:?}", told(one), told(other))
    })
}

/// Cases whose catalogs have what raw SQL has made without saying what, or a part of all privileges, of which one is not
/// there in the oldest version.
const BY_HAND: [&str; 3] = ["create_table/on_update_names", "sql/view", "revoke/from_roles"];

/// Cases that come out as what is compared as the same.
const ALIKE: [&str; 4] = [
    // The type of a column changes whose default is a literal: it stays as it was written for the type before.
    "alter_table/default_values",
    "alter_table/retype_with_dependents",
    // What a table inherits that was added later comes before its own columns.
    "create_table/inheritance",
    "foreign_table/inheritance",
];

#[test]
fn catalogs_of_every_case_are_read_back_as_the_same() {
    let mut failed = Vec::new();
    let (mut count, mut skipped) = (0, Vec::new());
    for path in cases() {
        let text = fs::read_to_string(&path).expect("a case");
        let case = name(&path);
        let history = compile_history(&text).unwrap_or_else(|all| panic!("{case}: {all:#?}"));
        let mut catalog = Catalog::default();
        for migration in &history {
            operations(migration).iter().for_each(|operation| operation.apply(&mut catalog));
            let source = print::catalog(&catalog, oldest(&text));
            if BY_HAND.contains(&case.as_str()) && !source.unprintable.is_empty() {
                continue;
            }
            if !source.unprintable.is_empty() {
                let why: Vec<String> = source.unprintable.iter().map(ToString::to_string).collect();
                skipped.push(format!("{case}: {}", why.join("; ")));
                continue;
            }
            if source.text.is_empty() {
                continue;
            }
            count += 1;
            let again = format!("{}\nmigration \"1_all\" {{\n{}}}", head(&text), laid_out(&source.text));
            match compile_history(&again) {
                Err(mistakes) => {
                    let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                    failed.push(format!("{case}: {}\n{again}", mistakes.join("\n")));
                }
                Ok(found) => {
                    let mut made = Catalog::default();
                    found.iter().flat_map(operations).for_each(|operation| operation.apply(&mut made));
                    let differences: Vec<String> = catalog.differences(&made).iter().map(ToString::to_string).collect();
                    if made != catalog && differences.is_empty() && ALIKE.contains(&case.as_str()) {
                        continue;
                    }
                    if made != catalog {
                        failed.push(format!("{case}: {}\n{again}", differences.join("\n")));
                    }
                }
            }
        }
    }
    let all = failed.len();
    assert!(failed.is_empty(), "{all} of {count}\n{}", failed.join("\n\n"));
    assert!(skipped.is_empty(), "{}", skipped.join("\n"));
    assert!(count > 180, "{count}");
}
