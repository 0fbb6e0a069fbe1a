//! The history of a directory: which files it has, and what is known of the database before each of them.
//!
//! `migrations!` compiles the files of its directory one after the other. A file that is nothing but a block, without
//! mistakes and without Rust functions, is done with that. The others become modules, so that rustc resolves what they
//! name and shows their mistakes where they are: their `migration!` compiles them once more, with the state that was
//! before them. So does one with a warning, which only shows that. Where that is not known (a mistake, an editor) the files before it are folded from disk; what that
//! leaves is kept for the next one for the rest of the rustc process.

use migrate_core::sorted::SortedMap;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree, fallback};

use crate::check::{State, Warning};
use crate::diagnostic::Diagnostic;
use crate::migration::{Compiled, Identity, compile};
use crate::source::Source;

/// The oldest server that is served where `migrations!` names none.
pub const DEFAULT_POSTGRES: u32 = 14;

/// The majors that are known here.
pub(crate) const SUPPORTED_POSTGRES: std::ops::RangeInclusive<u32> = 14..=18;

/// A file of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// Its version and name.
    pub identity: Identity,
}

/// Why a directory is not a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectoryError {
    /// It cannot be read.
    Unreadable(String),
    /// A file is not named `VERSION_NAME.rs`.
    FileName(PathBuf),
    /// Two files have the same version.
    SameVersion(i64, PathBuf, PathBuf),
    /// A file of SQL, which is not read.
    Sql(PathBuf),
    /// A directory with sources in it, which are not read.
    Directory(PathBuf),
    /// A file that is empty, or has no block.
    NoBlock(PathBuf),
}

/// The files of a directory in the order of their versions. Hidden files, and those that are neither Rust nor SQL, are
/// passed over, `mod.rs` as well. All mistakes are given, too.
pub fn read_directory(directory: &Path, crate_root: &Path) -> (Vec<File>, Vec<DirectoryError>) {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => return (Vec::new(), vec![DirectoryError::Unreadable(error.to_string())]),
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        // Editors and macOS put files of their own there, as `.#0001_users.rs` and `._0001_users.rs`.
        .filter(|path| {
            path.file_name().is_some_and(|name| name != "mod.rs" && !name.to_string_lossy().starts_with('.'))
        })
        .collect();
    paths.sort_unstable();
    let mut files: SortedMap<i64, File> = SortedMap::new();
    let mut mistakes = Vec::new();
    for path in paths {
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => {
                mistakes.extend(has_sources(&path).then_some(DirectoryError::Directory(path)));
                continue;
            }
            Some("rs") => {}
            Some("sql") => {
                mistakes.push(DirectoryError::Sql(path));
                continue;
            }
            _ => continue,
        }
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let relative = path.strip_prefix(crate_root).unwrap_or(&path);
        let Some(identity) = Identity::of(stem, relative.to_string_lossy().replace('\\', "/")) else {
            mistakes.push(DirectoryError::FileName(path));
            continue;
        };
        if let Some(other) = files.get(&identity.version) {
            mistakes.push(DirectoryError::SameVersion(identity.version, other.path.clone(), path));
            continue;
        }
        files.insert(identity.version, File { identity, path });
    }
    (files.into_values().collect(), mistakes)
}

/// Whether there are files in a directory that somebody may take for migrations.
fn has_sources(directory: &Path) -> bool {
    let Ok(entries) = fs::read_dir(directory) else { return false };
    entries
        .filter_map(Result::ok)
        .any(|entry| entry.path().extension().is_some_and(|extension| extension == "rs" || extension == "sql"))
}

/// What this rustc process knows of a directory.
#[derive(Default)]
struct Directory {
    files: Vec<File>,
    mistakes: Vec<DirectoryError>,
    postgres: Option<u32>,
    /// The state after the file with this index was folded.
    state: State,
    folded: usize,
    /// The state before those files that are modules, by their index.
    before: HashMap<usize, State>,
    /// The warnings of those files that are modules for them only, by their index.
    warned: HashMap<usize, Vec<Warning>>,
    /// What the whole history leaves, which decides about warnings; `None` where it was not folded.
    last: Option<State>,
    /// What the newest file makes, or one before it, and a schema does not have.
    beyond: Option<Vec<Diagnostic>>,
    /// Whether there is a mistake in it: then nothing is worth a warning.
    is_wrong: bool,
}

