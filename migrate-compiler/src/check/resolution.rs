//! What an expression uses, as PostgreSQL finds it, and what is said where it finds nothing.

use std::collections::BTreeSet;

use migrate_core::catalog::{Catalog, Table};
use migrate_core::expression::{Expression, ExpressionKind, Operator, Volatility};
use migrate_core::name::QualifiedName;
use migrate_core::object::{ArgumentMode, Definition, Kind, Namespace, ObjectId};
use migrate_core::resolve::{
    Mistake, NamedType, OwnFunction, Problem, Resolution, Surroundings, Use, Used, assigns, resolve, resolve_as,
};
use migrate_core::system::{self, CastContext, FunctionKind};
use migrate_core::token::At;
use migrate_core::types::Type;

use super::Checker;
use super::around::Around;
use super::expression::Context;
use super::lookup::quoted_if_needed;
use crate::diagnostic::{Diagnostic, closest, code};

struct Scope<'c> {
    checker: &'c Checker<'c>,
    around: Around<'c>,
}

impl Scope<'_> {
    fn has_unknown_extension(&self) -> bool {
        let extensions = &self.checker.catalog().extensions;
        extensions.keys().any(|extension| system::extension(extension).is_none())
    }

    fn may_have_made(&self, word: &str) -> bool {
        self.checker.state.undeclared.may_have_made(word)
    }
}

impl Surroundings for Scope<'_> {
    fn major(&self) -> u32 {
        self.checker.postgres()
    }

    fn column(&self, parts: &[String]) -> Option<Type> {
        self.around.data_type(parts)
    }

    fn named_type(&self, name: &QualifiedName) -> NamedType {
        let catalog = self.checker.catalog();
        if catalog.enums.contains_key(name) {
            return NamedType::Enum;
        }
        match catalog.object_named(Namespace::Type, name).map(|(_, object)| &object.definition) {
            Some(Definition::Domain(domain)) => NamedType::Domain(domain.data_type.clone()),
            Some(Definition::CompositeType(_)) => NamedType::Composite,
            _ if catalog.tables.contains_key(name) => NamedType::Composite,
            _ => NamedType::Other,
        }
    }

    fn functions(&self, schema: &str, name: &str) -> Vec<OwnFunction> {
        let objects = self.checker.catalog().objects.iter();
        let named = objects.filter(|(id, _)| {
            id.kind.namespace() == Namespace::Routine && id.name.name == name && id.name.schema == schema
        });
        named.filter_map(|(id, object)| own_function(id, &object.definition)).collect()
    }

    fn has_extension(&self, name: &str) -> bool {
        let extensions = &self.checker.catalog().extensions;
        let requires = |extension: &String| {
            system::extension(extension).is_some_and(|extension| extension.requires().any(|required| required == name))
        };
        extensions.contains_key(name) || self.may_have_made(name) || extensions.keys().any(requires)
    }

    fn may_have_function(&self, schema: Option<&str>, name: &str) -> bool {
        schema != Some("pg_catalog") && (self.has_unknown_extension() || self.may_have_made(name))
    }

    fn may_have_operator(&self, schema: Option<&str>, _: &str) -> bool {
        schema != Some("pg_catalog") && (self.has_unknown_extension() || self.may_have_made("operator"))
    }

    fn may_have_casts(&self) -> bool {
        self.has_unknown_extension() || self.may_have_made("cast")
    }
}

/// A function as a call sees it.
fn own_function(id: &ObjectId, definition: &Definition) -> Option<OwnFunction> {
    let Definition::Function(function) = definition else { return None };
    let inputs: Vec<_> = function.inputs().collect();
    Some(OwnFunction {
        name: id.name.name.clone(),
        arguments: inputs.iter().map(|argument| (argument.data_type.clone(), argument.name.clone())).collect(),
        defaults: inputs.iter().filter(|argument| argument.default.is_some()).count(),
        is_variadic: inputs.last().is_some_and(|argument| argument.mode == ArgumentMode::Variadic),
        result: function.result(),
        returns_set: function.returns_set(),
        volatility: function.options.volatility.of_expression(),
        kind: if function.options.window { FunctionKind::Window } else { FunctionKind::Function },
    })
}

