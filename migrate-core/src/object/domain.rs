use super::collation::bare_name;
use super::default_value::{is_same_default, lower_default};
use super::kind::Facts;
use super::{Define, Namespace, ObjectId, Renaming, compared, follow_collation, note_collation};
use crate::catalog::{Catalog, Scope, Securable, Used};
use crate::expression::{Expression, canonical};
use crate::json::ToJson;
use crate::operation::{CommentTarget, lower_comment};
use crate::plan::{Duration, Lowering};
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;
use crate::types::Type;

/// A domain: a type with checks, over another type.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
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
    pub checks: SortedMap<String, Expression>,
    /// Those of its checks that values which are there need not fulfil.
    #[serde(default, skip_serializing_if = "SortedSet::is_empty")]
    pub not_valid: SortedSet<String>,
    /// The comments on its checks.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub comments: SortedMap<String, String>,
}

impl Domain {
    pub(super) const FACTS: Facts =
        Facts { noun: "domain", keywords: "DOMAIN", namespace: Namespace::Type, on_table: None, securable: Some(Securable::Type) };

    /// The checks that have another name in another definition: each is gone there, and one that says the same is new.
    pub fn renamed_checks<'d>(&'d self, to: &'d Domain) -> Vec<(&'d String, &'d String)> {
        let mut new: Vec<&String> = to.checks.keys().filter(|name| !self.checks.contains_key(*name)).collect();
        let is_same = |from: &String, name: &String| {
            self.checks.get(from) == to.checks.get(name) && self.not_valid.contains(from) == to.not_valid.contains(name)
        };
        let gone = self.checks.keys().filter(|name| !to.checks.contains_key(*name));
        let pair = |from| Some((from, new.remove(new.iter().position(|name| is_same(from, name))?)));
        gone.filter_map(pair).collect()
    }

    /// A check has another name.
    pub fn rename_check(&mut self, from: &str, to: &str) {
        if let Some(check) = self.checks.remove(from) {
            self.checks.insert(to.to_owned(), check);
        }
        if self.not_valid.remove(from) {
            self.not_valid.insert(to.to_owned());
        }
        if let Some(comment) = self.comments.remove(from) {
            self.comments.insert(to.to_owned(), comment);
        }
    }

    /// A check is gone.
    pub fn drop_check(&mut self, name: &str) -> Option<Expression> {
        self.not_valid.remove(name);
        self.comments.remove(name);
        self.checks.remove(name)
    }

    fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expression> {
        self.default.iter_mut().chain(self.checks.values_mut())
    }

    /// Adds the statements that make its comments of those that its checks have.
    fn lower_comments(&self, id: &ObjectId, from: &SortedMap<String, String>, plan: &mut Lowering) {
        for name in self.checks.keys().filter(|name| self.comments.get(*name) != from.get(*name)) {
            let target = CommentTarget::DomainConstraint(id.name.clone(), name.clone());
            lower_comment(&target, self.comments.get(name).map(String::as_str), plan);
        }
    }
}

fn add_not_valid(id: &ObjectId, name: &str, check: &Expression) -> String {
    let alter = Writer::new().keyword("ALTER DOMAIN").name(&id.name).keyword("ADD CONSTRAINT").identifier(name);
    alter.keyword("CHECK").enclosed_expression(check).keyword("NOT VALID").finish()
}

impl Define for Domain {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        scope.note_type(&self.data_type, uses);
        note_collation(self.collation.as_deref(), uses);
        for expression in self.default.iter().chain(self.checks.values()) {
            scope.note_expression(expression, uses);
        }
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming {
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
            .each(self.checks.iter().filter(|(name, _)| !self.not_valid.contains(*name)), |writer, (name, check)| {
                writer.keyword("CONSTRAINT").identifier(name).keyword("CHECK").enclosed_expression(check)
            });
        plan.sql(writer.finish());
        for (name, check) in self.checks.iter().filter(|(name, _)| self.not_valid.contains(*name)) {
            plan.sql(add_not_valid(id, name, check));
        }
        self.lower_comments(id, &SortedMap::new(), plan);
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        if self.data_type != to.data_type || self.collation != to.collation {
            return false;
        }
        let alter = || Writer::new().keyword("ALTER DOMAIN").name(&id.name);
        let mut renamed = self.clone();
        for (from, name) in self.renamed_checks(to) {
            renamed.rename_check(from, name);
            let writer = alter().keyword("RENAME CONSTRAINT").identifier(from).keyword("TO").identifier(name);
            plan.sql(writer.finish());
        }
        // What was valid does not become what is not.
        let is_otherwise = |name: &String| {
            renamed.checks.get(name) != to.checks.get(name)
                || !renamed.not_valid.contains(name) && to.not_valid.contains(name)
        };
        let dropped: Vec<&String> = renamed.checks.keys().filter(|name| is_otherwise(name)).collect();
        for name in &dropped {
            plan.sql(alter().keyword("DROP CONSTRAINT").identifier(name).finish());
        }
        lower_default(alter, self.default.as_ref(), to.default.as_ref(), plan);
        if self.not_null && !to.not_null {
            plan.sql(alter().keyword("DROP NOT NULL").finish());
        }
        // A check is enforced for new values first, and for those that are there in a transaction of its own: reading
        // every column of the domain takes its time.
        let added: Vec<_> =
            to.checks.iter().filter(|(name, _)| !renamed.checks.contains_key(*name) || is_otherwise(name)).collect();
        for (name, check) in &added {
            plan.sql(add_not_valid(id, name, check));
        }
        let is_added = |name: &String| added.iter().any(|(added, _)| *added == name);
        let validated = to.checks.keys().filter(|name| !to.not_valid.contains(*name));
        for name in validated.filter(|name| is_added(name) || renamed.not_valid.contains(*name)) {
            plan.sql(alter().keyword("VALIDATE CONSTRAINT").identifier(name).finish())
                .taking(Duration::Unknown)
                .apart_from_locks();
        }
        if to.not_null && !self.not_null {
            plan.sql(alter().keyword("SET NOT NULL").finish()).taking(Duration::Unknown);
        }
        let mut comments = renamed.comments.clone();
        comments.retain(|name, _| !dropped.contains(&name));
        to.lower_comments(id, &comments, plan);
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
        if !is_same_default(Some(&self.data_type), self.default.as_ref(), found.default.as_ref()) {
            let told = |value: &Option<Expression>| value.as_ref().map(Expression::sql);
            differences.push(("default", told(&self.default), told(&found.default)));
        }
        for name in self.checks.keys().chain(found.checks.keys()).collect::<SortedSet<_>>() {
            let (one, two) = (self.checks.get(name), found.checks.get(name));
            let is_valid = |domain: &Domain| !domain.not_valid.contains(name);
            if one.map(canonical) != two.map(canonical) || is_valid(self) != is_valid(found) {
                let told = |domain: &Domain| {
                    let check = domain.checks.get(name)?;
                    Some(format!("{name}: {check}{}", if is_valid(domain) { "" } else { " not valid" }))
                };
                differences.push(("check", told(self), told(found)));
            } else if self.comments.get(name) != found.comments.get(name) {
                let told = |domain: &Domain| Some(format!("{name}: {}", domain.comments.get(name)?));
                differences.push(("comment on a check", told(self), told(found)));
            }
        }
        differences
    }
}
