//! Who owns what, and who may do what with it: as far as the history says anything about it.

use std::fmt;

use super::{Catalog, Role, listed};
use crate::json::ToJson;
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object::{Kind, ObjectId, Schema};
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;

/// What a role may do with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum Privilege {
    Select,
    Insert,
    Update,
    Delete,
    Truncate,
    References,
    Trigger,
    /// From PostgreSQL 17 on.
    Maintain,
    Usage,
    Create,
    Execute,
}

impl Privilege {
    /// All of them.
    pub const ALL: [Privilege; 11] = [
        Privilege::Select,
        Privilege::Insert,
        Privilege::Update,
        Privilege::Delete,
        Privilege::Truncate,
        Privilege::References,
        Privilege::Trigger,
        Privilege::Maintain,
        Privilege::Usage,
        Privilege::Create,
        Privilege::Execute,
    ];

    /// The SQL word.
    pub fn keyword(self) -> &'static str {
        match self {
            Privilege::Select => "SELECT",
            Privilege::Insert => "INSERT",
            Privilege::Update => "UPDATE",
            Privilege::Delete => "DELETE",
            Privilege::Truncate => "TRUNCATE",
            Privilege::References => "REFERENCES",
            Privilege::Trigger => "TRIGGER",
            Privilege::Maintain => "MAINTAIN",
            Privilege::Usage => "USAGE",
            Privilege::Create => "CREATE",
            Privilege::Execute => "EXECUTE",
        }
    }

    /// The privilege of that word, in capitals.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Privilege::ALL.into_iter().find(|privilege| privilege.keyword() == word)
    }
}

impl fmt::Display for Privilege {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.keyword().to_lowercase())
    }
}

/// What the history says of a privilege of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The role has it.
    Granted {
        /// `WITH GRANT OPTION`
        with_option: bool,
    },
    /// The role does not have it.
    Revoked,
}

/// Privileges, each with what is said of it.
pub type Privileges = SortedMap<Privilege, Said>;

/// Privileges by role.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Grants(#[serde(with = "listed")] pub SortedMap<Role, Privileges>);

impl Grants {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is said of a privilege of a role.
    pub fn said(&self, role: &Role, privilege: Privilege) -> Option<Said> {
        self.0.get(role)?.get(&privilege).copied()
    }
}

/// The owner and the privileges of an object, as far as the history says anything about them: what it does not mention is
/// as whoever migrated left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Access {
    /// The owner, where another one than the role that migrates was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Role>,
    /// The privileges.
    #[serde(default, skip_serializing_if = "Grants::is_empty")]
    pub grants: Grants,
    /// The privileges of single columns, of views. Those of tables are with the columns.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub columns: SortedMap<String, Grants>,
}

impl Access {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Access::default()
    }
}

/// What has privileges, by the privileges that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Securable {
    /// A table, a view or a materialized view.
    Table,
    /// A column.
    Column,
    /// A sequence.
    Sequence,
    /// A schema.
    Schema,
    /// A function, a procedure or an aggregate.
    Routine,
    /// A type of any kind.
    Type,
}

impl Securable {
    /// The privileges that it has (PostgreSQL manual, 5.8 Privileges).
    pub fn privileges(self) -> &'static [Privilege] {
        match self {
            Securable::Table => &[
                Privilege::Select,
                Privilege::Insert,
                Privilege::Update,
                Privilege::Delete,
                Privilege::Truncate,
                Privilege::References,
                Privilege::Trigger,
                Privilege::Maintain,
            ],
            Securable::Column => &[Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::References],
            Securable::Sequence => &[Privilege::Select, Privilege::Update, Privilege::Usage],
            Securable::Schema => &[Privilege::Usage, Privilege::Create],
            Securable::Routine => &[Privilege::Execute],
            Securable::Type => &[Privilege::Usage],
        }
    }

    /// Whether every role has the privilege of a new object.
    pub fn is_built_in(self, role: &Role, privilege: Privilege) -> bool {
        *role == Role::Public
            && matches!(
                (self, privilege),
                (Securable::Routine, Privilege::Execute) | (Securable::Type, Privilege::Usage)
            )
    }
}

/// What owners and privileges are of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum AccessTarget {
    /// A table.
    Table(QualifiedName),
    /// A column of a table or a view.
    Column(QualifiedName, String),
    /// An enum.
    Enum(QualifiedName),
    /// An object of one of the kinds that are alike; the schema `public`, which no migration makes, too.
    Object(ObjectId),
}

impl AccessTarget {
    /// Which privileges it has; `None`: it has none.
    pub fn securable(&self) -> Option<Securable> {
        match self {
            AccessTarget::Table(_) => Some(Securable::Table),
            AccessTarget::Column(..) => Some(Securable::Column),
            AccessTarget::Enum(_) => Some(Securable::Type),
            AccessTarget::Object(id) => id.kind.securable(),
        }
    }

    /// Whether every role has the privilege without that anybody said so. Of the schema `public`, that depends on the server
    /// that the database was made on.
    pub fn is_built_in(&self, role: &Role, privilege: Privilege) -> bool {
        let is_public_schema = matches!(self, AccessTarget::Object(id) if *id == Schema::id(DEFAULT_SCHEMA));
        is_public_schema && *role == Role::Public
            || self.securable().is_some_and(|securable| securable.is_built_in(role, privilege))
    }

    /// In words: ``table `bookings` ``.
    pub fn told(&self) -> String {
        match self {
            AccessTarget::Table(name) => format!("table `{name}`"),
            AccessTarget::Column(table, column) => format!("column `{table}.{column}`"),
            AccessTarget::Enum(name) => format!("enum `{name}`"),
            AccessTarget::Object(id) => id.told(),
        }
    }

