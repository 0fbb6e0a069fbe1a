//! What is used by what an expression, a type or a key says, where it stands.

use super::{Scope, Used, Uses};
use crate::catalog::fields::Fields;
use crate::catalog::{Catalog, Column, EnumLiterals, IndexKey, Table, sub_select};
use crate::expression::{Call, Expression, ExpressionKind, NamedInText};
use crate::extension;
use crate::name::{DEFAULT_SCHEMA, QualifiedName, split_class};
use crate::object::{Kind, Namespace, ObjectId, OperatorClass, note_collation};
use crate::sorted::SortedSet;
use crate::types::{Type, operator_class};

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

    pub(super) fn name(&self) -> QualifiedName {
        self.table.map_or_else(|| QualifiedName::new(""), |(name, _)| name.clone())
    }

    pub(super) fn uses_of(&self, part: &impl Uses) -> SortedSet<Used> {
        let mut uses = SortedSet::new();
        part.note_uses(self, &mut uses);
        uses
    }

    pub(super) fn note_column(&self, column: &str, uses: &mut SortedSet<Used>) {
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
    pub(super) fn note_value(&self, expression: &Expression, column: &Column, uses: &mut SortedSet<Used>) {
        self.note_expression(expression, uses);
        let enum_name = column.data_type.depends_on().filter(|name| self.catalog.enums.contains_key(*name));
        if let Some(name) = enum_name {
            EnumLiterals::without_columns(name).visit_value(&mut expression.clone(), &mut |value| {
                uses.insert(Used::Value(name.clone(), value.clone()));
            });
        }
    }
}

impl Scope<'_> {
    /// The operator class of a key, where it is one of the user's: the one that it names, or that its type has.
    pub(super) fn class_of(&self, method: &str, key: &IndexKey) -> Option<ObjectId> {
        if let Some(class) = key.operator_class.as_deref() {
            return Some(OperatorClass::id_of_key(method, class)).filter(|id| self.catalog.objects.contains_key(id));
        }
        let column = key.column().and_then(|name| self.table?.1.column(name))?;
        self.catalog.default_class(method, &column.data_type).cloned()
    }

    /// The extension that brings the operator class of a key. `btree_gin` and `btree_gist` bring those of what these
    /// methods cannot index themselves.
    pub(super) fn extension_of_class(&self, method: &str, key: &IndexKey) -> Option<String> {
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
