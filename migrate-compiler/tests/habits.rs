//! What somebody writes who knows SQL: each habit is told at its token in one go, and what the messages say compiles.

use migrate_compiler::compile_history;

/// What was there before.
const BEFORE: &str = "create enum mood { ok, good }
    create table people { id: bigint primary key, name: text, note: text?, age: int? }
    create index people_name on people (name);";

/// Gives the places and the texts of the mistakes in a migration after [`BEFORE`].
fn mistakes(migration: &str) -> Vec<String> {
    let history = format!("migration \"1_before\" {{ {BEFORE} }} migration \"2_sql\" {{\n{migration}\n}}");
    let found = compile_history(&history).err().unwrap_or_default();
    found.into_iter().map(|mistake| mistake.to_string()).collect()
}

/// Migrations in the words of SQL, with how many habits each has, and the same as the messages say to write it.
const PAIRS: &[(&str, usize, &str)] = &[
    (
        "create table t (id serial not null primary key, name varchar(255) default \"x\");",
        5,
        "create table t { id: serial primary key, name: varchar(255)? = \"x\" }",
    ),
    (
        "CREATE TABLE t (A INT NOT NULL, B TEXT NULL, C BOOLEAN DEFAULT TRUE NOT NULL, PRIMARY KEY (A))",
        8,
        "CREATE TABLE t { A: int, B: text?, C: boolean = TRUE, PRIMARY KEY (A) }",
    ),
    (
        "create table t (a int, b int, primary key (a, b), unique (b), constraint c check (a > b),
            foreign key (a) references people (id) on delete cascade);",
        3,
        "create table t { a: int, b: int, primary key (a, b), unique (b), constraint c check (a > b),
            foreign key (a) references people (id) on delete cascade }",
    ),
    (
        "create table if not exists t (id uuid primary key default gen_random_uuid(), at timestamp with time zone default now())",
        6,
        "create table t { id: uuid = gen_random_uuid() primary key, at: timestamptz? = now() }",
    ),
    (
        "create table t (id int auto_increment primary key, n int unsigned default 0 comment \"how many\")",
        7,
        "create table t { id: int generated always as identity primary key, /// how many\n n: int? = 0 check (n >= 0) }",
    ),
    (
        "create table t (id bigint primary key\n name text not null constraint long check (length(name) > 9))",
        5,
        "create table t { id: bigint primary key, name: text constraint long check (length(name) > 9) }",
    ),
    (
        "create type size as enum (\"s\", \"not so small\"); create type pair as (a int, b text);",
        5,
        "create enum size { s, \"not so small\" } create type pair { a: int, b: text }",
    ),
    (
        "alter type mood add value if not exists \"sad\"; alter type mood rename value \"good\" to \"fine\";",
        5,
        "alter enum mood add sad; alter enum mood rename good to fine;",
    ),
    (
        "alter table only people add column if not exists c int not null default 0, rename column name to full_name;",
        8,
        "alter table people { add c: int = 0, rename name to full_name }",
    ),
    (
        "alter table people alter column age type bigint using age + 1;",
        3,
        "#[allow(rewrites_table, reason = \"small\")] alter table people alter age: bigint? using age + 1;",
    ),
    (
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON people (age); DROP INDEX IF EXISTS people_name RESTRICT;",
        4,
        "CREATE INDEX i ON people (age); DROP INDEX people_name;",
    ),
    (
        "-- first\ncreate sequence s start with 10 increment by 2; -- and\n-- then\ncreate extension \"citext\" with schema public;",
        4,
        "// first\ncreate sequence s { start with 10, increment by 2 }\ncreate extension citext schema public;",
    ),
    (
        "create table t (key text collate \"C\", name varchar(9) not null collate \"C\", m mood, \"n\" \"mood\"); alter table t add column index int;
            create index on t using HASH (m); alter table t alter column name SET STORAGE EXTERNAL;",
        10,
        "create table t { key: text? collate \"C\", name: varchar(9) collate \"C\", m: mood?, n: mood? } alter table t add index: int?;
            create index on t using hash (m); alter table t alter name set storage external;",
    ),
    (
        "create function f(a int, timestamp with time zone, in b double precision default 1.5) returns table (c text)
            language sql as \"select 'x'\";",
        4,
        "create function f(a: int, timestamp with time zone, in b: double precision = 1.5) returns table (c: text)
            language sql as \"select 'x'\";",
    ),
    (
        "create function f() returns trigger as $body$ begin return new; end $body$ language plpgsql;
            create trigger t before update on people for each row execute function f();",
        1,
        "create function f() returns trigger language plpgsql as r#\"begin return new; end\"#;
            create trigger t before update on people for each row execute function f();",
    ),
];

#[test]
fn each_habit_is_told_in_one_go_and_what_is_said_compiles() {
    for (written, habits, corrected) in PAIRS {
        let found = mistakes(written);
        assert_eq!(found.len(), *habits, "{written}:\n{}", found.join("\n"));
        assert_eq!(mistakes(corrected), Vec::<String>::new(), "{corrected}");
    }
}

#[test]
fn a_mistake_beside_habits_is_told_as_well() {
    let found = mistakes("create table t (id int primary key, name text); create index on t (nam);");
    assert!(found.iter().any(|mistake| mistake.contains("cannot find column `nam` in table `t`")), "{found:#?}");
}

#[test]
fn a_key_in_sql_takes_no_null() {
    let found = mistakes("create table t (a int, b int, primary key (b));");
    let helps =
        ["write `a: integer?`", "write `b: integer`"].map(|help| found.iter().any(|mistake| mistake.contains(help)));
    assert_eq!((found.len(), helps), (3, [true, true]), "{found:#?}");
}
