//! For the tests of an application: a database for each test, a test of its migrations, and a team's rules for them
//! ([`assert_rule`]).
//!
//! ```no_run
//! # static MIGRATIONS: migrate_runtime::Migrations =
//! #     migrate_runtime::Migrations::new(&[], migrate_runtime::Options { oldest_server: 14, source: None });
//! use migrate_runtime::testing::{self, TestDatabase};
//!
//! // Any database of a server whose role may create databases.
//! const SERVER: &str = "postgres://localhost/postgres";
//!
//! # /*
//! #[tokio::test]
//! # */
//! async fn a_booking_is_found_again() -> Result<(), Box<dyn std::error::Error>> {
//!     let database = TestDatabase::migrated(&MIGRATIONS, SERVER).await?;
//!     sqlx::query("INSERT INTO bookings (id) VALUES (1)").execute(database.pool()).await?;
//!     Ok(())
//! } // the database is dropped here, also if the test fails
//!
//! # /*
//! #[tokio::test]
//! # */
//! async fn every_migration_goes_up_down_and_up_again() {
//!     testing::assert_round_trip(&MIGRATIONS, SERVER).await;
//! }
//! ```
//!
//! [`TestDatabase::migrated`] applies the migrations once, to a template that stays on the server until the migrations
//! change; each test gets a copy of it, which takes some tens of milliseconds, however many migrations there are.

mod database;
mod round_trip;
mod rule;
mod template;

pub use database::TestDatabase;
pub use round_trip::{RoundTripError, assert_round_trip, round_trip};
pub use rule::{Broken, Change, assert_rule, broken_by, catalog_of};
