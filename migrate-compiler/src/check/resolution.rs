//! What an expression uses, as PostgreSQL finds it, and what is said where it finds nothing.

use migrate_core::catalog::{Catalog, Table};
use migrate_core::expression::{Expression, ExpressionKind, Volatility};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{
    Aggregate, ArgumentMode, Body, CastMethod, Definition, Function, FunctionName, Kind, Namespace, ObjectId,
    Procedure, StandardBody,
};
use migrate_core::query::{Query, Statement, Window};
use migrate_core::resolve::{
    Given, Literal, NamedType, OwnCast, OwnFunction, OwnOperator, Problem, Resolution, Surroundings, Use, Used,
    assigns, common_type, has_equality, has_order, is_collatable, resolve, resolve_as, resolve_procedure,
    resolve_window,
};
use migrate_core::system::{self, AggregateKind, CastContext, FunctionKind};
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Type};

use super::Checker;
use super::around::Around;
use super::explain::{explained, is_at};
use super::expression::Context;
use super::immutable::mutable;
use super::infer::Walk;
use super::query::{is_polymorphic, plain_type};
use crate::diagnostic::{Diagnostic, code};

struct Scope<'c> {
    checker: &'c Checker<'c>,
    around: Around<'c>,
}

impl Scope<'_> {
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

    fn row(&self, name: &str) -> Option<Type> {
        self.around.row(name)
    }

    fn named_type(&self, name: &QualifiedName) -> NamedType {
        let catalog = self.checker.catalog();
        if catalog.enums.contains_key(name) {
            return NamedType::Enum;
        }
        if let Some((range, _)) = catalog.range_of_multirange(name) {
            return NamedType::Multirange(range.clone());
        }
        match catalog.object_named(Namespace::Type, name).map(|(_, object)| &object.definition) {
            Some(Definition::Domain(domain)) => NamedType::Domain(domain.data_type.clone()),
            Some(Definition::CompositeType(_)) => NamedType::Composite,
            Some(Definition::RangeType(range)) => NamedType::Range(range.subtype.clone(), range.multirange.clone()),
            _ if catalog.tables.contains_key(name) || catalog.object_named(Namespace::Relation, name).is_some() => {
                NamedType::Composite
            }
            _ => NamedType::Other,
        }
    }

    fn functions(&self, schema: &str, name: &str) -> Vec<OwnFunction> {
        self.functions_in(schema, name, 0)
    }

    fn procedures(&self, schema: &str, name: &str) -> Vec<OwnFunction> {
        let objects = self.checker.catalog().objects.iter();
        let named = objects.filter(|(id, _)| {
            id.kind == Kind::Procedure
                && id.name.name == name
                && (id.name.schema == schema
                    || schema == DEFAULT_SCHEMA
                        && self.checker.lookup.as_ref().is_some_and(|lookup| lookup.may_be_in_path(&id.name.schema)))
        });
        named.filter_map(|(_, object)| own_procedure(name, &object.definition)).collect()
    }

    fn has_extension(&self, name: &str) -> bool {
        let extensions = &self.checker.catalog().extensions;
        let requires = |extension: &String| {
            system::extension(extension).is_some_and(|extension| extension.requires().any(|required| required == name))
        };
        extensions.contains_key(name) || self.may_have_made(name) || extensions.keys().any(requires)
    }

    fn may_have_function(&self, schema: Option<&str>, name: &str) -> bool {
        let is_open = || {
            self.checker.catalog().has_unknown_extension()
                || self.may_have_made(name)
                || self.checker.state.broken.may_have_routine(name)
        };
        schema != Some("pg_catalog") && is_open()
    }

    fn may_have_operator(&self, schema: Option<&str>, _: &str) -> bool {
        schema != Some("pg_catalog")
            && (self.checker.catalog().has_unknown_extension() || self.may_have_made("operator"))
    }

    fn operators(&self, schema: Option<&str>, symbol: &str) -> Vec<OwnOperator> {
        let catalog = self.checker.catalog();
        let schema = schema.unwrap_or(DEFAULT_SCHEMA);
        let named = catalog.objects.iter().filter(|(id, _)| id.name.name == symbol && id.name.schema == schema);
        let found = named.filter_map(|(id, object)| {
            let Definition::OwnOperator(operator) = &object.definition else { return None };
            let (left, right) = match id.arguments.as_slice() {
                [left, right] => (Some(left.clone()), right.clone()),
                [right] => (None, right.clone()),
                _ => return None,
            };
            let volatility = volatility_of(&operator.function, catalog);
            Some(OwnOperator { left, right, result: operator.result.clone()?, volatility })
        });
        found.collect()
    }

    fn casts(&self) -> Vec<OwnCast> {
        let catalog = self.checker.catalog();
        let found = catalog.objects.iter().filter_map(|(id, object)| {
            let Definition::Cast(cast) = &object.definition else { return None };
            let [source, target] = id.arguments.as_slice() else { return None };
            let volatility = match &cast.method {
                CastMethod::Function(function) => volatility_of(function, catalog),
                CastMethod::Binary => Volatility::Immutable,
                CastMethod::Text => Volatility::Stable,
            };
            Some(OwnCast {
                source: source.clone(),
                target: target.clone(),
                context: cast.applies.context(),
                volatility,
            })
        });
        found.collect()
    }

    fn may_have_casts(&self) -> bool {
        self.checker.catalog().has_unknown_extension() || self.may_have_made("cast")
    }

    fn columns(&self, query: &Query) -> Option<Vec<Option<Type>>> {
        self.checker.columns_of_subquery(query)
    }

    fn fields(&self, name: &QualifiedName) -> Option<Vec<(String, Type)>> {
        self.checker.fields(name)
    }

    fn columns_of_function(&self, schema: Option<&str>, name: &str) -> Option<Vec<(String, Type)>> {
        self.checker.columns_of_function(schema, name)
    }
}

