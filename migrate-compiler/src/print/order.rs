//! The operations that make a catalog from nothing, in an order in which each finds what it uses.

use std::collections::{BTreeMap, BTreeSet};

use migrate_core::catalog::{Access, AccessTarget, Catalog, ConstraintKind, ReplicaIdentity, Table};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Definition, Kind, Object, ObjectId, Schema};
use migrate_core::operation::{
    AddConstraint, ChangeObject, CommentTarget, CreateEnum, CreateExtension, CreateIndex, CreateObject, CreateTable,
    Operate as _, Operation, SetComment, SetGrants, SetOwner, SetTableSettings,
};

use super::needs::{Needs, Node, serial_sequences};

/// The operations that make everything in a catalog. Foreign keys that go round in a circle come behind all tables.
pub fn operations_of(catalog: &Catalog) -> Vec<Operation> {
    let mut maker = Maker {
        goal: catalog,
        needs: Needs::of(catalog),
        serial: serial_sequences(catalog),
        done: BTreeSet::new(),
        under_way: BTreeSet::new(),
        so_far: Catalog::default(),
        operations: Vec::new(),
        later: Vec::new(),
    };
    for node in maker.needs.nodes() {
        maker.visit(&node);
    }
    maker.finish()
}

struct Maker<'c> {
    goal: &'c Catalog,
    needs: Needs,
    /// Sequences that are made with their tables.
    serial: BTreeMap<ObjectId, QualifiedName>,
    done: BTreeSet<Node>,
    under_way: BTreeSet<Node>,
    /// What there is after the operations so far.
    so_far: Catalog,
    operations: Vec<Operation>,
    /// Foreign keys whose table is not there yet.
    later: Vec<Operation>,
}

