//! `alter label set expression as (lower(note))`, `alter label drop expression`

use migrate_core::catalog::{Column, ConstraintKind, Table};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{DropExpression, SetExpression};
use migrate_core::token::At;

use super::{Action, Inherited};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

struct Change {
    column: Name,
    /// `None`: it is not generated any more.
    expression: Option<Spanned<Expression>>,
    at: At,
}

/// Takes what stands behind the column, where it is about the expression that generates its values.
pub(super) fn parse(parser: &mut Parser<'_>, column: &Name, start: u32) -> Parsed<Option<Box<dyn Action>>> {
    let expression = if parser.cursor.take_words(&["set", "expression"]) {
        parser.word("as")?;
        Some(parser.bracketed_expression()?)
    } else if parser.cursor.take_words(&["drop", "expression"]) {
        None
    } else {
        return Ok(None);
    };
    Ok(Some(Box::new(Change { column: column.clone(), expression, at: parser.cursor.since(start) })))
}

impl Action for Change {
    fn of_parent(&self) -> Option<Inherited<'_>> {
        Some(Inherited::Column(&self.column.value))
    }

    fn of_partitioned(&self, _: &Table) -> Option<&'static str> {
        Some("the columns")
    }

    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`alter`");
        let Some(definition) = checker.table(table) else { return };
        let Some(column) = checker.column(&table.value, &definition, &self.column) else { return };
        let (table, name) = (table.value.clone(), column.name.clone());
        if let Some(mistake) = self.mistake(column, &table, &definition) {
            checker.report(mistake);
            return;
        }
        let Some(expression) = &self.expression else {
            checker.emit(DropExpression { table, column: name }, self.at);
            return;
        };
        let is_virtual = column.generated.as_ref().is_some_and(|generated| !generated.stored);
        match is_virtual {
            true => checker.needs_postgres(18, "`set expression` of a virtual column", self.at),
            false => checker.needs_postgres(17, "`set expression`", self.at),
        }
        let (data_type, at) = (&column.data_type, expression.at);
        let Some(expression) = checker.generated(expression, data_type, &table, &definition) else { return };
        if is_virtual && checker.report_own_in_virtual(data_type, &expression, &definition, at) {
            return;
        }
        if column.generated.as_ref().is_some_and(|generated| generated.expression == expression) {
            let text = format!("`{name}` is already generated like this");
            checker.report(Diagnostic::new(code::NO_CHANGE, text, self.at).help("remove it"));
            return;
        }
        checker.emit(SetExpression { table, column: name, expression }, self.at);
    }
}

impl Change {
    /// What is wrong with it.
    fn mistake(&self, column: &Column, table: &QualifiedName, definition: &Table) -> Option<Diagnostic> {
        let name = &column.name;
        let wrong = |text: String| Diagnostic::new(code::INVALID_DEFINITION, text, self.at);
        let Some(generated) = &column.generated else {
            return Some(wrong(format!("`{name}` is not a generated column")));
        };
        if generated.stored {
            return None;
        }
        if self.expression.is_none() {
            return Some(wrong(format!("`{name}` is virtual, so it has no stored values to keep")));
        }
        let is_check = |kind: &ConstraintKind| matches!(kind, ConstraintKind::Check(_));
        let (check, _) = definition.constraints.iter().find(|(_, constraint)| is_check(&constraint.kind))?;
        let text = format!("cannot change what the virtual column `{name}` is generated from, because `{table}` has checks");
        let mistake = wrong(text).help(format!("drop the column and add it again: `drop {name}, add {name}: ...`"));
        Some(mistake.note(format!("PostgreSQL does not verify that the rows still satisfy `{check}`")))
    }
}
