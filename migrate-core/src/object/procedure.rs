use super::function::hazards_of_path;
use super::kind::Facts;
use super::{Define, Function, Namespace, ObjectId, Question, Renaming};
use crate::catalog::{Catalog, Scope, Securable, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};
use crate::query::PartMut;
use crate::sorted::SortedSet;

/// A procedure: a function that is called by itself, and returns its output arguments.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(transparent)]
pub struct Procedure(pub Function);

impl Procedure {
    pub(super) const FACTS: Facts =
        Facts { noun: "procedure", keywords: "PROCEDURE", namespace: Namespace::Routine, on_table: None, securable: Some(Securable::Routine) };
}

impl Define for Procedure {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.0.note(scope, uses);
    }

    fn follow(&mut self, id: &ObjectId, renaming: &Renaming<'_>) {
        self.0.follow_names(id, renaming);
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        self.0.write_create(id, "CREATE PROCEDURE", plan);
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        self.0.change_into(id, &to.0, "CREATE OR REPLACE PROCEDURE", plan)
    }

    fn hazards(&self, id: &ObjectId) -> Vec<(Hazard, String)> {
        hazards_of_path(id, &self.0)
    }

    fn hazards_of_change(
        &self,
        id: &ObjectId,
        to: &Self,
        _before: &Catalog,
        _is_new: &dyn Fn(&QualifiedName) -> bool,
    ) -> Vec<(Hazard, String)> {
        match self.0.trusts_the_path_of_its_caller() {
            true => Vec::new(),
            false => hazards_of_path(id, &to.0),
        }
    }

    fn walk_mut(&mut self, change: &mut dyn FnMut(PartMut<'_>)) {
        self.0.walk_mut(change);
    }

    fn question(&self, id: &ObjectId) -> Option<Question> {
        self.0.question_of_body(id, "CREATE PROCEDURE")
    }

    fn answered(&mut self, printed: &str) -> Result<(), String> {
        self.0.answered_body(printed)
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        self.0.differing(&found.0)
    }
}
