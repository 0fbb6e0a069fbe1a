//! What the names in an expression with sub-selects are: which column of which table.
//!
//! The scopes of queries are those of SQL: a name is looked for in the innermost query first. What stands in a query
//! whose columns are not known here (a function, another query) is left open.

use super::{Catalog, Used};
use crate::expression::{Expression, ExpressionKind};
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::query::{Body, ObjectName, Part, PartMut, Query, Source, SourceKind};
use crate::sorted::SortedSet;

/// What a name in an expression is, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Meaning {
    /// The table.
    table: Option<QualifiedName>,
    /// The column, where it is one.
    column: Option<String>,
    /// Whether it is written with the name of the table, which has no alias.
    by_table_name: bool,
    /// Whether it is the table that the whole expression is over.
    is_outer: bool,
    /// What it may be written with, where it stands in a query without anything.
    qualifier: Option<String>,
}

/// What gives rows in a query.
enum Rows<'q> {
    /// A table, and its alias.
    Table(QualifiedName, Option<&'q str>),
    /// Something else, and the name it has.
    Other(Option<&'q str>),
}

impl Rows<'_> {
    /// The name that it has in the query.
    fn name(&self) -> Option<&str> {
        match self {
            Rows::Table(table, alias) => Some(alias.unwrap_or(&table.name)),
            Rows::Other(name) => *name,
        }
    }
}

/// Where names are looked for, from the outermost to the innermost.
struct Scopes<'q> {
    outer: Option<&'q QualifiedName>,
    /// A query with the names in it, by their addresses, and its sources.
    queries: Vec<(Vec<*const Expression>, Vec<Rows<'q>>)>,
}

/// The table that a name in a query is.
pub(crate) fn table_of(name: &ObjectName) -> QualifiedName {
    let schema = name.schema.as_ref().map_or(DEFAULT_SCHEMA, |schema| &schema.value);
    QualifiedName::in_schema(schema, name.name.value.clone())
}

fn names_in<'e>(walk: impl FnOnce(&mut dyn FnMut(Part<'e>))) -> Vec<&'e Expression> {
    let mut names = Vec::new();
    walk(&mut |part| match part {
        Part::Expression(expression) if is_name(expression) => names.push(expression),
        _ => {}
    });
    names
}

fn is_name(expression: &Expression) -> bool {
    matches!(expression.kind, ExpressionKind::Name(_) | ExpressionKind::Star(_))
}

fn sources_of(query: &Query) -> Vec<Rows<'_>> {
    fn add<'q>(source: &'q Source, common: &[&str], rows: &mut Vec<Rows<'q>>) {
        let alias = source.alias.as_ref().map(|alias| alias.name.value.as_str());
        match &source.kind {
            SourceKind::Table(table) => {
                let is_common = table.name.schema.is_none() && common.contains(&table.name.name.value.as_str());
                rows.push(match is_common {
                    true => Rows::Other(alias.or(Some(&table.name.name.value))),
                    false => Rows::Table(table_of(&table.name), alias),
                });
            }
            SourceKind::Join(join) => {
                add(&join.left, common, rows);
                add(&join.right, common, rows);
            }
            _ => rows.push(Rows::Other(alias)),
        }
    }
    let mut rows = Vec::new();
    if let Body::Select(select) = &query.body {
        let with = query.with.as_ref();
        let common: Vec<&str> =
            with.into_iter().flat_map(|with| &with.tables).map(|table| &*table.name.value).collect();
        select.from.iter().for_each(|source| add(source, &common, &mut rows));
    }
    rows
}

impl<'q> Scopes<'q> {
    fn of(expression: &'q Expression, outer: Option<&'q QualifiedName>) -> Self {
        let mut queries = Vec::new();
        expression.walk(&mut |part| {
            if let Part::Query(query) = part {
                let names = names_in(|see| query.walk(see)).into_iter().map(std::ptr::from_ref).collect();
                queries.push((names, sources_of(query)));
            }
        });
        Scopes { outer, queries }
    }

