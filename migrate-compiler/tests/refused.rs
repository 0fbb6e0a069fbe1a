//! What PostgreSQL refuses, with the text that is said about it: settings of functions, tables and views of the system, calls of
//! procedures, and more.

use migrate_compiler::compile_history;

const TABLES: &str = "postgres = 15, migration \"0001_tables\" {
    create extension citext;
    create enum state { open, done }
    create type place { zip: text, city: text }
    create domain mail as citext;
    create table tasks { id: bigint primary key, title: text, state: state, home: place?, hours: interval?, address: mail unique }
    create table events { day: date, hour: smallint, kind: state } partition by range (day, hour);
    create table logs { kind: state, id: bigint } partition by list (kind);
    create table open_logs partition of logs for values in (open) partition by range (id);
    create procedure close(task: bigint, inout tasks: bigint = 0) language plpgsql as \"begin tasks := 1; end\";
    create type hours as range { subtype: time }
}";

/// The mistakes of an item over the tables, without what is only of bodies.
fn said(item: &str) -> Vec<String> {
    let history = format!("{TABLES}\nmigration \"0002_change\" {{ {item} }}");
    let mistakes = compile_history(&history).err().unwrap_or_default();
    let of_bodies = |line: &&str| !line.starts_with("note: `#[allow(unchecked_body");
    mistakes.iter().map(|mistake| mistake.text.lines().filter(of_bodies).collect::<Vec<_>>().join("\n")).collect()
}

fn function(options: &str) -> String {
    format!("create function f() returns int language sql {options} as \"select 1\";")
}

fn body(body: &str) -> String {
    format!("create function f(number: bigint, short: int) returns bigint language plpgsql as r#\"begin {body} end\"#;")
}

fn in_body(message: &str, written: &str) -> String {
    format!("{message}\nnote: on line 1 of the body: `begin {written} end`")
}

#[test]
fn settings_are_those_of_the_server() {
    for options in ["set work_mem = \"5MB\"", "set app.mode = x", "set statement_timeout = 5000", "set jit = off"] {
        assert_eq!(said(&function(options)), Vec::<String>::new(), "{options}");
    }
    for (options, message) in [
        (
            "set serch_path = app",
            "cannot find setting `serch_path` [unknown_object]\nhelp: did you mean `search_path`?\nhelp: a setting of your own \
             has a dot in its name: `app.user`",
        ),
        (
            "set shared_buffers = \"1GB\"",
            "a function cannot set `shared_buffers` [invalid_definition]\nhelp: remove it: it is set for the whole server, or where \
             a session begins",
        ),
        (
            "set transaction_timeout = 5",
            "the setting `transaction_timeout` requires PostgreSQL 17, but these migrations must run on 15 and newer \
             [server_too_old]\nhelp: remove it, or write `postgres = 17` in `migrations!`",
        ),
        ("set jit = maybe", "`maybe` is not a valid value of `jit` [type_mismatch]\nhelp: write `on` or `off`"),
        (
            "set statement_timeout = \"5 parsecs\"",
            "`5 parsecs` is not a valid value of `statement_timeout` [type_mismatch]\nhelp: write a number, alone or with a unit: \
             `us`, `ms`, `s`, `min`, `h`, `d`",
        ),
        (
            "set extra_float_digits = 5",
            "`5` is not a valid value of `extra_float_digits` [type_mismatch]\nhelp: it takes -15 to 3",
        ),
        (
            "set bytea_output = base64",
            "`base64` is not a valid value of `bytea_output` [type_mismatch]\nhelp: values: `escape`, `hex`",
        ),
    ] {
        assert_eq!(said(&function(options)), [message], "{options}");
    }
}

#[test]
fn tables_and_views_of_the_system_have_their_columns() {
    for query in [
        "select c.relname, c.oid from pg_class as c where c.relkind = \"r\"",
        "select t.table_name from information_schema.tables as t",
        "select s.calls from pg_stat_statements as s",
    ] {
        let extension = if query.contains("statements") { "create extension pg_stat_statements; " } else { "" };
        assert_eq!(said(&format!("{extension}create view v as {query};")), Vec::<String>::new(), "{query}");
    }
    for (query, message) in [
        (
            "select c.relnames from pg_class as c",
            "cannot find column `relnames` in `c` [unknown_column]\nhelp: did you mean `relname`?",
        ),
        (
            "select relname from pg_clas",
            "cannot find `pg_clas` in `pg_catalog` [unknown_table]\nhelp: did you mean `pg_class`?",
        ),
        (
            "select object from pg_stat_io",
            "`pg_stat_io` requires PostgreSQL 16, but these migrations must run on 15 and newer [server_too_old]\nhelp: remove \
             it, or write `postgres = 16` in `migrations!`",
        ),
    ] {
        assert_eq!(said(&format!("create view v as {query};")), [message], "{query}");
    }
}

