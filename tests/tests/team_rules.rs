//! Rules of a team over its migrations: Rust functions over operations and catalogs.

use migrate_core::operation::Operation;
use migrate_runtime::testing::{Change, assert_rule, broken_by, catalog_of};
use migrate_runtime::{Migrations, migrations};

static MIGRATIONS: Migrations = migrations! {
    migration "0001_users" {
        create table users { id: bigint primary key, created_at: timestamptz = now() }
        sql "create table odd (id int)" changes { create table odd { id: int? } }
    }
    migration "0002_bookings" {
        create table bookings {
            id: bigint primary key,
            user_id: bigint references users,
        }
        create index on bookings (user_id);

        create table notes { id: bigint primary key, created_at: timestamptz = now() }
        alter table users {
            add name: text?,
            add admin: bool = false,
        }
    }
};

/// The same in files.
static IN_FILES: Migrations = migrations!("rules");

fn tables_say_when_a_row_was_made(change: &Change<'_>) -> Result<(), String> {
    match change.operation {
        Operation::CreateTable(create) if create.definition.column("created_at").is_none() => {
            Err(format!("table `{}` has no `created_at`", create.name))
        }
        _ => Ok(()),
    }
}

/// What was a rule from the second migration on.
fn flags_are_questions(change: &Change<'_>) -> Result<(), String> {
    let Operation::AddColumn(add) = change.operation else { return Ok(()) };
    let is_new = change.before.table(&add.table).is_some_and(|table| table.column(&add.column.name).is_none());
    let is_there = change.after.table(&add.table).is_some_and(|table| table.column(&add.column.name).is_some());
    assert!(is_new && is_there, "the catalogs are those around the operation");
    match add.column.data_type.to_string() == "boolean" && !add.column.name.starts_with("is_") {
        true if change.migration.version >= 2 => Err(format!("`{}` does not begin with `is_`", add.column.name)),
        _ => Ok(()),
    }
}

#[test]
fn a_rule_that_holds_says_nothing() {
    assert_rule(&MIGRATIONS, |change| match change.operation {
        Operation::DropTable(drop) => Err(format!("`{}` is dropped", drop.name)),
        _ => Ok(()),
    });
}

#[test]
fn what_breaks_a_rule_is_told_with_its_place() {
    let line = |text: &str| {
        let before = include_str!("team_rules.rs").split(text).next().expect("a text");
        before.matches('\n').count() + 1
    };
    let table = line("create table bookings {");
    let column = line("add admin: bool");
    let told = |rule: fn(&Change<'_>) -> Result<(), String>| -> Vec<String> {
        broken_by(&MIGRATIONS, rule).iter().map(ToString::to_string).collect()
    };
    let odd = line("sql \"create table odd");
    assert_eq!(
        told(tables_say_when_a_row_was_made),
        [
            format!("0001_users:{odd}:13: table `odd` has no `created_at`"),
            format!("0002_bookings:{table}:22: table `bookings` has no `created_at`")
        ]
    );
    assert_eq!(told(flags_are_questions), [format!("0002_bookings:{column}:17: `admin` does not begin with `is_`")]);
}

#[test]
fn what_breaks_a_rule_in_a_file_is_told_with_the_file_and_the_line() {
    let place = |text: &str, file: &str, of: &str| {
        let (before, _) = of.split_once(text).expect("a text");
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        format!("rules/{file}:{}:{}", before.matches('\n').count() + 1, before.len() - line_start + 1)
    };
    let table = place("users {", "0001_users.rs", include_str!("../rules/0001_users.rs"));
    let column = place("admin", "0002_bookings.rs", include_str!("../rules/0002_bookings.rs"));
    let told = |rule: fn(&Change<'_>) -> Result<(), String>| -> Vec<String> {
        broken_by(&IN_FILES, rule).iter().map(ToString::to_string).collect()
    };
    assert_eq!(told(tables_say_when_a_row_was_made), [format!("{table}: table `users` has no `created_at`")]);
    assert_eq!(told(flags_are_questions), [format!("{column}: `admin` does not begin with `is_`")]);
}

#[test]
#[should_panic(expected = "the migrations break a rule:\n0002_bookings:")]
fn a_test_fails_with_all_of_them() {
    assert_rule(&MIGRATIONS, flags_are_questions);
}

#[test]
fn the_catalog_after_all_of_them_is_there_for_rules_over_the_whole() {
    let catalog = catalog_of(&MIGRATIONS);
    let names: Vec<String> = catalog.tables.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["bookings", "notes", "odd", "users"]);
}
