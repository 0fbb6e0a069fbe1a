//! Conversions: which there are (`parse_coerce.c`), what polymorphic arguments stand for, the common type of several.

use super::types::{ANY, RECORD, TEXT, Types, UNKNOWN};
use crate::expression::Volatility;
use crate::system::{Cast, CastContext, TypeId, cast, operator_classes};
use crate::types::BuiltIn;

/// How a value becomes one of another type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    pub(super) volatility: Volatility,
    pub(super) extension: Option<&'static str>,
    /// Whether the text form is written or read.
    pub(super) by_text: bool,
}

const SAME: Path = Path { volatility: Volatility::Immutable, extension: None, by_text: false };

impl Types<'_> {
    /// `find_coercion_pathway`. `is_there` says which casts of the tables are.
    pub(super) fn path(
        &self,
        source: TypeId,
        target: TypeId,
        context: CastContext,
        is_there: &impl Fn(Cast) -> bool,
    ) -> Option<Path> {
        let (source, target) = (self.base(source), self.base(target));
        if source == target {
            return Some(SAME);
        }
        if let Some((where_done, volatility)) = self.own_cast(source, target) {
            return (where_done <= context).then_some(Path { volatility, extension: None, by_text: false });
        }
        if let Some(found) = cast(source, target).find(|cast| is_there(*cast)) {
            // What is there, but not for this context, is also not replaced by the text form.
            return (found.context() <= context).then(|| Path {
                volatility: if found.is_by_text() {
                    self.volatility_by_text(source, target)
                } else {
                    found.volatility()
                },
                extension: found.extension(),
                by_text: found.is_by_text(),
            });
        }
        if !matches!(target.built_in(), Some(BuiltIn::OidVector | BuiltIn::Int2Vector))
            && let (Some(from), Some(to)) = (self.element(source), self.element(target))
            && let Some(path) = self.path(from, to, context, is_there)
        {
            return Some(path);
        }
        let by_text = (context >= CastContext::Assignment && self.category(target) == b'S')
            || (context >= CastContext::Explicit && self.category(source) == b'S');
        // Whether input and output are immutable depends on the type (`typoutput`, `typinput`).
        by_text.then(|| Path { volatility: self.volatility_by_text(source, target), extension: None, by_text: true })
    }

    /// The volatility of writing the one as text and of reading that as the other. Those of the user have no functions
    /// of their own for that, and what does it for enums, arrays, ranges and rows is stable.
    fn volatility_by_text(&self, source: TypeId, target: TypeId) -> Volatility {
        let is_fixed = source.entry().has_fixed_output() && target.entry().has_fixed_input();
        if is_fixed { Volatility::Immutable } else { Volatility::Stable }
    }

    /// `can_coerce_type` of single types, polymorphic targets aside.
    pub(super) fn can_coerce(
        &self,
        source: TypeId,
        target: TypeId,
        context: CastContext,
        is_there: &impl Fn(Cast) -> bool,
    ) -> bool {
        source == target
            || target == ANY
            || source == UNKNOWN
            || polymorphic(target).is_some()
            || self.path(source, target, context, is_there).is_some()
            || (source == RECORD && self.is_composite(self.base(target)))
            || (target == RECORD && self.is_composite(self.base(source)))
    }
}

/// A polymorphic type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Polymorphic {
    shape: Shape,
    /// Whether it is one of the `anycompatible` family.
    is_compatible: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Element,
    NonArray,
    Enum,
    Array,
    Range,
    Multirange,
}

pub(super) fn polymorphic(id: TypeId) -> Option<Polymorphic> {
    let (shape, is_compatible) = match id.built_in()? {
        BuiltIn::AnyElement => (Shape::Element, false),
        BuiltIn::AnyNonArray => (Shape::NonArray, false),
        BuiltIn::AnyEnum => (Shape::Enum, false),
        BuiltIn::AnyArray => (Shape::Array, false),
        BuiltIn::AnyRange => (Shape::Range, false),
        BuiltIn::AnyMultirange => (Shape::Multirange, false),
        BuiltIn::AnyCompatible => (Shape::Element, true),
        BuiltIn::AnyCompatibleNonArray => (Shape::NonArray, true),
        BuiltIn::AnyCompatibleArray => (Shape::Array, true),
        BuiltIn::AnyCompatibleRange => (Shape::Range, true),
        BuiltIn::AnyCompatibleMultirange => (Shape::Multirange, true),
        _ => return None,
    };
    Some(Polymorphic { shape, is_compatible })
}