impl Checker<'_> {
    /// Judges an expression whose names are resolved. Gives its type where it is known; `None` after a mistake.
    pub(super) fn judge(
        &mut self,
        expression: &Expression,
        around: Around<'_>,
        context: Context,
    ) -> Option<Option<Type>> {
        if expression.is_plain() {
            return Some(None);
        }
        let resolution = resolve(expression, &Scope { checker: self, around });
        self.report_problems(&resolution, expression, context).then_some(resolution.data_type)
    }

    /// Judges an expression with its conversion to the type of its column.
    pub(super) fn judge_assigned(
        &mut self,
        expression: &Expression,
        data_type: &Type,
        table_name: &QualifiedName,
        table: &Table,
        at: At,
    ) -> Option<()> {
        let scope = Scope { checker: self, around: Around::Table(table_name, table) };
        let mut resolution = resolve_as(expression, data_type, CastContext::Assignment, &scope);
        // What the expression itself uses is told already.
        resolution.mistakes.clear();
        resolution.uses.retain(|used| matches!(used.what, Used::Cast { .. }) && is_at(used.at, expression.at));
        resolution.uses.iter_mut().for_each(|used| used.at = at);
        self.report_problems(&resolution, expression, Context::Generated).then_some(())
    }

    /// Whether a value of a type can be assigned to a column of the other.
    pub(super) fn assigns(&self, from: &Type, to: &Type) -> bool {
        assigns(from, to, &Scope { checker: self, around: Around::Nothing })
    }

    /// Reports what is wrong with an expression. Says whether nothing is.
    fn report_problems(&mut self, resolution: &Resolution, expression: &Expression, context: Context) -> bool {
        let mut mistakes: Vec<Diagnostic> = Vec::new();
        for mistake in &resolution.mistakes {
            if let Problem::UnknownFunction { name, since: Some(version), extensions } = &mistake.problem
                && extensions.is_empty()
            {
                self.needs_postgres(*version, &format!("the function `{name}`"), mistake.at);
                return false;
            }
            mistakes.push(explained(mistake, expression, self.catalog()));
        }
        if mistakes.is_empty() {
            mistakes.extend(resolution.uses.iter().find_map(|used| misplaced(used, context)));
        }
        if mistakes.is_empty() && context.must_be_immutable() {
            let varies = |used: &&Use| matches!(used.volatility, Volatility::Stable | Volatility::Volatile);
            mistakes.extend(resolution.uses.iter().find(varies).map(|used| mutable(used, expression, context)));
        }
        let is_good = mistakes.is_empty();
        mistakes.into_iter().for_each(|mistake| self.report(mistake));
        is_good
    }
}

/// Places are equal for comparisons of expressions; here they tell which part is meant.
fn is_at(one: At, other: At) -> bool {
    (one.start, one.end) == (other.start, other.end)
}

/// A type as it is named in a message.
fn named(data_type: Option<&Type>) -> String {
    data_type.map_or_else(|| "unknown".to_owned(), ToString::to_string)
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
        "if you mean that of the extension, write `create extension {};` before it",
        quoted_if_needed(extension)
    ))
}

