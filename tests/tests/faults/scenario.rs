//! What is disturbed: a database, a history, a command, and what must come out.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use migrate_core::plan::Migration;
use migrate_runtime::{Error, Target};

use crate::app::{App, Ended};
use crate::site::{Site, Snapshot, execute, pool};

/// A case.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    history: String,
    /// How many migrations are applied before; `fill` runs after the first of them.
    applied: usize,
    fill: &'static str,
    /// What fails half applied before the command is given: everything that is embedded.
    fails: bool,
    verb: Vec<String>,
    /// How many migrations are applied at the end.
    end: usize,
    data: &'static [&'static str],
}

/// A case that was run once without disturbance, and can be run again and again.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) name: &'static str,
    site: Site,
    template: String,
    file: PathBuf,
    verb: Vec<String>,
    data: &'static [&'static str],
    pub(crate) expected: Snapshot,
    /// How many migrations the command applies or reverts.
    pub(crate) migrations: usize,
    /// From `ready` to the end.
    pub(crate) duration: Duration,
}

impl Scenario {
    /// The history, in a file.
    pub(crate) fn file(&self) -> PathBuf {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{}.txt", self.name, std::process::id()));
        std::fs::write(&file, &self.history).expect("the history can be written");
        file
    }

    /// Prepares the database, and runs the command without disturbance; once for each server.
    pub(crate) async fn prepare(&self, site: &Site) -> Prepared {
        static PREPARED: Mutex<Vec<Prepared>> = Mutex::new(Vec::new());
        let all = || PREPARED.lock().unwrap_or_else(PoisonError::into_inner);
        let is_this = |one: &&Prepared| one.site.port == site.port && one.name == self.name;
        let known = all().iter().find(is_this).cloned();
        if let Some(known) = known {
            return Prepared { site: site.clone(), ..known };
        }
        let prepared = self.prepare_anew(site).await;
        all().push(prepared.clone());
        prepared
    }

    async fn prepare_anew(&self, site: &Site) -> Prepared {
        let migrations = tests::compile(&self.history);
        let file = self.file();
        let template = site.create(None).await;
        let at = pool(&site.url(&template));
        apply_to(&migrations, self.applied.min(1), &at).await;
        execute(&at, self.fill).await;
        apply_to(&migrations, self.applied, &at).await;
        if self.fails {
            let all = tests::embed(migrations.to_vec(), &[]);
            let error = all.apply(&at).await.expect_err("the history is wrong");
            let is_half_applied = matches!(&error, Error::Failed(failure) if failure.is_half_applied());
            assert!(is_half_applied, "{}: {error}", self.name);
        }
        // What a run of the migrator leaves for autovacuum should not come in the middle of a round.
        execute(&at, "VACUUM ANALYZE").await;
        at.close().await;

        let mut prepared = Prepared {
            name: self.name,
            site: site.clone(),
            template,
            file,
            verb: self.verb.clone(),
            data: self.data,
            expected: Snapshot::empty(),
            migrations: self.end.abs_diff(self.applied),
            duration: Duration::ZERO,
        };
        let mut durations = Vec::new();
        // The first run on a new copy is the slower one; the fault should come before the end.
        for _ in 0..2 {
            let database = prepared.database().await;
            let ended = prepared.start(&database).end().await;
            assert!(ended.success, "{}: the undisturbed run failed:\n      {}", self.name, ended.output);
            durations.push(ended.elapsed);
            prepared.expected = site.snapshot(&database, self.data).await;
            site.drop(&database).await;
        }
        prepared.duration = durations.into_iter().min().unwrap_or_default();
        let predicted = tests::predicted(migrations.get(..self.end).expect("so many migrations"));
        tests::assert_same(&predicted, &prepared.expected.catalog, self.name);
        let half_done = prepared.expected.half_done();
        assert!(half_done.is_empty(), "{}: the undisturbed run left {half_done:?}", self.name);
        prepared
    }
}

async fn apply_to(migrations: &[Migration], count: usize, at: &sqlx::PgPool) {
    let Some(last) = count.checked_sub(1).and_then(|index| migrations.get(index)) else { return };
    let all = tests::embed(migrations.to_vec(), &[]);
    all.migrator().apply_to(at, Target::Version(last.version)).await.unwrap_or_else(|error| panic!("{error}"));
}

impl Prepared {
    /// A database for a round.
    pub(crate) async fn database(&self) -> String {
        self.site.create(Some(&self.template)).await
    }

