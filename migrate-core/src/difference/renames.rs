//! What is called otherwise in the second catalog.

use crate::catalog::Catalog;
use crate::name::QualifiedName;
use crate::object::{Kind, ObjectId, Schema};
use crate::operation::{
    MoveEnum, MoveTable, Operate as _, Operation, RenameColumn, RenameConstraint, RenameEnum, RenameEnumValue,
    RenameIndex, RenameObject, RenameTable,
};
use crate::sorted::{SortedMap, SortedSet};

/// How things of the first catalog are called in the second one. Everything has its old name, and so has the table that
/// it belongs to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Renames {
    /// Tables.
    pub tables: SortedMap<QualifiedName, QualifiedName>,
    /// Columns: a table and a column.
    pub columns: SortedMap<(QualifiedName, String), String>,
    /// Constraints: a table and a constraint.
    pub constraints: SortedMap<(QualifiedName, String), String>,
    /// Indexes: a table or a materialized view, and an index.
    pub indexes: SortedMap<(QualifiedName, String), String>,
    /// Enums.
    pub enums: SortedMap<QualifiedName, QualifiedName>,
    /// Values: an enum and a value.
    pub values: SortedMap<(QualifiedName, String), String>,
    /// Objects of the kinds that are alike.
    pub objects: SortedMap<ObjectId, QualifiedName>,
}

impl Renames {
    /// The operations, given the catalog with the old names: what makes a name free comes before what takes it.
    pub fn operations(&self, from: &Catalog) -> Vec<Operation> {
        let mut names = Naming { catalog: from.clone(), operations: Vec::new() };
        let schemas = self.objects.iter().filter(|(id, _)| id.kind == Kind::Schema);
        let mut renames = self.clone();
        for (schema, to) in schemas {
            names.go(RenameObject { id: schema.clone(), to: to.clone() });
            renames = renames.in_schema(&schema.name.name, &to.name);
        }
        renames.in_schemas(&mut names);
        names.operations
    }

    /// The schemas that things are moved to; not those that are renamed themselves.
    pub(super) fn schemas(&self) -> SortedSet<ObjectId> {
        let named: SortedSet<&str> =
            self.objects.iter().filter(|(id, _)| id.kind == Kind::Schema).map(|(_, to)| to.name.as_str()).collect();
        let wholes = self.tables.values().chain(self.enums.values());
        let objects = self.objects.iter().filter(|(id, _)| id.schema().is_some()).map(|(_, to)| to);
        let schemas = wholes.chain(objects).map(|to| to.schema.as_str()).filter(|schema| !named.contains(schema));
        schemas.map(Schema::id).collect()
    }

    /// The same where a schema has its new name.
    fn in_schema(self, from: &str, to: &str) -> Self {
        let name = |name: QualifiedName| match name.schema == from {
            true => QualifiedName::in_schema(to, name.name),
            false => name,
        };
        let parts = |parts: SortedMap<(QualifiedName, String), String>| {
            parts.into_iter().map(|((of, part), to)| ((name(of), part), to)).collect()
        };
        let names = |names: SortedMap<QualifiedName, QualifiedName>| {
            names.into_iter().map(|(from, to)| (name(from), to)).collect()
        };
        let object = |(id, to): (ObjectId, QualifiedName)| (ObjectId { name: name(id.name.clone()), ..id }, to);
        Renames {
            tables: names(self.tables),
            columns: parts(self.columns),
            constraints: parts(self.constraints),
            indexes: parts(self.indexes),
            enums: names(self.enums),
            values: parts(self.values),
            objects: self.objects.into_iter().map(object).collect(),
        }
    }

    /// The operations for everything but schemas. Parts come first: what they belong to has its old name then.
    fn in_schemas(&self, names: &mut Naming) {
        let has_column = |catalog: &Catalog, (table, column): &(QualifiedName, String)| {
            catalog.table(table).is_some_and(|table| table.column(column).is_some())
        };
        let has_value = |catalog: &Catalog, (name, value): &(QualifiedName, String)| {
            catalog.enum_type(name).is_some_and(|one| one.has(value))
        };
        names
            .all(of_parts(&self.columns), has_column, |(table, from), (_, to)| RenameColumn { table, from, to }.into());
        names.all(of_parts(&self.constraints), has_part, |(table, from), (_, to)| {
            RenameConstraint { table, from, to }.into()
        });
        names.all(of_parts(&self.indexes), has_part, |(table, from), (_, to)| RenameIndex { table, from, to }.into());
        names.all(of_parts(&self.values), has_value, |(name, from), (_, to)| RenameEnumValue { name, from, to }.into());
        names.objects(&self.objects);
        let rename = |from, to: QualifiedName| RenameEnum { from, to: to.name }.into();
        let enums =
            names.moves(&self.enums, Catalog::has_type, rename, |name, schema| MoveEnum { name, schema }.into());
        names.all(enums, Catalog::has_type, rename);
        let rename = |from, to: QualifiedName| RenameTable { from, to: to.name }.into();
        let tables = names
            .moves(&self.tables, Catalog::has_relation, rename, |table, schema| MoveTable { table, schema }.into());
        names.all(tables, Catalog::has_relation, rename);
    }
}

