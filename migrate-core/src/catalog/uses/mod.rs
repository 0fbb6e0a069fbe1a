//! What uses what: one answer for every kind of object.
//!
//! A catalog is made of [`Part`]s, each of which says what it uses ([`Uses`]). The other direction, who uses something,
//! is asked with [`Catalog::users`]. So a new kind of object takes part once it says what it uses.

mod parts;
mod scope;

pub(crate) use scope::note_operator;

use crate::catalog::{Catalog, Column, Constraint, ConstraintKind, Index, PartitionOf, Partitioning, Table};
use crate::expression::{Expression, ExpressionKind};
use crate::name::QualifiedName;
use crate::object::{Define as _, Kind, Namespace, Object, ObjectId, Schema};
use crate::sorted::{SortedMap, SortedSet};

/// Something that parts of a catalog use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Used {
    /// What an extension brings.
    Extension(String),
    /// A type.
    Type(QualifiedName),
    /// A value of an enum.
    Value(QualifiedName, String),
    /// A table.
    Table(QualifiedName),
    /// A column of a table.
    Column(QualifiedName, String),
    /// That these columns of a table tell its rows apart, in any order.
    Key(QualifiedName, SortedSet<String>),
    /// An object that is neither a relation nor a type.
    Object(ObjectId),
    /// Functions of this name, whatever they take.
    Function(QualifiedName),
}

/// What says what it uses.
pub trait Uses {
    /// Notes what it uses, beside itself.
    fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>);
}

/// Where a part stands: its names mean what they mean here.
pub struct Scope<'c> {
    /// The catalog.
    pub catalog: &'c Catalog,
    table: Option<(&'c QualifiedName, &'c Table)>,
}

