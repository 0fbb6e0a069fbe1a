//! What the schema says was called otherwise before: `#[was(total)] amount: ...`.

use migrate_core::catalog::Catalog;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Kind, ObjectId};
use migrate_core::operation::{
    MoveEnum, MoveTable, Operate as _, Operation, RenameColumn, RenameEnum, RenameEnumValue, RenameIndex, RenameObject,
    RenameTable,
};

use super::exchanged;
use crate::check::{Renamed, State, Was};
use crate::diagnostic::{Diagnostic, choices, code};

/// A rename that the history has not done yet.
#[derive(Clone, Debug)]
pub struct Rename {
    /// What it is, by its new name.
    pub renamed: Renamed,
    /// What it is, by its old name: tables and columns by the names that they have in the history.
    pub before: Renamed,
    /// The place of the attribute.
    pub(crate) at: migrate_core::token::At,
}

/// The renames that are left to do, schemas first, then tables and enums; the history with them done; and what cannot be meant.
pub(super) fn all(renamed: &[Was], schema: &Catalog, history: &State) -> (Vec<Rename>, Catalog, Vec<Diagnostic>) {
    let (renames, mistakes) = (Vec::new(), Vec::new());
    let mut found = Found { schema, all: renamed, catalog: history.catalog.clone(), renames, mistakes };
    let is_part = |one: &&Was| matches!(one.renamed, Renamed::Column(..) | Renamed::Value(..) | Renamed::Index(..));
    let is_schema = |one: &&Was| matches!(&one.renamed, Renamed::Object(id) if id.kind == Kind::Schema);
    let (parts, wholes): (Vec<&Was>, Vec<&Was>) = renamed.iter().partition(is_part);
    let (schemas, wholes): (Vec<&Was>, Vec<&Was>) = wholes.into_iter().partition(is_schema);
    for mut all in [schemas, wholes, parts] {
        while let Some(circle) = found.circle(&all) {
            let circle: Vec<&Was> = circle.into_iter().rev().map(|at| all.remove(at)).collect();
            found.exchange(&circle, &history.renames);
        }
        // A name that another one leaves is free only after that.
        while let Some(next) = all.iter().position(|one| !has(&found.catalog, &one.renamed)) {
            found.one(all.remove(next));
        }
        all.into_iter().for_each(|one| found.one(one));
    }
    (found.renames, found.catalog, found.mistakes)
}

struct Found<'c> {
    schema: &'c Catalog,
    /// What has another name now.
    all: &'c [Was],
    /// The history with the renames so far.
    catalog: Catalog,
    renames: Vec<Rename>,
    mistakes: Vec<Diagnostic>,
}

