use std::fmt;

use super::{Kind, Namespace};
use crate::catalog::Used;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::sql::Writer;
use crate::types::Type;

/// Which object: its kind, and what tells it from others of the kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ObjectId {
    /// The kind.
    pub kind: Kind,
    /// The name. Without a schema (`""`) where the kind has none; that of the table where it belongs to one.
    pub name: QualifiedName,
    /// The table it belongs to, of triggers, policies and rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The types of the arguments that a call passes, of functions; of the operands, of operators; both types of a cast.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Type>,
    /// The server, of a user mapping; the index method, of an operator class or family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

impl ObjectId {
    /// An object with a name alone.
    pub fn new(kind: Kind, name: QualifiedName) -> Self {
        ObjectId { kind, name, table: None, arguments: Vec::new(), of: None }
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

    /// Its name where it is a materialized view: what changes it locks it, and waits for who reads it.
    pub(crate) fn materialized_view(&self) -> Option<&QualifiedName> {
        (self.kind == Kind::MaterializedView).then_some(&self.name)
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
        match (self.kind, self.arguments.as_slice(), &self.of) {
            (Kind::Cast, [source, target], _) => {
                return writer.parenthesized(|writer| writer.type_(source).keyword("AS").type_(target));
            }
            (Kind::OwnOperator, arguments, _) => {
                return writer.operator_name(&self.name).parenthesized(|writer| {
                    let writer = if arguments.len() == 1 { writer.keyword("NONE").comma() } else { writer };
                    writer.comma_separated(arguments, Writer::type_)
                });
            }
            (Kind::OperatorClass | Kind::OperatorFamily, _, Some(method)) => {
                return writer.name(&self.name).keyword("USING").identifier(method);
            }
            (Kind::UserMapping, _, Some(server)) => {
                let writer = writer.keyword("FOR");
                let writer = match self.name.name.as_str() {
                    "public" => writer.keyword("PUBLIC"),
                    "current_user" => writer.keyword("CURRENT_USER"),
                    "session_user" => writer.keyword("SESSION_USER"),
                    role => writer.identifier(role),
                };
                return writer.keyword("SERVER").identifier(server);
            }
            _ => {}
        }
        let writer = match (&self.table, self.schema()) {
            (Some(table), _) => {
                return writer.identifier(&self.name.name).keyword("ON").name(&self.name.sibling(table));
            }
            (None, None) => writer.identifier(&self.name.name),
            (None, Some(_)) => writer.name(&self.name),
        };
        match self.kind.namespace() {
            Namespace::Routine if self.kind == Kind::Aggregate && self.arguments.is_empty() => {
                writer.arguments([()], |writer, ()| writer.symbol("*"))
            }
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
        match (self.kind, self.arguments.as_slice(), &self.of) {
            (Kind::Cast, [source, target], _) => return format!("{noun} from `{source}` to `{target}`"),
            (Kind::OwnOperator, [operand], _) => return format!("{noun} `{name} {operand}`"),
            (Kind::OwnOperator, [left, right], _) => return format!("{noun} `{left} {name} {right}`"),
            (Kind::OperatorClass | Kind::OperatorFamily, _, Some(method)) => {
                return format!("{noun} `{name}` of `{method}`");
            }
            (Kind::DefaultPrivileges, ..) => {
                let (what, role) = self.name.name.split_once(" of ").unwrap_or((&self.name.name, ""));
                let schema = match self.name.schema.as_str() {
                    "" => String::new(),
                    schema => format!(" in schema `{schema}`"),
                };
                let role = if role.is_empty() { String::new() } else { format!(" for role `{role}`") };
                return format!("{noun} {what}{schema}{role}");
            }
            (_, _, Some(of)) => return format!("{noun} for `{name}` of server `{of}`"),
            _ => {}
        }
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
        let arguments = self.arguments.iter().map(Type::sql);
        for part in self.table.iter().cloned().chain(arguments).chain(self.of.clone()) {
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
