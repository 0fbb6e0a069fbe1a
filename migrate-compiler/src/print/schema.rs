//! A whole catalog as the files of a schema: definitions, which stand in any order.

use migrate_core::catalog::{AccessTarget, Catalog};
use migrate_core::difference::operations_of;
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Kind, Namespace, ObjectId};
use migrate_core::operation::{CommentTarget, Operate as _, Operation};
use migrate_core::plan::Hazard;
use migrate_core::sorted::{SortedMap, SortedSet};

use super::{Piece, Unprintable, Written, all_pieces, attributed, body, piece};

/// A file of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaFile {
    /// Its path below the directory of the schema: `tables/bookings.rs`.
    pub path: String,
    /// What stands in its `schema!` block.
    pub text: String,
}

/// The files, and what the language has no words for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaSource {
    /// The files, by their paths.
    pub files: Vec<SchemaFile>,
    /// What does not stand in them.
    pub unprintable: Vec<Unprintable>,
}

/// The schema that says what a catalog is. What only raw SQL has made is told, and does not stand in it.
pub fn schema(catalog: &Catalog) -> SchemaSource {
    let mut unprintable = Vec::new();
    let mut before = Catalog::default();
    let mut written: Vec<Written> = Vec::new();
    for operation in definitions_of(catalog) {
        let mut allowed = Vec::new();
        if let Operation::CreateObject(create) = &operation
            && body::needs_another_path(&create.object.definition, catalog)
        {
            allowed.push((Hazard::UncheckedBody, "it finds its tables through another search path".to_owned()));
        }
        let one = Written { allowed, ..operation.clone().into() };
        match attributed(&one, &before, &[]) {
            Ok(_) => written.push(one),
            Err(why) => unprintable.push(why),
        }
        operation.apply(&mut before);
    }
    let pieces = all_pieces(&written, &Catalog::default()).unwrap_or_else(|more| {
        unprintable.extend(more);
        Vec::new()
    });
    let paths = Paths::of(catalog);
    let mut files: SortedMap<String, Vec<Piece>> = SortedMap::new();
    for one in pieces {
        let operation = written.get(one.origin()).map(|written| &written.operation);
        files.entry(paths.of_operation(operation)).or_default().push(one);
    }
    let files = files.into_iter().map(|(path, pieces)| SchemaFile { path, text: piece::joined(&pieces) });
    SchemaSource { files: files.collect(), unprintable }
}

/// The operations that make a catalog, with each foreign key in its table: in a schema that may come later.
fn definitions_of(catalog: &Catalog) -> Vec<Operation> {
    let mut definitions: Vec<Operation> = Vec::new();
    for operation in operations_of(catalog) {
        if let Operation::AddConstraint(add) = &operation {
            let table = definitions.iter_mut().find_map(|definition| match definition {
                Operation::CreateTable(create) if create.name == add.table => Some(&mut create.definition),
                _ => None,
            });
            if let Some(table) = table {
                table.constraints.insert(add.name.clone(), add.constraint.clone());
                continue;
            }
        }
        definitions.push(operation);
    }
    definitions
}

/// The files of tables.
struct Paths<'c> {
    catalog: &'c Catalog,
    of_tables: SortedMap<QualifiedName, String>,
}

impl<'c> Paths<'c> {
    fn of(catalog: &'c Catalog) -> Self {
        let mut taken = SortedSet::new();
        let path = |name: &QualifiedName| {
            let plain = plain(name);
            // Two names may differ where a file system does not tell them apart.
            let free = (1..).map(|number: u32| match number {
                1 => plain.clone(),
                number => format!("{plain}_{number}"),
            });
            let free = free.into_iter().find(|one| taken.insert(one.to_lowercase()));
            (name.clone(), format!("tables/{}.rs", free.unwrap_or(plain)))
        };
        Paths { catalog, of_tables: catalog.tables.keys().map(path).collect() }
    }

    fn of_operation(&self, operation: Option<&Operation>) -> String {
        let Some(operation) = operation else { return OTHERS.to_owned() };
        match operation {
            Operation::CreateTable(create) => self.of_relation(&create.name),
            Operation::CreateIndex(create) => self.of_relation(&create.table),
            Operation::AddConstraint(add) => self.of_relation(&add.table),
            Operation::SetTableSettings(set) => self.of_relation(&set.table),
            Operation::CreateObject(create) => self.of_object(&create.id, &create.object.definition),
            Operation::ChangeObject(change) => self.of_object(&change.id, &change.definition),
            Operation::CreateExtension(_) | Operation::CreateEnum(_) => TYPES.to_owned(),
            Operation::SetOwner(set) => self.of_target(&set.target),
            Operation::SetGrants(set) => self.of_target(&set.target),
            Operation::SetComment(set) => match &set.target {
                CommentTarget::Object(id) => self.of_known_object(id),
                other => other.table().map_or_else(|| TYPES.to_owned(), |table| self.of_relation(table)),
            },
            _ => OTHERS.to_owned(),
        }
    }

    fn of_target(&self, target: &AccessTarget) -> String {
        match target {
            AccessTarget::Table(name) | AccessTarget::Column(name, _) => self.of_relation(name),
            AccessTarget::Enum(_) => TYPES.to_owned(),
            AccessTarget::Object(id) => self.of_known_object(id),
        }
    }

    fn of_known_object(&self, id: &ObjectId) -> String {
        match self.catalog.object(id) {
            Some(object) => self.of_object(id, &object.definition),
            None => TYPES.to_owned(),
        }
    }

    fn of_object(&self, id: &ObjectId, definition: &Definition) -> String {
        if let Some(table) = &id.table {
            return self.of_relation(&id.name.sibling(table.as_str()));
        }
        if let Definition::Sequence(sequence) = definition {
            let owner = sequence.owned_by.as_ref().map(|(table, _)| id.name.sibling(table.as_str()));
            return owner.map_or_else(|| TYPES.to_owned(), |table| self.of_relation(&table));
        }
        let path = match id.kind.namespace() {
            Namespace::Routine => FUNCTIONS,
            Namespace::Relation => VIEWS,
            Namespace::Type => TYPES,
            _ if matches!(id.kind, Kind::Schema | Kind::Collation) => TYPES,
            _ => OTHERS,
        };
        path.to_owned()
    }

    /// A table, or what is over tables.
    fn of_relation(&self, name: &QualifiedName) -> String {
        self.of_tables.get(name).cloned().unwrap_or_else(|| VIEWS.to_owned())
    }
}

/// Extensions, schemas, types and sequences.
const TYPES: &str = "types.rs";
const FUNCTIONS: &str = "functions.rs";
const VIEWS: &str = "views.rs";
const OTHERS: &str = "others.rs";

/// A name as a file can have it everywhere.
fn plain(name: &QualifiedName) -> String {
    let whole = match name.schema.as_str() {
        DEFAULT_SCHEMA => name.name.clone(),
        schema => format!("{schema}.{}", name.name),
    };
    let plain = |one: char| if one.is_alphanumeric() || one == '.' { one } else { '_' };
    whole.chars().map(plain).collect()
}
