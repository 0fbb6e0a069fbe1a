//! `verify`

use std::collections::BTreeMap;

use migrate_core::diff::Difference;
use migrate_core::history::MigrationName;
use serde::Serialize;

use super::context::{Context, Outcome};
use super::exit::Exit;
use super::format::{count, indented};
use super::ignore::IgnoreArguments;
use super::json;
use super::many::ManyArguments;
use super::style::{BAD, FAINT, GOOD, HELP, NAME, WAITING, paint};
use crate::introspect::Beside;
use crate::verify::{IgnoredFor, Verification};

/// How many objects are named that are left alone for one reason.
const MOST_NAMED: usize = 8;

/// Compare the live database with its history.
///
/// The schema that the applied migrations should have produced is compared with the actual one. Exits
/// with 4 if they differ.
///
/// Example: verify --ignore 'table public.pgboss_*' --ignore 'schema audit'
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Verify {
    /// What not to compare.
    #[command(flatten)]
    pub ignore: IgnoreArguments,
    /// More than one database.
    #[command(flatten)]
    pub many: ManyArguments,
}

/// What was found.
#[derive(Serialize)]
pub(super) struct VerifyJson {
    clean: bool,
    current: Option<json::Migration>,
    differences: Vec<DifferenceJson>,
    unfinished: Vec<String>,
    unreadable: Vec<String>,
    uncertain: Vec<UncertainJson>,
    ignored: Vec<IgnoredJson>,
    not_compared: BTreeMap<String, usize>,
    unread_histories: Vec<String>,
    compared_as_written: Option<String>,
}

#[derive(Serialize)]
struct IgnoredJson {
    object: String,
    reason: String,
}

#[derive(Serialize)]
struct DifferenceJson {
    kind: &'static str,
    object: String,
    property: Option<String>,
    expected: Option<String>,
    found: Option<String>,
}

#[derive(Serialize)]
struct UncertainJson {
    #[serde(flatten)]
    migration: json::Migration,
    state: &'static str,
}

impl Verify {
    pub(super) async fn run(self, context: &mut Context) -> Outcome {
        context.migrator = self.ignore.applied_to(context.migrator.clone());
        if self.many.is_given() {
            return self.run_many(context).await;
        }
        let pool = context.connect().await?;
        let verification = context.migrator.verify(&pool).await?;
        if context.options.json {
            context.output.json(&VerifyJson::of(&verification));
        } else {
            let idle = self.ignore.idle(verification.ignored.iter().map(|one| &one.object));
            let idle = idle.map(|pattern| format!("{} `{pattern}` ignored nothing\n", paint(FAINT, "note:")));
            context.output.result(&(text(&verification) + &idle.collect::<String>()));
        }
        Ok(exit(&verification))
    }

    async fn run_many(self, context: &mut Context) -> Outcome {
        let databases = self.many.list(context, self.many.at_once).await?;
        let report = context.migrator.verify_all(databases, self.many.looking()).await;
        let worst = self.many.show(&report, context);
        Ok(report.done().map(|(_, found)| exit(found)).fold(worst, Exit::worse))
    }
}

fn exit(found: &Verification) -> Exit {
    if found.is_clean() { Exit::Success } else { Exit::Drift }
}

fn text(found: &Verification) -> String {
    if found.is_clean() {
        return format!("{} the database matches {}\n", paint(GOOD, "ok:"), at(found))
            + &notes(found)
            + &left_out(found);
    }
    let differences = indented(&differences(found), 2);
    let notes = notes(found) + &left_out(found);
    format!("{} {}\n{differences}\n{}{notes}", paint(BAD, "drift:"), headline(found), closing())
}

/// What it was compared with.
fn at(found: &Verification) -> String {
    paint(NAME, found.current.as_ref().map_or_else(|| "an empty history".to_string(), MigrationName::to_string))
}

/// How many differences there are, and to what.
pub(super) fn headline(found: &Verification) -> String {
    let number = found.differences.len() + found.unfinished.len();
    let differences = if number == 0 { "no difference".to_string() } else { count(number, "difference") };
    format!("{differences} from {}", at(found))
}

/// A line for each difference, or a few.
pub(super) fn differences(found: &Verification) -> String {
    let mut text = String::new();
    for difference in &found.differences {
        let (sign, style) = match difference {
            Difference::Missing(_) => ("-", BAD),
            Difference::Unexpected(_) => ("+", WAITING),
            Difference::Different { .. } => ("~", WAITING),
        };
        text.push_str(&format!("{} {}\n", paint(style, sign), lines(difference)));
    }
    for one in &found.unfinished {
        text.push_str(&format!("{} {one}\n", paint(WAITING, "~")));
    }
    text
}

/// What the signs mean, and what to do.
pub(super) fn closing() -> String {
    format!(
        "{} - missing, + not expected, ~ different\n{} undo manual changes by hand, or write them as a migration\n",
        paint(FAINT, "note:"),
        paint(HELP, "help:")
    )
}

/// What makes the answer uncertain.
pub(super) fn notes(found: &Verification) -> String {
    let mut text = String::new();
    for one in &found.unreadable {
        text.push_str(&format!("{} not compared: {one}\n", paint(FAINT, "note:")));
    }
    for (name, state) in &found.uncertain {
        let state = json::state(*state).replace('_', " ");
        text.push_str(&format!("{} {name} is {state}: its changes may show as differences\n", paint(FAINT, "note:")));
    }
    text
}

