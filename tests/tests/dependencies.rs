//! What comes with a build: the licences, and the versions that advisories are about, as `deny.toml` says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The crates of the workspace and what they depend on, on every platform: name, version, licence, where they come from.
fn crates() -> Vec<(String, String, String, String)> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    packages
        .iter()
        .map(|one| (text(&one["name"]), text(&one["version"]), text(&one["license"]), text(&one["source"])))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// The texts in double quotes of a list in `deny.toml`, line by line.
fn list(name: &str) -> Vec<Vec<String>> {
    let file = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let (_, list) = file.split_once(&format!("\n{name} = [\n")).expect("the list");
    let (list, _) = list.split_once("\n]").expect("its end");
    list.lines().map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect()).collect()
}

/// Whether an expression of licences leaves a choice that is allowed.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.trim();
    // Brackets are only around alternatives: `(A OR B) AND C`.
    let parts = expression.split(" AND ").map(|part| part.trim_matches(['(', ')']));
    let is_one = |licence: &str| allowed.iter().any(|one| one == licence.trim());
    !expression.is_empty() && parts.map(|part| part.replace('/', " OR ")).all(|part| part.split(" OR ").any(is_one))
}

fn numbers(version: &str) -> Vec<u64> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.').map(|number| number.parse().unwrap()).collect()
}

#[test]
fn every_licence_is_one_of_the_list() {
    let allowed: Vec<String> = list("allow").concat();
    let wrong: Vec<String> = crates()
        .into_iter()
        .filter(|(_, _, licence, _)| !is_allowed(licence, &allowed))
        .map(|(name, version, licence, _)| format!("{name} {version}: `{licence}`"))
        .collect();
    assert!(wrong.is_empty(), "licences that `deny.toml` does not allow: {wrong:#?}");
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("", false),
        ("MIT/GPL-3.0-only", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND GPL-2.0-only", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn no_version_is_one_that_an_advisory_is_about() {
    let denied: Vec<(String, Option<Vec<u64>>, String)> = list("deny")
        .into_iter()
        .map(|line| {
            let [what, advisory] = line.as_slice() else { panic!("{line:?}") };
            assert!(advisory.starts_with("RUSTSEC-"), "{advisory}");
            match what.split_once("@<") {
                Some((name, mended)) => (name.to_owned(), Some(numbers(mended)), advisory.clone()),
                None => (what.clone(), None, advisory.clone()),
            }
        })
        .collect();
    assert!(denied.iter().any(|(name, ..)| name == "sqlx"), "{denied:?}");
    let wrong: Vec<String> = crates()
        .into_iter()
        .flat_map(|(name, version, ..)| {
            let about = denied.iter().filter({
                let (name, version) = (name.clone(), version.clone());
                move |(denied, mended, _)| {
                    *denied == name && mended.as_ref().is_none_or(|mended| numbers(&version) < *mended)
                }
            });
            about.map(move |(_, _, advisory)| format!("{name} {version}: {advisory}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_crate_comes_from_the_registry_or_from_here() {
    for (name, _, _, source) in crates() {
        assert!(source.is_empty() || source.starts_with("registry+"), "{name} comes from {source}");
    }
}

/// A package that is published takes the lints of the workspace, which forbid `unsafe`.
#[test]
fn published_crates_forbid_unsafe_code() {
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    for (name, _, _, source) in crates() {
        let manifest = root().join(&name).join("Cargo.toml");
        if source.is_empty() && manifest.exists() {
            let manifest = std::fs::read_to_string(manifest).unwrap();
            let is_published = !manifest.contains("publish = false");
            assert!(
                !is_published || manifest.contains("[lints]\nworkspace = true"),
                "{name} does not take the lints of the workspace"
            );
        }
    }
}
