//! The structs in the sources of a crate that hold the rows of tables.

use std::str::FromStr as _;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use super::parse::{self, Mistake, Row};
use crate::diagnostic::code;
use crate::diagnostic::code::Level;
use crate::lint::Finding;

/// A struct in a file.
pub(super) struct Found {
    pub(super) file: String,
    pub(super) row: Row,
}

/// The structs of a file with `#[derive(Table)]`, in modules and functions as well.
pub(super) fn find(file: &str, text: &str) -> Result<Vec<Found>, Vec<Finding>> {
    let tokens = TokenStream::from_str(text).map_err(|error| {
        let mistake = Mistake::new(code::SYNTAX, format!("this is not valid Rust: {error}"), error.span());
        vec![finding(file, &mistake)]
    })?;
    let mut structs = Vec::new();
    collect(tokens, &mut structs);
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for tokens in structs {
        match parse::row(tokens) {
            Ok(row) => found.push(Found { file: file.to_owned(), row }),
            Err(mistake) => wrong.push(finding(file, &mistake)),
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

/// What is wrong at a place of a file.
pub(super) fn finding(file: &str, mistake: &Mistake) -> Finding {
    let Mistake { code, message, help, at } = mistake;
    let (line, column) = place(*at);
    let (file, message, help) = (file.to_owned(), message.clone(), help.clone());
    Finding { file, line, column, level: Level::Mistake, code: code.name, message, help, notes: Vec::new() }
}

fn place(at: Span) -> (u32, u32) {
    let start = at.start();
    (u32::try_from(start.line).unwrap_or(0), u32::try_from(start.column).unwrap_or(0) + 1)
}

/// The tokens of each struct that derives `Table`, from its attributes to its body.
fn collect(tokens: TokenStream, structs: &mut Vec<TokenStream>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut begin = 0;
    for (index, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let item = trees.get(begin..=index).unwrap_or_default();
                match derives_table(item) {
                    true => structs.push(item.iter().cloned().collect()),
                    false => collect(group.stream(), structs),
                }
                begin = index + 1;
            }
            TokenTree::Punct(end) if end.as_char() == ';' => begin = index + 1,
            _ => {}
        }
    }
}

fn derives_table(item: &[TokenTree]) -> bool {
    let is_struct = item.iter().any(|tree| matches!(tree, TokenTree::Ident(word) if word == "struct"));
    let derived = parse::attributes(item).into_iter().filter(|(name, _)| name == "derive");
    let has_table = derived.flat_map(|(_, arguments)| arguments.stream()).any(|tree| match tree {
        TokenTree::Ident(name) => name == "Table",
        _ => false,
    });
    is_struct && has_table
}
