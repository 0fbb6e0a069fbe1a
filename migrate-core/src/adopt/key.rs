//! The locks of other tools: who has one of them keeps that tool from migrating.

use super::{Adoption, Tool};
use crate::sql::enclosed;

/// What keeps another tool from migrating meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// The advisory lock of this number, which the tool takes for its run.
    Advisory(i64),
    /// The tool has none: its table is locked, so that it cannot record anything.
    Table,
}

impl Adoption {
    /// What keeps the tool out of this database.
    pub fn exclusion(&self, database: &str) -> Exclusion {
        let crc = |text: &str| i64::from(crc32(text.as_bytes()));
        let key = match self.tool {
            // `generate_lock_id` in sqlx-postgres/src/migrate.rs.
            Tool::Sqlx => crc(database).wrapping_mul(0x3d32_ad9e),
            // `generate_migrator_advisory_lock_id` in activerecord/lib/active_record/migration.rb.
            Tool::Rails => crc(database).wrapping_mul(2_053_462_845),
            // `GenerateAdvisoryLockId` in database/util.go.
            Tool::GolangMigrate => {
                let names = [&self.table.schema, &self.table.name, database].map(|name| name.as_bytes());
                i64::from(crc32(&names.join(&0)).wrapping_mul(1_486_364_155))
            }
            // `ADVISORY_LOCK_ID` of its schema engine.
            Tool::Prisma => 72_707_369,
            // `Lock` in sql/postgres/driver.go, with the name that `migrate apply` gives it.
            Tool::Atlas => i64::from(fnv32(b"atlas_migrate_execute")),
            // `PostgreSQLAdvisoryLockTemplate`: "Flyway" in ASCII, and the hash that Java has for the quoted name.
            Tool::Flyway => {
                let table = format!("{}.{}", enclosed(&self.table.schema, '"'), enclosed(&self.table.name, '"'));
                0x466C_7977_6179 + i64::from(java_hash(&table))
            }
            // Ecto locks its table, which is what is done here as well.
            Tool::Refinery
            | Tool::Diesel
            | Tool::SeaOrm
            | Tool::Alembic
            | Tool::Drizzle
            | Tool::Goose
            | Tool::Dbmate
            | Tool::Django
            | Tool::Ecto => return Exclusion::Table,
        };
        Exclusion::Advisory(key)
    }
}

/// CRC-32 as zip has it.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// FNV-1 of 32 bits.
fn fnv32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash: u32, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(*byte))
}

/// `String.hashCode` of Java.
fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_are_the_published_ones() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(fnv32(b"a"), 0x050c_5d7e);
        assert_eq!(java_hash("hello"), 99_162_322);
    }

    #[test]
    fn the_locks_are_those_of_the_tools() {
        let of = |tool: Tool, database: &str| {
            Adoption { tool, table: tool.table(), versions: Vec::new(), checksum: None }.exclusion(database)
        };
        assert_eq!(of(Tool::Sqlx, "zone"), Exclusion::Advisory(2_771_974_297_191_923_538));
        assert_eq!(of(Tool::Prisma, "zone"), Exclusion::Advisory(72_707_369));
        assert_eq!(of(Tool::Diesel, "zone"), Exclusion::Table);
        // `"public"."flyway_schema_history"`
        let Exclusion::Advisory(flyway) = of(Tool::Flyway, "zone") else { panic!() };
        assert!((flyway - 77_431_708_279_161).abs() <= 1 << 31, "{flyway}");
    }
}
