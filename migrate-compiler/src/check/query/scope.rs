//! What a query sees: the sources behind its `FROM`, and those of the queries around it.

use std::cell::Cell;

use migrate_core::name::QualifiedName;
use migrate_core::query::NamedWindow;
use migrate_core::types::{BuiltIn, Type};

use super::{Clause, CommonTables};

/// A column that comes out of a query or of a source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Output {
    /// Its name; `?column?` where PostgreSQL finds none.
    pub(crate) name: String,
    /// Its type, where it is known.
    pub(crate) data_type: Option<Type>,
    /// Whether it may be NULL.
    pub(crate) nullable: bool,
}

impl Output {
    /// A column of which nothing is known but its name.
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Output { name: name.into(), data_type: None, nullable: true }
    }
}

/// The columns that every table has beside those that are defined (PostgreSQL manual, 5.5 System Columns).
const SYSTEM_COLUMNS: [&str; 6] = ["ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"];

/// Something behind `FROM` with its name in the query.
#[derive(Clone, Debug)]
pub(crate) struct Visible {
    /// The alias, or the name of the table.
    pub(crate) name: String,
    /// The table or view it is.
    pub(crate) relation: Option<QualifiedName>,
    /// Its columns.
    pub(crate) columns: Vec<Output>,
    /// Whether it may have columns that are not known.
    pub(crate) is_open: bool,
    /// Whether bare names do not reach it: `old` and `new`, `excluded`.
    pub(crate) is_by_name_only: bool,
    /// Whether it is a function, whose rows may be of a type of their own.
    pub(crate) is_function: bool,
}

impl Visible {
    /// Rows with these columns; of no table or view unless that is said.
    pub(crate) fn of_rows(name: impl Into<String>, columns: Vec<Output>) -> Self {
        Visible {
            name: name.into(),
            relation: None,
            columns,
            is_open: false,
            is_by_name_only: false,
            is_function: false,
        }
    }
}

/// A column that a join has made one of two.
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    /// The column.
    pub(crate) column: Output,
    /// The sources that are joined.
    pub(crate) sources: Vec<String>,
}

/// What a query sees.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope<'o> {
    /// Its sources.
    pub(crate) sources: Vec<Visible>,
    /// The columns that `USING` and `NATURAL` make one, those of outer joins before those of the joins in them.
    pub(crate) merged: Vec<Merged>,
    /// The common tables that can be named here.
    pub(crate) common: CommonTables,
    /// What the query around it sees.
    pub(crate) outer: Option<&'o Scope<'o>>,
    /// Whether it stands in SQL that stays a text: bare words are not values of enums there.
    pub(crate) is_sql: bool,
    /// Whether it is that of a query or a statement, to which aggregates can belong.
    pub(crate) is_level: bool,
    /// The windows that `WINDOW` defines.
    pub(crate) windows: Vec<NamedWindow>,
    /// What is being looked at.
    pub(crate) clause: Cell<Clause>,
    /// Whether an aggregate belongs to it.
    pub(crate) aggregates: Cell<bool>,
}

/// What a name means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// A column of this source.
    Column {
        /// The name of the source.
        source: String,
        /// The column.
        column: Output,
    },
    /// A column that a join has made one of two.
    Merged(Output),
    /// The whole row of this source.
    Row(String),
    /// Perhaps a column of something whose columns are not known.
    Open,
    /// A column of several sources.
    Ambiguous(Vec<String>),
    /// The source is there, and has no such column.
    NoColumn {
        /// The name of the source.
        source: String,
        /// Its columns.
        columns: Vec<String>,
    },
    /// No source has this name.
    NoSource {
        /// The names of those that are there.
        sources: Vec<String>,
        /// The alias that hides the table of this name.
        alias: Option<String>,
    },
    /// Nothing has this name.
    Nothing {
        /// The columns that are there.
        columns: Vec<String>,
    },
}

