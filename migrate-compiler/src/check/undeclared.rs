//! What raw SQL may have made, where it does not say so with `changes { ... }`.
//!
//! It is read from the words of the SQL. What needs no more than a name is left to PostgreSQL; what needs to know the
//! object is a mistake that names the raw SQL.

use migrate_core::name::QualifiedName;
use migrate_core::plan::Place;
use migrate_core::sorted::{SortedMap, SortedSet};
use migrate_core::sql::lex;
use migrate_core::token::{At, Cursor, Token};

use super::Checker;
use super::state::told;
use crate::diagnostic::{Diagnostic, code};

/// A command of raw SQL that does not say what it makes.
#[derive(Clone, Debug)]
pub(crate) struct Maker {
    /// The migration, as its file is called.
    migration: String,
    place: Place,
    /// All words and texts of the command, in lower case.
    words: SortedSet<String>,
    /// Whether the language has words for what it makes: `changes` cannot say it of a view.
    pub(crate) is_declarable: bool,
}

impl Maker {
    fn mentions(&self, name: &str) -> bool {
        self.words.contains(&name.to_lowercase())
    }
}

/// What may be names in a text that is not read otherwise.
pub(crate) fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|character: char| !character.is_alphanumeric() && character != '_' && character != '-');
    parts.filter(|part| !part.is_empty())
}

/// What raw SQL may have made, and which.
#[derive(Clone, Debug, Default)]
pub(crate) struct Undeclared {
    /// Tables, views, types and collations: what `create` names.
    made: SortedMap<QualifiedName, Maker>,
    /// Indexes.
    indexes: SortedMap<QualifiedName, Maker>,
    /// What `alter` names: tables with other columns, constraints and indexes, enums with other values.
    altered: SortedMap<QualifiedName, Vec<Maker>>,
    /// Names of functions, operators, casts, extensions and types that may have been made, and words among which they are.
    others: SortedSet<String>,
}

impl Undeclared {
    /// Reads from a command which objects it makes or changes.
    pub(crate) fn note(&mut self, command: &str, migration: &str, place: Place) {
        let Ok(tokens) = lex(command) else { return };
        let words = tokens.iter().filter_map(|token| match token {
            Token::Word(word) | Token::QuotedWord(word) | Token::Text(word) => Some(word.to_lowercase()),
            _ => None,
        });
        let words: SortedSet<String> = words.collect();
        let mut cursor = Cursor::new(&tokens);
        let is_create = cursor.take_word("create");
        if !is_create && !cursor.take_word("alter") {
            return;
        }
        const OTHERS: [&str; 4] = ["publication", "rule", "aggregate", "trigger"];
        if OTHERS.iter().any(|word| cursor.is_word(word) || cursor.is_words(&["or", "replace", word])) {
            return;
        }
        while !cursor.is_at_end() {
            if ["table", "view", "type", "domain", "sequence", "index", "collation"]
                .iter()
                .any(|word| cursor.is_word(word))
            {
                break;
            }
            cursor.next();
        }
        let is_index = cursor.is_word("index");
        let is_enum = cursor.is_word("type") && words.contains("enum");
        let is_declarable = !is_create || is_index || is_enum || cursor.is_word("table");
        let maker = Maker { migration: migration.to_owned(), place, words, is_declarable };
        cursor.next();
        for words in [&["concurrently"][..], &["if", "not", "exists"], &["if", "exists"], &["only"]] {
            cursor.take_words(words);
        }
        let mut part = || match cursor.next() {
            Token::Word(word) | Token::QuotedWord(word) => {
                let word = word.clone();
                let dotted = cursor.take_symbol('.');
                Some((word, dotted))
            }
            _ => None,
        };
        let name = match part() {
            Some((first, true)) => part().map(|(second, _)| QualifiedName::in_schema(first, second)),
            Some((first, false)) => Some(QualifiedName::new(first)),
            None => None,
        };
        let Some(name) = name else { return };
        if is_create && is_index {
            self.indexes.insert(name, maker);
        } else if is_create {
            self.made.insert(name, maker);
        } else {
            self.altered.entry(name).or_default().push(maker);
        }
    }

