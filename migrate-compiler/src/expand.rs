//! What the two macros expand to.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use migrate_core::catalog::Catalog;
use migrate_core::json::to_json;
use migrate_core::operation::fresh::Written;
use migrate_core::outline::Outline;
use migrate_core::plan::Checksum;
use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream, TokenTree};
use quote::quote;

use crate::check::State;
use crate::diagnostic::{Code, Diagnostic, code};
use crate::emit::{
    Entry, compile_error, compile_errors, embedded_or_mistakes, history, makes_code, raw_string, stub, warnings,
};
use crate::history::{
    DEFAULT_POSTGRES, DirectoryError, File, Folded, SUPPORTED_POSTGRES, Shown, compile_file, fold_directory,
    last_state, note_beyond, open_directory,
};
use crate::migration::{Compiled, Identity, compile};
use crate::schema::{Expanded, expand_directory, expand_inline};

/// Expands `migration! { ... }`. `runtime` is the path of the runtime's crate, `file` the file that the block stands in; without
/// one (an editor that expands macros outside rustc) the block is not checked, and expands to a migration without statements.
pub fn expand_migration(runtime: &TokenStream, tokens: TokenStream, file: Option<PathBuf>) -> TokenStream {
    guarded(|| expand_block(runtime, tokens, file), || stub(runtime))
}

/// Shows a panic of the compiler as what it is: a bug, and not one of the user's.
pub(crate) fn guarded(expand: impl FnOnce() -> TokenStream, stub: impl FnOnce() -> TokenStream) -> TokenStream {
    // What a panic leaves half done is not looked at again.
    catch_unwind(AssertUnwindSafe(expand)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        let message = format!(
            "this is a bug in migrate: {}\nhelp: please report it with this migration, and use raw SQL in the meantime",
            text.unwrap_or("the compiler panicked")
        );
        let error = compile_error((Span::call_site(), Span::call_site()), &message);
        let stub = stub();
        quote!(#error #stub)
    })
}

