//! A key of an index, of an exclusion constraint or of a partitioned table: a column or an expression, with collation and operator class.

use migrate_core::catalog::{IndexKey, NullsOrder, Table};
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Kind, Namespace, OperatorClass};
use migrate_core::sorted::SortedMap;
use migrate_core::system::{self, CastContext, TypeKind};
use migrate_core::token::{Bracket, Token};
use migrate_core::types::{Category, Type, operator_class, operator_classes};

use super::{Collation, parse_class_parameters, parse_collation};
use crate::check::{Checker, Context, Origin};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::extensions;
use crate::parser::{Parsed, Parser, Spanned};

/// A key as written.
pub(crate) struct IndexKeyClause {
    pub(crate) expression: Spanned<Expression>,
    pub(crate) collation: Option<Collation>,
    pub(crate) operator_class: Option<Spanned<QualifiedName>>,
    class_parameters: SortedMap<String, String>,
    pub(crate) descending: bool,
    pub(crate) nulls: Option<NullsOrder>,
}

impl IndexKeyClause {
    /// Takes a key.
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Parsed<Self> {
        let start = parser.cursor.index();
        // A bare column first: the words behind it (an operator class, asc, desc) are not part of an expression.
        let is_bare = match (parser.cursor.peek(), parser.cursor.look_ahead(1)) {
            (Token::Word(_) | Token::Text(_), next) => {
                matches!(next, Token::Word(_) | Token::Symbol { symbol: ',', .. } | Token::Close(_) | Token::Text(_))
            }
            _ => false,
        };
        let expression = if is_bare {
            let name = parser.name("a column")?;
            let kind = ExpressionKind::Name(vec![name.value]);
            Spanned { value: Expression::new(kind, name.at), at: name.at }
        } else if parser.cursor.take_open(Bracket::Round) {
            let inner = parser.expression()?;
            parser.close(Bracket::Round, "`)`")?;
            inner
        } else {
            parser.default_expression()?
        };
        let collation = parse_collation(parser)?;
        let is_order = ["asc", "desc", "nulls", "with"].iter().any(|word| parser.cursor.is_word(word));
        let operator_class = match parser.cursor.peek() {
            Token::Word(_) | Token::Text(_) if !is_order => Some(parser.qualified_name("an operator class")?),
            _ => None,
        };
        let class_parameters = match &operator_class {
            Some(_) if parser.cursor.is_open(Bracket::Round) => parse_class_parameters(parser)?,
            _ => SortedMap::new(),
        };
        let descending = parser.cursor.take_word("desc");
        if !descending {
            parser.cursor.take_word("asc");
        }
        let nulls = if parser.cursor.take_words(&["nulls", "first"]) {
            Some(NullsOrder::First)
        } else if parser.cursor.take_words(&["nulls", "last"]) {
            Some(NullsOrder::Last)
        } else {
            None
        };
        let default = if descending { NullsOrder::First } else { NullsOrder::Last };
        let expression = Spanned { at: parser.cursor.since(start), ..expression };
        Ok(IndexKeyClause {
            expression,
            collation,
            operator_class,
            class_parameters,
            descending,
            nulls: nulls.filter(|order| *order != default),
        })
    }

    /// Checks it against its table.
    pub(crate) fn check(
        &self,
        method: &str,
        table_name: &QualifiedName,
        table: &Table,
        context: Context,
        checker: &mut Checker<'_>,
    ) -> Option<IndexKey> {
        let resolved = checker.column_expression(&self.expression, table_name, table, context)?;
        if let Some(data_type) = &resolved.data_type
            && !(check_collation(self, data_type, checker) && check_operator_class(self, method, data_type, checker))
        {
            return None;
        }
        // The server does not tell the one that the type has anyway.
        let is_default = |class: &String| {
            let default =
                resolved.data_type.as_ref().and_then(|data_type| checker.catalog().default_class(method, data_type));
            default == Some(&OperatorClass::id_of_key(method, class))
        };
        let operator_class = self.operator_class.as_ref().map(|class| placed_class(method, &class.value, checker));
        // With parameters it has to be named.
        let is_said = !self.class_parameters.is_empty();
        let operator_class = operator_class.filter(|class| is_said || !is_default(class));
        Some(IndexKey {
            expression: resolved.expression,
            collation: match &self.collation {
                Some(collation) => Some(collation.check(checker)?),
                None => None,
            },
            operator_class,
            class_parameters: self.class_parameters.clone(),
            descending: self.descending,
            nulls: self.nulls,
        })
    }
}

