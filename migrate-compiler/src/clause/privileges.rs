//! `select, update (name)`, `all privileges`, and what they are of: `on table bookings`, `on all tables in schema app`.

use migrate_core::catalog::{AccessTarget, Privilege, Role, Securable};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Define as _, Kind, Namespace, ObjectId, Schema};
use migrate_core::sorted::{SortedMap, SortedSet};
use migrate_core::token::{At, Bracket};

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::object::{Identity, parse_identity, parse_routine};
use crate::parser::{Name, Parsed, Parser, Spanned};

/// Privileges as they are written.
pub(crate) struct PrivilegesClause {
    /// `None`: all of them.
    list: Option<Vec<(Spanned<Privilege>, Vec<Name>)>>,
    /// Behind `all`.
    columns: Vec<Name>,
    at: At,
}

/// Privileges of columns, each with its place.
type OfColumns = SortedMap<String, (At, SortedSet<Privilege>)>;

impl PrivilegesClause {
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Parsed<Self> {
        let start = parser.cursor.index();
        if parser.cursor.take_word("all") {
            parser.cursor.take_word("privileges");
            let columns = parse_columns(parser)?;
            return Ok(PrivilegesClause { list: None, columns, at: parser.cursor.since(start) });
        }
        let mut list = Vec::new();
        loop {
            let name = parser.name("a privilege")?;
            let Some(privilege) = Privilege::from_keyword(&name.value.to_uppercase()) else {
                return Err(unknown_privilege(parser, &name));
            };
            list.push((Spanned { value: privilege, at: name.at }, parse_columns(parser)?));
            if !parser.cursor.take_symbol(',') {
                return Ok(PrivilegesClause { list: Some(list), columns: Vec::new(), at: parser.cursor.since(start) });
            }
        }
    }

    /// The privileges of something as a whole, and those of its columns; reported where it has no such privilege.
    pub(crate) fn check(
        &self,
        securable: Securable,
        noun: &str,
        checker: &mut Checker<'_>,
    ) -> Option<(SortedSet<Privilege>, OfColumns)> {
        let mut whole = SortedSet::new();
        let mut columns: SortedMap<String, (At, SortedSet<Privilege>)> = SortedMap::new();
        let mut add = |privilege: Privilege, names: &[Name]| {
            for name in names {
                columns.entry(name.value.clone()).or_insert((name.at, SortedSet::new())).1.insert(privilege);
            }
            if names.is_empty() {
                whole.insert(privilege);
            }
        };
        let Some(list) = &self.list else {
            let of = if self.columns.is_empty() { securable } else { Securable::Column };
            of.privileges().iter().for_each(|privilege| add(*privilege, &self.columns));
            return Some((whole, columns));
        };
        for (privilege, names) in list {
            let (of, noun) = if names.is_empty() { (securable, noun) } else { (Securable::Column, "column") };
            if !of.privileges().contains(&privilege.value) {
                // Servers before PostgreSQL 17 do not have it.
                let is_there = |one: &&Privilege| **one != Privilege::Maintain || checker.postgres() >= 17;
                let has = of.privileges().iter().filter(is_there);
                let has: Vec<String> = has.map(|one| format!("`{one}`")).collect();
                let headline = format!("a {noun} has no privilege `{}`", privilege.value);
                let mistake = Diagnostic::new(code::INVALID_DEFINITION, headline, privilege.at);
                checker.report(mistake.help(format!("it has {}", has.join(", "))));
                return None;
            }
            if privilege.value == Privilege::Maintain {
                checker.needs_postgres(17, "`maintain`", privilege.at);
            }
            add(privilege.value, names);
        }
        if securable != Securable::Table && !columns.is_empty() {
            checker.report(Diagnostic::new(
                code::INVALID_DEFINITION,
                "only tables and views have columns with privileges",
                self.at,
            ));
            return None;
        }
        Some((whole, columns))
    }
}

fn parse_columns(parser: &mut Parser<'_>) -> Parsed<Vec<Name>> {
    match parser.cursor.is_open(Bracket::Round) {
        true => parser.name_list("a column"),
        false => Ok(Vec::new()),
    }
}

fn unknown_privilege(parser: &Parser<'_>, name: &Name) -> Diagnostic {
    let word = name.value.to_lowercase();
    if matches!(word.as_str(), "connect" | "temporary" | "temp") {
        let headline = format!("`{word}` is a privilege on databases, which migrations do not change");
        return Diagnostic::new(code::SYNTAX, headline, name.at)
            .help("grant it where the database is created, or in raw SQL: `sql \"...\"`");
    }
    if ["to", "from"].iter().any(|word| parser.cursor.is_word(word)) {
        let headline = format!("`{}` is not a privilege", name.value);
        return Diagnostic::new(code::SYNTAX, headline, name.at).help(
            "write `PRIVILEGE on TABLE`; role membership belongs to the server, and migrations do not change it",
        );
    }
    let words: Vec<String> = Privilege::ALL.iter().map(ToString::to_string).collect();
    Diagnostic::new(code::SYNTAX, format!("cannot find privilege `{}`", name.value), name.at).maybe_help(choices(
        &word,
        words.iter().map(String::as_str),
        "privileges",
    ))
}

