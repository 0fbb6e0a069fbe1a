//! `create unique index bookings_key on bookings using btree (lower(email) desc nulls last, total) include (note) where ...;`

use migrate_core::catalog::{Index, IndexKey, NullsOrder, Table};
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::operation::CreateIndex;
use migrate_core::token::{At, Bracket, Token};
use migrate_core::types::{Category, Type, operator_class, operator_classes};

use super::Item;
use crate::check::{Checker, Context, Origin};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::extensions;
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["create", "index"], &["create", "unique", "index"]];

#[derive(Debug)]
pub(super) struct Create {
    unique: bool,
    nulls_not_distinct: bool,
    name: Option<Name>,
    table: Spanned<QualifiedName>,
    method: Option<Name>,
    keys: Vec<Key>,
    include: Vec<Name>,
    predicate: Option<Spanned<Expression>>,
    at: At,
}

#[derive(Debug)]
struct Key {
    expression: Spanned<Expression>,
    collation: Option<Name>,
    operator_class: Option<Spanned<QualifiedName>>,
    descending: bool,
    nulls: Option<NullsOrder>,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Create> {
    let start = parser.cursor.index();
    let unique = {
        let mut back = parser.cursor.clone();
        back.go_to(start.saturating_sub(2));
        back.is_word("unique")
    };
    if parser.cursor.is_word("concurrently") {
        return Err(Diagnostic::new(code::SYNTAX, "unexpected `concurrently`", parser.cursor.at())
            .help("remove it: indexes on existing tables are always built concurrently"));
    }
    let name = if parser.cursor.is_word("on") { None } else { Some(parser.name("`on` or the index's name")?) };
    parser.word("on")?;
    let table = parser.qualified_name("the table")?;
    let method = if parser.cursor.take_word("using") { Some(parser.name("an access method")?) } else { None };
    parser.open(Bracket::Round, "`(` and the columns")?;
    let keys = parser.separated(Bracket::Round, parse_key)?;
    let include = if parser.cursor.take_word("include") { parser.name_list("a column")? } else { Vec::new() };
    let nulls_not_distinct = parser.cursor.take_words(&["nulls", "not", "distinct"]);
    let predicate = if parser.cursor.take_word("where") { Some(parser.expression()?) } else { None };
    let at = parser.cursor.since(start);
    if keys.is_empty() {
        return Err(Diagnostic::new(code::SYNTAX, "an index needs at least one column", at));
    }
    Ok(Create { unique, nulls_not_distinct, name, table, method, keys, include, predicate, at })
}

fn parse_key(parser: &mut Parser<'_>) -> Parsed<Key> {
    let start = parser.cursor.index();
    // A bare column first: the words behind it (an operator class, asc, desc) are no part of an expression.
    let is_bare = match (parser.cursor.peek(), parser.cursor.look_ahead(1)) {
        (Token::Word(_) | Token::Text(_), next) => matches!(
            next,
            Token::Word(_) | Token::Symbol { symbol: ',', .. } | Token::Close(_) | Token::Text(_)
        ),
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
    let collation = if parser.cursor.take_word("collate") { Some(parser.name("a collation")?) } else { None };
    let is_order = ["asc", "desc", "nulls"].iter().any(|word| parser.cursor.is_word(word));
    let operator_class = match parser.cursor.peek() {
        Token::Word(_) if !is_order => Some(parser.qualified_name("an operator class")?),
        _ => None,
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
    Ok(Key { expression, collation, operator_class, descending, nulls: nulls.filter(|order| *order != default) })
}

impl Item for Create {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        let Some(table) = checker.indexable(&self.table) else { return self.poison(checker) };
        let table_name = &self.table.value;
        let method = self.method.as_ref().map_or("btree", |method| method.value.as_str());
        let mut good = self.check_method(method, checker);
        let mut keys = Vec::new();
        for key in &self.keys {
            match self.check_key(key, method, table_name, &table, checker) {
                Some(key) => keys.push(key),
                None => good = false,
            }
        }
        for name in &self.include {
            good &= checker.column_by_name(table_name, &table, name).is_some();
        }
        if self.nulls_not_distinct {
            checker.needs_postgres(15, "`nulls not distinct`", self.at);
        }
        let predicate = match &self.predicate {
            None => None,
            Some(predicate) => {
                let resolved = checker.condition(predicate, table_name, &table, Context::IndexPredicate);
                good &= resolved.is_some();
                resolved
            }
        };
        let name = match &self.name {
            Some(name) => checker.member_name(name, table_name, &table, true).then(|| name.value.clone()),
            None => {
                let second = keys.iter().map(|key| key_name(&key.expression)).collect::<Vec<_>>().join("_");
                Some(checker.free_member_name(table_name, &table, Some(&second), "idx"))
            }
        };
        let (Some(name), true) = (name, good) else { return self.poison(checker) };
        let index = Index {
            method: method.to_owned(),
            keys,
            unique: self.unique,
            nulls_not_distinct: self.nulls_not_distinct,
            include: self.include.iter().map(|name| name.value.clone()).collect(),
            predicate,
            comment: head.comment.clone(),
        };
        if let Some(same) = same_index(&table, &index) {
            let noun = checker.noun_of_indexable(table_name);
            let message = format!("{noun} `{table_name}` already has the same index `{same}`");
            let note = checker.state.made_in("it", &Origin::Index(table_name.sibling(same)));
            let Some(own) = &self.name else {
                let mut mistake = Diagnostic::new(code::DUPLICATE_INDEX, message, self.at)
                    .help("remove this one, or give it a name of its own");
                mistake.notes.extend(note);
                return checker.report(mistake);
            };
            // Who gives it a name of its own may want it to take the place of a bloated one, which is dropped then.
            let mut warning = Diagnostic::new(code::REDUNDANT_INDEX, message, own.at).help(format!(
                "drop one of them; if both are needed for a while, write `#[allow({}, reason = \"...\")]` before it",
                code::REDUNDANT_INDEX.name
            ));
            warning.notes.extend(note);
            let (table, both) = (table_name.clone(), [name.clone(), same.to_owned()]);
            checker.warn_if_still(warning, move |catalog| {
                let found = catalog.indexable(&table);
                found.is_some_and(|found| both.iter().all(|name| found.indexes.contains_key(name)))
            });
        }
        checker.note_origin(Origin::Index(table_name.sibling(name.clone())), self.table.at);
        // So that the catalog's own is changed in place.
        drop(table);
        checker.emit(CreateIndex { table: table_name.clone(), name, index }, self.at);
    }
}

/// How many indexes a new one is compared with: a table with more of them was written by a program.
const MOST_COMPARED: usize = 100;

/// The index of the table that does the same as this one.
fn same_index<'t>(table: &'t Table, index: &Index) -> Option<&'t str> {
    let is_same = |other: &Index| {
        other.keys == index.keys
            && (other.unique, other.nulls_not_distinct) == (index.unique, index.nulls_not_distinct)
            && (&other.method, &other.include, &other.predicate) == (&index.method, &index.include, &index.predicate)
    };
    table.indexes.iter().take(MOST_COMPARED).find(|(_, other)| is_same(other)).map(|(name, _)| name.as_str())
}