    fn meaning(&self, name: &Expression, has_column: &dyn Fn(&QualifiedName, &str) -> bool) -> Meaning {
        let found = match &name.kind {
            ExpressionKind::Name(parts) => match parts.as_slice() {
                // A column, or else the row of a table.
                [one] => self
                    .look_up(name, None, Some(one), has_column)
                    .or_else(|| self.look_up(name, Some(one), None, has_column)),
                [qualifier, column] | [_, qualifier, column] => {
                    self.look_up(name, Some(qualifier), Some(column), has_column)
                }
                _ => None,
            },
            ExpressionKind::Star(parts) => self.look_up(name, parts.last(), None, has_column),
            _ => None,
        };
        found.unwrap_or_default()
    }

    /// What is meant by a column, or by the row of what is called `qualifier`; `None` where nothing is known by that name.
    fn look_up(
        &self,
        name: &Expression,
        qualifier: Option<&String>,
        column: Option<&String>,
        has_column: &dyn Fn(&QualifiedName, &str) -> bool,
    ) -> Option<Meaning> {
        let address: *const Expression = name;
        // Queries come before those in them.
        for (_, rows) in self.queries.iter().rev().filter(|(names, _)| names.contains(&address)) {
            let found = rows.iter().find(|rows| match (qualifier, rows) {
                (Some(qualifier), rows) => rows.name() == Some(qualifier.as_str()),
                (None, Rows::Table(table, _)) => column.is_some_and(|column| has_column(table, column)),
                (None, Rows::Other(_)) => false,
            });
            match found {
                Some(Rows::Table(table, alias)) => {
                    return Some(Meaning {
                        table: Some(table.clone()),
                        column: column.cloned(),
                        by_table_name: alias.is_none() && qualifier.is_some(),
                        is_outer: false,
                        qualifier: qualifier.is_none().then(|| (*alias).unwrap_or(&table.name).to_owned()),
                    });
                }
                Some(Rows::Other(_)) => return Some(Meaning::default()),
                None if qualifier.is_none() && rows.iter().any(|rows| matches!(rows, Rows::Other(_))) => {
                    return Some(Meaning::default());
                }
                None => {}
            }
        }
        let outer = self.outer?;
        let is_outer = match (qualifier, column) {
            (Some(qualifier), _) => *qualifier == outer.name,
            (None, Some(column)) => has_column(outer, column),
            (None, None) => false,
        };
        if !is_outer {
            return None;
        }
        let mut around = self.queries.iter().filter(|(names, _)| names.contains(&address)).peekable();
        let is_inside = around.peek().is_some();
        let is_hidden = around.flat_map(|(_, rows)| rows).any(|rows| rows.name() == Some(outer.name.as_str()));
        Some(Meaning {
            table: Some(outer.clone()),
            column: column.cloned(),
            by_table_name: qualifier.is_some(),
            is_outer: true,
            qualifier: (qualifier.is_none() && is_inside && !is_hidden).then(|| outer.name.clone()),
        })
    }
}

/// What each name in the expression is, in the order of a walk.
fn meanings(
    expression: &Expression,
    outer: Option<&QualifiedName>,
    has_column: &dyn Fn(&QualifiedName, &str) -> bool,
) -> Vec<Meaning> {
    let scopes = Scopes::of(expression, outer);
    names_in(|see| expression.walk(see)).into_iter().map(|name| scopes.meaning(name, has_column)).collect()
}

fn has_column(catalog: &Catalog) -> impl Fn(&QualifiedName, &str) -> bool {
    |table, column| catalog.table(table).is_some_and(|table| table.column(column).is_some())
}

/// Notes the tables and columns that sub-selects read, and the columns of the table outside that they name.
pub(crate) fn note_uses(
    expression: &Expression,
    outer: Option<&QualifiedName>,
    catalog: &Catalog,
    uses: &mut SortedSet<Used>,
) {
    if !expression.has_subquery() {
        return;
    }
    uses.extend(expression.tables().into_iter().map(|table| Used::Table(table_of(table))));
    for meaning in meanings(expression, outer, &has_column(catalog)) {
        if let (Some(table), Some(column)) = (meaning.table, meaning.column)
            && catalog.table(&table).is_some_and(|table| table.column(&column).is_some())
        {
            uses.insert(Used::Column(table, column));
        }
    }
}

/// Changes each name that means something, in the order of a walk.
fn change(expression: &mut Expression, meanings: &[Meaning], change: impl Fn(&Meaning, &mut Vec<String>)) {
    let mut meanings = meanings.iter();
    expression.walk_mut(&mut |part| {
        if let PartMut::Expression(Expression {
            kind: ExpressionKind::Name(parts) | ExpressionKind::Star(parts), ..
        }) = part
            && let Some(meaning) = meanings.next()
        {
            change(meaning, parts);
        }
    });
}

