//! `create trigger bookings_bump before update of total on bookings for each row when (...) execute function bump();`

use std::sync::Arc;

use migrate_core::catalog::{Deferral, Table};
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::QualifiedName;
use migrate_core::object::{
    ConstraintTrigger, Definition, Events, Firing, Kind, Namespace, ObjectId, Timing, Trigger,
};
use migrate_core::token::{At, Bracket, Token};
use migrate_core::types::{BuiltIn, Type};

use super::{Identity, Write, Written};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedSet;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, bracketed, qualified, text};

pub(super) struct Syntax;

/// A trigger and its table.
#[derive(Clone)]
struct OnTable {
    name: Name,
    table: Spanned<QualifiedName>,
}

struct Clauses {
    is_constraint: bool,
    timing: Spanned<Timing>,
    events: Vec<Spanned<Event>>,
    table: Spanned<QualifiedName>,
    from: Option<Spanned<QualifiedName>>,
    deferral: Option<Spanned<Deferral>>,
    referencing: Vec<(bool, Name)>,
    row: Option<bool>,
    condition: Option<Spanned<Expression>>,
    function: Spanned<QualifiedName>,
    arguments: Vec<String>,
}

#[derive(Clone)]
enum Event {
    Insert,
    Update(Vec<Name>),
    Delete,
    Truncate,
}

impl Write for Syntax {
    const KIND: Kind = Kind::Trigger;
    const IS_REPLACED: bool = true;

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        let name = parser.name("the trigger")?;
        parser.word("on")?;
        Ok(Box::new(OnTable { name, table: parser.qualified_name("the table")? }))
    }

    fn created(parser: &mut Parser<'_>, words: &[&str]) -> Parsed<(Box<dyn Identity>, Box<dyn Written>)> {
        let is_constraint = words.contains(&"constraint");
        if is_constraint && words.contains(&"replace") {
            let mistake = Diagnostic::new(code::SYNTAX, "cannot replace a constraint trigger", parser.cursor.at());
            return Err(mistake.help("drop it, and create it again"));
        }
        let name = parser.name("the trigger")?;
        let clauses = parse_clauses(parser, is_constraint)?;
        let identity = OnTable { name, table: clauses.table.clone() };
        Ok((Box::new(identity), Box::new(clauses)))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::Trigger(trigger) = definition else { return Err(not_of_kind(id)) };
        print_trigger(id, trigger, catalog)
    }

    #[cfg(feature = "print")]
    fn as_made(definition: &Definition, _: &Catalog) -> Definition {
        match definition {
            Definition::Trigger(trigger) => Trigger { firing: Firing::Usual, ..trigger.clone() }.into(),
            other => other.clone(),
        }
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::Trigger(old), Definition::Trigger(new)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let mut pieces = Vec::new();
        let mut firing = old.firing;
        let made = Self::as_made(after, catalog);
        if Self::as_made(before, catalog) != made {
            pieces.push(Piece::item(format!("create or replace {}", Self::print(id, &made, catalog)?)));
            firing = Firing::Usual;
        }
        pieces.extend(print_firing(id, firing, new.firing));
        Ok(pieces)
    }
}

