use std::fmt;

use super::kind::Facts;
use super::{Define, Firing, Namespace, ObjectId, Question, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::expression::{self, Expression, ExpressionKind, canonical};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{LockMode, Lowering};
use crate::query::{Part, PartMut, Statement, canonical_statement, full_name, parse_statement};
use crate::sorted::SortedSet;
use crate::sql::{Writer, lex, quote_literal};
use crate::token::{Bracket, Cursor, SyntaxError};

/// A rule of a table or a view: what is done at a command, or instead of it.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Rule {
    /// The command.
    pub event: RuleEvent,
    /// `WHERE`, over `old` and `new`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Expression>,
    /// Whether the command itself is not done.
    pub is_instead: bool,
    /// What is done.
    pub actions: Vec<RuleAction>,
    /// Whether it is enabled.
    #[serde(default)]
    pub firing: Firing,
}

/// The command that a rule is about. What a view selects is not a rule here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum RuleEvent {
    Insert,
    Update,
    Delete,
}

/// One thing that a rule does.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "there are few of them at a time")]
pub enum RuleAction {
    /// A statement that reads or changes rows; its names are full, but for those of `old` and `new`.
    Statement(Statement),
    /// `NOTIFY channel, 'payload'`
    Notify {
        /// The channel.
        channel: String,
        /// The text that goes with it.
        payload: Option<String>,
    },
}

impl RuleEvent {
    /// All of them.
    pub const ALL: [RuleEvent; 3] = [RuleEvent::Insert, RuleEvent::Update, RuleEvent::Delete];

    /// The word, in lower case.
    pub fn word(self) -> &'static str {
        match self {
            RuleEvent::Insert => "insert",
            RuleEvent::Update => "update",
            RuleEvent::Delete => "delete",
        }
    }

    fn keyword(self) -> &'static str {
        match self {
            RuleEvent::Insert => "INSERT",
            RuleEvent::Update => "UPDATE",
            RuleEvent::Delete => "DELETE",
        }
    }

    /// Whether the command has the row `old` or `new`.
    pub fn has_row(self, name: &str) -> bool {
        match name {
            "old" => self != RuleEvent::Insert,
            "new" => self != RuleEvent::Delete,
            _ => false,
        }
    }
}

impl fmt::Display for RuleEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.keyword().to_lowercase())
    }
}

impl RuleAction {
    /// It in SQL.
    pub fn sql(&self) -> String {
        self.write(Writer::new()).finish()
    }

    fn write(&self, writer: Writer) -> Writer {
        match self {
            RuleAction::Statement(statement) => writer.statement(statement),
            RuleAction::Notify { channel, payload } => writer
                .keyword("NOTIFY")
                .identifier(channel)
                .optional(payload.as_deref(), |writer, payload| writer.comma().literal(payload)),
        }
    }

    /// Takes one, as SQL or as it is written in the language.
    ///
    /// # Errors
    /// What stands there is none.
    pub fn parse(cursor: &mut Cursor<'_>) -> Result<Self, SyntaxError> {
        if !cursor.take_word("notify") {
            return Ok(RuleAction::Statement(parse_statement(cursor)?));
        }
        let Some(channel) = cursor.name_ahead(0).map(str::to_owned) else { return Err(cursor.expected("a channel")) };
        cursor.next();
        let payload = match cursor.take_symbol(',') {
            true => match cursor.peek() {
                crate::token::Token::Text(text) => {
                    let text = text.clone();
                    cursor.next();
                    Some(text)
                }
                _ => return Err(cursor.expected("a text")),
            },
            false => None,
        };
        Ok(RuleAction::Notify { channel, payload })
    }
}

impl Rule {
    pub(super) const FACTS: Facts = Facts {
        noun: "rule",
        keywords: "RULE",
        namespace: Namespace::Table,
        on_table: Some(LockMode::AccessExclusive),
        securable: None,
    };

    /// Takes the condition and what is done: `where ... do instead (...; ...)`.
    ///
    /// # Errors
    /// What stands there is none.
    pub fn parse(event: RuleEvent, cursor: &mut Cursor<'_>) -> Result<Self, SyntaxError> {
        let condition = if cursor.take_word("where") { Some(expression::parse(cursor)?) } else { None };
        if !cursor.take_word("do") {
            return Err(cursor.expected("`do`"));
        }
        let is_instead = cursor.take_word("instead");
        if !is_instead {
            cursor.take_word("also");
        }
        let mut actions = Vec::new();
        if cursor.take_word("nothing") {
        } else if cursor.is_open(Bracket::Round) {
            cursor.take_open(Bracket::Round);
            while !cursor.take_close(Bracket::Round) {
                actions.push(RuleAction::parse(cursor)?);
                if !cursor.take_symbol(';') && !cursor.is_close(Bracket::Round) {
                    return Err(cursor.expected("`;` or `)`"));
                }
            }
        } else {
            actions.push(RuleAction::parse(cursor)?);
        }
        Ok(Rule { event, condition, is_instead, actions, firing: Firing::Usual })
    }

