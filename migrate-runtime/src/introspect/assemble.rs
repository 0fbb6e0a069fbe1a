//! Puts the rows together to a catalog.
#![expect(clippy::result_large_err, reason = "a finding is an answer here, and a rare one")]

use std::sync::Arc;

use migrate_core::catalog::{
    Column, ColumnSettings, Compression, Constraint, ConstraintKind, Deferral, EnumType, Exclusion, ExclusionElement,
    Extension, ForeignKey, Generated, Identity, Index, IndexKey, NullsOrder, OnUpdate, PartitionBound, PartitionOf,
    Partitioning, ReferentialAction, ReplicaIdentity, RowSecurity, Storage, Table, TableSettings, Unique,
};
use migrate_core::diff::Object;
use migrate_core::expression::{ExpressionKind, Operator};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::Sequence;
use migrate_core::operation::{read_on_update_body, unless_plain};
use migrate_core::sorted::SortedMap;
use migrate_core::types::Type;

use super::placed::Placed;
use super::rows::{
    ColumnRow, ConstraintRow, EnumRow, ExtensionRow, IndexKeyRow, IndexRow, SequenceRow, TableRow, TriggerRow,
};
use super::{Introspection, Unfinished, Unreadable};

/// The reading so far.
#[derive(Debug)]
pub(super) struct Assembly {
    found: Introspection,
    placed: Placed,
}

impl Assembly {
    /// Nothing is read yet; `schema` is read as if it were `public`.
    pub(super) fn new(schema: Option<String>) -> Self {
        Assembly { found: Introspection::default(), placed: Placed { schema } }
    }

    pub(super) fn found_mut(&mut self) -> &mut Introspection {
        &mut self.found
    }

    pub(super) fn finish(self) -> Introspection {
        self.found
    }

    pub(super) fn add_extension(&mut self, row: ExtensionRow) {
        let schema = Some(row.schema).filter(|schema| schema != DEFAULT_SCHEMA);
        let (own_comment, comment) = match row.is_own_comment {
            true => (row.comment, None),
            false => (None, row.comment),
        };
        self.found.catalog.extensions.insert(row.name, Extension { schema, comment, own_comment });
    }

    pub(super) fn add_enum(&mut self, row: EnumRow) {
        let definition = EnumType { values: row.values, comment: row.comment, ..EnumType::default() };
        self.found.catalog.enums.insert(QualifiedName::in_schema(row.schema, row.name), Arc::new(definition));
    }

    pub(super) fn add_table(&mut self, row: TableRow) {
        let row_security = RowSecurity { is_enabled: row.row_security, is_forced: row.forced };
        let of_toast = parameters(row.toast_parameters);
        let mut parameters = parameters(row.parameters);
        parameters.extend(of_toast.into_iter().map(|(name, value)| (format!("toast.{name}"), value)));
        let replica_identity = match (row.replica_identity.as_str(), row.replica_index) {
            ("f", _) => ReplicaIdentity::Full,
            ("i", Some(index)) => ReplicaIdentity::Index(index),
            // An index that is gone leaves nothing.
            ("n" | "i", _) => ReplicaIdentity::Nothing,
            _ => ReplicaIdentity::Default,
        };
        let settings = TableSettings { unlogged: row.unlogged, parameters, replica_identity };
        let mut definition = Table { comment: row.comment, row_security, settings, ..Table::default() };
        let name = QualifiedName::in_schema(row.schema, row.name);
        if let Some(text) = row.partitioning {
            match Partitioning::read(&text) {
                Ok(mut partitioning) => {
                    partitioning.keys.iter_mut().for_each(|key| self.placed.place(&mut key.expression));
                    definition.partitioning = Some(partitioning);
                }
                Err(error) => self.unreadable(Object::Table(name.clone()), text, error.message),
            }
        }
        definition.inherits =
            row.inherits.into_iter().map(|(schema, name)| QualifiedName::in_schema(schema, name)).collect();
        if let (Some(parent), Some(text)) = (row.parent, row.bound) {
            match PartitionBound::read(&text) {
                Ok(mut bound) => {
                    bound.values_mut().for_each(|value| self.placed.place(value));
                    let parent = QualifiedName::in_schema(row.parent_schema.unwrap_or_default(), parent);
                    definition.partition_of = Some(PartitionOf { parent, bound });
                }
                Err(error) => self.unreadable(Object::Table(name.clone()), text, error.message),
            }
        }
        self.found.catalog.tables.insert(name, Arc::new(definition));
    }

