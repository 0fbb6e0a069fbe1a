//! Comparing what `pg_dump` says of two databases.

use std::process::Command;

use migrate_runtime::core::sql::{qualified, quote_identifier};
use migrate_runtime::sqlx::ConnectOptions as _;
use migrate_runtime::sqlx::postgres::PgConnectOptions;
use similar::{ChangeTag, TextDiff};

use super::Left;
use super::cast_lists::without_casts;

/// How many lines are shown.
const SHOWN: usize = 40;

/// What differs between two dumps.
#[derive(Debug, Default)]
pub(crate) struct Dump {
    /// The lines, `-` for those of the original, `+` for those of what was rebuilt.
    pub(crate) differences: Vec<String>,
}

impl Dump {
    pub(crate) fn is_same(&self) -> bool {
        self.differences.is_empty()
    }

    /// In words; `None` is that they could not be compared.
    pub(crate) fn told(dump: Option<&Self>) -> Vec<String> {
        match dump {
            None => vec!["pg_dump: not compared, because it is not installed, or older than the server".to_owned()],
            Some(dump) if dump.is_same() => vec!["pg_dump: both dumps are the same".to_owned()],
            Some(dump) => {
                let head = "pg_dump: the dumps differ".to_owned();
                std::iter::once(head).chain(dump.differences.iter().map(|line| format!("  {line}"))).collect()
            }
        }
    }
}

/// Dumps both; `None` where `pg_dump` is not there, or too old for the server. The order of the statements does not count, nor that
/// of columns: it follows the order in which they were made.
pub(crate) fn compare(original: &PgConnectOptions, rebuilt: &PgConnectOptions, left: &Left<'_>) -> Option<Dump> {
    let compared = |options: &PgConnectOptions| {
        let owner = quote_identifier(options.get_username()).into_owned();
        dump(options, left).map(|dump| statements(&without_grants_to(&owner, &dump)))
    };
    let (one, other) = (compared(original)?, compared(rebuilt)?);
    let difference = TextDiff::from_lines(&one, &other);
    let changed = difference.iter_all_changes().filter_map(|change| match change.tag() {
        ChangeTag::Equal => None,
        ChangeTag::Delete => Some(format!("-{}", change.value().trim_end())),
        ChangeTag::Insert => Some(format!("+{}", change.value().trim_end())),
    });
    let mut differences: Vec<String> = changed.filter(|line| line.len() > 1).collect();
    if differences.len() > SHOWN {
        let more = differences.len() - SHOWN;
        differences.truncate(SHOWN);
        differences.push(format!("and {more} more lines"));
    }
    Some(Dump { differences })
}

/// The statements in the order of their texts.
fn statements(dump: &str) -> String {
    let mut statements: Vec<String> = dump.split("\n\n").map(statement).collect();
    statements.sort_unstable();
    statements.join("\n")
}

/// One statement, a line each; of a table the columns and constraints in the order of their texts.
fn statement(text: &str) -> String {
    let text = text.trim();
    let mut lines: Vec<String> =
        text.lines().map(|line| without_casts(&in_order(&with_type_text(&without_null(line))))).collect();
    if text.starts_with("GRANT ") || text.starts_with("REVOKE ") {
        lines.sort_unstable();
    }
    let is_table = ["CREATE TABLE ", "CREATE UNLOGGED TABLE ", "CREATE FOREIGN TABLE "]
        .iter()
        .any(|start| text.starts_with(start));
    if is_table {
        for line in &mut lines {
            if let Some(bare) = line.strip_suffix(",\n") {
                *line = format!("{bare}\n");
            }
        }
        lines.sort_unstable();
    }
    lines.concat()
}

/// Storage parameters in the order of their texts: they are kept in the order in which they were set.
fn in_order(line: &str) -> String {
    let Some((list, end)) = line.strip_prefix("WITH (").and_then(|rest| rest.split_once(')')) else {
        return line.to_owned();
    };
    let mut parameters: Vec<&str> = list.split(", ").collect();
    parameters.sort_unstable();
    format!("WITH ({}){end}", parameters.join(", "))
}

/// A default whose literal has kept the type that its column had before.
fn with_type_text(line: &str) -> String {
    match line.split_once(" DEFAULT '") {
        Some((before, rest)) => {
            format!("{before} DEFAULT '{}", rest.replacen("'::character varying", "'::text", 1))
        }
        None => line.to_owned(),
    }
}

