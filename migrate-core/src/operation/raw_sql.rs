use std::borrow::Cow;

use super::made_by_hand::{made_by_hand, renamed_by_hand, row_security_by_hand};
use super::{Inverse, Operate, Operation, SetIdentity, Touched};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::Kind;
use crate::plan::{Duration, Lowering};
use crate::sql::{Writer, lex};
use crate::token::{Cursor, Token};

/// SQL that the language has no words for. Each command is a statement of its own.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RawSql {
    /// The commands, without semicolons.
    pub commands: Vec<String>,
    /// Its effect on the catalog, as declared in the source: folded, never lowered.
    pub changes: Vec<Operation>,
}

impl RawSql {
    /// Advances the catalog for the changes after this one. Behind the last one nobody looks: then nothing is copied.
    fn follow(&self, change: &Operation, catalog: &mut Cow<'_, Catalog>) {
        if !self.changes.last().is_some_and(|last| std::ptr::eq(last, change)) {
            change.apply(catalog.to_mut());
        }
    }
}

impl RawSql {
    /// The sequences of identities that have another name after it, under the name that they had.
    pub fn renamed_sequences(&self, before: &Catalog) -> Vec<QualifiedName> {
        let renamed = self.commands.iter().filter_map(|command| renamed_by_hand(command));
        renamed.map(|(from, _)| from).filter(|from| before.owner_of_identity(from).is_some()).collect()
    }
}

impl Operate for RawSql {
    fn apply(&self, catalog: &mut Catalog) {
        for change in &self.changes {
            change.apply(catalog);
        }
        for (table, enabled, forced) in self.commands.iter().filter_map(|command| row_security_by_hand(command)) {
            if (enabled, forced) != (None, None)
                && let Some(table) = catalog.table_mut(&table)
            {
                let before = table.row_security;
                table.row_security.is_enabled = enabled.unwrap_or(before.is_enabled);
                table.row_security.is_forced = forced.unwrap_or(before.is_forced);
            }
        }
        for (from, to) in self.commands.iter().filter_map(|command| renamed_by_hand(command)) {
            if let Some(rename) = SetIdentity::renaming(catalog, &from, to) {
                rename.apply(catalog);
            }
        }
        catalog.grants_by_hand |= self.commands.iter().any(|command| command.to_lowercase().contains("grant"));
        for (kind, name) in self.commands.iter().filter_map(|command| made_by_hand(command)) {
            let is_declared = catalog.objects.keys().any(|id| id.kind == kind && id.name == name);
            if !is_declared {
                catalog.by_hand.insert((kind, name));
            }
        }
    }

    /// The declared effect is undone by operations of the language; without one, nobody knows what happened.
    fn invert(&self, before: &Catalog) -> Inverse {
        if self.changes.is_empty() {
            return Inverse::NotDerivable { why: "it is not known what the raw SQL does".into() };
        }
        let mut catalog = Cow::Borrowed(before);
        let mut inverses = Vec::new();
        let mut lost = Vec::new();
        for change in &self.changes {
            match change.invert(&catalog) {
                Inverse::Operations { operations, loses } => {
                    inverses.push(operations);
                    lost.extend(loses);
                }
                not_derivable => return not_derivable,
            }
            self.follow(change, &mut catalog);
        }
        let operations = inverses.into_iter().rev().flatten().collect();
        lost.into_iter().fold(Inverse::operations(operations), Inverse::losing)
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        for command in &self.commands {
            let added = plan.sql(Writer::new().raw(command).finish()).by_hand().taking(Duration::Unknown);
            match transaction_need(command) {
                Need::Alone => added.alone(),
                Need::Commit => added.committed_before_use(),
                Need::Nothing => added.apart_from_locks(),
            };
        }
        for change in &self.changes {
            match change {
                Operation::CreateTable(create) => plan.note_new_table(&create.name),
                Operation::CreateObject(create) if create.id.kind == Kind::MaterializedView => {
                    plan.note_new_table(&create.id.name);
                }
                Operation::RenameTable(rename) => {
                    plan.note_renamed_table(&rename.from, &rename.from.sibling(&rename.to));
                }
                _ => {}
            }
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        if self.changes.is_empty() {
            return touched.anything();
        }
        let mut catalog = Cow::Borrowed(before);
        for change in &self.changes {
            change.touch(&catalog, touched);
            self.follow(change, &mut catalog);
        }
        touched.anything();
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        if self.changes.is_empty() {
            return Vec::new();
        }
        let mut catalog = Cow::Borrowed(before);
        let mut broken = Vec::new();
        for change in &self.changes {
            broken.extend(change.breaks(&catalog));
            self.follow(change, &mut catalog);
        }
        broken
    }
}

/// What a command asks of its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Nothing.
    Nothing,
    /// That there is none.
    Alone,
    /// That it ends before the next command.
    Commit,
}

