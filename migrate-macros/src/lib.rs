//! The macros of the migrate toolkit. Use them through `migrate_runtime`, whose own macros give these its path, `($crate)`,
//! before what was written; all logic is in `migrate-compiler`.

use std::path::PathBuf;

use proc_macro::{TokenStream, TokenTree};

/// One migration: a block of schema changes, checked against every migration before it.
#[proc_macro]
pub fn migration(input: TokenStream) -> TokenStream {
    let (runtime, written, file) = parts(input);
    migrate_compiler::expand_migration(&runtime.into(), written.into(), file).into()
}

/// The whole history: a directory of `migration!` files, or migrations written inline.
#[proc_macro]
pub fn migrations(input: TokenStream) -> TokenStream {
    let (runtime, written, file) = parts(input);
    migrate_compiler::expand_migrations(&runtime.into(), written.into(), file).into()
}

/// What the database should be: definitions without a history, compared with the result of the migrations.
#[proc_macro]
pub fn schema(input: TokenStream) -> TokenStream {
    let (_, written, file) = parts(input);
    migrate_compiler::expand_schema(written.into(), file).into()
}

/// A struct for the rows of a table: its fields are compared with the columns that the migrations create.
#[proc_macro_derive(Table, attributes(table))]
pub fn table(input: TokenStream) -> TokenStream {
    let mut trees = input.clone().into_iter();
    let file = trees.next().and_then(|token| token.span().local_file());
    migrate_compiler::expand_table(input.into(), file).into()
}

/// The path of the runtime, what was written, and the file of that. The place of the call is that of the runtime's macro, so
/// that the first token is asked.
fn parts(input: TokenStream) -> (TokenStream, TokenStream, Option<PathBuf>) {
    let mut trees = input.into_iter();
    let runtime = match trees.next() {
        Some(TokenTree::Group(path)) => path.stream(),
        first => first.into_iter().collect(),
    };
    let mut written = trees.peekable();
    let file = written.peek().and_then(|token| token.span().local_file());
    (runtime, written.collect(), file)
}
