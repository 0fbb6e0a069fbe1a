//! `up`

use migrate_core::history::Target;

use super::context::{CONNECTIONS, Context, Failed, Outcome, interruptible};
use super::limits::LimitArguments;
use super::many::ManyArguments;
use super::summary;
use super::versions::VersionArgument;
use crate::migrator::Migrator;

/// Apply pending migrations.
///
/// Any number of processes may do this at once: one applies, the others wait. If it is killed, the next run continues
/// where it stopped.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Up {
    /// Apply up to and including this version, such as 20260312094500 or 0003 [default: everything]
    pub target: Option<VersionArgument>,
    /// Apply this many of the pending migrations
    #[arg(long, short = 'n', value_name = "N", conflicts_with = "target")]
    pub count: Option<usize>,
    /// Create the schema of `--schema` if it does not exist
    #[arg(long)]
    pub create_schema: bool,
    /// More than one database.
    #[command(flatten)]
    pub many: ManyArguments,
    /// Start no more databases once one has failed
    #[arg(long, help_heading = "Many databases")]
    pub stop_at_failure: bool,
    /// Beside live traffic.
    #[command(flatten)]
    pub limits: Box<LimitArguments>,
}

impl Up {
    /// The target.
    pub(super) fn target(&self, migrator: &Migrator) -> Result<Target, Failed> {
        match (&self.target, self.count) {
            (Some(version), _) => version.resolve(migrator).map(Target::Version),
            (None, Some(count)) => Ok(Target::Steps(count)),
            (None, None) => Ok(Target::Head),
        }
    }

    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        context.migrator = self.limits.applied_to(context.migrator.clone());
        let target = self.target(&context.migrator)?;
        if self.create_schema {
            context.migrator = context.migrator.clone().create_schema(true);
        }
        if self.many.is_given() {
            return self.run_many(target, context).await;
        }
        let pool = context.connect().await?;
        let (migrator, progress) = context.with_progress();
        let result = interruptible("up", migrator.apply_to(&pool, target)).await;
        drop(progress);
        let report = result?;
        if report.is_empty() && target == Target::Head {
            // The head says that nothing is to do; the rows may have been changed by hand since.
            let status = context.migrator.status(&pool).await;
            if let Some(problem) = status.ok().and_then(|status| status.problem) {
                return Err(Failed::Runtime(problem.into()));
            }
        }
        summary::show(context, &pool, &report).await
    }

    async fn run_many(self, target: Target, context: &mut Context) -> Outcome {
        let databases = self.many.list(context, CONNECTIONS).await?;
        let how = self.many.changing(self.stop_at_failure, context).target(target);
        let migrator = context.migrator.clone();
        let report = interruptible("up", async { Ok(migrator.apply_to_all(databases, how).await) }).await?;
        Ok(self.many.show(&report, context))
    }
}
