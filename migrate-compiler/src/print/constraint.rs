//! Constraints, in a column's options and as entries of a table.

use migrate_core::catalog::{
    Catalog, Constraint, ConstraintKind, Deferral, Exclusion, ForeignKey, ReferentialAction, Unique,
};
use migrate_core::sorted::SortedMap;

use super::{Printed, bracketed, index, name, names, qualified, storage};

/// The one column that a constraint may stand with; `None` where it is an entry of its own.
pub(super) fn only_column(constraint: &Constraint) -> Option<&str> {
    if constraint.comment.is_some() {
        return None;
    }
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => match key.columns.as_slice() {
            [column] => Some(column),
            _ => None,
        },
        ConstraintKind::ForeignKey(key) => match key.columns.as_slice() {
            [column] => Some(column),
            _ => None,
        },
        ConstraintKind::Check(check) => match check.columns().as_slice() {
            [column] if !check.has_subquery() => Some(column),
            _ => None,
        },
        ConstraintKind::Exclusion(_) => None,
    }
}

/// A constraint; `is_of_column`: among the options of its column, which is not named again. `is_named`: its name is not
/// the one that would be chosen.
pub(super) fn constraint(
    constraint_name: &str,
    constraint: &Constraint,
    is_of_column: bool,
    is_named: bool,
    catalog: &Catalog,
) -> Printed {
    let mut written = String::new();
    if is_named {
        written.push_str(&format!("constraint {} ", name(constraint_name)));
    }
    let columns = |columns: &[String]| if is_of_column { String::new() } else { format!(" {}", names(columns)) };
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => {
            written.push_str(&format!("primary key{}", columns(&key.columns)));
            written.push_str(&rest_of_key(key));
        }
        ConstraintKind::Unique(key) => {
            written.push_str("unique");
            if key.nulls_not_distinct {
                written.push_str(" nulls not distinct");
            }
            written.push_str(&columns(&key.columns));
            written.push_str(&rest_of_key(key));
        }
        ConstraintKind::Check(check) => written.push_str(&format!("check {}", bracketed(check, catalog)?)),
        ConstraintKind::ForeignKey(key) => {
            if !is_of_column {
                written.push_str(&format!("foreign key {} ", names(&key.columns)));
            }
            written.push_str(&references(key, catalog));
        }
        ConstraintKind::Exclusion(exclusion) => written.push_str(&exclude(exclusion, catalog)?),
    }
    if constraint.no_inherit {
        written.push_str(" no inherit");
    }
    if constraint.not_valid {
        written.push_str(" not valid");
    }
    Ok(written)
}

/// The storage parameters of an index, with the space before them.
fn with_parameters(parameters: &SortedMap<String, String>) -> String {
    if parameters.is_empty() { String::new() } else { format!(" with {}", storage(parameters)) }
}

fn rest_of_key(key: &Unique) -> String {
    let include = if key.include.is_empty() { String::new() } else { format!(" include {}", names(&key.include)) };
    format!("{include}{}{}", with_parameters(&key.parameters), deferral(key.deferral))
}

/// ` deferrable initially deferred`, with the space before it; empty where it is not.
fn deferral(deferral: Deferral) -> &'static str {
    match deferral {
        Deferral::NotDeferrable => "",
        Deferral::InitiallyImmediate => " deferrable",
        Deferral::InitiallyDeferred => " deferrable initially deferred",
    }
}

/// What stands behind `alter constraint NAME`.
pub(super) fn altered(written: Deferral) -> &'static str {
    match written {
        Deferral::NotDeferrable => "not deferrable",
        _ => deferral(written).trim_start(),
    }
}

fn references(key: &ForeignKey, catalog: &Catalog) -> String {
    let mut written = format!("references {}", qualified(&key.table));
    let primary = catalog.table(&key.table).and_then(|table| table.primary_key());
    if primary.is_none_or(|(_, primary)| primary.columns != key.referenced) {
        written.push_str(&format!(" {}", names(&key.referenced)));
    }
    for (event, action) in [("delete", &key.on_delete), ("update", &key.on_update)] {
        let list = |list: &[String]| if list.is_empty() { String::new() } else { format!(" {}", names(list)) };
        let action = match action {
            ReferentialAction::NoAction => continue,
            ReferentialAction::Restrict => "restrict".to_owned(),
            ReferentialAction::Cascade => "cascade".to_owned(),
            ReferentialAction::SetNull(columns) => format!("set null{}", list(columns)),
            ReferentialAction::SetDefault(columns) => format!("set default{}", list(columns)),
        };
        written.push_str(&format!(" on {event} {action}"));
    }
    if key.match_full {
        written.push_str(" match full");
    }
    written.push_str(deferral(key.deferral));
    written
}

fn exclude(exclusion: &Exclusion, catalog: &Catalog) -> Printed {
    let mut elements = Vec::new();
    for element in &exclusion.elements {
        let operator = match &element.operator.schema {
            Some(schema) => format!("operator({}.{})", name(schema), element.operator.symbol),
            None => element.operator.symbol.clone(),
        };
        elements.push(format!("{} with {operator}", index::key(&element.key, catalog)?));
    }
    let mut written = String::from("exclude");
    if exclusion.method != "btree" {
        written.push_str(&format!(" using {}", name(&exclusion.method)));
    }
    written.push_str(&format!(" ({})", elements.join(", ")));
    if !exclusion.include.is_empty() {
        written.push_str(&format!(" include {}", names(&exclusion.include)));
    }
    written.push_str(&with_parameters(&exclusion.parameters));
    if let Some(predicate) = &exclusion.predicate {
        written.push_str(&format!(" where {}", bracketed(predicate, catalog)?));
    }
    written.push_str(deferral(exclusion.deferral));
    Ok(written)
}
