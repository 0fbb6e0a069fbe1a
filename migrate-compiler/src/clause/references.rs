//! Foreign keys: what a table and columns reference, and what happens to the rows then.

use migrate_core::catalog::{Deferral, ForeignKey, ReferentialAction, Table};
use migrate_core::name::QualifiedName;
use migrate_core::token::{At, Bracket};

use super::constraint::{check_columns, parse_deferral};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};

/// A foreign key.
pub(crate) struct References {
    pub(crate) columns: Vec<Name>,
    pub(crate) table: Spanned<QualifiedName>,
    pub(crate) referenced: Vec<Name>,
    pub(crate) on_delete: ReferentialAction,
    pub(crate) on_update: ReferentialAction,
    pub(crate) action_at: At,
    /// The columns that `on delete` sets, where they are named.
    action_columns: Vec<Name>,
    pub(crate) match_full: bool,
    pub(crate) deferral: Deferral,
}

impl References {
    /// What follows the word `references`.
    pub(super) fn parse(parser: &mut Parser<'_>, columns: Vec<Name>) -> Parsed<References> {
        let table = parser.qualified_name("the referenced table")?;
        let referenced = if parser.cursor.is_open(Bracket::Round) { parser.name_list("a column")? } else { Vec::new() };
        let mut references = References {
            columns,
            action_at: table.at,
            action_columns: Vec::new(),
            table,
            referenced,
            on_delete: ReferentialAction::NoAction,
            on_update: ReferentialAction::NoAction,
            match_full: false,
            deferral: Deferral::NotDeferrable,
        };
        let (mut has_delete, mut has_update) = (false, false);
        loop {
            let start = parser.cursor.index();
            let twice = |parser: &Parser<'_>, what: &str| {
                Diagnostic::new(
                    code::DUPLICATE_CLAUSE,
                    format!("`{what}` is given more than once"),
                    parser.cursor.since(start),
                )
                .help("remove one of them")
            };
            if parser.cursor.take_words(&["on", "delete"]) {
                if std::mem::replace(&mut has_delete, true) {
                    return Err(twice(parser, "on delete"));
                }
                match parse_action(parser)? {
                    Some((action, columns)) => (references.on_delete, references.action_columns) = (action, columns),
                    None => return parser.expected("`cascade`, `restrict`, `set null`, `set default` or `no action`"),
                }
                references.action_at = parser.cursor.since(start);
            } else if parser.cursor.take_words(&["on", "update"]) {
                match parse_action(parser)? {
                    Some(_) if std::mem::replace(&mut has_update, true) => return Err(twice(parser, "on update")),
                    Some((action, _)) => references.on_update = action,
                    None => {
                        // `on update now()` is an option of the column.
                        parser.cursor.go_to(start);
                        break;
                    }
                }
                references.action_at = parser.cursor.since(start);
            } else if parser.cursor.take_words(&["match", "full"]) {
                references.match_full = true;
            } else if !parser.cursor.take_words(&["match", "simple"]) {
                break;
            }
        }
        references.deferral = parse_deferral(parser)?;
        Ok(references)
    }

    /// Looks up what it references; reports the constraint, whose place is given, where that cannot be.
    pub(super) fn check(
        &self,
        table_name: &QualifiedName,
        table: &Table,
        at: At,
        checker: &mut Checker<'_>,
    ) -> Option<ForeignKey> {
        let columns = check_columns(&self.columns, table_name, table, checker);
        let target_name = &self.table.value;
        let is_known = target_name == table_name || checker.catalog().tables.contains_key(target_name);
        let is_made_by_hand = checker.state.undeclared.made(target_name).is_some_and(|maker| maker.is_declarable);
        if !is_known && is_made_by_hand && !self.referenced.is_empty() {
            return self.to_undeclared(columns?, at, checker);
        }
        let other_table;
        let target: &Table = if target_name == table_name {
            table
        } else {
            if !is_known && checker.state.later.contains(target_name) {
                let list = self.columns.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(", ");
                checker.report(
                    Diagnostic::new(
                        code::UNKNOWN_TABLE,
                        format!("table `{target_name}` is created later in this migration"),
                        self.table.at,
                    )
                    .help(format!("move `create table {target_name}` up"))
                    .help(format!(
                        "or, if they reference each other, write `alter table {table_name} {{ add foreign key ({list}) references \
                         {target_name} }}` after both"
                    )),
                );
                return None;
            }
            other_table = checker.table(&self.table)?;
            &other_table
        };
        let broken = &checker.state.broken;
        if broken.is_incomplete(target_name) {
            return None;
        }
        let other_keys = checker.state.undeclared.keys_of(target_name).cloned();
        let referenced: Vec<Name> = if self.referenced.is_empty() {
            match (target.primary_key(), &other_keys) {
                (Some((_, key)), _) => {
                    key.columns.iter().map(|name| Name { value: name.clone(), at: self.table.at }).collect()
                }
                (None, Some(maker)) => {
                    let what = format!("the primary key of table `{target_name}` is");
                    let declaration = format!("alter table {target_name} {{ add primary key (...) }}");
                    let mistake = checker.undeclared(&what, maker, &declaration, self.table.at);
                    checker.report(mistake.help(format!("or give its columns: `references {target_name} (column)`")));
                    return None;
                }
                (None, None) => {
                    checker.report(
                        Diagnostic::new(
                            code::FOREIGN_KEY_TARGET,
                            format!("cannot reference table `{target_name}`, because it has no primary key"),
                            self.table.at,
                        )
                        .help(format!("give the columns of a unique constraint: `references {target_name} (column)`")),
                    );
                    return None;
                }
            }
        } else {
            self.referenced.clone()
        };
        let referenced_names = check_columns(&referenced, target_name, target, checker)?;
        let columns = columns?;
        if !are_as_many(&columns, &referenced_names, at, checker) {
            return None;
        }
        let mut good = true;
        if !target.has_unique_key(&referenced_names) && other_keys.is_none() {
            good = false;
            let list = referenced_names.join(", ");
            let mut mistake = Diagnostic::new(
                code::FOREIGN_KEY_TARGET,
                format!("cannot reference `{target_name} ({list})`, because there is no unique constraint on it"),
                referenced.first().map_or(self.table.at, |name| name.at),
            );
            if let Some((_, key)) = target.primary_key() {
                mistake = mistake.note(format!("the primary key of `{target_name}` is ({})", key.columns.join(", ")));
            }
            checker.report(
                mistake.help(format!("reference the primary key, or add `unique ({list})` to `{target_name}` first")),
            );
        }
        let is_referable = good;
        for (name, target_column) in self.columns.iter().zip(&referenced_names).filter(|_| is_referable) {
            let (Some(from), Some(to)) = (table.column(&name.value), target.column(target_column)) else { continue };
            // Of types of one's own the operators tell.
            let is_refused = from
                .data_type
                .can_reference(&to.data_type)
                .map_or_else(|| good && !checker.can_reference(&from.data_type, &to.data_type), |can| !can);
            if is_refused {
                good = false;
                let mut mistake = Diagnostic::new(
                    code::FOREIGN_KEY_TYPE,
                    format!(
                        "`{}` is of type `{}`, but `{target_name}.{target_column}` is of type `{}`",
                        name.value, from.data_type, to.data_type
                    ),
                    name.at,
                )
                .help(format!("write `{}: {}`", name.value, to.data_type));
                if let Some(line) = checker
                    .state
                    .made_in(&format!("`{target_name}`"), &crate::check::Origin::Table(target_name.clone()))
                {
                    mistake = mistake.note(line);
                }
                checker.report(mistake);
            }
        }
        good &= self.check_actions(checker);
        let key = self.foreign_key(columns, referenced_names);
        if let Some((hazard, text)) = key.impossible_action(table) {
            // Those of the operation are told where the table is named.
            good &= checker.hazard(hazard, text, self.action_at);
        }
        good.then_some(key)
    }

    /// A foreign key to a table that only raw SQL may have made: PostgreSQL needs no more than the names.
    fn to_undeclared(&self, columns: Vec<String>, at: At, checker: &mut Checker<'_>) -> Option<ForeignKey> {
        let referenced: Vec<String> = self.referenced.iter().map(|name| name.value.clone()).collect();
        let are_good = are_as_many(&columns, &referenced, at, checker);
        (are_good & self.check_actions(checker)).then(|| self.foreign_key(columns, referenced))
    }

    /// What the actions themselves may not say. What they do to the rows is a hazard of the foreign key.
    fn check_actions(&self, checker: &mut Checker<'_>) -> bool {
        let list_of = |action: &ReferentialAction| match action {
            ReferentialAction::SetNull(list) | ReferentialAction::SetDefault(list) => !list.is_empty(),
            _ => false,
        };
        let (on_delete, on_update) = (list_of(&self.on_delete), list_of(&self.on_update));
        if on_delete || on_update {
            checker.needs_postgres(15, "a column list after `set null` or `set default`", self.action_at);
        }
        if on_update {
            checker.report(Diagnostic::new(
                code::FOREIGN_KEY_ACTION,
                "a column list is only allowed with `on delete`",
                self.action_at,
            ));
        }
        let is_outside = |name: &&Name| self.columns.iter().all(|column| column.value != name.value);
        let outside = self.action_columns.iter().find(is_outside).filter(|_| !self.columns.is_empty());
        if let Some(name) = outside {
            let message = format!("column `{}` is not one of the foreign key, so its action cannot set it", name.value);
            let known = self.columns.iter().map(|column| column.value.as_str());
            let mistake = Diagnostic::new(code::FOREIGN_KEY_ACTION, message, name.at);
            checker.report(mistake.maybe_help(choices(&name.value, known, "columns")));
        }
        !on_update && outside.is_none()
    }

    fn foreign_key(&self, columns: Vec<String>, referenced: Vec<String>) -> ForeignKey {
        ForeignKey {
            columns,
            table: self.table.value.clone(),
            referenced,
            on_delete: self.on_delete.clone(),
            on_update: self.on_update.clone(),
            match_full: self.match_full,
            deferral: self.deferral,
        }
    }
}

