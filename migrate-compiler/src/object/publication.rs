//! `create publication changes for table users (id, email) where (id > 0), tables in schema app with (publish = "insert");`

use migrate_core::expression::Expression;
use migrate_core::catalog::Table;
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{
    Definition, Kind, Object, ObjectId, Publication, Published, PublishedOperation, PublishedTable,
};
use migrate_core::token::{At, Bracket, Token};

use super::refused_changes::warn_of_refused_changes;
use super::{Action, Identity, Write, Written};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedSet;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, bracketed, identity, names, qualified, text};

pub(super) struct Syntax;

struct PublicationName(Name);

struct Clauses {
    of: Option<PublishedClause>,
    options: Options,
}

enum PublishedClause {
    All,
    Some(Vec<Target>),
}

enum Target {
    Table(Box<TableClause>),
    Schema(Name),
}

struct TableClause {
    name: Spanned<QualifiedName>,
    columns: Option<Vec<Name>>,
    filter: Option<Spanned<Expression>>,
}

#[derive(Default)]
struct Options {
    publish: Option<SortedSet<PublishedOperation>>,
    via_partition_root: Option<bool>,
    generated_columns: Option<(bool, At)>,
}

enum Change {
    Add(Vec<Target>),
    Drop(Vec<Target>),
    Set(Vec<Target>),
    Options(Options),
}

struct ChangeClause {
    change: Change,
    at: At,
}

