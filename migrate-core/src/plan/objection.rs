//! What keeps a migration from running in another schema than the one that it was compiled for.

use super::relocation::{Spanned, is_body_of_user, is_code, is_dot, is_public, moves_extension};
use super::{Down, Migration, Place, Script, Statement, Work};
use crate::expression::{NamedInText, text_read_as};
use crate::name::DEFAULT_SCHEMA;
use crate::object::Kind;
use crate::sql::lex;
use crate::sql::lexer::lex_with_offsets;
use crate::token::{Cursor, Token};
use crate::types::BuiltIn;

/// Why a migration cannot run in another schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// Where in the source.
    pub place: Place,
    /// The statement, or the object.
    pub what: String,
    /// What is in the way, as a clause.
    pub why: Obstacle,
}

/// What is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Raw SQL that names `public`.
    RawSqlNamesPublic,
    /// A body of a function, or its `search_path`, that names `public`.
    BodyNamesPublic,
    /// A text that is read as a name while it runs, and cannot be split into its parts.
    TextNamesPublic,
    /// Raw SQL for something that a database has once.
    WholeDatabase,
    /// An object that a database has once.
    OncePerDatabase,
    /// An object in a schema of its own, which every tenant would change.
    OtherSchema,
    /// SQL that cannot be taken apart.
    Unreadable,
}

impl Obstacle {
    /// What it is, as a clause.
    pub fn clause(self) -> &'static str {
        match self {
            Obstacle::RawSqlNamesPublic => "raw SQL names the schema `public`",
            Obstacle::BodyNamesPublic => "the body of a function, or its `search_path`, names the schema `public`",
            Obstacle::TextNamesPublic => "a text names the schema `public`",
            Obstacle::WholeDatabase => "raw SQL changes something that exists once per database",
            Obstacle::OncePerDatabase => "it exists once per database, so all tenants would share it",
            Obstacle::OtherSchema => "it is in a schema of its own, which all tenants would share",
            Obstacle::Unreadable => "the SQL cannot be read",
        }
    }

    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            Obstacle::BodyNamesPublic => {
                "leave out `public`: names in the body are looked up in the `search_path` of the function's caller"
            }
            Obstacle::RawSqlNamesPublic | Obstacle::TextNamesPublic => {
                "leave out `public`: a name without a schema is looked up in the schema that the migration runs in"
            }
            Obstacle::Unreadable => "correct its quotes; if the migration has none, please report this",
            Obstacle::WholeDatabase | Obstacle::OncePerDatabase | Obstacle::OtherSchema => {
                "move what exists once per database to a history of its own, which is applied to the database itself"
            }
        }
    }
}

/// Why a migration cannot run in another schema, in either direction; empty where it can.
pub fn objections(migration: &Migration) -> Vec<Objection> {
    let down = match &migration.down {
        Down::Script { script, .. } => Some(script),
        Down::Irreversible { .. } => None,
    };
    let statements = migration.up.statements().chain(down.into_iter().flat_map(Script::statements));
    let mut objections: Vec<Objection> = statements.filter_map(objection).collect();
    let elsewhere = migration.footprint.objects.iter().filter(|object| {
        let kinds = Kind::ALL.iter().filter(|kind| kind.has_schema() || kind.lock_on_table().is_some());
        let nouns = kinds.map(|kind| kind.noun()).chain(["table", "type"]);
        let mut named = nouns.filter_map(|noun| object.strip_prefix(noun)?.strip_prefix(' '));
        let name = named.next();
        name.is_some_and(|name| !name.strip_prefix(DEFAULT_SCHEMA).is_some_and(|rest| rest.starts_with('.')))
    });
    let is_of_database = |object: &&std::borrow::Cow<'static, str>| {
        let mut nouns = Kind::ALL.iter().filter(|kind| kind.is_of_database()).map(|kind| kind.noun());
        nouns.any(|noun| object.strip_prefix(noun).is_some_and(|rest| rest.starts_with(' ')))
    };
    let of_database = migration.footprint.objects.iter().filter(is_of_database);
    objections.extend(of_database.map(|object| Objection {
        place: Place { file: migration.file.clone(), ..Place::default() },
        what: object.to_string(),
        why: Obstacle::OncePerDatabase,
    }));
    objections.extend(elsewhere.map(|object| Objection {
        place: Place { file: migration.file.clone(), ..Place::default() },
        what: object.to_string(),
        why: Obstacle::OtherSchema,
    }));
    objections
}

