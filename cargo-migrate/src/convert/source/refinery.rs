//! refinery: `V1__name.sql`, and `U1__name.sql` of those that may be applied out of order.

use super::{Directory, Failure, History, Reader, by_number};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

pub(super) struct Refinery;

impl Reader for Refinery {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        // Of Flyway it could be as well; `flyway` says no where there is a Cargo.toml.
        Ok(directory.files().any(|file| parts(file).is_some()))
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let mut history = History::default();
        for file in directory.files() {
            let name = file.rsplit('/').next().unwrap_or(file);
            if name.ends_with(".rs") && parts(&format!("{}.sql", name.trim_end_matches(".rs"))).is_some() {
                return Err(Failure::new(format!("`{file}` is Rust, so its SQL is known only when it runs"))
                    .help("write what it returns to a file of the same name that ends in `.sql`"));
            }
            let Some((version, name)) = parts(file) else { continue };
            let up = Script::read(&directory.path(file), &directory.text(file)?, 1)?;
            history.migrations.push(Theirs { version: version.to_owned(), name: name.to_owned(), up, down: None });
        }
        history.migrations.sort_by_cached_key(|one| by_number(&one.version));
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "its files are named `V1__name.sql`"
    }
}

fn parts(file: &str) -> Option<(&str, &str)> {
    let name = file.rsplit('/').next()?;
    let (version, name) = name.strip_suffix(".sql")?.strip_prefix(['V', 'U'])?.split_once("__")?;
    let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((version, name))
}
