//! What has to be there before something can be made.

use crate::catalog::{Catalog, ConstraintKind, Part, Used, User};
use crate::expression::{NamedInText, text_read_as};
use crate::name::QualifiedName;
use crate::object::{Definition, Function, Kind, Namespace, ObjectId};
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::lex;
use crate::token::Token;

/// Something that is made by itself. The order of the variants is the order where nothing else decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Extension(String),
    Enum(QualifiedName),
    /// A table with the sequences of its serial columns.
    Table(QualifiedName),
    /// An index of a table or a materialized view.
    Index(QualifiedName, String),
    Object(ObjectId),
}

/// What each node needs.
#[derive(Default)]
pub(super) struct Needs {
    /// What must be there.
    hard: SortedMap<Node, SortedSet<Node>>,
    /// What should be there: tables that foreign keys reference, what the body of a function names.
    soft: SortedMap<Node, SortedSet<Node>>,
    /// What the bodies of routines name, in any language.
    named: SortedMap<Node, SortedSet<Node>>,
    /// Checks and exclusion constraints that need something which needs their table: a function that takes its rows.
    circular: SortedSet<(QualifiedName, String)>,
}

impl Needs {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let finder = Finder::new(catalog);
        let mut needs = Needs::default();
        for name in catalog.extensions.keys() {
            let schema = catalog.extensions.get(name).and_then(|extension| extension.schema.clone());
            let schema = schema.map(|schema| Node::Object(crate::object::Schema::id(schema)));
            needs.add(Node::Extension(name.clone()), schema.into_iter().collect(), SortedSet::new(), catalog);
        }
        for name in catalog.enums.keys() {
            let schema = Node::Object(crate::object::Schema::id(name.schema.clone()));
            needs.add(Node::Enum(name.clone()), SortedSet::from([schema]), SortedSet::new(), catalog);
        }
        let mut conditions: Vec<(&QualifiedName, &str, SortedSet<Node>)> = Vec::new();
        for (name, table) in &catalog.tables {
            let is_partition = table.partition_of.is_some();
            let (mut hard, mut soft) = (SortedSet::new(), SortedSet::new());
            for part in table.parts() {
                let used = finder.nodes(&catalog.uses_of(&User::Table(name, part)));
                match part {
                    Part::Index(index, _) if !is_partition => {
                        let table = SortedSet::from([Node::Table(name.clone())]);
                        let used = used.into_iter().chain(table).collect();
                        needs.add(Node::Index(name.clone(), index.to_owned()), used, SortedSet::new(), catalog);
                    }
                    Part::Constraint(_, constraint) if matches!(constraint.kind, ConstraintKind::ForeignKey(_)) => {
                        soft.extend(used);
                    }
                    Part::Constraint(constraint, _) => conditions.push((name, constraint, used)),
                    _ => hard.extend(used),
                }
            }
            if let Some(of) = &table.partition_of {
                // A partition gets its own part of each index when it is made.
                let indexes = catalog.table(&of.parent).map(|parent| parent.indexes.keys().cloned().collect());
                let indexes: Vec<String> = indexes.unwrap_or_default();
                let is_partition =
                    |parent: &QualifiedName| catalog.table(parent).is_some_and(|one| one.partition_of.is_some());
                if !is_partition(&of.parent) {
                    hard.extend(indexes.into_iter().map(|index| Node::Index(of.parent.clone(), index)));
                }
            }
            needs.add(Node::Table(name.clone()), hard, soft, catalog);
        }
        for (id, object) in &catalog.objects {
            if finder.owners.contains_key(id) {
                continue;
            }
            let mut free = object.as_ref().clone();
            if let Definition::Sequence(sequence) = &mut free.definition {
                sequence.owned_by = None;
            }
            let hard = finder.nodes(&catalog.uses_of_object(id, &free));
            let routine = match &object.definition {
                Definition::Function(function) => Some(function),
                Definition::Procedure(procedure) => Some(&procedure.0),
                _ => None,
            };
            let named = routine.map(|function| finder.named_in(function, &id.name.schema)).unwrap_or_default();
            // The server looks up what SQL names when the function is made.
            let soft = if routine.is_some_and(|one| one.language == "sql") { named.clone() } else { SortedSet::new() };
            needs.named.insert(Node::Object(id.clone()), named);
            needs.add(Node::Object(id.clone()), hard, soft, catalog);
            if let Definition::MaterializedView(view) = &object.definition {
                for name in view.indexes.keys() {
                    let of = SortedSet::from([Node::Object(id.clone())]);
                    needs.add(Node::Index(id.name.clone(), name.clone()), of, SortedSet::new(), catalog);
                }
            }
        }
        for (table, constraint, used) in conditions {
            let node = Node::Table(table.clone());
            let own = SortedSet::from([node.clone()]);
            let used: SortedSet<Node> = used.into_iter().filter(|one| *one != node && exists(one, catalog)).collect();
            if used.iter().any(|one| needs.needs_any(one, &own)) {
                needs.circular.insert((table.clone(), constraint.to_owned()));
            } else {
                needs.hard.entry(node).or_default().extend(used);
            }
        }
        needs
    }

    /// Whether a constraint can only be added once its table is there.
    pub(super) fn is_circular(&self, table: &QualifiedName, constraint: &str) -> bool {
        self.circular.contains(&(table.clone(), constraint.to_owned()))
    }

    fn add(&mut self, node: Node, hard: SortedSet<Node>, soft: SortedSet<Node>, catalog: &Catalog) {
        let is_there = |one: &Node| *one != node && exists(one, catalog);
        let soft = soft.into_iter().filter(|one| is_there(one) && !hard.contains(one)).collect();
        let hard = hard.into_iter().filter(|one| is_there(one)).collect();
        self.hard.insert(node.clone(), hard);
        self.soft.insert(node, soft);
    }

    /// Everything that is made: what others are built on first, where nothing else decides.
    pub(super) fn nodes(&self) -> Vec<Node> {
        let mut nodes: Vec<Node> = self.hard.keys().cloned().collect();
        let rank = |node: &Node| match node {
            Node::Object(id) if id.kind == Kind::Schema => 0,
            Node::Extension(_) => 1,
            Node::Enum(_) => 2,
            Node::Object(id) if id.kind.namespace() == Namespace::Type => 3,
            // What a cast is called for does not say so.
            Node::Object(id) if matches!(id.kind, Kind::Sequence | Kind::Cast) => 4,
            Node::Table(_) | Node::Index(..) => 5,
            Node::Object(id) if id.kind.namespace() == Namespace::Routine => 6,
            // What it would be called for is all made by then.
            Node::Object(id) if matches!(id.kind, Kind::EventTrigger | Kind::DefaultPrivileges) => 9,
            Node::Object(id) if id.table.is_some() => 8,
            Node::Object(_) => 7,
        };
        // The indexes of a table stand behind it.
        let place = |node: &Node| match node {
            Node::Table(name) | Node::Index(name, _) => Some(name.clone()),
            _ => None,
        };
        nodes.sort_by_key(|node| (rank(node), place(node)));
        nodes
    }

    pub(super) fn hard(&self, node: &Node) -> Vec<Node> {
        self.hard.get(node).into_iter().flatten().cloned().collect()
    }

    pub(super) fn soft(&self, node: &Node) -> Vec<Node> {
        self.soft.get(node).into_iter().flatten().cloned().collect()
    }

    /// What the body of a routine names.
    pub(super) fn named(&self, node: &Node) -> Vec<Node> {
        self.named.get(node).into_iter().flatten().cloned().collect()
    }

    /// Whether a node needs one of these, directly or not.
    pub(super) fn needs_any(&self, node: &Node, wanted: &SortedSet<Node>) -> bool {
        let mut seen: SortedSet<&Node> = SortedSet::new();
        let mut open: Vec<&Node> = vec![node];
        while let Some(one) = open.pop() {
            if wanted.contains(one) {
                return true;
            }
            if seen.insert(one) {
                open.extend(self.hard.get(one).into_iter().flatten());
            }
        }
        false
    }
}

