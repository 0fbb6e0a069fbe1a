//! Fields of values: attributes of composite types, and columns of rows, as in `(home).zip`.

use std::collections::BTreeSet;

use super::{Catalog, Used};
use crate::expression::{Expression, ExpressionKind, Subscript};
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object::{Definition, Kind, ObjectId};
use crate::types::Type;

/// The types of values, as far as they say which fields are read.
pub(crate) struct Fields<'f> {
    /// Where types and tables are looked up.
    pub(crate) catalog: &'f Catalog,
    /// The type of what a name stands for, also of a whole row.
    pub(crate) type_of_name: &'f dyn Fn(&[String]) -> Option<Type>,
}

impl Catalog {
    /// The type of a column of a table or of another relation.
    pub(crate) fn column_type(&self, relation: &QualifiedName, column: &str) -> Option<Type> {
        match self.table(relation) {
            Some(table) => Some(table.column(column)?.data_type.clone()),
            None => self.columns_of_object(relation).into_iter().find(|found| found.name == column)?.data_type,
        }
    }

    /// What has columns or attributes of its own, and is not a table.
    pub fn with_fields(&self, name: &QualifiedName) -> Option<ObjectId> {
        let composite =
            || Some(ObjectId::new(Kind::CompositeType, name.clone())).filter(|id| self.object(id).is_some());
        self.relation_id(name).or_else(composite)
    }

    /// Whether a table or another relation has a column of this name, or a composite type such an attribute.
    pub fn has_field(&self, of: &QualifiedName, name: &str) -> bool {
        match self.table(of) {
            Some(table) => table.column(name).is_some(),
            None => self.fields_of(of).iter().any(|(field, _)| field == name),
        }
    }

    /// The type of a field of values of a type.
    pub(crate) fn field_type(&self, of: &Type, field: &str) -> Option<Type> {
        let fields = self.fields_of(self.base_type(of).as_named()?);
        fields.into_iter().find(|(name, _)| name == field)?.1
    }

    /// The names and types of the fields of a composite type or of the rows of a relation.
    fn fields_of(&self, name: &QualifiedName) -> Vec<(String, Option<Type>)> {
        let composite = self.object(&ObjectId::new(Kind::CompositeType, name.clone())).map(|object| &object.definition);
        match (composite, self.table(name)) {
            (Some(Definition::CompositeType(of)), _) => {
                of.attributes.iter().map(|one| (one.name.clone(), Some(one.data_type.clone()))).collect()
            }
            (_, Some(table)) => {
                table.columns.iter().map(|one| (one.name.clone(), Some(one.data_type.clone()))).collect()
            }
            (_, None) => self.columns_of_object(name).into_iter().map(|one| (one.name, one.data_type)).collect(),
        }
    }
}

impl Fields<'_> {
    /// The type whose fields an expression reads by itself: what `home` is in `(home).zip`.
    pub(crate) fn read_of(&self, part: &Expression) -> Option<QualifiedName> {
        match &part.kind {
            ExpressionKind::Field { operand, .. } | ExpressionKind::Fields(operand) => self.named(operand),
            _ => None,
        }
    }

    /// Notes the fields that an expression reads by itself.
    pub(crate) fn note(&self, part: &Expression, uses: &mut BTreeSet<Used>) {
        let Some(name) = self.read_of(part) else { return };
        let only = match &part.kind {
            ExpressionKind::Field { field, .. } => Some(field),
            _ => None,
        };
        let fields = self.catalog.fields_of(&name).into_iter().map(|(field, _)| field);
        let read = fields.filter(|field| only.is_none_or(|only| only == field));
        uses.extend(read.map(|field| Used::Column(name.clone(), field)));
    }

    /// Follows a column of a table that gets another name, where an expression reads it of a row.
    pub(crate) fn rename(&self, part: &mut Expression, (table, from, to): (&QualifiedName, &str, &str)) {
        if self.read_of(part).as_ref() == Some(table)
            && let ExpressionKind::Field { field, .. } = &mut part.kind
            && field == from
        {
            to.clone_into(field);
        }
    }

    fn named(&self, value: &Expression) -> Option<QualifiedName> {
        let found = self.type_of(value)?;
        self.catalog.base_type(&found).as_named().cloned()
    }

    pub(crate) fn type_of(&self, value: &Expression) -> Option<Type> {
        match &value.kind {
            ExpressionKind::Name(parts) | ExpressionKind::Star(parts) => (self.type_of_name)(parts),
            ExpressionKind::Field { operand, field } => self.catalog.field_type(&self.type_of(operand)?, field),
            ExpressionKind::Cast { target, .. } => Some(target.clone()),
            ExpressionKind::Subscript { operand, subscripts } => {
                let is_element = subscripts.iter().all(|one| matches!(one, Subscript::Index(_)));
                let array = self.type_of(operand).filter(|_| is_element)?;
                self.catalog.base_type(&array).element().cloned()
            }
            ExpressionKind::Call(call) => {
                let schema = call.schema.as_deref().unwrap_or(DEFAULT_SCHEMA);
                let name = QualifiedName::in_schema(schema, call.name.clone());
                let first = ObjectId::new(Kind::Function, name.clone());
                let mut named = self.catalog.objects.iter_from(&first).take_while(|(id, _)| id.name == name);
                // Overloads that give the same are as good as one.
                let types = named.by_ref().map_while(|(_, object)| match &object.definition {
                    Definition::Function(function) => Some(function.result()),
                    _ => None,
                });
                let types: Vec<Type> = types.collect();
                types.first().filter(|one| types.iter().all(|other| other == *one)).cloned()
            }
            _ => None,
        }
    }
}