fn parse_clauses(parser: &mut Parser<'_>, is_constraint: bool) -> Parsed<Clauses> {
    let start = parser.cursor.index();
    let timings: [(&[&str], Timing); 3] = [
        (&["before"], Timing::Before),
        (&["after"], Timing::After),
        (&["instead", "of"], Timing::InsteadOf),
    ];
    let timing = timings.into_iter().find(|(words, _)| parser.cursor.take_words(words));
    let Some((_, timing)) = timing else { return parser.expected("`before`, `after` or `instead of`") };
    let timing = Spanned { value: timing, at: parser.cursor.since(start) };
    let mut events = vec![parse_event(parser)?];
    while parser.cursor.take_word("or") {
        events.push(parse_event(parser)?);
    }
    parser.word("on")?;
    let table = parser.qualified_name("the table")?;
    let from = if parser.cursor.take_word("from") { Some(parser.qualified_name("the table")?) } else { None };
    let deferral = parse_deferral(parser);
    let mut referencing = Vec::new();
    if parser.cursor.take_word("referencing") {
        loop {
            let is_new = parser.cursor.take_words(&["new", "table"]);
            if !is_new && !parser.cursor.take_words(&["old", "table"]) {
                break;
            }
            parser.cursor.take_word("as");
            referencing.push((is_new, parser.name("a name for the rows")?));
        }
        if referencing.is_empty() {
            return parser.expected("`old table` or `new table`");
        }
    }
    let row = if parser.cursor.take_word("for") {
        parser.cursor.take_word("each");
        if parser.cursor.take_word("row") {
            Some(true)
        } else if parser.cursor.take_word("statement") {
            Some(false)
        } else {
            return parser.expected("`row` or `statement`");
        }
    } else {
        None
    };
    let condition = if parser.cursor.take_word("when") { Some(parser.bracketed_expression()?) } else { None };
    parser.word("execute")?;
    if !parser.cursor.take_word("function") {
        parser.word("procedure")?;
    }
    let function = parser.qualified_name("the function")?;
    parser.open(Bracket::Round, "`(`")?;
    let arguments = parser.separated(Bracket::Round, |parser| match parser.cursor.peek() {
        Token::Text(text) | Token::Number(text) | Token::Word(text) => {
            parser.cursor.next();
            Ok(text.clone())
        }
        _ => parser.expected("a text"),
    })?;
    Ok(Clauses { is_constraint, timing, events, table, from, deferral, referencing, row, condition, function, arguments })
}

fn parse_event(parser: &mut Parser<'_>) -> Parsed<Spanned<Event>> {
    let start = parser.cursor.index();
    let value = if parser.cursor.take_word("insert") {
        Event::Insert
    } else if parser.cursor.take_word("delete") {
        Event::Delete
    } else if parser.cursor.take_word("truncate") {
        Event::Truncate
    } else if parser.cursor.take_word("update") {
        let mut columns = Vec::new();
        if parser.cursor.take_word("of") {
            loop {
                columns.push(parser.name("a column")?);
                if !parser.cursor.take_symbol(',') {
                    break;
                }
            }
        }
        Event::Update(columns)
    } else {
        return parser.expected("`insert`, `update`, `delete` or `truncate`");
    };
    Ok(Spanned { value, at: parser.cursor.since(start) })
}

fn parse_deferral(parser: &mut Parser<'_>) -> Option<Spanned<Deferral>> {
    let start = parser.cursor.index();
    let forms: [(&[&str], Deferral); 6] = [
        (&["not", "deferrable"], Deferral::NotDeferrable),
        (&["deferrable", "initially", "deferred"], Deferral::InitiallyDeferred),
        (&["initially", "deferred"], Deferral::InitiallyDeferred),
        (&["deferrable", "initially", "immediate"], Deferral::InitiallyImmediate),
        (&["deferrable"], Deferral::InitiallyImmediate),
        (&["initially", "immediate"], Deferral::NotDeferrable),
    ];
    let (_, value) = forms.into_iter().find(|(words, _)| parser.cursor.take_words(words))?;
    Some(Spanned { value, at: parser.cursor.since(start) })
}

impl Identity for OnTable {
    fn at(&self) -> At {
        self.name.at
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        relation(&self.table, checker)?;
        Some(ObjectId::on_table(Kind::Trigger, self.name.value.clone(), &self.table.value))
    }
}

/// The table, or a view, which has no columns here.
fn relation(name: &Spanned<QualifiedName>, checker: &mut Checker<'_>) -> Option<Option<Arc<Table>>> {
    let found = checker.catalog().object_named(Namespace::Relation, &name.value);
    if found.is_some_and(|(id, _)| id.kind != Kind::Sequence) {
        return Some(None);
    }
    checker.table(name).map(Some)
}

/// A mistake about a combination that PostgreSQL refuses.
fn refuse(message: impl Into<String>, help: &str, at: At, checker: &mut Checker<'_>) -> Option<()> {
    checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, at).help(help));
    None
}

