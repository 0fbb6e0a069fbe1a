//! Whether a name can be given: it fits into 63 bytes, and nothing else has it.

use migrate_core::catalog::{Constraint, Index, Table};
use migrate_core::name::{
    DEFAULT_SCHEMA, LONGEST_NAME, QualifiedName, free_numbered_name, free_object_name, object_name, truncated,
};
use migrate_core::object::Namespace;
use migrate_core::operation::RenameConstraint;
use migrate_core::token::At;
use migrate_core::types::Type;

use super::{Checker, Origin, Renamed, Was};
use crate::diagnostic::{Code, Diagnostic, choices, choices_of_names, code};
use crate::parser::{Head, Name, Spanned};

impl Checker<'_> {
    /// A mistake where a column is named as one that every table has.
    pub(crate) fn no_system_column(&mut self, name: &Name) {
        if crate::habit::is_system_column(&name.value) {
            self.report(
                Diagnostic::new(
                    code::DUPLICATE_COLUMN,
                    format!("column name `{}` conflicts with a system column name", name.value),
                    name.at,
                )
                .help("choose another name"),
            );
        }
    }

    /// Reports a `///` comment where none can be.
    pub(crate) fn no_comment(&mut self, head: &Head, what: &str) {
        if let Err(mistake) = head.without_comment(what) {
            self.report(mistake);
        }
    }

    /// Notes where an object is made.
    pub(crate) fn note_origin(&mut self, origin: Origin, at: At) {
        if let Some(spots) = &mut self.state.spots {
            spots.places.insert(origin.clone(), at);
        }
        let place = self.place(at);
        self.state.origins.insert(origin, place);
    }

    /// Whether a schema is compiled, rather than a migration.
    pub(crate) fn is_schema(&self) -> bool {
        self.state.spots.is_some()
    }

    /// Notes what something in a schema was called before.
    pub(crate) fn note_was(&mut self, renamed: Renamed, was: &Spanned<QualifiedName>) {
        if let Some(spots) = &mut self.state.spots {
            spots.renamed.push(Was { renamed, was: was.clone() });
        }
    }

    /// Whether the name fits; reported when it does not.
    pub(crate) fn name_fits(&mut self, name: &Name) -> bool {
        let bytes = name.value.len();
        if bytes <= LONGEST_NAME {
            return true;
        }
        let kept = truncated(&name.value).to_owned();
        let other = self.state.too_long.insert(kept.clone(), name.value.clone());
        if let Some(other) = other.filter(|other| *other != name.value) {
            self.report(
                Diagnostic::new(
                    code::NAME_COLLISION,
                    format!("`{}` and `{other}` become the same name when PostgreSQL truncates them", name.value),
                    name.at,
                )
                .help("choose shorter names")
                .note(format!("both would be truncated to `{kept}`")),
            );
            return false;
        }
        self.report(
            Diagnostic::new(
                code::NAME_TOO_LONG,
                format!("the name `{}` is {bytes} bytes long, but PostgreSQL allows only {LONGEST_NAME}", name.value),
                name.at,
            )
            .help("choose a shorter name")
            .note(format!("it would be truncated to `{kept}`")),
        );
        false
    }

    /// Whether no table or index has the name; reported when one has.
    pub(crate) fn relation_name_is_free(&mut self, name: &Spanned<QualifiedName>, code: &'static Code) -> bool {
        let catalog = &self.state.catalog;
        if !self.state.has_relation(&name.value) && !catalog.has_type(&name.value) {
            return true;
        }
        let (what, origin) = if catalog.tables.contains_key(&name.value) {
            ("table", Origin::Table(name.value.clone()))
        } else if catalog.enums.contains_key(&name.value) {
            ("enum", Origin::Type(name.value.clone()))
        } else if let Some((id, _)) = [Namespace::Relation, Namespace::Type]
            .into_iter()
            .find_map(|namespace| catalog.object_named(namespace, &name.value))
        {
            (id.kind.noun(), Origin::Object(id.clone()))
        } else {
            ("index", Origin::Index(name.value.clone()))
        };
        let mut mistake = Diagnostic::new(code, format!("{what} `{}` already exists", name.value), name.at)
            .help("choose another name");
        mistake.notes.extend(self.state.made_in("it", &origin));
        self.report(mistake);
        false
    }

    /// Whether no type has the name (a table is a type, too); reported when one has.
    pub(crate) fn type_name_is_free(&mut self, name: &Spanned<QualifiedName>) -> bool {
        let is_built_in = name.value.name.parse::<Type>().is_ok_and(|found| found.as_named().is_none());
        if is_built_in && name.value.schema == DEFAULT_SCHEMA {
            self.report(
                Diagnostic::new(
                    code::DUPLICATE_TYPE,
                    format!("`{}` is the name of a built-in type", name.value.name),
                    name.at,
                )
                .help("choose another name"),
            );
            return false;
        }
        self.relation_name_is_free(name, code::DUPLICATE_TYPE)
    }

    /// The table of a constraint that has an index of that name, and the index.
    pub(crate) fn constraint_with_index(&self, name: &QualifiedName) -> Option<(QualifiedName, Index)> {
        let tables = self.state.catalog.tables.iter().filter(|(table, _)| table.schema == name.schema);
        let mut found = tables.filter_map(|(table, definition)| {
            Some((table.clone(), definition.constraints.get(&name.name)?.kind.index()?))
        });
        found.next()
    }

    /// The index of that name with its table.
    pub(crate) fn index(&mut self, name: &Spanned<QualifiedName>) -> Option<(QualifiedName, Index)> {
        if let Some((table, index)) = self.state.catalog.index(&name.value) {
            return Some((table.clone(), index.clone()));
        }
        let broken = &self.state.broken;
        if broken.members.contains(&name.value)
            || broken.words.contains(&name.value.name)
            || !broken.members_of.is_empty()
            || !broken.unnamed_members_of.is_empty()
        {
            return None;
        }
        if let Some(maker) = self.state.undeclared.index(&name.value).cloned() {
            let what = format!("index `{}` is", name.value);
            let declaration = format!("create index {} on ...", name.value);
            self.report(self.undeclared(&what, &maker, &declaration, name.at));
            return None;
        }
        let owner = self.state.catalog.tables.iter().find(|(table, definition)| {
            table.schema == name.value.schema
                && definition.constraints.get(&name.value.name).is_some_and(|found| found.kind.has_index())
        });
        let written = name.value.to_string();
        let mistake = match owner {
            Some((table, _)) => Diagnostic::new(
                code::UNKNOWN_INDEX,
                format!("the index `{written}` belongs to a constraint of table `{table}`"),
                name.at,
            )
            .help(format!("write `alter table {table} drop constraint {};`", name.value.name)),
            None => {
                let tables = self.state.catalog.tables.iter();
                let names =
                    tables.flat_map(|(table, one)| one.indexes.keys().map(|index| table.sibling(index.as_str())));
                let names: Vec<QualifiedName> = names.collect();
                Diagnostic::new(code::UNKNOWN_INDEX, format!("cannot find index `{written}`"), name.at)
                    .maybe_help(choices_of_names(&name.value, &names, "indexes"))
            }
        };
        self.report(mistake);
        None
    }

    /// The constraint of a table.
    pub(crate) fn constraint<'t>(
        &mut self,
        table_name: &QualifiedName,
        table: &'t Table,
        name: &Name,
    ) -> Option<&'t Constraint> {
        let found = table.constraints.get(&name.value);
        if found.is_some() {
            return found;
        }
        let broken = &self.state.broken;
        let is_silent = broken.members_of.contains(table_name)
            || broken.unnamed_members_of.contains(table_name)
            || broken.words.contains(&name.value)
            || broken.members.contains(&table_name.sibling(name.value.clone()));
        if is_silent {
            return None;
        }
        if let Some(maker) = self.state.undeclared.constraint(table_name, &name.value).cloned() {
            let what = format!("constraint `{}` on table `{table_name}` is", name.value);
            let declaration = format!("alter table {table_name} {{ add constraint {} ... }}", name.value);
            self.report(self.undeclared(&what, &maker, &declaration, name.at));
        } else {
            let names = table.constraints.keys().map(String::as_str);
            self.report(
                Diagnostic::new(
                    code::UNKNOWN_CONSTRAINT,
                    format!("cannot find constraint `{}` on table `{table_name}`", name.value),
                    name.at,
                )
                .maybe_help(choices(&name.value, names, "constraints")),
            );
        }
        found
    }

    /// The name PostgreSQL would choose for a constraint or index of a table.
    pub(crate) fn free_member_name(
        &mut self,
        table_name: &QualifiedName,
        table: &Table,
        second: Option<&str>,
        label: &str,
    ) -> String {
        let base = table_name.sibling(object_name(&table_name.name, second, label));
        let from = self.state.taken_numbers.get(&base).copied().unwrap_or(0);
        let (name, number) = free_numbered_name(&table_name.name, second, label, from, |candidate| {
            table.has_constraint_or_index(candidate) || self.state.has_relation(&table_name.sibling(candidate))
        });
        self.state.taken_numbers.insert(base, number);
        name
    }

    /// The name for the trigger and the function of `on update`: the one that is written, or one that nothing else has: no
    /// function of its schema, ours or of raw SQL, and no trigger of its table. Reported when the written one is taken.
    pub(crate) fn on_update_name(
        &mut self,
        written: Option<&Name>,
        table_name: &QualifiedName,
        table: &Table,
        column: &str,
    ) -> String {
        let catalog = self.catalog();
        let has_it = |table: &Table, candidate: &str| {
            let others = table.columns.iter().filter(|one| one.name != column);
            others.filter_map(|column| column.on_update.as_ref()).any(|one| one.trigger == candidate)
        };
        let is_anothers = |candidate: &str| {
            let mut others = catalog.tables.iter().filter(|(name, _)| *name != table_name);
            has_it(table, candidate)
                || others.any(|(name, other)| {
                    let mut found = other.columns.iter().filter_map(|column| column.on_update.as_ref());
                    name.schema == table_name.schema && found.any(|one| one.trigger == candidate)
                })
        };
        let Some(written) = written else {
            return free_object_name(&table_name.name, Some(column), "on_update", |candidate| {
                self.state.routine_names.contains(candidate) || is_anothers(candidate)
            });
        };
        let is_routine = |id: &migrate_core::object::ObjectId| {
            id.name == table_name.sibling(written.value.clone()) && id.arguments.is_empty() && id.schema().is_some()
        };
        let of_catalog = catalog
            .objects
            .keys()
            .any(|id| is_routine(id) && matches!(id.kind.namespace(), Namespace::Routine | Namespace::Table));
        let is_taken = of_catalog || is_anothers(&written.value);
        if is_taken {
            let message = format!("`{}` is the name of another function or trigger", written.value);
            self.report(Diagnostic::new(code::DUPLICATE_OBJECT, message, written.at).help("choose another name"));
        }
        self.name_fits(written);
        written.value.clone()
    }

    /// Renames a constraint, with its index if it has one; answers whether it can have that name, reported when it cannot.
    pub(crate) fn rename_constraint(
        &mut self,
        table: &QualifiedName,
        definition: &Table,
        from: (&str, At),
        to: &Name,
        has_index: bool,
    ) -> bool {
        if !self.member_name(to, table, definition, has_index) {
            return false;
        }
        self.note_origin(Origin::Constraint(table.clone(), to.value.clone()), to.at);
        let (from, at) = (from.0.to_owned(), from.1);
        self.emit(RenameConstraint { table: table.clone(), from, to: to.value.clone() }, at);
        true
    }

    /// Whether a constraint or index of a table can have the written name; reported when it cannot.
    pub(crate) fn member_name(
        &mut self,
        name: &Name,
        table_name: &QualifiedName,
        table: &Table,
        has_index: bool,
    ) -> bool {
        if !self.name_fits(name) {
            return false;
        }
        if table.constraints.contains_key(&name.value) {
            let mut mistake = Diagnostic::new(
                code::DUPLICATE_CONSTRAINT,
                format!("table `{table_name}` already has a constraint `{}`", name.value),
                name.at,
            )
            .help("choose another name");
            let origin = Origin::Constraint(table_name.clone(), name.value.clone());
            mistake.notes.extend(self.state.made_in("it", &origin));
            self.report(mistake);
            return false;
        }
        let relation = Spanned { value: table_name.sibling(name.value.clone()), at: name.at };
        !has_index || self.relation_name_is_free(&relation, code::DUPLICATE_INDEX)
    }

    /// Whether an index of a table can have the written name; reported when it cannot. Checks and foreign keys have
    /// names of their own.
    pub(crate) fn index_name(&mut self, name: &Name, table_name: &QualifiedName) -> bool {
        let relation = Spanned { value: table_name.sibling(name.value.clone()), at: name.at };
        self.name_fits(name) && self.relation_name_is_free(&relation, code::DUPLICATE_INDEX)
    }
}
