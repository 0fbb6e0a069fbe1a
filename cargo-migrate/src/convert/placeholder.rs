//! `${name}` in the files of other tools, and `$NAME` in those of goose, which their configuration or the environment gives a value.

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

    /// A line with the values in place of `$NAME` and `${NAME}`, as goose puts them in: `$$` and `\\$` are a dollar sign.
    pub(crate) fn expand(&self, path: &Path, line: &str, number: usize) -> Result<String, Failure> {
        let mut expanded = String::with_capacity(line.len());
        let mut rest = line;
        while let Some(at) = rest.find(['$', '\\']) {
            let (before, from) = rest.split_at(at);
            expanded.push_str(before);
            let escaped = [("\\\\", "\\\\"), ("\\$", "$"), ("$$", "$"), ("$(", "$(")];
            if let Some((behind, written)) =
                escaped.iter().find_map(|(escape, written)| Some((from.strip_prefix(escape)?, written)))
            {
                expanded.push_str(written);
                rest = behind;
                continue;
            }
            let is_of_name = |one: char| one.is_alphanumeric() || one == '_';
            let behind = from.get(1..).unwrap_or_default();
            let (name, behind) =
                if let Some((name, behind)) = behind.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                    (name, behind)
                } else {
                    behind.split_at(behind.find(|one| !is_of_name(one)).unwrap_or(behind.len()))
                };
            if from.starts_with('$') && name.starts_with(char::is_alphabetic) {
                let end = name.find(|one| !is_of_name(one)).unwrap_or(name.len());
                let (name, behind_name) = name.split_at(end);
                let default = [":-", "-"].iter().find_map(|sign| behind_name.strip_prefix(*sign));
                expanded.push_str(self.value(path, name, default, number)?);
                rest = behind;
            } else {
                expanded.push_str(from.get(..1).unwrap_or_default());
                rest = from.get(1..).unwrap_or_default();
            }
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    fn value<'p>(&'p self, path: &Path, name: &str, default: Option<&'p str>, line: usize) -> Result<&'p str, Failure> {
        self.values.get(name).map(String::as_str).or(default).ok_or_else(|| {
            Failure::new(format!("{}:{line}: the placeholder `${{{name}}}` has no value", path.display()))
                .help(format!("add `--placeholder {name}=VALUE`"))
        })
    }

    /// The text with the values in place of `${name}`, and of what stands behind `:-` in it where there is none.
    pub(crate) fn fill(&self, path: &Path, text: &str, first_line: usize) -> Result<String, Failure> {
        let mut filled = String::with_capacity(text.len());
        let mut line = first_line;
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            let Some((inner, behind)) = behind.split_once('}') else { break };
            line += before.matches('\n').count();
            let (name, default) = match inner.split_once(":-") {
                Some((name, default)) => (name, Some(default)),
                None => (inner, None),
            };
            let value = self.value(path, name, default, line)?;
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

    #[test]
    fn names_without_braces_are_those_of_goose() {
        let placeholders = Placeholders::new([given("OWNER=me").unwrap(), given("A_1=x").unwrap()]);
        let expand = |line: &str| placeholders.expand(Path::new("1_a.sql"), line, 7);
        for (line, expanded) in [
            ("alter table $OWNER.t owner to ${OWNER}; -- $A_1-", "alter table me.t owner to me; -- x-"),
            ("as $$$$ select $1, '$$5', '\\$OWNER', '\\n' $", "as $$ select $1, '$5', '$OWNER', '\\n' $"),
            ("'${NONE:-a}${NONE-b}$(now)'", "'ab$(now)'"),
        ] {
            assert_eq!(expand(line).unwrap(), expanded);
        }
        let failure = expand("select '$SHOP'").unwrap_err();
        assert_eq!(failure.message, "1_a.sql:7: the placeholder `${SHOP}` has no value");
    }
}