/// A file of a history as `migrations!` has it.
pub(crate) struct Folded {
    pub(crate) file: File,
    pub(crate) compiled: Compiled,
    /// Whether rustc must see the file as a module.
    pub(crate) is_module: bool,
    /// Whether it must for warnings only: then the migration is not in the module.
    pub(crate) is_only_warned: bool,
    /// Whether there is a block in it. What is not Rust is for rustc to say.
    pub(crate) has_block: bool,
    /// Where the file has no token of Rust, by line and column from 1.
    pub(crate) no_token: Option<(u32, u32)>,
}

static DIRECTORIES: LazyLock<Mutex<HashMap<PathBuf, Directory>>> = LazyLock::new(Mutex::default);

fn directories() -> MutexGuard<'static, HashMap<PathBuf, Directory>> {
    // A panic in another expansion is shown by rustc; what was folded before it is whole.
    DIRECTORIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads a directory anew and notes the options of its `migrations!`.
pub(crate) fn open_directory(directory: &Path, crate_root: &Path, postgres: u32) -> (Vec<File>, Vec<DirectoryError>) {
    let (files, mistakes) = read_directory(directory, crate_root);
    let known = Directory {
        files: files.clone(),
        mistakes: mistakes.clone(),
        postgres: Some(postgres),
        ..Directory::default()
    };
    directories().insert(directory.to_owned(), known);
    (files, mistakes)
}

/// Compiles all files of a directory that was opened.
pub(crate) fn fold_directory(directory: &Path) -> Vec<Folded> {
    let mut directories = directories();
    let Some(known) = directories.get_mut(directory) else { return Vec::new() };
    let postgres = known.postgres.unwrap_or(DEFAULT_POSTGRES);
    let mut state = State::default();
    let fold = |(index, file): (usize, &File)| {
        let tokens = read_tokens(&file.path);
        let no_token = tokens.as_ref().err().copied().flatten();
        let has_block = tokens.as_ref().map_or(true, |tokens| find_block(tokens.clone()).is_some());
        let tokens = tokens.unwrap_or_default();
        let block = only_block(&tokens).filter(|block| !may_name_functions(block));
        if block.is_none() {
            known.before.insert(index, state.clone());
        }
        let is_module = block.is_none();
        let tokens = block.or_else(|| find_block(tokens)).unwrap_or_default();
        let compiled = compile(&file.identity, tokens, Span::call_site(), &mut state, postgres);
        let is_module = is_module || !compiled.mistakes.is_empty() || !compiled.functions.is_empty();
        Folded { file: file.clone(), compiled, is_module, is_only_warned: false, has_block, no_token }
    };
    let mut folded: Vec<Folded> = known.files.iter().enumerate().map(fold).collect();
    known.is_wrong = folded.iter().any(|file| !file.compiled.mistakes.is_empty());
    for (index, Folded { compiled, is_module, is_only_warned, .. }) in folded.iter_mut().enumerate() {
        compiled.warnings.retain(|warning| !known.is_wrong && warning.holds(&state.catalog));
        if !compiled.warnings.is_empty() && !known.before.contains_key(&index) {
            known.warned.insert(index, compiled.warnings.clone());
            (*is_module, *is_only_warned) = (true, true);
        }
    }
    known.last = Some(state);
    folded
}

/// What the migrations of a directory leave, and the oldest server that they serve. It is folded where that was not done yet.
pub(crate) fn last_state(directory: &Path, crate_root: &Path, postgres: Option<u32>) -> Option<(State, u32)> {
    let known = |known: &Directory| Some((known.last.clone()?, known.postgres.unwrap_or(DEFAULT_POSTGRES)));
    let found = directories().get(directory).and_then(known);
    if found.is_some() {
        return found;
    }
    let (_, mistakes) = open_directory(directory, crate_root, postgres.unwrap_or(DEFAULT_POSTGRES));
    if mistakes.iter().any(|mistake| matches!(mistake, DirectoryError::Unreadable(_))) {
        return None;
    }
    fold_directory(directory);
    directories().get(directory).and_then(known)
}

/// Notes what the files of a directory make beyond a schema: it is said at the end of the newest one.
pub(crate) fn note_beyond(directory: &Path, newest: &mut Folded, beyond: Vec<Diagnostic>) {
    (newest.is_module, newest.is_only_warned) = (true, false);
    if let Some(known) = directories().get_mut(directory) {
        known.beyond = Some(beyond);
    }
}

