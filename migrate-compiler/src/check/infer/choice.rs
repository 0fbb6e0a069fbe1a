//! Expressions that PostgreSQL gives one type.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::types::Type;

use super::Walk;

impl Walk<'_, '_> {
    /// What gives one of several expressions. For PostgreSQL it is a text where all of them are literals, and no text
    /// becomes a value of an enum by itself.
    pub(super) fn choice(&mut self, mut parts: Vec<&mut Expression>, expected: Option<&Type>) -> Option<Type> {
        let found = self.alike(parts.iter_mut().map(|part| &mut **part), expected);
        let Some(expected) = expected.filter(|expected| found.is_none() && self.checker.values_of(expected).is_some())
        else {
            return found;
        };
        let mut found = None;
        for part in parts.into_iter().filter(|part| part.as_text().is_some()) {
            let at = part.at;
            let text = std::mem::replace(part, Expression::null());
            *part = Expression::new(Expression::cast(text, expected.clone()).kind, at);
            found = Some(expected.clone());
        }
        found
    }

    /// Expressions that PostgreSQL gives one type: the arguments of a choice, the results of `case`, the elements of an
    /// array. Those with a type of their own decide what bare words and literals among the others are.
    pub(super) fn alike<'e>(
        &mut self,
        parts: impl IntoIterator<Item = &'e mut Expression>,
        expected: Option<&Type>,
    ) -> Option<Type> {
        let (words, typed): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| self.is_bare_word(part));
        let mistakes = self.checker.mistakes.len();
        let count = typed.len();
        let types: Vec<Type> = typed.into_iter().filter_map(|part| self.infer(part, expected)).collect();
        let is_known = types.len() == count;
        // PostgreSQL keeps no length that not all of them have.
        let mut found = types.first().map(Type::without_modifier);
        let is_one = types.iter().all(|data_type| Some(data_type.without_modifier()) == found);
        let wanted = if is_one { found.clone().or_else(|| expected.cloned()) } else { expected.cloned() };
        for part in words {
            if wanted.is_none() && self.checker.mistakes.len() > mistakes {
                // What would give the word its meaning is not known.
                break;
            }
            // A number is of the smallest type that holds it, not of that of the others.
            let is_wider = holds_number(part) && found.as_ref().is_some_and(Type::is_integer);
            let data_type = self.infer(part, wanted.as_ref().filter(|_| !is_wider));
            self.give_type(part, wanted.as_ref());
            let is_larger = is_wider
                && data_type.as_ref().is_some_and(|data_type| *data_type == Type::BIGINT || !data_type.is_integer());
            found = if is_larger { data_type } else { found.or(data_type) };
        }
        // One that is not known may decide.
        found.filter(|found| is_known || self.checker.values_of(found).is_some())
    }
}

/// Whether it is a number, or a choice among some.
fn holds_number(part: &Expression) -> bool {
    match &part.kind {
        ExpressionKind::Number(_) => true,
        ExpressionKind::Call(call) if call.is_choice() => {
            call.arguments.iter().any(|argument| holds_number(&argument.value))
        }
        ExpressionKind::Case { branches, otherwise, .. } => {
            branches.iter().map(|branch| &branch.result).chain(otherwise.as_deref()).any(holds_number)
        }
        _ => false,
    }
}
