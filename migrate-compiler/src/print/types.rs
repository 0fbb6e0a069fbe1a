//! Types as they are written.

use migrate_core::name::QualifiedName;
use migrate_core::token::{Cursor, Token};
use migrate_core::types::Type;

use super::words::{declared, is_identifier, text};

/// A type.
pub(crate) fn data_type(written: &Type) -> String {
    match written {
        Type::Array(element) => format!("{}[]", data_type(element)),
        Type::Named { name, modifiers } => {
            let mut written = type_name(name);
            if !modifiers.is_empty() {
                let modifiers: Vec<String> = modifiers.iter().map(|modifier| modifier_of(modifier)).collect();
                written.push_str(&format!("({})", modifiers.join(", ")));
            }
            written
        }
        other => other.to_string(),
    }
}

fn type_name(name: &QualifiedName) -> String {
    let is_misread = written_alone(name) != Some(Type::named(name.clone()));
    match name.schema == migrate_core::name::DEFAULT_SCHEMA && !is_misread {
        true => declared(&name.name),
        false => format!("{}.{}", super::name(&name.schema), declared(&name.name)),
    }
}

/// What the name means where nothing stands before it.
fn written_alone(name: &QualifiedName) -> Option<Type> {
    let tokens = match is_identifier(&name.name) {
        true => vec![Token::Word(name.name.clone())],
        false => vec![Token::Text(name.name.clone())],
    };
    Type::parse(&mut Cursor::new(&tokens)).ok()
}

fn modifier_of(modifier: &str) -> String {
    let digits = modifier.strip_prefix('-').unwrap_or(modifier);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = modifier.starts_with(|first: char| first.is_ascii_lowercase())
        && modifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_number || is_plain { modifier.to_owned() } else { text(modifier) }
}
