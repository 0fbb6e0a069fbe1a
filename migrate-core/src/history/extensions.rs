//! Extensions that are in a database before a migration creates them: in which schema, and whose they are.

use serde_json::Value;

use super::MigrationName;
use crate::name::DEFAULT_SCHEMA;
use crate::operation::{CreateExtension, DropExtension, MoveExtension};
use crate::plan::{Cow, Down, Footprint, Migration, Script, Segment, Statement, Work};
use crate::sorted::{SortedMap, SortedSet};

/// An extension that a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledExtension {
    /// The schema of its objects.
    pub schema: String,
    /// The only schema that it can be in (`schema` in its control file), where it has one.
    pub own_schema: Option<String>,
}

/// An extension is in another schema than a migration needs it in: what the migration names there does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionElsewhere {
    /// The migration that creates it.
    pub migration: MigrationName,
    /// The extension.
    pub extension: String,
    /// Where it should be.
    pub expected: String,
    /// Where it is.
    pub found: String,
}

/// The extensions that a migration creates or drops.
pub fn extensions_of(footprint: &Footprint) -> impl Iterator<Item = &str> {
    footprint.objects.iter().filter_map(|object| object.strip_prefix("extension "))
}

/// Of migrations that are applied in this order: the extensions that are there before each of them creates them, by
/// version. Fails where one is in another schema than the migration needs. A migration whose operations cannot be read
/// says so elsewhere.
pub fn extensions_there_before<'m>(
    migrations: impl Iterator<Item = &'m Migration>,
    installed: &SortedMap<String, InstalledExtension>,
) -> Result<SortedMap<i64, SortedSet<String>>, ExtensionElsewhere> {
    let mut installed = installed.clone();
    let mut before: SortedMap<i64, SortedSet<String>> = SortedMap::new();
    for migration in migrations.filter(|one| extensions_of(&one.footprint).next().is_some()) {
        for operation in on_extensions(migration) {
            match operation {
                OnExtension::Create(create) => {
                    let Some(found) = installed.get(&create.name) else {
                        let schema = create.schema.unwrap_or_else(|| DEFAULT_SCHEMA.to_owned());
                        installed.insert(create.name, InstalledExtension { schema, own_schema: None });
                        continue;
                    };
                    let expected = create.schema.as_deref().or(found.own_schema.as_deref()).unwrap_or(DEFAULT_SCHEMA);
                    if expected != found.schema {
                        return Err(ExtensionElsewhere {
                            migration: MigrationName::of(migration),
                            expected: expected.to_owned(),
                            found: found.schema.clone(),
                            extension: create.name,
                        });
                    }
                    before.entry(migration.version).or_default().insert(create.name);
                }
                OnExtension::Drop(drop) => {
                    installed.remove(&drop.name);
                }
                OnExtension::Move(moved) => {
                    if let Some(found) = installed.get_mut(&moved.name) {
                        found.schema = moved.schema.unwrap_or_else(|| DEFAULT_SCHEMA.to_owned());
                    }
                }
            }
        }
    }
    Ok(before)
}

/// An operation on an extension.
enum OnExtension {
    Create(CreateExtension),
    Drop(DropExtension),
    Move(MoveExtension),
}

/// What a migration does with extensions, in its order. The other operations are not read: a program that only applies
/// migrations needs nothing that knows them all.
fn on_extensions(migration: &Migration) -> impl Iterator<Item = OnExtension> + use<> {
    let operations: Vec<Value> = serde_json::from_str(&migration.operations).unwrap_or_default();
    operations.into_iter().filter_map(|operation| {
        let Value::Object(operation) = operation else { return None };
        let (kind, operation) = operation.into_iter().next()?;
        match kind.as_str() {
            "create_extension" => serde_json::from_value(operation).ok().map(OnExtension::Create),
            "drop_extension" => serde_json::from_value(operation).ok().map(OnExtension::Drop),
            "move_extension" => serde_json::from_value(operation).ok().map(OnExtension::Move),
            _ => None,
        }
    })
}

