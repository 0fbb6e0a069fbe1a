//! `price: numeric? collate german options (column_name "p")`, a column of a foreign table.

use migrate_core::expression::Expression;
use migrate_core::object::{ForeignColumn, ForeignTable, ObjectId};
use migrate_core::types::Type;

use super::options::OptionsClause;
#[cfg(feature = "print")]
use super::options::print_options;
use crate::check::{Checker, Context};
#[cfg(feature = "print")]
use crate::clause::print_generated;
use crate::clause::{Collation, ConstraintClause, Demand, GeneratedClause, parse_collation};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use crate::print::{Behind, Printed, data_type, declared, text, value};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedMap;

/// A column as written.
pub(super) struct ColumnClause {
    pub(super) name: Name,
    pub(super) data_type: Spanned<Type>,
    pub(super) nullable: bool,
    pub(super) collation: Option<Collation>,
    pub(super) default: Option<Spanned<Expression>>,
    pub(super) generated: Option<GeneratedClause>,
    pub(super) options: Option<OptionsClause>,
    pub(super) checks: Vec<ConstraintClause>,
}

impl ColumnClause {
    /// Takes what stands behind the name.
    pub(super) fn parse(name: Name, parser: &mut Parser<'_>) -> Parsed<Self> {
        parser.symbol(':')?;
        let (data_type, nullable) = parser.column_type()?;
        let collation = parse_collation(parser)?;
        let default = match parser.cursor.take_symbol('=') {
            true => Some(parser.default_expression()?),
            false => None,
        };
        let mut column = ColumnClause {
            name,
            data_type,
            nullable,
            collation,
            default,
            generated: None,
            options: None,
            checks: Vec::new(),
        };
        loop {
            if column.generated.is_none() && parser.cursor.take_words(&["generated", "always"]) {
                parser.word("as")?;
                column.generated = Some(GeneratedClause::parse(parser)?);
            } else if let Some(clause) = ConstraintClause::parse_in_column(parser, &column.name)? {
                column.checks.push(only_check(clause)?);
            } else if column.options.is_none()
                && let Some(options) = OptionsClause::parse(parser, false)?
            {
                column.options = Some(options);
            } else {
                return Ok(column);
            }
        }
    }

    /// Checks it, and gives the column, with what it is generated from as it is written.
    pub(super) fn check(&self, checker: &mut Checker<'_>) -> Option<ForeignColumn> {
        let fits = checker.name_fits(&self.name);
        let data_type = checker.data_type(&self.data_type).filter(|_| fits)?;
        let collation = match &self.collation {
            Some(collation) => Some(collation.check(checker)?),
            None => None,
        };
        let mut options = SortedMap::new();
        if let Some(written) = &self.options {
            written.put_into(&mut options, checker)?;
        }
        let default = match &self.default {
            Some(value) => {
                let name = &self.name.value;
                Some(checker.value_for(value, &data_type, name, self.nullable, Context::Default)?)
            }
            None => None,
        };
        if let Some(generated) = self.generated.as_ref().filter(|_| default.is_some()) {
            let headline = format!("`{}` has both a generation expression and a default", self.name.value);
            let mistake = Diagnostic::new(code::INVALID_DEFINITION, headline, generated.expression.at);
            checker.report(mistake.help("remove one of them"));
            return None;
        }
        // As it is written until all columns are there: it may name those below.
        let generated = self.generated.as_ref().map(GeneratedClause::as_written);
        let (name, nullable) = (self.name.value.clone(), self.nullable);
        Some(ForeignColumn { name, data_type, nullable, default, generated, collation, options, inherited: false })
    }

    /// Checks what it is generated from, once all columns are there.
    pub(super) fn check_generated(
        &self,
        table: &mut ForeignTable,
        id: &ObjectId,
        checker: &mut Checker<'_>,
    ) -> Option<()> {
        let Some(written) = &self.generated else { return Some(()) };
        let place = table.columns.iter().position(|column| column.name == self.name.value)?;
        let data_type = table.columns.get(place)?.data_type.clone();
        let generated = written.check(&data_type, &id.name, &table.as_table(), checker)?;
        table.columns.get_mut(place)?.generated = Some(generated);
        Some(())
    }
}

/// Refuses keys, which a foreign table has none of.
pub(super) fn only_check(clause: ConstraintClause) -> Parsed<ConstraintClause> {
    match clause.demand {
        Demand::Check(_) => Ok(clause),
        _ => Err(Diagnostic::new(code::INVALID_DEFINITION, "a foreign table has no constraints but checks", clause.at)
            .help("remove it: the table on the other server has it, and checks it")),
    }
}

#[cfg(feature = "print")]
pub(super) fn print_column(column: &ForeignColumn, catalog: &Catalog) -> Printed {
    let nullable = if column.nullable { "?" } else { "" };
    let collation =
        column.collation.as_deref().map_or_else(String::new, |collation| format!(" collate {}", text(collation)));
    let options = print_options(&column.options);
    let default = match &column.default {
        Some(default) => format!(" = {}", value(default, &column.data_type, Behind::Options, catalog)?),
        None => String::new(),
    };
    let generated = match &column.generated {
        Some(generated) => print_generated(generated, catalog)?,
        None => String::new(),
    };
    let (name, data_type) = (declared(&column.name), data_type(&column.data_type));
    Ok(format!("{name}: {data_type}{nullable}{collation}{default}{generated}{options}"))
}
