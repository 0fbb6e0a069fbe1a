//! Compiling one migration: the phases and their gates.

use migrate_core::operation::Operation;
use migrate_core::plan::{Checksum, Compatibility, Footprint, Migration};
use migrate_core::token::At;
use proc_macro2::{Span, TokenStream};

use crate::check::{Checked, Checker, State};
use crate::diagnostic::{Diagnostic, code};
use crate::ops::parse_statements;
use crate::parser::{Parser, Spanned};
use crate::source::Source;

/// The version and name of a migration, and where its source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The version.
    pub version: i64,
    /// The name.
    pub name: String,
    /// The file, relative to the crate; empty for a migration written inline.
    pub file: String,
}

/// What compiling a migration gives.
pub(crate) struct Compiled {
    pub(crate) source: Source,
    /// What is wrong, in the order of the source. Not empty: [`Compiled::migration`] must not be used.
    pub(crate) mistakes: Vec<Diagnostic>,
    pub(crate) migration: Migration,
    pub(crate) functions: Vec<Spanned<String>>,
}

/// Compiles the tokens of a migration against what the migrations before it leave, and advances that state.
pub(crate) fn compile(
    identity: &Identity,
    tokens: TokenStream,
    whole: Span,
    state: &mut State,
    postgres: u32,
) -> Compiled {
    let mut mistakes = Vec::new();
    let source = Source::new(tokens, whole, &identity.file, &mut mistakes);

    let mut parser = Parser::new(&source.tokens);
    let statements = parse_statements(&mut parser);
    if !parser.cursor.is_at_end() {
        parser.mistakes.push(parser.cursor.expected("an operation").into());
    }
    mistakes.append(&mut parser.mistakes);

    if statements.is_empty() && mistakes.is_empty() {
        mistakes.push(
            Diagnostic::new(code::EMPTY, format!("the migration `{}` is empty", identity.name), At::default())
                .help("write the first operation, as in `create table users { id: bigint primary key }`"),
        );
    }

    let mut checker = Checker::new(state, &source, postgres);
    for statement in &statements {
        checker.statement(statement);
    }
    let mut checked = checker.finish();
    mistakes.append(&mut checked.mistakes);
    mistakes.sort_by_key(|mistake| mistake.at.start);
    // Places compare as equal, so they are compared by their start here.
    mistakes.dedup_by(|later, earlier| later.at.start == earlier.at.start && later == earlier);

    let functions = std::mem::take(&mut checked.functions);
    let migration = migration(identity, &source, checked);
    Compiled { source, mistakes, migration, functions }
}

fn migration(identity: &Identity, source: &Source, checked: Checked) -> Migration {
    let mut breaks = checked.breaks;
    breaks.sort_unstable();
    breaks.dedup();
    Migration {
        version: identity.version,
        name: identity.name.clone().into(),
        file: identity.file.clone().into(),
        checksum: Checksum::of(&source.canonical_text()),
        up: checked.up,
        down: checked.down,
        operations: operations_as_json(&checked.operations).into(),
        footprint: Footprint {
            objects: checked.touched.objects.into_iter().map(Into::into).collect(),
            uses: checked.touched.used.into_iter().map(Into::into).collect(),
            unknown: checked.touched.unknown,
        },
        compatibility: if breaks.is_empty() {
            Compatibility::Compatible
        } else {
            Compatibility::Breaking(breaks.into_iter().map(Into::into).collect())
        },
    }
}

fn operations_as_json(operations: &[Operation]) -> String {
    // Operations are plain data with text keys: writing them cannot fail.
    serde_json::to_string(operations).unwrap_or_default()
}
