use super::collation::bare_name;
use super::kind::Facts;
use super::{Define, Namespace, ObjectId, Renaming, follow_collation, note_collation};
use crate::catalog::{Catalog, Scope, Securable, Used};
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;
use crate::types::Type;

/// A composite type.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct CompositeType {
    /// Its attributes in their order.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a composite type.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: Type,
    /// `COLLATE`, where it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
}

impl CompositeType {
    pub(super) const FACTS: Facts =
        Facts { noun: "type", keywords: "TYPE", namespace: Namespace::Type, on_table: None, securable: Some(Securable::Type) };

    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// Whether the other one has attributes of this one as they are, and new ones behind them.
    #[cfg(feature = "runtime")]
    pub(crate) fn adds_and_drops(&self, wanted: &Self) -> bool {
        let kept = self.attributes.iter().filter(|attribute| wanted.attribute(&attribute.name).is_some());
        let new = wanted.attributes.iter().filter(|attribute| self.attribute(&attribute.name).is_none());
        kept.chain(new).eq(&wanted.attributes)
    }

    fn told(&self) -> String {
        let attributes: Vec<String> =
            self.attributes.iter().map(|attribute| format!("{}: {}", attribute.name, attribute.data_type)).collect();
        attributes.join(", ")
    }
}

fn write_attribute(writer: Writer, attribute: &Attribute) -> Writer {
    writer
        .identifier(&attribute.name)
        .type_(&attribute.data_type)
        .optional(attribute.collation.as_deref(), |writer, name| writer.collation(name))
}

impl Define for CompositeType {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        for attribute in &self.attributes {
            scope.note_type(&attribute.data_type, uses);
            note_collation(attribute.collation.as_deref(), uses);
        }
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        for attribute in &mut self.attributes {
            follow_collation(&mut attribute.collation, renaming);
            if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming {
                attribute.data_type.rename(from, to);
            }
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = Writer::new().keyword("CREATE TYPE").name(&id.name).keyword("AS");
        plan.sql(writer.list(&self.attributes, write_attribute).finish());
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let alter = || Writer::new().keyword("ALTER TYPE").name(&id.name);
        let gone = self.attributes.iter().filter(|attribute| to.attribute(&attribute.name).is_none());
        for attribute in gone {
            plan.sql(alter().keyword("DROP ATTRIBUTE").identifier(&attribute.name).finish());
        }
        for attribute in &to.attributes {
            match self.attribute(&attribute.name) {
                None => {
                    plan.sql(write_attribute(alter().keyword("ADD ATTRIBUTE"), attribute).finish());
                }
                Some(before) if before != attribute => {
                    let writer = alter().keyword("ALTER ATTRIBUTE").identifier(&attribute.name).keyword("TYPE");
                    let writer = writer.type_(&attribute.data_type);
                    let writer = writer.optional(attribute.collation.as_deref(), |writer, name| {
                        writer.collation(name)
                    });
                    plan.sql(writer.finish());
                }
                Some(_) => {}
            }
        }
        true
    }

    fn rename_column(&mut self, from: &str, to: &str) {
        for attribute in self.attributes.iter_mut().filter(|attribute| attribute.name == from) {
            to.clone_into(&mut attribute.name);
        }
    }

    fn loses(&self, id: &ObjectId, to: &Self) -> SortedSet<Used> {
        let gone = self.attributes.iter().filter(|attribute| to.attribute(&attribute.name).is_none());
        gone.map(|attribute| Used::Column(id.name.clone(), attribute.name.clone())).collect()
    }

    fn retypes(&self, id: &ObjectId, to: &Self) -> SortedSet<Used> {
        let is_other = |one: &&Attribute| to.attribute(&one.name).is_some_and(|other| other != *one);
        let changed = self.attributes.iter().filter(is_other);
        changed.map(|attribute| Used::Column(id.name.clone(), attribute.name.clone())).collect()
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let mut differences = Vec::new();
        // By name, as the columns of tables: one that was dropped and comes back stands behind the others.
        let bare = |attributes: &[Attribute]| -> SortedMap<String, Attribute> {
            let bare = |attribute: &Attribute| Attribute {
                collation: bare_name(attribute.collation.as_deref()),
                ..attribute.clone()
            };
            attributes.iter().map(|attribute| (attribute.name.clone(), bare(attribute))).collect()
        };
        if bare(&self.attributes) != bare(&found.attributes) {
            differences.push(("attributes", Some(self.told()), Some(found.told())));
        }
        differences
    }
}
