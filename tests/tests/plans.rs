//! What every case of the acceptance tests lowers to, statement by statement, so that a change of the SQL is seen in
//! review. A change here is a breaking change for databases in the middle of a migration.

use std::fmt::Write;

use migrate_core::plan::{Compatibility, Down, Migration, Mode, Script, Work};

#[test]
fn every_case_lowers_to_its_snapshot() {
    insta::glob!(Path::new(env!("CARGO_MANIFEST_DIR")), "cases/*/*.rs", |path| {
        let text = std::fs::read_to_string(path).expect("a case");
        let plans: String = tests::compile(&text).iter().map(plan).collect();
        let item = path.parent().and_then(Path::file_name).expect("a folder").to_string_lossy().into_owned();
        insta::with_settings!({ snapshot_suffix => "", prepend_module_to_snapshot => false, omit_expression => true }, {
            let case = path.file_stem().expect("a name").to_string_lossy();
            insta::assert_snapshot!(format!("{item}__{case}"), plans);
        });
    });
}

#[test]
fn the_same_source_gives_the_same_plan_and_checksum() {
    let text =
        "migration \"0001_a\" { create table t { id: bigint primary key, b: text = \"x\" } create index on t (b); }";
    let (one, two) = (tests::compile(text), tests::compile(text));
    assert_eq!(one, two);
}

#[test]
fn a_column_that_raw_sql_may_have_made_is_left_to_postgresql() {
    let migrations = tests::compile(
        "migration \"0001_a\" {
            create table t { id: bigint primary key, b: text }
            sql \"alter table t add column c int\" irreversible \"none\";
        }
        migration \"0002_b\" { update t set b = \"x\" where id = 1 and c > 2 irreversible \"none\"; }",
    );
    let plans: String = migrations.iter().map(plan).collect();
    assert!(plans.contains("UPDATE public.t SET b = 'x' WHERE id = 1 AND c > 2"), "{plans}");
}

#[test]
fn what_raw_sql_says_that_it_changes_is_no_part_of_the_checksum() {
    let compile = |changes: &str, undone: &str| {
        let text = format!(
            "migration \"0001_a\" {{
                create table changes {{ id: bigint primary key }}
                sql \"alter table changes add column c int\" {changes} down {{ sql \"alter table changes drop c\" {undone}; }}
            }}"
        );
        tests::compile(&text).pop().expect("a migration")
    };
    let silent = compile("", "");
    let said = compile("changes { alter table changes { add c: int? } }", "changes { alter table changes { drop c } }");
    assert_eq!(silent.checksum, said.checksum);
    assert_ne!(silent.operations, said.operations);
    // A table of that name is one like all others.
    let table = |column: &str| {
        let text = format!("migration \"0001_a\" {{ create table changes {{ {column}: bigint primary key }} }}");
        tests::compile(&text).pop().expect("a migration").checksum
    };
    assert_ne!(table("id"), table("number"));
}

#[test]
fn what_needs_no_more_than_a_name_is_done_with_what_raw_sql_may_have_made() {
    let migrations = tests::compile(
        "migration \"0001_a\" {
            create table t { id: bigint primary key, b: text }
            sql \"alter table t add column c int not null default 1, add unique (b)\" irreversible \"none\";
            sql \"create table other (id bigint primary key)\" irreversible \"none\";
        }
        migration \"0002_b\" {
            update t set c = 1 where id = 1 irreversible \"none\";
            backfill t set c = id + 2 irreversible \"none\";
            insert into t (id, b, c) values (1, \"x\", 1);
            create index on t (c);
            create index on t (b) include (c);
            alter table t { add unique (c), add check (c > 0), add other_id: bigint? references other (id) }
            create table u { id: bigint primary key, b: text references t (b), other_id: bigint references other (id) }
        }",
    );
    let plans: String = migrations.iter().map(plan).collect();
    for expected in [
        "UPDATE public.t SET c = 1 WHERE id = 1",
        "backfill public.t set c = id + 2",
        "INSERT INTO public.t (id, b, c) VALUES (1, 'x', 1)",
        "CREATE INDEX CONCURRENTLY t_c_idx ON public.t (c)",
        "CREATE INDEX CONCURRENTLY t_b_idx ON public.t (b) INCLUDE (c)",
        "ADD CONSTRAINT t_c_key UNIQUE USING INDEX t_c_key",
        "ADD CONSTRAINT t_c_check CHECK (c > 0)",
        "CONSTRAINT u_b_fkey FOREIGN KEY (b) REFERENCES public.t (b)",
        "CONSTRAINT u_other_id_fkey FOREIGN KEY (other_id) REFERENCES public.other (id)",
        "CONSTRAINT t_other_id_fkey FOREIGN KEY (other_id) REFERENCES public.other (id)",
        "locks public.other: SHARE ROW EXCLUSIVE",
    ] {
        assert!(plans.contains(expected), "{expected}\n{plans}");
    }
}

#[test]
fn layout_comments_and_reasons_do_not_change_the_checksum() {
    let one = "migration \"0001_a\" { create table t { id: bigint primary key, b: text, } drop index t_b; }";
    let two = "migration \"0001_a\" {
        // A comment.
        create table t {
            id: bigint primary key, /* another */
            b: text
        }
        #[allow(drops_data, reason = \"none\")]
        drop index t_b
    }";
    let checksum = |text: &str| {
        let setup =
            "migration \"0000_s\" { create table s { id: bigint primary key, b: text } create index t_b on s (b); }";
        tests::compile(&format!("{setup} {text}")).pop().expect("a migration").checksum
    };
    assert_eq!(checksum(one), checksum(two));
    assert_ne!(checksum(one), checksum(&one.replace("b: text", "b: text?")));
    assert_ne!(checksum(one), checksum(&one.replace("create table", "/// Documented.\ncreate table")));
}

fn plan(migration: &Migration) -> String {
    let mut text = format!("# {:04}_{}\n", migration.version, migration.name);
    if let Compatibility::Breaking(lines) = &migration.compatibility {
        for line in lines.iter() {
            writeln!(text, "breaks: {line}").expect("a string");
        }
    }
    script(&mut text, "up", &migration.up);
    match &migration.down {
        Down::Script { script: statements, loses } => {
            for line in loses.iter() {
                writeln!(text, "loses: {line}").expect("a string");
            }
            script(&mut text, "down", statements);
        }
        Down::Irreversible { why } => writeln!(text, "irreversible: {why}").expect("a string"),
    }
    text
}

fn script(text: &mut String, direction: &str, script: &Script) {
    for segment in script.segments.iter() {
        let mode = match segment.mode {
            Mode::Transaction => "in one transaction",
            Mode::Alone => "alone",
        };
        writeln!(text, "{direction}, {mode}:").expect("a string");
        for statement in segment.statements.iter() {
            let work = match &statement.work {
                Work::Sql(sql) => sql.to_string(),
                Work::Run(path) => format!("run {path}"),
                Work::Backfill(backfill) => format!(
                    "backfill {}.{} set {} where {} by ({}) in batches of {}",
                    backfill.schema,
                    backfill.table,
                    backfill.assignments,
                    backfill.condition,
                    backfill.key.join(", "),
                    backfill.batch
                ),
            };
            writeln!(text, "    {}", work.replace('\n', "\n    ")).expect("a string");
            for lock in statement.locks.iter() {
                writeln!(text, "        locks {}.{}: {}", lock.schema, lock.table, lock.mode).expect("a string");
            }
            for hazard in statement.hazards.iter() {
                writeln!(text, "        hazard {hazard}").expect("a string");
            }
        }
    }
}