impl Scope<'_> {
    /// Says what is looked at from here on.
    pub(crate) fn enter(&self, clause: Clause) {
        self.clause.set(clause);
    }

    /// What is being looked at.
    pub(crate) fn clause(&self) -> Clause {
        self.clause.get()
    }

    /// Notes that an aggregate belongs to it.
    pub(crate) fn note_aggregate(&self) {
        self.aggregates.set(true);
    }

    /// Whether an aggregate belongs to it.
    pub(crate) fn has_aggregates(&self) -> bool {
        self.aggregates.get()
    }

    /// Whether a name in full is that of a column of its own sources.
    pub(crate) fn is_source_of(&self, parts: &[String]) -> bool {
        match parts {
            [column] => self.merged.iter().any(|merged| merged.column.name == *column),
            [source, _] => self.sources.iter().any(|found| found.name == *source),
            _ => false,
        }
    }

    /// Whether a bare name is one of a column of its own sources.
    pub(crate) fn has_own(&self, name: &str) -> bool {
        self.merged.iter().any(|merged| merged.column.name == name)
            || self.sources.iter().any(|source| {
                !source.is_by_name_only && (source.is_open || source.columns.iter().any(|column| column.name == name))
            })
    }

    /// What a name means here.
    pub(crate) fn find(&self, parts: &[String]) -> Meaning {
        match parts {
            [column] => self.find_bare(column),
            [source, column] => self.find_qualified(None, source, column),
            [schema, source, column] => self.find_qualified(Some(schema), source, column),
            _ => Meaning::Open,
        }
    }

    fn find_bare(&self, name: &str) -> Meaning {
        if let Some(merged) = self.merged.iter().find(|merged| merged.column.name == name) {
            let is_beside = |source: &&Visible| {
                !source.is_by_name_only
                    && !merged.sources.contains(&source.name)
                    && source.columns.iter().any(|column| column.name == name)
            };
            return match self.sources.iter().find(is_beside) {
                Some(other) => Meaning::Ambiguous(
                    merged.sources.first().into_iter().cloned().chain([other.name.clone()]).collect(),
                ),
                None => Meaning::Merged(merged.column.clone()),
            };
        }
        let reachable = || self.sources.iter().filter(|source| !source.is_by_name_only);
        let mut found = reachable().flat_map(|source| {
            let columns = source.columns.iter().filter(|column| column.name == name);
            columns.map(move |column| (source, column))
        });
        if let Some((source, column)) = found.next() {
            let others: Vec<String> = found.map(|(other, _)| other.name.clone()).collect();
            if others.is_empty() {
                return Meaning::Column { source: source.name.clone(), column: column.clone() };
            }
            return Meaning::Ambiguous(std::iter::once(source.name.clone()).chain(others).collect());
        }
        if reachable().any(|source| source.is_open) {
            return Meaning::Open;
        }
        if SYSTEM_COLUMNS.contains(&name) {
            let mut tables = reachable().filter(|source| source.relation.is_some());
            match (tables.next(), tables.next()) {
                (Some(only), None) => {
                    return Meaning::Column { source: only.name.clone(), column: Output::named(name) };
                }
                (Some(one), Some(other)) => {
                    return Meaning::Ambiguous(vec![one.name.clone(), other.name.clone()]);
                }
                (None, _) => {}
            }
        }
        if let Some(source) = self.sources.iter().find(|source| source.name == name) {
            // A function with one column is known by its own name, and is that column.
            return match source.columns.as_slice() {
                [column] if source.relation.is_none() && column.name == name => {
                    Meaning::Column { source: source.name.clone(), column: column.clone() }
                }
                _ => Meaning::Row(source.name.clone()),
            };
        }
        match self.outer.map(|outer| outer.find_bare(name)) {
            None => Meaning::Nothing { columns: self.names() },
            Some(Meaning::Nothing { columns }) => {
                Meaning::Nothing { columns: self.names().into_iter().chain(columns).collect() }
            }
            Some(found) => found,
        }
    }

    fn find_qualified(&self, schema: Option<&str>, name: &str, column: &str) -> Meaning {
        let is_meant = |source: &&Visible| {
            source.name == name
                && schema.is_none_or(|schema| source.relation.as_ref().is_some_and(|found| found.schema == schema))
        };
        if let Some(source) = self.sources.iter().find(is_meant) {
            let mut found = source.columns.iter().filter(|found| found.name == column);
            return match found.next() {
                Some(_) if found.next().is_some() => Meaning::Ambiguous(vec![source.name.clone()]),
                Some(found) => Meaning::Column { source: source.name.clone(), column: found.clone() },
                None if source.is_open => Meaning::Open,
                None if source.relation.is_some() && SYSTEM_COLUMNS.contains(&column) => {
                    Meaning::Column { source: source.name.clone(), column: Output::named(column) }
                }
                None => Meaning::NoColumn {
                    source: source.name.clone(),
                    columns: source.columns.iter().map(|column| column.name.clone()).collect(),
                },
            };
        }
        let names = || self.sources.iter().map(|source| source.name.clone());
        let alias = || {
            let is_hidden = |source: &&Visible| source.relation.as_ref().is_some_and(|found| found.name == name);
            self.sources.iter().find(is_hidden).map(|source| source.name.clone())
        };
        match self.outer.map(|outer| outer.find_qualified(schema, name, column)) {
            None => Meaning::NoSource { sources: names().collect(), alias: alias() },
            Some(Meaning::NoSource { sources, alias: outer }) => {
                Meaning::NoSource { sources: names().chain(sources).collect(), alias: alias().or(outer) }
            }
            Some(found) => found,
        }
    }

    /// What `*` stands for, of the sources from this one on: names in full, and columns.
    pub(crate) fn star(&self, first: usize) -> Vec<(Vec<String>, Output)> {
        let mut columns = Vec::new();
        let mut done: Vec<usize> = Vec::new();
        for source in self.sources.iter().skip(first).filter(|source| !source.is_by_name_only) {
            let merged = || self.merged.iter().enumerate().filter(|(_, merged)| merged.sources.contains(&source.name));
            for (index, Merged { column, .. }) in merged() {
                if !done.contains(&index) {
                    done.push(index);
                    columns.push((vec![column.name.clone()], column.clone()));
                }
            }
            let is_merged = |name: &str| merged().any(|(_, merged)| merged.column.name == name);
            for column in source.columns.iter().filter(|column| !is_merged(&column.name)) {
                columns.push((vec![source.name.clone(), column.name.clone()], column.clone()));
            }
        }
        columns
    }

    fn names(&self) -> Vec<String> {
        let columns = self.sources.iter().flat_map(|source| &source.columns);
        columns.map(|column| column.name.clone()).collect()
    }

    /// Whether it, or what is around it, is SQL that stays a text.
    pub(crate) fn is_sql(&self) -> bool {
        self.is_sql || self.outer.is_some_and(Scope::is_sql)
    }

    /// The type of a column, or of the rows of a table.
    pub(crate) fn data_type(&self, parts: &[String]) -> Option<Type> {
        match self.find(parts) {
            Meaning::Column { column, .. } | Meaning::Merged(column) => column.data_type,
            Meaning::Row(name) => self.row_type(&name),
            _ => None,
        }
    }

    fn source(&self, name: &str) -> Option<&Visible> {
        let found = self.sources.iter().find(|source| source.name == name);
        found.or_else(|| self.outer?.source(name))
    }

    /// The names in full of the columns of a source; `None` where they are not known, or it is not there.
    pub(crate) fn columns_of_source(&self, name: &str) -> Option<Vec<Vec<String>>> {
        let source = self.source(name).filter(|source| !source.is_open && !source.is_by_name_only)?;
        Some(source.columns.iter().map(|column| vec![source.name.clone(), column.name.clone()]).collect())
    }

    /// The type of the rows of a source.
    pub(crate) fn row_type(&self, name: &str) -> Option<Type> {
        let source = self.source(name)?;
        let is_record = !source.is_open && !source.is_function && !source.is_by_name_only;
        source.relation.clone().map(Type::named).or_else(|| is_record.then_some(Type::BuiltIn(BuiltIn::Record)))
    }

    /// Whether functions can be called by the name of a source: a variable of PL/pgSQL has nothing but fields.
    pub(crate) fn takes_functions(&self, name: &str) -> bool {
        self.source(name).is_some_and(|source| !source.is_by_name_only)
    }

    /// Whether a bare name of a column of a query is one of a variable around it as well.
    pub(crate) fn hides_variable(&self, name: &str) -> bool {
        let mut is_column = false;
        let mut around = Some(self);
        while let Some(scope) = around {
            if scope.has_own(name) {
                if !scope.is_level {
                    return is_column;
                }
                is_column = true;
            }
            around = scope.outer;
        }
        false
    }

    /// Whether a bare name is one of a column.
    pub(crate) fn has(&self, name: &str) -> bool {
        !matches!(self.find_bare(name), Meaning::Nothing { .. })
    }
}
