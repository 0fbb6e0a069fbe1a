//! Changes typed into a schema: the migration that is generated arrives there, asks what nobody has said, and leaves open what
//! only its author can know.

#![cfg(feature = "print")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use migrate_compiler::History;
use migrate_compiler::generate::{Generated, generate, questions, renames_of};
use migrate_core::difference::Renames;

const SHOP: &str = r#"
    create enum status { pending, confirmed, cancelled }
    create table users { id: bigint generated always as identity primary key, email: text unique, name: text? }
    create table bookings {
        id: bigint generated always as identity primary key,
        user_id: bigint references users on delete cascade,
        status: status = pending,
        total: int check (total >= 0),
        note: text?,
        tags: text[] = [],
        at: timestamptz = now(),
    }
    create index on bookings (user_id);
    create view open_bookings as select id, total from bookings where status = pending;
"#;

fn history() -> History {
    let mut history = History::new(15);
    history.push("1_shop", SHOP).expect("a history");
    history
}

/// What leads from the shop to the shop with these changes of its text.
fn changed(changes: &[(&str, &str)]) -> (History, Renames, Generated) {
    let history = history();
    let mut text = SHOP.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    let beside = history.beside_text(&text).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
    let renames = renames_of(&beside.renames);
    let generated = generate(&history, &beside.schema, &renames);
    assert!(generated.left.is_empty(), "{:?}", generated.left);
    assert!(generated.unprintable.is_empty(), "{:?}", generated.unprintable);
    (history, renames, generated)
}

/// The codes of what is left to the author.
fn open(history: &History, generated: &Generated) -> Vec<&'static str> {
    let mut codes: Vec<_> = history.check(&generated.text).into_iter().map(|one| one.code).collect();
    codes.dedup();
    codes
}

/// What becomes of the changes where nothing is left to the author: after it nothing differs.
fn arrives(changes: &[(&str, &str)]) -> String {
    let (mut history, _, generated) = changed(changes);
    let mut schema = SHOP.to_owned();
    changes.iter().for_each(|(old, new)| schema = schema.replacen(old, new, 1));
    history.push("2_next", &generated.text).unwrap_or_else(|wrong| panic!("{}\n{wrong:#?}", generated.text));
    let beside = history.beside_text(&schema).expect("the schema");
    assert!(beside.differences.is_empty(), "{}\n{:#?}", generated.text, beside.differences);
    generated.text
}

#[test]
fn nothing_is_generated_where_nothing_differs() {
    assert_eq!(changed(&[]).2.text, "");
}

#[test]
fn what_is_added_arrives() {
    for change in [
        ("note: text?,", "note: text?, currency: char(3) = \"EUR\","),
        ("note: text?,", "note: text?, paid_at: timestamptz?,"),
        ("name: text? }", "name: text?, unique (name) }"),
        ("name: text? }", "name: text? check (length(name) < 200) }"),
        ("cancelled }", "cancelled, refunded }"),
        ("{ pending,", "{ draft, pending,"),
        (
            "create index on bookings (user_id);",
            "create index on bookings (user_id); create index on bookings (at desc) where status <> cancelled;",
        ),
        (
            "create index on bookings (user_id);",
            "create index on bookings (user_id); create table bills { id: uuid primary key, booking_id: bigint references bookings }",
        ),
        ("create view", "create view names as select name from users; create view"),
        (
            "create view",
            "create function latest() returns bigint language sql stable as \"select max(id) from bookings\"; create view",
        ),
        ("create view", "create domain amount as numeric(12, 2) check (value >= 0); create view"),
        ("create table users", "/// Everyone.\n create table users"),
        ("tags: text[]", "/// Words.\n tags: text[]"),
    ] {
        arrives(&[change]);
    }
}

#[test]
fn what_is_changed_arrives() {
    for change in [
        ("status: status = pending", "status: status = confirmed"),
        ("status: status = pending", "status: status"),
        ("note: text?", "note: varchar?"),
        ("at: timestamptz = now()", "at: timestamptz? = now()"),
        ("on delete cascade", "on delete restrict"),
        ("check (total >= 0)", "check (total > 0)"),
        ("check (total >= 0)", ""),
        ("select id, total from bookings", "select id, total, user_id from bookings"),
        ("where status = pending", "where status <> cancelled"),
        ("create index on bookings (user_id);", ""),
        ("create index on bookings (user_id);", "create index on bookings (user_id, at);"),
    ] {
        arrives(&[change]);
    }
}

#[test]
fn what_is_told_to_be_renamed_is_renamed() {
    let text = arrives(&[
        ("total: int check (total >= 0)", "#[was(total)] amount: int check (amount >= 0)"),
        ("select id, total", "select id, amount as total"),
    ]);
    assert!(text.contains("rename total to amount") && text.contains("rename constraint"), "{text}");
    let text = arrives(&[
        ("create table users", "#[was(users)] create table people"),
        ("references users", "references people"),
    ]);
    assert!(text.contains("alter table users") && text.contains("rename to people"), "{text}");
    let text = arrives(&[("confirmed,", "#[was(confirmed)] agreed,")]);
    assert!(text.contains("rename confirmed to agreed"), "{text}");
    let text = arrives(&[("create view open_bookings", "#[was(open_bookings)] create view pending_bookings")]);
    assert!(text.contains("rename to pending_bookings"), "{text}");
}

#[test]
fn what_loses_data_is_not_allowed() {
    for change in [("note: text?,", ""), ("create view open", "create view open")] {
        let (history, _, generated) = changed(&[change]);
        assert!(!generated.text.contains("allow("), "{}", generated.text);
        if change.1.is_empty() {
            assert_eq!(open(&history, &generated), ["drops_data"], "{}", generated.text);
        }
    }
}

#[test]
fn what_only_the_author_knows_is_left_open() {
    for (changes, said) in [
        (
            &[("note: text?,", "note: text?, currency: char(3),")][..],
            "a value of `currency` for the existing rows of `bookings`",
        ),
        (&[("confirmed, cancelled }", "confirmed }")][..], "the value of `status` where it was `cancelled`"),
        (&[("at: timestamptz = now()", "at: bool")][..], "how to convert a value of `at` to"),
        (&[("name: text?", "name: text")][..], "the value of `name` where it is NULL"),
        (
            &[("note: text?,", "note: text?, payer_id: bigint references users,")][..],
            "the value of `payer_id` in each existing row of `bookings`",
        ),
    ] {
        let (history, _, generated) = changed(changes);
        assert!(
            open(&history, &generated).contains(&"todo"),
            "{}\n{:?}",
            generated.text,
            history.check(&generated.text)
        );
        assert!(generated.text.contains(&format!("todo(\"{said}")), "{}", generated.text);
    }
}

#[test]
fn what_may_be_a_rename_is_a_question() {
    let asked = |old: &str, new: &str| {
        let history = history();
        let beside = history.beside_text(&SHOP.replacen(old, new, 1)).expect("the schema");
        let found = questions(history.catalog(), &beside.schema, &renames_of(&beside.renames), &[]);
        found.into_iter().map(|one| format!("{:?} -> {:?}", one.gone, one.new)).collect::<Vec<_>>()
    };
    assert_eq!(asked("note: text?", "remark: text?").len(), 1);
    assert_eq!(asked("note: text?", "#[was(note)] remark: text?").len(), 0);
    assert_eq!(asked("note: text?,", "").len(), 0);
    assert_eq!(asked("confirmed, cancelled", "agreed, cancelled").len(), 1);
}
