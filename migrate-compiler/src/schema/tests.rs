use std::str::FromStr;

use proc_macro2::{Span, TokenStream};

use super::compare::Comparison;
use super::{Part, Schema, compile};
use crate::inline::fold;

fn schema(history: &str, schema: &str) -> (Schema, Comparison) {
    let state = fold(&format!("migration \"1_all\" {{ {history} }}"));
    let tokens = TokenStream::from_str(schema).unwrap();
    let schema = compile(vec![Part { file: "schema.rs".into(), tokens }], Span::call_site(), &state, 14);
    let comparison = Comparison::of(&schema, &state);
    (schema, comparison)
}

/// What is wrong, each with its line and column; what only the migrations make stands at `end`.
fn wrong(history: &str, text: &str) -> Vec<String> {
    let (schema, comparison) = schema(history, text);
    let found = schema.mistakes.iter();
    let found: Vec<_> = match schema.mistakes.is_empty() {
        true => comparison.in_schema.iter().collect(),
        false => found.collect(),
    };
    let told = |one: &&crate::diagnostic::Diagnostic| {
        let place = schema.source.place(one.at);
        format!("{}:{} {}", place.line, place.column, one.text().replace('\n', " | "))
    };
    let mut lines: Vec<String> = found.iter().map(told).collect();
    lines.extend(comparison.beyond.iter().map(|one| format!("end {}", one.text().replace('\n', " | "))));
    lines
}

const GENERATE: &str = "[schema_differs] | help: run `cargo migrate generate NAME`";

#[test]
fn definitions_stand_in_any_order_and_in_circles() {
    let history = r#"
        create extension citext;
        create enum plan { free, paid }
        create table users { id: bigserial primary key, email: citext unique, plan: plan = free, favourite: bigint? }
        create table trips { id: bigint primary key, user_id: bigint references users, total: int check (total >= 0) }
        create index on trips (user_id);
        create view names as select id, email from users;
        create view first_names as select id from names;
        alter table users { add constraint users_favourite_fkey foreign key (favourite) references trips }
        create function latest() returns bigint language sql stable as "select max(id) from trips";
        create function touch() returns trigger language plpgsql as "begin new.total := (select count(*) from users); return new; end";
        create trigger trips_touch before update on trips for each row execute function touch();
        alter table trips { enable row level security }
        create policy own on trips for select using (user_id = 1);
        grant select on names to public;
        alter table users owner to app;
        insert into users (email) values ("a@example.com");
    "#;
    let text = r#"
        alter table users owner to app;
        grant select on names to public;
        create trigger trips_touch before update on trips for each row execute function touch();
        create policy own on trips for select using (user_id = 1);
        create view first_names as select id from names;
        create view names as select id, email from users;
        create index on trips (user_id);
        create function latest() returns bigint language sql stable as "select max(id) from trips";
        create function touch() returns trigger language plpgsql as "begin new.total := (select count(*) from users); return new; end";
        create table users { id: bigserial primary key, email: citext unique, plan: plan = free, favourite: bigint? references trips }
        create table trips {
            id: bigint primary key, user_id: bigint references users, total: int check (total >= 0), enable row level security
        }
        create enum plan { free, paid }
        create extension citext;
    "#;
    assert_eq!(wrong(history, text), Vec::<String>::new());
}

#[test]
fn a_difference_is_told_where_the_schema_has_it() {
    let history = "create enum plan { free }
        create table users { id: bigint primary key, email: text unique, plan: plan = free, old: int?, more: int? }
        create index on users (email, id); create table legacy { id: bigint primary key }";
    let text = "create table users { id: bigint primary key, email: text, plan: plan, name: text? }
create enum plan { free, paid }
create table bills { id: bigint primary key, user_id: bigint references users }
create table trips { id: bigint primary key }";
    let wrong = wrong(history, text);
    let differs = |line: &str| format!("{line} {GENERATE}");
    assert_eq!(
        wrong,
        [
            differs("1:59 the default of column `users.plan` is none in the schema, but `'free'` after the migrations"),
            differs("1:71 the migrations do not create column `users.name`"),
            differs("2:13 the values of enum `plan` are `free, paid` in the schema, but `free` after the migrations"),
            differs("3:14 the migrations do not create table `bills`")
                + " | help: if it was called `legacy` before, write `#[was(legacy)]` before it",
            differs("4:14 the migrations do not create table `trips`")
                + " | help: if it was called `legacy` before, write `#[was(legacy)]` before it",
            differs("end the migrations create column `users.old`, which the schema does not have")
                + " | note: it is created on line 2",
            differs("end the migrations create column `users.more`, which the schema does not have")
                + " | note: it is created on line 2",
            differs(
                "end the migrations create constraint `users_email_key` of `users`, which the schema does not have"
            ) + " | note: it is created on line 2",
            differs("end the migrations create index `users_email_id_idx` of `users`, which the schema does not have")
                + " | note: it is created on line 3",
            differs("end the migrations create table `legacy`, which the schema does not have")
                + " | note: it is created on line 3",
        ]
    );
}

