//! `baseline`

use super::context::{Context, Outcome, interruptible};
use super::ignore::IgnoreArguments;
use super::summary;
use super::versions::VersionArgument;

/// Record migrations as applied without running them.
///
/// For a database whose objects were created by another tool or by hand. It must have what the recorded
/// migrations create; the effects of raw SQL, Rust functions and changes of rows are assumed.
#[derive(Clone, Debug, clap::Args)]
pub struct Baseline {
    /// Record everything up to and including this version
    pub version: VersionArgument,
    /// Do not check that the database has what they create
    #[arg(long)]
    pub unchecked: bool,
    /// What not to compare.
    #[command(flatten)]
    pub ignore: IgnoreArguments,
}

impl Baseline {
    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        context.migrator = self.ignore.applied_to(context.migrator.clone());
        let version = self.version.resolve(&context.migrator)?;
        let pool = context.connect().await?;
        let (migrator, progress) = context.with_progress();
        let recording = if self.unchecked {
            migrator.baseline_unchecked(&pool, version)
        } else {
            migrator.baseline(&pool, version)
        };
        let result = interruptible("baseline", recording).await;
        drop(progress);
        summary::show(context, &pool, &result?).await
    }
}
