//! Statements that change rows by what a query gives: `insert ... select`, `update ... from`, `delete ... using`, `merge`.

use migrate_core::catalog::Table;
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::RunStatement;
use migrate_core::query::{
    Body, Insert, InsertSource, Name, ObjectName, Statement, TargetTable, full_name, parse_statement,
};
use migrate_core::token::At;

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser, Spanned};

/// A statement as it is written.
pub(crate) struct StatementClause {
    pub(crate) statement: Statement,
    pub(crate) at: At,
}

impl StatementClause {
    /// Takes a statement that begins at this token, which may have been passed.
    pub(crate) fn parse(parser: &mut Parser<'_>, start: u32) -> Parsed<Self> {
        parser.cursor.go_to(start);
        let statement = parse_statement(&mut parser.cursor)?;
        let at = parser.cursor.since(start);
        if let Some(item) = statement.returning().and_then(|returning| returning.items.first()) {
            return Err(Diagnostic::new(code::SYNTAX, "`returning` has no use in a migration", item.value.at)
                .help("remove it: nothing reads its result"));
        }
        Ok(StatementClause { statement, at })
    }

    /// Looks everything up, and emits it.
    pub(crate) fn check(&self, checker: &mut Checker<'_>) {
        let known = checker.mistakes();
        let mut statement = self.statement.clone();
        let is_good = checker.changing_statement(&mut statement);
        if let Statement::Insert(insert) = &statement {
            check_insert(insert, checker);
        }
        if is_good && checker.mistakes() == known {
            checker.emit(RunStatement { statement }, self.at);
        }
    }
}

/// The table or view that a statement changes.
pub(crate) fn target_table(name: &Spanned<QualifiedName>) -> TargetTable {
    let part = |part: &str| Name::new(part, name.at);
    let schema = Some(part(&name.value.schema));
    TargetTable {
        name: ObjectName { database: None, schema, name: part(&name.value.name) },
        is_only: false,
        alias: None,
    }
}

fn check_insert(insert: &Insert, checker: &mut Checker<'_>) {
    let name = full_name(&insert.table.name);
    check_insert_into_view(insert, &name, checker);
    let Some(table) = checker.catalog().table(&name).cloned() else { return };
    let columns: Vec<String> = match insert.columns.as_slice() {
        [] if matches!(insert.source, InsertSource::DefaultValues) => Vec::new(),
        [] => return,
        named => named.iter().map(|target| target.column.value.clone()).collect(),
    };
    report_missing(&name, &table, &columns, insert.table.name.at(), checker);
    report_nulls(insert, &table, &columns, checker);
}

/// The columns of the table behind a view that must have a value and get none.
fn check_insert_into_view(insert: &Insert, view: &QualifiedName, checker: &mut Checker<'_>) {
    let given: Vec<String> = match insert.columns.as_slice() {
        [] => checker.catalog().column_names(view),
        named => named.iter().map(|target| target.column.value.clone()).collect(),
    };
    let known = checker.catalog().column_names(view);
    if given.iter().any(|column| !known.contains(column)) {
        return;
    }
    let Some((name, columns)) = checker.catalog().inserted_behind(view, &given).filter(|(name, _)| name != view) else {
        return;
    };
    let Some(table) = checker.catalog().table(&name) else { return };
    let missing =
        (table.columns.iter()).find(|column| checker.catalog().needs_value(column) && !columns.contains(&column.name));
    if let Some(column) = missing.filter(|_| !checker.state.broken.is_incomplete(&name)) {
        let message =
            format!("the rows have no value for `{name}.{}`, which is NOT NULL and has no default", column.name);
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, message, insert.table.name.at())
                .help(format!("insert them into `{name}`, or name the column of the view that is `{}`", column.name)),
        );
    }
}

/// The columns that must have a value and get none.
pub(crate) fn report_missing(
    name: &QualifiedName,
    table: &Table,
    columns: &[String],
    at: At,
    checker: &mut Checker<'_>,
) {
    for column in &table.columns {
        if checker.catalog().needs_value(column)
            && !columns.contains(&column.name)
            && !checker.state.broken.is_incomplete(name)
        {
            checker.report(
                Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!(
                        "the rows have no value for `{name}.{}`, which is NOT NULL and has no default",
                        column.name
                    ),
                    at,
                )
                .help(format!("add `{}` to the list of columns", column.name)),
            );
        }
    }
}

/// A `null` for a column that takes none.
fn report_nulls(insert: &Insert, table: &Table, columns: &[String], checker: &mut Checker<'_>) {
    let InsertSource::Query(query) = &insert.source else { return };
    let rows: Vec<Vec<&Expression>> = match &query.body {
        Body::Select(select) => vec![select.items.iter().map(|item| &item.value).collect()],
        Body::Values(rows) => rows.iter().map(|row| row.iter().collect()).collect(),
        Body::Table(_) | Body::Set(_) => Vec::new(),
    };
    for row in rows {
        for (column, value) in columns.iter().zip(row) {
            let column_of_table = table.column(column).filter(|_| value.is_null());
            if column_of_table.is_some_and(|one| !one.nullable || checker.catalog().refuses_null(&one.data_type)) {
                let message = format!("`{column}` is NOT NULL, but the value is `null`");
                checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, value.at));
            }
        }
    }
}