/// The volatility of a function that an operator or a cast is made of.
fn volatility_of(function: &FunctionName, catalog: &Catalog) -> Volatility {
    match catalog.object(&function.id()).map(|object| &object.definition) {
        Some(Definition::Function(function)) => function.options.volatility.of_expression(),
        _ => system::functions(&function.name.name)
            .map(|function| function.volatility())
            .max()
            .unwrap_or(Volatility::Unknown),
    }
}

/// The functions that make values of a range type or of its multirange type, which have its name.
fn constructors(name: &QualifiedName, catalog: &Catalog) -> Vec<OwnFunction> {
    let function = |result: &QualifiedName, arguments: Vec<Type>, is_variadic: bool| OwnFunction {
        name: name.name.clone(),
        arguments: arguments.into_iter().map(|argument| (argument, None)).collect(),
        defaults: 0,
        is_variadic,
        result: Type::named(result.clone()),
        returns_set: false,
        volatility: Volatility::Immutable,
        kind: FunctionKind::Function,
        aggregate_kind: AggregateKind::Normal,
    };
    if let Some((range, _)) = catalog.range_of_multirange(name) {
        let range = Type::named(range.clone());
        return vec![function(name, Vec::new(), false), function(name, vec![range.array()], true)];
    }
    let found = catalog.object_named(Namespace::Type, name).map(|(_, object)| &object.definition);
    let Some(Definition::RangeType(range)) = found else { return Vec::new() };
    let ends = [range.subtype.clone(), range.subtype.clone()];
    let bounds = ends.iter().cloned().chain([Type::TEXT]).collect();
    vec![function(name, ends.to_vec(), false), function(name, bounds, false)]
}

/// An aggregate as a call sees it.
fn own_aggregate(id: &ObjectId, aggregate: &Aggregate) -> Option<OwnFunction> {
    let arguments: Vec<_> = aggregate.all_arguments().collect();
    Some(OwnFunction {
        name: id.name.name.clone(),
        defaults: 0,
        is_variadic: arguments.last().is_some_and(|argument| argument.mode == ArgumentMode::Variadic),
        arguments: arguments.into_iter().map(|one| (one.data_type.clone(), one.name.clone())).collect(),
        result: aggregate.result.clone()?,
        returns_set: false,
        volatility: Volatility::Immutable,
        kind: FunctionKind::Aggregate,
        aggregate_kind: match (&aggregate.ordered, aggregate.is_hypothetical) {
            (None, _) => AggregateKind::Normal,
            (Some(_), false) => AggregateKind::OrderedSet,
            (Some(_), true) => AggregateKind::Hypothetical,
        },
    })
}

/// A procedure as `CALL` sees it: arguments that are output only are passed as well.
fn own_procedure(name: &str, definition: &Definition) -> Option<OwnFunction> {
    let Definition::Procedure(Procedure(function)) = definition else { return None };
    let arguments = &function.arguments;
    Some(OwnFunction {
        name: name.to_owned(),
        arguments: arguments.iter().map(|one| (one.data_type.clone(), one.name.clone())).collect(),
        defaults: arguments.iter().filter(|argument| argument.default.is_some()).count(),
        is_variadic: arguments.last().is_some_and(|argument| argument.mode == ArgumentMode::Variadic),
        result: Type::BuiltIn(BuiltIn::Void),
        returns_set: false,
        volatility: Volatility::Volatile,
        kind: FunctionKind::Procedure,
        aggregate_kind: AggregateKind::Normal,
    })
}