/// A part of a table that uses other things.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part<'c> {
    /// The table itself, which is in a schema.
    Itself,
    /// The type of a column.
    Type(&'c Column),
    /// The default of a column.
    Default(&'c Column),
    /// What a column is generated from.
    Generated(&'c Column),
    /// `on update` of a column.
    OnUpdate(&'c Column),
    /// A constraint and its name.
    Constraint(&'c str, &'c Constraint),
    /// An index and its name.
    Index(&'c str, &'c Index),
    /// What it is partitioned by.
    Partitioning(&'c Partitioning),
    /// What it is a partition of.
    PartitionOf(&'c PartitionOf),
    /// A table that it inherits from.
    Inherits(&'c QualifiedName),
}

/// Something that uses something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum User<'c> {
    /// A part of a table.
    Table(&'c QualifiedName, Part<'c>),
    /// An object of one of the kinds that are alike.
    Object(&'c ObjectId, &'c Object),
}

impl<'c> User<'c> {
    /// The table that it is a part of.
    pub fn table(&self) -> Option<&'c QualifiedName> {
        match self {
            User::Table(table, _) => Some(table),
            User::Object(..) => None,
        }
    }

    /// The part, of a table.
    pub fn part(&self) -> Option<Part<'c>> {
        match self {
            User::Table(_, part) => Some(*part),
            User::Object(..) => None,
        }
    }

    /// The object that it is.
    pub fn object(&self) -> Option<(&'c ObjectId, &'c Object)> {
        match self {
            User::Table(..) => None,
            User::Object(id, object) => Some((id, object)),
        }
    }
}

impl Catalog {
    /// What uses this.
    pub fn users<'c>(&'c self, used: &Used) -> Vec<User<'c>> {
        self.users_of_any(&SortedSet::from([used.clone()]))
    }

    /// What uses any of these.
    pub fn users_of_any<'c>(&'c self, used: &SortedSet<Used>) -> Vec<User<'c>> {
        self.users_of_any_among(used, |_| true)
    }

    /// What uses any of these, of those that are asked for. Of parts of tables that are not, which are most in a history, it is not
    /// worked out what they use.
    pub fn users_of_any_among<'c>(
        &'c self,
        used: &SortedSet<Used>,
        is_asked_for: impl Fn(&User<'c>) -> bool,
    ) -> Vec<User<'c>> {
        let mut users = Vec::new();
        if used.is_empty() {
            return users;
        }
        for (table, definition) in self.tables_that_may_use(used) {
            let scope = Scope { catalog: self, table: Some((table, definition)) };
            for part in definition.parts() {
                let user = User::Table(table, part);
                if is_asked_for(&user) && !scope.uses_of(&part).is_disjoint(used) {
                    users.push(user);
                }
            }
        }
        for (id, object) in &self.objects {
            let user = User::Object(id, object);
            if !self.uses_of_object(id, object).is_disjoint(used) && is_asked_for(&user) {
                users.push(user);
            }
        }
        users
    }

    /// What an object uses.
    pub fn uses_of_object(&self, id: &ObjectId, object: &Object) -> SortedSet<Used> {
        let table = id.table();
        let definition = table.as_ref().and_then(|table| Some((table, self.table(table)?)));
        let scope = Scope { catalog: self, table: definition };
        let mut uses = SortedSet::new();
        object.definition.note_uses(id, &scope, &mut uses);
        uses.extend(id.table().map(Used::Table));
        uses.extend(id.schema().map(|schema| Used::Object(Schema::id(schema))));
        for argument in &id.arguments {
            scope.note_type(argument, &mut uses);
        }
        uses.remove(&id.as_used());
        uses.remove(&Used::Function(id.name.clone()));
        uses
    }

    /// How others may use an object. An expression tells a function by its name alone: where several have it, that says
    /// nothing of one of them.
    pub fn known_as(&self, id: &ObjectId) -> SortedSet<Used> {
        let mut uses = SortedSet::from([id.as_used()]);
        uses.extend(self.object(id).into_iter().flat_map(|object| object.definition.also_makes(id)));
        if id.kind.namespace() == Namespace::Routine || id.kind == Kind::OwnOperator {
            let alike = |other: &&ObjectId| other.kind.namespace() == id.kind.namespace() && other.name == id.name;
            if self.objects.keys().filter(alike).count() <= 1 {
                uses.insert(Used::Function(id.name.clone()));
            }
        }
        uses
    }

    /// The tables that may use any of these. A relation, its columns and its keys are used by the tables that depend on it only;
    /// this keeps a look at all tables short.
    fn tables_that_may_use(&self, used: &SortedSet<Used>) -> Vec<(&QualifiedName, &Table)> {
        let mut of = SortedSet::new();
        let mut is_any = false;
        for used in used {
            match used {
                Used::Table(relation) | Used::Column(relation, _) | Used::Key(relation, _) => {
                    of.insert(relation);
                }
                Used::Object(id) => is_any |= id.kind == Kind::Schema || id.kind.namespace() != Namespace::Table,
                Used::Extension(_) | Used::Type(_) | Used::Value(..) | Used::Function(_) => is_any = true,
            }
        }
        if is_any {
            return self.tables.iter().map(|(name, table)| (name, table.as_ref())).collect();
        }
        let mut found: SortedMap<&QualifiedName, &Table> = SortedMap::new();
        for name in of {
            found.extend(self.tables.get_key_value(name).map(|(name, table)| (name, table.as_ref())));
            found.extend(self.tables.dependents(name));
        }
        found.into_iter().collect()
    }

    /// The objects that are built on any of these, directly or on one another, each behind what it is built on.
    pub fn built_on(&self, used: &SortedSet<Used>) -> Vec<(ObjectId, Object)> {
        let mut found: Vec<(ObjectId, Object)> = Vec::new();
        let mut layer = used.clone();
        // Nothing is built on itself; a chain is no longer than there are objects.
        for _ in 0..self.objects.len() {
            let users: Vec<(ObjectId, Object)> = (self.users_of_any(&layer).iter())
                .filter_map(User::object)
                .filter(|(_, object)| object.definition.is_rebuilt())
                .map(|(id, object)| (id.clone(), object.clone()))
                .collect();
            if users.is_empty() {
                break;
            }
            layer = users.iter().flat_map(|(id, _)| self.known_as(id)).collect();
            // What is found again is built on something of this layer, too, and so comes behind it.
            found.retain(|(id, _)| !users.iter().any(|(user, _)| user == id));
            found.extend(users);
        }
        found
    }

    /// The objects that are made of an enum, and stay when it is replaced by another type: PostgreSQL changes the type of
    /// columns, but not what a domain, a composite type or a range is made of.
    pub fn holders_of_enum(&self, name: &QualifiedName) -> Vec<&ObjectId> {
        let users = self.users(&Used::Type(name.clone()));
        let users = users.into_iter().filter_map(|user| match user {
            User::Object(id, object) if !object.definition.is_rebuilt() => Some(id),
            _ => None,
        });
        users.collect()
    }

    /// What a part of a table uses.
    pub fn uses_of(&self, user: &User<'_>) -> SortedSet<Used> {
        match user {
            User::Table(table, part) => {
                let Some(definition) = self.table(table) else { return SortedSet::new() };
                Scope { catalog: self, table: Some((table, definition)) }.uses_of(part)
            }
            User::Object(id, object) => self.uses_of_object(id, object),
        }
    }
}

