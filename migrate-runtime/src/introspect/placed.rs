//! The server's texts, read with the schema of a tenant in the place of `public`.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::sql::quote_identifier;
use migrate_core::types::{BuiltIn, Type};

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

    /// Puts `public` in the place of the schema.
    pub(super) fn place(&self, expression: &mut Expression) {
        let Some(schema) = &self.schema else { return };
        let place = |written: &mut Option<String>| {
            if written.as_deref() == Some(schema) {
                *written = Some(DEFAULT_SCHEMA.to_owned());
            }
        };
        expression.change_types(&mut |data_type| self.place_type(data_type));
        expression.visit_mut(&mut |part| match &mut part.kind {
            ExpressionKind::Call(call) => place(&mut call.schema),
            ExpressionKind::Unary { operator, .. }
            | ExpressionKind::Binary { operator, .. }
            | ExpressionKind::Quantified { operator, .. } => place(&mut operator.schema),
            ExpressionKind::Collate { collation, .. } => {
                if let [first, _] = collation.as_mut_slice()
                    && first == schema
                {
                    DEFAULT_SCHEMA.clone_into(first);
                }
            }
            ExpressionKind::Cast { operand, target: Type::BuiltIn(BuiltIn::RegClass) } => {
                if let ExpressionKind::Text(name) = &mut operand.kind
                    && let Some(rest) =
                        name.strip_prefix(&*quote_identifier(schema)).and_then(|rest| rest.strip_prefix('.'))
                {
                    *name = format!("{DEFAULT_SCHEMA}.{rest}");
                }
            }
            _ => {}
        });
    }

    fn place_type(&self, data_type: &mut Type) {
        if let Some(name) = data_type.depends_on().cloned()
            && self.schema.as_ref() == Some(&name.schema)
        {
            data_type.rename(&name, &QualifiedName::new(&name.name));
        }
    }
}
