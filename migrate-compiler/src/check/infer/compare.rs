//! Operators: the side with a type of its own decides what a bare word or a literal on the other side is.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Category, Type};

use super::Walk;
use crate::check::Checker;
use crate::check::literal::beside;
use crate::diagnostic::{Diagnostic, code};

impl Walk<'_, '_> {
    pub(super) fn binary(
        &mut self,
        symbol: &str,
        left: &mut Expression,
        right: &mut Expression,
        at: At,
    ) -> Option<Type> {
        match symbol {
            "=" | "<>" | "!=" | "<" | ">" | "<=" | ">=" => {
                self.compared(left, right, at);
                Some(Type::BOOLEAN)
            }
            "+" | "-" | "*" | "/" | "%" => {
                let (left, right) = (self.infer(left, None), self.infer(right, None));
                let is_money = |data_type: &Type| *data_type == Type::BuiltIn(BuiltIn::Money);
                match (left?, right?) {
                    // A share of money is a number, and so is its product with nothing but a number.
                    (left, right) if is_money(&left) && is_money(&right) => matches!(symbol, "+" | "-").then_some(left),
                    (left, right) if is_money(&left) || is_money(&right) => {
                        matches!(symbol, "*" | "/").then_some(Type::BuiltIn(BuiltIn::Money))
                    }
                    (left, right) if left == right && left.category() == Category::Numeric => {
                        Some(left.without_modifier())
                    }
                    (left, right) if left.category() == Category::Numeric && right.category() == Category::Numeric => {
                        let is_small = |data_type: &Type| *data_type != Type::BIGINT;
                        Some(if left.is_integer() && right.is_integer() {
                            if is_small(&left) && is_small(&right) { Type::INTEGER } else { Type::BIGINT }
                        } else {
                            Type::NUMERIC
                        })
                    }
                    _ => None,
                }
            }
            "||" => {
                let (left, right) = (self.infer(left, None), self.infer(right, None));
                let is_string = |data_type: &Option<Type>| {
                    data_type.as_ref().is_some_and(|data_type| data_type.category() == Category::String)
                };
                (is_string(&left) || is_string(&right)).then_some(Type::TEXT)
            }
            "->>" | "#>>" => {
                self.infer(left, None);
                self.infer(right, None);
                Some(Type::TEXT)
            }
            "@>" | "<@" | "~" | "~*" | "!~" | "!~*" | "?" | "?|" | "?&" | "@@" | "~~" | "!~~" | "~~*" => {
                self.infer(left, None);
                self.infer(right, None);
                Some(Type::BOOLEAN)
            }
            _ => {
                self.infer(left, None);
                self.infer(right, None);
                None
            }
        }
    }

    /// Two sides of a comparison. The side with a type of its own decides what a bare word or a literal on the other
    /// side is.
    pub(super) fn compared(&mut self, left: &mut Expression, right: &mut Expression, at: At) {
        let right_decides = self.is_bare_word(left) && !self.is_bare_word(right);
        let (first, second) = if right_decides { (right, left) } else { (left, right) };
        let mistakes = self.checker.mistakes.len();
        let first_type = self.infer(first, None);
        if self.checker.mistakes.len() > mistakes && first_type.is_none() && self.is_bare_word(second) {
            // What the word is compared with is not known, so neither is what it stands for.
            return;
        }
        let expected = beside(first_type.as_ref(), second).filter(|_| self.is_bare_word(second));
        let second_type = self.infer(second, expected.as_ref());
        self.give_type(second, first_type.as_ref());
        // What a call gives, and whether there is such a function, is told when it is resolved.
        let is_call = |side: &Expression| matches!(side.kind, ExpressionKind::Call(_));
        if let (Some(first_type), Some(second_type)) = (first_type, second_type)
            && !is_call(first)
            && !is_call(second)
        {
            self.must_compare(&first_type, &second_type, at);
        }
    }

    /// Something that is compared. Says whether it is of a type that can be.
    pub(super) fn comparable_item(&mut self, data_type: Option<&Type>, item: &mut Expression) -> bool {
        let at = item.at;
        let mistakes = self.checker.mistakes.len();
        let expected = beside(data_type, item).filter(|_| self.is_bare_word(item));
        let item_type = self.infer(item, expected.as_ref());
        self.give_type(item, data_type);
        match (data_type, item_type) {
            (Some(data_type), Some(item_type)) => self.must_compare(data_type, &item_type, at),
            _ => !(matches!(item.kind, ExpressionKind::Number(_)) && self.checker.mistakes.len() > mistakes),
        }
    }

    /// Gives `[...]` the type of the array that it stands beside: for PostgreSQL `ARRAY[]` has none, and `ARRAY['a']` is
    /// `text[]` beside whatever it stands.
    pub(super) fn give_type(&self, part: &mut Expression, data_type: Option<&Type>) {
        let Some(data_type) = data_type.filter(|data_type| data_type.element().is_some()) else { return };
        if matches!(part.kind, ExpressionKind::Array(_)) && self.is_bare_word(part) {
            let array = std::mem::replace(part, Expression::null());
            *part = array.assigned_to(&data_type.without_modifier());
        }
    }

    /// What has no type of its own: a literal, a name that is not a column here, so perhaps a value of an enum, and a choice
    /// among nothing but these.
    pub(super) fn is_bare_word(&self, expression: &Expression) -> bool {
        let is_column = |name: &str| self.around.has(name);
        match &expression.kind {
            ExpressionKind::Null | ExpressionKind::Text(_) | ExpressionKind::Number(_) | ExpressionKind::Json(_) => {
                true
            }
            ExpressionKind::Array(items) => items.iter().all(|item| self.is_bare_word(item)),
            ExpressionKind::Call(call) if call.is_choice() => {
                call.arguments.iter().all(|argument| self.is_bare_word(&argument.value))
            }
            ExpressionKind::Case { branches, otherwise, .. } => {
                let mut results = branches.iter().map(|branch| &branch.result).chain(otherwise.as_deref());
                results.all(|result| self.is_bare_word(result))
            }
            _ => expression.as_name().is_some_and(|name| !is_column(name)),
        }
    }

    fn must_compare(&mut self, left: &Type, right: &Type, at: At) -> bool {
        let known = |checker: &Checker<'_>, data_type: &Type| match data_type.category() {
            Category::Numeric => Some("number"),
            Category::String => Some("text"),
            Category::Boolean => Some("boolean"),
            Category::DateTime => Some("time"),
            Category::Uuid => Some("uuid"),
            Category::Json => Some("json"),
            Category::Named if checker.values_of(data_type).is_some() => Some("enum"),
            _ => None,
        };
        let kinds = (known(self.checker, left), known(self.checker, right));
        let (Some(left_kind), Some(right_kind)) = kinds else { return true };
        let is_good = left_kind == right_kind && (left_kind != "enum" || left == right);
        if !is_good {
            self.fail(
                Diagnostic::new(code::TYPE_MISMATCH, format!("cannot compare `{left}` with `{right}`"), at)
                    .help("cast one side to the type of the other, for example `x::text`"),
            );
        }
        is_good
    }
}