/// Why a statement of a down that is stored cannot run in another schema.
pub fn objection(statement: &Statement) -> Option<Objection> {
    let texts: &[&str] = match &statement.work {
        Work::Sql(sql) => &[sql],
        Work::Backfill(backfill) => &[&backfill.assignments, &backfill.condition],
        Work::Run(_) => &[],
    };
    let obstacle = |text: &&str| if statement.by_hand { obstacle_of_raw(text) } else { obstacle_of_compiled(text) };
    let is_moved = moves_extension(statement).then_some(Obstacle::OncePerDatabase);
    let why = is_moved.or_else(|| texts.iter().find_map(obstacle))?;
    Some(Objection { place: statement.place.clone(), what: texts.join(" "), why })
}

/// Objects that a database, or a server, has once.
const WHOLE_DATABASE: &[&[&str]] = &[
    &["extension"],
    &["schema"],
    &["database"],
    &["role"],
    &["user"],
    &["group"],
    &["tablespace"],
    &["publication"],
    &["subscription"],
    &["event", "trigger"],
    &["server"],
    &["foreign", "data", "wrapper"],
    &["language"],
    &["trusted", "language"],
    &["access", "method"],
    &["cast"],
    &["system"],
];

fn obstacle_of_raw(sql: &str) -> Option<Obstacle> {
    let Ok(tokens) = lex(sql) else { return Some(Obstacle::Unreadable) };
    let mut cursor = Cursor::new(&tokens);
    let is_definition = ["create", "alter", "drop"].into_iter().any(|verb| cursor.take_word(verb));
    if is_definition && WHOLE_DATABASE.iter().any(|words| cursor.is_words(words)) {
        return Some(Obstacle::WholeDatabase);
    }
    let names_public = (0..tokens.len()).any(|index| match &tokens[index] {
        Token::Text(text) => text_names_public(text),
        token => is_public(token) && !is_everybody(&tokens, index),
    });
    names_public.then_some(Obstacle::RawSqlNamesPublic)
}

/// `GRANT ... TO PUBLIC` and `REVOKE ... FROM PUBLIC` mean everybody, and `FROM public` without a dot is a table.
fn is_everybody(tokens: &[Token], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| tokens.get(before));
    let is_word = |token: &Token, word: &str| matches!(token, Token::Word(found) if found == word);
    before.is_some_and(|token| is_word(token, "to") || is_word(token, "from"))
        && !tokens.get(index + 1).is_some_and(is_dot)
        && !tokens.iter().any(|token| is_word(token, "search_path"))
}

fn obstacle_of_compiled(sql: &str) -> Option<Obstacle> {
    let Ok(tokens) = lex_with_offsets(sql) else { return Some(Obstacle::Unreadable) };
    tokens.iter().enumerate().find_map(|(index, (token, _))| match token {
        Token::Text(text) if is_code(sql, &tokens, index) => obstacle_of_compiled(text),
        Token::Text(text) if is_body_of_user(&tokens[index].0, &tokens) => {
            text_names_public(text).then_some(Obstacle::BodyNamesPublic)
        }
        Token::Word(word) if word == "search_path" && lists_public(&tokens[index + 1..]) => {
            Some(Obstacle::BodyNamesPublic)
        }
        Token::Text(text) if text_names_public(text) => {
            let read_as = read_as(&tokens, index)?;
            NamedInText::read(text, read_as).is_none().then_some(Obstacle::TextNamesPublic)
        }
        _ => None,
    })
}

/// Whether `= app, public, pg_temp` names it.
fn lists_public(tokens: &[Spanned]) -> bool {
    let mut names = tokens.iter().skip(1).step_by(2).zip(tokens.iter().skip(2).step_by(2));
    let is_comma = |token: &Token| matches!(token, Token::Symbol { symbol: ',', .. });
    for ((name, _), (after, _)) in names.by_ref() {
        if is_public(name) {
            return true;
        }
        if !is_comma(after) {
            return false;
        }
    }
    false
}

/// What a text is read as, where it is a name. Other texts are just texts.
pub(super) fn read_as(tokens: &[Spanned], index: usize) -> Option<BuiltIn> {
    text_read_as(|index| tokens.get(index).map(|(token, _)| token), index)
}

