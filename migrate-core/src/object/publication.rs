use std::fmt;

use super::kind::Facts;
use super::{Define, Kind, Namespace, ObjectId, Renaming, Schema, compared};
use crate::catalog::{Catalog, ReplicaIdentity, Scope, Used};
use crate::expression::{Expression, canonical};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// A publication: what changes of which tables are sent to subscribers.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Publication {
    /// Of what.
    pub of: Published,
    /// The commands whose changes are sent.
    pub operations: SortedSet<PublishedOperation>,
    /// Whether changes of partitions are sent as those of the table at the root.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub via_partition_root: bool,
    /// Whether stored generated columns are sent (PostgreSQL 18).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub generated_columns: bool,
}

/// What a publication is of.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Published {
    /// All tables, also those that come later.
    All,
    /// These.
    Some {
        /// Tables, in the order of their names.
        tables: Vec<PublishedTable>,
        /// All tables of these schemas (PostgreSQL 15).
        #[serde(default, skip_serializing_if = "SortedSet::is_empty")]
        schemas: SortedSet<String>,
    },
}

/// A table of a publication.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct PublishedTable {
    /// The table.
    pub table: QualifiedName,
    /// Its columns that are sent; `None`: all of them (PostgreSQL 15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<SortedSet<String>>,
    /// Which rows are sent (PostgreSQL 15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expression>,
}

/// A command whose changes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum PublishedOperation {
    Insert,
    Update,
    Delete,
    Truncate,
}

/// Why rows of a published table can be neither updated nor deleted (`CheckCmdReplicaIdentity`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusedChanges {
    /// The table has no replica identity.
    NoIdentity,
    /// This column of the replica identity is not among those that are sent.
    NotSent(String),
    /// The condition reads this column, which the replica identity does not have.
    Outside(String),
}

impl PublishedOperation {
    /// All of them.
    pub const ALL: [PublishedOperation; 4] = [
        PublishedOperation::Insert,
        PublishedOperation::Update,
        PublishedOperation::Delete,
        PublishedOperation::Truncate,
    ];

    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            PublishedOperation::Insert => "insert",
            PublishedOperation::Update => "update",
            PublishedOperation::Delete => "delete",
            PublishedOperation::Truncate => "truncate",
        }
    }
}

impl PublishedTable {
    fn write(&self, writer: Writer) -> Writer {
        writer
            .name(&self.table)
            .optional(self.columns.as_ref(), |writer, columns| writer.identifiers(columns))
            .optional(self.filter.as_ref(), |writer, filter| writer.keyword("WHERE").enclosed_expression(filter))
    }

    fn is_same(&self, other: &Self) -> bool {
        let meaning = |table: &PublishedTable| table.filter.as_ref().map(canonical);
        self.table == other.table && self.columns == other.columns && meaning(self) == meaning(other)
    }
}

impl fmt::Display for PublishedTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.fmt(formatter)?;
        if let Some(columns) = &self.columns {
            write!(formatter, " ({})", columns.iter().map(String::as_str).collect::<Vec<_>>().join(", "))?;
        }
        match &self.filter {
            Some(filter) => write!(formatter, " where {}", canonical(filter)),
            None => Ok(()),
        }
    }
}

impl Publication {
    pub(super) const FACTS: Facts = Facts {
        noun: "publication",
        keywords: "PUBLICATION",
        namespace: Namespace::Database,
        on_table: None,
        securable: None,
    };

    /// The tables that are named.
    pub fn tables(&self) -> &[PublishedTable] {
        match &self.of {
            Published::All => &[],
            Published::Some { tables, .. } => tables,
        }
    }

