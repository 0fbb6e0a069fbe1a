//! Every kind of mistake, declared once. The page `docs/errors.md` and `cargo migrate explain` are made from this.

use migrate_core::plan::Hazard;

/// A kind of mistake.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Its name, in brackets behind each headline.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Why it is a mistake.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// A block that shows it.
    pub example: &'static str,
}

macro_rules! codes {
    ($($constant:ident $name:literal {
        what: $what:literal, why: $why:literal, fix: $fix:literal, example: $example:literal $(,)?
    })*) => {
        $(
            #[doc = $what]
            pub static $constant: &Code =
                &Code { name: $name, what: $what, why: $why, fix: $fix, example: $example };
        )*

        /// All of them, in the order of the documentation.
        pub static ALL: &[&Code] = &[$(&Code { name: $name, what: $what, why: $why, fix: $fix, example: $example }),*];
    };
}

/// The code of a hazard that the source does not allow.
pub fn of_hazard(hazard: Hazard) -> &'static Code {
    match hazard {
        Hazard::DropsData => DROPS_DATA,
        Hazard::RewritesTable => REWRITES_TABLE,
        Hazard::BlocksWrites => BLOCKS_WRITES,
        Hazard::UnbatchedUpdate => UNBATCHED_UPDATE,
        Hazard::NarrowsType | Hazard::BreaksQueries => NARROWS_TYPE,
    }
}