/// What the polymorphic types of a signature stand for.
#[derive(Clone, Copy, Debug, Default)]
struct Family {
    element: Option<TypeId>,
    array: Option<TypeId>,
    range: Option<TypeId>,
    multirange: Option<TypeId>,
    must_be_enum: bool,
    must_be_no_array: bool,
    is_used: bool,
    /// Whether a range or a multirange must be told: its subtype does not tell it.
    wants_range: bool,
}

/// What polymorphic arguments stand for; `None` where they do not fit together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Generics {
    plain: Family,
    compatible: Family,
}

impl Generics {
    /// Whether the arguments tell what each polymorphic type stands for. Where literals alone stand for `anycompatible`,
    /// it is text.
    pub(super) fn is_determined(&self) -> bool {
        let has_range = |family: &Family| !family.wants_range || family.range.or(family.multirange).is_some();
        (!self.plain.is_used || self.plain.element.is_some()) && has_range(&self.plain) && has_range(&self.compatible)
    }
}

impl Types<'_> {
    /// `check_generic_type_consistency`, and `enforce_generic_type_consistency` as far as it finds the types.
    pub(super) fn generics(
        &self,
        inputs: &[TypeId],
        arguments: &[TypeId],
        is_there: &impl Fn(Cast) -> bool,
    ) -> Option<Generics> {
        let mut generics = Generics::default();
        // Types of the `anycompatible` family, whose common type is looked for.
        let mut wanted: Vec<TypeId> = Vec::new();
        for (input, argument) in inputs.iter().zip(arguments) {
            let Some(Polymorphic { shape, is_compatible }) = polymorphic(*argument) else { continue };
            let family = if is_compatible { &mut generics.compatible } else { &mut generics.plain };
            family.is_used = true;
            family.must_be_enum |= shape == Shape::Enum;
            family.must_be_no_array |= shape == Shape::NonArray;
            family.wants_range |= matches!(shape, Shape::Range | Shape::Multirange);
            if *input == UNKNOWN {
                continue;
            }
            let found = if shape == Shape::Element || shape == Shape::NonArray || shape == Shape::Enum {
                *input
            } else {
                self.base(*input)
            };
            if is_compatible {
                match shape {
                    Shape::Element | Shape::NonArray | Shape::Enum => wanted.push(found),
                    Shape::Array => wanted.push(self.element(found)?),
                    Shape::Range => {
                        wanted.push(self.range_subtype(found)?);
                        if generics.compatible.range.is_some_and(|known| known != found) {
                            return None;
                        }
                        generics.compatible.range = Some(found);
                    }
                    Shape::Multirange => {
                        let range = self.multirange_range(found)?;
                        wanted.push(self.range_subtype(range)?);
                        if generics.compatible.multirange.is_some_and(|known| known != found) {
                            return None;
                        }
                        generics.compatible.multirange = Some(found);
                    }
                }
                continue;
            }
            let slot = match shape {
                Shape::Element | Shape::NonArray | Shape::Enum => &mut family.element,
                Shape::Array => &mut family.array,
                Shape::Range => &mut family.range,
                Shape::Multirange => &mut family.multirange,
            };
            if slot.is_some_and(|known| known != found) {
                return None;
            }
            *slot = Some(found);
        }
        let plain = &mut generics.plain;
        let mut agree = |element: Option<TypeId>| -> Option<()> {
            let element = element?;
            match plain.element {
                Some(known) if known != element => None,
                _ => {
                    plain.element = Some(element);
                    Some(())
                }
            }
        };
        if let Some(array) = plain.array {
            agree(self.element(array))?;
        }
        let plain = &mut generics.plain;
        if let Some(multirange) = plain.multirange {
            let range = self.multirange_range(multirange)?;
            if plain.range.is_some_and(|known| known != range) {
                return None;
            }
            plain.range = Some(range);
        }
        if let Some(range) = plain.range {
            let subtype = self.range_subtype(range)?;
            if plain.element.is_some_and(|known| known != subtype) {
                return None;
            }
            plain.element = Some(subtype);
        }
        if !wanted.is_empty() {
            generics.compatible.element = Some(self.common(&wanted, is_there)?);
        }
        for family in [&generics.plain, &generics.compatible] {
            let Some(element) = family.element else { continue };
            if family.must_be_no_array && self.element(self.base(element)).is_some() {
                return None;
            }
            if family.must_be_enum && !self.is_enum(self.base(element)) {
                return None;
            }
        }
        Some(generics)
    }

    /// What a type of the signature is after the arguments are known; `None` where only unknown literals stand for it.
    pub(super) fn concrete(&self, id: TypeId, generics: &Generics) -> Option<TypeId> {
        let Some(Polymorphic { shape, is_compatible }) = polymorphic(id) else { return Some(id) };
        let family = if is_compatible { &generics.compatible } else { &generics.plain };
        // Nothing but literals: `anycompatible` becomes text.
        let element = family.element.or(is_compatible.then_some(TEXT));
        match shape {
            Shape::Element | Shape::NonArray | Shape::Enum => element,
            Shape::Array => family.array.or_else(|| element.map(|element| self.array(element))),
            Shape::Range => family.range,
            Shape::Multirange => family.multirange.or_else(|| self.multirange_of(family.range?)),
        }
    }

    /// The array of which a result of the signature would be an array: there is no such type.
    pub(super) fn lacks_array(&self, result: TypeId, generics: &Generics) -> Option<TypeId> {
        let Polymorphic { shape: Shape::Array, is_compatible } = polymorphic(result)? else { return None };
        let family = if is_compatible { &generics.compatible } else { &generics.plain };
        let element = family.element.filter(|_| family.array.is_none())?;
        self.element(self.base(element)).map(|_| element)
    }

    /// Whether values have an order of their own: a default operator class of B-trees.
    pub(super) fn has_order(&self, id: TypeId) -> bool {
        self.has_class(id, "btree")
    }

    /// Whether values can be compared for equality: a default operator class of B-trees or of hashes.
    pub(super) fn has_equality(&self, id: TypeId) -> bool {
        self.has_class(id, "btree") || self.has_class(id, "hash")
    }

    fn has_class(&self, id: TypeId, method: &str) -> bool {
        let base = self.base(id);
        if let Some(element) = self.element(base) {
            return self.has_class(element, method);
        }
        if self.is_enum(base) || self.is_composite(base) || base == RECORD {
            return true;
        }
        if self.range_subtype(base).is_some() || self.multirange_range(base).is_some() {
            return true;
        }
        operator_classes(method).filter(|class| class.is_default()).any(|class| {
            let for_type = class.data_type();
            for_type == base
                || cast(base, for_type).any(|cast| cast.is_binary() && cast.context() == CastContext::Implicit)
        })
    }

    /// `select_common_type`: of `UNION`, `CASE`, arrays, `coalesce` and their kin.
    pub(super) fn common(&self, types: &[TypeId], is_there: &impl Fn(Cast) -> bool) -> Option<TypeId> {
        let first = *types.first()?;
        if first != UNKNOWN && types.iter().all(|id| *id == first) {
            return Some(first);
        }
        let mut chosen = self.base(first);
        let mut category = self.category(chosen);
        for id in types.iter().skip(1) {
            let id = self.base(*id);
            if id == UNKNOWN || id == chosen {
                continue;
            }
            if chosen == UNKNOWN {
                chosen = id;
                category = self.category(id);
                continue;
            }
            let next_category = self.category(id);
            if next_category != category {
                return None;
            }
            let can = |from, to| self.can_coerce(from, to, CastContext::Implicit, is_there);
            if !self.is_preferred(category, chosen) && can(chosen, id) && !can(id, chosen) {
                chosen = id;
            }
        }
        if chosen == UNKNOWN {
            return Some(TEXT);
        }
        let fits = |id: &TypeId| self.can_coerce(*id, chosen, CastContext::Implicit, is_there);
        types.iter().all(fits).then_some(chosen)
    }
}
