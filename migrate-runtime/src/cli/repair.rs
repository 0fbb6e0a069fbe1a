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
/// For a migration that had a mistake, was applied somewhere, and was corrected in source: shows what the corrected form
/// does otherwise, compares the database with what it makes, and records it, with the reason, who and when. Refuses where
/// the database is not what it makes: change that by hand first, or have the differences applied with `--apply`, which
/// never drops rows or values. What raw SQL, Rust functions and changes of rows do is taken for granted. Without versions:
/// all that were modified.
///
/// Example: repair 20260312094500 --reason "the index was on the wrong column; corrected by hand"
#[derive(Clone, Debug, clap::Args)]
pub struct Repair {
    /// These migrations only
    pub versions: Vec<VersionArgument>,
    /// Why, for who reads the history later
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    pub reason: Option<String>,
    /// Change the database to what the corrected form makes, then record that
    #[arg(long)]
    pub apply: bool,
    /// Show what would be recorded or applied, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// What not to look at.
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
            None => "what was applied is not stored: an older version of this library did it\n".to_string(),
            Some([]) => "does the same: only how it is written has changed\n".to_string(),
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
        text.push_str(&format!(
            "{} the database is what the corrected form of {migrations} makes\n",
            paint(GOOD, "ok:")
        ));
        text.push_str(&format!("{} record that: `repair --reason TEXT`\n", paint(HELP, "help:")));
    } else {
        let differences: String =
            plan.differences.iter().map(|line| format!("{} {line}\n", paint(WAITING, "~"))).collect();
        text.push_str(&format!("{} the database is not what the corrected form makes\n", paint(BAD, "drift:")));
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
        text.push_str("these statements bring it there\n");
        text.push_str(&indented(&plan.statements.iter().map(|sql| format!("{sql}\n")).collect::<String>(), 2));
        text.push('\n');
        for risk in &plan.risks {
            text.push_str(&format!("{} {risk}\n", paint(WAITING, "careful:")));
        }
        text.push_str(&format!("{help} run them and record that: `repair --apply --reason TEXT`\n"));
    } else {
        text.push_str("rows or values would be lost, so these are not applied\n");
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
