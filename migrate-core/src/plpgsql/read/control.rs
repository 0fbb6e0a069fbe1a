//! `IF`, `CASE`, loops, and what leaves them.

use super::value::End;
use super::{Reader, mistake};
use crate::plpgsql::{Bounds, Branch, CursorCall, InstructionKind, LoopOver, Value, When};
use crate::query::Name;
use crate::token::{Bracket, SyntaxError, Token};

const END: [End; 1] = [End::Symbol(';')];
const THEN: [End; 1] = [End::Word("then")];
const LOOP: [End; 1] = [End::Word("loop")];

impl Reader<'_> {
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>) -> Result<T, SyntaxError> {
        self.depth += 1;
        if self.depth > super::DEEPEST {
            return Err(mistake("blocks are nested too deeply", self.cursor.at()));
        }
        let found = read(self);
        self.depth -= 1;
        found
    }

    pub(super) fn if_(&mut self) -> Result<InstructionKind, SyntaxError> {
        self.nested(|reader| {
            let mut branches = Vec::new();
            loop {
                reader.cursor.next();
                let condition = reader.value(&THEN)?;
                reader.cursor.next();
                let body = reader.instructions(&["elsif", "elseif", "else", "end"])?;
                branches.push(Branch { condition, body });
                if !reader.cursor.is_word("elsif") && !reader.cursor.is_word("elseif") {
                    break;
                }
            }
            let otherwise = if reader.cursor.take_word("else") { Some(reader.instructions(&["end"])?) } else { None };
            reader.expect_word("end")?;
            reader.expect_word("if")?;
            reader.expect_end()?;
            Ok(InstructionKind::If { branches, otherwise })
        })
    }

    pub(super) fn case(&mut self) -> Result<InstructionKind, SyntaxError> {
        self.nested(|reader| {
            reader.cursor.next();
            let operand = if reader.cursor.is_word("when") { None } else { Some(reader.value(&[End::Word("when")])?) };
            let mut branches = Vec::new();
            while reader.cursor.take_word("when") {
                let values = match operand {
                    Some(_) => reader.values(&THEN)?,
                    None => vec![reader.value(&THEN)?],
                };
                reader.cursor.next();
                branches.push(When { values, body: reader.instructions(&["when", "else", "end"])? });
            }
            if branches.is_empty() {
                return Err(reader.cursor.expected("`when`"));
            }
            let otherwise = if reader.cursor.take_word("else") { Some(reader.instructions(&["end"])?) } else { None };
            reader.expect_word("end")?;
            reader.expect_word("case")?;
            reader.expect_end()?;
            Ok(InstructionKind::Case { operand, branches, otherwise })
        })
    }

    pub(super) fn a_loop(&mut self, label: Option<Name>) -> Result<InstructionKind, SyntaxError> {
        self.nested(|reader| {
            let over = if reader.cursor.take_word("while") {
                LoopOver::While(reader.value(&LOOP)?)
            } else if reader.cursor.take_word("foreach") {
                reader.elements()?
            } else if reader.cursor.take_word("for") {
                reader.for_()?
            } else {
                LoopOver::Forever
            };
            reader.expect_word("loop")?;
            reader.names.enter(label.as_ref(), true);
            if let LoopOver::Numbers { variable, .. } | LoopOver::Cursor { variable, .. } = &over {
                reader.names.declare_in_loop(variable);
            }
            let body = reader.instructions(&["end"])?;
            reader.names.leave();
            reader.expect_word("end")?;
            reader.expect_word("loop")?;
            reader.end_label(label.as_ref())?;
            reader.expect_end()?;
            Ok(InstructionKind::Loop { label, over, body })
        })
    }

    fn elements(&mut self) -> Result<LoopOver, SyntaxError> {
        let targets = self.targets()?;
        self.names.may_set(&targets)?;
        let mut slice = 0;
        if self.cursor.take_word("slice") {
            let Token::Number(digits) = self.cursor.peek() else { return Err(self.cursor.expected("a number")) };
            slice = digits.parse().map_err(|_| self.cursor.expected("a whole number"))?;
            self.cursor.next();
        }
        self.expect_word("in")?;
        self.expect_word("array")?;
        Ok(LoopOver::Elements { targets, slice, array: self.value(&LOOP)? })
    }

    fn for_(&mut self) -> Result<LoopOver, SyntaxError> {
        let mut targets = self.targets()?;
        self.expect_word("in")?;
        if self.cursor.take_word("execute") {
            self.names.may_set(&targets)?;
            return Ok(LoopOver::Command { targets, command: Box::new(self.commanded(&LOOP)?) });
        }
        let only = |targets: &mut Vec<crate::plpgsql::Target>| match targets.as_mut_slice() {
            [target] if target.names.len() == 1 && target.path.is_empty() => target.names.pop(),
            _ => None,
        };
        if self.is_cursor_call() {
            let at = self.cursor.at();
            let cursor = CursorCall { name: self.name("a cursor")?, arguments: self.arguments()? };
            self.names.may_open(&cursor.name, cursor.arguments.len())?;
            return match only(&mut targets) {
                Some(variable) => Ok(LoopOver::Cursor { variable, cursor }),
                None => Err(mistake("a loop over a cursor has one variable", at)),
            };
        }
        let is_reverse = self.cursor.is_word("reverse");
        let first_end = self.find(&[End::Dots, End::Word("loop")]);
        let is_numbers = first_end.is_some_and(|end| {
            let mut cursor = self.cursor.clone();
            cursor.go_to(end);
            cursor.is_symbol('.')
        });
        if !is_numbers {
            self.names.may_set(&targets)?;
            return Ok(LoopOver::Rows { targets, statement: Box::new(self.statement(&LOOP)?) });
        }
        let at = self.cursor.at();
        let Some(variable) = only(&mut targets) else {
            return Err(mistake("a loop over numbers has one variable", at));
        };
        if is_reverse {
            self.cursor.next();
        }
        let from = self.value(&[End::Dots])?;
        self.cursor.next();
        self.cursor.next();
        let to = self.value(&[End::Word("by"), End::Word("loop")])?;
        let step: Option<Value> = if self.cursor.take_word("by") { Some(self.value(&LOOP)?) } else { None };
        Ok(LoopOver::Numbers { variable, bounds: Box::new(Bounds { is_reverse, from, to, step }) })
    }

    /// Whether nothing but a name, with or without arguments, stands before `LOOP`.
    fn is_cursor_call(&self) -> bool {
        let mut cursor = self.cursor.clone();
        if cursor.name_ahead(0).is_none() {
            return false;
        }
        cursor.next();
        if cursor.is_open(Bracket::Round) {
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
        }
        cursor.is_word("loop")
    }

    pub(super) fn leave(&mut self) -> Result<InstructionKind, SyntaxError> {
        let at = self.cursor.at();
        let is_continue = self.cursor.is_word("continue");
        self.cursor.next();
        let has_label = !self.cursor.is_word("when") && self.cursor.name_ahead(0).is_some();
        let label = if has_label { Some(self.name("a label")?) } else { None };
        let condition = if self.cursor.take_word("when") { Some(self.value(&END)?) } else { None };
        self.expect_end()?;
        self.names.may_leave(is_continue, label.as_ref(), at)?;
        Ok(InstructionKind::Leave { is_continue, label, condition })
    }

    pub(super) fn return_(&mut self) -> Result<InstructionKind, SyntaxError> {
        self.cursor.next();
        let is_word = |word: &str| self.cursor.is_word(word);
        let kind = if is_word("next") {
            self.cursor.next();
            let value = if self.cursor.is_symbol(';') { None } else { Some(self.value(&END)?) };
            InstructionKind::ReturnNext(value)
        } else if is_word("query") {
            self.cursor.next();
            if self.cursor.take_word("execute") {
                InstructionKind::ReturnCommand(Box::new(self.commanded(&END)?))
            } else {
                InstructionKind::ReturnQuery(Box::new(self.statement(&END)?))
            }
        } else if self.cursor.is_symbol(';') {
            InstructionKind::Return(None)
        } else {
            InstructionKind::Return(Some(self.value(&END)?))
        };
        self.expect_end()?;
        Ok(kind)
    }
}
