//! The layout of migrations: texts in and out, and what must not change.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[allow(dead_code, reason = "others use the rest")]
#[path = "support/examples.rs"]
mod examples;

use std::fs;
use std::path::{Path, PathBuf};

use migrate_compiler::compile_history;
use migrate_compiler::format::{Fault, block, blocks, file};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

/// The checksums and the operations of a history.
fn compiled(history: &str) -> Vec<(String, String)> {
    let migrations = compile_history(history).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{history}"));
    let facts = |migration: migrate_core::plan::Migration| {
        (format!("{:?} {:?}", migration.checksum, migration.identity), migration.operations.into_owned())
    };
    migrations.into_iter().map(facts).collect()
}

fn formatted(history: &str) -> String {
    let text = file(&format!("migrations! {{\n{history}}}\n")).unwrap_or_else(|error| panic!("{error}\n{history}"));
    text.strip_prefix("migrations! {\n").unwrap().strip_suffix("}\n").unwrap().to_owned()
}

#[test]
fn the_checksums_and_operations_of_all_cases_stay() {
    let cases = sources(&root().join("tests/cases"));
    assert!(cases.len() > 50);
    for path in cases {
        let before = fs::read_to_string(&path).unwrap();
        assert_eq!(compiled(&formatted(&before)), compiled(&before), "{}", path.display());
    }
}

#[test]
fn the_sample_is_formatted_and_its_checksums_stay() {
    let (mut before, mut after) = (String::new(), String::new());
    for path in sources(&root().join("migrations/history")) {
        let text = fs::read_to_string(&path).unwrap();
        let out = file(&text).unwrap();
        assert!(out == text, "run `cargo migrate fmt --dir history` in migrations/: {}", path.display());
        let inside = |text: &str| text[blocks(text).unwrap().remove(0)].to_owned();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        // The mangled form has no layout at all.
        let flat: Vec<String> = inside(&text).lines().map(|line| line.trim().to_owned()).collect();
        before.push_str(&format!("migration \"{stem}\" {{ {} }}\n", inside(&text)));
        after.push_str(&format!("migration \"{stem}\" {{ {} }}\n", block(&flat.join("\n")).unwrap()));
    }
    let without_texts = |all: Vec<(String, String)>| -> Vec<(String, String)> {
        // The raw SQL of the overview has lines of its own, which were changed above.
        all.into_iter().filter(|(_, operations)| !operations.contains("trip_overview")).collect()
    };
    assert_eq!(without_texts(compiled(&after)), without_texts(compiled(&before)));
}

#[test]
fn every_example_of_the_reference_can_be_formatted() {
    let examples = examples::all(&root().join("docs"));
    for example in &examples {
        let out = block(&example.items).unwrap_or_else(|fault| panic!("{}: {fault}", example.place()));
        assert_eq!(block(&out).as_ref(), Ok(&out), "{}", example.place());
    }
    assert!(examples.len() > 40, "only {} examples were found", examples.len());
}

/// A block before and after.
fn both(before: &str) -> String {
    let after = file(&format!("migrate_runtime::migration! {{\n{before}\n}}\n")).unwrap();
    assert_eq!(file(&after).as_ref(), Ok(&after));
    format!("{before}\n=====\n{after}")
}

#[test]
fn a_table() {
    insta::assert_snapshot!(both(
        r#"
create enum status{a,b}
/// Everyone
/// who signed up.

#[allow(drops_data , reason="x")]
create table users{ id:bigint generated always as identity primary key,// the key
email :text unique,


  // A type that ends in `?` takes NULL.
  name: text  ?="x",tags:text [] = [ ] , score: numeric( 12,2 )?,
  settings: jsonb = {"a":1,"b":[1,2]}, empty: jsonb = { },
  /// Where it stands.
  status: status= a check(status<>b and (score is null or score > 10) and lower(email)=email and email like "%@%"),
  primary key(id) , foreign key(a,b)references t(c)on delete set null(a)
  // the last
  }
create table small { id: int primary key, note: text?, }
"#
    ));
}

