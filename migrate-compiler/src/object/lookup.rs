//! Looking objects up, and whether a name is free.

use std::sync::Arc;

use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Kind, Namespace, Object, ObjectId, Schema};
use migrate_core::token::At;

use crate::check::{Checker, Origin};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Spanned};

impl Checker<'_> {
    /// Whether an object has a column or an attribute of this name; reported where it has none.
    pub(crate) fn column_of_object(&mut self, id: &ObjectId, definition: &Definition, column: &Name) -> Option<()> {
        let names = definition.column_names();
        if names.contains(&column.value) {
            return Some(());
        }
        let noun = if id.kind == Kind::CompositeType { "attribute" } else { "column" };
        let message = format!("cannot find {noun} `{}` of {id}", column.value);
        let known = choices(&column.value, names.iter().map(String::as_str), &format!("{noun}s"));
        self.report(Diagnostic::new(code::UNKNOWN_COLUMN, message, column.at).maybe_help(known));
        None
    }

    /// The object; reported when there is none.
    pub(crate) fn object(&mut self, id: &ObjectId, at: At) -> Option<Arc<Object>> {
        let found = self.state.catalog.objects.get(id).map(Arc::clone);
        if found.is_none() {
            let (told, written) = (id.told(), self.written(id));
            self.report_missing(id, &told, &written, at);
        }
        found
    }

    /// The object that another definition takes the place of.
    pub(super) fn object_to_replace(&mut self, id: &ObjectId, at: At) -> Option<Arc<Object>> {
        let known = self.mistakes();
        let found = self.object(id, at);
        for mistake in self.take_mistakes_since(known) {
            let help = format!("for a new one, write `create {}`", id.kind.keywords().to_lowercase());
            self.report(mistake.help(help));
        }
        found
    }

    /// Reports that there is no such object, which is told and written like this.
    pub(super) fn report_missing(&mut self, id: &ObjectId, told: &str, written: &str, at: At) {
        if let Some(maker) = self.state.undeclared.made(&id.name).cloned() {
            let declaration = format!("create {} {} ...", id.kind.noun(), id.name);
            self.report(self.undeclared(&format!("{told} is"), &maker, &declaration, at));
        } else if !self.state.broken.has_object(id) {
            let objects = self.state.catalog.objects.keys();
            let is_alike = |other: &&ObjectId| other.kind.keywords() == id.kind.keywords() && other.table == id.table;
            let alike = objects.filter(is_alike);
            let names: Vec<String> = alike.map(|other| self.written(other)).collect();
            let noun = id.kind.noun();
            let help = choices(written, names.iter().map(String::as_str), &plural(noun));
            let help =
                help.or((id.kind == Kind::Schema).then(|| format!("write `create schema {};` first", id.name.name)));
            self.report(Diagnostic::new(code::UNKNOWN_OBJECT, format!("cannot find {told}"), at).maybe_help(help));
        }
    }

    fn written(&self, id: &ObjectId) -> String {
        if id.kind.namespace() == Namespace::Routine {
            return super::routine::signature(id);
        }
        let arguments: Vec<String> = id.arguments.iter().map(ToString::to_string).collect();
        match (id.kind, arguments.as_slice(), &id.of) {
            (Kind::Cast, types, _) => return format!("({})", types.join(" as ")),
            (Kind::OwnOperator, [operand], _) => return format!("{} (none, {operand})", id.name),
            (Kind::OwnOperator, operands, _) => return format!("{} ({})", id.name, operands.join(", ")),
            (Kind::OperatorClass | Kind::OperatorFamily, _, Some(method)) => {
                return format!("{} using {method}", id.name);
            }
            (Kind::UserMapping, _, Some(server)) => return format!("for {} server {server}", id.name.name),
            _ => {}
        }
        match id.schema() {
            Some(_) if id.table.is_none() => id.name.to_string(),
            _ => id.name.name.clone(),
        }
    }

    /// The names of all tables and views.
    pub(crate) fn relation_names(&self) -> Vec<QualifiedName> {
        let catalog = &self.state.catalog;
        let objects = catalog.objects.keys().filter(|id| id.kind.namespace() == Namespace::Relation);
        catalog.tables.keys().chain(objects.map(|id| &id.name)).cloned().collect()
    }

    /// Whether a schema is there; reported when it is not. What raw SQL or an extension may have made is.
    pub(crate) fn schema_exists(&mut self, name: &str, at: At) -> bool {
        let id = Schema::id(name);
        let catalog = &self.state.catalog;
        if name == DEFAULT_SCHEMA
            || catalog.objects.contains_key(&id)
            || catalog.extensions.values().any(|extension| extension.schema() == name)
            || self.state.undeclared.may_have_made(name)
        {
            return true;
        }
        self.object(&id, at);
        // One message for a schema that is not there is enough.
        self.state.broken.objects.insert(id);
        false
    }

    /// Whether nothing else has the name, in the schema it is to be in; reported when something has.
    pub(crate) fn object_name_is_free(&mut self, id: &ObjectId, at: At) -> bool {
        if !self.name_fits(&Name { value: id.name.name.clone(), at }) {
            return false;
        }
        if id.schema().is_some_and(|schema| id.table.is_none() && !self.schema_exists(schema, at)) {
            return false;
        }
        let name = Spanned { value: id.name.clone(), at };
        match id.kind.namespace() {
            Namespace::Relation => return self.relation_name_is_free(&name, code::DUPLICATE_OBJECT),
            Namespace::Type => return self.type_name_is_free(&name),
            Namespace::Database | Namespace::Routine | Namespace::Table | Namespace::Schema => {}
        }
        if let Some(owner) = self.on_update_of(id) {
            self.report(
                Diagnostic::new(
                    code::DUPLICATE_OBJECT,
                    format!("the `on update` of `{owner}` already has a {} of this name", id.kind.noun()),
                    at,
                )
                .help("choose another name"),
            );
            return false;
        }
        let collides = |other: &&ObjectId| {
            other.kind.namespace() == id.kind.namespace()
                && other.name == id.name
                && other.table == id.table
                && other.arguments == id.arguments
                && other.of == id.of
                && (other.kind == id.kind || id.kind.namespace() == Namespace::Routine)
        };
        let Some(other) = self.state.catalog.objects.keys().find(collides).cloned() else { return true };
        let mut mistake =
            Diagnostic::new(code::DUPLICATE_OBJECT, format!("{other} already exists"), at).help("choose another name");
        mistake.notes.extend(self.state.made_in("it", &Origin::Object(other)));
        self.report(mistake);
        false
    }

    /// The column whose `on update` has the function or the trigger of this name.
    fn on_update_of(&self, id: &ObjectId) -> Option<String> {
        let is_routine = id.kind.namespace() == Namespace::Routine && id.arguments.is_empty();
        let may_be_its = |table: &QualifiedName| match id.table() {
            Some(of) => of == *table,
            None => is_routine && table.schema == id.name.schema,
        };
        let tables = self.state.catalog.tables.iter().filter(|(table, _)| may_be_its(table));
        let columns =
            tables.flat_map(|(table, definition)| definition.columns.iter().map(move |column| (table, column)));
        let has_name = |on_update: &migrate_core::catalog::OnUpdate| on_update.trigger == id.name.name;
        let mut found = columns.filter(|(_, column)| column.on_update.as_ref().is_some_and(has_name));
        found.next().map(|(table, column)| format!("{table}.{}", column.name))
    }
}

/// The noun of a kind for several of it.
fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    }
}
