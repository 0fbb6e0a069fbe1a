//! What uses what: one answer for every kind of object.
//!
//! A catalog is made of [`Part`]s, each of which says what it uses ([`Uses`]). The other direction, who uses something,
//! is asked with [`Catalog::users`]. So a new kind of object takes part once it says what it uses.

use super::fields::Fields;
use super::{
    Catalog, Column, Constraint, ConstraintKind, EnumLiterals, Index, IndexKey, PartitionOf, Partitioning, Table,
    sub_select,
};
use crate::expression::{Call, Expression, ExpressionKind, NamedInText};
use crate::extension;
use crate::name::{DEFAULT_SCHEMA, QualifiedName, split_class};
use crate::object::{Define as _, Kind, Namespace, Object, ObjectId, OperatorClass, Schema, note_collation};
use crate::sorted::{SortedMap, SortedSet};
use crate::types::{Type, operator_class};

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

impl<'c> Scope<'c> {
    /// What stands beside no table.
    pub fn of(catalog: &'c Catalog) -> Self {
        Scope { catalog, table: None }
    }
}

impl Scope<'_> {
    /// The same, over the rows of something else.
    pub(crate) fn over<'o>(&'o self, name: &'o QualifiedName, table: &'o Table) -> Scope<'o> {
        Scope { catalog: self.catalog, table: Some((name, table)) }
    }

    fn name(&self) -> QualifiedName {
        self.table.map_or_else(|| QualifiedName::new(""), |(name, _)| name.clone())
    }

    fn uses_of(&self, part: &impl Uses) -> SortedSet<Used> {
        let mut uses = SortedSet::new();
        part.note_uses(self, &mut uses);
        uses
    }

    fn note_column(&self, column: &str, uses: &mut SortedSet<Used>) {
        uses.insert(Used::Column(self.name(), column.to_owned()));
    }

    /// Notes a type, with the extension that brings it, or with the table or view whose rows it has.
    pub fn note_type(&self, data_type: &Type, uses: &mut SortedSet<Used>) {
        let Some(name) = data_type.depends_on() else { return };
        uses.insert(Used::Type(name.clone()));
        if self.catalog.tables.contains_key(name) || self.catalog.object_named(Namespace::Relation, name).is_some() {
            uses.insert(Used::Table(name.clone()));
        }
        if !self.catalog.has_type(name)
            && let Some(extension) = extension::providing_type(&name.name)
        {
            uses.insert(Used::Extension(extension.to_owned()));
        }
    }

    /// Notes what an expression uses: columns of the table where there is one, types, functions, values of enums.
    pub fn note_expression(&self, expression: &Expression, uses: &mut SortedSet<Used>) {
        if let Some((_, definition)) = self.table {
            for column in definition.columns_read(expression) {
                self.note_column(column, uses);
            }
        }
        sub_select::note_uses(expression, self.table.map(|(table, _)| table), self.catalog, uses);
        for data_type in expression.types() {
            self.note_type(data_type, uses);
        }
        let type_of_name = |parts: &[String]| self.type_of_name(parts);
        let fields = Fields { catalog: self.catalog, type_of_name: &type_of_name };
        for call in expression.functions() {
            self.note_call(call, &fields, uses);
        }
        expression.visit(&mut |part| {
            note_operator(part, uses);
            self.note_text(part, uses);
            fields.note(part, uses);
            if let ExpressionKind::Collate { collation, .. } = &part.kind
                && collation.len() == 2
            {
                note_collation(Some(&collation.join(".")), uses);
            }
            if let Some(query) = part.query() {
                query.note_uses(self, uses);
            }
        });
        for name in self.catalog.enums.keys() {
            let literals = match self.table {
                Some((_, definition)) => EnumLiterals::of(definition, name),
                None => EnumLiterals::without_columns(name),
            };
            let mut copy = expression.clone();
            literals.visit_inside(&mut copy, &mut |value| {
                uses.insert(Used::Value(name.clone(), value.clone()));
            });
        }
    }

    /// The type of a column of the table, or of its rows.
    pub(crate) fn type_of_name(&self, parts: &[String]) -> Option<Type> {
        let (name, table) = self.table?;
        match table.column(parts.last()?) {
            Some(column) => Some(column.data_type.clone()),
            None => (*parts == [name.name.clone()]).then(|| Type::named(name.clone())),
        }
    }

    /// Notes what a text in it names, where there is that.
    pub(crate) fn note_text(&self, part: &Expression, uses: &mut SortedSet<Used>) {
        let Some(mut named) = NamedInText::of(part) else { return };
        for data_type in named.types_mut() {
            self.note_type(data_type, uses);
        }
        let catalog = self.catalog;
        let is_there = |relation: &QualifiedName| {
            catalog.tables.contains_key(relation)
                || catalog.object_named(Namespace::Relation, relation).is_some()
                || catalog.owner_of_identity(relation).is_some()
        };
        uses.extend(named.relation().filter(is_there).map(Used::Table));
        for id in catalog.objects.keys().filter(|id| named.is(id)) {
            uses.insert(Used::Object(id.clone()));
            if id.kind.namespace() == Namespace::Routine || id.kind == Kind::OwnOperator {
                uses.insert(Used::Function(id.name.clone()));
            }
        }
    }

    /// Notes the function that is called.
    pub(crate) fn note_call(&self, call: &Call, fields: &Fields<'_>, uses: &mut SortedSet<Used>) {
        let is_built_in = call.schema.as_deref() == Some("pg_catalog");
        if let Some(extension) = extension::providing_function(&call.name).filter(|_| !is_built_in) {
            uses.insert(Used::Extension(extension.to_owned()));
        }
        if !is_built_in {
            let schema = call.schema.as_deref().unwrap_or(DEFAULT_SCHEMA);
            let name = QualifiedName::in_schema(schema, call.name.clone());
            uses.extend(self.catalog.overload(&name, call, fields).map(|id| Used::Object(id.clone())));
            uses.insert(Used::Function(name));
        }
    }

    /// An expression whose value becomes one of a column.
    fn note_value(&self, expression: &Expression, column: &Column, uses: &mut SortedSet<Used>) {
        self.note_expression(expression, uses);
        let enum_name = column.data_type.depends_on().filter(|name| self.catalog.enums.contains_key(*name));
        if let Some(name) = enum_name {
            EnumLiterals::without_columns(name).visit_value(&mut expression.clone(), &mut |value| {
                uses.insert(Used::Value(name.clone(), value.clone()));
            });
        }
    }
}