/// What is said about a mistake.
fn explained(mistake: &Mistake, whole: &Expression, catalog: &Catalog) -> Diagnostic {
    let at = mistake.at;
    match &mistake.problem {
        Problem::UnknownFunction { name, extensions, .. } => {
            let of_system = system::function_names().filter(|(_, extension)| extension.is_none()).map(|(name, _)| name);
            let own = catalog.objects.keys().filter(|id| id.kind == Kind::Function).map(|id| id.name.name.as_str());
            let names: BTreeSet<&str> = of_system.chain(own).collect();
            let help = create_extension(extensions)
                .or_else(|| closest(name, names).map(|name| format!("did you mean `{name}`?")));
            Diagnostic::new(code::UNKNOWN_FUNCTION, format!("cannot find function `{name}`"), at).maybe_help(help)
        }
        Problem::NoOverload { name, arguments, candidates } => {
            let arguments: Vec<String> = arguments.iter().map(|argument| named(argument.as_ref())).collect();
            let message = format!("function does not exist: `{name}({})`", arguments.join(", "));
            let shown: Vec<String> = candidates.iter().take(4).map(|candidate| format!("`{candidate}`")).collect();
            let more = if candidates.len() > 4 { " and others" } else { "" };
            Diagnostic::new(code::UNKNOWN_FUNCTION, message, at)
                .help(format!("there is {}{more}; cast the arguments to these types", shown.join(", ")))
        }
        Problem::AmbiguousFunction { name, arguments } => {
            let arguments: Vec<String> = arguments.iter().map(|argument| named(argument.as_ref())).collect();
            let message = format!("function is not unique: `{name}({})`", arguments.join(", "));
            Diagnostic::new(code::UNKNOWN_FUNCTION, message, at).help("cast the arguments to the types that you mean")
        }
        Problem::NoOperator { symbol, left, right, extensions, is_known } => {
            let shown = operands(symbol, left.as_ref(), right.as_ref());
            let is_boolean = |id: Option<&Type>| id.is_none_or(|data_type| *data_type == Type::BOOLEAN);
            let are_boolean = left.as_ref().is_none_or(|left| is_boolean(left.as_ref())) && is_boolean(right.as_ref());
            let help = match symbol.as_str() {
                "==" => Some("write `=`".to_owned()),
                "===" | "<=>" => Some("write `=`, or `is not distinct from` where nulls count".to_owned()),
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
            Diagnostic::new(code::TYPE_MISMATCH, format!("this must be a condition, and is `{found}`"), at)
                .help("compare it with something")
        }
        Problem::NoCommonType { of, one, other } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("`{of}` cannot match the types `{one}` and `{other}`"), at)
                .help(format!("cast one of them, as in `(...)::{one}`"))
        }
        Problem::Undetermined { name } => {
            Diagnostic::new(code::UNKNOWN_FUNCTION, format!("the arguments do not tell the type of `{name}`"), at)
                .help("cast the literal to the type that you mean")
        }
        Problem::NotOrdered { found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("values of `{found}` have no order"), at)
                .help("cast them to a type that has one, as in `(...)::text`")
        }
        Problem::NoArray { found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("`any` and `all` need an array, and this is `{found}`"), at)
                .help("for a list of values write `in (...)`")
        }
        Problem::NotCollatable { found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("`{found}` has no collation"), at).help("leave out `collate`")
        }
        Problem::NotSubscriptable { found } => {
            Diagnostic::new(code::TYPE_MISMATCH, format!("`{found}` cannot be subscripted"), at)
                .help("only arrays and `jsonb` have elements")
        }
    }
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
            && is_at(part.at, at)
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

/// What may not stand in a place.
fn misplaced(used: &Use, context: Context) -> Option<Diagnostic> {
    let Used::Function { name, kind, returns_set, .. } = &used.what else { return None };
    if context == Context::Query {
        return None;
    }
    let noun = context.noun();
    let message = match kind {
        FunctionKind::Aggregate => format!("{noun} cannot use the aggregate `{name}`"),
        FunctionKind::Window => format!("the window function `{name}` needs `over (...)`"),
        _ if *returns_set => format!("{noun} cannot use `{name}`, which returns a set"),
        _ => return None,
    };
    Some(Diagnostic::new(code::INVALID_DEFINITION, message, used.at))
}