#[test]
fn outputs_of_procedures_go_into_variables_of_their_type() {
    assert_eq!(said(&body("call close(5, number); return number;")), Vec::<String>::new());
    for (call, message) in [
        (
            "call close(5); return 1;",
            "the argument for the output `tasks` of `close` must be a variable, and none is given [invalid_definition]\nhelp: \
             write the variable for it",
        ),
        (
            "call close(5, short); return 1;",
            "the argument for the output `tasks` of `close` must be a variable of type `bigint`, and `short` is `integer` \
             [type_mismatch]",
        ),
    ] {
        assert_eq!(said(&body(call)), [in_body(message, call)], "{call}");
    }
    assert_eq!(
        said("create function f() returns void language sql as \"call close(5, 6)\";"),
        [
            "`close` has outputs, so a body in SQL cannot call it [invalid_definition]\nhelp: write the body in PL/pgSQL, with \
          variables for the outputs\nnote: on line 1 of the body: `call close(5, 6)`"
        ]
    );
}

#[test]
fn each_mistake_is_said_once() {
    for (item, message) in [
        (
            "create view v as with x as (delete from tasks returning id) select id from x;",
            "`x` changes rows, which the query of a view cannot do [invalid_query]\nhelp: write it in a function",
        ),
        (
            "create view v as select p.home.zip from tasks as p;",
            "cannot find table `p.home` in this query [unknown_table]\nhelp: for the field of a column, write `(p.home).zip`",
        ),
        (
            "create view v as select title collate \"C\" < title collate \"POSIX\" as x from tasks;",
            "this has the collation `POSIX`, and what it stands beside has `C` [type_mismatch]\nhelp: write one of the \
             collations only",
        ),
        (
            "alter table tasks { add check (other.tasks.id > 5) }",
            "cannot find `other.tasks` here [unknown_table]\nhelp: write `id`: only columns of `tasks` can be used here",
        ),
        (
            "create table part partition of events for values from (minvalue, 5) to (\"2026-01-01\", 0);",
            "behind `minvalue` a bound can have nothing but `minvalue` [invalid_definition]\nhelp: write `minvalue`: what is \
             behind one does not count",
        ),
        (
            "create unique index on logs (kind);",
            "a unique index needs `id`, by which its partition `open_logs` is partitioned [invalid_definition]\nhelp: add it to \
             the index: PostgreSQL compares the rows of one partition only",
        ),
        (
            "create table t { id: bigint primary key, x: text references tasks (address) }",
            "`x` is of type `text`, but `tasks.address` is of type `mail` [foreign_key_type]\nhelp: write `x: mail`\nnote: \
             `tasks` is created on line 6",
        ),
        (
            "create table t { id: bigint primary key, x: hours = \"[20:00,08:00)\" }",
            "the lower bound of `[20:00,08:00)` is above its upper bound [type_mismatch]",
        ),
        (
            "create table t { id: bigint primary key, x: regrole = \"admin\" }",
            "a default cannot have a constant of the type `regrole` [type_mismatch]\nhelp: compare the name: `... = \
             \"admin\"::name`",
        ),
        (
            "create table t { id: bigint primary key, x: regdictionary = \"englich_stem\" }",
            "cannot find text search dictionary `englich_stem` [unknown_object]\nhelp: did you mean `english_stem`?",
        ),
        (
            "create function f() returns int language sql support no_support as \"select 1\";",
            "cannot find function `no_support(internal)` [unknown_function]\nhelp: a support function is written in C, and comes \
             with an extension",
        ),
        (
            "create domain short as int collate \"C\";",
            "type `integer` does not support collations [type_mismatch]\nhelp: remove `collate`",
        ),
    ] {
        assert_eq!(said(item), [message], "{item}");
    }
}

#[test]
fn what_postgresql_takes_is_not_refused() {
    for item in [
        "alter table tasks { add check (tableoid <> 5) }",
        "alter table tasks { add check (public.tasks.id > 5) }",
        "create function f(a: anyrange) returns boolean language sql as \"select isempty(a)\";",
        "create function f() returns table (a: int, b: text) return (1, \"x\"::text);",
        "create view v as with recursive c as (select 1 as n union all (select n + 1 from c where n < 5 limit 5)) select n from c;",
        "create statistics s on lower(title), state from tasks;",
        "create extension lo; create table t { id: bigint primary key, photo: lo }",
    ] {
        assert_eq!(said(item), Vec::<String>::new(), "{item}");
    }
}
