//! The items of the language. One item, one file: its words, its syntax, its check.
//!
//! To add one: write the file, add its line to the list below.

use migrate_core::sorted::SortedSet;
use migrate_core::token::{At, Bracket, Cursor, Token};

use crate::check::{Checker, Undo};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Head, Parsed, Parser};

/// One item of a migration: what to change, what is allowed, how it is undone.
pub(crate) struct Statement {
    pub(crate) head: Head,
    /// The words that it began with; none of a broken one.
    pub(crate) words: Words,
    pub(crate) item: Box<dyn Item>,
    pub(crate) undo: Undo,
    pub(crate) at: At,
}

/// What every item can do once it is parsed.
pub(crate) trait Item {
    /// The table that it creates.
    fn creates(&self) -> Option<&migrate_core::name::QualifiedName> {
        None
    }

    /// Whether it may change the catalog: raw SQL and Rust functions that say nothing of the kind do not.
    fn changes_catalog(&self) -> bool {
        true
    }

    /// Whether it only says something about the migration, and does nothing.
    fn is_declaration(&self) -> bool {
        false
    }

    /// The foreign keys of a table, which a schema checks when all tables are there.
    fn references(&self) -> Vec<At> {
        Vec::new()
    }

    /// Checks and emits the foreign keys that were passed over in a schema.
    fn check_references(&self, _checker: &mut Checker<'_>) {}

    /// Looks everything up, reports what is wrong, and emits the operations that are meant.
    fn check(&self, head: &Head, checker: &mut Checker<'_>);
}

/// How an item starts, and what parses the rest.
pub(crate) struct Syntax {
    /// The name of the item's file.
    pub(crate) name: &'static str,
    /// How it may begin.
    pub(crate) words: &'static [&'static [&'static str]],
    /// Parses what follows the words that it began with.
    pub(crate) parse: fn(&mut Parser<'_>, Words) -> Parsed<Box<dyn Item>>,
}

/// The words that an item began with.
pub(crate) type Words = &'static [&'static str];

/// All items: those that are listed here, and those of the kinds of objects that are alike.
fn items() -> impl Iterator<Item = &'static Syntax> {
    ITEMS.iter().chain(crate::object::ITEMS).chain(crate::object::ITEMS_OF_ROUTINES)
}

macro_rules! items {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        static ITEMS: &[Syntax] = &[$(Syntax {
            name: stringify!($module),
            words: $module::WORDS,
            parse: |parser, _| Ok(Box::new($module::parse(parser)?)),
        }),*];
    };
}

items! {
    create_extension,
    alter_extension,
    drop_extension,
    create_enum,
    alter_enum,
    drop_enum,
    create_table,
    alter_table,
    drop_table,
    create_index,
    alter_index,
    drop_index,
    refresh,
    grant,
    revoke,
    alter_default_privileges,
    comment_on,
    insert_into,
    update,
    delete_from,
    merge_into,
    select,
    call,
    truncate,
    backfill,
    sql,
    run,
    adopts,
}

pub(crate) use refresh::parse_with_data;

/// Parses items up to the end, or to the bracket that closes a `down { ... }`. Mistakes are noted in the parser, and
/// the next item is tried.
pub(crate) fn parse_statements(parser: &mut Parser<'_>) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut was_broken = false;
    loop {
        while parser.cursor.take_symbol(';') {}
        if matches!(parser.cursor.peek(), Token::End | Token::Close(_)) {
            return statements;
        }
        let start = parser.cursor.index();
        match parse_statement(parser) {
            Ok((statement, is_whole)) => {
                statements.push(statement);
                if !is_whole {
                    statements.push(Broken::statement(parser, start));
                }
            }
            Err(mistake) => {
                // What is left of a broken item does not begin another one.
                let goes_on = was_broken && !parser.may_begin_item(start);
                if !goes_on {
                    parser.mistakes.push(mistake);
                }
                parser.cursor.go_to(start);
                parser.skip_item(begins_item);
                statements.push(Broken::statement(parser, start));
                was_broken = true;
                continue;
            }
        }
        was_broken = false;
    }
}

/// Parses one item; the second part says whether nothing in it was passed over.
fn parse_statement(parser: &mut Parser<'_>) -> Parsed<(Statement, bool)> {
    let known = parser.mistakes.len();
    let head = parser.head()?;
    let start = parser.cursor.index();
    let Some((syntax, words)) = items().find_map(|syntax| {
        let words = syntax.words.iter().find(|words| parser.cursor.is_words(words))?;
        Some((syntax, words))
    }) else {
        return Err(unknown_verb(parser));
    };
    parser.cursor.take_words(words);
    parser.no_existence_check();
    let item = match as_in_sql(parser, words)? {
        Some(item) => item,
        None => (syntax.parse)(parser, words)?,
    };
    let at = parser.cursor.since(start);
    let is_whole = parser.mistakes.len() == known;
    let undo = parse_undo(parser)?;
    let ends_with_body = parser.cursor.index() == parser.end_of_body
        || parser.cursor.index() > 0 && {
            let mut back = parser.cursor.clone();
            back.go_to(parser.cursor.index() - 1);
            *back.peek() == Token::Close(Bracket::Curly)
        };
    let ends_here = matches!(parser.cursor.peek(), Token::End | Token::Close(_));
    if !parser.cursor.take_symbol(';') && !ends_with_body && !ends_here {
        let mistake: Diagnostic = parser.cursor.expected("`;`").into();
        if !begins_item(&parser.cursor) {
            return Err(mistake);
        }
        // Only the `;` is missing.
        parser.mistakes.push(mistake);
    }
    Ok((Statement { head, words, item, undo, at }, is_whole))
}

/// Takes an item whose words are those of another one in SQL: enums are types there.
fn as_in_sql(parser: &mut Parser<'_>, words: Words) -> Parsed<Option<Box<dyn Item>>> {
    Ok(match words {
        ["create", "type"] => create_enum::parse_as_in_sql(parser)?.map(|item| Box::new(item) as _),
        ["alter", "type"] => alter_enum::parse_as_in_sql(parser)?.map(|item| Box::new(item) as _),
        _ => None,
    })
}

/// How deep `down { ... }` and `changes { ... }` may be nested: far more than people write, and safe for the stack.
const DEEPEST: u32 = 8;

/// Parses the items in the braces of `down { ... }` or `changes { ... }`.
fn parse_nested(parser: &mut Parser<'_>) -> Parsed<Vec<Statement>> {
    if parser.depth >= DEEPEST {
        let mistake = Diagnostic::new(code::SYNTAX, "the items are nested too deeply", parser.cursor.at());
        return Err(mistake.help("write one `down { ... }` for each item"));
    }
    parser.open(Bracket::Curly, "`{`")?;
    parser.depth += 1;
    let items = parse_statements(parser);
    parser.depth -= 1;
    parser.close(Bracket::Curly, "`}`")?;
    Ok(items)
}

/// Whether an item begins here, rather than that a broken one goes on.
pub(crate) fn begins_item(cursor: &Cursor<'_>) -> bool {
    let mut cursor = cursor.clone();
    loop {
        match cursor.peek() {
            Token::Documentation(_) => {
                cursor.next();
            }
            Token::Symbol { symbol: '#', .. } if *cursor.look_ahead(1) == Token::Open(Bracket::Square) => {
                while !cursor.is_at_end() && !cursor.take_close(Bracket::Square) {
                    cursor.next();
                }
            }
            _ => break,
        }
    }
    // `up { ... }` is not an item, and is reported as such.
    if cursor.is_word("up") && *cursor.look_ahead(1) == Token::Open(Bracket::Curly) {
        return true;
    }
    let Some(words) = items().find_map(|syntax| syntax.words.iter().find(|words| cursor.is_words(words))) else {
        return false;
    };
    // One word alone may be a name, too.
    let next = cursor.look_ahead(words.len());
    match words {
        // Both stand in other items as well.
        ["select" | "with"] => false,
        ["sql"] => matches!(next, Token::Text(_)),
        ["run" | "call"] => matches!(next, Token::Word(_)),
        ["adopts"] => {
            matches!(next, Token::Word(_)) && matches!(cursor.look_ahead(2), Token::Word(word) if word == "through")
        }
        ["update" | "backfill"] => {
            matches!(next, Token::Word(_) | Token::Text(_))
                && matches!(cursor.look_ahead(2), Token::Word(word) if word == "set")
        }
        _ => true,
    }
}

fn parse_undo(parser: &mut Parser<'_>) -> Parsed<Undo> {
    let start = parser.cursor.index();
    if parser.cursor.take_word("down") {
        let items = parse_nested(parser)?;
        return Ok(Undo::Written { items, at: parser.cursor.since(start) });
    }
    if parser.cursor.take_word("irreversible") {
        let why = parser.text("the reason it cannot be undone, in double quotes")?;
        if why.value.trim().is_empty() {
            return Err(Diagnostic::new(code::NOT_INVERTIBLE, "the reason is empty", why.at)
                .help("say why, for whoever must revert this in an emergency"));
        }
        return Ok(Undo::Irreversible { why: why.value });
    }
    Ok(Undo::Derived)
}

/// A verb that the language does not have, with the one that may be meant.
fn unknown_verb(parser: &Parser<'_>) -> Diagnostic {
    let written: Vec<String> = (0..3)
        .map_while(|distance| match parser.cursor.look_ahead(distance) {
            Token::Word(word) => Some(word.clone()),
            _ => None,
        })
        .collect();
    let Some(first) = written.first() else {
        return parser.cursor.expected("a verb such as `create table`").into();
    };
    let phrases: Vec<(&[&str], String)> =
        items().flat_map(|syntax| syntax.words.iter()).map(|words| (*words, words.join(" "))).collect();
    let start = parser.cursor.index();
    // As many words as any item begins with; what comes then is wrong.
    let alike = |words: &[&str]| {
        words.iter().zip(&written).take_while(|(word, written)| word.eq_ignore_ascii_case(written)).count()
    };
    let right = phrases.iter().map(|(words, _)| alike(words)).max().unwrap_or_default();
    if right > 0 {
        let next = phrases.iter().filter(|(words, _)| alike(words) == right).filter_map(|(words, _)| words.get(right));
        let next: SortedSet<&str> = next.copied().collect();
        let before = written.iter().take(right).map(String::as_str).collect::<Vec<_>>().join(" ");
        let expected = match next.iter().collect::<Vec<_>>().as_slice() {
            [only] => format!("`{only}`"),
            _ => "an object".to_owned(),
        };
        let offset = u32::try_from(right).unwrap_or_default();
        let found = written.get(right).map_or("", String::as_str);
        let second = written.get(1).map_or("", String::as_str);
        return Diagnostic::new(
            code::SYNTAX,
            format!("expected {expected} after `{before}`, found {}", parser.cursor.look_ahead(right).describe()),
            At { start: start + offset, end: start + offset + 1 },
        )
        .maybe_help(hint(first, second).or_else(|| choices(found, next.iter().copied(), "objects")));
    }
    let verbs = phrases.iter().filter_map(|(words, _)| words.first().copied());
    let second = written.get(1).map_or("", String::as_str);
    Diagnostic::new(code::SYNTAX, format!("expected a verb, found `{first}`"), At { start, end: start + 1 })
        .maybe_help(hint(first, second).or_else(|| choices(first, verbs, "verbs")))
}

/// What to write instead of words that people know from elsewhere.
fn hint(first: &str, second: &str) -> Option<String> {
    let hint = match (first.to_lowercase().as_str(), second.to_lowercase().as_str()) {
        ("begin" | "commit" | "start" | "rollback", _) => {
            "remove it: the compiler decides which statements share a transaction"
        }
        ("up", _) => "remove it and its braces: the block is what is applied, and the way back is derived",
        ("down", _) => "write it after the item that it undoes, where none is derived: `... down { ... }`",
        ("set" | "reset", _) => {
            "remove it: write the schema before names, and `#[limits(...)]` before an item for its timeouts"
        }
        ("add" | "rename", _) => "change columns and constraints inside `alter table NAME { ... }`",
        ("do", _) => "write it as raw SQL: `sql \"...\"`",
        _ => return None,
    };
    Some(hint.into())
}

/// An item that could not be parsed: what it would have made is not looked for later.
struct Broken {
    /// What it makes or changes, if that can be told.
    name: Option<migrate_core::name::QualifiedName>,
    /// Whether it makes something whose name is missing.
    is_nameless: bool,
    /// All names in it.
    words: Vec<String>,
    /// The texts in it, where it is raw SQL.
    sql: Vec<String>,
}

impl Broken {
    /// What stands from `start` up to here.
    fn statement(parser: &Parser<'_>, start: u32) -> Statement {
        let mut cursor = parser.cursor.clone();
        cursor.go_to(start);
        let words = parser.cursor.names_since(start);
        let mut broken = Broken { name: None, is_nameless: false, words, sql: Vec::new() };
        let end = parser.cursor.index();
        broken.look_for_name(&mut Parser { cursor, is_schema: parser.is_schema, ..Parser::new(&[]) }, end);
        let item = Box::new(broken);
        Statement { head: Head::default(), words: &[], item, undo: Undo::Derived, at: parser.cursor.since(start) }
    }

