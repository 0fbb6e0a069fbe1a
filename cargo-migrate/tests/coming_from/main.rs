//! The pages for those who come from another tool, `docs/from-*.md`: what they say that is typed is typed, on a database and in a
//! directory as that tool leaves them, and what they show is what comes out. `UPDATE_DOCUMENTATION=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod page;
#[path = "../support/mod.rs"]
mod support;
mod tools;

use page::Page;
use support::execute;
use tests::OldProgram;
use tools::block_on;

/// One whose tool has migrated the database, which is what `start` does. It starts again after each block of the page: the new program
/// hinders it at no moment, until the page says that no old program is left.
#[track_caller]
fn beside_the_old_program(name: &str, prepare: impl FnOnce(&Page), start: impl Fn(&Page, &str) -> Result<(), String>) {
    let page = Page::open(name);
    prepare(&page);
    start(&page, &page.new_database("shop")).unwrap();
    page.copy("shop", "shop_copy");
    page.follow(|page, so_far| {
        if !so_far.contains("## When the old program is gone") {
            start(page, &page.url("shop")).unwrap_or_else(|error| panic!("the old program is hindered: {error}"));
        }
    });
}

#[test]
fn from_sqlx() {
    beside_the_old_program("sqlx", tools::sqlx_directory, tools::start_sqlx);
}

#[test]
fn from_refinery() {
    let migrations = |page: &Page| page.copy_directory(&OldProgram::Refinery.migrations(), "migrations");
    beside_the_old_program("refinery", migrations, |_, url| block_on(OldProgram::Refinery.start(url, None)));
}

#[test]
fn from_diesel() {
    let migrations = |page: &Page| page.copy_directory(&OldProgram::Diesel.migrations(), "migrations");
    beside_the_old_program("diesel", migrations, |_, url| block_on(OldProgram::Diesel.start(url, None)));
}

#[test]
fn from_sea_orm() {
    let log = |page: &Page| {
        let log = block_on(OldProgram::log_of_sea_orm(&page.new_database("empty"))).unwrap();
        page.write("history.log", &log);
    };
    beside_the_old_program("sea-orm", log, |_, url| block_on(OldProgram::SeaOrm.start(url, None)));
}

/// What a tool that is not written in Rust leaves.
#[track_caller]
fn with_its_rows(name: &str, files: &[(&str, &str)], leaves: &str) {
    let page = Page::open(name);
    for (name, text) in files {
        page.write(name, text);
    }
    execute(&page.new_database("shop"), leaves);
    page.copy("shop", "shop_copy");
    page.follow(|_, _| {});
}

#[test]
fn from_alembic() {
    with_its_rows("alembic", &[("history.sql", tools::ALEMBIC)], &tools::as_alembic_runs_it());
}

#[test]
fn from_prisma() {
    with_its_rows("prisma", tools::PRISMA, &tools::as_prisma_leaves_it());
}

#[test]
fn from_flyway() {
    with_its_rows("flyway", tools::FLYWAY, &tools::as_flyway_leaves_it());
}
