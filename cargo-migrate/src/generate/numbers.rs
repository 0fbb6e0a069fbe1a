//! What is called otherwise in a development database than where the migrations alone have been at work: a column keeps its number
//! when it is renamed, a value of an enum its place in the order, and tables and enums the order in which they were made.

use migrate_runtime::core::difference::Renames;
use migrate_runtime::core::name::QualifiedName;
use migrate_runtime::core::sorted::SortedMap;
use migrate_runtime::sqlx::{self, PgConnection, Row as _};

/// The parts of all tables and enums. A part that was dropped has no name.
const QUERY: &str = "
SELECT 'table', c.oid::int8, n.nspname::text, c.relname::text, a.attnum::float8, CASE WHEN NOT a.attisdropped THEN a.attname::text END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'enum', t.oid::int8, n.nspname::text, t.typname::text, e.enumsortorder::float8, e.enumlabel::text
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/// A table or an enum.
#[derive(Clone, Debug, Default, PartialEq)]
struct Whole {
    /// Grows with each thing that is made in a database.
    number: i64,
    /// The names of its parts by their numbers; of what was dropped `None`.
    parts: Vec<(f64, Option<String>)>,
}

impl Whole {
    fn number_of(&self, name: &str) -> Option<f64> {
        self.parts.iter().find(|(_, part)| part.as_deref() == Some(name)).map(|(number, _)| *number)
    }

    fn names(&self) -> impl Iterator<Item = (f64, &str)> {
        self.parts.iter().filter_map(|(number, name)| Some((*number, name.as_deref()?)))
    }

    /// The same where nothing was ever dropped: as it is made in an empty database at once.
    fn at_once(&self) -> Self {
        let named = self.parts.iter().filter(|(_, name)| name.is_some());
        let parts = (1_u32..).zip(named).map(|(number, (_, name))| (f64::from(number), name.clone())).collect();
        Whole { number: self.number, parts }
    }

    /// The parts that have another name there. None where the two were not made in the same way, or it is not known in which one:
    /// then numbers mean nothing.
    fn renamed(&self, there: &Whole) -> Vec<(String, String)> {
        let ways = [self.clone(), self.at_once()];
        let mut found = ways.iter().filter(|one| one.agrees(there)).map(|one| one.renamed_to(there));
        let first = found.next().unwrap_or_default();
        if found.all(|other| other == first) { first } else { Vec::new() }
    }

    /// Whether it may be the same: at least half of its parts are there under their names, and these have the same numbers.
    fn is_alike(&self, there: &Whole) -> bool {
        let kept = self.names().filter(|(_, name)| there.number_of(name).is_some()).count();
        [self.clone(), self.at_once()].iter().any(|one| one.agrees(there)) && kept * 2 >= self.names().count()
    }

    /// Whether what both have has the same numbers.
    fn agrees(&self, there: &Whole) -> bool {
        self.names().all(|(number, name)| there.number_of(name).is_none_or(|other| other == number))
    }

    fn renamed_to(&self, there: &Whole) -> Vec<(String, String)> {
        let pairs = self.names().filter_map(|(number, name)| {
            let (_, new) = there.names().find(|(other, _)| *other == number)?;
            Some((name, new))
        });
        let is_renamed =
            |(old, new): &(&str, &str)| old != new && there.number_of(old).is_none() && self.number_of(new).is_none();
        pairs.filter(is_renamed).map(|(old, new)| (old.to_owned(), new.to_owned())).collect()
    }
}

/// The tables, or the enums, of a database.
type Wholes = SortedMap<QualifiedName, Whole>;

/// The tables and enums of a database, with what numbers them.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    tables: Wholes,
    enums: Wholes,
}

impl Numbers {
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let mut numbers = Numbers::default();
        for row in sqlx::query(QUERY).fetch_all(connection).await? {
            let wholes = if row.try_get::<&str, _>(0)? == "enum" { &mut numbers.enums } else { &mut numbers.tables };
            let name = QualifiedName::in_schema(row.try_get::<String, _>(2)?, row.try_get::<String, _>(3)?);
            let whole = wholes.entry(name).or_default();
            whole.number = row.try_get(1)?;
            whole.parts.push((row.try_get(4)?, row.try_get(5)?));
        }
        let all = numbers.tables.values_mut().chain(numbers.enums.values_mut());
        all.for_each(|whole| whole.parts.sort_by(|(one, _), (other, _)| one.total_cmp(other)));
        Ok(numbers)
    }

    /// What has another name there, where it is certain.
    pub(super) fn renames(&self, there: &Self) -> Renames {
        let mut renames = Renames {
            tables: renamed_wholes(&self.tables, &there.tables),
            enums: renamed_wholes(&self.enums, &there.enums),
            ..Renames::default()
        };
        let parts = |own: &Wholes, there: &Wholes, renamed: &SortedMap<QualifiedName, QualifiedName>| {
            let mut parts = SortedMap::new();
            for (name, whole) in own {
                let Some(other) = there.get(renamed.get(name).unwrap_or(name)) else { continue };
                parts.extend(whole.renamed(other).into_iter().map(|(old, new)| ((name.clone(), old), new)));
            }
            parts
        };
        renames.columns = parts(&self.tables, &there.tables, &renames.tables);
        renames.values = parts(&self.enums, &there.enums, &renames.enums);
        renames
    }
}