/// What stands around the body of a function: its arguments.
struct InBody<'s, 'c> {
    scope: &'s Scope<'c>,
    function: &'s Function,
    name: &'s str,
    /// How many bodies are around.
    depth: usize,
}

/// Bodies that call bodies are followed so far.
const DEEPEST: usize = 4;

impl Surroundings for InBody<'_, '_> {
    fn major(&self) -> u32 {
        self.scope.major()
    }

    fn column(&self, parts: &[String]) -> Option<Type> {
        let mut arguments = self.function.inputs();
        Some(arguments.find(|argument| argument.name.as_ref() == parts.last())?.data_type.clone())
    }

    fn named_type(&self, name: &QualifiedName) -> NamedType {
        self.scope.named_type(name)
    }

    fn functions(&self, schema: &str, name: &str) -> Vec<OwnFunction> {
        if name == self.name { Vec::new() } else { self.scope.functions_in(schema, name, self.depth + 1) }
    }

    fn has_extension(&self, name: &str) -> bool {
        self.scope.has_extension(name)
    }

    fn may_have_function(&self, schema: Option<&str>, name: &str) -> bool {
        name == self.name || self.scope.may_have_function(schema, name)
    }

    fn may_have_operator(&self, schema: Option<&str>, symbol: &str) -> bool {
        self.scope.may_have_operator(schema, symbol)
    }

    fn operators(&self, schema: Option<&str>, symbol: &str) -> Vec<OwnOperator> {
        self.scope.operators(schema, symbol)
    }

    fn casts(&self) -> Vec<OwnCast> {
        self.scope.casts()
    }

    fn may_have_casts(&self) -> bool {
        self.scope.may_have_casts()
    }

    fn fields(&self, name: &QualifiedName) -> Option<Vec<(String, Type)>> {
        self.scope.fields(name)
    }
}

impl Scope<'_> {
    /// The functions of the user with this name, in the bodies of so many others.
    fn functions_in(&self, schema: &str, name: &str, depth: usize) -> Vec<OwnFunction> {
        let of_schemas = |is_meant: &dyn Fn(&str) -> bool| -> Vec<OwnFunction> {
            let objects = self.checker.catalog().objects.iter();
            let named = objects.filter(|(id, _)| {
                id.kind.namespace() == Namespace::Routine && id.name.name == name && is_meant(&id.name.schema)
            });
            named.filter_map(|(id, object)| self.own_function(id, &object.definition, depth)).collect()
        };
        let mut found = of_schemas(&|found| found == schema);
        found.extend(constructors(&QualifiedName::in_schema(schema, name), self.checker.catalog()));
        match &self.checker.lookup {
            // A body finds what is in its path; where that is its caller's, it may be any.
            Some(lookup) if found.is_empty() && schema == DEFAULT_SCHEMA => {
                of_schemas(&|found| lookup.may_be_in_path(found))
            }
            _ => found,
        }
    }

    /// A function as a call sees it.
    fn own_function(&self, id: &ObjectId, definition: &Definition, depth: usize) -> Option<OwnFunction> {
        if let Definition::Aggregate(aggregate) = definition {
            return own_aggregate(id, aggregate);
        }
        let Definition::Function(function) = definition else { return None };
        let inputs: Vec<_> = function.inputs().collect();
        let declared = function.options.volatility.of_expression();
        Some(OwnFunction {
            name: id.name.name.clone(),
            arguments: inputs.iter().map(|argument| (argument.data_type.clone(), argument.name.clone())).collect(),
            defaults: inputs.iter().filter(|argument| argument.default.is_some()).count(),
            is_variadic: inputs.last().is_some_and(|argument| argument.mode == ArgumentMode::Variadic),
            result: function.result(),
            returns_set: function.returns_set(),
            volatility: match declared {
                Volatility::Immutable => declared,
                _ if depth > DEEPEST => Volatility::Immutable,
                _ => self.inlined(id, function, depth).unwrap_or(declared),
            },
            kind: if function.options.window { FunctionKind::Window } else { FunctionKind::Function },
            aggregate_kind: AggregateKind::Normal,
        })
    }

    /// How volatile a call is in whose place PostgreSQL may put the body, so that it judges that: of a function in SQL that is
    /// one expression (`inline_function` in `clauses.c`). What is not known of it is left to the server.
    fn inlined(&self, id: &ObjectId, function: &Function, depth: usize) -> Option<Volatility> {
        let options = &function.options;
        let is_open = !options.security_definer && options.settings.is_empty() && !function.returns_set();
        if !is_open || function.language != "sql" {
            return None;
        }
        let query = match &function.body {
            Body::Text(text) => match text.trim_end_matches([';', ' ', '\n']).parse::<Statement>() {
                Ok(Statement::Query(query)) => query,
                _ => return None,
            },
            Body::Standard(StandardBody::Return(query)) => (**query).clone(),
            Body::Standard(StandardBody::Atomic(_)) | Body::Library { .. } => return None,
        };
        let migrate_core::query::Body::Select(select) = &query.body else { return None };
        let [item] = select.items.as_slice() else { return None };
        if !select.from.is_empty() || select.filter.is_some() || select.group_by.is_some() || query.with.is_some() {
            return None;
        }
        let around = InBody { scope: self, function, name: &id.name.name, depth };
        let resolution = resolve(&item.value, &around);
        let is_known = resolution.mistakes.is_empty() && resolution.data_type.is_some();
        let most = resolution.uses.iter().map(|used| used.volatility).max().unwrap_or(Volatility::Immutable);
        Some(if is_known { most } else { Volatility::Immutable })
    }
}

