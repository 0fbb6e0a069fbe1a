//! The macros of the migrate toolkit. Use them through `migrate_runtime`; all logic is in `migrate-compiler`.

use proc_macro::TokenStream;

/// One migration: a block of schema changes, checked against every migration before it.
#[proc_macro]
pub fn migration(input: TokenStream) -> TokenStream {
    let file = proc_macro::Span::call_site().local_file();
    migrate_compiler::expand_migration(input.into(), file).into()
}

/// The whole history: a directory of `migration!` files, or migrations written inline.
#[proc_macro]
pub fn migrations(input: TokenStream) -> TokenStream {
    let file = proc_macro::Span::call_site().local_file();
    migrate_compiler::expand_migrations(input.into(), file).into()
}
