//! What each statement of a script has done, as operations.

use migrate_compiler::print::{Undo, Written};
use migrate_runtime::core::difference::{Way, taken_from_defaults, way};
use migrate_runtime::core::expression::{self, Expression};
use migrate_runtime::core::json::to_json;
use migrate_runtime::core::object::Kind as Kinds;
use migrate_runtime::core::operation::{DropColumn, DropTable, Operate as _, Operation, RunStatement};
use migrate_runtime::core::query::Statement;
use migrate_runtime::core::sql::{Writer, lex};
use migrate_runtime::core::token::{Bracket, Cursor, Token};

use super::cluster;
use super::replay::{Kind, Replayed, Snapshot, Step, creates_with_rows};
use super::rows;
use super::script::Script;

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is in the language.
    Native,
    /// Nothing has to be written, and why.
    NotNeeded(&'static str),
    /// It is raw SQL, and why.
    Raw(String),
}

/// Some statements, and what stands for them.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Their places in the script.
    pub(crate) statements: Vec<usize>,
    pub(crate) written: Vec<Written>,
    pub(crate) outcome: Outcome,
    /// What is written where the compiler takes nothing else.
    pub(crate) raw: Option<Operation>,
    /// Whether it is about rows, so that what it changes does not come back by itself.
    pub(crate) is_about_rows: bool,
    /// The version of PostgreSQL with which it is in the language.
    pub(crate) needs: Option<u32>,
}

impl Part {
    fn new(step: &Step, operations: Vec<Operation>, outcome: Outcome) -> Self {
        Part {
            statements: step.statements.clone(),
            written: operations.into_iter().map(Into::into).collect(),
            outcome,
            raw: None,
            is_about_rows: false,
            needs: None,
        }
    }

    fn about_rows(mut self, raw: Operation) -> Self {
        self.is_about_rows = true;
        self.raw = Some(raw);
        self
    }

    /// How what it writes is undone, as the last of it.
    pub(crate) fn undone_by(&mut self, operations: Vec<Operation>) {
        let count = self.written.len();
        for (index, written) in self.written.iter_mut().enumerate() {
            let of_this = if index + 1 == count { operations.clone() } else { Vec::new() };
            written.undo = Undo::Operations(of_this);
        }
    }
}

/// What a script has done.
pub(crate) fn parts(script: &Script, replayed: &Replayed) -> Vec<Part> {
    let mut parts: Vec<Part> = replayed.steps.iter().map(|step| part(script, step)).collect();
    // Temporary tables are left out where nobody reads them anymore: what came of them is written as rows.
    let sql = |part: &Part| -> Vec<&str> {
        part.statements.iter().filter_map(|index| Some(script.statements.get(*index)?.sql.as_str())).collect()
    };
    // What reads one may be temporary as well: the last one is looked at first.
    for at in (0..parts.len()).rev() {
        let Some(step) = replayed.steps.get(at).filter(|step| step.kind == Kind::Temporary) else { continue };
        let Some(made) = parts.get(at).and_then(|part| Some(made_for_session(sql(part).first()?)?.to_owned())) else {
            continue;
        };
        let is_read = parts
            .iter()
            .skip(at + 1)
            .any(|part| matches!(part.outcome, Outcome::Raw(_)) && sql(part).iter().any(|sql| names(sql, &made)));
        if !is_read && let Some(part) = parts.get_mut(at) {
            *part = Part::new(
                step,
                Vec::new(),
                Outcome::NotNeeded("it belongs to the session, and its effect is in what follows"),
            );
        }
    }
    remark(&mut parts, script);
    parts
}