/// What was left alone, and what is not compared at all.
fn left_out(found: &Verification) -> String {
    let mut text = String::new();
    let mut note = |line: String| text.push_str(&format!("{} {line}\n", paint(FAINT, "note:")));
    let mut reasons: Vec<&IgnoredFor> = Vec::new();
    for one in &found.ignored {
        if !reasons.contains(&&one.why) {
            reasons.push(&one.why);
        }
    }
    for why in reasons {
        let objects = || found.ignored.iter().filter(|one| one.why == *why).map(|one| one.object.to_string());
        let named: Vec<String> = objects().take(MOST_NAMED).collect();
        let more = match objects().count().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        note(format!("ignored, {}: {}{more}", reason(why), named.join(", ")));
    }
    for schema in &found.unread_histories {
        note(format!(
            "the history in schema `{schema}` belongs to another role and was not read: what it created shows as a \
             difference"
        ));
    }
    if let Some(reason) = &found.unasked {
        note(format!("some expressions were compared as text: {reason}"));
    }
    if !found.not_compared.is_empty() {
        let counts: Vec<String> = found.not_compared.iter().map(Beside::text).collect();
        note(format!("not compared: {}", counts.join(", ")));
    }
    text
}

/// Why something was left alone.
fn reason(why: &IgnoredFor) -> String {
    match why {
        IgnoredFor::Asked => "as asked".to_string(),
        IgnoredFor::Tool(tool) => format!("the history of {tool}"),
        IgnoredFor::History(schema) => format!("of the history in schema `{schema}`"),
    }
}

/// A difference; long values each on a line of their own.
fn lines(difference: &Difference) -> String {
    let text = difference.to_string();
    match difference {
        Difference::Different { object, property, expected, found } if text.chars().count() > 100 => {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_string());
            format!("{object}: {property}\n    expected {}\n    found    {}", value(expected), value(found))
        }
        _ => text,
    }
}

impl VerifyJson {
    pub(super) fn of(found: &Verification) -> Self {
        let difference = |difference: &Difference| {
            let (kind, property, expected, found) = match difference {
                Difference::Missing(_) => ("missing", None, None, None),
                Difference::Unexpected(_) => ("unexpected", None, None, None),
                Difference::Different { property, expected, found, .. } => {
                    ("different", Some(property.to_string()), expected.clone(), found.clone())
                }
            };
            DifferenceJson { kind, object: difference.object().to_string(), property, expected, found }
        };
        VerifyJson {
            clean: found.is_clean(),
            current: found.current.as_ref().map(json::Migration::of),
            differences: found.differences.iter().map(difference).collect(),
            unfinished: found.unfinished.iter().map(ToString::to_string).collect(),
            unreadable: found.unreadable.iter().map(ToString::to_string).collect(),
            uncertain: found
                .uncertain
                .iter()
                .map(|(name, state)| UncertainJson { migration: json::Migration::of(name), state: json::state(*state) })
                .collect(),
            ignored: found
                .ignored
                .iter()
                .map(|one| IgnoredJson { object: one.object.to_string(), reason: reason(&one.why) })
                .collect(),
            not_compared: found.not_compared.iter().map(|one| (one.kind.clone(), one.count)).collect(),
            unread_histories: found.unread_histories.clone(),
            compared_as_written: found.unasked.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use migrate_core::diff::{Object, Property};
    use migrate_core::history::State;
    use migrate_core::name::QualifiedName;

    use super::*;
    use crate::introspect::Unfinished;
    use crate::verify::Ignored;

    fn table(name: &str) -> QualifiedName {
        QualifiedName { schema: "public".into(), name: name.into() }
    }

    fn name(version: i64) -> MigrationName {
        MigrationName { version, name: "trips".into(), leading_zeros: 0 }
    }

    #[test]
    fn drift_reads_like_a_diff() {
        let column = |column: &str| Object::Column { table: table("bookings"), column: column.into() };
        let found = Verification {
            differences: vec![
                Difference::Missing(Object::Index { table: table("bookings"), name: "bookings_user_id_idx".into() }),
                Difference::Unexpected(column("debug")),
                Difference::Different {
                    object: column("total"),
                    property: Property::Type,
                    expected: Some("numeric(12, 2)".into()),
                    found: Some("numeric(14, 2)".into()),
                },
                Difference::Different {
                    object: Object::Constraint { table: table("bookings"), name: "bookings_total_check".into() },
                    property: Property::Definition,
                    expected: Some("check (total >= 0 and total < 1000000 and currency is not null)".into()),
                    found: Some("check (total >= 0)".into()),
                },
            ],
            unfinished: vec![Unfinished::NotNull {
                table: table("bookings"),
                column: "note".into(),
                name: "bookings_note_not_null".into(),
            }],
            unreadable: Vec::new(),
            uncertain: vec![(name(7), State::Missing)],
            ignored: vec![
                Ignored { object: Object::Table(table("_sqlx_migrations")), why: IgnoredFor::Tool("sqlx") },
                Ignored { object: Object::Table(table("jobs")), why: IgnoredFor::Asked },
                Ignored { object: Object::Table(table("invoices")), why: IgnoredFor::History("billing".into()) },
            ],
            not_compared: vec![Beside { kind: "function".into(), count: 2 }, Beside { kind: "view".into(), count: 3 }],
            unread_histories: vec!["reports".into()],
            unasked: Some("the server is a standby".into()),
            current: Some(name(7)),
        };
        let text = anstream::adapter::strip_str(&text(&found)).to_string();
        insta::assert_snapshot!(format!("{text}\n{}", serde_json::to_string_pretty(&VerifyJson::of(&found)).unwrap()));
    }
}