impl Directory {
    /// Leaves the warnings that still hold at the end of the history.
    fn still_warned(&self, mut compiled: Compiled) -> Shown {
        let holds = |warning: &Warning| self.last.as_ref().is_none_or(|last| warning.holds(&last.catalog));
        compiled.warnings.retain(|warning| !self.is_wrong && holds(warning));
        Shown::Compiled(Box::new(compiled))
    }
}

/// What the module of a file is for.
pub(crate) enum Shown {
    /// All of it.
    Compiled(Box<Compiled>),
    /// Mistakes.
    Mistakes(Source, Vec<Diagnostic>),
    /// Warnings: the migration itself is with the history.
    Warnings(Source, Vec<Warning>),
}

/// Compiles the block of one file against the files before it.
pub(crate) fn compile_file(
    file: &Path,
    crate_root: &Path,
    tokens: TokenStream,
    whole: Span,
) -> Result<Shown, DirectoryError> {
    let directory = file.parent().unwrap_or(Path::new("")).to_owned();
    let mut directories = directories();
    let known = directories.entry(directory.clone()).or_insert_with(|| {
        let (files, mistakes) = read_directory(&directory, crate_root);
        Directory { files, mistakes, ..Directory::default() }
    });
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let index = Identity::of(stem, String::new()).and_then(|Identity { version, .. }| {
        let index = known.files.binary_search_by_key(&version, |known| known.identity.version).ok()?;
        known.files.get(index).is_some_and(|known| known.path == file).then_some(index)
    });
    let index = match index {
        Some(index) => index,
        None => {
            let about_it = known.mistakes.iter().find(|mistake| match mistake {
                DirectoryError::FileName(path) | DirectoryError::SameVersion(_, _, path) => path == file,
                DirectoryError::Unreadable(_) => true,
                DirectoryError::Sql(_) | DirectoryError::Directory(_) | DirectoryError::NoBlock(_) => false,
            });
            return Err(about_it.cloned().unwrap_or_else(|| DirectoryError::FileName(file.to_owned())));
        }
    };
    let postgres = known.postgres.unwrap_or(DEFAULT_POSTGRES);
    let Some(this) = known.files.get(index) else { return Err(DirectoryError::FileName(file.to_owned())) };
    let source = |tokens| Source::new(tokens, whole, &this.identity.file, &mut Vec::new());
    if let Some(beyond) = known.beyond.as_ref().filter(|_| index + 1 == known.files.len()) {
        let source = source(tokens);
        let end = source.end();
        let mistakes = beyond.iter().map(|one| Diagnostic { at: end, ..one.clone() }).collect();
        return Ok(Shown::Mistakes(source, mistakes));
    }
    if let Some(before) = known.before.get(&index) {
        let compiled = compile(&this.identity, tokens, whole, &mut before.clone(), postgres);
        return Ok(known.still_warned(compiled));
    }
    if let Some(warnings) = known.warned.get(&index) {
        return Ok(Shown::Warnings(source(tokens), warnings.clone()));
    }
    if known.folded > index {
        known.state = State::default();
        known.folded = 0;
    }
    while let Some(earlier) = known.files.get(known.folded).filter(|_| known.folded < index) {
        let tokens = block_of(&earlier.path).unwrap_or_default();
        compile(&earlier.identity, tokens, Span::call_site(), &mut known.state, postgres);
        known.folded += 1;
    }
    let compiled = compile(&this.identity, tokens, whole, &mut known.state, postgres);
    known.folded = index + 1;
    Ok(known.still_warned(compiled))
}

/// The tokens inside the `migration! { ... }` of a file. A file that is broken says so in its own expansion.
fn block_of(path: &Path) -> Option<TokenStream> {
    find_block(tokens_of(path)?)
}

/// The tokens of a file, with their lines and columns: rustc would give all of them the place of the macro. They must not
/// be mixed with its own in an expansion.
pub(crate) fn tokens_of(path: &Path) -> Option<TokenStream> {
    read_tokens(path).ok()
}

/// The same, or the line and column of what is not a token, where the file can be read.
fn read_tokens(path: &Path) -> Result<TokenStream, Option<(u32, u32)>> {
    // As rustc reads it, so that a checkout with other line ends has the same checksums.
    let text = fs::read_to_string(path).map_err(|_| None)?.replace("\r\n", "\n");
    fallback::force();
    let tokens = TokenStream::from_str(&text).map_err(|error| {
        let start = error.span().start();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Some((number(start.line), number(start.column).saturating_add(1)))
    });
    fallback::unforce();
    tokens
}

