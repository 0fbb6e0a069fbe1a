//! A fault at every single message between the application and the server: the process is killed, or its connection is
//! cut, before the message is sent, while nobody knows whether the server has begun with it, and when it is done and
//! the answer is lost: that to COMMIT, too.

use std::time::{Duration, Instant};

use crate::scenario::{self, Prepared, Scenario};
use crate::settings::settings;
use crate::site::{Site, url};
use tests::proxy::{Effect, Fault, Moment, Proxy};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Killed,
    Cut(Effect),
}

const MOMENTS: [Moment; 3] = [Moment::Unsent, Moment::Sent, Moment::Answered];

async fn strike(site: &Site, prepared: &Prepared, fault: Fault, kind: Kind) -> Result<bool, String> {
    let database = prepared.database().await;
    let proxy = Proxy::start(site.port, Some(fault)).await;
    let mut app = prepared.start_at(&url(proxy.port, &database));
    app.ready().await;
    if kind == Kind::Killed {
        // Nothing more comes through once it was hit, so the process does not end by itself.
        while !proxy.was_hit() && app.is_running() {
            let _ = tokio::time::timeout(Duration::from_millis(5), proxy.hit()).await;
        }
        app.kill();
        proxy.cut();
    }
    let first = app.end().await;
    let was_hit = proxy.was_hit();
    drop(proxy);
    let result = if kind != Kind::Killed && first.began && !first.success {
        Err(format!("the process did not survive it:\n      {}", first.output))
    } else {
        prepared.converges(&database, &first).await
    };
    prepared.drop(&database).await;
    result.map(|()| was_hit)
}

async fn every_message(site: &Site, scenario: &Scenario, kinds: &[Kind]) {
    let prepared = scenario.prepare(site).await;
    let counting = Proxy::start(site.port, None).await;
    let database = prepared.database().await;
    let ended = prepared.start_at(&url(counting.port, &database)).end().await;
    assert!(ended.success, "{}: through the proxy:\n      {}", prepared.name, ended.output);
    let messages = counting.messages();
    drop(counting);
    prepared.drop(&database).await;

    let started = Instant::now();
    let mut random = settings().random(prepared.name);
    let mut failures = Vec::new();
    let (mut faults, mut missed) = (0, 0);
    // In the short form some forty messages, other ones for another seed.
    let step = if settings().long { 1 } else { messages.div_ceil(40).max(1) };
    for message in (random.usize(..step)..messages).step_by(step) {
        let all: Vec<(Kind, Moment)> =
            kinds.iter().flat_map(|kind| MOMENTS.iter().map(|moment| (*kind, *moment))).collect();
        let chosen = if settings().long { all } else { vec![all[random.usize(..all.len())]] };
        for (kind, moment) in chosen {
            let effect = match kind {
                Kind::Killed => Effect::Halt,
                Kind::Cut(effect) => effect,
            };
            faults += 1;
            match strike(site, &prepared, Fault { message, moment, effect }, kind).await {
                Ok(was_hit) => missed += usize::from(!was_hit),
                Err(problem) => failures.push(format!(
                    "seed {}: {kind:?} at message {message} of {messages}, {moment:?}:\n    {problem}",
                    settings().seed
                )),
            }
        }
    }
    println!(
        "{}: {kinds:?} at messages 0 to {messages}: {faults} faults, {missed} not reached, {} failures, {:.1} s",
        prepared.name,
        failures.len(),
        started.elapsed().as_secs_f64()
    );
    assert!(failures.is_empty(), "{}:\n  {}", prepared.name, failures.join("\n  "));
}

#[test]
fn killed_at_every_message_of_an_up() {
    crate::beside_another(async {
        every_message(&crate::shared_site().await, &scenario::small_up(), &[Kind::Killed]).await;
    });
}

#[test]
fn killed_at_every_message_of_a_down() {
    crate::beside_another(async {
        every_message(&crate::shared_site().await, &scenario::small_down(), &[Kind::Killed]).await;
    });
}

#[test]
fn cut_at_every_message_of_an_up() {
    let kinds = [Kind::Cut(Effect::Reset), Kind::Cut(Effect::ResetAll)];
    crate::beside_another(async {
        every_message(&crate::shared_site().await, &scenario::small_up(), &kinds).await;
    });
}

#[test]
fn cut_at_every_message_of_a_down() {
    let kinds = [Kind::Cut(Effect::Reset), Kind::Cut(Effect::ResetAll)];
    crate::beside_another(async {
        every_message(&crate::shared_site().await, &scenario::small_down(), &kinds).await;
    });
}

#[test]
fn killed_at_every_message_of_an_abandon() {
    crate::beside_another(async {
        every_message(&crate::shared_site().await, &scenario::small_abandon(), &[Kind::Killed]).await;
    });
}

#[test]
fn cut_at_every_message_of_an_abandon() {
    let kinds = [Kind::Cut(Effect::Reset), Kind::Cut(Effect::ResetAll)];
    crate::beside_another(async {
        every_message(&crate::shared_site().await, &scenario::small_abandon(), &kinds).await;
    });
}