/// What has such parts and was made between the same others, where only one on each side is so.
fn renamed_wholes(own: &Wholes, there: &Wholes) -> SortedMap<QualifiedName, QualifiedName> {
    let both = |wholes: &Wholes| -> Vec<QualifiedName> {
        let mut both: Vec<_> =
            wholes.iter().filter(|(name, _)| own.contains_key(*name) && there.contains_key(*name)).collect();
        both.sort_by_key(|(_, whole)| whole.number);
        both.into_iter().map(|(name, _)| name.clone()).collect()
    };
    let known = both(own);
    if known != both(there) {
        return SortedMap::new();
    }
    let only = |wholes: &Wholes, others: &Wholes| -> Vec<(QualifiedName, usize, Whole)> {
        let one = |(name, whole): (&QualifiedName, &Whole)| {
            let is_earlier =
                |(other, found): &(&QualifiedName, &Whole)| found.number < whole.number && others.contains_key(*other);
            (name.clone(), wholes.iter().filter(is_earlier).count(), whole.clone())
        };
        wholes.iter().filter(|(name, _)| !others.contains_key(*name)).map(one).collect()
    };
    let (gone, new) = (only(own, there), only(there, own));
    let mut renames = SortedMap::new();
    // Behind the last one that both have there is what was made later, too.
    for (name, place, whole) in gone.iter().filter(|(_, place, _)| *place < known.len()) {
        let mut alike = new.iter().filter(|(_, at, other)| at == place && whole.is_alike(other));
        if let (Some((other_name, at, other)), None) = (alike.next(), alike.next())
            && gone.iter().filter(|(_, place, whole)| at == place && whole.is_alike(other)).count() == 1
        {
            renames.insert(name.clone(), other_name.clone());
        }
    }
    renames
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(number: i64, parts: &[&str]) -> Whole {
        let named = |name: &&str| (!name.is_empty()).then(|| (*name).to_owned());
        Whole { number, parts: (1_u32..).zip(parts).map(|(at, name)| (f64::from(at), named(name))).collect() }
    }

    fn numbers(tables: &[(&str, i64, &[&str])]) -> Numbers {
        let tables = tables.iter().map(|(name, number, parts)| (QualifiedName::new(*name), whole(*number, parts)));
        Numbers { tables: tables.collect(), enums: Wholes::new() }
    }

    fn told(own: &[(&str, i64, &[&str])], there: &[(&str, i64, &[&str])]) -> Vec<String> {
        let Renames { tables, columns, .. } = numbers(own).renames(&numbers(there));
        let tables = tables.iter().map(|(old, new)| format!("{old}={new}"));
        tables.chain(columns.iter().map(|((table, old), new)| format!("{table}.{old}={new}"))).collect()
    }

    #[test]
    fn a_column_is_known_by_its_number() {
        let own: &[(&str, i64, &[&str])] = &[("a", 1, &["id", "total", "note"])];
        assert_eq!(told(own, &[("a", 9, &["id", "amount", "note", "more"])]), ["a.total=amount"]);
        // Dropped and added again is not renamed.
        assert!(told(own, &[("a", 9, &["id", "", "note", "amount"])]).is_empty());
        // It was made at once, and has other numbers than where it was changed one by one.
        let changed: &[(&str, i64, &[&str])] = &[("a", 1, &["id", "", "total", "note"])];
        assert_eq!(told(changed, &[("a", 9, &["id", "amount", "note"])]), ["a.total=amount"]);
        // Which of the two, nobody knows here: the third may be the new one behind the second, which was dropped.
        assert!(told(&[("a", 1, &["id", "", "total"])], &[("a", 9, &["id", "", "amount"])]).is_empty());
        // What was made otherwise has other numbers.
        assert!(told(own, &[("a", 9, &["id", "note", "amount"])]).is_empty());
    }

    #[test]
    fn a_table_is_known_by_its_columns_and_its_place() {
        let own: &[(&str, i64, &[&str])] = &[("a", 1, &["id"]), ("b", 2, &["id"]), ("c", 3, &["id"])];
        assert_eq!(told(own, &[("a", 5, &["id"]), ("x", 6, &["id"]), ("c", 7, &["id"])]), ["b=x"]);
        // Made after the others: it is another one.
        assert!(told(own, &[("a", 5, &["id"]), ("c", 6, &["id"]), ("x", 7, &["id"])]).is_empty());
        assert!(told(own, &[("a", 5, &["id"]), ("x", 6, &["key"]), ("c", 7, &["id"])]).is_empty());
    }
}
