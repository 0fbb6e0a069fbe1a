//! What is said where PostgreSQL would refuse an expression.

use migrate_core::catalog::Catalog;
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::object::{Kind, Namespace};
use migrate_core::resolve::{Mistake, Misuse, Problem};
use migrate_core::sorted::SortedSet;
use migrate_core::system::{self, FunctionKind};
use migrate_core::token::At;
use migrate_core::types::Type;

use super::immutable::in_source;
use super::lookup::quoted_if_needed;
use crate::diagnostic::{Diagnostic, choices, closest, code};

/// Places are equal for comparisons of expressions; here they tell which part is meant.
pub(super) fn is_at(one: At, other: At) -> bool {
    (one.start, one.end) == (other.start, other.end)
}

/// A type as it is named in a message.
fn named(data_type: Option<&Type>) -> String {
    data_type.map_or_else(|| "unknown".to_owned(), ToString::to_string)
}

/// An operator as it is written: `like` stands for `~~`.
fn as_written<'s>(symbol: &'s str, at: At, whole: &Expression) -> &'s str {
    let mut is_word = false;
    whole.visit(&mut |part| {
        is_word |= matches!(&part.kind, ExpressionKind::Like { place, .. } if is_at(*place, at));
    });
    match symbol {
        "~~" if is_word => "like",
        "!~~" if is_word => "not like",
        "~~*" if is_word => "ilike",
        "!~~*" if is_word => "not ilike",
        symbol => symbol,
    }
}

fn operands(symbol: &str, left: Option<&Option<Type>>, right: Option<&Type>) -> String {
    match left {
        Some(left) => format!("{} {symbol} {}", named(left.as_ref()), named(right)),
        None => format!("{symbol} {}", named(right)),
    }
}

