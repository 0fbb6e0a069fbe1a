//! `generated always as (lower(name)) stored`, of columns of tables and of foreign tables.

use migrate_core::catalog::{Generated, Table};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::types::Type;

use crate::check::Checker;
use crate::parser::{Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use crate::print::{Printed, bracketed};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;

/// What a column is generated from, as written.
pub(crate) struct GeneratedClause {
    pub(crate) expression: Spanned<Expression>,
    stored: bool,
}

impl GeneratedClause {
    /// Takes what stands behind `generated always as`.
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Parsed<Self> {
        let expression = parser.bracketed_expression()?;
        let stored = if parser.cursor.take_word("stored") {
            true
        } else if parser.cursor.take_word("virtual") {
            false
        } else {
            return parser.expected("`stored` or `virtual`");
        };
        Ok(GeneratedClause { expression, stored })
    }

    /// It before its names are looked up.
    pub(crate) fn as_written(&self) -> Generated {
        Generated { expression: self.expression.value.clone(), stored: self.stored }
    }

    /// Checks it, for a column of this type. `table` holds the columns that it may name.
    pub(crate) fn check(
        &self,
        data_type: &Type,
        table_name: &QualifiedName,
        table: &Table,
        checker: &mut Checker<'_>,
    ) -> Option<Generated> {
        let GeneratedClause { expression: written, stored } = self;
        if !stored {
            checker.needs_postgres(18, "a virtual generated column", written.at);
        }
        let expression = checker.generated(written, data_type, table_name, table)?;
        if !stored && checker.report_own_in_virtual(data_type, &expression, table, written.at) {
            return None;
        }
        Some(Generated { expression, stored: *stored })
    }
}

/// The clause, with a space before it.
#[cfg(feature = "print")]
pub(crate) fn print_generated(generated: &Generated, catalog: &Catalog) -> Printed {
    let stored = if generated.stored { "stored" } else { "virtual" };
    Ok(format!(" generated always as {} {stored}", bracketed(&generated.expression, catalog)?))
}
