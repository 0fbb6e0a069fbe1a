use super::{Statement, Work, makes_extension, makes_routine};

/// Where a statement looks up names without a schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchPath {
    /// Only in `pg_catalog`: the compiler qualifies everything else.
    #[default]
    System,
    /// In the migrator's configured schemas.
    Configured,
    /// In these, if nobody untrusted may create anything in them, else only in `pg_catalog`. What the compiler wrote
    /// means the same in both; the routines that run with it find their names only in the former.
    ConfiguredWhereSafe,
}

impl Statement {
    /// Where it looks up names: what a person wrote may name something without its schema, so does the body of a function, which
    /// the server reads when the function is made and whenever rows are written for which it is called, and an extension is made
    /// in the first schema of the path.
    pub fn search_path(&self) -> SearchPath {
        if self.by_hand || matches!(self.work, Work::Run(_)) || makes_extension(self) || makes_routine(self) {
            return SearchPath::Configured;
        }
        if self.runs_routines { SearchPath::ConfiguredWhereSafe } else { SearchPath::System }
    }
}
