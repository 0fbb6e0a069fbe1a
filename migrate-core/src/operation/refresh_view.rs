use super::{Inverse, Operate, Touched};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::{Definition, Kind, MaterializedView, ObjectId};
use crate::plan::{Duration, Hazard, LockMode, Lowering};
use crate::sql::Writer;

/// `REFRESH MATERIALIZED VIEW`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RefreshView {
    /// The materialized view.
    pub name: QualifiedName,
    /// Whether it is filled, or emptied: `WITH NO DATA`.
    pub with_data: bool,
}

impl RefreshView {
    fn id(&self) -> ObjectId {
        ObjectId::new(Kind::MaterializedView, self.name.clone())
    }

    fn view<'c>(&self, catalog: &'c Catalog) -> Option<&'c MaterializedView> {
        catalog.materialized_view(&self.name)
    }

    fn was_filled(&self, before: &Catalog) -> bool {
        self.view(before).is_some_and(|view| view.is_filled)
    }

    fn is_concurrent(&self, before: &Catalog) -> bool {
        self.with_data && self.view(before).is_some_and(MaterializedView::is_refreshed_concurrently)
    }
}

impl Operate for RefreshView {
    fn apply(&self, catalog: &mut Catalog) {
        if self.was_filled(catalog) != self.with_data
            && let Some(object) = catalog.object_mut(&self.id())
            && let Definition::MaterializedView(view) = &mut object.definition
        {
            view.is_filled = self.with_data;
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match (self.was_filled(before), self.with_data) {
            // What was in it before is what its query gave then.
            (true, true) => Inverse::operations(Vec::new()),
            (was_filled, _) => {
                Inverse::operation(RefreshView { name: self.name.clone(), with_data: was_filled })
            }
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let concurrently = self.is_concurrent(before) && !plan.is_new(&self.name);
        let writer = Writer::new()
            .keyword("REFRESH MATERIALIZED VIEW")
            .keyword_if(concurrently, "CONCURRENTLY")
            .name(&self.name)
            .keyword_if(!self.with_data, "WITH NO DATA");
        // Beside its readers it is changed row by row; else it gets another file.
        let (mode, duration) = match concurrently {
            true => (LockMode::Exclusive, Duration::Unknown),
            false => (LockMode::AccessExclusive, Duration::Rewrite),
        };
        let added = plan.sql(writer.finish()).taking(duration).locking_only(&self.name, mode);
        if self.with_data {
            added.apart_from_locks();
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.object(&self.id());
        if let Some(object) = before.object(&self.id()) {
            touched.used_by_object(&self.id(), object, before);
        }
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.name) || !self.was_filled(before) || self.is_concurrent(before) {
            return Vec::new();
        }
        let name = &self.name;
        match self.with_data {
            true => vec![(
                Hazard::RefillsView,
                format!("nobody can read `{name}` while it is filled; create a unique index on its columns first"),
            )],
            false => vec![(
                Hazard::DropsData,
                format!("the rows of `{name}` are gone, and reading it fails until it is refreshed"),
            )],
        }
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        let is_emptied = self.was_filled(before) && !self.with_data;
        is_emptied.then(|| format!("{} has no rows until it is refreshed", self.id())).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{CreateIndex, CreateObject};
    use super::*;
    use crate::catalog::Index;
    use crate::object::{Object, RelationColumn};

    fn with_view() -> Catalog {
        let mut catalog = catalog();
        let column = RelationColumn { name: "id".into(), data_type: None, nullable: true };
        let view = MaterializedView {
            query: "SELECT users.id FROM public.users".parse().unwrap(),
            columns: vec![column],
            storage: Default::default(),
            indexes: Default::default(),
            is_filled: true,
        };
        let id = ObjectId::new(Kind::MaterializedView, name("ids"));
        CreateObject { id, object: Object::new(view) }.apply(&mut catalog);
        catalog
    }

    #[test]
    fn it_is_concurrent_with_a_unique_index_over_columns() {
        let mut catalog = with_view();
        let refresh = |with_data| RefreshView { name: name("ids"), with_data };
        assert_eq!(hazard_codes(&catalog, refresh(true)), ["refills_view"]);
        assert_eq!(hazard_codes(&catalog, refresh(false)), ["drops_data"]);
        assert_eq!(lowered(&catalog, refresh(true)), ["-- transaction", "REFRESH MATERIALIZED VIEW public.ids"]);
        let unique = Index { unique: true, ..index(&["id"]) };
        CreateIndex { table: name("ids"), name: "ids_id_idx".into(), index: unique }.apply(&mut catalog);
        assert!(hazard_codes(&catalog, refresh(true)).is_empty());
        assert_eq!(
            lowered(&catalog, refresh(true)),
            ["-- transaction", "REFRESH MATERIALIZED VIEW CONCURRENTLY public.ids"]
        );
        assert!(assert_undone(&catalog, refresh(true)).is_empty());
        assert!(assert_undone(&catalog, refresh(false)).is_empty());
        refresh(false).apply(&mut catalog);
        assert!(hazard_codes(&catalog, refresh(true)).is_empty());
        assert_eq!(lowered(&catalog, refresh(true)), ["-- transaction", "REFRESH MATERIALIZED VIEW public.ids"]);
    }
}
