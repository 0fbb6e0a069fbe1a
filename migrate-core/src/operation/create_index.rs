use super::{CommentTarget, DropIndex, Inverse, Operate, Operation, Touched, comments, indexes, partitions};
use crate::catalog::{Catalog, Index};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;

/// `CREATE INDEX`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct CreateIndex {
    /// The table or materialized view.
    pub table: QualifiedName,
    /// The index's name.
    pub name: String,
    /// Its definition.
    pub index: Index,
}

impl Operate for CreateIndex {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(indexes) = catalog.indexes_mut(&self.table) {
            indexes.insert(self.name.clone(), self.index.clone());
        }
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(DropIndex { table: self.table.clone(), name: self.name.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        if partitions::is_partitioned(before, &self.table) {
            let mut after = before.clone();
            Operation::from(self.clone()).apply(&mut after);
            partitions::lower_index(&self.table, &self.name, &self.index, &after, plan);
        } else {
            indexes::lower_create(&self.table, &self.name, &self.index, plan);
        }
        let target = CommentTarget::Index(self.table.clone(), self.name.clone());
        comments::lower_comment_if_any(&target, self.index.comment.as_deref(), plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.indexed(&self.table, before);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::plan::Postcondition;

    fn gin() -> Index {
        let mut index = Index {
            method: "gin".into(),
            comment: Some("Search.".into()),
            ..index(&["to_tsvector('simple', note)", "note", "(note || 'x')"])
        };
        if let Some(key) = index.keys.get_mut(1) {
            key.operator_class = Some("public.gin_trgm_ops".into());
        }
        index
    }

    #[test]
    fn an_index_of_a_live_table_is_built_by_itself() {
        assert_eq!(
            lowered(&catalog(), CreateIndex { table: name("bookings"), name: "i".into(), index: gin() }),
            [
                "-- alone",
                "CREATE INDEX CONCURRENTLY i ON public.bookings USING gin (to_tsvector('simple', note), note public.gin_trgm_ops, (note || 'x'))",
                "-- transaction",
                "COMMENT ON INDEX public.i IS 'Search.'",
            ]
        );
    }

    #[test]
    fn an_index_of_a_new_table_is_plain() {
        assert_eq!(
            lowered_on_new(
                &catalog(),
                &["bookings"],
                CreateIndex { table: name("bookings"), name: "i".into(), index: gin() }
            ),
            [
                "-- transaction",
                "CREATE INDEX i ON public.bookings USING gin (to_tsvector('simple', note), note public.gin_trgm_ops, (note || 'x'))",
                "COMMENT ON INDEX public.i IS 'Search.'",
            ]
        );
    }

    #[test]
    fn what_is_built_by_itself_says_whether_it_looks_up_names() {
        let looks_up = |index: Index| {
            let create = CreateIndex { table: name("bookings"), name: "i".into(), index };
            let script =
                crate::operation::script::lower(&catalog(), &[(create.into(), Default::default(), Vec::new())], 15);
            let found = script.statements().find_map(|statement| match statement.postcondition {
                Some(Postcondition::IndexExists { looks_up_names, .. }) => Some(looks_up_names),
                _ => None,
            });
            found.expect("a postcondition")
        };
        assert!(looks_up(gin()));
        assert!(!looks_up(index(&["note"])));
    }
}
