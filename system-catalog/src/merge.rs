//! The entries of several servers as one: each with the versions that have it.

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::{
    CastEntry, CollationEntry, Entries, ExtensionEntry, FunctionEntry, OperatorClassEntry, OperatorEntry, TypeEntry,
    TypeKey,
};

/// The major versions that have something, as far as they are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Range {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

/// An entry with the versions that have it.
pub(crate) type Merged<T> = Vec<(T, Range)>;

/// The entries of all servers.
#[derive(Debug, Default)]
pub struct All {
    pub(crate) extensions: Merged<ExtensionEntry>,
    pub(crate) types: BTreeMap<TypeKey, (TypeEntry, Range)>,
    pub(crate) functions: Merged<FunctionEntry>,
    pub(crate) operators: Merged<OperatorEntry>,
    pub(crate) casts: Merged<CastEntry>,
    pub(crate) operator_classes: Merged<OperatorClassEntry>,
    pub(crate) collations: Merged<CollationEntry>,
}

/// Merges the entries of servers of some major versions.
pub fn merge(servers: &[(u32, Entries)]) -> All {
    let mut majors: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for (major, entries) in servers {
        majors.entry("").or_default().insert(*major);
        for extension in &entries.extensions {
            majors.entry(&extension.name).or_default().insert(*major);
        }
    }
    let all = majors.get("").cloned().unwrap_or_default();
    let in_ranges = |extension: &str, found: &BTreeSet<u32>| {
        let served = majors.get(extension).unwrap_or(&all);
        ranges(found, served, &all)
    };
    let mut types: BTreeMap<TypeKey, (TypeEntry, Range)> = BTreeMap::new();
    for (type_, range) in gather(servers, |entries| &entries.types, |type_| &type_.key.0, &in_ranges) {
        // A later server's word on a type wins.
        types
            .entry(type_.key.clone())
            .and_modify(|(known, known_range)| {
                if range.last > known_range.last {
                    *known = type_.clone();
                }
                *known_range =
                    Range { first: known_range.first.min(range.first), last: known_range.last.max(range.last) };
            })
            .or_insert((type_, range));
    }
    All {
        types,
        extensions: gather(servers, |entries| &entries.extensions, |entry| &entry.name, &in_ranges),
        functions: gather(servers, |entries| &entries.functions, |entry| &entry.extension, &in_ranges),
        operators: gather(servers, |entries| &entries.operators, |entry| &entry.extension, &in_ranges),
        casts: gather(servers, |entries| &entries.casts, |entry| &entry.extension, &in_ranges),
        operator_classes: gather(servers, |entries| &entries.operator_classes, |entry| &entry.extension, &in_ranges),
        collations: gather(servers, |entries| &entries.collations, |_| "", &in_ranges),
    }
}

fn gather<T: Clone + Ord>(
    servers: &[(u32, Entries)],
    of: impl Fn(&Entries) -> &Vec<T>,
    extension: impl Fn(&T) -> &str,
    in_ranges: &impl Fn(&str, &BTreeSet<u32>) -> Vec<Range>,
) -> Merged<T> {
    let mut found: BTreeMap<T, BTreeSet<u32>> = BTreeMap::new();
    for (major, entries) in servers {
        for entry in of(entries) {
            found.entry(entry.clone()).or_default().insert(*major);
        }
    }
    let mut merged = Vec::new();
    for (entry, majors) in found {
        merged.extend(in_ranges(extension(&entry), &majors).into_iter().map(|range| (entry.clone(), range)));
    }
    merged
}

/// The ranges in which something was found, among the versions where it could have been. What was looked for in some
/// versions only, as an extension that is packaged for one, counts as there in the others, too.
fn ranges(found: &BTreeSet<u32>, served: &BTreeSet<u32>, all: &BTreeSet<u32>) -> Vec<Range> {
    let oldest = all.first().copied().unwrap_or_default();
    let newest = all.last().copied().unwrap_or_default();
    let mut ranges: Vec<Range> = Vec::new();
    let mut goes_on = false;
    for (index, major) in served.iter().enumerate() {
        if !found.contains(major) {
            goes_on = false;
            continue;
        }
        let last = served.iter().nth(index + 1).map_or(newest, |next| next - 1);
        match ranges.last_mut().filter(|_| goes_on) {
            Some(range) => range.last = last,
            None => ranges.push(Range { first: if index == 0 { oldest } else { *major }, last }),
        }
        goes_on = true;
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(found: &[u32], served: &[u32]) -> Vec<(u32, u32)> {
        let set = |majors: &[u32]| majors.iter().copied().collect::<BTreeSet<u32>>();
        let all = set(&[14, 15, 16, 17, 18]);
        ranges(&set(found), &set(served), &all).iter().map(|range| (range.first, range.last)).collect()
    }

    #[test]
    fn versions_without_a_word_on_something_follow_their_neighbours() {
        assert_eq!(merged(&[14, 15, 16, 17, 18], &[14, 15, 16, 17, 18]), [(14, 18)]);
        assert_eq!(merged(&[16, 17, 18], &[14, 15, 16, 17, 18]), [(16, 18)]);
        assert_eq!(merged(&[14, 15, 18], &[14, 15, 16, 17, 18]), [(14, 15), (18, 18)]);
        assert_eq!(merged(&[15], &[15]), [(14, 18)]);
        assert_eq!(merged(&[15], &[15, 18]), [(14, 17)]);
    }
}