    pub(crate) async fn drop(&self, database: &str) {
        self.site.drop(database).await;
    }

    /// Starts the command.
    pub(crate) fn start(&self, database: &str) -> App {
        self.start_at(&self.site.url(database))
    }

    /// Starts the command at another address: a proxy, a pooler.
    pub(crate) fn start_at(&self, url: &str) -> App {
        App::start(url, &self.file, &self.verb)
    }

    /// Starts another command, of another version of the application.
    pub(crate) fn start_with(&self, url: &str, history: &Path, verb: &[&str]) -> App {
        App::start(url, history, verb)
    }

    /// What is not as it should be, in a few lines; `None` when all is well.
    pub(crate) async fn verdict(&self, database: &str) -> Option<String> {
        let actual = self.site.snapshot(database, self.data).await;
        let differences = self.expected.differences(&actual);
        (!differences.is_empty()).then(|| differences.join("\n    "))
    }

    /// Starts the command once more, which must come to the end, and looks at the database.
    pub(crate) async fn converges(&self, database: &str, first: &Ended) -> Result<(), String> {
        let watching = tokio::spawn({
            let (site, database) = (self.site.clone(), database.to_string());
            async move {
                tokio::time::sleep(Duration::from_secs(30)).await;
                site.activity(&database).await
            }
        });
        let second = self.start(database).end().await;
        if !second.success {
            let after_30_s = if watching.is_finished() { watching.await.unwrap_or_default() } else { Vec::new() };
            return Err(format!(
                "the restart failed:\n      {}\n    the disturbed run:\n      {}\n    30 s after the restart:\n      {}",
                second.output,
                first.output,
                after_30_s.join("\n      ")
            ));
        }
        watching.abort();
        match self.verdict(database).await {
            None => Ok(()),
            Some(differences) => Err(format!(
                "{differences}\n    the disturbed run:\n      {}\n    the restart:\n      {}",
                first.output, second.output
            )),
        }
    }
}

/// One hundred small migrations: tables, columns, rows, an update that must not be done twice.
pub(crate) fn hundred() -> Scenario {
    let mut history = String::from(
        "migration \"0001_base\" { create table log { n: int } create table counted { id: int primary key, n: int = 0, \
         label: text = \"a\" } insert into counted (id) values (1) irreversible \"a test\"; }\n",
    );
    for number in 2..=101 {
        let body = match number % 5 {
            0 => format!("insert into log (n) values ({number}) irreversible \"a test\";"),
            1 => {
                "#[allow(unbatched_update, reason = \"one row\")] update counted set n = n + 1 irreversible \"a test\";"
                    .to_string()
            }
            2 => format!("create table t{number} {{ id: bigint primary key, a: int }}"),
            3 => format!("alter table t{} {{ add b: text?, add c: int = 5 }}", number - 1),
            _ => "run crate::count irreversible \"a test\";".to_string(),
        };
        let _ = writeln!(history, "migration \"{number:04}_m{number}\" {{ {body} }}");
    }
    Scenario {
        name: "hundred",
        history,
        applied: 1,
        fill: "SELECT 1",
        fails: false,
        verb: vec!["apply".into()],
        end: 101,
        data: &["SELECT n, count(*) FROM log GROUP BY n", "SELECT id, n FROM counted"],
    }
}

/// Ten tables in an empty database.
pub(crate) fn ten_tables() -> Scenario {
    let mut history = String::new();
    for number in 1..=10 {
        let _ = writeln!(
            history,
            "migration \"{number:04}_t{number}\" {{ create table t{number} {{ id: bigint primary key, a: int }} \
             create index on t{number} (a); insert into t{number} (id, a) values (1, {number}); }}"
        );
    }
    let data = &["SELECT * FROM t1", "SELECT * FROM t10"];
    Scenario {
        name: "ten_tables",
        history,
        applied: 0,
        fill: "SELECT 1",
        fails: false,
        verb: vec!["apply".into()],
        end: 10,
        data,
    }
}

const BASE: &str = "migration \"0001_base\" {
    create table users { id: bigint primary key, email: text }
    create table bookings { id: bigint primary key, user_id: bigint?, total: int, note: text?, n: int = 0 }
    create table loose { a: int, b: int? }
    create table counted { id: int primary key, n: int = 0, label: text = \"a\" }
}
";