/// The tokens inside the block of a file that is `migrate_runtime::migration! { ... }`, and nothing else. Any other
/// path is for rustc to resolve.
fn only_block(tokens: &TokenStream) -> Option<TokenStream> {
    only_macro(tokens, "migration")
}

/// The same of another macro of the runtime.
pub(crate) fn only_macro(tokens: &TokenStream, name: &str) -> Option<TokenStream> {
    let mut trees = tokens.clone().into_iter();
    for expected in ["migrate_runtime", ":", ":", name, "!"] {
        let is_expected = match trees.next()? {
            TokenTree::Ident(ident) => ident == expected,
            TokenTree::Punct(punct) => expected.starts_with(punct.as_char()),
            TokenTree::Group(_) | TokenTree::Literal(_) => false,
        };
        is_expected.then_some(())?;
    }
    match (trees.next()?, trees.next()) {
        (TokenTree::Group(group), None) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    }
}

/// Whether a step of it may be a Rust function.
fn may_name_functions(block: &TokenStream) -> bool {
    block.clone().into_iter().any(|tree| matches!(tree, TokenTree::Ident(ident) if ident == "run"))
}

/// The tokens inside the first `migration! { ... }`.
pub(crate) fn find_block(tokens: TokenStream) -> Option<TokenStream> {
    find_macro(tokens, "migration")
}

/// The tokens inside the first `NAME! { ... }`.
pub(crate) fn find_macro(tokens: TokenStream, name: &str) -> Option<TokenStream> {
    let mut before: [Option<TokenTree>; 2] = [None, None];
    for tree in tokens {
        if let TokenTree::Group(group) = &tree
            && group.delimiter() != Delimiter::None
            && matches!(&before[1], Some(TokenTree::Punct(punct)) if punct.as_char() == '!')
            && matches!(&before[0], Some(TokenTree::Ident(ident)) if ident == name)
        {
            return Some(group.stream());
        }
        before = [before[1].take(), Some(tree)];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_compiled_without_rustc_only_if_there_is_nothing_else_in_it() {
        let only = |file: &str| TokenStream::from_str(file).ok().and_then(|tokens| only_block(&tokens)).is_some();
        assert!(only("migrate_runtime::migration! { create enum e { a } }"));
        assert!(!only("other::migration! { create enum e { a } }"));
        assert!(!only("migrate_runtime::migration! { create enum e { a } } fn f() {}"));
        assert!(!only("//! Words.\nmigrate_runtime::migration! { create enum e { a } }"));
    }

    fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("migrate-compiler-{}-{name}", std::process::id()));
        for (file, text) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn nothing_in_a_directory_is_left_out_without_a_word() {
        let names = [
            ("0001_a.rs", ""),
            (".#0001_a.rs", ""),
            ("._0001_a.rs", ""),
            ("mod.rs", ""),
            ("notes.md", ""),
            ("0002_b.sql", ""),
            ("old/0003_c.rs", ""),
            ("images/a.png", ""),
        ];
        let folder = folder("names", &names);
        let (files, mistakes) = read_directory(&folder, &folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(files.len(), 1);
        let expected = [DirectoryError::Sql(folder.join("0002_b.sql")), DirectoryError::Directory(folder.join("old"))];
        assert_eq!(mistakes, expected);
    }

    #[test]
    fn line_ends_of_windows_are_no_other_migration() {
        let text = "migrate_runtime::migration! {\n/// A\n/// b\nsql \"select\n1\" irreversible \"x\"; }\n";
        let windows = text.replace('\n', "\r\n");
        let folder = folder("lines", &[("a.rs", text), ("b.rs", windows.as_str())]);
        let tokens = ["a.rs", "b.rs"].map(|file| block_of(&folder.join(file)).unwrap().to_string());
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(tokens[0], tokens[1]);
    }

    #[test]
    fn the_block_of_a_file_is_found() {
        let file = "use a::b; migrate_runtime::migration! { create enum e { a } }";
        let block = TokenStream::from_str(file).ok().and_then(find_block).map(|tokens| tokens.to_string());
        assert_eq!(block.as_deref(), Some("create enum e { a }"));
    }
}
