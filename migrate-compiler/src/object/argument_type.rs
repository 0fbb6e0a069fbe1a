//! The type of an argument or a result: `int`, or that of a column, `users.email%type`.

use migrate_core::name::QualifiedName;
use migrate_core::token::{At, Cursor, Token};
use migrate_core::types::Type;

use super::routine::parse_type;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};

/// A type as it is written.
#[derive(Clone)]
pub(super) enum ArgumentType {
    /// By its name.
    Named(Spanned<Type>),
    /// That which a column has when the function is made: PostgreSQL keeps the type, not the column.
    OfColumn {
        /// The table, or another relation.
        relation: Spanned<QualifiedName>,
        /// The column.
        column: Name,
    },
}

impl ArgumentType {
    /// Takes a type; behind the name of an argument with the `:` before it.
    pub(super) fn parse(parser: &mut Parser<'_>, name: Option<&Name>) -> Parsed<Self> {
        let mut ahead = parser.cursor.clone();
        if name.is_some() {
            ahead.take_symbol(':');
        }
        if !is_of_column(ahead) {
            return Ok(ArgumentType::Named(match name {
                Some(name) => super::routine::not_null(parser.colon_and_type(name)?)?,
                None => parse_type(parser)?,
            }));
        }
        if name.is_some() {
            parser.symbol(':')?;
        }
        let mut path = vec![parser.name("a table")?];
        while parser.cursor.take_symbol('.') {
            path.push(parser.name("a column")?);
        }
        let end = parser.cursor.at();
        let at = path.first().map_or(end, |first| first.at.to(end));
        parser.cursor.take_symbol('%');
        parser.cursor.next();
        let column = path.pop();
        let relation = match (path.pop(), path.pop(), path.pop()) {
            (Some(table), None, _) => Some(Spanned { at: table.at, value: QualifiedName::new(table.value) }),
            (Some(table), Some(schema), None) => {
                Some(Spanned { at: schema.at.to(table.at), value: QualifiedName::in_schema(schema.value, table.value) })
            }
            _ => None,
        };
        match relation.zip(column) {
            Some((relation, column)) => Ok(ArgumentType::OfColumn { relation, column }),
            None => Err(Diagnostic::new(code::SYNTAX, "`%type` must follow a table and one of its columns", at)
                .help("write `table.column%type`")),
        }
    }

    pub(super) fn at(&self) -> At {
        match self {
            ArgumentType::Named(data_type) => data_type.at,
            ArgumentType::OfColumn { relation, column } => relation.at.to(column.at),
        }
    }

    /// The type, without what PostgreSQL does not keep of it.
    pub(super) fn check(&self, checker: &mut Checker<'_>) -> Option<Type> {
        let (relation, column) = match self {
            ArgumentType::Named(data_type) => return checker.argument_type(data_type),
            ArgumentType::OfColumn { relation, column } => (relation, column),
        };
        let others = checker.catalog().columns_of_object(&relation.value);
        if others.is_empty() {
            let table = checker.table(relation)?;
            let found = checker.column(&relation.value, &table, column)?;
            return Some(found.data_type.without_modifier());
        }
        match others.iter().find(|other| other.name == column.value) {
            Some(found) => found.data_type.as_ref().map(Type::without_modifier),
            None => {
                let headline = format!("cannot find column `{}` in `{}`", column.value, relation.value);
                let known = others.iter().map(|other| other.name.as_str());
                let mistake = Diagnostic::new(code::UNKNOWN_COLUMN, headline, column.at);
                checker.report(mistake.maybe_help(choices(&column.value, known, "columns")));
                None
            }
        }
    }
}

/// Whether a path and `%type` follow.
fn is_of_column(mut cursor: Cursor<'_>) -> bool {
    while cursor.name_ahead(0).is_some() {
        cursor.next();
        if !cursor.take_symbol('.') {
            break;
        }
    }
    cursor.is_symbol('%') && matches!(cursor.look_ahead(1), Token::Word(word) if word == "type")
}
