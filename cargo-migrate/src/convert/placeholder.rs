//! `${name}` in the files of other tools, which their configuration or the environment gives a value.

use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::Failure;

/// The values that were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placeholders {
    values: BTreeMap<String, String>,
}

/// Takes `NAME=VALUE` of the command line.
pub(crate) fn given(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

impl Placeholders {
    pub(crate) fn new(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Placeholders { values: values.into_iter().collect() }
    }

    /// The text with the values in place of `${name}`, and of what stands behind `:-` in it where there is none.
    pub(crate) fn fill(&self, path: &Path, text: &str, first_line: usize) -> Result<String, Failure> {
        let mut filled = String::with_capacity(text.len());
        let mut line = first_line;
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            let Some((inner, behind)) = behind.split_once('}') else { break };
            let (name, default) = match inner.split_once(":-") {
                Some((name, default)) => (name, Some(default)),
                None => (inner, None),
            };
            line += before.matches('\n').count();
            let value = self.values.get(name).map(String::as_str).or(default).ok_or_else(|| {
                Failure::new(format!("{}:{line}: the placeholder `${{{name}}}` has no value", path.display()))
                    .help(format!("add `--placeholder {name}=VALUE`"))
            })?;
            filled.push_str(before);
            filled.push_str(value);
            line += inner.matches('\n').count();
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_their_names_stood() {
        let placeholders = Placeholders::new([given("schema=app").unwrap(), given("empty=").unwrap()]);
        let fill = |text: &str| placeholders.fill(Path::new("V1__a.sql"), text, 1);
        for (text, filled) in [
            ("create table ${schema}.t (a int); -- ${schema}", "create table app.t (a int); -- app"),
            ("select '${empty}', '${other:-x}', $1, $$ a $$", "select '', 'x', $1, $$ a $$"),
            ("select '${'", "select '${'"),
        ] {
            assert_eq!(fill(text).unwrap(), filled);
        }
        let failure = fill("select 1;\nselect '${schema}',\n '${owner}';").unwrap_err();
        assert_eq!(failure.message, "V1__a.sql:3: the placeholder `${owner}` has no value");
        assert_eq!(failure.help, ["add `--placeholder owner=VALUE`"]);
        assert!(given("schema").is_err());
    }
}
