//! The tables of what PostgreSQL and its extensions bring say what the server that runs says.

use std::collections::{BTreeMap, BTreeSet};

use migrate_core::expression::Volatility;
use migrate_core::system;
use migrate_core::system::{AggregateKind, CastContext, FunctionKind, SystemType, TypeId, TypeKind, Versions};
use sqlx::{Connection as _, PgConnection};
use system_catalog::{Entries, TypeKey};

fn id(id: TypeId) -> String {
    key(&(id.entry().extension().unwrap_or_default().to_owned(), id.entry().name().to_owned()))
}

fn key((extension, name): &TypeKey) -> String {
    if extension.is_empty() { name.clone() } else { format!("{extension}.{name}") }
}

fn maybe(id_: Option<TypeId>) -> String {
    id_.map(id).unwrap_or_default()
}

fn maybe_key(type_: &Option<TypeKey>) -> String {
    type_.as_ref().map(key).unwrap_or_default()
}

fn volatility(volatility: Volatility) -> char {
    match volatility {
        Volatility::Immutable => 'i',
        Volatility::Stable => 's',
        _ => 'v',
    }
}

/// PostgreSQL 14 counts its internal types as strings; the tables have the word of the newest server.
fn category(name: &str, category: u8) -> char {
    if name == "char" || name.starts_with("pg_") { 'Z' } else { char::from(category) }
}

/// What the server says, a line for each entry.
fn of_server(entries: &Entries) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for type_ in &entries.types {
        lines.insert(format!(
            "type {} {} {} {} {} {} {} {} [{}] [{}] [{}]",
            key(&type_.key),
            char::from(type_.kind),
            category(&type_.key.1, type_.category),
            type_.is_preferred,
            type_.is_collatable,
            type_.has_modifiers,
            type_.has_fixed_input,
            type_.has_fixed_output,
            if type_.subscripting == 1 { maybe_key(&type_.element) } else { String::new() },
            maybe_key(&type_.array),
            maybe_key(&type_.base),
        ));
    }
    for function in &entries.functions {
        let arguments: Vec<String> = function.arguments.iter().map(key).collect();
        let names: Vec<&str> = function.argument_names.iter().map(String::as_str).collect();
        let columns: Vec<String> =
            function.columns.iter().map(|(name, type_)| format!("{name} {}", key(type_))).collect();
        lines.insert(format!(
            "function {}.{}({}) {} {}{}{}{}{} [{}] {} [{}] [{}] {}",
            function.extension,
            function.name,
            arguments.join(", "),
            key(&function.result),
            char::from(function.kind),
            char::from(function.volatility),
            function.is_strict,
            function.returns_set,
            match function.aggregate_kind {
                0 | b'n' => 'n',
                kind => char::from(kind),
            },
            maybe_key(&function.variadic),
            function.defaults,
            names.join(", "),
            columns.join(", "),
            function.direct_arguments,
        ));
    }
    for operator in &entries.operators {
        lines.insert(format!(
            "operator {}.{} {} {} {} {}{}",
            operator.extension,
            maybe_key(&operator.left),
            operator.symbol,
            key(&operator.right),
            key(&operator.result),
            char::from(operator.volatility),
            operator.is_strict,
        ));
    }
    for cast in &entries.casts {
        let context = char::from(cast.context);
        let volatility = char::from(cast.volatility);
        let method = cast.method == b'b';
        let (source, target) = (key(&cast.source), key(&cast.target));
        lines.insert(format!("cast {}.{source} {target} {context}{volatility}{method}", cast.extension));
    }
    for class in &entries.operator_classes {
        let (method, name, extension) = (&class.method, &class.name, &class.extension);
        lines.insert(format!("class {extension}.{method} {name} {} {}", key(&class.type_), class.is_default));
    }
    for collation in &entries.collations {
        lines.insert(format!("collation {}", collation.name));
    }
    lines
}