/// A down that leaves extensions where they are.
pub fn keeping_extensions(down: &Down, extensions: &SortedSet<String>) -> Down {
    let Down::Script { script, loses } = down else { return down.clone() };
    let drops: Vec<String> = extensions.iter().map(|name| DropExtension { name: name.clone() }.sql()).collect();
    let stays =
        |statement: &&Statement| !matches!(&statement.work, Work::Sql(sql) if drops.iter().any(|drop| drop == sql));
    let segments = script.segments.iter().filter_map(|segment| {
        let statements: Vec<Statement> = segment.statements.iter().filter(stays).cloned().collect();
        (!statements.is_empty()).then_some(Segment { mode: segment.mode, statements: Cow::Owned(statements) })
    });
    Down::Script { script: Script { segments: segments.collect() }, loses: loses.clone() }
}

/// A statement of a derived down that drops an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DroppedExtension {
    /// The extension.
    pub name: String,
    /// The statement.
    pub sql: String,
    /// In which segment of the down it is, ...
    pub segment: usize,
    /// ... and where in that.
    pub statement: usize,
}

/// The extensions that a migration creates and its down drops, in the order of the down.
pub fn dropped_extensions(migration: &Migration) -> Vec<DroppedExtension> {
    let Down::Script { script, .. } = &migration.down else { return Vec::new() };
    if extensions_of(&migration.footprint).next().is_none() {
        return Vec::new();
    }
    let created: SortedMap<String, String> = on_extensions(migration)
        .filter_map(|operation| match operation {
            OnExtension::Create(create) => Some((DropExtension { name: create.name.clone() }.sql(), create.name)),
            OnExtension::Drop(_) | OnExtension::Move(_) => None,
        })
        .collect();
    let mut dropped = Vec::new();
    for (segment, of_segment) in script.segments.iter().enumerate() {
        for (statement, one) in of_segment.statements.iter().enumerate() {
            if let Work::Sql(sql) = &one.work
                && let Some(name) = created.get(sql.as_ref())
            {
                dropped.push(DroppedExtension { name: name.clone(), sql: sql.to_string(), segment, statement });
            }
        }
    }
    dropped
}

/// Whether a down drops an extension.
pub fn drops_extension(down: &Down, extension: &str) -> bool {
    let drop = DropExtension { name: extension.to_owned() }.sql();
    let is_it = |statement: &Statement| matches!(&statement.work, Work::Sql(sql) if *sql == drop);
    matches!(down, Down::Script { script, .. } if script.statements().any(is_it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operation;

    fn create(name: &str, schema: Option<&str>) -> Operation {
        CreateExtension { name: name.into(), schema: schema.map(str::to_owned), comment: None }.into()
    }

    fn migration(version: i64, operations: &[Operation]) -> Migration {
        let mut migration = crate::history::testing::migration(version, "extensions");
        migration.operations = Cow::Owned(crate::json::to_json(&operations));
        migration.footprint.objects = Cow::Owned(vec![Cow::Borrowed("extension citext")]);
        migration
    }

    fn installed(schema: &str, own_schema: Option<&str>) -> SortedMap<String, InstalledExtension> {
        let found = InstalledExtension { schema: schema.into(), own_schema: own_schema.map(str::to_owned) };
        [("citext".to_string(), found)].into()
    }

    #[test]
    fn one_that_is_elsewhere_is_an_error_that_names_both_places() {
        let one = migration(1, &[create("citext", None)]);
        let elsewhere = extensions_there_before([&one].into_iter(), &installed("extensions", None)).unwrap_err();
        assert_eq!((elsewhere.expected.as_str(), elsewhere.found.as_str()), ("public", "extensions"));
        let one = migration(1, &[create("citext", Some("extensions"))]);
        let elsewhere = extensions_there_before([&one].into_iter(), &installed("public", None)).unwrap_err();
        assert_eq!((elsewhere.expected.as_str(), elsewhere.found.as_str()), ("extensions", "public"));
    }

    #[test]
    fn one_that_can_be_in_one_place_only_is_expected_there() {
        let one = migration(1, &[create("citext", None)]);
        let before = extensions_there_before([&one].into_iter(), &installed("own", Some("own"))).unwrap();
        assert!(before[&1].contains("citext"));
    }

    #[test]
    fn what_an_earlier_migration_drops_is_not_there_before_a_later_one() {
        let drop = migration(1, &[DropExtension { name: "citext".into() }.into()]);
        let create = migration(2, &[create("citext", Some("extensions"))]);
        let before = extensions_there_before([&drop, &create].into_iter(), &installed("public", None)).unwrap();
        assert!(before.is_empty());
    }
}
