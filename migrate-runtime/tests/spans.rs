//! The `tracing` spans, as a subscriber of the application sees them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use std::fmt;
use std::sync::{Arc, Mutex};

use support::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// A span or an event with its fields, below those that enclose it.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

impl Seen {
    fn note(&self, depth: usize, text: &str) {
        self.0.lock().unwrap().push(format!("{}{text}", "  ".repeat(depth)));
    }
}

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().target() == "migrate" {
            let mut fields = Fields(attributes.metadata().name().to_string());
            attributes.record(&mut fields);
            let span = context.span(id).unwrap();
            self.note(span.scope().skip(1).count(), &fields.0);
        }
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        self.0.lock().unwrap().last_mut().unwrap().push_str(&fields.0);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == "migrate" && *event.metadata().level() <= tracing::Level::INFO {
            let mut fields = Fields(String::new());
            event.record(&mut fields);
            let message = fields.0.split(" message=").nth(1).unwrap_or_default().split(' ').take(2);
            self.note(context.event_scope(event).into_iter().flatten().count(), &message.collect::<Vec<_>>().join(" "));
        }
    }
}

#[tokio::test]
async fn spans_enclose_what_belongs_together() {
    let seen = Seen::default();
    tracing_subscriber::registry().with(seen.clone()).init();
    let database = Database::new().await;
    let two = migration(
        2,
        "two",
        vec![
            together(vec![sql("ALTER TABLE public.one ADD COLUMN note text"), sql("SELECT 1")]),
            alone(index("one_note_idx", "one", "note", false)),
        ],
        vec![alone(drop_index("one_note_idx")), together(vec![sql("ALTER TABLE public.one DROP COLUMN note")])],
    );
    let all = migrations(vec![table(1, "one"), two]);
    all.migrator().apply(&database.pool).await.unwrap();
    all.migrator().apply(&database.pool).await.unwrap();
    all.migrator().revert(&database.pool, 1).await.unwrap();
    insta::assert_snapshot!(seen.0.lock().unwrap().join("\n"));
}