fn kind(type_: SystemType) -> char {
    match type_.kind() {
        TypeKind::Base => 'b',
        TypeKind::Composite => 'c',
        TypeKind::Domain => 'd',
        TypeKind::Enum => 'e',
        TypeKind::Pseudo => 'p',
        TypeKind::Range => 'r',
        TypeKind::Multirange => 'm',
    }
}

/// What the tables say of a version and these extensions, in the same lines.
fn of_tables(major: u32, extensions: &BTreeSet<String>) -> BTreeSet<String> {
    let is_there = |extension: Option<&str>, versions: Versions| {
        versions.has(major) && extension.is_none_or(|extension| extensions.contains(extension))
    };
    let mut lines = BTreeSet::new();
    for type_ in system::types().filter(|type_| is_there(type_.extension(), type_.versions())) {
        lines.insert(format!(
            "type {} {} {} {} {} {} {} {} [{}] [{}] [{}]",
            id(type_.id()),
            kind(type_),
            category(type_.name(), type_.category()),
            type_.is_preferred(),
            type_.is_collatable(),
            type_.has_modifiers(),
            type_.has_fixed_input(),
            type_.has_fixed_output(),
            maybe(type_.array_element()),
            maybe(type_.array()),
            maybe(type_.base()),
        ));
    }
    let names: BTreeSet<&str> = system::function_names().map(|(name, _)| name).collect();
    for function in names.into_iter().flat_map(system::functions) {
        if !is_there(function.extension(), function.versions()) {
            continue;
        }
        let arguments: Vec<String> = function.arguments().iter().map(id).collect();
        let names: Vec<&str> = (0..arguments.len()).map(|index| function.argument_name(index)).collect();
        let names = if names.iter().all(|name| name.is_empty()) { String::new() } else { names.join(", ") };
        let columns: Vec<String> =
            function.columns().iter().map(|(name, type_)| format!("{name} {}", id(type_))).collect();
        lines.insert(format!(
            "function {}.{}({}) {} {}{}{}{}{} [{}] {} [{}] [{}] {}",
            function.extension().unwrap_or_default(),
            function.name(),
            arguments.join(", "),
            id(function.result()),
            match function.kind() {
                FunctionKind::Function => 'f',
                FunctionKind::Procedure => 'p',
                FunctionKind::Aggregate => 'a',
                FunctionKind::Window => 'w',
            },
            volatility(function.volatility()),
            function.is_strict(),
            function.returns_set(),
            match function.aggregate_kind() {
                AggregateKind::Normal => 'n',
                AggregateKind::OrderedSet => 'o',
                AggregateKind::Hypothetical => 'h',
            },
            maybe(function.variadic()),
            function.defaults(),
            names,
            columns.join(", "),
            function.direct_arguments(),
        ));
    }
    for operator in system::all_operators().filter(|operator| is_there(operator.extension(), operator.versions())) {
        lines.insert(format!(
            "operator {}.{} {} {} {} {}{}",
            operator.extension().unwrap_or_default(),
            maybe(operator.left()),
            operator.symbol(),
            id(operator.right()),
            id(operator.result()),
            volatility(operator.volatility()),
            operator.is_strict(),
        ));
    }
    for cast in system::all_casts().filter(|cast| is_there(cast.extension(), cast.versions())) {
        let context = match cast.context() {
            CastContext::Implicit => 'i',
            CastContext::Assignment => 'a',
            CastContext::Explicit => 'e',
        };
        let extension = cast.extension().unwrap_or_default();
        let (source, target) = (id(cast.source()), id(cast.target()));
        let volatility = volatility(cast.volatility());
        lines.insert(format!("cast {extension}.{source} {target} {context}{volatility}{}", cast.is_binary()));
    }
    for class in system::all_operator_classes().filter(|class| is_there(class.extension(), class.versions())) {
        let extension = class.extension().unwrap_or_default();
        let (method, name) = (class.method(), class.name());
        lines.insert(format!("class {extension}.{method} {name} {} {}", id(class.data_type()), class.is_default()));
    }
    for collation in system::collations().filter(|collation| is_there(None, collation.versions())) {
        lines.insert(format!("collation {}", collation.name()));
    }
    lines
}

