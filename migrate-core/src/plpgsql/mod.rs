//! PL/pgSQL: the bodies of functions, procedures and `DO` blocks as trees. Their static SQL is read as queries are, what runs
//! as dynamic SQL is left alone.

mod conditions;
mod instruction;
mod read;
#[cfg(test)]
mod tests;
mod visit;

pub use conditions::{CONDITIONS, is_condition};
pub use instruction::{
    Bounds, Branch, Commanded, CursorCall, Diagnostic, Handled, Handler, Instruction, InstructionKind, Into, LoopOver,
    Opened, Raised, RaisedLevel, RaisedOption, Target, Value, When,
};
pub use read::{COMMANDS, parse};
pub use visit::Piece;

use crate::query::{Name, ObjectName, Query};
use crate::token::At;
use crate::types::Type;

/// `<<label>> DECLARE ... BEGIN ... EXCEPTION ... END`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The label before it.
    pub label: Option<Name>,
    /// `DECLARE`
    pub declarations: Vec<Declaration>,
    /// What is done.
    pub body: Vec<Instruction>,
    /// `EXCEPTION`
    pub handlers: Vec<Handler>,
    /// Where it stands.
    pub at: At,
}

/// What a block gives a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The name.
    pub name: Name,
    /// What it is.
    pub kind: DeclarationKind,
    /// Where it stands.
    pub at: At,
}

/// What has a name in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeclarationKind {
    /// `total CONSTANT numeric COLLATE "C" NOT NULL := 0`
    Variable {
        /// Whether it cannot be set.
        is_constant: bool,
        /// Its type.
        data_type: VariableType,
        /// The parts of its collation's name; empty where none is said.
        collation: Vec<String>,
        /// Whether it cannot be null.
        is_not_null: bool,
        /// Its first value.
        default: Option<Value>,
    },
    /// `ALIAS FOR $1`: the name of a variable, or `$` and the number of an argument.
    Alias(String),
    /// `SCROLL CURSOR (a integer) FOR SELECT ...`
    Cursor {
        /// The arguments.
        arguments: Vec<(Name, VariableType)>,
        /// The query.
        query: Box<Query>,
    },
}

/// The type of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableType {
    /// A type; `record` is one of that name.
    Type(Type),
    /// `bookings%ROWTYPE`
    RowOf(ObjectName),
    /// `bookings.total%TYPE`, `other%TYPE`: the names.
    SameAs(Vec<Name>),
    /// `bookings.total%TYPE[]`: an array of that.
    ArrayOf(Vec<Name>),
}