/// Puts the comments of the statements before what was written of them.
fn remark(parts: &mut [Part], script: &Script) {
    // What stands above everything is kept, whatever it stands above.
    let mut first: Vec<String> = Vec::new();
    let mut is_begun = false;
    for part in parts {
        for statement in part.statements.iter().filter_map(|index| script.statements.get(*index)) {
            let mut remarks = std::mem::take(&mut first);
            remarks.extend(statement.remarks.iter().cloned());
            // A statement names first what it makes: a view before its tables.
            let tokens = lex(&statement.sql).unwrap_or_default();
            let place = |written: &Written| place(&tokens, &statement.sql, made(&written.operation)?);
            let places = part.written.iter().enumerate().filter_map(|(at, written)| Some((place(written)?, at)));
            let at = places.min().map_or(0, |(_, at)| at);
            match part.written.get_mut(at) {
                Some(written) => written.remarks.extend(remarks),
                None if !is_begun => first = remarks,
                None => {}
            }
        }
        is_begun |= !part.written.is_empty();
    }
}

/// The name of what an operation makes.
fn made(operation: &Operation) -> Option<&str> {
    Some(match operation {
        Operation::CreateTable(create) => &create.name.name,
        Operation::CreateEnum(create) => &create.name.name,
        Operation::CreateIndex(create) => &create.name,
        Operation::CreateObject(create) => &create.id.name.name,
        Operation::AddColumn(add) => &add.column.name,
        Operation::AddConstraint(add) => &add.name,
        _ => return None,
    })
}

/// The name of what a statement makes for the session: `CREATE TEMP TABLE moved AS ...`.
fn made_for_session(sql: &str) -> Option<String> {
    let tokens = lex(sql).ok()?;
    let is_kind = |token: &Token| matches!(token, Token::Word(word) if ["table", "view", "sequence", "function", "procedure"].contains(&word.as_str()));
    let mut cursor = Cursor::of_sql(tokens.get(tokens.iter().position(is_kind)? + 1..)?);
    cursor.take_words(&["if", "not", "exists"]);
    let first = cursor.next().clone();
    let name = if cursor.take_symbol('.') { cursor.next().clone() } else { first };
    match name {
        Token::Word(name) | Token::QuotedWord(name) => Some(name),
        _ => None,
    }
}

/// Whether a name stands in a statement, or in a text of it.
fn names(sql: &str, name: &str) -> bool {
    lex(sql).map_or(true, |tokens| place(&tokens, sql, name).is_some())
}

/// The token of a statement that is a name, or a text with it.
fn place(tokens: &[Token], sql: &str, name: &str) -> Option<usize> {
    tokens.iter().position(|token| match token {
        Token::Word(word) | Token::QuotedWord(word) => word == name,
        Token::Text(text) => text.len() < sql.len() && text.contains(name),
        _ => false,
    })
}

