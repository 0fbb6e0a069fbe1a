//! Fields of values: attributes of composite types, and columns of rows, as in `(home).zip`.

use super::{Catalog, Used};
use crate::expression::{Expression, ExpressionKind, Subscript};
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object::{Define as _, Definition};
use crate::sorted::SortedSet;
use crate::types::Type;

/// The types of values, as far as they say which fields are read.
pub(crate) struct Fields<'f> {
    /// Where types and tables are looked up.
    pub(crate) catalog: &'f Catalog,
    /// The type of what a name stands for, also of a whole row.
    pub(crate) type_of_name: &'f dyn Fn(&[String]) -> Option<Type>,
}

impl Catalog {
    /// The type of a column of a table or of another relation, or of an attribute of a composite type.
    pub(crate) fn column_type(&self, of: &QualifiedName, column: &str) -> Option<Type> {
        match self.table(of) {
            Some(table) => Some(table.column(column)?.data_type.clone()),
            None => self.fields_of(of).into_iter().find(|(name, _)| name == column)?.1,
        }
    }

    /// The type of a field of values of a type.
    pub(crate) fn field_type(&self, of: &Type, field: &str) -> Option<Type> {
        self.column_type(self.base_type(of).as_named()?, field)
    }

    /// Whether a table or another relation has a column of this name, or a composite type such an attribute.
    pub fn has_field(&self, of: &QualifiedName, name: &str) -> bool {
        match self.table(of) {
            Some(table) => table.column(name).is_some(),
            None => self.fields_of(of).iter().any(|(field, _)| field == name),
        }
    }

    /// The names and types of the fields of a composite type or of the rows of a relation.
    fn fields_of(&self, name: &QualifiedName) -> Vec<(String, Option<Type>)> {
        if let Some(table) = self.table(name) {
            return table.columns.iter().map(|one| (one.name.clone(), Some(one.data_type.clone()))).collect();
        }
        match self.with_columns(name).map(|(_, object)| &object.definition) {
            Some(Definition::CompositeType(of)) => {
                of.attributes.iter().map(|one| (one.name.clone(), Some(one.data_type.clone()))).collect()
            }
            Some(other) => other.columns().into_iter().map(|one| (one.name, one.data_type)).collect(),
            None => Vec::new(),
        }
    }
}

impl Fields<'_> {
    /// The type whose fields an expression reads by itself: what `home` is in `(home).zip`.
    fn read_of(&self, part: &Expression) -> Option<QualifiedName> {
        match &part.kind {
            ExpressionKind::Field { operand, .. } | ExpressionKind::Fields(operand) => self.named(operand),
            _ => None,
        }
    }

    /// Notes the fields that an expression reads by itself.
    pub(crate) fn note(&self, part: &Expression, uses: &mut SortedSet<Used>) {
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

    /// The type of a value, as far as names, fields, casts and functions say it.
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
                // Overloads that give the same are as good as one.
                let types = self.catalog.routines_named(&name).filter_map(|(_, object)| match &object.definition {
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