impl Clauses {
    fn check_events(&self, table: Option<&Table>, checker: &mut Checker<'_>) -> Option<Events> {
        let mut events = Events::default();
        for event in &self.events {
            let is_again = match &event.value {
                Event::Insert => std::mem::replace(&mut events.insert, true),
                Event::Delete => std::mem::replace(&mut events.delete, true),
                Event::Truncate => std::mem::replace(&mut events.truncate, true),
                Event::Update(columns) => {
                    let mut names = SortedSet::new();
                    for column in columns {
                        if let Some(table) = table {
                            checker.column_by_name(&self.table.value, table, column)?;
                        }
                        if !names.insert(column.value.clone()) {
                            checker.report(
                                Diagnostic::new(
                                    code::DUPLICATE_CLAUSE,
                                    format!("the column `{}` is given more than once", column.value),
                                    column.at,
                                )
                                .help("remove one of them"),
                            );
                            return None;
                        }
                    }
                    events.update.replace(names).is_some()
                }
            };
            if is_again {
                checker.report(
                    Diagnostic::new(code::DUPLICATE_CLAUSE, "the event is given more than once", event.at)
                        .help("remove one of them"),
                );
                return None;
            }
        }
        Some(events)
    }

    /// What PostgreSQL refuses to combine (`CreateTriggerFiringOn`).
    fn check_combination(&self, is_view: bool, row: bool, events: &Events, checker: &mut Checker<'_>) -> Option<()> {
        let timing = self.timing.value;
        let at = self.timing.at;
        if timing == Timing::InsteadOf {
            if !is_view {
                return refuse("a table cannot have `instead of` triggers", "write `before` or `after`", at, checker);
            }
            if !row {
                return refuse("an `instead of` trigger must run for each row", "write `for each row`", at, checker);
            }
            if let Some(condition) = &self.condition {
                return refuse("an `instead of` trigger cannot have `when`", "remove it", condition.at, checker);
            }
            if events.update.as_ref().is_some_and(|columns| !columns.is_empty()) {
                return refuse("an `instead of` trigger cannot have a list of columns", "remove it", at, checker);
            }
        } else if is_view && row {
            let help = "write `instead of`, or `for each statement`";
            return refuse("a view cannot have `before` or `after` triggers for each row", help, at, checker);
        }
        if events.truncate && row {
            return refuse("a `truncate` trigger cannot run for each row", "write `for each statement`", at, checker);
        }
        if self.is_constraint {
            if timing != Timing::After {
                return refuse("a constraint trigger must run after the event", "write `after`", at, checker);
            }
            if !row {
                return refuse("a constraint trigger must run for each row", "write `for each row`", at, checker);
            }
        } else if let Some(found) = self.from.as_ref().map(|from| from.at).or(self.deferral.as_ref().map(|one| one.at)) {
            let help = "remove it, or write `create constraint trigger`";
            return refuse("only constraint triggers can have `from` and `deferrable`", help, found, checker);
        }
        if let Some((_, name)) = self.referencing.first() {
            if timing != Timing::After || self.is_constraint {
                let help = "remove `referencing`, or write `after`";
                return refuse("only `after` triggers can have `referencing`", help, name.at, checker);
            }
            if events.truncate || self.events.len() > 1 || events.update.as_ref().is_some_and(|one| !one.is_empty()) {
                let help = "write a trigger for each event, without columns";
                return refuse("`referencing` requires a single event without columns", help, name.at, checker);
            }
        }
        if let [(one_is_new, one), (other_is_new, other)] = self.referencing.as_slice() {
            if one_is_new == other_is_new {
                let word = if *one_is_new { "new" } else { "old" };
                return refuse(format!("`{word} table` is given more than once"), "remove one of them", other.at, checker);
            }
            if one.value == other.value {
                let message = format!("the tables of old and of new rows cannot both be called `{}`", other.value);
                return refuse(message, "choose another name for one of them", other.at, checker);
            }
        }
        for (is_new, name) in &self.referencing {
            let is_wrong = if *is_new { events.delete } else { events.insert };
            if is_wrong {
                let (event, table) = if *is_new { ("delete", "new") } else { ("insert", "old") };
                return refuse(format!("`{event}` has no {table} rows"), "remove it", name.at, checker);
            }
        }
        Some(())
    }

