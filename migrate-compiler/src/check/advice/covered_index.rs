//! An index that does nothing that a longer one does not do.

use migrate_core::catalog::{ConstraintKind, Index, IndexKey, Table};
use migrate_core::name::QualifiedName;
use migrate_core::token::At;

use super::or_allow;
use crate::check::Checker;
use crate::diagnostic::code;

/// How many indexes a new one is compared with: a table with more of them was written by a program.
const MOST_COMPARED: usize = 100;

pub(super) fn advise(
    checker: &mut Checker<'_>,
    name: &QualifiedName,
    table: &Table,
    (own, index): (&str, &Index),
    at: At,
) {
    let by_index = table.indexes.iter().take(MOST_COMPARED).find_map(|(other, longer)| {
        let pair = [(own, other.as_str()), (other.as_str(), own)];
        let is_covered = [is_covered(index, longer), is_covered(longer, index)];
        pair.into_iter().zip(is_covered).find_map(|(pair, is_covered)| is_covered.then_some(pair))
    });
    let by_key = || {
        let mut keys = table.constraints.iter().filter_map(|(constraint, found)| match &found.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some((constraint, &key.columns)),
            _ => None,
        });
        keys.find_map(|(constraint, columns)| is_covered_by_key(index, columns).then_some((own, constraint.as_str())))
    };
    let Some((shorter, longer)) = by_index.or_else(by_key) else { return };
    let code = code::COVERED_INDEX;
    let warning = checker
        .advice(code, format!("index `{shorter}` is redundant: `{longer}` begins with the same columns"), at)
        .help(or_allow(&format!("remove `{shorter}`"), code));
    let (name, both) = (name.clone(), [shorter.to_owned(), longer.to_owned()]);
    checker.warn_if_still(warning, move |catalog| {
        let found = catalog.indexable(&name);
        found.is_some_and(|table| both.iter().all(|index| table.has_constraint_or_index(index)))
    });
}

/// Whether an index finds nothing that a longer one does not find. One that is unique does more.
fn is_covered(index: &Index, longer: &Index) -> bool {
    is_plain(index)
        && longer.method == "btree"
        && longer.predicate == index.predicate
        && longer.keys.len() > index.keys.len()
        && longer.keys.starts_with(&index.keys)
}

fn is_covered_by_key(index: &Index, columns: &[String]) -> bool {
    let is_column = |(key, column): (&IndexKey, &String)| {
        let is_default =
            key.collation.is_none() && key.operator_class.is_none() && !key.descending && key.nulls.is_none();
        is_default && key.column() == Some(column.as_str())
    };
    is_plain(index)
        && index.predicate.is_none()
        && index.keys.len() <= columns.len()
        && index.keys.iter().zip(columns).all(is_column)
}

fn is_plain(index: &Index) -> bool {
    index.method == "btree" && !index.unique && index.include.is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::tests::advice;

    fn found(rest: &str) -> Vec<(&'static str, String)> {
        advice(&format!("create table t {{ a: int, b: int, c: int, primary key (a, b) }} {rest}"))
    }

    #[test]
    fn an_index_that_a_longer_one_covers_is_advised_against() {
        assert_eq!(
            found("create index on t (b, c); create index t_b on t (b);"),
            [("covered_index", "t_b".to_owned())]
        );
        assert_eq!(found("create index t_b on t (b); create index t_b_c on t (b, c);").len(), 1);
        assert_eq!(found("create index on t (a);").len(), 1);
        assert_eq!(found("create index t_b on t (b); create index on t (b, c); drop index t_b;"), []);
    }

    #[test]
    fn one_that_does_more_is_not() {
        assert_eq!(found("create index on t (b, c); create unique index on t (b);"), []);
        assert_eq!(found("create index on t (b, c); create index on t (b) where c > 1;"), []);
        assert_eq!(found("create index on t (b, c); create index on t (b desc);"), []);
        assert_eq!(found("create index on t (b, c); create index on t (b) include (a);"), []);
        assert_eq!(found("create index on t (b, c); create index on t using hash (b);"), []);
    }
}
