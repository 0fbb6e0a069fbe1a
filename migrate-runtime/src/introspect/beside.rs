//! What a catalog has no place for: counted, so that a comparison says what it did not look at.

use serde::Deserialize;
use sqlx::PgConnection;

use super::{IntrospectError, Options, fetch};

/// Objects of a kind that is not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The kind, in the singular: `view`, `function`, ...
    pub kind: String,
    /// How many there are.
    pub count: usize,
}

impl Beside {
    /// The number and the kind: `1 view`, `3 policies`.
    pub fn text(&self) -> String {
        let Beside { kind, count } = self;
        let (first, rest) = kind.split_once(' ').map_or((kind.as_str(), ""), |(first, rest)| (first, rest));
        match (*count, first) {
            (1, _) => format!("1 {kind}"),
            (_, "table") => format!("{count} tables {rest}"),
            _ => match kind.strip_suffix('y') {
                Some(stem) => format!("{count} {stem}ies"),
                None if kind.ends_with("ss") => format!("{count} {kind}es"),
                None if kind.ends_with('s') => format!("{count} {kind}"),
                None => format!("{count} {kind}s"),
            },
        }
    }
}

#[derive(Debug, Deserialize)]
struct CountRow {
    kind: String,
    count: usize,
}

/// The schemas to look at are `spaces`; `own` tells what belongs to no extension.
macro_rules! beside {
    ($query:literal) => {
        concat!(
            "SELECT pg_catalog.row_to_json(found)::text FROM (
WITH spaces AS (
  SELECT oid FROM pg_catalog.pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
    AND ($2::text IS NULL OR nspname = $2)
), members AS (
  SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
)
",
            $query,
            "\n) AS found"
        )
    };
}

/// Kinds and how many there are of each. What belongs to a view or a table that is counted goes with that one.
const COUNTS: &str = beside!(
    "SELECT kind, pg_catalog.count(*) AS count FROM (
  SELECT 'conversion' AS kind, 'pg_catalog.pg_conversion'::pg_catalog.regclass AS classid, oid, connamespace AS space
  FROM pg_catalog.pg_conversion
  UNION ALL
  SELECT 'base type', 'pg_catalog.pg_type'::pg_catalog.regclass, oid, typnamespace
  FROM pg_catalog.pg_type WHERE typtype = 'b' AND typcategory <> 'A'
) AS each
JOIN spaces ON spaces.oid = each.space
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = each.classid AND m.objid = each.oid)
GROUP BY kind
UNION ALL
SELECT kind, pg_catalog.count(*) FROM (
  SELECT 'language' AS kind, 'pg_catalog.pg_language'::pg_catalog.regclass AS classid, oid
  FROM pg_catalog.pg_language WHERE lanispl
  UNION ALL
  SELECT 'access method', 'pg_catalog.pg_am'::pg_catalog.regclass, oid FROM pg_catalog.pg_am WHERE oid >= 16384
) AS each
WHERE $2::text IS NULL AND NOT EXISTS (SELECT FROM members m WHERE m.classid = each.classid AND m.objid = each.oid)
GROUP BY kind ORDER BY kind"
);

/// Counts what is not compared, in the transaction of a reading.
pub(super) async fn read(connection: &mut PgConnection, options: &Options) -> Result<Vec<Beside>, IntrospectError> {
    let counts: Vec<CountRow> = fetch(connection, "kinds of objects", COUNTS, options, None).await?;
    let mut beside: Vec<Beside> = counts.into_iter().map(|CountRow { kind, count }| Beside { kind, count }).collect();
    beside.retain(|one| one.count > 0);
    beside.sort_by(|one, other| one.kind.cmp(&other.kind));
    Ok(beside)
}

#[cfg(test)]
mod tests {
    use super::Beside;

    #[test]
    fn what_is_counted_reads_as_a_sentence() {
        let text = |kind: &str, count| Beside { kind: kind.into(), count }.text();
        assert_eq!(text("conversion", 1), "1 conversion");
        assert_eq!(text("policy", 2), "2 policies");
        assert_eq!(text("operator class", 3), "3 operator classes");
        assert_eq!(text("table with grants", 4), "4 tables with grants");
        assert_eq!(text("statistics object", 2), "2 statistics objects");
    }
}
