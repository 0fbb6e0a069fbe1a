//! Names: columns, and values of enums.

use migrate_core::catalog::Column;
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::QualifiedName;
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Type};

use super::Walk;
use crate::check::Origin;
use crate::check::around::Around;
use crate::check::expression::Context;
use crate::check::query::{Meaning, last, no_source};
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
        if let Around::Query(scope) = self.around
            && let Some(found) = self.name_in_query(expression, parts, scope)
        {
            return found;
        }
        if let Some(kind) = self.whole_row(parts, expected, at) {
            expression.kind = kind;
            return None;
        }
        let (row, column) = self.column_meant(parts, at)?;
        if let Some((_, table)) = self.around.table()
            && let Some(column) = table.column(column)
        {
            // The table is clear from the place; the catalog keeps the bare column.
            expression.kind = ExpressionKind::Name(row.into_iter().chain([&column.name]).cloned().collect());
            return Some(column.data_type.clone());
        }
        if column == "tableoid"
            && self.around.table().is_some()
            && matches!(self.context, Context::Check | Context::Generated)
        {
            return Some(Type::BuiltIn(BuiltIn::Oid));
        }
        if let Around::Query(scope) = self.around
            && scope.is_sql()
        {
            self.no_name_in_query(column, scope, at);
            return None;
        }
        if parts.len() == 1
            && let Some(expected) = expected.map(|expected| expected.element().unwrap_or(expected))
            && self.checker.values_of(expected).is_some()
        {
            self.value_of_enum(expression, column, expected);
        } else if expected.is_some_and(|expected| self.is_open_type(expected)) && !self.is_column_open(column) {
            expression.kind = ExpressionKind::Text(column.clone());
        } else if let Around::Query(scope) = self.around {
            self.no_name_in_query(column, scope, at);
        } else if !self.is_column_open(column) {
            self.no_column(parts, column, expected, at);
        }
        None
    }

    /// The row of the table as one value, or a function of it: `can_see` of `docs.can_see`. The server prints a row as `docs.*`.
    fn whole_row(&self, parts: &[String], expected: Option<&Type>, at: At) -> Option<ExpressionKind> {
        let (name, table) = self.around.table()?;
        let [row, rest @ ..] = parts else { return None };
        let is_row = match self.context.has_rows() {
            true => is_old_or_new(row),
            false => self.context.takes_whole_row() && *row == name.name,
        };
        let whole = ExpressionKind::Star(vec![row.clone()]);
        match rest {
            _ if !is_row => None,
            [] => {
                let is_value = || expected.and_then(|one| self.checker.values_of(one)).is_some_and(|of| of.has(row));
                (table.column(row).is_none() && !self.is_column_open(row) && !is_value()).then_some(whole)
            }
            [function] if table.column(function).is_none() => self.as_call(function, Expression::new(whole, at), at),
            _ => None,
        }
    }

    /// The column that is meant, with its row where that must be said; a mistake where it cannot be one.
    fn column_meant<'p>(&mut self, parts: &'p [String], at: At) -> Option<(Option<&'p String>, &'p String)> {
        let (context, has_rows) = (self.context, self.context.has_rows());
        let mistake = match (parts, self.around.table()) {
            ([row, column], Some(_)) if has_rows && is_old_or_new(row) => return Some((Some(row), column)),
            ([column], Some((_, table))) if has_rows && table.column(column).is_some() => {
                let headline = format!("`{column}` does not say whether it is of the new or the old row");
                Diagnostic::new(code::UNKNOWN_COLUMN, headline, at)
                    .help(format!("write `new.{column}`, or `old.{column}` for its previous value"))
            }
            ([column], _) => return Some((None, column)),
            ([row, column], Some(_)) if context == Context::OnUpdate && is_old_or_new(row) => {
                return Some((Some(row).filter(|row| *row == "old"), column));
            }
            ([table, column], Some((name, _))) if *table == name.name && !has_rows => return Some((None, column)),
            ([schema, table, column], Some((name, _)))
                if *table == name.name && *schema == name.schema && !has_rows =>
            {
                return Some((None, column));
            }
            ([schema, table, column], Some((name, of))) if !has_rows && context != Context::Statement => {
                let headline = format!("cannot find `{schema}.{table}` here");
                let mistake = Diagnostic::new(code::UNKNOWN_TABLE, headline, at);
                mistake.help(match of.column(column) {
                    Some(_) => format!("write `{column}`: only columns of `{name}` can be used here"),
                    None => format!("only columns of `{name}` can be used here"),
                })
            }
            _ if context == Context::OnUpdate => {
                let headline = format!("`{}` is not a column of the row", parts.join("."));
                Diagnostic::new(code::UNKNOWN_COLUMN, headline, at)
                    .help("write `column`, or `old.column` for its value before the update")
            }
            ([other, column], Some((name, table)))
                if context != Context::Statement
                    && !self.checker.state.broken.has_relation(&QualifiedName::new(other.as_str())) =>
            {
                Diagnostic::new(code::UNKNOWN_TABLE, format!("cannot find table `{other}` here"), at).help(match table
                    .column(column)
                {
                    // A field of a composite value.
                    _ if table.column(other).is_some() => {
                        format!("for the field of a column, write `({other}).{column}`")
                    }
                    Some(_) => format!("write `{column}`: only columns of `{name}` can be used here"),
                    None => format!("only columns of `{name}` can be used here"),
                })
            }
            (parts, None) if matches!(self.around, Around::Nothing) => {
                let headline = format!("{} cannot refer to the column `{}`", context.noun(), parts.join("."));
                Diagnostic::new(code::UNKNOWN_COLUMN, headline, at)
            }
            _ => return None,
        };
        self.fail(mistake);
        None
    }

    /// A bare word where a value of an enum is expected.
    fn value_of_enum(&mut self, expression: &mut Expression, word: &str, expected: &Type) {
        let Some(definition) = self.checker.values_of(expected) else { return };
        let is_open = expected.as_named().is_some_and(|name| self.checker.state.has_open_values(name));
        if definition.has(word) || is_open {
            expression.kind = ExpressionKind::Text(word.to_owned());
            return;
        }
        if self.is_column_open(word) {
            return;
        }
        let values = definition.values.iter().map(String::as_str);
        let headline = format!("`{word}` is not a value of the enum `{expected}`");
        let mut mistake =
            Diagnostic::new(code::UNKNOWN_VALUE, headline, expression.at).maybe_help(choices(word, values, "values"));
        if let Some(name) = expected.as_named() {
            mistake.notes.extend(self.checker.state.made_in(&format!("`{expected}`"), &Origin::Type(name.clone())));
        }
        self.fail(mistake);
    }

    /// What is said about a name that is nothing.
    fn no_column(&mut self, parts: &[String], column: &str, expected: Option<&Type>, at: At) {
        match self.around.table() {
            Some((name, _)) if parts.len() == 1 && *column == name.name => self.check_row(column, at),
            Some((name, table)) => {
                let at = last(at, parts);
                let mut mistake = self.checker.unknown_column(name, table, &Name { value: column.to_owned(), at });
                if expected.is_none()
                    && let Some(help) = self.text_help(column)
                {
                    mistake.help = vec![help];
                }
                self.fail(mistake);
            }
            None => {
                let headline = format!("{} cannot refer to the column `{column}`", self.context.noun());
                let mistake = Diagnostic::new(code::UNKNOWN_COLUMN, headline, at);
                self.fail(
                    mistake.help(format!("for a string, write `\"{column}\"`; for a function call, `{column}()`")),
                );
            }
        }
    }

    /// Checks the whole row of what is called `row`: `users.*`.
    pub(super) fn check_row(&mut self, row: &str, at: At) {
        match self.around {
            Around::Query(scope) => {
                if let Meaning::NoSource { sources, alias } = scope.find(&[row.to_owned(), String::new()]) {
                    self.fail(no_source(row, &sources, alias.as_deref(), at));
                }
            }
            Around::Table(..) if self.context.has_rows() && is_old_or_new(row) => {}
            Around::Table(name, _) if row == name.name && self.context.takes_whole_row() => {}
            Around::Table(name, _) if row == name.name => {
                let message = format!("{} cannot use the whole row of `{name}`", self.context.noun());
                let help = match self.context.has_rows() {
                    true => "write `new` or `old`",
                    false => "use the columns that are needed",
                };
                self.fail(Diagnostic::new(code::UNKNOWN_COLUMN, message, at).help(help));
            }
            Around::Table(name, _) => {
                let message = format!("cannot find table `{row}` here");
                let help = format!("only columns of `{name}` can be used here");
                self.fail(Diagnostic::new(code::UNKNOWN_TABLE, message, at).help(help));
            }
            Around::Nothing => {
                let message = format!("{} cannot refer to the row `{row}`", self.context.noun());
                self.fail(Diagnostic::new(code::UNKNOWN_COLUMN, message, at));
            }
        }
    }

    /// Writes the columns of `users.*` between the values of a row, as PostgreSQL does once and for all. Where they are not
    /// known, it stays.
    pub(super) fn expand_stars(&self, items: &mut Vec<Expression>) {
        for item in std::mem::take(items) {
            let columns = match (&item.kind, self.around) {
                (ExpressionKind::Star(parts), Around::Query(scope)) => {
                    parts.last().and_then(|source| scope.columns_of_source(source))
                }
                (ExpressionKind::Star(parts), Around::Table(name, table)) => {
                    let row = parts.last().filter(|row| match self.context.has_rows() {
                        true => is_old_or_new(row),
                        false => **row == name.name,
                    });
                    row.map(|row| {
                        let row = self.context.has_rows().then_some(row);
                        let full = |column: &Column| row.into_iter().chain([&column.name]).cloned().collect();
                        table.columns.iter().map(full).collect()
                    })
                }
                _ => None,
            };
            match columns {
                Some(names) => {
                    items.extend(names.into_iter().map(|name| Expression::new(ExpressionKind::Name(name), item.at)));
                }
                None => items.push(item),
            }
        }
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

fn is_old_or_new(row: &str) -> bool {
    matches!(row, "old" | "new")
}
