//! What all parsers of the language share: names, lists with recovery, the words around an item.

use migrate_core::expression::{self, Expression};
use migrate_core::name::QualifiedName;
use migrate_core::plan::Limits;
use migrate_core::token::{At, Bracket, Cursor, SyntaxError, Token};
use migrate_core::types::Type;

use crate::attribute::Allowance;
use crate::diagnostic::{Diagnostic, code};
use crate::habit;

/// The result of parsing one thing.
pub(crate) type Parsed<T> = Result<T, Diagnostic>;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    /// The value.
    pub(crate) value: T,
    /// Its place.
    pub(crate) at: At,
}

/// A name and where it stands.
pub(crate) type Name = Spanned<String>;

/// What stands before an item: its `///` comment, its `#[allow(...)]`s and `#[limits(...)]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    /// The comment, lines joined.
    pub(crate) comment: Option<String>,
    /// The hazards and warnings allowed.
    pub(crate) allowed: Vec<Spanned<Allowance>>,
    /// How it behaves beside live traffic.
    pub(crate) limits: Limits,
    /// What it was called before, in a schema.
    pub(crate) was: Option<Spanned<QualifiedName>>,
    /// Where the comment is.
    pub(crate) comment_at: At,
}

impl Head {
    /// A mistake where a comment stands before something that cannot have one.
    pub(crate) fn without_comment(&self, what: &str) -> Parsed<()> {
        match self.comment {
            Some(_) => {
                Err(Diagnostic::new(code::SYNTAX, format!("{what} cannot have a `///` comment"), self.comment_at)
                    .help("write `//` for a comment that is not stored in the database"))
            }
            None => Ok(()),
        }
    }

    /// A mistake where `#[was(...)]` stands before something that is not renamed by it.
    pub(crate) fn without_was(&self, what: &str) -> Parsed<()> {
        match &self.was {
            Some(was) => Err(Diagnostic::new(code::INVALID_WAS, format!("{what} cannot have `#[was(...)]`"), was.at)
                .help("write it before a table, a column, an enum, a value, an index or another object")),
            None => Ok(()),
        }
    }
}