fn part(script: &Script, step: &Step) -> Part {
    let sql = step.statements.iter().filter_map(|index| script.statements.get(*index)).map(|one| one.sql.as_str());
    let sql: Vec<&str> = sql.collect();
    let sql = sql.join(";\n");
    let not_needed = |why| Part::new(step, Vec::new(), Outcome::NotNeeded(why));
    let raw = |changes: Vec<Operation>| rows::raw(&sql, step, changes);
    match step.kind {
        Kind::Transaction => not_needed("the plan determines the transactions"),
        Kind::Setting => not_needed("a setting of the session, whose effect is in what follows"),
        Kind::Role => not_needed("roles belong to the server, not to the database"),
        Kind::Passing => not_needed("it changes nothing that persists"),
        Kind::Rows | Kind::Truncate | Kind::Temporary => match rows::operation(&sql, step) {
            Ok(operation) => Part::new(step, vec![operation], Outcome::Native).about_rows(raw(Vec::new())),
            Err(why) => match &step.rows {
                Some(statements) => as_rows(step, statements, Vec::new()).about_rows(raw(Vec::new())),
                None => Part::new(step, vec![raw(Vec::new())], Outcome::Raw(why)).about_rows(raw(Vec::new())),
            },
        },
        Kind::Anything => anything(&sql, step, raw),
        Kind::Structure => {
            let way = difference(&step.before, &step.after, Some(&sql));
            if !way.left.is_empty() {
                let why = way.left.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                return Part::new(
                    step,
                    vec![raw(way.operations)],
                    Outcome::Raw(format!("no operation has this effect: {why}")),
                );
            }
            if let Some(what) = unread(step, way.operations.is_empty()) {
                return Part::new(step, vec![raw(way.operations)], Outcome::Raw(what));
            }
            if let Some(order) = cluster::order(&sql, |table| rows::schema_of(table, step)) {
                let mut part = Part::new(step, way.operations, Outcome::Raw(cluster::WHY.to_owned()));
                part.written.push(rows::raw(&order, step, Vec::new()).into());
                return part;
            }
            if way.operations.is_empty() {
                return match unseen(&sql) {
                    Some(what) => Part::new(
                        step,
                        vec![raw(Vec::new())],
                        Outcome::Raw(format!("the language does not support {what}")),
                    ),
                    None => not_needed("the database is the same after it"),
                };
            }
            if creates_with_rows(&sql) {
                return with_rows(&sql, step, way.operations, raw);
            }
            if adds_serial_to_unlogged(&way.operations, &step.before) {
                let why = "the sequence of a `serial` that an unlogged table gets later would be logged";
                return Part::new(step, vec![raw(way.operations)], Outcome::Raw(why.to_owned()));
            }
            Part::new(step, way.operations, Outcome::Native)
        }
    }
}

/// What a statement has made or dropped that cannot be read.
fn unread(step: &Step, is_all: bool) -> Option<String> {
    let (before, after) = (&step.before.unreadable, &step.after.unreadable);
    // A new name of a table stands in what is told of it.
    let (some, others) = if after.len() > before.len() { (after, before) } else { (before, after) };
    let is_changed = after.len() > before.len() || is_all;
    some.iter().find(|one| is_changed && !others.contains(one)).map(ToString::to_string)
}

/// A table that begins with the rows of a query: as an `insert` of that, or as the rows that came out.
fn with_rows(sql: &str, step: &Step, operations: Vec<Operation>, raw: impl Fn(Vec<Operation>) -> Operation) -> Part {
    let made = operations.iter().find_map(|operation| match operation {
        Operation::CreateTable(create) => Some(&create.name),
        _ => None,
    });
    let insert = made.zip(rows::query_of_table(sql)).and_then(|(name, query)| {
        rows::operation(&format!("INSERT INTO {} {query}", Writer::new().name(name).finish()), step).ok()
    });
    match (insert, &step.rows) {
        (Some(insert), _) => {
            let mut all = operations;
            all.push(insert);
            Part::new(step, all, Outcome::Native)
        }
        (None, Some(statements)) => as_rows(step, statements, operations),
        (None, None) => Part::new(step, vec![raw(operations)], Outcome::Raw("its rows come from a query".to_owned())),
    }
}

/// PostgreSQL makes such a sequence unlogged from 15 on; before, it could not.
fn adds_serial_to_unlogged(operations: &[Operation], before: &Snapshot) -> bool {
    let makes_sequence = operations
        .iter()
        .any(|operation| matches!(operation, Operation::CreateObject(create) if create.id.kind == Kinds::Sequence));
    let is_unlogged = |operation: &Operation| match operation {
        Operation::AddColumn(add) => {
            add.column.default.is_some()
                && before.catalog.table(&add.table).is_some_and(|table| table.settings.unlogged)
        }
        _ => false,
    };
    makes_sequence && operations.iter().any(is_unlogged)
}

