//! `alter index bookings_user_id_idx rename to bookings_by_user;`, `alter index bookings_by_user { set (fillfactor = 70), alter 1 set statistics 500 }`

use migrate_core::catalog::Index;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{RenameIndex, SetIndexSettings};
use migrate_core::sorted::SortedMap;
use migrate_core::token::{At, Bracket, Token};

use super::Item;
use crate::check::Checker;
use crate::clause::{index_parameters, parse_index_parameters, parse_storage_of_any_index, reset_parameters};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["alter", "index"]];

pub(super) struct AlterIndex {
    name: Spanned<QualifiedName>,
    actions: Vec<(Action, At)>,
}

enum Action {
    Rename(Name),
    Set(Vec<(Name, String)>),
    Reset(Vec<Name>),
    /// The place of a key, and what it becomes; `None` is the default.
    Statistics(Spanned<u16>, Option<i32>),
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<AlterIndex> {
    let name = parser.qualified_name("the index")?;
    let actions = match parser.cursor.is_open(Bracket::Curly) {
        true => parser.body(parse_action)?,
        false => vec![parse_action(parser)?],
    };
    Ok(AlterIndex { name, actions })
}

fn parse_action(parser: &mut Parser<'_>) -> Parsed<(Action, At)> {
    let start = parser.cursor.index();
    for (words, help) in [
        (
            ["attach", "partition"],
            "remove it: `create index` on the partitioned table, and `attach partition` of a table, attach the indexes of partitions",
        ),
        (
            ["set", "tablespace"],
            "remove it, and move the index by hand: tablespaces are the server's, and not part of a migration",
        ),
    ] {
        if parser.cursor.is_words(&words) {
            let headline = format!("unexpected `{}`", words.join(" "));
            return Err(Diagnostic::new(code::SYNTAX, headline, parser.cursor.at()).help(help));
        }
    }
    let action = if parser.cursor.take_words(&["rename", "to"]) {
        Action::Rename(parser.name("the new name")?)
    } else if parser.cursor.take_word("set") {
        Action::Set(parse_storage_of_any_index(parser)?)
    } else if parser.cursor.take_word("reset") {
        Action::Reset(parse_index_parameters(parser)?)
    } else if parser.cursor.take_word("alter") {
        let (at, place) = (parser.cursor.at(), parser.cursor.peek().clone());
        let Some(place) = number(&place) else { return parser.expected("the place of a key, from 1") };
        parser.cursor.next();
        if !parser.cursor.take_words(&["set", "statistics"]) {
            return parser.expected("`set statistics`");
        }
        let target = parser.cursor.peek().clone();
        let target = match (parser.cursor.is_word("default"), number(&target)) {
            (true, _) => None,
            (false, Some(target)) if target <= 10_000 => Some(i32::from(target)),
            _ => return parser.expected("a number up to 10000, or `default`"),
        };
        parser.cursor.next();
        Action::Statistics(Spanned { value: place, at }, target)
    } else {
        return parser.expected("`rename to`, `set`, `reset` or `alter`");
    };
    Ok((action, parser.cursor.since(start)))
}

fn number(token: &Token) -> Option<u16> {
    match token {
        Token::Number(digits) => digits.parse().ok(),
        _ => None,
    }
}

impl Item for AlterIndex {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`alter index`");
        let mut name = self.name.clone();
        for (action, at) in &self.actions {
            let of_constraint = checker.constraint_with_index(&name.value);
            if let (Action::Rename(to), Some((table, _))) = (action, &of_constraint) {
                let Some(definition) = checker.catalog().tables.get(table).cloned() else { return };
                let from = (name.value.name.as_str(), name.at);
                if !checker.rename_constraint(table, &definition, from, to, true) {
                    return;
                }
                name.value.name.clone_from(&to.value);
                continue;
            }
            let is_of_constraint = of_constraint.is_some();
            let Some((table, index)) = of_constraint.or_else(|| checker.index(&name)) else { return };
            if let Action::Rename(to) = action {
                let target = Spanned { value: table.sibling(to.value.clone()), at: to.at };
                if !checker.name_fits(to) || !checker.relation_name_is_free(&target, code::DUPLICATE_INDEX) {
                    return;
                }
                let from = name.value.name.clone();
                checker.emit(RenameIndex { table, from, to: to.value.clone() }, name.at);
                name.value.name.clone_from(&to.value);
                continue;
            }
            match action.settings(&name.value, &index) {
                Ok((_, statistics)) if is_of_constraint && statistics != index.statistics => {
                    let headline = "statistics targets of an exclusion constraint are not supported";
                    let mistake = Diagnostic::new(code::INVALID_DEFINITION, headline, *at);
                    checker.report(mistake.help("write it as raw SQL: `sql \"...\"`"));
                }
                Ok((parameters, statistics)) => {
                    let name = name.value.name.clone();
                    checker.emit(SetIndexSettings { table, name, parameters, statistics }, *at);
                }
                Err(mistake) => checker.report(*mistake),
            }
        }
    }
}

type Settings = (SortedMap<String, String>, SortedMap<u16, i32>);

impl Action {
    /// What the index has after it.
    fn settings(&self, name: &QualifiedName, index: &Index) -> Result<Settings, Box<Diagnostic>> {
        let (mut parameters, mut statistics) = (index.parameters.clone(), index.statistics.clone());
        match self {
            Action::Rename(_) => {}
            Action::Set(set) => {
                let known = index_parameters(&index.method);
                let is_unknown = |name: &Name| known.is_some_and(|known| !known.contains(&name.value.as_str()));
                if let Some((unknown, _)) = set.iter().find(|(name, _)| is_unknown(name)) {
                    let message = format!("cannot find storage parameter `{}` of `{}`", unknown.value, index.method);
                    let names = known.unwrap_or_default().iter().copied();
                    let help = choices(&unknown.value, names.collect::<Vec<_>>(), "storage parameters");
                    let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, unknown.at);
                    return Err(Box::new(mistake.maybe_help(help)));
                }
                parameters.extend(set.iter().map(|(name, value)| (name.value.clone(), value.clone())));
            }
            Action::Reset(names) => reset_parameters(names, &mut parameters, &format!("index `{name}`"))?,
            Action::Statistics(place, target) => {
                let wrong = |text: String| Diagnostic::new(code::INVALID_DEFINITION, text, place.at);
                let key = usize::from(place.value).checked_sub(1).and_then(|at| index.keys.get(at));
                let Some(key) = key else {
                    let keys = index.keys.len();
                    let noun = if keys == 1 { "key" } else { "keys" };
                    return Err(Box::new(wrong(format!("index `{name}` has {keys} {noun}"))));
                };
                if let Some(column) = key.column() {
                    let mistake = wrong(format!("key {} of index `{name}` is a column, not an expression", place.value));
                    let help = format!("set the target of the column: `alter table ... {{ alter {column} set statistics ... }}`");
                    return Err(Box::new(mistake.help(help)));
                }
                match target {
                    Some(target) => statistics.insert(place.value, *target),
                    None => statistics.remove(&place.value),
                };
            }
        }
        Ok((parameters, statistics))
    }
}
