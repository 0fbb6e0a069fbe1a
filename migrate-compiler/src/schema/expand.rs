//! What a schema expands to: nothing, or its mistakes.
//!
//! `migrations!("migrations", schema = "schema")` compiles it after the history. A file with a mistake becomes a module, so
//! that its `schema!` shows the mistake where it is. A `schema!` anywhere else is compared by itself.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use migrate_core::token::At;
use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream, TokenTree};
use quote::quote;

use super::compare::Comparison;
use super::{Part, compile, directory};
use crate::check::State;
use crate::diagnostic::{Diagnostic, code};
use crate::emit::compile_error;
use crate::expand::{crate_root, guarded, spanned_error};
use crate::history;
use crate::source::Source;

/// The tokens of a schema beside a history, and what the history makes beyond it.
#[derive(Default)]
pub(crate) struct Expanded {
    /// Items: mistakes, modules of files, and what lets rustc track the others.
    pub(crate) items: TokenStream,
    /// What the migrations make and the schema does not have.
    pub(crate) beyond: Vec<Diagnostic>,
}

/// What is wrong in the files of schemas that were compiled, by their tokens.
static FILES: LazyLock<Mutex<HashMap<PathBuf, Vec<Diagnostic>>>> = LazyLock::new(Mutex::default);

