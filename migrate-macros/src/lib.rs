//! The macros of the migrate toolkit. Use them through `migrate_runtime`; all logic is in `migrate-compiler`.

use proc_macro::TokenStream;

/// One migration: a block of schema changes, checked against every migration before it.
#[proc_macro]
pub fn migration(input: TokenStream) -> TokenStream {
    let file = file_of(&input);
    migrate_compiler::expand_migration(input.into(), file).into()
}

/// The whole history: a directory of `migration!` files, or migrations written inline.
#[proc_macro]
pub fn migrations(input: TokenStream) -> TokenStream {
    let file = file_of(&input);
    migrate_compiler::expand_migrations(input.into(), file).into()
}

/// The file of a block. In rust-analyzer the place of the call is that of the macro's definition, so that its tokens are
/// asked first.
fn file_of(input: &TokenStream) -> Option<std::path::PathBuf> {
    let first = input.clone().into_iter().next().and_then(|token| token.span().local_file());
    first.or_else(|| proc_macro::Span::call_site().local_file())
}
