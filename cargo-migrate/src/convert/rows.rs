//! Statements that read or change rows, as operations.

use std::collections::BTreeSet;

use migrate_runtime::core::catalog::{Catalog, ConstraintKind};
use migrate_runtime::core::expression::{Expression, ExpressionKind, NamedInText};
use migrate_runtime::core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_runtime::core::object::{Kind as Kinds, Namespace};
use migrate_runtime::core::operation::{CallProcedure, Operation, RawSql, RunStatement, TruncateTables};
use migrate_runtime::core::query::{
    Body, InsertSource, Name, ObjectName, Part, PartMut, Statement, TableRole, Target, full_name,
};
use migrate_runtime::core::sql::{lex, lex_with_offsets};
use migrate_runtime::core::token::{Cursor, Token};
use migrate_runtime::core::types::BuiltIn;

use super::in_path;
use super::replay::{Kind, Step};
use super::script::set_search_path;

/// A statement as an operation of the language, where there is one.
pub(crate) fn operation(sql: &str, step: &Step) -> Result<Operation, String> {
    let catalog = &step.after.catalog;
    let path = step.search_path.as_deref();
    if let Some(call) = call(sql, step) {
        return call.map(Into::into);
    }
    match step.kind {
        Kind::Truncate => truncate(sql, catalog, path).map(Into::into),
        Kind::Temporary => Err("temporary tables belong to a session, and do not outlast a migration".to_owned()),
        _ => {
            let mut statement: Statement =
                sql.parse().map_err(|error: migrate_runtime::core::token::SyntaxError| error.message)?;
            if let Some(path) = path {
                qualify(&mut statement, catalog, path);
                if let Some(name) = in_path::reader(&statement, catalog, path) {
                    return Err(format!("`{name}` runs, and looks up names in the schemas of the session"));
                }
            }
            if statement.functions().iter().any(|call| call.schema.as_deref() == Some("pg_temp")) {
                return Err("it calls a function of the session, which does not outlast a migration".to_owned());
            }
            if let Some(name) = unknown_table(&statement, catalog) {
                return Err(format!("`{name}` is not a table of the schema: it is temporary, or a system table"));
            }
            without_result(&mut statement);
            name_columns(&mut statement, catalog);
            Ok(RunStatement { statement }.into())
        }
    }
}

/// `CALL p(1)` of a procedure of the schema. In a block or a file that ran in one transaction it cannot have ended it.
fn call(sql: &str, step: &Step) -> Option<Result<CallProcedure, String>> {
    let tokens = lex(sql).ok()?;
    let mut cursor = Cursor::of_sql(&tokens);
    if !cursor.take_word("call") {
        return None;
    }
    let mut call = migrate_runtime::core::expression::parse(&mut cursor).ok()?;
    let ExpressionKind::Call(called) = &mut call.kind else { return None };
    let schemas: Vec<&str> = match (&called.schema, step.search_path.as_deref()) {
        (Some(schema), _) => vec![schema],
        (None, Some(path)) => path.iter().map(String::as_str).collect(),
        (None, None) => vec![DEFAULT_SCHEMA],
    };
    let procedures =
        step.after.catalog.objects.keys().filter(|id| id.kind == Kinds::Procedure && id.name.name == called.name);
    let found = procedures.map(|id| id.name.schema.clone()).find(|schema| schemas.contains(&schema.as_str()));
    let Some(schema) = found else { return Some(Err(format!("`{}` is not a procedure of the schema", called.name))) };
    called.schema = Some(schema).filter(|schema| schema != DEFAULT_SCHEMA);
    Some(Ok(CallProcedure { call, in_transaction: true }))
}

/// A statement as it is, looking names up where it did.
pub(crate) fn raw(sql: &str, step: &Step, changes: Vec<Operation>) -> Operation {
    let search_path = step.search_path.as_deref();
    let mut commands = Vec::new();
    if sql.to_ascii_lowercase().contains("current_setting") {
        commands.extend(step.settings.iter().map(|setting| local(setting)));
    }
    commands.extend(search_path.filter(|path| !is_default(path)).map(set_search_path));
    commands.push(sql.to_owned());
    RawSql { commands, changes }.into()
}

