//! `adopts` items.

use migrate_core::adopt::{Adoption, VersionForm};

use super::{qualified, text};

/// What is taken over, as the item that says it.
pub fn adoption(adoption: &Adoption) -> String {
    let Adoption { tool, table, versions, checksum } = adoption;
    let version = |version: &str| match tool.version_form() {
        VersionForm::Number => version.to_owned(),
        VersionForm::Text => text(version),
    };
    let mut lines = vec![format!("adopts {} through {} {{", tool.word(), version(adoption.through()))];
    if *table != tool.table() {
        lines.push(format!("    table {},", qualified(table)));
    }
    if let Some(checksum) = checksum {
        lines.push(format!("    checksum {},", text(&checksum.to_string())));
    }
    let versions: Vec<String> = versions.iter().map(|one| version(one)).collect();
    lines.push(format!("    versions [{}],", versions.join(", ")));
    lines.push("}".to_owned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use migrate_core::adopt::Tool;
    use migrate_core::name::QualifiedName;
    use migrate_core::plan::Checksum;

    use super::*;
    use crate::compile_history;

    #[test]
    fn what_is_printed_is_read_back() {
        for tool in Tool::ALL {
            let versions = match tool.version_form() {
                VersionForm::Number => ["1", "20260312094500"],
                VersionForm::Text => ["00000000000000", "m2026 \"users\""],
            };
            let written = Adoption {
                tool: *tool,
                table: QualifiedName::in_schema("App", "their table"),
                versions: versions.map(str::to_owned).to_vec(),
                checksum: Some(Checksum::of("rows")),
            };
            for written in [Adoption { table: tool.table(), checksum: None, ..written.clone() }, written] {
                let source = format!("migration \"1_adopt\" {{ {} }}", adoption(&written));
                let read = compile_history(&source).unwrap();
                assert_eq!(read[0].adoption.as_ref(), Some(&written), "{source}");
            }
        }
    }

    #[test]
    fn the_checksum_of_a_migration_does_not_hear_of_it() {
        let table = "create table t { id: bigint primary key }";
        let checksum = |block: &str| {
            let read = compile_history(&format!("migration \"1_a\" {{ {block} }}")).unwrap();
            (read[0].checksum, read[0].identity)
        };
        let plain = checksum(table);
        let adopts = "adopts sqlx through 2 { versions [1, 2] }";
        for block in [format!("{adopts} {table}"), format!("{adopts}; {table}"), format!("{table} {adopts}")] {
            assert_eq!(checksum(&block), plain, "{block}");
        }
        // A column of that name does not count.
        let column = |name: &str| checksum(&format!("create table t {{ {name}: text }}"));
        assert_ne!(column("adopts"), column("adopted"));
    }
}
