//! The form in which what we predict and what PostgreSQL deparses are equal.

use super::canonical_literal as literal;
use super::named_in_text::argument_of;
use super::predicate::like_operator;
use super::{
    Argument, Call, Expression, ExpressionKind, IsTest, LikeForm, NormalForm, Operator, Quantifier, TrimSide, functions,
};
use crate::name::DEFAULT_SCHEMA;
use crate::query::{canonical_in, without_own_names};
use crate::token::At;
use crate::types::{BuiltIn, Category, Type};

/// The expression in the form in which it equals what PostgreSQL (14 on) deparses for it, with its own form brought
/// there as well.
///
/// Types are not known here, so it forgets casts that PostgreSQL adds by itself: of literals, and of bare columns
/// to the types that it promotes to (`text`, `numeric`, ...). Two expressions that differ in such a cast only are
/// taken for equal. Names are not resolved: `a` and `t.a` differ.
pub fn canonical(expression: &Expression) -> Expression {
    let mut expression = expression.clone();
    expression.walk_mut(&mut without_own_names);
    expression.walk_mut(&mut canonical_in);
    expression
}

fn boxed(kind: ExpressionKind) -> Box<Expression> {
    Box::new(kind.into())
}

/// One node in its canonical form; its children are there already.
fn simplified(kind: ExpressionKind) -> ExpressionKind {
    use ExpressionKind as Kind;
    match kind {
        Kind::Number(number) => Kind::Number(literal::number(&number)),
        Kind::Text(text) => Kind::Text(literal::text(text)),
        Kind::Json(value) => Kind::Text(literal::text(value.to_string())),
        Kind::BitText { is_hexadecimal, digits } => Kind::Text(literal::bits(is_hexadecimal, digits)),
        Kind::TypedText { target, text } => literal::converted(Kind::Text(literal::text(text)), &target),
        Kind::Cast { operand, target, .. } => cast(*operand, target),
        Kind::Array(items) if items.is_empty() => Kind::Text("{}".into()),
        Kind::And(items) => Kind::And(flattened(items, false)),
        Kind::Or(items) => disjunction(items),
        Kind::Not(operand) => match operand.kind {
            Kind::Not(inner) => inner.kind,
            other => Kind::Not(boxed(other)),
        },
        Kind::IsDistinct { left, right, is_negated, .. } => is_distinct(left, right, is_negated),
        Kind::In { operand, items, is_negated } => membership(*operand, items, is_negated),
        Kind::Quantified { operand, operator, quantifier, array } => {
            let operator = without_catalog(operator);
            match (array.kind, quantifier) {
                (Kind::Array(items), Quantifier::Any) if operator.is("=") => membership(*operand, items, false),
                (Kind::Array(items), Quantifier::All) if operator.is("<>") => membership(*operand, items, true),
                (array, _) => Kind::Quantified { operand, operator, quantifier, array: boxed(array) },
            }
        }
        Kind::Between { operand, low, high, is_symmetric, is_negated } => {
            between(&operand, &low, &high, is_symmetric, is_negated)
        }
        Kind::Like { form, operand, pattern, escape, is_negated, .. } => {
            let operator = Operator::new(like_operator(form, is_negated));
            let pattern = match (form, escape) {
                (LikeForm::SimilarTo, escape) => {
                    Expression::call("similar_to_escape", [*pattern].into_iter().chain(escape.map(|escape| *escape)))
                }
                (_, Some(escape)) => Expression::call("like_escape", [*pattern, *escape]),
                (_, None) => *pattern,
            };
            Kind::Binary { operator, left: operand, right: Box::new(pattern) }
        }
        Kind::Unary { operator, operand } => Kind::Unary { operator: without_catalog(operator), operand },
        Kind::Binary { operator, left, right } => binary(without_catalog(operator), left, right),
        Kind::Call(call) => Kind::Call(plain_call(call)),
        Kind::AtTimeZone { operand, zone } => call("timezone", [*zone, *operand]),
        Kind::Extract { field, source } => call("extract", [Expression::text(field), *source]),
        Kind::Position { needle, haystack } => call("position", [*haystack, *needle]),
        Kind::Substring { source, start, length } => {
            let start = start.map_or_else(|| Expression::number(1), |start| *start);
            call("substring", [*source, start].into_iter().chain(length.map(|length| *length)))
        }
        Kind::Overlay { source, replacement, start, length } => {
            call("overlay", [*source, *replacement, *start].into_iter().chain(length.map(|length| *length)))
        }
        Kind::Trim { side, characters, source } => {
            let name = match side {
                TrimSide::Both => "btrim",
                TrimSide::Leading => "ltrim",
                TrimSide::Trailing => "rtrim",
            };
            call(name, [*source].into_iter().chain(characters.map(|characters| *characters)))
        }
        Kind::Collate { operand, mut collation } => {
            if collation.len() > 1
                && collation.first().is_some_and(|schema| matches!(schema.as_str(), "pg_catalog" | DEFAULT_SCHEMA))
            {
                collation.remove(0);
            }
            Kind::Collate { operand, collation }
        }
        Kind::Case { operand, branches, otherwise } => {
            Kind::Case { operand, branches, otherwise: otherwise.filter(|otherwise| !otherwise.is_null()) }
        }
        Kind::Normalize { operand, form } => {
            let form = match form {
                NormalForm::Nfc => "NFC",
                NormalForm::Nfd => "NFD",
                NormalForm::Nfkc => "NFKC",
                NormalForm::Nfkd => "NFKD",
            };
            call("normalize", [*operand, Expression::text(form)])
        }
        other => other,
    }
}

