//! What a whole history comes to. It is worked out while the history is compiled, so that a program which only applies it
//! needs nothing that knows operations and catalogs.

use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::operation::comment_statements;
use crate::operation::fresh::{Part, Written, from_empty};
#[cfg(feature = "runtime")]
use crate::operation::{Operation, script};
#[cfg(feature = "runtime")]
use crate::plan::Migration;
use crate::plan::{Mode, Script, Segment, Statement, Work};
use crate::sorted::SortedSet;

/// What a whole history comes to.
#[derive(Clone, Debug, Default, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Outline {
    /// How an empty database gets there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from_empty: Vec<Part>,
    /// The comments that there are in the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<EndComment>,
}

/// A comment that there is in the end.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct EndComment {
    /// What it says.
    pub text: String,
    /// The statement that sets it.
    pub sql: String,
}

impl Outline {
    /// Works it out, for servers of this major version and newer. `after` is the catalog that the history leads to.
    pub fn of(history: &[Written<'_>], after: &Catalog, postgres: u32) -> Self {
        let comments = comment_statements(after).into_iter().map(|(text, sql)| EndComment { text, sql }).collect();
        Outline { from_empty: from_empty(history, after, postgres), comments }
    }

    /// The same, of migrations that are compiled already, as JSON: for tests and tools, which have no macro.
    ///
    /// # Errors
    /// The operations of one cannot be read.
    #[cfg(feature = "runtime")]
    pub fn of_compiled(migrations: &[Migration], postgres: u32) -> Result<String, serde_json::Error> {
        let operations = migrations.iter().map(|migration| serde_json::from_str(&migration.operations));
        let operations: Vec<Vec<Operation>> = operations.collect::<Result<_, serde_json::Error>>()?;
        let after = script::fold(&Catalog::default(), operations.iter().flatten());
        let written = operations.into_iter().zip(migrations);
        let written = written.map(|(operations, migration)| Written { operations, up: Some(&migration.up) });
        Ok(crate::json::to_json(&Outline::of(&written.collect::<Vec<_>>(), &after, postgres)))
    }

    /// What sets the comments that say one of these.
    pub fn set_comments(&self, texts: &SortedSet<String>) -> Script {
        let said = self.comments.iter().filter(|one| texts.contains(&one.text));
        let statements: Vec<Statement> = said.map(|one| Statement::of(Work::Sql(one.sql.clone().into()))).collect();
        Script { segments: vec![Segment { mode: Mode::Transaction, statements: statements.into() }].into() }
    }
}