/// A block or a call: what it does to the structure is seen; what it does to rows stays as it is.
fn anything(sql: &str, step: &Step, raw: impl Fn(Vec<Operation>) -> Operation) -> Part {
    let way = difference(&step.before, &step.after, Some(sql));
    let changes_rows = rows::may_change_rows_anywhere(sql, &step.before.catalog);
    if way.operations.is_empty() && way.left.is_empty() && !changes_rows {
        return Part::new(step, Vec::new(), Outcome::NotNeeded("the database is the same after it"));
    }
    if way.left.is_empty() && !changes_rows {
        return Part::new(step, way.operations, Outcome::Native);
    }
    if way.operations.is_empty()
        && way.left.is_empty()
        && let Ok(operation) = rows::operation(sql, step)
    {
        return Part::new(step, vec![operation], Outcome::Native).about_rows(raw(Vec::new()));
    }
    if way.left.is_empty()
        && let Some(statements) = &step.rows
    {
        return as_rows(step, statements, way.operations.clone()).about_rows(raw(way.operations));
    }
    let why = if changes_rows {
        "it changes rows, or may do so in the code of a block or a function"
    } else {
        "no operation has this effect"
    };
    let raw = raw(way.operations);
    Part::new(step, vec![raw.clone()], Outcome::Raw(why.to_owned())).about_rows(raw)
}

/// What came of it: changes of the structure, and rows.
fn as_rows(step: &Step, statements: &[Statement], mut operations: Vec<Operation>) -> Part {
    operations.extend(statements.iter().map(|statement| RunStatement { statement: statement.clone() }.into()));
    let outcome = match operations.is_empty() {
        true => Outcome::NotNeeded("it changes nothing in a database that starts empty"),
        false => Outcome::Native,
    };
    Part::new(step, operations, outcome)
}

/// The code of a function: the texts of its definition, whatever its language.
pub(crate) fn body(definition: &migrate_runtime::core::object::Definition) -> Option<String> {
    let data: serde_json::Value = serde_json::from_str(&to_json(definition)).ok()?;
    let mut texts = Vec::new();
    collect(&data, &mut texts);
    Some(texts.join(";\n"))
}

fn collect(data: &serde_json::Value, texts: &mut Vec<String>) {
    match data {
        serde_json::Value::String(text) => texts.push(text.clone()),
        serde_json::Value::Array(all) => all.iter().for_each(|one| collect(one, texts)),
        serde_json::Value::Object(all) => all.values().for_each(|one| collect(one, texts)),
        _ => {}
    }
}

/// The operations from one moment to another. What the SQL says about converting values is not in a catalog.
pub(crate) fn difference(before: &Snapshot, after: &Snapshot, sql: Option<&str>) -> Way {
    let renames = before.identities.renames(&after.identities, &before.catalog, &after.catalog);
    let mut from = before.catalog.clone();
    let mut operations: Vec<Operation> = Vec::new();
    for name in before.identities.replaced_tables(&after.identities) {
        let drop: Operation = DropTable { name }.into();
        if drop.still_needed_by(&from).is_empty() {
            drop.apply(&mut from);
            operations.push(drop);
        }
    }
    for (table, column) in before.identities.replaced_columns(&after.identities) {
        let drop = DropColumn { table, column };
        drop.apply(&mut from);
        operations.push(drop.into());
    }
    let found = way(&from, &after.catalog, &renames, 15);
    operations.extend(found.operations);
    operations.extend(taken_from_defaults(&before.catalog, &operations, &after.catalog));
    if let Some(sql) = sql {
        for operation in &mut operations {
            if let Operation::ChangeType(change) = operation
                && let Ok(tokens) = lex(sql)
            {
                change.using = using(&tokens, &change.column, 0).or(change.using.take());
            }
        }
    }
    Way { operations, left: found.left }
}

/// How deep texts with SQL are looked for in each other: a block, and what it executes.
const DEPTH: usize = 3;