    /// Why PostgreSQL refuses every update and every delete of a table while the publication is there; `None` where it does not,
    /// or where the table is not published.
    pub fn refuses_changes_of(&self, name: &QualifiedName, catalog: &Catalog) -> Option<RefusedChanges> {
        let table = catalog.table(name).filter(|table| !table.settings.unlogged)?;
        let sends = |operation| self.operations.contains(&operation);
        if !sends(PublishedOperation::Update) && !sends(PublishedOperation::Delete) {
            return None;
        }
        let published = self.tables().iter().find(|published| published.table == *name);
        if published.is_none() && self.of != Published::All && !self.schemas().contains(&name.schema) {
            return None;
        }
        let Some(identity) = table.replica_identity() else { return Some(RefusedChanges::NoIdentity) };
        let is_full = table.settings.replica_identity == ReplicaIdentity::Full;
        let columns = published.and_then(|published| published.columns.as_ref());
        if let Some(columns) = columns {
            let missing = identity.iter().find(|column| !columns.contains(**column));
            if let Some(column) = missing {
                return Some(RefusedChanges::NotSent((*column).to_owned()));
            }
        }
        let filter = published.and_then(|published| published.filter.as_ref()).filter(|_| !is_full)?;
        let outside = table.columns_read(filter).into_iter().find(|column| !identity.contains(column));
        outside.map(|column| RefusedChanges::Outside(column.to_owned()))
    }

    fn tables_mut(&mut self) -> &mut [PublishedTable] {
        match &mut self.of {
            Published::All => &mut [],
            Published::Some { tables, .. } => tables,
        }
    }

    fn schemas(&self) -> SortedSet<&String> {
        match &self.of {
            Published::All => SortedSet::new(),
            Published::Some { schemas, .. } => schemas.iter().collect(),
        }
    }

    fn is_default(&self) -> bool {
        self.operations.len() == PublishedOperation::ALL.len() && !self.via_partition_root && !self.generated_columns
    }

    fn told_operations(&self) -> String {
        self.operations.iter().map(|operation| operation.word()).collect::<Vec<_>>().join(", ")
    }

    /// The options; `all`: also those that are as they are where nothing is said.
    fn write_options(&self, writer: Writer, before: Option<&Self>) -> Writer {
        let default = Publication {
            of: Published::All,
            operations: PublishedOperation::ALL.into(),
            via_partition_root: false,
            generated_columns: false,
        };
        let before = before.unwrap_or(&default);
        writer.parenthesized(|writer| {
            let mut writer = writer;
            let mut is_first = true;
            let mut next = |writer: Writer| if std::mem::take(&mut is_first) { writer } else { writer.comma() };
            if self.operations != before.operations {
                writer = next(writer).keyword("publish =").literal(&self.told_operations());
            }
            if self.via_partition_root != before.via_partition_root {
                let value = if self.via_partition_root { "true" } else { "false" };
                writer = next(writer).keyword("publish_via_partition_root =").keyword(value);
            }
            if self.generated_columns != before.generated_columns {
                let value = if self.generated_columns { "stored" } else { "none" };
                writer = next(writer).keyword("publish_generated_columns =").keyword(value);
            }
            writer
        })
    }

    fn has_other_options(&self, other: &Self) -> bool {
        self.operations != other.operations
            || self.via_partition_root != other.via_partition_root
            || self.generated_columns != other.generated_columns
    }

    fn alter(id: &ObjectId) -> Writer {
        Writer::new().keyword("ALTER PUBLICATION").identifier(&id.name.name)
    }

    fn lower_tables(
        writer: Writer,
        tables: &[&PublishedTable],
        write: impl Fn(Writer, &PublishedTable) -> Writer,
        plan: &mut Lowering,
    ) {
        if tables.is_empty() {
            return;
        }
        let writer = writer.keyword("TABLE").comma_separated(tables, |writer, table| write(writer, table));
        let added = plan.sql(writer.finish());
        tables.iter().fold(added, |added, table| added.locking(&table.table, LockMode::ShareUpdateExclusive));
    }
}

