use super::super::testing::*;
use super::super::*;
use super::*;
use crate::catalog::{EnumType, Table};
use crate::plan::{Place, Script};

fn table(columns: &[(&str, &str)]) -> Table {
    Table {
        columns: columns.iter().map(|(name, text)| column(name, text)).collect(),
        constraints: [("pkey".into(), primary_key(&["id"]))].into(),
        ..Table::default()
    }
}

fn create(table_name: &str, columns: &[(&str, &str)]) -> Operation {
    CreateTable { name: name(table_name), definition: table(columns) }.into()
}

fn add(table: &str, added: &str) -> Operation {
    AddColumn { table: name(table), column: column(added, "text?") }.into()
}

fn drop_column(table: &str, column: &str) -> Operation {
    DropColumn { table: name(table), column: column.into() }.into()
}

fn insert(table: &str, values: &[(&str, &str)]) -> Operation {
    let columns = values.iter().map(|(column, _)| (*column).to_owned()).collect();
    let row = values.iter().map(|(_, value)| Some(expression(value))).collect();
    InsertRows { table: name(table), columns, rows: vec![row], on_conflict_do_nothing: false }.into()
}

fn update(table: &str, value: &str) -> Operation {
    UpdateRows { table: name(table), assignments: vec![("note".into(), expression(value))], condition: None }.into()
}

fn raw(command: &str) -> Operation {
    RawSql { commands: vec![command.into()], changes: Vec::new() }.into()
}

fn references(table: &str, referenced: &str) -> Operation {
    let constraint = foreign_key(&["id"], referenced, &["id"]);
    AddConstraint { table: name(table), name: format!("{table}_fkey"), constraint }.into()
}

/// Each list is one migration.
fn parts(migrations: &[Vec<Operation>]) -> Vec<Part> {
    let mut catalog = Catalog::default();
    let mut scripts: Vec<Script> = Vec::new();
    for operations in migrations {
        let placed: Vec<script::Placed> =
            operations.iter().map(|operation| (operation.clone(), Place::default(), Vec::new())).collect();
        scripts.push(script::lower(&catalog, &placed, 15));
        catalog = script::fold(&catalog, operations);
    }
    let history: Vec<Written<'_>> = migrations
        .iter()
        .zip(&scripts)
        .map(|(operations, up)| Written { operations: operations.clone(), up: Some(up) })
        .collect();
    from_empty(&history, &catalog, 15)
}

/// What runs, in short.
fn plan(migrations: &[Vec<Operation>]) -> Vec<String> {
    let short = |line: String| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let part = |part: &Part| match part {
        Part::Folded { migrations, script } => std::iter::once(format!("fold {migrations}"))
            .chain(lines(script).into_iter().filter(|line| !line.starts_with("--")).map(short))
            .collect(),
        Part::AsWritten { migrations } => vec![format!("as written {migrations}")],
    };
    parts(migrations).iter().flat_map(part).collect()
}

#[test]
fn a_table_that_was_changed_is_made_once() {
    assert_eq!(
        plan(&[
            vec![create("a", &[("id", "bigint")])],
            vec![add("a", "x"), add("a", "y")],
            vec![drop_column("a", "x"), update("a", "'no row is there'")],
        ]),
        ["fold 3", "CREATE TABLE public.a ( id bigint NOT NULL, y text, CONSTRAINT pkey PRIMARY KEY (id) )"]
    );
}

#[test]
fn a_table_that_is_gone_is_not_made() {
    let gone = DropTable { name: name("a") }.into();
    assert_eq!(plan(&[vec![create("a", &[("id", "bigint")])], vec![add("a", "x")], vec![gone]]), ["fold 3"]);
}

#[test]
fn rows_go_into_the_table_as_it_was_and_then_follow_its_changes() {
    assert_eq!(
        plan(&[
            vec![create("other", &[("id", "bigint")]), create("a", &[("id", "bigint"), ("note", "text")])],
            vec![add("a", "x"), add("other", "x")],
            vec![insert("a", &[("id", "1"), ("note", "'n'")]), drop_column("a", "x"), drop_column("other", "x")],
            vec![update("a", "'changed'"), update("other", "'no row'")],
        ]),
        [
            "fold 4",
            "CREATE TABLE public.a ( id bigint NOT NULL, note text NOT NULL, x text, CONSTRAINT pkey PRIMARY KEY (id) )",
            "INSERT INTO public.a (id, note) VALUES (1, 'n')",
            "ALTER TABLE public.a DROP COLUMN x",
            "UPDATE public.a SET note = 'changed'",
            "CREATE TABLE public.other ( id bigint NOT NULL, CONSTRAINT pkey PRIMARY KEY (id) )",
        ]
    );
}

#[test]
fn what_a_table_with_rows_references_is_there_before_them() {
    let lines = plan(&[
        vec![create("z", &[("id", "bigint")]), create("a", &[("id", "bigint")]), references("a", "z")],
        vec![insert("z", &[("id", "1")]), insert("a", &[("id", "1")])],
        vec![add("z", "x")],
    ]);
    let starts: Vec<&str> = lines.iter().map(|line| line.split(" (").next().unwrap()).collect();
    assert_eq!(
        starts,
        [
            "fold 3",
            "CREATE TABLE public.z",
            "CREATE TABLE public.a",
            "INSERT INTO public.z",
            "INSERT INTO public.a",
            "ALTER TABLE public.z ADD COLUMN x text"
        ]
    );
}

