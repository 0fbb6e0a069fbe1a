//! Real servers, of the installed or the requested version.

#[expect(unreachable_pub, reason = "shared by the tests of this folder")]
mod wire;

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use postgres_server::{Error as ServerError, Server, default_data_directory, requested_version};
use wire::Session;

type Outcome = Result<(), Box<dyn Error>>;

fn temporary() -> Result<Server, Box<dyn Error>> {
    Ok(Server::temporary().major(requested_version()?).start()?)
}

/// A directory that the server's user can reach, also when the tests run as root.
fn persistent_directory(name: &str) -> Result<tempfile::TempDir, Box<dyn Error>> {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::Builder::new().prefix(name).tempdir()?;
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755))?;
    Ok(directory)
}

fn eventually(mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn a_temporary_server_answers_and_leaves_nothing() -> Outcome {
    let server = temporary()?;
    let mut session = Session::open(server.port(), "postgres")?;
    let version = session.query("show server_version_num")?.concat();
    assert_eq!(version.parse::<u32>()? / 10_000, server.major());
    assert_eq!(session.query("show fsync")?, ["off"]);
    assert_eq!(session.query("show server_encoding")?, ["UTF8"]);
    assert_eq!(server.url("app"), format!("postgres://postgres@127.0.0.1:{}/app?sslmode=disable", server.port()));
    let (directory, port) = (server.directory().to_owned(), server.port());
    drop(server);
    assert!(!directory.exists());
    assert!(Session::open(port, "postgres").is_err());
    Ok(())
}

#[test]
fn settings_of_the_caller_win() -> Outcome {
    let server = Server::temporary()
        .major(requested_version()?)
        .durable(true)
        .setting("max_connections", "7")
        .setting("application_name", "it's a test")
        .start()?;
    let mut session = Session::open(server.port(), "postgres")?;
    assert_eq!(session.query("show fsync")?, ["on"]);
    assert_eq!(session.query("show max_connections")?, ["7"]);
    assert_eq!(session.query("show application_name")?, ["it's a test"]);
    Ok(())
}

#[test]
fn many_servers_start_at_once() -> Outcome {
    let started: Vec<Result<Server, ServerError>> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| Server::temporary().start())).collect();
        starting.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let servers = started.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(servers.len(), 4);
    // The threads that started them are gone; the servers are not.
    for server in &servers {
        Session::open(server.port(), "postgres")?.query("create table only_here ()")?;
    }
    Ok(())
}

