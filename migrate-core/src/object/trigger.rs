use super::kind::Facts;
use super::{Define, Kind, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Deferral, Scope, Used};
use crate::expression::{Expression, ExpressionKind, canonical};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// A trigger of a table or a view.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Trigger {
    /// When it runs.
    pub timing: Timing,
    /// What it runs at.
    pub events: Events,
    /// `FOR EACH ROW`; else it runs once for each statement.
    pub for_each_row: bool,
    /// `WHEN`, over `old` and `new`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Expression>,
    /// `REFERENCING OLD TABLE AS`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_table: Option<String>,
    /// `REFERENCING NEW TABLE AS`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_table: Option<String>,
    /// The function that it runs.
    pub function: QualifiedName,
    /// What the function is given, as texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// What a constraint trigger has more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constraint: Option<ConstraintTrigger>,
    /// When it fires.
    #[serde(default, skip_serializing_if = "Firing::is_usual")]
    pub firing: Firing,
}

/// When a trigger runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// Before the event.
    Before,
    /// After it.
    After,
    /// In its place, of views.
    InsteadOf,
}

/// What a trigger runs at.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Events {
    /// `INSERT`
    #[serde(default)]
    pub insert: bool,
    /// `DELETE`
    #[serde(default)]
    pub delete: bool,
    /// `UPDATE`, with the columns that it is limited to, in the order of their names; none are all.
    #[serde(default)]
    pub update: Option<SortedSet<String>>,
    /// `TRUNCATE`
    #[serde(default)]
    pub truncate: bool,
}

/// What a constraint trigger has more than others.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ConstraintTrigger {
    /// Whether it can wait for the end of the transaction.
    pub deferral: Deferral,
    /// `FROM`: another table that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<QualifiedName>,
}

/// When a trigger fires, by the session's `session_replication_role`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Firing {
    /// In usual sessions.
    #[default]
    Usual,
    /// Never.
    Disabled,
    /// Where changes are replicated to.
    Replica,
    /// In all sessions.
    Always,
}

impl Firing {
    fn is_usual(&self) -> bool {
        *self == Firing::Usual
    }

    /// As `ALTER TABLE` has it before `TRIGGER`.
    pub fn keywords(self) -> &'static str {
        match self {
            Firing::Usual => "ENABLE",
            Firing::Disabled => "DISABLE",
            Firing::Replica => "ENABLE REPLICA",
            Firing::Always => "ENABLE ALWAYS",
        }
    }

    pub(super) fn told(self) -> &'static str {
        match self {
            Firing::Usual => "enabled",
            Firing::Disabled => "disabled",
            Firing::Replica => "enabled for replicas",
            Firing::Always => "always enabled",
        }
    }
}

impl Timing {
    fn keywords(self) -> &'static str {
        match self {
            Timing::Before => "BEFORE",
            Timing::After => "AFTER",
            Timing::InsteadOf => "INSTEAD OF",
        }
    }
}

impl Trigger {
    /// Dropping and renaming; making and changing it takes less.
    pub(super) const FACTS: Facts = Facts {
        noun: "trigger",
        keywords: "TRIGGER",
        namespace: Namespace::Table,
        on_table: Some(LockMode::AccessExclusive), securable: None };

    /// Which object its function is: one without arguments.
    pub fn function_id(&self) -> ObjectId {
        ObjectId::new(Kind::Function, self.function.clone())
    }