/// An operator class as the server finds it: where it is written without a schema, in that of its extension.
fn placed_class(method: &str, class: &QualifiedName, checker: &Checker<'_>) -> String {
    match class.schema.as_str() {
        DEFAULT_SCHEMA => checker.operator_class_name(method, &class.name),
        "pg_catalog" => class.name.clone(),
        schema => format!("{schema}.{}", class.name),
    }
}

/// Whether an operator class is written with the schema of its extension, or with none; reported when it is not.
fn check_class_schema(class: &Spanned<QualifiedName>, extension: &str, checker: &mut Checker<'_>) -> bool {
    let QualifiedName { schema: written, name } = &class.value;
    let Some(found) = checker.catalog().extensions.get(extension).map(|found| found.schema().to_owned()) else {
        return true;
    };
    if *written == found || written == DEFAULT_SCHEMA {
        return true;
    }
    checker.report(
        Diagnostic::new(
            code::UNKNOWN_OPERATOR_CLASS,
            format!("cannot find operator class `{}`", class.value),
            class.at,
        )
        .help(format!("write `{name}`: the extension `{extension}` is in the schema `{found}`")),
    );
    false
}

/// Whether the type can have the collation that the key names; reported when it cannot.
fn check_collation(key: &IndexKeyClause, data_type: &Type, checker: &mut Checker<'_>) -> bool {
    let Some(collation) = key.collation.as_ref().filter(|_| !checker.is_collatable(data_type)) else { return true };
    let at = collation.at();
    checker.report(
        Diagnostic::new(code::TYPE_MISMATCH, format!("`{data_type}` has no collation"), at).help("remove `collate`"),
    );
    false
}

/// Whether a type that an extension brings has an operator class of this name, or a default one; `None` where that is not known.
fn has_class_of_extension(method: &str, class: Option<&str>, data_type: &Type, checker: &Checker<'_>) -> Option<bool> {
    let name = data_type.as_named().filter(|name| checker.catalog().object_named(Namespace::Type, name).is_none())?;
    let extension = extensions::providing_type(&name.name)?;
    let id = system::type_of_name(&name.name, Some(extension))?;
    // Methods of extensions that are not known have none, and those for all ranges take more than their own type.
    system::operator_classes(method).next().filter(|_| id.entry().kind() == TypeKind::Base)?;
    let takes = |found: system::TypeId| {
        found == id || system::cast(id, found).any(|cast| cast.is_binary() && cast.context() == CastContext::Implicit)
    };
    let is_there = |extension: &str| checker.catalog().extensions.contains_key(extension);
    let mut classes = system::operator_classes(method).filter(|found| match class {
        Some(class) => found.name() == class,
        None => found.is_default() && found.extension().is_none_or(is_there),
    });
    Some(classes.any(|found| takes(found.data_type())))
}

