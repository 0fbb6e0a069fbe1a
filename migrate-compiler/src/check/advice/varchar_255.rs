//! `name: varchar(255)`

use migrate_core::types::Type;

use super::{AboutType, or_allow};
use crate::diagnostic::code;

pub(super) fn judge(column: &str, data_type: &Type) -> Option<AboutType> {
    let Type::CharacterVarying(Some(255)) = data_type else { return None };
    let code = code::VARCHAR_255;
    Some(AboutType {
        code,
        headline: format!("`{column}` is limited to 255 characters, a limit that is arbitrary in PostgreSQL"),
        help: or_allow("write `text`, with a `check (length(...) <= ...)` if there is a real limit", code),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::advice;

    #[test]
    fn the_limit_of_other_databases_is_advised_against() {
        let block = "create table t { id: uuid primary key, a: varchar(255), b: varchar(80), c: text }";
        assert_eq!(advice(block), [("varchar_255", "varchar".to_owned())]);
    }
}
