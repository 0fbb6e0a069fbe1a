//! `code: char(3)`

use migrate_core::types::Type;

use super::{AboutType, or_allow};
use crate::diagnostic::code;

pub(super) fn judge(column: &str, data_type: &Type) -> Option<AboutType> {
    let Type::Character(Some(length)) = data_type else { return None };
    let code = code::FIXED_LENGTH_TEXT;
    let instead =
        format!("write `text`, with `check (length({column}) = {length})` if every value must have that length");
    Some(AboutType {
        code,
        headline: format!("`{column}` accepts shorter values, and pads them with spaces to {length} characters"),
        help: or_allow(&instead, code),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::advice;

    #[test]
    fn a_text_of_fixed_length_is_advised_against() {
        let block = "create table t { id: uuid primary key, a: char(3), b: text }";
        assert_eq!(advice(block), [("fixed_length_text", "char".to_owned())]);
    }
}
