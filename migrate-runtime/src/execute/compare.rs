//! The end of taking a migration back: whether the database is what it was before.

use std::collections::BTreeSet;

use migrate_core::catalog::Catalog;
use migrate_core::diff::{Difference, Object};
use migrate_core::history::drops_extension;
use migrate_core::name::QualifiedName;
use migrate_core::plan::{Down, Footprint, Script};

use super::job::describe_in_full;
use super::{Job, Runner, Stop};
use crate::error::{Cause, Error, is_connection_lost};
use crate::introspect::{Answers, IntrospectError, Introspection, Unfinished, introspect, settle, understand};
use crate::journal::Begun;
use crate::settings::Settings;
use crate::verify::fold;

impl Runner<'_> {
    /// Fails with what differs, in what the migration touches, from what there was before it. Where the server answers as it
    /// did then, nothing does. Where it does not, that may still mean the same: whether it does is left to those who can
    /// compare catalogs.
    pub(super) async fn compare(&mut self, job: &Job<'_>, at: (usize, usize)) -> Result<(), Stop> {
        let Some(begun) = job.begun.and_then(|row| row.begun.as_ref()) else { return Ok(()) };
        let mut changes = Vec::new();
        if let Some(before) = &begun.before {
            changes = self.answers(&begun.footprint).await?.changes_since(before);
            if changes.is_empty() {
                return Ok(());
            }
        }
        match self.examiner {
            Some(examiner) => examiner.compare(self, job, at).await,
            None if changes.is_empty() => Ok(()),
            None => Err(self.failed(job, at.0, Some(at.1), Cause::AnswersDiffer { changes })),
        }
    }

    /// What the server answers about what a migration touches.
    pub(crate) async fn answers(&mut self, footprint: &Footprint) -> Result<Answers, Stop> {
        let Runner { lock, work, migrator, .. } = self;
        let options = migrator.settings.introspection();
        let reading = async { Answers::of(work, &options).await.map_err(unreadable) };
        let mut answers = lock.while_working(reading).await?;
        answers.keep(footprint);
        Ok(answers)
    }

    /// Fails with the differences, by their meaning, between the live catalog and the one before the migration.
    pub(crate) async fn compare_catalogs(
        &mut self,
        job: &Job<'_>,
        (segment, number): (usize, usize),
    ) -> Result<(), Stop> {
        let Some(begun) = job.begun.and_then(|row| row.begun.as_ref()) else { return Ok(()) };
        let differences = match &begun.before {
            Some(answers) => {
                let settings = self.migrator.settings.clone();
                let mut before = understand(answers, &settings.introspection()).map_err(unreadable)?;
                settings.leave_extensions(&mut before.catalog, &Catalog::default());
                let unfinished: Vec<String> = before.unfinished.iter().map(ToString::to_string).collect();
                let live = self.live(&before.catalog).await?;
                let mut differences = differences(begun, &before.catalog, &live, &[], &settings);
                differences.retain(|one| !unfinished.contains(one));
                differences
            }
            None => self.compare_with_history(begun).await?,
        };
        if differences.is_empty() {
            return Ok(());
        }
        Err(self.failed(job, segment, Some(number), Cause::Differs { differences }))
    }

    /// The differences to what the applied migrations make, where it was not kept what there was before.
    async fn compare_with_history(&mut self, begun: &Begun) -> Result<Vec<String>, Stop> {
        let Runner { lock, work, tables, .. } = &mut *self;
        let loading = async { tables.load_patiently(work, false, None).await.map_err(Stop::from) };
        let loaded = lock.while_working(loading).await?.unwrap_or_default();
        let embedded = self.migrator.embedded.iter().map(|embedded| embedded.migration());
        let expected = fold(
            embedded.clone().filter(|migration| loaded.applied.iter().any(|row| row.version == migration.version)),
        )
        .map_err(Stop::Failed)?;
        // What this binary does not know of cannot be expected of the database.
        let unknown: Vec<&Footprint> = loaded
            .applied
            .iter()
            .filter(|row| embedded.clone().all(|migration| migration.checksum != row.checksum))
            .map(|row| &row.footprint)
            .collect();
        let live = self.live(&expected).await?;
        let settled = self.settle(&expected, &live.catalog).await?;
        Ok(differences(begun, &settled, &live, &unknown, &self.migrator.settings))
    }

    /// What is in the database, to be compared with a catalog.
    pub(crate) async fn live(&mut self, expected: &Catalog) -> Result<Introspection, Stop> {
        let Runner { lock, work, migrator, .. } = self;
        let settings = &migrator.settings;
        let reading = async { introspect(work, &settings.introspection()).await.map_err(unreadable) };
        let mut live = lock.while_working(reading).await?;
        settings.leave_extensions(&mut live.catalog, expected);
        Ok(live)
    }

    /// What is expected, in the server's words where the database has other ones.
    pub(crate) async fn settle(&mut self, expected: &Catalog, live: &Catalog) -> Result<Catalog, Stop> {
        let Runner { lock, work, migrator, .. } = self;
        let settled = lock.while_working(settle(work, expected, live, &migrator.settings)).await;
        let doing = "compare with the database";
        Ok(settled.map_err(|source| Stop::from(Error::Database { doing, source }))?.catalog)
    }
}

