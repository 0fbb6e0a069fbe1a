use std::fmt;

use super::{Kind, Namespace, ObjectId, Renaming};
use crate::catalog::{Scope, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::types::Type;

/// A function that an object is made of, with the types that it is called with: they tell it from others of its name.
#[derive(Clone, Debug, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct FunctionName {
    /// Its name.
    pub name: QualifiedName,
    /// The types of its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Type>,
}

/// What PostgreSQL itself has is the same under one name, whatever it is said to take.
impl PartialEq for FunctionName {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && (self.name.schema == "pg_catalog" || self.arguments == other.arguments)
    }
}

impl FunctionName {
    /// The function, where it is one of the user's.
    pub fn id(&self) -> ObjectId {
        ObjectId { arguments: self.arguments.clone(), ..ObjectId::new(Kind::Function, self.name.clone()) }
    }

    /// Notes it, and the types that it takes.
    pub(super) fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        if self.name.schema == "pg_catalog" {
            return;
        }
        uses.insert(Used::Object(self.id()));
        if let Some(extension) = crate::extension::providing_function(&self.name.name)
            && scope.catalog.object(&self.id()).is_none()
        {
            uses.insert(Used::Extension(extension.to_owned()));
        }
    }

    /// Follows it, and the types that it takes, to another name.
    pub(super) fn follow(&mut self, renaming: &Renaming<'_>) {
        match renaming {
            Renaming::Object { from, to, .. }
                if from.kind.namespace() == Namespace::Routine
                    && from.name == self.name
                    && from.arguments == self.arguments =>
            {
                (*to).clone_into(&mut self.name);
            }
            Renaming::Type { from, to } | Renaming::Relation { from, to } => {
                for argument in &mut self.arguments {
                    argument.rename(from, to);
                }
            }
            _ => {}
        }
    }
}

impl FunctionName {
    /// It with the types that it takes.
    pub(super) fn write_signature(&self, writer: Writer) -> Writer {
        writer.name(&self.name).arguments(&self.arguments, Writer::type_)
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What the server has is found in any schema.
        match self.name.schema.as_str() {
            "pg_catalog" => formatter.write_str(&self.name.name),
            _ => self.name.fmt(formatter),
        }
    }
}