/// Whether each column references one; reports it where not.
fn are_as_many(columns: &[String], referenced: &[String], at: At, checker: &mut Checker<'_>) -> bool {
    if columns.len() == referenced.len() {
        return true;
    }
    checker.report(Diagnostic::new(
        code::INVALID_DEFINITION,
        format!("number of referencing and referenced columns differs: {} and {}", columns.len(), referenced.len()),
        at,
    ));
    false
}

/// Takes an action, with the columns that it names.
fn parse_action(parser: &mut Parser<'_>) -> Parsed<Option<(ReferentialAction, Vec<Name>)>> {
    let list = |parser: &mut Parser<'_>| match parser.cursor.is_open(Bracket::Round) {
        true => parser.name_list("a column"),
        false => Ok(Vec::new()),
    };
    let written = |names: &[Name]| names.iter().map(|name| name.value.clone()).collect();
    let action = if parser.cursor.take_word("cascade") {
        ReferentialAction::Cascade
    } else if parser.cursor.take_word("restrict") {
        ReferentialAction::Restrict
    } else if parser.cursor.take_words(&["no", "action"]) {
        ReferentialAction::NoAction
    } else if parser.cursor.take_words(&["set", "null"]) {
        let names = list(parser)?;
        return Ok(Some((ReferentialAction::SetNull(written(&names)), names)));
    } else if parser.cursor.take_words(&["set", "default"]) {
        let names = list(parser)?;
        return Ok(Some((ReferentialAction::SetDefault(written(&names)), names)));
    } else {
        return Ok(None);
    };
    Ok(Some((action, Vec::new())))
}
