//! A page, and the reader who does what it says.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use migrate_runtime::cli::{self, Output};
use tempfile::TempDir;

use crate::support::{execute, run, server};

/// Where the page says its databases are.
const SERVER: &str = "postgres://localhost/";

/// What is written in the place of the time at which somebody writes a migration.
const NOW: &str = "20261201090000";

/// `docs/from-NAME.md`, with the directory of its reader.
pub(crate) struct Page {
    name: String,
    file: PathBuf,
    reader: TempDir,
    /// The exit code of the last command.
    code: RefCell<i32>,
}

impl Page {
    pub(crate) fn open(name: &str) -> Page {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/from-{name}.md"));
        let reader = TempDir::new().unwrap();
        fs::write(reader.path().join("Cargo.toml"), "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n").unwrap();
        Page { name: name.to_owned(), file, reader, code: RefCell::new(0) }
    }

    /// The directory of its reader.
    pub(crate) fn directory(&self) -> &Path {
        self.reader.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.directory().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Copies a directory of files, and the directories in it.
    pub(crate) fn copy_directory(&self, from: &Path, to: &str) {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{to}/{}", entry.file_name().to_str().unwrap());
            match entry.file_type().unwrap().is_dir() {
                true => self.copy_directory(&entry.path(), &name),
                false => self.write(&name, &fs::read_to_string(entry.path()).unwrap()),
            }
        }
    }

    fn database(&self, name: &str) -> String {
        format!("from_{}_{name}", self.name.replace('-', "_"))
    }

    /// The URL of a database that the page calls so.
    pub(crate) fn url(&self, name: &str) -> String {
        server().url(&self.database(name))
    }

    /// A database that the page calls so; its URL.
    pub(crate) fn new_database(&self, name: &str) -> String {
        execute(&server().url("postgres"), &format!("CREATE DATABASE {}", self.database(name)));
        self.url(name)
    }

    pub(crate) fn copy(&self, name: &str, copy: &str) {
        let sql = format!("CREATE DATABASE {} TEMPLATE {}", self.database(copy), self.database(name));
        execute(&server().url("postgres"), &sql);
    }

    /// Does what the page says, from its beginning to its end, and compares. `meanwhile` is called after each block, with the page up to there.
    #[track_caller]
    pub(crate) fn follow(&self, meanwhile: impl Fn(&Page, &str)) {
        let text = fs::read_to_string(&self.file).unwrap();
        let mut followed = String::new();
        let mut rest = text.as_str();
        while let Some((before, from)) = rest.split_once("```") {
            let (block, after) = from.split_once("\n```\n").expect("the end of a block");
            let (language, block) = block.split_once('\n').unwrap_or((block, ""));
            let block = match language {
                "text" if block.starts_with("$ ") => self.session(block),
                "rust" if block.starts_with("// migrations/") => self.migration(block),
                _ => block.to_owned(),
            };
            write!(followed, "{before}```{language}\n{block}\n```\n").unwrap();
            meanwhile(self, &followed);
            rest = after;
        }
        followed.push_str(rest);
        if std::env::var_os("UPDATE_DOCUMENTATION").is_some() {
            fs::write(&self.file, &followed).unwrap();
        }
        let found = fs::read_to_string(&self.file).unwrap();
        assert!(
            found == followed,
            "{} is out of date; run `UPDATE_DOCUMENTATION=1 cargo test -p cargo-migrate --test coming_from`:\n{}",
            self.file.display(),
            similar::TextDiff::from_lines(&found, &followed).unified_diff()
        );
    }

    /// The commands of a block, with what they print.
    fn session(&self, block: &str) -> String {
        let mut lines = Vec::new();
        let mut commands = block.lines().filter_map(|line| line.strip_prefix("$ ")).peekable();
        while let Some(command) = commands.next() {
            lines.push(format!("$ {command}"));
            let printed = self.command(command);
            // One that fails is shown with its code.
            let succeeds = *self.code.borrow() == 0 || command == "echo $?" || commands.peek() == Some(&"echo $?");
            assert!(succeeds, "{command}\n{printed}");
            lines.extend(printed.trim_end().lines().map(str::to_owned));
        }
        lines.join("\n")
    }