fn files() -> MutexGuard<'static, HashMap<PathBuf, Vec<Diagnostic>>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Expands the schema in a directory, or in a file. `history` is what the migrations leave, if that is known.
pub(crate) fn expand_directory(literal: &Literal, history: Option<&State>, postgres: u32) -> Expanded {
    let mut expanded = Expanded::default();
    let mut wrong = |message: &str, help: &str| {
        expanded.items.extend(spanned_error(literal.span(), code::INVALID_FILE_NAME, message, &[help.to_owned()]));
    };
    let Ok(text) = litrs::StringLit::try_from(literal) else {
        wrong("the schema must be a string literal", "write `schema = \"schema\"`");
        return expanded;
    };
    let root = crate_root();
    let path = root.join(text.value());
    let path = path.canonicalize().unwrap_or(path);
    let read = match directory::read(&path, &root) {
        Ok(read) => read,
        Err(why) => {
            let message = format!("cannot read the schema `{}`: {why}", text.value());
            wrong(&message, "`cargo migrate schema` writes it from the migrations");
            return expanded;
        }
    };
    for file in read.iter().filter(|file| !file.has_block) {
        let message = format!("`{}` has no `schema! {{ ... }}` in it", file.relative);
        wrong(&message, "write `migrate_runtime::schema! { ... }`, or move it to another directory");
    }
    let mut mistakes: Vec<Vec<Diagnostic>> = read.iter().map(|_| Vec::new()).collect();
    if let Some(history) = history {
        let parts = read.iter().map(directory::File::part).collect();
        let schema = compile(parts, Span::call_site(), history, postgres);
        let comparison = compared(&schema, history);
        expanded.beyond = comparison.beyond;
        for mut mistake in schema.mistakes.iter().cloned().chain(comparison.in_schema) {
            let index = schema.starts.iter().rposition(|start| *start <= mistake.at.start).unwrap_or_default();
            let start = schema.starts.get(index).copied().unwrap_or_default();
            mistake.at = At { start: mistake.at.start - start, end: mistake.at.end.saturating_sub(start) };
            if let Some(of_file) = mistakes.get_mut(index) {
                of_file.push(mistake);
            }
        }
    }
    let mut tracked = Vec::new();
    for (index, (file, mistakes)) in read.into_iter().zip(mistakes).enumerate().filter(|(_, (file, _))| file.has_block)
    {
        let path = file.path.to_string_lossy().into_owned();
        if file.is_module || !mistakes.is_empty() || history.is_none() {
            let module = quote::format_ident!("schema_{}", index);
            expanded.items.extend(quote! { #[path = #path] mod #module; });
        } else {
            tracked.push(path);
        }
        files().insert(file.path, mistakes);
    }
    expanded.items.extend(quote!(const _: &[&str] = &[#(include_str!(#tracked)),*];));
    expanded
}

/// Expands the schema that is written in `migrations!` itself.
pub(crate) fn expand_inline(block: &Group, history: &State, postgres: u32) -> Expanded {
    let part = Part { file: String::new(), tokens: block.stream() };
    let schema = compile(vec![part], block.span(), history, postgres);
    let comparison = compared(&schema, history);
    let mistakes = schema.mistakes.iter().chain(&comparison.in_schema);
    let items = mistakes.map(|one| compile_error(schema.source.spans(one.at), &one.text())).collect();
    Expanded { items, beyond: comparison.beyond }
}

/// Compares where both sides are whole.
fn compared(schema: &super::Schema, history: &State) -> Comparison {
    match schema.mistakes.is_empty() && !history.has_mistakes {
        true => Comparison::of(schema, history),
        false => Comparison::default(),
    }
}

/// Expands `schema! { ... }`. `file` is the file that the block stands in; without one (an editor that expands macros outside
/// rustc) nothing is checked.
pub fn expand_schema(tokens: TokenStream, file: Option<PathBuf>) -> TokenStream {
    guarded(|| expand_block(tokens, file), TokenStream::new)
}

fn expand_block(tokens: TokenStream, file: Option<PathBuf>) -> TokenStream {
    let Some(file) = file else { return TokenStream::new() };
    let file = file.canonicalize().unwrap_or(file);
    let known = files().get(&file).cloned();
    if let Some(mistakes) = known {
        let source = Source::new(tokens, Span::call_site(), "", &mut Vec::new());
        return mistakes.iter().map(|one| compile_error(source.spans(one.at), &one.text())).collect();
    }
    let (options, tokens) = match Options::take(tokens) {
        Ok(found) => found,
        Err(mistake) => return mistake,
    };
    let root = crate_root();
    let directory = root.join(&options.migrations);
    let directory = directory.canonicalize().unwrap_or(directory);
    let Some((history, postgres)) = history::last_state(&directory, &root, options.postgres) else {
        let message = format!("there are no migrations in `{}`", options.migrations);
        let help = "name their directory first: `schema! { #![migrations = \"DIRECTORY\"] ... }`";
        return spanned_error(options.at, code::INVALID_FILE_NAME, &message, &[help.to_owned()]);
    };
    let relative = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
    let schema = compile(vec![Part { file: relative, tokens }], options.at, &history, postgres);
    let comparison = compared(&schema, &history);
    let end = schema.source.end();
    let beyond = comparison.beyond.into_iter().map(|one| Diagnostic { at: end, ..one });
    let mistakes = schema.mistakes.iter().cloned().chain(comparison.in_schema).chain(beyond);
    mistakes.map(|one| compile_error(schema.source.spans(one.at), &one.text())).collect()
}

/// What stands at the beginning of a `schema!` by itself: `#![migrations = "history", postgres = 16]`.
struct Options {
    migrations: String,
    postgres: Option<u32>,
    at: Span,
}

impl Options {
    /// Takes them, and gives the rest.
    fn take(tokens: TokenStream) -> Result<(Self, TokenStream), TokenStream> {
        let all: Vec<TokenTree> = tokens.into_iter().collect();
        let at = all.first().map_or_else(Span::call_site, TokenTree::span);
        let mut options = Options { migrations: "migrations".to_owned(), postgres: None, at };
        let [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(group), rest @ ..] = all.as_slice()
        else {
            return Ok((options, all.into_iter().collect()));
        };
        if hash.as_char() != '#' || bang.as_char() != '!' || group.delimiter() != Delimiter::Bracket {
            return Ok((options, all.into_iter().collect()));
        }
        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
        for one in inner.split(|tree| matches!(tree, TokenTree::Punct(comma) if comma.as_char() == ',')) {
            match one {
                [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Literal(value)] if name == "migrations" => {
                    let value = litrs::StringLit::try_from(value).map(litrs::StringLit::into_value);
                    options.migrations = value.unwrap_or_default();
                }
                [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Literal(value)] if name == "postgres" => {
                    options.postgres = value.to_string().parse().ok();
                }
                [] => {}
                _ => {
                    let help = "write `#![migrations = \"migrations\", postgres = 16]`".to_owned();
                    return Err(spanned_error(group.span(), code::SYNTAX, "unexpected attribute of a schema", &[help]));
                }
            }
        }
        Ok((options, rest.iter().cloned().collect()))
    }
}
