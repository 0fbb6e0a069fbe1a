//! Whatever the spaces and comments of a migration are: its layout keeps tokens, comments and meaning, and is final.

use std::fs;
use std::path::{Path, PathBuf};

use super::lex::{Kind, Token, lex};
use super::*;

/// Numbers that look random and are the same in each run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn one<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, into),
            false if path.extension().is_some_and(|extension| extension == "rs") => into.push(path),
            false => {}
        }
    }
    into.sort();
}

fn files(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = Vec::new();
    for folder in folders {
        sources(&root.join(folder), &mut paths);
    }
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        // A case is what stands inside of `migrations!`.
        let is_case = path.parent().and_then(Path::parent).is_some_and(|folder| folder.ends_with("cases"));
        let text = if is_case { format!("migrations! {{\n{text}}}\n") } else { text };
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// The insides of all blocks that are right.
fn all_blocks() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for (path, text) in files(&["tests/cases", "migrations/history"]) {
        for place in blocks(&text).unwrap() {
            found.push((path.clone(), text[place].to_owned()));
        }
    }
    assert!(found.len() > 150, "only {} blocks", found.len());
    found
}

/// Whether two tokens may touch without becoming others.
fn may_touch(before: &Token<'_>, after: &Token<'_>) -> bool {
    let is_bracket = |token: &Token<'_>| matches!(token.kind, Kind::Open(_) | Kind::Close(_));
    let is_comma = |token: &Token<'_>| token.is_symbol(",") || token.is_symbol(";");
    is_bracket(before) || is_bracket(after) || is_comma(before) || is_comma(after)
}

/// The same tokens and comments with other spaces and line breaks, and with comments of our own.
fn mangled(block: &str, chance: &mut Chance, comments: u64) -> String {
    let tokens = lex(block).unwrap();
    let mut out = String::new();
    let mut added = 0;
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        let touched = before.is_some_and(|before| before.end() == token.start);
        let mut must_break = before.is_some_and(|before| before.text.starts_with("///"));
        let mut space = |out: &mut String, chance: &mut Chance, may_touch: bool| {
            out.push_str(match std::mem::take(&mut must_break) {
                true => chance.one(&["\n", "\n  ", "\n\n\n"]),
                false if may_touch => chance.one(&["", "", " ", "\n", "\n\n", "   "]),
                false => chance.one(&[" ", " ", "\n", "\n\n", "\n\n\n   ", "  "]),
            });
        };
        for comment in &token.comments {
            space(&mut out, chance, false);
            out.push_str(comment.text);
            out.push_str(if comment.is_line { "\n" } else { "" });
        }
        if comments > 0 && chance.below(comments) == 0 {
            added += 1;
            space(&mut out, chance, false);
            let comment = if chance.below(3) == 0 { format!("/* {added} */") } else { format!("// {added}\n") };
            out.push_str(&comment);
        }
        // Where punctuation touches, it is meant.
        let is_operator =
            before.is_some_and(|before| before.text.ends_with(['.', ':']) || token.text.starts_with(['.', ':']));
        if !(touched && is_operator) {
            space(&mut out, chance, before.is_none_or(|before| may_touch(before, token)));
        }
        out.push_str(token.text);
    }
    out
}

fn check(path: &Path, block: &str) {
    let shown = || format!("{}\n---\n{block}", path.display());
    let first = format!("migration! {{{block}\n}}\n");
    let out = file(&first).unwrap_or_else(|error| {
        let once = once(&lex(block).unwrap(), block, WIDTH - 4).unwrap();
        let after = format!("{}\n{}", once.first_line, once.lines);
        let (before, now) = (proof::parts(block).unwrap(), proof::parts(&after).unwrap());
        let differ = |one: &[&str], other: &[&str]| {
            let at = one.iter().zip(other).position(|(one, other)| one != other).unwrap_or(one.len().min(other.len()));
            format!(
                "{:?} {:?}",
                one.get(at.saturating_sub(2)..one.len().min(at + 3)),
                other.get(at.saturating_sub(2)..other.len().min(at + 3))
            )
        };
        let difference = format!("tokens {}\ncomments {}", differ(&before.0, &now.0), differ(&before.1, &now.1));
        panic!("{error}\n{difference}\n{}\n---\n{after}", shown())
    });
    assert_eq!(file(&out).as_ref(), Ok(&out), "not final: {}", shown());
    let inside = |text: &str| text[blocks(text).unwrap().remove(0)].to_owned();
    let (before, after) = (inside(&first), inside(&out));
    let comments = |text: &str| -> Vec<String> {
        let tokens = lex(text).unwrap();
        tokens.iter().flat_map(|token| &token.comments).map(|comment| comment.text.to_owned()).collect()
    };
    assert_eq!(comments(&before), comments(&after), "{}", shown());
    assert_eq!(proof::meaning(&before), proof::meaning(&after), "{}", shown());
    for line in out.lines().filter(|line| !block.contains(*line)) {
        assert!(!line.ends_with(' '), "a space at the end of {line:?}: {}", shown());
    }
}

#[test]
fn every_block_keeps_its_meaning_and_its_layout_is_final() {
    for (path, block) in all_blocks() {
        check(&path, &block);
    }
}

#[test]
fn spaces_and_line_breaks_change_nothing() {
    let mut chance = Chance(0x5eed_0001);
    for (path, block) in all_blocks() {
        for _ in 0..4 {
            check(&path, &mangled(&block, &mut chance, 0));
        }
    }
}

#[test]
fn comments_anywhere_survive_once_and_in_order() {
    let mut chance = Chance(0x5eed_0002);
    for (path, block) in all_blocks() {
        for often in [4, 12, 40] {
            check(&path, &mangled(&block, &mut chance, often));
        }
    }
}

#[test]
fn whatever_text_comes_in_there_is_a_result_or_an_error() {
    let mut chance = Chance(0x5eed_0003);
    for (_, text) in files(&["tests/ui", "tests/cases"]) {
        let _ = file(&text);
        let characters: Vec<char> = text.chars().collect();
        for _ in 0..6 {
            let mut characters = characters.clone();
            for _ in 0..=chance.below(3) {
                let at = usize::try_from(chance.below(characters.len() as u64)).unwrap();
                match chance.below(3) {
                    0 => characters.truncate(at.max(1)),
                    1 => drop(characters.remove(at)),
                    _ => characters.insert(
                        at,
                        chance.one(&["{", ")", "\"", "'", "#", "/", "*", "\\", "é"]).chars().next().unwrap(),
                    ),
                }
                if characters.is_empty() {
                    break;
                }
            }
            let text: String = characters.into_iter().collect();
            let _ = file(&text);
            let _ = block(&text);
        }
    }
}

#[test]
fn deep_brackets_are_an_error() {
    let deep = format!("create table t {{ a: int check {}a{} }}", "(".repeat(3000), ")".repeat(3000));
    assert_eq!(block(&deep).unwrap_err().fault, Fault::TooDeep);
}