fn create_extension(extensions: &[&'static str]) -> Option<String> {
    let extension = extensions.first()?;
    Some(format!(
        "if you mean the one in the extension, write `create extension {};` first",
        quoted_if_needed(extension)
    ))
}

/// What is said about a mistake.
pub(super) fn explained(mistake: &Mistake, whole: &Expression, catalog: &Catalog) -> Diagnostic {
    let at = mistake.at;
    match &mistake.problem {
        Problem::UnknownFunction { name, extensions, .. } => {
            let of_system = system::function_names().filter(|(_, extension)| extension.is_none()).map(|(name, _)| name);
            let own = catalog.objects.keys().filter(|id| id.kind == Kind::Function);
            let own: Vec<String> = match name.contains('.') {
                true => own.map(|id| format!("{}.{}", id.name.schema, id.name.name)).collect(),
                false => own.map(|id| id.name.name.clone()).collect(),
            };
            let names: SortedSet<&str> = of_system.chain(own.iter().map(String::as_str)).collect();
            let help = create_extension(extensions)
                .or_else(|| closest(name, names).map(|name| format!("did you mean `{name}`?")));
            Diagnostic::new(code::UNKNOWN_FUNCTION, format!("cannot find function `{name}`"), at).maybe_help(help)
        }
        Problem::NoOverload { kind, name, arguments, candidates } => {
            let arguments: Vec<String> = arguments.iter().map(|argument| named(argument.as_ref())).collect();
            let message = format!("{} does not exist: `{name}({})`", noun(*kind), arguments.join(", "));
            let shown: Vec<String> = candidates.iter().take(4).map(|candidate| format!("`{candidate}`")).collect();
            let more = if candidates.len() > 4 { " and others" } else { "" };
            Diagnostic::new(code::UNKNOWN_FUNCTION, message, at)
                .help(format!("there is {}{more}; cast the arguments to these types", shown.join(", ")))
        }
        Problem::AmbiguousFunction { kind, name, arguments } => {
            let shown: Vec<String> = arguments.iter().map(|argument| named(argument.as_ref())).collect();
            let message = format!("{} is not unique: `{name}({})`", noun(*kind), shown.join(", "));
            let help = match takes_the_same(name, arguments.len(), catalog) {
                true => "pass the arguments that have defaults as well, or drop one of the overloads",
                false => "cast the arguments to the types that you mean",
            };
            Diagnostic::new(code::UNKNOWN_FUNCTION, message, at).help(help)
        }
        Problem::NoOperator { symbol, left, right, extensions, is_known } => {
            let shown = operands(as_written(symbol, at, whole), left.as_ref(), right.as_ref());
            let is_boolean = |id: Option<&Type>| id.is_none_or(|data_type| *data_type == Type::BOOLEAN);
            let are_boolean = left.as_ref().is_none_or(|left| is_boolean(left.as_ref())) && is_boolean(right.as_ref());
            let help = match symbol.as_str() {
                "==" => Some("write `=`".to_owned()),
                "===" | "<=>" => Some("write `=`, or `is not distinct from` to compare nulls as well".to_owned()),
                "&&" if are_boolean => Some("write `and`".to_owned()),
                "||" if are_boolean => Some("write `or`".to_owned()),
                "!" | "!!" if are_boolean => Some("write `not`".to_owned()),
                "+" if left.iter().flatten().chain(right).any(|data_type| *data_type == Type::TEXT) => {
                    Some("write `||` to join texts, or cast the text to a number".to_owned())
                }
                _ if !is_known => create_extension(extensions),
                _ => cast_of_operand(symbol, left.as_ref().and_then(Option::as_ref), right.as_ref(), at, whole),
            };
            Diagnostic::new(code::UNKNOWN_OPERATOR, format!("operator does not exist: `{shown}`"), at).maybe_help(help)
        }
        Problem::AmbiguousOperator { symbol, left, right } => {
            let shown = operands(symbol, left.as_ref(), right.as_ref());
            Diagnostic::new(code::UNKNOWN_OPERATOR, format!("operator is not unique: `{shown}`"), at)
                .help("cast the operands to the types that you mean")
        }
        Problem::NoCast { from, to } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("cannot cast `{from}` to `{to}`"), at)
                .maybe_help(numbers_and_booleans(from, to))
        }
        Problem::NotBoolean { found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("this must be a `boolean` condition, found `{found}`"), at)
                .help("compare it with something")
        }
        Problem::NoCommonType { of, one, other } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("`{of}` cannot match the types `{one}` and `{other}`"), at)
                .help(format!("cast one of them, as in `(...)::{one}`"))
        }
        Problem::Undetermined { name } => Diagnostic::new(
            code::UNKNOWN_FUNCTION,
            format!("cannot determine the type of `{name}` from its arguments"),
            at,
        )
        .help("cast the literal to the type that you mean"),
        Problem::NoArrayOf { name, found } => {
            let message = format!("cannot find an array type for `{found}`, which `{name}` would return");
            Diagnostic::new(code::UNKNOWN_FUNCTION, message, at)
        }
        Problem::NotOrdered { found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("values of `{found}` have no order"), at)
                .help("cast them to a type that has one, as in `(...)::text`")
        }
        Problem::NoArray { found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("`any` and `all` need an array, found `{found}`"), at)
                .help("for a list of values, write `in (...)`")
        }
        Problem::NotCollatable { found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("`{found}` has no collation"), at).help("leave out `collate`")
        }
        Problem::NoEquality { found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("values of `{found}` cannot be compared for equality"), at)
                .help("cast them to a type that has an equality operator, for example `::text` or `::jsonb`")
        }
        Problem::Columns { found, expected } => {
            let message = format!("the subquery must return {}, found {found}", columns(*expected));
            Diagnostic::new(code::INVALID_QUERY, message, at)
        }
        Problem::Collations { one, other } => {
            let message = format!("this has the collation `{other}`, and what it stands beside has `{one}`");
            Diagnostic::new(code::TYPE_MISMATCH, message, at).help("write one of the collations only")
        }
        Problem::UnequalRows { left, right } => {
            let message = format!("both rows must have the same number of values, found {left} and {right}");
            Diagnostic::new(code::INVALID_QUERY, message, at)
        }
        Problem::NoRowComparison { symbol } => {
            Diagnostic::new(code::UNKNOWN_OPERATOR, format!("rows cannot be compared by `{symbol}`"), at)
                .help("rows are compared by `=`, `<>`, `<`, `<=`, `>` and `>=`")
        }
        Problem::NoField { field, of, fields } => {
            Diagnostic::new(code::UNKNOWN_COLUMN, format!("cannot find field `{field}` in type `{of}`"), at)
                .maybe_help(choices(field, fields.iter().map(String::as_str), "fields"))
        }
        Problem::NotComposite { field, found } => {
            let message = format!("cannot read field `{field}` of `{found}`, which is not a composite type");
            Diagnostic::new(code::TYPE_MISMATCH, message, at)
        }
        Problem::Expected { what, expected, found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("{what} must be `{expected}`, found `{found}`"), at)
                .help(format!("cast it: `::{expected}`"))
        }
        Problem::Misused { name, misuse } => misused(name, *misuse, at),
        Problem::RangeOrder => {
            let message = "a `range` frame with an offset requires exactly one `order by` column";
            Diagnostic::new(code::INVALID_QUERY, message, at).help("order by one column, or write `rows` or `groups`")
        }
        Problem::RangeDistance { found } => {
            let message = format!("a `range` frame with this offset is not supported for `{found}`");
            Diagnostic::new(code::TYPE_MISMATCH, message, at).help("write `rows` or `groups`, or cast the offset")
        }
        Problem::GroupsOrder => Diagnostic::new(code::INVALID_QUERY, "a `groups` frame requires `order by`", at),
        Problem::Frame { message } => Diagnostic::new(code::INVALID_QUERY, *message, at),
        Problem::Subscript { message, found } => {
            let found = found.as_ref().map_or(String::new(), |found| format!(", found `{found}`"));
            Diagnostic::new(code::TYPE_MISMATCH, format!("{message}{found}"), at)
        }
        Problem::NotSubscriptable { found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("`{found}` cannot be subscripted"), at)
                .help("only arrays and `jsonb` have elements")
        }
    }
}

