use migrate_core::expression::Expression;

use crate::parser::{Name, Parsed, Parser, Spanned};

/// `column = expression`
pub(crate) struct AssignmentClause {
    pub(crate) column: Name,
    pub(crate) value: Spanned<Expression>,
}

/// Takes `column = expression, ...`.
pub(crate) fn parse_assignments(parser: &mut Parser<'_>) -> Parsed<Vec<AssignmentClause>> {
    let mut assignments = Vec::new();
    loop {
        let column = parser.name("a column")?;
        parser.symbol('=')?;
        let value = parser.expression()?;
        assignments.push(AssignmentClause { column, value });
        if !parser.cursor.take_symbol(',') {
            return Ok(assignments);
        }
    }
}
