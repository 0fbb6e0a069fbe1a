//! sqlx: `VERSION_name.sql`, or `VERSION_name.up.sql` and `VERSION_name.down.sql`; `-- no-transaction` in the first line.

use super::{Directory, Failure, History, Reader, by_number};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

pub(super) struct Sqlx;

impl Reader for Sqlx {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        // Numbers as versions, one `_`: of several tools that leave no other trace, the one whose words are Rust's.
        Ok(!directory.is_file()
            && directory.here(".sql").next().is_some()
            && directory.here(".sql").all(|file| parts(file).is_some()))
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let mut history = History::default();
        for file in directory.here(".sql") {
            let Some((version, name)) = parts(file) else {
                history.left_out.push(format!("`{file}`: the name does not begin with a version and `_`"));
                continue;
            };
            if file.ends_with(".down.sql") {
                continue;
            }
            let stem = file.strip_suffix(".up.sql").or_else(|| file.strip_suffix(".sql")).unwrap_or(file);
            let down = format!("{stem}.down.sql");
            let down = if directory.has(&down) { Some(script(directory, &down)?) } else { None };
            history.migrations.push(Theirs {
                version: version.to_owned(),
                name: name.to_owned(),
                up: script(directory, file)?,
                down,
            });
        }
        history.migrations.sort_by_cached_key(|one| by_number(&one.version));
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "its files are named `VERSION_name.sql`, or `VERSION_name.up.sql` and `VERSION_name.down.sql`"
    }
}

fn parts(file: &str) -> Option<(&str, &str)> {
    let stem = file.strip_suffix(".sql")?;
    let stem = stem.strip_suffix(".up").or_else(|| stem.strip_suffix(".down")).unwrap_or(stem);
    let (version, name) = stem.split_once('_')?;
    let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((version, name))
}

fn script(directory: &Directory, file: &str) -> Result<Script, Failure> {
    let text = directory.text(file)?;
    let script = Script::read(&directory.path(file), &text, 1)?;
    Ok(script.without_transaction(text.starts_with("-- no-transaction")))
}
