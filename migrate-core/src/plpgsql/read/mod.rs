//! The reader of PL/pgSQL.

mod command;
mod control;
mod declare;
mod names;
mod value;

pub use command::COMMANDS;

use super::{Block, Handled, Handler, Instruction, InstructionKind};
use crate::query::Name;
use crate::sql::lex;
use crate::token::{At, Bracket, Cursor, SyntaxError, Token};

/// How deep blocks and loops may be nested: far more than people write, and safe for the stack.
const DEEPEST: u32 = 64;

/// Reads the body of a function or of a `DO` block.
///
/// # Errors
/// A [`SyntaxError`] at the token that stands in the way; [`line_of`](crate::sql::line_of) says in which line of the body.
pub fn parse(text: &str) -> Result<Block, SyntaxError> {
    let tokens = lex(text)?;
    let mut reader = Reader { cursor: Cursor::of_sql(&tokens), depth: 0, names: names::Names::default() };
    while reader.cursor.is_symbol('#') {
        reader.option()?;
    }
    let label = reader.label()?;
    if !reader.cursor.is_word("declare") && !reader.cursor.is_word("begin") {
        return Err(reader.cursor.expected("`begin`"));
    }
    let block = reader.block(label)?;
    reader.cursor.take_symbol(';');
    if reader.cursor.is_at_end() { Ok(block) } else { Err(reader.cursor.expected("the end of the body")) }
}

pub(super) struct Reader<'t> {
    pub(super) cursor: Cursor<'t>,
    depth: u32,
    names: names::Names,
}