#[test]
fn what_is_written_on_one_line_stays_there_where_it_fits() {
    insta::assert_snapshot!(both(
        r#"
alter table users { rename a to b, add c: text? }
alter table users { rename a to b, add c: text?, add a_column_with_a_long_name: text? = "and a long default" }
alter table users {
    rename a to b }
alter enum status { add d after a, rename "no-show" to no_show }
create index on users (id)where deleted_at is null;
create unique index users_email_of_those_who_are_here on users (lower(email), tenant_id desc nulls last) where deleted_at is null;
"#
    ));
}

#[test]
fn comments_and_empty_lines_stay_where_they_are() {
    insta::assert_snapshot!(both(
        r#"
// Before everything.

/* A block
   of two lines. */
create schema a; create schema b; // behind both



// Between.
create schema c /* inside */ ;
update t set a = 1 // why
    where b = 2 // and why here
    // and before this
    and c = 3 down { // nothing to do
    }
create table t { // at the bracket
    a: int // behind a

    // before b
    , b: int, // behind b

    // at the end
}
create table u {
    // nothing yet
}

// At the end.
"#
    ));
}

#[test]
fn queries() {
    insta::assert_snapshot!(both(
        r#"
create view short as select id,email from users where deleted_at is null;
create view v as
  select u.id,count( * ) filter(where b.total>-1) as n,u.data->>"a" as a,u.*,(select max(x) from t) as most,
  case when u.a then 1 when u.b then 2 else 3 end as c
  from users as u left join bookings as b on b.user_id=u.id and b.status<>cancelled join lateral (select 1) as one on true
  where u.a is distinct from u.b or u.c between 1 and 2 and not exists(select 1 from t where t.id=u.id) group by u.id,u.email having count(*)>1 order by 2 desc nulls last limit 10;
create view w as with a(x) as (select 1),b (y) as (select 2) select * from a union all select * from b;
insert into t(a,b) select a,b from u where a>1 on conflict(a) do update set b=excluded.b where t.b<excluded.b irreversible "x";
"#
    ));
}

#[test]
fn rows_and_changes() {
    insta::assert_snapshot!(both(
        r#"
insert into plans(code,price) values("free",0),("pro",-900)   ;
insert into plans (code, price) values
("free", 0),

// The other one.
("pro", 900);
backfill bookings set currency="USD",supplier=trim(first_name||" "||last_name) where supplier = "acme" and currency is null in batches of 5000 touching updated_at down{}
update t set a=a::numeric(10,2)*-1,b=[1,2],c={"x":1} where id in(1,2) down{ sql "update t set a = 1"; }
sql "create view x as select 1" changes{create view x as select 1 as one;} down { sql "drop view x"; }
sql "
    create view y as
      select 1
" down {
sql "drop view y"; }
run crate::steps::fill outside transaction irreversible "it is a cache";
"#
    ));
}

#[test]
fn functions_and_triggers() {
    insta::assert_snapshot!(both(
        r##"
create function overdue(at:timestamptz,grace:interval="1 day")returns boolean language sql stable as "select at + grace < now()";
create procedure close(month:date) language plpgsql as r#"
begin
    null;
end
"#;
create function plus(number:int,by:int=1)returns int language sql immutable return number+by;
create function spent(of:bigint)returns numeric language sql stable set search_path=app return(select sum(b.total)from bookings as b where b.user_id=of and b.status<>cancelled);
create procedure cancel(booking:bigint)begin atomic{update bookings set status=cancelled where id=booking;insert into log(what)values("cancelled")}
create trigger t before insert or update of a,b on c for each row when(old.a is distinct from new.a)execute function f("x",7);
create policy own on notes for select to public using(user_id=current_setting("app.user",true)::uuid and deleted_at is null) with check(true);
grant select,insert,update(total) on invoices,users to app,reporting with grant option;
alter function overdue{immutable,set work_mem="8MB",rename to is_overdue}
"##
    ));
}

