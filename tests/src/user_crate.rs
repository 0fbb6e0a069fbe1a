//! A crate as a user has it: of its own, with a directory of migrations, checked by cargo.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate with a library that depends on the runtime.
pub struct UserCrate {
    folder: PathBuf,
    /// Whether cargo may fetch what it depends on.
    is_online: bool,
}

impl UserCrate {
    /// Makes it, in the place of that of an earlier run. Its dependencies are crates in its own folder, with the names that it
    /// gives them; without any, the runtime.
    pub fn create(name: &str, dependencies: &[(&str, &str)]) -> Self {
        let folder = Self::workspace().join("target/tmp").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the crate of an earlier run");
        }
        let user = UserCrate { folder, is_online: false };
        let mut manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n"
        );
        if dependencies.is_empty() {
            writeln!(manifest, "migrate-runtime = {{ path = {:?} }}", Self::runtime().display().to_string())
                .expect("a string");
        }
        for (package, own_name) in dependencies {
            writeln!(manifest, "{own_name} = {{ package = {package:?}, path = {package:?} }}").expect("a string");
        }
        user.write("Cargo.toml", &manifest);
        fs::copy(Self::workspace().join("Cargo.lock"), user.folder.join("Cargo.lock")).expect("the lock file");
        user.write("build.rs", "fn main() { println!(\"cargo::rerun-if-changed=migrations\"); }\n");
        user.write(
            "src/lib.rs",
            "pub static MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations!(\"migrations\");\n",
        );
        user
    }

    /// One that depends on what no test needs, and cargo fetches.
    pub fn online(name: &str) -> Self {
        UserCrate { is_online: true, ..Self::create(name, &[]) }
    }

    fn workspace() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
    }

    /// The folder of the runtime.
    pub fn runtime() -> PathBuf {
        Self::workspace().join("migrate-runtime")
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a file of it.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Writes a migration, with its body on the second line.
    pub fn migration(&self, file: &str, body: &str) {
        self.write(&format!("migrations/{file}"), &format!("migrate_runtime::migration! {{\n    {body}\n}}\n"));
    }

    /// What `cargo check` prints, and whether it succeeded.
    pub fn check(&self) -> (bool, String) {
        let output = Command::new(env!("CARGO"))
            .args(["check", "--color", "never"])
            .args((!self.is_online).then_some("--offline"))
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", Self::workspace().join("target/tmp/user-target"))
            .output()
            .expect("cargo check");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Compiles; answers what cargo printed.
    #[track_caller]
    pub fn succeeds(&self) -> String {
        let (success, text) = self.check();
        assert!(success, "{text}");
        text
    }

    /// Fails with exactly one mistake, at this place.
    #[track_caller]
    pub fn fails_with(&self, message: &str, place: &str) {
        let (success, text) = self.check();
        assert!(!success, "it compiles");
        assert!(text.contains(message), "no `{message}` in:\n{text}");
        assert!(text.contains(place), "not at {place}:\n{text}");
        assert_eq!(text.matches("\nerror: ").count(), 2, "one mistake, and cargo's own line:\n{text}");
    }
}
