//! The tokens of the static data: constants only, no logic. A migration is one string; see `Embedded` in the runtime.
//!
//! `runtime` is the path of the runtime's crate, `$crate` of the macros that it has: whatever its users call it.

extern crate proc_macro;

use std::sync::LazyLock;

use migrate_core::json::to_json;
use migrate_core::plan::{Described, Migration};
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote;

use crate::check::Warning;
use crate::diagnostic::Diagnostic;
use crate::migration::Compiled;
use crate::source::Source;

/// `compile_error!` at a place that has a first and a last span.
pub(crate) fn compile_error((first, last): (Span, Span), text: &str) -> TokenStream {
    let mut literal = Literal::string(text);
    literal.set_span(last);
    let mut group = Group::new(Delimiter::Brace, TokenStream::from(TokenTree::from(literal)));
    group.set_span(last);
    let punct = |character, spacing| {
        let mut punct = Punct::new(character, spacing);
        punct.set_span(first);
        TokenTree::from(punct)
    };
    let mut tokens = TokenStream::new();
    for name in ["core", "compile_error"] {
        tokens.extend([punct(':', Spacing::Joint), punct(':', Spacing::Alone), Ident::new(name, first).into()]);
    }
    tokens.extend([punct('!', Spacing::Alone), TokenTree::from(group)]);
    tokens
}

/// A warning at a place: stable rustc has no other than that of a deprecated constant.
fn warning(span: Span, warning: &Diagnostic) -> TokenStream {
    let text = warning.text();
    // rustc says the name as well.
    let name = Ident::new(&warning.code.name.to_uppercase(), span);
    quote! {
        const _: () = {
            #[deprecated(note = #text)]
            const #name: () = ();
            #name
        };
    }
}

/// A migration without statements, so that a mistake does not bring a second wave of errors.
pub(crate) fn stub(runtime: &TokenStream) -> TokenStream {
    stub_named(runtime, &quote!(MIGRATION))
}

fn stub_named(runtime: &TokenStream, name: &TokenStream) -> TokenStream {
    quote! {
        #[doc(hidden)]
        #[allow(unreachable_pub, reason = "the module is private to `migrations!`")]
        pub static #name: #runtime::private::Embedded = #runtime::private::Embedded::stub();
    }
}

/// The static of a migration, or its mistakes and a stub.
pub(crate) fn embedded_or_mistakes(compiled: &Compiled, runtime: &TokenStream, name: &TokenStream) -> TokenStream {
    if compiled.mistakes.is_empty() {
        let mut tokens = embedded(compiled, runtime, name);
        tokens.extend(warnings(&compiled.source, &compiled.warnings));
        return tokens;
    }
    let mut tokens = compile_errors(&compiled.source, &compiled.mistakes);
    tokens.extend(stub_named(runtime, name));
    tokens
}

/// Mistakes, each at its place.
pub(crate) fn compile_errors(source: &Source, mistakes: &[Diagnostic]) -> TokenStream {
    mistakes.iter().map(|mistake| compile_error(source.spans(mistake.at), &mistake.text())).collect()
}

/// Warnings, each at its place.
pub(crate) fn warnings(source: &Source, warnings: &[Warning]) -> TokenStream {
    warnings.iter().map(|one| warning(source.spans(one.found.at).0, &one.found)).collect()
}

