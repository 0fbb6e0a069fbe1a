//! `#[derive(Table)]`: the fields of a struct beside the columns of the table whose rows it holds, as the migrations leave it.
//!
//! A type that is not known here is not judged, but for `Option`. So a struct is never refused for what the compiler does not
//! know.

mod compare;
#[cfg(feature = "print")]
mod goal;
mod parse;
mod rust_type;
#[cfg(feature = "print")]
mod sources;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use proc_macro2::TokenStream;

use crate::diagnostic::code;
use crate::emit::compile_error;
use crate::expand::{crate_root, guarded, spanned_error};
use crate::history;

#[cfg(feature = "print")]
pub use goal::Structs;

/// Expands `#[derive(Table)]`: to nothing, or to what is wrong. `file` is the file that the struct stands in; without one (an
/// editor that expands macros outside rustc) nothing is checked.
pub fn expand_table(tokens: TokenStream, file: Option<PathBuf>) -> TokenStream {
    guarded(|| expand(tokens, file), TokenStream::new)
}

fn expand(tokens: TokenStream, file: Option<PathBuf>) -> TokenStream {
    if file.is_none() {
        return TokenStream::new();
    }
    let row = match parse::row(tokens) {
        Ok(row) => row,
        Err(mistake) => return compile_error((mistake.at, mistake.at), &mistake.text()),
    };
    let root = crate_root();
    let directory = root.join(&row.migrations);
    let directory = directory.canonicalize().unwrap_or(directory);
    let Some((state, _)) = history::last_state(&directory, &root, None) else {
        let message = format!("there are no migrations in `{}`", row.migrations);
        let help = format!("name their directory: `#[table({}, migrations = \"DIRECTORY\")]`", row.table);
        return spanned_error(row.table_at, code::INVALID_FILE_NAME, &message, &[help]);
    };
    if state.has_mistakes {
        return TokenStream::new();
    }
    let mistakes = compare::mistakes(&row, &state);
    mistakes.iter().map(|mistake| compile_error((mistake.at, mistake.at), &mistake.text())).collect()
}