impl Checker<'_> {
    /// The fields of a composite type, or the columns of a table; `None` where they are not known.
    pub(super) fn fields(&self, name: &QualifiedName) -> Option<Vec<(String, Type)>> {
        let catalog = self.catalog();
        if let Some(table) = catalog.table(name) {
            if self.is_table_open(name) {
                return None;
            }
            let columns = table.columns.iter();
            return Some(columns.map(|column| (column.name.clone(), column.data_type.clone())).collect());
        }
        let Some((_, object)) = catalog.object_named(Namespace::Type, name) else {
            // A view has rows as well.
            let columns =
                catalog.columns_of_object(name).into_iter().map(|column| Some((column.name, column.data_type?)));
            return columns.collect::<Option<Vec<_>>>().filter(|columns| !columns.is_empty());
        };
        match &object.definition {
            Definition::CompositeType(composite) => {
                let attributes = composite.attributes.iter();
                Some(attributes.map(|one| (one.name.clone(), one.data_type.clone())).collect())
            }
            _ => None,
        }
    }

    /// The columns of the rows that the one function of this name gives, where all of them are known.
    pub(super) fn columns_of_function(&self, schema: Option<&str>, name: &str) -> Option<Vec<(String, Type)>> {
        if schema.is_none_or(|schema| schema == "pg_catalog") && system::functions(name).next().is_some() {
            let mut found = system::functions(name);
            let (Some(only), None) = (found.next(), found.next()) else { return None };
            let columns = only.columns().iter().map(|(name, id)| Some((name.to_owned(), plain_type(id)?)));
            return columns.collect::<Option<Vec<_>>>().filter(|columns| !columns.is_empty());
        }
        let objects = self.catalog().objects.iter();
        let mut named = objects.filter_map(|(id, object)| match &object.definition {
            Definition::Function(function) if id.name.name == name => Some((id, function)),
            _ => None,
        });
        let (Some((id, only)), None) = (named.next(), named.next()) else { return None };
        if schema.is_some_and(|schema| schema != id.name.schema) {
            return None;
        }
        let columns = only.row_columns();
        let is_known = !columns.is_empty() && !columns.iter().any(|(_, data_type)| is_polymorphic(data_type));
        is_known.then(|| columns.into_iter().map(|(name, data_type)| (name, data_type.without_modifier())).collect())
    }

    /// What an expression uses, as PostgreSQL finds it.
    #[cfg(feature = "print")]
    pub(crate) fn resolution(&self, expression: &Expression, around: Around<'_>) -> Resolution {
        resolve(expression, &Scope { checker: self, around })
    }

    /// Whether a column of the one type can reference a column of the other: they are compared by the operators of the
    /// referenced type, so without those the other must become one of it by itself.
    pub(crate) fn can_reference(&self, from: &Type, to: &Type) -> bool {
        let base = |data_type: &Type| self.catalog().base_type(data_type).without_modifier();
        let (from_base, to_base) = (base(from), base(to));
        let becomes = match self.common_type(&[Given::Type(from_base.clone()), Given::Type(to_base.clone())]) {
            Ok(Some(found)) => found.without_modifier() == to_base,
            Ok(None) | Err(_) => true,
        };
        let are_built_in = from_base.as_named().is_none() && to_base.as_named().is_none();
        self.equals(to, from) && (becomes || are_built_in)
    }

    /// Whether values of two types can be compared by `=`.
    pub(crate) fn equals(&self, one: &Type, other: &Type) -> bool {
        let value = |data_type: &Type| Expression::cast(Expression::null(), data_type.clone());
        self.resolves(&Expression::binary(value(one), "=", value(other)), Around::Nothing)
    }

    /// Whether nothing is wrong with the functions, operators and types of an expression.
    pub(super) fn resolves(&self, expression: &Expression, around: Around<'_>) -> bool {
        resolve(expression, &Scope { checker: self, around }).mistakes.is_empty()
    }

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

    /// Judges the call of a procedure whose arguments are resolved. Says whether nothing is wrong.
    pub(super) fn judge_procedure(&mut self, call: &Expression, around: Around<'_>) -> bool {
        let resolution = resolve_procedure(call, &Scope { checker: self, around });
        self.report_problems(&resolution, call, Context::Query)
    }

    /// Judges a row of values that becomes one value of its column: each becomes one of its field.
    pub(super) fn judge_row(
        &mut self,
        expression: &Expression,
        data_type: &Type,
        around: Around<'_>,
        context: Context,
    ) -> Option<()> {
        if !matches!(expression.kind, ExpressionKind::Row(_)) {
            return Some(());
        }
        let resolution = resolve_as(expression, data_type, CastContext::Assignment, &Scope { checker: self, around });
        self.report_problems(&resolution, expression, context).then_some(())
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

    /// Judges a window whose names are resolved. Says whether nothing is wrong.
    pub(super) fn judge_window(&mut self, window: &Window, around: Around<'_>) -> bool {
        let resolution = resolve_window(window, &Scope { checker: self, around });
        self.report_problems(&resolution, &Expression::null(), Context::Query)
    }

    /// The one type of several values; `None` where it is not known.
    ///
    /// # Errors
    /// Two types that have none in common.
    pub(crate) fn common_type(&self, values: &[Given]) -> Result<Option<Type>, Box<(Type, Type)>> {
        common_type(values, &Scope { checker: self, around: Around::Nothing })
    }

    /// Whether values of a type can be compared for equality.
    pub(super) fn has_equality(&self, data_type: &Type) -> bool {
        has_equality(data_type, &Scope { checker: self, around: Around::Nothing })
    }

    /// Whether `COLLATE` can stand behind values of a type.
    pub(crate) fn is_collatable(&self, data_type: &Type) -> bool {
        is_collatable(data_type, &Scope { checker: self, around: Around::Nothing })
    }

    /// Whether values of a type have an order.
    pub(super) fn has_order(&self, data_type: &Type) -> bool {
        has_order(data_type, &Scope { checker: self, around: Around::Nothing })
    }

    /// Whether a value of a type can be assigned to a column of the other.
    pub(super) fn assigns(&self, from: &Type, to: &Type) -> bool {
        assigns(from, to, &Scope { checker: self, around: Around::Nothing })
    }

    /// Whether literals are values of the types that they get.
    fn reads_literals(&mut self, literals: &[Literal], context: Context) -> bool {
        let mut walk = Walk { checker: self, around: Around::Nothing, context, failed: false };
        for literal in literals {
            walk.text(&mut literal.text.clone(), &literal.data_type, literal.at);
        }
        !walk.failed
    }

    /// Reports what is wrong with an expression. Says whether nothing is.
    fn report_problems(&mut self, resolution: &Resolution, expression: &Expression, context: Context) -> bool {
        if let Some(first) = resolution.mistakes.first()
            && let Some(before) = resolution.literals.get(..first.literals)
            && !self.reads_literals(before, context)
        {
            return false;
        }
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
        if mistakes.is_empty() && !self.reads_literals(&resolution.literals, context) {
            return false;
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

/// What may not stand in a place.
fn misplaced(used: &Use, context: Context) -> Option<Diagnostic> {
    let Used::Function { name, kind, returns_set, .. } = &used.what else { return None };
    if context == Context::Query {
        return None;
    }
    let noun = context.noun();
    let message = match kind {
        // Which query an aggregate belongs to is looked at elsewhere.
        FunctionKind::Aggregate | FunctionKind::Window if context == Context::Filter => return None,
        FunctionKind::Aggregate => format!("{noun} cannot use the aggregate `{name}`"),
        FunctionKind::Window => format!("the window function `{name}` needs `over (...)`"),
        _ if *returns_set => format!("{noun} cannot use `{name}`, which returns a set"),
        _ => return None,
    };
    Some(Diagnostic::new(code::INVALID_DEFINITION, message, used.at))
}
