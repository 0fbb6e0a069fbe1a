//! A table without a primary key.

use migrate_core::name::QualifiedName;
use migrate_core::token::At;

use super::or_allow;
use crate::check::Checker;
use crate::diagnostic::code;

pub(super) fn advise(checker: &mut Checker<'_>, name: &QualifiedName, at: At) {
    let code = code::NO_PRIMARY_KEY;
    let help = or_allow("write `primary key` after a column, or `primary key (a, b)`", code);
    let warning = checker.advice(code, format!("table `{name}` has no primary key"), at).help(help);
    let name = name.clone();
    checker.warn_if_still(warning, move |catalog| {
        // A partition has that of its table, and a partitioned table may be unable to have one.
        catalog.table(&name).is_some_and(|table| {
            table.primary_key().is_none() && table.partition_of.is_none() && table.partitioning.is_none()
        })
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::advice;

    #[test]
    fn a_table_without_a_primary_key_is_advised_against() {
        assert_eq!(advice("create table t { id: bigint unique }"), [("no_primary_key", "t".to_owned())]);
        assert_eq!(advice("create table t { a: bigint, b: bigint, primary key (a, b) }"), []);
        assert_eq!(advice("create table t { at: timestamptz } partition by range (at);"), []);
    }
}
