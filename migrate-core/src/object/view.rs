use super::default_value::{differing_default, lower_default};
use super::kind::Facts;
use super::{Define, Namespace, ObjectId, Question, RelationColumn, Renaming, compared};
use crate::catalog::{Catalog, Scope, Securable, Used};
use crate::expression::Expression;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};
use crate::query::{Query, canonical};
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::{Writer, quote_literal};
use crate::token::SyntaxError;

/// A view.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct View {
    /// Its query, in which everything is named in full.
    pub query: Query,
    /// Its columns.
    pub columns: Vec<RelationColumn>,
    /// `WITH CHECK OPTION`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_option: Option<CheckOption>,
    /// `security_barrier`
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub security_barrier: bool,
    /// `security_invoker` (PostgreSQL 15)
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub security_invoker: bool,
    /// What an insert through the view puts into columns that it does not mention.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub defaults: SortedMap<String, Expression>,
}

/// Whether rows that are written through a view must be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum CheckOption {
    /// In this view.
    Local,
    /// In this view and in those that it is built on.
    Cascaded,
}

impl CheckOption {
    /// The word, in lower case.
    pub fn word(self) -> &'static str {
        match self {
            CheckOption::Local => "local",
            CheckOption::Cascaded => "cascaded",
        }
    }
}

impl View {
    pub(super) const FACTS: Facts =
        Facts { noun: "view", keywords: "VIEW", namespace: Namespace::Relation, on_table: None, securable: Some(Securable::Table) };

    fn options(&self) -> Vec<(&'static str, &'static str)> {
        let check = self.check_option.map(|option| ("check_option", option.word()));
        let barrier = self.security_barrier.then_some(("security_barrier", "true"));
        let invoker = self.security_invoker.then_some(("security_invoker", "true"));
        check.into_iter().chain(barrier).chain(invoker).collect()
    }

    fn write(&self, writer: Writer, id: &ObjectId) -> String {
        let options = self.options();
        writer
            .name(&id.name)
            .identifiers(self.columns.iter().map(|column| column.name.as_str()))
            .when(!options.is_empty(), |writer| {
                writer.keyword("WITH").list(options, |writer, (option, value)| {
                    writer.keyword(option).symbol("=").keyword(value)
                })
            })
            .keyword("AS")
            .query(&self.query)
            .finish()
    }

    /// Keeps the defaults of the columns that it has.
    pub fn with_defaults_of(mut self, before: &Self) -> Self {
        let has = |name: &str| self.columns.iter().any(|column| column.name == name);
        let kept = before.defaults.iter().filter(|(name, _)| has(name));
        self.defaults = kept.map(|(name, default)| (name.clone(), default.clone())).collect();
        self
    }

    fn lower_defaults(&self, id: &ObjectId, before: &SortedMap<String, Expression>, plan: &mut Lowering) {
        let alter = |column: &str| {
            Writer::new().keyword("ALTER VIEW").name(&id.name).keyword("ALTER COLUMN").identifier(column)
        };
        let has = |name: &str| self.columns.iter().any(|column| column.name == name);
        let gone = before.keys().filter(|name| !self.defaults.contains_key(*name) && has(name));
        for name in gone.chain(self.defaults.keys()) {
            lower_default(|| alter(name), before.get(name), self.defaults.get(name), plan);
        }
    }

    /// Whether `CREATE OR REPLACE VIEW` can make it the other one: columns may only be added at the end (PostgreSQL
    /// manual, CREATE VIEW).
    fn is_replaceable_by(&self, to: &Self) -> bool {
        self.columns.len() <= to.columns.len()
            && self.columns.iter().zip(&to.columns).all(|(one, other)| {
                one.name == other.name && one.data_type.is_some() && one.data_type == other.data_type
            })
    }
}

impl Define for View {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.query.note_uses(scope, uses);
        self.defaults.values().for_each(|default| scope.note_expression(default, uses));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        self.query.follow(renaming);
        self.defaults.values_mut().for_each(|default| renaming.follow_expression(default));
        if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming {
            for data_type in self.columns.iter_mut().filter_map(|column| column.data_type.as_mut()) {
                data_type.rename(from, to);
            }
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        plan.sql(self.write(Writer::new().keyword("CREATE VIEW"), id));
        self.lower_defaults(id, &SortedMap::new(), plan);
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        if !self.is_replaceable_by(to) {
            return false;
        }
        let is_same =
            self.query == to.query && self.columns == to.columns && self.options() == to.options();
        if !is_same {
            plan.sql(to.write(Writer::new().keyword("CREATE OR REPLACE VIEW"), id));
        }
        to.lower_defaults(id, &self.defaults, plan);
        true
    }

    fn hazards_of_change(
        &self,
        id: &ObjectId,
        to: &Self,
        _before: &Catalog,
        _is_new: &dyn Fn(&QualifiedName) -> bool,
    ) -> Vec<(Hazard, String)> {
        let kept = |name: &str| to.columns.iter().any(|column| column.name == name);
        let gone: Vec<&str> =
            self.columns.iter().map(|column| column.name.as_str()).filter(|name| !kept(name)).collect();
        match gone.first() {
            Some(first) => vec![(Hazard::BreaksQueries, format!("running code that reads `{first}` of {id} fails"))],
            None => Vec::new(),
        }
    }

    fn loses(&self, id: &ObjectId, to: &Self) -> SortedSet<Used> {
        let kept = |name: &str| to.columns.iter().any(|column| column.name == name);
        let gone = self.columns.iter().filter(|column| !kept(&column.name));
        gone.map(|column| Used::Column(id.name.clone(), column.name.clone())).collect()
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
        if let Some(default) = self.defaults.remove(from) {
            self.defaults.insert(to.to_owned(), default);
        }
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let names = |view: &View| {
            let names: Vec<&str> = view.columns.iter().map(|column| column.name.as_str()).collect();
            names.join(", ")
        };
        let options = |view: &View| {
            let options: Vec<String> = view.options().iter().map(|(name, value)| format!("{name} = {value}")).collect();
            options.join(", ")
        };
        let query = |view: &View| canonical(&view.query).to_string();
        let default = self.columns.iter().find_map(|column| {
            let RelationColumn { name, data_type, .. } = column;
            found.columns.iter().find(|other| other.name == *name)?;
            differing_default(name, data_type.as_ref(), self.defaults.get(name), found.defaults.get(name))
        });
        [
            compared("columns", Some(&names(self)), Some(&names(found))),
            compared("options", Some(&options(self)), Some(&options(found))),
            compared("query", Some(&query(self)), Some(&query(found))),
            default,
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
