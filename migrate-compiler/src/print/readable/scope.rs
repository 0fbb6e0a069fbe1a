//! What the names in an expression mean: the tables that are named in all queries of it. One name for two of them means nothing.

use migrate_core::catalog::{Catalog, Table};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Namespace, RelationColumn};
use migrate_core::query::{Body, Part, Source, SourceKind, full_name};
use migrate_core::types::Type;

use crate::check::query::{Output, Scope, Visible};

/// The value of a domain.
pub(super) fn of_value(data_type: &Type) -> Scope<'static> {
    let value = Output { name: "value".to_owned(), data_type: Some(data_type.clone()), nullable: true };
    let mut scope = Scope::default();
    scope.sources.push(visible("value", None, Some(vec![value])));
    scope
}

pub(super) fn of_table(alias: &str, name: &QualifiedName, table: &Table) -> Visible {
    let columns = table.columns.iter();
    let columns = columns.map(|column| Output {
        name: column.name.clone(),
        data_type: Some(column.data_type.clone()),
        nullable: column.nullable,
    });
    visible(alias, Some(name), Some(columns.collect()))
}

/// Something whose columns are known, or not.
fn visible(alias: &str, relation: Option<&QualifiedName>, columns: Option<Vec<Output>>) -> Visible {
    Visible {
        name: alias.to_owned(),
        relation: relation.cloned(),
        is_open: columns.is_none(),
        columns: columns.unwrap_or_default(),
        is_by_name_only: false,
        is_function: false,
    }
}

/// Notes the sources of a query.
pub(super) fn note(part: Part<'_>, catalog: &Catalog, scope: &mut Scope<'_>) {
    let Part::Query(query) = part else { return };
    if let Body::Select(select) = &query.body {
        select.from.iter().for_each(|source| note_source(source, catalog, scope));
    }
    // A bare name may be of any of several.
    if scope.sources.len() > 1 {
        scope.sources.iter_mut().for_each(|source| source.is_by_name_only = true);
    }
}

fn note_source(source: &Source, catalog: &Catalog, scope: &mut Scope<'_>) {
    if let SourceKind::Join(join) = &source.kind {
        note_source(&join.left, catalog, scope);
        note_source(&join.right, catalog, scope);
    }
    let alias = source.alias.as_ref();
    let is_renamed = alias.is_some_and(|alias| !alias.columns.is_empty());
    let alias = alias.map(|alias| alias.name.value.as_str());
    let found = match &source.kind {
        // Without a schema it is of the system, or what `WITH` has named.
        SourceKind::Table(table) if table.name.schema.is_some() => {
            let name = full_name(&table.name);
            let alias = alias.unwrap_or(&table.name.name.value);
            let columns = columns(&name, catalog).filter(|_| !is_renamed);
            visible(alias, Some(&name), columns)
        }
        SourceKind::Table(table) => visible(alias.unwrap_or(&table.name.name.value), None, None),
        _ => visible(alias.unwrap_or_default(), None, None),
    };
    match scope.sources.iter_mut().find(|known| known.name == found.name) {
        Some(known) if known.relation.is_some() && known.relation == found.relation => {}
        Some(known) => *known = visible(&found.name, None, None),
        None => scope.sources.push(found),
    }
}

/// The columns of a table or a view.
fn columns(name: &QualifiedName, catalog: &Catalog) -> Option<Vec<Output>> {
    if let Some(table) = catalog.table(name) {
        return Some(of_table(&name.name, name, table).columns);
    }
    let columns = match &catalog.object_named(Namespace::Relation, name)?.1.definition {
        Definition::View(view) => &view.columns,
        Definition::MaterializedView(view) => &view.columns,
        _ => return None,
    };
    let of_view = |column: &RelationColumn| Output {
        name: column.name.clone(),
        data_type: column.data_type.clone(),
        nullable: column.nullable,
    };
    Some(columns.iter().map(of_view).collect())
}
