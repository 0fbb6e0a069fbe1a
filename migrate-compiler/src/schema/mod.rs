//! What a database should be, in the language of migrations and without a history: `schema! { ... }`.
//!
//! A schema is definitions in any order. They are sorted by what they name, and checked as the items of a migration are;
//! what is left of a wrong guess is tried again until nothing changes. What comes out is a catalog, which is compared with
//! the one that the migrations leave.

mod compare;
mod definition;
mod directory;
mod exchanged;
mod expand;
#[cfg(feature = "print")]
mod fold;
mod order;
mod renamed;
#[cfg(test)]
mod tests;

use migrate_core::catalog::Catalog;
use proc_macro2::{Span, TokenStream};

use crate::check::{Checker, Spots, State};
use crate::diagnostic::{Diagnostic, in_order};
use crate::ops::{Statement, parse_statements};
use crate::parser::Parser;
use crate::source::Source;

pub use expand::expand_schema;
pub(crate) use expand::{Expanded, expand_directory, expand_inline};
#[cfg(feature = "print")]
pub use fold::Beside;
pub use renamed::Rename;

/// The tokens of a file.
pub(crate) struct Part {
    /// The file, relative to the crate.
    pub(crate) file: String,
    /// What stands in its block.
    pub(crate) tokens: TokenStream,
}

/// A schema that was compiled.
pub(crate) struct Schema {
    /// What it says.
    pub(crate) catalog: Catalog,
    /// Where it has what.
    pub(crate) spots: Spots,
    /// Its tokens, file after file.
    pub(crate) source: Source,
    /// The index of the first token of each file.
    pub(crate) starts: Vec<u32>,
    /// What is wrong in it, in the order of the source.
    pub(crate) mistakes: Vec<Diagnostic>,
}

/// Compiles a schema. What raw SQL of the history may have made is not known to the schema either.
pub(crate) fn compile(parts: Vec<Part>, whole: Span, history: &State, postgres: u32) -> Schema {
    let mut mistakes = Vec::new();
    let mut source = Source::new(TokenStream::new(), whole, "", &mut mistakes);
    let starts = parts.into_iter().map(|part| source.append(part.tokens, &part.file, &mut mistakes)).collect();
    let mut parser = Parser::new(&source.tokens);
    parser.is_schema = true;
    let statements = parse_statements(&mut parser);
    if !parser.cursor.is_at_end() {
        parser.mistakes.push(parser.cursor.expected("a definition").into());
    }
    mistakes.append(&mut parser.mistakes);
    mistakes.append(&mut parser.habits);
    let (statements, others): (Vec<_>, Vec<_>) = statements.into_iter().partition(definition::is_one);
    mistakes.extend(others.iter().map(definition::instead));
    mistakes.extend(statements.iter().filter_map(definition::undone));

    let mut state = State::for_schema(history);
    state.has_mistakes = !mistakes.is_empty();
    let mut checker = Checker::new(&mut state, &source, "", postgres);
    check(&statements, &mut checker);
    mistakes.extend(checker.finish_schema());
    in_order(&mut mistakes);
    mistakes.dedup_by(|later, earlier| later.at.start == earlier.at.start && later == earlier);
    let spots = state.spots.take().unwrap_or_default();
    Schema { catalog: state.catalog, spots, source, starts, mistakes }
}

/// Checks the definitions so that each finds what it uses; then the foreign keys, which may go round in circles.
fn check(statements: &[Statement], checker: &mut Checker<'_>) {
    let order = order::by_needs(statements, checker.tokens());
    let mut left: Vec<&Statement> = order.into_iter().filter_map(|index| statements.get(index)).collect();
    let (empty, known) = (checker.state.clone(), checker.mistakes());
    left.iter().for_each(|statement| checker.definition(statement));
    if checker.mistakes() > known {
        checker.take_mistakes_since(known);
        *checker.state = empty;
        loop {
            let before = left.len();
            left.retain(|statement| !checker.try_definition(statement));
            if left.len() == before {
                break;
            }
        }
        left.iter().for_each(|statement| checker.definition(statement));
    }
    for statement in statements {
        checker.definition_references(statement);
    }
}