    /// What may have made a table, view or type of that name.
    pub(crate) fn made(&self, name: &QualifiedName) -> Option<&Maker> {
        self.made.get(name)
    }

    /// What may have made a column: SQL that alters the table, and has its name among its words.
    pub(crate) fn column(&self, table: &QualifiedName, column: &str) -> Option<&Maker> {
        self.altered.get(table)?.iter().rfind(|maker| maker.mentions(column))
    }

    /// What may have made a constraint: it can have a name that PostgreSQL has chosen.
    pub(crate) fn constraint(&self, table: &QualifiedName, constraint: &str) -> Option<&Maker> {
        let makers = self.altered.get(table)?;
        makers.iter().rfind(|maker| maker.mentions(constraint)).or(makers.last())
    }

    /// Whether raw SQL may have changed the table.
    pub(crate) fn is_altered(&self, table: &QualifiedName) -> bool {
        self.altered.contains_key(table)
    }

    /// What may have given the table other keys, with whichever name.
    pub(crate) fn keys_of(&self, table: &QualifiedName) -> Option<&Maker> {
        self.altered.get(table)?.last()
    }

    /// What may have made an index: by its name, or as the index of a constraint.
    pub(crate) fn index(&self, index: &QualifiedName) -> Option<&Maker> {
        let by_name = || self.altered.values().flatten().rfind(|maker| maker.mentions(&index.name));
        self.indexes.get(index).or_else(by_name)
    }

    /// Reads from a command which functions, operators, casts and extensions it may make.
    pub(crate) fn note_others(&mut self, command: &str) {
        let Ok(tokens) = lex(command) else { return };
        let mut cursor = Cursor::new(&tokens);
        if cursor.take_word("create") {
            cursor.take_words(&["or", "replace"]);
            cursor.take_word("trusted");
            let kinds = ["function", "procedure", "aggregate", "extension", "domain", "type", "operator", "cast"];
            if let Some(kind) = kinds.iter().find(|kind| cursor.take_word(kind)) {
                cursor.take_words(&["if", "not", "exists"]);
                self.others.insert((*kind).to_owned());
                while let Token::Word(word) | Token::QuotedWord(word) = cursor.next() {
                    self.others.insert(word.to_lowercase());
                    if !cursor.take_symbol('.') {
                        break;
                    }
                }
                return;
            }
            // A table, an index, a view makes none of these; a schema can hold any.
            if !cursor.is_word("schema") {
                return;
            }
        }
        // The body of a `DO` block is one text; whatever it makes is among its words.
        for token in &tokens {
            let (Token::Word(text) | Token::QuotedWord(text) | Token::Text(text)) = token else { continue };
            self.others.extend(words_of(text).map(str::to_lowercase));
        }
    }

    /// Notes a name, in lower case, of whatever may have been made.
    pub(super) fn note_word(&mut self, word: String) {
        self.others.insert(word);
    }

    /// Whether raw SQL may have made a function or extension of this name, or an object of this kind.
    pub(crate) fn may_have_made(&self, word: &str) -> bool {
        self.others.contains(&word.to_lowercase())
    }

    /// What may have given the enum other values.
    pub(crate) fn values_of(&self, name: &QualifiedName) -> Option<&Maker> {
        self.altered.get(name)?.last()
    }

    /// A table or enum has another name now.
    pub(crate) fn rename(&mut self, from: &QualifiedName, to: &QualifiedName) {
        if let Some(makers) = self.altered.remove(from) {
            self.altered.insert(to.clone(), makers);
        }
    }

    /// A table or enum is gone.
    pub(crate) fn forget(&mut self, name: &QualifiedName) {
        self.altered.remove(name);
    }
}

