//! Queries and statements that change rows, judged by the server and by us.

mod maker;
mod nullability;
mod random;
mod reading;