impl Write for Syntax {
    const KIND: Kind = Kind::Publication;
    const ACTIONS: &'static [&'static str] = &["add", "drop", "set"];

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(PublicationName(parser.name("the publication")?)))
    }

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let of = match parser.cursor.take_word("for") {
            false => None,
            true if parser.cursor.take_words(&["all", "tables"]) => Some(PublishedClause::All),
            true => Some(PublishedClause::Some(parse_targets(parser)?)),
        };
        let options = match parser.cursor.take_word("with") {
            true => parse_options(parser)?,
            false => Options::default(),
        };
        Ok(Box::new(Clauses { of, options }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        let change = if parser.cursor.take_word("add") {
            Change::Add(parse_targets(parser)?)
        } else if parser.cursor.take_word("drop") {
            Change::Drop(parse_targets(parser)?)
        } else if parser.cursor.is_word("set") && *parser.cursor.look_ahead(1) == Token::Open(Bracket::Round) {
            parser.cursor.take_word("set");
            Change::Options(parse_options(parser)?)
        } else if parser.cursor.take_word("set") {
            Change::Set(parse_targets(parser)?)
        } else {
            return Ok(None);
        };
        Ok(Some(Box::new(ChangeClause { change, at: parser.cursor.since(start) })))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::Publication(publication) = definition else { return Err(not_of_kind(id)) };
        let mut written = format!("publication {}", identity(id));
        match &publication.of {
            Published::All => written.push_str(" for all tables"),
            Published::Some { tables, schemas } => {
                let targets = print_targets(tables, schemas, catalog)?;
                if !targets.is_empty() {
                    written.push_str(&format!(" for {targets}"));
                }
            }
        }
        let plain = Publication {
            of: Published::All,
            operations: PublishedOperation::ALL.into(),
            via_partition_root: false,
            generated_columns: false,
        };
        let options = print_options(&plain, publication);
        written.push_str(&options.map_or_else(String::new, |options| format!(" with {options}")));
        Ok(written)
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::Publication(before), Definition::Publication(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let of = match (&before.of, &after.of) {
            (before, after) if before == after => None,
            (Published::Some { tables, schemas }, Published::Some { tables: new_tables, schemas: new_schemas }) => {
                let gone: Vec<_> = tables.iter().filter(|one| !new_tables.contains(one)).cloned().collect();
                let added: Vec<_> = new_tables.iter().filter(|one| !tables.contains(one)).cloned().collect();
                let gone_schemas = schemas.difference(new_schemas).cloned().collect();
                let added_schemas: SortedSet<String> = new_schemas.difference(schemas).cloned().collect();
                let is_smaller = added.is_empty() && added_schemas.is_empty();
                Some(if gone.is_empty() && schemas.is_subset(new_schemas) {
                    format!("add {}", print_targets(&added, &added_schemas, catalog)?)
                } else if is_smaller {
                    let bare = gone.into_iter().map(|one| PublishedTable { columns: None, filter: None, ..one });
                    format!("drop {}", print_targets(&bare.collect::<Vec<_>>(), &gone_schemas, catalog)?)
                } else {
                    format!("set {}", print_targets(new_tables, new_schemas, catalog)?)
                })
            }
            _ => {
                let what = format!("a change of {}", id.told());
                return Err(Unprintable::new(what, "it must be dropped and created again"));
            }
        };
        let options = print_options(before, after).map(|options| format!("set {options}"));
        Ok(of.into_iter().chain(options).map(|text| super::action(id, text)).collect())
    }
}

/// Whether an action of `alter publication` begins behind a comma, rather than that a list goes on.
fn begins_action(parser: &Parser<'_>) -> bool {
    let mut cursor = parser.cursor.clone();
    cursor.next();
    let forms: [&[&str]; 7] = [
        &["add", "table"],
        &["add", "tables"],
        &["drop", "table"],
        &["drop", "tables"],
        &["set", "table"],
        &["rename", "to"],
        &["owner", "to"],
    ];
    cursor.is_close(Bracket::Curly)
        || forms.iter().any(|words| cursor.is_words(words))
        || (cursor.is_word("set") && *cursor.look_ahead(1) == Token::Open(Bracket::Round))
}

/// Takes `table users (id) where (...), trips, tables in schema app`.
fn parse_targets(parser: &mut Parser<'_>) -> Parsed<Vec<Target>> {
    let mut targets = Vec::new();
    let mut in_schemas = None;
    loop {
        if parser.cursor.take_words(&["tables", "in", "schema"]) {
            in_schemas = Some(true);
        } else if parser.cursor.take_word("table") {
            in_schemas = Some(false);
        }
        targets.push(match in_schemas {
            Some(true) => Target::Schema(parser.name("a schema")?),
            Some(false) => Target::Table(Box::new(parse_table(parser)?)),
            None => return parser.expected("`table`, `tables in schema` or `all tables`"),
        });
        if begins_action(parser) || !parser.cursor.take_symbol(',') {
            return Ok(targets);
        }
    }
}

fn parse_table(parser: &mut Parser<'_>) -> Parsed<TableClause> {
    let name = parser.qualified_name("a table")?;
    let columns = match parser.cursor.is_open(Bracket::Round) {
        true => Some(parser.name_list("a column")?),
        false => None,
    };
    let filter = match parser.cursor.take_word("where") {
        true => Some(parser.bracketed_expression()?),
        false => None,
    };
    Ok(TableClause { name, columns, filter })
}

const OPTIONS: [&str; 3] = ["publish", "publish_via_partition_root", "publish_generated_columns"];

fn parse_options(parser: &mut Parser<'_>) -> Parsed<Options> {
    parser.open(Bracket::Round, "`(` and the options")?;
    let mut options = Options::default();
    parser.separated(Bracket::Round, |parser| {
        let name = parser.name("an option")?;
        match name.value.as_str() {
            "publish" => {
                parser.symbol('=')?;
                options.publish = Some(parse_operations(parser)?);
            }
            "publish_via_partition_root" => options.via_partition_root = Some(parse_switch(parser, "true", "false")?),
            "publish_generated_columns" => {
                options.generated_columns = Some((parse_switch(parser, "stored", "none")?, name.at));
            }
            _ => {
                let headline = format!("`{}` is not an option of a publication", name.value);
                return Err(Diagnostic::new(code::SYNTAX, headline, name.at)
                    .maybe_help(choices(&name.value, OPTIONS, "options")));
            }
        }
        Ok(())
    })?;
    Ok(options)
}

/// Takes `= on` or `= off`; nothing means the former.
fn parse_switch(parser: &mut Parser<'_>, on: &str, off: &str) -> Parsed<bool> {
    if !parser.cursor.take_symbol('=') || parser.cursor.take_word(on) {
        Ok(true)
    } else if parser.cursor.take_word(off) {
        Ok(false)
    } else {
        parser.expected(&format!("`{on}` or `{off}`"))
    }
}

fn parse_operations(parser: &mut Parser<'_>) -> Parsed<SortedSet<PublishedOperation>> {
    let text = parser.text("the commands in double quotes: `\"insert, update\"`")?;
    let mut operations = SortedSet::new();
    for word in text.value.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match PublishedOperation::ALL.into_iter().find(|operation| operation.word() == word) {
            Some(operation) => operations.insert(operation),
            None => {
                let words = PublishedOperation::ALL.iter().map(|operation| operation.word());
                return Err(Diagnostic::new(code::SYNTAX, format!("`{word}` cannot be published"), text.at)
                    .maybe_help(choices(word, words, "commands")));
            }
        };
    }
    Ok(operations)
}

impl Identity for PublicationName {
    fn at(&self) -> At {
        self.0.at
    }

