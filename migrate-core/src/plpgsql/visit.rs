//! Walking over bodies.

use super::{
    Block, Commanded, CursorCall, Declaration, DeclarationKind, Instruction, InstructionKind, LoopOver, Opened, Value,
};
use crate::expression::Expression;
use crate::query::{Query, Statement};

/// What a walk over a body meets.
#[derive(Debug)]
pub enum Piece<'b> {
    /// A variable, a cursor or another name of a block.
    Declaration(&'b Declaration),
    /// A step, before what is in it.
    Instruction(&'b Instruction),
    /// A statement that reads or changes rows.
    Statement(&'b Statement),
    /// A query: of a cursor, or a value that goes on as one.
    Query(&'b Query),
    /// A value.
    Expression(&'b Expression),
}

impl Block {
    /// Calls `see` for everything in it, in the order of the text. Queries and expressions are not looked into.
    pub fn walk<'b>(&'b self, see: &mut dyn FnMut(Piece<'b>)) {
        for declaration in &self.declarations {
            see(Piece::Declaration(declaration));
            match &declaration.kind {
                DeclarationKind::Variable { default, .. } => default.iter().for_each(|value| value.walk(see)),
                DeclarationKind::Alias(_) => {}
                DeclarationKind::Cursor { query, .. } => see(Piece::Query(query)),
            }
        }
        walk_all(&self.body, see);
        self.handlers.iter().for_each(|handler| walk_all(&handler.body, see));
    }
}

fn walk_all<'b>(instructions: &'b [Instruction], see: &mut dyn FnMut(Piece<'b>)) {
    instructions.iter().for_each(|instruction| instruction.walk(see));
}

impl Value {
    fn walk<'b>(&'b self, see: &mut dyn FnMut(Piece<'b>)) {
        match self {
            Value::Expression(expression) => see(Piece::Expression(expression)),
            Value::Query(query) => see(Piece::Query(query)),
        }
    }
}

impl Commanded {
    fn walk<'b>(&'b self, see: &mut dyn FnMut(Piece<'b>)) {
        self.command.walk(see);
        self.using.iter().for_each(|value| value.walk(see));
    }
}

impl CursorCall {
    fn walk<'b>(&'b self, see: &mut dyn FnMut(Piece<'b>)) {
        self.arguments.iter().for_each(|argument| see(Piece::Expression(argument)));
    }
}

impl LoopOver {
    fn walk<'b>(&'b self, see: &mut dyn FnMut(Piece<'b>)) {
        match self {
            LoopOver::Forever => {}
            LoopOver::While(value) | LoopOver::Elements { array: value, .. } => value.walk(see),
            LoopOver::Numbers { bounds, .. } => {
                bounds.from.walk(see);
                bounds.to.walk(see);
                bounds.step.iter().for_each(|step| step.walk(see));
            }
            LoopOver::Rows { statement, .. } => see(Piece::Statement(statement)),
            LoopOver::Cursor { cursor, .. } => cursor.walk(see),
            LoopOver::Command { command, .. } => command.walk(see),
        }
    }
}

impl Instruction {
    fn walk<'b>(&'b self, see: &mut dyn FnMut(Piece<'b>)) {
        see(Piece::Instruction(self));
        match &self.kind {
            InstructionKind::Block(block) => block.walk(see),
            InstructionKind::Assign { value, .. } => value.walk(see),
            InstructionKind::If { branches, otherwise } => {
                for branch in branches {
                    branch.condition.walk(see);
                    walk_all(&branch.body, see);
                }
                otherwise.iter().for_each(|body| walk_all(body, see));
            }
            InstructionKind::Case { operand, branches, otherwise } => {
                operand.iter().for_each(|operand| operand.walk(see));
                for branch in branches {
                    branch.values.iter().for_each(|value| value.walk(see));
                    walk_all(&branch.body, see);
                }
                otherwise.iter().for_each(|body| walk_all(body, see));
            }
            InstructionKind::Loop { over, body, .. } => {
                over.walk(see);
                walk_all(body, see);
            }
            InstructionKind::Leave { condition, .. } => condition.iter().for_each(|value| value.walk(see)),
            InstructionKind::Return(value) | InstructionKind::ReturnNext(value) => {
                value.iter().for_each(|value| value.walk(see));
            }
            InstructionKind::ReturnQuery(statement) | InstructionKind::Statement { statement, .. } => {
                see(Piece::Statement(statement));
            }
            InstructionKind::ReturnCommand(command) | InstructionKind::Execute { command, .. } => command.walk(see),
            InstructionKind::Raise(raised) => {
                if let Some(raised) = raised {
                    raised.arguments.iter().for_each(|value| value.walk(see));
                    raised.options.iter().for_each(|option| option.value.walk(see));
                }
            }
            InstructionKind::Assert { condition, message } => {
                condition.walk(see);
                message.iter().for_each(|message| message.walk(see));
            }
            InstructionKind::Perform(query) => see(Piece::Query(query)),
            InstructionKind::Call(call) => see(Piece::Expression(call)),
            InstructionKind::Open(Opened::Declared(cursor)) => cursor.walk(see),
            InstructionKind::Open(Opened::Query(_, query)) => see(Piece::Query(query)),
            InstructionKind::Open(Opened::Command(_, command)) => command.walk(see),
            InstructionKind::Nothing
            | InstructionKind::Other
            | InstructionKind::Relations(_)
            | InstructionKind::Fetch { .. }
            | InstructionKind::Close(_)
            | InstructionKind::Diagnostics { .. }
            | InstructionKind::EndTransaction { .. } => {}
        }
    }
}
