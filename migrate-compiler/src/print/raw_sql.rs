//! `sql "..."`, and `run`.

use migrate_core::catalog::Catalog;
use migrate_core::operation::{Operate as _, RawSql, RunFunction};

use super::{Piece, Printed, operation, piece, text};

/// `sql "..." changes { ... }`
pub(super) fn sql(raw: &RawSql, before: &Catalog) -> Printed<Piece> {
    let commands: Vec<String> = raw.commands.iter().map(|command| text(command)).collect();
    let mut item = format!("sql {}", commands.join("\n"));
    if !raw.changes.is_empty() {
        let mut catalog = before.clone();
        let mut pieces = Vec::new();
        for change in &raw.changes {
            pieces.extend(operation::pieces(change, &catalog)?);
            change.apply(&mut catalog);
        }
        item.push_str(&format!(" changes {{\n{}}}", piece::joined(&pieces)));
    }
    Ok(Piece::item(item))
}

/// `run crate::steps::fill outside transaction`
pub(super) fn run(function: &RunFunction) -> Piece {
    let outside = if function.in_transaction { "" } else { " outside transaction" };
    Piece::item(format!("run {}{outside}", function.path))
}