impl Maker<'_> {
    fn emit(&mut self, operation: impl Into<Operation>) {
        let operation = operation.into();
        operation.apply(&mut self.so_far);
        self.operations.push(operation);
    }

    fn visit(&mut self, node: &Node) {
        if self.done.contains(node) || !self.under_way.insert(node.clone()) {
            return;
        }
        for needed in self.needs.hard(node) {
            self.visit(&needed);
        }
        for wanted in self.needs.soft(node) {
            // What needs this one cannot come before it.
            if !self.needs.needs_any(&wanted, &self.under_way) {
                self.visit(&wanted);
            }
        }
        self.under_way.remove(node);
        if self.done.insert(node.clone()) {
            self.make(node);
        }
    }

    fn make(&mut self, node: &Node) {
        let goal = self.goal;
        match node {
            Node::Extension(name) => {
                let schema = goal.extensions.get(name).and_then(|extension| extension.schema.clone());
                self.emit(CreateExtension { name: name.clone(), schema });
            }
            Node::Enum(name) => {
                let Some(definition) = goal.enum_type(name) else { return };
                let definition = migrate_core::catalog::EnumType { access: Access::default(), ..definition.clone() };
                self.emit(CreateEnum { name: name.clone(), definition });
            }
            Node::Table(name) => self.table(name),
            Node::Index(name, index_name) => {
                let found = goal.indexable(name).and_then(|table| table.indexes.get(index_name).cloned());
                let Some(index) = found else { return };
                self.emit(CreateIndex { table: name.clone(), name: index_name.clone(), index });
            }
            Node::Object(id) => self.object(id),
        }
    }

    fn object(&mut self, id: &ObjectId) {
        let Some(object) = self.goal.object(id) else { return };
        let mut made = Object { access: Access::default(), ..object.clone() };
        match &mut made.definition {
            Definition::Sequence(sequence) => sequence.owned_by = None,
            Definition::MaterializedView(view) => view.indexes.clear(),
            _ => {}
        }
        self.emit(CreateObject { id: id.clone(), object: made });
    }

    fn table(&mut self, name: &QualifiedName) {
        let goal = self.goal;
        let Some(table) = goal.table(name) else { return };
        let mut made = Table { access: Access::default(), ..table.clone() };
        made.columns.iter_mut().for_each(|column| column.grants = Default::default());
        if table.partition_of.is_none() {
            made.indexes.clear();
            if let ReplicaIdentity::Index(index) = &table.settings.replica_identity
                && table.indexes.contains_key(index)
            {
                made.settings.replica_identity = ReplicaIdentity::Default;
            }
            self.put_off(name, &mut made);
        }
        let own = self.serial.iter().filter(|(_, of)| *of == name).map(|(id, _)| id.clone());
        let own: Vec<ObjectId> = in_order_of_columns(own.collect(), table, goal);
        for id in &own {
            let Some(Definition::Sequence(sequence)) = goal.object(id).map(|object| &object.definition) else {
                continue;
            };
            let free = migrate_core::object::Sequence { owned_by: None, ..sequence.clone() };
            self.emit(CreateObject { id: id.clone(), object: Object::new(free) });
        }
        self.emit(CreateTable { name: name.clone(), definition: made });
        for id in own {
            let Some(object) = goal.object(&id) else { continue };
            self.emit(ChangeObject { id: id.clone(), definition: object.definition.clone() });
            self.done.insert(Node::Object(id));
        }
    }

    /// Takes foreign keys out whose table, or its key, is not there yet.
    fn put_off(&mut self, name: &QualifiedName, made: &mut Table) {
        let is_there = |table: &QualifiedName, columns: &[String], made: &Table| match table == name {
            true => made.has_unique_key(columns),
            false => self.so_far.table(table).is_some_and(|found| found.has_unique_key(columns)),
        };
        let waiting = made.constraints.iter().filter(|(_, constraint)| match &constraint.kind {
            ConstraintKind::ForeignKey(key) => !is_there(&key.table, &key.referenced, made),
            _ => false,
        });
        let waiting: Vec<String> = waiting.map(|(name, _)| name.clone()).collect();
        for constraint_name in waiting {
            let Some(constraint) = made.constraints.remove(&constraint_name) else { continue };
            self.later.push(AddConstraint { table: name.clone(), name: constraint_name, constraint }.into());
        }
    }

    fn finish(mut self) -> Vec<Operation> {
        for operation in std::mem::take(&mut self.later) {
            self.emit(operation);
        }
        let goal = self.goal;
        for (name, table) in &goal.tables {
            // A replica identity whose index was not there yet.
            if self.so_far.table(name).is_some_and(|made| made.settings != table.settings) {
                self.emit(SetTableSettings { table: name.clone(), settings: table.settings.clone() });
            }
        }
        for (id, object) in &goal.objects {
            let Some(found) = self.so_far.object(id) else { continue };
            let (found, comment) = (found.definition.clone(), found.comment.clone());
            // An owner that was not there yet.
            if id.kind == Kind::Sequence && found != object.definition {
                self.emit(ChangeObject { id: id.clone(), definition: object.definition.clone() });
            }
            if comment != object.comment {
                let target = CommentTarget::Object(id.clone());
                self.emit(SetComment { target, comment: object.comment.clone() });
            }
        }
        self.access();
        self.operations
    }

    /// Owners and privileges.
    fn access(&mut self) {
        let goal = self.goal;
        self.access_of(AccessTarget::Object(Schema::id(DEFAULT_SCHEMA)), &goal.public);
        for (name, found) in &goal.enums {
            self.access_of(AccessTarget::Enum(name.clone()), &found.access);
        }
        for (name, table) in &goal.tables {
            self.access_of(AccessTarget::Table(name.clone()), &table.access);
            for column in table.columns.iter().filter(|column| !column.grants.is_empty()) {
                self.grants_of(&AccessTarget::Column(name.clone(), column.name.clone()), &column.grants);
            }
        }
        for (id, object) in &goal.objects {
            self.access_of(AccessTarget::Object(id.clone()), &object.access);
        }
    }

    fn access_of(&mut self, target: AccessTarget, access: &Access) {
        if access.owner.is_some() {
            self.emit(SetOwner { target: target.clone(), owner: access.owner.clone() });
        }
        self.grants_of(&target, &access.grants);
        if let AccessTarget::Object(id) = &target {
            for (column, grants) in &access.columns {
                self.grants_of(&AccessTarget::Column(id.name.clone(), column.clone()), grants);
            }
        }
    }

    fn grants_of(&mut self, target: &AccessTarget, grants: &migrate_core::catalog::Grants) {
        for (role, privileges) in &grants.0 {
            let privileges = privileges.iter().map(|(privilege, said)| (*privilege, Some(*said))).collect();
            self.emit(SetGrants { target: target.clone(), role: role.clone(), privileges });
        }
    }
}

/// The sequences in the order of the columns that own them.
fn in_order_of_columns(mut sequences: Vec<ObjectId>, table: &Table, catalog: &Catalog) -> Vec<ObjectId> {
    sequences.sort_by_key(|id| {
        let definition = catalog.object(id).map(|object| &object.definition);
        let owner = match definition {
            Some(Definition::Sequence(sequence)) => sequence.owned_by.as_ref().map(|(_, column)| column),
            _ => None,
        };
        table.columns.iter().position(|column| Some(&column.name) == owner)
    });
    sequences
}
