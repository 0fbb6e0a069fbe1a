//! Choosing among overloads (`func_match_argtypes`, `func_select_candidate`).

use super::types::{Types, UNKNOWN};
use crate::system::{Cast, CastContext, TypeId};

/// An overload with the types that it takes here: variadic arguments are counted out, defaults are left off.
#[derive(Clone, Debug)]
pub(super) struct Candidate<T> {
    pub(super) arguments: Vec<TypeId>,
    pub(super) what: T,
}

/// What was chosen.
#[derive(Debug)]
pub(super) enum Choice<T> {
    One(Candidate<T>),
    None,
    Ambiguous,
}

impl Types<'_> {
    /// The candidate that PostgreSQL takes for these inputs.
    pub(super) fn choose<T: Clone>(
        &self,
        inputs: &[TypeId],
        candidates: Vec<Candidate<T>>,
        is_there: &impl Fn(Cast) -> bool,
    ) -> Choice<T> {
        let fits = |candidate: &Candidate<T>| {
            let single = inputs.iter().zip(&candidate.arguments);
            single
                .into_iter()
                .all(|(input, argument)| self.can_coerce(*input, *argument, CastContext::Implicit, is_there))
                && self.generics(inputs, &candidate.arguments, is_there).is_some()
        };
        let mut left: Vec<Candidate<T>> = candidates.into_iter().filter(|candidate| fits(candidate)).collect();
        if left.len() <= 1 {
            return left.pop().map_or(Choice::None, Choice::One);
        }
        let bases: Vec<TypeId> =
            inputs.iter().map(|id| if *id == UNKNOWN { UNKNOWN } else { self.base(*id) }).collect();
        let unknowns = bases.iter().filter(|id| **id == UNKNOWN).count();
        keep_best(&mut left, |candidate| {
            let pairs = bases.iter().zip(&candidate.arguments);
            pairs.filter(|(base, argument)| **base != UNKNOWN && base == argument).count()
        });
        if left.len() == 1 {
            return left.pop().map_or(Choice::None, Choice::One);
        }
        let categories: Vec<u8> = bases.iter().map(|id| self.category(*id)).collect();
        keep_best(&mut left, |candidate| {
            let slots = bases.iter().zip(&categories).zip(&candidate.arguments);
            slots
                .filter(|((base, category), argument)| {
                    **base != UNKNOWN && (base == argument || self.is_preferred(**category, **argument))
                })
                .count()
        });
        if left.len() == 1 {
            return left.pop().map_or(Choice::None, Choice::One);
        }
        if unknowns == 0 {
            return Choice::Ambiguous;
        }
        if let Some(settled) = self.settle_unknowns(&bases, &mut left) {
            return Choice::One(settled);
        }
        // All known arguments have one type: assume it for the others.
        let mut known = bases.iter().filter(|id| **id != UNKNOWN);
        if let Some(first) = known.next()
            && known.all(|id| id == first)
        {
            let assumed = vec![*first; inputs.len()];
            let mut fitting = left.into_iter().filter(|candidate| {
                let pairs = assumed.iter().zip(&candidate.arguments);
                pairs
                    .into_iter()
                    .all(|(input, argument)| self.can_coerce(*input, *argument, CastContext::Implicit, is_there))
                    && self.generics(&assumed, &candidate.arguments, is_there).is_some()
            });
            if let (Some(one), None) = (fitting.next(), fitting.next()) {
                return Choice::One(one);
            }
        }
        Choice::Ambiguous
    }

    /// Looks at the categories that the candidates take where a literal stands. Strings win; else all must agree.
    fn settle_unknowns<T: Clone>(&self, bases: &[TypeId], left: &mut Vec<Candidate<T>>) -> Option<Candidate<T>> {
        let mut slots: Vec<(u8, bool)> = vec![(0, false); bases.len()];
        let mut is_resolved = true;
        for (index, base) in bases.iter().enumerate() {
            if *base != UNKNOWN {
                continue;
            }
            let (mut category, mut has_preferred, mut conflict) = (0, false, false);
            for candidate in left.iter() {
                let Some(id) = candidate.arguments.get(index).copied() else { continue };
                let (found, preferred) = (self.category(id), self.is_preferred(b'X', id));
                if category == 0 {
                    (category, has_preferred) = (found, preferred);
                } else if category == found {
                    has_preferred |= preferred;
                } else if found == b'S' {
                    (category, has_preferred) = (found, preferred);
                } else {
                    conflict = true;
                }
            }
            if conflict && category != b'S' {
                is_resolved = false;
                break;
            }
            if let Some(slot) = slots.get_mut(index) {
                *slot = (category, has_preferred);
            }
        }
        if !is_resolved {
            return None;
        }
        let keeps = |candidate: &Candidate<T>| {
            candidate.arguments.iter().zip(bases).zip(&slots).all(|((id, base), (category, has_preferred))| {
                *base != UNKNOWN
                    || (self.category(*id) == *category && (!has_preferred || self.is_preferred(*category, *id)))
            })
        };
        let kept: Vec<Candidate<T>> = left.iter().filter(|candidate| keeps(candidate)).cloned().collect();
        if !kept.is_empty() {
            *left = kept;
        }
        match left.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }
}

/// Keeps those with the highest count.
fn keep_best<T>(candidates: &mut Vec<Candidate<T>>, count: impl Fn(&Candidate<T>) -> usize) {
    let best = candidates.iter().map(&count).max().unwrap_or_default();
    candidates.retain(|candidate| count(candidate) == best);
}
