//! Differences are found, told in words, and told in a fixed order.

use std::sync::Arc;

use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, EnumType, Extension, Generated, Identity, Index, IndexKey, NullsOrder,
    OnUpdate, Table, Unique,
};
use crate::expression::Expression;
use crate::name::QualifiedName;

fn expression(text: &str) -> Expression {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn column(name: &str, data_type: &str) -> Column {
    Column::new(name, data_type.parse().unwrap_or_else(|error| panic!("{data_type}: {error:?}")))
}

fn index(key: IndexKey) -> Index {
    Index {
        method: "btree".into(),
        keys: vec![key],
        unique: false,
        nulls_not_distinct: false,
        include: Vec::new(),
        predicate: None,
        attached_to: None,
        statistics: Default::default(),
        parameters: Default::default(),
        comment: None,
    }
}

fn catalog() -> Catalog {
    let mut bookings = Table {
        columns: vec![column("id", "uuid"), column("total", "numeric(12,2)"), column("note", "text")],
        ..Table::default()
    };
    let key = Unique { columns: vec!["id".into()], ..Unique::default() };
    bookings.constraints.insert("bookings_pkey".into(), Constraint::new(ConstraintKind::PrimaryKey(key)));
    bookings
        .constraints
        .insert("total_positive".into(), Constraint::new(ConstraintKind::Check(expression("total > 0"))));
    bookings.indexes.insert("bookings_note".into(), index(IndexKey::new(expression("note"))));
    let status = EnumType { values: vec!["pending".into(), "confirmed".into()], ..EnumType::default() };
    let mut catalog = Catalog::default();
    catalog.extensions.insert("citext".into(), Extension::default());
    catalog.enums.insert(QualifiedName::new("status"), Arc::new(status));
    catalog.tables.insert(QualifiedName::new("bookings"), Arc::new(bookings));
    catalog
}

/// What differs when the live database is changed like this.
fn found(change: impl FnOnce(&mut Catalog)) -> Vec<String> {
    let expected = catalog();
    let mut actual = expected.clone();
    change(&mut actual);
    expected.differences(&actual).iter().map(ToString::to_string).collect()
}

fn found_in_table(change: impl FnOnce(&mut Table)) -> Vec<String> {
    found(|catalog| change(catalog.table_mut(&QualifiedName::new("bookings")).unwrap()))
}

fn found_in_column(change: impl FnOnce(&mut Column)) -> Vec<String> {
    found_in_table(|table| change(table.column_mut("total").unwrap()))
}

#[test]
fn a_catalog_does_not_differ_from_itself() {
    assert_eq!(found(|_| ()), [""; 0]);
}

#[test]
fn the_order_of_columns_does_not_matter() {
    assert_eq!(found_in_table(|table| table.columns.reverse()), [""; 0]);
}

#[test]
fn missing_and_unexpected_objects_are_told_once() {
    assert_eq!(
        found(|catalog| *catalog = Catalog::default()),
        ["extension `citext`: missing", "enum `status`: missing", "table `bookings`: missing"]
    );
    assert_eq!(
        Catalog::default().differences(&catalog()).iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["extension `citext`: not expected", "enum `status`: not expected", "table `bookings`: not expected"]
    );
    assert_eq!(
        found_in_table(|table| {
            table.columns[0].name = "key".into();
            table.constraints.clear();
            table.indexes.clear();
        }),
        [
            "column `bookings.id`: missing",
            "column `bookings.key`: not expected",
            "constraint `bookings_pkey` of `bookings`: missing",
            "constraint `total_positive` of `bookings`: missing",
            "index `bookings_note` of `bookings`: missing",
        ]
    );
}

#[test]
fn the_values_of_an_enum_have_an_order() {
    assert_eq!(
        found(|catalog| catalog.enum_type_mut(&QualifiedName::new("status")).unwrap().values.reverse()),
        ["enum `status`: expected values `pending, confirmed`, found `confirmed, pending`"]
    );
}

#[test]
fn an_extension_may_be_anywhere_unless_a_schema_is_expected() {
    assert_eq!(
        found(|catalog| {
            catalog.extensions.insert("citext".into(), Extension { schema: Some("x".into()), ..Extension::default() });
        }),
        [""; 0]
    );
    let mut expected = catalog();
    expected.extensions.insert("citext".into(), Extension { schema: Some("x".into()), ..Extension::default() });
    let differences = expected.differences(&catalog());
    assert_eq!(differences[0].to_string(), "extension `citext`: expected schema `x`, found none");
}

#[test]
fn each_property_of_a_column_is_compared() {
    for (change, message) in [
        (
            (|column| column.data_type = "numeric(10,2)".parse().unwrap()) as fn(&mut Column),
            "column `bookings.total`: expected `numeric(12, 2)`, found `numeric(10, 2)`",
        ),
        (|column| column.nullable = true, "column `bookings.total`: expected `not null`, found `null`"),
        (|column| column.default = Some(expression("1")), "column `bookings.total`: expected default none, found `1`"),
        (
            |column| {
                column.generated = Some(Generated { expression: expression("1 + 1"), stored: true });
            },
            "column `bookings.total`: expected generation none, found `1 + 1 stored`",
        ),
        (
            |column| column.identity = Some(Identity::Always),
            "column `bookings.total`: expected identity none, found `generated always`",
        ),
        (
            |column| {
                column.on_update = Some(OnUpdate { expression: expression("now()"), trigger: "t".into() });
            },
            "column `bookings.total`: expected on update none, found `now()`",
        ),
        (|column| column.collation = Some("C".into()), "column `bookings.total`: expected collation none, found `C`"),
        (|column| column.comment = Some("x".into()), "column `bookings.total`: expected comment none, found `x`"),
    ] {
        assert_eq!(found_in_column(change), [message]);
    }
}

#[test]
fn a_constraint_or_index_is_told_as_sql() {
    assert_eq!(
        found_in_table(|table| {
            let check = ConstraintKind::Check(expression("total > 1"));
            table.constraints.insert("total_positive".into(), Constraint::new(check));
            table.indexes.get_mut("bookings_note").unwrap().unique = true;
        }),
        [
            "constraint `total_positive` of `bookings`: expected `CONSTRAINT total_positive CHECK (total > 0)`, \
             found `CONSTRAINT total_positive CHECK (total > 1)`",
            "index `bookings_note` of `bookings`: expected `CREATE INDEX bookings_note ON public.bookings (note)`, \
             found `CREATE UNIQUE INDEX bookings_note ON public.bookings (note)`",
        ]
    );
}

#[test]
fn what_is_written_although_it_is_the_default_is_no_difference() {
    let mut table = Table { columns: vec![column("note", "text")], ..Table::default() };
    table.columns[0].collation = Some("C".into());
    let plain = index(IndexKey { descending: true, ..IndexKey::new(expression("note")) });
    let mut written = plain.clone();
    written.keys[0].collation = Some("C".into());
    written.keys[0].nulls = Some(NullsOrder::First);
    assert!(super::index_matches(&written, &plain, &table));
    written.keys[0].collation = None;
    written.keys[0].expression = expression("note collate \"C\"");
    assert!(super::index_matches(&written, &plain, &table));
    written.keys[0].nulls = Some(NullsOrder::Last);
    assert!(!super::index_matches(&written, &plain, &table));
    assert_eq!(found_in_column(|column| column.default = Some(expression("null"))), [""; 0]);
    assert_eq!(found_in_column(|column| column.collation = Some("default".into())), [""; 0]);
}
