//! `insert into plans (code, price) values ("free", 0), ("pro", 900);`

use migrate_core::catalog::Table;
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::QualifiedName;
use migrate_core::operation::InsertRows;
use migrate_core::query::{self, Body, ConflictAction, InsertSource, OnConflict, Query, Statement, Target};
use migrate_core::token::{At, Bracket, Token};

use super::Item;
use crate::check::{Checker, Context};
use crate::clause::{StatementClause, report_missing, target_table};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["insert", "into"]];

pub(super) enum Insert {
    Rows(Box<Rows>),
    Statement(Box<StatementClause>),
}

/// Rows that are written out.
pub(super) struct Rows {
    table: Spanned<QualifiedName>,
    /// Where there are none, the first ones of the table.
    columns: Vec<Name>,
    rows: Vec<Row>,
    on_conflict_do_nothing: bool,
    at: At,
}

struct Row {
    /// `None` is DEFAULT.
    values: Vec<Option<Spanned<Expression>>>,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Insert> {
    let start = parser.cursor.index();
    let table = parser.qualified_name("the table")?;
    let is_word = |parser: &Parser<'_>, words: &[&str]| words.iter().any(|word| parser.cursor.is_word(word));
    if is_word(parser, &["as", "default", "select", "with", "table", "overriding"]) {
        return StatementClause::parse(parser, start - 2).map(Box::new).map(Insert::Statement);
    }
    let columns = if is_word(parser, &["values"]) {
        Vec::new()
    } else if parser.cursor.is_open(Bracket::Round) {
        if names_part(parser) {
            return StatementClause::parse(parser, start - 2).map(Box::new).map(Insert::Statement);
        }
        parser.name_list("a column")?
    } else {
        let mistake: Diagnostic = parser.cursor.expected("`(` and the columns").into();
        return Err(mistake.help("write `insert into table (column, ...) values (value, ...)`"));
    };
    if is_word(parser, &["select", "with", "table", "overriding"]) || parser.cursor.is_open(Bracket::Round) {
        return StatementClause::parse(parser, start - 2).map(Box::new).map(Insert::Statement);
    }
    parser.word("values")?;
    let mut rows = Vec::new();
    loop {
        let row = parser.cursor.index();
        parser.open(Bracket::Round, "`(` and the values")?;
        let values = parser.separated(Bracket::Round, |parser| {
            if parser.cursor.take_word("default") { Ok(None) } else { parser.expression().map(Some) }
        })?;
        rows.push(Row { values, at: parser.cursor.since(row) });
        if !parser.cursor.take_symbol(',') {
            break;
        }
    }
    let is_whole = !is_word(parser, &["on", "returning"]) || parser.cursor.is_words(&["on", "conflict", "do", "nothing"]);
    if !is_whole {
        return StatementClause::parse(parser, start - 2).map(Box::new).map(Insert::Statement);
    }
    let on_conflict_do_nothing = parser.cursor.take_words(&["on", "conflict", "do", "nothing"]);
    Ok(Insert::Rows(Box::new(Rows { table, columns, rows, on_conflict_do_nothing, at: parser.cursor.since(start) })))
}

/// Whether the list of columns names a part of one: `(home.zip, tags[1])`.
fn names_part(parser: &Parser<'_>) -> bool {
    for ahead in 1.. {
        match parser.cursor.look_ahead(ahead) {
            Token::Symbol { symbol: '.', .. } | Token::Open(Bracket::Square) => return true,
            Token::Word(_) | Token::Symbol { symbol: ',', .. } => {}
            _ => return false,
        }
    }
    false
}

impl Item for Insert {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`insert`");
        match self {
            Insert::Rows(rows) => rows.check(checker),
            Insert::Statement(statement) => statement.check(checker),
        }
    }
}

impl Rows {
    /// It as any other statement.
    fn statement(&self) -> Statement {
        let value = |value: &Option<Spanned<Expression>>| match value {
            Some(value) => value.value.clone(),
            None => Expression::new(ExpressionKind::Default, self.at),
        };
        let rows = self.rows.iter().map(|row| row.values.iter().map(value).collect()).collect();
        let target = |column: &Name| Target { column: query::Name::new(column.value.clone(), column.at), path: Vec::new() };
        let nothing = OnConflict { target: None, action: ConflictAction::Nothing, at: self.at };
        Statement::Insert(query::Insert {
            with: None,
            table: target_table(&self.table),
            columns: self.columns.iter().map(target).collect(),
            overriding: None,
            source: InsertSource::Query(Box::new(Query::new(Body::Values(rows), self.at))),
            on_conflict: self.on_conflict_do_nothing.then_some(nothing),
            returning: None,
            at: self.at,
        })
    }

    fn check(&self, checker: &mut Checker<'_>) {
        if checker.is_other_relation(&self.table.value) {
            return StatementClause { statement: self.statement(), at: self.at }.check(checker);
        }
        let Some(table) = checker.table(&self.table) else { return };
        let name = &self.table.value;
        let columns = match self.columns.as_slice() {
            // All of them, as far as there are values.
            [] => {
                let width = self.rows.first().map_or(0, |row| row.values.len()).min(table.columns.len());
                Some(table.columns.iter().take(width).map(|column| column.name.clone()).collect())
            }
            named => crate::clause::check_columns(named, name, &table, checker),
        };
        let Some(columns): Option<Vec<String>> = columns else { return };
        // Where there are too many values, or too few, that is what is wrong.
        if self.rows.iter().all(|row| row.values.len() == columns.len()) {
            report_missing(name, &table, &columns, self.table.at, checker);
        }
        let mut good = true;
        let mut rows = Vec::new();
        for row in &self.rows {
            if row.values.len() != columns.len() {
                good = false;
                checker.report(Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("expected {}, found {}", count(columns.len(), "value"), row.values.len()),
                    row.at,
                ));
                continue;
            }
            let mut values = Vec::new();
            for (value, column_name) in row.values.iter().zip(&columns) {
                let Some(value) = value else {
                    values.push(None);
                    continue;
                };
                let resolved = match table.column(column_name) {
                    Some(column) if column.generated.is_some() => {
                        checker.report(
                            Diagnostic::new(
                                code::INVALID_DEFINITION,
                                format!("cannot insert a value into the generated column `{column_name}`"),
                                value.at,
                            )
                            .help("remove the column from the list, or write `default`"),
                        );
                        None
                    }
                    Some(column) => {
                        checker.value_for(value, &column.data_type, column_name, column.nullable, Context::Statement)
                    }
                    None => checker.value_for_undeclared(value, column_name, name, &Table::default()),
                };
                good &= resolved.is_some();
                values.push(resolved);
            }
            rows.push(values);
        }
        if good {
            let on_conflict_do_nothing = self.on_conflict_do_nothing;
            checker.emit(InsertRows { table: name.clone(), columns, rows, on_conflict_do_nothing }, self.at);
        }
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