impl Checker<'_> {
    /// Notes what a command of raw SQL may make without saying so.
    pub(crate) fn note_undeclared(&mut self, command: &str, at: At) {
        if self.leaves_no_trace {
            return;
        }
        let place = self.place(at);
        self.state.undeclared.note(command, self.migration, place);
    }

    /// Notes which functions, operators, casts and extensions a command of raw SQL may make, whatever it says that it
    /// changes: `changes` has no words for these.
    pub(crate) fn note_others(&mut self, command: &str) {
        if !self.leaves_no_trace {
            self.state.undeclared.note_others(command);
        }
    }

    /// What is said about something that only raw SQL may have made. `what` ends in a verb, `declaration` is what would
    /// make it known.
    pub(crate) fn undeclared(&self, what: &str, maker: &Maker, declaration: &str, at: At) -> Diagnostic {
        let migration = &maker.migration;
        let message = format!("{what} not known here: it may have been created by raw SQL in `{migration}`");
        let mistake = Diagnostic::new(code::UNDECLARED, message, at);
        let mut mistake = match maker.is_declarable {
            true => mistake.help(format!("declare it after that SQL: `changes {{ {declaration} }}`")).note(
                "`changes` does not affect the checksum, so it can be added to a migration that has been applied",
            ),
            false => mistake.help("`changes` cannot declare it: write this in raw SQL as well"),
        };
        if let Some(place) = told(&maker.place) {
            mistake = mistake.note(format!("that SQL is {place}"));
        }
        mistake
    }

    /// Reports a column that only raw SQL may have made.
    pub(crate) fn report_undeclared_column(&mut self, table: &QualifiedName, column: &str, maker: &Maker, at: At) {
        let declaration = format!("alter table {table} {{ add {column}: ... }}");
        let mistake = self.undeclared(&format!("column `{column}` of table `{table}` is"), maker, &declaration, at);
        self.report(mistake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(commands: &[&str]) -> Undeclared {
        let mut undeclared = Undeclared::default();
        for (index, command) in commands.iter().enumerate() {
            undeclared.note(command, &format!("{index}_m"), Place::default());
        }
        undeclared
    }

    fn migration(maker: Option<&Maker>) -> Option<&str> {
        maker.map(|maker| maker.migration.as_str())
    }

    #[test]
    fn what_is_made_is_read_from_the_first_words() {
        let undeclared = noted(&[
            "create table if not exists audit (id int)",
            "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)",
            "create type other.mood as enum ('a')",
            "create function f() returns int language sql as 'select 1'",
            "do $$ begin create table hidden (); end $$",
            "select 1",
        ]);
        let made = |name: &str| migration(undeclared.made(&QualifiedName::new(name)));
        assert_eq!(made("audit"), Some("0_m"));
        assert_eq!(migration(undeclared.index(&QualifiedName::new("i"))), Some("1_m"));
        assert_eq!(migration(undeclared.made(&QualifiedName::in_schema("other", "mood"))), Some("2_m"));
        assert_eq!((made("f"), made("hidden"), made("t")), (None, None, None));
    }

    #[test]
    fn a_column_is_made_by_the_last_sql_that_names_it() {
        let undeclared = noted(&[
            "alter table t add column x int",
            "alter table t add column y int, add unique (x)",
            "alter table only t add primary key (id)",
        ]);
        let t = QualifiedName::new("t");
        assert_eq!(migration(undeclared.column(&t, "x")), Some("1_m"));
        assert_eq!(migration(undeclared.column(&t, "z")), None);
        assert_eq!(migration(undeclared.column(&QualifiedName::new("u"), "x")), None);
        assert_eq!(migration(undeclared.constraint(&t, "t_pkey")), Some("2_m"));
    }

    #[test]
    fn it_follows_a_table_that_is_renamed_and_goes_with_one_that_is_dropped() {
        let mut undeclared = noted(&["alter table t add column x int"]);
        let (t, u) = (QualifiedName::new("t"), QualifiedName::new("u"));
        undeclared.rename(&t, &u);
        assert!(undeclared.column(&t, "x").is_none());
        assert!(undeclared.column(&u, "x").is_some());
        undeclared.forget(&u);
        assert!(undeclared.column(&u, "x").is_none());
    }
}
