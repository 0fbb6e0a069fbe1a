//! Bodies in SQL: statements, the last of which gives the result.

use migrate_core::catalog::Used;
use migrate_core::expression::{Expression, ExpressionKind, parse};
use migrate_core::object::{ArgumentMode, Function, Returns, StandardBody};
use migrate_core::plpgsql::COMMANDS;
use migrate_core::query::{Body, Part, Query, Statement, parse_statement};
use migrate_core::sorted::SortedSet;
use migrate_core::sql::lex;
use migrate_core::token::{Cursor, SyntaxError, Token};
use migrate_core::types::{BuiltIn, Type};

use super::row_fields;
use crate::check::query::{Output, QueryCheck, Scope, counted};
use crate::diagnostic::{Diagnostic, code};

/// The words with which other commands begin that PL/pgSQL reads as its own, or does not know.
const MORE_COMMANDS: [&str; 11] =
    ["begin", "close", "commit", "declare", "end", "execute", "fetch", "move", "repack", "rollback", "wait"];

/// A statement of a body.
pub(super) enum Command {
    /// One that reads or changes rows.
    Statement(Box<Statement>),
    /// `CALL p(1)`
    Call(Expression),
    /// Another one, which is not looked into.
    Other,
}

/// The statements of a body.
pub(super) fn statements(text: &str) -> Result<Vec<Command>, SyntaxError> {
    let tokens = lex(text)?;
    let mut cursor = Cursor::of_sql(&tokens);
    let mut found = Vec::new();
    while !cursor.is_at_end() {
        if cursor.take_symbol(';') {
            continue;
        }
        let is_read = matches!(cursor.peek(), Token::Open(_))
            || ["select", "with", "values", "table", "insert", "update", "delete", "merge"]
                .iter()
                .any(|word| cursor.is_word(word));
        if is_read {
            let statement = parse_statement(&mut cursor)?;
            if !cursor.is_at_end() && !cursor.is_symbol(';') {
                return Err(cursor.expected(statement.expected_next()));
            }
            found.push(Command::Statement(Box::new(statement)));
        } else if cursor.take_word("call") {
            let call = parse(&mut cursor)?;
            if !matches!(call.kind, ExpressionKind::Call(_)) || !cursor.is_at_end() && !cursor.is_symbol(';') {
                return Err(cursor.expected("a call"));
            }
            found.push(Command::Call(call));
        } else if let Token::Word(word) = cursor.peek()
            && !COMMANDS.contains(&word.as_str())
            && !MORE_COMMANDS.contains(&word.as_str())
        {
            return Err(cursor.expected("a statement"));
        } else {
            while !cursor.is_at_end() && !cursor.is_symbol(';') {
                cursor.next();
            }
            found.push(Command::Other);
        }
    }
    Ok(found)
}

/// What the statements of a body use, as far as they can be read.
pub(super) fn uses(check: &mut QueryCheck<'_, '_>, text: &str, scope: &Scope<'_>) -> SortedSet<Used> {
    let mut uses = SortedSet::new();
    for command in statements(text).into_iter().flatten() {
        let Command::Statement(mut statement) = command else { continue };
        check.statement(&mut statement, Some(scope));
        statement.note_uses(&migrate_core::catalog::Scope::of(&check.checker.state.catalog), &mut uses);
        row_fields::note_in_statement(&statement, scope, &mut uses);
    }
    uses
}

/// Checks the statements, and what the last one gives; says what they use.
pub(super) fn check(
    check: &mut QueryCheck<'_, '_>,
    text: &str,
    function: &Function,
    scope: &Scope<'_>,
) -> SortedSet<Used> {
    let mut uses = SortedSet::new();
    let Ok(statements) = statements(text) else { return uses };
    let count = statements.len();
    let is_void = matches!(function.returns, Returns::Type { data_type: Type::BuiltIn(BuiltIn::Void), .. });
    let gives = match &function.returns {
        Returns::Type { .. } => !is_void,
        Returns::Table(_) => true,
        Returns::Outputs { .. } => function.arguments.iter().any(|argument| argument.mode.is_output()),
    };
    if count == 0 && gives {
        let mistake = Diagnostic::new(
            code::INVALID_DEFINITION,
            "the body is empty, but the function returns a value",
            Default::default(),
        );
        check.checker.report(mistake.help("end it with a `select`, or make the function `returns void`"));
    }
    for (index, command) in statements.into_iter().enumerate() {
        let mut statement = match command {
            Command::Statement(statement) => statement,
            Command::Call(call) => {
                let known = check.checker.mistakes();
                check.procedure(&mut call.clone(), scope);
                if check.checker.mistakes() == known {
                    gives_nothing(check, &call);
                }
                call_uses(check, &call, &mut uses);
                continue;
            }
            Command::Other => continue,
        };
        let known = check.checker.mistakes();
        parameters(check, &statement, function);
        let (is_open, failed) = (check.is_open, check.failed);
        check.is_open = false;
        let outputs = check.statement(&mut statement, Some(scope));
        statement.note_uses(&migrate_core::catalog::Scope::of(&check.checker.state.catalog), &mut uses);
        row_fields::note_in_statement(&statement, scope, &mut uses);
        if index + 1 == count && !check.is_open && check.checker.mistakes() == known && !check.failed {
            result(check, &statement, &outputs, function);
        }
        check.is_open |= is_open;
        check.failed |= failed;
    }
    uses
}