impl Part<'_> {
    /// What it has that was computed from other things and is not computed again when they change, as a clause; `None`
    /// where it has no such thing.
    pub fn computed_once(&self, table: &QualifiedName) -> Option<String> {
        match self {
            Part::Generated(column) => Some(format!("generated column `{table}.{}` was filled", column.name)),
            Part::Index(name, _) => Some(format!("index `{name}` of table `{table}` was built")),
            Part::Constraint(name, _) => Some(format!("the rows of `{table}` were checked by `{name}`")),
            Part::Itself
            | Part::Type(_)
            | Part::Default(_)
            | Part::OnUpdate(_)
            | Part::Partitioning(_)
            | Part::PartitionOf(_)
            | Part::Inherits(_) => None,
        }
    }
}

impl Uses for Part<'_> {
    fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        match self {
            Part::Itself => {
                uses.insert(Used::Object(Schema::id(scope.name().schema)));
            }
            Part::Type(column) => {
                scope.note_type(&column.data_type, uses);
                note_collation(column.collation.as_deref(), uses);
            }
            Part::Default(column) => {
                if let Some(default) = &column.default {
                    scope.note_value(default, column, uses);
                }
            }
            Part::Generated(column) => {
                if let Some(generated) = &column.generated {
                    scope.note_value(&generated.expression, column, uses);
                }
            }
            Part::OnUpdate(column) => {
                if let Some(on_update) = &column.on_update {
                    scope.note_value(&on_update.expression, column, uses);
                }
            }
            Part::Constraint(_, constraint) => constraint.kind.note_uses(scope, uses),
            Part::Index(_, index) => index.note_uses(scope, uses),
            Part::Partitioning(partitioning) => {
                for key in &partitioning.keys {
                    note_collation(key.collation.as_deref(), uses);
                    scope.note_expression(&key.expression, uses);
                    uses.extend(scope.class_of(partitioning.index_method(), key).map(Used::Object));
                }
            }
            Part::PartitionOf(of) => {
                uses.insert(Used::Table(of.parent.clone()));
            }
            Part::Inherits(parent) => {
                uses.insert(Used::Table((*parent).clone()));
            }
        }
    }
}