/// A cursor with the mistakes found so far.
pub(crate) struct Parser<'t> {
    pub(crate) cursor: Cursor<'t>,
    pub(crate) mistakes: Vec<Diagnostic>,
    /// What is written as elsewhere, and understood: what stands around it is read as if it were written well.
    pub(crate) habits: Vec<Diagnostic>,
    /// Where the last body ended.
    pub(crate) end_of_body: u32,
    /// How many `down { ... }` and `changes { ... }` are open.
    pub(crate) depth: u32,
    /// Whether a schema is parsed, where `#[was(...)]` may stand.
    pub(crate) is_schema: bool,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(tokens: &'t [Token]) -> Self {
        Parser {
            cursor: Cursor::new(tokens),
            mistakes: Vec::new(),
            habits: Vec::new(),
            end_of_body: 0,
            depth: 0,
            is_schema: false,
        }
    }

    /// A habit at this place: it is told, and nothing else is judged by it.
    pub(crate) fn habit(&mut self, message: impl Into<String>, help: impl Into<String>, at: At) {
        let mistake = Diagnostic::new(code::SYNTAX, message, at).help(help);
        // What is read twice is told once.
        if !self.habits.iter().any(|known| known.at.start == at.start && *known == mistake) {
            self.habits.push(mistake);
        }
    }

    /// Takes these words, which are not written here; gives whether they are there.
    pub(crate) fn takes_habit(&mut self, words: &[&str], help: &str) -> bool {
        let start = self.cursor.index();
        let is_there = self.cursor.take_words(words);
        if is_there {
            self.habit(format!("unexpected `{}`", words.join(" ")), help, self.cursor.since(start));
        }
        is_there
    }

    /// Whether what starts at this index may be an item, rather than the rest of a broken one: it stands behind a `;`, or
    /// begins as items do.
    pub(crate) fn may_begin_item(&self, start: u32) -> bool {
        const VERBS: [&str; 11] =
            ["create", "alter", "drop", "comment", "insert", "update", "delete", "backfill", "sql", "run", "adopts"];
        let mut cursor = self.cursor.clone();
        cursor.go_to(start.saturating_sub(1));
        let is_behind_semicolon = cursor.take_symbol(';');
        cursor.go_to(start);
        let is_block = cursor.is_word("up") && *cursor.look_ahead(1) == Token::Open(Bracket::Curly);
        is_behind_semicolon || is_block || cursor.is_symbol('#') || VERBS.iter().any(|verb| cursor.is_word(verb))
    }

    /// A mistake at the next token.
    pub(crate) fn expected<T>(&self, what: &str) -> Parsed<T> {
        Err(self.cursor.expected(what).into())
    }

    /// Takes a word that must be there.
    pub(crate) fn word(&mut self, word: &str) -> Parsed<()> {
        if self.cursor.take_word(word) { Ok(()) } else { self.expected(&format!("`{word}`")) }
    }

    /// Takes a character that must be there.
    pub(crate) fn symbol(&mut self, symbol: char) -> Parsed<()> {
        if self.cursor.take_symbol(symbol) { Ok(()) } else { self.expected(&format!("`{symbol}`")) }
    }

    /// Takes a name: an identifier, or a string literal for a name that is not an identifier.
    pub(crate) fn name(&mut self, what: &str) -> Parsed<Name> {
        let at = self.cursor.at();
        match self.cursor.peek() {
            Token::Word(name) | Token::Text(name) if !name.is_empty() => {
                self.cursor.next();
                Ok(Name { value: name.clone(), at })
            }
            _ => self.expected(what),
        }
    }

    /// Takes a name with an optional schema before it.
    pub(crate) fn qualified_name(&mut self, what: &str) -> Parsed<Spanned<QualifiedName>> {
        let first = self.name(what)?;
        if !self.cursor.take_symbol('.') {
            return Ok(Spanned { value: QualifiedName::new(first.value), at: first.at });
        }
        let second = self.name(what)?;
        let at = first.at.to(second.at);
        Ok(Spanned { value: QualifiedName::in_schema(first.value, second.value), at })
    }

    /// Takes a string literal.
    pub(crate) fn text(&mut self, what: &str) -> Parsed<Name> {
        let at = self.cursor.at();
        match self.cursor.peek() {
            Token::Text(text) => {
                self.cursor.next();
                Ok(Name { value: text.clone(), at })
            }
            _ => self.expected(what),
        }
    }

    /// Takes a whole number.
    pub(crate) fn number(&mut self, what: &str) -> Parsed<Spanned<u32>> {
        let at = self.cursor.at();
        match self.cursor.peek() {
            Token::Number(number) => match number.parse() {
                Ok(value) => {
                    self.cursor.next();
                    Ok(Spanned { value, at })
                }
                Err(_) => self.expected(what),
            },
            _ => self.expected(what),
        }
    }

    /// Takes a type with its `?`: the type, and whether it takes NULL.
    pub(crate) fn column_type(&mut self) -> Parsed<(Spanned<Type>, bool)> {
        let start = self.cursor.index();
        if let Some(mistake) = habit::instead_of_type(&self.cursor) {
            return Err(mistake);
        }
        let data_type = Type::parse(&mut self.cursor)?;
        self.no_length_in_brackets(start, &data_type.to_string())?;
        let at = self.cursor.since(start);
        let nullable = self.cursor.take_symbol('?');
        Ok((Spanned { value: data_type, at }, nullable))
    }

    /// Takes the `:` behind a name, and the type. Where only the `:` is missing, that is told.
    pub(crate) fn colon_and_type(&mut self, name: &Name) -> Parsed<(Spanned<Type>, bool)> {
        let has_colon = self.cursor.take_symbol(':');
        let (at, found) = (self.cursor.at(), self.cursor.peek());
        if !has_colon && !habit::is_type_without_colon(&self.cursor, &name.value) {
            return self.expected("`:`");
        }
        let (data_type, takes_null) = self.column_type()?;
        if !has_colon {
            let help = format!("write `{}: {}`", habit::written_name(&name.value), data_type.value);
            self.habit(format!("expected `:`, found {}", found.describe()), help, at);
        }
        Ok((data_type, takes_null))
    }

    /// Takes an expression.
    pub(crate) fn expression(&mut self) -> Parsed<Spanned<Expression>> {
        self.expression_with(expression::parse)
    }

    /// Takes an expression that ends where a column option starts.
    pub(crate) fn default_expression(&mut self) -> Parsed<Spanned<Expression>> {
        self.expression_with(expression::parse_default)
    }

    fn expression_with(
        &mut self,
        parse: impl FnOnce(&mut Cursor<'t>) -> Result<Expression, SyntaxError>,
    ) -> Parsed<Spanned<Expression>> {
        let start = self.cursor.index();
        // A body in braces is JSON, and what is wrong in it is wrong JSON.
        let is_json = self.cursor.is_open(Bracket::Curly);
        match parse(&mut self.cursor) {
            Ok(value) => Ok(Spanned { value, at: self.cursor.since(start) }),
            Err(error) if is_json => {
                Err(Diagnostic::new(code::INVALID_JSON, error.message, error.at).maybe_help(error.help))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes an expression in round brackets.
    pub(crate) fn bracketed_expression(&mut self) -> Parsed<Spanned<Expression>> {
        self.open(Bracket::Round, "`(`")?;
        let expression = self.expression()?;
        self.close(Bracket::Round, "`)`")?;
        Ok(expression)
    }

    /// Takes an opening bracket.
    pub(crate) fn open(&mut self, bracket: Bracket, what: &str) -> Parsed<()> {
        if self.cursor.take_open(bracket) { Ok(()) } else { self.expected(what) }
    }

    /// Takes a closing bracket.
    pub(crate) fn close(&mut self, bracket: Bracket, what: &str) -> Parsed<()> {
        if self.cursor.take_close(bracket) { Ok(()) } else { self.expected(what) }
    }

    /// Takes `(name, name, ...)`.
    pub(crate) fn name_list(&mut self, what: &str) -> Parsed<Vec<Name>> {
        self.open(Bracket::Round, "`(`")?;
        let names = self.separated(Bracket::Round, |parser| parser.name(what))?;
        if names.is_empty() {
            return self.expected(what);
        }
        Ok(names)
    }

    /// Takes items separated by commas up to and including the closing bracket; the first mistake ends it.
    pub(crate) fn separated<T>(
        &mut self,
        bracket: Bracket,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        while !self.cursor.take_close(bracket) {
            items.push(item(self)?);
            if !self.cursor.take_symbol(',') {
                self.close(bracket, "`,` or the closing bracket")?;
                break;
            }
        }
        Ok(items)
    }

    /// Takes the entries of a `{ ... }` body, separated by commas. A mistake in one is noted, and the next one goes on
    /// after the following comma. Where only the comma is missing, or is a `;`, nothing is skipped.
    pub(crate) fn body<T>(&mut self, mut entry: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut entries = Vec::new();
        self.entries(&mut |parser, is_kept| {
            let value = entry(parser)?;
            if is_kept {
                entries.push(value);
            }
            Ok(())
        })?;
        Ok(entries)
    }

    /// Compiled once, not for each kind of entry: every user's first build pays for it. `entry` is told whether what it reads is
    /// kept, or only looked at.
    fn entries(&mut self, entry: &mut dyn FnMut(&mut Self, bool) -> Parsed<()>) -> Parsed<()> {
        let mut bracket = Bracket::Curly;
        let is_empty = matches!(self.cursor.look_ahead(1), Token::Close(Bracket::Round));
        if self.cursor.is_open(Bracket::Round) && !is_empty {
            self.habit("expected `{`, found `(`", "write it in braces, `{ ... }`", self.cursor.at());
            bracket = Bracket::Round;
        }
        self.open(bracket, "`{`")?;
        let (mut was_broken, mut after_semicolon) = (false, false);
        while !self.cursor.take_close(bracket) && !self.cursor.is_at_end() {
            let (start, known, known_habits) = (self.cursor.index(), self.mistakes.len(), self.habits.len());
            let may_begin = match self.cursor.peek() {
                Token::Word(_) | Token::Text(_) => !after_semicolon,
                Token::Documentation(_) | Token::Symbol { symbol: '#', .. } => true,
                _ => false,
            };
            let found = entry(self, true);
            let is_broken = found.is_err() || self.mistakes.len() > known;
            // What is left of a broken entry does not begin another one.
            let goes_on = |mistake: &Diagnostic| was_broken && !may_begin && mistake.at.start <= start + 1;
            after_semicolon = false;
            if self.mistakes.len() == known + 1 && self.mistakes.last().is_some_and(goes_on) {
                self.mistakes.pop();
            }
            match found {
                Ok(()) => {
                    if std::mem::replace(&mut was_broken, is_broken) | is_broken && self.cursor.take_symbol(';') {
                        after_semicolon = true;
                        continue;
                    }
                    if self.cursor.take_symbol(',') || self.cursor.is_close(bracket) {
                        continue;
                    }
                    let mistake = self.cursor.expected("`,` or `}`").into();
                    self.mistakes.push(mistake);
                    if self.cursor.take_symbol(';') {
                        continue;
                    }
                    // Only the comma may be missing: then an entry follows, written as well as this one.
                    let is_written_elsewhere = self.habits.len() > known_habits;
                    let (here, mistakes, habits) = (self.cursor.clone(), self.mistakes.len(), self.habits.len());
                    let next = entry(self, false);
                    let is_alike = is_written_elsewhere || self.habits.len() == habits;
                    let follows = next.is_ok() && self.mistakes.len() == mistakes && is_alike;
                    self.cursor = here;
                    self.mistakes.truncate(mistakes);
                    self.habits.truncate(habits);
                    if follows {
                        continue;
                    }
                }
                Err(mistake) => {
                    if !goes_on(&mistake) {
                        self.mistakes.push(mistake);
                    }
                    self.cursor.go_to(start);
                }
            }
            was_broken = true;
            self.skip_to_comma();
            after_semicolon = self.cursor.is_symbol(';');
            if after_semicolon || self.cursor.is_symbol(',') {
                self.cursor.next();
            }
        }
        self.end_of_body = self.cursor.index();
        Ok(())
    }

    /// Goes to the next comma on this level, or to the bracket that closes the level.
    pub(crate) fn skip_to_comma(&mut self) {
        loop {
            match self.cursor.peek() {
                Token::Close(_) | Token::End | Token::Symbol { symbol: ',' | ';', .. } => return,
                Token::Open(_) => self.skip_group(),
                _ => {
                    self.cursor.next();
                }
            }
        }
    }

    /// Goes past a group in brackets.
    pub(crate) fn skip_group(&mut self) {
        let mut depth = 0_u32;
        loop {
            match self.cursor.next() {
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth = depth.saturating_sub(1),
                Token::End => return,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Goes to the end of a broken item: past the next `;` or `{ ... }` on this level, or to where another item begins.
    pub(crate) fn skip_item(&mut self, begins: impl Fn(&Cursor<'_>) -> bool) {
        while let Token::Documentation(_) | Token::Symbol { symbol: '#', .. } = self.cursor.peek() {
            self.cursor.next();
            if self.cursor.is_open(Bracket::Square) {
                self.skip_group();
            }
        }
        // The broken item begins as any other.
        let first = self.cursor.index();
        loop {
            match self.cursor.peek() {
                Token::End | Token::Close(_) => return,
                Token::Symbol { symbol: ';', .. } => {
                    self.cursor.next();
                    return;
                }
                Token::Word(_) | Token::Documentation(_) | Token::Symbol { symbol: '#', .. }
                    if self.cursor.index() > first && begins(&self.cursor) =>
                {
                    return;
                }
                Token::Open(Bracket::Curly) => {
                    self.skip_group();
                    if !matches!(self.cursor.peek(), Token::Word(word) if word == "down" || word == "changes" || word == "irreversible")
                    {
                        self.cursor.take_symbol(';');
                        return;
                    }
                }
                Token::Open(_) => self.skip_group(),
                _ => {
                    self.cursor.next();
                }
            }
        }
    }

    /// Takes the comment and the attributes before an item or an entry.
    pub(crate) fn head(&mut self) -> Parsed<Head> {
        let mut head = Head::default();
        let mut lines: Vec<&str> = Vec::new();
        let start = self.cursor.index();
        loop {
            match self.cursor.peek() {
                Token::Documentation(line) => {
                    self.cursor.next();
                    lines.push(line);
                    head.comment_at = self.cursor.since(start);
                }
                Token::Symbol { symbol: '#', .. } => self.attribute(&mut head)?,
                _ => break,
            }
        }
        if !lines.is_empty() {
            head.comment = Some(lines.join("\n").trim_end().to_owned()).filter(|comment| !comment.is_empty());
        }
        Ok(head)
    }
}
