//! The same script in another schema: one for each tenant.
//!
//! Migrations are compiled for `public`. What the compiler wrote names that schema wherever it is meant, so another
//! name in its place, token by token, gives the very SQL that would have been compiled for the other schema: the same
//! statements in the same segments. Raw SQL is left as it is: its names have no schema, and follow `search_path`.

use std::borrow::Cow;

use super::objection::read_as;
use super::{Backfill, Postcondition, RelationLock, Script, Segment, Statement, Work};
use crate::expression::NamedInText;
use crate::name::DEFAULT_SCHEMA;
use crate::operation::is_on_update_body;
use crate::sorted::SortedSet;
use crate::sql::lexer::lex_with_offsets;
use crate::sql::{Writer, lex, quote_identifier, quote_literal};
use crate::token::{Bracket, Token};
use crate::types::BuiltIn;

/// Where scripts are to run instead of `public`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relocation {
    /// The schema.
    pub schema: String,
    /// The types and operator classes in `public` of the extensions that the migrations make: an extension is the
    /// database's, so they stay. So do operators, which the compiler names with a schema only where an extension has them.
    pub shared_types: SortedSet<String>,
    /// Its functions.
    pub shared_functions: SortedSet<String>,
}

impl Relocation {
    /// The script, in the schema.
    pub fn script(&self, script: &Script) -> Script {
        let segment = |segment: &Segment| {
            let statements = segment.statements.iter().filter(|one| !drops_extension(one));
            Segment { mode: segment.mode, statements: statements.map(|one| self.statement(one)).collect() }
        };
        Script { segments: script.segments.iter().map(segment).collect() }
    }

    fn statement(&self, statement: &Statement) -> Statement {
        let work = match &statement.work {
            Work::Sql(sql) if !statement.by_hand && !makes_extension(statement) => Work::Sql(self.sql(sql).into()),
            Work::Backfill(backfill) => Work::Backfill(Backfill {
                schema: self.schema(&backfill.schema),
                assignments: self.sql(&backfill.assignments).into(),
                condition: self.sql(&backfill.condition).into(),
                ..backfill.clone()
            }),
            work => work.clone(),
        };
        let lock = |lock: &RelationLock| RelationLock { schema: self.schema(&lock.schema), ..lock.clone() };
        Statement {
            work,
            locks: statement.locks.iter().map(lock).collect(),
            postcondition: statement.postcondition.clone().map(|condition| self.postcondition(condition)),
            ..statement.clone()
        }
    }

    fn postcondition(&self, condition: Postcondition) -> Postcondition {
        match condition {
            Postcondition::IndexExists { schema, table, index, looks_up_names } => {
                Postcondition::IndexExists { schema: self.schema(&schema), table, index, looks_up_names }
            }
            Postcondition::PartitionDetached { schema, table, parent_schema, parent } => {
                Postcondition::PartitionDetached {
                    schema: self.schema(&schema),
                    table,
                    parent_schema: self.schema(&parent_schema),
                    parent,
                }
            }
            Postcondition::IndexAbsent { schema, index } => {
                Postcondition::IndexAbsent { schema: self.schema(&schema), index }
            }
        }
    }

