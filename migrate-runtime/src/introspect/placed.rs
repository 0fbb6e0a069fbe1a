//! The server's texts, read with the schema of a tenant in place of `public`.

use migrate_core::expression::{Expression, ExpressionKind, NamedInText};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Define as _, Definition};
use migrate_core::query::{PartMut, Query};
use migrate_core::types::Type;

/// How what the server prints is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Placed {
    /// The schema that is read as if it were `public`.
    pub(super) schema: Option<String>,
}

impl Placed {
    /// Reads a type; the error is the reason why it cannot be.
    pub(super) fn data_type(&self, text: &str) -> Result<Type, String> {
        let mut data_type: Type = text.parse().map_err(|error: migrate_core::token::SyntaxError| error.message)?;
        self.place_type(&mut data_type);
        Ok(data_type)
    }

    /// Reads an expression; the error is the reason why it cannot be.
    pub(super) fn expression(&self, text: &str) -> Result<Expression, String> {
        let mut expression: Expression =
            text.parse().map_err(|error: migrate_core::token::SyntaxError| error.message)?;
        self.place(&mut expression);
        Ok(expression)
    }

    /// Puts `public` in place of the schema.
    pub(super) fn place(&self, expression: &mut Expression) {
        if let Some(schema) = &self.schema {
            replace(expression, schema, DEFAULT_SCHEMA);
        }
    }

    /// Puts `public` in place of the schema in a query.
    pub(super) fn place_query(&self, query: &mut Query) {
        if let Some(schema) = &self.schema {
            replace_in_query(query, schema, DEFAULT_SCHEMA);
        }
    }

    /// Puts `public` in place of the schema in a definition.
    pub(super) fn place_definition(&self, definition: &mut Definition) {
        if let Some((query, _)) = definition.query_mut() {
            self.place_query(query);
        }
        if let Some(schema) = &self.schema {
            definition.walk_mut(&mut |part| replace_in_part(part, schema, DEFAULT_SCHEMA));
        }
    }

    /// The definition with `public` in place of the schema.
    pub(super) fn placed(&self, mut definition: Definition) -> Definition {
        self.place_definition(&mut definition);
        definition
    }

    /// Puts the schema in place of `public` in a definition.
    pub(super) fn take_home_definition(&self, definition: &mut Definition) {
        let Some(schema) = &self.schema else { return };
        if let Some((query, _)) = definition.query_mut() {
            replace_in_query(query, DEFAULT_SCHEMA, schema);
        }
        definition.walk_mut(&mut |part| replace_in_part(part, DEFAULT_SCHEMA, schema));
    }

    /// Puts the schema in place of `public`.
    pub(super) fn take_home(&self, expression: &mut Expression) {
        if let Some(schema) = &self.schema {
            replace(expression, DEFAULT_SCHEMA, schema);
        }
    }

    fn place_type(&self, data_type: &mut Type) {
        if let Some(schema) = &self.schema {
            replace_in_type(data_type, schema, DEFAULT_SCHEMA);
        }
    }
}

/// Puts one schema in place of another one.
fn replace(expression: &mut Expression, schema: &str, new: &str) {
    expression.change_types(&mut |data_type| replace_in_type(data_type, schema, new));
    expression.walk_mut(&mut |part| match part {
        PartMut::Expression(expression) => replace_in_node(expression, schema, new),
        PartMut::Table(name, _) | PartMut::SampleMethod(name) => {
            if let Some(found) = name.schema.as_mut().filter(|found| found.value == schema) {
                new.clone_into(&mut found.value);
            }
        }
        _ => {}
    });
}

/// Puts one schema in place of another one in a query.
fn replace_in_query(query: &mut Query, schema: &str, new: &str) {
    query.walk_mut(&mut |part| replace_in_part(part, schema, new));
}

/// Puts one schema in place of another one in one part of a query.
fn replace_in_part(part: PartMut<'_>, schema: &str, new: &str) {
    match part {
        PartMut::Expression(expression) => replace_in_node(expression, schema, new),
        PartMut::Type(data_type) => replace_in_type(data_type, schema, new),
        PartMut::Table(name, _) | PartMut::SampleMethod(name) => {
            if let Some(found) = name.schema.as_mut().filter(|found| found.value == schema) {
                new.clone_into(&mut found.value);
            }
        }
        _ => {}
    }
}

/// Puts one schema in place of another one in one node.
fn replace_in_node(part: &mut Expression, schema: &str, new: &str) {
    let place = |written: &mut Option<String>| {
        if written.as_deref() == Some(schema) {
            *written = Some(new.to_owned());
        }
    };
    match &mut part.kind {
        ExpressionKind::Call(call) => place(&mut call.schema),
        ExpressionKind::Unary { operator, .. }
        | ExpressionKind::Binary { operator, .. }
        | ExpressionKind::Quantified { operator, .. } => place(&mut operator.schema),
        ExpressionKind::Collate { collation, .. } => {
            if let [first, _] = collation.as_mut_slice()
                && first == schema
            {
                new.clone_into(first);
            }
        }
        _ => {}
    }
    if let Some(mut named) = NamedInText::of(part)
        && named.move_schema(schema, new, |_| false)
    {
        named.put(part);
    }
}

fn replace_in_type(data_type: &mut Type, schema: &str, new: &str) {
    if let Some(name) = data_type.depends_on().cloned()
        && name.schema == schema
    {
        data_type.rename(&name, &QualifiedName::in_schema(new, &name.name));
    }
}
