//! How a table and its columns are kept: what changes nothing of what they mean.

use crate::json::ToJson;
use crate::sorted::SortedMap;

use crate::types::{BuiltIn, Category, Type};

/// How a table is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct TableSettings {
    /// `UNLOGGED`: not in the write-ahead log, and empty after a crash.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlogged: bool,
    /// `WITH (fillfactor = 70, ...)`
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub parameters: SortedMap<String, String>,
    /// `REPLICA IDENTITY`
    #[serde(default, skip_serializing_if = "ReplicaIdentity::is_default")]
    pub replica_identity: ReplicaIdentity,
}

impl TableSettings {
    /// Whether nothing is set.
    pub fn is_default(&self) -> bool {
        *self == TableSettings::default()
    }
}

/// What logical replication tells a changed or removed row by.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum ReplicaIdentity {
    /// The primary key.
    #[default]
    Default,
    /// All columns.
    Full,
    /// Nothing.
    Nothing,
    /// The columns of a unique index.
    Index(String),
}

impl ReplicaIdentity {
    pub(crate) fn is_default(&self) -> bool {
        *self == ReplicaIdentity::Default
    }

    /// In words: `using index users_email_idx`.
    pub fn told(&self) -> String {
        match self {
            ReplicaIdentity::Default => "default".to_owned(),
            ReplicaIdentity::Full => "full".to_owned(),
            ReplicaIdentity::Nothing => "nothing".to_owned(),
            ReplicaIdentity::Index(index) => format!("using index {index}"),
        }
    }

    /// Follows an index or a constraint that has another name.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        if let ReplicaIdentity::Index(index) = self
            && index == from
        {
            to.clone_into(index);
        }
    }
}

/// How a column is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ColumnSettings {
    /// `STORAGE`; `None`: as the type has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// `COMPRESSION`; `None`: as the server is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<Compression>,
    /// `STATISTICS`; `None`: as the server is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<u16>,
    /// `SET (n_distinct = -0.5)`
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub parameters: SortedMap<String, String>,
}

impl ColumnSettings {
    /// Whether nothing is set.
    pub fn is_default(&self) -> bool {
        *self == ColumnSettings::default()
    }

    /// What is left of them where the column gets another type (`ATExecAlterColumnType` in `tablecmds.c`): a type whose values
    /// are never moved out of the row has neither storage nor compression.
    pub(crate) fn with_type(mut self, data_type: &Type) -> Self {
        let natural = Storage::of(data_type);
        if natural == Storage::Plain {
            self.storage = None;
            self.compression = None;
        }
        self.storage = self.storage.filter(|storage| *storage != natural);
        self
    }
}

/// How values that are too long for a row are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// In the row, as they are.
    Plain,
    /// Out of the row, not compressed.
    External,
    /// Compressed, and out of the row.
    Extended,
    /// Compressed, and out of the row only when there is no other way.
    Main,
}

impl Storage {
    /// All of them.
    pub const ALL: [Storage; 4] = [Storage::Plain, Storage::External, Storage::Extended, Storage::Main];

    /// The SQL word.
    pub fn keyword(self) -> &'static str {
        match self {
            Storage::Plain => "PLAIN",
            Storage::External => "EXTERNAL",
            Storage::Extended => "EXTENDED",
            Storage::Main => "MAIN",
        }
    }

    /// That of a type (`pg_type.typstorage`). A type of the user's or of an extension is taken for one of any length.
    pub fn of(data_type: &Type) -> Storage {
        match data_type {
            Type::Numeric(_) => Storage::Main,
            Type::Timestamp { .. } | Type::Time { .. } | Type::Interval { .. } => Storage::Plain,
            Type::BuiltIn(BuiltIn::Inet | BuiltIn::Cidr) => Storage::Main,
            Type::BuiltIn(
                BuiltIn::Text
                | BuiltIn::Bytea
                | BuiltIn::Json
                | BuiltIn::Jsonb
                | BuiltIn::JsonPath
                | BuiltIn::Xml
                | BuiltIn::Path
                | BuiltIn::Polygon
                | BuiltIn::TsVector,
            ) => Storage::Extended,
            Type::BuiltIn(one) if matches!(one.category(), Category::Range | Category::Multirange) => Storage::Extended,
            Type::BuiltIn(_) => Storage::Plain,
            _ => Storage::Extended,
        }
    }
}

/// How values are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// PostgreSQL's own.
    Pglz,
    /// LZ4, where the server is built with it.
    Lz4,
}

impl Compression {
    /// All of them.
    pub const ALL: [Compression; 2] = [Compression::Pglz, Compression::Lz4];

    /// The SQL word.
    pub fn keyword(self) -> &'static str {
        match self {
            Compression::Pglz => "PGLZ",
            Compression::Lz4 => "LZ4",
        }
    }
}