    fn check(&self, _: &mut Checker<'_>) -> Option<ObjectId> {
        Some(ObjectId::without_schema(Kind::Publication, self.0.value.clone()))
    }
}

impl Options {
    fn put_into(&self, publication: &mut Publication, checker: &mut Checker<'_>) {
        if let Some(operations) = &self.publish {
            publication.operations.clone_from(operations);
        }
        publication.via_partition_root = self.via_partition_root.unwrap_or(publication.via_partition_root);
        if let Some((flag, at)) = self.generated_columns {
            checker.needs_postgres(18, "`publish_generated_columns`", at);
            publication.generated_columns = flag;
        }
    }
}

impl TableClause {
    fn check(&self, checker: &mut Checker<'_>) -> Option<PublishedTable> {
        let table = checker.table(&self.name)?;
        let name = &self.name.value;
        let mut columns = None;
        if let Some(written) = &self.columns {
            if let Some(first) = written.first() {
                checker.needs_postgres(15, "a list of published columns", first.at);
            }
            let mut named = SortedSet::new();
            for column in written {
                checker.column_by_name(name, &table, column)?;
                if !named.insert(column.value.clone()) {
                    let headline = format!("column `{}` is named more than once", column.value);
                    checker.report(
                        Diagnostic::new(code::DUPLICATE_CLAUSE, headline, column.at).help("remove one of them"),
                    );
                    return None;
                }
            }
            columns = Some(named);
        }
        let filter = match &self.filter {
            Some(filter) => {
                checker.needs_postgres(15, "`where` of a published table", filter.at);
                let known = checker.condition(filter, name, &table, Context::Publication)?;
                if let Some(mistake) = beyond_filters(&known, filter.at, &table, checker) {
                    checker.report(mistake);
                    return None;
                }
                Some(known)
            }
            None => None,
        };
        Some(PublishedTable { table: name.clone(), columns, filter })
    }
}

/// What PostgreSQL does not let a condition use: it is asked where the database can be changed by nobody, and so may use
/// nothing but what is built in (`check_simple_rowfilter_expr`).
fn beyond_filters(
    filter: &Expression,
    at: At,
    table: &Table,
    checker: &Checker<'_>,
) -> Option<Diagnostic> {
    let of_column = table.columns_read(filter).into_iter().find_map(|column| {
        let data_type = &table.column(column)?.data_type;
        data_type.depends_on().map(|_| format!("column `{column}`, whose type `{data_type}` is not built in"))
    });
    let of_cast = || {
        let named = filter.types().into_iter().find(|data_type| data_type.depends_on().is_some());
        named.map(|data_type| format!("type `{data_type}`, which is not built in"))
    };
    let of_function = || {
        let calls = filter.functions().into_iter().filter(|call| call.schema.as_deref() != Some("pg_catalog"));
        let names = calls.map(|call| {
            let schema = call.schema.as_deref().unwrap_or(DEFAULT_SCHEMA);
            QualifiedName::in_schema(schema, call.name.clone())
        });
        let is_own = |name: &QualifiedName| checker.catalog().has_routine(name);
        names.into_iter().find(is_own).map(|name| format!("function `{name}`, which is not built in"))
    };
    let what = of_column.or_else(of_cast).or_else(of_function)?;
    let headline = format!("`where` of a publication cannot use {what}");
    Some(Diagnostic::new(code::INVALID_DEFINITION, headline, at).help("use columns of built-in types, and built-in functions"))
}

fn add(publication: &mut Publication, targets: &[Target], checker: &mut Checker<'_>) -> Option<()> {
    let Published::Some { tables, schemas } = &mut publication.of else { return None };
    for target in targets {
        match target {
            Target::Table(clause) => {
                let published = clause.check(checker)?;
                if tables.iter().any(|known| known.table == published.table) {
                    let headline = format!("table `{}` is already in the publication", published.table);
                    checker.report(
                        Diagnostic::new(code::DUPLICATE_CLAUSE, headline, clause.name.at).help("remove it here"),
                    );
                    return None;
                }
                tables.push(published);
            }
            Target::Schema(schema) => {
                checker.needs_postgres(15, "`tables in schema`", schema.at);
                if !checker.schema_exists(&schema.value, schema.at) {
                    return None;
                }
                if !schemas.insert(schema.value.clone()) {
                    let headline = format!("the schema `{}` is already in the publication", schema.value);
                    checker.report(
                        Diagnostic::new(code::DUPLICATE_CLAUSE, headline, schema.at).help("remove it here"),
                    );
                    return None;
                }
            }
        }
    }
    if let Some(published) = tables.iter().find(|published| published.columns.is_some())
        && !schemas.is_empty()
    {
        let at = targets.iter().find_map(|target| match target {
            Target::Table(clause) if clause.columns.is_some() => Some(clause.name.at),
            Target::Schema(schema) => Some(schema.at),
            Target::Table(_) => None,
        });
        let headline =
            format!("a publication of schemas cannot have column lists, as for `{}`", published.table);
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, headline, at.unwrap_or_default())
                .help("remove the columns, or write another publication"),
        );
        return None;
    }
    tables.sort_by(|one, other| one.table.cmp(&other.table));
    Some(())
}

