//! Every kind of mistake and of warning, declared once. The page `docs/errors.md` and `cargo migrate explain` are made from this.

use migrate_core::plan::Hazard;

/// Whether a kind keeps a migration from compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It does.
    Mistake,
    /// It is shown, and compiles. `#[allow(NAME, reason = "...")]` keeps it silent.
    Warning,
}

macro_rules! level {
    () => {
        Level::Mistake
    };
    (warning) => {
        Level::Warning
    };
}

/// A kind of mistake, or of warning.
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
    /// Whether it is a mistake.
    pub level: Level,
}

macro_rules! codes {
    ($($constant:ident $name:literal $($level:ident)? {
        what: $what:literal, why: $why:literal, fix: $fix:literal, example: $example:literal $(,)?
    })*) => {
        $(
            #[doc = $what]
            pub static $constant: &Code =
                &Code { name: $name, what: $what, why: $why, fix: $fix, example: $example, level: level!($($level)?) };
        )*

        /// All of them, in the order of the documentation.
        pub static ALL: &[&Code] = &[$(
            &Code { name: $name, what: $what, why: $why, fix: $fix, example: $example, level: level!($($level)?) }
        ),*];
    };
}

/// The code of a hazard that the source does not allow.
pub fn of_hazard(hazard: Hazard) -> &'static Code {
    match hazard {
        Hazard::DropsData => DROPS_DATA,
        Hazard::RewritesTable => REWRITES_TABLE,
        Hazard::BlocksWrites => BLOCKS_WRITES,
        Hazard::UnbatchedUpdate => UNBATCHED_UPDATE,
        Hazard::NotNullWithoutDefault => NOT_NULL_WITHOUT_DEFAULT,
        Hazard::UnsafeSearchPath => UNSAFE_SEARCH_PATH,
        Hazard::LeavesStaleValues => LEAVES_STALE_VALUES,
        Hazard::RefillsView => REFILLS_VIEW,
        Hazard::UncheckedBody => UNCHECKED_BODY,
        Hazard::ActionFails => ACTION_FAILS,
        Hazard::NarrowsType | Hazard::BreaksQueries => NARROWS_TYPE,
    }
}

