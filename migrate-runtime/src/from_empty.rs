/// How [`Migrator::apply`](crate::Migrator::apply) brings an empty database to where it should be. A database is empty
/// that has no history, no table, view, sequence or type but those of extensions, and no event trigger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FromEmpty {
    /// By the short way, where it provably leads to the same place: the tables are made as they are at the end,
    /// rows go into the tables as they were, and every version is recorded, in one transaction for each run of
    /// migrations between those with raw SQL and Rust functions, which run as they are written. What takes thousands of
    /// migrations on an old database takes the time of its schema here.
    ///
    /// It is worked out while compiling, for all migrations of the binary: where only some of them are to be applied, they
    /// run one after the other.
    ///
    /// Names that PostgreSQL gives to what the migrations do not name may differ, such as that of the sequence of an
    /// identity column whose table was renamed.
    #[default]
    Fold,
    /// By its whole history, one migration after the other.
    Replay,
}