impl Create {
    fn poison(&self, checker: &mut Checker<'_>) {
        match &self.name {
            Some(name) => {
                let name = self.table.value.sibling(name.value.clone());
                checker.state.broken.members.insert(name);
            }
            None => {
                let second = self.keys.iter().map(|key| key_name(&key.expression.value)).collect::<Vec<_>>().join("_");
                let table = &self.table.value;
                let name = migrate_core::name::object_name(&table.name, Some(&second), "idx");
                checker.state.broken.members.insert(table.sibling(name));
            }
        }
    }

    fn check_method(&self, method: &str, checker: &mut Checker<'_>) -> bool {
        let at = self.method.as_ref().map_or(self.at, |name| name.at);
        let brought = ["hnsw", "ivfflat", "bloom", "rum"];
        if !extensions::METHODS.contains(&method) && !brought.contains(&method) {
            let known = extensions::METHODS.iter().copied();
            checker.report(
                Diagnostic::new(code::SYNTAX, format!("cannot find access method `{method}`"), at)
                    .maybe_help(choices(method, known, "methods")),
            );
            return false;
        }
        let cannot = |what: &str| {
            Diagnostic::new(code::INVALID_DEFINITION, format!("a `{method}` index cannot {what}"), at)
        };
        if self.unique && method != "btree" {
            checker.report(cannot("be unique").help("remove `unique`, or `using`"));
            return false;
        }
        if self.keys.len() > 1 && matches!(method, "hash" | "spgist") {
            checker.report(cannot("have several columns").help("write one index for each column"));
            return false;
        }
        if !self.include.is_empty() && matches!(method, "hash" | "gin" | "brin") {
            checker.report(cannot("include columns").help("remove `include`"));
            return false;
        }
        if method != "btree" && self.keys.iter().any(|key| key.descending || key.nulls.is_some()) {
            checker.report(cannot("be ordered").help("remove `asc`, `desc` and `nulls ...`"));
            return false;
        }
        true
    }

