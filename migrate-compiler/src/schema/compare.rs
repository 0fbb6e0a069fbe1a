//! A schema beside what the migrations make: each difference is a mistake where the schema has the object, or at the end of
//! the newest migration where it does not.

use migrate_core::catalog::{Catalog, Constraint, ConstraintKind, Index, Table};
use migrate_core::diff::{Difference, Object, Property};
use migrate_core::name::QualifiedName;
use migrate_core::sorted::SortedSet;
use migrate_core::token::At;

use super::Schema;
use super::renamed::{self, Rename, told};
use crate::check::{Origin, State};
use crate::diagnostic::{Diagnostic, code, in_order};

/// What differs.
#[derive(Default)]
pub(crate) struct Comparison {
    /// Mistakes in the schema, by its tokens.
    pub(crate) in_schema: Vec<Diagnostic>,
    /// What the migrations make and the schema does not have.
    pub(crate) beyond: Vec<Diagnostic>,
}

impl Comparison {
    /// Compares; the schema has no mistakes of its own.
    pub(crate) fn of(schema: &Schema, history: &State) -> Self {
        let (renames, catalog, mistakes) = renamed::all(&schema.spots.renamed, &schema.catalog, history);
        let mut comparison = Comparison { in_schema: mistakes, beyond: Vec::new() };
        comparison.in_schema.extend(renames.iter().map(is_still_called));
        let differences = differences(&schema.catalog, &catalog);
        let gone = Gone::of(&differences);
        for difference in &differences {
            let at = place(difference.object(), schema);
            match difference {
                Difference::Missing(object) if !gone.takes_along(object, &schema.catalog) => {
                    let message = format!("the migrations do not create {object}");
                    let mistake = differs(message, at.unwrap_or_default());
                    comparison.in_schema.push(mistake.maybe_help(gone.may_be_renamed(object)));
                }
                Difference::Unexpected(object) if !gone.takes_along(object, &catalog) => {
                    let mut mistake = differs(
                        format!("the migrations create {object}, which the schema does not have"),
                        At::default(),
                    );
                    mistake.notes.extend(origin(object).and_then(|origin| history.made_in("it", &origin)));
                    comparison.beyond.push(mistake);
                }
                Difference::Missing(_) | Difference::Unexpected(_) => {}
                Difference::Different { object, property, expected, found } => {
                    let value = |value: &Option<String>| match value {
                        Some(value) => format!("`{value}`"),
                        None => "none".to_owned(),
                    };
                    let is = if property.is_plural() { "are" } else { "is" };
                    let message = format!(
                        "the {property} of {object} {is} {} in the schema, but {} after the migrations",
                        value(expected),
                        value(found)
                    );
                    match at {
                        Some(at) => comparison.in_schema.push(differs(message, at)),
                        None => comparison.beyond.push(differs(message, At::default())),
                    }
                }
            }
        }
        in_order(&mut comparison.in_schema);
        comparison
    }
}

fn differs(message: String, at: At) -> Diagnostic {
    Diagnostic::new(code::SCHEMA_DIFFERS, message, at).help("run `cargo migrate generate NAME`")
}

fn is_still_called(rename: &Rename) -> Diagnostic {
    let message = format!("{} is {} after the migrations", told(&rename.renamed), told(&rename.before));
    differs(message, rename.at)
}

/// The differences in both directions: what only the migrations grant counts as well.
pub(crate) fn differences(schema: &Catalog, history: &Catalog) -> Vec<Difference> {
    let mut differences = schema.differences(history);
    let known = |differences: &[Difference], one: &Difference| {
        differences.iter().any(|other| match (one, other) {
            (
                Difference::Different { object, property, .. },
                Difference::Different { object: other, property: other_property, .. },
            ) => object == other && property == other_property,
            (one, other) => one == other,
        })
    };
    for difference in history.differences(schema) {
        let turned = match difference {
            Difference::Missing(object) => Difference::Unexpected(object),
            Difference::Unexpected(object) => Difference::Missing(object),
            Difference::Different { object, property, expected, found } => {
                Difference::Different { object, property, expected: found, found: expected }
            }
        };
        // Of a sequence only the schema says what counts.
        let is_of_sequence =
            matches!(turned, Difference::Different { property: Property::Other("sequence" | "logged"), .. });
        if !is_of_sequence && !known(&differences, &turned) {
            differences.push(turned);
        }
    }
    differences
}