    /// It as `ALTER ... OWNER TO` names it.
    pub(crate) fn write(&self, writer: Writer) -> Writer {
        match self {
            AccessTarget::Table(name) | AccessTarget::Column(name, _) => writer.keyword("TABLE").name(name),
            AccessTarget::Enum(name) => writer.keyword("TYPE").name(name),
            AccessTarget::Object(id) => id.write(writer.keyword(id.kind.keywords())),
        }
    }

    /// It as it stands behind `GRANT ... ON`.
    pub(crate) fn write_granted(&self, writer: Writer) -> Writer {
        match self {
            AccessTarget::Object(id) if matches!(id.kind, Kind::View | Kind::MaterializedView | Kind::ForeignTable) => {
                writer.keyword("TABLE").name(&id.name)
            }
            AccessTarget::Object(id) if self.securable() == Some(Securable::Routine) && id.kind != Kind::Procedure => {
                // An aggregate of all rows has no star here.
                writer.keyword("FUNCTION").name(&id.name).arguments(&id.arguments, Writer::type_)
            }
            _ => self.write(writer),
        }
    }

    /// The roles whose privileges on it are told in the catalog. For a column these are also the roles that have privileges on
    /// its table, or on another column of that.
    pub(crate) fn mentioned<'c>(&self, catalog: &'c Catalog) -> SortedSet<&'c Role> {
        match self {
            AccessTarget::Column(name, _) => match catalog.table(name) {
                Some(table) => {
                    let of_columns = table.columns.iter().flat_map(|column| column.grants.0.keys());
                    table.access.grants.0.keys().chain(of_columns).collect()
                }
                None => {
                    let access = self.access(catalog);
                    let of_columns = access.into_iter().flat_map(|access| access.columns.values());
                    let of_whole = access.into_iter().flat_map(|access| access.grants.0.keys());
                    of_whole.chain(of_columns.flat_map(|grants| grants.0.keys())).collect()
                }
            },
            _ => self.access(catalog).into_iter().flat_map(|access| access.grants.0.keys()).collect(),
        }
    }

    /// The owner and the privileges of all of it, in the catalog.
    pub fn access<'c>(&self, catalog: &'c Catalog) -> Option<&'c Access> {
        match self {
            AccessTarget::Table(name) => Some(&catalog.table(name)?.access),
            AccessTarget::Column(name, _) => Some(&catalog.objects.get(&catalog.relation_id(name)?)?.access),
            AccessTarget::Enum(name) => Some(&catalog.enum_type(name)?.access),
            AccessTarget::Object(id) if *id == Schema::id(DEFAULT_SCHEMA) => Some(&catalog.public),
            AccessTarget::Object(id) => Some(&catalog.object(id)?.access),
        }
    }

    /// The same, to change it.
    pub fn access_mut<'c>(&self, catalog: &'c mut Catalog) -> Option<&'c mut Access> {
        match self {
            AccessTarget::Table(name) => Some(&mut catalog.table_mut(name)?.access),
            AccessTarget::Column(name, _) => {
                let id = catalog.relation_id(name)?;
                Some(&mut catalog.object_mut(&id)?.access)
            }
            AccessTarget::Enum(name) => Some(&mut catalog.enum_type_mut(name)?.access),
            AccessTarget::Object(id) if *id == Schema::id(DEFAULT_SCHEMA) => Some(&mut catalog.public),
            AccessTarget::Object(id) => Some(&mut catalog.object_mut(id)?.access),
        }
    }

    /// The privileges in the catalog.
    pub fn grants(&self, catalog: &Catalog) -> Grants {
        match self {
            AccessTarget::Column(name, column) if catalog.tables.contains_key(name) => {
                let column = catalog.table(name).and_then(|table| table.column(column));
                column.map(|column| column.grants.clone()).unwrap_or_default()
            }
            AccessTarget::Column(_, column) => {
                let columns = self.access(catalog).map(|access| &access.columns);
                columns.and_then(|columns| columns.get(column)).cloned().unwrap_or_default()
            }
            _ => self.access(catalog).map(|access| access.grants.clone()).unwrap_or_default(),
        }
    }

    /// Puts the owner and the privileges into the catalog, where it has what they are of.
    pub fn put(&self, access: Access, catalog: &mut Catalog) {
        match self {
            AccessTarget::Column(..) => self.set_grants(access.grants, catalog),
            _ => {
                if let Some(place) = self.access_mut(catalog) {
                    // Those of columns are put by themselves.
                    *place = Access { columns: std::mem::take(&mut place.columns), ..access };
                }
            }
        }
    }

    /// Puts the privileges into the catalog.
    pub(crate) fn set_grants(&self, grants: Grants, catalog: &mut Catalog) {
        match self {
            AccessTarget::Column(name, column) if catalog.tables.contains_key(name) => {
                if let Some(column) = catalog.table_mut(name).and_then(|table| table.column_mut(column)) {
                    column.grants = grants;
                }
            }
            AccessTarget::Column(_, column) => {
                if let Some(access) = self.access_mut(catalog) {
                    if grants.is_empty() {
                        access.columns.remove(column);
                    } else {
                        access.columns.insert(column.clone(), grants);
                    }
                }
            }
            _ => {
                if let Some(access) = self.access_mut(catalog) {
                    access.grants = grants;
                }
            }
        }
    }
}

impl Catalog {
    /// The view, the materialized view or the foreign table of that name.
    fn relation_id(&self, name: &QualifiedName) -> Option<ObjectId> {
        let kinds = [Kind::View, Kind::MaterializedView, Kind::ForeignTable];
        kinds.into_iter().map(|kind| ObjectId::new(kind, name.clone())).find(|id| self.objects.contains_key(id))
    }
}