    fn check_key(
        &self,
        key: &Key,
        method: &str,
        table_name: &QualifiedName,
        table: &Table,
        checker: &mut Checker<'_>,
    ) -> Option<IndexKey> {
        let resolved = checker.column_expression(&key.expression, table_name, table, Context::Index)?;
        if let Some(data_type) = &resolved.data_type
            && !check_operator_class(key, method, data_type, checker)
        {
            return None;
        }
        let operator_class = key.operator_class.as_ref().map(|class| placed_class(method, &class.value, checker));
        Some(IndexKey {
            expression: resolved.expression,
            collation: key.collation.as_ref().map(|name| checker.collation_name(&name.value)),
            operator_class,
            descending: key.descending,
            nulls: key.nulls,
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
        Diagnostic::new(code::UNKNOWN_OPERATOR_CLASS, format!("cannot find operator class `{}`", class.value), class.at)
            .help(format!("write `{name}`: the extension `{extension}` is in the schema `{found}`")),
    );
    false
}

fn check_operator_class(key: &Key, method: &str, data_type: &Type, checker: &mut Checker<'_>) -> bool {
    let installed: Vec<String> = checker.catalog().extensions.keys().cloned().collect();
    let has = |extension: &str| installed.iter().any(|name| name == extension);
    let any_unknown = installed.iter().any(|name| !extensions::is_known(name));
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
        if is_usable || (known.is_none() && !is_complete) {
            return true;
        }
        let mut mistake = Diagnostic::new(
            code::UNKNOWN_OPERATOR_CLASS,
            format!("cannot find operator class `{}` of `{method}` for `{data_type}`", class.value),
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
    let brought = match method {
        "gin" if has("btree_gin") => is_enum || data_type.has_scalar_operator_class(method) != Some(false),
        "gist" if has("btree_gist") => is_enum || data_type.has_scalar_operator_class(method) != Some(false),
        _ => false,
    };
    let has_default = if is_enum {
        Some(matches!(method, "btree" | "hash"))
    } else {
        data_type.has_default_operator_class(method)
    };
    if has_default != Some(false) || brought {
        return true;
    }
    let mut mistake = Diagnostic::new(
        code::NO_OPERATOR_CLASS,
        format!("`{data_type}` has no default operator class for `{method}`"),
        key.expression.at,
    );
    let is_string = data_type.category() == Category::String;
    // Those that may take any type of a kind, such as any enum, are none for this one.
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
fn key_name(expression: &Expression) -> String {
    match &expression.kind {
        ExpressionKind::Name(parts) => parts.last().cloned().unwrap_or_default(),
        ExpressionKind::Call(call) => call.name.clone(),
        ExpressionKind::Cast { operand, .. } | ExpressionKind::Collate { operand, .. } => key_name(operand),
        _ => "expr".into(),
    }
}