impl Table {
    /// Everything of it that uses other things.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let of_columns = self.columns.iter().flat_map(|column| {
            let default = column.default.as_ref().map(|_| Part::Default(column));
            let generated = column.generated.as_ref().map(|_| Part::Generated(column));
            let on_update = column.on_update.as_ref().map(|_| Part::OnUpdate(column));
            // A built-in type is nobody's.
            let is_own = column.data_type.depends_on().is_some() || column.collation.is_some();
            let data_type = is_own.then_some(Part::Type(column));
            data_type.into_iter().chain(default).chain(generated).chain(on_update)
        });
        let constraints = self.constraints.iter().map(|(name, constraint)| Part::Constraint(name, constraint));
        let indexes = self.indexes.iter().map(|(name, index)| Part::Index(name, index));
        let partitioning = self.partitioning.as_ref().map(Part::Partitioning);
        let partition_of = self.partition_of.as_ref().map(Part::PartitionOf);
        std::iter::once(Part::Itself)
            .chain(of_columns)
            .chain(constraints)
            .chain(indexes)
            .chain(partitioning)
            .chain(partition_of)
            .chain(self.inherits.iter().map(Part::Inherits))
    }

    /// The columns that an expression over its rows reads by name. `bookings` and `bookings.*` are the row with whatever
    /// columns it has: PostgreSQL lets each of them go.
    pub fn columns_read(&self, expression: &Expression) -> SortedSet<&str> {
        let mut read = SortedSet::new();
        expression.visit(&mut |part| {
            if let ExpressionKind::Name(parts) = &part.kind {
                read.extend(parts.last().and_then(|column| self.column(column)).map(|column| column.name.as_str()));
            }
        });
        read
    }

    /// The columns of the table that a constraint is over.
    pub fn columns_of_constraint(&self, constraint: &ConstraintKind) -> SortedSet<String> {
        match constraint {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                key.columns.iter().chain(&key.include).cloned().collect()
            }
            ConstraintKind::Check(check) => self.columns_read(check).into_iter().map(str::to_owned).collect(),
            ConstraintKind::ForeignKey(key) => key.columns.iter().cloned().collect(),
            ConstraintKind::Exclusion(exclusion) => {
                let read = exclusion.expressions().flat_map(|expression| self.columns_read(expression));
                read.map(str::to_owned).chain(exclusion.include.iter().cloned()).collect()
            }
        }
    }

    /// The columns of the table that an index is over, in its keys, beside them or in its predicate.
    pub fn columns_of_index(&self, index: &Index) -> SortedSet<String> {
        let read = index.expressions().flat_map(|expression| self.columns_read(expression)).map(str::to_owned);
        read.chain(index.include.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::testing::{catalog, expression, index, name, on_update};

    fn users(catalog: &Catalog, used: Used) -> Vec<String> {
        let told = |user: User<'_>| match user.part().expect("a part of a table") {
            Part::Itself => "itself".to_owned(),
            Part::Type(column) => format!("type {}", column.name),
            Part::Default(column) => format!("default {}", column.name),
            Part::Generated(column) => format!("generated {}", column.name),
            Part::OnUpdate(column) => format!("on update {}", column.name),
            Part::Constraint(name, _) | Part::Index(name, _) => name.to_owned(),
            Part::Partitioning(_) => "partition by".to_owned(),
            Part::PartitionOf(of) => format!("partition of {}", of.parent),
            Part::Inherits(parent) => format!("inherits {parent}"),
        };
        catalog.users(&used).into_iter().map(told).collect()
    }

    #[test]
    fn a_column_is_used_by_whatever_reads_it() {
        let column = |table: &str, column: &str| users(&catalog(), Used::Column(name(table), column.into()));
        assert_eq!(
            column("bookings", "note"),
            ["generated label", "bookings_status_check", "bookings_total_check", "bookings_note_idx"]
        );
        assert_eq!(column("users", "id"), ["bookings_user_id_fkey", "users_pkey"]);
        assert_eq!(column("bookings", "total"), ["bookings_total_check", "bookings_status_idx"]);
        assert_eq!(column("bookings", "made_at"), ["bookings_user_id_made_at_key", "bookings_status_idx"]);
    }

    #[test]
    fn an_enum_and_its_values_are_used_by_types_casts_and_literals() {
        let mut catalog = catalog();
        let status = || name("status");
        assert_eq!(users(&catalog, Used::Type(status())), ["type status", "type history", "bookings_status_idx"]);
        let value = |catalog: &Catalog, value: &str| users(catalog, Used::Value(status(), value.into()));
        assert_eq!(value(&catalog, "pending"), ["default status", "default history", "bookings_status_idx"]);
        assert_eq!(value(&catalog, "cancelled"), ["bookings_status_check"]);
        let bookings = catalog.table_mut(&name("bookings")).unwrap();
        bookings.column_mut("status").unwrap().on_update = Some(on_update("'cancelled'", "t"));
        bookings
            .indexes
            .insert("more".into(), index(&["array_position(history, 'cancelled')", "(note <> 'confirmed')"]));
        assert_eq!(value(&catalog, "cancelled"), ["on update status", "bookings_status_check", "more"]);
        assert_eq!(value(&catalog, "confirmed"), ["default history"]);
    }

    #[test]
    fn an_extension_is_used_by_types_functions_and_operator_classes() {
        let mut catalog = catalog();
        let bookings = catalog.table_mut(&name("bookings")).unwrap();
        bookings.column_mut("id").unwrap().default = Some(expression("public.uuid_generate_v4()"));
        bookings.column_mut("note").unwrap().data_type = "citext".parse().unwrap();
        let mut trigrams = index(&["label"]);
        trigrams.method = "gin".into();
        trigrams.keys[0].operator_class = Some("public.gin_trgm_ops".into());
        bookings.indexes.insert("trigrams".into(), trigrams);
        let mut scalar = index(&["user_id"]);
        scalar.method = "gist".into();
        bookings.indexes.insert("scalar".into(), scalar);
        let of = |extension: &str| users(&catalog, Used::Extension(extension.into()));
        assert_eq!(of("uuid-ossp"), ["default id"]);
        assert_eq!(of("citext"), ["type note"]);
        assert_eq!(of("pg_trgm"), ["trigrams"]);
        assert_eq!(of("btree_gist"), ["scalar"]);
    }

    #[test]
    fn a_table_is_used_by_a_text_of_another_one_that_names_it() {
        let mut catalog = catalog();
        let email = |catalog: &mut Catalog, default: &str| {
            let users = catalog.table_mut(&name("users")).unwrap();
            users.column_mut("email").unwrap().default = Some(expression(default));
        };
        let of_bookings = |catalog: &Catalog| users(catalog, Used::Table(name("bookings")));
        let before = of_bookings(&catalog);
        email(&mut catalog, "concat('public.bookings'::regclass)");
        assert_eq!(of_bookings(&catalog), [before.clone(), vec!["default email".to_owned()]].concat());
        email(&mut catalog, "'public.bookings'");
        assert_eq!(of_bookings(&catalog), before);
    }

    #[test]
    fn the_whole_row_is_no_column() {
        let catalog = catalog();
        let users = catalog.table(&name("users")).unwrap();
        for (text, expected) in [
            ("users IS NOT NULL", 0),
            ("f(users.*)", 0),
            ("count(*)", 0),
            ("public.users.email = users.nick", 2),
            ("old.email", 1),
            ("unknown", 0),
        ] {
            assert_eq!(users.columns_read(&expression(text)).len(), expected, "{text}");
        }
    }

    #[test]
    fn a_foreign_key_uses_the_key_in_any_order() {
        let key = Used::Key(name("users"), SortedSet::from(["id".to_owned()]));
        assert_eq!(users(&catalog(), key), ["bookings_user_id_fkey"]);
        assert!(users(&catalog(), Used::Key(name("users"), SortedSet::from(["email".to_owned()]))).is_empty());
    }
}
