//! `down`

use migrate_core::history::{MigrationName, RevertTarget};

use super::context::{CONNECTIONS, Context, Failed, Outcome, interruptible};
use super::ignore::IgnoreArguments;
use super::limits::LimitArguments;
use super::many::ManyArguments;
use super::summary;
use super::versions::{RevertArgument, VersionArgument};
use crate::migrator::Migrator;

/// Revert migrations, the last one first.
///
/// Without an argument: the last one. Nothing runs unless all of them can be reverted. `plan --down` shows what would
/// run, and what would be lost.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Down {
    /// How many migrations to revert, or the version to revert to
    ///
    /// A number of up to four digits is a number of migrations: `down 3` reverts three. Anything else is the version to
    /// revert to, which stays applied: `down 20260312094500`, `down 0003` (a leading zero makes it a version), or with
    /// its name: `down 3_teams`. With many databases, only a version is accepted: a rerun then reverts what is left,
    /// and no more.
    #[arg(value_name = "N|VERSION")]
    pub target: Option<RevertArgument>,
    /// Revert to this version, however it is written
    #[arg(long, value_name = "VERSION", conflicts_with = "target")]
    pub to: Option<VersionArgument>,
    /// Revert everything
    #[arg(long, conflicts_with_all = ["target", "to"])]
    pub all: bool,
    /// Undo what is half applied, and nothing else
    ///
    /// For a migration that failed in the middle and is itself wrong: what its finished parts did is undone,
    /// and the database is compared with what it was before. Then the migration can be corrected and applied. If
    /// only the data is the problem, correct it and run `up`.
    #[arg(long, conflicts_with_all = ["target", "to", "all"])]
    pub unfinished: bool,
    /// What `--unfinished` does not compare.
    #[command(flatten)]
    pub ignore: IgnoreArguments,
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
        context.migrator = self.ignore.applied_to(self.limits.applied_to(context.migrator.clone()));
        let target = self.target(&context.migrator)?;
        if self.many.is_given() {
            return self.run_many(target, context).await;
        }
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

    async fn run_many(self, target: RevertTarget, context: &mut Context) -> Outcome {
        let migrator = context.migrator.clone();
        let version = match target {
            _ if self.unfinished => None,
            RevertTarget::Version(version) => Some(version),
            RevertTarget::Steps(count) => return Err(refused(count, &migrator)),
        };
        let databases = self.many.list(context, CONNECTIONS).await?;
        let how = self.many.changing(self.stop_at_failure, context);
        let report = interruptible("down", async {
            Ok(match version {
                Some(version) => migrator.revert_all_to(databases, version, how).await,
                None => migrator.abandon_all(databases, how).await,
            })
        });
        let report = report.await?;
        Ok(self.many.show(&report, context))
    }
}

/// Why a number of migrations is not a target for many databases, and what to write instead.
fn refused(number: usize, migrator: &Migrator) -> Failed {
    let kept = migrator.embedded.len().checked_sub(number + 1).and_then(|last| migrator.embedded.get(last));
    let argument = match kept {
        Some(kept) => format!("--to {}", MigrationName::of(kept.migration())),
        None => "--all".to_string(),
    };
    let those = match number {
        1 => "the last migration of this binary, wherever it is applied".to_string(),
        _ => format!("the last {number} migrations of this binary, wherever they are applied"),
    };
    Failed::Wrong {
        headline:
            "many databases can be reverted only to a version, not by a number of migrations: a second run would \
             revert more"
                .to_string(),
        help: format!("`down {argument}` reverts {those}"),
    }
}
