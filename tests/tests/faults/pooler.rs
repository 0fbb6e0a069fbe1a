//! Behind pgbouncer: in session and in transaction mode, and, where this pgbouncer knows them (1.21 and later), with
//! and without prepared statements.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::boot;
use crate::scenario::{self, Prepared, Scenario};
use crate::settings::settings;
use crate::site::url;

/// A pooler that runs until it is dropped.
struct Pooler {
    program: PathBuf,
    directory: PathBuf,
    port: u16,
    child: Child,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Pooler {
    fn start(target: u16, settings: &[&str]) -> Pooler {
        let program = program();
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let directory = std::env::temp_dir().join(format!("faults-pgbouncer-{}-{port}", std::process::id()));
        std::fs::create_dir(&directory).expect("a directory");
        let users = directory.join("users.txt");
        std::fs::write(&users, "\"postgres\" \"\"\n").expect("the users");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {}\nmax_client_conn = 500\ndefault_pool_size = 40\n\
             {}\n",
            users.display(),
            settings.join("\n")
        );
        std::fs::write(directory.join("pgbouncer.ini"), text).expect("the settings");
        let child = run(&program, &directory, port);
        Pooler { program, directory, port, child }
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn restart(&mut self) {
        self.kill();
        self.child = run(&self.program, &self.directory, self.port);
    }
}

fn run(program: &Path, directory: &Path, port: u16) -> Child {
    let mut command = Command::new(program);
    if is_root() {
        // It refuses to run as root.
        command.args(["-u", "nobody"]);
    }
    let log = std::fs::File::options().create(true).append(true).open(directory.join("log")).expect("a log");
    let mut child = command
        .arg(directory.join("pgbouncer.ini"))
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn()
        .expect("pgbouncer starts");
    let started = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = || std::fs::read_to_string(directory.join("log")).unwrap_or_default();
        assert!(matches!(child.try_wait(), Ok(None)), "pgbouncer ended:\n{}", log());
        assert!(started.elapsed() < Duration::from_secs(10), "pgbouncer does not listen:\n{}", log());
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")))
}

/// Finds pgbouncer, or installs Debian's package as root.
fn program() -> PathBuf {
    let find = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/bin")]);
        folders.map(|folder| folder.join("pgbouncer")).find(|file| file.is_file())
    };
    if let Some(program) = find() {
        return program;
    }
    assert!(
        is_root() && Path::new("/etc/debian_version").exists(),
        "there is no pgbouncer in PATH: install it (on Debian: apt-get install pgbouncer; macOS: brew install pgbouncer)"
    );
    println!("no pgbouncer here; installing the package `pgbouncer` with apt-get");
    for arguments in [&["update"][..], &["install", "-y", "--no-install-recommends", "pgbouncer"][..]] {
        let status = Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "`apt-get {}` failed", arguments.join(" "));
    }
    find().expect("the package pgbouncer has a program of this name")
}

