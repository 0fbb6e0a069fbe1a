//! Every example of the reference compiles. What an example needs to be there before it stands in a comment above it that
//! nobody sees: `<!-- before: create table users { id: bigint primary key } -->`; one that is no list of items has
//! `<!-- not a migration -->`.

use std::path::Path;

use migrate_compiler::compile_history;

/// An example: where it stands, what is there before it, and what it says.
struct Example {
    page: String,
    line: usize,
    before: String,
    items: String,
}

/// The examples of a page.
fn examples(page: &str, text: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut before: Option<String> = Some(String::new());
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix("<!-- before:") {
            let mut setup = comment.to_owned();
            while !setup.contains("-->") {
                let (_, next) = lines.next().expect("the end of the comment");
                setup.push('\n');
                setup.push_str(next);
            }
            before = Some(setup.replace("-->", ""));
        } else if line == "<!-- not a migration -->" {
            before = None;
        } else if line == "```rust" {
            let items: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```").collect();
            if let Some(before) = before.replace(String::new()) {
                let items = items.join("\n");
                let items = match items.split_once("migration! {") {
                    Some((_, block)) => block.rsplit_once('}').expect("the end of the block").0.to_owned(),
                    None => items,
                };
                found.push(Example { page: page.to_owned(), line: index + 1, before, items });
            }
        } else if !line.is_empty() && !line.starts_with('<') {
            before.get_or_insert_default();
        }
    }
    found
}

#[test]
fn every_example_compiles() {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut pages = vec![documents.join("language.md")];
    if let Ok(folder) = std::fs::read_dir(documents.join("language")) {
        pages.extend(folder.map(|entry| entry.expect("an entry").path()));
    }
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in pages {
        let page = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a page");
        for Example { page, line, before, items } in examples(&page, &text) {
            count += 1;
            let before = match before.trim() {
                "" => String::new(),
                before => format!("migration \"1_before\" {{ {before} }}\n"),
            };
            let lines = before.matches('\n').count();
            if let Err(mistakes) = compile_history(&format!("{before}migration \"2_example\" {{\n{items}\n}}")) {
                for mistake in mistakes {
                    let at = match mistake.migration.as_str() {
                        "1_before" => format!("{page}:{line} before it"),
                        _ => format!("{page}:{}", (line + mistake.line as usize).saturating_sub(lines + 1)),
                    };
                    wrong.push(format!("{at}: {}", mistake.text.replace('\n', "\n    ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} mistakes:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 25, "only {count} examples were found");
}
