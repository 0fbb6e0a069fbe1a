//! Clauses that several items share: columns, constraints, references.

mod assignment;
mod column;
mod constraint;
mod privileges;
mod role;
mod serial;
mod statement;
mod storage;

pub(crate) use assignment::{AssignmentClause, parse_assignments};
pub(crate) use column::ColumnClause;
pub(crate) use constraint::{ConstraintClause, check_columns};
pub(crate) use privileges::{PrivilegesClause, Targets, each_grant, list};
pub(crate) use role::{parse_role, parse_roles, set_owner};
pub(crate) use serial::Serial;
pub(crate) use statement::{StatementClause, report_missing};
pub(crate) use storage::{parse_parameters, parse_storage};
