use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Kind, Namespace};
use crate::catalog::Used;
use crate::name::QualifiedName;
use crate::sql::Writer;
use crate::types::Type;

/// Which object: its kind, and what tells it from others of the kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectId {
    /// The kind.
    pub kind: Kind,
    /// The name. Without a schema (`""`) where the kind has none; that of the table where it belongs to one.
    pub name: QualifiedName,
    /// The table it belongs to, of triggers, policies and rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The types of the arguments that a call passes, of functions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Type>,
}

impl ObjectId {
    /// An object with a name alone.
    pub fn new(kind: Kind, name: QualifiedName) -> Self {
        ObjectId { kind, name, table: None, arguments: Vec::new() }
    }

    /// An object whose kind has no schemas.
    pub fn without_schema(kind: Kind, name: impl Into<String>) -> Self {
        ObjectId::new(kind, QualifiedName::in_schema("", name))
    }

    /// An object that belongs to a table.
    pub fn on_table(kind: Kind, name: impl Into<String>, table: &QualifiedName) -> Self {
        ObjectId { table: Some(table.name.clone()), ..ObjectId::new(kind, table.sibling(name)) }
    }

    /// The table it belongs to.
    pub fn table(&self) -> Option<QualifiedName> {
        self.table.as_ref().map(|table| self.name.sibling(table))
    }

    /// The schema, where it has one.
    pub fn schema(&self) -> Option<&str> {
        Some(self.name.schema.as_str()).filter(|schema| !schema.is_empty())
    }

    /// What others use, where they use it.
    pub fn as_used(&self) -> Used {
        match self.kind.namespace() {
            Namespace::Relation => Used::Table(self.name.clone()),
            Namespace::Type => Used::Type(self.name.clone()),
            Namespace::Database | Namespace::Routine | Namespace::Table | Namespace::Schema => {
                Used::Object(self.clone())
            }
        }
    }

    /// It in SQL, as `DROP` and `COMMENT ON` name it: its name, its arguments or its table.
    pub(crate) fn write(&self, writer: Writer) -> Writer {
        let writer = match (&self.table, self.schema()) {
            (Some(table), _) => {
                return writer.identifier(&self.name.name).keyword("ON").name(&self.name.sibling(table));
            }
            (None, None) => writer.identifier(&self.name.name),
            (None, Some(_)) => writer.name(&self.name),
        };
        match self.kind.namespace() {
            Namespace::Routine => writer.arguments(&self.arguments, Writer::type_),
            _ => writer,
        }
    }

    /// As people write it: `domain email`, `policy own on bookings`.
    pub fn told(&self) -> String {
        let name = match self.schema() {
            Some(_) if self.table.is_none() => self.name.to_string(),
            _ => self.name.name.clone(),
        };
        let noun = self.kind.noun();
        match (self.table(), self.kind.namespace()) {
            (Some(table), _) => format!("{noun} `{name}` of table `{table}`"),
            (None, Namespace::Routine) => {
                let arguments: Vec<String> = self.arguments.iter().map(ToString::to_string).collect();
                format!("{noun} `{name}({})`", arguments.join(", "))
            }
            (None, _) => format!("{noun} `{name}`"),
        }
    }

    /// As the footprint of a migration keeps it: `sequence public.numbers`; types of all kinds, which share their names,
    /// as `type public.email`.
    pub fn footprint(&self) -> String {
        let is_type = self.kind.namespace() == Namespace::Type;
        let mut text = String::from(if is_type { "type" } else { self.kind.noun() });
        text.push(' ');
        if let Some(schema) = self.schema() {
            text.push_str(schema);
            text.push('.');
        }
        text.push_str(&self.name.name);
        for part in self.table.iter().cloned().chain(self.arguments.iter().map(Type::sql)) {
            text.push(' ');
            text.push_str(&part);
        }
        text
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.told())
    }
}
