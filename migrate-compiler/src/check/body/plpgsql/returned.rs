//! `RETURN`: what a function gives.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::object::{Function, Kind, Returns};
use migrate_core::plpgsql::Value;
use migrate_core::sql::Writer;
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Type};

use super::Walk;
use crate::check::query::{Output, Scope, counted};
use crate::diagnostic::{Diagnostic, code};

/// What a function gives, as `return` sees it.
pub(super) enum Gives {
    /// What is not known: nothing is said about it.
    Any,
    /// Nothing that `return` could have: of whom.
    Nothing(&'static str),
    /// Rows, one after the other, of columns of these types; of none where they are not known.
    Rows(Vec<Type>),
    /// Rows of this type, if it is one that has columns; else values of it.
    RowsOf(Type),
    /// A value of this type.
    Value(Type),
}

impl Gives {
    pub(super) fn of(function: &Function, kind: Kind) -> Gives {
        if kind == Kind::Procedure {
            return Gives::Nothing("a procedure");
        }
        match &function.returns {
            Returns::Table(columns) => Gives::Rows(columns.iter().map(|(_, data_type)| data_type.clone()).collect()),
            Returns::Type { data_type, .. } if function.returns_set() => {
                let is_row = matches!(data_type, Type::BuiltIn(BuiltIn::Record)) || data_type.as_named().is_some();
                match (is_row, data_type.as_named()) {
                    (true, Some(_)) => Gives::RowsOf(data_type.clone()),
                    (true, None) => Gives::Rows(Vec::new()),
                    (false, _) => Gives::Rows(vec![data_type.clone()]),
                }
            }
            _ if function.returns_set() => Gives::Rows(Vec::new()),
            Returns::Type { data_type: Type::BuiltIn(BuiltIn::Void), .. } => {
                Gives::Nothing("a function that returns `void`")
            }
            Returns::Type { data_type, .. } if function.arguments.iter().all(|argument| !argument.mode.is_output()) => {
                Gives::Value(data_type.clone())
            }
            Returns::Type { .. } | Returns::Outputs { .. } => Gives::Nothing("a function with output arguments"),
        }
    }
}

impl Walk<'_, '_, '_> {
    /// `return`, as the function gives something.
    pub(super) fn returned(&mut self, value: Option<&Value>, at: At, scope: &Scope<'_>) {
        let problem = match (&self.gives, value) {
            (Gives::Nothing(whose), Some(_)) => Some(format!("`return` cannot have a value in {whose}")),
            (Gives::Rows(_) | Gives::RowsOf(_), Some(_)) => {
                Some("`return` cannot have a value in a function that returns a set: write `return next`".to_owned())
            }
            (Gives::Value(_), None) => Some("`return` needs a value here".to_owned()),
            _ => None,
        };
        if let Some(message) = problem {
            self.report(Diagnostic::new(code::INVALID_DEFINITION, message, at));
            return;
        }
        if let Some(value) = value {
            let data_type = match &self.gives {
                Gives::Value(data_type) => Some(data_type.clone()),
                Gives::Nothing(_) | Gives::Rows(_) | Gives::RowsOf(_) | Gives::Any => None,
            };
            if let (Value::Expression(row), Some(data_type)) = (value, &data_type)
                && let ExpressionKind::Row(items) = &row.kind
                && !items.iter().any(Expression::is_star)
                && let Some(name) = data_type.as_named()
                && let Some(fields) = self.check.checker.fields(name)
            {
                return self.must_be_fields(items, data_type, &fields, at, scope);
            }
            let found = self.assigned(value, data_type.as_ref(), scope);
            let is_plain = |found: &Type| {
                found.as_named().is_none() && !matches!(found, Type::BuiltIn(BuiltIn::Record | BuiltIn::Trigger))
            };
            if let (Some(Type::BuiltIn(BuiltIn::Trigger)), Some(found)) = (&data_type, found)
                && is_plain(&found)
            {
                let message = format!("the function of a trigger returns a row or `null`, not `{found}`");
                let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, at);
                self.report(mistake.help("write `return new`, `return old` or `return null`"));
            }
        }
    }

    /// `return (a, b)`: PL/pgSQL converts nothing in a row, so each value has the type of its field.
    fn must_be_fields(
        &mut self,
        items: &[Expression],
        data_type: &Type,
        fields: &[(String, Type)],
        at: At,
        scope: &Scope<'_>,
    ) {
        if items.len() != fields.len() {
            let (wanted, given) = (counted(fields.len(), "field"), counted(items.len(), "value"));
            let message = format!("`{data_type}` has {wanted}, but this row has {given}");
            self.report(Diagnostic::new(code::TYPE_MISMATCH, message, at));
            return;
        }
        for (item, (field, wanted)) in items.iter().zip(fields) {
            let wanted = wanted.without_modifier();
            let found = self.expression(item, scope);
            let message = match (&item.kind, found) {
                (ExpressionKind::Text(text), _) => format!("`'{text}'` has no type of its own in a row"),
                (ExpressionKind::Null, _) => "`null` has no type of its own in a row".to_owned(),
                (_, Some(found)) if is_other(&found.without_modifier(), &wanted) => {
                    let value = Writer::new().expression(item).finish();
                    format!("field `{field}` of `{data_type}` is `{wanted}`, but `{value}` is `{found}`")
                }
                _ => continue,
            };
            let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, item.at);
            self.report(mistake.help(format!("`return` converts nothing in a row: write `::{wanted}` behind it")));
            return;
        }
    }

    /// `return next`, `return query`: of a function that returns a set.
    pub(super) fn must_be_set(&mut self, words: &str, at: At) {
        if matches!(self.gives, Gives::Rows(_) | Gives::RowsOf(_) | Gives::Any) {
            return;
        }
        let message = format!("`{words}` needs a function that returns a set");
        self.report(Diagnostic::new(code::INVALID_DEFINITION, message, at).help("write `returns setof ...`"));
    }

    /// The types of what a query gives that fills rows, or values, of a type; `None` where they are not known.
    fn columns_of_rows(&self, data_type: &Type, columns: &[Output]) -> Option<Vec<Type>> {
        let name = data_type.as_named()?;
        let checker = &self.check.checker;
        if checker.catalog().enums.contains_key(name) {
            return Some(vec![data_type.clone()]);
        }
        if let [only] = columns
            && only.data_type.is_none()
        {
            return None;
        }
        let fields = checker.fields(name)?;
        Some(fields.into_iter().map(|(_, data_type)| data_type).collect())
    }

    /// The type of the value that `return next` has, where it is one.
    pub(super) fn next_type(&self) -> Option<Type> {
        match &self.gives {
            Gives::Rows(types) => match types.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
            Gives::RowsOf(data_type) => Some(data_type.clone()),
            Gives::Any | Gives::Nothing(_) | Gives::Value(_) => None,
        }
    }

    /// What `return query` gives are the columns of the function.
    pub(super) fn must_give(&mut self, columns: Option<Vec<Output>>, at: At) {
        let Some(columns) = columns else { return };
        let expected = &match &self.gives {
            Gives::Rows(expected) => expected.clone(),
            Gives::RowsOf(data_type) => match self.columns_of_rows(data_type, &columns) {
                Some(expected) => expected,
                None => return,
            },
            _ => return,
        };
        if expected.is_empty() {
            return;
        }
        let message = if expected.len() == columns.len() {
            let apart = expected.iter().zip(&columns).find_map(|(expected, column)| {
                let found = column.data_type.as_ref()?;
                is_other(&found.without_modifier(), &expected.without_modifier()).then_some((expected, column, found))
            });
            let Some((expected, column, found)) = apart else { return };
            format!("the function returns `{expected}`, but column `{}` of this query is `{found}`", column.name)
        } else {
            let (wanted, given) = (counted(expected.len(), "column"), counted(columns.len(), "column"));
            format!("the function returns {wanted}, but this query gives {given}")
        };
        self.report(Diagnostic::new(code::TYPE_MISMATCH, message, at).help("`return query` converts nothing: cast it"));
    }
}

/// Whether two types certainly are not the same. Names may lack their schema.
pub(super) fn is_other(found: &Type, wanted: &Type) -> bool {
    match (found.as_named(), wanted.as_named()) {
        (Some(found), Some(wanted)) => found.name != wanted.name,
        _ => found != wanted,
    }
}
