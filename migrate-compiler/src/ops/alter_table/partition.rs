//! `attach partition events_2026 for values from (...) to (...)`, `detach partition events_2026`

use migrate_core::catalog::{Column, Constraint, ConstraintKind, PartitionBound, Table};
use migrate_core::name::QualifiedName;
use migrate_core::operation::{AddConstraint, AttachPartition, CreateIndex, DetachPartition, partitions};
use migrate_core::token::At;

use super::Action;
use crate::check::Checker;
use crate::clause::{check_bound, parse_bound};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Head, Parsed, Parser, Spanned};

#[derive(Debug)]
struct Attach {
    partition: Spanned<QualifiedName>,
    bound: Spanned<PartitionBound>,
}

#[derive(Debug)]
struct Detach {
    partition: Spanned<QualifiedName>,
}

/// Takes the action, where it begins here.
pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
    if parser.cursor.take_words(&["attach", "partition"]) {
        let partition = parser.qualified_name("the table")?;
        return Ok(Some(Box::new(Attach { partition, bound: parse_bound(parser)? })));
    }
    if !parser.cursor.take_words(&["detach", "partition"]) {
        return Ok(None);
    }
    let partition = parser.qualified_name("the partition")?;
    if parser.cursor.is_word("concurrently") {
        return Err(Diagnostic::new(code::SYNTAX, "unexpected `concurrently`", parser.cursor.at())
            .help("remove it: partitions are always detached concurrently if PostgreSQL supports it"));
    }
    Ok(Some(Box::new(Detach { partition })))
}

impl Action for Attach {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`attach partition`");
        let Some(parent) = checker.table(table) else { return };
        let Some(partition) = checker.table(&self.partition) else { return };
        let (parent_name, name) = (&table.value, &self.partition.value);
        if let Some(of) = &partition.partition_of {
            checker.report(Diagnostic::new(
                code::INVALID_DEFINITION,
                format!("`{name}` is already a partition of `{}`", of.parent),
                self.partition.at,
            ));
            return;
        }
        let Some(bound) = check_bound(&self.bound, table.at, parent_name, &parent, checker) else { return };
        if let Some(mistake) = misfit(&parent, &partition, name, parent_name, self.partition.at) {
            checker.report(mistake);
            return;
        }
        // What the parent has is made first, beside traffic.
        for (of, constraint) in parent.constraints.iter().filter(|(_, constraint)| !constraint.no_inherit) {
            let is_there = |own: &Constraint| own.attached_to.is_none() && own.kind == constraint.kind && !own.not_valid;
            let is_check = matches!(constraint.kind, ConstraintKind::Check(_));
            if is_check || partition.constraints.values().any(is_there) {
                continue;
            }
            let own = partitions::name_of_constraint(of, &constraint.kind, name, &partition, checker.catalog());
            let constraint = Constraint { comment: None, attached_to: None, ..constraint.clone() };
            checker.emit(AddConstraint { table: name.clone(), name: own, constraint }, self.partition.at);
        }
        for index in parent.indexes.values() {
            let plain = |index: &migrate_core::catalog::Index| migrate_core::catalog::Index {
                comment: None,
                attached_to: None,
                parameters: Default::default(),
                ..index.clone()
            };
            let is_there = |own: &migrate_core::catalog::Index| own.attached_to.is_none() && plain(own) == plain(index);
            if partition.indexes.values().any(is_there) {
                continue;
            }
            let Some(now) = checker.table(&self.partition) else { return };
            let own = partitions::name_of_index(index, name, &now, checker.catalog());
            let index = plain(index);
            drop(now);
            checker.emit(CreateIndex { table: name.clone(), name: own, index }, self.partition.at);
        }
        let attach = AttachPartition { table: parent_name.clone(), partition: name.clone(), bound };
        checker.emit(attach, self.partition.at);
    }
}

impl Action for Detach {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`detach partition`");
        let Some(partition) = checker.table(&self.partition) else { return };
        let is_its = partition.partition_of.as_ref().is_some_and(|of| of.parent == table.value);
        if !is_its {
            let names: Vec<String> =
                checker.catalog().partitions(&table.value).map(|(name, _)| name.to_string()).collect();
            let written = self.partition.value.to_string();
            let message = format!("table `{written}` is not a partition of `{}`", table.value);
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, message, self.partition.at)
                    .maybe_help(choices(&written, names.iter().map(String::as_str), "partitions")),
            );
            return;
        }
        drop(partition);
        let detach = DetachPartition { table: table.value.clone(), partition: self.partition.value.clone() };
        checker.emit(detach, self.partition.at);
    }
}

/// Why a table cannot become a partition.
fn misfit(
    parent: &Table,
    partition: &Table,
    name: &QualifiedName,
    parent_name: &QualifiedName,
    at: At,
) -> Option<Diagnostic> {
    let mistake = |message: String| Diagnostic::new(code::INVALID_DEFINITION, message, at);
    for column in &parent.columns {
        let Some(own) = partition.column(&column.name) else {
            let help = format!("write `alter table {name} add {}: {}` first", column.name, column.data_type);
            return Some(mistake(format!("table `{name}` lacks the column `{}` of `{parent_name}`", column.name)).help(help));
        };
        let generated = |column: &Column| column.generated.as_ref().map(|generated| generated.expression.clone());
        if own.data_type != column.data_type || own.collation != column.collation || generated(own) != generated(column) {
            return Some(mistake(format!(
                "column `{}` of `{name}` is of type `{}`, but that of `{parent_name}` is of type `{}`",
                column.name, own.data_type, column.data_type
            )));
        }
        if own.nullable && !column.nullable {
            let help = format!("write `alter table {name} alter {} set not null` first", column.name);
            let message = format!("column `{}` of `{name}` is nullable, but that of `{parent_name}` is NOT NULL", column.name);
            return Some(mistake(message).help(help));
        }
        if own.identity.is_some() || own.on_update.is_some() {
            let what = if own.identity.is_some() { "is an identity" } else { "has `on update`" };
            return Some(
                mistake(format!("column `{}` of `{name}` {what}, which a partition cannot have", column.name))
                    .help("drop it first: partitions follow the partitioned table"),
            );
        }
    }
    if let Some(column) = partition.columns.iter().find(|column| parent.column(&column.name).is_none()) {
        return Some(
            mistake(format!("table `{name}` has a column `{}`, but `{parent_name}` does not", column.name))
                .help("drop it first, or add it to the partitioned table"),
        );
    }
    let checks = parent.constraints.iter().filter(|(_, one)| !one.no_inherit && matches!(one.kind, ConstraintKind::Check(_)));
    for (check, wanted) in checks {
        match partition.constraints.get(check) {
            Some(own) if own.kind == wanted.kind && !own.not_valid => {}
            Some(_) => {
                return Some(
                    mistake(format!("check constraint `{check}` of `{name}` differs from that of `{parent_name}`"))
                        .help("first replace it with the same check"),
                );
            }
            None => {
                return Some(
                    mistake(format!("table `{name}` lacks the check constraint `{check}` of `{parent_name}`"))
                        .help(format!("write `alter table {name} add constraint {check} check (...)` first")),
                );
            }
        }
    }
    None
}
