//! The reference: every example compiles, what stands below it is what it becomes, every kind of object has its page, and no
//! link leads nowhere.

mod becomes;
#[path = "../../../migrate-compiler/tests/support/examples.rs"]
mod examples;
mod links;

use std::fs;
use std::path::{Path, PathBuf};

use migrate_compiler::compile_history;
use migrate_core::object::Kind;

fn documents() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("docs")
}

#[test]
fn every_example_compiles() {
    let mut wrong = Vec::new();
    let examples = examples::all(&documents());
    for example in &examples {
        let lines = example.setup().matches('\n').count();
        let Err(mistakes) = compile_history(&example.history()) else { continue };
        for mistake in mistakes {
            let at = match mistake.migration.as_str() {
                "1_before" => format!("{} before it", example.place()),
                _ => format!("{} in line {}", example.place(), (mistake.line as usize).saturating_sub(lines + 1)),
            };
            wrong.push(format!("{at}: {}", mistake.text.replace('\n', "\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{} mistakes:\n{}", wrong.len(), wrong.join("\n"));
    assert!(examples.len() >= 40, "only {} examples were found", examples.len());
}

#[test]
fn every_kind_of_object_is_made_in_an_example() {
    let examples = examples::all(&documents());
    let shown = |kind: &Kind| {
        let words = kind.keywords().to_lowercase();
        let verbs = ["create", "create constraint", "alter"];
        examples.iter().any(|example| {
            let text = format!(" {} ", example.items.split_whitespace().collect::<Vec<_>>().join(" "));
            verbs.iter().any(|verb| text.contains(&format!(" {verb} {words} ")))
        })
    };
    let missing: Vec<&str> = Kind::ALL.iter().filter(|kind| !shown(kind)).map(|kind| kind.noun()).collect();
    assert!(missing.is_empty(), "no example of the reference makes: {}", missing.join(", "));
}

#[test]
fn below_each_example_stands_what_it_becomes() {
    let mut stale = Vec::new();
    for page in examples::pages(&documents()) {
        let text = fs::read_to_string(&page).expect("a page");
        let written = becomes::write_below_examples(&page, &text);
        if written == text {
            continue;
        }
        if std::env::var_os("UPDATE_DOCUMENTATION").is_some() {
            fs::write(&page, &written).expect("the page can be written");
        } else {
            stale.push(page.display().to_string());
        }
    }
    assert!(
        stale.is_empty(),
        "out of date; run `UPDATE_DOCUMENTATION=1 cargo test -p tests --test language`: {}",
        stale.join(", ")
    );
}

#[test]
fn no_link_leads_nowhere() {
    let dead = links::dead(documents().parent().expect("the workspace"));
    assert!(dead.is_empty(), "{} links:\n{}", dead.len(), dead.join("\n"));
}
