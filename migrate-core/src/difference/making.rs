//! The operations that make what a catalog lacks, in an order in which each finds what it uses.

use super::needs::{Needs, Node, exists, serial_sequences};
use super::{Step, access};
use crate::catalog::{Access, Catalog, Column, ConstraintKind, EnumType, ReplicaIdentity, Table};
use crate::name::QualifiedName;
use crate::object::{Definition, Kind, Object, ObjectId, Sequence};
use crate::operation::{
    AddColumn, AddConstraint, ChangeObject, CommentTarget, CreateEnum, CreateExtension, CreateIndex, CreateObject,
    CreateTable, Operate as _, Operation, SetComment, SetTableSettings,
};
use crate::sorted::{SortedMap, SortedSet};

/// The operations that make everything in a catalog. Foreign keys that go round in a circle come behind all tables.
pub fn operations_of(catalog: &Catalog) -> Vec<Operation> {
    operations_between(&Catalog::default(), catalog)
}

/// The operations that make what a catalog lacks of one in which there is everything that it has, and more.
pub(super) fn operations_between(from: &Catalog, goal: &Catalog) -> Vec<Operation> {
    let mut operations: Vec<Operation> = steps_to_make(from, goal).into_iter().flatten().collect();
    operations.extend(foreign_keys(from, goal));
    let mut so_far = from.clone();
    operations.iter().for_each(|operation| operation.apply(&mut so_far));
    operations.extend(access::operations(&so_far, goal));
    operations
}

/// The foreign keys that tables lack which are there.
fn foreign_keys(from: &Catalog, goal: &Catalog) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (name, found) in &from.tables {
        let wanted = goal.table(name).into_iter().flat_map(|table| &table.constraints);
        // One of a partition is added with that of the whole table.
        let missing = wanted.filter(|(name, constraint)| {
            matches!(constraint.kind, ConstraintKind::ForeignKey(_))
                && constraint.attached_to.is_none()
                && !found.constraints.contains_key(*name)
        });
        operations.extend(missing.map(|(constraint, definition)| {
            AddConstraint { table: name.clone(), name: constraint.clone(), constraint: definition.clone() }.into()
        }));
    }
    operations
}

/// What makes all that is in the goal and not there yet, but for owners, privileges, and the parts of tables that are
/// there.
pub(super) fn steps_to_make(from: &Catalog, goal: &Catalog) -> Vec<Step> {
    let needs = Needs::of(goal);
    let nodes = needs.nodes();
    let done = nodes.iter().filter(|node| exists(node, from)).cloned().collect();
    let mut maker = Maker {
        goal,
        needs,
        serial: serial_sequences(goal),
        done,
        under_way: SortedSet::new(),
        from,
        so_far: from.clone(),
        steps: Vec::new(),
        later: Vec::new(),
    };
    for node in nodes {
        maker.visit(&node);
    }
    maker.finish()
}

struct Maker<'c> {
    goal: &'c Catalog,
    needs: Needs,
    /// Sequences that are made with their tables.
    serial: SortedMap<ObjectId, QualifiedName>,
    done: SortedSet<Node>,
    under_way: SortedSet<Node>,
    from: &'c Catalog,
    /// What there is after the steps so far.
    so_far: Catalog,
    steps: Vec<Step>,
    /// Constraints that wait for something: foreign keys for their table.
    later: Vec<Operation>,
}