impl Found<'_> {
    fn one(&mut self, was: &Was) {
        let old = self.before(was);
        if has(&self.catalog, &was.renamed) {
            // It is done already, or somebody else has the name.
            if has(&self.catalog, &old) && !has(self.schema, &old) {
                let message = format!("{} and {} are both created by the migrations", told(&old), told(&was.renamed));
                self.mistakes.push(
                    Diagnostic::new(code::INVALID_WAS, message, was.was.at)
                        .help("remove `#[was(...)]`, and drop one of them by leaving it out"),
                );
            }
            return;
        }
        if !has(&self.catalog, &old) {
            let message = format!("the migrations do not create {}", told(&old));
            let names = siblings(&self.catalog, &old);
            let help = choices(name(&old), names.iter().map(String::as_str), "names");
            self.mistakes.push(Diagnostic::new(code::INVALID_WAS, message, was.was.at).maybe_help(help));
            return;
        }
        // The old name may be the new one of another thing.
        if has(self.schema, &old) && self.all.iter().all(|other| other.renamed != old) {
            let message = format!("{} is still defined in the schema", told(&old));
            self.mistakes.push(
                Diagnostic::new(code::INVALID_WAS, message, was.was.at)
                    .help("remove `#[was(...)]`, or the definition with the old name"),
            );
            return;
        }
        if self.renames.iter().any(|other| other.before == self.in_history(&old)) {
            let message = format!("{} is renamed more than once", told(&old));
            self.mistakes.push(Diagnostic::new(code::INVALID_WAS, message, was.was.at).help("remove one of them"));
            return;
        }
        let before = self.in_history(&old);
        for operation in operations(&old, &was.renamed) {
            operation.apply(&mut self.catalog);
        }
        self.renames.push(Rename { renamed: was.renamed.clone(), before, at: was.was.at });
    }

    /// The places of those whose names go round in a circle, in their order: the history has all of the names.
    fn circle(&self, all: &[&Was]) -> Option<Vec<usize>> {
        let is_there = |one: &Was| has(&self.catalog, &one.renamed) && has(&self.catalog, &self.before(one));
        let next = |one: &Was| {
            let old = self.before(one);
            all.iter().position(|other| other.renamed == old && is_there(other))
        };
        (0..all.len()).find_map(|first| {
            let mut places = vec![first];
            let mut at = all.get(first).filter(|one| is_there(one)).and_then(|one| next(one))?;
            while at != first {
                if places.contains(&at) {
                    return None;
                }
                places.push(at);
                at = all.get(at).and_then(|one| next(one))?;
            }
            places.sort_unstable();
            Some(places)
        })
    }

    /// Renames what goes round in a circle, where the migrations have not done it yet.
    fn exchange(&mut self, circle: &[&Was], renames: &[Operation]) {
        let names = circle.iter().map(|one| {
            let old = self.before(one);
            (self.in_history(&one.renamed), self.in_history(&old))
        });
        let names: Vec<(Renamed, Renamed)> = names.collect();
        if exchanged::is_done(&names, renames) {
            return;
        }
        // All get out of the way, and then their new names.
        let old: Vec<Renamed> = circle.iter().map(|one| self.before(one)).collect();
        let meanwhile = |old: &Renamed| called(old, &format!("{}{MEANWHILE}", name(old)));
        let out = old.iter().flat_map(|old| operations(old, &meanwhile(old)));
        let back = old.iter().zip(circle).flat_map(|(old, one)| operations(&meanwhile(old), &one.renamed));
        for operation in out.chain(back).collect::<Vec<Operation>>() {
            operation.apply(&mut self.catalog);
        }
        for (one, (_, before)) in circle.iter().zip(names) {
            self.renames.push(Rename { renamed: one.renamed.clone(), before, at: one.was.at });
        }
    }

    /// The same with the names that its table or its enum, and its schema, have in the history.
    fn in_history(&self, old: &Renamed) -> Renamed {
        let whole = |name: &QualifiedName| {
            let of_schema = self.schemas().find(|(_, new)| *new == name.schema);
            of_schema.map_or_else(|| name.clone(), |(old, _)| QualifiedName::in_schema(old, name.name.as_str()))
        };
        let of = |name: &QualifiedName| {
            let of = |rename: &Rename| match (&rename.renamed, &rename.before) {
                (Renamed::Table(new), Renamed::Table(old)) | (Renamed::Enum(new), Renamed::Enum(old))
                    if new == name =>
                {
                    Some(old.clone())
                }
                _ => None,
            };
            self.renames.iter().find_map(of).unwrap_or_else(|| whole(name))
        };
        match old {
            Renamed::Column(table, column) => Renamed::Column(of(table), column.clone()),
            Renamed::Value(name, value) => Renamed::Value(of(name), value.clone()),
            Renamed::Index(table, index) => Renamed::Index(of(table), index.clone()),
            Renamed::Table(name) => Renamed::Table(whole(name)),
            Renamed::Enum(name) => Renamed::Enum(whole(name)),
            Renamed::Object(id) => Renamed::Object(ObjectId { name: whole(&id.name), ..id.clone() }),
        }
    }

    /// What was said to be called so before: its schema may have another name by now.
    fn before(&self, was: &Was) -> Renamed {
        let mut name = was.was.value.clone();
        if let Some((_, new)) = self.schemas().find(|(old, _)| *old == name.schema) {
            name.schema = new.to_owned();
        }
        before(&was.renamed, &name)
    }

    /// The schemas that are renamed: the old name and the new one.
    fn schemas(&self) -> impl Iterator<Item = (&str, &str)> {
        self.renames.iter().filter_map(|rename| match (&rename.before, &rename.renamed) {
            (Renamed::Object(old), Renamed::Object(new)) if new.kind == Kind::Schema => {
                Some((old.name.name.as_str(), new.name.name.as_str()))
            }
            _ => None,
        })
    }
}

/// The same kind of thing with the name before.
fn before(renamed: &Renamed, was: &QualifiedName) -> Renamed {
    let part = || was.name.clone();
    match renamed {
        Renamed::Table(_) => Renamed::Table(was.clone()),
        Renamed::Enum(_) => Renamed::Enum(was.clone()),
        // What is in no schema has a name all the same.
        Renamed::Object(id) if id.schema().is_none() => {
            Renamed::Object(ObjectId { name: id.name.sibling(was.name.as_str()), ..id.clone() })
        }
        Renamed::Object(id) => Renamed::Object(ObjectId { name: was.clone(), ..id.clone() }),
        Renamed::Column(table, _) => Renamed::Column(table.clone(), part()),
        Renamed::Value(of, _) => Renamed::Value(of.clone(), part()),
        Renamed::Index(table, _) => Renamed::Index(table.clone(), part()),
    }
}

/// A character that no name of a database has.
const MEANWHILE: char = '\0';

