//! `create sequence invoice_numbers { start 1000, owned by invoices.number }`

use migrate_core::catalog::Column;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, Object, ObjectId, Sequence, SequenceOption, SequenceOptions};
use migrate_core::operation::{RestartSequence, unless_plain};
use migrate_core::token::{At, Bracket, Token};
use migrate_core::types::Type;

use super::{Action, Write, Written};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, data_type, name, qualified};

pub(super) struct Syntax;

enum Entry {
    Type(Spanned<Type>),
    Increment(i64),
    Minimum(Option<i64>),
    Maximum(Option<i64>),
    Start(i64),
    Cache(i64),
    Cycle(bool),
    OwnedBy(Option<Vec<Name>>),
    Logged(bool, At),
    /// Of an identity.
    Name(Name),
}

struct Options(Entries);

/// Options in the order in which they are written, each with its place.
type Entries = Vec<(Entry, At)>;

struct Change(Entry, At);

impl Write for Syntax {
    const KIND: Kind = Kind::Sequence;
    const ACTIONS: &'static [&'static str] =
        &["as", "increment", "minvalue", "maxvalue", "start", "cache", "cycle", "owned by", "logged", "unlogged", "restart"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let entries = match parser.cursor.is_open(Bracket::Curly) {
            true => parser.body(|parser| match parse_placed(parser)? {
                Some(entry) => Ok(entry),
                None => parser.expected(
                    "`as`, `increment`, `minvalue`, `maxvalue`, `start`, `cache`, `cycle`, `owned by`, `logged` or `unlogged`",
                ),
            })?,
            false => parse_as_in_sql(parser)?,
        };
        Ok(Box::new(Options(entries)))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        let entry = parse_entry(parser)?;
        let at = parser.cursor.since(start);
        Ok(entry.map(|entry| Box::new(Change(entry, at)) as Box<dyn Action>))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, _: &Catalog) -> Printed {
        let Definition::Sequence(sequence) = definition else { return Err(not_of_kind(id)) };
        let options = print_options(sequence, None, id);
        let body = if options.is_empty() { String::new() } else { format!(" {{ {} }}", options.join(", ")) };
        Ok(format!("sequence {}{body}", qualified(&id.name)))
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, _: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::Sequence(before), Definition::Sequence(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        Ok(print_options(after, Some(before), id).into_iter().map(|option| super::action(id, option)).collect())
    }
}

/// The options of an identity's sequence: `(start 1000, increment 10)`.
pub(crate) struct IdentityOptions {
    entries: Entries,
    at: At,
}

/// Takes options without braces, as SQL has them.
fn parse_as_in_sql(parser: &mut Parser<'_>) -> Parsed<Entries> {
    let start = parser.cursor.at();
    let mut entries = Vec::new();
    while let Some(entry) = parse_placed(parser)? {
        entries.push(entry);
    }
    if !entries.is_empty() {
        parser.habit("expected `{`", "write the options in braces, with commas: `{ ..., ... }`", start);
    }
    Ok(entries)
}

impl IdentityOptions {
    /// Takes them, if they are there.
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Self>> {
        let start = parser.cursor.index();
        if !parser.cursor.is_open(Bracket::Round) {
            return Ok(None);
        }
        parser.open(Bracket::Round, "`(`")?;
        let entries = parser.separated(Bracket::Round, |parser| {
            let at = parser.cursor.at();
            match parse_placed(parser)? {
                Some((Entry::Type(_), _)) => Err(Diagnostic::new(code::SYNTAX, "unexpected `as`", at)
                    .help("remove it: the sequence of an identity has the type of its column")),
                Some((Entry::OwnedBy(_), _)) => Err(Diagnostic::new(code::SYNTAX, "unexpected `owned by`", at)
                    .help("remove it: the sequence of an identity belongs to its column")),
                Some(entry) => Ok(entry),
                None if parser.cursor.take_words(&["sequence", "name"]) => Ok((Entry::Name(parser.name("the sequence")?), at)),
                None => parser.expected(
                    "`sequence name`, `increment`, `minvalue`, `maxvalue`, `start`, `cache`, `cycle`, `logged` or `unlogged`",
                ),
            }
        })?;
        Ok(Some(IdentityOptions { entries, at: parser.cursor.since(start) }))
    }