/// Where the schema has an object.
fn place(object: &Object, schema: &Schema) -> Option<At> {
    let places = &schema.spots.places;
    let own = origin(object).and_then(|origin| places.get(&origin));
    let of_table = || places.get(&Origin::Table(object.table()?.clone()));
    own.or_else(of_table).copied()
}

fn origin(object: &Object) -> Option<Origin> {
    Some(match object {
        Object::Extension(name) => Origin::Extension(name.clone()),
        Object::Enum(name) => Origin::Type(name.clone()),
        Object::Table(name) => Origin::Table(name.clone()),
        Object::Column { table, column } => Origin::Column(table.clone(), column.clone()),
        Object::Constraint { table, name } => Origin::Constraint(table.clone(), name.clone()),
        Object::Index { table, name } => Origin::Index(table.sibling(name)),
        Object::Other(id) => Origin::Object(id.clone()),
    })
}

/// The columns that only one side has: what is over one of them goes with it, and one may be another with a new name.
struct Gone<'d> {
    missing: SortedSet<(&'d QualifiedName, &'d str)>,
    unexpected: SortedSet<(&'d QualifiedName, &'d str)>,
    tables: SortedSet<&'d QualifiedName>,
}

impl<'d> Gone<'d> {
    fn of(differences: &'d [Difference]) -> Self {
        let mut gone = Gone { missing: SortedSet::new(), unexpected: SortedSet::new(), tables: SortedSet::new() };
        for difference in differences {
            match difference {
                Difference::Missing(Object::Column { table, column }) => {
                    gone.missing.insert((table, column.as_str()));
                }
                Difference::Unexpected(Object::Column { table, column }) => {
                    gone.unexpected.insert((table, column.as_str()));
                }
                Difference::Unexpected(Object::Table(name)) => {
                    gone.tables.insert(name);
                }
                _ => {}
            }
        }
        gone
    }

    /// Whether a constraint or an index is over a column that differs as well.
    fn takes_along(&self, object: &Object, catalog: &Catalog) -> bool {
        let is_gone = |table: &QualifiedName, column: &str| {
            self.missing.contains(&(table, column)) || self.unexpected.contains(&(table, column))
        };
        let found = |table| catalog.table(table);
        match object {
            Object::Constraint { table, name } => {
                let constraint = found(table).and_then(|found: &Table| found.constraints.get(name));
                constraint.is_some_and(|one| columns_of_constraint(one).iter().any(|column| is_gone(table, column)))
            }
            Object::Index { table, name } => {
                let index = catalog.indexable(table).and_then(|found| found.indexes.get(name).cloned());
                index.is_some_and(|one| columns_of_index(&one).iter().any(|column| is_gone(table, column)))
            }
            _ => false,
        }
    }

    /// What to write where something may be another one with a new name.
    fn may_be_renamed(&self, object: &Object) -> Option<String> {
        let told =
            |before: &str| format!("if it was called `{before}` before, write `#[was({})]` before it", written(before));
        match object {
            Object::Column { table, .. } => {
                let mut of_table = self.unexpected.iter().filter(|(other, _)| *other == table);
                let (first, more) = (of_table.next()?, of_table.next());
                more.is_none().then(|| told(first.1))
            }
            Object::Table(_) if self.tables.len() == 1 => self.tables.first().map(|name| told(&name.to_string())),
            _ => None,
        }
    }
}

/// A name as the source has it.
fn written(name: &str) -> String {
    let is_plain = name.chars().all(|one| one.is_alphanumeric() || one == '_' || one == '.');
    if is_plain { name.to_owned() } else { format!("{name:?}") }
}

fn columns_of_constraint(constraint: &Constraint) -> Vec<String> {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key.columns.clone(),
        ConstraintKind::ForeignKey(key) => key.columns.clone(),
        ConstraintKind::Check(expression) => expression.columns().into_iter().map(Into::into).collect(),
        ConstraintKind::Exclusion(exclusion) => {
            let keys = exclusion.elements.iter().map(|element| &element.key);
            keys.flat_map(|key| key.expression.columns()).map(Into::into).collect()
        }
    }
}

fn columns_of_index(index: &Index) -> Vec<String> {
    let named = index.expressions().flat_map(migrate_core::expression::Expression::columns).map(Into::into);
    named.chain(index.include.iter().cloned()).collect()
}
