//! Histories as text, in the form that `migrations! { ... }` takes inline: for tests and tools.

use std::fmt;
use std::str::FromStr;

use migrate_core::object::RelationColumn;
use migrate_core::plan::Migration;
use migrate_core::query::Statement;
use proc_macro2::{Span, TokenStream};

use crate::check::{Checker, State};
use crate::diagnostic::Diagnostic;
use crate::expand::Arguments;
use crate::migration::{Compiled, Identity, Part, compile, compile_as};
use crate::source::Source;

/// Why a history does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The migration, as `VERSION_NAME`.
    pub migration: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// The headline, its code, and the help and note lines.
    pub text: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}: {}", self.migration, self.line, self.column, self.text)
    }
}

/// Compiles a history that is written as `migration "0001_users" { ... } migration "0002_trips" { ... }`, in the order
/// of the versions.
///
/// # Errors
/// All mistakes of all migrations.
pub fn compile_history(text: &str) -> Result<Vec<Migration>, Vec<Mistake>> {
    compile_into(text, &mut State::default())
}

/// Compiles a history, and leaves what is known of the database after it.
pub(crate) fn compile_into(text: &str, state: &mut State) -> Result<Vec<Migration>, Vec<Mistake>> {
    let whole = |text: &str| vec![Mistake { migration: String::new(), line: 1, column: 1, text: text.to_owned() }];
    let tokens = TokenStream::from_str(text).map_err(|error| whole(&error.to_string()))?;
    let arguments = Arguments::parse(tokens).map_err(|_| whole("expected `migration \"VERSION_NAME\" { ... }`"))?;
    let mut blocks = Vec::new();
    for (literal, body) in &arguments.blocks {
        let stem = litrs::StringLit::try_from(literal).map(litrs::StringLit::into_value).unwrap_or_default();
        let Some(identity) = Identity::of(&stem, String::new()) else {
            return Err(whole(&format!("`{stem}` is not a valid migration name")));
        };
        blocks.push((identity, stem, body));
    }
    blocks.sort_by_key(|(identity, _, _)| identity.version);
    let mut migrations = Vec::new();
    let mut mistakes = Vec::new();
    for (identity, stem, body) in blocks {
        let compiled = compile(&identity, body.stream(), body.span(), state, arguments.postgres);
        mistakes.extend(mistakes_of(&compiled, &stem));
        migrations.push(compiled.migration);
    }
    if mistakes.is_empty() { Ok(migrations) } else { Err(mistakes) }
}

fn mistakes_of(compiled: &Compiled, migration: &str) -> Vec<Mistake> {
    let mistake = |mistake: &Diagnostic| {
        let place = compiled.source.place(mistake.at);
        Mistake { migration: migration.to_owned(), line: place.line, column: place.column, text: mistake.text() }
    };
    compiled.mistakes.iter().map(mistake).collect()
}

/// What is known of a database after a history, to ask about items and statements that nobody runs.
#[derive(Debug)]
pub struct Known {
    state: State,
    postgres: u32,
}

impl Known {
    /// The database after a history that is written as [`compile_history`] takes it, on servers of this major version and
    /// newer.
    ///
    /// # Errors
    /// All mistakes of all migrations.
    pub fn after(history: &str, postgres: u32) -> Result<Self, Vec<Mistake>> {
        let mut state = State::default();
        compile_into(history, &mut state)?;
        Ok(Known { state, postgres })
    }

    /// Checks items as if they stood at the end of the migration that made everything: no table is in use yet. What is known
    /// stays as it is.
    pub fn beside(&self, items: &str) -> Vec<Mistake> {
        let identity = Identity { version: 1, leading_zeros: 0, name: "beside".into(), file: String::new() };
        let tokens = match TokenStream::from_str(items) {
            Ok(tokens) => tokens,
            Err(error) => {
                let text = error.to_string();
                return vec![Mistake { migration: String::new(), line: 1, column: 1, text }];
            }
        };
        let mut state = self.state.clone();
        let compiled = compile_as(Part::End, &identity, tokens, Span::call_site(), &mut state, self.postgres);
        mistakes_of(&compiled, "")
    }