    /// The name that they give it.
    pub(crate) fn name(&self) -> Option<&str> {
        self.entries.iter().rev().find_map(|(entry, _)| match entry {
            Entry::Name(name) => Some(name.value.as_str()),
            _ => None,
        })
    }

    /// The sequence, where it is not as PostgreSQL makes it by itself. What is not written is as in the one before. The outer
    /// `None`: there is a mistake.
    pub(crate) fn check(
        &self,
        column: &Column,
        table: &QualifiedName,
        checker: &mut Checker<'_>,
    ) -> Option<Option<Box<Sequence>>> {
        let plain = SequenceOptions { data_type: Some(column.data_type.clone()), ..SequenceOptions::default() };
        let mut options = column.sequence.as_deref().map_or(plain, options_of);
        let nobody = ObjectId::new(Kind::Sequence, QualifiedName::new(""));
        put_all_into(&self.entries, &mut options, &nobody, checker)?;
        let implied = Sequence::name_of_identity(None, table, &column.name);
        options.name = options.name.filter(|name| *name != implied.name);
        match options.complete() {
            Ok(sequence) => Some(unless_plain(sequence)),
            Err((blamed, why)) => {
                let at = place_of(blamed, &self.entries).unwrap_or(self.at);
                checker.report(Diagnostic::new(code::INVALID_DEFINITION, why, at));
                None
            }
        }
    }
}

/// `restart with 1000`: what a sequence gives next.
pub(crate) struct Restart {
    value: Option<i64>,
    at: At,
}

impl Restart {
    /// Takes it, if it is there.
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Parsed<Option<Self>> {
        let start = parser.cursor.index();
        if !parser.cursor.take_word("restart") {
            return Ok(None);
        }
        let is_said = parser.cursor.take_word("with");
        let value = match is_said || matches!(parser.cursor.peek(), Token::Number(_) | Token::Symbol { symbol: '-', .. }) {
            true => Some(number(parser)?),
            false => None,
        };
        Ok(Some(Restart { value, at: parser.cursor.since(start) }))
    }

    /// Checks it against the limits of the sequence, and emits it.
    pub(crate) fn check(&self, name: &QualifiedName, sequence: &Sequence, checker: &mut Checker<'_>) {
        let (minimum, maximum) = (sequence.minimum, sequence.maximum);
        match self.value.filter(|value| !(minimum..=maximum).contains(value)) {
            Some(value) => {
                let why = format!("`{value}` is not between the minimum `{minimum}` and the maximum `{maximum}` of sequence `{name}`");
                checker.report(Diagnostic::new(code::INVALID_DEFINITION, why, self.at));
            }
            None => checker.emit(RestartSequence { sequence: name.clone(), value: self.value }, self.at),
        }
    }

    /// Its place.
    pub(crate) fn at(&self) -> At {
        self.at
    }
}

/// Takes an option, with its place.
fn parse_placed(parser: &mut Parser<'_>) -> Parsed<Option<(Entry, At)>> {
    let start = parser.cursor.index();
    let entry = parse_entry(parser)?;
    Ok(entry.map(|entry| (entry, parser.cursor.since(start))))
}

/// The place of the option that is blamed: the first of these that is written.
fn place_of(blamed: &[SequenceOption], entries: &[(Entry, At)]) -> Option<At> {
    let is_one = |entry: &Entry, option: SequenceOption| {
        matches!(
            (entry, option),
            (Entry::Type(_), SequenceOption::Type)
                | (Entry::Increment(_), SequenceOption::Increment)
                | (Entry::Minimum(Some(_)), SequenceOption::Minimum)
                | (Entry::Maximum(Some(_)), SequenceOption::Maximum)
                | (Entry::Start(_), SequenceOption::Start)
                | (Entry::Cache(_), SequenceOption::Cache)
        )
    };
    blamed.iter().find_map(|option| entries.iter().find(|(entry, _)| is_one(entry, *option)).map(|(_, at)| *at))
}