const ROWS: &str = "
    INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 10000) n;
    INSERT INTO bookings SELECT n, 1 + n % 10000, n % 977, repeat('x', 40) || n FROM generate_series(1, 40000) n;
    INSERT INTO loose SELECT n FROM generate_series(1, 15000) n;
    INSERT INTO counted SELECT n FROM generate_series(1, 20) n";

const FEW_ROWS: &str = "
    INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 50) n;
    INSERT INTO bookings SELECT n, 1 + n % 50, n % 97, repeat('x', 40) || n FROM generate_series(1, 200) n;
    INSERT INTO loose SELECT n FROM generate_series(1, 300) n;
    INSERT INTO counted SELECT n FROM generate_series(1, 20) n";

const DATA: &[&str] = &[
    "SELECT count(*), sum(n), min(n), max(n), sum(user_id) FROM bookings",
    "SELECT count(*), sum(b), count(b) FROM loose",
    "SELECT id, n, label FROM counted ORDER BY id",
];

/// Two concurrent index builds on a populated table, and a unique one.
pub(crate) fn indexes() -> Scenario {
    Scenario {
        name: "indexes",
        history: format!(
            "{BASE}
            migration \"0002_two\" {{ create index on bookings (note); create index on bookings (user_id, total) where total > 5; }}
            migration \"0003_unique\" {{ create table extra {{ id: int primary key }} create unique index on users (email); }}"
        ),
        applied: 1,
        fill: ROWS,
        fails: false,
        verb: vec!["apply".into()],
        end: 3,
        data: DATA,
    }
}

/// Constraints that are added NOT VALID and then validated, NOT NULL through a check, unique through an index.
pub(crate) fn constraints() -> Scenario {
    Scenario {
        name: "constraints",
        history: format!(
            "{BASE}
            migration \"0002_check\" {{ alter table bookings {{ add constraint total_fits check (total >= 0 and length(note) > 3), add foreign key (user_id) references users on delete cascade }} }}
            migration \"0003_not_null\" {{ alter table bookings {{ alter user_id set not null, alter note set not null }} }}
            migration \"0004_unique\" {{ alter table users add constraint users_email unique (email); }}"
        ),
        applied: 1,
        fill: ROWS,
        fails: false,
        verb: vec!["apply".into()],
        end: 4,
        data: DATA,
    }
}

/// Backfills: one whose condition stays true, so that a row that is done twice is seen; one without a key.
pub(crate) fn backfill() -> Scenario {
    Scenario {
        name: "backfill",
        history: format!(
            "{BASE}
            migration \"0002_fill\" {{
                backfill bookings set n = n + 1 where total >= 0 in batches of 1000 irreversible \"a test\";
                backfill loose set b = a * 2 where b is null in batches of 500 irreversible \"a test\";
            }}
            migration \"0003_after\" {{ alter table loose alter b set not null; }}"
        ),
        applied: 1,
        fill: ROWS,
        fails: false,
        verb: vec!["apply".into()],
        end: 3,
        data: DATA,
    }
}

const CHANGES: &str = "
    migration \"0002_more\" {
        create index on bookings (note);
        create index bookings_total on bookings (total);
        alter table bookings { add constraint total_fits check (total >= 0), add foreign key (user_id) references users }
    }
    migration \"0003_drop\" {
        drop index bookings_total;
        alter table bookings { drop constraint total_fits, add price: int = 7 }
    }
    migration \"0004_update\" { #[allow(unbatched_update, reason = \"few rows\")] update counted set n = n + 1 down { update counted set n = n - 1; } create table later { id: int primary key } }
    migration \"0005_fill\" {
        backfill bookings set n = n + 1 where total >= 0 in batches of 1000 down { backfill bookings set n = n - 1 where total >= 0 in batches of 1000; }
        alter table bookings alter user_id set not null;
    }
";

/// Four migrations are reverted: indexes dropped and built again, constraints validated again, a backfill back.
pub(crate) fn down() -> Scenario {
    Scenario {
        name: "down",
        history: format!("{BASE}{CHANGES}"),
        applied: 5,
        fill: ROWS,
        fails: false,
        verb: vec!["revert-to".into(), "1".into()],
        end: 1,
        data: DATA,
    }
}

