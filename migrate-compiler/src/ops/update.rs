//! `update plans set price = 950 where code = "pro" irreversible "the old price is gone";`

use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::UpdateRows;
use migrate_core::query::{self, Assignment, Statement, Target};
use migrate_core::token::{At, Bracket, Token};

use super::Item;
use crate::check::{Checker, Context};
use crate::clause::{AssignmentClause, StatementClause, parse_assignments, target_table};
use crate::parser::{Head, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["update"]];

pub(super) enum Update {
    Rows(Box<Rows>),
    Statement(Box<StatementClause>),
}

/// Rows that are changed by what is in them.
pub(super) struct Rows {
    table: Spanned<QualifiedName>,
    assignments: Vec<AssignmentClause>,
    condition: Option<Spanned<Expression>>,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Update> {
    let start = parser.cursor.index();
    let table = parser.qualified_name("the table")?;
    let is_set = parser.cursor.is_word("set");
    let has_alias = !is_set && (parser.cursor.is_word("as") || parser.cursor.look_ahead(1) == &Token::Word("set".into()));
    let sets_several = is_set && *parser.cursor.look_ahead(1) == Token::Open(Bracket::Round);
    if has_alias || sets_several || (is_set && sets_part_or_default(parser)) {
        return StatementClause::parse(parser, start - 1).map(Box::new).map(Update::Statement);
    }
    parser.word("set")?;
    let assignments = parse_assignments(parser)?;
    if parser.cursor.is_word("from") || parser.cursor.is_word("returning") {
        return StatementClause::parse(parser, start - 1).map(Box::new).map(Update::Statement);
    }
    let condition = if parser.cursor.take_word("where") { Some(parser.expression()?) } else { None };
    Ok(Update::Rows(Box::new(Rows { table, assignments, condition, at: parser.cursor.since(start) })))
}

/// Whether a part of a column is set, or a default: `set home.zip = ...`, `set tags[1] = ...`, `set total = default`.
fn sets_part_or_default(parser: &Parser<'_>) -> bool {
    let mut depth = 0_usize;
    let mut is_target = true;
    for ahead in 1.. {
        match parser.cursor.look_ahead(ahead) {
            Token::End => break,
            Token::Symbol { symbol: ';', .. } if depth == 0 => break,
            Token::Word(word) if depth == 0 && !is_target && matches!(word.as_str(), "where" | "from") => break,
            Token::Symbol { symbol: ',', .. } if depth == 0 => {
                is_target = true;
                continue;
            }
            Token::Symbol { symbol: '=', .. } if is_target && depth == 0 => {
                if parser.cursor.look_ahead(ahead + 1) == &Token::Word("default".into()) {
                    return true;
                }
                is_target = false;
            }
            Token::Symbol { symbol: '.', .. } | Token::Open(Bracket::Square) if depth == 0 && is_target => return true,
            Token::Open(_) => depth += 1,
            Token::Close(_) => match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None => break,
            },
            _ => {}
        }
    }
    false
}

impl Item for Update {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`update`");
        match self {
            Update::Rows(rows) => rows.check(checker),
            Update::Statement(statement) => statement.check(checker),
        }
    }
}

impl Rows {
    /// It as any other statement.
    fn statement(&self) -> Statement {
        let assignment = |clause: &AssignmentClause| Assignment::One {
            target: Target { column: query::Name::new(clause.column.value.clone(), clause.column.at), path: Vec::new() },
            value: clause.value.value.clone(),
        };
        Statement::Update(query::Update {
            with: None,
            table: target_table(&self.table),
            assignments: self.assignments.iter().map(assignment).collect(),
            from: Vec::new(),
            filter: self.condition.as_ref().map(|condition| condition.value.clone()),
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
        let assignments = checker.assignments(&self.assignments, name, &table);
        let condition = match &self.condition {
            Some(condition) => checker.condition(condition, name, &table, Context::Statement).map(Some),
            None => Some(None),
        };
        if let (Some(assignments), Some(condition)) = (assignments, condition) {
            checker.emit(UpdateRows { table: name.clone(), assignments, condition }, self.at);
        }
    }
}