/// Whether one of the known classes of this name takes a built-in type: `Some(false)` where each is for other types.
pub(crate) fn has_class_of_system(method: &str, class: &str, data_type: &Type) -> Option<bool> {
    let named = || system::operator_classes(method).filter(|found| found.name() == class);
    if named().next().is_none() {
        // One that another method has is none of this one.
        let methods = ["btree", "hash", "gist", "gin", "spgist", "brin", "bloom"];
        let mut elsewhere = methods.iter().flat_map(|method| system::operator_classes(method));
        return elsewhere.any(|found| found.name() == class).then_some(false);
    }
    let id = data_type.without_modifier().internal_name().and_then(|name| system::type_of_name(name, None))?;
    let may_take = |found: system::TypeId| {
        found == id
            || found.entry().kind() != TypeKind::Base
            || found.entry().array_element().is_some()
            || system::cast(id, found).any(system::Cast::is_binary)
    };
    (!named().any(|found| may_take(found.data_type()))).then_some(false)
}

/// Whether the method of the extension `bloom` has a class for a built-in type.
fn has_class_of_bloom(data_type: &Type) -> Option<bool> {
    let id = data_type.without_modifier().internal_name().and_then(|name| system::type_of_name(name, None))?;
    let takes = |found: system::TypeId| {
        found == id || system::cast(id, found).any(|cast| cast.is_binary() && cast.context() == CastContext::Implicit)
    };
    let mut classes = system::operator_classes("bloom").filter(|found| found.is_default());
    Some(classes.any(|found| takes(found.data_type())))
}

/// Whether rows and composite values have a default class; `None` where it is another type.
fn has_default_of_rows(method: &str, data_type: &Type, checker: &Checker<'_>) -> Option<bool> {
    let name = data_type.as_named()?;
    let is_row = checker.catalog().table(name).is_some()
        || checker.catalog().object_named(Namespace::Type, name).is_some_and(|(id, _)| id.kind == Kind::CompositeType);
    is_row.then_some(matches!(method, "btree" | "hash"))
}

/// Whether a class of the user fits; `None` where none is meant.
fn check_own_class(key: &IndexKeyClause, method: &str, data_type: &Type, checker: &mut Checker<'_>) -> Option<bool> {
    let Some(class) = &key.operator_class else {
        return checker.catalog().default_class(method, data_type).map(|_| true);
    };
    let id = OperatorClass::id(method, class.value.clone());
    let is_broken = checker.state.broken.has_object(&id);
    let Some(Definition::OperatorClass(own)) = checker.catalog().object(&id).map(|object| &object.definition) else {
        return is_broken.then_some(true);
    };
    let wanted = own.data_type.clone();
    let below = checker.catalog().base_type(data_type).without_modifier();
    let is_string = |data_type: &Type| data_type.category() == Category::String;
    let fits = wanted == data_type.without_modifier()
        || wanted == below
        || wanted.category() == Category::Pseudo
        || is_string(&wanted) && is_string(&below);
    if !fits {
        let mut mistake = Diagnostic::new(
            code::UNKNOWN_OPERATOR_CLASS,
            format!("operator class `{}` is for `{wanted}`, not for `{data_type}`", class.value),
            class.at,
        )
        .help("choose another one, or leave it out");
        mistake.notes.extend(checker.state.made_in("it", &Origin::Object(id)));
        checker.report(mistake);
    }
    Some(fits)
}