/// The static of a history: for each migration its own static, or what is compiled already.
pub(crate) fn history(entries: Vec<Entry>, runtime: &TokenStream, name: &TokenStream) -> TokenStream {
    if !makes_code() {
        return unread_history(&entries, runtime, name);
    }
    let mut archive = Archive::default();
    let (total, mut references) = (entries.len(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Static(path) => references.push(path),
            Entry::Compiled(migration) => {
                let number = archive.count;
                references.push(quote!(PACKED[#number]));
                archive.push(*migration);
            }
        }
    }
    let Archive { count, .. } = archive;
    let references = match count == total {
        true => quote!(&Embedded::references(&PACKED)),
        false => quote!(&[#(&#references),*]),
    };
    let archive = archive.item(runtime, &TokenStream::new());
    quote! {
        static #name: &[&#runtime::private::Embedded] = {
            use #runtime::private::Embedded;
            #archive
            static PACKED: [Embedded; #count] = Embedded::all(&ARCHIVE);
            #references
        };
    }
}

/// The static of a history that nobody can read: as many migrations, and those that have statics of their own.
fn unread_history(entries: &[Entry], runtime: &TokenStream, name: &TokenStream) -> TokenStream {
    let count = entries.len();
    let references = match entries.iter().any(|entry| matches!(entry, Entry::Static(_))) {
        true => {
            let references = entries.iter().map(|entry| match entry {
                Entry::Static(path) => quote!(&#path),
                Entry::Compiled(_) => quote!(STUB),
            });
            quote!(&[#(#references),*])
        }
        false => quote!(&[STUB; #count]),
    };
    quote! {
        static #name: &[&#runtime::private::Embedded] = {
            use #runtime::private::Embedded;
            const STUB: &Embedded = &Embedded::stub();
            #references
        };
    }
}

/// A migration in a history.
pub(crate) enum Entry {
    /// The path of its static.
    Static(TokenStream),
    /// It has none.
    Compiled(Box<Migration>),
}

/// Migrations as the runtime's `Archive` has them.
#[derive(Default)]
struct Archive {
    index: Vec<u8>,
    texts: String,
    count: usize,
}

impl Archive {
    fn push(&mut self, migration: Migration) {
        // No history is that long.
        let offset = |texts: &String| u32::try_from(texts.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.index.extend(migration.version.to_be_bytes());
        self.index.extend(migration.checksum.0);
        self.index.extend(offset(&self.texts));
        let (described, operations) = Described::of(migration);
        // A migration is plain data with text keys: writing it cannot fail.
        self.texts.push_str(&to_json(&described));
        self.index.extend(offset(&self.texts));
        self.texts.push_str(&operations);
        self.index.extend(offset(&self.texts));
        self.count += 1;
    }

    fn item(self, runtime: &TokenStream, functions: &TokenStream) -> TokenStream {
        let Archive { index, texts, count } = self;
        let (index, texts) = (Literal::byte_string(&index), raw_string(&texts));
        quote! {
            static ARCHIVE: #runtime::private::Archive = {
                use #runtime::private::{Archive, Parsed};
                static PARSED: [Parsed; #count] = [const { Parsed::new() }; #count];
                Archive::new(#index, #texts, &PARSED, &[#functions])
            };
        }
    }
}

/// Whether the rustc that expands this makes code. `cargo check` and clippy ask it for metadata alone: nobody can read what is
/// embedded then, and writing it would be a third of the work.
///
/// Whatever else expands macros (an editor, Miri, a test) is taken for one that makes code.
pub(crate) fn makes_code() -> bool {
    static MAKES_CODE: LazyLock<bool> = LazyLock::new(|| {
        let program = std::env::current_exe().unwrap_or_default();
        let is_rustc = program.file_stem().is_some_and(|name| name == "rustc" || name == "clippy-driver");
        let arguments: Vec<String> = std::env::args_os().map(|one| one.to_string_lossy().into_owned()).collect();
        !is_rustc || !emits_metadata_alone(&arguments)
    });
    *MAKES_CODE
}

/// Whether `--emit` names nothing but metadata and what belongs to it, in any of its spellings.
fn emits_metadata_alone(arguments: &[String]) -> bool {
    let mut emitted =
        arguments.iter().enumerate().filter_map(|(index, argument)| match argument.strip_prefix("--emit") {
            Some("") => arguments.get(index + 1).map(String::as_str),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        });
    let kinds = emitted.by_ref().flat_map(|kinds| kinds.split(','));
    let kinds: Vec<&str> = kinds.map(|kind| kind.split_once('=').map_or(kind, |(kind, _)| kind)).collect();
    kinds.contains(&"metadata") && kinds.iter().all(|kind| matches!(*kind, "metadata" | "dep-info"))
}

/// A raw string literal: nothing in it has to be escaped, nor read back by rustc. There is no carriage return in JSON.
///
/// It is rustc's own: proc-macro2 would read it first, unoptimized. For the same reason it is not looked for the shortest fence:
/// the longest one is taken (<https://doc.rust-lang.org/reference/tokens.html#raw-string-literals>). Where there is no rustc, in
/// tests, it is escaped.
pub(crate) fn raw_string(text: &str) -> TokenStream {
    let fence = "#".repeat(255);
    let raw = proc_macro::is_available()
        .then(|| ["r", &fence, "\"", text, "\"", &fence].concat().parse::<proc_macro::Literal>());
    match raw {
        Some(Ok(literal)) => proc_macro::TokenStream::from(proc_macro::TokenTree::from(literal)).into(),
        _ => TokenTree::from(Literal::string(text)).into(),
    }
}

/// The static of a migration: its text, and the functions it names.
fn embedded(compiled: &Compiled, runtime: &TokenStream, name: &TokenStream) -> TokenStream {
    let functions = compiled.functions.iter().map(|path| {
        let text = &path.value;
        let (first, _) = compiled.source.spans(path.at);
        let tokens = path_tokens(text, first);
        quote!((#text, |context| ::std::boxed::Box::pin(#tokens(context))))
    });
    let mut archive = Archive::default();
    archive.push(compiled.migration.clone());
    let archive = archive.item(runtime, &quote!(#(#functions),*));
    quote! {
        #[doc(hidden)]
        #[allow(unreachable_pub, reason = "the module is private to `migrations!`")]
        pub static #name: #runtime::private::Embedded = {
            #archive
            #runtime::private::Embedded::only(&ARCHIVE)
        };
    }
}

/// The path of a function, at its place in the source.
fn path_tokens(path: &str, span: Span) -> TokenStream {
    let mut tokens = TokenStream::new();
    for (index, segment) in path.split("::").enumerate() {
        if index > 0 {
            let mut colon = Punct::new(':', Spacing::Joint);
            colon.set_span(span);
            tokens.extend([TokenTree::from(colon), TokenTree::from(Punct::new(':', Spacing::Alone))]);
        }
        if !segment.is_empty() {
            tokens.extend([TokenTree::from(Ident::new(segment, span))]);
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_emits_metadata_alone_makes_no_code() {
        let alone = |arguments: &[&str]| {
            emits_metadata_alone(&arguments.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())
        };
        assert!(alone(&["rustc", "--emit=dep-info,metadata", "-C", "opt-level=3"]));
        assert!(alone(&["rustc", "--emit", "metadata=/tmp/lib.rmeta"]));
        assert!(!alone(&["rustc", "--emit=dep-info,metadata,link"]));
        assert!(!alone(&["rustc", "--emit=metadata", "--emit=obj"]));
        assert!(!alone(&["rustc", "--emit=dep-info"]));
        assert!(!alone(&["rustc", "main.rs"]));
    }
}
