//! Indexes, and keys of indexes, exclusion constraints and partitioned tables.

use migrate_core::catalog::{Catalog, Index, IndexKey, NullsOrder, Table};
use migrate_core::expression::ExpressionKind;
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::operation::CommentTarget;
use migrate_core::sorted::{SortedMap, SortedSet};

use super::{
    Behind, Piece, Printed, Unprintable, change_parameters, comment, implied, name, names, print_expression, qualified,
    storage,
};

/// `create index`
pub(super) fn create(
    table_name: &QualifiedName,
    index_name: &str,
    index: &Index,
    catalog: &Catalog,
) -> Printed<Vec<Piece>> {
    let what = || format!("the index `{index_name}`");
    if index.attached_to.is_some() {
        return Err(Unprintable::new(what(), "it is created with the index of the partitioned table"));
    }
    let table = catalog.indexable(table_name);
    let implied = table.as_deref().map(|table| implied::index(table_name, table, &index.keys, catalog));
    let mut item = String::from(if index.unique { "create unique index" } else { "create index" });
    if implied.as_deref() != Some(index_name) || table.as_deref().is_some_and(|table| is_duplicate(table, index)) {
        item.push_str(&format!(" {}", name(index_name)));
    }
    item.push_str(&format!(" on {}", qualified(table_name)));
    if index.method != "btree" {
        item.push_str(&format!(" using {}", name(&index.method)));
    }
    item.push_str(&format!(" ({})", keys(&index.keys, catalog)?));
    if !index.include.is_empty() {
        item.push_str(&format!(" include {}", names(&index.include)));
    }
    if index.nulls_not_distinct {
        item.push_str(" nulls not distinct");
    }
    if !index.parameters.is_empty() {
        item.push_str(&format!(" with {}", storage(&index.parameters)));
    }
    if let Some(predicate) = &index.predicate {
        item.push_str(&format!(" where {}", print_expression(predicate, catalog)?));
    }
    let target = CommentTarget::Index(table_name.clone(), index_name.to_owned());
    let (lines, after) = comment::split(index.comment.as_deref(), &target);
    let made = Index { statistics: SortedMap::new(), ..index.clone() };
    let later = settings(&table_name.sibling(index_name), &made, (&index.parameters, &index.statistics));
    Ok(std::iter::once(Piece::item(item).with_comment(lines)).chain(after).chain(later).collect())
}

/// `alter index`, for what is other than before.
pub(super) fn settings(
    index: &QualifiedName,
    before: &Index,
    (parameters, statistics): (&SortedMap<String, String>, &SortedMap<u16, i32>),
) -> Vec<Piece> {
    let mut actions = change_parameters(&before.parameters, parameters);
    let places: SortedSet<&u16> = before.statistics.keys().chain(statistics.keys()).collect();
    for place in places.into_iter().filter(|place| before.statistics.get(place) != statistics.get(place)) {
        let target = statistics.get(place).map_or_else(|| "default".to_owned(), i32::to_string);
        actions.push(format!("alter {place} set statistics {target}"));
    }
    let of = format!("alter index {}", qualified(index));
    actions.into_iter().map(|action| Piece::action(of.clone(), action)).collect()
}

/// Whether the table has the same index already, so that this one must have a name.
fn is_duplicate(table: &Table, index: &Index) -> bool {
    table.indexes.values().any(|other| other.keys == index.keys && other.predicate == index.predicate)
}

/// Keys between commas.
pub(super) fn keys(keys: &[IndexKey], catalog: &Catalog) -> Printed {
    let keys: Vec<String> = keys.iter().map(|one| key(one, catalog)).collect::<Printed<_>>()?;
    Ok(keys.join(", "))
}

/// One key.
pub(super) fn key(key: &IndexKey, catalog: &Catalog) -> Printed {
    let mut written = match &key.expression.kind {
        ExpressionKind::Name(parts) if parts.len() == 1 => parts.first().map(|part| name(part)).unwrap_or_default(),
        ExpressionKind::Call(_) => {
            let plain = print_expression(&key.expression, catalog)?;
            if super::expression::ends_by_itself(&plain, Behind::Options) { plain } else { format!("({plain})") }
        }
        _ => format!("({})", print_expression(&key.expression, catalog)?),
    };
    if let Some(collation) = &key.collation {
        written.push_str(&format!(" collate {}", super::column::collation(collation)));
    }
    if let Some(class) = &key.operator_class {
        written.push_str(&format!(" {}", operator_class(class)));
        if !key.class_parameters.is_empty() {
            written.push_str(&format!(" {}", storage(&key.class_parameters)));
        }
    }
    if key.descending {
        written.push_str(" desc");
    }
    match key.nulls {
        Some(NullsOrder::First) => written.push_str(" nulls first"),
        Some(NullsOrder::Last) => written.push_str(" nulls last"),
        None => {}
    }
    Ok(written)
}

/// An operator class: one of an extension is found in the schema of that.
pub(crate) fn operator_class(class: &str) -> String {
    match class.split_once('.') {
        Some((DEFAULT_SCHEMA, class)) => super::declared(class),
        Some((schema, class)) => format!("{}.{}", super::declared(schema), super::declared(class)),
        None => super::declared(class),
    }
}
