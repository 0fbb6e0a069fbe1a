//! What a text names that is read as `regclass`, `regtype`, `regproc` and their like: the server looks it up at once.

use migrate_core::expression::NamedInText;
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Kind, Namespace};
use migrate_core::system;
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Type};

use super::Checker;
use crate::diagnostic::{Diagnostic, choices, code};

impl Checker<'_> {
    /// A name in a text with its schema, where it is one of the user's: the server reads it with nothing but the system's
    /// schema in the path.
    pub(super) fn named_in_full(&self, text: &str, data_type: &Type) -> Option<String> {
        let Type::BuiltIn(read_as) = data_type else { return None };
        let catalog = self.catalog();
        let mut named = NamedInText::read(text, *read_as)?;
        if let NamedInText::Type(found) = &named {
            let is_own =
                found.depends_on().is_some_and(|name| catalog.has_type(name) || catalog.tables.contains_key(name));
            return is_own.then(|| named.text());
        }
        let name = named.name()?;
        let is_relation = named.relation().is_some()
            && (catalog.has_relation(&name)
                || catalog.owner_of_identity(&name).is_some()
                || self.coming.contains(&name));
        if !is_relation && !catalog.objects.keys().any(|id| named.is(id)) {
            return None;
        }
        named.rename(&name);
        Some(named.text())
    }

    /// What is said about a text that names nothing that there is.
    pub(super) fn names_nothing(
        &self,
        text: &str,
        data_type: &Type,
        table: Option<&QualifiedName>,
        at: At,
    ) -> Option<Diagnostic> {
        let Type::BuiltIn(read_as) = data_type else { return None };
        // A schema has no order: what is named may stand below.
        if self.is_schema() {
            return None;
        }
        let (schema, name, arguments) = match NamedInText::read(text, *read_as)? {
            NamedInText::Type(data_type) => return self.no_type(&data_type, at),
            NamedInText::Object { schema, name, arguments, .. } => (schema, name, arguments),
        };
        match read_as {
            BuiltIn::RegClass => self.no_relation(schema, name, table, at),
            BuiltIn::RegProc | BuiltIn::RegProcedure => {
                let arguments: Option<Vec<Type>> = arguments.map(|types| types.into_iter().flatten().collect());
                if let Some(mistake) = arguments.iter().flatten().find_map(|one| self.no_type(one, at)) {
                    return Some(mistake);
                }
                self.no_function(schema, name, arguments.as_deref(), at)
            }
            BuiltIn::RegNamespace => self.no_schema(&name, at),
            _ => None,
        }
    }

    fn no_relation(
        &self,
        schema: Option<String>,
        name: String,
        table: Option<&QualifiedName>,
        at: At,
    ) -> Option<Diagnostic> {
        if is_systems(schema.as_deref(), &name) || self.may_be_passing(&name) || self.catalog().has_unknown_extension()
        {
            return None;
        }
        let schema = schema.unwrap_or_else(|| self.schema_of_relation(&name));
        let name = QualifiedName::in_schema(schema, name);
        let catalog = self.catalog();
        let is_open = self.state.undeclared.made(&name).is_some()
            || self.state.undeclared.may_have_made(&name.name)
            || self.state.broken.has_relation(&name)
            || self.state.broken.may_have_sequence(&name);
        // The sequence of an identity column has the name of both, with a number where that was taken, or one of its own.
        let is_of_identity = || {
            catalog.tables.iter().filter(|(table, _)| table.schema == name.schema).any(|(table, definition)| {
                let mut sequences = definition.columns.iter().filter_map(|column| column.identity_sequence(table));
                sequences.any(|sequence| sequence == name || name.name.starts_with(&table.name))
            })
        };
        let is_known = table == Some(&name)
            || catalog.has_relation(&name)
            || self.coming.contains(&name)
            || catalog.object_named(Namespace::Type, &name).is_some_and(|(id, _)| id.kind == Kind::CompositeType);
        if is_open || is_known || is_of_identity() {
            return None;
        }
        let written = name.to_string();
        let objects = catalog.objects.keys().filter(|id| id.kind.namespace() == Namespace::Relation);
        let of_identities = catalog.tables.iter().flat_map(|(table, definition)| {
            definition.columns.iter().filter_map(move |column| column.identity_sequence(table))
        });
        let relations = catalog.tables.keys().chain(objects.map(|id| &id.name)).cloned();
        let known: Vec<String> = relations.chain(of_identities).map(|name| name.to_string()).collect();
        Some(Diagnostic::new(code::UNKNOWN_TABLE, format!("cannot find relation `{written}`"), at).maybe_help(choices(
            &written,
            known.iter().map(String::as_str),
            "relations",
        )))
    }

    fn no_type(&self, data_type: &Type, at: At) -> Option<Diagnostic> {
        let name = data_type.depends_on()?;
        let catalog = self.catalog();
        let extension = crate::extensions::providing_type(&name.name);
        let is_open = self.state.undeclared.made(name).is_some()
            || self.state.undeclared.may_have_made(&name.name)
            || self.state.broken.has_type(name)
            || extension.is_some_and(|extension| catalog.extensions.contains_key(extension))
            || is_systems(Some(&name.schema), "")
            || self.catalog().has_unknown_extension();
        if is_open || catalog.has_type(name) || catalog.tables.contains_key(name) {
            return None;
        }
        let written = name.to_string();
        let types = catalog.objects.keys().filter(|id| id.kind.namespace() == Namespace::Type).map(|id| &id.name);
        let own: Vec<String> = catalog.enums.keys().chain(types).map(ToString::to_string).collect();
        let known = own.iter().map(String::as_str).chain(crate::extensions::BUILT_IN_TYPES.iter().copied());
        Some(
            Diagnostic::new(code::UNKNOWN_TYPE, format!("cannot find type `{written}`"), at)
                .maybe_help(crate::diagnostic::closest(&written, known).map(|name| format!("did you mean `{name}`?"))),
        )
    }

    /// A function by its name alone, which must be the only one of it, or with its arguments.
    fn no_function(
        &self,
        schema: Option<String>,
        name: String,
        arguments: Option<&[Type]>,
        at: At,
    ) -> Option<Diagnostic> {
        let is_open = self.state.undeclared.may_have_made(&name)
            || self.catalog().has_unknown_extension()
            || self.catalog().extensions.keys().any(|extension| {
                system::functions(&name).any(|function| function.extension() == Some(extension.as_str()))
            });
        if is_open || schema.as_deref().is_some_and(|schema| schema == "pg_catalog") {
            return None;
        }
        let of_system = match schema {
            None => system::functions(&name)
                .filter(|function| function.extension().is_none() && function.versions().has(self.postgres()))
                .count(),
            Some(_) => 0,
        };
        let schema = schema.unwrap_or_else(|| DEFAULT_SCHEMA.to_owned());
        let routines = || self.catalog().objects.keys().filter(|id| id.kind.namespace() == Namespace::Routine);
        let own: Vec<_> = routines().filter(|id| id.name.name == name && id.name.schema == schema).collect();
        let written = QualifiedName::in_schema(schema, name).to_string();
        match arguments {
            None if own.len() + of_system > 1 => {
                let message = format!("more than one function is named `{written}`");
                let help = format!("write its arguments, as in `{written}(...)`, and `regprocedure` for `regproc`");
                Some(Diagnostic::new(code::UNKNOWN_FUNCTION, message, at).help(help))
            }
            None if own.len() + of_system == 1 => None,
            Some(arguments) if of_system > 0 || own.iter().any(|id| id.arguments == arguments) => None,
            _ => {
                let known: Vec<String> = match own.is_empty() {
                    true => routines().map(|id| id.name.to_string()).collect(),
                    false => own.iter().map(|id| signature(&id.name.to_string(), &id.arguments)).collect(),
                };
                let shown = arguments.map_or(written.clone(), |arguments| signature(&written, arguments));
                Some(
                    Diagnostic::new(code::UNKNOWN_FUNCTION, format!("cannot find function `{shown}`"), at)
                        .maybe_help(choices(&shown, known.iter().map(String::as_str), "functions")),
                )
            }
        }
    }

    fn no_schema(&self, name: &str, at: At) -> Option<Diagnostic> {
        let catalog = self.catalog();
        let schemas = || catalog.objects.keys().filter(|id| id.kind == Kind::Schema).map(|id| id.name.name.as_str());
        if name == DEFAULT_SCHEMA
            || is_systems(Some(name), name)
            || schemas().any(|schema| schema == name)
            || self.state.undeclared.may_have_made(name)
            || self.catalog().has_unknown_extension()
        {
            return None;
        }
        let known: Vec<&str> = schemas().chain([DEFAULT_SCHEMA]).collect();
        Some(
            Diagnostic::new(code::UNKNOWN_OBJECT, format!("cannot find schema `{name}`"), at)
                .maybe_help(choices(name, known, "schemas")),
        )
    }
}

fn signature(name: &str, arguments: &[Type]) -> String {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    format!("{name}({})", arguments.join(", "))
}

fn is_systems(schema: Option<&str>, name: &str) -> bool {
    match schema {
        Some(schema) => schema.starts_with("pg_") || schema == "information_schema",
        None => name.starts_with("pg_"),
    }
}

#[cfg(test)]
mod tests {
    use crate::inline::compile_history;

    fn mistakes(rest: &str) -> Vec<String> {
        let found = compile_history(&format!(
            "migration \"1_a\" {{ create table old {{ id: bigint generated always as identity primary key }} }}
             migration \"2_b\" {{ alter table old rename to current; {rest} }}"
        ));
        found.err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_sequence_of_an_identity_is_found_by_the_name_that_it_has_kept() {
        assert_eq!(mistakes("create table t { id: bigint = nextval(\"old_id_seq\") primary key }"), [""; 0]);
        assert_eq!(mistakes("create table t { id: bigint = nextval(\"other_id_seq\") primary key }").len(), 1);
    }
}
