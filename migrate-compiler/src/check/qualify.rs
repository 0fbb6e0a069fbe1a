//! Giving names their schemas. What the compiler writes runs with nothing but the system's schema in the `search_path`,
//! so that nobody can put an object in place of another; so whatever is not the system's is named with its schema.

use migrate_core::catalog::Catalog;
use migrate_core::expression::{
    CaseBranch, Expression, ExpressionKind, IsTest, LikeForm, NamedInText, Operator, Quantifier, argument_read_as,
    return_type,
};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Kind, ObjectId};
use migrate_core::system::operators;
use migrate_core::types::{BuiltIn, Category, Type, operator_class};

use super::around::Around;
use super::{Checker, State};
use crate::extensions;

/// Gives everything in an expression its schema. Queries in it have theirs already.
pub(super) fn qualify(expression: &mut Expression, around: Around<'_>, state: &State) {
    let names = Names { catalog: &state.catalog, state, around };
    expression.visit_mut(&mut |part| names.give(part));
}

/// Where names are looked up.
struct Names<'n> {
    catalog: &'n Catalog,
    state: &'n State,
    around: Around<'n>,
}

impl Names<'_> {
    /// Gives one node its schema; what is in it has its own already.
    fn give(&self, part: &mut Expression) {
        match &mut part.kind {
            ExpressionKind::Call(call) => {
                if call.schema.as_deref().is_none_or(|schema| schema == "pg_catalog") {
                    let count = call.arguments.len();
                    for (index, argument) in call.arguments.iter_mut().enumerate() {
                        let may_name =
                            matches!(argument.value.kind, ExpressionKind::Text(_) | ExpressionKind::Cast { .. });
                        if may_name && let Some(read_as) = argument_read_as(&call.name, index, count) {
                            self.give_name(&mut argument.value, read_as);
                        }
                    }
                }
                if call.schema.is_none() && !call.is_choice() && !is_system_function(&call.name) {
                    call.schema = Some(self.schema_of_function(&call.name));
                }
            }
            ExpressionKind::Cast { operand, target: Type::BuiltIn(read_as), .. } => self.give_name(operand, *read_as),
            ExpressionKind::TypedText { target: Type::BuiltIn(read_as), text } => self.give_name_in(text, *read_as),
            ExpressionKind::Unary { operator, operand } if operator.schema.is_none() => {
                let operand = self.type_of(operand);
                operator.schema = match self.is_own_operator(&operator.symbol, &[operand.as_ref()]) {
                    true => Some(DEFAULT_SCHEMA.to_owned()),
                    false => operand.and_then(|operand| self.schema_of_type(&operand)),
                };
            }
            ExpressionKind::Binary { operator, left, right } if operator.schema.is_none() => {
                operator.schema = self.schema_of_operator(&operator.symbol, left, right);
            }
            ExpressionKind::Quantified { operand, operator, array, .. } if operator.schema.is_none() => {
                let element = match self.type_of(array) {
                    Some(Type::Array(element)) => Expression::cast(Expression::null(), *element),
                    _ => Expression::null(),
                };
                operator.schema = self.schema_of_operator(&operator.symbol, operand, &element);
            }
            ExpressionKind::Collate { collation, .. } => {
                if let [name] = collation.as_slice()
                    && is_of_public(name, self.state)
                {
                    collation.insert(0, DEFAULT_SCHEMA.to_owned());
                }
            }
            _ => {
                if let Some(spelled) = self.spelled_out(&part.kind) {
                    part.kind = spelled;
                }
            }
        }
    }

    /// Gives a name in a text its schema, where it is read as one.
    fn give_name(&self, name: &mut Expression, read_as: BuiltIn) {
        match &mut name.kind {
            ExpressionKind::Text(text) => self.give_name_in(text, read_as),
            // A sequence that is looked up when it is drawn from.
            ExpressionKind::Cast { operand, .. } if read_as == BuiltIn::RegClass => self.give_name(operand, read_as),
            _ => {}
        }
    }

    /// A relation without a schema is one of `public`, unless it is the system's; anything else is the system's, unless a
    /// migration has made it.
    fn give_name_in(&self, text: &mut String, read_as: BuiltIn) {
        let Some(mut named) = NamedInText::read(text, read_as) else { return };
        let has_schema = !matches!(named, NamedInText::Object { schema: None, .. });
        if let Some(name) = named.name().filter(|_| !has_schema) {
            let is_own = match read_as {
                BuiltIn::RegClass => !name.name.starts_with("pg_"),
                _ => self.catalog.objects.keys().any(|id| named.is(id)),
            };
            if is_own {
                named.rename(&name);
            }
        }
        *text = named.text();
    }

    /// What compares by an operator without naming it, with the operator's name, where that is one of an extension.
    fn spelled_out(&self, kind: &ExpressionKind) -> Option<ExpressionKind> {
        match kind {
            ExpressionKind::IsDistinct { left, right, is_negated, .. } => {
                let schema = self.schema_of_operator("=", left, right)?;
                let symbol = if *is_negated { "=" } else { "<>" };
                let is_null = |operand: &Expression| Expression::null_test(operand.clone());
                let condition = ExpressionKind::Or(vec![is_null(left), is_null(right)]).into();
                Some(ExpressionKind::Case {
                    operand: None,
                    branches: vec![CaseBranch {
                        condition,
                        result: Expression::binary(is_null(left), symbol, is_null(right)),
                    }],
                    otherwise: Some(Box::new(binary(left, &schema, symbol, right))),
                })
            }
            ExpressionKind::In { operand, items, is_negated } => {
                let data_type = self.type_of(operand)?;
                let is_query = matches!(items.as_slice(), [Expression { kind: ExpressionKind::Subquery(_), .. }]);
                let schema = match is_query {
                    true => self.schema_of_type(&data_type)?,
                    false => items
                        .iter()
                        .map(|item| self.schema_of_operator("=", operand, item))
                        .collect::<Option<Vec<_>>>()?
                        .pop()?,
                };
                let symbol = if *is_negated { "<>" } else { "=" };
                let array = match items.as_slice() {
                    [item] if !is_query => return Some(binary(operand, &schema, symbol, item).kind),
                    [query] => query.clone(),
                    items => Expression::cast(ExpressionKind::Array(items.to_vec()).into(), data_type.array()),
                };
                Some(ExpressionKind::Quantified {
                    operand: operand.clone(),
                    operator: operator(&schema, symbol),
                    quantifier: if *is_negated { Quantifier::All } else { Quantifier::Any },
                    array: Box::new(array),
                })
            }
            ExpressionKind::Between { operand, low, high, is_symmetric: false, is_negated } => {
                let schema = self.schema_of_operator("<=", operand, low)?;
                let (above, below) = if *is_negated { ("<", ">") } else { (">=", "<=") };
                let tests = vec![binary(operand, &schema, above, low), binary(operand, &schema, below, high)];
                Some(if *is_negated { ExpressionKind::Or(tests) } else { ExpressionKind::And(tests) })
            }
            ExpressionKind::Like { form, operand, pattern, escape, is_negated, .. } => {
                let symbol = match (form, is_negated) {
                    (LikeForm::Like, false) => "~~",
                    (LikeForm::Like, true) => "!~~",
                    (LikeForm::ILike, false) => "~~*",
                    (LikeForm::ILike, true) => "!~~*",
                    (LikeForm::SimilarTo, _) => return None,
                };
                let schema = self.schema_of_operator(symbol, operand, pattern)?;
                let pattern = match escape {
                    Some(escape) => {
                        let escaped = [(**pattern).clone(), (**escape).clone()];
                        Expression::call("like_escape", escaped)
                    }
                    None => (**pattern).clone(),
                };
                Some(binary(operand, &schema, symbol, &pattern).kind)
            }
            ExpressionKind::Case { operand: Some(operand), branches, otherwise } => {
                let of = |branch: &CaseBranch| self.schema_of_operator("=", operand, &branch.condition);
                let schemas: Vec<String> = branches.iter().map(of).collect::<Option<_>>()?;
                let branches = branches.iter().zip(schemas).map(|(branch, schema)| CaseBranch {
                    condition: binary(operand, &schema, "=", &branch.condition),
                    result: branch.result.clone(),
                });
                Some(ExpressionKind::Case { operand: None, branches: branches.collect(), otherwise: otherwise.clone() })
            }
            ExpressionKind::Is { .. } => None,
            _ => None,
        }
    }

    /// The schema of an extension; `public` where none is said.
    fn schema_of_extension(&self, name: &str) -> Option<String> {
        let extension = self.catalog.extensions.get(name)?;
        Some(extension.schema.clone().unwrap_or_else(|| DEFAULT_SCHEMA.to_owned()))
    }

    /// The schema of a function that the system does not have: that of its extension, or `public`.
    fn schema_of_function(&self, name: &str) -> String {
        let extension = extensions::providing_function(name);
        extension.and_then(|name| self.schema_of_extension(name)).unwrap_or_else(|| DEFAULT_SCHEMA.to_owned())
    }

    /// The schema of a type of an extension.
    fn schema_of_type(&self, data_type: &Type) -> Option<String> {
        let name = data_type.as_named().filter(|name| !self.catalog.has_type(name))?;
        extensions::providing_type(&name.name).map(|_| name.schema.clone())
    }

    /// The schema of an operator that is one of an extension, as its operands say.
    /// Whether an operator without a schema is one that a migration has made in `public`: PostgreSQL has none of these
    /// characters, or the operands are of its types.
    fn is_own_operator(&self, symbol: &str, operands: &[Option<&Type>]) -> bool {
        let objects = self.state.catalog.objects.keys();
        let mut own = objects.filter(|id| {
            id.kind == Kind::OwnOperator
                && id.name.name == symbol
                && id.name.schema == DEFAULT_SCHEMA
                && id.arguments.len() == operands.len()
        });
        let is_of_system = operators(symbol).any(|operator| operator.extension().is_none());
        own.any(|id| {
            let mut pairs = id.arguments.iter().zip(operands);
            !is_of_system || pairs.all(|(takes, found)| found.is_some_and(|found| found.without_modifier() == *takes))
        })
    }

    fn schema_of_operator(&self, symbol: &str, left: &Expression, right: &Expression) -> Option<String> {
        let (left_type, right_type) = (self.type_of(left), self.type_of(right));
        if self.is_own_operator(symbol, &[left_type.as_ref(), right_type.as_ref()]) {
            return Some(DEFAULT_SCHEMA.to_owned());
        }
        for (one, other, other_type) in [(&left_type, right, &right_type), (&right_type, left, &left_type)] {
            let Some(schema) = one.as_ref().and_then(|one| self.schema_of_type(one)) else { continue };
            let is_citext = one.as_ref().and_then(Type::as_named).is_some_and(|name| name.name == "citext");
            if !is_citext {
                return Some(schema);
            }
            // With anything but its own kind it is a `text`.
            let is_alike = match other_type {
                Some(other) => other.as_named().is_some_and(|name| name.name == "citext"),
                None => other.is_literal() || matches!(other.kind, ExpressionKind::Parameter(_)),
            };
            let is_match = matches!(symbol, "~" | "~*" | "!~" | "!~*" | "~~" | "~~*" | "!~~" | "!~~*");
            let is_comparison = matches!(symbol, "=" | "<>" | "<" | "<=" | ">" | ">=");
            if is_comparison && is_alike || is_match && (is_alike || std::ptr::eq(one, &left_type)) {
                return Some(schema);
            }
            return None;
        }
        let is = |wanted: fn(&Type) -> bool| {
            left_type.as_ref().is_some_and(wanted) || right_type.as_ref().is_some_and(wanted)
        };
        let is_string = is(|one| one.category() == Category::String);
        let is_point = is(|one| *one == Type::BuiltIn(BuiltIn::Point));
        let extension = match symbol {
            "%" | "<%" | "%>" | "<<%" | "%>>" | "<->" | "<<->" | "<->>" | "<<<->" | "<->>>" if is_string => "pg_trgm",
            "&&" | "@>" | "<@" | "@@" | "#" | "+" | "-" | "|" | "&" if is(|one| *one == Type::INTEGER.array()) => {
                "intarray"
            }
            "<@>" if is_point => "earthdistance",
            "<->"
                if is(|one| matches!(one.category(), Category::Numeric | Category::DateTime | Category::Interval)) =>
            {
                "btree_gist"
            }
            "<~>" | "<%>" if is(|one| one.category() == Category::Bit) => "vector",
            _ => return None,
        };
        self.schema_of_extension(extension)
    }

    /// The type of an expression, as far as it is plain.
    fn type_of(&self, expression: &Expression) -> Option<Type> {
        match &expression.kind {
            ExpressionKind::Name(parts) => Some(self.around.data_type(parts)?.without_modifier()),
            ExpressionKind::Cast { target, .. } | ExpressionKind::TypedText { target, .. } => {
                Some(target.without_modifier())
            }
            ExpressionKind::Collate { operand, .. } => self.type_of(operand),
            ExpressionKind::Array(items) => items.iter().find_map(|item| self.type_of(item)).map(Type::array),
            ExpressionKind::Call(call) if call.is_choice() => {
                call.arguments.iter().find_map(|argument| self.type_of(&argument.value))
            }
            ExpressionKind::Call(call) if call.schema.is_none() => return_type(&call.name),
            // A function of an extension that converts to its type is called like that.
            ExpressionKind::Call(call) => {
                extensions::providing_type(&call.name)?;
                let schema = call.schema.clone()?;
                Some(Type::named(QualifiedName::in_schema(schema, call.name.clone())))
            }
            ExpressionKind::Case { branches, otherwise, .. } => {
                let mut results = branches.iter().map(|branch| &branch.result).chain(otherwise.as_deref());
                results.find_map(|result| self.type_of(result))
            }
            ExpressionKind::Is { test: IsTest::Null, .. } => Some(Type::BOOLEAN),
            _ => None,
        }
    }
}