fn remove(publication: &mut Publication, targets: &[Target], checker: &mut Checker<'_>) -> Option<()> {
    let Published::Some { tables, schemas } = &mut publication.of else { return None };
    for target in targets {
        let (is_there, told, at) = match target {
            Target::Table(clause) => {
                checker.table(&clause.name)?;
                let count = tables.len();
                tables.retain(|published| published.table != clause.name.value);
                (tables.len() < count, format!("table `{}`", clause.name.value), clause.name.at)
            }
            Target::Schema(schema) => {
                (schemas.remove(&schema.value), format!("the schema `{}`", schema.value), schema.at)
            }
        };
        if !is_there {
            let headline = format!("{told} is not in the publication");
            checker.report(Diagnostic::new(code::INVALID_DEFINITION, headline, at).help("remove it here"));
            return None;
        }
    }
    Some(())
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let of = match &self.of {
            Some(PublishedClause::All) => Published::All,
            _ => Published::Some { tables: Vec::new(), schemas: SortedSet::new() },
        };
        let mut publication = Publication {
            of,
            operations: PublishedOperation::ALL.into(),
            via_partition_root: false,
            generated_columns: false,
        };
        self.options.put_into(&mut publication, checker);
        if let Some(PublishedClause::Some(targets)) = &self.of {
            add(&mut publication, targets, checker)?;
        }
        warn_of_refused_changes(id, &publication, at, checker);
        Some(publication.into())
    }
}

impl Action for ChangeClause {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::Publication(publication) = &before.definition else { return None };
        let mut publication = publication.clone();
        if publication.of == Published::All && !matches!(self.change, Change::Options(_)) {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, format!("{id} is for all tables"), self.at)
                    .help("drop it, and create it for the tables that should be published"),
            );
            return None;
        }
        match &self.change {
            Change::Add(targets) => add(&mut publication, targets, checker)?,
            Change::Drop(targets) => remove(&mut publication, targets, checker)?,
            Change::Set(targets) => {
                publication.of = Published::Some { tables: Vec::new(), schemas: SortedSet::new() };
                add(&mut publication, targets, checker)?;
            }
            Change::Options(options) => options.put_into(&mut publication, checker),
        }
        warn_of_refused_changes(id, &publication, self.at, checker);
        Some(publication.into())
    }
}

/// `table users (id) where (...), trips, tables in schema app`
#[cfg(feature = "print")]
fn print_targets(tables: &[PublishedTable], schemas: &SortedSet<String>, catalog: &Catalog) -> Printed {
    let mut targets = Vec::new();
    for one in tables {
        let mut written = qualified(&one.table);
        if let Some(columns) = &one.columns {
            written.push_str(&format!(" {}", names(columns)));
        }
        if let Some(filter) = &one.filter {
            written.push_str(&format!(" where {}", bracketed(filter, catalog)?));
        }
        targets.push(if targets.is_empty() { format!("table {written}") } else { written });
    }
    for (index, schema) in schemas.iter().enumerate() {
        let written = crate::print::name(schema);
        targets.push(if index == 0 { format!("tables in schema {written}") } else { written });
    }
    Ok(targets.join(", "))
}

/// The options that differ, in round brackets.
#[cfg(feature = "print")]
fn print_options(before: &Publication, after: &Publication) -> Option<String> {
    let mut options = Vec::new();
    if before.operations != after.operations {
        let words: Vec<&str> = after.operations.iter().map(|operation| operation.word()).collect();
        options.push(format!("publish = {}", text(&words.join(", "))));
    }
    if before.via_partition_root != after.via_partition_root {
        options.push(format!("publish_via_partition_root = {}", after.via_partition_root));
    }
    if before.generated_columns != after.generated_columns {
        let value = if after.generated_columns { "stored" } else { "none" };
        options.push(format!("publish_generated_columns = {value}"));
    }
    (!options.is_empty()).then(|| format!("({})", options.join(", ")))
}
