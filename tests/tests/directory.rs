//! A history in a directory, as a user has it: a crate of its own, `cargo check`, files that are edited, added and
//! named wrongly.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Crate {
    folder: PathBuf,
}

impl Crate {
    fn create() -> Crate {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("user-crate");
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the crate of an earlier run");
        }
        let user = Crate { folder };
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let runtime = workspace.join("migrate-runtime");
        user.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"user-crate\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\nmigrate-runtime = {{ path = {:?} }}\n\n[workspace]\n",
                runtime.display().to_string()
            ),
        );
        fs::copy(workspace.join("Cargo.lock"), user.folder.join("Cargo.lock")).expect("the lock file");
        user.write("build.rs", "fn main() { println!(\"cargo::rerun-if-changed=migrations\"); }\n");
        user.write(
            "src/lib.rs",
            "pub static MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations!(\"migrations\");\n",
        );
        user
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn migration(&self, file: &str, body: &str) {
        self.write(&format!("migrations/{file}"), &format!("migrate_runtime::migration! {{\n    {body}\n}}\n"));
    }

    /// What `cargo check` prints, and whether it succeeded.
    fn check(&self) -> (bool, String) {
        let output = Command::new(env!("CARGO"))
            .args(["check", "--offline", "--color", "never"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("user-target"))
            .output()
            .expect("cargo check");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    #[track_caller]
    fn succeeds(&self) {
        let (success, text) = self.check();
        assert!(success, "{text}");
    }

    /// Fails with exactly one mistake, at this place.
    #[track_caller]
    fn fails_with(&self, message: &str, place: &str) {
        let (success, text) = self.check();
        assert!(!success, "it compiles");
        assert!(text.contains(message), "no `{message}` in:\n{text}");
        assert!(text.contains(place), "not at {place}:\n{text}");
        assert_eq!(text.matches("\nerror: ").count(), 2, "one mistake, and cargo's own line:\n{text}");
    }
}

#[test]
fn mistakes_are_shown_in_the_file_that_has_them() {
    let user = Crate::create();
    user.migration("0001_users.rs", "create table users { id: bigint primary key, email: text }");
    user.migration("0002_index.rs", "create index on users (email);");
    user.migration("0010_trips.rs", "create table trips { id: bigint primary key, user_id: bigint references users }");
    user.succeeds();

    // An earlier file is edited: the later one is checked again, and is where the mistake is.
    user.migration("0001_users.rs", "create table users { id: bigint primary key, mail: text }");
    user.fails_with("cannot find column `email` in table `users`", "migrations/0002_index.rs:2:28");
    user.fails_with("note: `users` is created at migrations/0001_users.rs:2\n", "migrations/0002_index.rs:2:28");
    user.migration("0001_users.rs", "create table users { id: bigint primary key, email: text }");
    user.succeeds();

    // A file is added: the build script notices.
    user.migration("0003_wrong.rs", "create index on trips (user_id);");
    user.fails_with("cannot find table `trips`", "migrations/0003_wrong.rs:2:21");
    fs::remove_file(user.folder.join("migrations/0003_wrong.rs")).expect("the file is there");
    user.succeeds();

    user.migration("0002_second.rs", "drop index users_email_idx;");
    user.fails_with("the files `0002_index.rs` and `0002_second.rs` have the same version, 2", "src/lib.rs:1:");
    fs::remove_file(user.folder.join("migrations/0002_second.rs")).expect("the file is there");

    user.migration("more.rs", "drop index users_email_idx;");
    user.fails_with("the file name `more.rs` has no version", "src/lib.rs:1:");
    fs::remove_file(user.folder.join("migrations/more.rs")).expect("the file is there");
    user.succeeds();
}