/// Brings one node into its canonical form, whose children are there already.
pub(crate) fn canonical_part(expression: &mut Expression) {
    // A row as one value may be written with its star; between the values of a row it is all of its columns.
    if !matches!(expression.kind, ExpressionKind::Row(_)) {
        expression.for_each_child_mut(&mut |child| {
            if let ExpressionKind::Star(parts) = &child.kind
                && !parts.is_empty()
            {
                child.kind = ExpressionKind::Name(parts.clone());
            }
        });
    }
    let taken = std::mem::replace(expression, Expression::null());
    *expression = simplified(taken.kind).into();
}

fn call(name: &str, arguments: impl IntoIterator<Item = Expression>) -> ExpressionKind {
    Expression::call(name, arguments).kind
}

fn without_catalog(mut operator: Operator) -> Operator {
    operator.schema.take_if(|schema| matches!(schema.as_str(), "pg_catalog" | DEFAULT_SCHEMA));
    operator
}

fn plain_call(mut call: Call) -> Call {
    // Without a schema a function is the system's, or else one in `public`.
    let is_built_in = functions::is_system_function(&call.name);
    call.schema.take_if(|schema| schema == "pg_catalog" || schema == DEFAULT_SCHEMA && !is_built_in);
    if let Some((index, read_as)) = argument_of(&call)
        && let Some(Argument { value: Expression { kind: ExpressionKind::Text(text), .. }, .. }) =
            call.arguments.get_mut(index)
        && let Some(name) = literal::name(text, read_as)
    {
        *text = name;
    }
    // `VARIADIC ARRAY[a, b]` is how a call with `a, b` may be printed.
    if call.is_variadic
        && let Some(Argument { value: Expression { kind: ExpressionKind::Array(_), .. }, .. }) = call.arguments.last()
        && let Some(Argument { value, .. }) = call.arguments.pop()
        && let ExpressionKind::Array(items) = value.kind
    {
        call.is_variadic = false;
        call.arguments.extend(items.into_iter().map(|value| Argument { name: None, value }));
    }
    call
}

/// A conversion is kept only where PostgreSQL would not have added it by itself.
fn cast(operand: Expression, target: Type) -> ExpressionKind {
    if operand.is_literal() || matches!(operand.kind, ExpressionKind::Array(_)) {
        return literal::converted(operand.kind, &target);
    }
    if is_promotion(&operand.kind, &target) {
        return operand.kind;
    }
    ExpressionKind::Cast { operand: Box::new(operand), target, place: At::default() }
}