impl Define for Publication {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        for published in self.tables() {
            uses.insert(Used::Table(published.table.clone()));
            let columns = published.columns.iter().flatten();
            uses.extend(columns.map(|column| Used::Column(published.table.clone(), column.clone())));
            if let (Some(filter), Some(table)) = (&published.filter, scope.catalog.table(&published.table)) {
                scope.over(&published.table, table).note_expression(filter, uses);
            }
        }
        uses.extend(self.schemas().into_iter().map(|schema| Used::Object(Schema::id(schema.clone()))));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        for published in self.tables_mut() {
            let of = published.table.clone();
            if let Some(filter) = &mut published.filter {
                renaming.follow_condition(filter, Some(&of));
            }
            match renaming {
                Renaming::Relation { from, to } if of == **from => published.table = (*to).clone(),
                Renaming::Column { table, from, to, .. } if of == **table => {
                    if let Some(columns) = &mut published.columns
                        && columns.remove(*from)
                    {
                        columns.insert((*to).to_owned());
                    }
                }
                _ => {}
            }
        }
        let Published::Some { tables, schemas } = &mut self.of else { return };
        tables.sort_by(|one, other| one.table.cmp(&other.table));
        if let Renaming::Object { from, to, .. } = renaming
            && from.kind == Kind::Schema
            && schemas.remove(&from.name.name)
        {
            schemas.insert(to.name.clone());
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let mut writer = Writer::new().keyword("CREATE PUBLICATION").identifier(&id.name.name);
        match &self.of {
            Published::All => writer = writer.keyword("FOR ALL TABLES"),
            Published::Some { tables, schemas } => {
                if !tables.is_empty() || !schemas.is_empty() {
                    writer = writer.keyword("FOR");
                }
                if !tables.is_empty() {
                    writer = writer.keyword("TABLE").comma_separated(tables, |writer, table| table.write(writer));
                }
                if !schemas.is_empty() {
                    writer = writer.when(!tables.is_empty(), Writer::comma).keyword("TABLES IN SCHEMA");
                    writer = writer.comma_separated(schemas, |writer, schema| writer.identifier(schema));
                }
            }
        }
        if !self.is_default() {
            writer = self.write_options(writer.keyword("WITH"), None);
        }
        let added = plan.sql(writer.finish());
        let tables = self.tables().iter();
        tables.fold(added, |added, table| added.locking(&table.table, LockMode::ShareUpdateExclusive));
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        if (self.of == Published::All) != (to.of == Published::All) {
            return false;
        }
        let kept = |table: &PublishedTable, tables: &[PublishedTable]| tables.iter().any(|other| table == other);
        let gone: Vec<&PublishedTable> = self.tables().iter().filter(|table| !kept(table, to.tables())).collect();
        let added: Vec<&PublishedTable> = to.tables().iter().filter(|table| !kept(table, self.tables())).collect();
        let name = |writer: Writer, table: &PublishedTable| writer.name(&table.table);
        Publication::lower_tables(Publication::alter(id).keyword("DROP"), &gone, name, plan);
        let whole = |writer: Writer, table: &PublishedTable| table.write(writer);
        Publication::lower_tables(Publication::alter(id).keyword("ADD"), &added, whole, plan);
        let (before, after) = (self.schemas(), to.schemas());
        for (words, schemas) in [
            ("DROP TABLES IN SCHEMA", before.difference(&after).collect::<Vec<_>>()),
            ("ADD TABLES IN SCHEMA", after.difference(&before).collect()),
        ] {
            if !schemas.is_empty() {
                let writer = Publication::alter(id).keyword(words);
                plan.sql(writer.comma_separated(schemas, |writer, schema| writer.identifier(schema)).finish());
            }
        }
        if self.has_other_options(to) {
            plan.sql(to.write_options(Publication::alter(id).keyword("SET"), Some(self)).finish());
        }
        true
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let all = |publication: &Publication| publication.of == Published::All;
        let schemas = |publication: &Publication| {
            publication.schemas().into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let mut differences: Vec<_> = [
            compared("all tables", Some(&all(self)), Some(&all(found))),
            compared("schemas", Some(&schemas(self)), Some(&schemas(found))),
            compared("publish", Some(&self.told_operations()), Some(&found.told_operations())),
            compared("via partition root", Some(&self.via_partition_root), Some(&found.via_partition_root)),
            compared("generated columns", Some(&self.generated_columns), Some(&found.generated_columns)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let names: SortedSet<&QualifiedName> =
            self.tables().iter().chain(found.tables()).map(|published| &published.table).collect();
        for name in names {
            let of = |publication: &Publication| {
                publication.tables().iter().find(|published| published.table == *name).cloned()
            };
            match (of(self), of(found)) {
                (Some(one), Some(other)) if one.is_same(&other) => {}
                (one, other) => differences.push((
                    "table",
                    one.map(|published| published.to_string()),
                    other.map(|published| published.to_string()),
                )),
            }
        }
        differences
    }
}
