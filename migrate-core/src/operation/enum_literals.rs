//! Finding the literals of an enum in expressions: by a cast, by what they are compared with, by the column they are
//! for.

use std::collections::BTreeSet;

use crate::catalog::Table;
use crate::expression::{Expression, ExpressionKind};
use crate::name::QualifiedName;
use crate::types::Type;

/// A renaming of one value of one enum, among the expressions of one table.
pub(super) struct EnumLiterals<'r> {
    enum_name: &'r QualifiedName,
    from: &'r str,
    to: &'r str,
    /// Columns of the enum, or of arrays of it.
    columns: BTreeSet<String>,
}

impl<'r> EnumLiterals<'r> {
    pub(super) fn of(table: &Table, enum_name: &'r QualifiedName, from: &'r str, to: &'r str) -> Self {
        let is_of_type = |data_type: &Type| data_type.depends_on() == Some(enum_name);
        let columns = table.columns.iter().filter(|column| is_of_type(&column.data_type));
        EnumLiterals { enum_name, from, to, columns: columns.map(|column| column.name.clone()).collect() }
    }

    /// Renames what is compared with a column of the enum or cast to it, anywhere in the expression.
    pub(super) fn rename_inside(&self, expression: &mut Expression) {
        expression.visit_mut(&mut |part| self.rename_part(part));
    }

    fn rename_part(&self, part: &mut Expression) {
        if self.is_of_enum(part) {
            self.rename_value(part);
        }
        match &mut part.kind {
            ExpressionKind::Cast { operand, target } if target.depends_on() == Some(self.enum_name) => {
                self.rename_value(operand);
            }
            ExpressionKind::TypedText { target, text } if target.depends_on() == Some(self.enum_name) => {
                self.rename_text(text);
            }
            ExpressionKind::Binary { left, right, .. } | ExpressionKind::IsDistinct { left, right, .. } => {
                if self.is_of_enum(left) {
                    self.rename_value(right);
                } else if self.is_of_enum(right) {
                    self.rename_value(left);
                }
            }
            ExpressionKind::In { operand, items, .. } if self.is_of_enum(operand) => {
                items.iter_mut().for_each(|item| self.rename_value(item));
            }
            ExpressionKind::Between { operand, low, high, .. } if self.is_of_enum(operand) => {
                self.rename_value(low);
                self.rename_value(high);
            }
            ExpressionKind::Quantified { operand, array, .. } => {
                if self.is_of_enum(operand) {
                    self.rename_value(array);
                } else if self.is_of_enum(array) {
                    self.rename_value(operand);
                }
            }
            ExpressionKind::Case { operand: Some(operand), branches, .. } if self.is_of_enum(operand) => {
                branches.iter_mut().for_each(|branch| self.rename_value(&mut branch.condition));
            }
            _ => {}
        }
    }

    fn is_of_enum(&self, expression: &Expression) -> bool {
        match &expression.kind {
            ExpressionKind::Name(parts) => parts.last().is_some_and(|column| self.columns.contains(column)),
            ExpressionKind::Cast { target, .. } | ExpressionKind::TypedText { target, .. } => {
                target.depends_on() == Some(self.enum_name)
            }
            ExpressionKind::Subscript { operand, .. } => self.is_of_enum(operand),
            ExpressionKind::Call(call) if call.is_choice() => {
                call.arguments.iter().any(|argument| self.is_of_enum(&argument.value))
            }
            ExpressionKind::Case { branches, otherwise, .. } => {
                let mut results = branches.iter().map(|branch| &branch.result).chain(otherwise.as_deref());
                results.any(|result| self.is_of_enum(result))
            }
            _ => false,
        }
    }

    /// Renames an expression whose value is of the enum, or an array of it.
    pub(super) fn rename_value(&self, expression: &mut Expression) {
        match &mut expression.kind {
            ExpressionKind::Text(text) => self.rename_text(text),
            ExpressionKind::Array(items) => items.iter_mut().for_each(|item| self.rename_value(item)),
            ExpressionKind::Call(call) if call.is_choice() => {
                call.arguments.iter_mut().for_each(|argument| self.rename_value(&mut argument.value));
            }
            ExpressionKind::Case { branches, otherwise, .. } => {
                branches.iter_mut().for_each(|branch| self.rename_value(&mut branch.result));
                otherwise.iter_mut().for_each(|otherwise| self.rename_value(otherwise));
            }
            _ => {}
        }
    }

    /// Renames `from`, and `from` among the elements of `{a,from}`.
    fn rename_text(&self, text: &mut String) {
        if text == self.from {
            self.to.clone_into(text);
            return;
        }
        let Some(elements) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return };
        // Quoted elements may hold commas; they are left to PostgreSQL.
        if elements.contains(['"', '\\']) || self.to.contains([',', '"', '\\', '{', '}', ' ']) {
            return;
        }
        let renamed: Vec<&str> =
            elements.split(',').map(|element| if element.trim() == self.from { self.to } else { element }).collect();
        *text = format!("{{{}}}", renamed.join(","));
    }
}