/// A function in SQL cannot call a procedure that has outputs.
fn gives_nothing(check: &mut QueryCheck<'_, '_>, called: &Expression) {
    let ExpressionKind::Call(call) = &called.kind else { return };
    let Some(only) = check.checker.catalog().only_procedure(&call.name) else { return };
    if only.arguments.iter().any(|argument| argument.mode.is_output()) {
        let message = format!("`{}` has outputs, so a body in SQL cannot call it", call.name);
        let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, called.at);
        check.checker.report(mistake.help("write the body in PL/pgSQL, with variables for the outputs"));
    }
}

fn call_uses(check: &QueryCheck<'_, '_>, call: &Expression, uses: &mut SortedSet<Used>) {
    migrate_core::catalog::Scope::of(&check.checker.state.catalog).note_expression(call, uses);
}

/// `$3` is the third argument.
fn parameters(check: &mut QueryCheck<'_, '_>, statement: &Statement, function: &Function) {
    let count = function.inputs().count();
    let mut beyond = None;
    statement.walk(&mut |part| {
        if let Part::Expression(Expression { kind: ExpressionKind::Parameter(number), at }) = part
            && usize::try_from(*number).is_ok_and(|number| number == 0 || number > count)
        {
            beyond.get_or_insert((*number, *at));
        }
    });
    if let Some((number, at)) = beyond {
        let message = format!("there is no parameter `${number}`");
        let help = match count {
            0 => "the function has no arguments".to_owned(),
            count => format!("the function has {}", counted(count, "argument")),
        };
        check.checker.report(Diagnostic::new(code::UNKNOWN_COLUMN, message, at).help(help));
    }
}

/// Looks up everything in a body in standard SQL, and checks what it gives.
pub(super) fn check_standard(
    check: &mut QueryCheck<'_, '_>,
    body: &mut StandardBody,
    function: &Function,
    scope: &Scope<'_>,
) {
    match body {
        StandardBody::Return(query) => {
            cast_literal(check, query, function, scope);
            let mut statement = Statement::Query((**query).clone());
            check_last(check, &mut statement, function, scope);
            if let Statement::Query(checked) = statement {
                **query = checked;
            }
        }
        StandardBody::Atomic(statements) => {
            if let Some((last, others)) = statements.split_last_mut() {
                for statement in others {
                    check.statement(statement, Some(scope));
                }
                check_last(check, last, function, scope);
            }
        }
    }
}

/// Gives a literal without a type that of the result, which PostgreSQL would take for `text`. A bare word may be a value of
/// an enum.
fn cast_literal(check: &QueryCheck<'_, '_>, query: &mut Query, function: &Function, scope: &Scope<'_>) {
    let Returns::Type { data_type, .. } = &function.returns else { return };
    let Some(named) = data_type.as_named() else { return };
    let Body::Select(select) = &mut query.body else { return };
    let [item] = select.items.as_mut_slice() else { return };
    let at = item.value.at;
    let literal = match &item.value.kind {
        ExpressionKind::Text(text) => ExpressionKind::Text(text.clone()),
        ExpressionKind::Null => ExpressionKind::Null,
        ExpressionKind::Name(parts) => match (parts.as_slice(), check.checker.catalog().enums.get(named)) {
            ([word], Some(of)) if of.values.contains(word) && !scope.is_sql && !scope.has(word) => {
                ExpressionKind::Text(word.clone())
            }
            _ => return,
        },
        _ => return,
    };
    let operand = Box::new(Expression::new(literal, at));
    item.value = Expression::new(ExpressionKind::Cast { operand, target: data_type.clone(), place: at }, at);
}

/// Checks the statement that gives the result.
fn check_last(check: &mut QueryCheck<'_, '_>, statement: &mut Statement, function: &Function, scope: &Scope<'_>) {
    let known = check.checker.mistakes();
    let outputs = check.statement(statement, Some(scope));
    if check.checker.mistakes() == known && !check.failed && !check.is_open {
        result(check, statement, &outputs, function);
    }
}

