//! What may be a rename, and nobody has said so.

use migrate_core::catalog::Catalog;
use migrate_core::difference::Renames;
use migrate_core::name::QualifiedName;
use migrate_core::object::Kind;
use migrate_core::sorted::{SortedMap, SortedSet};

use crate::check::Renamed;

/// Something that goes, where something of its kind comes: it may be the same under another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What goes, by its names in the history.
    pub gone: Renamed,
    /// What comes, any of which it may be.
    pub new: Vec<Renamed>,
}

/// The questions that the renames do not answer. `dropped` is what is known to go.
pub fn questions(from: &Catalog, to: &Catalog, renames: &Renames, dropped: &[Renamed]) -> Vec<Question> {
    let mut questions = Vec::new();
    let renames = &with_schemas(renames, from);
    let tables = Sides::of(from.tables.keys(), to.tables.keys(), &renames.tables);
    questions.extend(tables.questions(Renamed::Table));
    let enums = Sides::of(from.enums.keys(), to.enums.keys(), &renames.enums);
    questions.extend(enums.questions(Renamed::Enum));
    for (name, table) in &from.tables {
        let new_name = renames.tables.get(name).unwrap_or(name);
        let Some(wanted) = to.table(new_name) else { continue };
        let told = of(&renames.columns, name);
        let columns = |table: &migrate_core::catalog::Table| -> Vec<String> {
            table.columns.iter().map(|column| column.name.clone()).collect()
        };
        let (found, wanted) = (columns(table), columns(wanted));
        let sides = Sides::of(found.iter(), wanted.iter(), &told);
        questions.extend(sides.questions(|column| Renamed::Column(name.clone(), column)));
    }
    for (name, found) in &from.enums {
        let new_name = renames.enums.get(name).unwrap_or(name);
        let Some(wanted) = to.enum_type(new_name) else { continue };
        let told = of(&renames.values, name);
        let sides = Sides::of(found.values.iter(), wanted.values.iter(), &told);
        questions.extend(sides.questions(|value| Renamed::Value(name.clone(), value)));
    }
    questions.retain(|question| !dropped.contains(&question.gone));
    questions
}

/// The renames with those of what is in a schema that has another name.
fn with_schemas(renames: &Renames, from: &Catalog) -> Renames {
    let mut all = renames.clone();
    for (schema, to) in renames.objects.iter().filter(|(id, _)| id.kind == Kind::Schema) {
        let is_in = |name: &&QualifiedName| name.schema == schema.name.name;
        let moved = |name: &QualifiedName| QualifiedName::in_schema(to.name.clone(), name.name.clone());
        for name in from.tables.keys().filter(is_in) {
            all.tables.entry(name.clone()).or_insert_with(|| moved(name));
        }
        for name in from.enums.keys().filter(is_in) {
            all.enums.entry(name.clone()).or_insert_with(|| moved(name));
        }
    }
    all
}

fn of(parts: &SortedMap<(QualifiedName, String), String>, name: &QualifiedName) -> SortedMap<String, String> {
    let own = parts.iter().filter(|((of, _), _)| of == name);
    own.map(|((_, from), to)| (from.clone(), to.clone())).collect()
}

/// The names that only one side has.
struct Sides<Name> {
    gone: Vec<Name>,
    new: Vec<Name>,
}

impl<Name: Ord + Clone> Sides<Name> {
    fn of<'n>(
        found: impl Iterator<Item = &'n Name>,
        wanted: impl Iterator<Item = &'n Name>,
        renames: &SortedMap<Name, Name>,
    ) -> Self
    where
        Name: 'n,
    {
        let found: SortedSet<Name> = found.cloned().collect();
        let wanted: SortedSet<Name> = wanted.cloned().collect();
        let told: SortedSet<&Name> = renames.values().collect();
        Sides {
            gone: found.iter().filter(|one| !wanted.contains(*one) && !renames.contains_key(*one)).cloned().collect(),
            new: wanted.iter().filter(|one| !found.contains(*one) && !told.contains(one)).cloned().collect(),
        }
    }

    fn questions(self, named: impl Fn(Name) -> Renamed) -> Vec<Question> {
        let Sides { gone, new } = self;
        if new.is_empty() {
            return Vec::new();
        }
        let each =
            gone.into_iter().map(|gone| Question { gone: named(gone), new: new.iter().cloned().map(&named).collect() });
        each.collect()
    }
}