    /// Everything but when it fires, from its timing on.
    fn write(&self, id: &ObjectId, writer: Writer) -> Writer {
        let mut writer = writer.keyword(self.timing.keywords());
        let events = &self.events;
        let mut is_first = true;
        let mut event = |writer: Writer, is_there: bool, keyword: &'static str| {
            if !is_there {
                return writer;
            }
            writer.keyword_if(!std::mem::take(&mut is_first), "OR").keyword(keyword)
        };
        writer = event(writer, events.insert, "INSERT");
        writer = event(writer, events.delete, "DELETE");
        writer = event(writer, events.update.is_some(), "UPDATE");
        if let Some(columns) = events.update.as_ref().filter(|columns| !columns.is_empty()) {
            writer = writer.keyword("OF").comma_separated(columns, |writer, column| writer.identifier(column));
        }
        writer = event(writer, events.truncate, "TRUNCATE");
        writer = writer.keyword("ON").optional(id.table(), |writer, table| writer.name(&table));
        if let Some(constraint) = &self.constraint {
            writer = writer.optional(constraint.from.as_ref(), |writer, from| writer.keyword("FROM").name(from));
            writer = match constraint.deferral {
                Deferral::NotDeferrable => writer,
                Deferral::InitiallyImmediate => writer.keyword("DEFERRABLE"),
                Deferral::InitiallyDeferred => writer.keyword("DEFERRABLE INITIALLY DEFERRED"),
            };
        }
        writer = writer
            .keyword_if(self.old_table.is_some() || self.new_table.is_some(), "REFERENCING")
            .optional(self.old_table.as_deref(), |writer, name| writer.keyword("OLD TABLE AS").identifier(name))
            .optional(self.new_table.as_deref(), |writer, name| writer.keyword("NEW TABLE AS").identifier(name));
        writer
            .keyword(if self.for_each_row { "FOR EACH ROW" } else { "FOR EACH STATEMENT" })
            .optional(self.condition.as_ref(), |writer, condition| writer.keyword("WHEN").enclosed_expression(condition))
            .keyword("EXECUTE FUNCTION")
            .name(&self.function)
            .arguments(&self.arguments, |writer, argument| writer.literal(argument))
    }

    fn lower_firing(&self, id: &ObjectId, plan: &mut Lowering) {
        let Some(table) = id.table() else { return };
        let writer = Writer::new().keyword("ALTER TABLE").name(&table).keyword(self.firing.keywords());
        plan.sql(writer.keyword("TRIGGER").identifier(&id.name.name).finish())
            .locking(&table, LockMode::ShareRowExclusive);
    }

    fn lower_create(&self, id: &ObjectId, command: &'static str, plan: &mut Lowering) {
        let Some(table) = id.table() else { return };
        let writer = self.write(id, Writer::new().keyword(command).identifier(&id.name.name));
        let added = plan.sql(writer.finish()).locking(&table, LockMode::ShareRowExclusive);
        if let Some(from) = self.constraint.as_ref().and_then(|constraint| constraint.from.as_ref()) {
            added.locking(from, LockMode::AccessShare);
        }
        // Making it and replacing it gives one that fires as usual.
        if !self.firing.is_usual() {
            self.lower_firing(id, plan);
        }
    }

    /// The rest of its definition in words, for a comparison.
    fn told(&self, id: &ObjectId) -> String {
        let canonical = Trigger { condition: None, ..self.clone() };
        let text = canonical.write(id, Writer::new()).finish();
        if self.constraint.is_some() { format!("CONSTRAINT {text}") } else { text }
    }
}

impl Define for Trigger {
    fn note_uses(&self, id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        uses.insert(Used::Object(self.function_id()));
        if let Some(table) = id.table() {
            for column in self.events.update.iter().flatten() {
                uses.insert(Used::Column(table.clone(), column.clone()));
            }
        }
        if let Some(condition) = &self.condition {
            // `old.*` is the whole row, whatever columns it has.
            let mut named = condition.clone();
            named.visit_mut(&mut |part| {
                if let ExpressionKind::Star(_) = part.kind {
                    *part = Expression::null();
                }
            });
            scope.note_expression(&named, uses);
        }
        let from = self.constraint.as_ref().and_then(|constraint| constraint.from.clone());
        uses.extend(from.map(Used::Table));
    }

    fn follow(&mut self, id: &ObjectId, renaming: &Renaming<'_>) {
        if let Some(condition) = &mut self.condition {
            renaming.follow_expression(condition);
        }
        match renaming {
            Renaming::Column { table, from, to, .. } if id.table().as_ref() == Some(*table) => {
                if let Some(columns) = &mut self.events.update
                    && columns.remove(*from)
                {
                    columns.insert((*to).to_owned());
                }
                if let Some(condition) = &mut self.condition {
                    condition.rename_column(from, to);
                }
            }
            Renaming::Relation { from, to } => {
                if let Some(table) = self.constraint.as_mut().and_then(|constraint| constraint.from.as_mut())
                    && table == *from
                {
                    (*to).clone_into(table);
                }
            }
            Renaming::Object { from, to, .. } if **from == self.function_id() => (*to).clone_into(&mut self.function),
            _ => {}
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let is_constraint = self.constraint.is_some();
        self.lower_create(id, if is_constraint { "CREATE CONSTRAINT TRIGGER" } else { "CREATE TRIGGER" }, plan);
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let fires_otherwise = Trigger { firing: to.firing, ..self.clone() };
        if fires_otherwise == *to {
            to.lower_firing(id, plan);
            return true;
        }
        if self.constraint.is_some() || to.constraint.is_some() {
            return false;
        }
        to.lower_create(id, "CREATE OR REPLACE TRIGGER", plan);
        true
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let id = ObjectId::on_table(Kind::Trigger, "", &self.function.sibling(""));
        let mut differences: Vec<_> = [
            compared("definition", Some(&self.told(&id)), Some(&found.told(&id))),
            compared("state", Some(&self.firing.told()), Some(&found.firing.told())),
        ]
        .into_iter()
        .flatten()
        .collect();
        if self.condition.as_ref().map(canonical) != found.condition.as_ref().map(canonical) {
            let told = |condition: &Option<Expression>| condition.as_ref().map(Expression::sql);
            differences.push(("condition", told(&self.condition), told(&found.condition)));
        }
        differences
    }
}
