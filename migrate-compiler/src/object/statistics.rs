//! `create statistics by_place (dependencies) on city, zip, (lower(street)) from addresses;`

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, Object, ObjectId, Statistics, StatisticsKind};
use migrate_core::token::{At, Bracket, Token};

use super::{Action, Write, Written};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedSet;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, bracketed, name, qualified};

pub(super) struct Syntax;

struct Clauses {
    kinds: Option<SortedSet<StatisticsKind>>,
    keys: Vec<Key>,
    table: Spanned<QualifiedName>,
}

enum Key {
    Column(Name),
    Expression(Spanned<Expression>),
}

struct SetTarget {
    target: Option<u32>,
    at: At,
}

/// The highest number of entries (PostgreSQL manual, ALTER STATISTICS).
const HIGHEST_TARGET: u32 = 10_000;

impl Write for Syntax {
    const KIND: Kind = Kind::Statistics;
    const ACTIONS: &'static [&'static str] = &["set statistics"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let kinds = match parser.cursor.is_open(Bracket::Round) {
            true => Some(parse_kinds(parser)?),
            false => None,
        };
        parser.word("on")?;
        let mut keys = vec![parse_key(parser)?];
        while parser.cursor.take_symbol(',') {
            keys.push(parse_key(parser)?);
        }
        parser.word("from")?;
        let table = parser.qualified_name("the table")?;
        Ok(Box::new(Clauses { kinds, keys, table }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        if !parser.cursor.take_words(&["set", "statistics"]) {
            return Ok(None);
        }
        let target = match parser.cursor.take_word("default") {
            true => None,
            false => Some(parser.number("a number, or `default`")?),
        };
        if let Some(target) = target.as_ref().filter(|target| target.value > HIGHEST_TARGET) {
            let headline = format!("the statistics target `{}` is too high", target.value);
            return Err(Diagnostic::new(code::INVALID_DEFINITION, headline, target.at)
                .help(format!("write a number up to {HIGHEST_TARGET}")));
        }
        let target = target.map(|target| target.value);
        Ok(Some(Box::new(SetTarget { target, at: parser.cursor.since(start) })))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::Statistics(statistics) = definition else { return Err(not_of_kind(id)) };
        let mut written = format!("statistics {}", qualified(&id.name));
        let is_whole = statistics.kinds.is_empty() || statistics.kinds == SortedSet::from(StatisticsKind::ALL);
        if !is_whole {
            let kinds: Vec<&str> = statistics.kinds.iter().map(|kind| kind.word()).collect();
            written.push_str(&format!(" ({})", kinds.join(", ")));
        }
        let keys: Vec<String> = (statistics.keys.iter())
            .map(|key| match key.as_name() {
                Some(column) => Ok(name(column)),
                None => bracketed(key, catalog),
            })
            .collect::<Printed<_>>()?;
        written.push_str(&format!(" on {} from {}", keys.join(", "), qualified(&statistics.table)));
        Ok(written)
    }

    #[cfg(feature = "print")]
    fn as_made(definition: &Definition, _: &Catalog) -> Definition {
        match definition {
            Definition::Statistics(statistics) => Statistics { target: None, ..statistics.clone() }.into(),
            other => other.clone(),
        }
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let Definition::Statistics(statistics) = after else { return Err(not_of_kind(id)) };
        if Self::as_made(before, catalog) != Self::as_made(after, catalog) {
            let what = format!("a change of {}", id.told());
            return Err(Unprintable::new(what, "it must be dropped and created again"));
        }
        let target = statistics.target.map_or_else(|| "default".to_owned(), |target| target.to_string());
        Ok(vec![super::action(id, format!("set statistics {target}"))])
    }
}

fn parse_kinds(parser: &mut Parser<'_>) -> Parsed<SortedSet<StatisticsKind>> {
    let mut kinds = SortedSet::new();
    for name in parser.name_list("a kind of statistics")? {
        match StatisticsKind::ALL.into_iter().find(|kind| kind.word() == name.value) {
            Some(kind) => kinds.insert(kind),
            None => {
                let words = StatisticsKind::ALL.iter().map(|kind| kind.word());
                let headline = format!("cannot find the kind of statistics `{}`", name.value);
                return Err(Diagnostic::new(code::SYNTAX, headline, name.at)
                    .maybe_help(choices(&name.value, words, "kinds of statistics")));
            }
        };
    }
    Ok(kinds)
}

fn parse_key(parser: &mut Parser<'_>) -> Parsed<Key> {
    match parser.cursor.is_open(Bracket::Round) {
        true => Ok(Key::Expression(parser.bracketed_expression()?)),
        // A call needs no brackets.
        false if matches!(parser.cursor.look_ahead(1), Token::Open(Bracket::Round)) && parser.cursor.name_ahead(0).is_some() => {
            Ok(Key::Expression(parser.expression()?))
        }
        false => Ok(Key::Column(parser.name("a column, or an expression in brackets")?)),
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let table = checker.table(&self.table)?;
        let name = &self.table.value;
        let mut keys: Vec<Expression> = Vec::new();
        for key in &self.keys {
            match key {
                Key::Column(column) => {
                    checker.column_by_name(name, &table, column)?;
                    let kind = ExpressionKind::Name(vec![column.value.clone()]);
                    let expression = Expression::new(kind, column.at);
                    if keys.iter().any(|known| known.kind == expression.kind) {
                        let headline = format!("column `{}` is named more than once", column.value);
                        checker.report(Diagnostic::new(code::DUPLICATE_CLAUSE, headline, column.at));
                        return None;
                    }
                    keys.push(expression);
                }
                Key::Expression(expression) => {
                    keys.push(checker.column_expression(expression, name, &table, Context::Statistics)?.expression);
                }
            }
        }
        let columns: Vec<&str> = keys.iter().flat_map(|key| table.columns_read(key)).collect();
        if checker.report_virtual("statistics", &table, columns, at) {
            return None;
        }
        let is_single = keys.len() == 1;
        if is_single && matches!(self.keys.first(), Some(Key::Column(_))) {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "statistics on a single column are always gathered", at)
                    .help("name at least two columns, or an expression"),
            );
            return None;
        }
        if is_single && self.kinds.is_some() {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "statistics on a single expression cannot have kinds", at)
                    .help("remove the kinds"),
            );
            return None;
        }
        let kinds = match &self.kinds {
            _ if is_single => SortedSet::new(),
            Some(kinds) => kinds.clone(),
            None => StatisticsKind::ALL.into(),
        };
        Some(Statistics { table: name.clone(), kinds, keys, target: None }.into())
    }
}

impl Action for SetTarget {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, _: &ObjectId, before: &Object, _: &mut Checker<'_>) -> Option<Definition> {
        let Definition::Statistics(statistics) = &before.definition else { return None };
        Some(Statistics { target: self.target, ..statistics.clone() }.into())
    }
}
