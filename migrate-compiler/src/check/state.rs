use std::collections::{BTreeMap, BTreeSet};

use migrate_core::catalog::{Catalog, Used};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Namespace, ObjectId};
use migrate_core::operation::{Operate as _, Operation, RenameObject};
use migrate_core::plan::Place;
use migrate_core::sorted::{SortedMap, SortedSet};
use migrate_core::sql::lex;
use migrate_core::token::{Cursor, Token};

use super::body::RawUser;
use super::spots::Spots;
use super::undeclared::{Undeclared, words_of};

/// What is known of the database between two migrations.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// The catalog.
    pub(crate) catalog: Catalog,
    /// Where objects were made, to name the other place in a message.
    pub(crate) origins: BTreeMap<Origin, Place>,
    /// What was renamed and moved, in its order.
    pub(crate) renames: Vec<Operation>,
    /// What the bodies of functions and procedures use.
    pub(crate) bodies: SortedMap<ObjectId, SortedSet<Used>>,
    /// What raw SQL has made over other things.
    pub(crate) raw_users: Vec<RawUser>,
    /// What broken items would have made: there is a mistake already, so lookups of it stay silent.
    pub(crate) broken: Broken,
    /// The number in the last name that PostgreSQL would choose, by the name without one: those below are taken.
    pub(crate) taken_numbers: BTreeMap<QualifiedName, u32>,
    /// Tables that items below create.
    pub(crate) later: SortedSet<QualifiedName>,
    /// What raw SQL may have made without saying so. There is no mistake, so nothing about it may be left out silently.
    pub(crate) undeclared: Undeclared,
    /// Where the history says what it takes over.
    pub(crate) adopted: Option<Place>,
    /// Whether the history has a mistake so far. Until it has one, whatever is written must come to something.
    pub(crate) has_mistakes: bool,
    /// Names that are too long, by what PostgreSQL would keep of them.
    pub(crate) too_long: SortedMap<String, String>,
    /// Every name that a function or a trigger has or had, or that raw SQL may give to one, in any schema.
    pub(crate) routine_names: BTreeSet<String>,
    /// Every name that a table, an index or a constraint has or had, in any schema: what is not among them is free,
    /// without a look at each table.
    relation_names: BTreeSet<String>,
    /// Where a schema has what, while one is compiled.
    pub(crate) spots: Option<Spots>,
}

/// An object whose place in the source is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// An installed extension.
    Extension(String),
    /// A table.
    Table(QualifiedName),
    /// A column.
    Column(QualifiedName, String),
    /// An enum.
    Type(QualifiedName),
    /// A constraint of a table.
    Constraint(QualifiedName, String),
    /// An index.
    Index(QualifiedName),
    /// An object of one of the kinds that are alike.
    Object(ObjectId),
}

/// Names about which nothing is said, because there is a mistake where they should have been made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Broken {
    /// Tables and views.
    pub(crate) relations: SortedSet<QualifiedName>,
    /// Types.
    pub(crate) types: SortedSet<QualifiedName>,
    /// Objects of the kinds that are alike.
    pub(crate) objects: SortedSet<ObjectId>,
    /// Single columns.
    pub(crate) columns: SortedSet<(QualifiedName, String)>,
    /// Tables with columns, constraints or indexes that are not known.
    pub(crate) members_of: SortedSet<QualifiedName>,
    /// Constraints and indexes.
    pub(crate) members: SortedSet<QualifiedName>,
    /// Enum types with values that are not known.
    pub(crate) values_of: SortedSet<QualifiedName>,
    /// Tables that may have constraints and indexes without a name of the user's.
    pub(crate) unnamed_members_of: SortedSet<QualifiedName>,
    /// Every name in an item that could not be parsed: it may have made it, whatever it is.
    pub(crate) words: SortedSet<String>,
    /// Whether an item without a name may have made a table or a type.
    pub(crate) is_anything: bool,
}

impl Broken {
    /// Whether a mistake is to blame for a table that is not in the catalog.
    pub(crate) fn has_relation(&self, name: &QualifiedName) -> bool {
        self.is_anything
            || self.relations.contains(name)
            || self.words.contains(&name.name)
            || self.has_object_named(name)
    }

    /// Whether a table may have keys, and columns may have options, that are not in the catalog.
    pub(crate) fn is_incomplete(&self, name: &QualifiedName) -> bool {
        self.has_relation(name) || self.members_of.contains(name) || self.unnamed_members_of.contains(name)
    }

    /// Whether a mistake is to blame for a function or a procedure that is not in the catalog.
    pub(crate) fn may_have_routine(&self, name: &str) -> bool {
        let is_it = |id: &ObjectId| id.kind.namespace() == Namespace::Routine && id.name.name == name;
        self.words.contains(name) || self.objects.iter().any(is_it)
    }

    /// Whether a column with a mistake may have a sequence of this name.
    pub(crate) fn may_have_sequence(&self, name: &QualifiedName) -> bool {
        let tables = self.relations.iter().chain(&self.members_of).chain(&self.unnamed_members_of);
        let mut tables = tables.chain(self.columns.iter().map(|(table, _)| table));
        tables.any(|table| {
            let rest = name.name.strip_prefix(&table.name).filter(|_| table.schema == name.schema);
            rest.is_some_and(|rest| rest.starts_with('_'))
        })
    }