/// The same with another name.
fn called(what: &Renamed, name: &str) -> Renamed {
    let part = || name.to_owned();
    match what {
        Renamed::Table(one) => Renamed::Table(one.sibling(name)),
        Renamed::Enum(one) => Renamed::Enum(one.sibling(name)),
        Renamed::Object(id) => Renamed::Object(ObjectId { name: id.name.sibling(name), ..id.clone() }),
        Renamed::Column(table, _) => Renamed::Column(table.clone(), part()),
        Renamed::Value(of, _) => Renamed::Value(of.clone(), part()),
        Renamed::Index(table, _) => Renamed::Index(table.clone(), part()),
    }
}

fn has(catalog: &Catalog, what: &Renamed) -> bool {
    match what {
        Renamed::Table(name) => catalog.tables.contains_key(name),
        Renamed::Enum(name) => catalog.enums.contains_key(name),
        Renamed::Object(id) => catalog.objects.contains_key(id),
        Renamed::Column(table, column) => catalog.table(table).is_some_and(|table| table.column(column).is_some()),
        Renamed::Value(of, value) => catalog.enum_type(of).is_some_and(|found| found.values.contains(value)),
        Renamed::Index(table, index) => catalog.indexable(table).is_some_and(|table| table.indexes.contains_key(index)),
    }
}

fn name(what: &Renamed) -> &str {
    match what {
        Renamed::Table(name) | Renamed::Enum(name) => &name.name,
        Renamed::Object(id) => &id.name.name,
        Renamed::Column(_, part) | Renamed::Value(_, part) | Renamed::Index(_, part) => part,
    }
}

/// The names among which a mistyped one may be.
fn siblings(catalog: &Catalog, what: &Renamed) -> Vec<String> {
    match what {
        Renamed::Table(_) => catalog.tables.keys().map(ToString::to_string).collect(),
        Renamed::Enum(_) => catalog.enums.keys().map(ToString::to_string).collect(),
        Renamed::Object(id) => {
            catalog.objects.keys().filter(|one| one.kind == id.kind).map(|one| one.name.to_string()).collect()
        }
        Renamed::Column(table, _) => {
            let columns = catalog.table(table).map(|table| &table.columns);
            columns.into_iter().flatten().map(|column| column.name.clone()).collect()
        }
        Renamed::Value(of, _) => catalog.enum_type(of).map(|found| found.values.clone()).unwrap_or_default(),
        Renamed::Index(table, _) => {
            catalog.indexable(table).map(|table| table.indexes.keys().cloned().collect()).unwrap_or_default()
        }
    }
}

/// What it is in words.
pub(super) fn told(what: &Renamed) -> String {
    match what {
        Renamed::Table(name) => format!("table `{name}`"),
        Renamed::Enum(name) => format!("enum `{name}`"),
        Renamed::Object(id) => id.told(),
        Renamed::Column(table, column) => format!("column `{table}.{column}`"),
        Renamed::Value(of, value) => format!("value `{value}` of `{of}`"),
        Renamed::Index(_, index) => format!("index `{index}`"),
    }
}

/// What renames one into the other.
fn operations(old: &Renamed, new: &Renamed) -> Vec<Operation> {
    match (old, new) {
        (Renamed::Table(old), Renamed::Table(new)) => {
            let moves =
                (old.schema != new.schema).then(|| MoveTable { table: old.clone(), schema: new.schema.clone() }.into());
            let from = QualifiedName::in_schema(new.schema.clone(), old.name.clone());
            let renames = (old.name != new.name).then(|| RenameTable { from, to: new.name.clone() }.into());
            moves.into_iter().chain(renames).collect()
        }
        (Renamed::Enum(old), Renamed::Enum(new)) => {
            let moves =
                (old.schema != new.schema).then(|| MoveEnum { name: old.clone(), schema: new.schema.clone() }.into());
            let from = QualifiedName::in_schema(new.schema.clone(), old.name.clone());
            let renames = (old.name != new.name).then(|| RenameEnum { from, to: new.name.clone() }.into());
            moves.into_iter().chain(renames).collect()
        }
        (Renamed::Object(old), Renamed::Object(new)) => {
            vec![RenameObject { id: old.clone(), to: new.name.clone() }.into()]
        }
        (Renamed::Column(table, from), Renamed::Column(_, to)) => {
            vec![RenameColumn { table: table.clone(), from: from.clone(), to: to.clone() }.into()]
        }
        (Renamed::Value(name, from), Renamed::Value(_, to)) => {
            vec![RenameEnumValue { name: name.clone(), from: from.clone(), to: to.clone() }.into()]
        }
        (Renamed::Index(table, from), Renamed::Index(_, to)) => {
            vec![RenameIndex { table: table.clone(), from: from.clone(), to: to.clone() }.into()]
        }
        _ => Vec::new(),
    }
}