/// Whether a text has `public.name` in it, as a body of a function has, or the argument of `nextval`; and an address on
/// the web has not.
fn text_names_public(text: &str) -> bool {
    text.match_indices(DEFAULT_SCHEMA).any(|(at, found)| {
        let (before, after) = (&text[..at], &text[at + found.len()..]);
        let after = after.strip_prefix('"').unwrap_or(after);
        let is_whole = before.chars().next_back().is_none_or(|last| {
            last.is_whitespace() || matches!(last, '(' | '[' | ',' | ';' | '=' | '<' | '>' | '|' | '"' | '\'')
        });
        let name = after.strip_prefix('.').and_then(|rest| rest.chars().next());
        is_whole && name.is_some_and(|first| first.is_alphabetic() || matches!(first, '_' | '"' | '%'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Checksum, Compatibility, Footprint, Lowering, cut_into_segments};

    fn why(sql: &str, by_hand: bool) -> Option<Obstacle> {
        let mut plan = Lowering::new(14);
        let added = plan.sql(sql);
        if by_hand {
            added.by_hand();
        }
        cut_into_segments(plan).statements().find_map(objection).map(|objection| objection.why)
    }

    #[test]
    fn raw_sql_that_names_public_cannot_move() {
        for sql in [
            "create view public.v as select 1",
            "create view v as select * from \"public\".t",
            "grant usage on schema public to app",
            "set search_path to public",
            "create function f() returns int language sql as $$ select count(*) from public.t $$",
            "do $$ begin execute format('alter table public.%I add a int', 't'); end $$",
            "select setval('public.numbers', 1)",
            "select 'public.\"Users\"'::regclass",
        ] {
            assert_eq!(why(sql, true), Some(Obstacle::RawSqlNamesPublic), "{sql}");
        }
    }

    #[test]
    fn raw_sql_that_names_no_schema_can() {
        for sql in [
            "create view v as select * from t where a = 'public'",
            "grant select on t to public",
            "revoke all on t from public",
            "insert into notes (text) values ('open to the public. all of it'), ('republic.of')",
            "insert into links values ('https://public.example.com', 'me@public.example.com')",
            "create function f() returns int language sql set search_path from current as $$ select 1 $$",
            "-- public.t\nselect 1",
            "create user_table (a int)",
        ] {
            assert_eq!(why(sql, true), None, "{sql}");
        }
    }

    #[test]
    fn what_a_database_has_once_is_no_tenants() {
        for sql in ["create role app", "CREATE EXTENSION citext", "alter schema a rename to b", "drop event trigger e"]
        {
            assert_eq!(why(sql, true), Some(Obstacle::WholeDatabase), "{sql}");
        }
    }

    #[test]
    fn a_text_of_the_compiler_is_a_name_only_where_it_is_read_as_one() {
        for sql in [
            "ALTER TABLE public.t ALTER COLUMN a SET DEFAULT nextval('public.s.there')",
            "DO $$BEGIN PERFORM to_regprocedure('public.f(public.t'); END$$",
        ] {
            assert_eq!(why(sql, false), Some(Obstacle::TextNamesPublic), "{sql}");
        }
        for sql in [
            "CREATE FUNCTION public.f() AS $$BEGIN NEW.a := nextval('public.s'); END$$",
            "CREATE OR REPLACE PROCEDURE public.f() SET search_path = app, public, pg_temp AS $$BEGIN END$$",
        ] {
            assert_eq!(why(sql, false), Some(Obstacle::BodyNamesPublic), "{sql}");
        }
        for sql in [
            "INSERT INTO public.tables (name) VALUES ('public.users')",
            "COMMENT ON TABLE public.t IS 'as in public.users'",
            "CREATE FUNCTION public.f() SET search_path = app, pg_temp AS $$BEGIN RETURN public; END$$",
            "ALTER TABLE public.t ALTER COLUMN a SET DEFAULT nextval('s')",
            "ALTER TABLE public.t ALTER COLUMN a SET DEFAULT nextval('public.\"S\"'::regclass)",
            "ALTER TABLE public.t ALTER COLUMN a SET DEFAULT to_regprocedure('public.f(public.t)')",
        ] {
            assert_eq!(why(sql, false), None, "{sql}");
        }
    }

    #[test]
    fn what_cannot_be_read_cannot_move() {
        for by_hand in [true, false] {
            assert_eq!(why("CREATE TABLE public.\"t (a int)", by_hand), Some(Obstacle::Unreadable));
        }
    }

    #[test]
    fn objects_in_a_schema_of_their_own_are_everybodys() {
        let mut migration = Migration {
            version: 1,
            leading_zeros: 0,
            name: "one".into(),
            file: "migrations/1_one.rs".into(),
            checksum: Checksum::EMPTY,
            identity: None,
            up: Script::default(),
            down: Down::Irreversible { why: "no".into() },
            operations: "[]".into(),
            footprint: Footprint {
                objects: vec!["extension citext".into(), "table public.a".into(), "type publicity.b".into()].into(),
                uses: vec!["table app.c".into()].into(),
                unknown: false,
            },
            compatibility: Compatibility::Compatible,
            adoption: None,
        };
        let found: Vec<String> = objections(&migration).into_iter().map(|objection| objection.what).collect();
        assert_eq!(found, ["type publicity.b"]);
        migration.footprint.objects = Vec::new().into();
        assert!(objections(&migration).is_empty());
    }
}