codes! {
    SYNTAX "syntax" {
        what: "the block is not written in the migration language",
        why: "nothing can be made of it",
        fix: "write what the message expects",
        example: "create tabel users { id: bigint }",
    }
    EMPTY "empty" {
        what: "a migration, or an item of it, does nothing",
        why: "it would be recorded as applied, and what is written into it later would never run",
        fix: "write what is to be done, or remove it",
        example: "migrate_runtime::migration! {}",
    }
    UNKNOWN_TABLE "unknown_table" {
        what: "no migration before this one makes the table",
        why: "the statement would fail with SQLSTATE 42P01",
        fix: "correct the name, or create the table in an earlier migration",
        example: "alter table usres { add age: int? }",
    }
    UNKNOWN_COLUMN "unknown_column" {
        what: "the table has no column of that name at this point of the history",
        why: "the statement would fail with SQLSTATE 42703",
        fix: "correct the name; the help line names the closest column",
        example: "create index on users (emial);",
    }
    UNDECLARED "undeclared" {
        what: "something is needed that only raw SQL may have made, and the raw SQL does not say what it makes",
        why: "without knowing it, nothing right can be made of the item, nor of how to undo it",
        fix: "write `changes { ... }` behind the raw SQL that the message names. It is no part of the checksum, so a migration that is applied can get it",
        example: "sql \"alter table users add age int\" irreversible \"demo\"; alter table users { drop age }",
    }
    UNKNOWN_TYPE "unknown_type" {
        what: "no built-in type, enum or installed extension has that name",
        why: "the statement would fail with SQLSTATE 42704",
        fix: "correct the name, create the enum first, or `create extension` first",
        example: "create table t { id: bigint primary key, mood: moood }",
    }
    UNKNOWN_VALUE "unknown_value" {
        what: "the enum has no such value",
        why: "the statement would fail with SQLSTATE 22P02",
        fix: "write one of its values, or add the value in an earlier migration",
        example: "create table t { id: bigint primary key, status: booking_status = pendign }",
    }
    UNKNOWN_CONSTRAINT "unknown_constraint" {
        what: "the table has no constraint of that name",
        why: "the statement would fail with SQLSTATE 42704",
        fix: "correct the name; the help line lists the constraints of the table",
        example: "alter table users { drop constraint users_emial_key }",
    }
    UNKNOWN_INDEX "unknown_index" {
        what: "there is no index of that name",
        why: "the statement would fail with SQLSTATE 42704",
        fix: "correct the name",
        example: "drop index users_emial_idx;",
    }
    UNKNOWN_EXTENSION "unknown_extension" {
        what: "no migration before this one creates the extension",
        why: "the statement would fail with SQLSTATE 42704",
        fix: "correct the name",
        example: "drop extension citex;",
    }
    UNKNOWN_OPERATOR_CLASS "unknown_operator_class" {
        what: "the access method has no operator class of that name for the column's type",
        why: "the statement would fail with SQLSTATE 42704 or 42804",
        fix: "write one that the help line names, or create the extension that has it",
        example: "create index on bookings using gin (details jsonb_path_op);",
    }
    DUPLICATE_TABLE "duplicate_table" {
        what: "a table or index of that name exists already",
        why: "the statement would fail with SQLSTATE 42P07",
        fix: "choose another name, or drop or rename the old one first",
        example: "create table users { id: bigint primary key }",
    }
    DUPLICATE_COLUMN "duplicate_column" {
        what: "the table has a column of that name already",
        why: "the statement would fail with SQLSTATE 42701",
        fix: "choose another name",
        example: "alter table users { add email: text? }",
    }
    DUPLICATE_TYPE "duplicate_type" {
        what: "a type of that name exists already",
        why: "the statement would fail with SQLSTATE 42710",
        fix: "choose another name; tables are types, too",
        example: "create enum booking_status { pending }",
    }
    DUPLICATE_VALUE "duplicate_value" {
        what: "the enum has that value already",
        why: "the statement would fail with SQLSTATE 42710",
        fix: "leave it out",
        example: "alter enum booking_status { add pending }",
    }
    DUPLICATE_CONSTRAINT "duplicate_constraint" {
        what: "the table has a constraint of that name already",
        why: "the statement would fail with SQLSTATE 42710",
        fix: "choose another name",
        example: "alter table users { add constraint users_email_key unique (email) }",
    }
    DUPLICATE_INDEX "duplicate_index" {
        what: "a table or index of that name exists already",
        why: "the statement would fail with SQLSTATE 42P07",
        fix: "choose another name",
        example: "create index users_email_idx on users (email);",
    }
    DUPLICATE_EXTENSION "duplicate_extension" {
        what: "the extension was created already",
        why: "the statement would do nothing",
        fix: "leave it out",
        example: "create extension citext; create extension citext;",
    }
    DUPLICATE_VERSION "duplicate_version" {
        what: "two files have the same version",
        why: "nothing says which of them comes first, and a database can record only one",
        fix: "give one of the files another version",
        example: "migrations/0002_teams.rs and migrations/0002_plans.rs",
    }
    DUPLICATE_CLAUSE "duplicate_clause" {
        what: "something is said twice",
        why: "only one of them can hold",
        fix: "leave one out",
        example: "create table t { id: bigint primary key primary key }",
    }
    TYPE_MISMATCH "type_mismatch" {
        what: "a value or expression has another type than its place needs",
        why: "the statement would fail with SQLSTATE 42804 or 22P02",
        fix: "write a value of the type the message names, or cast it",
        example: "create table t { id: bigint primary key, age: int = \"old\" }",
    }
    INVALID_JSON "invalid_json" {
        what: "the value of a json or jsonb column is not JSON",
        why: "the statement would fail with SQLSTATE 22P02",
        fix: "write JSON in braces, as in `details: jsonb = { \"seats\": 2 }`",
        example: "create table t { id: bigint primary key, details: jsonb = { seats: } }",
    }
    FOREIGN_KEY_TARGET "foreign_key_target" {
        what: "the referenced columns are not the primary key, a unique constraint or a unique index",
        why: "the statement would fail with SQLSTATE 42830",
        fix: "reference the primary key, or add a unique constraint first",
        example: "create table t { id: bigint primary key, name: text references users (name) }",
    }
    FOREIGN_KEY_TYPE "foreign_key_type" {
        what: "the referencing and the referenced column have types that cannot be compared",
        why: "the statement would fail with SQLSTATE 42804",
        fix: "give the column the type of the one it references",
        example: "create table t { id: bigint primary key, user_id: text references users }",
    }
    FOREIGN_KEY_ACTION "foreign_key_action" {
        what: "the action of a foreign key cannot work",
        why: "every delete or update of a referenced row would fail",
        fix: "make the column nullable, give it a default, or choose another action",
        example: "create table t { id: bigint primary key, user_id: uuid references users on delete set null }",
    }
    NOT_NULL_WITHOUT_DEFAULT "not_null_without_default" {
        what: "a NOT NULL column without a default is added to a table that existed before",
        why: "the statement fails with SQLSTATE 23502 as soon as the table has a row",
        fix: "give it a default, or make it nullable (`?`), fill it, and set it NOT NULL in a later migration",
        example: "alter table users { add country: text }",
    }
    STILL_NEEDED "still_needed" {
        what: "something else still needs what is dropped or changed",
        why: "the statement would fail with SQLSTATE 2BP01, or drop the other thing silently",
        fix: "drop or change what needs it first; the notes name it",
        example: "#[allow(drops_data, reason = \"unused\")] drop table users;",
    }
    NO_OPERATOR_CLASS "no_operator_class" {
        what: "the access method has no default operator class for the column's type",
        why: "the statement would fail with SQLSTATE 42704",
        fix: "name an operator class, or choose another method",
        example: "create index on users using gin (email);",
    }
    NAME_TOO_LONG "name_too_long" {
        what: "a name is longer than 63 bytes",
        why: "PostgreSQL would cut it silently, and later statements would not find it under its full name",
        fix: "choose a shorter name",
        example: "create table a_table_name_that_goes_on_and_on_and_on_until_it_has_more_than_63_bytes { id: bigint }",
    }
    NAME_COLLISION "name_collision" {
        what: "two names are the same after PostgreSQL has cut them to 63 bytes",
        why: "the second statement would fail with SQLSTATE 42P07 or 42710",
        fix: "name one of them explicitly",
        example: "two long constraint names with the same first 63 bytes",
    }
    NOT_INVERTIBLE "not_invertible" {
        what: "an operation that cannot be undone has no `down`",
        why: "a revert would not know what to do",
        fix: "write `down { ... }` behind it, or `irreversible \"why\"`",
        example: "update users set name = lower(name) where id = 1;",
    }
    WRONG_DOWN "wrong_down" {
        what: "a written `down` does not lead back to the catalog before",
        why: "after a revert, the history and the database would disagree",
        fix: "undo what the notes name",
        example: "sql \"select 1\" changes { create table t { id: bigint primary key } } down { }",
    }
    UNNEEDED_DOWN "unneeded_down" {
        what: "a `down` is written where the compiler derives it",
        why: "there is one way to undo it, and the compiler knows it",
        fix: "leave the `down` out",
        example: "create index on users (email) down { drop index users_email_idx; }",
    }
    INVALID_DEFINITION "invalid_definition" {
        what: "parts of a definition contradict each other",
        why: "PostgreSQL would refuse the statement",
        fix: "change what the message names",
        example: "create table t { id: bigint? primary key }",
    }
    NO_CHANGE "no_change" {
        what: "the operation changes nothing",
        why: "it would take a lock for nothing, and is likely a mistake",
        fix: "leave it out, or write what was meant",
        example: "alter table users { alter email drop not null }",
    }
    NO_CAST "no_cast" {
        what: "values of the old type do not become values of the new type by themselves",
        why: "the statement would fail with SQLSTATE 42804",
        fix: "say how with `using (expression)`",
        example: "alter table users { alter age: int }",
    }
    SERVER_TOO_OLD "server_too_old" {
        what: "the oldest server that the binary must serve lacks it",
        why: "the statement would fail there",
        fix: "leave it out, or raise `postgres = N` in `migrations!`",
        example: "create table t { a: int, unique nulls not distinct (a) }  // with postgres = 14",
    }
    INVALID_SQL "invalid_sql" {
        what: "raw SQL cannot run as it is",
        why: "it is not one or more complete commands, or it controls the transaction of the migration",
        fix: "change what the message names",
        example: "sql \"begin; create view v as select 1; commit\" irreversible \"demo\";",
    }
    INVALID_FILE_NAME "invalid_file_name" {
        what: "a file of the history has no version",
        why: "version and name come from the file's name, and the version says when it applies",
        fix: "name it VERSION_NAME.rs, as in 20260312094500_bookings.rs",
        example: "migrations/bookings.rs",
    }
    INVALID_ALLOW "invalid_allow" {
        what: "an `#[allow(...)]` is not complete",
        why: "a dangerous form is allowed by its name and with a reason, for those who read it later",
        fix: "write `#[allow(hazard, reason = \"...\")]`",
        example: "#[allow(drops_data)] drop table users;",
    }
    INVALID_LIMITS "invalid_limits" {
        what: "a `#[limits(...)]` cannot be read",
        why: "it names a limit that there is not, or a time that is none",
        fix: "write `#[limits(lock_timeout = \"200 ms\", retry_budget = \"4 h\")]`",
        example: "#[limits(retry_budget = \"soon\")] alter table users { add note: text? }",
    }
    DROPS_DATA "drops_data" {
        what: "rows or values are gone after it",
        why: "the derived down brings back the structure, not the data",
        fix: "keep the data until nothing needs it; then allow it with a reason",
        example: "drop table users;",
    }
    REWRITES_TABLE "rewrites_table" {
        what: "the whole table is rewritten while nobody can read or write it",
        why: "on a large table this is an outage",
        fix: "add a new column, backfill it and switch over; or allow it with a reason",
        example: "alter table users { alter id: bigint }",
    }
    BLOCKS_WRITES "blocks_writes" {
        what: "rows are checked or indexes built while nobody can write the table",
        why: "on a large table this is an outage",
        fix: "follow the help line; or allow it with a reason",
        example: "alter table users { alter name: varchar(300) }  // with a check on name",
    }
    UNBATCHED_UPDATE "unbatched_update" {
        what: "an update or delete of many rows in one transaction",
        why: "it holds its row locks until the end, and the table grows to twice its size",
        fix: "use `backfill`, which works in batches; or allow it with a reason",
        example: "update users set plan = \"free\" irreversible \"no old plan\";",
    }
    NARROWS_TYPE "narrows_type" {
        what: "values may not fit the new type",
        why: "the statement fails on such rows, or rounds them",
        fix: "check the data first, then allow it with a reason",
        example: "alter table users { alter name: varchar(10) }",
    }
}

/// The code of that name.
pub fn find(name: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.name == name)
}
