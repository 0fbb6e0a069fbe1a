//! Clauses that several items share: columns, constraints, references.

mod assignment;
mod column;
mod constraint;
mod serial;
mod role;

pub(crate) use assignment::{AssignmentClause, parse_assignments};
pub(crate) use column::ColumnClause;
pub(crate) use constraint::{ConstraintClause, check_columns};
pub(crate) use serial::Serial;
pub(crate) use role::parse_roles;