    fn look_for_name(&mut self, parser: &mut Parser<'_>, end: u32) {
        // A broken attribute leaves the verb out of reach; then nothing is known.
        if parser.head().is_err() {
            return;
        }
        if parser.cursor.is_word("sql") {
            while parser.cursor.index() < end {
                if let Token::Text(text) = parser.cursor.next() {
                    self.sql.push(text.clone());
                }
            }
            return;
        }
        let makes = parser.cursor.is_word("create");
        for _ in 0..3 {
            let is_last_keyword = |words: &[&str]| words.iter().any(|word| parser.cursor.is_word(word));
            let makes_type = is_last_keyword(&["table", "tabel", "enum", "type"]);
            let makes_other = is_last_keyword(&["index", "view", "extension"]);
            parser.cursor.next();
            if makes_type || makes_other {
                parser.no_existence_check();
                self.name = parser.qualified_name("a name").ok().map(|name| name.value);
                self.is_nameless = makes && makes_type && self.name.is_none();
                return;
            }
        }
    }
}

impl Item for Broken {
    fn check(&self, _: &Head, checker: &mut Checker<'_>) {
        let broken = &mut checker.state.broken;
        broken.words.extend(self.words.iter().cloned());
        broken.unnamed_members_of.extend(self.name.clone());
        broken.is_anything |= self.is_nameless;
        for text in &self.sql {
            checker.state.note_broken_sql(text);
        }
    }
}

/// The names of all items of the language, in the order of the list: each is a file, a case of the acceptance tests and
/// a case of the ui tests.
pub fn item_names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&str> = items().map(|syntax| syntax.name).collect();
    names.dedup();
    names.into_iter()
}
