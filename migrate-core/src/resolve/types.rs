//! The types that resolution compares: numbers of the tables, and numbers of the user's own types above those.

use super::{NamedType, Surroundings};
use crate::expression::Volatility;
use crate::name::QualifiedName;
use crate::system::{CastContext, TypeId, TypeKind, type_of_name, types_named};
use crate::types::{BuiltIn, Type};

pub(super) const UNKNOWN: TypeId = TypeId::of(BuiltIn::Unknown);
pub(super) const BOOLEAN: TypeId = TypeId::of(BuiltIn::Boolean);
pub(super) const TEXT: TypeId = TypeId::of(BuiltIn::Text);
pub(super) const INTEGER: TypeId = TypeId::of(BuiltIn::Integer);
pub(super) const BIGINT: TypeId = TypeId::of(BuiltIn::BigInt);
pub(super) const RECORD: TypeId = TypeId::of(BuiltIn::Record);
pub(super) const ANY: TypeId = TypeId::of(BuiltIn::Any);

/// The first number of a type of the user; the next number is its array.
const FIRST_OF_USER: u16 = 0x8000;

/// A type that is not in the tables.
#[derive(Debug)]
struct Own {
    name: QualifiedName,
    kind: OwnKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OwnKind {
    Enum,
    Domain(TypeId),
    Composite,
    Range(TypeId),
    Multirange(TypeId),
    Open,
}

/// Gives types their numbers, and says what they are.
pub(super) struct Types<'s> {
    surroundings: &'s dyn Surroundings,
    own: Vec<Own>,
    /// The casts of the user: from, to, where, and how volatile.
    casts: Vec<(TypeId, TypeId, CastContext, Volatility)>,
}

