use super::{CommentTarget, DropObject, Inverse, Operate, Touched, access, comments};
use crate::catalog::{AccessTarget, Catalog};
use crate::json::ToJson;
use crate::object::{Define as _, Object, ObjectId};
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};

/// `CREATE` of an object of one of the kinds that are alike.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct CreateObject {
    /// Which one.
    pub id: ObjectId,
    /// What it is, and its comment.
    pub object: Object,
}

impl Operate for CreateObject {
    fn apply(&self, catalog: &mut Catalog) {
        catalog.objects.insert(self.id.clone(), self.object.clone().into());
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(DropObject { id: self.id.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        self.object.definition.create(&self.id, plan);
        self.object.definition.complete(&self.id, before, plan);
        let target = CommentTarget::Object(self.id.clone());
        comments::lower_comment_if_any(&target, self.object.comment.as_deref(), plan);
        for (column, comment) in &self.object.column_comments {
            comments::lower_column_of_object(&self.id, column, Some(comment), plan);
        }
        access::lower_new(&AccessTarget::Object(self.id.clone()), &self.object.access, plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.object(&self.id);
        touched.used_by_object(&self.id, &self.object, before);
    }

    fn hazards(&self, _before: &Catalog, _is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        self.object.definition.hazards(&self.id)
    }
}
