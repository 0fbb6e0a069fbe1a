use std::fmt;

use super::kind::Facts;
use super::{Define, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::expression::{Expression, ExpressionKind, canonical};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// Extended statistics of a table.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Statistics {
    /// The table.
    pub table: QualifiedName,
    /// What is gathered; nothing where they are of one expression alone.
    pub kinds: SortedSet<StatisticsKind>,
    /// Columns and expressions, in their order.
    pub keys: Vec<Expression>,
    /// `SET STATISTICS`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<u32>,
}

/// What statistics gather.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum StatisticsKind {
    /// How many different values there are.
    Ndistinct,
    /// Which columns decide others.
    Dependencies,
    /// The most common values.
    Mcv,
}

impl StatisticsKind {
    /// All of them.
    pub const ALL: [StatisticsKind; 3] =
        [StatisticsKind::Ndistinct, StatisticsKind::Dependencies, StatisticsKind::Mcv];

    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            StatisticsKind::Ndistinct => "ndistinct",
            StatisticsKind::Dependencies => "dependencies",
            StatisticsKind::Mcv => "mcv",
        }
    }
}

impl fmt::Display for StatisticsKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

fn column(key: &Expression) -> Option<&str> {
    match &key.kind {
        ExpressionKind::Name(parts) if parts.len() == 1 => parts.first().map(String::as_str),
        _ => None,
    }
}

impl Statistics {
    pub(super) const FACTS: Facts = Facts {
        noun: "statistics",
        keywords: "STATISTICS",
        namespace: Namespace::Schema,
        on_table: None,
        securable: None,
    };

    fn told_keys(&self) -> String {
        // The server sorts them.
        let keys: SortedSet<String> = self.keys.iter().map(|key| canonical(key).to_string()).collect();
        keys.into_iter().collect::<Vec<_>>().join(", ")
    }

    fn told_kinds(&self) -> String {
        self.kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    fn lower_target(&self, id: &ObjectId, plan: &mut Lowering) {
        let target = self.target.map_or(-1, i64::from);
        let writer = id.write(Writer::new().keyword("ALTER STATISTICS"));
        plan.sql(writer.keyword("SET STATISTICS").integer(target).finish());
    }
}

impl Define for Statistics {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        uses.insert(Used::Table(self.table.clone()));
        let Some(table) = scope.catalog.table(&self.table) else { return };
        let scope = scope.over(&self.table, table);
        self.keys.iter().for_each(|key| scope.note_expression(key, uses));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        let table = self.table.clone();
        self.keys.iter_mut().for_each(|key| renaming.follow_condition(key, Some(&table)));
        if let Renaming::Relation { from, to } = renaming
            && self.table == **from
        {
            self.table = (*to).clone();
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let is_all = self.kinds.len() == StatisticsKind::ALL.len() || self.kinds.is_empty();
        let writer = id
            .write(Writer::new().keyword("CREATE STATISTICS"))
            .when(!is_all, |writer| writer.list(&self.kinds, |writer, kind| writer.keyword(kind.word())))
            .keyword("ON")
            .comma_separated(&self.keys, |writer, key| match column(key) {
                Some(column) => writer.identifier(column),
                None => writer.enclosed_expression(key),
            })
            .keyword("FROM")
            .name(&self.table);
        plan.sql(writer.finish()).locking(&self.table, LockMode::ShareUpdateExclusive);
        if self.target.is_some() {
            self.lower_target(id, plan);
        }
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let with_target = Statistics { target: to.target, ..self.clone() };
        if with_target != *to {
            return false;
        }
        to.lower_target(id, plan);
        true
    }

    fn drop(&self, id: &ObjectId, plan: &mut Lowering) -> bool {
        let sql = id.write(Writer::new().keyword("DROP STATISTICS")).finish();
        plan.sql(sql).locking(&self.table, LockMode::ShareUpdateExclusive);
        true
    }

    /// PostgreSQL makes them again around a change of a column's type, without their target and owner.
    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        [
            compared("table", Some(&self.table), Some(&found.table)),
            compared("columns", Some(&self.told_keys()), Some(&found.told_keys())),
            compared("kinds", Some(&self.told_kinds()), Some(&found.told_kinds())),
            compared("target", self.target.as_ref(), found.target.as_ref()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