    /// Whether a mistake is to blame for a type that is not in the catalog.
    pub(crate) fn has_type(&self, name: &QualifiedName) -> bool {
        self.is_anything || self.types.contains(name) || self.words.contains(&name.name) || self.has_object_named(name)
    }

    fn has_object_named(&self, name: &QualifiedName) -> bool {
        self.objects.iter().any(|id| id.name == *name)
    }

    /// Whether a mistake is to blame for an object that is not in the catalog.
    pub(crate) fn has_object(&self, id: &ObjectId) -> bool {
        self.is_anything || self.objects.contains(id) || self.words.contains(&id.name.name)
    }

    /// Whether a mistake is to blame for a value that an enum does not have.
    pub(crate) fn has_value(&self, name: &QualifiedName, value: &str) -> bool {
        self.values_of.contains(name) || self.words.contains(value)
    }

    /// Whether a mistake is to blame for a column that is not in the catalog.
    pub(crate) fn has_column(&self, table: &QualifiedName, column: &str) -> bool {
        self.members_of.contains(table)
            || self.relations.contains(table)
            || self.words.contains(column)
            || self.columns.contains(&(table.clone(), column.to_owned()))
    }
}

impl State {
    /// Advances the catalog.
    pub(crate) fn apply(&mut self, operation: &Operation) {
        if let Operation::RenameObject(rename) = operation {
            // A schema brings its routines along.
            for one in rename.moves(&self.catalog) {
                if let Operation::RenameObject(rename) = one {
                    self.rename_body(&rename);
                }
            }
        }
        operation.apply(&mut self.catalog);
        if is_rename(operation) {
            self.renames.push(operation.clone());
        }
        // Whatever takes a name away makes one free.
        if !matches!(
            operation,
            Operation::CreateTable(_)
                | Operation::CreateIndex(_)
                | Operation::AddConstraint(_)
                | Operation::AddColumn(_)
                | Operation::InsertRows(_)
                | Operation::CreateObject(_)
        ) {
            self.taken_numbers.clear();
        }
        note_relation_names(operation, &mut self.relation_names);
        let is_routine = |id: &ObjectId| matches!(id.kind.namespace(), Namespace::Routine | Namespace::Table);
        match operation {
            Operation::RawSql(raw) => {
                raw.commands.iter().for_each(|command| note_routine_names(command, &mut self.routine_names));
            }
            Operation::CreateObject(create) if is_routine(&create.id) => {
                self.routine_names.insert(create.id.name.name.clone());
            }
            Operation::RenameObject(rename) if is_routine(&rename.id) => {
                self.rename_body(rename);
                self.routine_names.insert(rename.to.name.clone());
            }
            _ => {}
        }
    }

    fn rename_body(&mut self, rename: &RenameObject) {
        if let Some(uses) = self.bodies.remove(&rename.id) {
            self.bodies.insert(ObjectId { name: rename.to.clone(), ..rename.id.clone() }, uses);
        }
    }

    /// Enters whatever raw SQL with a mistake in it may have made: each of its words may be the name of it.
    pub(crate) fn note_broken_sql(&mut self, sql: &str) {
        for word in words_of(sql) {
            self.undeclared.note_word(word.to_lowercase());
            self.broken.words.extend([word.to_lowercase(), word.to_owned()]);
        }
    }

    /// As [`Catalog::has_relation`].
    pub(crate) fn has_relation(&self, name: &QualifiedName) -> bool {
        self.relation_names.contains(&name.name) && self.catalog.has_relation(name)
    }

    /// `created at FILE:LINE`, if it is known where.
    pub(crate) fn made_in(&self, what: &str, origin: &Origin) -> Option<String> {
        Some(format!("{what} is created {}", told(self.origins.get(origin)?)?))
    }

    /// Whether an enum may have values that are not in the catalog.
    pub(crate) fn has_open_values(&self, name: &QualifiedName) -> bool {
        self.broken.values_of.contains(name) || self.undeclared.values_of(name).is_some()
    }
}

/// Whether something has another name after it.
fn is_rename(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::RenameTable(_)
            | Operation::MoveTable(_)
            | Operation::RenameColumn(_)
            | Operation::RenameEnum(_)
            | Operation::MoveEnum(_)
            | Operation::MoveExtension(_)
            | Operation::RenameEnumValue(_)
            | Operation::RenameIndex(_)
            | Operation::RenameObject(_)
    )
}

