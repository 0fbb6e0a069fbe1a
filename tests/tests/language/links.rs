//! The links between the documents of the repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The links that lead to no file or to no heading, each with where it stands.
pub(crate) fn dead(root: &Path) -> Vec<String> {
    let mut dead = Vec::new();
    for page in pages(root) {
        let text = fs::read_to_string(&page).expect("a page");
        for (number, line) in outside_of_code(&text) {
            for target in targets(line) {
                if !leads_somewhere(&page, target) {
                    dead.push(format!("{}:{number}: {target}", page.display()));
                }
            }
        }
    }
    dead
}

fn pages(root: &Path) -> Vec<PathBuf> {
    let folders = [root.to_owned(), root.join("docs"), root.join("docs/language")];
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut pages: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
    pages.sort();
    pages
}

/// The lines that are no code, each with its number.
fn outside_of_code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        (!is_code && !is_fence).then_some((index + 1, line))
    })
}

/// Where the links of a line lead, those to other sites left out.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let links = line.match_indices("](").filter_map(|(at, found)| line.get(at + found.len()..)?.split_once(')'));
    links.map(|(target, _)| target).filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

fn leads_somewhere(page: &Path, target: &str) -> bool {
    let (file, heading) = target.split_once('#').map_or((target, None), |(file, heading)| (file, Some(heading)));
    let file = match file {
        "" => page.to_owned(),
        file => page.parent().expect("a folder").join(file),
    };
    match heading {
        None => file.exists(),
        Some(heading) => fs::read_to_string(file).is_ok_and(|text| anchors(&text).contains(heading)),
    }
}

/// The names that a site gives to the headings: small letters, digits and hyphens.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = outside_of_code(text).filter(|(_, line)| line.starts_with('#'));
    let anchor = |heading: &str| {
        let kept = heading.chars().filter(|one| one.is_alphanumeric() || [' ', '-', '_'].contains(one));
        kept.map(|one| if one == ' ' { '-' } else { one }).collect::<String>().to_lowercase()
    };
    headings.map(|(_, line)| anchor(line.trim_start_matches('#').trim())).collect()
}