impl Maker<'_> {
    fn emit(&mut self, operation: impl Into<Operation>) {
        self.emit_together(vec![operation.into()]);
    }

    fn emit_together(&mut self, step: Step) {
        step.iter().for_each(|operation| operation.apply(&mut self.so_far));
        self.steps.push(step);
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
                let extension = goal.extensions.get(name).cloned().unwrap_or_default();
                self.emit(CreateExtension::of(name, &extension));
            }
            Node::Enum(name) => {
                let Some(definition) = goal.enum_type(name) else { return };
                let definition = EnumType { access: Access::default(), ..definition.clone() };
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
        self.with_sequences(own, CreateTable { name: name.clone(), definition: made });
    }

    /// What makes columns, between what makes their sequences and what gives these to them.
    fn with_sequences(&mut self, sequences: Vec<ObjectId>, operation: impl Into<Operation>) {
        let goal = self.goal;
        let mut step: Step = Vec::new();
        for id in &sequences {
            let Some(Definition::Sequence(sequence)) = goal.object(id).map(|object| &object.definition) else {
                continue;
            };
            let free = Sequence { owned_by: None, ..sequence.clone() };
            step.push(CreateObject { id: id.clone(), object: Object::new(free) }.into());
        }
        step.push(operation.into());
        for id in sequences {
            let Some(object) = goal.object(&id) else { continue };
            step.push(ChangeObject { id: id.clone(), definition: object.definition.clone() }.into());
            self.done.insert(Node::Object(id));
        }
        self.emit_together(step);
    }

    /// Takes out foreign keys whose table, or its key, is not there yet, and what needs the table itself.
    fn put_off(&mut self, name: &QualifiedName, made: &mut Table) {
        let is_there = |table: &QualifiedName, columns: &[String], made: &Table| match table == name {
            true => made.has_unique_key(columns),
            false => self.so_far.table(table).is_some_and(|found| found.has_unique_key(columns)),
        };
        let waiting = made.constraints.iter().filter(|(constraint_name, constraint)| match &constraint.kind {
            ConstraintKind::ForeignKey(key) => !is_there(&key.table, &key.referenced, made),
            _ => self.needs.is_circular(name, constraint_name),
        });
        let waiting: Vec<String> = waiting.map(|(name, _)| name.clone()).collect();
        for constraint_name in waiting {
            let Some(constraint) = made.constraints.remove(&constraint_name) else { continue };
            self.later.push(AddConstraint { table: name.clone(), name: constraint_name, constraint }.into());
        }
    }

    /// Columns of tables that are there, with the sequences of those that are serial.
    fn columns(&mut self) {
        let goal = self.goal;
        for (name, table) in &goal.tables {
            let Some(found) = self.from.table(name) else { continue };
            for column in
                table.columns.iter().filter(|column| !column.inherited && found.column(&column.name).is_none())
            {
                let is_of_column = |id: &ObjectId| match goal.object(id).map(|object| &object.definition) {
                    Some(Definition::Sequence(sequence)) => {
                        sequence.owned_by.as_ref().is_some_and(|(_, owner)| *owner == column.name)
                    }
                    _ => false,
                };
                let own = self.serial.iter().filter(|(id, of)| *of == name && is_of_column(id));
                let own: Vec<ObjectId> = own.map(|(id, _)| id.clone()).collect();
                let column = Column { grants: Default::default(), ..column.clone() };
                self.with_sequences(own, AddColumn { table: name.clone(), column });
            }
        }
    }

    /// Sequences that columns which are there get.
    fn sequences(&mut self) {
        let goal = self.goal;
        let missing: Vec<ObjectId> =
            self.serial.keys().filter(|id| self.so_far.object(id).is_none()).cloned().collect();
        for id in missing {
            let Some(object) = goal.object(&id) else { continue };
            let mut free = object.clone();
            if let Definition::Sequence(sequence) = &mut free.definition {
                sequence.owned_by = None;
            }
            self.emit(CreateObject { id: id.clone(), object: free });
            self.emit(ChangeObject { id, definition: object.definition.clone() });
        }
    }

    fn finish(mut self) -> Vec<Step> {
        self.columns();
        self.sequences();
        for operation in std::mem::take(&mut self.later) {
            self.emit(operation);
        }
        let goal = self.goal;
        for (name, table) in &goal.tables {
            // A replica identity whose index was not there yet.
            if self.is_new_and(name, |made| made.settings != table.settings) {
                self.emit(SetTableSettings { table: name.clone(), settings: table.settings.clone() });
            }
        }
        for (id, object) in goal.objects.iter().filter(|(id, _)| self.from.object(id).is_none()) {
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
        self.steps
    }

    fn is_new_and(&self, name: &QualifiedName, is: impl Fn(&Table) -> bool) -> bool {
        self.from.table(name).is_none() && self.so_far.table(name).is_some_and(is)
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