    /// Reads what `pg_get_ruledef` prints.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(text: &str) -> Result<Self, SyntaxError> {
        let tokens = lex(text)?;
        let mut cursor = Cursor::of_sql(&tokens);
        while !cursor.is_at_end() && !cursor.is_words(&["as", "on"]) {
            cursor.next();
        }
        cursor.take_words(&["as", "on"]);
        let event = RuleEvent::ALL.into_iter().find(|event| cursor.take_word(&event.to_string()));
        let Some(event) = event else { return Err(cursor.expected("the command")) };
        while !cursor.is_at_end() && !cursor.is_word("where") && !cursor.is_word("do") {
            cursor.next();
        }
        let rule = Rule::parse(event, &mut cursor)?;
        cursor.take_symbol(';');
        if cursor.is_at_end() { Ok(rule) } else { Err(cursor.expected("the end of the rule")) }
    }

    /// The statements among what is done.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.actions.iter().filter_map(|action| match action {
            RuleAction::Statement(statement) => Some(statement),
            RuleAction::Notify { .. } => None,
        })
    }

    fn write(&self, writer: Writer, table: &QualifiedName) -> String {
        let writer = writer
            .keyword("AS ON")
            .keyword(self.event.keyword())
            .keyword("TO")
            .name(table)
            .optional(self.condition.as_ref(), |writer, condition| {
                writer.keyword("WHERE").enclosed_expression(condition)
            })
            .keyword(if self.is_instead { "DO INSTEAD" } else { "DO ALSO" });
        let writer = match self.actions.as_slice() {
            [] => writer.keyword("NOTHING"),
            [one] => one.write(writer),
            several => writer.parenthesized(|writer| {
                let mut writer = writer;
                for (index, action) in several.iter().enumerate() {
                    if index > 0 {
                        writer = writer.semicolon();
                    }
                    writer = action.write(writer);
                }
                writer
            }),
        };
        writer.finish()
    }

    fn lower_firing(&self, id: &ObjectId, plan: &mut Lowering) {
        let Some(table) = id.table() else { return };
        let keywords = match self.firing {
            Firing::Usual => "ENABLE RULE",
            Firing::Always => "ENABLE ALWAYS RULE",
            Firing::Replica => "ENABLE REPLICA RULE",
            Firing::Disabled => "DISABLE RULE",
        };
        let writer = Writer::new().keyword("ALTER TABLE").name(&table).keyword(keywords).identifier(&id.name.name);
        plan.sql(writer.finish()).locking(&table, LockMode::AccessExclusive);
    }

    fn lower(&self, words: &'static str, id: &ObjectId, plan: &mut Lowering) {
        let Some(table) = id.table() else { return };
        let sql = self.write(Writer::new().keyword(words).identifier(&id.name.name), &table);
        let mut added = plan.sql(sql).locking(&table, LockMode::AccessExclusive);
        let targets: SortedSet<QualifiedName> =
            self.statements().filter_map(Statement::target).map(|target| full_name(&target.name)).collect();
        for target in targets.iter().filter(|target| **target != table) {
            added = added.locking_only(target, LockMode::RowExclusive);
        }
    }

    /// `new.total` where the table has that column.
    fn note_rows(&self, table: &QualifiedName, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        let columns = scope.catalog.column_names(table);
        let mut note = |parts: &[String]| match parts {
            [row, column] if is_row(row) => {
                uses.insert(Used::Column(table.clone(), column.clone()));
            }
            [row] if is_row(row) => {
                uses.extend(columns.iter().map(|column| Used::Column(table.clone(), column.clone())));
            }
            _ => {}
        };
        for statement in self.statements() {
            statement.walk(&mut |part| {
                if let Part::Expression(expression) = part
                    && let ExpressionKind::Name(parts) | ExpressionKind::Star(parts) = &expression.kind
                {
                    note(parts);
                }
            });
        }
    }

    fn told_actions(&self) -> String {
        let told = self.actions.iter().map(|action| match action {
            RuleAction::Statement(statement) => canonical_statement(statement).to_string(),
            RuleAction::Notify { .. } => action.sql(),
        });
        let word = if self.is_instead { "instead" } else { "also" };
        match self.actions.is_empty() {
            true => format!("{word} nothing"),
            false => format!("{word} {}", told.collect::<Vec<_>>().join("; ")),
        }
    }
}