/// `USING ...` of `ALTER [COLUMN] column [SET DATA] TYPE ... USING ...`
fn using(tokens: &[Token], column: &str, depth: usize) -> Option<Expression> {
    let is_name =
        |token: Option<&Token>| matches!(token, Some(Token::Word(name) | Token::QuotedWord(name)) if name == column);
    let is = |token: Option<&Token>, word: &str| matches!(token, Some(Token::Word(found)) if found == word);
    for (at, token) in tokens.iter().enumerate() {
        if let Token::Text(text) = token
            && depth < DEPTH
            && let Ok(inner) = lex(text)
            && let Some(found) = using(&inner, column, depth + 1)
        {
            return Some(found);
        }
        if !is(Some(token), "alter") {
            continue;
        }
        let name = if is(tokens.get(at + 1), "column") { at + 2 } else { at + 1 };
        let data = if is(tokens.get(name + 1), "set") { name + 3 } else { name + 1 };
        if !is_name(tokens.get(name)) || !is(tokens.get(data), "type") {
            continue;
        }
        let mut brackets = 0_usize;
        for (place, token) in tokens.iter().enumerate().skip(data + 1) {
            match token {
                Token::Open(Bracket::Round) => brackets += 1,
                Token::Close(Bracket::Round) => brackets = brackets.saturating_sub(1),
                Token::Symbol { symbol: ',' | ';', .. } if brackets == 0 => break,
                Token::Word(word) if word == "using" && brackets == 0 => {
                    let mut cursor = Cursor::of_sql(tokens.get(place + 1..)?);
                    return expression::parse(&mut cursor).ok();
                }
                _ => {}
            }
        }
    }
    None
}

/// What no catalog shows, by the words that begin a statement.
fn unseen(sql: &str) -> Option<&'static str> {
    let tokens = lex(sql).ok()?;
    let cursor = Cursor::of_sql(&tokens);
    let Token::Word(verb) = cursor.peek() else { return None };
    if !["create", "alter", "drop", "import", "security", "reassign", "comment"].contains(&verb.as_str()) {
        return None;
    }
    let word = |distance: usize| match cursor.look_ahead(distance) {
        Token::Word(word) => word.clone(),
        _ => String::new(),
    };
    let (first, second) = if verb == "comment" { (word(2), word(3)) } else { (word(1), word(2)) };
    let (first, second) = if first == "or" { (word(3), word(4)) } else { (first, second) };
    match (first.as_str(), second.as_str()) {
        ("database", _) => Some("settings of databases"),
        ("tablespace", _) => Some("tablespaces"),
        ("subscription", _) => Some("subscriptions"),
        ("language" | "procedural" | "trusted", _) => Some("languages"),
        ("transform", _) => Some("transforms"),
        ("access", "method") => Some("access methods"),
        ("conversion" | "default", "conversion") | ("conversion", _) => Some("conversions"),
        ("foreign", "table" | "schema") => Some("foreign tables"),
        ("label", _) => Some("security labels"),
        ("system", _) => Some("settings of servers"),
        ("owned", _) => Some("reassigning what a role owns"),
        // Others are objects of their own, and seen.
        ("sequence", _) if tokens.iter().any(|token| matches!(token, Token::Word(word) if word == "rename")) => {
            Some("names of the sequences of identity columns")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_are_read_from_the_statement() {
        let found = |sql: &str| using(&lex(sql).unwrap(), "a", 0).map(|found| found.to_string());
        assert_eq!(
            found("alter table t alter column a type int using a::int, alter b type text"),
            Some("a::integer".into())
        );
        assert_eq!(found("alter table t alter b type int using b::int"), None);
        assert!(
            found("do $$ begin execute 'alter table t alter a set data type int using length(a)'; end $$").is_some()
        );
    }

    #[test]
    fn what_no_catalog_shows_is_known() {
        assert_eq!(unseen("ALTER DATABASE shop SET timezone = 'UTC'"), Some("settings of databases"));
        assert_eq!(unseen("GRANT SELECT ON t TO other"), None);
        assert_eq!(unseen("CREATE TABLE IF NOT EXISTS t (a int)"), None);
    }
}
