//! The examples of the reference: `docs/language.md` and the pages in `docs/language/`. What an example needs to be there
//! stands in a comment above it that nobody sees: `<!-- before: create table users { id: bigint primary key } -->`; one that
//! is not a list of items has `<!-- not a migration -->`.

use std::fs;
use std::path::{Path, PathBuf};

/// An example: where it stands, what is there before it, and what it says.
pub(crate) struct Example {
    /// The page, and the line of the fence above the example, from 1.
    pub(crate) page: PathBuf,
    pub(crate) line: usize,
    /// The line of the fence below it.
    pub(crate) end: usize,
    pub(crate) before: String,
    pub(crate) items: String,
}

impl Example {
    /// Where it stands, for people.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.page.file_name().unwrap_or_default().to_string_lossy(), self.line)
    }

    /// What is there before it as a migration of its own, if there is anything.
    pub(crate) fn setup(&self) -> String {
        match self.before.trim() {
            "" => String::new(),
            before => format!("migration \"1_before\" {{ {before} }}\n"),
        }
    }

    /// The example as a migration, after what is there before it.
    pub(crate) fn history(&self) -> String {
        format!("{}migration \"2_example\" {{\n{}\n}}", self.setup(), self.items)
    }
}

/// The pages of the reference.
pub(crate) fn pages(documents: &Path) -> Vec<PathBuf> {
    let folder = fs::read_dir(documents.join("language")).into_iter().flatten();
    let mut pages: Vec<PathBuf> = folder.filter_map(|entry| Some(entry.ok()?.path())).collect();
    pages.sort();
    pages.insert(0, documents.join("language.md"));
    pages
}

/// The examples of a page.
pub(crate) fn examples(page: &Path, text: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut before: Option<String> = Some(String::new());
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix("<!-- before:") {
            let mut setup = comment.to_owned();
            while !setup.contains("-->") {
                let Some((_, next)) = lines.next() else { break };
                setup.push('\n');
                setup.push_str(next);
            }
            before = Some(setup.replace("-->", ""));
        } else if line == "<!-- not a migration -->" {
            before = None;
        } else if line == "```rust" {
            let (mut items, mut end) = (Vec::new(), index + 2);
            for (_, line) in lines.by_ref().take_while(|(_, line)| line.trim() != "```") {
                items.push(line);
                end += 1;
            }
            if let Some(before) = before.replace(String::new()) {
                let items = items.join("\n");
                let block = items.split_once("migration! {").and_then(|(_, block)| block.rsplit_once('}'));
                let items = block.map_or(items.clone(), |(block, _)| block.to_owned());
                found.push(Example { page: page.to_owned(), line: index + 1, end, before, items });
            }
        } else if !line.is_empty() && !line.starts_with('<') {
            before.get_or_insert_default();
        }
    }
    found
}

/// The examples of all pages.
pub(crate) fn all(documents: &Path) -> Vec<Example> {
    let read = |page: &PathBuf| fs::read_to_string(page).map(|text| examples(page, &text)).unwrap_or_default();
    pages(documents).iter().flat_map(read).collect()
}
