//! The operations that make what is in a catalog, schema after schema.

use std::sync::Arc;

use super::making::operations_between;
use super::needs::{Needs, Node, schema_of};
use crate::catalog::{Catalog, Constraint, ConstraintKind};
use crate::name::DEFAULT_SCHEMA;
use crate::object::{Definition, Kind, ObjectId};
use crate::operation::{Operate as _, Operation};
use crate::sorted::{SortedMap, SortedSet};

/// The operations that make everything in a catalog, those of each schema together: first the schemas that others are built
/// on. What needs something of a later schema is made with that one, and so are foreign keys that reference it. What is in no
/// schema is made as soon as what it needs is there.
pub fn operations_of_schemas(catalog: &Catalog) -> Vec<(String, Vec<Operation>)> {
    let stages = Stages::of(catalog);
    let mut so_far = Catalog::default();
    let mut made = Vec::new();
    for (stage, schema) in stages.schemas.iter().enumerate() {
        let operations = operations_between(&so_far, &stages.goal(catalog, stage));
        operations.iter().for_each(|operation| operation.apply(&mut so_far));
        made.push((schema.clone(), operations));
    }
    made
}

/// With which schema each thing is made.
struct Stages {
    /// In the order in which they are made.
    schemas: Vec<String>,
    /// Places in that order.
    of: SortedMap<Node, usize>,
}

impl Stages {
    fn of(catalog: &Catalog) -> Self {
        let needs = waits(catalog);
        let schemas = in_order(&needs);
        let place = |node: &Node| match node {
            Node::Object(id) if matches!(id.kind, Kind::EventTrigger | Kind::DefaultPrivileges) => {
                // What they would be called for is all made by then.
                schemas.len().saturating_sub(1)
            }
            _ => schema_of(node).and_then(|schema| schemas.iter().position(|one| one == schema)).unwrap_or(0),
        };
        let mut of: SortedMap<Node, usize> = needs.keys().map(|node| (node.clone(), place(node))).collect();
        // What waits makes what is built on it wait, and goes round in circles.
        loop {
            let later = needs.iter().filter_map(|(node, needed)| {
                let last = needed.iter().filter_map(|one| of.get(one)).max()?;
                (of.get(node)? < last).then(|| (node.clone(), *last))
            });
            let later: Vec<(Node, usize)> = later.collect();
            if later.is_empty() {
                return Stages { schemas, of };
            }
            of.extend(later);
        }
    }

    /// What is there when this stage is done.
    fn goal(&self, catalog: &Catalog, stage: usize) -> Catalog {
        let is_there = |node: &Node| self.of.get(node).is_none_or(|of| *of <= stage);
        let mut goal = catalog.clone();
        goal.extensions.retain(|name, _| is_there(&Node::Extension(name.clone())));
        goal.enums.retain(|name, _| is_there(&Node::Enum(name.clone())));
        goal.tables.retain(|name, _| is_there(&Node::Table(name.clone())));
        goal.objects.retain(|id, object| match owner(id, &object.definition) {
            // It is made with its table.
            Some(table) => is_there(&table),
            None => is_there(&Node::Object(id.clone())),
        });
        for (name, table) in goal.tables.iter_mut() {
            let is_index_there = |index: &String| is_there(&Node::Index(name.clone(), index.clone()));
            let is_key_there = |constraint: &Constraint| match &constraint.kind {
                ConstraintKind::ForeignKey(key) => is_there(&Node::Table(key.table.clone())),
                _ => true,
            };
            let is_whole = table.indexes.keys().all(is_index_there) && table.constraints.values().all(is_key_there);
            if !is_whole {
                let table = Arc::make_mut(table);
                table.indexes.retain(|index, _| is_index_there(index));
                table.constraints.retain(|_, constraint| is_key_there(constraint));
            }
        }
        for (id, object) in goal.objects.iter_mut() {
            if matches!(object.definition, Definition::MaterializedView(_))
                && let Definition::MaterializedView(view) = &mut Arc::make_mut(object).definition
            {
                view.indexes.retain(|index, _| is_there(&Node::Index(id.name.clone(), index.clone())));
            }
        }
        goal
    }
}

/// What each thing waits for: what must be there, what is named in its body, and the table that a sequence is made for.
fn waits(catalog: &Catalog) -> SortedMap<Node, SortedSet<Node>> {
    let needs = Needs::of(catalog);
    let mut waits = SortedMap::new();
    for node in needs.nodes() {
        let mut needed: SortedSet<Node> = needs.hard(&node).into_iter().chain(needs.named(&node)).collect();
        if let Node::Object(id) = &node {
            needed.extend(catalog.object(id).and_then(|object| owner(id, &object.definition)));
        }
        waits.insert(node, needed);
    }
    waits
}

/// The table that owns a sequence.
fn owner(id: &ObjectId, definition: &Definition) -> Option<Node> {
    match definition {
        Definition::Sequence(sequence) => {
            sequence.owned_by.as_ref().map(|(table, _)| Node::Table(id.name.sibling(table.as_str())))
        }
        _ => None,
    }
}