    pub(super) fn add_column(&mut self, row: ColumnRow) {
        let name = QualifiedName::in_schema(&row.schema, &row.table);
        let object = Object::Column { table: name.clone(), column: row.name.clone() };
        let data_type = match self.placed.data_type(&row.data_type) {
            Ok(data_type) => data_type,
            Err(reason) => return self.unreadable(object, row.data_type, reason),
        };
        let expression = match row.expression.as_deref().map(|text| self.placed.expression(text)) {
            None => None,
            Some(Ok(expression)) => Some(expression),
            Some(Err(reason)) => {
                self.unreadable(object, row.expression.unwrap_or_default(), reason);
                None
            }
        };
        let (default, generated) = match row.generated.as_str() {
            "" => (expression, None),
            kind => (None, expression.map(|expression| Generated { expression, stored: kind == "s" })),
        };
        let column = Column {
            nullable: row.nullable,
            default,
            generated,
            identity: match row.identity.as_str() {
                "a" => Some(Identity::Always),
                "d" => Some(Identity::ByDefault),
                _ => None,
            },
            sequence: row.sequence.and_then(|sequence| sequence_of(sequence, &data_type, &name, &row.name)),
            settings: ColumnSettings {
                storage: row.storage.as_deref().and_then(storage),
                compression: match row.compression.as_deref() {
                    Some("p") => Some(Compression::Pglz),
                    Some("l") => Some(Compression::Lz4),
                    _ => None,
                },
                statistics: row.statistics,
                parameters: parameters(row.parameters),
            },
            inherited: row.inherited,
            collation: row.collation,
            comment: row.comment,
            ..Column::new(row.name, data_type)
        };
        if let Some(table) = self.found.catalog.table_mut(&name) {
            table.columns.push(column);
        }
    }

    pub(super) fn add_constraint(&mut self, row: ConstraintRow) {
        let table = QualifiedName::in_schema(&row.schema, &row.table);
        let name = row.name.clone();
        if row.kind == "n" {
            // Only those that are not validated are read; the others are a property of the column.
            let column = row.columns.into_iter().next().unwrap_or_default();
            return self.found.unfinished.push(Unfinished::NotNull { table, column, name });
        }
        if row.disabled {
            self.found.unfinished.push(Unfinished::ForeignKey { table: table.clone(), name: name.clone() });
        }
        match constraint_of(&table, row, &self.placed) {
            Err(unreadable) => self.found.unreadable.push(unreadable),
            Ok(constraint) => {
                if let Some(table) = self.found.catalog.table_mut(&table) {
                    table.constraints.insert(name, constraint);
                }
            }
        }
    }

    pub(super) fn add_index(&mut self, row: IndexRow) {
        let table = QualifiedName::in_schema(&row.schema, &row.table);
        let (name, valid) = (row.name.clone(), row.valid);
        match index_of(&table, row, &self.placed) {
            Err(unreadable) => self.found.unreadable.push(unreadable),
            Ok(index) if !valid => self.found.unfinished.push(Unfinished::Index { table, name, index }),
            Ok(index) => {
                if let Some(indexes) = self.found.catalog.indexes_mut(&table) {
                    indexes.insert(name, index);
                }
            }
        }
    }

    /// Only triggers whose function is of our making count; the others are not in the catalog.
    pub(super) fn add_on_update_trigger(&mut self, row: TriggerRow) {
        let Some((column, mut expression)) = read_on_update_body(&row.body) else { return };
        self.placed.place(&mut expression);
        let table = QualifiedName::in_schema(row.schema, row.table);
        if let Some(column) = self.found.catalog.table_mut(&table).and_then(|table| table.column_mut(&column)) {
            column.on_update = Some(OnUpdate { expression, trigger: row.name });
        }
    }

    fn unreadable(&mut self, object: Object, text: String, reason: String) {
        self.found.unreadable.push(Unreadable { object, text, reason });
    }
}

