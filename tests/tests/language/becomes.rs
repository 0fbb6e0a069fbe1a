//! What an example of the reference becomes: its SQL on tables that exist and on tables that the same migration makes, the
//! locks, and the way back. It is written below each example of the pages by kind.

use std::fmt::Write as _;
use std::path::Path;

use migrate_compiler::compile_history;
use migrate_core::plan::{Down, Migration, Mode, Script, Statement, Work};

use crate::examples::{Example, examples};

const BEGIN: &str = "<!-- becomes -->";
const END: &str = "<!-- end -->";

/// The page with what each example becomes below it, in the place of what stood there.
pub(crate) fn write_below_examples(page: &Path, text: &str) -> String {
    let bare = without(text);
    // The overview explains what holds for all of them.
    if page.file_name().is_some_and(|name| name == "language.md") {
        return bare;
    }
    let examples = examples(page, &bare);
    let mut written = String::new();
    for (index, line) in bare.lines().enumerate() {
        written.push_str(line);
        written.push('\n');
        if let Some(example) = examples.iter().find(|example| example.end == index + 1) {
            write!(written, "\n{BEGIN}\n{}{END}\n", becomes(example)).expect("a string");
        }
    }
    written
}

/// The page without what was written below its examples.
fn without(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&format!("\n{BEGIN}\n")) {
        kept.push_str(before);
        rest = after.split_once(&format!("{END}\n")).expect("the end of what an example becomes").1;
    }
    kept + rest
}

fn becomes(example: &Example) -> String {
    let compiled =
        compile_history(&example.history()).unwrap_or_else(|mistakes| panic!("{}: {mistakes:?}", example.place()));
    let migration = compiled.last().expect("the example");
    let up = script(&migration.up, &[]);
    let mut text = String::from("<details>\n<summary>What it becomes</summary>\n\n");
    match on_new_tables(example).filter(|new| *new != up) {
        Some(new) => {
            write!(text, "On tables that exist:\n\n```sql\n{up}```\n\n").expect("a string");
            write!(text, "On tables that the same migration makes:\n\n```sql\n{new}```\n\n").expect("a string");
        }
        None => write!(text, "```sql\n{up}```\n\n").expect("a string"),
    }
    match &migration.down {
        Down::Script { script: down, loses } => {
            write!(text, "Undone by:\n\n```sql\n{}```\n\n", script(down, &[])).expect("a string");
            for line in loses.iter() {
                write!(text, "This loses: {line}.\n\n").expect("a string");
            }
        }
        Down::Irreversible { why } => write!(text, "It cannot be undone: {why}.\n\n").expect("a string"),
    }
    text + "</details>\n"
}

/// The same where what is there before it is made by the same migration; none where it cannot be.
fn on_new_tables(example: &Example) -> Option<String> {
    let setup = compile_history(&example.setup()).ok()?.pop()?;
    let both = format!("migration \"1_both\" {{\n{}\n{}\n}}", example.before, example.items);
    let both: Migration = compile_history(&both).ok()?.pop()?;
    let made: Vec<&Statement> = setup.up.statements().collect();
    Some(script(&both.up, &made))
}

/// The statements with their locks, transaction by transaction, without those that are among `made`.
fn script(script: &Script, made: &[&Statement]) -> String {
    let mut text = String::new();
    for segment in script.segments.iter() {
        let is_made = |one: &&Statement| made.iter().any(|made| made.work == one.work);
        let statements: Vec<&Statement> = segment.statements.iter().filter(|one| !is_made(one)).collect();
        if statements.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(match segment.mode {
            Mode::Transaction => "-- in one transaction\n",
            Mode::Alone => "-- by itself\n",
        });
        for statement in statements {
            writeln!(text, "{};", work(statement)).expect("a string");
            for lock in statement.locks.iter() {
                writeln!(text, "    -- {} on {}.{}", lock.mode, lock.schema, lock.table).expect("a string");
            }
        }
    }
    text
}

fn work(statement: &Statement) -> String {
    match &statement.work {
        Work::Sql(sql) => sql.to_string(),
        Work::Run(path) => format!("-- the Rust function {path}"),
        Work::Backfill(backfill) => format!(
            "-- in batches of {} by ({}):\nUPDATE {}.{} SET {} WHERE {}",
            backfill.batch,
            backfill.key.join(", "),
            backfill.schema,
            backfill.table,
            backfill.assignments,
            backfill.condition
        ),
    }
}
