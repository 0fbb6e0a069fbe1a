//! `baseline`

use super::context::{Context, Outcome, interruptible};
use super::ignore::IgnoreArguments;
use super::summary;
use super::versions::VersionArgument;

/// Record migrations as applied without running them.
///
/// For a database whose objects were made by something else: another tool, or by hand. It must have what the recorded
/// migrations make; what raw SQL, Rust functions and changes of rows do is taken for granted.
#[derive(Clone, Debug, clap::Args)]
pub struct Baseline {
    /// Record everything up to and including this version
    pub version: VersionArgument,
    /// Do not look whether the database has what they make
    #[arg(long)]
    pub unchecked: bool,
    /// What not to look at.
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
