use crate::catalog::Securable;
use crate::plan::LockMode;

/// What is known of a kind as a whole.
#[derive(Debug)]
pub(super) struct Facts {
    /// What people call it.
    pub noun: &'static str,
    /// What stands after `CREATE` and `DROP`.
    pub keywords: &'static str,
    /// With what its names may not collide.
    pub namespace: Namespace,
    /// The lock that making, changing and dropping takes on the table that objects of the kind belong to.
    pub on_table: Option<LockMode>,
    /// Which privileges objects of the kind have; `None`: none.
    pub securable: Option<Securable>,
}

/// Where PostgreSQL looks for a name: two objects of one namespace cannot have the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// Names without a schema, each kind by itself.
    Database,
    /// `pg_class`: tables, indexes, sequences, views. Their rows are types as well, but for sequences and indexes.
    Relation,
    /// `pg_type`: types of any kind, which share their names with the rows of tables.
    Type,
    /// `pg_proc`: by name and by the types of the arguments.
    Routine,
    /// By the table, each kind by itself: triggers, policies, rules.
    Table,
    /// In a schema, each kind by itself.
    Schema,
}
