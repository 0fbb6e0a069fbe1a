use super::*;
use crate::catalog::{AccessTarget, Privilege};
use crate::catalog::{EnumType, Generated, Role, Said};
use crate::operation::testing::{catalog, check, column, data_type, expression, index, name};

/// The names of the operations, from the catalog of the tests to the changed one.
fn named(change: impl FnOnce(&mut Catalog), renames: &Renames) -> Vec<&'static str> {
    let from = catalog();
    let mut to = from.clone();
    change(&mut to);
    let found = way(&from, &to, renames, 15);
    assert_eq!(found.left, []);
    found.operations.iter().map(Operation::name).collect()
}

#[test]
fn there_is_no_way_to_where_one_is() {
    assert!(named(|_| {}, &Renames::default()).is_empty());
}

#[test]
fn what_is_used_comes_before_what_uses_it() {
    let change = |to: &mut Catalog| {
        let table = to.table_mut(&name("bookings")).unwrap();
        table.columns.push(column("extra", "mood?"));
        table.indexes.insert("by_extra".into(), index(&["extra"]));
        table.constraints.insert("extra_check".into(), check("length(extra::text) > 1"));
        to.enums.insert(name("mood"), EnumType { values: vec!["ok".into()], ..EnumType::default() }.into());
    };
    assert_eq!(named(change, &Renames::default()), ["create_enum", "add_column", "create_index", "add_constraint"]);
}

#[test]
fn a_generated_column_is_computed_in_another_way_where_the_servers_can() {
    let with = |stored: bool, text: &str| {
        let mut catalog = catalog();
        let label = catalog.table_mut(&name("bookings")).unwrap().column_mut("label").unwrap();
        label.generated = Some(Generated { expression: expression(text), stored });
        catalog
    };
    let operations = |postgres: u32, stored: bool| -> Vec<&'static str> {
        let found = way(&with(stored, "upper(note)"), &with(stored, "lower(note)"), &Renames::default(), postgres);
        assert_eq!(found.left, []);
        found.operations.iter().map(Operation::name).collect()
    };
    assert_eq!(operations(16, true), ["drop_column", "add_column"]);
    assert_eq!(operations(17, true), ["set_expression"]);
    assert_eq!(operations(17, false), ["drop_column", "add_column"]);
    assert_eq!(operations(18, false), ["set_expression"]);
}

#[test]
fn what_goes_with_a_column_is_not_dropped_by_itself() {
    let change = |to: &mut Catalog| {
        let table = to.table_mut(&name("bookings")).unwrap();
        table.columns.retain(|column| column.name != "user_id");
        table.constraints.retain(|_, constraint| !constraint.kind.mentions("user_id"));
        table.indexes.retain(|_, index| !index.mentions("user_id"));
    };
    // The key over two columns has another one left.
    assert_eq!(named(change, &Renames::default()), ["drop_constraint", "drop_column"]);
}

#[test]
fn names_are_changed_in_a_circle() {
    let mut renames = Renames::default();
    renames.columns.insert((name("users"), "id".into()), "email".into());
    renames.columns.insert((name("users"), "email".into()), "id".into());
    let from = catalog();
    let found = way(&from, &from, &renames, 15);
    let renamed = |operation: &&Operation| operation.name() == "rename_column";
    assert_eq!(found.operations.iter().filter(renamed).count(), 3);
}

#[test]
fn a_table_is_renamed_with_its_parts() {
    let mut renames = Renames::default();
    renames.tables.insert(name("users"), name("people"));
    renames.columns.insert((name("users"), "email".into()), "address".into());
    let from = catalog();
    let mut to = from.clone();
    renames.operations(&from).iter().for_each(|operation| operation.apply(&mut to));
    assert!(to.table(&name("people")).unwrap().column("address").is_some());
    let found = way(&from, &to, &renames, 15);
    let names: Vec<&str> = found.operations.iter().map(Operation::name).collect();
    assert_eq!(names, ["rename_column", "rename_table"]);
}

#[test]
fn privileges_are_given_and_taken() {
    let select = |to: &mut Catalog| {
        let access = AccessTarget::Table(name("bookings")).access_mut(to).unwrap();
        let of_app = access.grants.0.entry(Role::Named("app".into())).or_default();
        of_app.insert(Privilege::Select, Said::Granted { with_option: false });
    };
    assert_eq!(named(select, &Renames::default()), ["set_grants"]);
    let mut granted = catalog();
    select(&mut granted);
    let found = way(&granted, &catalog(), &Renames::default(), 15);
    let mut after = granted;
    found.operations.iter().for_each(|operation| operation.apply(&mut after));
    let said = AccessTarget::Table(name("bookings")).grants(&after).said(&Role::Named("app".into()), Privilege::Select);
    assert_eq!(said, Some(Said::Revoked));
    // That it was taken is all that is left of it.
    assert!(way(&after, &catalog(), &Renames::default(), 15).operations.is_empty());
}

#[test]
fn a_literal_that_a_time_zone_would_move_is_set_behind_the_change_of_type() {
    let mut from = catalog();
    let set = |catalog: &mut Catalog, data_type: &str, default: &str| {
        let column = catalog.table_mut(&name("bookings")).unwrap().column_mut("note").unwrap();
        (column.data_type, column.default) = (self::data_type(data_type), Some(expression(default)));
    };
    set(&mut from, "timestamp", "'1970-01-01'::timestamp");
    for (default, operations) in [
        ("'1970-01-01'::timestamp", &["set_default", "change_type", "set_default"][..]),
        ("'1970-01-01 00:00:00+00'::timestamptz", &["set_default", "change_type", "set_default"]),
    ] {
        let mut to = from.clone();
        set(&mut to, "timestamptz", default);
        let found = way(&from, &to, &Renames::default(), 15);
        assert_eq!(found.left, []);
        assert_eq!(found.operations.iter().map(Operation::name).collect::<Vec<_>>(), operations, "{default}");
    }
    // A function says at any time what it says.
    set(&mut from, "timestamp", "now()");
    let mut to = from.clone();
    set(&mut to, "timestamptz", "now()");
    let found = way(&from, &to, &Renames::default(), 15);
    assert_eq!(found.operations.iter().map(Operation::name).collect::<Vec<_>>(), ["change_type"]);
}

#[test]
fn a_table_changes_before_its_rows_are_stored_in_another() {
    let from = catalog();
    let mut to = from.clone();
    to.table_mut(&name("users")).unwrap().column_mut("nick").unwrap().data_type = data_type("varchar(40)");
    to.table_mut(&name("bookings")).unwrap().columns.push(column("by", "users?"));
    for (from, to, operations) in
        [(&from, &to, ["change_type", "add_column"]), (&to, &from, ["drop_column", "change_type"])]
    {
        let found = way(from, to, &Renames::default(), 15);
        assert_eq!(found.left, []);
        assert_eq!(found.operations.iter().map(Operation::name).collect::<Vec<_>>(), operations);
    }
}