/// What privileges are of, as it is written.
pub(crate) enum Targets {
    Relations(Vec<Spanned<QualifiedName>>),
    Schemas(Vec<Name>),
    Types(Vec<Spanned<QualifiedName>>),
    Objects(Vec<Box<dyn Identity>>),
    /// `all tables in schema`; of routines, these kinds of them.
    AllOf(Securable, &'static [Kind], Vec<Name>),
}

impl Targets {
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Parsed<Self> {
        parser.word("on")?;
        if parser.cursor.take_word("all") {
            let (of, kinds): (_, &[Kind]) = if parser.cursor.take_word("tables") {
                (Securable::Table, &[])
            } else if parser.cursor.take_word("sequences") {
                (Securable::Sequence, &[])
            } else if parser.cursor.take_word("functions") {
                (Securable::Routine, &[Kind::Function, Kind::Aggregate])
            } else if parser.cursor.take_word("procedures") {
                (Securable::Routine, &[Kind::Procedure])
            } else if parser.cursor.take_word("routines") {
                (Securable::Routine, &[Kind::Function, Kind::Procedure, Kind::Aggregate])
            } else {
                return parser.expected("`tables`, `sequences`, `functions`, `procedures` or `routines`");
            };
            parser.word("in")?;
            parser.word("schema")?;
            return Ok(Targets::AllOf(of, kinds, list(parser, |parser| parser.name("the schema"))?));
        }
        for word in ["database", "tablespace", "language", "foreign", "large", "parameter"] {
            if parser.cursor.is_word(word) && !parser.cursor.is_words(&[word, "to"]) {
                let headline = format!("privileges on a {word} are not supported");
                let headline = headline.replace("a foreign", "foreign objects").replace("a large", "large objects");
                return Err(Diagnostic::new(code::SYNTAX, headline, parser.cursor.at())
                    .help("grant it where it is created, or in raw SQL: `sql \"...\"`"));
            }
        }
        for (word, kind) in [
            ("sequence", Kind::Sequence),
            ("function", Kind::Function),
            ("procedure", Kind::Procedure),
            ("aggregate", Kind::Aggregate),
            ("domain", Kind::Domain),
        ] {
            if parser.cursor.take_word(word) {
                return Ok(Targets::Objects(list(parser, |parser| parse_identity(kind, parser))?));
            }
        }
        if parser.cursor.take_word("routine") {
            return Ok(Targets::Objects(list(parser, parse_routine)?));
        }
        if parser.cursor.take_word("schema") {
            return Ok(Targets::Schemas(list(parser, |parser| parser.name("the schema"))?));
        }
        if parser.cursor.take_word("type") || parser.cursor.take_word("enum") {
            return Ok(Targets::Types(list(parser, |parser| parser.qualified_name("the type"))?));
        }
        parser.cursor.take_word("table");
        Ok(Targets::Relations(list(parser, |parser| parser.qualified_name("the table"))?))
    }

    /// What they are, each with its place; reported where something is not there.
    pub(crate) fn check(&self, checker: &mut Checker<'_>) -> Option<Vec<(AccessTarget, At)>> {
        match self {
            Targets::Relations(names) => names.iter().map(|name| Some((relation(name, checker)?, name.at))).collect(),
            Targets::Types(names) => names.iter().map(|name| Some((a_type(name, checker)?, name.at))).collect(),
            Targets::Schemas(names) => {
                let mut each = Vec::new();
                for name in names {
                    let id = Schema::id(name.value.clone());
                    if name.value != DEFAULT_SCHEMA {
                        checker.object(&id, name.at)?;
                    }
                    each.push((AccessTarget::Object(id), name.at));
                }
                Some(each)
            }
            Targets::Objects(identities) => {
                let mut each = Vec::new();
                for identity in identities {
                    let id = identity.check(checker)?;
                    checker.object(&id, identity.at())?;
                    each.push((AccessTarget::Object(id), identity.at()));
                }
                Some(each)
            }
            Targets::AllOf(of, kinds, schemas) => {
                let mut each = Vec::new();
                for schema in schemas {
                    if !checker.schema_exists(&schema.value, schema.at) {
                        return None;
                    }
                    let found = all_of(*of, kinds, &schema.value, checker);
                    if found.is_empty() {
                        let headline = format!("the schema `{}` has no such objects", schema.value);
                        checker.report(
                            Diagnostic::new(code::EMPTY, headline, schema.at)
                                .help("for what is created later, write `alter default privileges`"),
                        );
                        return None;
                    }
                    each.extend(found.into_iter().map(|target| (target, schema.at)));
                }
                Some(each)
            }
        }
    }
}

/// Takes a list with commas.
pub(crate) fn list<T>(parser: &mut Parser<'_>, mut one: impl FnMut(&mut Parser<'_>) -> Parsed<T>) -> Parsed<Vec<T>> {
    let mut all = vec![one(parser)?];
    while parser.cursor.take_symbol(',') {
        all.push(one(parser)?);
    }
    Ok(all)
}