/// `SET app.name = 'x'` for the transaction alone.
fn local(setting: &str) -> String {
    let rest = setting.get(..4).filter(|word| word.eq_ignore_ascii_case("set ")).and_then(|_| setting.get(4..));
    rest.map_or_else(|| setting.to_owned(), |rest| format!("SET LOCAL {rest}"))
}

pub(crate) fn is_default(path: &[String]) -> bool {
    matches!(path, [only] if only == "public")
}

/// Gives names of tables and functions without a schema the one in which they are found.
fn qualify(statement: &mut Statement, catalog: &Catalog, path: &[String]) {
    if is_default(path) {
        return;
    }
    statement.walk_mut(&mut |part| {
        if let PartMut::Table(name, TableRole::Read | TableRole::Target) = part
            && name.schema.is_none()
            && let Some(schema) = found_in(&name.name.value, catalog, path)
        {
            *name = ObjectName { schema: Some(Name::new(schema, name.name.at)), ..name.clone() };
        }
    });
    statement.walk_mut(&mut |part| match part {
        PartMut::Expression(Expression { kind: ExpressionKind::Call(call), .. }) if call.schema.is_none() => {
            if let Some(schema) = routine_in(&call.name, catalog, path) {
                call.schema = Some(schema);
            } else if NAMING.contains(&call.name.as_str()) {
                call.arguments.iter_mut().take(1).for_each(|name| qualify_text(&mut name.value, catalog, path));
            }
        }
        PartMut::Expression(Expression { kind: ExpressionKind::Cast { operand, target, .. }, .. })
            if target.to_string() == "regclass" =>
        {
            qualify_text(operand, catalog, path);
        }
        _ => {}
    });
}

/// Functions that are given the name of a relation as a text.
const NAMING: [&str; 4] = ["nextval", "currval", "setval", "pg_get_serial_sequence"];

/// The same of a name in a text.
fn qualify_text(name: &mut Expression, catalog: &Catalog, path: &[String]) {
    let ExpressionKind::Text(text) = &mut name.kind else { return };
    let Some(mut named) = NamedInText::read(text, BuiltIn::RegClass) else { return };
    if let NamedInText::Object { schema: schema @ None, name, .. } = &mut named
        && let Some(found) = found_in(name, catalog, path)
    {
        *schema = Some(found);
        *text = named.text();
    }
}

pub(crate) fn routine_in(name: &str, catalog: &Catalog, path: &[String]) -> Option<String> {
    let is_there = |schema: &&String| {
        let full = QualifiedName::in_schema(schema.as_str(), name);
        catalog.objects.keys().any(|id| id.kind.namespace() == Namespace::Routine && id.name == full)
    };
    path.iter().find(is_there).cloned()
}

pub(crate) fn found_in(name: &str, catalog: &Catalog, path: &[String]) -> Option<String> {
    let is_there = |schema: &&String| {
        let full = QualifiedName::in_schema(schema.as_str(), name);
        catalog.tables.contains_key(&full)
            || catalog.objects.keys().any(|id| id.name == full)
            || catalog.owner_of_identity(&full).is_some()
    };
    path.iter().find(is_there).cloned()
}

/// The query in `CREATE TABLE ... AS query`, or in `SELECT ... INTO table ...` without that.
pub(crate) fn query_of_table(sql: &str) -> Option<String> {
    let tokens = lex_with_offsets(sql).ok()?;
    let is = |index: usize, wanted: &str| matches!(tokens.get(index), Some((Token::Word(word), _)) if word == wanted);
    let find = |from: usize, wanted: &str| (from..tokens.len()).find(|index| is(*index, wanted));
    let start = |index: usize| tokens.get(index).map_or(sql.len(), |(_, range)| range.start);
    if is(0, "create") {
        let behind = find(0, "as")? + 1;
        let last = tokens.len().checked_sub(2)?;
        let end = if is(last, "with") && is(last + 1, "data") { last } else { tokens.len() };
        return Some(sql.get(start(behind)..start(end))?.trim().to_owned());
    }
    let into = find(0, "into")?;
    let rest = find(into, "from").map_or("", |from| sql.get(start(from)..).unwrap_or_default());
    Some(format!("{}{rest}", sql.get(..start(into))?))
}

