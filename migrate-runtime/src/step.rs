//! Rust functions as steps of a migration.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use sqlx::PgConnection;

use crate::event::{Event, Observer, StatementRun, StepProgress, emit};

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What a step returns.
pub type StepFuture<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

/// A step, as generated code refers to it: `|context| Box::pin(path::to::function(context))`.
pub type StepFunction = for<'a, 'c> fn(&'a mut StepContext<'c>) -> StepFuture<'a>;

/// What a step works with.
///
/// ```
/// use migrate_runtime::{BoxError, StepContext};
///
/// pub async fn normalise_emails(context: &mut StepContext<'_>) -> Result<(), BoxError> {
///     sqlx::raw_sql("UPDATE users SET email = lower(email)").execute(context.connection()).await?;
///     Ok(())
/// }
/// ```
pub struct StepContext<'c> {
    connection: &'c mut PgConnection,
    in_transaction: bool,
    schema: &'c str,
    statement: &'c StatementRun,
    observer: Option<&'c Observer>,
    /// When it first told how far it is, and how far that was.
    first_told: Option<(Instant, u64)>,
}

impl<'c> StepContext<'c> {
    pub(crate) fn new(
        connection: &'c mut PgConnection,
        in_transaction: bool,
        schema: &'c str,
        statement: &'c StatementRun,
        observer: Option<&'c Observer>,
    ) -> Self {
        StepContext { connection, in_transaction, schema, statement, observer, first_told: None }
    }

    /// The connection the migration runs on. Inside a transaction it must not be committed or rolled back.
    pub fn connection(&mut self) -> &mut PgConnection {
        self.connection
    }

    /// Whether the connection is in the migration's transaction. If not, the step commits its own work, and must
    /// tolerate being run again after a crash.
    pub fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    /// The schema that `public` means in the migrations: that of the tenant, or `public` itself. It comes first in the
    /// connection's `search_path`, so that names need not be qualified. Outside of a transaction, behind a pooler in
    /// transaction mode, they should be.
    pub fn schema(&self) -> &str {
        self.schema
    }

    /// Reports the progress of the step, in its own unit: once at the start, so that the rate is known, and then from
    /// time to time.
    pub fn progress(&mut self, done: u64, total: u64) {
        let now = Instant::now();
        let (began, before) = *self.first_told.get_or_insert((now, done));
        let progress = StepProgress::new(done, total, before, now - began);
        emit(self.observer, &Event::StepProgress { statement: self.statement.clone(), progress });
    }
}

impl std::fmt::Debug for StepContext<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StepContext").field("statement", self.statement).finish_non_exhaustive()
    }
}