fn is_promotion(operand: &ExpressionKind, target: &Type) -> bool {
    let is_column = matches!(operand, ExpressionKind::Name(_));
    let is_chosen = match operand {
        ExpressionKind::Call(call) => call.is_choice(),
        _ => matches!(operand, ExpressionKind::Case { .. }),
    };
    // What was converted to `varchar(5)` is compared as `text`.
    let is_varchar = matches!(operand, ExpressionKind::Cast { target: Type::CharacterVarying(_), .. });
    match *target {
        Type::TEXT | Type::VARCHAR => is_column || is_chosen || is_varchar,
        Type::INTEGER | Type::BIGINT | Type::NUMERIC | Type::DOUBLE_PRECISION => {
            is_column || is_chosen || is_arithmetic(operand)
        }
        Type::TIMESTAMP | Type::TIMESTAMPTZ => is_column || is_chosen,
        // What `regclass` and its like become where they are compared.
        Type::BuiltIn(BuiltIn::Oid) => is_column || is_chosen || matches!(operand, ExpressionKind::Call(_)),
        Type::BuiltIn(BuiltIn::Inet) | Type::Bit(None) => is_column,
        Type::Array(ref element) => is_column && element.category() == Category::String,
        _ => false,
    }
}

fn is_arithmetic(kind: &ExpressionKind) -> bool {
    match kind {
        ExpressionKind::Binary { operator, .. } => {
            operator.schema.is_none() && matches!(operator.symbol.as_str(), "+" | "-" | "*" | "/" | "%")
        }
        ExpressionKind::Call(_) => true,
        _ => false,
    }
}

/// The items of a chain of `AND`, or of `OR`, with the items of the same chain inside it in their place.
fn flattened(items: Vec<Expression>, is_or: bool) -> Vec<Expression> {
    let mut flat = Vec::with_capacity(items.len());
    for item in items {
        match item.kind {
            ExpressionKind::Or(inner) if is_or => flat.extend(inner),
            ExpressionKind::And(inner) if !is_or => flat.extend(inner),
            kind => flat.push(kind.into()),
        }
    }
    flat
}

fn disjunction(items: Vec<Expression>) -> ExpressionKind {
    ExpressionKind::Or(flattened(items, true))
}

fn conjunction(items: Vec<Expression>) -> ExpressionKind {
    simplified(ExpressionKind::And(items))
}

fn is_distinct(left: Box<Expression>, right: Box<Expression>, is_negated: bool) -> ExpressionKind {
    use ExpressionKind as Kind;
    let test = |operand| Kind::Is { operand, test: IsTest::Null, is_negated: !is_negated };
    match (&left.kind, &right.kind) {
        (_, Kind::Null) => test(left),
        (Kind::Null, _) => test(right),
        _ => {
            let distinct = Kind::IsDistinct { left, right, is_negated: false, place: At::default() };
            if is_negated { Kind::Not(boxed(distinct)) } else { distinct }
        }
    }
}

/// `x IN (...)`: the items without columns are one list, each of the others is a comparison of its own, as
/// `transformAExprIn` has it.
fn membership(operand: Expression, items: Vec<Expression>, is_negated: bool) -> ExpressionKind {
    let is_query = |item: &Expression| matches!(item.kind, ExpressionKind::Subquery(_));
    if items.iter().any(is_query) {
        return ExpressionKind::In { operand: Box::new(operand), items, is_negated };
    }
    let is_row = matches!(operand.kind, ExpressionKind::Row(_));
    let (mut constants, mut others): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|item| !is_row && item.names().is_empty());
    if constants.len() == 1 {
        others.splice(0..0, constants.drain(..));
    }
    let symbol = if is_negated { "<>" } else { "=" };
    let mut tests: Vec<Expression> = Vec::with_capacity(others.len() + 1);
    if !constants.is_empty() {
        let operand = Box::new(operand.clone());
        tests.push(ExpressionKind::In { operand, items: constants, is_negated }.into());
    }
    tests.extend(
        others
            .into_iter()
            .map(|item| Expression::from(binary(Operator::new(symbol), Box::new(operand.clone()), Box::new(item)))),
    );
    if tests.len() == 1
        && let Some(test) = tests.pop()
    {
        return test.kind;
    }
    if is_negated { conjunction(tests) } else { disjunction(tests) }
}