/// Parts by their old names, with their new ones.
type Parts = SortedMap<(QualifiedName, String), (QualifiedName, String)>;

fn of_parts(renames: &SortedMap<(QualifiedName, String), String>) -> Parts {
    let part =
        |((of, from), to): (&(QualifiedName, String), &String)| ((of.clone(), from.clone()), (of.clone(), to.clone()));
    renames.iter().map(part).collect()
}

fn has_part(catalog: &Catalog, (of, name): &(QualifiedName, String)) -> bool {
    catalog.indexable(of).is_some_and(|table| table.has_constraint_or_index(name))
        || catalog.has_relation(&of.sibling(name.as_str()))
}

/// What has a name of its own, and is given another one.
trait Named: Clone + Ord {
    /// The same with a name for the meantime.
    fn between(&self, number: usize) -> Self;

    /// Where a name may be once only: indexes of all tables of a schema share their names.
    fn place(&self) -> (&str, &str);
}

impl Named for QualifiedName {
    fn between(&self, number: usize) -> Self {
        self.sibling(numbered(&self.name, number))
    }

    fn place(&self) -> (&str, &str) {
        (&self.schema, &self.name)
    }
}

impl Named for ObjectId {
    fn between(&self, number: usize) -> Self {
        ObjectId { name: self.name.between(number), ..self.clone() }
    }

    fn place(&self) -> (&str, &str) {
        self.name.place()
    }
}

impl Named for (QualifiedName, String) {
    fn between(&self, number: usize) -> Self {
        (self.0.clone(), numbered(&self.1, number))
    }

    fn place(&self) -> (&str, &str) {
        (&self.0.schema, &self.1)
    }
}

/// A name for the meantime.
pub(super) fn between(name: &str) -> String {
    numbered(name, 0)
}

/// One of many names for the meantime: where one is taken there is another one.
fn numbered(name: &str, number: usize) -> String {
    let number = if number == 0 { String::new() } else { number.to_string() };
    format!("{}_renamed{number}", name.chars().take(12).collect::<String>())
}

struct Naming {
    catalog: Catalog,
    operations: Vec<Operation>,
}

impl Naming {
    fn go(&mut self, operation: impl Into<Operation>) {
        let operation = operation.into();
        operation.apply(&mut self.catalog);
        self.operations.push(operation);
    }

    /// Renames all of one sort. Where names go round in a circle one of them gets a name in between.
    fn all<Name: Named>(
        &mut self,
        mut renames: SortedMap<Name, Name>,
        is_taken: impl Fn(&Catalog, &Name) -> bool,
        operation: impl Fn(Name, Name) -> Operation,
    ) {
        renames.retain(|from, to| from != to);
        while !renames.is_empty() {
            let is_left = |to: &Name| renames.keys().any(|from| from.place() == to.place());
            let free = renames.iter().find(|(_, to)| !is_taken(&self.catalog, to) || !is_left(to));
            let (from, to) = match free {
                Some((from, to)) => (from.clone(), to.clone()),
                None => {
                    let Some((from, to)) = renames.pop_first() else { return };
                    let mut free = (0..).map(|number| from.between(number));
                    let Some(between) = free.find(|one| !is_taken(&self.catalog, one)) else { return };
                    self.go(operation(from, between.clone()));
                    renames.insert(between, to);
                    continue;
                }
            };
            renames.remove(&from);
            self.go(operation(from, to));
        }
    }

    /// Moves what gets another schema, and gives the renames that are left then. Where the name is taken there, another one is
    /// for the meantime.
    fn moves(
        &mut self,
        renames: &SortedMap<QualifiedName, QualifiedName>,
        is_taken: impl Fn(&Catalog, &QualifiedName) -> bool,
        rename: impl Fn(QualifiedName, QualifiedName) -> Operation,
        operation: impl Fn(QualifiedName, String) -> Operation,
    ) -> SortedMap<QualifiedName, QualifiedName> {
        let mut left = SortedMap::new();
        for (from, to) in renames {
            let mut from = from.clone();
            if from.schema != to.schema {
                if is_taken(&self.catalog, &to.sibling(from.name.as_str())) {
                    let is_free = |one: &QualifiedName| {
                        !is_taken(&self.catalog, one) && !is_taken(&self.catalog, &to.sibling(one.name.as_str()))
                    };
                    let Some(between) = (0..).map(|number| from.between(number)).find(is_free) else { continue };
                    self.go(rename(from, between.clone()));
                    from = between;
                }
                self.go(operation(from.clone(), to.schema.clone()));
            }
            left.insert(to.sibling(from.name.as_str()), to.clone());
        }
        left
    }

    fn objects(&mut self, renames: &SortedMap<ObjectId, QualifiedName>) {
        let others = renames.iter().filter(|(id, to)| id.kind != Kind::Schema && id.name != **to);
        let renames = others.map(|(id, to)| (id.clone(), ObjectId { name: to.clone(), ..id.clone() }));
        let is_taken = |catalog: &Catalog, id: &ObjectId| catalog.objects.contains_key(id);
        self.all(renames.collect(), is_taken, |id, to| RenameObject { id, to: to.name }.into());
    }
}
