use super::kind::Facts;
use super::{Define, Namespace, ObjectId, Question, RelationColumn, Renaming, compared, follow_class};
use crate::catalog::{Catalog, Column, EnumLiterals, Index, Scope, Securable, Table, Used, Uses as _};
use crate::expression::Expression;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::operation::{change_parameters, lower_index_of_new, parameters};
use crate::plan::{Duration, Hazard, LockMode, Lowering};
use crate::query::{Query, canonical};
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::{Writer, quote_literal};
use crate::token::SyntaxError;
use crate::types::Type;

/// A view that keeps its rows.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct MaterializedView {
    /// Its query, in which everything is named in full.
    pub query: Query,
    /// Its columns.
    pub columns: Vec<RelationColumn>,
    /// Storage parameters, as they are written.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub storage: SortedMap<String, String>,
    /// Its indexes by name.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub indexes: SortedMap<String, Index>,
    /// Whether it has rows: it was made, or refreshed, with data.
    pub is_filled: bool,
}

impl MaterializedView {
    pub(super) const FACTS: Facts =
        Facts { noun: "materialized view", keywords: "MATERIALIZED VIEW", namespace: Namespace::Relation, on_table: None, securable: Some(Securable::Table) };

    /// It as a table with the same columns and indexes: what expressions over its rows are looked up in.
    pub fn as_table(&self) -> Table {
        let column = |column: &RelationColumn| Column {
            nullable: column.nullable,
            ..Column::new(column.name.clone(), column.data_type.clone().unwrap_or(Type::TEXT))
        };
        let columns = self.columns.iter().map(column).collect();
        Table { columns, indexes: self.indexes.clone(), ..Table::default() }
    }

    /// Whether it can be filled again while it is read: PostgreSQL then needs a unique index over columns, of all rows.
    pub fn is_refreshed_concurrently(&self) -> bool {
        let tells_apart = |index: &Index| {
            index.unique && index.predicate.is_none() && index.keys.iter().all(|key| key.column().is_some())
        };
        self.is_filled && self.indexes.values().any(tells_apart)
    }

    fn expressions_of_indexes(&mut self) -> impl Iterator<Item = &mut Expression> {
        self.indexes.values_mut().flat_map(|index| {
            index.keys.iter_mut().map(|key| &mut key.expression).chain(index.predicate.iter_mut())
        })
    }
}

impl Define for MaterializedView {
    fn note_uses(&self, id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.query.note_uses(scope, uses);
        if !self.indexes.is_empty() {
            let table = self.as_table();
            let scope = scope.over(&id.name, &table);
            self.indexes.values().for_each(|index| index.note_uses(&scope, uses));
            uses.retain(|used| !matches!(used, Used::Column(table, _) if *table == id.name));
        }
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        let table = self.as_table();
        self.query.follow(renaming);
        for expression in self.expressions_of_indexes() {
            renaming.follow_expression(expression);
            if let Renaming::Value { name, from, to, .. } = renaming {
                EnumLiterals::of(&table, name).visit_inside(expression, &mut |value| {
                    if value == from {
                        (*to).clone_into(value);
                    }
                });
            }
        }
        for index in self.indexes.values_mut() {
            for key in &mut index.keys {
                follow_class(&index.method, &mut key.operator_class, renaming);
            }
        }
        if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming {
            for data_type in self.columns.iter_mut().filter_map(|column| column.data_type.as_mut()) {
                data_type.rename(from, to);
            }
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = Writer::new()
            .keyword("CREATE MATERIALIZED VIEW")
            .name(&id.name)
            .identifiers(self.columns.iter().map(|column| column.name.as_str()))
            .when(!self.storage.is_empty(), |writer| parameters(writer.keyword("WITH"), &self.storage))
            .keyword("AS")
            .query(&self.query)
            .keyword_if(!self.is_filled, "WITH NO DATA");
        let is_put_back = plan.is_rebuilding();
        let added = plan.sql(writer.finish());
        if self.is_filled {
            let added = added.taking(Duration::Unknown);
            // What is put back around a change must be there when the change is.
            if !is_put_back {
                added.apart_from_locks();
            }
        }
        // Nobody sees it before the migration is done; what is put back was seen before.
        if !is_put_back {
            plan.note_new_table(&id.name);
        }
        for (name, index) in &self.indexes {
            lower_index_of_new(&id.name, name, index, plan);
        }
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let with_other_storage = MaterializedView { storage: to.storage.clone(), ..self.clone() };
        if with_other_storage != *to {
            return false;
        }
        let alter = || Writer::new().keyword("ALTER MATERIALIZED VIEW").name(&id.name);
        for sql in change_parameters(alter, &self.storage, &to.storage) {
            plan.sql(sql).locking_view(&id.name, LockMode::ShareUpdateExclusive);
        }
        true
    }

    fn hazards_of_rebuild(&self, id: &ObjectId) -> Vec<(Hazard, String)> {
        let text = match self.is_filled {
            true => format!("{id} is filled again while the tables that it reads are locked"),
            false => format!("{id} is created again without data: reading it fails until it is refreshed"),
        };
        vec![(Hazard::RefillsView, text)]
    }

    fn question(&self, id: &ObjectId) -> Option<Question> {
        let scratch = QualifiedName::in_schema("pg_temp", id.name.name.clone());
        let name = Writer::new().name(&scratch).finish();
        let create = Writer::new().keyword("CREATE TEMPORARY VIEW").name(&scratch);
        let create = create.identifiers(self.columns.iter().map(|column| column.name.as_str()));
        Some(Question {
            commands: vec![create.keyword("AS").query(&self.query).finish()],
            answer: format!("SELECT pg_catalog.pg_get_viewdef({}::pg_catalog.regclass)", quote_literal(&name)),
        })
    }

    fn answered(&mut self, printed: &str) -> Result<(), String> {
        let text = printed.trim().trim_end_matches(';');
        self.query = text.parse().map_err(|error: SyntaxError| error.message)?;
        Ok(())
    }

    fn columns(&self) -> Vec<RelationColumn> {
        self.columns.clone()
    }

    fn query_mut(&mut self) -> Option<(&mut Query, &mut Vec<RelationColumn>)> {
        Some((&mut self.query, &mut self.columns))
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn rename_column(&mut self, from: &str, to: &str) {
        self.columns.iter_mut().filter(|column| column.name == from).for_each(|column| to.clone_into(&mut column.name));
        for expression in self.expressions_of_indexes() {
            expression.rename_column(from, to);
        }
        for index in self.indexes.values_mut() {
            index.include.iter_mut().filter(|name| *name == from).for_each(|name| to.clone_into(name));
        }
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let names = |view: &MaterializedView| {
            let names: Vec<&str> = view.columns.iter().map(|column| column.name.as_str()).collect();
            names.join(", ")
        };
        let storage = |view: &MaterializedView| {
            let storage: Vec<String> = view.storage.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            storage.join(", ")
        };
        let query = |view: &MaterializedView| canonical(&view.query).to_string();
        // One that was made without data is filled by whoever refreshes it.
        let data = (self.is_filled && !found.is_filled).then(|| ("data", Some("filled".into()), Some("not filled".into())));
        [
            compared("columns", Some(&names(self)), Some(&names(found))),
            compared("storage parameters", Some(&storage(self)), Some(&storage(found))),
            compared("query", Some(&query(self)), Some(&query(found))),
            data,
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
