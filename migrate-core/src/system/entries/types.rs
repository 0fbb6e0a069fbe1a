//! Types.

use std::fmt;

use super::Versions;
use super::extensions::extension_of;
use crate::system::layout::{NOTHING, WITH_MODIFIERS};
use crate::system::table::{Record, TYPES, TYPES_BY_NAME};
use crate::types::BuiltIn;

/// The number of a type in the tables.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub(crate) u16);

impl TypeId {
    pub(super) fn maybe(number: u16) -> Option<TypeId> {
        (number != NOTHING).then_some(TypeId(number))
    }

    /// The number of a built-in type.
    pub const fn of(built_in: BuiltIn) -> TypeId {
        TypeId(built_in as u16)
    }

    /// What is known of it.
    pub fn entry(self) -> SystemType {
        SystemType { id: self, record: TYPES.record(self.0 as usize) }
    }

    /// The built-in type of this number.
    pub fn built_in(self) -> Option<BuiltIn> {
        BuiltIn::ALL.get(self.0 as usize).copied()
    }

    /// The name in `pg_type`, of a built-in type that takes modifiers.
    pub fn with_modifiers(self) -> Option<&'static str> {
        WITH_MODIFIERS.get((self.0 as usize).checked_sub(BuiltIn::ALL.len())?).copied()
    }
}

impl fmt::Debug for TypeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.entry().name())
    }
}

/// `typtype`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the kinds say it")]
pub enum TypeKind {
    Base,
    Composite,
    Domain,
    Enum,
    Pseudo,
    Range,
    Multirange,
}

/// A type of PostgreSQL or of an extension.
#[derive(Clone, Copy, Debug)]
pub struct SystemType {
    id: TypeId,
    record: Record,
}

impl SystemType {
    /// Its number.
    pub fn id(self) -> TypeId {
        self.id
    }

    /// The name in `pg_type`.
    pub fn name(self) -> &'static str {
        self.record.name(0)
    }

    /// The extension that brings it.
    pub fn extension(self) -> Option<&'static str> {
        extension_of(self.record.byte(4))
    }

    /// What kind of type it is.
    pub fn kind(self) -> TypeKind {
        match self.record.byte(5) {
            b'c' => TypeKind::Composite,
            b'd' => TypeKind::Domain,
            b'e' => TypeKind::Enum,
            b'p' => TypeKind::Pseudo,
            b'r' => TypeKind::Range,
            b'm' => TypeKind::Multirange,
            _ => TypeKind::Base,
        }
    }

    /// `typcategory`, a letter.
    pub fn category(self) -> u8 {
        self.record.byte(6)
    }

    /// Whether it is the preferred type of its category.
    pub fn is_preferred(self) -> bool {
        self.record.byte(7) & 1 != 0
    }

    /// Whether its values have a collation.
    pub fn is_collatable(self) -> bool {
        self.record.byte(7) & 2 != 0
    }

    /// Whether it takes modifiers, as `vector(3)`.
    pub fn has_modifiers(self) -> bool {
        self.record.byte(7) & 4 != 0
    }

    /// Whether reading a value from text depends on nothing else: no setting, no catalog.
    pub fn has_fixed_input(self) -> bool {
        self.record.byte(7) & 8 != 0
    }

    /// Whether writing a value as text depends on nothing else.
    pub fn has_fixed_output(self) -> bool {
        self.record.byte(7) & 16 != 0
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(9))
    }

    /// The type of the elements, of a true array.
    pub fn array_element(self) -> Option<TypeId> {
        if self.record.byte(8) == 1 { TypeId::maybe(self.record.number16(10)) } else { None }
    }

    /// What `[1]` gives of a type of fixed length that is not an array, as a `point`.
    pub fn part(self) -> Option<TypeId> {
        if self.record.byte(8) == 2 { TypeId::maybe(self.record.number16(10)) } else { None }
    }

    /// Whether `[...]` after a value means what the type itself says, as for `jsonb`.
    pub fn subscripts_itself(self) -> bool {
        self.record.byte(8) == 3
    }

    /// The array of this type.
    pub fn array(self) -> Option<TypeId> {
        TypeId::maybe(self.record.number16(12))
    }

    /// The base of a domain, the subtype of a range, the range of a multirange.
    pub fn base(self) -> Option<TypeId> {
        TypeId::maybe(self.record.number16(14))
    }
}

/// All types.
pub fn types() -> impl Iterator<Item = SystemType> {
    (0..TYPES.len()).map(|index| TypeId(index as u16).entry())
}

/// Types that have this name in `pg_type`: PostgreSQL's first, then those of extensions.
pub fn types_named(name: &str) -> impl Iterator<Item = SystemType> + use<> {
    let of = |index: usize| TypeId(TYPES_BY_NAME.record(index).number16(0)).entry();
    let start = TYPES_BY_NAME.partition_point(|record| TypeId(record.number16(0)).entry().name() < name);
    let name = name.to_owned();
    (start..TYPES_BY_NAME.len()).map(of).take_while(move |type_| type_.name() == name)
}

/// The type of this name that PostgreSQL itself has, or that the extension brings.
pub fn type_of_name(name: &str, extension: Option<&str>) -> Option<TypeId> {
    types_named(name).find(|type_| type_.extension() == extension).map(SystemType::id)
}

/// The extensions that bring a type of this name.
pub fn extensions_with_type(name: &str) -> Vec<&'static str> {
    types_named(name).filter_map(SystemType::extension).collect()
}