    fn schema(&self, schema: &str) -> Cow<'static, str> {
        let moved = if schema == DEFAULT_SCHEMA { &self.schema } else { schema };
        Cow::Owned(moved.to_owned())
    }

    /// SQL of the compiler, with the schema in place of `public`.
    fn sql(&self, sql: &str) -> String {
        // What cannot be read has an objection.
        let Ok(tokens) = lex_with_offsets(sql) else { return sql.to_owned() };
        let mut text = String::with_capacity(sql.len() + self.schema.len());
        let mut done = 0;
        for (index, (token, range)) in tokens.iter().enumerate() {
            let replacement = match token {
                Token::Text(body) if is_code(sql, &tokens, index) => self.code(body, &sql[range.clone()]),
                Token::Text(text) => match read_as(&tokens, index).and_then(|read_as| self.name(text, read_as)) {
                    Some(name) => quote_literal(&name),
                    None => continue,
                },
                token if is_public(token) && self.is_ours(&tokens, index) => {
                    quote_identifier(&self.schema).into_owned()
                }
                _ => continue,
            };
            text.push_str(&sql[done..range.start]);
            text.push_str(&replacement);
            done = range.end;
        }
        text.push_str(&sql[done..]);
        text
    }

    /// A text that is read as a name, where that is of something that moves.
    fn name(&self, text: &str, read_as: BuiltIn) -> Option<String> {
        let mut named = NamedInText::read(text, read_as)?;
        let is_operator = matches!(read_as, BuiltIn::RegOper | BuiltIn::RegOperator);
        let stays =
            |name: &str| is_operator || self.shared_types.contains(name) || self.shared_functions.contains(name);
        named.move_schema(DEFAULT_SCHEMA, &self.schema, stays).then(|| named.text())
    }

    fn code(&self, body: &str, written: &str) -> String {
        let body = self.sql(body);
        if written.starts_with('$') { Writer::new().dollar_quoted(&body).finish() } else { quote_literal(&body) }
    }

    /// Whether `public` at this place is the schema, and of something that moves: `public.bookings`, `ON SCHEMA public`,
    /// not `t.public`.
    fn is_ours(&self, tokens: &[Spanned], index: usize) -> bool {
        let at = |index: usize| tokens.get(index).map(|(token, _)| token);
        let before = index.checked_sub(1).and_then(at);
        if !at(index + 1).is_some_and(is_dot) {
            return matches!(before, Some(Token::Word(word)) if word == "schema");
        }
        let names_table = |word: &Token| matches!(word, Token::Word(word) if ["into", "references", "on", "table", "from", "join", "only"].contains(&word.as_str()));
        let is_called = at(index + 3) == Some(&Token::Open(Bracket::Round)) && !before.is_some_and(names_table);
        let is_shared = match at(index + 2) {
            Some(Token::Word(name) | Token::QuotedWord(name)) => {
                self.shared_types.contains(name) || is_called && self.shared_functions.contains(name)
            }
            Some(Token::Symbol { .. }) => true,
            _ => false,
        };
        !before.is_some_and(is_dot) && !is_shared
    }
}

/// Other tenants may need it: what the database has stays there.
fn drops_extension(statement: &Statement) -> bool {
    starts_with(statement, &["drop", "extension"])
}

/// Whether a statement makes an extension.
pub fn makes_extension(statement: &Statement) -> bool {
    starts_with(statement, &["create", "extension"])
}

/// Whether a statement moves an extension to another schema. One that another tenant has moved already is where it should be, but
/// would be moved back under the others by a down.
pub(super) fn moves_extension(statement: &Statement) -> bool {
    let Work::Sql(sql) = &statement.work else { return false };
    let Ok(tokens) = lex(sql) else { return false };
    let mut cursor = crate::token::Cursor::new(&tokens);
    cursor.take_words(&["alter", "extension"]) && {
        cursor.next();
        cursor.is_words(&["set", "schema"])
    }
}

/// Whether a statement makes a function or procedure of the user's whose body means what the `search_path` says. One that
/// sets a path of its own is read under that.
pub fn makes_routine(statement: &Statement) -> bool {
    const BEGINNINGS: [&[&str]; 4] = [
        &["create", "function"],
        &["create", "or", "replace", "function"],
        &["create", "procedure"],
        &["create", "or", "replace", "procedure"],
    ];
    let Work::Sql(sql) = &statement.work else { return false };
    let head = sql.split(" AS ").next().unwrap_or_default();
    BEGINNINGS.iter().any(|words| starts_with(statement, words))
        && !head.contains("SET search_path = ")
        && !has_parsed_body(sql)
}

/// Whether the body of a function that is made is in standard SQL, in which everything is named in full.
fn has_parsed_body(sql: &str) -> bool {
    if !sql.contains(" RETURN ") && !sql.contains(" BEGIN ATOMIC ") {
        return false;
    }
    let mut depth = 0_usize;
    let mut is_behind_arguments = false;
    for token in lex(sql).unwrap_or_default() {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => {
                depth = depth.saturating_sub(1);
                is_behind_arguments |= depth == 0;
            }
            Token::Word(word) if depth == 0 && is_behind_arguments => match word.as_str() {
                "as" => return false,
                "return" | "begin" => return true,
                _ => {}
            },
            _ => {}
        }
    }
    false
}

