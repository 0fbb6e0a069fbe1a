//! Theirs, migration by migration, as ours.

use std::path::PathBuf;

use migrate_compiler::History;
use migrate_compiler::print::{self, Source, Undo, Written};
use migrate_runtime::core::operation::{Operation, RawSql};
use migrate_runtime::core::plan::Migration;

use super::effect::{self, Outcome, Part};
use super::history::Theirs;
use super::replay::{Kind, Replay, Snapshot, kind};
use super::rows;
use super::version::Ours;
use crate::failure::Failure;
use crate::layout::laid_out;

/// Why hazards are allowed.
const REASON: &str = "applied before the conversion";

/// What became of a statement.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) line: usize,
    pub(crate) outcome: Outcome,
    /// The version of PostgreSQL with which it is in the language.
    pub(crate) needs: Option<u32>,
}

/// A migration that was converted.
pub(crate) struct Converted {
    pub(crate) ours: Ours,
    /// Their file.
    pub(crate) path: PathBuf,
    /// The whole file.
    pub(crate) source: String,
    pub(crate) statements: Vec<Told>,
    /// What else a reader should know.
    pub(crate) notes: Vec<String>,
    pub(crate) migration: Migration,
}

/// Runs one, and writes it.
pub(crate) async fn convert(
    theirs: &Theirs,
    ours: &Ours,
    replay: &mut Replay,
    history: &mut History,
) -> Result<Converted, Failure> {
    let before = replay.now().clone();
    let mut replayed = replay.run(&theirs.up, true).await?;
    let mut parts = effect::parts(&theirs.up, &replayed);
    // Where something is raw SQL, it is seen closer which statement that is.
    if replayed.can_be_closer() {
        settled(&mut parts, history);
        if parts.iter().any(|part| matches!(part.outcome, Outcome::Raw(_))) {
            replay.take_back(&theirs.up, replayed).await?;
            replayed = replay.run(&theirs.up, false).await?;
        }
        parts = effect::parts(&theirs.up, &replayed);
    }
    replay.keep(&theirs.up, &replayed).await?;
    let mut notes = Vec::new();
    if let Some(down) = &theirs.down {
        let left = replay.try_down(down).await;
        let after = replay.now().clone();
        match left {
            Ok(left) => notes.extend(difference_of_down(&before, &left)),
            Err(failure) => notes.push(format!("its down fails: {}", failure.message)),
        }
        give_way_back(&mut parts, down, &after);
    }
    let source = settled(&mut parts, history);
    let text = if source.text.trim().is_empty() { nothing(history) } else { source.text };
    let migration = history.push(&ours.stem(), &text).map_err(|wrong| {
        let mut failure = Failure::new(format!("cannot write `{}` so that it compiles", theirs.up.path.display()))
            .help("this is a bug in `cargo migrate`: please report it, with the file");
        for one in wrong {
            failure = failure.help(format!("line {}: {}", one.line, one.text));
        }
        for (number, line) in text.lines().enumerate() {
            failure = failure.help(format!("{:4} {line}", number + 1));
        }
        failure
    })?;
    let file = format!(
        "//! Converted from `{}`.\n\nmigrate_runtime::migration! {{\n{text}\n}}\n",
        theirs.up.path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default()
    );
    let source = laid_out(&file, &format!("`{}`", theirs.up.path.display()), "the file")?;
    let mut statements: Vec<Told> = Vec::new();
    for part in parts {
        for index in part.statements {
            let Some(statement) = theirs.up.statements.get(index) else { continue };
            let line = statement.line;
            if kind(&statement.sql) == Kind::Role {
                // What stands behind the name may be a password.
                let words: Vec<&str> = statement.sql.split_whitespace().take(3).collect();
                notes.push(format!("line {line}: `{}` is left out: it concerns roles", words.join(" ")));
            }
            statements.push(Told { line, outcome: part.outcome.clone(), needs: part.needs });
        }
    }
    Ok(Converted { ours: ours.clone(), path: theirs.up.path.clone(), source, statements, notes, migration })
}