/// Strings with backslashes and quotes, and values that are written as settings say.
pub(crate) fn texts() -> Scenario {
    Scenario {
        name: "texts",
        history: format!(
            r#"{BASE}
            migration "0002_texts" {{
                /// It's a "comment" with a \ in it.
                create table texts {{
                    id: int primary key,
                    path: text = "C:\\new's" check (path ~ "^\\w:\\\\"),
                    document: jsonb = {{"a": "b\"c\\d"}},
                    span: interval = "1 day 02:03:04",
                    bytes: bytea = "\\x00ff",
                    at: timestamptz = "2024-02-03 04:05:06+00",
                    ratio: float8 = 0.1,
                }}
                insert into texts (id) values (1);
            }}
            migration "0003_index" {{ create index on counted (label) where label <> "\\n"; }}"#
        ),
        applied: 1,
        fill: FEW_ROWS,
        fails: false,
        verb: vec!["apply".into()],
        end: 3,
        data: &[
            "SELECT id, path, document, extract(epoch FROM span), encode(bytes, 'hex'), extract(epoch FROM at), ratio FROM texts",
        ],
    }
}

const WRONG: &str = "
    migration \"0002_right\" { create table later { id: int primary key } }
    migration \"0003_wrong\" {
        create index on bookings (note);
        alter table bookings { add constraint total_fits check (total >= 0), add price: int = 7 }
        backfill bookings set n = n + 1 where total >= 800 in batches of 1000 down { backfill bookings set n = n - 1 where total >= 800 in batches of 1000; }
        alter table bookings alter user_id set not null;
        alter table users add constraint long check (length(email) > 100);
    }
";

fn half_applied(name: &'static str, fill: &'static str) -> Scenario {
    Scenario {
        name,
        history: format!("{BASE}{WRONG}"),
        applied: 1,
        fill,
        fails: true,
        verb: vec!["abandon".into()],
        end: 2,
        data: DATA,
    }
}

/// What is half applied is taken back: indexes, constraints, a column, a backfill.
pub(crate) fn abandon() -> Scenario {
    half_applied("abandon", ROWS)
}

/// The same with few rows.
pub(crate) fn small_abandon() -> Scenario {
    half_applied("small_abandon", FEW_ROWS)
}

fn everything(name: &'static str) -> Scenario {
    Scenario {
        name,
        history: format!(
            "{BASE}{CHANGES}
            migration \"0006_steps\" {{ run crate::count down {{ update counted set n = n - 1; }} }}
            migration \"0007_outside\" {{
                create enum mood {{ good, bad }}
                create table moods {{ id: int primary key, mood: mood = good }}
                run crate::upper outside transaction down {{ update counted set label = lower(label); }}
            }}
            migration \"0008_enum\" {{
                alter enum mood {{ add fair after good }}
                alter table counted {{ add mood: mood = fair }}
                insert into moods (id, mood) values (1, fair);
                backfill loose set b = a * 2 where b is null in batches of 100 down {{ }}
            }}"
        ),
        applied: 1,
        fill: FEW_ROWS,
        fails: false,
        verb: vec!["apply".into()],
        end: 8,
        data: DATA,
    }
}

/// What cannot be in a transaction, and prepares nothing: for poolers.
pub(crate) fn outside() -> Scenario {
    Scenario {
        name: "outside",
        history: format!(
            "{BASE}
            migration \"0002_index\" {{ create index on bookings (note); }}
            migration \"0003_function\" {{ run crate::plain outside transaction down {{ update counted set label = \"a\"; }} }}
            migration \"0004_fill\" {{
                backfill bookings set n = n + 1 where total >= 0 in batches of 20 irreversible \"a test\";
                backfill loose set b = a * 2 where b is null in batches of 20 irreversible \"a test\";
            }}
            migration \"0005_unique\" {{ create unique index on users (email); }}
            migration \"0006_drop\" {{ drop index bookings_note_idx; }}"
        ),
        applied: 1,
        fill: FEW_ROWS,
        fails: false,
        verb: vec!["apply".into()],
        end: 6,
        data: DATA,
    }
}

/// Everything that is in the other cases, with few rows: for faults at every single message.
pub(crate) fn small_up() -> Scenario {
    everything("small_up")
}

/// The same application, some versions ago.
pub(crate) fn older_than_small_up() -> Scenario {
    let newer = everything("older");
    Scenario {
        history: newer.history.split("migration \"0004_update\"").next().unwrap_or_default().to_string(),
        end: 3,
        ..newer
    }
}

/// The way back.
pub(crate) fn small_down() -> Scenario {
    let up = everything("small_down");
    Scenario {
        history: up.history.split("migration \"0006_steps\"").next().unwrap_or_default().to_string(),
        applied: 5,
        fails: false,
        verb: vec!["revert-to".into(), "1".into()],
        end: 1,
        ..up
    }
}