impl Uses for ConstraintKind {
    fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        match self {
            ConstraintKind::Check(check) => scope.note_expression(check, uses),
            ConstraintKind::ForeignKey(key) => {
                uses.insert(Used::Table(key.table.clone()));
                uses.insert(Used::Key(key.table.clone(), key.referenced.iter().cloned().collect()));
                for column in &key.referenced {
                    uses.insert(Used::Column(key.table.clone(), column.clone()));
                }
            }
            ConstraintKind::Exclusion(exclusion) => {
                for expression in exclusion.expressions() {
                    scope.note_expression(expression, uses);
                }
                for key in exclusion.elements.iter().map(|element| &element.key) {
                    note_collation(key.collation.as_deref(), uses);
                    uses.extend(scope.extension_of_class(&exclusion.method, key).map(Used::Extension));
                    uses.extend(scope.class_of(&exclusion.method, key).map(Used::Object));
                }
            }
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => {}
        }
        let Some((_, definition)) = scope.table else { return };
        for column in definition.columns_of_constraint(self) {
            scope.note_column(&column, uses);
        }
    }
}

impl Uses for Index {
    fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        let Some((_, definition)) = scope.table else { return };
        for column in definition.columns_of_index(self) {
            scope.note_column(&column, uses);
        }
        for expression in self.expressions() {
            scope.note_expression(expression, uses);
        }
        for key in &self.keys {
            note_collation(key.collation.as_deref(), uses);
            uses.extend(scope.extension_of_class(&self.method, key).map(Used::Extension));
            uses.extend(scope.class_of(&self.method, key).map(Used::Object));
        }
        let extension = match self.method.as_str() {
            "hnsw" | "ivfflat" => "vector",
            method @ ("bloom" | "rum") => method,
            _ => return,
        };
        uses.insert(Used::Extension(extension.to_owned()));
    }
}

impl Scope<'_> {
    /// The operator class of a key, where it is one of the user's: the one that it names, or that its type has.
    fn class_of(&self, method: &str, key: &IndexKey) -> Option<ObjectId> {
        if let Some(class) = key.operator_class.as_deref() {
            return Some(OperatorClass::id_of_key(method, class)).filter(|id| self.catalog.objects.contains_key(id));
        }
        let column = key.column().and_then(|name| self.table?.1.column(name))?;
        self.catalog.default_class(method, &column.data_type).cloned()
    }

    /// The extension that brings the operator class of a key. `btree_gin` and `btree_gist` bring those of what these
    /// methods cannot index themselves.
    fn extension_of_class(&self, method: &str, key: &IndexKey) -> Option<String> {
        if let Some(class) = key.operator_class.as_deref() {
            let class = split_class(class).map_or(class, |(_, class)| class);
            return operator_class(method, class).and_then(|class| class.extension).map(str::to_owned);
        }
        let column = key.column().and_then(|name| self.table?.1.column(name))?;
        let is_brought =
            matches!(method, "gin" | "gist") && column.data_type.has_default_operator_class(method) == Some(false);
        is_brought.then(|| format!("btree_{method}"))
    }
}

/// Notes the operator of an expression, where it is one of the user's.
pub(crate) fn note_operator(part: &Expression, uses: &mut SortedSet<Used>) {
    if let ExpressionKind::Unary { operator, .. }
    | ExpressionKind::Binary { operator, .. }
    | ExpressionKind::Quantified { operator, .. } = &part.kind
        && let Some(schema) = operator.schema.as_ref().filter(|schema| *schema != "pg_catalog")
    {
        uses.insert(Used::Function(QualifiedName::in_schema(schema, operator.symbol.clone())));
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
