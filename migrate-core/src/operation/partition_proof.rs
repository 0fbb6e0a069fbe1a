//! The checks that let ATTACH PARTITION look at no row: that what is attached fits its bound, and that the default
//! partition has no row that belongs there.

use super::attach_partition::default_partition;
use super::{ddl, validation};
use crate::catalog::{Catalog, Constraint, ConstraintKind, PartitionBound, PartitionStrategy, RangeLimit};
use crate::expression::{Expression, ExpressionKind};
use crate::name::{QualifiedName, free_object_name};
use crate::plan::{LockMode, Lowering};

/// A check that is there while a partition is attached.
pub(super) struct Proof {
    table: QualifiedName,
    name: String,
    check: Constraint,
}

impl Proof {
    fn of(table: &QualifiedName, condition: Expression, catalog: &Catalog) -> Self {
        let name = free_object_name(&table.name, None, "partition", |taken| {
            catalog.table(table).is_some_and(|table| table.constraints.contains_key(taken))
        });
        Proof { table: table.clone(), name, check: Constraint::new(ConstraintKind::Check(condition)) }
    }

    pub(super) fn lower_before(&self, plan: &mut Lowering) {
        plan.sql(ddl::add_constraint_not_valid(&self.table, &self.name, &self.check))
            .locking(&self.table, LockMode::AccessExclusive);
        validation::lower_validation(&self.table, &self.name, &self.check.kind, plan);
    }

    pub(super) fn lower_after(&self, plan: &mut Lowering) {
        plan.sql(ddl::drop_constraint(&self.table, &self.name)).locking(&self.table, LockMode::AccessExclusive);
    }
}

/// The checks that are needed; those of a hash cannot be written.
pub(super) fn needed(
    table: &QualifiedName,
    partition: &QualifiedName,
    bound: &PartitionBound,
    before: &Catalog,
    plan: &Lowering,
) -> Vec<Proof> {
    let mut proofs = Vec::new();
    let condition = condition(table, bound, before);
    // Nobody looks at the rows of a foreign table.
    let has_rows = |name: &QualifiedName| !plan.is_new(name) && before.tables.contains_key(name);
    if let Some(condition) = condition.clone().filter(|_| has_rows(partition)) {
        proofs.push(Proof::of(partition, condition, before));
    }
    if let Some(default) = default_partition(before, table)
        && let Some(condition) = condition
        && has_rows(default)
    {
        proofs.push(Proof::of(default, ExpressionKind::Not(Box::new(condition)).into(), before));
    }
    proofs
}

/// What is true of the rows that a partition takes, as PostgreSQL says it; `None` of the default one and of a hash.
pub(super) fn condition(table: &QualifiedName, bound: &PartitionBound, catalog: &Catalog) -> Option<Expression> {
    let partitioning = catalog.table(table)?.partitioning.as_ref()?;
    let keys: Vec<&Expression> = partitioning.keys.iter().map(|key| &key.expression).collect();
    let types = catalog.partition_key_types(table);
    let typed = |place: usize, value: &Expression| match types.get(place) {
        Some(data_type) => Expression::cast(value.clone(), data_type.clone()),
        None => value.clone(),
    };
    match (bound, partitioning.strategy) {
        (PartitionBound::Range { from, to }, PartitionStrategy::Range) => {
            let mut parts: Vec<Expression> =
                keys.iter().map(|key| Expression::is_not_null(Expression::clone(key))).collect();
            let sides = [(from, ">", ">="), (to, "<", "<")];
            for (limits, strictly, at_the_end) in sides {
                parts.extend(compared(&keys, limits, strictly, at_the_end, &typed));
            }
            Some(ExpressionKind::And(parts).into())
        }
        (PartitionBound::List(values), PartitionStrategy::List) => {
            let key = Expression::clone(keys.first()?);
            let (null, values): (Vec<&Expression>, Vec<&Expression>) = values.iter().partition(|value| value.is_null());
            let equal = |value: &Expression| Expression::binary(key.clone(), "=", typed(0, value));
            let mut alternatives: Vec<Expression> = values.into_iter().map(equal).collect();
            if null.is_empty() {
                let any = one_of(alternatives)?;
                return Some(ExpressionKind::And(vec![Expression::is_not_null(key), any]).into());
            }
            alternatives.insert(0, Expression::null_test(key));
            one_of(alternatives)
        }
        _ => None,
    }
}

fn one_of(mut alternatives: Vec<Expression>) -> Option<Expression> {
    match alternatives.len() {
        0 | 1 => alternatives.pop(),
        _ => Some(ExpressionKind::Or(alternatives).into()),
    }
}

/// `a > 1 OR a = 1 AND b >= 2`: the keys compared with one end, from the first on.
fn compared(
    keys: &[&Expression],
    limits: &[RangeLimit],
    strictly: &'static str,
    at_the_end: &'static str,
    typed: &dyn Fn(usize, &Expression) -> Expression,
) -> Option<Expression> {
    let mut alternatives: Vec<Expression> = Vec::new();
    let mut equal: Vec<Expression> = Vec::new();
    for (place, (key, limit)) in keys.iter().zip(limits).enumerate() {
        let is_last = place + 1 == keys.len();
        let value = match (limit, strictly) {
            (RangeLimit::Value(value), _) => typed(place, value),
            // Everything is above the least and below the greatest.
            (RangeLimit::MinValue, ">") | (RangeLimit::MaxValue, "<") => {
                if equal.is_empty() {
                    return None;
                }
                alternatives.push(and(equal));
                return one_of(alternatives);
            }
            // Nothing is below the least or above the greatest.
            _ => return one_of(alternatives),
        };
        let key = || Expression::clone(key);
        let mut step = equal.clone();
        step.push(Expression::binary(key(), if is_last { at_the_end } else { strictly }, value.clone()));
        alternatives.push(and(step));
        equal.push(Expression::binary(key(), "=", value));
    }
    one_of(alternatives)
}

fn and(mut parts: Vec<Expression>) -> Expression {
    match parts.len() {
        1 => parts.remove(0),
        _ => ExpressionKind::And(parts).into(),
    }
}