fn relation(name: &Spanned<QualifiedName>, checker: &mut Checker<'_>) -> Option<AccessTarget> {
    let found = checker.catalog().object_named(Namespace::Relation, &name.value).map(|(id, _)| id.clone());
    match found {
        Some(id) if id.kind == Kind::Sequence => {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, format!("`{}` is a sequence", name.value), name.at)
                    .help(format!("write `on sequence {}`", name.value)),
            );
            None
        }
        Some(id) => Some(AccessTarget::Object(id)),
        None => checker.table(name).map(|_| AccessTarget::Table(name.value.clone())),
    }
}

fn a_type(name: &Spanned<QualifiedName>, checker: &mut Checker<'_>) -> Option<AccessTarget> {
    let found = checker.catalog().object_named(Namespace::Type, &name.value).map(|(id, _)| id.clone());
    match found {
        Some(id) => Some(AccessTarget::Object(id)),
        None => checker.enum_type(name).map(|_| AccessTarget::Enum(name.value.clone())),
    }
}

fn all_of(of: Securable, kinds: &[Kind], schema: &str, checker: &Checker<'_>) -> Vec<AccessTarget> {
    let catalog = checker.catalog();
    let tables = catalog.tables.keys().filter(|name| of == Securable::Table && name.schema == schema);
    let is_one = |id: &&ObjectId| {
        id.kind.securable() == Some(of) && id.name.schema == schema && (kinds.is_empty() || kinds.contains(&id.kind))
    };
    let objects = catalog.objects.keys().filter(is_one).cloned().map(AccessTarget::Object);
    tables.cloned().map(AccessTarget::Table).chain(objects).collect()
}

/// Whether a table or a view has the column; reported when it has not.
fn has_column(target: &AccessTarget, column: &Name, checker: &mut Checker<'_>) -> bool {
    match target {
        AccessTarget::Table(name) => {
            let Some(table) = checker.catalog().tables.get(name).cloned() else { return false };
            checker.column(name, &table, column).is_some()
        }
        AccessTarget::Object(id) => {
            let columns = checker.catalog().object(id).map(|object| object.definition.columns()).unwrap_or_default();
            let names: Vec<&str> = columns.iter().map(|one| one.name.as_str()).collect();
            if names.contains(&column.value.as_str()) {
                return true;
            }
            let headline = format!("cannot find column `{}` of {id}", column.value);
            let help = choices(&column.value, names.iter().copied(), "columns");
            checker.report(Diagnostic::new(code::UNKNOWN_COLUMN, headline, column.at).maybe_help(help));
            false
        }
        AccessTarget::Column(..) | AccessTarget::Enum(_) => false,
    }
}

/// What people call it, without its name.
fn noun(target: &AccessTarget) -> &'static str {
    match target {
        AccessTarget::Table(_) => "table",
        AccessTarget::Column(..) => "column",
        AccessTarget::Enum(_) => "enum",
        AccessTarget::Object(id) => id.kind.noun(),
    }
}

/// What a grant or a revocation comes to: each thing with each role and its privileges; reported where something is wrong.
pub(crate) fn each_grant(
    privileges: &PrivilegesClause,
    targets: &Targets,
    roles: &[Spanned<Role>],
    checker: &mut Checker<'_>,
) -> Option<Vec<(AccessTarget, Role, SortedSet<Privilege>)>> {
    let roles = checker.roles(roles)?;
    let mut each = Vec::new();
    for (target, _) in targets.check(checker)? {
        let Some(securable) = target.securable() else { continue };
        let (whole, columns) = privileges.check(securable, noun(&target), checker)?;
        for (column, (at, of_column)) in columns {
            let name = Name { value: column.clone(), at };
            if !has_column(&target, &name, checker) {
                return None;
            }
            let of = match &target {
                AccessTarget::Table(table) => table.clone(),
                AccessTarget::Object(id) => id.name.clone(),
                AccessTarget::Column(..) | AccessTarget::Enum(_) => continue,
            };
            let target = AccessTarget::Column(of, column);
            each.extend(roles.iter().map(|role| (target.clone(), role.clone(), of_column.clone())));
        }
        if !whole.is_empty() {
            each.extend(roles.iter().map(|role| (target.clone(), role.clone(), whole.clone())));
        }
    }
    Some(each)
}
