//! What a step does with values and with SQL.

use super::value::End;
use super::{Reader, mistake};
use crate::expression::{Expression, Parser};
use crate::plpgsql::{
    Commanded, CursorCall, Diagnostic, Handled, InstructionKind, Into, Opened, Raised, RaisedLevel, RaisedOption,
};
use crate::query::{Name, ObjectName};
use crate::token::{Bracket, SyntaxError, Token};

const END: [End; 1] = [End::Symbol(';')];

/// The first words of the statements that are read; all others are commands that are not looked into.
const STATEMENTS: &[&str] = &["delete", "insert", "merge", "select", "table", "update", "values", "with"];

/// The first words of commands of SQL that are none of PL/pgSQL's own, so that a word that begins nothing is a mistake.
pub const COMMANDS: &[&str] = &[
    "abort",
    "alter",
    "analyse",
    "analyze",
    "checkpoint",
    "cluster",
    "comment",
    "copy",
    "create",
    "deallocate",
    "discard",
    "do",
    "drop",
    "explain",
    "grant",
    "import",
    "listen",
    "load",
    "lock",
    "notify",
    "prepare",
    "reassign",
    "refresh",
    "reindex",
    "release",
    "reset",
    "revoke",
    "savepoint",
    "security",
    "set",
    "show",
    "start",
    "truncate",
    "unlisten",
    "vacuum",
];

/// Commands that it refuses when they run: it undoes blocks by itself (`_SPI_execute_plan`).
const OF_TRANSACTIONS: &[&str] = &["savepoint", "release", "start"];

/// What `GET DIAGNOSTICS` can ask.
const CURRENT: &[&str] = &["row_count", "pg_context", "pg_routine_oid"];

/// What `GET STACKED DIAGNOSTICS` can ask.
const STACKED: &[&str] = &[
    "returned_sqlstate",
    "message_text",
    "pg_exception_detail",
    "pg_exception_hint",
    "pg_exception_context",
    "column_name",
    "constraint_name",
    "pg_datatype_name",
    "schema_name",
    "table_name",
];

/// What `RAISE ... USING` can set.
const RAISED: &[&str] =
    &["errcode", "message", "detail", "hint", "column", "constraint", "datatype", "table", "schema"];

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

