//! The parser of names and aliases.

use crate::expression::Parser;
use crate::query::{Alias, ColumnDefinition, Name, ObjectName};
use crate::sql::keywords::{self, KeywordCategory};
use crate::token::{Bracket, SyntaxError, Token};
use crate::types::Type;

/// The words that need `AS` before them to name a column that comes out (`AS_LABEL` in `src/include/parser/kwlist.h`).
const NEED_AS: &[&str] = &[
    "array",
    "as",
    "char",
    "character",
    "create",
    "day",
    "except",
    "fetch",
    "filter",
    "for",
    "from",
    "grant",
    "group",
    "having",
    "hour",
    "intersect",
    "into",
    "isnull",
    "limit",
    "minute",
    "month",
    "notnull",
    "offset",
    "on",
    "order",
    "over",
    "overlaps",
    "precision",
    "returning",
    "second",
    "to",
    "union",
    "varying",
    "where",
    "window",
    "with",
    "within",
    "without",
    "year",
];

impl Parser<'_, '_> {
    /// Whether the item of a migration that the query stands in goes on here: with `down { ... }` or `irreversible "..."`.
    fn is_behind_item(&self) -> bool {
        let next = self.cursor.look_ahead(1);
        !self.cursor.is_sql()
            && (self.cursor.is_word("down") && *next == Token::Open(Bracket::Curly)
                || self.cursor.is_word("irreversible") && matches!(next, Token::Text(_)))
    }

    /// Whether a name is next that is not a reserved word.
    pub(super) fn is_name(&self) -> bool {
        if self.is_behind_item() {
            return false;
        }
        match self.cursor.peek() {
            Token::Word(word) => is_free(word),
            _ => self.cursor.name_ahead(0).is_some(),
        }
    }

    /// A name; a reserved word is one only in quotes.
    pub(crate) fn name(&mut self, what: &str) -> Result<Name, SyntaxError> {
        if self.is_name() { self.label(what) } else { Err(self.expected_name(what)) }
    }

    /// A name where nothing but a name can stand: any word.
    pub(super) fn label(&mut self, what: &str) -> Result<Name, SyntaxError> {
        let Some(name) = self.cursor.name_ahead(0) else { return Err(self.expected_name(what)) };
        let name = Name::new(name, self.cursor.at());
        self.cursor.next();
        Ok(name)
    }

    fn expected_name(&self, what: &str) -> SyntaxError {
        let mut error = self.cursor.expected(what);
        if let Token::Word(word) = self.cursor.peek()
            && self.cursor.name_ahead(0).is_some()
            && *self.cursor.look_ahead(1) != Token::End
        {
            error.help = Some(format!("a name that is a reserved word is written in double quotes: `\"{word}\"`"));
        }
        error
    }

    /// `bookings`, `app.bookings`
    pub(super) fn object_name(&mut self, what: &str) -> Result<ObjectName, SyntaxError> {
        let mut name = ObjectName::unqualified(self.name(what)?);
        for _ in 0..2 {
            if !self.cursor.is_symbol('.') || self.cursor.name_ahead(1).is_none() {
                break;
            }
            self.cursor.next();
            let next = self.label(what)?;
            name.database = name.schema.take();
            name.schema = Some(std::mem::replace(&mut name.name, next));
        }
        Ok(name)
    }

    /// `ONLY bookings`, `ONLY (bookings)`, `bookings *`
    pub(super) fn relation(&mut self) -> Result<(ObjectName, bool), SyntaxError> {
        if self.cursor.is_word("only")
            && (self.cursor.name_ahead(1).is_some() || *self.cursor.look_ahead(1) == Token::Open(Bracket::Round))
        {
            self.cursor.next();
            let is_enclosed = self.cursor.take_open(Bracket::Round);
            let name = self.object_name("a table")?;
            if is_enclosed {
                self.expect_close(Bracket::Round)?;
            }
            return Ok((name, true));
        }
        let name = self.object_name("a table")?;
        self.cursor.take_symbol('*');
        Ok((name, false))
    }

    /// `(a, b)`. The position is at the opening bracket.
    pub(super) fn names(&mut self, what: &str) -> Result<Vec<Name>, SyntaxError> {
        if !self.cursor.take_open(Bracket::Round) {
            return Err(self.cursor.expected("`(`"));
        }
        let mut names = vec![self.name(what)?];
        while self.cursor.take_symbol(',') {
            names.push(self.name(what)?);
        }
        self.expect_close(Bracket::Round)?;
        Ok(names)
    }

    /// `AS b`, `b`, `b (x, y)`, if it follows.
    pub(super) fn alias(&mut self) -> Result<Option<Alias>, SyntaxError> {
        if !self.cursor.take_word("as") && !self.is_name() {
            return Ok(None);
        }
        let name = self.name("an alias")?;
        let columns = if self.cursor.is_open(Bracket::Round) { self.names("a column")? } else { Vec::new() };
        Ok(Some(Alias { name, columns }))
    }

    /// `AS total`, `total` behind what comes out, if it follows.
    pub(super) fn item_alias(&mut self) -> Result<Option<Name>, SyntaxError> {
        if self.cursor.take_word("as") {
            return self.label("the name of the column").map(Some);
        }
        let is_label = match self.cursor.peek() {
            _ if self.is_behind_item() => false,
            Token::Word(word) => !NEED_AS.contains(&word.to_ascii_lowercase().as_str()),
            _ => self.cursor.name_ahead(0).is_some(),
        };
        if is_label { self.label("the name of the column").map(Some) } else { Ok(None) }
    }

    /// `(x integer, y text COLLATE "C")`. The position is behind the opening bracket.
    pub(super) fn column_definitions(&mut self) -> Result<Vec<ColumnDefinition>, SyntaxError> {
        let mut columns = Vec::new();
        loop {
            let name = self.name("a column")?;
            let data_type = Type::parse(self.cursor)?;
            let collation = if self.cursor.is_word("collate") { self.collation()? } else { Vec::new() };
            columns.push(ColumnDefinition { name, data_type, collation });
            if !self.cursor.take_symbol(',') {
                self.expect_close(Bracket::Round)?;
                return Ok(columns);
            }
        }
    }

    pub(super) fn expect_open(&mut self) -> Result<(), SyntaxError> {
        if self.cursor.take_open(Bracket::Round) { Ok(()) } else { Err(self.cursor.expected("`(`")) }
    }
}

/// Whether a word names a table or a column without quotes.
fn is_free(word: &str) -> bool {
    !matches!(
        keywords::category(&word.to_ascii_lowercase()),
        Some(KeywordCategory::Reserved | KeywordCategory::FunctionOrType)
    )
}
