use super::family_member::told_members;
use super::kind::Facts;
use super::{Define, FamilyMember, Kind, Namespace, ObjectId, OperatorFamily, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::json::ToJson;
use crate::name::{DEFAULT_SCHEMA, QualifiedName, split_class};
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::types::Type;

/// An operator class: how an index method works with a type. The method is a part of its identity.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct OperatorClass {
    /// The type.
    pub data_type: Type,
    /// Whether an index of the type has it where none is named.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_default: bool,
    /// The family it is in.
    pub family: QualifiedName,
    /// What depends on it. Other things that it is made with are its family's ([`FamilyMember::is_of_class`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<FamilyMember>,
    /// What an index stores, where that is another type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Type>,
}

impl OperatorClass {
    pub(super) const FACTS: Facts = Facts {
        noun: "operator class",
        keywords: "OPERATOR CLASS",
        namespace: Namespace::Schema,
        on_table: None,
        securable: None,
    };

    /// A class of an index method.
    pub fn id(method: &str, name: QualifiedName) -> ObjectId {
        ObjectId { of: Some(method.to_owned()), ..ObjectId::new(Kind::OperatorClass, name) }
    }

    /// The class that the key of an index names.
    pub fn id_of_key(method: &str, class: &str) -> ObjectId {
        let (schema, name) = split_class(class).unwrap_or((DEFAULT_SCHEMA, class));
        OperatorClass::id(method, QualifiedName::in_schema(schema, name))
    }
}

/// Follows the operator class that the key of an index names to another name.
pub(crate) fn follow_class(method: &str, class: &mut Option<String>, renaming: &Renaming<'_>) {
    if let Renaming::Object { from, to, .. } = renaming
        && from.kind == Kind::OperatorClass
        && class.as_deref().is_some_and(|class| OperatorClass::id_of_key(method, class) == **from)
    {
        *class = Some(format!("{}.{}", to.schema, to.name));
    }
}

impl Catalog {
    /// The class of the user that an index of the type has where none is named.
    pub fn default_class(&self, method: &str, data_type: &Type) -> Option<&ObjectId> {
        // Asked for every key of an index: what is not a class is not looked at.
        let first = ObjectId::new(Kind::OperatorClass, QualifiedName::in_schema("", ""));
        let mut classes = self.objects.iter_from(&first).take_while(|(id, _)| id.kind == Kind::OperatorClass);
        let found = classes.find(|(id, object)| match &object.definition {
            super::Definition::OperatorClass(class) => {
                class.is_default && id.of.as_deref() == Some(method) && class.data_type == data_type.without_modifier()
            }
            _ => false,
        });
        found.map(|(id, _)| id)
    }
}

impl Define for OperatorClass {
    fn note_uses(&self, id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        scope.note_type(&self.data_type, uses);
        if let Some(method) = id.of.as_ref().filter(|_| self.family.schema != "pg_catalog") {
            uses.insert(Used::Object(OperatorFamily::id(method, self.family.clone())));
        }
        self.members.iter().for_each(|member| member.note_uses(scope, uses));
        if let Some(storage) = &self.storage {
            scope.note_type(storage, uses);
        }
    }

    fn follow(&mut self, id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming {
            self.data_type.rename(from, to);
            if let Some(storage) = &mut self.storage {
                storage.rename(from, to);
            }
        }
        if let Renaming::Object { from, to, .. } = renaming
            && from.kind == Kind::OperatorFamily
            && from.name == self.family
            && from.of == id.of
        {
            (*to).clone_into(&mut self.family);
        }
        self.members.iter_mut().for_each(|member| member.follow(renaming));
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let Some(method) = &id.of else { return };
        let writer = Writer::new()
            .keyword("CREATE OPERATOR CLASS")
            .name(&id.name)
            .keyword_if(self.is_default, "DEFAULT")
            .keyword("FOR TYPE")
            .type_(&self.data_type)
            .keyword("USING")
            .identifier(method)
            .keyword("FAMILY")
            .name(&self.family)
            .keyword("AS")
            .comma_separated(&self.members, |writer, member| member.write(writer));
        // PostgreSQL wants at least one thing to be said; that it stores the type itself says nothing.
        let storage = self.storage.as_ref().or(self.members.is_empty().then_some(&self.data_type));
        let writer = writer.optional(storage, |writer, storage| {
            let writer = if self.members.is_empty() { writer } else { writer.comma() };
            writer.keyword("STORAGE").type_(storage)
        });
        plan.sql(writer.finish());
    }

    fn change(&self, _id: &ObjectId, _to: &Self, _before: &Catalog, _plan: &mut Lowering) -> bool {
        false
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let (one, other) = (told_members(&self.members), told_members(&found.members));
        [
            compared("type", Some(&self.data_type), Some(&found.data_type)),
            compared("default", Some(&self.is_default), Some(&found.is_default)),
            compared("family", Some(&self.family), Some(&found.family)),
            compared("members", one.as_ref(), other.as_ref()),
            compared("storage", self.storage.as_ref(), found.storage.as_ref()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