/// The schemas: what others are built on comes first, then `public`, then by name.
fn in_order(waits: &SortedMap<Node, SortedSet<Node>>) -> Vec<String> {
    let mut others: SortedMap<&str, SortedSet<&str>> = SortedMap::from([(DEFAULT_SCHEMA, SortedSet::new())]);
    for (node, needed) in waits {
        let Some(schema) = schema_of(node) else { continue };
        others.entry(schema).or_default().extend(needed.iter().filter_map(schema_of).filter(|one| *one != schema));
    }
    let mut names: Vec<&str> = others.keys().copied().collect();
    names.sort_by_key(|name| (*name != DEFAULT_SCHEMA, *name));
    let mut order: Vec<String> = Vec::new();
    while !names.is_empty() {
        let is_next = |name: &&str| others.get(name).into_iter().flatten().all(|one| !names.contains(one));
        // Where they go round in a circle, one of them has to be the first.
        let at = names.iter().position(is_next).unwrap_or(0);
        order.push(names.remove(at).to_owned());
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Column, EnumType, Table};
    use crate::name::QualifiedName;
    use crate::object::{Object, Schema};
    use crate::operation::testing::{column, primary_key};

    fn table(columns: Vec<Column>) -> Table {
        let mut table = Table { columns, ..Table::default() };
        table.constraints.insert("pkey".into(), primary_key(&["id"]));
        table
    }

    fn catalog(schemas: &[&str]) -> Catalog {
        let mut catalog = Catalog::default();
        for schema in schemas {
            catalog.objects.insert(Schema::id(*schema), Object::new(Schema::default()).into());
            let name = QualifiedName::in_schema(*schema, "things");
            catalog.tables.insert(name, table(vec![column("id", "bigint")]).into());
        }
        catalog
    }

    fn reference(catalog: &mut Catalog, from: &str, to: &str) {
        let mut key = crate::operation::testing::foreign_key(&["id"], "things", &["id"]);
        if let ConstraintKind::ForeignKey(key) = &mut key.kind {
            key.table.schema = to.into();
        }
        let table = catalog.table_mut(&QualifiedName::in_schema(from, "things")).unwrap();
        table.constraints.insert(format!("to_{to}"), key);
    }

    /// The operations by their names, after the schema.
    fn made(catalog: &Catalog) -> Vec<(String, Vec<&'static str>)> {
        let all = operations_of_schemas(catalog);
        let mut after = Catalog::default();
        all.iter().flat_map(|(_, operations)| operations).for_each(|operation| operation.apply(&mut after));
        assert_eq!(catalog.differences(&after), []);
        let named = |operations: &Vec<Operation>| operations.iter().map(Operation::name).collect();
        all.iter().map(|(schema, operations)| (schema.clone(), named(operations))).collect()
    }

    fn schemas<'m>(made: &'m [(String, Vec<&'static str>)]) -> Vec<&'m str> {
        made.iter().map(|(schema, _)| schema.as_str()).collect()
    }

    #[test]
    fn schemas_are_made_by_name_where_nothing_else_decides() {
        assert_eq!(schemas(&made(&catalog(&["b", "a"]))), ["public", "a", "b"]);
    }

    #[test]
    fn a_schema_comes_behind_what_it_is_built_on() {
        let mut catalog = catalog(&["a", "b"]);
        let mood = QualifiedName::in_schema("b", "mood");
        catalog.enums.insert(mood, EnumType { values: vec!["ok".into()], ..EnumType::default() }.into());
        let things = catalog.table_mut(&QualifiedName::in_schema("a", "things")).unwrap();
        things.columns.push(column("mood", "b.mood?"));
        assert_eq!(schemas(&made(&catalog)), ["public", "b", "a"]);
    }

    #[test]
    fn foreign_keys_wait_for_the_later_schema_in_both_directions() {
        let mut catalog = catalog(&["a", "b"]);
        reference(&mut catalog, "a", "b");
        reference(&mut catalog, "b", "a");
        let expected = [
            ("public".to_owned(), vec![]),
            ("a".to_owned(), vec!["create_object", "create_table"]),
            ("b".to_owned(), vec!["create_object", "create_table", "add_constraint"]),
        ];
        assert_eq!(made(&catalog), expected);
    }

    #[test]
    fn what_waits_in_a_circle_of_schemas_is_made_with_the_last_one() {
        let mut catalog = catalog(&["a", "b"]);
        for (schema, other) in [("a", "b"), ("b", "a")] {
            let mood = QualifiedName::in_schema(schema, "mood");
            catalog.enums.insert(mood, EnumType { values: vec!["ok".into()], ..EnumType::default() }.into());
            let name = QualifiedName::in_schema(schema, "things");
            let things = catalog.table_mut(&name).unwrap();
            things.columns.push(column("mood", &format!("{other}.mood?")));
        }
        let expected = [
            ("public".to_owned(), vec![]),
            ("a".to_owned(), vec!["create_object", "create_enum"]),
            ("b".to_owned(), vec!["create_object", "create_enum", "create_table", "create_table"]),
        ];
        assert_eq!(made(&catalog), expected);
    }
}
