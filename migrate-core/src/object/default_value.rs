//! The default value of a domain, and of the columns of objects that are no tables.

use crate::expression::{Expression, canonical};
use crate::plan::Lowering;
use crate::sql::Writer;
use crate::types::Type;

/// Adds the action of `alter` that gives the other default, or none, where it is another one.
pub(super) fn lower_default(
    alter: impl FnOnce() -> Writer,
    from: Option<&Expression>,
    to: Option<&Expression>,
    plan: &mut Lowering,
) {
    match to {
        to if to == from => {}
        Some(default) => {
            plan.sql(alter().keyword("SET DEFAULT").default_expression(default).finish());
        }
        None => {
            plan.sql(alter().keyword("DROP DEFAULT").finish());
        }
    }
}

/// Whether two defaults of a type, where that is known, mean the same.
pub(super) fn is_same_default(
    data_type: Option<&Type>,
    expected: Option<&Expression>,
    found: Option<&Expression>,
) -> bool {
    let meaning = |default: &Expression| match data_type {
        Some(data_type) => canonical(&Expression::cast(default.clone(), data_type.clone())),
        None => canonical(default),
    };
    expected.map(meaning) == found.map(meaning)
}

/// What is told of the default of a column that differs.
pub(super) fn differing_default(
    column: &str,
    data_type: Option<&Type>,
    expected: Option<&Expression>,
    found: Option<&Expression>,
) -> Option<(&'static str, Option<String>, Option<String>)> {
    let told = |default: Option<&Expression>| default.map(|default| format!("{column}: {}", default.sql()));
    (!is_same_default(data_type, expected, found)).then(|| ("default", told(expected), told(found)))
}