fn noun(kind: FunctionKind) -> &'static str {
    if kind == FunctionKind::Procedure { "procedure" } else { "function" }
}

/// Whether the catalog has a function of this name that takes more arguments, for which it has defaults.
fn takes_the_same(name: &str, count: usize, catalog: &Catalog) -> bool {
    let named = catalog.objects.keys().filter(|id| id.kind.namespace() == Namespace::Routine && id.name.name == name);
    named.clone().any(|id| id.arguments.len() > count)
}

fn numbers_and_booleans(from: &Type, to: &Type) -> Option<String> {
    if *to == Type::BOOLEAN {
        return Some("compare it with something".into());
    }
    (*from == Type::BOOLEAN).then(|| "write `case when ... then ... else ... end`".into())
}

/// The cast that would make an operator fit.
fn cast_of_operand(
    symbol: &str,
    left: Option<&Type>,
    right: Option<&Type>,
    at: At,
    whole: &Expression,
) -> Option<String> {
    let (left, right) = (left?, right?);
    let mut found = None;
    whole.visit(&mut |part| {
        if let ExpressionKind::Binary { left: one, right: other, operator } = &part.kind
            && is_at(operator.place().unwrap_or(part.at), at)
            && operator.symbol == symbol
        {
            found = Some(if *left == Type::TEXT || *right != Type::TEXT {
                (Expression::cast((**other).clone(), left.without_modifier()), true)
            } else {
                (Expression::cast((**one).clone(), right.without_modifier()), false)
            });
        }
    });
    let (cast, is_right) = found?;
    let fixed = if is_right { format!("... {symbol} {cast}") } else { format!("{cast} {symbol} ...") };
    Some(format!("cast one side to the type of the other, as in `{}`", in_source(&fixed)))
}

fn arguments(count: usize) -> String {
    if count == 1 { "one argument".to_owned() } else { format!("{count} arguments") }
}

fn columns(count: usize) -> String {
    if count == 1 { "one column".to_owned() } else { format!("{count} columns") }
}

/// What is said about a function that is there, and is not called as it must be.
fn misused(name: &str, misuse: Misuse, at: At) -> Diagnostic {
    let (message, help) = match misuse {
        Misuse::NeedsOver => (format!("the window function `{name}` needs `over (...)`"), None),
        Misuse::NoWindow => (format!("`over` needs a window function or an aggregate, but `{name}` is neither"), None),
        Misuse::OrderedSetOver => (format!("`over` is not supported for the ordered-set aggregate `{name}`"), None),
        Misuse::NeedsWithinGroup => {
            let help = format!("write `{name}(...) within group (order by ...)`");
            (format!("the ordered-set aggregate `{name}` needs `within group`"), Some(help))
        }
        Misuse::NoOrderedSet => {
            (format!("`{name}` is not an ordered-set aggregate, so it cannot have `within group`"), None)
        }
        Misuse::NoAggregate(what) => {
            (format!("`{what}` needs an aggregate function, but `{name}` is not one"), Some(format!("remove `{what}`")))
        }
        Misuse::NotInWindow(what) => (format!("`{what}` cannot be used in the window function `{name}`"), None),
        Misuse::NeedsStar => {
            (format!("`{name}` without arguments is written `{name}(*)`"), Some(format!("write `{name}(*)`")))
        }
        Misuse::Hypothetical { direct, ordered } => {
            let message = format!(
                "`{name}` needs as many arguments as there are columns in `order by`, found {direct} and {ordered}"
            );
            (message, None)
        }
        Misuse::DirectArguments { expected, found } => {
            let message = format!("`{name}` takes {} before `within group`, found {found}", arguments(expected));
            (message, None)
        }
        Misuse::DistinctOrder => {
            let message = "with `distinct`, an aggregate can be ordered only by its arguments".to_owned();
            (message, Some("order by one of the arguments".to_owned()))
        }
    };
    Diagnostic::new(code::INVALID_QUERY, message, at).maybe_help(help)
}
