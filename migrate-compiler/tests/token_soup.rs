//! Whatever tokens come in, there is a result or a mistake, never a panic; and one wrong token is one mistake.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::Path;

use migrate_compiler::compile_history;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Numbers that look random and are the same in each run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// A token as text, and whether the next one touches it.
type Piece = (String, bool);

fn pieces(tokens: TokenStream, into: &mut Vec<Piece>) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                into.push((open.into(), false));
                pieces(group.stream(), into);
                into.push((close.into(), false));
            }
            TokenTree::Punct(punct) => into.push((punct.to_string(), punct.spacing() == Spacing::Joint)),
            other => into.push((other.to_string(), false)),
        }
    }
}

fn joined(pieces: &[Piece]) -> String {
    pieces.iter().map(|(text, touches)| format!("{text}{}", if *touches { "" } else { " " })).collect()
}

/// The blocks of the cases of other tests, each as a history of one migration.
fn blocks() -> Vec<Vec<Piece>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let mut folders = vec![root.join("ui"), root.join("cases")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "rs") => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    let mut blocks = Vec::new();
    for file in files {
        // The literals of SQL are no tokens of Rust.
        let Ok(tokens) = std::fs::read_to_string(file).unwrap().parse::<TokenStream>() else { continue };
        for tree in tokens.into_iter().filter(|tree| matches!(tree, TokenTree::Group(_))) {
            let mut block = Vec::new();
            pieces(TokenStream::from(tree), &mut block);
            blocks.push(block);
        }
    }
    blocks
}

const SOUP: &[&str] = &[
    "'active'",
    "'a'",
    "'b",
    "b\"x\"",
    "c\"x\"",
    "r#\"x\"#",
    "\"x\\0y\"",
    "1u8",
    "1.5f32",
    "0x10",
    "1_000",
    "b'x'",
    "$",
    "\\",
    "@",
    "#",
    "##",
    "--",
    "?",
    "::",
    "..",
    "=>",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ";",
    ":",
    "=",
    "\"\"",
    "\"text\"",
    "99999999999999999999",
    "create",
    "table",
    "alter",
    "drop",
    "index",
    "on",
    "update",
    "set",
    "null",
    "not",
    "default",
    "check",
    "references",
    "primary",
    "key",
    "unique",
    "select",
    "from",
    "where",
    "sql",
    "down",
    "irreversible",
    "changes",
    "r#type",
    "#[allow(x)]",
    "/// x\n",
];

/// Compiles, and gives the mistakes; a panic is told with what made it. What is not Rust is not ours.
fn mistakes(text: &str) -> Option<Vec<String>> {
    text.parse::<TokenStream>().ok()?;
    let compiled = catch_unwind(|| compile_history(text));
    let Ok(compiled) = compiled else { panic!("the compiler panicked at:\n{text}") };
    Some(compiled.err().unwrap_or_default().into_iter().map(|mistake| mistake.to_string()).collect())
}

#[test]
fn no_tokens_make_the_compiler_panic() {
    let blocks = blocks();
    let mut chance = Chance(0x5eed);
    let mut read = 0;
    for _ in 0..4000 {
        let mut block = blocks[chance.below(blocks.len())].clone();
        for _ in 0..=chance.below(6) {
            let at = chance.below(block.len());
            match chance.below(4) {
                0 => drop(block.remove(at)),
                1 => block.insert(at, (SOUP[chance.below(SOUP.len())].into(), chance.below(2) == 0)),
                2 => block[at] = (SOUP[chance.below(SOUP.len())].into(), chance.below(2) == 0),
                _ => {
                    let other = chance.below(block.len());
                    block.swap(at, other);
                }
            }
            if block.is_empty() {
                break;
            }
        }
        let text = joined(&block);
        let whole = match block.first() {
            Some((first, _)) if first == "{" => format!("migration \"1_a\" {text}"),
            _ => text,
        };
        read += usize::from(mistakes(&whole).is_some());
    }
    assert!(read > 500, "only {read} were Rust");
}

