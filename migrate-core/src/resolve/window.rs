//! Windows: what they are partitioned and ordered by, and their frames (`transformWindowDefinitions`, `transformFrameOffset`).

use super::Problem;
use super::types::{BIGINT, UNKNOWN};
use super::walk::{Value, Walk};
use crate::query::{Frame, FrameBound, FrameUnit, Window};
use crate::system::{CastContext, TypeId, functions};
use crate::types::Type;

impl Walk<'_> {
    pub(super) fn window(&mut self, window: &Window) {
        for value in &window.partition_by {
            let id = self.type_of(value);
            self.must_have_equality(id, value.at);
        }
        let mut ordered = Vec::new();
        for item in &window.order_by {
            let id = self.type_of(&item.value);
            self.must_have_order(id, item.value.at);
            ordered.push(id);
        }
        if let Some(frame) = &window.frame {
            self.frame(frame, &ordered, window);
        }
    }

    fn frame(&mut self, frame: &Frame, ordered: &[TypeId], window: &Window) {
        use FrameBound::{CurrentRow, Following, Preceding, UnboundedFollowing, UnboundedPreceding};
        let end = frame.end.as_ref().unwrap_or(&CurrentRow);
        let message = match (&frame.start, end) {
            (UnboundedFollowing, _) => Some("frame start cannot be unbounded following"),
            (_, UnboundedPreceding) if frame.end.is_some() => Some("frame end cannot be unbounded preceding"),
            (CurrentRow, Preceding(_)) => Some("frame starting from current row cannot have preceding rows"),
            (Following(_), CurrentRow | Preceding(_)) => {
                Some("frame starting from following row cannot have preceding rows")
            }
            _ => None,
        };
        if let Some(message) = message {
            self.mistake(window.at, Problem::Frame { message });
            return;
        }
        if frame.unit == FrameUnit::Groups && ordered.is_empty() && window.base.is_none() {
            self.mistake(window.at, Problem::GroupsOrder);
            return;
        }
        for bound in [&frame.start, end] {
            let (Preceding(distance) | Following(distance)) = bound else { continue };
            let id = self.type_of(distance);
            match (frame.unit, ordered) {
                (FrameUnit::Rows | FrameUnit::Groups, _) => {
                    self.must_become(id, BIGINT, "the distance", distance.at);
                }
                (FrameUnit::Range, [_, _, ..]) => {
                    self.mistake(window.at, Problem::RangeOrder);
                }
                (FrameUnit::Range, []) if window.base.is_none() => {
                    self.mistake(window.at, Problem::RangeOrder);
                }
                (FrameUnit::Range, [ordered]) => {
                    self.range_distance(*ordered, Value { id, expression: Some(distance) }, distance.at);
                }
                (FrameUnit::Range, []) => {}
            }
        }
    }

    /// `in_range` must be there for what is ordered and the distance.
    fn range_distance(&mut self, ordered: TypeId, value: Value<'_>, at: crate::token::At) {
        let distance = value.id;
        if ordered == UNKNOWN || self.is_open(ordered) || self.is_open(distance) {
            return;
        }
        let ordered = self.types.base(ordered);
        let supported: Vec<TypeId> = functions("in_range")
            .filter(|function| function.arguments().get(0) == Some(ordered))
            .filter_map(|function| function.arguments().get(2))
            .collect();
        let takes = |walk: &Self, id: &TypeId| {
            distance == UNKNOWN || walk.types.can_coerce(distance, *id, CastContext::Implicit, &walk.has_cast())
        };
        if !supported.iter().any(|id| takes(self, id)) {
            let found = self.types.type_of(ordered);
            self.mistake(at, Problem::RangeDistance { found });
            return;
        }
        // A literal is read as a value of the same type, or of the only one that there is.
        match supported.as_slice() {
            [only] => self.reads(value, *only),
            _ if supported.contains(&ordered) => self.reads(value, ordered),
            _ => {}
        }
    }

    /// Whether a value becomes one of a type by itself.
    pub(super) fn must_become(&mut self, id: TypeId, to: TypeId, what: &str, at: crate::token::At) {
        if id == UNKNOWN || self.is_open(id) || self.surroundings.may_have_casts() {
            return;
        }
        if !self.types.can_coerce(id, to, CastContext::Assignment, &self.has_cast()) {
            let (expected, found): (Type, Type) = (self.types.type_of(to), self.types.type_of(id));
            self.mistake(at, Problem::Expected { what: what.to_owned(), expected, found });
        }
    }
}