fn constraint_of(table: &QualifiedName, row: ConstraintRow, placed: &Placed) -> Result<Constraint, Unreadable> {
    let unreadable = |text: String, reason: String| Unreadable {
        object: Object::Constraint { table: table.clone(), name: row.name.clone() },
        text,
        reason,
    };
    if let Some(clause) = row.unsupported {
        return Err(unreadable(clause, "this clause is not supported".into()));
    }
    let deferral = match (row.deferrable, row.deferred) {
        (false, _) => Deferral::NotDeferrable,
        (true, false) => Deferral::InitiallyImmediate,
        (true, true) => Deferral::InitiallyDeferred,
    };
    let kind = match row.kind.as_str() {
        "p" | "u" => {
            let key = Unique {
                columns: row.columns,
                include: row.include,
                nulls_not_distinct: row.nulls_not_distinct,
                parameters: parameters(row.parameters),
                deferral,
            };
            if row.kind == "p" { ConstraintKind::PrimaryKey(key) } else { ConstraintKind::Unique(key) }
        }
        "f" => ConstraintKind::ForeignKey(ForeignKey {
            columns: row.columns,
            table: QualifiedName::in_schema(
                row.referenced_schema.unwrap_or_default(),
                row.referenced_table.unwrap_or_default(),
            ),
            referenced: row.referenced_columns,
            on_delete: action(&row.on_delete, row.on_delete_columns),
            on_update: action(&row.on_update, Vec::new()),
            match_full: row.match_full,
            deferral,
        }),
        "x" => {
            let predicate = match row.predicate {
                None => None,
                Some(text) => Some(placed.expression(&text).map_err(|reason| unreadable(text, reason))?),
            };
            let keys = row.keys.unwrap_or_default().into_iter().zip(row.operators.unwrap_or_default());
            let element = |(key, (schema, symbol)): (IndexKeyRow, (String, String))| {
                let schema = Some(schema).filter(|schema| schema != "pg_catalog");
                let key = index_key(key, placed).map_err(|(text, reason)| unreadable(text, reason))?;
                Ok(ExclusionElement { key, operator: Operator::in_schema(schema, symbol) })
            };
            ConstraintKind::Exclusion(Exclusion {
                method: row.method.unwrap_or_default(),
                elements: keys.map(element).collect::<Result<_, _>>()?,
                include: row.include,
                parameters: parameters(row.parameters),
                predicate,
                deferral,
            })
        }
        _ => {
            let text = row.expression.unwrap_or_default();
            ConstraintKind::Check(placed.expression(&text).map_err(|reason| unreadable(text, reason))?)
        }
    };
    Ok(Constraint {
        comment: row.comment,
        attached_to: row.attached_to,
        not_valid: !row.valid,
        no_inherit: row.no_inherit,
        ..Constraint::new(kind)
    })
}

/// `pg_constraint.confdeltype` or `confupdtype`.
fn action(code: &str, columns: Vec<String>) -> ReferentialAction {
    match code {
        "r" => ReferentialAction::Restrict,
        "c" => ReferentialAction::Cascade,
        "n" => ReferentialAction::SetNull(columns),
        "d" => ReferentialAction::SetDefault(columns),
        _ => ReferentialAction::NoAction,
    }
}

pub(super) fn index_of(table: &QualifiedName, row: IndexRow, placed: &Placed) -> Result<Index, Unreadable> {
    let unreadable = |(text, reason): (String, String)| Unreadable {
        object: Object::Index { table: table.clone(), name: row.name.clone() },
        text,
        reason,
    };
    let predicate = match row.predicate {
        None => None,
        Some(text) => Some(placed.expression(&text).map_err(|reason| unreadable((text, reason)))?),
    };
    Ok(Index {
        method: row.method,
        keys: row.keys.into_iter().map(|key| index_key(key, placed)).collect::<Result<_, _>>().map_err(unreadable)?,
        unique: row.unique,
        nulls_not_distinct: row.nulls_not_distinct,
        include: row.include,
        predicate,
        attached_to: row.attached_to,
        parameters: parameters(row.parameters),
        statistics: row.statistics,
        comment: row.comment,
    })
}

/// A key, or the text that cannot be read and why.
fn index_key(row: IndexKeyRow, placed: &Placed) -> Result<IndexKey, (String, String)> {
    let expression = match (row.column, row.expression) {
        (Some(column), _) => ExpressionKind::Name(vec![column]).into(),
        (None, text) => {
            let text = text.unwrap_or_default();
            placed.expression(&text).map_err(|reason| (text, reason))?
        }
    };
    let descending = row.options & 1 != 0;
    let nulls_first = row.options & 2 != 0;
    let nulls = (nulls_first != descending).then_some(if nulls_first { NullsOrder::First } else { NullsOrder::Last });
    Ok(IndexKey {
        expression,
        collation: row.collation,
        operator_class: row.operator_class,
        class_parameters: parameters(row.parameters),
        descending,
        nulls,
    })
}

/// `name=value`, taken apart.
fn parameters(list: Option<Vec<String>>) -> SortedMap<String, String> {
    let pair = |text: String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    list.unwrap_or_default().into_iter().filter_map(pair).collect()
}

/// `pg_attribute.attstorage`
fn storage(letter: &str) -> Option<Storage> {
    Some(match letter {
        "p" => Storage::Plain,
        "e" => Storage::External,
        "x" => Storage::Extended,
        "m" => Storage::Main,
        _ => return None,
    })
}

/// The sequence of an identity, where it is not as PostgreSQL makes it by itself.
fn sequence_of(row: SequenceRow, data_type: &Type, table: &QualifiedName, column: &str) -> Option<Box<Sequence>> {
    let SequenceRow { increment, minimum, maximum, start, cache, cycle, name, logged } = row;
    let data_type = data_type.clone();
    let implied = Sequence::name_of_identity(None, table, column);
    let name = Some(name).filter(|name| *name != implied.name);
    unless_plain(Sequence { data_type, increment, minimum, maximum, start, cache, cycle, owned_by: None, logged, name })
}
