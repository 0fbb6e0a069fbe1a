//! `repair`

use serde::Serialize;

use super::context::{Context, Outcome, interruptible};
use super::exit::Exit;
use super::format::{count, indented};
use super::ignore::IgnoreArguments;
use super::style::{BAD, FAINT, GOOD, HELP, NAME, WAITING, paint};
use super::versions::VersionArgument;
use super::{json, summary};
use crate::report::RepairPlan;

/// Record the corrected form of applied migrations.
///
/// For a migration that had a mistake, was applied somewhere, and was corrected in source: shows what the corrected
/// form does differently, compares the database with it, and records it, with the reason, who and when. Refuses if the
/// database does not match: change it by hand first, or have the differences applied with `--apply`, which never drops
/// rows or values. The effects of raw SQL, Rust functions and changes of rows are assumed. Without versions: all that
/// were modified.
///
/// Example: repair 20260312094500 --reason "the index was on the wrong column; corrected by hand"
#[derive(Clone, Debug, clap::Args)]
pub struct Repair {
    /// Only these migrations
    pub versions: Vec<VersionArgument>,
    /// The reason, for later readers of the history
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    pub reason: Option<String>,
    /// Change the database to match the corrected form, then record that
    #[arg(long)]
    pub apply: bool,
    /// Show what would be recorded or applied, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// What not to compare.
    #[command(flatten)]
    pub ignore: IgnoreArguments,
}

#[derive(Serialize)]
struct PlanJson {
    migrations: Vec<json::Repaired>,
    differences: Vec<String>,
    statements: Vec<String>,
    risks: Vec<String>,
    left: Vec<String>,
}

impl Repair {
    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        context.migrator = self.ignore.applied_to(context.migrator.clone());
        let versions: Vec<i64> =
            self.versions.iter().map(|version| version.resolve(&context.migrator)).collect::<Result<_, _>>()?;
        let pool = context.connect().await?;
        let reason = match self.reason {
            Some(reason) if !self.dry_run => reason,
            _ => {
                let plan = context.migrator.plan_repair(&pool, &versions).await?;
                let exit = if plan.differences.is_empty() { Exit::Success } else { Exit::Drift };
                if context.options.json {
                    let migrations = plan.migrations.iter().map(json::Repaired::of).collect();
                    let RepairPlan { differences, statements, risks, left, .. } = plan;
                    context.output.json(&PlanJson { migrations, differences, statements, risks, left });
                } else {
                    context.output.result(&text(&plan));
                }
                return Ok(exit);
            }
        };
        let (migrator, progress) = context.with_progress();
        let running = match self.apply {
            true => migrator.apply_repair(&pool, &versions, &reason),
            false => migrator.repair(&pool, &versions, &reason),
        };
        let result = interruptible("repair", running).await;
        drop(progress);
        let report = result?;
        if !context.options.json {
            let plan = RepairPlan { migrations: report.repaired.clone(), ..RepairPlan::default() };
            context.output.result(&changes(&plan));
        }
        summary::show(context, &pool, &report).await
    }
}

/// What each corrected form does otherwise.
fn changes(plan: &RepairPlan) -> String {
    let mut text = String::new();
    for one in &plan.migrations {
        let checksums = format!("applied as {}, now {}", one.applied.short(), one.embedded.short());
        text.push_str(&format!("{} ({}): {}\n", paint(NAME, &one.migration), one.file, paint(FAINT, checksums)));
        let lines = match one.changes.as_deref() {
            None => "what was applied is not stored: an older version of this library applied it\n".to_string(),
            Some([]) => "does the same: only its notation has changed\n".to_string(),
            Some(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
        };
        text.push_str(&indented(&lines, 2));
        text.push('\n');
    }
    text
}

fn text(plan: &RepairPlan) -> String {
    if plan.migrations.is_empty() {
        return format!("{}\n", paint(GOOD, "nothing to repair"));
    }
    let mut text = changes(plan);
    if plan.differences.is_empty() {
        let migrations = count(plan.migrations.len(), "migration");
        text.push_str(&format!("{} the database matches the corrected form of {migrations}\n", paint(GOOD, "ok:")));
        text.push_str(&format!("{} record that: `repair --reason TEXT`\n", paint(HELP, "help:")));
    } else {
        let differences: String =
            plan.differences.iter().map(|line| format!("{} {line}\n", paint(WAITING, "~"))).collect();
        text.push_str(&format!("{} the database does not match the corrected form\n", paint(BAD, "drift:")));
        text.push_str(&indented(&differences, 2));
        text.push('\n');
        text.push_str(&how_to_apply(plan));
    }
    text
}

/// What would bring the database to the corrected form, or why nothing does.
fn how_to_apply(plan: &RepairPlan) -> String {
    let mut text = String::new();
    let help = paint(HELP, "help:");
    if plan.left.is_empty() {
        text.push_str("these statements make it match\n");
        text.push_str(&indented(&plan.statements.iter().map(|sql| format!("{sql}\n")).collect::<String>(), 2));
        text.push('\n');
        for risk in &plan.risks {
            text.push_str(&format!("{} {risk}\n", paint(WAITING, "careful:")));
        }
        text.push_str(&format!("{help} run them and record that: `repair --apply --reason TEXT`\n"));
    } else {
        text.push_str("these would lose rows or values, and are not applied\n");
        text.push_str(&indented(&plan.left.iter().map(|line| format!("{line}\n")).collect::<String>(), 2));
        text.push_str(&format!("\n{help} change the database by hand\n"));
    }
    text.push_str(&format!("{help} or restore the source and write the change as a new migration\n"));
    text
}

#[cfg(test)]
mod tests {
    use migrate_core::history::MigrationName;
    use migrate_core::plan::Checksum;

    use super::*;
    use crate::report::Repaired;

    #[test]
    fn a_repair_reads_like_a_diff() {
        let one = |version, changes: Option<&[&str]>| Repaired {
            migration: MigrationName { version, name: "trips".into(), leading_zeros: 0 },
            file: format!("migrations/{version}_trips.rs"),
            applied: Checksum::of("before"),
            embedded: Checksum::of("after"),
            changes: changes.map(|lines| lines.iter().map(|line| line.to_string()).collect()),
            ran: Vec::new(),
        };
        let mut plan = RepairPlan {
            migrations: vec![
                one(1, Some(&["~ column `t.a`: type was `text`, is `citext`", "+ index `t_a_idx` of `t`"])),
                one(2, Some(&[])),
                one(3, None),
            ],
            ..RepairPlan::default()
        };
        let good = text(&plan);
        plan.differences.push("index `t_a_idx` of `t`: missing".into());
        plan.statements.push("CREATE INDEX CONCURRENTLY t_a_idx ON public.t (a)".into());
        let applied = text(&plan);
        plan.left.push("column `t.b`: not expected".into());
        let all = [good, applied, text(&plan), text(&RepairPlan::default())].join("\n");
        insta::assert_snapshot!(anstream::adapter::strip_str(&all).to_string());
    }
}