fn expand_block(runtime: &TokenStream, tokens: TokenStream, file: Option<PathBuf>) -> TokenStream {
    if tokens.is_empty() {
        let empty = crate::migration::empty("this migration is empty");
        let error = compile_error((Span::call_site(), Span::call_site()), &empty.text());
        let stub = stub(runtime);
        return quote!(#error #stub);
    }
    let Some(file) = file else { return stub(runtime) };
    let file = file.canonicalize().unwrap_or(file);
    match compile_file(&file, &crate_root(), tokens, Span::call_site()) {
        Ok(Shown::Compiled(compiled)) => embedded_or_mistakes(&compiled, runtime, &quote!(MIGRATION)),
        Ok(Shown::Mistakes(source, mistakes)) => {
            let (mistakes, stub) = (compile_errors(&source, &mistakes), stub(runtime));
            quote!(#mistakes #stub)
        }
        Ok(Shown::Warnings(source, found)) => warnings(&source, &found),
        Err(error) => {
            let (code, message, help) = describe(&error);
            let error = spanned_error(Span::call_site(), code, &message, &help);
            let stub = stub(runtime);
            quote!(#error #stub)
        }
    }
}

/// Expands `migrations!("directory", postgres = 15)`, or `migrations! { migration "0001_users" { ... } }`.
pub fn expand_migrations(runtime: &TokenStream, tokens: TokenStream, file: Option<PathBuf>) -> TokenStream {
    guarded(|| expand_history(runtime, tokens, file), TokenStream::new)
}

fn expand_history(runtime: &TokenStream, tokens: TokenStream, file: Option<PathBuf>) -> TokenStream {
    let (declared, tokens) = Declared::split(tokens);
    let arguments = match Arguments::parse(tokens) {
        Ok(arguments) => arguments,
        Err(error) => return error,
    };
    if arguments.directory.is_none() && arguments.blocks.is_empty() {
        let message = "`migrations!` needs a directory or inline migrations";
        let span = Span::call_site();
        return spanned_error(span, code::SYNTAX, message, &[USAGE.to_owned()]);
    }
    let postgres = arguments.postgres;
    let Parts { modules, items, entries, source, chain, outline, adopts } = match &arguments.directory {
        Some(literal) => directory(literal, arguments.schema.as_ref(), runtime, postgres, file.is_some()),
        None => inline(&arguments.blocks, arguments.schema.as_ref(), runtime, postgres, file.is_some()),
    };
    let history = history(entries, runtime, &quote!(HISTORY));
    let chain = Literal::byte_string(&chain.0);
    let migrations = quote! {
        #items
        #history
        #runtime::private::Migrations::with_chain(
            HISTORY,
            #runtime::private::Options { oldest_server: #postgres, source: #source },
            #chain,
        )
        .of(env!("CARGO_PKG_NAME"))
        #outline
        #adopts
    };
    match declared {
        Some(Declared { before, name }) => quote! {
            #modules
            #before static #name: #runtime::Migrations = { #migrations };
        },
        None => quote!({ #modules #migrations }),
    }
}

/// `pub static MIGRATIONS = `, before the arguments of `migrations!` where it stands as an item. Then its files are modules of
/// the module around it, and an editor that expands macros finds them.
struct Declared {
    /// Attributes and visibility.
    before: TokenStream,
    name: proc_macro2::Ident,
}

impl Declared {
    /// The declaration, if there is one, and the arguments.
    fn split(tokens: TokenStream) -> (Option<Self>, TokenStream) {
        let mut before = TokenStream::new();
        let mut trees = tokens.clone().into_iter();
        for tree in trees.by_ref() {
            match &tree {
                TokenTree::Ident(ident) if ident == "static" => break,
                TokenTree::Ident(ident) if ident == "pub" => {}
                TokenTree::Punct(punct) if punct.as_char() == '#' => {}
                TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {}
                _ => return (None, tokens),
            }
            before.extend([tree]);
        }
        match (trees.next(), trees.next()) {
            (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(equals))) if equals.as_char() == '=' => {
                (Some(Declared { before, name }), trees.collect())
            }
            _ => (None, tokens),
        }
    }
}

pub(crate) fn crate_root() -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    root.canonicalize().unwrap_or(root)
}

const USAGE: &str = "write `migrations!(\"directory\")`, `migrations!(\"directory\", postgres = 15, schema = \"schema\")`, \
                     or `migrations! { migration \"0001_users\" { ... } }`";

/// What stands between the brackets of `migrations!`.
pub(crate) struct Arguments {
    pub(crate) directory: Option<Literal>,
    pub(crate) postgres: u32,
    pub(crate) blocks: Vec<(Literal, Group)>,
    pub(crate) schema: Option<SchemaArgument>,
}

/// What the migrations should make.
pub(crate) enum SchemaArgument {
    /// `schema = "schema"`: a directory, or a file.
    Path(Literal),
    /// `schema { ... }`
    Block(Group),
}

impl Arguments {
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self, TokenStream> {
        let mut arguments = Arguments { directory: None, postgres: DEFAULT_POSTGRES, blocks: Vec::new(), schema: None };
        let mut trees = tokens.into_iter().peekable();
        let wrong = |span: Span, message: &str| Err(spanned_error(span, code::SYNTAX, message, &[USAGE.to_owned()]));
        while let Some(tree) = trees.next() {
            match tree {
                TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | ';') => {}
                TokenTree::Literal(literal) if arguments.directory.is_none() && arguments.blocks.is_empty() => {
                    arguments.directory = Some(literal);
                }
                TokenTree::Ident(ident) if ident == "postgres" => {
                    let equals = matches!(trees.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=');
                    let version = match trees.next() {
                        Some(TokenTree::Literal(literal)) if equals => literal,
                        _ => return wrong(ident.span(), "expected `postgres = VERSION`"),
                    };
                    match version.to_string().parse::<u32>() {
                        Ok(number) if SUPPORTED_POSTGRES.contains(&number) => arguments.postgres = number,
                        _ => {
                            let (oldest, newest) = SUPPORTED_POSTGRES.into_inner();
                            let message =
                                format!("`{version}` is not a supported version: expected {oldest} to {newest}");
                            return wrong(version.span(), &message);
                        }
                    }
                }
                TokenTree::Ident(ident) if ident == "schema" => match trees.next() {
                    Some(TokenTree::Punct(punct)) if punct.as_char() == '=' => match trees.next() {
                        Some(TokenTree::Literal(path)) => arguments.schema = Some(SchemaArgument::Path(path)),
                        _ => return wrong(ident.span(), "expected `schema = \"DIRECTORY\"`"),
                    },
                    Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
                        arguments.schema = Some(SchemaArgument::Block(body));
                    }
                    _ => return wrong(ident.span(), "expected `schema = \"DIRECTORY\"` or `schema { ... }`"),
                },
                TokenTree::Ident(ident) if ident == "migration" => match (trees.next(), trees.next()) {
                    (Some(TokenTree::Literal(name)), Some(TokenTree::Group(body)))
                        if body.delimiter() == Delimiter::Brace =>
                    {
                        arguments.blocks.push((name, body));
                    }
                    _ => return wrong(ident.span(), "expected `migration \"VERSION_NAME\" { ... }`"),
                },
                other => return wrong(other.span(), &format!("unexpected `{other}`")),
            }
        }
        if arguments.directory.is_some() && !arguments.blocks.is_empty() {
            return wrong(Span::call_site(), "`migrations!` takes either a directory or inline migrations, not both");
        }
        Ok(arguments)
    }
}

/// What `migrations!` is put together from.
struct Parts {
    /// The modules of files.
    modules: TokenStream,
    items: TokenStream,
    /// The migrations, by version.
    entries: Vec<Entry>,
    source: TokenStream,
    /// The checksum of all of them.
    chain: Checksum,
    /// `.outlined("...")`, where nothing is wrong.
    outline: TokenStream,
    /// `.adopting()`, where one takes over what another tool has migrated.
    adopts: TokenStream,
}

/// What all migrations come to, gathered while they are put together.
#[derive(Default)]
struct Whole {
    written: Vec<Written<'static>>,
    is_wrong: bool,
    adopts: bool,
}

impl Whole {
    fn add(&mut self, compiled: &mut Compiled) {
        self.is_wrong |= !compiled.mistakes.is_empty();
        self.adopts |= compiled.migration.adoption.is_some();
        self.written.push(Written { operations: std::mem::take(&mut compiled.operations), up: None });
    }

    /// `.outlined("...")` and `.adopting()`, of what leads to this catalog.
    fn tokens(self, after: &Catalog, postgres: u32) -> (TokenStream, TokenStream) {
        let adopts = if self.adopts { quote!(.adopting()) } else { TokenStream::new() };
        if self.is_wrong || self.written.is_empty() || !makes_code() {
            return (TokenStream::new(), adopts);
        }
        // It is plain data with text keys: writing it cannot fail.
        let outline = to_json(&Outline::of(&self.written, after, postgres));
        let outline = raw_string(&outline);
        (quote!(.outlined(#outline)), adopts)
    }
}

/// What is to be said of a schema beside a history; nothing is, where that is not known.
fn beside(schema: Option<&SchemaArgument>, history: Option<&State>, postgres: u32) -> Expanded {
    match (schema, history) {
        (Some(SchemaArgument::Path(literal)), _) => expand_directory(literal, history, postgres),
        (Some(SchemaArgument::Block(block)), Some(history)) => expand_inline(block, history, postgres),
        _ => Expanded::default(),
    }
}

fn directory(
    literal: &Literal,
    schema: Option<&SchemaArgument>,
    runtime: &TokenStream,
    postgres: u32,
    is_checked: bool,
) -> Parts {
    let none = quote!(::core::option::Option::None);
    let Ok(text) = litrs::StringLit::try_from(literal) else {
        let error = spanned_error(literal.span(), code::SYNTAX, "the directory must be a string literal", &[]);
        let modules = TokenStream::new();
        let outline = TokenStream::new();
        let (entries, chain, adopts) = (Vec::new(), Checksum::EMPTY, TokenStream::new());
        return Parts { modules, items: error, entries, source: none, chain, outline, adopts };
    };
    let root = crate_root();
    let path = root.join(text.value());
    let path = path.canonicalize().unwrap_or(path);
    let (files, mistakes) = open_directory(&path, &root, postgres);
    let mut items: TokenStream = mistakes
        .iter()
        .map(|mistake| {
            let (code, message, help) = describe(mistake);
            let message = match mistake {
                DirectoryError::Unreadable(why) => format!("cannot read the directory `{}`: {why}", text.value()),
                _ => message,
            };
            spanned_error(literal.span(), code, &message, &help)
        })
        .collect();
    let mut modules = TokenStream::new();
    let mut entries = Vec::new();
    let mut chain = Checksum::EMPTY;
    let mut whole = Whole::default();
    let mut after = Catalog::default();
    if is_checked {
        let mut paths = Vec::new();
        let mut folded = fold_directory(&path);
        let history = last_state(&path, &root, Some(postgres)).map(|(state, _)| state);
        if schema.is_some() {
            let Expanded { items: of_schema, beyond } = beside(schema, history.as_ref(), postgres);
            items.extend(of_schema);
            if let Some(newest) = folded.last_mut().filter(|_| !beyond.is_empty()) {
                note_beyond(&path, newest, beyond);
            }
        }
        for Folded { file, mut compiled, is_module, is_only_warned, has_block, .. } in folded {
            whole.add(&mut compiled);
            if !has_block {
                let (code, message, help) = describe(&DirectoryError::NoBlock(file.path));
                items.extend(spanned_error(literal.span(), code, &message, &help));
                continue;
            }
            chain = chain.chain(compiled.migration.version, compiled.migration.checksum);
            let (item, name) = module(&file);
            if is_module && !is_only_warned {
                modules.extend(item);
                entries.push(Entry::Static(name));
            } else {
                // rust-analyzer, which sets `miri`, shows them as parts of the crate. rustc does not know its own cfg.
                modules.extend(match is_only_warned {
                    true => quote!(#[cfg_attr(miri, allow(dead_code))] #item),
                    false if makes_code() => quote!(#[cfg(miri)] #[allow(dead_code)] #item),
                    false => TokenStream::new(),
                });
                entries.push(Entry::Compiled(Box::new(compiled.migration)));
                paths.push(file.path.to_string_lossy().into_owned());
            }
        }
        after = history.unwrap_or_default().catalog;
        // So that rustc, and cargo, know what was read.
        items.extend(quote!(const _: &[&str] = &[#(include_str!(#paths)),*];));
    } else {
        items.extend(beside(schema, None, postgres).items);
        for file in &files {
            let (item, name) = module(file);
            modules.extend(item);
            entries.push(Entry::Static(name));
        }
    }
    let source = quote! {
        if cfg!(debug_assertions) {
            ::core::option::Option::Some(#runtime::private::Source {
                directory: concat!(env!("CARGO_MANIFEST_DIR"), "/", #literal),
            })
        } else {
            ::core::option::Option::None
        }
    };
    let (outline, adopts) = whole.tokens(&after, postgres);
    Parts { modules, items, entries, source, chain, outline, adopts }
}

/// The module of a file, and the static in it.
fn module(File { path, identity }: &File) -> (TokenStream, TokenStream) {
    let module = quote::format_ident!("migration_{}", identity.version.to_string());
    let path = path.to_string_lossy();
    let item = quote! {
        #[path = #path]
        mod #module;
    };
    (item, quote!(#module::MIGRATION))
}

fn inline(
    blocks: &[(Literal, Group)],
    schema: Option<&SchemaArgument>,
    runtime: &TokenStream,
    postgres: u32,
    is_checked: bool,
) -> Parts {
    let mut items = TokenStream::new();
    let mut sorted: Vec<(Identity, &Group)> = Vec::new();
    for (literal, body) in blocks {
        let stem = litrs::StringLit::try_from(literal).map(litrs::StringLit::into_value).unwrap_or_default();
        let Some(identity) = Identity::of(&stem, String::new()) else {
            items.extend(spanned_error(
                literal.span(),
                code::INVALID_FILE_NAME,
                &format!("`{stem}` is not a valid migration name"),
                &["write VERSION_NAME, for example \"0001_users\"".to_owned()],
            ));
            continue;
        };
        if let Some((other, _)) = sorted.iter().find(|(known, _)| known.version == identity.version) {
            items.extend(spanned_error(
                literal.span(),
                code::DUPLICATE_VERSION,
                &format!("`{stem}` has the same version as `{}`", other.name),
                &["give one of them another version".to_owned()],
            ));
            continue;
        }
        sorted.push((identity, body));
    }
    sorted.sort_by_key(|(identity, _)| identity.version);
    let mut state = State::default();
    let mut entries = Vec::new();
    let mut chain = Checksum::EMPTY;
    let mut all = Vec::new();
    for (identity, body) in sorted.iter().filter(|_| is_checked) {
        let name = quote::format_ident!("MIGRATION_{}", identity.version.to_string());
        all.push((name, compile(identity, body.stream(), body.span(), &mut state, postgres)));
    }
    let is_wrong = all.iter().any(|(_, compiled)| !compiled.mistakes.is_empty());
    let Expanded { items: of_schema, beyond } = beside(schema, Some(&state).filter(|_| is_checked), postgres);
    items.extend(of_schema);
    if let Some((_, newest)) = all.last_mut() {
        let at = newest.source.end();
        newest.mistakes.extend(beyond.into_iter().map(|one| Diagnostic { at, ..one }));
    }
    let mut whole = Whole::default();
    for (name, mut compiled) in all {
        whole.add(&mut compiled);
        // Where something is wrong that comes first.
        compiled.warnings.retain(|warning| !is_wrong && warning.holds(&state.catalog));
        chain = chain.chain(compiled.migration.version, compiled.migration.checksum);
        items.extend(embedded_or_mistakes(&compiled, runtime, &quote!(#name)));
        entries.push(Entry::Static(quote!(#name)));
    }
    let modules = TokenStream::new();
    let (outline, adopts) = whole.tokens(&state.catalog, postgres);
    Parts { modules, items, entries, source: quote!(::core::option::Option::None), chain, outline, adopts }
}

pub(crate) fn describe(error: &DirectoryError) -> (&'static Code, String, Vec<String>) {
    let name = |path: &Path| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match error {
        DirectoryError::Unreadable(why) => (
            code::INVALID_FILE_NAME,
            format!("cannot read the directory: {why}"),
            vec!["the path is relative to the directory of Cargo.toml".into()],
        ),
        DirectoryError::FileName(path) => (
            code::INVALID_FILE_NAME,
            format!("the file name `{}` has no version", name(path)),
            vec!["name it VERSION_NAME.rs, for example 20260312094500_bookings.rs".into()],
        ),
        DirectoryError::Sql(path) => (
            code::INVALID_FILE_NAME,
            format!("`{}` is not read: migrations are Rust files", name(path)),
            vec![
                format!(
                    "write it as a block in `{}.rs`, with `sql \"...\"` or in the migration language",
                    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
                ),
                "if it is not a migration, move it to another directory".into(),
            ],
        ),
        DirectoryError::Directory(path) => (
            code::INVALID_FILE_NAME,
            format!("the files in the directory `{}` are not read", name(path)),
            vec!["move them up, or move the directory elsewhere".into()],
        ),
        DirectoryError::NoBlock(path) => (
            code::EMPTY,
            format!("the file `{}` has no `migration!` block", name(path)),
            vec!["write `migrate_runtime::migration! { ... }` in it".into()],
        ),
        DirectoryError::SameVersion(version, first, second) => (
            code::DUPLICATE_VERSION,
            format!("the files `{}` and `{}` have the same version, {version}", name(first), name(second)),
            vec!["give one of them another version".into()],
        ),
    }
}

pub(crate) fn spanned_error(span: Span, code: &'static Code, message: &str, help: &[String]) -> TokenStream {
    let mut diagnostic = Diagnostic::new(code, message, migrate_core::token::At::default());
    diagnostic.help = help.to_vec();
    compile_error((span, span), &diagnostic.text())
}