    /// Checks a statement that is written in SQL, and gives the columns that come out of it.
    ///
    /// # Errors
    /// The headline of each mistake with its code, in the order in which they were found.
    pub fn judge(&mut self, sql: &str) -> Result<Vec<RelationColumn>, Vec<String>> {
        let mut statement: Statement = sql.parse().map_err(|error: migrate_core::token::SyntaxError| {
            vec![format!("{} [{}]", error.message, crate::diagnostic::code::SYNTAX.name)]
        })?;
        let source = Source::new(TokenStream::new(), Span::call_site(), "", &mut Vec::new());
        let mut checker = Checker::new(&mut self.state, &source, "", self.postgres);
        let columns = checker.judged(&mut statement);
        let mistakes = checker.take_mistakes_since(0);
        let texts = mistakes.iter().map(|mistake| mistake.text().lines().next().unwrap_or_default().to_owned());
        if mistakes.is_empty() { Ok(columns) } else { Err(texts.collect()) }
    }
}

/// A history in memory, to ask about blocks that are not written yet.
#[cfg(feature = "print")]
#[derive(Clone, Debug)]
pub struct History {
    pub(crate) state: State,
    pub(crate) postgres: u32,
    /// The file of the newest migration, where there is one.
    pub(crate) newest: Option<String>,
}

#[cfg(feature = "print")]
impl History {
    /// One without migrations, for servers of this major version and newer.
    pub fn new(postgres: u32) -> Self {
        History { state: State::default(), postgres, newest: None }
    }

    /// The database after it.
    pub fn catalog(&self) -> &migrate_core::catalog::Catalog {
        &self.state.catalog
    }

    /// The oldest server that it is for.
    pub fn postgres(&self) -> u32 {
        self.postgres
    }

    /// What is wrong in the block of a migration that would come next.
    pub fn check(&self, block: &str) -> Vec<WrongLine> {
        let identity = Identity { version: 1, leading_zeros: 0, name: "next".into(), file: String::new() };
        match self.clone().compile(&identity, block) {
            Ok(_) => Vec::new(),
            Err(wrong) => wrong,
        }
    }

    /// Adds a migration, named `VERSION_NAME`.
    ///
    /// # Errors
    /// All mistakes of its block, or of its name; the history is as before then.
    pub fn push(&mut self, stem: &str, block: &str) -> Result<Migration, Vec<WrongLine>> {
        let Some(identity) = Identity::of(stem, String::new()) else {
            let message = format!("`{stem}` is not a valid migration name");
            return Err(vec![WrongLine { line: 1, code: "file_name", text: message.clone(), message, needs: None }]);
        };
        let mut next = self.clone();
        let migration = next.compile(&identity, block)?;
        *self = next;
        Ok(migration)
    }

    fn compile(&mut self, identity: &Identity, block: &str) -> Result<Migration, Vec<WrongLine>> {
        let tokens = TokenStream::from_str(block).map_err(|error| {
            let message = error.to_string();
            vec![WrongLine { line: 1, code: "syntax", text: message.clone(), message, needs: None }]
        })?;
        let compiled = compile(identity, tokens, Span::call_site(), &mut self.state, self.postgres);
        let wrong = compiled.mistakes.iter().map(|one| WrongLine {
            line: compiled.source.place(one.at).line,
            code: one.code.name,
            message: one.message.clone(),
            text: one.text(),
            needs: one.needs,
        });
        let wrong: Vec<WrongLine> = wrong.collect();
        if wrong.is_empty() { Ok(compiled.migration) } else { Err(wrong) }
    }
}

/// What is wrong at a line of a block.
#[cfg(feature = "print")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLine {
    /// The line, from 1.
    pub line: u32,
    /// The code of the mistake.
    pub code: &'static str,
    /// The headline.
    pub message: String,
    /// The headline, its code, and the help and note lines.
    pub text: String,
    /// The version of PostgreSQL that is needed, where that is all that is wrong.
    pub needs: Option<u32>,
}

/// What is known of the database after a history without mistakes.
#[cfg(test)]
pub(crate) fn fold(text: &str) -> State {
    let mut state = State::default();
    compile_into(text, &mut state).unwrap();
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_the_rest_of_its_migration_finds_unused_tables_and_leaves_no_trace() {
        let known =
            Known::after(r#"migration "1_a" { create table users { id: bigint primary key, name: text } }"#, 14);
        let known = known.unwrap();
        let drop = "alter table users { drop name }";
        assert_eq!(known.beside(drop), []);
        assert_eq!(known.beside(drop), []);
        assert_eq!(known.beside("create index on users (name);"), []);
        let [mistake] = &known.beside("create index on users (nam);")[..] else { panic!("one mistake") };
        assert_eq!((mistake.line, mistake.column), (1, 24));
        assert!(mistake.text.starts_with("cannot find column `nam` in table `users`"), "{}", mistake.text);
    }
}
