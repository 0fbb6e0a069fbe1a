//! `partition by range (at)`, `for values from ("2026-01-01") to ("2027-01-01")`

use migrate_core::catalog::{PartitionBound, PartitionStrategy, Partitioning, RangeLimit, Table};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::token::{At, Bracket};

use super::IndexKeyClause;
use crate::check::{Checker, Context, counted};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser, Spanned};

/// `partition by ...` as written.
pub(crate) struct PartitioningClause {
    strategy: PartitionStrategy,
    keys: Vec<IndexKeyClause>,
    at: At,
}

/// Takes `partition by ...`, if it stands here.
pub(crate) fn parse_partitioning(parser: &mut Parser<'_>) -> Parsed<Option<PartitioningClause>> {
    let start = parser.cursor.index();
    if !parser.cursor.take_words(&["partition", "by"]) {
        return Ok(None);
    }
    let strategies =
        [("range", PartitionStrategy::Range), ("list", PartitionStrategy::List), ("hash", PartitionStrategy::Hash)];
    let Some((_, strategy)) = strategies.into_iter().find(|(word, _)| parser.cursor.take_word(word)) else {
        return parser.expected("`range`, `list` or `hash`");
    };
    parser.open(Bracket::Round, "`(` and the columns")?;
    let keys = parser.separated(Bracket::Round, IndexKeyClause::parse)?;
    let at = parser.cursor.since(start);
    if keys.is_empty() {
        return Err(Diagnostic::new(code::SYNTAX, "`partition by` needs at least one column", at));
    }
    Ok(Some(PartitioningClause { strategy, keys, at }))
}

impl PartitioningClause {
    /// Checks it against its table.
    pub(crate) fn check(
        &self,
        table_name: &QualifiedName,
        table: &Table,
        checker: &mut Checker<'_>,
    ) -> Option<Partitioning> {
        if self.strategy == PartitionStrategy::List && self.keys.len() > 1 {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "`partition by list` takes one column", self.at)
                    .help("for the second one, partition each of the partitions"),
            );
            return None;
        }
        let method = if self.strategy == PartitionStrategy::Hash { "hash" } else { "btree" };
        let mut keys = Vec::new();
        for key in &self.keys {
            keys.push(key.check(method, table_name, table, Context::Index, checker)?);
        }
        let partitioning = Partitioning { strategy: self.strategy, keys };
        // PostgreSQL tells rows apart in each partition by itself.
        for (name, constraint) in table.constraints.iter().filter(|(_, one)| one.kind.has_index()) {
            report_key_outside(&partitioning, name, constraint, self.at, checker)?;
        }
        Some(partitioning)
    }

    /// Where it stands.
    pub(crate) fn at(&self) -> At {
        self.at
    }
}

/// Reports a key that does not have every column by which its table is partitioned.
pub(crate) fn report_key_outside(
    partitioning: &Partitioning,
    name: &str,
    constraint: &migrate_core::catalog::Constraint,
    at: At,
    checker: &mut Checker<'_>,
) -> Option<()> {
    let is_missing = |key: &&migrate_core::catalog::IndexKey| match key.column() {
        Some(column) => !constraint.kind.mentions(column),
        None => true,
    };
    let Some(missing) = partitioning.keys.iter().find(is_missing) else { return Some(()) };
    let mistake = match missing.column() {
        Some(column) => Diagnostic::new(
            code::INVALID_DEFINITION,
            format!("{} `{name}` must include `{column}`, by which the table is partitioned", constraint.kind.noun()),
            at,
        )
        .help(format!("add `{column}` to it: PostgreSQL compares rows only within one partition")),
        None => Diagnostic::new(
            code::INVALID_DEFINITION,
            format!("a table that is partitioned by an expression cannot have the {} `{name}`", constraint.kind.noun()),
            at,
        )
        .help("remove it, and add it to each partition"),
    };
    checker.report(mistake);
    None
}

/// `partition of PARENT BOUND`
pub(crate) struct PartitionOfClause {
    pub(crate) parent: Spanned<QualifiedName>,
    pub(crate) bound: Spanned<PartitionBound>,
}

impl PartitionOfClause {
    /// Takes it, if it stands here.
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Self>> {
        if !parser.cursor.take_words(&["partition", "of"]) {
            return Ok(None);
        }
        let parent = parser.qualified_name("the partitioned table")?;
        Ok(Some(PartitionOfClause { parent, bound: parse_bound(parser)? }))
    }
}

/// Takes `for values ...` or `default`.
pub(crate) fn parse_bound(parser: &mut Parser<'_>) -> Parsed<Spanned<PartitionBound>> {
    let start = parser.cursor.index();
    let value = PartitionBound::parse(&mut parser.cursor)?;
    Ok(Spanned { value, at: parser.cursor.since(start) })
}