    fn command(&self, command: &str) -> String {
        let words: Vec<&str> = command.split_whitespace().collect();
        let local = |word: &str| word.strip_prefix(SERVER).map_or_else(|| word.to_owned(), |name| self.real(name));
        let (code, text) = match words.as_slice() {
            ["mkdir", name] => {
                fs::create_dir(self.directory().join(name)).unwrap();
                (0, String::new())
            }
            ["git", "mv", from, to] => {
                fs::rename(self.directory().join(from), self.directory().join(to)).unwrap();
                (0, String::new())
            }
            ["ls", name] => (0, names(&self.directory().join(name)).join("\n")),
            ["cat", name] => (0, fs::read_to_string(self.directory().join(name)).unwrap()),
            ["echo", "$?"] => (*self.code.borrow(), self.code.borrow().to_string()),
            ["cargo", "migrate", arguments @ ..] => {
                let arguments: Vec<String> = arguments.iter().map(|word| local(word)).collect();
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let ran = run(self.directory(), &arguments);
                (ran.code, ran.err + &ran.out)
            }
            ["cargo", "run", "--", arguments @ ..] => self.program(arguments),
            _ => panic!("`{command}` is nothing that the reader of {} can do", self.file.display()),
        };
        *self.code.borrow_mut() = code;
        self.as_told(&text)
    }

    /// The program of the reader, with the migrations that are there, on the database in use.
    fn program(&self, arguments: &[&str]) -> (i32, String) {
        let migrations = self.directory().join("migrations");
        let compiled = migrate_compiler::compile_directory(&migrations, self.directory(), 14)
            .unwrap_or_else(|findings| panic!("{}: {findings:?}", self.file.display()));
        let migrations = tests::embed(compiled, &[]);
        let printed = Printed::default();
        let output = Output::plain(printed.clone(), printed.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let arguments = std::iter::once("shop").chain(arguments.iter().copied());
        let exit = runtime.block_on(cli::run_to(output, migrations, arguments, Some(self.url("shop"))));
        let text = String::from_utf8(printed.0.lock().unwrap().clone()).unwrap();
        (i32::from(exit.code()), text)
    }

    /// A file that the page shows, or that its reader writes as it says.
    fn migration(&self, block: &str) -> String {
        let (heading, text) = block.split_once('\n').unwrap_or((block, ""));
        let name = heading.strip_prefix("// ").unwrap();
        let path = self.directory().join(name);
        if !path.exists() && name.contains(NOW) {
            let (before, after) = name.split_once(NOW).unwrap();
            let folder = self.directory().join("migrations");
            let shown = names(&folder).into_iter().find(|file| {
                let file = format!("migrations/{file}");
                file.starts_with(before) && file.ends_with(after) && file.len() == name.len()
            });
            if let Some(file) = shown {
                return format!("{heading}\n{}", without_heading(&folder.join(file)));
            }
        }
        if !path.exists() {
            self.write(name, &format!("{text}\n"));
            return block.to_owned();
        }
        format!("{heading}\n{}", without_heading(&path))
    }

    fn real(&self, name: &str) -> String {
        if name == "postgres" { server().url(name) } else { self.url(name) }
    }

    /// What was printed, as if it had been on the machine and at the time of the page.
    fn as_told(&self, text: &str) -> String {
        let text = text.replace(&server().url(&self.database("")), SERVER).replace(&server().url(""), SERVER);
        let text = text.replace(&format!("from_{}_", self.name.replace('-', "_")), "");
        let mut told = String::new();
        let proved = "applied: both databases have the same structure and the same number of rows";
        let lines: Vec<&str> = text.lines().collect();
        for line in &lines {
            told.push_str(&at_the_time_of_the_page(line));
            told.push('\n');
        }
        if lines.contains(&proved) && !lines.iter().any(|line| line.starts_with("pg_dump: ")) {
            // There is none on this machine, and nothing was asked of it.
            told.push_str("pg_dump: both dumps are the same\n");
        }
        told
    }
}

/// The block of a file, without the heading that says where it comes from.
fn without_heading(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().skip_while(|line| line.starts_with("//!") || line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

/// Without what is otherwise at each run: when a migration was written, how long something took, where the server is.
fn at_the_time_of_the_page(line: &str) -> String {
    let mut line = line.to_owned();
    for behind in ["_adopt", "  adopt "] {
        if let Some(place) = line.find(behind) {
            let digits = line[..place].bytes().rev().take_while(u8::is_ascii_digit).count();
            line.replace_range(place - digits..place, NOW);
        }
    }
    for before in ["(", " in "] {
        let Some(place) = line.rfind(before) else { continue };
        let Some((number, rest)) = line[place + before.len()..].split_once(' ') else { continue };
        let unit = rest.trim_end_matches(')');
        if number.parse::<f64>().is_ok() && (unit == "ms" || unit == "s") {
            line = format!("{}{before}12 ms{}", &line[..place], &rest[unit.len()..]);
        }
    }
    if let Some((database, _)) = line.strip_prefix("database ").and_then(|rest| rest.split_once(" on ")) {
        line = format!("database {database} on localhost:5432, PostgreSQL 17.6");
    }
    line
}

/// What a program has printed.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
