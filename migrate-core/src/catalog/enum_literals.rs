//! Finding the literals of an enum in expressions: by a cast, by what they are compared with, by the column they are
//! for.

use super::Table;
use crate::expression::{Expression, ExpressionKind};
use crate::name::QualifiedName;
use crate::sorted::SortedSet;
use crate::types::Type;

/// The values of one enum among the expressions of one table.
pub(crate) struct EnumLiterals<'r> {
    enum_name: &'r QualifiedName,
    /// Columns of the enum, or of arrays of it.
    columns: SortedSet<String>,
}

impl<'r> EnumLiterals<'r> {
    pub(crate) fn of(table: &Table, enum_name: &'r QualifiedName) -> Self {
        let is_of_type = |data_type: &Type| data_type.depends_on() == Some(enum_name);
        let columns = table.columns.iter().filter(|column| is_of_type(&column.data_type));
        EnumLiterals { enum_name, columns: columns.map(|column| column.name.clone()).collect() }
    }

    /// Where these columns are of the enum.
    pub(crate) fn of_columns(enum_name: &'r QualifiedName, columns: SortedSet<String>) -> Self {
        EnumLiterals { enum_name, columns }
    }

    /// Where no column is in sight.
    pub(crate) fn without_columns(enum_name: &'r QualifiedName) -> Self {
        EnumLiterals { enum_name, columns: SortedSet::new() }
    }

    /// Calls `see` for each value that is compared with a column of the enum or cast to it, anywhere in the expression.
    pub(crate) fn visit_inside(&self, expression: &mut Expression, see: &mut dyn FnMut(&mut String)) {
        expression.visit_mut(&mut |part| self.visit_part(part, see));
    }

    /// Calls `see` for each value in one node, which is compared with a column of the enum or cast to it.
    pub(crate) fn visit_node(&self, part: &mut Expression, see: &mut dyn FnMut(&mut String)) {
        self.visit_part(part, see);
    }

    fn visit_part(&self, part: &mut Expression, see: &mut dyn FnMut(&mut String)) {
        if self.is_of_enum(part) {
            self.visit_value(part, see);
        }
        match &mut part.kind {
            ExpressionKind::Cast { operand, target, .. } if target.depends_on() == Some(self.enum_name) => {
                self.visit_value(operand, see);
            }
            ExpressionKind::TypedText { target, text } if target.depends_on() == Some(self.enum_name) => {
                visit_text(text, see);
            }
            ExpressionKind::Binary { left, right, .. } | ExpressionKind::IsDistinct { left, right, .. } => {
                if self.is_of_enum(left) {
                    self.visit_value(right, see);
                } else if self.is_of_enum(right) {
                    self.visit_value(left, see);
                }
            }
            ExpressionKind::In { operand, items, .. } if self.is_of_enum(operand) => {
                items.iter_mut().for_each(|item| self.visit_value(item, see));
            }
            ExpressionKind::Between { operand, low, high, .. } if self.is_of_enum(operand) => {
                self.visit_value(low, see);
                self.visit_value(high, see);
            }
            ExpressionKind::Quantified { operand, array, .. } => {
                if self.is_of_enum(operand) {
                    self.visit_value(array, see);
                } else if self.is_of_enum(array) {
                    self.visit_value(operand, see);
                }
            }
            ExpressionKind::Case { operand: Some(operand), branches, .. } if self.is_of_enum(operand) => {
                branches.iter_mut().for_each(|branch| self.visit_value(&mut branch.condition, see));
            }
            // What these take is of the type that the array is of.
            ExpressionKind::Call(call)
                if OF_ARRAYS.contains(&call.name.as_str())
                    && call.arguments.iter().any(|argument| self.is_of_enum(&argument.value)) =>
            {
                call.arguments.iter_mut().for_each(|argument| self.visit_value(&mut argument.value, see));
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

    /// Calls `see` for each value that an expression gives, which is of the enum or an array of it.
    pub(crate) fn visit_value(&self, expression: &mut Expression, see: &mut dyn FnMut(&mut String)) {
        match &mut expression.kind {
            ExpressionKind::Text(text) => visit_text(text, see),
            ExpressionKind::Array(items) => items.iter_mut().for_each(|item| self.visit_value(item, see)),
            ExpressionKind::Call(call) if call.is_choice() => {
                call.arguments.iter_mut().for_each(|argument| self.visit_value(&mut argument.value, see));
            }
            ExpressionKind::Case { branches, otherwise, .. } => {
                branches.iter_mut().for_each(|branch| self.visit_value(&mut branch.result, see));
                otherwise.iter_mut().for_each(|otherwise| self.visit_value(otherwise, see));
            }
            _ => {}
        }
    }
}

/// Functions over arrays and elements of one type (PostgreSQL manual, 9.19).
const OF_ARRAYS: &[&str] = &[
    "array_append",
    "array_cat",
    "array_position",
    "array_positions",
    "array_prepend",
    "array_remove",
    "array_replace",
];

/// A value, or each of the elements of `{a,b}`.
fn visit_text(text: &mut String, see: &mut dyn FnMut(&mut String)) {
    let Some(elements) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return see(text) };
    // Quoted elements may hold commas; they are left to PostgreSQL.
    if elements.contains(['"', '\\']) {
        return;
    }
    let mut is_changed = false;
    let mut element = |element: &str| {
        let mut value = element.trim().to_owned();
        see(&mut value);
        is_changed |= value != element.trim();
        value
    };
    let values: Vec<String> = elements.split(',').map(&mut element).collect();
    let can_stand_in_braces = |value: &String| !value.contains([',', '"', '\\', '{', '}', ' ']);
    if is_changed && values.iter().all(can_stand_in_braces) {
        *text = format!("{{{}}}", values.join(","));
    }
}