/// Notes the names that an operation gives to tables, indexes and constraints.
fn note_relation_names(operation: &Operation, names: &mut BTreeSet<String>) {
    let name = match operation {
        Operation::CreateTable(operation) => {
            let table = &operation.definition;
            names.extend(table.indexes.keys().chain(table.constraints.keys()).cloned());
            &operation.name.name
        }
        Operation::RenameTable(operation) => &operation.to,
        Operation::AddConstraint(operation) => &operation.name,
        Operation::RenameConstraint(operation) => &operation.to,
        Operation::CreateIndex(operation) => &operation.name,
        Operation::RenameIndex(operation) => &operation.to,
        Operation::CreateObject(operation) => &operation.id.name.name,
        Operation::RenameObject(operation) => &operation.to.name,
        Operation::ChangeObject(_) | Operation::DropObject(_) => return,
        Operation::RawSql(operation) => {
            operation.changes.iter().for_each(|change| note_relation_names(change, names));
            return;
        }
        Operation::CreateExtension(_)
        | Operation::DropExtension(_)
        | Operation::MoveExtension(_)
        | Operation::UpdateExtension(_)
        | Operation::CreateEnum(_)
        | Operation::DropEnum(_)
        | Operation::RenameEnum(_)
        | Operation::AddEnumValue(_)
        | Operation::RemoveEnumValue(_)
        | Operation::RenameEnumValue(_)
        | Operation::DropTable(_)
        | Operation::AddColumn(_)
        | Operation::DropColumn(_)
        | Operation::RenameColumn(_)
        | Operation::ChangeType(_)
        | Operation::SetDefault(_)
        | Operation::SetNullability(_)
        | Operation::SetOnUpdate(_)
        | Operation::SetRowSecurity(_)
        | Operation::SetTableSettings(_)
        | Operation::SetIndexSettings(_)
        | Operation::SetCollation(_)
        | Operation::SetColumnSettings(_)
        | Operation::SetIdentity(_)
        | Operation::SetExpression(_)
        | Operation::DropExpression(_)
        | Operation::MoveTable(_)
        | Operation::MoveEnum(_)
        | Operation::RefreshView(_)
        | Operation::RefreshCollation(_)
        | Operation::SetGrants(_)
        | Operation::SetOwner(_)
        | Operation::DropConstraint(_)
        | Operation::ValidateConstraint(_)
        | Operation::AttachPartition(_)
        | Operation::DetachPartition(_)
        | Operation::Inherit(_)
        | Operation::NoInherit(_)
        | Operation::AlterConstraint(_)
        | Operation::DropIndex(_)
        | Operation::SetComment(_)
        | Operation::InsertRows(_)
        | Operation::DeleteRows(_)
        | Operation::UpdateRows(_)
        | Operation::RunStatement(_)
        | Operation::CallProcedure(_)
        | Operation::TruncateTables(_)
        | Operation::RestartSequence(_)
        | Operation::BackfillRows(_)
        | Operation::RunFunction(_) => return,
    };
    names.insert(name.clone());
}

/// Notes the names that follow `function`, `procedure` and `trigger` in SQL, also in a body that is given as a text.
fn note_routine_names(sql: &str, names: &mut BTreeSet<String>) {
    let Ok(tokens) = lex(sql) else { return };
    let mut cursor = Cursor::new(&tokens);
    while !cursor.is_at_end() {
        match cursor.next() {
            Token::Word(word) if matches!(word.as_str(), "function" | "procedure" | "routine" | "trigger") => {
                while let Token::Word(name) | Token::QuotedWord(name) = cursor.peek() {
                    names.insert(name.clone());
                    cursor.next();
                    if !cursor.take_symbol('.') {
                        break;
                    }
                }
            }
            Token::Text(body) if body.len() < sql.len() => note_routine_names(body, names),
            _ => {}
        }
    }
}

/// A place in words, if it is known.
pub(crate) fn told(place: &Place) -> Option<String> {
    match (place.file.is_empty(), place.line) {
        (true, 0) => None,
        (true, line) => Some(format!("on line {line}")),
        (false, 0) => Some(format!("in {}", place.file)),
        (false, line) => Some(format!("at {}:{line}", place.file)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inline::fold;

    #[test]
    fn every_name_of_a_relation_is_noted() {
        let state = fold(
            r#"
            migration "1_a" {
                create enum mood { calm, angry }
                create table users { id: bigint primary key, email: text unique, mood: mood }
                create table trips { id: bigint primary key, user_id: bigint references users(id) }
                create index on users (mood);
            }
            migration "2_b" {
                alter table users {
                    add constraint email_long check (length(email) > 3),
                    add age: integer? check (age > 0),
                }
                alter table trips { add constraint once unique (user_id) }
                create index trips_by_user on trips (user_id);
            }
            migration "3_c" {
                #[allow(breaks_queries, reason = "no binary of before runs")]
                alter table users { rename to people }
                alter index trips_by_user rename to trips_of;
                alter table trips { rename constraint once to only_once }
                sql "CREATE TABLE public.noted (id bigint CONSTRAINT noted_key PRIMARY KEY)"
                    changes { create table noted { id: bigint, constraint noted_key primary key (id) } };
            }
            "#,
        );
        let mut count = 0;
        for (name, table) in &state.catalog.tables {
            for relation in std::iter::once(&name.name).chain(table.indexes.keys()).chain(table.constraints.keys()) {
                assert!(state.relation_names.contains(relation), "{relation}");
                count += 1;
            }
        }
        assert_eq!(count, 13);
        assert!(state.has_relation(&QualifiedName::new("only_once")));
        assert!(!state.has_relation(&QualifiedName::new("once")));
    }
}