#[test]
fn a_name_before_is_a_rename() {
    let history = "create enum plan { free, paid }
        create table users { id: bigint primary key, total: int, plan: plan }";
    let text = "create enum plan { #[was(free)] gratis, paid }
#[was(users)]
create table people { id: bigint, #[was(total)] amount: int, plan: plan,
constraint users_pkey primary key (id) }";
    let differs = |line: &str| format!("{line} {GENERATE}");
    assert_eq!(
        wrong(history, text),
        [
            differs("1:26 value `gratis` of `plan` is value `free` of `plan` after the migrations"),
            differs("2:7 table `people` is table `users` after the migrations"),
            differs("3:41 column `people.amount` is column `users.total` after the migrations"),
        ]
    );
    assert_eq!(
        wrong(history, &text.replace("was(total)", "was(totl)"))[2],
        "3:41 the migrations do not create column `people.totl` [invalid_was] | help: did you mean `total`?"
    );
}

#[test]
fn what_is_no_definition_is_a_mistake() {
    let text = "create table users { id: bigint primary key }
alter table users { add name: text? }
drop table users;
insert into users (id) values (1);
create or replace view v as select id from users;
create index on users (id) down { drop index users_id_idx; }
sql \"select 1\";
#[was(x)] grant select on users to app;";
    let codes: Vec<String> = wrong("create table users { id: bigint primary key }", text);
    let lines: Vec<&str> = codes.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(lines, ["2", "3", "4", "5", "6", "7", "8"], "{codes:#?}");
    assert!(codes.iter().take(6).all(|line| line.contains("[not_a_definition]")), "{codes:#?}");
    assert!(codes[6].contains("[invalid_was]"), "{codes:#?}");
}

#[test]
fn mistakes_in_a_schema_do_not_bring_others() {
    let text = "create table trips { id: bigint primary key, user_id: bigint references usres, at: timestampz }
create view names as select nmae from users;
create view more as select id from names;
create table users { id: bigint primary key, name: text }";
    let lines = wrong("create table users { id: bigint primary key }", text);
    let codes: Vec<&str> = lines.iter().map(|line| line.split(" | ").next().unwrap()).collect();
    assert_eq!(
        codes,
        [
            "1:73 cannot find table `usres` [unknown_table]",
            "1:84 cannot find type `timestampz` [unknown_type]",
            "2:29 cannot find column `nmae` in this query [unknown_column]",
        ]
    );
}

#[test]
fn names_that_are_exchanged_are_told_until_the_migrations_have_exchanged_them() {
    let history = "create table users { id: bigint primary key, a: int, b: int }";
    let text =
        "create table users { id: bigint, #[was(a)] b: int, #[was(b)] a: int, constraint users_pkey primary key (id) }";
    let differs = |line: &str| format!("{line} {GENERATE}");
    let both = [
        differs("1:40 column `users.b` is column `users.a` after the migrations"),
        differs("1:58 column `users.a` is column `users.b` after the migrations"),
    ];
    assert_eq!(wrong(history, text), both);
    let one = "alter table users { rename a to c, rename c to a }";
    assert_eq!(wrong(&format!("{history} {one}"), text), both);
    let done = "alter table users { rename a to c, rename b to a } alter table users rename to people; \
                alter table people rename c to b; alter table people rename to users;";
    assert_eq!(wrong(&format!("{history} {done}"), text), Vec::<String>::new());
}