impl Reader<'_> {
    /// `#variable_conflict use_column`
    fn option(&mut self) -> Result<(), SyntaxError> {
        self.cursor.next();
        for options in [
            &["option", "dump"][..],
            &["print_strict_params", "on"],
            &["print_strict_params", "off"],
            &["variable_conflict", "error"],
            &["variable_conflict", "use_variable"],
            &["variable_conflict", "use_column"],
        ] {
            if self.cursor.take_words(options) {
                return Ok(());
            }
        }
        Err(self.cursor.expected("`variable_conflict`, `print_strict_params` or `option dump`"))
    }

    /// `<<label>>`, if it follows.
    fn label(&mut self) -> Result<Option<Name>, SyntaxError> {
        if !self.is_symbols('<', '<') {
            return Ok(None);
        }
        self.cursor.next();
        self.cursor.next();
        let name = self.name("a label")?;
        if !self.is_symbols('>', '>') {
            return Err(self.cursor.expected("`>>`"));
        }
        self.cursor.next();
        self.cursor.next();
        Ok(Some(name))
    }

    /// Whether two characters that touch are next.
    fn is_symbols(&self, first: char, second: char) -> bool {
        matches!(self.cursor.peek(), Token::Symbol { symbol, joint: true } if *symbol == first)
            && matches!(self.cursor.look_ahead(1), Token::Symbol { symbol, .. } if *symbol == second)
    }

    pub(super) fn name(&mut self, what: &str) -> Result<Name, SyntaxError> {
        let Some(name) = self.cursor.name_ahead(0) else { return Err(self.cursor.expected(what)) };
        let name = Name::new(name, self.cursor.at());
        self.cursor.next();
        Ok(name)
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), SyntaxError> {
        if self.cursor.take_word(word) { Ok(()) } else { Err(self.cursor.expected(&format!("`{word}`"))) }
    }

    pub(super) fn expect_end(&mut self) -> Result<(), SyntaxError> {
        if self.cursor.take_symbol(';') { Ok(()) } else { Err(self.cursor.expected("`;`")) }
    }

    /// A block behind its label, up to `END`.
    fn block(&mut self, label: Option<Name>) -> Result<Block, SyntaxError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(SyntaxError {
                message: "blocks are nested too deeply".into(),
                help: None,
                at: self.cursor.at(),
            });
        }
        let start = self.cursor.index();
        self.names.enter(label.as_ref(), false);
        let declarations = self.declarations()?;
        self.expect_word("begin")?;
        let body = self.instructions(&["end", "exception"])?;
        let mut handlers = Vec::new();
        if self.cursor.take_word("exception") {
            while self.cursor.is_word("when") {
                handlers.push(self.handler()?);
            }
            if handlers.is_empty() {
                return Err(self.cursor.expected("`when`"));
            }
        }
        self.expect_word("end")?;
        self.end_label(label.as_ref())?;
        self.names.leave();
        self.depth -= 1;
        Ok(Block { label, declarations, body, handlers, at: self.cursor.since(start) })
    }

    /// The label behind `END`, if one is there: it must be the one before the block or the loop.
    fn end_label(&mut self, label: Option<&Name>) -> Result<(), SyntaxError> {
        let Some(found) = self.cursor.name_ahead(0) else { return Ok(()) };
        match label {
            Some(label) if label.value == found => {
                self.cursor.next();
                Ok(())
            }
            Some(label) => Err(self.cursor.expected(&format!("`;` or the label `{}`", label.value))),
            None => Err(self.cursor.expected("`;`")),
        }
    }

    fn handler(&mut self) -> Result<Handler, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        let mut conditions = vec![self.handled()?];
        while self.cursor.take_word("or") {
            conditions.push(self.handled()?);
        }
        self.expect_word("then")?;
        let body = self.instructions(&["end", "when"])?;
        Ok(Handler { conditions, body, at: self.cursor.since(start) })
    }

    fn handled(&mut self) -> Result<Handled, SyntaxError> {
        if self.cursor.is_word("sqlstate")
            && let Token::Text(code) = self.cursor.look_ahead(1)
        {
            self.cursor.next();
            let is_code =
                code.len() == 5 && code.bytes().all(|sign| sign.is_ascii_digit() || sign.is_ascii_uppercase());
            if !is_code {
                return Err(mistake(
                    format!("`{code}` is not a valid SQLSTATE code: it has five digits or capitals"),
                    self.cursor.at(),
                ));
            }
            self.cursor.next();
            return Ok(Handled::Code(code.clone()));
        }
        self.name("the name of an error").map(Handled::Named)
    }

    /// Steps up to one of the words, which is not taken.
    pub(super) fn instructions(&mut self, ends: &[&str]) -> Result<Vec<Instruction>, SyntaxError> {
        let mut instructions = Vec::new();
        while !ends.iter().any(|word| self.cursor.is_word(word)) || self.is_assignment() {
            if self.cursor.is_at_end() {
                let ends: Vec<String> = ends.iter().map(|word| format!("`{word}`")).collect();
                return Err(self.cursor.expected(&ends.join(" or ")));
            }
            instructions.push(self.instruction()?);
        }
        Ok(instructions)
    }

    fn instruction(&mut self) -> Result<Instruction, SyntaxError> {
        let start = self.cursor.index();
        let label = self.label()?;
        let kind = self.instruction_kind(label)?;
        Ok(Instruction { kind, at: self.cursor.since(start) })
    }

    fn instruction_kind(&mut self, label: Option<Name>) -> Result<InstructionKind, SyntaxError> {
        if label.is_none() && self.is_assignment() {
            return self.assignment();
        }
        let Token::Word(word) = self.cursor.peek() else {
            if self.cursor.is_open(Bracket::Round) {
                return self.sql();
            }
            return Err(self.cursor.expected("a statement"));
        };
        let kind = match word.as_str() {
            "declare" | "begin" => InstructionKind::Block(self.block(label)?),
            "loop" | "while" | "for" | "foreach" => return self.a_loop(label),
            _ if label.is_some() => return Err(self.cursor.expected("a loop or a block after the label")),
            "if" => return self.if_(),
            "case" => return self.case(),
            "null" => {
                self.cursor.next();
                InstructionKind::Nothing
            }
            "exit" | "continue" => return self.leave(),
            "return" => return self.return_(),
            "raise" => return self.raise(),
            "assert" => return self.assert(),
            "perform" => {
                self.cursor.next();
                InstructionKind::Perform(Box::new(self.bare_query()?))
            }
            "execute" => return self.execute(),
            "open" => return self.open(),
            "fetch" | "move" => return self.fetch(),
            "close" => {
                self.cursor.next();
                InstructionKind::Close(self.name("a cursor")?)
            }
            "get" => return self.diagnostics(),
            "commit" | "rollback" => return self.end_transaction(),
            _ => return self.sql(),
        };
        self.expect_end()?;
        Ok(kind)
    }
}

/// What is wrong at a place.
pub(super) fn mistake(message: impl Into<String>, at: At) -> SyntaxError {
    SyntaxError { message: message.into(), help: None, at }
}