/// What is said where something varies that must not.
fn mutable(used: &Use, whole: &Expression, context: Context) -> Diagnostic {
    let noun = context.noun();
    let what = match &used.what {
        Used::Function { name, arguments, .. } => {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            format!("`{name}({})`", arguments.join(", "))
        }
        Used::Operator { symbol, operands } => {
            let operands: Vec<String> = operands.iter().map(ToString::to_string).collect();
            format!("`{}`", operands.join(&format!(" {symbol} ")))
        }
        Used::Cast { from, to } => format!("the cast from `{from}` to `{to}`"),
        Used::SessionValue(name) => format!("`{}`", name.to_lowercase()),
    };
    let mut part = None;
    whole.visit(&mut |found| {
        if is_at(found.at, used.at) {
            part.get_or_insert_with(|| found.clone());
        }
    });
    Diagnostic::new(code::NOT_IMMUTABLE, format!("{noun} cannot use {what}: it is not immutable"), used.at)
        .help(way_out(used, part.as_ref()))
}

/// `x at time zone "UTC"`
fn in_utc(expression: &Expression) -> Expression {
    ExpressionKind::AtTimeZone { operand: Box::new(expression.clone()), zone: Box::new(Expression::text("UTC")) }.into()
}

/// An expression as it stands in the source of a migration.
fn in_source(sql: &str) -> String {
    sql.replace('\'', "\"").replace(" AT TIME ZONE ", " at time zone ")
}

/// What to write in the place of something that varies.
fn way_out(used: &Use, part: Option<&Expression>) -> String {
    let general = || match used.volatility {
        Volatility::Volatile => "keep the value in a column with this as its default".to_owned(),
        _ => "leave out what depends on the time, on a setting or on other rows".to_owned(),
    };
    let Some(part) = part else { return general() };
    let is_instant = |data_type: &Type| data_type.without_modifier() == Type::TIMESTAMPTZ;
    let fixed: Option<Expression> = match (&used.what, &part.kind) {
        (Used::Cast { from, to }, ExpressionKind::Cast { operand, .. }) if is_instant(from) => {
            Some(Expression::cast(in_utc(operand), to.clone()))
        }
        (Used::Cast { from, .. }, _) if is_instant(from) => Some(in_utc(part)),
        (Used::Cast { from: Type::Named { .. }, .. }, ExpressionKind::Cast { operand, .. }) => {
            return format!("use `{operand}` itself, without the cast");
        }
        (Used::Function { arguments, .. }, ExpressionKind::Extract { field, source })
            if arguments.iter().any(is_instant) =>
        {
            Some(ExpressionKind::Extract { field: field.clone(), source: Box::new(in_utc(source)) }.into())
        }
        (Used::Function { name, arguments, .. }, ExpressionKind::Call(call)) => match name.as_str() {
            "to_tsvector" | "to_tsquery" | "plainto_tsquery" | "phraseto_tsquery" | "websearch_to_tsquery"
                if call.arguments.len() == 1 =>
            {
                let mut call = call.clone();
                let value = Expression::text("english");
                call.arguments.insert(0, migrate_core::expression::Argument { name: None, value });
                Some(ExpressionKind::Call(call).into())
            }
            "concat" => {
                let mut joined: Option<Expression> = None;
                for argument in &call.arguments {
                    let next = Expression::call("coalesce", [argument.value.clone(), Expression::text("")]);
                    joined = Some(match joined {
                        Some(before) => Expression::binary(before, "||", next),
                        None => next,
                    });
                }
                joined
            }
            "date_trunc" | "date_part" if arguments.iter().any(is_instant) => {
                let mut call = call.clone();
                let mut argument = call.arguments.pop();
                if let Some(argument) = &mut argument {
                    argument.value = in_utc(&argument.value);
                }
                call.arguments.extend(argument);
                Some(ExpressionKind::Call(call).into())
            }
            _ => None,
        },
        (Used::Operator { operands, .. }, ExpressionKind::Binary { operator, left, right })
            if operands.first().is_some_and(is_instant) =>
        {
            let operator = Operator::new(&operator.symbol);
            let (left, right) = (Box::new(in_utc(left)), right.clone());
            Some(ExpressionKind::Binary { operator, left, right }.into())
        }
        _ => None,
    };
    fixed.map_or_else(general, |fixed| {
        format!("name the setting that it depends on: `{}`", in_source(&fixed.to_string()))
    })
}