fn starts_with(statement: &Statement, words: &[&str]) -> bool {
    let Work::Sql(sql) = &statement.work else { return false };
    let mut found = sql.split_whitespace().map(str::to_ascii_lowercase);
    !statement.by_hand && words.iter().all(|word| found.next().as_deref() == Some(*word))
}

pub(super) fn is_public(token: &Token) -> bool {
    matches!(token, Token::Word(word) | Token::QuotedWord(word) if word == DEFAULT_SCHEMA)
}

pub(super) fn is_dot(token: &Token) -> bool {
    matches!(token, Token::Symbol { symbol: '.', .. })
}

pub(super) type Spanned = (Token, std::ops::Range<usize>);

/// Whether a text of SQL that we wrote is SQL itself: the body of a function or of `DO`, the argument of `EXECUTE`, the
/// table whose sequence is asked for.
pub(super) fn is_code(sql: &str, tokens: &[Spanned], index: usize) -> bool {
    let is_dollar_quoted = tokens
        .get(index)
        .is_some_and(|(token, range)| sql[range.clone()].starts_with('$') && !is_body_of_user(token, tokens));
    let before = index.checked_sub(1).and_then(|before| tokens.get(before));
    let follows = |word: &str| matches!(before, Some((Token::Word(found), _)) if found == word);
    let called = index.checked_sub(2).and_then(|before| tokens.get(before));
    let is_table = matches!(called, Some((Token::Word(found), _)) if found == "pg_get_serial_sequence");
    is_dollar_quoted || is_table || follows("do") || follows("execute")
}

