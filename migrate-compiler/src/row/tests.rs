use std::str::FromStr as _;

use proc_macro2::TokenStream;

use super::{compare, parse};
use crate::inline::fold;

const HISTORY: &str = r#"migration "1_bookings" {
    create enum booking_status { pending, confirmed }
    create enum plan { free, paid }
    create domain amount as numeric(12, 2) check (value >= 0);
    create table bookings {
        id: bigint generated always as identity primary key,
        status: booking_status = pending,
        total: amount,
        note: text?,
        tags: text[],
        payload: bytea?,
        at: timestamptz,
    }
}"#;

fn wrong(text: &str) -> Vec<String> {
    let row = parse::row(TokenStream::from_str(text).unwrap());
    let mistakes = match row {
        Ok(row) => compare::mistakes(&row, &fold(HISTORY)),
        Err(mistake) => vec![mistake],
    };
    mistakes.iter().map(|one| format!("{} {}", one.at.start().column, one.text().replace('\n', " | "))).collect()
}

#[test]
fn a_struct_that_holds_the_rows_is_right() {
    let right = "#[derive(Debug)] #[table(bookings)] pub(crate) struct Booking<'a> { pub id: i64, status: BookingStatus,
        total: rust_decimal::Decimal, note: Option<&'a str>, tags: Vec<String>, payload: Option<Vec<u8>>,
        #[sqlx(rename = \"at\")] made_at: chrono::DateTime<chrono::Utc>, #[sqlx(skip)] other: std::collections::HashMap<u8, (u8, u8)> }";
    assert_eq!(wrong(right), Vec::<String>::new());
    // What is not known is not judged.
    let unknown = "#[table(bookings)] struct Booking { id: BookingId, status: Status, total: Money, note: Option<Note>,
        tags: Tags, payload: Option<Payload>, at: (i64, i64) }";
    assert_eq!(wrong(unknown), Vec::<String>::new());
}

#[test]
fn each_field_is_compared() {
    let text = "#[table(bookings)] struct Booking { id: i32, status: Plan, totl: Decimal, note: String, tags: Option<Vec<String>>, at: NaiveDate }";
    assert_eq!(
        wrong(text),
        [
            "40 column `bookings.id` is `bigint`, which cannot be read as `i32` [struct_differs] | help: write `id: \
             i64`",
            "53 column `bookings.status` is `booking_status`, which cannot be read as `Plan` [struct_differs] | help: \
             write `status: BookingStatus`",
            "59 table `bookings` has no column `totl` [struct_differs] | help: did you mean `total`?",
            "80 column `bookings.note` is nullable [struct_differs] | help: write `note: Option<String>`",
            "94 column `bookings.tags` is never NULL [struct_differs] | help: write `tags: Vec<String>`",
            "119 column `bookings.at` is `timestamptz`, which cannot be read as `NaiveDate` [struct_differs] | help: \
             write `at: DateTime<Utc>`",
            "26 `Booking` has no field for column `bookings.total` [struct_differs] | help: add `total: Decimal`",
            "26 `Booking` has no field for column `bookings.payload` [struct_differs] | help: add `payload: Option<Vec<u8>>`",
        ]
    );
}

#[test]
fn what_is_no_row_is_told() {
    assert_eq!(
        wrong("struct Booking { id: i64 }"),
        ["7 `Booking` does not say which table its rows are from [syntax] | help: write `#[table(bookings)]` before \
          the struct",]
    );
    assert_eq!(
        wrong("#[table(bookngs)] struct Booking { id: i64 }"),
        ["8 the migrations create no table `bookngs` [struct_differs] | help: did you mean `bookings`?",]
    );
    assert_eq!(wrong("#[table(bookings)] enum Booking { A }")[0], "0 `Table` can be derived only for structs [syntax]");
    assert_eq!(wrong("#[table(bookings)] struct Booking(i64);").len(), 1);
}