/// Rows are compared field by field where order does not matter.
fn binary(operator: Operator, left: Box<Expression>, right: Box<Expression>) -> ExpressionKind {
    use ExpressionKind as Kind;
    if let (Kind::Row(lefts), Kind::Row(rights)) = (&left.kind, &right.kind)
        && lefts.len() == rights.len()
        && lefts.len() > 1
        && (operator.is("=") || operator.is("<>"))
    {
        let pairs = lefts.iter().zip(rights);
        let tests = pairs.map(|(left, right)| Expression::binary(left.clone(), &operator.symbol, right.clone()));
        let tests = tests.collect();
        return if operator.is("=") { conjunction(tests) } else { disjunction(tests) };
    }
    Kind::Binary { operator, left, right }
}

fn between(
    operand: &Expression,
    low: &Expression,
    high: &Expression,
    is_symmetric: bool,
    is_negated: bool,
) -> ExpressionKind {
    let pair = |low: &Expression, high: &Expression| {
        let (above, below) = if is_negated { ("<", ">") } else { (">=", "<=") };
        let tests = vec![
            Expression::binary(operand.clone(), above, low.clone()),
            Expression::binary(operand.clone(), below, high.clone()),
        ];
        if is_negated { disjunction(tests) } else { conjunction(tests) }
    };
    if !is_symmetric {
        return pair(low, high);
    }
    let both = vec![pair(low, high).into(), pair(high, low).into()];
    if is_negated { conjunction(both) } else { disjunction(both) }
}

#[cfg(test)]
mod tests {
    use super::super::deparsed_samples::SAMPLES;
    use super::*;

    fn parsed(text: &str) -> Expression {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn what_the_server_deparses_equals_what_was_written() {
        for (written, deparsed) in SAMPLES {
            let (one, other) = (canonical(&parsed(written)), canonical(&parsed(deparsed)));
            assert_eq!(one, other, "\n{written}\n{deparsed}\n{one}\n{other}");
        }
    }

    #[test]
    fn the_canonical_form_is_its_own() {
        for (written, _) in SAMPLES {
            let once = canonical(&parsed(written));
            assert_eq!(canonical(&once), once, "{written}");
        }
    }

    #[test]
    fn different_meanings_stay_different() {
        for (one, other) in [
            ("a = 1", "a = 2"),
            ("a AND b OR c", "a AND (b OR c)"),
            ("a - (b - c)", "a - b - c"),
            ("a IN (1, 2)", "a NOT IN (1, 2)"),
            ("a IN (1, 2)", "a IN (1, 3)"),
            ("a BETWEEN 1 AND 2", "a BETWEEN SYMMETRIC 1 AND 2"),
            ("a LIKE 'x'", "a ILIKE 'x'"),
            ("now()", "CURRENT_TIMESTAMP"),
            ("'a'", "a"),
            ("a::date", "a"),
            ("(a ->> 'b')::int", "a ->> 'b'"),
            ("a IS NULL", "a IS NOT NULL"),
            ("NOT a", "a"),
            ("- 1", "1"),
            ("f(a)", "app.f(a)"),
            ("lower(a)", "public.lower(a)"),
            ("'{\"a\": 1}'", "'{\"a\": 2}'"),
            ("interval '1 day'", "interval '24 hours'"),
            ("a = ANY (b)", "a = ALL (b)"),
            ("CASE WHEN a THEN 1 END", "CASE WHEN a THEN 1 ELSE 0 END"),
        ] {
            assert_ne!(canonical(&parsed(one)), canonical(&parsed(other)), "{one} and {other}");
        }
    }
}
