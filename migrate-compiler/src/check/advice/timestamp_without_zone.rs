//! `at: timestamp`

use migrate_core::types::Type;

use super::{AboutType, or_allow};
use crate::diagnostic::code;

pub(super) fn judge(column: &str, data_type: &Type) -> Option<AboutType> {
    let Type::Timestamp { with_time_zone: false, .. } = data_type else { return None };
    let code = code::TIMESTAMP_WITHOUT_ZONE;
    Some(AboutType {
        code,
        headline: format!("`{column}` is a timestamp without a time zone"),
        help: or_allow("write `timestamptz`", code),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::advice;

    #[test]
    fn a_timestamp_is_advised_against_and_a_timestamptz_is_not() {
        let block =
            "create table t { id: uuid primary key, a: timestamp, b: timestamp(3)[]?, c: timestamptz, d: date }";
        let expected =
            [("timestamp_without_zone", "timestamp".to_owned()), ("timestamp_without_zone", "timestamp".to_owned())];
        assert_eq!(advice(block), expected);
        let added = "create table t { id: uuid primary key } alter table t add a: timestamp without time zone?;";
        assert_eq!(advice(added).len(), 1);
    }
}
