use migrate_core::catalog::Table;
use migrate_core::name::QualifiedName;
use migrate_core::types::Type;

use super::query::Scope;

/// What the names of an expression can mean.
#[derive(Clone, Copy)]
pub(crate) enum Around<'a> {
    /// Nothing: there are no columns.
    Nothing,
    /// The columns of a table.
    Table(&'a QualifiedName, &'a Table),
    /// What a query and the queries around it see.
    Query(&'a Scope<'a>),
}

impl<'a> Around<'a> {
    /// The table, where it is one.
    pub(crate) fn table(self) -> Option<(&'a QualifiedName, &'a Table)> {
        match self {
            Around::Table(name, table) => Some((name, table)),
            Around::Nothing | Around::Query(_) => None,
        }
    }

    /// The type of a column, by its name or with its table's, or of the whole row; `None` where there is no such column, or its
    /// type is not known.
    pub(crate) fn data_type(self, parts: &[String]) -> Option<Type> {
        match self {
            Around::Nothing => None,
            Around::Table(name, table) => match (table.column(parts.last()?), parts) {
                (Some(column), _) => Some(column.data_type.clone()),
                (None, [row]) if *row == name.name || matches!(row.as_str(), "old" | "new") => {
                    Some(Type::named(name.clone()))
                }
                _ => None,
            },
            Around::Query(scope) => scope.data_type(parts),
        }
    }

    /// The type of the rows of what is meant by `users.*`.
    pub(crate) fn row(self, row: &str) -> Option<Type> {
        match self {
            Around::Nothing => None,
            Around::Table(name, _) => {
                (row == name.name || matches!(row, "old" | "new")).then(|| Type::named(name.clone()))
            }
            Around::Query(scope) => scope.row_type(row),
        }
    }

    /// Whether a bare name is one of a column.
    pub(crate) fn has(self, name: &str) -> bool {
        match self {
            Around::Nothing => false,
            Around::Table(_, table) => table.column(name).is_some(),
            Around::Query(scope) => scope.has(name),
        }
    }
}