fn check_operator_class(key: &IndexKeyClause, method: &str, data_type: &Type, checker: &mut Checker<'_>) -> bool {
    if let Some(fits) = check_own_class(key, method, data_type, checker) {
        return fits;
    }
    // A domain has the classes of what is below it.
    let (written, below) = (data_type, checker.catalog().base_type(data_type).clone());
    let data_type = &below;
    let installed: Vec<String> = checker.catalog().extensions.keys().cloned().collect();
    let has = |extension: &str| installed.iter().any(|name| name == extension);
    let any_unknown = installed.iter().any(|name| !extensions::is_known(name) && system::extension(name).is_none());
    if any_unknown {
        return true;
    }
    let usable: Vec<&str> = operator_classes(method, data_type)
        .filter(|class| class.extension.is_none_or(has))
        .map(|class| class.name)
        .collect();
    if let Some(class) = &key.operator_class {
        let known = operator_class(method, &class.value.name);
        if let Some(extension) = known.and_then(|known| known.extension)
            && !check_class_schema(class, extension, checker)
        {
            return false;
        }
        let is_usable = usable.contains(&class.value.name.as_str());
        // A class that is not in the table is refused only where the table is complete: not for named types, and not
        // where btree_gin or btree_gist adds one for each type.
        let is_complete = data_type.as_named().is_none() && !has(&format!("btree_{method}"));
        let is_certain = has_class_of_extension(method, Some(&class.value.name), data_type, checker)
            .or_else(|| has_class_of_system(method, &class.value.name, data_type));
        if is_certain == Some(true) || is_certain.is_none() && (is_usable || (known.is_none() && !is_complete)) {
            return true;
        }
        let mut mistake = Diagnostic::new(
            code::UNKNOWN_OPERATOR_CLASS,
            format!("cannot find operator class `{}` of `{method}` for `{written}`", class.value),
            class.at,
        );
        mistake = match known.and_then(|class| class.extension).filter(|extension| !has(extension)) {
            Some(extension) => mistake.help(format!(
                "it belongs to the extension `{extension}`: write `create extension {extension};` first"
            )),
            None => mistake.maybe_help(choices(&class.value.name, usable.iter().copied(), "operator classes")),
        };
        checker.report(mistake);
        return false;
    }
    let is_enum = checker.values_of(data_type).is_some();
    let of_rows = has_default_of_rows(method, data_type, checker);
    let brought = of_rows.is_none()
        && match method {
            "gin" if has("btree_gin") => is_enum || data_type.has_scalar_operator_class(method) != Some(false),
            "gist" if has("btree_gist") => is_enum || data_type.has_scalar_operator_class(method) != Some(false),
            _ => false,
        };
    let has_default =
        if is_enum { Some(matches!(method, "btree" | "hash")) } else { data_type.has_default_operator_class(method) };
    let has_default = has_default.or(of_rows);
    let has_default = has_default.or_else(|| has_class_of_extension(method, None, data_type, checker));
    let has_default = has_default.or_else(|| (method == "bloom").then(|| has_class_of_bloom(data_type))?);
    if has_default != Some(false) || brought {
        return true;
    }
    let mut mistake = Diagnostic::new(
        code::NO_OPERATOR_CLASS,
        format!("`{written}` has no default operator class for `{method}`"),
        key.expression.at,
    );
    let is_string = data_type.category() == Category::String;
    // Those that take any type of a kind, such as any enum, do not count.
    let fitting: Vec<String> = operator_classes(method, data_type)
        .filter(|class| class.extension.is_none_or(has) && class.takes(data_type) == Some(true))
        .map(|class| format!("`{}`", class.name))
        .collect();
    mistake = if !fitting.is_empty() {
        mistake.help(format!("write one after the column: {}", fitting.join(", ")))
    } else if method == "gin" && is_string {
        mistake.help("to search text, write `create extension pg_trgm;` first and `gin_trgm_ops` after the column")
    } else if *data_type == Type::JSON {
        mistake.help("use `jsonb`, which can be indexed")
    } else if matches!(method, "gin" | "gist") {
        mistake.help(format!("remove `using {method}`, or write `create extension btree_{method};` first"))
    } else if data_type.has_default_operator_class("gist") == Some(true) {
        mistake.help("write `using gist`, or index an expression of it")
    } else {
        mistake.help("choose another access method")
    };
    checker.report(mistake);
    false
}

/// The part of the index's name that stands for a key, as PostgreSQL chooses it (`FigureIndexColname`).
pub(crate) fn index_key_name(expression: &Expression) -> String {
    match &expression.kind {
        ExpressionKind::Name(parts) => parts.last().cloned().unwrap_or_default(),
        ExpressionKind::Call(call) => call.name.clone(),
        ExpressionKind::Cast { operand, .. } | ExpressionKind::Collate { operand, .. } => index_key_name(operand),
        _ => "expr".into(),
    }
}
