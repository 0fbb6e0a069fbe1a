//! Their versions and names as ours.

use std::collections::BTreeSet;

use super::before;
use super::history::Theirs;

/// How many digits a version has at most.
const DIGITS: usize = 18;

/// A migration as it is called here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ours {
    /// Digits: the version, with the zeros before it.
    pub(crate) version: String,
    pub(crate) name: String,
}

impl Ours {
    /// `20260312094500_bookings`
    pub(crate) fn stem(&self) -> String {
        format!("{}_{}", self.version, self.name)
    }
}

/// What each migration is called here, and whether all keep the versions that they had.
pub(crate) fn ours(theirs: &[Theirs]) -> (Vec<Ours>, bool) {
    let kept: Option<Vec<String>> = theirs.iter().map(|one| number(&one.version)).collect();
    let kept = kept.filter(|versions| {
        let numbers: Vec<u64> = versions.iter().map(|version| version.parse().unwrap_or(0)).collect();
        numbers.windows(2).all(|pair| pair[0] < pair[1])
    });
    let are_kept = kept.is_some();
    // Else the place: digits enough for all, so that the files are in their order.
    let width = theirs.len().to_string().len().max(4);
    let versions = kept.unwrap_or_else(|| (1..=theirs.len()).map(|place| format!("{place:0width$}")).collect());
    let mut ours = Vec::new();
    for (one, version) in theirs.iter().zip(versions) {
        let mut name = name(&one.name);
        if name.is_empty() {
            // What it was called by is told at least.
            name = if are_kept { "migration".to_owned() } else { self::name(&format!("from_{}", one.version)) };
        }
        ours.push(Ours { version, name });
    }
    (ours, are_kept)
}

/// A version that can stay.
fn number(version: &str) -> Option<String> {
    if version == before::VERSION {
        return Some("0".to_owned());
    }
    let is_number = !version.is_empty() && version.len() <= DIGITS && version.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| version.to_owned())
}

/// Lower case letters, digits and `_`, a letter first; nothing, where there is none of them.
fn name(theirs: &str) -> String {
    let mut name = String::new();
    let mut previous = ' ';
    for character in theirs.chars() {
        let begins_word = character.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if (begins_word || !character.is_ascii_alphanumeric()) && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if character.is_ascii_alphanumeric() {
            name.push(character.to_ascii_lowercase());
        }
        previous = character;
    }
    let name = name.trim_end_matches('_');
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("m{name}") } else { name.to_owned() }
}

/// Versions that stand more than once.
pub(crate) fn repeated(theirs: &[Theirs]) -> Option<&str> {
    let mut seen = BTreeSet::new();
    theirs.iter().map(|one| one.version.as_str()).find(|version| !seen.insert(*version))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::script::Script;
    use super::*;

    fn theirs(version: &str, name: &str) -> Theirs {
        let up = Script::read(Path::new("x.sql"), "", 1).unwrap();
        Theirs { version: version.to_owned(), name: name.to_owned(), up, down: None }
    }

    fn stems(theirs: &[Theirs]) -> Vec<String> {
        ours(theirs).0.iter().map(Ours::stem).collect()
    }

    #[test]
    fn numbers_stay_with_their_zeros() {
        let all = [theirs("0007", "Users"), theirs("20240221104457", "drop-releases.build")];
        assert_eq!(stems(&all), ["0007_users", "20240221104457_drop_releases_build"]);
        assert!(ours(&all).1);
    }

    #[test]
    fn other_versions_become_places() {
        let all = [theirs("1.2", "addCurrency"), theirs("1.10", "0152 rename"), theirs("1975ea83b712", "")];
        assert_eq!(stems(&all), ["0001_add_currency", "0002_m0152_rename", "0003_from_1975ea83b712"]);
        // Numbers that would be in another order, and those that are too long.
        assert!(!ours(&[theirs("10", "a"), theirs("9", "b")]).1);
        assert!(!ours(&[theirs("20191100001000000000", "a")]).1);
    }

    #[test]
    fn a_version_that_stands_twice_is_found() {
        assert_eq!(repeated(&[theirs("1", "a"), theirs("2", "a"), theirs("1", "b")]), Some("1"));
    }
}
