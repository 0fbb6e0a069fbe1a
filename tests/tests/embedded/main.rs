//! What a binary carries is what was compiled, in each form of `migrations!`, whatever signs are in it.

mod declared;
mod inline;
mod schema;

use migrate_core::plan::Work;
use migrate_runtime::Migrations;

static MIGRATIONS: Migrations = migrate_runtime::migrations! {
    migration "1_signs" {
        create table t { id: bigint primary key, note: text? }
        comment on table t is "\"# \"## r###\"raw\"### \\ 'quoted' \u{e9}\u{1f600} \r\n\t #";
    }
    migration "0002_rows" {
        insert into t (id, note) values (1, "\"#######"), (2, "{\"a\": \"\\u0041\"}");
    }
};

#[test]
fn signs_that_end_a_literal_of_rust_are_carried_as_they_are() {
    let sql = |version| {
        let migration = MIGRATIONS.get(version).expect("it is there");
        let last = migration.up.statements().last().expect("a statement");
        let Work::Sql(sql) = &last.work else { panic!("{last:?}") };
        (sql.to_string(), migration.operations.to_string())
    };
    let (comment, operations) = sql(1);
    assert_eq!(
        comment,
        "COMMENT ON TABLE public.t IS E'\"# \"## r###\"raw\"### \\\\ ''quoted'' \u{e9}\u{1f600} \r\n\t #'"
    );
    assert!(operations.contains(r####"\"# \"## r###\"raw\"### \\ 'quoted'"####), "{operations}");
    let (rows, _) = sql(2);
    assert!(rows.ends_with("VALUES (1, '\"#######'), (2, E'{\"a\": \"\\\\u0041\"}')"), "{rows}");
    assert_eq!(MIGRATIONS.get(2).map(|migration| migration.leading_zeros), Some(3));
}

async fn step(_: &mut migrate_runtime::StepContext<'_>) -> Result<(), migrate_runtime::BoxError> {
    Ok(())
}
