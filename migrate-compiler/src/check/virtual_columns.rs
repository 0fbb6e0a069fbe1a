//! What PostgreSQL (18) refuses of virtual columns: their values are nowhere, and are computed by whoever reads them.

use migrate_core::catalog::Table;
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::token::At;
use migrate_core::types::Type;

use super::Checker;
use crate::diagnostic::{Diagnostic, code};

impl Checker<'_> {
    /// Reports a virtual column among those that something is over; says whether there is one.
    pub(crate) fn report_virtual<'c>(
        &mut self,
        what: &str,
        table: &Table,
        columns: impl IntoIterator<Item = &'c str>,
        at: At,
    ) -> bool {
        let is_virtual = |name: &&str| {
            let generated = table.column(name).and_then(|column| column.generated.as_ref());
            generated.is_some_and(|generated| !generated.stored)
        };
        let Some(column) = columns.into_iter().find(is_virtual) else { return false };
        let headline = format!("{what} cannot be over the virtual column `{column}`");
        self.report(Diagnostic::new(code::INVALID_DEFINITION, headline, at).help("make the column `stored`"));
        true
    }

    /// Reports a type or a function in a virtual column that is not PostgreSQL's own; says whether there is one.
    pub(crate) fn report_own_in_virtual(
        &mut self,
        data_type: &Type,
        expression: &Expression,
        table: &Table,
        at: At,
    ) -> bool {
        let own_type = |data_type: &Type| data_type.depends_on().map(|name| format!("type `{name}`"));
        let of_columns = || {
            let mut read = table.columns_read(expression).into_iter();
            read.find_map(|name| own_type(&table.column(name)?.data_type))
        };
        let function = || {
            let mut calls = expression.functions().into_iter();
            calls.find_map(|call| {
                let schema = call.schema.as_deref().filter(|schema| *schema != "pg_catalog")?;
                Some(format!("function `{}`", QualifiedName::in_schema(schema, call.name.as_str())))
            })
        };
        let found = own_type(data_type)
            .or_else(|| expression.types().into_iter().find_map(own_type))
            .or_else(of_columns)
            .or_else(function);
        let Some(found) = found else { return false };
        let headline = format!("a virtual column cannot use the {found}");
        let mistake = Diagnostic::new(code::INVALID_DEFINITION, headline, at).help("make the column `stored`");
        self.report(mistake.note("PostgreSQL takes nothing but its own types and functions there"));
        true
    }
}
