use super::kind::Facts;
use super::{Define, FunctionName, Kind, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::expression::Operator;
use crate::json::ToJson;
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::types::Type;

/// An operator of the user. Its characters are the name of its identity, its operands the arguments: one, of a prefix
/// operator, or two.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct OwnOperator {
    /// What computes it.
    pub function: FunctionName,
    /// The operator that is the same with its operands swapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commutator: Option<Operator>,
    /// The operator that gives the opposite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negator: Option<Operator>,
    /// What estimates how many rows a condition with it leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restrict: Option<QualifiedName>,
    /// What estimates how many rows a join by it gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<QualifiedName>,
    /// Whether it can be used by a hash join.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hashes: bool,
    /// Whether it can be used by a merge join.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub merges: bool,
    /// The type of what it gives; `None` where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Type>,
}

impl OwnOperator {
    pub(super) const FACTS: Facts = Facts {
        noun: "operator",
        keywords: "OPERATOR",
        namespace: Namespace::Schema,
        on_table: None,
        securable: None,
    };

    /// The identity of an operator that is named beside this one.
    fn id_of(operator: &Operator, arguments: Vec<Type>) -> ObjectId {
        let schema = operator.schema.as_deref().unwrap_or(DEFAULT_SCHEMA);
        let name = QualifiedName::in_schema(schema, operator.symbol.clone());
        ObjectId { arguments, ..ObjectId::new(Kind::OwnOperator, name) }
    }

    fn partners_mut(&mut self) -> impl Iterator<Item = &mut Operator> {
        self.commutator.iter_mut().chain(&mut self.negator)
    }

    fn estimators(&self) -> [(&'static str, &Option<QualifiedName>); 2] {
        [("RESTRICT =", &self.restrict), ("JOIN =", &self.join)]
    }
}

impl Define for OwnOperator {
    fn note_uses(&self, id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        self.function.note_uses(scope, uses);
        let swapped = id.arguments.iter().rev().cloned().collect();
        let commutator = self.commutator.as_ref().map(|operator| OwnOperator::id_of(operator, swapped));
        let negator = self.negator.as_ref().map(|operator| OwnOperator::id_of(operator, id.arguments.clone()));
        uses.extend(commutator.into_iter().chain(negator).filter(|other| other != id).map(Used::Object));
        let estimators = self.restrict.iter().chain(&self.join).filter(|name| name.schema != "pg_catalog");
        uses.extend(estimators.map(|name| Used::Function(name.clone())));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        self.function.follow(renaming);
        if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming
            && let Some(result) = &mut self.result
        {
            result.rename(from, to);
        }
        if let Renaming::Object { from, to, .. } = renaming
            && from.kind == Kind::OwnOperator
        {
            for partner in self.partners_mut().filter(|partner| partner.symbol == from.name.name) {
                if partner.schema.as_deref() == Some(from.name.schema.as_str()) {
                    partner.schema = Some(to.schema.clone());
                }
            }
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = Writer::new().keyword("CREATE OPERATOR").operator_name(&id.name);
        let (left, right) = match id.arguments.as_slice() {
            [left, right] => (Some(left), Some(right)),
            others => (None, others.first()),
        };
        let writer = writer.parenthesized(|writer| {
            let mut writer = writer.keyword("FUNCTION =").name(&self.function.name);
            for (word, data_type) in [("LEFTARG =", left), ("RIGHTARG =", right)] {
                if let Some(data_type) = data_type {
                    writer = writer.comma().keyword(word).type_(data_type);
                }
            }
            for (word, operator) in [("COMMUTATOR =", &self.commutator), ("NEGATOR =", &self.negator)] {
                if let Some(operator) = operator {
                    writer = writer.comma().keyword(word).operator(operator);
                }
            }
            for (word, function) in self.estimators() {
                if let Some(function) = function {
                    writer = writer.comma().keyword(word).name(function);
                }
            }
            writer
                .when(self.hashes, |writer| writer.comma().keyword("HASHES"))
                .when(self.merges, |writer| writer.comma().keyword("MERGES"))
        });
        plan.sql(writer.finish());
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let changed = OwnOperator { restrict: to.restrict.clone(), join: to.join.clone(), ..self.clone() };
        if changed != *to {
            return false;
        }
        let differs = self.estimators().into_iter().zip(to.estimators()).filter(|(one, other)| one != other);
        let writer = id.write(Writer::new().keyword("ALTER OPERATOR")).keyword("SET");
        let writer = writer.list(differs, |writer, (_, (word, function))| match function {
            Some(function) => writer.keyword(word).name(function),
            None => writer.keyword(word).keyword("NONE"),
        });
        plan.sql(writer.finish());
        true
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let bare = |name: &Option<QualifiedName>| name.as_ref().map(|name| name.name.clone());
        let symbol = |operator: &Option<Operator>| operator.as_ref().map(|operator| operator.symbol.clone());
        let mut differences: Vec<_> = [
            compared("function", Some(&self.function), Some(&found.function)),
            compared("restrict", bare(&self.restrict).as_ref(), bare(&found.restrict).as_ref()),
            compared("join", bare(&self.join).as_ref(), bare(&found.join).as_ref()),
            compared("hashes", Some(&self.hashes), Some(&found.hashes)),
            compared("merges", Some(&self.merges), Some(&found.merges)),
        ]
        .into_iter()
        .flatten()
        .collect();
        // PostgreSQL tells the other one as well, where one of two is told.
        for (property, one, other) in [
            ("commutator", symbol(&self.commutator), symbol(&found.commutator)),
            ("negator", symbol(&self.negator), symbol(&found.negator)),
        ] {
            if one.is_some() && one != other {
                differences.push((property, one, other));
            }
        }
        differences
    }
}