impl Reader<'_> {
    /// Whether a variable, or a part of one, and `:=` are next.
    pub(super) fn is_assignment(&self) -> bool {
        let mut cursor = self.cursor.clone();
        if !cursor.take_symbol('$') && cursor.name_ahead(0).is_none() {
            return false;
        }
        cursor.next();
        loop {
            if cursor.is_symbol('.') && cursor.name_ahead(1).is_some() {
                cursor.next();
                cursor.next();
            } else if cursor.is_open(Bracket::Square) {
                let mut depth = 0;
                loop {
                    match cursor.next() {
                        Token::Open(_) => depth += 1,
                        Token::Close(_) => depth -= 1,
                        Token::End => return false,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            } else {
                break;
            }
        }
        match cursor.peek() {
            Token::Symbol { symbol: '=', .. } => true,
            Token::Symbol { symbol: ':', joint: true } => {
                matches!(cursor.look_ahead(1), Token::Symbol { symbol: '=', .. })
            }
            _ => false,
        }
    }

    pub(super) fn assignment(&mut self) -> Result<InstructionKind, SyntaxError> {
        let target = self.target()?;
        self.names.may_set(std::slice::from_ref(&target))?;
        if !self.takes_assignment() {
            return Err(self.cursor.expected("`:=`"));
        }
        let value = self.value(&END)?;
        self.expect_end()?;
        Ok(InstructionKind::Assign { target, value })
    }

    /// The tables or the materialized view that a command names which begins here; nothing is taken.
    fn relations(&self) -> Vec<ObjectName> {
        let mut cursor = self.cursor.clone();
        let is_refresh = cursor.take_words(&["refresh", "materialized", "view"]);
        if is_refresh {
            cursor.take_word("concurrently");
        } else if cursor.take_word("truncate") || cursor.take_word("lock") {
            cursor.take_word("table");
        } else {
            return Vec::new();
        }
        let mut names = Vec::new();
        loop {
            cursor.take_word("only");
            let mut parts = Vec::new();
            loop {
                let Some(name) = cursor.name_ahead(0).map(str::to_owned) else { return names };
                parts.push(Name::new(name, cursor.at()));
                cursor.next();
                if !cursor.take_symbol('.') {
                    break;
                }
            }
            let mut parts = parts.into_iter().rev();
            let Some(name) = parts.next() else { return names };
            names.push(ObjectName { name, schema: parts.next(), database: parts.next() });
            cursor.take_symbol('*');
            if is_refresh || !cursor.take_symbol(',') {
                return names;
            }
        }
    }

    /// A statement of SQL, with or without `INTO`.
    pub(super) fn sql(&mut self) -> Result<InstructionKind, SyntaxError> {
        let is_statement =
            self.cursor.is_open(Bracket::Round) || STATEMENTS.iter().any(|word| self.cursor.is_word(word));
        if self.cursor.is_word("call") {
            self.cursor.next();
            let call = self.before(&END, |parser| parser.expression())?;
            self.expect_end()?;
            return Ok(InstructionKind::Call(Box::new(call)));
        }
        if !is_statement {
            if !COMMANDS.iter().any(|word| self.cursor.is_word(word)) {
                return Err(self.cursor.expected("a statement"));
            }
            if let Some(word) = OF_TRANSACTIONS.iter().find(|word| self.cursor.is_word(word)) {
                let mistake = mistake(format!("`{word}` is not possible in PL/pgSQL"), self.cursor.at());
                let help = "write a block with `exception`, which undoes what is in it";
                return Err(SyntaxError { help: Some(help.into()), ..mistake });
            }
            let relations = self.relations();
            let Some(end) = self.find(&END) else { return Err(mistake("missing `;`", self.cursor.at())) };
            self.cursor.go_to(end);
            self.expect_end()?;
            return Ok(if relations.is_empty() {
                InstructionKind::Other
            } else {
                InstructionKind::Relations(relations)
            });
        }
        let start = self.cursor.index();
        let mut into: Option<(Into, u32, u32)> = None;
        let whole = self.cursor.clone();
        loop {
            let before = self.cursor.index();
            match self.cursor.peek() {
                Token::End | Token::Symbol { symbol: ';', .. } => break,
                Token::Word(word) if word == "insert" || word == "merge" => {
                    self.cursor.next();
                    self.cursor.take_word("into");
                }
                Token::Word(word) if word == "into" => {
                    if into.is_some() {
                        return Err(mistake("`into` is given more than once", self.cursor.at()));
                    }
                    self.cursor.next();
                    let found = self.read_into()?;
                    into = Some((found, before, self.cursor.index()));
                }
                _ => {
                    self.cursor.next();
                }
            }
        }
        self.cursor = whole;
        if let Some((_, from, to)) = &into {
            self.cursor = self.cursor.without(*from, *to);
            self.cursor.go_to(start);
        }
        let statement = Box::new(self.statement(&END)?);
        self.expect_end()?;
        self.cursor = self.cursor.without(0, 0);
        Ok(InstructionKind::Statement { statement, into: into.map(|(into, ..)| into) })
    }

    pub(super) fn execute(&mut self) -> Result<InstructionKind, SyntaxError> {
        self.cursor.next();
        let ends = [End::Word("into"), End::Word("using"), End::Symbol(';')];
        let command = self.value(&ends)?;
        let (mut into, mut using) = (None, Vec::new());
        loop {
            if into.is_none() && self.cursor.take_word("into") {
                into = Some(self.read_into()?);
            } else if using.is_empty() && self.cursor.take_word("using") {
                using = self.values(&[End::Word("into"), End::Symbol(';')])?;
            } else {
                break;
            }
        }
        self.expect_end()?;
        Ok(InstructionKind::Execute { command: Box::new(Commanded { command, using }), into })
    }

    pub(super) fn open(&mut self) -> Result<InstructionKind, SyntaxError> {
        self.cursor.next();
        let name = self.name("a cursor")?;
        if !self.cursor.take_words(&["no", "scroll"]) {
            self.cursor.take_word("scroll");
        }
        let opened = if !self.cursor.take_word("for") {
            let arguments = self.arguments()?;
            self.names.may_open(&name, arguments.len())?;
            Opened::Declared(CursorCall { name, arguments })
        } else if let Err(mistake) = self.names.may_open_for(&name) {
            return Err(mistake);
        } else if self.cursor.take_word("execute") {
            Opened::Command(name, Box::new(self.commanded(&END)?))
        } else {
            Opened::Query(name, Box::new(self.query(&END)?))
        };
        self.expect_end()?;
        Ok(InstructionKind::Open(opened))
    }

    /// `FETCH NEXT FROM c INTO a`, `MOVE FORWARD 2 IN c`
    pub(super) fn fetch(&mut self) -> Result<InstructionKind, SyntaxError> {
        let is_move = self.cursor.is_word("move");
        self.cursor.next();
        // The direction ends with `from` or `in`; where neither follows there is none, or it is one word.
        match self.find(&[End::Word("from"), End::Word("in")]) {
            Some(end) => {
                self.cursor.go_to(end);
                self.cursor.next();
            }
            None => {
                const DIRECTIONS: &[&str] = &["all", "backward", "first", "forward", "last", "next", "prior"];
                let is_direction = DIRECTIONS.iter().any(|word| self.cursor.is_word(word));
                if is_direction && self.cursor.name_ahead(1).is_some_and(|next| next != "into") {
                    self.cursor.next();
                }
            }
        }
        let cursor = self.name("a cursor")?;
        let into = match is_move {
            true => None,
            false => {
                self.expect_word("into")?;
                Some(self.read_into()?)
            }
        };
        self.expect_end()?;
        Ok(InstructionKind::Fetch { cursor, into })
    }

    pub(super) fn diagnostics(&mut self) -> Result<InstructionKind, SyntaxError> {
        self.cursor.next();
        let is_stacked = self.cursor.take_word("stacked");
        if !is_stacked {
            self.cursor.take_word("current");
        }
        self.expect_word("diagnostics")?;
        let mut items = Vec::new();
        loop {
            let target = self.target()?;
            self.names.may_set(std::slice::from_ref(&target))?;
            if !self.takes_assignment() {
                return Err(self.cursor.expected("`=`"));
            }
            let item = self.name("what is asked, such as `row_count`")?;
            let known = if is_stacked { STACKED } else { CURRENT };
            if !known.contains(&item.value.as_str()) {
                let message =
                    format!("`get {}diagnostics` has no `{}`", if is_stacked { "stacked " } else { "" }, item.value);
                return Err(SyntaxError {
                    help: Some(format!("it has {}", listed(known))),
                    ..mistake(message, item.at)
                });
            }
            items.push(Diagnostic { target, item });
            if !self.cursor.take_symbol(',') {
                break;
            }
        }
        self.expect_end()?;
        Ok(InstructionKind::Diagnostics { is_stacked, items })
    }

    pub(super) fn end_transaction(&mut self) -> Result<InstructionKind, SyntaxError> {
        let is_commit = self.cursor.is_word("commit");
        self.cursor.next();
        if self.cursor.take_word("and") {
            self.cursor.take_word("no");
            self.expect_word("chain")?;
        }
        self.expect_end()?;
        Ok(InstructionKind::EndTransaction { is_commit })
    }

    pub(super) fn assert(&mut self) -> Result<InstructionKind, SyntaxError> {
        self.cursor.next();
        let condition = self.value(&[End::Symbol(','), End::Symbol(';')])?;
        let message = if self.cursor.take_symbol(',') { Some(self.value(&END)?) } else { None };
        self.expect_end()?;
        Ok(InstructionKind::Assert { condition, message })
    }

    pub(super) fn raise(&mut self) -> Result<InstructionKind, SyntaxError> {
        const LEVELS: [(&str, RaisedLevel); 6] = [
            ("debug", RaisedLevel::Debug),
            ("exception", RaisedLevel::Exception),
            ("info", RaisedLevel::Info),
            ("log", RaisedLevel::Log),
            ("notice", RaisedLevel::Notice),
            ("warning", RaisedLevel::Warning),
        ];
        let at = self.cursor.at();
        self.cursor.next();
        if self.cursor.take_symbol(';') {
            return Ok(InstructionKind::Raise(None));
        }
        let level = LEVELS.iter().find(|(word, _)| self.cursor.take_word(word)).map(|(_, level)| *level);
        let mut raised = Raised {
            level: level.unwrap_or(RaisedLevel::Exception),
            condition: None,
            format: None,
            arguments: Vec::new(),
            options: Vec::new(),
        };
        if let Token::Text(format) = self.cursor.peek() {
            let place = self.cursor.at();
            self.cursor.next();
            if self.cursor.take_symbol(',') {
                raised.arguments = self.values(&[End::Word("using"), End::Symbol(';')])?;
            }
            let wanted = format.replace("%%", "").matches('%').count();
            if wanted != raised.arguments.len() {
                let few = if wanted > raised.arguments.len() { "few" } else { "many" };
                return Err(mistake(format!("too {few} arguments for the `%` in the text of `raise`"), place));
            }
            raised.format = Some(format.clone());
        } else if !self.cursor.is_word("using") {
            raised.condition = Some(match self.handled()? {
                Handled::Code(code) if code.len() != 5 => {
                    return Err(mistake(format!("`{code}` is not a valid SQLSTATE code"), at));
                }
                condition => condition,
            });
        }
        if self.cursor.take_word("using") {
            loop {
                let name = self.name("an option, such as `errcode`")?;
                if !RAISED.contains(&name.value.as_str()) {
                    let message = format!("`raise` has no option `{}`", name.value);
                    return Err(SyntaxError {
                        help: Some(format!("it has {}", listed(RAISED))),
                        ..mistake(message, name.at)
                    });
                }
                if !self.takes_assignment() {
                    return Err(self.cursor.expected("`=`"));
                }
                let value = self.value(&[End::Symbol(','), End::Symbol(';')])?;
                raised.options.push(RaisedOption { name, value });
                if !self.cursor.take_symbol(',') {
                    break;
                }
            }
        }
        self.expect_end()?;
        Ok(InstructionKind::Raise(Some(Box::new(raised))))
    }
}

impl<'c, 't> Parser<'c, 't> {
    /// A parser of SQL in a body, where words of SQL are no names.
    pub(super) fn in_body(cursor: &'c mut crate::token::Cursor<'t>) -> Self {
        let mut parser = Parser::new(cursor);
        parser.is_in_query = true;
        parser
    }

    /// `(1, x := 2)`
    pub(super) fn cursor_arguments(&mut self) -> Result<Vec<Expression>, SyntaxError> {
        self.cursor.next();
        let mut arguments = Vec::new();
        loop {
            self.argument_name();
            arguments.push(self.inner_expression()?);
            if !self.takes_comma(Bracket::Round)? {
                return Ok(arguments);
            }
        }
    }
}
