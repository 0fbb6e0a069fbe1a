//! What an operation can do beside changing the catalog.

use super::super::{ChangeObject, CreateObject, InsertRows, Operation, RawSql};
use crate::catalog::Catalog;
use crate::expression::{Expression, Volatility};
use crate::name::QualifiedName;
use crate::object::Kind;

/// How far what an operation does can be seen from outside. The order is the order of caution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Opacity {
    /// All of it.
    Clear,
    /// It may read and change everything there is, and leaves what is made later alone.
    Opaque,
    /// What comes after it may not be the same for it anymore.
    Boundless,
}

/// What an operation does to rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows<'o> {
    /// Nothing of its own.
    Untouched,
    /// It adds some to this table.
    Added(&'o QualifiedName),
    /// It changes or removes those of this table.
    Changed(&'o QualifiedName),
}

/// How far what an operation does can be seen from outside. Lists all operations, so that a new one is decided on.
pub(super) fn opacity(operation: &Operation) -> Opacity {
    let values_are_clear = match operation {
        Operation::CreateObject(CreateObject { id, .. }) | Operation::ChangeObject(ChangeObject { id, .. })
            if id.kind == Kind::EventTrigger =>
        {
            return Opacity::Boundless;
        }
        Operation::SetRowSecurity(_)
        | Operation::SetTableSettings(_)
        | Operation::SetCollation(_)
        | Operation::SetColumnSettings(_)
        | Operation::SetIdentity(_)
        | Operation::SetExpression(_)
        | Operation::DropExpression(_)
        | Operation::MoveTable(_)
        | Operation::MoveEnum(_)
        | Operation::MoveExtension(_)
        | Operation::UpdateExtension(_)
        | Operation::CreateObject(_)
        | Operation::ChangeObject(_)
        | Operation::RenameObject(_)
        | Operation::DropObject(_)
        | Operation::RefreshView(_)
        | Operation::RefreshCollation(_)
        | Operation::RunStatement(_)
        | Operation::TruncateTables(_)
        | Operation::RestartSequence(_)
        | Operation::SetGrants(_)
        | Operation::SetOwner(_) => return Opacity::Opaque,
        Operation::CreateExtension(_)
        | Operation::DropExtension(_)
        | Operation::CreateEnum(_)
        | Operation::DropEnum(_)
        | Operation::RenameEnum(_)
        | Operation::AddEnumValue(_)
        | Operation::RemoveEnumValue(_)
        | Operation::RenameEnumValue(_)
        | Operation::CreateTable(_)
        | Operation::DropTable(_)
        | Operation::RenameTable(_)
        | Operation::AddColumn(_)
        | Operation::DropColumn(_)
        | Operation::RenameColumn(_)
        | Operation::ChangeType(_)
        | Operation::SetDefault(_)
        | Operation::SetNullability(_)
        | Operation::SetOnUpdate(_)
        | Operation::AddConstraint(_)
        | Operation::DropConstraint(_)
        | Operation::ValidateConstraint(_)
        | Operation::AttachPartition(_)
        | Operation::DetachPartition(_)
        | Operation::Inherit(_)
        | Operation::NoInherit(_)
        | Operation::AlterConstraint(_)
        | Operation::RenameConstraint(_)
        | Operation::CreateIndex(_)
        | Operation::DropIndex(_)
        | Operation::RenameIndex(_)
        | Operation::SetIndexSettings(_)
        | Operation::SetComment(_) => true,
        Operation::InsertRows(insert) => insert.rows.iter().flatten().flatten().all(is_self_contained),
        Operation::UpdateRows(update) => are_clear(&update.assignments, update.condition.as_ref()),
        Operation::BackfillRows(backfill) => are_clear(&backfill.assignments, backfill.condition.as_ref()),
        Operation::DeleteRows(delete) => delete.condition.iter().all(is_self_contained),
        Operation::RawSql(raw) => return of_raw_sql(raw),
        Operation::RunFunction(_) | Operation::CallProcedure(_) => return Opacity::Boundless,
    };
    if values_are_clear { Opacity::Clear } else { Opacity::Opaque }
}

/// An event trigger sees every later command that defines something.
fn of_raw_sql(raw: &RawSql) -> Opacity {
    let mentions_event_triggers = raw.commands.iter().any(|command| {
        let command = command.to_lowercase();
        command.contains("event") && command.contains("trigger")
    });
    if mentions_event_triggers { Opacity::Boundless } else { Opacity::Opaque }
}

fn are_clear(assignments: &[(String, Expression)], condition: Option<&Expression>) -> bool {
    assignments.iter().map(|(_, value)| value).chain(condition).all(is_self_contained)
}

/// Whether it reads nothing but the row, and calls only functions of which that is known. Nothing may ask what there is:
/// an enum may have got all of its values already, and a table may not be there yet.
fn is_self_contained(expression: &Expression) -> bool {
    let functions = expression.functions();
    let asks = functions.iter().any(|call| {
        let name = call.name.as_str();
        ["enum_", "to_reg", "pg_"].iter().any(|start| name.starts_with(start)) || name.contains("_to_xml")
    });
    let is_known = functions.is_empty() || expression.volatility() != Volatility::Unknown;
    !expression.has_subquery() && !asks && is_known
}

/// Whether it gives a column with a default another type. The server converts what the default gives, and the text of a
/// value read as the new type may be another one: `'10.0.0.1'` is `10.0.0.1/32` as the text of an `inet`.
pub(super) fn converts_default(operation: &Operation, before: &Catalog) -> bool {
    let Operation::ChangeType(change) = operation else { return false };
    let column = before.table(&change.table).and_then(|table| table.column(&change.column));
    column.is_some_and(|column| column.default.is_some())
}

/// What an operation does to rows, for those that are [`Opacity::Clear`].
pub(super) fn rows(operation: &Operation) -> Rows<'_> {
    match operation {
        Operation::InsertRows(InsertRows { rows, .. }) if rows.is_empty() => Rows::Untouched,
        Operation::InsertRows(insert) => Rows::Added(&insert.table),
        Operation::UpdateRows(update) => Rows::Changed(&update.table),
        Operation::DeleteRows(delete) => Rows::Changed(&delete.table),
        Operation::BackfillRows(backfill) => Rows::Changed(&backfill.table),
        _ => Rows::Untouched,
    }
}
