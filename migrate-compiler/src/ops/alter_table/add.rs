//! `add currency: char(3) = "EUR"`, `add constraint bookings_total_check check (total >= 0)`

use migrate_core::catalog::Table;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{AddColumn, AddConstraint};
use migrate_core::token::Token;

use super::Action;
use crate::check::{Checker, Origin};
use crate::clause::{ColumnClause, ConstraintClause, Serial};
use crate::diagnostic::{Diagnostic, code};
use crate::habit;
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) fn parse(parser: &mut Parser<'_>, head: &Head) -> Parsed<Box<dyn Action>> {
    if ConstraintClause::starts_at(parser) {
        return Ok(Box::new(Constraint { clause: ConstraintClause::parse_in_table(parser, head.comment.clone())? }));
    }
    let is_column = parser.no_column_word("write `add name: type`");
    let is_column = is_column || matches!(parser.cursor.look_ahead(1), Token::Symbol { symbol: ':', .. });
    if !is_column && (parser.cursor.is_word("index") || parser.cursor.is_word("key")) {
        return parser.expected("a column or a constraint").map_err(|mistake: Diagnostic| {
            mistake.help("write `create index on ... (...);` as an item of its own")
        });
    }
    if let Some(mistake) = habit::instead_of_entry(&parser.cursor).filter(|_| !is_column) {
        return Err(mistake);
    }
    Ok(Box::new(Column { clause: ColumnClause::parse(parser, head.comment.clone())? }))
}

struct Column {
    clause: ColumnClause,
}

struct Constraint {
    clause: ConstraintClause,
}

impl Action for Column {
    fn of_partitioned(&self, _: &Table) -> Option<&'static str> {
        Some("the columns")
    }

    fn check(&self, _: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        let Some(definition) = checker.table(table) else { return };
        let (name, clause) = (&table.value, &self.clause);
        let key = (name.clone(), clause.name.value.clone());
        checker.no_system_column(&clause.name);
        if definition.column(&clause.name.value).is_some() {
            let mut mistake = Diagnostic::new(
                code::DUPLICATE_COLUMN,
                format!("table `{name}` already has a column `{}`", clause.name.value),
                clause.name.at,
            )
            .help("choose another name");
            let origin = Origin::Column(key.0, key.1);
            mistake.notes.extend(checker.state.made_in("it", &origin));
            checker.report(mistake);
            return;
        }
        let known = checker.mistakes();
        // Without the value that is wrong, it would lack one.
        let has_value = |column: &migrate_core::catalog::Column| {
            (clause.default.is_none() || column.default.is_some())
                && (clause.generated.is_none() || column.generated.is_some())
        };
        let column = clause.check(name, &definition, checker);
        let is_wrong = checker.mistakes() > known;
        let Some(mut column) = column.filter(|column| !is_wrong || has_value(column)) else {
            checker.state.broken.columns.insert(key);
            return;
        };
        checker.note_origin(Origin::Column(name.clone(), column.name.clone()), clause.name.at);
        let is_serial = clause.is_serial;
        let serial = is_serial.then(|| Serial::of(&mut column, name, &definition, &[], clause.name.at, checker)).flatten();
        drop(definition);
        serial.iter().for_each(|serial| serial.emit_sequence(checker));
        checker.emit(AddColumn { table: name.clone(), column }, clause.at);
        serial.iter().for_each(|serial| serial.emit_owner(checker));
        for constraint in &clause.constraints {
            add_constraint(constraint, table, checker);
        }
    }
}

impl Action for Constraint {
    fn check(&self, _: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        add_constraint(&self.clause, table, checker);
    }
}

fn add_constraint(clause: &ConstraintClause, table: &Spanned<QualifiedName>, checker: &mut Checker<'_>) {
    let Some(definition) = checker.table(table) else { return };
    let name = &table.value;
    match clause.check(name, &definition, checker) {
        Some((constraint_name, constraint)) => {
            // So that the catalog's own is changed in place.
            drop(definition);
            checker.note_origin(Origin::Constraint(name.clone(), constraint_name.clone()), clause.at);
            checker.emit(AddConstraint { table: name.clone(), name: constraint_name, constraint }, clause.at);
        }
        None => {
            if let Some(constraint_name) = &clause.name {
                checker.state.broken.members.insert(name.sibling(constraint_name.value.clone()));
            }
        }
    }
}
