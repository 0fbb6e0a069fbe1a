//! A case: a text in sections, each under a line `--- NAME`.

use libtest_mimic::Failed;

/// A change of a schema.
#[derive(Clone, Copy)]
pub(crate) struct Case<'t> {
    /// The oldest server major that it is for.
    pub(crate) postgres: u32,
    /// The SQL that makes what migrations do not: roles.
    pub(crate) setup: &'t str,
    /// The block of the history before.
    pub(crate) before: &'t str,
    /// The SQL that fills its tables.
    pub(crate) rows: &'t str,
    /// What the database should be.
    pub(crate) schema: &'t str,
    /// What answers the questions: the names of what is dropped, a line each.
    pub(crate) drop: &'t str,
    /// The migration that is generated.
    pub(crate) generated: &'t str,
    /// How its author completes it: lines with `-` become those with `+` behind them.
    pub(crate) edit: &'t str,
    /// What is true of the rows after it.
    pub(crate) holds: &'t str,
    /// What is true after the way back.
    pub(crate) down: DownOf<'t>,
}

/// The way back.
#[derive(Clone, Copy)]
pub(crate) enum DownOf<'t> {
    /// There is none.
    Irreversible,
    /// It is derived, and the server refuses it while there are rows: a column that takes no NULL would come back without values.
    FailsWithRows,
    /// It is derived, and this is true after it.
    Holds(&'t str),
}

impl<'t> Case<'t> {
    pub(crate) fn parse(text: &'t str) -> Result<Self, Failed> {
        let known = ["postgres", "setup", "before", "rows", "schema", "drop", "generated", "edit", "holds", "down"];
        let headings = text.lines().filter_map(|line| line.strip_prefix("--- "));
        if let Some(unknown) = headings.into_iter().find(|heading| !known.contains(heading)) {
            return Err(format!("there is no section `{unknown}`").into());
        }
        let required = |name: &str| section(text, name).ok_or_else(|| Failed::from(format!("no section `{name}`")));
        let down = match required("down")? {
            "irreversible" => DownOf::Irreversible,
            "fails with rows" => DownOf::FailsWithRows,
            queries => DownOf::Holds(queries),
        };
        let postgres = section(text, "postgres").map_or(Ok(15), str::parse);
        Ok(Case {
            postgres: postgres.map_err(|error| format!("the version: {error}"))?,
            setup: section(text, "setup").unwrap_or_default(),
            before: required("before")?,
            rows: required("rows")?,
            schema: required("schema")?,
            drop: section(text, "drop").unwrap_or_default(),
            generated: section(text, "generated").unwrap_or_default(),
            edit: section(text, "edit").unwrap_or_default(),
            holds: required("holds")?,
            down,
        })
    }
}

/// The lines of a section, without empty ones around them.
fn section<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let heading = format!("--- {name}\n");
    let (_, rest) = text.split_once(&heading)?;
    let end = rest.find("\n--- ").map_or(rest.len(), |at| at);
    let end = if rest.starts_with("--- ") { 0 } else { end };
    rest.get(..end).map(|lines| lines.trim_matches('\n'))
}

/// The case with what is generated.
pub(crate) fn with_generated(text: &str, generated: &str) -> String {
    let heading = "--- generated\n";
    let (before, rest) = match text.split_once(heading) {
        Some((before, rest)) => (before, rest.find("--- ").map_or("", |at| rest.get(at..).unwrap_or_default())),
        None => text.split_at(text.find("--- edit\n").or_else(|| text.find("--- holds\n")).unwrap_or(text.len())),
    };
    format!("{before}{heading}{}\n{rest}", generated.trim_end())
}
