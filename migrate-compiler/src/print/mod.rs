//! The other half of the parser: operations, catalogs, expressions and queries as source of the language.
//!
//! What is printed is read back as the same. What the language cannot express is reported as [`Unprintable`], and
//! nothing is left out. Names that the compiler would choose are omitted. The text has correct tokens and a line for
//! each entry; everything else about its layout is left to the formatter.

mod adoption;
mod alteration;
mod body;
mod catalog;
mod column;
mod comment;
mod constraint;
mod enumeration;
mod expression;
mod implied;
mod imported;
mod index;
mod object;
mod operation;
mod partition;
mod piece;
mod privileges;
mod raw_sql;
mod readable;
mod rows;
mod schema;
mod serial;
mod settings;
mod settle;
mod table;
#[cfg(test)]
mod tests;
mod tokens;
mod types;
mod words;

use std::fmt;

use migrate_core::catalog::Catalog;
use migrate_core::expression::Expression;
use migrate_core::operation::{Operate as _, Operation};
use migrate_core::plan::Hazard;
use migrate_core::query::Query;
use migrate_core::types::Type;

pub(crate) use comment::comment_on;
pub(crate) use expression::{
    Behind, bracketed, expression as print_expression, query as print_query, statement, value,
};
pub(crate) use index::operator_class;
pub(crate) use object::{alter, identity};
pub(crate) use partition::bound;
pub(crate) use piece::Piece;
pub(crate) use privileges::role;
pub(crate) use settings::change_parameters;
pub(crate) use types::data_type;
pub(crate) use words::{declared, name, names, qualified, storage, text};

pub use adoption::adoption;
pub use catalog::{Source, catalog, schemas};
pub use imported::{imported, imported_after};
pub use schema::{SchemaFile, SchemaSource, schema};
pub use settle::{block, block_to_review};

/// What the language cannot express.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unprintable {
    /// What it is: ``the index `bookings_total_idx` ``.
    pub what: String,
    /// Why, as a clause: "the language does not support storage parameters of indexes".
    pub why: String,
    /// The version of PostgreSQL with which it can be written.
    pub needs: Option<u32>,
}

impl Unprintable {
    pub(crate) fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Unprintable { what: what.into(), why: why.into(), needs: None }
    }
}

impl fmt::Display for Unprintable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} cannot be written: {}", self.what, self.why)
    }
}

impl std::error::Error for Unprintable {}

/// Source, or why there is none.
pub type Printed<T = String> = Result<T, Unprintable>;

/// An operation with its surroundings in the source.
#[derive(Clone, Debug)]
pub struct Written {
    /// The operation.
    pub operation: Operation,
    /// The hazards that are allowed, and why.
    pub allowed: Vec<(Hazard, String)>,
    /// How it is undone.
    pub undo: Undo,
    /// The lines of the `//` comment before it.
    pub remarks: Vec<String>,
}

/// How an operation is undone, according to its source.
#[derive(Clone, Debug, Default)]
pub enum Undo {
    /// As the compiler derives it.
    #[default]
    Derived,
    /// `down { ... }`
    Operations(Vec<Operation>),
    /// `irreversible "why"`
    Irreversible(String),
}

impl From<Operation> for Written {
    fn from(operation: Operation) -> Self {
        Written { operation, allowed: Vec::new(), undo: Undo::Derived, remarks: Vec::new() }
    }
}

/// An operation, as the items that express it.
///
/// # Errors
/// The language cannot express it.
pub fn operation(operation: &Operation, before: &Catalog) -> Printed {
    Ok(piece::joined(&operation::pieces(operation, before)?))
}

/// Operations in order, as the contents of a `migration!` block. What belongs together is combined: actions on one
/// table, a column with its sequence.
///
/// # Errors
/// Everything that the language cannot express.
pub fn operations(written: &[Written], before: &Catalog) -> Result<String, Vec<Unprintable>> {
    all_pieces(written, before).map(|pieces| piece::joined(&pieces))
}

/// The pieces of all operations, each with the place of its operation.
fn all_pieces(written: &[Written], before: &Catalog) -> Result<Vec<Piece>, Vec<Unprintable>> {
    let mut catalog = before.clone();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut unprintable = Vec::new();
    let serials = serial::find(written, before);
    let mut remarks: Vec<String> = Vec::new();
    for (index, one) in written.iter().enumerate() {
        // Those of what is left out stand before what it is written with.
        remarks.extend(one.remarks.iter().cloned());
        if !serials.is_left_out(index) {
            match attributed(one, &catalog, &serials.columns_of(index)) {
                Ok(mut found) => {
                    if let Some(first) = found.first_mut() {
                        first.remarks = std::mem::take(&mut remarks);
                    }
                    pieces.extend(found.into_iter().map(|piece| piece.of_operation(index)));
                }
                Err(why) => unprintable.push(why),
            }
        }
        one.operation.apply(&mut catalog);
    }
    if unprintable.is_empty() { Ok(pieces) } else { Err(unprintable) }
}

/// The pieces of one operation with its attributes and its undo.
fn attributed(written: &Written, before: &Catalog, serials: &[String]) -> Printed<Vec<Piece>> {
    let mut pieces = operation::pieces_with(&written.operation, before, serials)?;
    let undo = match &written.undo {
        Undo::Derived => None,
        Undo::Irreversible(why) => Some(format!("irreversible {}", text(why))),
        Undo::Operations(down) => {
            let mut after = before.clone();
            written.operation.apply(&mut after);
            let mut lines = Vec::new();
            for operation in down {
                lines.extend(operation::pieces(operation, &after)?);
                operation.apply(&mut after);
            }
            let lines = piece::joined(&lines);
            Some(if lines.is_empty() { "down { }".to_owned() } else { format!("down {{\n{lines}}}") })
        }
    };
    for piece in &mut pieces {
        piece.attributes = written.allowed.iter().map(|(hazard, reason)| (*hazard, reason.clone())).collect();
    }
    if let (Some(undo), Some(last)) = (undo, pieces.last_mut()) {
        last.undo = Some(undo);
    }
    Ok(pieces)
}

/// An expression, for a place where any expression is allowed.
///
/// # Errors
/// It cannot be written so that it is read back as the same.
pub fn expression(expression: &Expression, catalog: &Catalog) -> Printed {
    print_expression(expression, catalog)
}

/// A query, as written after `as`: tokens, or a string of SQL if the tokens would be read as a different query.
pub fn query(query: &Query, catalog: &Catalog) -> String {
    print_query(query, catalog)
}

/// A type.
pub fn type_name(written: &Type) -> String {
    data_type(written)
}