codes! {
    SYNTAX "syntax" {
        what: "the block is not written in the migration language",
        why: "it cannot be understood",
        fix: "write what the message expects",
        example: "create tabel users { id: bigint }",
    }
    EMPTY "empty" {
        what: "a migration, or one of its items, does nothing",
        why: "it would be recorded as applied, and anything added to it later would never run",
        fix: "write what it should do, or remove it",
        example: "migrate_runtime::migration! {}",
    }
    INVALID_ADOPTION "invalid_adoption" {
        what: "an `adopts` item describes a history that this tool's table cannot hold",
        why: "no database would ever be taken over, or the wrong one",
        fix: "let `cargo migrate adopt` generate it from a database that the tool has migrated",
        example: "adopts sqlx through 3 { versions [1, 2] }",
    }
    UNKNOWN_TABLE "unknown_table" {
        what: "no migration before this one creates the table",
        why: "the statement would fail with SQLSTATE 42P01",
        fix: "correct the name, or create the table in an earlier migration",
        example: "alter table usres { add age: int? }",
    }
    UNKNOWN_COLUMN "unknown_column" {
        what: "the table has no such column at this point of the history",
        why: "the statement would fail with SQLSTATE 42703",
        fix: "correct the name; the help line names the closest column",
        example: "create index on users (emial);",
    }
    UNDECLARED "undeclared" {
        what: "something is used that only raw SQL may have created, and the raw SQL does not declare what it creates",
        why: "without knowing its definition, neither the change nor its `down` can be compiled",
        fix: "write `changes { ... }` after the raw SQL that the message names. It does not affect the checksum, so it can be added to a migration that has been applied",
        example: "sql \"alter table users add age int\" irreversible \"demo\"; alter table users { drop age }",
    }
    UNKNOWN_TYPE "unknown_type" {
        what: "there is no such built-in type, enum, or type of an extension",
        why: "the statement would fail with SQLSTATE 42704",
        fix: "correct the name, or create the enum or the extension first",
        example: "create table t { id: bigint primary key, mood: moood }",
    }
    UNKNOWN_VALUE "unknown_value" {
        what: "the enum has no such value",
        why: "the statement would fail with SQLSTATE 22P02",
        fix: "write one of its values, or add the value first",
        example: "create table t { id: bigint primary key, status: booking_status = pendign }",
    }
    UNKNOWN_FUNCTION "unknown_function" {
        what: "neither PostgreSQL, an installed extension nor an earlier migration has a function of that name with these argument types, or several match equally well",
        why: "the statement would fail with SQLSTATE 42883 or 42725",
        fix: "correct the name, cast an argument, or create the extension; the help line names the closest function or the casts",
        example: "create table t { id: uuid primary key = gen_rand_uuid() }",
    }
    UNKNOWN_OPERATOR "unknown_operator" {
        what: "no operator takes operands of these types",
        why: "the statement would fail with SQLSTATE 42883",
        fix: "cast one side to the type of the other; for booleans write `and`, `or` and `not`; for equality `=`",
        example: "create table t { id: bigint primary key, name: text check (name + 1 > 2) }",
    }
    NOT_IMMUTABLE "not_immutable" {
        what: "an index or a generated column depends on the current time, on a setting or on other rows",
        why: "the statement would fail with SQLSTATE 42P17",
        fix: "write an expression that always gives the same result for the same row; the help line shows one, for example with an explicit time zone",
        example: "create table t { id: bigint primary key, made: timestamptz, day: date generated always as (made::date) stored }",
    }
    INVALID_QUERY "invalid_query" {
        what: "a query is not valid: a column is ambiguous, the number of columns differs, a name is used twice, or an \
               aggregate is used where none is allowed",
        why: "the statement would fail with SQLSTATE 42601, 42702, 42712, 42803, 42P10 or 42P20",
        fix: "follow the help line",
        example: "create view pairs as select id from users as u, users as u;",
    }
    UNKNOWN_OBJECT "unknown_object" {
        what: "no migration before this one creates this schema, domain, view, function or other object",
        why: "the statement would fail with SQLSTATE 42704",
        fix: "correct the name; the help line names the closest one",
        example: "create domain email as text; drop domain emial;",
    }
    DUPLICATE_OBJECT "duplicate_object" {
        what: "an object of that name already exists",
        why: "the statement would fail with SQLSTATE 42710",
        fix: "choose another name, or drop or rename the old one first",
        example: "create sequence users;",
    }
    UNKNOWN_CONSTRAINT "unknown_constraint" {
        what: "the table has no such constraint",
        why: "the statement would fail with SQLSTATE 42704",
        fix: "correct the name; the help line lists the constraints of the table",
        example: "alter table users { drop constraint users_emial_key }",
    }
    UNKNOWN_INDEX "unknown_index" {
        what: "there is no such index",
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
        what: "the access method has no such operator class for the type of the column",
        why: "the statement would fail with SQLSTATE 42704 or 42804",
        fix: "choose one from the help line, or create the extension that provides it",
        example: "create index on bookings using gin (details jsonb_path_op);",
    }
    DUPLICATE_TABLE "duplicate_table" {
        what: "a table or index of that name already exists",
        why: "the statement would fail with SQLSTATE 42P07",
        fix: "choose another name, or drop or rename the old one first",
        example: "create table users { id: bigint primary key }",
    }
    DUPLICATE_COLUMN "duplicate_column" {
        what: "the table already has a column of that name",
        why: "the statement would fail with SQLSTATE 42701",
        fix: "choose another name",
        example: "alter table users { add email: text? }",
    }
    DUPLICATE_TYPE "duplicate_type" {
        what: "a type of that name already exists",
        why: "the statement would fail with SQLSTATE 42710",
        fix: "choose another name; a table is a type, too",
        example: "create enum booking_status { pending }",
    }
    DUPLICATE_VALUE "duplicate_value" {
        what: "the enum already has that value",
        why: "the statement would fail with SQLSTATE 42710",
        fix: "remove it",
        example: "alter enum booking_status { add pending }",
    }
    DUPLICATE_CONSTRAINT "duplicate_constraint" {
        what: "the table already has a constraint of that name",
        why: "the statement would fail with SQLSTATE 42710",
        fix: "choose another name",
        example: "alter table users { add constraint users_email_key unique (email) }",
    }
    DUPLICATE_INDEX "duplicate_index" {
        what: "a table or index of that name already exists, or the table has the same index already",
        why: "the statement would fail with SQLSTATE 42P07; a duplicate index slows down every write and helps no query",
        fix: "choose another name, or remove the duplicate",
        example: "create index users_email_idx on users (email);",
    }
    DUPLICATE_EXTENSION "duplicate_extension" {
        what: "the extension already exists",
        why: "the statement would do nothing",
        fix: "remove it",
        example: "create extension citext; create extension citext;",
    }
    DUPLICATE_VERSION "duplicate_version" {
        what: "two files have the same version",
        why: "their order is undefined, and a database can record only one of them",
        fix: "give one of the files another version",
        example: "migrations/0002_teams.rs and migrations/0002_plans.rs",
    }
    DUPLICATE_CLAUSE "duplicate_clause" {
        what: "a clause or name is given more than once",
        why: "only one of them can apply",
        fix: "remove one of them",
        example: "create table t { id: bigint primary key primary key }",
    }
    TYPE_MISMATCH "type_mismatch" {
        what: "a value or expression has the wrong type",
        why: "the statement would fail with SQLSTATE 42804 or 22P02",
        fix: "write a value of the type that the message names, or cast it",
        example: "create table t { id: bigint primary key, age: int = \"old\" }",
    }
    INVALID_JSON "invalid_json" {
        what: "the value of a json or jsonb column is not valid JSON",
        why: "the statement would fail with SQLSTATE 22P02",
        fix: "write JSON in braces, for example `details: jsonb = { \"seats\": 2 }`",
        example: "create table t { id: bigint primary key, details: jsonb = { seats: } }",
    }
    FOREIGN_KEY_TARGET "foreign_key_target" {
        what: "the referenced columns are not covered by a primary key, a unique constraint or a unique index",
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
        what: "the action of a foreign key is not valid",
        why: "PostgreSQL would refuse the statement",
        fix: "fix what the message points at",
        example: "create table t { id: bigint primary key, user_id: uuid? references users on update set null (user_id) }",
    }
    NOT_NULL_WITHOUT_DEFAULT "not_null_without_default" {
        what: "a NOT NULL column without a default is added to an existing table",
        why: "the statement fails with SQLSTATE 23502 as soon as the table has a row",
        fix: "give it a default, or make it nullable (`?`), fill it, and set it NOT NULL in a later migration; if the \
              table is known to be empty, allow it with a reason",
        example: "alter table users { add country: text }",
    }
    STILL_NEEDED "still_needed" {
        what: "something that is dropped or changed is still in use",
        why: "the statement would fail with SQLSTATE 2BP01, or drop the other thing silently",
        fix: "first drop or change everything that uses it; the notes list it",
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
        why: "PostgreSQL would truncate it silently, and later statements would not find it under its full name",
        fix: "choose a shorter name",
        example: "create table a_table_name_that_goes_on_and_on_and_on_until_it_has_more_than_63_bytes { id: bigint }",
    }
    NAME_COLLISION "name_collision" {
        what: "two names become the same when PostgreSQL truncates them to 63 bytes",
        why: "the second statement would fail with SQLSTATE 42P07 or 42710",
        fix: "name one of them explicitly",
        example: "two long constraint names with the same first 63 bytes",
    }
    NOT_INVERTIBLE "not_invertible" {
        what: "an operation that cannot be undone has no `down`",
        why: "there would be no way to revert the migration",
        fix: "write `down { ... }` after it, or `irreversible \"why\"`",
        example: "update users set name = lower(name) where id = 1;",
    }
    WRONG_DOWN "wrong_down" {
        what: "a written `down` does not restore the schema as it was before",
        why: "after a revert, the database would not match its history",
        fix: "undo the changes that the notes list",
        example: "sql \"select 1\" changes { create table t { id: bigint primary key } } down { }",
    }
    UNNEEDED_DOWN "unneeded_down" {
        what: "a `down` is written that the compiler derives anyway",
        why: "there is only one way to undo it, and the compiler knows it",
        fix: "remove the `down`",
        example: "create index on users (email) down { drop index users_email_idx; }",
    }
    INVALID_DEFINITION "invalid_definition" {
        what: "parts of a definition contradict each other",
        why: "PostgreSQL would refuse the statement",
        fix: "fix what the message points at",
        example: "create table t { id: bigint? primary key }",
    }
    NO_CHANGE "no_change" {
        what: "the operation changes nothing",
        why: "it would take a lock without need, and is probably a mistake",
        fix: "remove it, or write what you meant",
        example: "alter table users { alter email drop not null }",
    }
    NO_CAST "no_cast" {
        what: "the old type cannot be cast to the new one automatically",
        why: "the statement would fail with SQLSTATE 42804",
        fix: "say how to convert the values, with `using expression`",
        example: "alter table users { alter age: int }",
    }
    SERVER_TOO_OLD "server_too_old" {
        what: "the oldest supported server does not have the feature",
        why: "the statement would fail there",
        fix: "remove it, or raise `postgres = N` in `migrations!`",
        example: "create table t { a: int, unique nulls not distinct (a) }  // with postgres = 14",
    }
    INVALID_SQL "invalid_sql" {
        what: "raw SQL cannot run as written",
        why: "it is not one or more complete commands, or it controls the transaction of the migration",
        fix: "fix what the message points at",
        example: "sql \"begin; create view v as select 1; commit\" irreversible \"demo\";",
    }
    INVALID_FILE_NAME "invalid_file_name" {
        what: "a file name has no version",
        why: "the version and the name come from the file name, and the version determines the order",
        fix: "name it VERSION_NAME.rs, for example 20260312094500_bookings.rs",
        example: "migrations/bookings.rs",
    }
    INVALID_ALLOW "invalid_allow" {
        what: "an `#[allow(...)]` is incomplete, or names an unknown hazard",
        why: "a dangerous form must be allowed by name, with a reason for later readers",
        fix: "write `#[allow(hazard, reason = \"...\")]`",
        example: "#[allow(drops_data)] drop table users;",
    }
    UNNEEDED_ALLOW "unneeded_allow" warning {
        what: "an `#[allow(...)]` has no effect",
        why: "it suggests a danger that the migration does not have",
        fix: "remove it; it is not part of the checksum, so this can be done after the migration has been applied",
        example: "#[allow(drops_data, reason = \"nobody reads it\")] alter table users { add city: text? }",
    }
    REDUNDANT_INDEX "redundant_index" warning {
        what: "an index duplicates another one",
        why: "every write updates both, and one of them is never read",
        fix: "drop one of them; if one is meant to replace the other later, allow it with a reason",
        example: "create index users_email_new on users (email);  // beside users_email_idx",
    }
    IGNORED_POLICY "ignored_policy" warning {
        what: "a policy is on a table whose row level security is not enabled",
        why: "PostgreSQL ignores it: every role sees all rows that its privileges allow",
        fix: "write `alter table ... enable row level security` in the same migration, or allow it with a reason",
        example: "create policy own on bookings using (owner = current_user);  // and no `enable row level security`",
    }
    REFUSED_CHANGES "refused_changes" warning {
        what: "a publication sends updates or deletes of a table by which no subscriber could know the row",
        why: "PostgreSQL refuses every `update` and `delete` of the table: it has no replica identity, or the publication leaves out a column of it or asks for another one",
        fix: "add a primary key, write `alter table ... replica identity full`, publish inserts only, or allow it with a reason",
        example: "create publication changes for table logs;  // and `logs` has no primary key",
    }
    TIMESTAMP_WITHOUT_ZONE "timestamp_without_zone" warning {
        what: "a column is a `timestamp`, which has no time zone",
        why: "it stores what a clock shows, but not where: `now()` gives a different value in each session's time zone, and one hour a year is ambiguous",
        fix: "write `timestamptz`, which is a point in time, takes the same space and is shown in the reader's time zone; for local times, allow it with a reason",
        example: "create table bookings { id: bigint primary key, paid_at: timestamp }",
    }
    VARCHAR_255 "varchar_255" warning {
        what: "a column is a `varchar(255)`",
        why: "255 comes from other databases. PostgreSQL stores `text` in the same way, and an arbitrary limit fails with the first longer value",
        fix: "write `text`; if there is a real limit, `check (length(name) <= 80)` can be changed without changing the type",
        example: "create table users { id: bigint primary key, name: varchar(255) }",
    }
    FIXED_LENGTH_TEXT "fixed_length_text" warning {
        what: "a column is a `char(n)`",
        why: "shorter values are padded with spaces, which some comparisons ignore and others do not; it is neither smaller nor faster than `text`",
        fix: "write `text`, with `check (length(code) = 3)` if every value must have that length",
        example: "create table prices { id: bigint primary key, currency: char(3) }",
    }
    INT_KEY "int_key" warning {
        what: "a generated key is an `int` or a `smallint`",
        why: "after 2147483647 (or 32767) rows, including deleted ones, inserts fail; by then, changing the type rewrites a large table and every table that references it",
        fix: "write `bigint`; if the table stays small, allow it with a reason",
        example: "create table events { id: int generated always as identity primary key }",
    }
    NO_PRIMARY_KEY "no_primary_key" warning {
        what: "a table has no primary key",
        why: "its rows cannot be identified: no foreign key can reference them, logical replication refuses to update or delete them, and a backfill has to scan the table page by page",
        fix: "write `primary key` after a column, or add the entry `primary key (a, b)`",
        example: "create table tags { post_id: bigint, tag: text }",
    }
    UNINDEXED_FOREIGN_KEY "unindexed_foreign_key" warning {
        what: "no index starts with the columns of a foreign key",
        why: "PostgreSQL does not create one, so deleting a referenced row, or querying the rows that reference it, scans the whole table",
        fix: "create an index on the columns; if referenced rows are never deleted or queried this way, allow it with a reason",
        example: "create table bookings { id: bigint primary key, user_id: bigint references users }  // and no `create index on bookings (user_id);`",
    }
    COVERED_INDEX "covered_index" warning {
        what: "an index is covered by a longer one",
        why: "an index on `(a, b)` can also be used to search by `a`; every write updates both",
        fix: "remove the shorter one; if it is worth keeping because it is much smaller, allow it with a reason",
        example: "create index on bookings (user_id); create index on bookings (user_id, created_at);",
    }
    INVALID_LIMITS "invalid_limits" {
        what: "a `#[limits(...)]` is invalid",
        why: "it names an unknown limit, or its value is not a valid duration",
        fix: "write `#[limits(lock_timeout = \"200 ms\", retry_budget = \"4 h\")]`",
        example: "#[limits(retry_budget = \"soon\")] alter table users { add note: text? }",
    }
    DROPS_DATA "drops_data" {
        what: "rows or values are lost",
        why: "the derived `down` restores the structure, not the data",
        fix: "keep the data until nothing needs it anymore, then allow it with a reason",
        example: "drop table users;",
    }
    TODO "todo" {
        what: "a generated migration contains a `todo(\"...\")`",
        why: "only someone who knows the data can decide what to write there",
        fix: "replace it with an expression: a value for existing rows, or the conversion of an old value to a new one",
        example: "alter table users { add plan: text = todo(\"a value for the existing rows of `users`\") }",
    }
    SCHEMA_DIFFERS "schema_differs" {
        what: "the schema and the migrations describe different databases",
        why: "a migrated database would not match the schema",
        fix: "run `cargo migrate generate NAME` to write the missing migration, or correct the schema",
        example: "migrate_runtime::schema! { create table users { id: bigint primary key, name: text } }  // no migration adds `name`",
    }
    STRUCT_DIFFERS "struct_differs" {
        what: "a struct with `#[derive(Table)]` does not match its table",
        why: "reading a row into it would fail or drop values",
        fix: "change the struct as the help line says, or write a migration that changes the table",
        example: "#[derive(migrate_runtime::Table)] #[table(users)] struct User { id: i32 }  // `users.id` is `bigint`",
    }
    NOT_A_DEFINITION "not_a_definition" {
        what: "a schema contains something that is not a definition",
        why: "a schema describes the result, not the steps that lead to it",
        fix: "write the definition that should exist in the end, and put the steps into a migration",
        example: "migrate_runtime::schema! { alter table users { add name: text? } }",
    }
    INVALID_WAS "invalid_was" {
        what: "`#[was(...)]` names something that does not exist, or is written on something that cannot be renamed",
        why: "without the previous name, the object cannot be identified",
        fix: "write the object's name as of the newest migration; remove the attribute once the rename is done",
        example: "migrate_runtime::schema! { create table bookings { id: bigint primary key, #[was(totl)] amount: int } }",
    }
    REWRITES_TABLE "rewrites_table" {
        what: "the whole table is rewritten while nobody can read or write it",
        why: "on a large table this is an outage",
        fix: "add a new column, backfill it and switch over; or allow it with a reason",
        example: "alter table users { alter id: bigint }",
    }
    BLOCKS_WRITES "blocks_writes" {
        what: "rows are checked or indexes built while nobody can write to the table",
        why: "on a large table this is an outage",
        fix: "follow the help line; or allow it with a reason",
        example: "alter table users { alter name: varchar(300) }  // with a check on name",
    }
    UNBATCHED_UPDATE "unbatched_update" {
        what: "an update or delete of many rows in one transaction",
        why: "it holds row locks until the end, and may double the size of the table",
        fix: "use `backfill`, which works in batches; or allow it with a reason",
        example: "update users set plan = \"free\" irreversible \"no old plan\";",
    }
    NARROWS_TYPE "narrows_type" {
        what: "values may not fit into the new type",
        why: "the statement fails on such rows, or rounds them",
        fix: "check the data first, then allow it with a reason",
        example: "alter table users { alter name: varchar(10) }",
    }
    UNSAFE_SEARCH_PATH "unsafe_search_path" {
        what: "a `security definer` function or procedure does not set its `search_path`",
        why: "its caller can substitute tables and functions of their own, which then run with the privileges of its owner",
        fix: "write `set search_path = app, pg_temp`, with the schemas that it uses; or allow it with a reason",
        example: "create function total() returns bigint language sql security definer as \"select count(*) from orders\";",
    }
    ACTION_FAILS "action_fails" {
        what: "a foreign key sets a NOT NULL column to NULL",
        why: "every delete or update of a referenced row fails",
        fix: "make the column nullable, or choose another action; if the schema must stay as it is, allow it with a reason",
        example: "create table t { id: bigint primary key, user_id: uuid references users on delete set null }",
    }
    LEAVES_STALE_VALUES "leaves_stale_values" {
        what: "a function is changed that an index, a generated column or a check uses",
        why: "stored results are not computed again, so a query may miss a row or return a wrong value",
        fix: "create a new function and use that from now on; if the results stay the same, allow it with a reason",
        example: "create or replace function slug(title: text) returns text language sql immutable as \"select lower(title)\";",
    }
    REFILLS_VIEW "refills_view" {
        what: "a materialized view is filled while nobody can read it, or while the tables that it reads are locked",
        why: "readers wait until its query has finished",
        fix: "for a refresh, first create a unique index on plain columns, so that it can run concurrently; for a rebuild, drop the view and create it again in a later migration; or allow it with a reason",
        example: "refresh materialized view monthly_totals;  // without a unique index",
    }
    UNCHECKED_BODY "unchecked_body" {
        what: "the body of a function uses something that is dropped or renamed; `#[allow]` before a function or a trigger leaves the names in its body unchecked",
        why: "PostgreSQL stores the body as text, so the next call of the function fails",
        fix: "replace or drop the function in the same migration; if nothing calls it anymore, allow it with a reason",
        example: "alter table trips rename total to amount;  // a function has `select total from trips` in its body",
    }
}

/// The code of that name.
pub fn find(name: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.name == name)
}