pub(super) fn exists(node: &Node, catalog: &Catalog) -> bool {
    match node {
        Node::Extension(name) => catalog.extensions.contains_key(name),
        Node::Enum(name) => catalog.enums.contains_key(name),
        Node::Table(name) => catalog.tables.contains_key(name),
        Node::Index(name, index) => catalog.indexable(name).is_some_and(|table| table.indexes.contains_key(index)),
        Node::Object(id) => catalog.objects.contains_key(id),
    }
}

/// The sequences of serial columns, which are made with their table.
pub(super) fn serial_sequences(catalog: &Catalog) -> SortedMap<ObjectId, QualifiedName> {
    let owned = catalog.objects.iter().filter_map(|(id, object)| match &object.definition {
        Definition::Sequence(sequence) => {
            let (table, column) = sequence.owned_by.as_ref()?;
            let table = id.name.sibling(table.as_str());
            let found = catalog.table(&table)?;
            let default = found.column(column)?.default.as_ref()?;
            let is_plain = found.partition_of.is_none();
            let reads = default.sql().contains(&format!("nextval('{}", crate::sql::qualified(&id.name)));
            (reads && is_plain).then(|| (id.clone(), table))
        }
        _ => None,
    });
    owned.collect()
}

struct Finder<'c> {
    catalog: &'c Catalog,
    /// The sequences of identities, with the tables that make them.
    identities: SortedMap<QualifiedName, QualifiedName>,
    owners: SortedMap<ObjectId, QualifiedName>,
    routines: SortedMap<QualifiedName, Vec<ObjectId>>,
    by_name: SortedMap<String, Vec<Node>>,
}

