//! `testing::round_trip` on compiled histories.

use migrate_runtime::testing::{RoundTripError, assert_round_trip, round_trip};
use tests::{compile, embed, server};

const HISTORY: &str = r#"
migration "0001_users" { create table users { id: bigint primary key, email: text unique } }
migration "0002_name" { alter table users add name: text? } 
migration "0003_index" { create index on users (name); }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_history_goes_up_down_and_up_again() {
    assert_round_trip(embed(compile(HISTORY), &[]), &server().url("postgres")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_down_that_does_not_lead_back_is_found() {
    let mut migrations = compile(HISTORY);
    let nothing = migrations.first().expect("one").down.clone();
    if let (Some(last), migrate_core::plan::Down::Script { loses, .. }) = (migrations.last_mut(), nothing) {
        last.down = migrate_core::plan::Down::Script { script: Default::default(), loses };
    }
    let error = round_trip(embed(migrations, &[]), &server().url("postgres")).await.expect_err("the index stays");
    assert!(matches!(&error, RoundTripError::Differs { after, .. } if after == "revert `0003_index`"), "{error}");
}
