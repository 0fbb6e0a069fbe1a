//! Casts.

use super::Versions;
use super::extensions::extension_of;
use super::functions::volatility_of;
use super::types::TypeId;
use crate::expression::Volatility;
use crate::system::table::{CASTS, Record};

/// When a cast is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CastContext {
    /// By itself wherever it fits.
    Implicit,
    /// By itself where a value is assigned.
    Assignment,
    /// Where it is written.
    Explicit,
}

/// A cast of PostgreSQL or of an extension.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    record: Record,
}

impl Cast {
    /// The type before.
    pub fn source(self) -> TypeId {
        TypeId(self.record.number16(0))
    }

    /// The type after.
    pub fn target(self) -> TypeId {
        TypeId(self.record.number16(2))
    }

    /// The extension that brings it.
    pub fn extension(self) -> Option<&'static str> {
        extension_of(self.record.byte(4))
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(5))
    }

    /// When it is made.
    pub fn context(self) -> CastContext {
        match self.record.byte(6) {
            b'i' => CastContext::Implicit,
            b'a' => CastContext::Assignment,
            _ => CastContext::Explicit,
        }
    }

    /// Whether the values are the same bytes, so that nothing is done.
    pub fn is_binary(self) -> bool {
        self.record.byte(7) == b'b'
    }

    /// Whether it goes through the text form.
    pub fn is_by_text(self) -> bool {
        self.record.byte(7) == b'i'
    }

    /// The volatility of its function.
    pub fn volatility(self) -> Volatility {
        volatility_of(self.record.byte(8))
    }
}

/// All casts.
pub fn all_casts() -> impl Iterator<Item = Cast> {
    (0..CASTS.len()).map(|index| Cast { record: CASTS.record(index) })
}

/// The casts from a type to another: more than one where versions differ.
pub fn cast(source: TypeId, target: TypeId) -> impl Iterator<Item = Cast> {
    let key = (source.0, target.0);
    let ends = |record: Record| (record.number16(0), record.number16(2));
    let start = CASTS.partition_point(|record| ends(record) < key);
    (start..CASTS.len())
        .map(|index| CASTS.record(index))
        .take_while(move |record| ends(*record) == key)
        .map(|record| Cast { record })
}
