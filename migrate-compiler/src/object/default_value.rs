//! The default value of a domain, and of the columns of objects that are no tables.

use migrate_core::catalog::Catalog;
use migrate_core::expression::Expression;
use migrate_core::types::Type;

use crate::print::{Behind, Printed, bracketed, value};

/// `set default ...` or `drop default`, where it is another one. What is of no known type stands in brackets.
pub(super) fn print_changed_default(
    before: Option<&Expression>,
    after: Option<&Expression>,
    data_type: Option<&Type>,
    catalog: &Catalog,
) -> Printed<Option<String>> {
    Ok(match (after, data_type) {
        _ if before == after => None,
        (None, _) => Some("drop default".to_owned()),
        (Some(default), Some(data_type)) => {
            Some(format!("set default {}", value(default, data_type, Behind::Options, catalog)?))
        }
        (Some(default), None) => Some(format!("set default {}", bracketed(default, catalog)?)),
    })
}