/// Whether a migration has made a collation of this name. The system's depend on the machine, and are in no list.
fn is_of_public(collation: &str, state: &State) -> bool {
    let name = QualifiedName::new(collation);
    state.undeclared.made(&name).is_some() || state.catalog.objects.contains_key(&ObjectId::new(Kind::Collation, name))
}

impl Checker<'_> {
    /// The name of a collation, with its schema where it is not the system's.
    pub(crate) fn collation_name(&self, name: &str) -> String {
        if is_of_public(name, self.state) { format!("{DEFAULT_SCHEMA}.{name}") } else { name.to_owned() }
    }

    /// Whether there is a collation of that name, or may be one.
    pub(crate) fn may_be_collation(&self, name: &QualifiedName) -> bool {
        let id = ObjectId::new(Kind::Collation, name.clone());
        self.catalog().objects.contains_key(&id) || self.state.undeclared.made(name).is_some()
    }

    /// The name of an operator class, with its schema where it is not the system's.
    pub(crate) fn operator_class_name(&self, method: &str, name: &str) -> String {
        let known = operator_class(method, name);
        if name.contains('.') || known.is_some_and(|class| class.extension.is_none()) {
            return name.to_owned();
        }
        let schema = known.and_then(|class| self.state.catalog.extensions.get(class.extension?)?.schema.clone());
        format!("{}.{name}", schema.as_deref().unwrap_or(DEFAULT_SCHEMA))
    }
}

fn operator(schema: &str, symbol: &str) -> Operator {
    Operator::in_schema(Some(schema.to_owned()), symbol)
}

fn binary(left: &Expression, schema: &str, symbol: &str, right: &Expression) -> Expression {
    ExpressionKind::Binary {
        operator: operator(schema, symbol),
        left: Box::new(left.clone()),
        right: Box::new(right.clone()),
    }
    .into()
}

/// Whether PostgreSQL itself has a function of this name, as its own catalog says, or a conversion by the name of a type.
pub(crate) fn is_system_function(name: &str) -> bool {
    migrate_core::system::is_of_postgres(name) || migrate_core::expression::is_system_function(name)
}
