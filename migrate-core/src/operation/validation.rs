//! The scan that makes a check or a foreign key valid.

use super::ddl;
use crate::catalog::ConstraintKind;
use crate::name::QualifiedName;
use crate::plan::{Duration, LockMode, Lowering};

/// Adds `VALIDATE CONSTRAINT`, apart from strong locks: reads and writes go on.
pub(super) fn lower_validation(table: &QualifiedName, name: &str, kind: &ConstraintKind, plan: &mut Lowering) {
    let added = plan
        .sql(ddl::validate_constraint(table, name))
        .locking_all(table, LockMode::ShareUpdateExclusive)
        .taking(Duration::Scan)
        .apart_from_locks();
    if let ConstraintKind::ForeignKey(key) = kind
        && key.table != *table
    {
        added.locking_all(&key.table, LockMode::RowShare);
    }
}
