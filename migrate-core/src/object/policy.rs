use std::fmt;

use super::kind::Facts;
use super::{Define, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Role, Scope, Used};
use crate::expression::{Expression, canonical};
use crate::json::ToJson;
use crate::plan::{LockMode, Lowering};
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// A policy of a table: which rows a role sees, and which it may write.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Policy {
    /// `AS RESTRICTIVE`
    pub is_restrictive: bool,
    /// `FOR`
    pub command: PolicyCommand,
    /// `TO`
    pub roles: SortedSet<Role>,
    /// `USING`: the rows that are seen.
    pub using: Option<Expression>,
    /// `WITH CHECK`: the rows that may be written; those that are seen where it is not said.
    pub check: Option<Expression>,
}

/// The statements that a policy is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum PolicyCommand {
    #[default]
    All,
    Select,
    Insert,
    Update,
    Delete,
}

impl PolicyCommand {
    fn keyword(self) -> &'static str {
        match self {
            PolicyCommand::All => "ALL",
            PolicyCommand::Select => "SELECT",
            PolicyCommand::Insert => "INSERT",
            PolicyCommand::Update => "UPDATE",
            PolicyCommand::Delete => "DELETE",
        }
    }
}

impl fmt::Display for PolicyCommand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.keyword().to_lowercase())
    }
}

impl Policy {
    pub(super) const FACTS: Facts = Facts {
        noun: "policy",
        keywords: "POLICY",
        namespace: Namespace::Table,
        on_table: Some(LockMode::AccessExclusive), securable: None };

    fn conditions_mut(&mut self) -> impl Iterator<Item = &mut Expression> {
        self.using.iter_mut().chain(self.check.iter_mut())
    }

    fn write_rest(&self, writer: Writer) -> Writer {
        writer
            .keyword("TO")
            .comma_separated(&self.roles, |writer, role| role.write(writer))
            .optional(self.using.as_ref(), |writer, using| writer.keyword("USING").enclosed_expression(using))
            .optional(self.check.as_ref(), |writer, check| writer.keyword("WITH CHECK").enclosed_expression(check))
    }

    fn lower(id: &ObjectId, writer: Writer, plan: &mut Lowering) {
        let added = plan.sql(writer.finish());
        if let Some(table) = id.table() {
            added.locking(&table, LockMode::AccessExclusive);
        }
    }
}

impl Define for Policy {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        for condition in self.using.iter().chain(&self.check) {
            scope.note_expression(condition, uses);
        }
    }

    fn follow(&mut self, id: &ObjectId, renaming: &Renaming<'_>) {
        let table = id.table();
        self.conditions_mut().for_each(|condition| renaming.follow_condition(condition, table.as_ref()));
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = id
            .write(Writer::new().keyword("CREATE POLICY"))
            .keyword_if(self.is_restrictive, "AS RESTRICTIVE")
            .when(self.command != PolicyCommand::All, |writer| writer.keyword("FOR").keyword(self.command.keyword()));
        Policy::lower(id, self.write_rest(writer), plan);
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        // ALTER POLICY leaves a condition as it is where it is not told another one.
        let loses_condition =
            self.using.is_some() && to.using.is_none() || self.check.is_some() && to.check.is_none();
        if self.is_restrictive != to.is_restrictive || self.command != to.command || loses_condition {
            return false;
        }
        Policy::lower(id, to.write_rest(id.write(Writer::new().keyword("ALTER POLICY"))), plan);
        true
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let kind = |policy: &Policy| if policy.is_restrictive { "restrictive" } else { "permissive" };
        let roles = |policy: &Policy| Some(policy.roles.iter().map(Role::to_string).collect::<Vec<_>>().join(", "));
        let mut differences: Vec<_> = [
            compared("kind", Some(&kind(self)), Some(&kind(found))),
            compared("command", Some(&self.command), Some(&found.command)),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !Role::are_same(&self.roles, &found.roles) {
            differences.push(("roles", roles(self), roles(found)));
        }
        for (property, one, two) in [("using", &self.using, &found.using), ("with check", &self.check, &found.check)] {
            if one.as_ref().map(canonical) != two.as_ref().map(canonical) {
                let told = |condition: &Option<Expression>| condition.as_ref().map(Expression::sql);
                differences.push((property, told(one), told(two)));
            }
        }
        differences
    }
}
