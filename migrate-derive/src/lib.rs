//! `#[derive(ToJson)]` for the types of `migrate-model` that are stored.
//!
//! It writes what serde's derive would, and reads the same `#[serde(...)]` attributes, so that `serde::Deserialize` reads what
//! it wrote. What it makes is not generic, and it needs no parser of Rust: what a user's first build pays for the macros is
//! a third less. Of serde's attributes it knows those that are in use: `rename_all = "snake_case"`, `into`, `transparent`,
//! `skip`, `skip_serializing_if`, `flatten` and `with`. Types have no parameters.

mod item;
mod read;
mod write;

use proc_macro::TokenStream;

/// Implements `migrate_core::json::ToJson`.
#[proc_macro_derive(ToJson, attributes(serde))]
pub fn derive_to_json(input: TokenStream) -> TokenStream {
    let written = read::item(input).map(|item| write::implementation(&item));
    let code = written.unwrap_or_else(|message| format!("::core::compile_error!({message:?});"));
    // The compiler says what is wrong in what does not even consist of tokens.
    code.parse().unwrap_or_default()
}