fn is_row(name: &str) -> bool {
    matches!(name, "old" | "new")
}


impl Define for Rule {
    fn note_uses(&self, id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        if let Some(condition) = &self.condition {
            scope.note_expression(condition, uses);
        }
        for statement in self.statements() {
            statement.note_uses(scope, uses);
        }
        if let Some(table) = id.table() {
            self.note_rows(&table, scope, uses);
        }
    }

    fn follow(&mut self, id: &ObjectId, renaming: &Renaming<'_>) {
        let of = id.table();
        if let Some(condition) = &mut self.condition {
            renaming.follow_condition(condition, of.as_ref());
        }
        for action in &mut self.actions {
            if let RuleAction::Statement(statement) = action {
                statement.follow(renaming);
            }
        }
        if let Renaming::Column { table, from, to, .. } = renaming
            && of.as_ref() == Some(*table)
        {
            self.walk_mut(&mut |part| {
                if let PartMut::Expression(expression) = part
                    && let ExpressionKind::Name(parts) = &mut expression.kind
                    && let [row, column] = parts.as_mut_slice()
                    && is_row(row)
                    && column == from
                {
                    (*to).clone_into(column);
                }
            });
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        self.lower("CREATE RULE", id, plan);
        if self.firing != Firing::Usual {
            self.lower_firing(id, plan);
        }
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let moved = Rule { firing: to.firing, ..self.clone() };
        // Replacing it keeps its state.
        if moved != *to {
            to.lower("CREATE OR REPLACE RULE", id, plan);
        }
        if self.firing != to.firing {
            to.lower_firing(id, plan);
        }
        true
    }

    fn walk_mut(&mut self, change: &mut dyn FnMut(PartMut<'_>)) {
        if let Some(condition) = &mut self.condition {
            condition.walk_mut(change);
        }
        for action in &mut self.actions {
            if let RuleAction::Statement(statement) = action {
                statement.walk_mut(change);
            }
        }
    }

    fn question(&self, id: &ObjectId) -> Option<Question> {
        let table = id.table()?;
        let scratch = QualifiedName::in_schema("pg_temp", table.name.clone());
        let like = Writer::new()
            .keyword("CREATE TEMPORARY TABLE")
            .name(&scratch)
            .parenthesized(|writer| writer.keyword("LIKE").name(&table));
        let name = Writer::new().name(&scratch).finish();
        let rule = self.write(Writer::new().keyword("CREATE RULE").identifier(&id.name.name), &scratch);
        Some(Question {
            commands: vec![like.finish(), rule],
            answer: format!(
                "SELECT pg_catalog.pg_get_ruledef(oid) FROM pg_catalog.pg_rewrite WHERE ev_class = {}::pg_catalog.regclass",
                quote_literal(&name)
            ),
        })
    }

    fn answered(&mut self, printed: &str) -> Result<(), String> {
        let read = Rule::read(printed).map_err(|error| error.message)?;
        *self = Rule { firing: self.firing, ..read };
        Ok(())
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let condition = |rule: &Rule| rule.condition.as_ref().map(|condition| canonical(condition).to_string());
        [
            compared("command", Some(&self.event), Some(&found.event)),
            compared("condition", condition(self).as_ref(), condition(found).as_ref()),
            compared("actions", Some(&self.told_actions()), Some(&found.told_actions())),
            compared("state", Some(&self.firing.told()), Some(&found.firing.told())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_prints_is_read() {
        let text = "CREATE RULE r AS\n    ON UPDATE TO public.t\n   WHERE (old.a IS DISTINCT FROM new.a) DO INSTEAD \
            ( INSERT INTO public.log (a) VALUES (new.a);\n NOTIFY changed, 'x';\n);";
        let rule = Rule::read(text).unwrap();
        assert_eq!((rule.event, rule.is_instead, rule.actions.len()), (RuleEvent::Update, true, 2));
        let nothing = Rule::read("CREATE RULE r AS ON DELETE TO public.t DO INSTEAD NOTHING;").unwrap();
        assert!(nothing.actions.is_empty() && nothing.condition.is_none());
    }
}