/// Whether this pgbouncer can keep prepared statements in transaction mode.
fn keeps_prepared_statements() -> bool {
    let output = Command::new(program()).arg("--version").output().expect("pgbouncer runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().nth(1).unwrap_or_default();
    let mut numbers = version.split('.').filter_map(|number| number.parse::<u32>().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (1, 21)
}

const SQLX: &str = "ignore_startup_parameters = extra_float_digits";

async fn behind(modes: &[&str]) {
    let site = crate::shared_site().await;
    let mut settings_of_pooler = modes.to_vec();
    settings_of_pooler.push(SQLX);
    let mut pooler = Pooler::start(site.port, &settings_of_pooler);
    let port = pooler.port;
    let short = settings().rounds(1, 20);
    println!("behind pgbouncer, {}:", modes.join(", "));
    boot::race(&site, &scenario::ten_tables(), short, |database| url(port, database)).await;
    boot::race(&site, &scenario::indexes(), short, |database| url(port, database)).await;
    let scenarios: [Scenario; 3] = [scenario::small_up(), scenario::indexes(), scenario::down()];
    for scenario in scenarios {
        let prepared = scenario.prepare(&site).await;
        killed(&prepared, &mut pooler).await;
    }
}

/// The process is killed, or the pooler: the process, or the next one, comes to the end through the pooler.
async fn killed(prepared: &Prepared, pooler: &mut Pooler) {
    let mut random = settings().random(prepared.name);
    let rounds = settings().rounds(2, 100);
    let started = Instant::now();
    let mut failures = Vec::new();
    for round in 0..rounds {
        let database = prepared.database().await;
        let address = url(pooler.port, &database);
        let delay = prepared.duration.mul_f64(random.f64());
        let kills_pooler = round % 2 == 1;
        let mut app = prepared.start_at(&address);
        app.ready().await;
        tokio::time::sleep(delay).await;
        if kills_pooler {
            pooler.restart();
        } else {
            app.kill();
        }
        let first = app.end().await;
        let second = prepared.start_at(&address).end().await;
        let problem = if kills_pooler && first.began && !first.success {
            Some(format!("the process did not survive it:\n      {}", first.output))
        } else if !second.success {
            Some(format!("the restart failed:\n      {}\n    the first:\n      {}", second.output, first.output))
        } else {
            prepared.verdict(&database).await
        };
        if let Some(problem) = problem {
            let what = if kills_pooler { "the pooler" } else { "the process" };
            failures.push(format!(
                "round {round} of seed {}: {what} killed after {} of {} ms:\n    {problem}",
                settings().seed,
                delay.as_millis(),
                prepared.duration.as_millis()
            ));
        }
        prepared.drop(&database).await;
    }
    println!(
        "{}: killed behind pgbouncer: {rounds} rounds, {} failures, {:.1} s",
        prepared.name,
        failures.len(),
        started.elapsed().as_secs_f64()
    );
    assert!(failures.is_empty(), "{}, behind pgbouncer:\n  {}", prepared.name, failures.join("\n  "));
}

/// Six processes take turns on the sessions of the pooler while a concurrent index build, a Rust function outside a
/// transaction and backfills run: each of their messages may come to another session.
async fn outside_a_transaction(modes: &[&str]) {
    let site = crate::shared_site().await;
    let mut settings_of_pooler = modes.to_vec();
    // Whoever comes gets the session that was not used for the longest time.
    settings_of_pooler.extend([SQLX, "server_round_robin = 1"]);
    let pooler = Pooler::start(site.port, &settings_of_pooler);
    println!("behind pgbouncer, {}, sessions in turn:", modes.join(", "));
    let rounds = settings().rounds(1, 20);
    boot::race(&site, &scenario::outside(), rounds, |database| url(pooler.port, database)).await;
}

#[test]
fn outside_a_transaction_behind_a_pooler_in_transaction_mode() {
    crate::beside_another(async {
        if !keeps_prepared_statements() {
            outside_a_transaction(&["pool_mode = transaction"]).await;
            return;
        }
        outside_a_transaction(&["pool_mode = transaction", "max_prepared_statements = 0"]).await;
        outside_a_transaction(&["pool_mode = transaction", "max_prepared_statements = 100"]).await;
    });
}

/// Prepared statements of a Rust function that does not run in a transaction: kept by the pooler, or missed, which is
/// said.
#[test]
fn prepared_statements_outside_a_transaction_behind_a_pooler_are_kept_or_missed_with_a_word() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        let prepared = scenario::small_up().prepare(&site).await;
        for kept in [0, 100] {
            let maximum = format!("max_prepared_statements = {kept}");
            let mut settings = vec!["pool_mode = transaction", SQLX, "server_round_robin = 1"];
            if keeps_prepared_statements() {
                settings.push(&maximum);
            } else if kept > 0 {
                continue;
            }
            let pooler = Pooler::start(site.port, &settings);
            let database = prepared.database().await;
            let address = url(pooler.port, &database);
            let mut apps: Vec<_> = (0..4).map(|_| prepared.start_at(&address)).collect();
            for app in &mut apps {
                app.ready().await;
            }
            for app in apps {
                let ended = app.end().await;
                let is_told = ended.output.contains("max_prepared_statements");
                assert!(ended.success || (kept == 0 && is_told), "kept: {kept}:\n{}", ended.output);
            }
            // Where it was missed, it is done on the way past the pooler.
            let last = prepared.start(&database).end().await;
            assert!(last.success, "{}", last.output);
            assert_eq!(prepared.verdict(&database).await, None);
            prepared.drop(&database).await;
        }
    });
}

#[test]
fn behind_a_pooler_in_session_mode() {
    crate::beside_another(behind(&["pool_mode = session"]));
}

#[test]
fn behind_a_pooler_in_transaction_mode() {
    crate::beside_another(async {
        if !keeps_prepared_statements() {
            behind(&["pool_mode = transaction"]).await;
            return;
        }
        behind(&["pool_mode = transaction", "max_prepared_statements = 0"]).await;
        behind(&["pool_mode = transaction", "max_prepared_statements = 100"]).await;
    });
}

/// A pooler that is not set up for sqlx refuses the connection; what is said names the parameter.
#[test]
fn a_pooler_that_refuses_the_driver_is_named() {
    crate::beside_another(async {
        let site = crate::shared_site().await;
        let pooler = Pooler::start(site.port, &["pool_mode = transaction"]);
        let prepared = scenario::ten_tables().prepare(&site).await;
        let database = prepared.database().await;
        let ended = prepared.start_at(&url(pooler.port, &database)).end().await;
        assert!(!ended.success && ended.output.contains("extra_float_digits"), "{}", ended.output);
        prepared.drop(&database).await;
    });
}
