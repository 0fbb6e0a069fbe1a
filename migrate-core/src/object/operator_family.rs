use super::family_member::told_members;
use super::kind::Facts;
use super::{Define, FamilyMember, Kind, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// A family of operator classes that go together. Its index method is a part of its identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct OperatorFamily {
    /// What belongs to no class of it: operators between different types, functions that a class can do without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<FamilyMember>,
}

impl OperatorFamily {
    pub(super) const FACTS: Facts = Facts {
        noun: "operator family",
        keywords: "OPERATOR FAMILY",
        namespace: Namespace::Schema,
        on_table: None,
        securable: None,
    };

    /// A family of an index method.
    pub fn id(method: &str, name: QualifiedName) -> ObjectId {
        ObjectId { of: Some(method.to_owned()), ..ObjectId::new(Kind::OperatorFamily, name) }
    }
}

fn alter(id: &ObjectId) -> Writer {
    id.write(Writer::new().keyword("ALTER OPERATOR FAMILY"))
}

fn add(id: &ObjectId, members: &[&FamilyMember], plan: &mut Lowering) {
    if !members.is_empty() {
        let writer = alter(id).keyword("ADD");
        plan.sql(writer.comma_separated(members, |writer, member| member.write(writer)).finish());
    }
}

impl Define for OperatorFamily {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.members.iter().for_each(|member| member.note_uses(scope, uses));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        self.members.iter_mut().for_each(|member| member.follow(renaming));
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        plan.sql(id.write(Writer::new().keyword("CREATE OPERATOR FAMILY")).finish());
        add(id, &self.members.iter().collect::<Vec<_>>(), plan);
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let gone: Vec<&FamilyMember> = self.members.iter().filter(|member| !to.members.contains(member)).collect();
        if !gone.is_empty() {
            let writer = alter(id).keyword("DROP");
            plan.sql(writer.comma_separated(gone, |writer, member| member.write_place(writer)).finish());
        }
        let new: Vec<&FamilyMember> = to.members.iter().filter(|member| !self.members.contains(member)).collect();
        add(id, &new, plan);
        true
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let (one, other) = (told_members(&self.members), told_members(&found.members));
        compared("members", one.as_ref(), other.as_ref()).into_iter().collect()
    }
}