#[tokio::test]
async fn the_tables_say_what_the_server_says() {
    let mut connection = PgConnection::connect(&tests::server().url("postgres")).await.expect("a connection");
    let entries = system_catalog::read(&mut connection).await.expect("what the server has");
    let extensions: BTreeSet<String> = entries.extensions.iter().map(|extension| extension.name.clone()).collect();
    let (server, tables) = (of_server(&entries), of_tables(tests::server().major(), &extensions));
    assert!(server.len() > 5_000, "{} entries", server.len());
    let is_known = |line: &&String| extension_of(line).is_none_or(|name| system::extension(name).is_some());
    let lacking: Vec<&String> = server.difference(&tables).filter(is_known).collect();
    // Another release of an extension than the one that was read may lack some of its functions.
    let surplus: Vec<&String> = tables.difference(&server).filter(|line| extension_of(line).is_none()).collect();
    assert!(
        lacking.is_empty() && surplus.is_empty(),
        "run `cargo run -p system-catalog`\nonly the server: {lacking:#?}\nonly the tables: {surplus:#?}"
    );
}

#[tokio::test]
async fn the_lists_say_what_the_server_says() {
    let major = tests::server().major();
    let mut connection = PgConnection::connect(&tests::server().url("postgres")).await.expect("a connection");
    let server = [(major, system_catalog::read_lists(&mut connection).await.expect("what the server has"))];
    let first = |line: &str| line.split('|').next().unwrap_or_default().to_owned();
    let settings: BTreeSet<String> = system_catalog::settings_text(&server).lines().map(first).collect();
    let known = system::settings().filter(|setting| setting.versions.has(major)).map(|setting| setting.name.to_owned());
    let known: BTreeSet<String> = known.collect();
    assert!(settings.len() > 300, "{} settings", settings.len());
    let lacking: Vec<&String> = settings.difference(&known).collect();
    assert!(lacking.is_empty(), "run `cargo run -p system-catalog`\nonly the server: {lacking:#?}");
    // The columns that this version has. One that can be null in any of them can be null.
    let text = system_catalog::relations_text(&server);
    let columns = text.lines().flat_map(|line| {
        let columns = line.rsplit('|').next().unwrap_or_default().split(' ');
        columns.map(|column| {
            let (name, data_type) = column.split_once(':').unwrap_or_default();
            (format!("{}.{name}", first(line)), data_type.ends_with('!'))
        })
    });
    let of_server: BTreeMap<String, bool> = columns.collect();
    let known: BTreeMap<String, bool> = system::relations()
        .filter(|relation| relation.versions.has(major))
        .flat_map(|relation| {
            let columns = relation.columns().filter(|column| column.versions.has(major));
            columns.map(move |column| (format!("{}.{}", relation.name, column.name), !column.nullable))
        })
        .collect();
    assert!(of_server.len() > 1_500, "{} columns", of_server.len());
    let lacking: Vec<&String> = of_server.keys().filter(|name| !known.contains_key(*name)).collect();
    let surplus: Vec<&String> = known
        .iter()
        .filter(|(name, is_never_null)| of_server.get(*name).is_none_or(|found| !found && **is_never_null))
        .map(|(name, _)| name)
        .collect();
    assert!(
        lacking.is_empty() && surplus.is_empty(),
        "run `cargo run -p system-catalog`\nonly the server: {lacking:#?}\nonly the lists: {surplus:#?}"
    );
}

/// The extension of an entry that is one's.
fn extension_of(line: &str) -> Option<&str> {
    let (extension, _) = line.split(' ').nth(1)?.split_once('.')?;
    (!extension.is_empty()).then_some(extension)
}
