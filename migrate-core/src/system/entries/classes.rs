//! Operator classes.

use super::extensions::extension_of;
use super::types::TypeId;
use super::{Versions, distinct};
use crate::system::table::{OPERATOR_CLASSES, Record};

/// An operator class of PostgreSQL or of an extension.
#[derive(Clone, Copy, Debug)]
pub struct OperatorClass {
    record: Record,
}

impl OperatorClass {
    /// The index method.
    pub fn method(self) -> &'static str {
        self.record.name(0)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.record.name(4)
    }

    /// The type that it is for.
    pub fn data_type(self) -> TypeId {
        TypeId(self.record.number16(8))
    }

    /// The extension that brings it.
    pub fn extension(self) -> Option<&'static str> {
        extension_of(self.record.byte(10))
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(11))
    }

    /// Whether the type has it where none is named.
    pub fn is_default(self) -> bool {
        self.record.byte(12) != 0
    }
}

/// The operator classes of an index method, by name.
pub fn operator_classes(method: &str) -> impl Iterator<Item = OperatorClass> + Clone + use<> {
    OPERATOR_CLASSES.named(method).map(|index| OperatorClass { record: OPERATOR_CLASSES.record(index) })
}

/// All operator classes.
pub fn all_operator_classes() -> impl Iterator<Item = OperatorClass> {
    (0..OPERATOR_CLASSES.len()).map(|index| OperatorClass { record: OPERATOR_CLASSES.record(index) })
}

/// The extensions that bring an operator class of this name.
pub fn extensions_with_operator_class(method: &str, name: &str) -> Vec<&'static str> {
    distinct(operator_classes(method).filter(|class| class.name() == name).filter_map(OperatorClass::extension))
}
