//! What a whole history comes to. It is worked out while the history is compiled, so that a program which only applies it
//! needs nothing that knows operations and catalogs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalog::Catalog;
use crate::name::DEFAULT_SCHEMA;
use crate::operation::fresh::{Part, Written, from_empty};
use crate::operation::{Operation, comment_statements, script};
use crate::plan::{Footprint, Migration, Mode, Script, Segment, Statement, Work};
use crate::sql::{quote_identifier, quote_literal};

/// What a whole history comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// How an empty database gets there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from_empty: Vec<Part>,
    /// The comments that there are in the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<EndComment>,
}

/// A comment that there is in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndComment {
    /// What it says.
    pub text: String,
    /// The statement that sets it.
    pub sql: String,
}

impl Outline {
    /// Works it out, for servers of this major version and newer. `after` is the catalog that the history leads to.
    pub fn of(history: &[Written<'_>], after: &Catalog, postgres: u32) -> Self {
        let comments = comment_statements(after).into_iter().map(|(text, sql)| EndComment { text, sql }).collect();
        Outline { from_empty: from_empty(history, after, postgres), comments }
    }

    /// The same, of migrations that are compiled already, as JSON: for tests and tools, which have no macro.
    ///
    /// # Errors
    /// The operations of one cannot be read.
    pub fn of_compiled(migrations: &[Migration], postgres: u32) -> Result<String, serde_json::Error> {
        let operations = migrations.iter().map(|migration| serde_json::from_str(&migration.operations));
        let operations: Vec<Vec<Operation>> = operations.collect::<Result<_, serde_json::Error>>()?;
        let after = script::fold(&Catalog::default(), operations.iter().flatten());
        let written = operations.into_iter().zip(migrations);
        let written = written.map(|(operations, migration)| Written { operations, up: Some(&migration.up) });
        serde_json::to_string(&Outline::of(&written.collect::<Vec<_>>(), &after, postgres))
    }

    /// What sets the comments that say one of these.
    pub fn set_comments(&self, texts: &BTreeSet<String>) -> Script {
        let said = self.comments.iter().filter(|one| texts.contains(&one.text));
        let statements: Vec<Statement> = said.map(|one| Statement::of(Work::Sql(one.sql.clone().into()))).collect();
        Script { segments: vec![Segment { mode: Mode::Transaction, statements: statements.into() }].into() }
    }
}

/// The comments that only one of two forms of a migration's operations has: where each stands, and what it says. Both are JSON;
/// what cannot be read has none.
pub fn changed_comments(one: &str, other: &str) -> BTreeSet<(String, String)> {
    let places = |operations: &str| {
        let mut found = BTreeSet::new();
        collect(&serde_json::from_str(operations).unwrap_or_default(), "", &mut found);
        found
    };
    let (one, other) = (places(one), places(other));
    one.symmetric_difference(&other).cloned().collect()
}

/// Each comment with where it stands.
fn collect(value: &Value, place: &str, found: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str().filter(|_| name == "comment") {
                    Some(text) => drop(found.insert((place.to_owned(), text.to_owned()))),
                    None => collect(field, &format!("{place}/{name}"), found),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Takes away the comments that say one of these from what the migrations with these footprints touch; in the schema of a
/// tenant, where there is one.
pub fn drop_comments<'f>(
    texts: &BTreeSet<String>,
    tenant: Option<&str>,
    footprints: impl Iterator<Item = &'f Footprint>,
) -> Option<String> {
    let objects: BTreeSet<&str> = footprints
        .flat_map(|one| &*one.objects)
        .filter_map(|object| object.split_once(' '))
        .map(|(_, name)| name)
        .collect();
    if texts.is_empty() || objects.is_empty() {
        return None;
    }
    let list = |all: Vec<String>| all.iter().map(|one| quote_literal(one).to_string()).collect::<Vec<_>>().join(", ");
    let name = |object: &str| match object.split_once('.') {
        Some((schema, name)) => {
            let schema = tenant.filter(|_| schema == DEFAULT_SCHEMA).unwrap_or(schema);
            format!("{}.{}", quote_identifier(schema), quote_identifier(name))
        }
        None => quote_identifier(object).into_owned(),
    };
    let (texts, names) = (list(texts.iter().cloned().collect()), list(objects.into_iter().map(name).collect()));
    // What it is called in COMMENT ON is not always what `pg_identify_object` calls it.
    let body = format!(
        "DECLARE one record; BEGIN FOR one IN SELECT CASE WHEN found.type LIKE '% column' THEN 'COLUMN' \
         WHEN found.type LIKE '% constraint' THEN 'CONSTRAINT' WHEN found.type = 'statistics object' THEN 'STATISTICS' \
         WHEN found.type = 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER' ELSE found.type END AS kind, \
         CASE WHEN found.type = 'domain constraint' THEN replace(found.identity, ' on ', ' on domain ') \
         ELSE found.identity END AS name \
         FROM pg_description AS said, LATERAL pg_identify_object(said.classoid, said.objoid, said.objsubid) AS found \
         WHERE said.description IN ({texts}) AND EXISTS (SELECT FROM unnest(ARRAY[{names}]::text[]) AS own \
         WHERE strpos(found.identity, own) > 0) \
         LOOP EXECUTE format('COMMENT ON %s %s IS NULL', one.kind, one.name); END LOOP; END"
    );
    Some(format!("DO {}", quote_literal(&body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_that_changed_or_moved_are_told_by_what_they_say() {
        let columns = |one: &str, other: &str| {
            format!(
                r#"[{{"create_table": {{"definition": {{"columns": [{{"name": "a", {one}}}, {{"name": "b", {other}}}]}}}}}}]"#
            )
        };
        let (old, new, none) = (r#""comment": "Old.""#, r#""comment": "New.""#, r#""comment": null"#);
        let changed = |one: String, other: String| {
            let changed = changed_comments(&one, &other);
            changed.into_iter().map(|(_, text)| text).collect::<Vec<_>>()
        };
        assert_eq!(changed(columns(old, none), columns(old, none)), [] as [&str; 0]);
        assert_eq!(changed(columns(old, none), columns(new, none)), ["New.", "Old."]);
        assert_eq!(changed(columns(old, none), columns(none, old)), ["Old.", "Old."]);
        assert_eq!(changed(String::new(), columns(new, none)), ["New."]);
    }
}
