/// How [`Migrator::apply`](crate::Migrator::apply) brings an empty database up to date. A database is empty if it has
/// no history, no table, view, sequence or type except those of extensions, and no event trigger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FromEmpty {
    /// By the short way, where it provably gives the same result: tables are created in their final state, rows are
    /// inserted into the tables as they were, and every version is recorded, in one transaction for each sequence of
    /// migrations between those with raw SQL and Rust functions, which run as written. The time this takes depends on
    /// the schema, not on the number of migrations.
    ///
    /// It is computed at compile time, for all migrations of the binary: if only some of them are to be applied, they
    /// run one by one.
    ///
    /// Values that depend on when they were computed may differ, such as the time of day in a default.
    #[default]
    Fold,
    /// By the whole history, one migration after the other.
    Replay,
}