#[test]
fn rules_and_objects_with_properties() {
    insta::assert_snapshot!(both(
        r##"
create rule keep as on delete to items where old.state=kept do instead nothing;
create rule note as on insert to items do also insert into notes(item,text)values(new.id,new.name);
create rule noted as on insert to items do also insert into notes(item,text,happened_at,happened_where)values(new.id,new.name,now(),"here");
create rule renamed as on update to items where old.name<>new.name do also(insert into notes(item,text)select new.id,i.name from items as i where i.id=old.id; update notes set text=new.name where item=new.id);
create rule told as on delete to items do also notify items_changed,"gone";
create aggregate longest(value:text){sfunc:longer,stype:text,initcond:"",parallel:safe}
create operator ==={function:alike,leftarg:text,rightarg:text,commutator: ===,restrict:eqsel}
alter operator ===(text,text)set(restrict=none,join=neqjoinsel);
create cast(point3 as int)with function height(point3)as assignment;
create publication active for table users(id,email)where(active and id>0),trips with(publish="insert, update",publish_via_partition_root=true);
create server there type "postgresql" foreign data wrapper nothing options(host "example.org",dbname "x");
alter text search configuration words{alter mapping for asciiword,asciihword with stems,drop mapping for email,url}
"##
    ));
}

#[test]
fn what_stands_around_the_blocks_is_left_alone() {
    let source = "//! Words.\nuse   a::b;\nmod m {\n  db::migration! { create   schema a; }\n}\n\nfn f( ) { let x = \"migration! { a  b }\"; }\n";
    let expected = "//! Words.\nuse   a::b;\nmod m {\n  db::migration! {\n      create schema a;\n  }\n}\n\nfn f( ) { let x = \"migration! { a  b }\"; }\n";
    assert_eq!(file(source).as_deref(), Ok(expected));
    let macros = "macro_rules! m { ($a:tt) => { migration! { create   $a } } }\n";
    assert_eq!(file(macros).as_deref(), Ok(macros));
}

#[test]
fn inline_histories_and_other_brackets_are_formatted() {
    let source = "static M: X = migrations! {\n    postgres = 15,\n    migration \"1_a\" { create   schema a; }\n};\nmigration!(create   schema b);\nmigration![ ];\n";
    let expected = "static M: X = migrations! {\n    postgres = 15,\n    migration \"1_a\" {\n        create schema a;\n    }\n};\nmigration!(\n    create schema b\n);\nmigration![ ];\n";
    assert_eq!(file(source).as_deref(), Ok(expected));
}

#[test]
fn line_ends_of_windows_stay() {
    let unix = "migration! {\n  /// A.\n  create schema a;   // b\n  sql \"select\n 1\" irreversible \"x\";\n}\n";
    let windows = unix.replace('\n', "\r\n");
    assert_eq!(file(&windows), Ok(file(unix).unwrap().replace('\n', "\r\n")));
}

#[test]
fn mistakes_have_their_place_in_the_file() {
    let place = |source: &str| {
        let error = file(source).unwrap_err();
        (error.line, error.column, error.fault)
    };
    let syntax = place("fn f() {}\nmigration! {\n    create schema a;\n    create tabel b { }\n}\n");
    assert_eq!((syntax.0, syntax.1), (4, 12));
    assert!(matches!(syntax.2, Fault::Syntax(message) if message.contains("did you mean `table`?")));
    let (line, column, fault) = place("migration! {\n    create table b { a: int ]\n}\n");
    assert_eq!((line, column, fault.to_string().as_str()), (2, 20, "`{` is not closed"));
    let (line, column, fault) = place("migration! {\n    create \"b\n");
    assert_eq!((line, column, fault), (2, 12, Fault::UnclosedText));
    let same_line = place("migration! { create tabel b { } }");
    assert_eq!((same_line.0, same_line.1), (1, 21));
}

#[test]
fn a_query_behind_a_brace_is_an_item_of_its_own() {
    let text = "migration! {\n    alter table t { add a: int? } select f();\n    alter table t { add c: int? } with x as (select 1 as one) \
                insert into t (a) select one from x;\n    create table u { id: int primary key } with (fillfactor = 70)\n}\n";
    let lines = "migration! {
    alter table t { add a: int? }
    select f();
    alter table t { add c: int? }
    with x as (select 1 as one) insert into t (a) select one from x;
    create table u { id: int primary key } with (fillfactor = 70)
}
";
    assert_eq!(file(text).unwrap(), lines);
}