/// What their down does not put back.
fn difference_of_down(before: &Snapshot, left: &Snapshot) -> Option<String> {
    let differences = before.catalog.differences(&left.catalog);
    if differences.is_empty() {
        return None;
    }
    let each: Vec<String> = differences.iter().map(ToString::to_string).collect();
    Some(format!("its down did not restore the state before it, the derived one does: {}", each.join("; ")))
}

/// Rows are put back by what their down says of rows: with the last part that is about rows. The structure comes back by itself.
fn give_way_back(parts: &mut [Part], down: &super::script::Script, after: &std::rc::Rc<Snapshot>) {
    let mut operations = Vec::new();
    for (index, statement) in down.statements.iter().enumerate() {
        let kind = kind(&statement.sql);
        if !matches!(kind, Kind::Rows | Kind::Truncate) {
            continue;
        }
        let step = super::replay::Step {
            statements: vec![index],
            kind,
            before: after.clone(),
            after: after.clone(),
            search_path: None,
            settings: Default::default(),
            rows: None,
        };
        let operation = rows::operation(&statement.sql, &step);
        operations.push(operation.unwrap_or_else(|_| rows::raw(&statement.sql, &step, Vec::new())));
    }
    for part in parts.iter_mut().rev().filter(|part| part.is_about_rows) {
        part.undone_by(std::mem::take(&mut operations));
    }
}

/// Prints all parts. What the compiler does not take becomes raw SQL, the statement itself where it is about rows.
fn settled(parts: &mut [Part], history: &History) -> Source {
    let all =
        |parts: &[Part]| print::block(parts.iter().flat_map(|part| part.written.clone()).collect(), history, REASON);
    let source = all(parts);
    if source.unprintable.is_empty() {
        return source;
    }
    let mut source = Source::default();
    for end in 1..=parts.len() {
        let Some(part) = parts.get(end - 1).cloned() else { continue };
        if part.written.is_empty() {
            continue;
        }
        let known = source.unprintable.len();
        source = all(&parts[..end]);
        if source.unprintable.len() == known {
            continue;
        }
        // Perhaps it is only what undoes it: that of some rows is derived, and is not to be written then.
        for place in 0..part.written.len() {
            if source.unprintable.len() == known || !matches!(part.written[place].undo, Undo::Operations(_)) {
                continue;
            }
            let wrong = source.unprintable.len();
            let undo = std::mem::replace(&mut parts[end - 1].written[place].undo, Undo::Derived);
            let derived = all(&parts[..end]);
            if derived.unprintable.len() < wrong {
                source = derived;
            } else {
                parts[end - 1].written[place].undo = undo;
            }
        }
        if source.unprintable.len() == known {
            continue;
        }
        let why: Vec<String> = source.unprintable[known..].iter().map(ToString::to_string).collect();
        let needs = source.unprintable[known..].iter().filter_map(|one| one.needs).max();
        let part = &mut parts[end - 1];
        part.needs = needs;
        if let Outcome::Native = part.outcome {
            part.outcome = Outcome::Raw(why.join("; "));
        }
        if let Some(raw) = &part.raw {
            let undo = part.written.last().map(|written| written.undo.clone()).unwrap_or_default();
            let remarks = part.written.iter().flat_map(|written| written.remarks.clone()).collect();
            part.written = vec![Written { undo, remarks, ..raw.clone().into() }];
            source = all(&parts[..end]);
        }
    }
    source
}

/// A migration that does nothing has to say so.
fn nothing(history: &History) -> String {
    let operation: Operation = RawSql { commands: vec!["SELECT 1".to_owned()], changes: Vec::new() }.into();
    let written = Written { undo: Undo::Operations(Vec::new()), ..operation.into() };
    print::block(vec![written], history, REASON).text
}