/// What an owner is granted it has anyway.
fn without_grants_to(owner: &str, dump: &str) -> String {
    let is_of_owner = |line: &&str| {
        let line = line.trim_end_matches(';').trim_end_matches(" WITH GRANT OPTION");
        let gives = line.starts_with("GRANT ") || line.starts_with("ALTER DEFAULT PRIVILEGES ");
        (gives && line.ends_with(&format!(" TO {owner}")))
            || (line.starts_with("REVOKE ") && line.ends_with(&format!(" FROM {owner}")))
    };
    // That `public` has lost the comment that it begins with: it is there before any migration.
    let is_of_public = |line: &&str| *line == "COMMENT ON SCHEMA public IS '';";
    let lines = dump.lines().filter(|line| !is_of_owner(line) && !is_of_public(line));
    lines.map(|line| format!("{line}\n")).collect()
}

/// A line without `DEFAULT NULL::type`, which means the same as no default.
fn without_null(line: &str) -> String {
    let Some((before, rest)) = line.split_once(" DEFAULT NULL::") else { return format!("{line}\n") };
    let end = if rest.ends_with([',', ';']) { &rest[rest.len() - 1..] } else { "" };
    format!("{before}{end}\n")
}

/// The schema of a database, without what differs between any two: owners, and what is said of the dump itself.
fn dump(options: &PgConnectOptions, left: &Left<'_>) -> Option<String> {
    let mut url = options.to_url_lossy();
    let mut command = Command::new("pg_dump");
    // Other users of the machine see the arguments of a process, not its environment.
    if let Some(password) = url.password() {
        let password = percent_encoding::percent_decode_str(password).decode_utf8().ok()?.into_owned();
        command.env("PGPASSWORD", password);
        url.set_password(None).ok()?;
    }
    // A setting of the driver, which libpq refuses.
    let known: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "statement-cache-capacity")
        .map(|(n, v)| (n.into(), v.into()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(known);
    command
        .args(["--schema-only", "--no-owner", "--no-tablespaces", "--exclude-schema=migrate", "--dbname"])
        .arg(url.as_str());
    command.args(left.schemas.iter().map(|schema| format!("--schema={schema}")));
    command.args(left.schema.iter().map(|schema| format!("--exclude-schema={}", quote_identifier(schema))));
    command.args(left.tables.iter().map(|table| format!("--exclude-table={}", qualified(table))));
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let is_told =
        |line: &&str| !line.starts_with("--") && !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
    Some(text.lines().filter(is_told).map(|line| format!("{line}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_is_the_same() {
        let one = "CREATE TABLE a (\n    b text DEFAULT NULL::text,\n    c int\n);\n\n\nCREATE TABLE d (\n);\n";
        let other = "CREATE TABLE d (\n);\n\nCREATE TABLE a (\n    b text,\n    c int\n);\n";
        let lines = |text: &str| {
            statements(text).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines(one), lines(other));
        let one = "CREATE TABLE a (\n    b text DEFAULT ''::character varying,\n    c int\n);\n";
        let other = "CREATE TABLE a (\n    c int,\n    b text DEFAULT ''::text\n);\n";
        assert_eq!(lines(one), lines(other));
        let one = "CREATE TABLE a (\n    CONSTRAINT c CHECK (((b)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[])))\n);\n";
        let other = "CREATE TABLE a (\n    CONSTRAINT c CHECK (((b)::text = ANY (ARRAY[('x'::character varying)::text, ('y'::character varying)::text])))\n);\n";
        assert_eq!(lines(one), lines(other));
        let one = "CREATE TABLE a (\n    b int\n)\nWITH (fillfactor='70', autovacuum_enabled='false');\n";
        let other = "CREATE TABLE a (\n    b int\n)\nWITH (autovacuum_enabled='false', fillfactor='70');\n";
        assert_eq!(lines(one), lines(other));
        assert_ne!(lines(one), lines(&other.replace("70", "80")));
        let granted = "GRANT SELECT ON TABLE a TO me WITH GRANT OPTION;\nGRANT SELECT ON TABLE a TO other;\n";
        assert_eq!(without_grants_to("me", granted), "GRANT SELECT ON TABLE a TO other;\n");
        assert_ne!(lines(one), lines("CREATE TABLE d (\n);\n"));
    }
}