/// Whether a text is the body of a function that the user wrote: its names have no schema, or the one that is meant.
pub(super) fn is_body_of_user(token: &Token, tokens: &[Spanned]) -> bool {
    let Token::Text(body) = token else { return false };
    let words = tokens.iter().map_while(|(token, _)| match token {
        Token::Word(word) => Some(word.as_str()),
        _ => None,
    });
    let beginning: Vec<&str> = words.take(4).collect();
    matches!(
        beginning.as_slice(),
        ["create", "function" | "procedure", ..] | ["create", "or", "replace", "function" | "procedure"]
    ) && !is_on_update_body(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::COMPARE;
    use crate::plan::{Lowering, cut_into_segments};

    fn relocation() -> Relocation {
        Relocation {
            schema: "Tenant A".into(),
            shared_types: ["citext".to_string(), "gin_trgm_ops".to_string()].into(),
            shared_functions: ["similarity".to_string()].into(),
        }
    }

    #[test]
    fn names_move_and_words_and_texts_do_not() {
        for (compiled, expected) in [
            ("CREATE TABLE public.users (id bigint)", r#"CREATE TABLE "Tenant A".users (id bigint)"#),
            ("ALTER TABLE \"public\".\"order\" ADD a int", r#"ALTER TABLE "Tenant A"."order" ADD a int"#),
            ("SELECT 'a'::public.mood, 'b'::public.citext", r#"SELECT 'a'::"Tenant A".mood, 'b'::public.citext"#),
            (
                "UPDATE public.t SET public = 'public.x' WHERE t.public.a",
                r#"UPDATE "Tenant A".t SET public = 'public.x' WHERE t.public.a"#,
            ),
            ("INSERT INTO public.public (public) VALUES (1)", r#"INSERT INTO "Tenant A".public (public) VALUES (1)"#),
            (
                "SELECT public.similarity(a, 'b'), public.f(c) OPERATOR(public.=) d FROM public.similarity",
                r#"SELECT public.similarity(a, 'b'), "Tenant A".f(c) OPERATOR(public.=) d FROM "Tenant A".similarity"#,
            ),
            (
                "CREATE INDEX i ON public.similarity (a public.gin_trgm_ops)",
                r#"CREATE INDEX i ON "Tenant A".similarity (a public.gin_trgm_ops)"#,
            ),
            ("SELECT nextval('public.s'), 'public.s'", r#"SELECT nextval('"Tenant A".s'), 'public.s'"#),
            (
                "SELECT 'public.f(public.mood, public.citext)'::regprocedure, regtype 'public.citext'",
                r#"SELECT '"Tenant A".f("Tenant A".mood, public.citext)'::regprocedure, regtype 'public.citext'"#,
            ),
            ("SELECT regclass 'public.t' AS of", r#"SELECT regclass '"Tenant A".t' AS of"#),
            ("SELECT to_tsvector('public.german', a)", r#"SELECT to_tsvector('"Tenant A".german', a)"#),
            (
                "SELECT 'public'::regnamespace, 'public.x'::text",
                r#"SELECT '"Tenant A"'::regnamespace, 'public.x'::text"#,
            ),
            ("GRANT SELECT ON public.t TO PUBLIC", r#"GRANT SELECT ON "Tenant A".t TO PUBLIC"#),
            ("CREATE TABLE app.t (a public.mood[])", r#"CREATE TABLE app.t (a "Tenant A".mood[])"#),
            ("GRANT USAGE ON SCHEMA public TO PUBLIC", r#"GRANT USAGE ON SCHEMA "Tenant A" TO PUBLIC"#),
            ("SELECT 1 -- public.t", "SELECT 1 -- public.t"),
            (
                "SELECT pg_catalog.pg_get_serial_sequence('public.t', 'public.a')",
                r#"SELECT pg_catalog.pg_get_serial_sequence('"Tenant A".t', 'public.a')"#,
            ),
        ] {
            assert_eq!(relocation().sql(compiled), expected);
        }
    }

    #[test]
    fn bodies_move_too() {
        let of_on_update = |schema: &str| {
            format!(
                "CREATE FUNCTION {schema}.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF NEW.a IS NOT DISTINCT FROM \
                 OLD.a AND pg_catalog.current_setting('migrate.on_update', true) IS DISTINCT FROM 'off' THEN \
                 NEW.a := 'x'::{schema}.mood; END IF; RETURN NEW; END$$"
            )
        };
        for (compiled, expected) in [
            (of_on_update("public").as_str(), of_on_update("\"Tenant A\"").as_str()),
            // What the user wrote means what it says.
            (
                "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $$SELECT 'x'::public.mood$$",
                "CREATE FUNCTION \"Tenant A\".f() RETURNS text LANGUAGE sql AS $$SELECT 'x'::public.mood$$",
            ),
            (
                "DO 'BEGIN EXECUTE ''DROP TABLE public.t''; END'",
                "DO 'BEGIN EXECUTE ''DROP TABLE \"Tenant A\".t''; END'",
            ),
        ] {
            assert_eq!(relocation().sql(compiled), expected);
        }
    }

    #[test]
    fn a_statement_moves_with_its_facts_and_an_extension_stays() {
        let mut plan = Lowering::new(14);
        plan.sql("CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public");
        plan.sql("DROP EXTENSION citext");
        plan.sql("create view v as select * from users").by_hand();
        plan.run(COMPARE);
        let users = crate::name::QualifiedName::new("users");
        let condition = Postcondition::IndexAbsent { schema: "public".into(), index: "i".into() };
        plan.sql("DROP INDEX CONCURRENTLY public.i")
            .locking(&users, crate::plan::LockMode::ShareUpdateExclusive)
            .ensuring(condition)
            .alone();
        plan.backfill(Backfill {
            schema: "public".into(),
            table: "users".into(),
            assignments: "mood = 'a'::public.mood".into(),
            condition: "mood IS NULL".into(),
            key: Vec::new().into(),
            batch: 10,
        });
        let script = cut_into_segments(plan);
        let moved = relocation().script(&script);
        assert_eq!(moved.segments.len(), script.segments.len());
        let statements: Vec<&Statement> = moved.statements().collect();
        let sql = |index: usize| match &statements[index].work {
            Work::Sql(sql) => sql.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(sql(0), "CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public");
        assert!(makes_extension(statements[0]));
        assert_eq!(sql(1), "create view v as select * from users");
        assert_eq!(sql(3), "DROP INDEX CONCURRENTLY \"Tenant A\".i");
        assert_eq!(statements[3].locks[0].schema, "Tenant A");
        let condition = Postcondition::IndexAbsent { schema: "Tenant A".into(), index: "i".into() };
        assert_eq!(statements[3].postcondition, Some(condition));
        let Work::Backfill(backfill) = &statements[4].work else { panic!("{:?}", statements[4]) };
        assert_eq!(
            (backfill.schema.as_ref(), backfill.assignments.as_ref()),
            ("Tenant A", "mood = 'a'::\"Tenant A\".mood")
        );
    }
}
