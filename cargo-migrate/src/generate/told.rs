//! Questions and plans, as text and for programs.

use migrate_compiler::generate::Question;
use migrate_compiler::{History, Renamed, WrongLine, format};
use migrate_runtime::core::catalog::Column;
use migrate_runtime::core::expression::{Expression, ExpressionKind};
use migrate_runtime::core::operation::{AddColumn, Operation, script};
use migrate_runtime::core::plan::{Place, Work};
use serde_json::{Value, json};

use super::{argument, last_part};

/// What kind of thing it is.
pub(super) fn noun(what: &Renamed) -> &'static str {
    match what {
        Renamed::Table(_) => "table",
        Renamed::Enum(_) => "enum",
        Renamed::Column(..) => "column",
        Renamed::Value(..) => "value",
        Renamed::Index(..) => "index",
        Renamed::Object(id) => id.kind.noun(),
    }
}

/// A question with what to paste.
pub(super) fn as_text(question: &Question, has_schema: bool) -> String {
    let Question { gone, new } = question;
    let name = argument(gone);
    let mut text = format!("it is not known whether {} `{name}` is dropped or renamed", noun(gone));
    for one in new {
        text.push_str(&format!("\nhelp: `--rename {}` if it is now `{}`", quoted(gone, one), last_part(one)));
        if has_schema {
            let was = last_part(gone);
            text.push_str(&format!(", or write `#[was({was})]` before `{}` in the schema", last_part(one)));
        }
    }
    text.push_str(&format!("\nhelp: `--drop {name}` if it is dropped"));
    text
}

/// The same for programs.
pub(super) fn as_json(question: &Question) -> Value {
    let Question { gone, new } = question;
    let name = argument(gone);
    let renames: Vec<_> = new
        .iter()
        .map(|one| {
            json!({
                "to": argument(one),
                "argument": format!("--rename {}", quoted(gone, one)),
                "attribute": format!("#[was({})]", last_part(gone)),
            })
        })
        .collect();
    json!({ "kind": noun(gone), "gone": name, "renames": renames, "drop": format!("--drop {name}") })
}

fn quoted(gone: &Renamed, new: &Renamed) -> String {
    let argument = format!("{}={}", argument(gone), last_part(new));
    let is_plain = argument.chars().all(|one| one.is_alphanumeric() || "._=-".contains(one));
    if is_plain { argument } else { format!("'{argument}'") }
}

/// The statements of a plan.
pub(super) fn plan(operations: &[Operation], history: &History) -> Vec<String> {
    let placed: Vec<script::Placed> =
        operations.iter().map(|operation| (with_value(operation), Place::default(), Vec::new())).collect();
    let script = script::lower(history.catalog(), &placed, history.postgres());
    let statements = script.statements().map(|statement| match &statement.work {
        Work::Sql(sql) => sql.to_string(),
        Work::Backfill(backfill) => backfill.summary(),
        Work::Run(path) => format!("run {path}"),
    });
    statements.collect()
}

/// A column that gets `todo(...)` gets one value for all rows once that is filled in: so it is in the plan.
fn with_value(operation: &Operation) -> Operation {
    let todo = |default: &Expression| match &default.kind {
        ExpressionKind::Call(call) if call.name == "todo" => call.arguments.first().map(|one| one.value.clone()),
        _ => None,
    };
    match operation {
        Operation::AddColumn(add) => {
            let default = add.column.default.as_ref().and_then(todo).or_else(|| add.column.default.clone());
            AddColumn { column: Column { default, ..add.column.clone() }, ..add.clone() }.into()
        }
        other => other.clone(),
    }
}

/// What the compiler asks for before it takes the file, by the lines of that.
pub(super) fn open(source: &str, history: &History) -> Vec<WrongLine> {
    let Some(block) = format::blocks(source).ok().and_then(|blocks| blocks.into_iter().next()) else {
        return Vec::new();
    };
    let lines_before = source.get(..block.start).map_or(0, |before| before.matches('\n').count());
    let lines_before = u32::try_from(lines_before).unwrap_or(0);
    let wrong = history.check(source.get(block).unwrap_or_default());
    wrong.into_iter().map(|one| WrongLine { line: one.line + lines_before, ..one }).collect()
}