/// Where a table is found whose schema is not written.
pub(crate) fn schema_of(table: &str, step: &Step) -> String {
    let found = step.search_path.as_deref().and_then(|path| found_in(table, &step.after.catalog, path));
    found.unwrap_or_else(|| DEFAULT_SCHEMA.to_owned())
}

/// A table of the statement that no catalog has.
fn unknown_table(statement: &Statement, catalog: &Catalog) -> Option<String> {
    let mut unknown = None;
    statement.walk(&mut |part| {
        if let Part::Table(name, TableRole::Read | TableRole::Target) = part {
            let full = full_name(name);
            let is_of_system = full.schema.starts_with("pg_") || full.schema == "information_schema";
            let is_there = is_of_system
                || catalog.tables.contains_key(&full)
                || catalog.objects.keys().any(|id| id.name == full && id.table.is_none());
            if !is_there {
                unknown = Some(name.to_string());
            }
        }
    });
    unknown
}

/// Nobody reads what comes out.
fn without_result(statement: &mut Statement) {
    match statement {
        Statement::Insert(insert) => insert.returning = None,
        Statement::Update(update) => update.returning = None,
        Statement::Delete(delete) => delete.returning = None,
        Statement::Merge(merge) => merge.returning = None,
        Statement::Query(_) => {}
    }
}

/// `INSERT` without columns means the first ones of the table; here they are named.
fn name_columns(statement: &mut Statement, catalog: &Catalog) {
    let Statement::Insert(insert) = statement else { return };
    if !insert.columns.is_empty() {
        return;
    }
    let InsertSource::Query(query) = &insert.source else { return };
    let width = match &query.body {
        Body::Values(rows) => rows.first().map(Vec::len),
        Body::Select(select) if !select.items.iter().any(|item| item.value.is_star()) => Some(select.items.len()),
        _ => None,
    };
    let (Some(width), Some(table)) = (width, catalog.table(&full_name(&insert.table.name))) else { return };
    let at = insert.table.name.at();
    let names = table.columns.iter().take(width).map(|column| Name::new(&column.name, at));
    insert.columns = names.map(|column| Target { column, path: Vec::new() }).collect();
}

/// `TRUNCATE TABLE a, b RESTART IDENTITY CASCADE`
fn truncate(sql: &str, catalog: &Catalog, path: Option<&[String]>) -> Result<TruncateTables, String> {
    let tokens = lex(sql).map_err(|error| error.message)?;
    let mut cursor = Cursor::of_sql(&tokens);
    cursor.take_word("truncate");
    cursor.take_word("table");
    let mut tables = Vec::new();
    loop {
        cursor.take_word("only");
        let first = word(&mut cursor)?;
        let name = if cursor.take_symbol('.') {
            QualifiedName::in_schema(first, word(&mut cursor)?)
        } else {
            let schema = path.and_then(|path| found_in(&first, catalog, path));
            schema.map_or_else(|| QualifiedName::new(&first), |schema| QualifiedName::in_schema(schema, &first))
        };
        cursor.take_symbol('*');
        tables.push(name);
        if !cursor.take_symbol(',') {
            break;
        }
    }
    let restart_identity = cursor.take_words(&["restart", "identity"]);
    cursor.take_words(&["continue", "identity"]);
    let cascades = cursor.take_word("cascade");
    cursor.take_word("restrict");
    if !cursor.is_at_end() {
        return Err(cursor.expected("the end of the statement").message);
    }
    if cascades {
        add_referencing(&mut tables, catalog);
    }
    Ok(TruncateTables { tables, restart_identity })
}

