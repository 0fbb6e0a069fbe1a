//! Flyway: `V1.2__name.sql`, `U1.2__name.sql` that undoes it, `R__name.sql` that runs again whenever it changed, after all
//! others. `NAME.sql.conf` beside a file may say `executeInTransaction=false`. What stands for `${name}` is configured.

use super::{Directory, Failure, History, Reader, by_number};
use crate::convert::history::Theirs;
use crate::convert::script::Script;

pub(super) struct Flyway;

/// `V`, `U`, `R` or `B`, the version and the description.
struct Parts<'f> {
    prefix: char,
    version: &'f str,
    name: &'f str,
}

impl Reader for Flyway {
    fn recognises(&self, directory: &Directory) -> Result<bool, Failure> {
        let mut any = false;
        let mut only_here = false;
        for file in directory.files() {
            let Some(parts) = parts(file) else { continue };
            any = true;
            // refinery has neither.
            only_here |= "RB".contains(parts.prefix) || parts.version.contains(['.', '_']) || parts.name.contains(' ');
            let undoes = parts.prefix == 'U'
                && directory
                    .files()
                    .filter_map(self::parts)
                    .any(|other| other.prefix == 'V' && other.version == parts.version);
            only_here |= undoes;
        }
        Ok(any && (only_here || !directory.is_in_crate()))
    }

    fn read(&self, directory: &Directory) -> Result<History, Failure> {
        let mut history = History::default();
        let mut repeatable = Vec::new();
        for file in directory.files() {
            let Some(found) = parts(file) else { continue };
            match found.prefix {
                'V' => {
                    let undo = directory.files().find(|other| {
                        parts(other).is_some_and(|other| other.prefix == 'U' && other.version == found.version)
                    });
                    history.migrations.push(Theirs {
                        version: found.version.replace('_', "."),
                        name: found.name.to_owned(),
                        up: script(directory, file)?,
                        down: undo.map(|undo| script(directory, undo)).transpose()?,
                    });
                }
                'R' => {
                    repeatable.push(Theirs {
                        version: format!("R__{}", found.name),
                        name: found.name.to_owned(),
                        up: script(directory, file)?,
                        down: None,
                    });
                    history.left_out.push(format!(
                        "`{file}` ran whenever it changed: as a migration it runs once; write the next change as a new \
                         migration"
                    ));
                }
                'B' => history
                    .left_out
                    .push(format!("`{file}` is a baseline of the versions up to it, all of which exist")),
                _ => {}
            }
        }
        history.migrations.sort_by_cached_key(|one| one.version.split('.').map(by_number).collect::<Vec<_>>());
        history.migrations.extend(repeatable);
        Ok(history)
    }

    fn expected(&self) -> &'static str {
        "its files are named `V1.2__name.sql`, `U1.2__name.sql` and `R__name.sql`"
    }
}

fn parts(file: &str) -> Option<Parts<'_>> {
    let name = file.rsplit('/').next()?.strip_suffix(".sql")?;
    let prefix = name.chars().next().filter(|prefix| "VURB".contains(*prefix))?;
    let (version, name) = name[1..].split_once("__")?;
    let is_version = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'_');
    let is_right = if prefix == 'R' { version.is_empty() } else { is_version && !version.is_empty() };
    is_right.then_some(Parts { prefix, version, name })
}

fn script(directory: &Directory, file: &str) -> Result<Script, Failure> {
    let settings = format!("{file}.conf");
    let settings = if directory.has(&settings) { directory.text(&settings)? } else { String::new() };
    let says = |setting: &str| settings.lines().any(|line| line.replace(' ', "").eq_ignore_ascii_case(setting));
    let text = directory.text(file)?;
    let text = if says("placeholderReplacement=false") { text } else { directory.filled(file, &text, 1)? };
    let script = Script::read(&directory.path(file), &text, 1)?;
    Ok(script.without_transaction(says("executeInTransaction=false")))
}
