//! `rename total to amount`, `rename constraint a to b`, `rename to reservations`

use migrate_core::catalog::{ConstraintKind, Table as Definition};
use migrate_core::name::QualifiedName;
use migrate_core::operation::{RenameColumn, RenameTable};
use migrate_core::token::Token;

use super::{Action, Inherited};
use crate::check::{Checker, Origin};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Box<dyn Action>> {
    if parser.cursor.take_word("to") {
        return Ok(Box::new(Table { to: parser.name("the new name")? }));
    }
    if !matches!(parser.cursor.look_ahead(1), Token::Word(next) if next.eq_ignore_ascii_case("to")) {
        parser.no_column_word("write `rename old to new`");
    }
    let is_constraint = parser.cursor.take_word("constraint");
    let from = parser.name("`to`, `constraint` or a column")?;
    parser.word("to")?;
    let to = parser.name("the new name")?;
    Ok(if is_constraint { Box::new(Constraint { from, to }) } else { Box::new(Column { from, to }) })
}

struct Table {
    to: Name,
}

struct Column {
    from: Name,
    to: Name,
}

struct Constraint {
    from: Name,
    to: Name,
}

impl Action for Table {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`rename`");
        let target = Spanned { value: table.value.sibling(self.to.value.clone()), at: self.to.at };
        if checker.name_fits(&self.to) && checker.relation_name_is_free(&target, code::DUPLICATE_TABLE) {
            checker.note_origin(Origin::Table(target.value.clone()), self.to.at);
            checker.emit(RenameTable { from: table.value.clone(), to: self.to.value.clone() }, self.to.at);
            checker.state.undeclared.rename(&table.value, &target.value);
            table.value = target.value;
        }
    }

    fn renames_to(&self) -> Option<&str> {
        Some(&self.to.value)
    }
}

impl Action for Column {
    fn of_parent(&self) -> Option<Inherited<'_>> {
        Some(Inherited::Column(&self.from.value))
    }

    fn of_partitioned(&self, _: &Definition) -> Option<&'static str> {
        Some("the columns")
    }

    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`rename`");
        let Some(definition) = checker.table(table) else { return };
        let name = &table.value;
        let is_known = checker.column(name, &definition, &self.from).is_some();
        let fits = checker.name_fits(&self.to);
        // Where the old name is not there and the new one is, they are the wrong way round: that is one mistake.
        if definition.column(&self.to.value).is_some() && !is_known {
            return;
        }
        if definition.column(&self.to.value).is_some() {
            checker.report(
                Diagnostic::new(
                    code::DUPLICATE_COLUMN,
                    format!("table `{name}` already has a column `{}`", self.to.value),
                    self.to.at,
                )
                .help("choose another name"),
            );
        } else if is_known && fits {
            checker.note_origin(Origin::Column(name.clone(), self.to.value.clone()), self.to.at);
            let (from, to) = (self.from.value.clone(), self.to.value.clone());
            checker.emit(RenameColumn { table: name.clone(), from, to }, self.from.at);
        } else {
            checker.state.broken.columns.insert((name.clone(), self.to.value.clone()));
        }
    }
}

impl Action for Constraint {
    fn of_parent(&self) -> Option<Inherited<'_>> {
        Some(Inherited::Check(&self.from.value))
    }

    fn of_partitioned(&self, table: &Definition) -> Option<&'static str> {
        let constraint = table.constraints.get(&self.from.value)?;
        let is_check = matches!(constraint.kind, ConstraintKind::Check(_));
        constraint.attached_to.as_ref().filter(|_| is_check).map(|_| "this constraint")
    }

    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`rename`");
        let Some(definition) = checker.table(table) else { return };
        let name = &table.value;
        let Some(constraint) = checker.constraint(name, &definition, &self.from) else {
            checker.state.broken.members.insert(name.sibling(self.to.value.clone()));
            return;
        };
        let from = (self.from.value.as_str(), self.from.at);
        checker.rename_constraint(name, &definition, from, &self.to, constraint.kind.has_index());
    }
}