    /// Foreign tables have no constraint triggers, and what a partitioned table has is for its partitions, too.
    fn check_partitions(&self, row: bool, checker: &mut Checker<'_>) -> Option<()> {
        let foreign = checker.catalog().foreign_partition(&self.table.value).filter(|_| row && self.is_constraint);
        let Some(foreign) = foreign else { return Some(()) };
        let message = format!("`{}` cannot have a constraint trigger: its partition `{foreign}` is a foreign table", self.table.value);
        refuse(message, "remove `constraint`, or detach that partition first", self.table.at, checker)
    }

    /// Rows of partitions and of inheriting tables have no tables of a transition for each row.
    fn check_transitions(&self, table: Option<&Table>, row: bool, checker: &mut Checker<'_>) -> Option<()> {
        let Some((_, name)) = self.referencing.first() else { return Some(()) };
        let what = match table {
            None => "a view",
            Some(table) if row && table.partitioning.is_some() => "a partitioned table",
            Some(table) if row && table.partition_of.is_some() => "a partition",
            Some(table) if row && !table.inherits.is_empty() => "a table that inherits",
            Some(_) => return Some(()),
        };
        let (message, help) = match table {
            None => (format!("triggers on {what} cannot have `referencing`"), "remove it"),
            Some(_) => (
                format!("triggers on {what} cannot have `referencing` for each row"),
                "write `for each statement`, or remove `referencing`",
            ),
        };
        refuse(message, help, name.at, checker)
    }

    fn check_condition(
        &self,
        table: Option<&Table>,
        row: bool,
        events: &Events,
        checker: &mut Checker<'_>,
    ) -> Option<Option<Expression>> {
        let (Some(condition), Some(table)) = (&self.condition, table) else { return Some(None) };
        let resolved = checker.condition(condition, &self.table.value, table, Context::Trigger)?;
        let mut rows: SortedSet<String> = SortedSet::new();
        resolved.visit(&mut |part| {
            if let ExpressionKind::Name(parts) | ExpressionKind::Star(parts) = &part.kind {
                rows.extend(parts.first().cloned());
            }
        });
        if !row && !rows.is_empty() {
            refuse("the `when` of a statement trigger cannot refer to rows", "write `for each row`", condition.at, checker)?;
        }
        if self.timing.value == Timing::Before {
            let mut of_generated = None;
            condition.value.visit(&mut |part| {
                if let ExpressionKind::Name(parts) = &part.kind
                    && let [row, column] = parts.as_slice()
                    && row == "new"
                    && table.column(column).is_some_and(|column| column.generated.is_some())
                {
                    of_generated.get_or_insert((column.clone(), part.at));
                }
            });
            let mut of_row = None;
            if table.columns.iter().any(|column| column.generated.is_some()) {
                condition.value.visit(&mut |part| {
                    if let ExpressionKind::Name(parts) | ExpressionKind::Star(parts) = &part.kind
                        && matches!(parts.as_slice(), [row] if row == "new")
                    {
                        of_row.get_or_insert(part.at);
                    }
                });
            }
            if let Some(at) = of_row {
                let message = "`new` is not complete yet, because columns are generated after a `before` trigger";
                refuse(message, "write an `after` trigger, or name the columns that count", at, checker)?;
            }
            if let Some((column, at)) = of_generated {
                let message = format!("`new.{column}` has no value yet, because it is generated after a `before` trigger");
                refuse(message, "write an `after` trigger, or use the columns that it is generated from", at, checker)?;
            }
        }
        for (name, event, is_there) in [("old", "insert", events.insert), ("new", "delete", events.delete)] {
            if is_there && rows.contains(name) {
                let help = "write a separate trigger for that event";
                refuse(format!("`{event}` has no row `{name}`"), help, condition.at, checker)?;
            }
        }
        Some(Some(resolved))
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let table = relation(&self.table, checker)?;
        let row = self.row.unwrap_or(false);
        let events = self.check_events(table.as_deref(), checker);
        let result = Type::BuiltIn(BuiltIn::Trigger);
        let function = checker.trigger_function(&self.function, &result, "a trigger");
        if let Some(function) = &function {
            checker.body_of_trigger(function, self.function.at);
        }
        let events = events?;
        let found = checker.catalog().object_named(Namespace::Relation, &self.table.value);
        let is_view = table.is_none() && found.is_none_or(|(id, _)| id.kind != Kind::ForeignTable);
        self.check_combination(is_view, row, &events, checker)?;
        self.check_transitions(table.as_deref(), row, checker)?;
        self.check_partitions(row, checker)?;
        let condition = self.check_condition(table.as_deref(), row, &events, checker)?;
        let constraint = match self.is_constraint {
            true => {
                if let Some(from) = &self.from {
                    checker.table(from)?;
                }
                let deferral = self.deferral.as_ref().map_or(Deferral::NotDeferrable, |found| found.value);
                Some(ConstraintTrigger { deferral, from: self.from.as_ref().map(|from| from.value.clone()) })
            }
            false => None,
        };
        let rows_named = |wanted: bool| {
            let found = self.referencing.iter().find(|(is_new, _)| *is_new == wanted);
            found.map(|(_, name)| name.value.clone())
        };
        Some(
            Trigger {
                timing: self.timing.value,
                events,
                for_each_row: row,
                condition,
                old_table: rows_named(false),
                new_table: rows_named(true),
                function: function?,
                arguments: self.arguments.clone(),
                constraint,
                firing: Firing::Usual,
            }
            .into(),
        )
    }
}

