//! Comments that changed in migrations that are applied: the checksum leaves them out, so the database is given the new ones.

use serde_json::Value;

use crate::name::DEFAULT_SCHEMA;
use crate::plan::Footprint;
use crate::sorted::SortedSet;
use crate::sql::{quote_identifier, quote_literal};

/// The comments that only one of two forms of a migration's operations has: where each stands, and what it says. Both are JSON;
/// what cannot be read has none.
pub fn changed_comments(one: &str, other: &str) -> SortedSet<(String, String)> {
    let places = |operations: &str| {
        let mut found = SortedSet::new();
        collect(&serde_json::from_str(operations).unwrap_or_default(), "", &mut found);
        found
    };
    let (one, other) = (places(one), places(other));
    one.difference(&other).chain(other.difference(&one)).cloned().collect()
}

/// Each comment with where it stands.
fn collect(value: &Value, place: &str, found: &mut SortedSet<(String, String)>) {
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
    texts: &SortedSet<String>,
    tenant: Option<&str>,
    footprints: impl Iterator<Item = &'f Footprint>,
) -> Option<String> {
    let objects: SortedSet<&str> = footprints
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