impl<'c> Finder<'c> {
    fn new(catalog: &'c Catalog) -> Self {
        let mut routines: SortedMap<QualifiedName, Vec<ObjectId>> = SortedMap::new();
        let mut by_name: SortedMap<String, Vec<Node>> = SortedMap::new();
        for id in catalog.objects.keys() {
            let node = || Node::Object(id.clone());
            match id.kind.namespace() {
                Namespace::Routine => {
                    routines.entry(id.name.clone()).or_default().push(id.clone());
                    by_name.entry(id.name.name.clone()).or_default().push(node());
                }
                // An expression tells its operators as it tells functions: by their names.
                _ if id.kind == Kind::OwnOperator => routines.entry(id.name.clone()).or_default().push(id.clone()),
                Namespace::Relation | Namespace::Type => by_name.entry(id.name.name.clone()).or_default().push(node()),
                _ => {}
            }
        }
        let mut identities = SortedMap::new();
        for (name, table) in &catalog.tables {
            by_name.entry(name.name.clone()).or_default().push(Node::Table(name.clone()));
            for sequence in table.columns.iter().filter_map(|column| column.identity_sequence(name)) {
                by_name.entry(sequence.name.clone()).or_default().push(Node::Table(name.clone()));
                identities.insert(sequence, name.clone());
            }
        }
        for name in catalog.enums.keys() {
            by_name.entry(name.name.clone()).or_default().push(Node::Enum(name.clone()));
        }
        Finder { catalog, identities, owners: serial_sequences(catalog), routines, by_name }
    }

    fn object(&self, id: &ObjectId) -> Node {
        match self.owners.get(id) {
            Some(table) => Node::Table(table.clone()),
            None => Node::Object(id.clone()),
        }
    }

    /// What makes what is used.
    fn nodes(&self, used: &SortedSet<Used>) -> SortedSet<Node> {
        let catalog = self.catalog;
        let mut nodes = SortedSet::new();
        for one in used {
            match one {
                Used::Extension(name) => {
                    nodes.insert(Node::Extension(name.clone()));
                }
                Used::Type(name) | Used::Value(name, _) if catalog.enums.contains_key(name) => {
                    nodes.insert(Node::Enum(name.clone()));
                }
                Used::Type(name)
                | Used::Value(name, _)
                | Used::Table(name)
                | Used::Column(name, _)
                | Used::Key(name, _) => {
                    if catalog.tables.contains_key(name) {
                        nodes.insert(Node::Table(name.clone()));
                    }
                    nodes.extend(self.identities.get(name).cloned().map(Node::Table));
                    for namespace in [Namespace::Relation, Namespace::Type] {
                        nodes.extend(catalog.object_named(namespace, name).map(|(id, _)| self.object(id)));
                    }
                }
                Used::Object(id) => {
                    nodes.insert(self.object(id));
                }
                Used::Function(name) => {
                    let found = self.routines.get(name).into_iter().flatten();
                    nodes.extend(found.map(|id| Node::Object(id.clone())));
                }
            }
        }
        nodes
    }

    /// What the body of a function names: with the schema that it says, else in the function's own one, where it is there.
    fn named_in(&self, function: &Function, schema: &str) -> SortedSet<Node> {
        let Some(body) = function.body.text() else { return SortedSet::new() };
        let tokens = lex(body).unwrap_or_default();
        let word = |at: usize| match tokens.get(at) {
            Some(Token::Word(word) | Token::QuotedWord(word)) => Some(word.as_str()),
            _ => None,
        };
        let find = |said: Option<&str>, name: &str| {
            let found = self.by_name.get(name)?;
            let in_schema = |schema: &str| -> Vec<Node> {
                found.iter().filter(|node| schema_of(node) == Some(schema)).cloned().collect()
            };
            let mut nodes = said.map(in_schema).unwrap_or_default();
            if nodes.is_empty() && !function.options.settings.contains_key("search_path") {
                nodes = in_schema(schema);
            }
            Some(if nodes.is_empty() { found.clone() } else { nodes })
        };
        let is_dot = |at: usize| matches!(tokens.get(at), Some(Token::Symbol { symbol: '.', .. }));
        let mut named = SortedSet::new();
        for (at, token) in tokens.iter().enumerate() {
            if let Some(name) = word(at) {
                let said = if at >= 2 && is_dot(at - 1) { word(at - 2) } else { None };
                named.extend(find(said, name).into_iter().flatten());
            } else if let Token::Text(text) = token
                && let Some(read_as) = text_read_as(|at| tokens.get(at), at)
                && let Some(NamedInText::Object { schema, name, .. }) = NamedInText::read(text, read_as)
            {
                named.extend(find(schema.as_deref(), &name).into_iter().flatten());
            }
        }
        named
    }
}

/// The schema of something that is made.
pub(super) fn schema_of(node: &Node) -> Option<&str> {
    match node {
        Node::Extension(_) => None,
        Node::Enum(name) | Node::Table(name) | Node::Index(name, _) => Some(&name.schema),
        Node::Object(id) if id.kind == Kind::Schema => Some(&id.name.name),
        Node::Object(id) => id.schema(),
    }
}
