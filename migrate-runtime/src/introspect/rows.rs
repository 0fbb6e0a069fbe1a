//! The rows that [`super::queries`] answer, as they come.

use migrate_core::sorted::SortedMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct ExtensionRow {
    pub(super) name: String,
    pub(super) schema: String,
    pub(super) comment: Option<String>,
    pub(super) is_own_comment: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct EnumRow {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) values: Vec<String>,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TableRow {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) row_security: bool,
    pub(super) forced: bool,
    pub(super) unlogged: bool,
    /// Each as `name=value`.
    pub(super) parameters: Option<Vec<String>>,
    pub(super) toast_parameters: Option<Vec<String>>,
    /// `pg_class.relreplident`
    pub(super) replica_identity: String,
    pub(super) replica_index: Option<String>,
    /// What it is partitioned by.
    pub(super) partitioning: Option<String>,
    pub(super) parent_schema: Option<String>,
    /// What it is a partition of.
    pub(super) parent: Option<String>,
    /// Which rows it takes, of a partition.
    pub(super) bound: Option<String>,
    /// Schema and name of those that it inherits from.
    pub(super) inherits: Vec<(String, String)>,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ColumnRow {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) data_type: String,
    pub(super) nullable: bool,
    /// The default, or what generates the column.
    pub(super) expression: Option<String>,
    /// `s` stored, `v` virtual, empty: neither.
    pub(super) generated: String,
    /// `a` always, `d` by default, empty: neither.
    pub(super) identity: String,
    /// That of an identity.
    pub(super) sequence: Option<SequenceRow>,
    /// `pg_attribute.attstorage`, where it is not that of the type.
    pub(super) storage: Option<String>,
    /// `pg_attribute.attcompression`
    pub(super) compression: Option<String>,
    pub(super) statistics: Option<u16>,
    /// Each as `name=value`.
    pub(super) parameters: Option<Vec<String>>,
    pub(super) inherited: bool,
    pub(super) collation: Option<String>,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SequenceRow {
    pub(super) increment: i64,
    pub(super) minimum: i64,
    pub(super) maximum: i64,
    pub(super) start: i64,
    pub(super) cache: i64,
    pub(super) cycle: bool,
    pub(super) name: String,
    /// Where it is not as its table is.
    pub(super) logged: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ConstraintRow {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) name: String,
    /// `pg_constraint.contype`
    pub(super) kind: String,
    pub(super) columns: Vec<String>,
    pub(super) include: Vec<String>,
    pub(super) nulls_not_distinct: bool,
    pub(super) expression: Option<String>,
    pub(super) referenced_schema: Option<String>,
    pub(super) referenced_table: Option<String>,
    pub(super) referenced_columns: Vec<String>,
    pub(super) on_delete: String,
    pub(super) on_update: String,
    /// The columns of `ON DELETE SET NULL (columns)`.
    pub(super) on_delete_columns: Vec<String>,
    pub(super) match_full: bool,
    pub(super) deferrable: bool,
    pub(super) deferred: bool,
    /// The constraint of the partitioned table that it is a part of.
    pub(super) attached_to: Option<String>,
    pub(super) valid: bool,
    /// Whether triggers of a foreign key are disabled.
    pub(super) disabled: bool,
    pub(super) no_inherit: bool,
    /// The access method of an exclusion constraint.
    pub(super) method: Option<String>,
    /// The predicate of an exclusion constraint.
    pub(super) predicate: Option<String>,
    /// Storage parameters of its index, each as `name=value`.
    pub(super) parameters: Option<Vec<String>>,
    /// The keys of an exclusion constraint.
    pub(super) keys: Option<Vec<IndexKeyRow>>,
    /// The operators of an exclusion constraint: schema and characters.
    pub(super) operators: Option<Vec<(String, String)>>,
    /// A clause that the catalog has no place for.
    pub(super) unsupported: Option<String>,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct IndexRow {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) name: String,
    pub(super) method: String,
    pub(super) unique: bool,
    pub(super) nulls_not_distinct: bool,
    pub(super) valid: bool,
    pub(super) predicate: Option<String>,
    /// The index of the partitioned table that it is a part of.
    pub(super) attached_to: Option<String>,
    /// Each as `name=value`.
    pub(super) parameters: Option<Vec<String>>,
    /// The statistics targets of its keys.
    pub(super) statistics: SortedMap<u16, i32>,
    pub(super) comment: Option<String>,
    pub(super) include: Vec<String>,
    pub(super) keys: Vec<IndexKeyRow>,
}

#[derive(Debug, Deserialize)]
pub(super) struct IndexKeyRow {
    /// The column, or else ...
    pub(super) column: Option<String>,
    /// ... the expression.
    pub(super) expression: Option<String>,
    pub(super) collation: Option<String>,
    pub(super) operator_class: Option<String>,
    /// `pg_index.indoption`: 1 is descending, 2 is NULLS FIRST.
    pub(super) options: i16,
    /// Parameters of the operator class.
    pub(super) parameters: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TriggerRow {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) name: String,
    /// The body of its function.
    pub(super) body: String,
}
