//! Compiling one migration: the phases and their gates.

use migrate_core::json::to_json;
use migrate_core::operation::Operation;
use migrate_core::plan::{Checksum, Compatibility, Footprint, Migration};
use migrate_core::sorted::SortedSet;
use migrate_core::token::At;
use proc_macro2::{Span, TokenStream};

use crate::check::{Checked, Checker, State, Warning};
use crate::diagnostic::{Diagnostic, code, in_order};
use crate::emit::makes_code;
use crate::ops::parse_statements;
use crate::parser::{Parser, Spanned};
use crate::source::Source;

/// The version and name of a migration, and where its source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The version.
    pub version: i64,
    /// How many zeros stand before it.
    pub leading_zeros: u8,
    /// The name.
    pub name: String,
    /// The file, relative to the crate; empty for a migration written inline.
    pub file: String,
}

impl Identity {
    /// Splits `20260312094500_bookings` into its version and its name.
    pub(crate) fn of(stem: &str, file: String) -> Option<Self> {
        let (version, name) = stem.split_once('_')?;
        let is_number = !version.is_empty() && version.len() <= 18 && version.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || name.is_empty() {
            return None;
        }
        let number: i64 = version.parse().ok()?;
        let leading_zeros = u8::try_from(version.len() - number.to_string().len()).ok()?;
        Some(Identity { version: number, leading_zeros, name: name.to_owned(), file })
    }

    /// `20260312094500_bookings`, as its file is called.
    fn stem(&self) -> String {
        format!("{}{}_{}", "0".repeat(self.leading_zeros.into()), self.version, self.name)
    }
}

/// What compiling a migration gives.
pub(crate) struct Compiled {
    pub(crate) source: Source,
    /// What is wrong, in the order of the source. Not empty: [`Compiled::migration`] must not be used.
    pub(crate) mistakes: Vec<Diagnostic>,
    /// What is legal and regretted later, in the order of the source. None where there is a mistake.
    pub(crate) warnings: Vec<Warning>,
    pub(crate) migration: Migration,
    /// Its operations; none where what was compiled before is shown again.
    pub(crate) operations: Vec<Operation>,
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
    compile_as(Part::Whole, identity, tokens, whole, state, postgres)
}

/// Which part of a migration tokens are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// The end of the one that made everything in the state.
    End,
}

/// Compiles the tokens of a migration, or of its end.
pub(crate) fn compile_as(
    part: Part,
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
    // What a token that is not a token of the language is taken for is not worth a second mistake.
    let lexical = mistakes.iter().map(|mistake| mistake.at);
    let lexical: SortedSet<u32> = lexical.filter(|at| at.end > at.start).map(|at| at.start).collect();
    mistakes.append(&mut parser.mistakes);
    mistakes.append(&mut parser.habits);

    if statements.is_empty() && mistakes.is_empty() {
        mistakes.push(empty(&format!("the migration `{}` is empty", identity.name)));
    }

    state.has_mistakes |= !mistakes.is_empty();
    let stem = identity.stem();
    let mut checker = Checker::new(state, &source, &stem, postgres);
    if part == Part::End {
        checker.continue_migration();
    }
    checker.state.later = statements.iter().filter_map(|statement| statement.item.creates().cloned()).collect();
    for statement in &statements {
        if let Some(name) = statement.item.creates() {
            checker.state.later.remove(name);
        }
        checker.statement(statement);
    }
    let mut checked = checker.finish();
    mistakes.append(&mut checked.mistakes);
    crate::todo::report(&source.tokens, &mut mistakes);
    let mut seen = SortedSet::new();
    let is_lexical = |at: At| at.end > at.start && lexical.contains(&at.start);
    mistakes.retain(|mistake| !is_lexical(mistake.at) || seen.insert(mistake.at.start));
    state.has_mistakes |= !mistakes.is_empty();
    in_order(&mut mistakes);
    // Places compare as equal, so they are compared by their start here.
    mistakes.dedup_by(|later, earlier| later.at.start == earlier.at.start && later == earlier);

    let mut warnings = std::mem::take(&mut checked.warnings);
    if !mistakes.is_empty() {
        warnings.clear();
    }
    let functions = std::mem::take(&mut checked.functions);
    let (migration, operations) = migration(identity, &source, checked);
    Compiled { source, mistakes, warnings, migration, operations, functions }
}

/// What is said about a migration without items.
pub(crate) fn empty(message: &str) -> Diagnostic {
    Diagnostic::new(code::EMPTY, message, At::default())
        .help("write an operation, for example `create table users { id: bigint primary key }`")
}

fn migration(identity: &Identity, source: &Source, checked: Checked) -> (Migration, Vec<Operation>) {
    let mut breaks = checked.breaks;
    breaks.sort_unstable();
    breaks.dedup();
    let (checksum, without_comments, operations) = match makes_code() {
        true => (
            Checksum::of(&source.canonical_text()),
            source.text_without_comments().map(|text| Checksum::of(&text)),
            to_json(&checked.operations),
        ),
        // Nobody can read them.
        false => (Checksum::EMPTY, None, String::new()),
    };
    let migration = Migration {
        version: identity.version,
        leading_zeros: identity.leading_zeros,
        name: identity.name.clone().into(),
        file: identity.file.clone().into(),
        checksum,
        identity: without_comments,
        up: checked.up,
        down: checked.down,
        operations: operations.into(),
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
        adoption: checked.adoption,
    };
    (migration, checked.operations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_name_come_from_the_file_name() {
        let identity = |stem: &str| {
            Identity::of(stem, String::new()).map(|found| (found.leading_zeros, found.version, found.name))
        };
        assert_eq!(identity("20260312094500_bookings"), Some((0, 20_260_312_094_500, "bookings".into())));
        assert_eq!(identity("0001_first_tables"), Some((3, 1, "first_tables".into())));
        assert_eq!(identity("0_nothing"), Some((0, 0, "nothing".into())));
        assert_eq!(identity("bookings"), None);
        assert_eq!(identity("x1_bookings"), None);
        assert_eq!(identity("1_"), None);
    }
}
