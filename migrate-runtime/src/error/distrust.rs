//! What makes a history one that cannot be trusted.

use migrate_core::history::MigrationName;
use migrate_core::sql::quote_identifier;

/// Something by which others could have the role that migrates run their SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distrust {
    /// What it is: `schema`, `owner`, `grant`, `trigger`, ...
    pub(crate) kind: String,
    /// The schema or the table.
    pub(crate) object: String,
    /// The role, or the name of what is at the table.
    pub(crate) other: String,
    /// The privileges of a role.
    pub(crate) privilege: String,
}

impl Distrust {
    fn what(&self) -> String {
        let Distrust { kind, object, other, privilege } = self;
        match kind.as_str() {
            "schema" => format!("the schema `{object}` is owned by `{other}`"),
            "owner" => format!("the table `{object}` is owned by `{other}`"),
            "grant" => format!("`{other}` may {privilege} on `{object}`"),
            "kind" => format!("`{object}` is not a table"),
            "column" => format!("the column `{other}` of `{object}` is generated, or its type is not built in"),
            "child" => format!("`{object}` is the parent or child of `{other}` by inheritance"),
            "default" => format!("the default of the column `{other}` of `{object}` calls a function"),
            "index" => format!("`{object}` has the index `{other}` on an expression"),
            kind => format!("`{object}` has the {kind} `{other}`"),
        }
    }

    fn help(&self, role: &str) -> String {
        let Distrust { kind, object, other, privilege } = self;
        let (role, name) = (quote_identifier(role), quote_identifier(other));
        match kind.as_str() {
            "schema" => format!("`ALTER SCHEMA {object} OWNER TO {role}`, or connect as `{other}`"),
            "owner" => format!("`ALTER TABLE {object} OWNER TO {role}`, or connect as `{other}`"),
            "grant" if other == "PUBLIC" => format!("`REVOKE {privilege} ON {object} FROM PUBLIC`"),
            "grant" => format!("`REVOKE {privilege} ON {object} FROM {name}`"),
            "trigger" => format!("`DROP TRIGGER {name} ON {object}`"),
            "rule" => format!("`DROP RULE {name} ON {object}`"),
            "policy" => format!("`DROP POLICY {name} ON {object}`"),
            "check" => format!("`ALTER TABLE {object} DROP CONSTRAINT {name}`"),
            "default" => format!("`ALTER TABLE {object} ALTER COLUMN {name} DROP DEFAULT`"),
            "index" => format!("`DROP INDEX {other}`"),
            "child" => format!("`ALTER TABLE {other} NO INHERIT {object}`"),
            _ => format!("find out who created `{object}`, and drop it: this library creates a new one"),
        }
    }
}

pub(super) fn distrust_text(schema: &str, role: &str, found: &[Distrust], stored: &[MigrationName]) -> String {
    let mut text = format!("the history in schema `{schema}` is open to others, who could make `{role}` run their SQL");
    if !stored.is_empty() {
        let stored: Vec<String> = stored.iter().map(|name| format!("`{name}`")).collect();
        text.push_str(&format!("\n  the stored script of {} is not what this binary would run", stored.join(", ")));
    }
    for one in found {
        text.push_str(&format!("\n  {}", one.what()));
    }
    for one in found {
        text.push_str(&format!("\nhelp: {}", one.help(role)));
    }
    text
}
