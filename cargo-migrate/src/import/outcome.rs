//! What was read of a database, what was written of it, and what came of rebuilding it.

use std::collections::BTreeMap;

use migrate_compiler::{DEFAULT_POSTGRES, print};
use migrate_runtime::core::catalog::Catalog;
use migrate_runtime::sqlx::postgres::PgConnectOptions;
use serde_json::{Value, json};

use super::Left;
use super::database::Live;
use super::rebuilt::Rebuilt;
use crate::failure::Failure;

/// What came of an import.
pub(crate) struct Outcome {
    live: Live,
    written: Written,
    rebuilt: Option<Result<Rebuilt, Failure>>,
}

impl Outcome {
    /// Rebuilds the database on that server, where one is named.
    pub(crate) async fn of(
        live: Live,
        written: Written,
        server: Option<&str>,
        original: &PgConnectOptions,
        left: &Left<'_>,
    ) -> Self {
        let rebuilt = match server {
            Some(server) => Some(Rebuilt::of(&written, &live, server, original, left).await),
            None => None,
        };
        Outcome { live, written, rebuilt }
    }

    /// Lines about it, what is wrong with it, and the exit code.
    pub(crate) fn told(&self) -> (Vec<String>, Vec<String>, u8) {
        let Outcome { live, written, rebuilt } = self;
        let mut errors: Vec<String> = live.left_out.clone();
        let mut code = 0;
        let mut lines = vec![told(&live.catalog)];
        if !written.by_hand.is_empty() {
            lines.push(format!("as raw SQL: {}", counted(written.by_hand.len(), "object", "objects")));
            lines.extend(written.by_hand.iter().map(|line| format!("  {line}")));
        }
        if written.postgres > DEFAULT_POSTGRES {
            lines.push(format!(
                "needs PostgreSQL {0}: write `migrations!(\"migrations\", postgres = {0})`",
                written.postgres
            ));
        }
        match rebuilt {
            None => lines.push("not rebuilt for comparison".to_owned()),
            Some(Ok(rebuilt)) => {
                lines.extend(rebuilt.told());
                if !rebuilt.is_same() {
                    code = 1;
                    errors.extend(rebuilt.differences.iter().map(|line| format!("rebuilt differently: {line}")));
                }
            }
            Some(Err(failure)) => {
                code = 1;
                let help = failure.help.iter().map(|line| format!("\nhelp: {line}"));
                errors.push(std::iter::once(failure.message.clone()).chain(help).collect());
            }
        }
        (lines, errors, code)
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        let Outcome { live, written, rebuilt } = self;
        json!({
            "objects": count(&live.catalog),
            "raw_sql": written.by_hand,
            "left_out": live.left_out,
            "postgres": written.postgres,
            "rebuilt": match rebuilt {
                None => json!(null),
                Some(Ok(rebuilt)) => json!({
                    "same": rebuilt.is_same(),
                    "differences": rebuilt.differences,
                    "pg_dump": rebuilt.dump.as_ref().map(|dump| dump.is_same()),
                }),
                Some(Err(failure)) => json!({ "same": false, "error": failure.message }),
            },
        })
    }
}

/// What was written.
pub(crate) struct Written {
    /// The blocks of the migrations.
    pub(super) blocks: Vec<Block>,
    /// What became raw SQL, or was left out, one line each.
    by_hand: Vec<String>,
    /// The oldest server that it is for.
    postgres: u32,
}

/// What stands in a block.
pub(super) struct Block {
    /// The schema, where there is a migration for each.
    pub(super) schema: Option<String>,
    pub(super) text: String,
}

impl Written {
    /// One migration, for as old a server as it can be.
    pub(crate) fn of(live: &Live) -> Self {
        Self::for_oldest(live, |postgres| vec![(None, print::catalog(&live.catalog, postgres))])
    }

    /// The same, a migration for each schema.
    pub(super) fn of_schemas(live: &Live) -> Self {
        Self::for_oldest(live, |postgres| {
            let sources = print::schemas(&live.catalog, postgres);
            sources.into_iter().map(|(schema, source)| (Some(schema), source)).collect()
        })
    }

    fn for_oldest(live: &Live, print: impl Fn(u32) -> Vec<(Option<String>, print::Source)>) -> Self {
        let for_server = |postgres: u32| {
            let mut written = Written { blocks: Vec::new(), by_hand: Vec::new(), postgres };
            for (schema, print::Source { text, unprintable }) in print(postgres) {
                written.by_hand.extend(unprintable.iter().map(ToString::to_string));
                written.blocks.push(Block { schema, text });
            }
            written
        };
        let written = for_server(DEFAULT_POSTGRES);
        if written.by_hand.is_empty() || live.server <= DEFAULT_POSTGRES {
            return written;
        }
        let newer = for_server(live.server);
        if newer.by_hand.len() < written.by_hand.len() { newer } else { written }
    }

    /// What stands in all blocks.
    pub(crate) fn text(&self) -> String {
        self.blocks.iter().map(|block| format!("{}\n", block.text)).collect()
    }

    /// A history of nothing but it.
    pub(super) fn history(&self) -> String {
        let blocks = self.blocks.iter().zip(1..);
        let blocks = blocks.map(|(block, version)| format!(", migration \"{version}_import\" {{\n{}\n}}", block.text));
        format!("postgres = {}{}", self.postgres, blocks.collect::<String>())
    }
}

/// How many objects of each kind there are.
fn count(catalog: &Catalog) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    counts.insert("table".to_owned(), catalog.tables.len());
    counts.insert("enum".to_owned(), catalog.enums.len());
    counts.insert("extension".to_owned(), catalog.extensions.len());
    counts.insert("index".to_owned(), catalog.tables.values().map(|table| table.indexes.len()).sum());
    for id in catalog.objects.keys() {
        *counts.entry(id.kind.noun().to_owned()).or_default() += 1;
    }
    counts.retain(|_, count| *count > 0);
    counts
}

/// The same in words.
fn told(catalog: &Catalog) -> String {
    let counts = count(catalog);
    if counts.is_empty() {
        return "nothing: the database is empty".to_owned();
    }
    let each = counts.iter().map(|(noun, number)| counted(*number, noun, &plural(noun)));
    each.collect::<Vec<_>>().join(", ")
}

fn counted(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

fn plural(noun: &str) -> String {
    match noun {
        "index" => "indexes".to_owned(),
        "policy" => "policies".to_owned(),
        "operator class" | "operator family" => noun.replace("class", "classes").replace("family", "families"),
        noun if noun.ends_with('s') => noun.to_owned(),
        noun => format!("{noun}s"),
    }
}