/// Puts what is written into the options; reported where one is given twice.
fn put_all_into(
    entries: &[(Entry, At)],
    options: &mut SequenceOptions,
    id: &ObjectId,
    checker: &mut Checker<'_>,
) -> Option<()> {
    for (index, (entry, at)) in entries.iter().enumerate() {
        let is_same = |(other, _): &(Entry, At)| std::mem::discriminant(other) == std::mem::discriminant(entry);
        if entries.iter().take(index).any(is_same) {
            let headline = format!("`{}` is given more than once", entry.word());
            checker.report(Diagnostic::new(code::DUPLICATE_CLAUSE, headline, *at).help("remove one of them"));
            return None;
        }
        entry.put_into(options, id, checker)?;
    }
    Some(())
}

fn parse_entry(parser: &mut Parser<'_>) -> Parsed<Option<Entry>> {
    let cursor = &mut parser.cursor;
    Ok(Some(if cursor.take_word("as") {
        let start = cursor.index();
        let value = Type::parse(cursor)?;
        Entry::Type(Spanned { value, at: cursor.since(start) })
    } else if cursor.take_word("increment") {
        cursor.take_word("by");
        Entry::Increment(number(parser)?)
    } else if cursor.take_words(&["no", "minvalue"]) {
        Entry::Minimum(None)
    } else if cursor.take_word("minvalue") {
        Entry::Minimum(Some(number(parser)?))
    } else if cursor.take_words(&["no", "maxvalue"]) {
        Entry::Maximum(None)
    } else if cursor.take_word("maxvalue") {
        Entry::Maximum(Some(number(parser)?))
    } else if cursor.take_word("start") {
        cursor.take_word("with");
        Entry::Start(number(parser)?)
    } else if cursor.take_word("cache") {
        Entry::Cache(number(parser)?)
    } else if cursor.take_words(&["no", "cycle"]) {
        Entry::Cycle(false)
    } else if cursor.take_word("cycle") {
        Entry::Cycle(true)
    } else if cursor.is_word("logged") || cursor.is_word("unlogged") {
        let at = cursor.at();
        let is_logged = cursor.take_word("logged");
        cursor.take_word("unlogged");
        Entry::Logged(is_logged, at)
    } else if cursor.take_words(&["owned", "by"]) {
        if cursor.take_word("none") {
            return Ok(Some(Entry::OwnedBy(None)));
        }
        let mut names = vec![parser.name("the table")?];
        while parser.cursor.take_symbol('.') {
            names.push(parser.name("a name")?);
        }
        if names.len() < 2 {
            return parser.expected("`.` and the column");
        }
        Entry::OwnedBy(Some(names))
    } else {
        return Ok(None);
    }))
}

fn number(parser: &mut Parser<'_>) -> Parsed<i64> {
    let is_negative = parser.cursor.take_symbol('-');
    let Token::Number(digits) = parser.cursor.peek() else { return parser.expected("a whole number") };
    let sign = if is_negative { "-" } else { "" };
    let Ok(value) = format!("{sign}{digits}").parse() else { return parser.expected("a whole number of 64 bits") };
    parser.cursor.next();
    Ok(value)
}

