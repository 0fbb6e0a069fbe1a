use super::{CommentTarget, CreateObject, DropObject, Inverse, Operate, SetComment, SetGrants, Touched};
use crate::catalog::{AccessTarget, Catalog, Used, User};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::{Define as _, Definition, ObjectId};
use crate::plan::{Hazard, Lowering};
use crate::sorted::SortedSet;

/// Gives an object another definition: in place where PostgreSQL can, else by dropping it and making it again.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ChangeObject {
    /// Which one.
    pub id: ObjectId,
    /// What it becomes.
    pub definition: Definition,
}

impl ChangeObject {
    /// Whether PostgreSQL changes it in place.
    fn is_in_place(&self, before: &Catalog) -> bool {
        let mut scratch = Lowering::new(u32::MAX);
        before.object(&self.id).is_none_or(|object| {
            object.definition.change(&self.id, &self.definition, before, &mut scratch)
        })
    }
}

impl Operate for ChangeObject {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(object) = catalog.object_mut(&self.id) {
            *object = object.with_definition(self.definition.clone());
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match before.object(&self.id) {
            Some(object) => {
                let change = ChangeObject { id: self.id.clone(), definition: object.definition.clone() };
                let kept = object.with_definition(self.definition.clone());
                let lost =
                    object.column_comments.iter().filter(|(column, _)| !kept.column_comments.contains_key(*column));
                let comment = |(column, comment): (&String, &String)| {
                    let target = CommentTarget::Column(self.id.name.clone(), column.clone());
                    SetComment { target, comment: Some(comment.clone()) }.into()
                };
                let columns = object.access.columns.iter();
                let columns = columns.filter(|(column, _)| !kept.access.columns.contains_key(*column));
                let grants = columns.flat_map(|(column, grants)| {
                    grants.0.iter().map(move |(role, privileges)| {
                        let target = AccessTarget::Column(self.id.name.clone(), column.clone());
                        let privileges = privileges.iter().map(|(privilege, said)| (*privilege, Some(*said))).collect();
                        SetGrants { target, role: role.clone(), privileges }.into()
                    })
                });
                let restored = std::iter::once(change.into()).chain(lost.map(comment)).chain(grants);
                Inverse::operations(restored.collect())
            }
            None => Inverse::NotDerivable { why: format!("the previous definition of {} is not known", self.id) },
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let Some(object) = before.object(&self.id) else { return };
        if object.definition.change(&self.id, &self.definition, before, plan) {
            return;
        }
        DropObject { id: self.id.clone() }.lower(before, plan);
        let object = object.with_definition(self.definition.clone());
        CreateObject { id: self.id.clone(), object }.lower(before, plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.object(&self.id);
        if let Some(object) = before.object(&self.id) {
            touched.used_by_object(&self.id, object, before);
            if let (Definition::ForeignTable(one), Definition::ForeignTable(other)) = (&object.definition, &self.definition) {
                let is_other = |parent: &&QualifiedName| {
                    one.parents().any(|name| name == *parent) != other.parents().any(|name| name == *parent)
                };
                one.parents().chain(other.parents()).filter(is_other).for_each(|parent| touched.table(parent));
            }
        }
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        before.object(&self.id).map_or_else(Vec::new, |object| {
            object.definition.hazards_of_change(&self.id, &self.definition, before, is_new)
        })
    }

    fn disturbs(&self, before: &Catalog) -> SortedSet<Used> {
        match before.object(&self.id) {
            Some(object) if self.is_in_place(before) => object.definition.retypes(&self.id, &self.definition),
            _ => before.known_as(&self.id),
        }
    }

    fn removes(&self, before: &Catalog) -> SortedSet<Used> {
        let Some(object) = before.object(&self.id) else { return SortedSet::new() };
        let mut removed = object.definition.loses(&self.id, &self.definition);
        if !self.is_in_place(before) {
            removed.extend(before.known_as(&self.id));
        }
        removed
    }

    /// What is taken down and put back around it is not in its way.
    fn takes_along(&self, user: &User<'_>, before: &Catalog) -> bool {
        !self.is_in_place(before) && user.object().is_some_and(|(_, object)| object.definition.is_rebuilt())
    }
}
