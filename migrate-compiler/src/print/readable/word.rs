//! Operators that have words: `~~` is `like`, `= any (array[...])` is `in (...)`.

use migrate_core::expression::{Call, Expression, ExpressionKind, LikeForm, Operator, Quantifier};
use migrate_core::token::At;
use migrate_core::types::Type;

use super::Reader;
use crate::check::around::Around;

impl Reader<'_> {
    /// Writes what one part of an expression is with the word for it, if there is one.
    pub(super) fn with_words(&self, expression: &mut Expression, around: Around<'_>) {
        let word = match &expression.kind {
            ExpressionKind::Cast { operand, target, .. } => number(operand, target),
            ExpressionKind::Binary { operator, left, right } => matching(operator, left, right),
            ExpressionKind::And(parts) => between(parts, [">=", "<="], false),
            ExpressionKind::Or(parts) => between(parts, ["<", ">"], true),
            ExpressionKind::Quantified { operand, operator, quantifier, array } => {
                self.membership(operand, operator, *quantifier, array, around)
            }
            _ => None,
        };
        if let Some(word) = word {
            expression.kind = word;
        }
    }

    /// `= any (array[...])` as `in (...)`: PostgreSQL makes that array of the items, where their type is that of the operand.
    fn membership(
        &self,
        operand: &Expression,
        operator: &Operator,
        quantifier: Quantifier,
        array: &Expression,
        around: Around<'_>,
    ) -> Option<ExpressionKind> {
        let is_negated = match (operator.symbol.as_str(), quantifier) {
            _ if operator.schema.is_some() => return None,
            ("=", Quantifier::Any) => false,
            ("<>", Quantifier::All) => true,
            _ => return None,
        };
        let data_type =
            |operand: &Expression| Some(self.checker.resolution(operand, around).data_type?.without_modifier());
        let (operand, items) = match (&operand.kind, varchar_items(array)) {
            // What is compared as `text` is a list of `varchar` before.
            (ExpressionKind::Cast { operand: inner, target, .. }, Some(items)) if *target == Type::TEXT => {
                (data_type(inner)? == Type::VARCHAR).then_some((&**inner, items))?
            }
            _ => {
                let ExpressionKind::Array(items) = &array.kind else { return None };
                let wanted = data_type(operand)?;
                (operand, items.iter().map(|one| self.item(one, &wanted, around)).collect::<Option<Vec<_>>>()?)
            }
        };
        // One item alone is compared without a list.
        (items.len() > 1).then(|| ExpressionKind::In { operand: Box::new(operand.clone()), items, is_negated })
    }

    /// An item of a list whose items become values of this type by themselves.
    fn item(&self, item: &Expression, wanted: &Type, around: Around<'_>) -> Option<Expression> {
        let bare = match &item.kind {
            ExpressionKind::Text(_) if *wanted == Type::TEXT => item,
            ExpressionKind::Cast { operand, target, .. } if target == wanted => operand,
            _ => item,
        };
        match &bare.kind {
            ExpressionKind::Text(_) if bare.as_text().is_some() => {
                (*wanted == Type::TEXT || !std::ptr::eq(bare, item)).then(|| bare.clone())
            }
            _ if is_number(bare) => {
                let own = self.checker.resolution(bare, around).data_type?;
                let is_read =
                    !std::ptr::eq(bare, item) || own == *wanted || (own == Type::INTEGER && *wanted == Type::SMALLINT);
                is_read.then(|| bare.clone())
            }
            _ => None,
        }
    }
}

/// The texts of `ARRAY['a'::varchar, ...]::text[]`, or of `ARRAY['a'::varchar::text, ...]`, as the server prints the first one when
/// it reads that again.
fn varchar_items(array: &Expression) -> Option<Vec<Expression>> {
    let of_varchar = |item: &Expression| match &item.kind {
        ExpressionKind::Cast { operand, target, .. } if *target == Type::VARCHAR && operand.as_text().is_some() => {
            Some((**operand).clone())
        }
        _ => None,
    };
    match &array.kind {
        ExpressionKind::Cast { operand, target, .. } if *target == Type::TEXT.array() => match &operand.kind {
            ExpressionKind::Array(items) => items.iter().map(of_varchar).collect(),
            _ => None,
        },
        ExpressionKind::Array(items) => {
            let of_text = |item: &Expression| match &item.kind {
                ExpressionKind::Cast { operand, target, .. } if *target == Type::TEXT => of_varchar(operand),
                _ => None,
            };
            items.iter().map(of_text).collect()
        }
        _ => None,
    }
}