#[test]
fn tables_that_reference_each_other_are_made_before_their_keys() {
    let lines = plan(&[
        vec![create("a", &[("id", "bigint")]), create("b", &[("id", "bigint")])],
        vec![references("a", "b"), references("b", "a")],
    ]);
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines[3].starts_with("ALTER TABLE public.b ADD CONSTRAINT"), "{lines:#?}");
}

#[test]
fn raw_sql_runs_where_it_stands_and_what_is_around_it_is_folded() {
    let lines = plan(&[
        vec![create("a", &[("id", "bigint")])],
        vec![add("a", "x")],
        vec![raw("insert into a values (1)")],
        vec![create("b", &[("id", "bigint")]), add("a", "y")],
        vec![add("b", "x"), drop_column("a", "x")],
    ]);
    assert_eq!(
        lines,
        [
            "fold 2",
            "CREATE TABLE public.a ( id bigint NOT NULL, x text, CONSTRAINT pkey PRIMARY KEY (id) )",
            "as written 1",
            "fold 2",
            "ALTER TABLE public.a ADD COLUMN y text",
            "ALTER TABLE public.a DROP COLUMN x",
            "CREATE TABLE public.b ( id bigint NOT NULL, x text, CONSTRAINT pkey PRIMARY KEY (id) )",
        ]
    );
}

#[test]
fn rows_after_raw_sql_are_made_as_written_since_triggers_may_see_them() {
    let lines = plan(&[
        vec![raw("create table a (id bigint)")],
        vec![create("b", &[("id", "bigint")])],
        vec![insert("b", &[("id", "1")])],
    ]);
    assert_eq!(lines, ["as written 3"]);
}

#[test]
fn nothing_is_folded_after_what_may_see_it() {
    for boundless in [
        raw("CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()"),
        RunFunction { path: "f".into(), in_transaction: true }.into(),
    ] {
        let history =
            [vec![boundless], vec![create("a", &[("id", "bigint")])], vec![add("a", "x")], vec![add("a", "y")]];
        assert_eq!(plan(&history), ["as written 4"]);
    }
}

#[test]
fn a_migration_that_was_made_by_something_else_is_no_part_of_it() {
    let made =
        Script { segments: Cow::Owned(vec![Segment { mode: Mode::Transaction, statements: Cow::Borrowed(&[]) }]) };
    let written = Written { operations: Vec::new(), up: Some(&made) };
    assert_eq!(from_empty(&[written.clone(), written], &Catalog::default(), 15), [Part::AsWritten { migrations: 2 }]);
}

#[test]
fn values_that_nobody_knows_stop_the_folding() {
    let asking = ["to_regclass('b') IS NULL", "schema_to_xml('public', true, true, '')", "pg_tablespace_size('x')"];
    for value in ["my_function()", "(SELECT max(x) FROM b)"].into_iter().chain(asking) {
        let lines =
            plan(&[vec![create("a", &[("id", "bigint")])], vec![add("a", "x")], vec![insert("a", &[("id", value)])]]);
        assert_eq!(lines.last().unwrap(), "as written 1", "{value}");
    }
}

#[test]
fn an_enum_of_a_table_with_rows_is_changed_step_by_step_and_others_are_not() {
    let create_enum = |enum_name: &str| {
        let definition = EnumType { values: strings(&["a", "b"]), ..EnumType::default() };
        Operation::from(CreateEnum { name: name(enum_name), definition })
    };
    let rename = |enum_name: &str, from: &str, to: &str| {
        Operation::from(RenameEnumValue { name: name(enum_name), from: from.into(), to: to.into() })
    };
    let lines = plan(&[
        vec![create_enum("used"), create_enum("other"), create("t", &[("id", "bigint"), ("e", "used")])],
        vec![insert("t", &[("id", "1"), ("e", "'a'")])],
        vec![rename("used", "a", "c"), rename("used", "b", "a"), rename("other", "b", "c")],
    ]);
    assert_eq!(lines[1], "CREATE TYPE public.used AS ENUM ('a', 'b')");
    assert_eq!(
        lines[4..6],
        ["ALTER TYPE public.used RENAME VALUE 'a' TO 'c'", "ALTER TYPE public.used RENAME VALUE 'b' TO 'a'"]
    );
    assert_eq!(lines[6], "CREATE TYPE public.other AS ENUM ('a', 'c')");
}

#[test]
fn an_enum_that_only_grows_has_all_its_values_at_once() {
    let definition = EnumType { values: strings(&["a"]), ..EnumType::default() };
    let add =
        |value: &str, place: ValuePlace| Operation::from(AddEnumValue { name: name("e"), value: value.into(), place });
    let lines = plan(&[
        vec![CreateEnum { name: name("e"), definition }.into(), create("t", &[("id", "bigint"), ("e", "e")])],
        vec![insert("t", &[("id", "1"), ("e", "'a'")])],
        vec![add("c", ValuePlace::Last), add("b", ValuePlace::Before("c".into()))],
        vec![insert("t", &[("id", "2"), ("e", "'b'")])],
    ]);
    assert_eq!(lines[1], "CREATE TYPE public.e AS ENUM ('a', 'b', 'c')");
    assert_eq!(lines.len(), 5, "{lines:#?}");
}