/// What the last statement gives must be what the function returns.
fn result(check: &mut QueryCheck<'_, '_>, statement: &Statement, outputs: &[Output], function: &Function) {
    let expected: Vec<Type> = match &function.returns {
        Returns::Type { data_type: Type::BuiltIn(BuiltIn::Void), .. } => return,
        Returns::Type { data_type, .. } => vec![data_type.clone()],
        Returns::Table(columns) => columns.iter().map(|(_, data_type)| data_type.clone()).collect(),
        Returns::Outputs { .. } => {
            let outputs = function.arguments.iter().filter(|argument| argument.mode.is_output());
            debug_assert!(outputs.clone().all(|argument| argument.mode != ArgumentMode::Variadic));
            outputs.map(|argument| argument.data_type.clone()).collect()
        }
    };
    if expected.is_empty() {
        return;
    }
    let gives_rows = matches!(statement, Statement::Query(_)) || statement.returning().is_some();
    if !gives_rows {
        let mistake = "the last statement of the body returns no rows, but the function returns a value";
        check.checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, mistake, statement.at())
                .help("add `returning ...`, or make the function `returns void`"),
        );
        return;
    }
    if expected.len() > 1 && matches!(outputs, [Output { data_type: None | Some(Type::BuiltIn(BuiltIn::Record)), .. }])
    {
        return;
    }
    // A row is given as one value, or as its columns.
    let catalog = check.checker.catalog();
    let is_row = |data_type: &Type| {
        let below = catalog.base_type(data_type);
        matches!(below, Type::BuiltIn(BuiltIn::Record))
            || below.as_named().is_some_and(|name| !catalog.enums.contains_key(name))
    };
    if let ([row], Some(ExpressionKind::Row(items))) = (expected.as_slice(), only_value(statement))
        && let Some(fields) = row.as_named().and_then(|name| check.checker.fields(name))
        && fields.len() != items.len()
        && !items.iter().any(Expression::is_star)
    {
        let (wanted, given) = (counted(fields.len(), "field"), counted(items.len(), "value"));
        let message = format!("`{row}` has {wanted}, but this row has {given}");
        check.checker.report(Diagnostic::new(code::TYPE_MISMATCH, message, statement.at()));
        return;
    }
    let fields = match expected.as_slice() {
        [row] if is_row(row) => {
            let is_whole = matches!(outputs, [Output { data_type: None, .. }])
                || matches!(outputs, [Output { data_type: Some(found), .. }] if is_row(found));
            row.as_named()
                .and_then(|name| check.checker.fields(name))
                .map(|fields| fields.into_iter().map(|(_, data_type)| data_type).collect())
                .filter(|_: &Vec<Type>| !is_whole)
        }
        _ => None,
    };
    if fields.is_none() && expected.iter().any(is_row) {
        return;
    }
    let expected = fields.unwrap_or(expected);
    if outputs.len() != expected.len() {
        let (found, wanted) = (outputs.len(), expected.len());
        let message = format!(
            "the function returns {}, but its last statement returns {}",
            counted(wanted, "column"),
            counted(found, "column")
        );
        check.checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, statement.at()));
        return;
    }
    for (index, (output, expected)) in outputs.iter().zip(&expected).enumerate() {
        let found =
            if is_untyped(statement, index) { Some(Type::BuiltIn(BuiltIn::Text)) } else { output.data_type.clone() };
        if let Some(found) = &found
            && !check.checker.assigns(found, expected)
        {
            let message = format!("the function returns `{expected}`, but its last statement returns `{found}`");
            check.checker.report(
                Diagnostic::new(code::TYPE_MISMATCH, message, statement.at()).help(format!("cast it: `::{expected}`")),
            );
            return;
        }
    }
}

/// The one value that a statement selects.
fn only_value(statement: &Statement) -> Option<&ExpressionKind> {
    let Statement::Query(query) = statement else { return None };
    let Body::Select(select) = &query.body else { return None };
    match select.items.as_slice() {
        [only] => Some(&only.value.kind),
        _ => None,
    }
}

/// Whether a column of the result is a literal without a type, which PostgreSQL takes for `text` here: `select null`.
fn is_untyped(statement: &Statement, column: usize) -> bool {
    let Statement::Query(query) = statement else { return false };
    let item = match &query.body {
        Body::Select(select) => select.items.get(column).map(|item| &item.value),
        Body::Values(rows) => rows.first().and_then(|row| row.get(column)).filter(|_| rows.len() == 1),
        Body::Table(_) | Body::Set(_) => None,
    };
    item.is_some_and(|value| matches!(value.kind, ExpressionKind::Null | ExpressionKind::Text(_)))
}
