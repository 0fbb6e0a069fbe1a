//! Names: columns, and values of enums.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::QualifiedName;
use migrate_core::types::Type;

use super::Walk;
use crate::check::Origin;
use crate::check::around::Around;
use crate::check::expression::Context;
use crate::check::query::last;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::Name;

impl Walk<'_, '_> {
    /// A bare or qualified name: a column of the table, or a value of the expected enum.
    pub(super) fn name(
        &mut self,
        expression: &mut Expression,
        parts: &[String],
        expected: Option<&Type>,
    ) -> Option<Type> {
        let at = expression.at;
        let mut row_name = None;
        let is_row = |name: &str| matches!(name, "old" | "new");
        if let Around::Query(scope) = self.around
            && let Some(found) = self.name_in_query(expression, parts, scope)
        {
            return found;
        }
        let is_whole = |row: &str, table: &QualifiedName| match self.context {
            Context::Statement => row == table.name,
            context => context.has_rows() && is_row(row),
        };
        if let ([row, function], Some((name, table))) = (parts, self.around.table())
            && table.column(function).is_none()
            && is_whole(row, name)
            && let Some(call) = self.as_call(function, Expression::new(ExpressionKind::Name(vec![row.clone()]), at), at)
        {
            expression.kind = call;
            return None;
        }
        let column = match (parts, self.around.table()) {
            // The whole row.
            ([row], Some((name, table))) if is_whole(row, name) && table.column(row).is_none() => return None,
            ([row, column], Some(_)) if self.context.has_rows() && is_row(row) => {
                row_name = Some(row.clone());
                column
            }
            ([column], Some((_, table))) if self.context.has_rows() && table.column(column).is_some() => {
                let mistake = format!("`{column}` does not say whether it is of the new or the old row");
                let help = format!("write `new.{column}`, or `old.{column}` for its previous value");
                self.fail(Diagnostic::new(code::UNKNOWN_COLUMN, mistake, at).help(help));
                return None;
            }
            ([column], _) => column,
            ([row, column], Some(_)) if self.context == Context::OnUpdate && matches!(row.as_str(), "old" | "new") => {
                row_name = Some(row.clone()).filter(|row| row == "old");
                column
            }
            ([table, column], Some((name, _))) if *table == name.name && !self.context.has_rows() => column,
            _ if self.context == Context::OnUpdate => {
                let mistake = format!("`{}` is not a column of the row", parts.join("."));
                self.fail(
                    Diagnostic::new(code::UNKNOWN_COLUMN, mistake, at)
                        .help("write `column`, or `old.column` for its value before the update"),
                );
                return None;
            }
            ([other, column], Some((name, table)))
                if self.context != Context::Statement
                    && !self.checker.state.broken.has_relation(&QualifiedName::new(other.as_str())) =>
            {
                let help = match table.column(column) {
                    // A field of a composite value.
                    _ if table.column(other).is_some() => {
                        format!("for the field of a column, write `({other}).{column}`")
                    }
                    Some(_) => format!("write `{column}`: only columns of `{name}` can be used here"),
                    None => format!("only columns of `{name}` can be used here"),
                };
                let mistake = Diagnostic::new(code::UNKNOWN_TABLE, format!("cannot find table `{other}` here"), at);
                self.fail(mistake.help(help));
                return None;
            }
            (parts, None) if matches!(self.around, Around::Nothing) => {
                let message = format!("{} cannot refer to the column `{}`", self.context.noun(), parts.join("."));
                self.fail(Diagnostic::new(code::UNKNOWN_COLUMN, message, at));
                return None;
            }
            _ => return None,
        };
        if let Some((_, table)) = self.around.table()
            && let Some(column) = table.column(column)
        {
            // The table is clear from the place; the catalog keeps the bare column.
            expression.kind = ExpressionKind::Name(row_name.into_iter().chain([column.name.clone()]).collect());
            return Some(column.data_type.clone());
        }
        if let Around::Query(scope) = self.around
            && scope.is_sql()
        {
            self.no_name_in_query(column, scope, at);
            return None;
        }
        if parts.len() == 1
            && let Some(expected) = expected.map(|expected| expected.element().unwrap_or(expected))
            && let Some(definition) = self.checker.values_of(expected)
        {
            let is_open = expected.as_named().is_some_and(|name| self.checker.state.has_open_values(name));
            if definition.has(column) || is_open {
                expression.kind = ExpressionKind::Text(column.clone());
                return None;
            }
            if self.is_column_open(column) {
                return None;
            }
            let values = definition.values.iter().map(String::as_str);
            let mut mistake =
                Diagnostic::new(code::UNKNOWN_VALUE, format!("`{column}` is not a value of the enum `{expected}`"), at)
                    .maybe_help(choices(column, values, "values"));
            if let Some(name) = expected.as_named() {
                mistake.notes.extend(self.checker.state.made_in(&format!("`{expected}`"), &Origin::Type(name.clone())));
            }
            self.fail(mistake);
            return None;
        }
        if let Around::Query(scope) = self.around {
            if expected.is_some_and(|expected| self.is_open_type(expected)) {
                expression.kind = ExpressionKind::Text(column.clone());
            } else {
                self.no_name_in_query(column, scope, at);
            }
            return None;
        }
        match self.around.table() {
            _ if self.is_column_open(column) => {}
            _ if expected.is_some_and(|expected| self.is_open_type(expected)) => {
                expression.kind = ExpressionKind::Text(column.clone());
            }
            Some((name, _)) if parts.len() == 1 && *column == name.name => {
                let message = format!("{} cannot use the whole row of `{name}`", self.context.noun());
                self.fail(
                    Diagnostic::new(code::UNKNOWN_COLUMN, message, at)
                        .help("use the columns that are needed, or write it as raw SQL: `sql \"...\"`"),
                );
            }
            Some((name, table)) => {
                let at = last(at, parts);
                let mut mistake = self.checker.unknown_column(name, table, &Name { value: column.clone(), at });
                if expected.is_none()
                    && let Some(help) = self.text_help(column)
                {
                    mistake.help = vec![help];
                }
                self.fail(mistake);
            }
            None => self.fail(
                Diagnostic::new(
                    code::UNKNOWN_COLUMN,
                    format!("{} cannot refer to the column `{column}`", self.context.noun()),
                    at,
                )
                .help(format!("for a string, write `\"{column}\"`; for a function call, `{column}()`")),
            ),
        }
        None
    }

    /// Whether raw SQL may have made a column of this name.
    fn is_column_open(&self, column: &str) -> bool {
        self.around.table().is_some_and(|(name, _)| self.checker.is_column_open(name, column))
    }

    /// What to write for a value of an enum where nothing says that one is expected.
    fn text_help(&self, value: &str) -> Option<String> {
        let (name, _) = self.checker.catalog().enums.iter().find(|(_, definition)| definition.has(value))?;
        Some(format!("write a value of the enum `{name}` as a string here: `{value:?}`"))
    }

    fn is_open_type(&self, data_type: &Type) -> bool {
        data_type.depends_on().is_some_and(|name| !self.checker.catalog().enums.contains_key(name))
    }
}
