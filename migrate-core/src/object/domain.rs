use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::collation::bare_name;
use super::kind::Facts;
use super::{Define, Namespace, ObjectId, Renaming, compared, follow_collation, note_collation};
use crate::catalog::{Catalog, Scope, Securable, Used};
use crate::expression::{Expression, canonical};
use crate::plan::{Duration, Lowering};
use crate::sql::Writer;
use crate::types::Type;

/// A domain: a type with checks, over another type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The type that it is over.
    pub data_type: Type,
    /// `COLLATE`, where it is not the type's own.
    pub collation: Option<String>,
    /// `DEFAULT`
    pub default: Option<Expression>,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// Its checks by their names, over `VALUE`.
    pub checks: BTreeMap<String, Expression>,
}

impl Domain {
    pub(super) const FACTS: Facts =
        Facts { noun: "domain", keywords: "DOMAIN", namespace: Namespace::Type, on_table: None, securable: Some(Securable::Type) };

    fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expression> {
        self.default.iter_mut().chain(self.checks.values_mut())
    }
}

impl Define for Domain {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut BTreeSet<Used>) {
        scope.note_type(&self.data_type, uses);
        note_collation(self.collation.as_deref(), uses);
        for expression in self.default.iter().chain(self.checks.values()) {
            scope.note_expression(expression, uses);
        }
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Type { from, to } = renaming {
            self.data_type.rename(from, to);
        }
        follow_collation(&mut self.collation, renaming);
        self.expressions_mut().for_each(|expression| renaming.follow_expression(expression));
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = Writer::new().keyword("CREATE DOMAIN").name(&id.name).keyword("AS").type_(&self.data_type);
        let writer = writer
            .optional(self.collation.as_deref(), |writer, name| writer.collation(name))
            .optional(self.default.as_ref(), |writer, value| writer.keyword("DEFAULT").default_expression(value))
            // It would take the default of the domain that it is over.
            .keyword_if(self.default.is_none() && self.data_type.as_named().is_some(), "DEFAULT NULL")
            .keyword_if(self.not_null, "NOT NULL")
            .each(&self.checks, |writer, (name, check)| {
                writer.keyword("CONSTRAINT").identifier(name).keyword("CHECK").enclosed_expression(check)
            });
        plan.sql(writer.finish());
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        if self.data_type != to.data_type || self.collation != to.collation {
            return false;
        }
        let alter = || Writer::new().keyword("ALTER DOMAIN").name(&id.name);
        for name in self.checks.keys().filter(|name| self.checks.get(*name) != to.checks.get(*name)) {
            plan.sql(alter().keyword("DROP CONSTRAINT").identifier(name).finish());
        }
        match (&self.default, &to.default) {
            (one, two) if one == two => {}
            (_, Some(default)) => {
                plan.sql(alter().keyword("SET DEFAULT").default_expression(default).finish());
            }
            (_, None) => {
                plan.sql(alter().keyword("DROP DEFAULT").finish());
            }
        }
        if self.not_null && !to.not_null {
            plan.sql(alter().keyword("DROP NOT NULL").finish());
        }
        // A check is enforced for new values first, and for those that are there in a transaction of its own: reading
        // every column of the domain takes its time.
        let added: Vec<_> =
            to.checks.iter().filter(|(name, check)| self.checks.get(*name) != Some(*check)).collect();
        for (name, check) in &added {
            plan.sql(
                alter()
                    .keyword("ADD CONSTRAINT")
                    .identifier(name)
                    .keyword("CHECK")
                    .enclosed_expression(check)
                    .keyword("NOT VALID")
                    .finish(),
            );
        }
        for (name, _) in &added {
            plan.sql(alter().keyword("VALIDATE CONSTRAINT").identifier(name).finish())
                .taking(Duration::Unknown)
                .apart_from_locks();
        }
        if to.not_null && !self.not_null {
            plan.sql(alter().keyword("SET NOT NULL").finish()).taking(Duration::Unknown);
        }
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let mut differences: Vec<_> = [
            compared("type", Some(&self.data_type), Some(&found.data_type)),
            compared(
                "collation",
                bare_name(self.collation.as_deref()).as_ref(),
                bare_name(found.collation.as_deref()).as_ref(),
            ),
            compared("NOT NULL", Some(&self.not_null), Some(&found.not_null)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let of_type = |value: &Expression| canonical(&Expression::cast(value.clone(), self.data_type.clone()));
        let meaning = |value: &Option<Expression>| value.as_ref().map(of_type);
        if meaning(&self.default) != meaning(&found.default) {
            let told = |value: &Option<Expression>| value.as_ref().map(Expression::sql);
            differences.push(("default", told(&self.default), told(&found.default)));
        }
        for name in self.checks.keys().chain(found.checks.keys()).collect::<BTreeSet<_>>() {
            let (one, two) = (self.checks.get(name), found.checks.get(name));
            if one.map(canonical) != two.map(canonical) {
                let told = |check: Option<&Expression>| check.map(|check| format!("{name}: {check}"));
                differences.push(("check", told(one), told(two)));
            }
        }
        differences
    }
}