impl<'s> Types<'s> {
    pub(super) fn new(surroundings: &'s dyn Surroundings) -> Types<'s> {
        let mut types = Types { surroundings, own: Vec::new(), casts: Vec::new() };
        for cast in surroundings.casts() {
            let (source, target) = (types.id(&cast.source), types.id(&cast.target));
            types.casts.push((source, target, cast.context, cast.volatility));
        }
        types
    }

    /// The cast of the user between these types: where it is done by itself, and its volatility.
    pub(super) fn own_cast(&self, source: TypeId, target: TypeId) -> Option<(CastContext, Volatility)> {
        let mut found = self.casts.iter().filter(|(from, to, ..)| (*from, *to) == (source, target));
        found.next().map(|(_, _, context, volatility)| (*context, *volatility))
    }

    /// The number of a built-in type or of one of an extension, by its name in `pg_type`.
    pub(super) fn built_in(&self, name: &str) -> TypeId {
        type_of_name(name, None).unwrap_or(UNKNOWN)
    }

    /// The number of a type.
    pub(super) fn id(&mut self, data_type: &Type) -> TypeId {
        match data_type {
            Type::BuiltIn(built_in) => TypeId::of(*built_in),
            Type::Array(element) => {
                let element = self.id(element);
                self.array(element)
            }
            Type::Named { name, .. } => self.named(name),
            _ => data_type.internal_name().map_or(UNKNOWN, |name| self.built_in(name)),
        }
    }

    fn named(&mut self, name: &QualifiedName) -> TypeId {
        if let Some(known) = self.known(name) {
            return known;
        }
        let found = match self.surroundings.named_type(name) {
            NamedType::Enum => OwnKind::Enum,
            NamedType::Domain(base) => OwnKind::Domain(self.id(&base)),
            NamedType::Composite => OwnKind::Composite,
            NamedType::Range(subtype, multirange) => {
                let kind = OwnKind::Range(self.id(&subtype));
                let range = self.add(name, kind);
                // A function of the range may give the other.
                self.add(&multirange, OwnKind::Multirange(range));
                return range;
            }
            NamedType::Multirange(range) => {
                let range = self.named(&range);
                match self.known(name) {
                    Some(known) => return known,
                    None => OwnKind::Multirange(range),
                }
            }
            NamedType::Other => {
                let installed = |extension| self.surroundings.has_extension(extension);
                if let Some(type_) = types_named(&name.name)
                    .find(|type_| type_.extension().is_none_or(installed) && type_.id() != UNKNOWN)
                {
                    return type_.id();
                }
                OwnKind::Open
            }
        };
        self.add(name, found)
    }

    /// The number of a type that is not in the tables, where it has one already.
    fn known(&self, name: &QualifiedName) -> Option<TypeId> {
        let index = self.own.iter().position(|own| own.name == *name)?;
        Some(TypeId(FIRST_OF_USER + 2 * index as u16))
    }

    fn add(&mut self, name: &QualifiedName, kind: OwnKind) -> TypeId {
        self.own.push(Own { name: name.clone(), kind });
        TypeId(FIRST_OF_USER + 2 * (self.own.len() as u16 - 1))
    }

    /// The type of a number, for messages and for what follows.
    pub(super) fn type_of(&self, id: TypeId) -> Type {
        if let Some(element) = self.own_element(id) {
            return self.type_of(element).array();
        }
        if let Some(own) = self.own(id) {
            return Type::named(own.name.clone());
        }
        if let Some(built_in) = id.built_in() {
            return Type::BuiltIn(built_in);
        }
        let entry = id.entry();
        if let Some(element) = entry.array_element().filter(|_| entry.name().starts_with('_')) {
            return self.type_of(element).array();
        }
        let internal = match id.with_modifiers() {
            Some("bit") => return Type::Bit(None),
            Some("bpchar") => return Type::Character(None),
            Some(name) => name,
            None => entry.name(),
        };
        if entry.extension().is_none()
            && let Ok(data_type) = internal.parse::<Type>()
        {
            return data_type;
        }
        Type::named(QualifiedName::new(internal))
    }

    fn own(&self, id: TypeId) -> Option<&Own> {
        let index = id.0.checked_sub(FIRST_OF_USER)?;
        if id.0 == u16::MAX || index % 2 == 1 { None } else { self.own.get(usize::from(index / 2)) }
    }

    fn own_element(&self, id: TypeId) -> Option<TypeId> {
        let index = id.0.checked_sub(FIRST_OF_USER)?;
        (index % 2 == 1 && id.0 != u16::MAX).then_some(TypeId(id.0 - 1))
    }

    /// Whether nothing is known of it.
    pub(super) fn is_open(&self, id: TypeId) -> bool {
        let id = self.own_element(id).unwrap_or(id);
        self.own(id).is_some_and(|own| own.kind == OwnKind::Open)
    }

    pub(super) fn array(&self, element: TypeId) -> TypeId {
        if element.0 >= FIRST_OF_USER {
            return if self.own_element(element).is_some() { element } else { TypeId(element.0 + 1) };
        }
        match element.entry().array() {
            Some(array) => array,
            None => element,
        }
    }

    /// The type of the elements, of a true array.
    pub(super) fn element(&self, id: TypeId) -> Option<TypeId> {
        if id.0 >= FIRST_OF_USER { self.own_element(id) } else { id.entry().array_element() }
    }

    /// The type below all domains.
    pub(super) fn base(&self, id: TypeId) -> TypeId {
        match self.own(id).map(|own| own.kind) {
            Some(OwnKind::Domain(base)) => self.base(base),
            Some(_) => id,
            None if id.0 < FIRST_OF_USER && id.entry().kind() == TypeKind::Domain => {
                id.entry().base().map_or(id, |base| self.base(base))
            }
            None => id,
        }
    }

    pub(super) fn is_enum(&self, id: TypeId) -> bool {
        match self.own(id) {
            Some(own) => own.kind == OwnKind::Enum,
            None => id.0 < FIRST_OF_USER && id.entry().kind() == TypeKind::Enum,
        }
    }

    pub(super) fn is_composite(&self, id: TypeId) -> bool {
        match self.own(id) {
            Some(own) => own.kind == OwnKind::Composite,
            None => id.0 < FIRST_OF_USER && id.entry().kind() == TypeKind::Composite,
        }
    }

    /// The type of the ends of a range.
    pub(super) fn range_subtype(&self, id: TypeId) -> Option<TypeId> {
        match self.own(id) {
            Some(Own { kind: OwnKind::Range(subtype), .. }) => Some(*subtype),
            Some(_) => None,
            None if id.0 < FIRST_OF_USER && id.entry().kind() == TypeKind::Range => id.entry().base(),
            None => None,
        }
    }

    /// The range of a multirange.
    pub(super) fn multirange_range(&self, id: TypeId) -> Option<TypeId> {
        match self.own(id) {
            Some(Own { kind: OwnKind::Multirange(range), .. }) => Some(*range),
            Some(_) => None,
            None if id.0 < FIRST_OF_USER && id.entry().kind() == TypeKind::Multirange => id.entry().base(),
            None => None,
        }
    }

    /// The multirange over a range.
    pub(super) fn multirange_of(&self, range: TypeId) -> Option<TypeId> {
        let own = self.own.iter().position(|own| own.kind == OwnKind::Multirange(range));
        if let Some(index) = own {
            return Some(TypeId(FIRST_OF_USER + 2 * index as u16));
        }
        crate::system::types()
            .find(|type_| type_.kind() == TypeKind::Multirange && type_.base() == Some(range))
            .map(|type_| type_.id())
    }

    /// `typcategory`
    pub(super) fn category(&self, id: TypeId) -> u8 {
        if self.own_element(id).is_some() {
            return b'A';
        }
        match self.own(id).map(|own| own.kind) {
            Some(OwnKind::Enum) => b'E',
            Some(OwnKind::Domain(base)) => self.category(base),
            Some(OwnKind::Composite) => b'C',
            Some(OwnKind::Range(_) | OwnKind::Multirange(_)) => b'R',
            Some(OwnKind::Open) => b'U',
            None => id.entry().category(),
        }
    }

    /// Whether it is the preferred type of its category.
    pub(super) fn is_preferred(&self, category: u8, id: TypeId) -> bool {
        id.0 < FIRST_OF_USER && {
            let entry = id.entry();
            entry.is_preferred() && (entry.category() == category || category == b'X')
        }
    }
}