fn is_number(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Number(_) => true,
        ExpressionKind::Unary { operator, operand } => {
            operator.is("-") && matches!(operand.kind, ExpressionKind::Number(_))
        }
        _ => false,
    }
}

/// The number that the server prints as a text, which it does with those below zero and with large ones.
fn number(operand: &Expression, target: &Type) -> Option<ExpressionKind> {
    let text = operand.as_text()?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = |digits: &str| {
        digits.starts_with(|first: char| first.is_ascii_digit()) && (digits == "0" || !digits.starts_with("00"))
    };
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit()) && is_plain(digits);
    let is_small = digits.parse::<i32>().is_ok();
    let is_meant = match *target {
        Type::INTEGER => is_whole && is_small,
        Type::BIGINT => is_whole && !is_small && digits.parse::<i64>().is_ok(),
        Type::NUMERIC => {
            let (whole, part) = digits.split_once('.')?;
            [whole, part].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        }
        _ => false,
    };
    if !is_meant || (digits == text && *target != Type::BIGINT) {
        return None;
    }
    let number = ExpressionKind::Number(digits.to_owned());
    Some(match digits == text {
        true => number,
        false => ExpressionKind::Unary { operator: Operator::new("-"), operand: Box::new(number.into()) },
    })
}

/// `a >= 1 and a <= 2`, and nothing beside it, of one column: PostgreSQL makes that of `a between 1 and 2`.
fn between(parts: &[Expression], symbols: [&str; 2], is_negated: bool) -> Option<ExpressionKind> {
    let [first, second] = parts else { return None };
    let end = |part: &Expression, symbol: &str| match &part.kind {
        ExpressionKind::Binary { operator, left, right } if operator.is(symbol) && operator.schema.is_none() => {
            Some((left.clone(), right.clone()))
        }
        _ => None,
    };
    let ((operand, low), (other, high)) = (end(first, symbols[0])?, end(second, symbols[1])?);
    let is_column = match &operand.kind {
        ExpressionKind::Cast { operand, .. } => matches!(operand.kind, ExpressionKind::Name(_)),
        kind => matches!(kind, ExpressionKind::Name(_)),
    };
    (is_column && operand == other).then_some(ExpressionKind::Between {
        operand,
        low,
        high,
        is_symmetric: false,
        is_negated,
    })
}

/// `like`, `ilike` and `similar to`.
fn matching(operator: &Operator, left: &Expression, right: &Expression) -> Option<ExpressionKind> {
    if operator.schema.is_some() {
        return None;
    }
    let (form, is_negated) = match operator.symbol.as_str() {
        "~~" => (LikeForm::Like, false),
        "!~~" => (LikeForm::Like, true),
        "~~*" => (LikeForm::ILike, false),
        "!~~*" => (LikeForm::ILike, true),
        "~" => (LikeForm::SimilarTo, false),
        "!~" => (LikeForm::SimilarTo, true),
        _ => return None,
    };
    let escaped = |name: &str| match &right.kind {
        ExpressionKind::Call(call) if is_plain(call, name) => match call.arguments.as_slice() {
            [pattern] => Some((pattern.value.clone(), None)),
            [pattern, escape] => Some((pattern.value.clone(), Some(Box::new(escape.value.clone())))),
            _ => None,
        },
        _ => None,
    };
    let (pattern, escape) = match form {
        LikeForm::SimilarTo => escaped("similar_to_escape")?,
        _ => escaped("like_escape").unwrap_or_else(|| (right.clone(), None)),
    };
    Some(ExpressionKind::Like {
        form,
        operand: Box::new(left.clone()),
        pattern: Box::new(pattern),
        escape,
        is_negated,
        place: At::default(),
    })
}

fn is_plain(call: &Call, name: &str) -> bool {
    call.schema.is_none() && call.name == name && !call.is_distinct && call.filter.is_none() && call.over.is_none()
}