/// What stands behind `create`.
#[cfg(feature = "print")]
fn print_trigger(id: &ObjectId, trigger: &Trigger, catalog: &Catalog) -> Printed {
    let Some(table) = id.table() else { return Err(not_of_kind(id)) };
    let is_constraint = if trigger.constraint.is_some() { "constraint " } else { "" };
    let timing = match trigger.timing {
        Timing::Before => "before",
        Timing::After => "after",
        Timing::InsteadOf => "instead of",
    };
    let mut events = Vec::new();
    if trigger.events.insert {
        events.push("insert".to_owned());
    }
    if let Some(columns) = &trigger.events.update {
        let columns: Vec<String> = columns.iter().map(|column| crate::print::name(column)).collect();
        events.push(if columns.is_empty() { "update".to_owned() } else { format!("update of {}", columns.join(", ")) });
    }
    if trigger.events.delete {
        events.push("delete".to_owned());
    }
    if trigger.events.truncate {
        events.push("truncate".to_owned());
    }
    let name = crate::print::name(&id.name.name);
    let events = events.join(" or ");
    let mut written = format!("{is_constraint}trigger {name} {timing} {events} on {}", qualified(&table));
    if let Some(constraint) = &trigger.constraint {
        if let Some(from) = &constraint.from {
            written.push_str(&format!(" from {}", qualified(from)));
        }
        written.push_str(match constraint.deferral {
            Deferral::NotDeferrable => "",
            Deferral::InitiallyImmediate => " deferrable",
            Deferral::InitiallyDeferred => " deferrable initially deferred",
        });
    }
    if trigger.old_table.is_some() || trigger.new_table.is_some() {
        written.push_str(" referencing");
    }
    for (word, table) in [("old", &trigger.old_table), ("new", &trigger.new_table)] {
        if let Some(table) = table {
            written.push_str(&format!(" {word} table as {}", crate::print::name(table)));
        }
    }
    written.push_str(if trigger.for_each_row { " for each row" } else { " for each statement" });
    if let Some(condition) = &trigger.condition {
        written.push_str(&format!(" when {}", bracketed(condition, catalog)?));
    }
    let arguments: Vec<String> = trigger.arguments.iter().map(|argument| text(argument)).collect();
    let function = qualified(&trigger.function);
    written.push_str(&format!(" execute function {function}({})", arguments.join(", ")));
    Ok(written)
}

/// `alter table bookings disable trigger bump`, of triggers and of rules.
#[cfg(feature = "print")]
pub(super) fn print_firing(id: &ObjectId, before: Firing, after: Firing) -> Option<Piece> {
    let table = id.table().filter(|_| before != after)?;
    let verb = match after {
        Firing::Usual => "enable",
        Firing::Disabled => "disable",
        Firing::Replica => "enable replica",
        Firing::Always => "enable always",
    };
    let of = format!("alter table {}", qualified(&table));
    Some(Piece::action(of, format!("{verb} {} {}", id.kind.noun(), crate::print::name(&id.name.name))))
}