fn word(cursor: &mut Cursor<'_>) -> Result<String, String> {
    match cursor.next() {
        Token::Word(word) | Token::QuotedWord(word) => Ok(word.clone()),
        other => Err(format!("expected a table, found {}", other.describe())),
    }
}

/// What `CASCADE` empties, too.
fn add_referencing(tables: &mut Vec<QualifiedName>, catalog: &Catalog) {
    let mut known: BTreeSet<QualifiedName> = tables.iter().cloned().collect();
    let mut at = 0;
    while let Some(emptied) = tables.get(at).cloned() {
        for (name, table) in &catalog.tables {
            let refers = table
                .constraints
                .values()
                .any(|constraint| matches!(&constraint.kind, ConstraintKind::ForeignKey(key) if key.table == emptied));
            if refers && known.insert(name.clone()) {
                tables.push(name.clone());
            }
        }
        at += 1;
    }
}

/// Whether a block or a function changes rows, or may: by the words with which its statements begin, and by those that it puts
/// together.
pub(crate) fn may_change_rows(sql: &str) -> bool {
    let Ok(tokens) = lex(sql) else { return true };
    let changes = |word: &str| {
        ["insert", "update", "delete", "merge", "truncate", "copy", "perform", "call", "with"].contains(&word)
    };
    let mut begins = true;
    for token in &tokens {
        match token {
            Token::Word(word) if begins && changes(word) => return true,
            Token::Word(word) => begins = ["begin", "then", "else", "loop"].contains(&word.as_str()),
            Token::Symbol { symbol: ';', .. } => begins = true,
            Token::Text(text) => {
                let first = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
                if changes(&first) || text.contains(';') && may_change_rows(text) {
                    return true;
                }
                begins = false;
            }
            _ => begins = false,
        }
    }
    false
}

/// The same of a block, or of a query with what it calls.
pub(crate) fn may_change_rows_anywhere(sql: &str, catalog: &Catalog) -> bool {
    if sql.trim_start().get(..2).is_some_and(|word| word.eq_ignore_ascii_case("do")) {
        return may_change_rows(sql);
    }
    let Ok(statement) = sql.parse::<Statement>() else { return true };
    statement.functions().iter().any(|call| {
        let mut known = catalog.objects.iter().filter(|(id, _)| id.name.name == call.name).peekable();
        if known.peek().is_none() {
            return matches!(call.name.as_str(), "setval" | "nextval" | "lo_import" | "lo_create" | "lo_unlink");
        }
        known.any(|(_, object)| super::effect::body(&object.definition).is_some_and(|body| may_change_rows(&body)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_table_is_found() {
        for (sql, expected) in [
            ("CREATE TABLE basic AS\nSELECT a AS b FROM t", "SELECT a AS b FROM t"),
            (
                "create table if not exists t (a, b) with (fillfactor = 70) as (values (1, 2)) WITH DATA",
                "(values (1, 2))",
            ),
            ("SELECT a, b INTO intoxicated FROM t WHERE a > 1", "SELECT a, b FROM t WHERE a > 1"),
            ("select 1 into t", "select 1 "),
        ] {
            assert_eq!(query_of_table(sql).as_deref(), Some(expected));
        }
    }

    #[test]
    fn blocks_that_change_rows_are_seen() {
        for (sql, expected) in [
            ("do $$ begin if true then alter table t add a int; end if; end $$", false),
            ("do $$ begin create trigger x before update on t execute function f(); end $$", false),
            ("do $$ begin if true then update t set a = 1; end if; end $$", true),
            ("do $$ begin execute format('UPDATE %I set a = 1', 't'); end $$", true),
            ("do $$ begin execute 'alter table t add a int'; end $$", false),
            ("do $$ begin perform f(); end $$", true),
        ] {
            assert_eq!(may_change_rows(sql), expected, "{sql}");
        }
    }
}
