//! `create enum` and the actions of `alter enum`.

use migrate_core::catalog::EnumType;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{AddEnumValue, CommentTarget, ValuePlace};

use super::{Piece, comment, name, qualified};

/// `create enum`
pub(super) fn create(written: &QualifiedName, definition: &EnumType) -> Vec<Piece> {
    let values: Vec<String> = definition.values.iter().map(|value| name(value)).collect();
    let body = if values.is_empty() { "{ }".to_owned() } else { format!("{{ {} }}", values.join(", ")) };
    let target = CommentTarget::Enum(written.clone());
    let (lines, after) = comment::split(definition.comment.as_deref(), &target);
    let create = Piece::item(format!("create enum {} {body}", qualified(written))).with_comment(lines);
    std::iter::once(create).chain(after).collect()
}

/// What actions on an enum are of.
pub(super) fn alter(written: &QualifiedName) -> String {
    format!("alter enum {}", qualified(written))
}

/// `add refunded after cancelled`
pub(super) fn add(operation: &AddEnumValue) -> Piece {
    let place = match &operation.place {
        ValuePlace::Last => String::new(),
        ValuePlace::Before(other) => format!(" before {}", name(other)),
        ValuePlace::After(other) => format!(" after {}", name(other)),
    };
    Piece::action(alter(&operation.name), format!("add {}{place}", name(&operation.value)))
}
