//! `down`

use migrate_core::history::RevertTarget;

use super::context::{Context, Failed, Outcome, interruptible};
use super::limits::LimitArguments;
use super::summary;
use super::versions::{RevertArgument, VersionArgument};
use crate::migrator::Migrator;

/// Revert migrations, the last one first.
///
/// Without an argument: the last one. Nothing runs unless all of them can be reverted. `plan --down` shows what would
/// run, and what would be lost.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Down {
    /// How many, or the version to go back to
    ///
    /// A number of up to four digits is a number of migrations: `down 3` reverts three. Everything else is the version
    /// to go back to, which stays applied: `down 20260312094500`, `down 0003` (a leading zero makes it a version), or
    /// with its name: `down 3_teams`.
    #[arg(value_name = "N|VERSION")]
    pub target: Option<RevertArgument>,
    /// Back to this version, however it is written
    #[arg(long, value_name = "VERSION", conflicts_with = "target")]
    pub to: Option<VersionArgument>,
    /// Revert everything
    #[arg(long, conflicts_with_all = ["target", "to"])]
    pub all: bool,
    /// Take back what is half applied, and nothing else
    ///
    /// The way out when a migration failed in the middle and is itself wrong: what its finished parts did is undone,
    /// and the database is compared with what it was before. Then the migration may be corrected and applied. Where
    /// only the data is in the way, correct that and run `up`.
    #[arg(long, conflicts_with_all = ["target", "to", "all"])]
    pub unfinished: bool,
    /// Beside live traffic.
    #[command(flatten)]
    pub limits: Box<LimitArguments>,
}

impl Down {
    /// The target.
    pub(super) fn target(&self, migrator: &Migrator) -> Result<RevertTarget, Failed> {
        match (&self.target, &self.to, self.all) {
            (_, _, true) => Ok(RevertTarget::Version(0)),
            (_, Some(version), _) => version.resolve(migrator).map(RevertTarget::Version),
            (Some(target), _, _) => target.resolve(migrator),
            (None, None, false) => Ok(RevertTarget::Steps(1)),
        }
    }

    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        context.migrator = self.limits.applied_to(context.migrator.clone());
        let target = self.target(&context.migrator)?;
        let pool = context.connect().await?;
        let (migrator, progress) = context.with_progress();
        let result = interruptible("down", async {
            match target {
                _ if self.unfinished => migrator.abandon(&pool).await,
                RevertTarget::Steps(count) => migrator.revert(&pool, count).await,
                RevertTarget::Version(version) => migrator.revert_to(&pool, version).await,
            }
        })
        .await;
        drop(progress);
        summary::show(context, &pool, &result?).await
    }
}
