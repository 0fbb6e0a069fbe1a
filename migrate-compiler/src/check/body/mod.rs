//! Bodies of functions and procedures in SQL and PL/pgSQL: their static statements are checked as queries are, and what
//! they use is known. PostgreSQL keeps such a body as a text and looks its names up when it runs, so this is done at the
//! end of the migration: what a body uses may be made, renamed or dropped in any order in it.

mod plpgsql;
mod raw;
mod routine;
mod row_fields;
mod sql;
mod still_used;
#[cfg(test)]
mod tests;

use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Function, Namespace, ObjectId, Procedure};
use migrate_core::sorted::{SortedMap, SortedSet};
use migrate_core::sql::line_of;
use migrate_core::token::At;

pub(crate) use raw::RawUser;
pub(super) use still_used::Gone;

use super::Checker;
use crate::diagnostic::code;

/// Where the names of a body without a schema are looked up.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    /// The schemas of the path.
    path: Vec<String>,
    /// Whether it is known: the function sets it, or the server reads the body when it makes the function. Else it is that of
    /// the caller.
    is_known: bool,
    /// Tables that come and go while it runs: temporary ones, and those of transitions.
    passing: SortedSet<String>,
    /// Those of transitions that have the columns of one table.
    transitions: SortedMap<String, QualifiedName>,
    /// Whether any table may be one of those.
    is_open: bool,
}

impl Lookup {
    fn of(function: &Function) -> Self {
        let set = function.options.settings.get("search_path");
        let path = match set {
            Some(path) => path.split(',').map(|schema| schema.trim().trim_matches('"').to_owned()).collect(),
            None => vec![DEFAULT_SCHEMA.to_owned()],
        };
        let is_known = set.is_some() || function.language == "sql";
        Lookup { path, is_known, passing: SortedSet::new(), transitions: SortedMap::new(), is_open: false }
    }

    /// The path of whoever calls it.
    fn of_caller() -> Self {
        let path = vec![DEFAULT_SCHEMA.to_owned()];
        Lookup { path, is_known: false, passing: SortedSet::new(), transitions: SortedMap::new(), is_open: true }
    }

    /// Whether a schema may be in the path.
    pub(super) fn may_be_in_path(&self, schema: &str) -> bool {
        !self.is_known || self.path.iter().any(|known| known == schema)
    }

    /// Whether this may be a table that comes and goes.
    pub(super) fn may_be_passing(&self, name: &str) -> bool {
        self.is_open || self.passing.contains(name)
    }
}

impl Checker<'_> {
    /// The schema of a table or a view that is named without one.
    pub(super) fn schema_of_relation(&self, name: &str) -> String {
        let Some(lookup) = &self.lookup else { return DEFAULT_SCHEMA.to_owned() };
        let catalog = &self.state.catalog;
        let in_path =
            lookup.path.iter().find(|schema| catalog.has_relation(&QualifiedName::in_schema(schema.as_str(), name)));
        if let Some(schema) = in_path {
            return schema.clone();
        }
        if !lookup.is_known {
            // The caller's path is not known: what is there once is meant.
            let objects = catalog.objects.keys().filter(|id| id.kind.namespace() == Namespace::Relation);
            let relations = catalog.tables.keys().chain(objects.map(|id| &id.name));
            let mut found: Vec<&QualifiedName> = relations.filter(|relation| relation.name == name).collect();
            found.dedup();
            if let [only] = found.as_slice() {
                return only.schema.clone();
            }
        }
        DEFAULT_SCHEMA.to_owned()
    }

    /// Whether the body that is being checked may have made this table for itself.
    pub(super) fn may_be_passing(&self, name: &str) -> bool {
        self.lookup.as_ref().is_some_and(|lookup| lookup.may_be_passing(name))
    }

    /// The table whose rows a table of a transition has, in the body that is being checked.
    pub(super) fn transition(&self, name: &str) -> Option<&QualifiedName> {
        self.lookup.as_ref()?.transitions.get(name)
    }

    /// Says of the mistakes since then where in the body they are, and puts them at its text.
    fn place_in_body(&mut self, known: usize, text: &str, at: At) {
        for mistake in self.mistakes.iter_mut().skip(known) {
            let line = line_of(text, mistake.at);
            mistake.at = at;
            let Some(line) = line else { continue };
            let written = text.lines().nth(line - 1).unwrap_or_default().trim();
            mistake.notes.insert(0, format!("on line {line} of the body: `{written}`"));
            if mistake.code.name != code::INVALID_SQL.name {
                mistake
                    .notes
                    .push("`#[allow(unchecked_body, reason = \"...\")]` leaves the names of a body unchecked".into());
            }
        }
    }
}

/// The function that an object is, or the procedure.
fn function_of(definition: &Definition) -> Option<&Function> {
    match definition {
        Definition::Function(function) | Definition::Procedure(Procedure(function)) => Some(function),
        _ => None,
    }
}

/// A body that waits for the end of the migration to be checked.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    id: ObjectId,
    /// Where its text is, or the trigger that runs it.
    at: At,
    /// Whether the item allows that its names are not looked up.
    is_allowed: bool,
}