/// Checks a bound against the partitioned table, and gives it with literals of the types of the keys.
pub(crate) fn check_bound(
    bound: &Spanned<PartitionBound>,
    parent_at: At,
    parent_name: &QualifiedName,
    parent: &Table,
    checker: &mut Checker<'_>,
) -> Option<PartitionBound> {
    let at = bound.at;
    let Some(partitioning) = &parent.partitioning else {
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, format!("table `{parent_name}` is not partitioned"), parent_at)
                .help(format!("write `create table {parent_name} {{ ... }} partition by range (...)`")),
        );
        return None;
    };
    let count = partitioning.keys.len();
    let fits = match (&bound.value, partitioning.strategy) {
        (PartitionBound::Default, strategy) => strategy != PartitionStrategy::Hash,
        (PartitionBound::Range { .. }, PartitionStrategy::Range)
        | (PartitionBound::List(_), PartitionStrategy::List)
        | (PartitionBound::Hash { .. }, PartitionStrategy::Hash) => true,
        _ => false,
    };
    if !fits {
        let form = match partitioning.strategy {
            PartitionStrategy::Range => "for values from (...) to (...)",
            PartitionStrategy::List => "for values in (...)",
            PartitionStrategy::Hash => "for values with (modulus ..., remainder ...)",
        };
        let strategy = partitioning.strategy.keyword().to_lowercase();
        checker.report(
            Diagnostic::new(
                code::INVALID_DEFINITION,
                format!("this bound does not fit `{parent_name}`, which is partitioned by {strategy}"),
                at,
            )
            .help(format!("write `{form}`")),
        );
        return None;
    }
    if let PartitionBound::Range { from, to } = &bound.value
        && (from.len() != count || to.len() != count)
    {
        checker.report(Diagnostic::new(
            code::INVALID_DEFINITION,
            format!(
                "`{parent_name}` is partitioned by {}, but the bound has {} and {}",
                counted(count, "column"),
                from.len(),
                to.len()
            ),
            at,
        ));
        return None;
    }
    if let PartitionBound::Hash { modulus, remainder } = &bound.value
        && remainder >= modulus
    {
        checker.report(Diagnostic::new(
            code::INVALID_DEFINITION,
            format!("the remainder {remainder} is not less than the modulus {modulus}"),
            at,
        ));
        return None;
    }
    let types: Vec<_> = partitioning
        .keys
        .iter()
        .map(|key| key.column().and_then(|name| parent.column(name)).map(|column| column.data_type.clone()))
        .collect();
    let mut checked = bound.value.clone();
    let value_of = |place: usize, value: &mut Expression, checker: &mut Checker<'_>| -> Option<()> {
        if let Some(Some(data_type)) = types.get(place)
            && !value.is_null()
        {
            let written = Spanned { value: value.clone(), at: if value.at.end == 0 { at } else { value.at } };
            let key = partitioning.keys.get(place).and_then(|key| key.column()).unwrap_or("the key");
            *value = checker.value_for(&written, data_type, key, false, Context::Default)?;
        }
        Some(())
    };
    match &mut checked {
        PartitionBound::Range { from, to } => {
            for limits in [from, to] {
                let rank = |limit: &RangeLimit| match limit {
                    RangeLimit::MinValue => Some("minvalue"),
                    RangeLimit::MaxValue => Some("maxvalue"),
                    RangeLimit::Value(_) => None,
                };
                let odd = limits.windows(2).find_map(|pair| match pair {
                    [first, next] if rank(first).is_some() && rank(next) != rank(first) => Some((rank(first)?, next)),
                    _ => None,
                });
                if let Some((word, next)) = odd {
                    let place = match next {
                        RangeLimit::Value(value) if value.at.end > 0 => value.at,
                        _ => at,
                    };
                    let message = format!("behind `{word}` a bound can have nothing but `{word}`");
                    let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, place);
                    checker.report(mistake.help(format!("write `{word}`: what is behind one does not count")));
                    return None;
                }
                for (place, limit) in limits.iter_mut().enumerate() {
                    if let RangeLimit::Value(value) = limit {
                        if value.is_null() {
                            let at = if value.at.end == 0 { at } else { value.at };
                            let mistake = Diagnostic::new(code::INVALID_DEFINITION, "a bound cannot be `null`", at);
                            checker.report(mistake.help("rows with `null` go into the default partition"));
                            return None;
                        }
                        value_of(place, value, checker)?;
                    }
                }
            }
        }
        PartitionBound::List(values) => {
            for value in values {
                value_of(0, value, checker)?;
            }
        }
        PartitionBound::Default | PartitionBound::Hash { .. } => {}
    }
    let types = checker.catalog().partition_key_types(parent_name);
    if checked.is_backwards(&types) {
        let mistake =
            Diagnostic::new(code::INVALID_DEFINITION, "the lower bound must be less than the upper bound", at);
        checker.report(mistake.help("swap the bounds: as written, no row belongs to this partition"));
        return None;
    }
    let others = checker.catalog().bounds_of_partitions(parent_name);
    let apart = others.iter().find_map(|(other, bound)| {
        let (modulus, of_other) = checked.moduli_apart(bound)?;
        Some(format!("the modulus {modulus} and that of the partition `{other}` of `{parent_name}`, {of_other}, do not divide each other"))
    });
    if let Some(message) = apart {
        let help = "of all partitions by hash, each modulus must divide the next larger one";
        checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, at).help(help));
        return None;
    }
    let overlapping =
        others.iter().find(|(_, bound)| !bound.same_as(&checked, &types) && bound.overlaps(&checked, &types));
    if let Some((other, _)) = overlapping {
        let message = format!("this bound overlaps with that of the partition `{other}` of `{parent_name}`");
        checker
            .report(Diagnostic::new(code::INVALID_DEFINITION, message, at).help("choose bounds that do not overlap"));
        return None;
    }
    let same = others.iter().find(|(_, bound)| bound.same_as(&checked, &types));
    if let Some((other, _)) = same {
        let message = format!("partition `{other}` of `{parent_name}` has the same bound");
        checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, at).help("choose another one"));
        return None;
    }
    Some(checked)
}