impl Entry {
    /// The word that it begins with.
    fn word(&self) -> &'static str {
        match self {
            Entry::Type(_) => "as",
            Entry::Increment(_) => "increment",
            Entry::Minimum(_) => "minvalue",
            Entry::Maximum(_) => "maxvalue",
            Entry::Start(_) => "start",
            Entry::Cache(_) => "cache",
            Entry::Cycle(_) => "cycle",
            Entry::OwnedBy(_) => "owned by",
            Entry::Logged(..) => "logged",
            Entry::Name(_) => "sequence name",
        }
    }

    fn put_into(&self, options: &mut SequenceOptions, id: &ObjectId, checker: &mut Checker<'_>) -> Option<()> {
        match self {
            Entry::Type(data_type) => options.data_type = Some(data_type.value.clone()),
            Entry::Increment(value) => options.increment = Some(*value),
            Entry::Minimum(value) => options.minimum = *value,
            Entry::Maximum(value) => options.maximum = *value,
            Entry::Start(value) => options.start = Some(*value),
            Entry::Cache(value) => options.cache = Some(*value),
            Entry::Cycle(value) => options.cycle = *value,
            Entry::OwnedBy(None) => options.owned_by = None,
            Entry::Logged(is_logged, at) => {
                checker.needs_postgres(15, "whether a sequence is logged", *at);
                options.logged = Some(*is_logged);
            }
            Entry::Name(name) => {
                if !checker.name_fits(name) {
                    return None;
                }
                options.name = Some(name.value.clone());
            }
            Entry::OwnedBy(Some(names)) => options.owned_by = Some(owner(names, id, checker)?),
        }
        Some(())
    }
}

/// The table and the column that own the sequence.
fn owner(names: &[Name], id: &ObjectId, checker: &mut Checker<'_>) -> Option<(String, String)> {
    let (column, rest) = names.split_last()?;
    let (table, schema) = rest.split_last()?;
    let at = rest.first()?.at.to(table.at);
    let value = match schema.first() {
        Some(schema) => QualifiedName::in_schema(schema.value.clone(), table.value.clone()),
        None => QualifiedName::new(table.value.clone()),
    };
    let table = Spanned { value, at };
    let definition = checker.table(&table)?;
    checker.column(&table.value, &definition, column)?;
    if table.value.schema != id.name.schema {
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, format!("{id} must be in the same schema as `{}`", table.value), at)
                .help(format!("create it in the schema of the table: `{}.{}`", table.value.schema, id.name.name)),
        );
        return None;
    }
    Some((table.value.name, column.value.clone()))
}

fn complete(
    options: SequenceOptions,
    entries: &[(Entry, At)],
    at: At,
    checker: &mut Checker<'_>,
) -> Option<Definition> {
    match options.complete() {
        Ok(sequence) => Some(sequence.into()),
        Err((blamed, why)) => {
            let at = place_of(blamed, entries).unwrap_or(at);
            checker.report(Diagnostic::new(code::INVALID_DEFINITION, why, at));
            None
        }
    }
}

impl Written for Options {
    fn check(&self, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let mut options = SequenceOptions::default();
        put_all_into(&self.0, &mut options, id, checker)?;
        complete(options, &self.0, at, checker)
    }
}

impl Action for Change {
    fn at(&self) -> At {
        self.1
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::Sequence(sequence) = &before.definition else { return None };
        let mut options = options_of(sequence);
        // Limits that are those of the type follow the type.
        if let Entry::Type(_) = self.0 {
            let natural = SequenceOptions {
                data_type: Some(sequence.data_type.clone()),
                increment: Some(sequence.increment),
                ..SequenceOptions::default()
            };
            let natural = natural.complete().ok()?;
            options.minimum = options.minimum.filter(|minimum| *minimum != natural.minimum);
            options.maximum = options.maximum.filter(|maximum| *maximum != natural.maximum);
        }
        self.0.put_into(&mut options, id, checker)?;
        complete(options, &[], self.1, checker)
    }
}

fn options_of(sequence: &Sequence) -> SequenceOptions {
    SequenceOptions {
        data_type: Some(sequence.data_type.clone()),
        increment: Some(sequence.increment),
        minimum: Some(sequence.minimum),
        maximum: Some(sequence.maximum),
        start: Some(sequence.start),
        cache: Some(sequence.cache),
        cycle: sequence.cycle,
        owned_by: sequence.owned_by.clone(),
        logged: sequence.logged,
        name: sequence.name.clone(),
    }
}

