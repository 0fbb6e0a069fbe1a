//! Clauses that several items share: columns, constraints, references.

mod assignment;
mod collation;
mod column;
mod constraint;
mod exclusion;
mod generated;
mod index_key;
mod inheritance;
mod partition;
mod privileges;
mod references;
mod replica_identity;
mod role;
mod serial;
mod settings;
mod statement;
mod storage;

pub(crate) use assignment::{AssignmentClause, parse_assignments};
pub(crate) use collation::{Collation, parse_collation};
pub(crate) use column::{ColumnClause, parse_trigger_of_on_update};
pub(crate) use constraint::{ConstraintClause, Demand, check_columns, parse_deferral};
pub(crate) use exclusion::ExclusionClause;
pub(crate) use generated::GeneratedClause;
#[cfg(feature = "print")]
pub(crate) use generated::print_generated;
pub(crate) use index_key::{IndexKeyClause, has_class_of_system, index_key_name};
pub(crate) use inheritance::{InheritsClause, check_parent, mistake as inheritance_mistake, parse_inherits};
pub(crate) use partition::{
    PartitionOfClause, PartitioningClause, check_bound, parse_bound, parse_partitioning, report_key_outside,
};
pub(crate) use privileges::{PrivilegesClause, Targets, each_grant, list};
pub(crate) use replica_identity::ReplicaIdentityClause;
pub(crate) use role::{parse_role, parse_roles, set_owner};
pub(crate) use serial::Serial;
pub(crate) use settings::ColumnSetting;
pub(crate) use statement::{StatementClause, report_missing, target_table};
pub(crate) use storage::{
    index_parameters, parse_class_parameters, parse_index_parameters, parse_index_storage, parse_parameters,
    parse_storage, parse_storage_of_any_index, parse_storage_of_key, reset_parameters,
};