fn unreadable(error: IntrospectError) -> Stop {
    match error {
        IntrospectError::Query { source, .. } if is_connection_lost(&source) => Stop::Lost(source),
        error => Stop::Failed(Error::Introspect(Box::new(error))),
    }
}

/// What differs in the objects that the migration touches, as far as its statements name it: what somebody added by
/// hand is none of its business.
fn differences(
    begun: &Begun,
    expected: &Catalog,
    live: &Introspection,
    unknown: &[&Footprint],
    settings: &Settings,
) -> Vec<String> {
    let touched = &begun.footprint.objects;
    let words = words(begun);
    let is_ours = |object: &str, name: &str| {
        touched.iter().any(|touched| touched == object)
            && unknown.iter().all(|footprint| footprint.objects.iter().all(|other| other != object))
            && words.contains(name)
    };
    let of_table = |table: &QualifiedName| format!("table {}.{}", table.schema, table.name);
    let differs = expected.differences(&live.catalog).into_iter().filter(|one| !settings.ignored(one.object()));
    let differs = differs.filter(|difference: &Difference| match difference.object() {
        // One that was there before it stays.
        Object::Extension(name) => {
            is_ours(&format!("extension {name}"), name)
                && (drops_extension(&begun.down, name) || expected.extensions.contains_key(name))
        }
        Object::Enum(name) => is_ours(&format!("type {}.{}", name.schema, name.name), &name.name),
        Object::Table(table) => is_ours(&of_table(table), &table.name),
        Object::Other(id) => is_ours(&id.footprint(), &id.name.name),
        Object::Column { table, column: name } | Object::Constraint { table, name } | Object::Index { table, name } => {
            is_ours(&of_table(table), name)
        }
    });
    let unfinished = live.unfinished.iter().filter(|one| !settings.ignored(&one.object()));
    let unfinished = unfinished.filter(|one| match one {
        Unfinished::NotNull { table, name, .. }
        | Unfinished::Index { table, name, .. }
        | Unfinished::ForeignKey { table, name } => is_ours(&of_table(table), name),
    });
    differs.map(|difference| difference.to_string()).chain(unfinished.map(ToString::to_string)).collect()
}

/// The names in the statements of a migration, in both directions.
fn words(begun: &Begun) -> BTreeSet<String> {
    let down = match &begun.down {
        Down::Script { script, .. } => script.clone(),
        Down::Irreversible { .. } => Script::default(),
    };
    let texts = begun.up.statements().chain(down.statements()).map(describe_in_full).collect::<Vec<_>>().join("\n");
    let mut words = BTreeSet::new();
    for part in texts.split('"') {
        words.insert(part.to_string());
        words.extend(
            part.split(|character: char| !(character.is_alphanumeric() || matches!(character, '_' | '$')))
                .filter(|word| !word.is_empty())
                .map(str::to_owned),
        );
    }
    words
}
