//! `baseline`

use super::context::{Context, Outcome, interruptible};
use super::summary;
use super::versions::VersionArgument;

/// Record migrations as applied without running them.
///
/// For a database whose objects were made by something else: another tool, or by hand. `verify` shows whether it has
/// what the recorded migrations make.
#[derive(Clone, Debug, clap::Args)]
pub struct Baseline {
    /// Record everything up to and including this version
    pub version: VersionArgument,
}

impl Baseline {
    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        let version = self.version.resolve(&context.migrator)?;
        let pool = context.connect().await?;
        let (migrator, progress) = context.with_progress();
        let result = interruptible("baseline", migrator.baseline(&pool, version)).await;
        drop(progress);
        summary::show(context, &pool, &result?).await
    }
}