/// A block without mistakes that has most of the language, and a mistake in its last item.
const BLOCK: &str = r#"
    create enum state { open, closed, lost }
    create table users { id: bigint primary key, email: text unique, age: int? check (age > 0), made: timestamptz = now() }
    create table trips {
        id: uuid = gen_random_uuid() primary key,
        user_id: bigint references users on delete cascade,
        state: state = open,
        total: numeric(12, 2) check (total >= 0),
        unique (user_id, state),
    }
    create index on trips (user_id) where state <> lost;
    create index trips_total on trips using btree (total desc nulls last, id);
    alter table users { add nick: text?, rename made to created_at, alter age set not null }
    insert into users (id, email, age) values (1, "a", 2), (2, "b", 3);
    sql "create view v as select 1" irreversible "a view";
    comment on table users is "people";
    drop table nothing_like_it;
"#;

#[test]
fn one_wrong_token_is_one_mistake_and_the_last_one_is_still_reported() {
    let mut tokens = Vec::new();
    pieces(BLOCK.parse().unwrap(), &mut tokens);
    let last = "cannot find table `nothing_like_it`";
    let compile = |tokens: &[Piece]| mistakes(&format!("migration \"1_a\" {{ {} }}", joined(tokens)));
    let first = compile(&tokens).unwrap();
    assert!(first.len() == 1 && first[0].contains(last), "{first:#?}");
    let end = tokens.iter().rposition(|(text, _)| text == "drop").unwrap();
    let (mut counts, mut silent, mut many) = (BTreeMap::new(), Vec::new(), Vec::new());
    let mut judge = |what: String, tokens: &[Piece]| {
        let Some(found) = compile(tokens) else { return };
        let others = found.iter().filter(|mistake| !mistake.contains(last)).count();
        *counts.entry(others).or_insert(0) += 1;
        if others > 2 {
            many.push(format!("{what}\n  {}", found.join("\n  ")));
        }
        if others == found.len() {
            silent.push(format!("{what}\n  {}", found.join("\n  ")));
        }
    };
    for at in 0..end {
        let mut without = tokens.clone();
        let (token, _) = without.remove(at);
        judge(format!("without `{token}` ({at})"), &without);
        let mut swapped = tokens.clone();
        swapped.swap(at, at + 1);
        judge(format!("`{token}` after `{}` ({at})", tokens[at + 1].0), &swapped);
        for more in [";", ",", "foo"] {
            let mut with = tokens.clone();
            with.insert(at, (more.into(), false));
            judge(format!("`{more}` before `{token}` ({at})"), &with);
        }
    }
    let total: usize = counts.values().sum();
    assert!(many.len() * 50 <= total, "{} of {total}:\n{}", many.len(), many.join("\n"));
    assert!(silent.len() * 50 <= total, "{} of {total}:\n{}", silent.len(), silent.join("\n"));
}

#[test]
fn what_is_nested_deeply_is_a_mistake() {
    for (open, close) in [
        ("update t set a = 1 down { ", " }"),
        ("sql \"select 1\" changes { ", " }"),
        ("create table t { a: int = (", ") }"),
        ("create table t { a: jsonb = ", " }"),
    ] {
        let (open, close) = match open.contains("jsonb") {
            true => (format!("{open}{}", "[".repeat(3000)), format!("{}{close}", "]".repeat(3000))),
            false if open.ends_with('(') => {
                (format!("{open}{}", "(".repeat(3000)), format!("{}{close}", ")".repeat(3000)))
            }
            false => (open.repeat(3000), close.repeat(3000)),
        };
        let found = std::thread::Builder::new()
            // What is tested is the compiler: the lexer of the test and the drop of its tokens need their own.
            .stack_size(64 << 20)
            .spawn(move || mistakes(&format!("migration \"1_a\" {{ {open} {close} }}")))
            .unwrap();
        let found = found.join().unwrap().unwrap();
        assert!(found.iter().any(|mistake| mistake.contains("nested too deeply")), "{found:?}");
    }
}