/// The options that are not what PostgreSQL would choose; with a sequence before: that are not its options.
#[cfg(feature = "print")]
fn print_options(sequence: &Sequence, before: Option<&Sequence>, id: &ObjectId) -> Vec<String> {
    let mut options = Vec::new();
    let known_type = before.map_or(Type::BIGINT, |before| before.data_type.clone());
    if sequence.data_type != known_type {
        options.push(format!("as {}", data_type(&sequence.data_type)));
    }
    let chosen = SequenceOptions {
        data_type: Some(sequence.data_type.clone()),
        increment: Some(sequence.increment),
        ..SequenceOptions::default()
    };
    let chosen = chosen.complete().ok();
    // With another type, limits that are those of the type follow it.
    let follows = before.is_some_and(|before| before.data_type != sequence.data_type);
    let known = before.filter(|_| !follows).or(chosen.as_ref());
    let known_increment = before.map_or(1, |before| before.increment);
    if sequence.increment != known_increment {
        options.push(format!("increment by {}", sequence.increment));
    }
    let differs = |value: fn(&Sequence) -> i64| known.is_none_or(|known| value(known) != value(sequence));
    if differs(|one| one.minimum) {
        options.push(format!("minvalue {}", sequence.minimum));
    }
    if differs(|one| one.maximum) {
        options.push(format!("maxvalue {}", sequence.maximum));
    }
    let natural = if sequence.increment > 0 { sequence.minimum } else { sequence.maximum };
    let known_start = before.map_or(natural, |before| before.start);
    if sequence.start != known_start {
        options.push(format!("start {}", sequence.start));
    }
    if sequence.cache != before.map_or(1, |before| before.cache) {
        options.push(format!("cache {}", sequence.cache));
    }
    match (before.is_some_and(|before| before.cycle), sequence.cycle) {
        (false, true) => options.push("cycle".to_owned()),
        (true, false) => options.push("no cycle".to_owned()),
        _ => {}
    }
    if let Some(is_logged) = sequence.logged.filter(|logged| before.and_then(|before| before.logged) != Some(*logged)) {
        options.push(if is_logged { "logged" } else { "unlogged" }.to_owned());
    }
    let owner = before.and_then(|before| before.owned_by.as_ref());
    if sequence.owned_by.as_ref() != owner {
        options.push(match &sequence.owned_by {
            Some((table, column)) => {
                format!("owned by {}.{}", qualified(&id.name.sibling(table.as_str())), name(column))
            }
            None => "owned by none".to_owned(),
        });
    }
    options
}

/// ` (start 1000)`, the options of an identity's sequence, with the space before them; empty for those that PostgreSQL
/// chooses.
#[cfg(feature = "print")]
pub(crate) fn print_identity_options(sequence: Option<&Sequence>) -> String {
    sequence.map_or_else(String::new, |sequence| print_changed_identity(sequence, None, None))
}

/// The same, without what the sequence before has as well. `name` is what it is called where it says nothing.
#[cfg(feature = "print")]
pub(crate) fn print_changed_identity(sequence: &Sequence, before: Option<&Sequence>, implied: Option<&str>) -> String {
    let nobody = ObjectId::new(Kind::Sequence, QualifiedName::new(""));
    let name_of = |sequence: &Sequence| sequence.name.clone().or_else(|| implied.map(str::to_owned));
    let renamed = name_of(sequence).filter(|own| before.and_then(name_of).as_ref() != Some(own));
    // It has the type of its column.
    let of_options = print_options(sequence, before, &nobody).into_iter().filter(|option| !option.starts_with("as "));
    let renamed = renamed.map(|own| format!("sequence name {}", name(&own)));
    let options: Vec<String> = renamed.into_iter().chain(of_options).collect();
    if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) }
}
