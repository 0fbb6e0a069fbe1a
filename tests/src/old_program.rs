//! The program before ours, with the real tool in it: `tests/tools`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A tool that the program can be built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldProgram {
    /// `refinery`, on tokio-postgres.
    Refinery,
    /// `diesel_migrations`, on diesel-async.
    Diesel,
    /// `sea-orm-migration`, on sqlx.
    SeaOrm,
}

impl OldProgram {
    /// All of them.
    pub const ALL: [OldProgram; 3] = [OldProgram::Refinery, OldProgram::Diesel, OldProgram::SeaOrm];

    /// Starts it on a database, and waits for its end. With a number it is an older build with that many of its two migrations.
    ///
    /// # Errors
    ///
    /// What it says when it fails.
    pub async fn start(self, url: &str, count: Option<usize>) -> Result<(), String> {
        self.run(url, count.map(|count| count.to_string())).await.map(|_| ())
    }

    /// What SeaORM writes into its log while it migrates a database, SQL included.
    ///
    /// # Errors
    ///
    /// What it says when it fails.
    pub async fn log_of_sea_orm(url: &str) -> Result<String, String> {
        OldProgram::SeaOrm.run(url, Some("--log".to_owned())).await
    }

    /// Where its migrations are, for the tools that have them in files.
    pub fn migrations(self) -> PathBuf {
        folder().join("migrations").join(self.word())
    }

    fn word(self) -> &'static str {
        match self {
            OldProgram::Refinery => "refinery",
            OldProgram::Diesel => "diesel",
            OldProgram::SeaOrm => "sea-orm",
        }
    }

    async fn run(self, url: &str, argument: Option<String>) -> Result<String, String> {
        let program = tokio::task::spawn_blocking(built).await.expect("the old program");
        let output = tokio::process::Command::new(program)
            .arg(self.word())
            .args(argument)
            .env("DATABASE_URL", url)
            .output()
            .await
            .expect("the old program starts");
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tools"))
}

/// The program, which is built by the first test that asks for it: the other tools take minutes once, and nothing afterwards.
fn built() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let target = folder().join("../../target/tmp/old-program");
        let output = Command::new(env!("CARGO"))
            .args(["build", "--locked", "--color", "never"])
            .current_dir(folder())
            .env("CARGO_TARGET_DIR", &target)
            .output()
            .expect("cargo build");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        target.join("debug/old-program")
    })
}
