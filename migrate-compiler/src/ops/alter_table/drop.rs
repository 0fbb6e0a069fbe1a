//! `drop tags`, `drop constraint bookings_total_check`

use migrate_core::catalog::Table;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{DropColumn, DropConstraint};

use super::{Action, Inherited};
use crate::check::Checker;
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Box<dyn Action>> {
    let is_constraint = parser.cursor.take_word("constraint");
    if is_constraint {
        parser.no_existence_check();
    } else {
        parser.no_column_word("write `drop name`");
    }
    let name = parser.name(if is_constraint { "the constraint" } else { "`constraint` or a column" })?;
    parser.no_drop_behavior(if is_constraint { "the constraint" } else { "the column" });
    Ok(if is_constraint { Box::new(Constraint { name }) } else { Box::new(Column { name }) })
}

struct Column {
    name: Name,
}

struct Constraint {
    name: Name,
}

impl Action for Column {
    fn of_parent(&self) -> Option<Inherited<'_>> {
        Some(Inherited::Column(&self.name.value))
    }

    fn of_partitioned(&self, _: &Table) -> Option<&'static str> {
        Some("the columns")
    }

    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`drop`");
        let Some(definition) = checker.table(table) else { return };
        let name = &table.value;
        if checker.column(name, &definition, &self.name).is_none() {
            return;
        }
        let drop = DropColumn { table: name.clone(), column: self.name.value.clone() };
        if !checker.emit_unless_needed(drop, self.name.at) {
            // It is meant to be gone: what comes later is not judged by it.
            checker.state.broken.columns.insert((name.clone(), self.name.value.clone()));
        }
    }
}

impl Action for Constraint {
    fn of_parent(&self) -> Option<Inherited<'_>> {
        Some(Inherited::Check(&self.name.value))
    }

    fn of_partitioned(&self, table: &Table) -> Option<&'static str> {
        table.constraints.get(&self.name.value)?.attached_to.as_ref().map(|_| "this constraint")
    }

    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`drop constraint`");
        let Some(definition) = checker.table(table) else { return };
        let name = &table.value;
        if checker.constraint(name, &definition, &self.name).is_none() {
            return;
        }
        if checker.report_replica_identity(name, &self.name.value, self.name.at) {
            return;
        }
        checker.emit(DropConstraint { table: name.clone(), name: self.name.value.clone() }, self.name.at);
    }
}