#[test]
fn what_was_committed_survives_a_crash() -> Outcome {
    let mut server = Server::temporary().major(requested_version()?).durable(true).start()?;
    let port = server.port();
    let mut session = Session::open(port, "postgres")?;
    session.query("create table kept as select 42 as x")?;
    let backend: i32 = session.query("select pg_backend_pid()")?.concat().parse()?;
    session.query("begin")?;
    session.query("insert into kept values (43)")?;

    server.kill()?;
    assert!(session.query("select 1").is_err());
    let stat = std::fs::read_to_string(format!("/proc/{backend}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "the session's process outlived the crash: {stat}");
    server.kill()?;

    server.restart()?;
    assert_eq!(server.port(), port);
    assert_eq!(Session::open(port, "postgres")?.query("select x from kept")?, ["42"]);
    let log = std::fs::read_to_string(server.directory().join("server.log"))?;
    assert!(log.contains("automatic recovery in progress"), "{log}");
    Ok(())
}

#[test]
fn a_running_server_restarts_on_its_data() -> Outcome {
    let mut server = Server::temporary().major(requested_version()?).durable(true).start()?;
    Session::open(server.port(), "postgres")?.query("create table kept as select 1 as x")?;
    server.restart()?;
    assert_eq!(Session::open(server.port(), "postgres")?.query("select x from kept")?, ["1"]);
    Ok(())
}

#[test]
fn a_persistent_server_keeps_its_data_and_is_shared() -> Outcome {
    let directory = persistent_directory("persistent")?;
    let first = Server::persistent(directory.path()).major(requested_version()?).start()?;
    Session::open(first.port(), "postgres")?.query("create table kept as select 'yes'::text as x")?;

    let mut second = Server::persistent(directory.path()).start()?;
    assert_eq!((second.port(), second.major()), (first.port(), first.major()));
    assert!(matches!(second.kill(), Err(ServerError::NotOwner { .. })));
    drop(second);
    let mut session = Session::open(first.port(), "postgres")?;
    assert_eq!(session.query("show fsync")?, ["on"]);
    let major = first.major();
    drop(first);
    assert!(session.query("select 1").is_err());

    let Err(refused) = Server::persistent(directory.path()).major(major + 1).start() else {
        return Err("data of another major version was accepted".into());
    };
    assert!(refused.to_string().contains("help: ask for"), "{refused}");

    let again = Server::persistent(directory.path()).start()?;
    assert_eq!(Session::open(again.port(), "postgres")?.query("select x from kept")?, ["yes"]);
    let log = std::fs::read_to_string(again.directory().join("server.log"))?;
    assert!(!log.contains("not properly shut down"), "{log}");
    Ok(())
}

#[test]
fn a_start_that_fails_shows_the_log() -> Outcome {
    let started = Server::temporary().major(requested_version()?).setting("shared_buffers", "nonsense").start();
    let Err(error) = started else {
        return Err("it started".into());
    };
    let text = error.to_string();
    assert!(text.contains("invalid value for parameter \"shared_buffers\""), "{text}");
    assert!(text.contains("help: "), "{text}");
    Ok(())
}

#[test]
fn a_restart_on_a_taken_port_says_so_and_can_be_tried_again() -> Outcome {
    let mut server = temporary()?;
    server.kill()?;
    let taken = std::net::TcpListener::bind(("127.0.0.1", server.port()))?;
    let Err(error) = server.restart() else {
        return Err("it started".into());
    };
    assert!(error.to_string().contains("Address already in use"), "{error}");
    drop(taken);
    server.restart()?;
    Session::open(server.port(), "postgres")?;
    Ok(())
}

#[test]
fn a_version_that_nobody_has_is_refused_with_what_to_type() -> Outcome {
    let Err(error) = Server::temporary().major(3).ignore_installed().start() else {
        return Err("it started".into());
    };
    let text = error.to_string();
    assert!(text.starts_with("no PostgreSQL 3 server was found"), "{text}");
    assert!(text.contains("DATABASE_URL"), "{text}");
    Ok(())
}

#[test]
fn the_default_data_directory_ends_with_the_name() {
    let directory = default_data_directory("sample");
    assert!(directory.is_absolute());
    assert!(directory.file_name().is_some_and(|name| name.to_string_lossy().starts_with("sample")));
}

/// Runs in a process of its own for the tests below.
#[test]
fn owner_for_other_tests() -> Outcome {
    let Some(kind) = std::env::var_os("OWNER_OF") else {
        return Ok(());
    };
    let server = match kind.to_str() {
        Some("temporary") => temporary()?,
        _ => Server::persistent(&kind).start()?,
    };
    // Past the test harness, which keeps what is printed.
    use std::io::Write as _;
    writeln!(std::io::stderr(), "READY {} {}", server.port(), server.directory().display())?;
    std::thread::sleep(Duration::from_secs(60));
    Ok(())
}

/// Starts an owner; gives it with the port and the directory of its server.
fn owner(kind: &str) -> Result<(std::process::Child, u16, String), Box<dyn Error>> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", "owner_for_other_tests", "--nocapture"])
        .env("OWNER_OF", kind)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = child.stderr.take().ok_or("no stderr")?;
    for line in BufReader::new(stderr).lines() {
        let line = line?;
        if let Some((port, directory)) = line.strip_prefix("READY ").and_then(|rest| rest.split_once(' ')) {
            return Ok((child, port.parse()?, directory.to_owned()));
        }
    }
    Err("the owner ended without a server".into())
}

#[test]
fn a_server_dies_with_its_owner_even_by_sigkill() -> Outcome {
    let (mut child, port, directory) = owner("temporary")?;
    Session::open(port, "postgres")?.query("select 1")?;
    child.kill()?;
    child.wait()?;
    assert!(eventually(|| Session::open(port, "postgres").is_err()), "the server outlived its owner");
    assert!(eventually(|| !Path::new(&directory).join("data").exists()), "its data outlived it");
    Ok(())
}

#[test]
fn after_its_owner_was_killed_a_persistent_server_starts_again_at_once() -> Outcome {
    let directory = persistent_directory("killed")?;
    let (mut child, port, _) = owner(directory.path().to_str().ok_or("no UTF-8")?)?;
    Session::open(port, "postgres")?.query("create table kept as select 1 as x")?;
    child.kill()?;
    child.wait()?;
    let mut server = Server::persistent(directory.path()).start()?;
    assert_eq!(Session::open(server.port(), "postgres")?.query("select x from kept")?, ["1"]);
    server.restart()?;
    Ok(())
}