/// The beginnings of commands that PostgreSQL refuses in a transaction (`PreventInTransactionBlock`).
const NEVER_IN_A_TRANSACTION: &[&[&str]] = &[
    &["vacuum"],
    &["alter", "system"],
    &["create", "database"],
    &["drop", "database"],
    &["alter", "database"],
    &["create", "tablespace"],
    &["drop", "tablespace"],
    &["create", "subscription"],
    &["drop", "subscription"],
    &["alter", "subscription"],
    &["reindex", "database"],
    &["reindex", "schema"],
    &["reindex", "system"],
    &["discard", "all"],
];

fn transaction_need(command: &str) -> Need {
    let Ok(tokens) = lex(command) else { return Need::Nothing };
    let words = |words: &[&str]| Cursor::new(&tokens).is_words(words);
    let holds = |word: &str| tokens.iter().any(|token| matches!(token, Token::Word(found) if found == word));
    let is_bare_cluster = words(&["cluster"]) && tokens.len() == 1;
    if holds("concurrently") || is_bare_cluster || NEVER_IN_A_TRANSACTION.iter().any(|start| words(start)) {
        Need::Alone
    } else if words(&["alter", "type"]) && holds("add") && holds("value") {
        Need::Commit
    } else {
        Need::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn commands_that_cannot_be_in_a_transaction_are_alone() {
        assert_eq!(
            lowered(
                &catalog(),
                RawSql {
                    commands: strings(&[
                        "create view v as select 1",
                        "refresh materialized view concurrently m",
                        "alter type status add value 'x'",
                        "select 'x'"
                    ]),
                    changes: Vec::new()
                }
            ),
            [
                "-- transaction",
                "create view v as select 1",
                "-- alone",
                "refresh materialized view concurrently m",
                "-- transaction",
                "alter type status add value 'x'",
                "-- transaction",
                "select 'x'",
            ]
        );
    }

    #[test]
    fn a_declared_effect_is_folded_and_undone() {
        let raw = RawSql {
            commands: strings(&["ALTER TABLE users ADD COLUMN a text, ADD COLUMN b text"]),
            changes: ["a", "b"]
                .map(|added| super::super::AddColumn { table: name("users"), column: column(added, "text?") }.into())
                .into(),
        };
        assert!(assert_undone(&catalog(), raw).is_empty());
        let unknown = RawSql { commands: strings(&["select 1"]), changes: Vec::new() };
        assert_eq!(why_not_derivable(&catalog(), unknown), "it is not known what the raw SQL does");
    }

    #[test]
    fn the_need_of_a_command_is_seen_in_its_words() {
        for (command, need) in [
            ("VACUUM FULL t", Need::Alone),
            ("CREATE INDEX CONCURRENTLY i ON t (a)", Need::Alone),
            ("alter system set x = 1", Need::Alone),
            ("CLUSTER", Need::Alone),
            ("CLUSTER t", Need::Nothing),
            ("ALTER TYPE t ADD VALUE 'x'", Need::Commit),
            ("select 'concurrently'", Need::Nothing),
            ("select $$ unfinished", Need::Nothing),
        ] {
            assert_eq!(transaction_need(command), need, "{command}");
        }
    }
}
