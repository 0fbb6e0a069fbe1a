//! The tools whose tables are known.

use crate::json::ToJson;
use crate::name::{DEFAULT_SCHEMA, QualifiedName};

macro_rules! tools {
    ($($(#[doc = $doc:literal])* $variant:ident {
        word: $word:literal, name: $name:literal, schema: $schema:expr, table: $table:literal, version: $form:ident,
        apply: $apply:literal $(,)?
    })*) => {
        /// A tool that keeps what it has applied in a table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToJson)]
        #[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
        #[serde(rename_all = "snake_case")]
        pub enum Tool {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Tool {
            /// All of them.
            pub const ALL: &[Tool] = &[$(Tool::$variant),*];

            /// The word for it in the language and on command lines.
            pub const fn word(self) -> &'static str {
                match self { $(Tool::$variant => $word),* }
            }

            /// What it is called.
            pub const fn name(self) -> &'static str {
                match self { $(Tool::$variant => $name),* }
            }

            /// Its table, where nobody has chosen another name.
            pub fn table(self) -> QualifiedName {
                match self { $(Tool::$variant => QualifiedName::in_schema($schema, $table)),* }
            }

            /// What a version of it looks like.
            pub const fn version_form(self) -> VersionForm {
                match self { $(Tool::$variant => VersionForm::$form),* }
            }

            /// The command that applies what is pending.
            pub const fn command(self) -> &'static str {
                match self { $(Tool::$variant => $apply),* }
            }
        }
    };
}

/// What a version of a tool looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionForm {
    /// A whole number.
    Number,
    /// Any text.
    Text,
}

tools! {
    /// sqlx: `_sqlx_migrations`.
    Sqlx {
        word: "sqlx", name: "sqlx", schema: DEFAULT_SCHEMA, table: "_sqlx_migrations", version: Number,
        apply: "sqlx migrate run",
    }
    /// refinery: `refinery_schema_history`.
    Refinery {
        word: "refinery", name: "refinery", schema: DEFAULT_SCHEMA, table: "refinery_schema_history", version: Number,
        apply: "refinery migrate",
    }
    /// diesel: `__diesel_schema_migrations`.
    Diesel {
        word: "diesel", name: "diesel", schema: DEFAULT_SCHEMA, table: "__diesel_schema_migrations", version: Text,
        apply: "diesel migration run",
    }
    /// sea-orm: `seaql_migrations`.
    SeaOrm {
        word: "sea_orm", name: "sea-orm", schema: DEFAULT_SCHEMA, table: "seaql_migrations", version: Text,
        apply: "sea-orm-cli migrate up",
    }
    /// Alembic: `alembic_version`, which has nothing but the heads.
    Alembic {
        word: "alembic", name: "Alembic", schema: DEFAULT_SCHEMA, table: "alembic_version", version: Text,
        apply: "alembic upgrade head",
    }
    /// Prisma: `_prisma_migrations`.
    Prisma {
        word: "prisma", name: "Prisma", schema: DEFAULT_SCHEMA, table: "_prisma_migrations", version: Text,
        apply: "prisma migrate deploy",
    }
    /// Flyway: `flyway_schema_history`.
    Flyway {
        word: "flyway", name: "Flyway", schema: DEFAULT_SCHEMA, table: "flyway_schema_history", version: Text,
        apply: "flyway migrate",
    }
    /// Atlas: `atlas_schema_revisions`, in a schema of that name unless it is bound to one.
    Atlas {
        word: "atlas", name: "Atlas", schema: "atlas_schema_revisions", table: "atlas_schema_revisions", version: Text,
        apply: "atlas migrate apply",
    }
    /// drizzle: `drizzle.__drizzle_migrations`.
    Drizzle {
        word: "drizzle", name: "Drizzle", schema: "drizzle", table: "__drizzle_migrations", version: Number,
        apply: "drizzle-kit migrate",
    }
    /// golang-migrate: `schema_migrations`, of one row.
    GolangMigrate {
        word: "golang_migrate", name: "golang-migrate", schema: DEFAULT_SCHEMA, table: "schema_migrations",
        version: Number, apply: "migrate up",
    }
    /// goose: `goose_db_version`.
    Goose {
        word: "goose", name: "goose", schema: DEFAULT_SCHEMA, table: "goose_db_version", version: Number,
        apply: "goose up",
    }
    /// dbmate: `schema_migrations`.
    Dbmate {
        word: "dbmate", name: "dbmate", schema: DEFAULT_SCHEMA, table: "schema_migrations", version: Text,
        apply: "dbmate migrate",
    }
    /// Django: `django_migrations`; a version is `app.name`.
    Django {
        word: "django", name: "Django", schema: DEFAULT_SCHEMA, table: "django_migrations", version: Text,
        apply: "python manage.py migrate",
    }
    /// Rails: `schema_migrations`, beside `ar_internal_metadata`.
    Rails {
        word: "rails", name: "Rails", schema: DEFAULT_SCHEMA, table: "schema_migrations", version: Text,
        apply: "bin/rails db:migrate",
    }
    /// Ecto: `schema_migrations`.
    Ecto {
        word: "ecto", name: "Ecto", schema: DEFAULT_SCHEMA, table: "schema_migrations", version: Number,
        apply: "mix ecto.migrate",
    }
}

impl Tool {
    /// The tool that this word means.
    pub fn from_word(word: &str) -> Option<Tool> {
        Tool::ALL.iter().copied().find(|tool| tool.word() == word)
    }

    /// Whether its table has only where it stands, and not how it came there: the versions are heads.
    pub const fn keeps_heads_only(self) -> bool {
        matches!(self, Tool::Alembic | Tool::GolangMigrate)
    }

    /// Tables of the tool beside the one of its migrations, in the same schema.
    pub const fn other_tables(self) -> &'static [&'static str] {
        match self {
            Tool::Rails => &["ar_internal_metadata"],
            _ => &[],
        }
    }
}

impl VersionForm {
    /// Whether a version is in this form.
    pub fn fits(self, version: &str) -> bool {
        match self {
            // As PostgreSQL prints a bigint.
            VersionForm::Number => version.parse::<i64>().is_ok_and(|number| number.to_string() == version),
            VersionForm::Text => !version.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_means_one_tool() {
        for tool in Tool::ALL {
            assert_eq!(Tool::from_word(tool.word()), Some(*tool));
            assert!(tool.word().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", tool.word());
        }
    }

    #[test]
    fn a_number_is_written_as_the_table_has_it() {
        assert!(VersionForm::Number.fits("20260312094500") && VersionForm::Number.fits("0"));
        for wrong in ["", "0001", "1_000", "m1", "99999999999999999999"] {
            assert!(!VersionForm::Number.fits(wrong), "{wrong}");
        }
        assert!(VersionForm::Text.fits("00000000000000") && !VersionForm::Text.fits(""));
    }
}