impl Expression {
    /// Writes columns in sub-selects with what they are of, as far as that is known: what a name is does not depend on
    /// which columns tables get later. `outer` is the table that the expression is over.
    pub fn qualify_columns(&mut self, outer: &QualifiedName, catalog: &Catalog) {
        if !self.has_subquery() {
            return;
        }
        let meanings = meanings(self, Some(outer), &has_column(catalog));
        change(self, &meanings, |meaning, parts| {
            if let (Some(qualifier), [_]) = (&meaning.qualifier, parts.as_slice()) {
                parts.insert(0, qualifier.clone());
            }
        });
    }
}

/// Renames a column, where it is one of the table that the expression is over. Queries follow what is theirs themselves.
pub(crate) fn rename_column(
    expression: &mut Expression,
    outer: Option<&QualifiedName>,
    before: &Catalog,
    (table, from, to): (&QualifiedName, &str, &str),
) {
    let meanings = meanings(expression, outer, &has_column(before));
    change(expression, &meanings, |meaning, parts| {
        if meaning.is_outer
            && meaning.table.as_ref() == Some(table)
            && meaning.column.as_deref() == Some(from)
            && let Some(last) = parts.last_mut()
        {
            to.clone_into(last);
        }
    });
}

/// Renames the table that the expression is over, which `outer` is before.
pub(crate) fn rename_table(
    expression: &mut Expression,
    outer: Option<&QualifiedName>,
    from: &QualifiedName,
    to: &QualifiedName,
) {
    let meanings = meanings(expression, outer, &|_, _| false);
    change(expression, &meanings, |meaning, parts| {
        if !meaning.is_outer || !meaning.by_table_name || meaning.table.as_ref() != Some(from) {
            return;
        }
        let end = parts.len() - usize::from(meaning.column.is_some());
        if let Some([schema @ .., table]) = parts.get_mut(..end) {
            to.name.clone_into(table);
            if let Some(schema) = schema.last_mut() {
                to.schema.clone_into(schema);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::testing::{catalog, expression, name};

    const OWN: &str = "EXISTS (SELECT 1 FROM public.users AS u WHERE u.id = user_id AND email = bookings.note \
                       AND u.id IN (SELECT total FROM public.bookings))";

    #[test]
    fn a_name_is_looked_for_in_the_innermost_query_first() {
        let mut uses = SortedSet::new();
        note_uses(&expression(OWN), Some(&name("bookings")), &catalog(), &mut uses);
        let column = |table: &str, column: &str| Used::Column(name(table), column.into());
        let expected = [
            Used::Table(name("bookings")),
            Used::Table(name("users")),
            column("bookings", "note"),
            column("bookings", "total"),
            column("bookings", "user_id"),
            column("users", "email"),
            column("users", "id"),
        ];
        assert_eq!(uses.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn columns_are_written_with_what_they_are_of() {
        let mut own = expression(OWN);
        own.qualify_columns(&name("bookings"), &catalog());
        let expected = "EXISTS (SELECT 1 FROM public.users AS u WHERE u.id = bookings.user_id AND u.email = bookings.note \
                        AND u.id IN (SELECT bookings.total FROM public.bookings))";
        assert_eq!(own, expression(expected));
    }

    #[test]
    fn columns_of_the_table_outside_are_renamed_where_they_are_meant() {
        let mut own = expression(OWN);
        let outer = name("bookings");
        rename_column(&mut own, Some(&outer), &catalog(), (&outer, "note", "remark"));
        // Of `users`, and of the sub-select's own `bookings`.
        rename_column(&mut own, Some(&outer), &catalog(), (&outer, "email", "mail"));
        rename_column(&mut own, Some(&outer), &catalog(), (&outer, "total", "amount"));
        rename_table(&mut own, Some(&outer), &outer, &name("trips"));
        let expected = "EXISTS (SELECT 1 FROM public.users AS u WHERE u.id = user_id AND email = trips.remark \
                        AND u.id IN (SELECT total FROM public.bookings))";
        assert_eq!(own, expression(expected));
    }
}
