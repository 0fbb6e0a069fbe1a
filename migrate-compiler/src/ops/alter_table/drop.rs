//! `drop tags`, `drop constraint bookings_total_check`

use migrate_core::catalog::{ConstraintKind, Table};
use migrate_core::name::QualifiedName;
use migrate_core::operation::{DropColumn, DropConstraint};

use super::Action;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Box<dyn Action>> {
    if parser.cursor.take_word("constraint") {
        return Ok(Box::new(Constraint { name: parser.name("the constraint")? }));
    }
    if parser.cursor.is_word("column")
        && matches!(parser.cursor.look_ahead(1), migrate_core::token::Token::Word(_))
    {
        return Err(Diagnostic::new(code::SYNTAX, "unexpected `column`", parser.cursor.at())
            .help("write `drop name`"));
    }
    Ok(Box::new(Column { name: parser.name("`constraint` or a column")? }))
}

#[derive(Debug)]
struct Column {
    name: Name,
}

#[derive(Debug)]
struct Constraint {
    name: Name,
}

impl Action for Column {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`drop`");
        let Some(definition) = checker.table(table) else { return };
        let name = &table.value;
        if checker.column(name, &definition, &self.name).is_none() {
            return;
        }
        let needed_by = users_of(&self.name.value, name, &definition, checker);
        if !needed_by.is_empty() {
            let mut mistake = Diagnostic::new(
                code::STILL_NEEDED,
                format!("cannot drop column `{}` of table `{name}`, because it is still used", self.name.value),
                self.name.at,
            )
            .help("drop or change what uses it first");
            mistake.notes = needed_by;
            checker.report(mistake);
            checker.state.broken.columns.insert((name.clone(), self.name.value.clone()));
            return;
        }
        checker.emit(DropColumn { table: name.clone(), column: self.name.value.clone() }, self.name.at);
    }
}

/// What would stop the drop, or would vanish silently with the column although it is about more than the column.
fn users_of(column: &str, name: &QualifiedName, table: &Table, checker: &Checker<'_>) -> Vec<String> {
    let mut users = Vec::new();
    for (other, constraint, key) in checker.catalog().references_to(name) {
        let own = other == name && key.columns.iter().all(|own| own == column);
        if key.referenced.iter().any(|referenced| referenced == column) && !own {
            users.push(format!("foreign key `{constraint}` of table `{other}` references it"));
        }
    }
    for (constraint, definition) in &table.constraints {
        if !definition.kind.mentions(column) {
            continue;
        }
        let others = match &definition.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key.columns.len() > 1,
            ConstraintKind::Check(expression) => expression.columns().len() > 1,
            ConstraintKind::ForeignKey(key) => key.columns.len() > 1,
        };
        if others {
            users.push(format!("{} `{constraint}` covers it and other columns", definition.kind.noun()));
        }
    }
    for (index, definition) in &table.indexes {
        let is_only_key = definition.keys.len() == 1
            && definition.include.is_empty()
            && definition.predicate.as_ref().is_none_or(|predicate| predicate.columns().len() <= 1);
        if definition.mentions(column) && !is_only_key {
            users.push(format!("index `{index}` covers it and other columns"));
        }
    }
    for other in &table.columns {
        if other.generated.as_ref().is_some_and(|generated| generated.expression.reads(column)) {
            users.push(format!("column `{}` is generated from it", other.name));
        }
        if other.name != column && other.on_update.as_ref().is_some_and(|value| value.expression.reads(column)) {
            users.push(format!("the `on update` of column `{}` reads it", other.name));
        }
    }
    users
}

impl Action for Constraint {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`drop constraint`");
        let Some(definition) = checker.table(table) else { return };
        let name = &table.value;
        let Some(constraint) = checker.constraint(name, &definition, &self.name) else { return };
        let columns = match &constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key.columns.clone(),
            _ => Vec::new(),
        };
        let mut without = Table::clone(&definition);
        without.constraints.remove(&self.name.value);
        let needed_by: Vec<String> = checker
            .catalog()
            .references_to(name)
            .filter(|(_, _, key)| {
                key.referenced.len() == columns.len()
                    && key.referenced.iter().all(|column| columns.contains(column))
                    && !without.has_unique_key(&key.referenced)
            })
            .map(|(other, constraint, _)| format!("foreign key `{constraint}` of table `{other}` references its columns"))
            .collect();
        if !needed_by.is_empty() {
            let mut mistake = Diagnostic::new(
                code::STILL_NEEDED,
                format!("cannot drop {} `{}` of table `{name}`, because it is still used", constraint.kind.noun(), self.name.value),
                self.name.at,
            )
            .help("drop these foreign keys first");
            mistake.notes = needed_by;
            checker.report(mistake);
            return;
        }
        checker.emit(DropConstraint { table: name.clone(), name: self.name.value.clone() }, self.name.at);
    }
}
