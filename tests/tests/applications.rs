//! The code of `docs/applications.md` compiles.
//!
//! The lines that call other drivers are left out where nothing else is asked for: diesel, sea-orm, tokio-postgres and what
//! they bring take longer to build than all other tests; so does TLS. `OTHER_DRIVERS=1 cargo test -p tests --test applications` fetches them,
//! and compiles every line.

use std::fmt::Write as _;
use std::fs;

use tests::UserCrate;

/// What other drivers' lines begin their paths with, and the dependency.
const OTHER_DRIVERS: [(&str, &str); 3] = [
    (
        "sea_orm::",
        "sea-orm = { version = \"2.0\", default-features = false, features = [\"sqlx-postgres\", \"runtime-tokio\"] }",
    ),
    ("tokio_postgres::", "tokio-postgres = \"0.7\""),
    ("diesel::", "diesel = { version = \"2.3\", default-features = false, features = [\"postgres\"] }"),
];

/// The blocks of a page in a language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    let block = |text: &'p str| text.split_once("```").expect("the end of a block").0;
    page.split(&fence).skip(1).map(block).collect()
}

#[test]
fn the_page_about_applications_compiles() {
    let with_others = std::env::var_os("OTHER_DRIVERS").is_some();
    let runtime = UserCrate::runtime();
    let page = fs::read_to_string(runtime.join("../docs/applications.md")).expect("the page");

    let user = match with_others {
        true => UserCrate::online("applications-crate"),
        false => UserCrate::create("applications-crate", &[]),
    };
    let [dependencies] = blocks(&page, "toml")[..] else { panic!("not one block of dependencies") };
    let path = "../migrate/migrate-runtime";
    assert!(dependencies.contains(path), "{dependencies}");
    let mut dependencies = dependencies.replace(path, &runtime.display().to_string());
    if !with_others {
        dependencies = dependencies.replace("\"tls-rustls\"", "");
    }
    let mut manifest = format!(
        "[package]\nname = \"applications-crate\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n{dependencies}"
    );
    if with_others {
        for (_, dependency) in OTHER_DRIVERS {
            writeln!(manifest, "{dependency}").expect("a string");
        }
    }
    user.write("Cargo.toml", &manifest);
    user.migration("0001_users.rs", "create table users { id: bigint primary key }");

    let mut source = String::from("type Anything = Result<(), Box<dyn std::error::Error>>;\n");
    let blocks = blocks(&page, "rust");
    assert!(blocks.len() > 5, "{} blocks", blocks.len());
    for (number, block) in blocks.iter().enumerate() {
        let is_ours = |line: &&str| with_others || OTHER_DRIVERS.iter().all(|(path, _)| !line.contains(path));
        let code: Vec<&str> = block.lines().filter(is_ours).collect();
        let code = code.join("\n");
        match code.starts_with("static ") {
            true => writeln!(source, "pub {code}"),
            false => writeln!(
                source,
                "pub async fn block_{number}(url: String, password: String) -> Anything {{\n_ = (&url, &password);\n{code}\nOk(())\n}}"
            ),
        }
        .expect("a string");
    }
    user.write("src/lib.rs", &source);
    user.succeeds();
}
