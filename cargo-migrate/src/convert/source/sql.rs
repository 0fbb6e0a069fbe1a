//! Files with SQL and nothing else, in the order of their names.

use super::{Directory, Failure, History, Reader, numbered};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

pub(super) struct Sql;

impl Reader for Sql {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        Ok(directory.files().any(|file| file.ends_with(".sql")))
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let mut history = History::default();
        let files: Vec<&str> = directory.files().filter(|file| file.ends_with(".sql")).collect();
        for file in &files {
            let base = file.rsplit('/').next().unwrap_or(file);
            let stem = base.strip_suffix(".sql").unwrap_or(base);
            if is_down(stem) {
                continue;
            }
            let up = stem.strip_suffix(".up").unwrap_or(stem);
            let beside = file.strip_suffix(base).unwrap_or_default();
            let down = [format!("{beside}{up}.down.sql"), format!("{beside}{up}_down.sql")];
            let down = down.iter().find(|down| directory.has(down));
            let down = down.map(|down| Script::read(&directory.path(down), &directory.text(down)?, 1)).transpose()?;
            let (version, name) = numbered(up).unwrap_or((up, up));
            let up = Script::read(&directory.path(file), &directory.text(file)?, 1)?;
            history.migrations.push(Theirs { version: version.to_owned(), name: name.to_owned(), up, down });
        }
        // A number that occurs twice is not a version: then it is the whole name.
        if super::repeated(&history.migrations).is_some() {
            for one in &mut history.migrations {
                let stem = one.up.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
                one.version = stem.unwrap_or_default();
            }
        }
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "its files end in `.sql`, and run in the order of their names"
    }
}

fn is_down(stem: &str) -> bool {
    stem.ends_with(".down") || stem.ends_with("_down")
}
