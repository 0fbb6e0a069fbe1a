//! Short histories for the tests of decisions.

use super::{AppliedMigration, Direction, Kind, Unfinished};
use crate::plan::{Checksum, Compatibility, Down, Footprint, Migration, Script};

pub(super) fn migration(version: i64, name: &str) -> Migration {
    Migration {
        version,
        leading_zeros: 0,
        name: name.to_string().into(),
        file: format!("migrations/{version}_{name}.rs").into(),
        checksum: Checksum::of(name),
        identity: None,
        up: Script::default(),
        down: Down::Script { script: Script::default(), loses: [].as_slice().into() },
        operations: "[]".into(),
        footprint: Footprint::default(),
        compatibility: Compatibility::Compatible,
        adoption: None,
    }
}

pub(super) fn applied(version: i64, name: &str) -> AppliedMigration {
    let migration = migration(version, name);
    AppliedMigration {
        version,
        name: name.to_string(),
        checksum: migration.checksum,
        identity: None,
        earlier: Vec::new(),
        chain: Checksum::EMPTY,
        kind: Kind::Applied,
        footprint: migration.footprint,
        compatibility: migration.compatibility,
        down: Some(migration.down),
    }
}

pub(super) fn begun(migration: &Migration, direction: Direction) -> Unfinished {
    Unfinished { version: migration.version, name: migration.name.to_string(), direction, checksum: migration.checksum }
}

pub(super) fn refs(migrations: &[Migration]) -> Vec<&Migration> {
    migrations.iter().collect()
}

pub(super) fn touching(mut migration: Migration, object: &str) -> Migration {
    migration.footprint.objects = vec![object.to_string().into()].into();
    migration
}

pub(super) fn touched(mut row: AppliedMigration, object: &str) -> AppliedMigration {
    row.footprint.objects = vec![object.to_string().into()].into();
    row
}

pub(super) fn breaking(mut row: AppliedMigration, line: &str) -> AppliedMigration {
    row.compatibility = Compatibility::Breaking(vec![line.to_string().into()].into());
    row
}

pub(super) fn with_chains(mut rows: Vec<AppliedMigration>) -> Vec<AppliedMigration> {
    let mut chain = Checksum::EMPTY;
    for row in &mut rows {
        chain = chain.chain(row.version, row.checksum);
        row.chain = chain;
    }
    rows
}
