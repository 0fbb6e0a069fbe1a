//! `attach partition events_2026 for values from (...) to (...)`, `detach partition events_2026`

use migrate_core::catalog::{Column, Constraint, ConstraintKind, PartitionBound, PartitionOf, Table};
use migrate_core::name::QualifiedName;
use migrate_core::object::{ForeignTable, Kind, ObjectId};
use migrate_core::operation::{AddConstraint, AttachPartition, ChangeObject, CreateIndex, DetachPartition, partitions};
use migrate_core::token::At;

use super::Action;
use crate::check::Checker;
use crate::clause::{check_bound, parse_bound};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::object::report_no_foreign_partition;
use crate::parser::{Head, Parsed, Parser, Spanned};

struct Attach {
    partition: Spanned<QualifiedName>,
    bound: Spanned<PartitionBound>,
}

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

impl Attach {
    /// Whether it is a partition already, which is a mistake.
    fn is_partition(&self, partition: &Table, checker: &mut Checker<'_>) -> bool {
        let Some(of) = &partition.partition_of else { return false };
        let message = format!("`{}` is already a partition of `{}`", self.partition.value, of.parent);
        checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, self.partition.at));
        true
    }

    /// The rows of a foreign table are on another server: nothing is made or looked at.
    fn check_foreign(
        &self,
        parent_name: &QualifiedName,
        parent_at: At,
        parent: &Table,
        foreign: ForeignTable,
        checker: &mut Checker<'_>,
    ) {
        let (name, at) = (&self.partition.value, self.partition.at);
        let partition = foreign.as_table();
        if self.is_partition(&partition, checker) {
            return;
        }
        let Some(bound) = check_bound(&self.bound, parent_at, parent_name, parent, checker) else { return };
        if !report_no_foreign_partition(parent_name, parent, at, checker) {
            return;
        }
        if let Some(parent) = foreign.inherits.first() {
            let message = format!("`{name}` inherits from `{parent}`, so it cannot become a partition");
            let help = format!("write `alter foreign table {name} no inherit {parent}` first");
            checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, at).help(help));
            return;
        }
        if let Some(mistake) = misfit((parent_name, parent), (name, &partition), true, at) {
            checker.report(mistake);
            return;
        }
        let mut foreign = foreign;
        let checks = parent.constraints.iter().filter(|(_, constraint)| !constraint.no_inherit);
        for (check, _) in checks {
            if let Some(own) = foreign.checks.get_mut(check) {
                own.inherited = true;
            }
        }
        foreign.partition_of = Some(PartitionOf { parent: parent_name.clone(), bound });
        checker.emit(ChangeObject { id: ObjectId::new(Kind::ForeignTable, name.clone()), definition: foreign.into() }, at);
    }
}

impl Action for Attach {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`attach partition`");
        let Some(parent) = checker.table(table) else { return };
        if let Some(foreign) = checker.catalog().foreign_table(&self.partition.value).cloned() {
            return self.check_foreign(&table.value, table.at, &parent, foreign, checker);
        }
        let Some(partition) = checker.table(&self.partition) else { return };
        let (parent_name, name) = (&table.value, &self.partition.value);
        if self.is_partition(&partition, checker) {
            return;
        }
        let Some(bound) = check_bound(&self.bound, table.at, parent_name, &parent, checker) else { return };
        if let Some(mistake) = misfit((parent_name, &parent), (name, &partition), false, self.partition.at) {
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
        let foreign = checker.catalog().foreign_table(&self.partition.value).cloned();
        let partition_of = match &foreign {
            Some(foreign) => foreign.partition_of.clone(),
            None => {
                let Some(partition) = checker.table(&self.partition) else { return };
                partition.partition_of.clone()
            }
        };
        if partition_of.is_none_or(|of| of.parent != table.value) {
            let partitions = checker.catalog().bounds_of_partitions(&table.value);
            let names: Vec<String> = partitions.into_iter().map(|(name, _)| name.to_string()).collect();
            let written = self.partition.value.to_string();
            let message = format!("table `{written}` is not a partition of `{}`", table.value);
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, message, self.partition.at)
                    .maybe_help(choices(&written, names.iter().map(String::as_str), "partitions")),
            );
            return;
        }
        if let Some(mut foreign) = foreign {
            foreign.partition_of = None;
            foreign.checks.values_mut().for_each(|check| check.inherited = false);
            let id = ObjectId::new(Kind::ForeignTable, self.partition.value.clone());
            return checker.emit(ChangeObject { id, definition: foreign.into() }, self.partition.at);
        }
        let detach = DetachPartition { table: table.value.clone(), partition: self.partition.value.clone() };
        checker.emit(detach, self.partition.at);
    }
}

/// Why a table cannot become a partition.
fn misfit(
    (parent_name, parent): (&QualifiedName, &Table),
    (name, partition): (&QualifiedName, &Table),
    is_foreign: bool,
    at: At,
) -> Option<Diagnostic> {
    let alter = if is_foreign { "alter foreign table" } else { "alter table" };
    let mistake = |message: String| Diagnostic::new(code::INVALID_DEFINITION, message, at);
    for column in &parent.columns {
        let Some(own) = partition.column(&column.name) else {
            let help = format!("write `{alter} {name} add {}: {}` first", column.name, column.data_type);
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
            let help = match is_foreign {
                true => format!("write `{alter} {name} alter {}: {}` first", column.name, column.data_type),
                false => format!("write `{alter} {name} alter {} set not null` first", column.name),
            };
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
                        .help(format!("write `{alter} {name} add constraint {check} check (...)` first")),
                );
            }
        }
    }
    None
}
