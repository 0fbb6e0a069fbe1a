//! `exclude using gist (room with =, during with &&) where (...)`

use migrate_core::catalog::{Deferral, Exclusion, ExclusionElement, Table};
use migrate_core::expression::{Expression, ExpressionKind, Operator};
use migrate_core::name::QualifiedName;
use migrate_core::sorted::SortedMap;
use migrate_core::token::Bracket;

use super::constraint::{check_columns, parse_deferral};
use super::{IndexKeyClause, index_key_name, parse_storage_of_key};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};

/// The access methods that can tell rows apart by an operator.
const METHODS: [&str; 4] = ["gist", "spgist", "btree", "hash"];

/// An exclusion constraint as written.
pub(crate) struct ExclusionClause {
    method: Option<Name>,
    elements: Vec<(IndexKeyClause, Spanned<Operator>)>,
    include: Vec<Name>,
    parameters: SortedMap<String, String>,
    predicate: Option<Spanned<Expression>>,
    deferral: Deferral,
}

impl ExclusionClause {
    /// Takes what stands behind `exclude`.
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Parsed<Self> {
        let method = if parser.cursor.take_word("using") { Some(parser.name("an access method")?) } else { None };
        parser.open(Bracket::Round, "`(` and the columns")?;
        let elements = parser.separated(Bracket::Round, parse_element)?;
        if elements.is_empty() {
            return parser.expected("a column");
        }
        let include = if parser.cursor.take_word("include") { parser.name_list("a column")? } else { Vec::new() };
        let parameters = parse_storage_of_key(parser, method.as_ref().map_or("btree", |method| method.value.as_str()))?;
        let predicate = if parser.cursor.take_word("where") { Some(parser.bracketed_expression()?) } else { None };
        Ok(ExclusionClause { method, elements, include, parameters, predicate, deferral: parse_deferral(parser)? })
    }

    /// Checks it against its table.
    pub(super) fn check(
        &self,
        table_name: &QualifiedName,
        table: &Table,
        checker: &mut Checker<'_>,
    ) -> Option<Exclusion> {
        let method = self.method.as_ref().map_or("btree", |method| method.value.as_str());
        if let Some(written) = self.method.as_ref().filter(|_| !METHODS.contains(&method)) {
            checker.report(
                Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("access method `{method}` does not support exclusion constraints"),
                    written.at,
                )
                .maybe_help(choices(method, METHODS.iter().copied(), "methods")),
            );
            return None;
        }
        let include = check_columns(&self.include, table_name, table, checker);
        let mut elements = Vec::new();
        for (key, operator) in &self.elements {
            elements.push(check_element(key, operator, method, table_name, table, checker));
        }
        let predicate = match &self.predicate {
            None => None,
            Some(predicate) => Some(checker.condition(predicate, table_name, table, Context::IndexPredicate)?),
        };
        Some(Exclusion {
            method: method.to_owned(),
            elements: elements.into_iter().collect::<Option<_>>()?,
            include: include?,
            parameters: self.parameters.clone(),
            predicate,
            deferral: self.deferral,
        })
    }
}

/// What PostgreSQL names it after, where it has no name.
pub(super) fn name_of(exclusion: &Exclusion) -> String {
    exclusion.elements.iter().map(|element| index_key_name(&element.key.expression)).collect::<Vec<_>>().join("_")
}

fn parse_element(parser: &mut Parser<'_>) -> Parsed<(IndexKeyClause, Spanned<Operator>)> {
    let key = IndexKeyClause::parse(parser)?;
    parser.word("with")?;
    let start = parser.cursor.index();
    match Operator::parse(&mut parser.cursor)? {
        Some(value) => Ok((key, Spanned { value, at: parser.cursor.since(start) })),
        None => parser.expected("an operator, as in `during with &&`"),
    }
}

/// PostgreSQL's operators that give something else when their sides are exchanged.
const ONE_WAY: [&str; 26] = [
    "<", ">", "<=", ">=", "<<", ">>", "&<", "&>", "<<=", ">>=", "<<|", "|>>", "&<|", "|&>", "@>", "<@", "~", "~~",
    "!~", "!~~", "~*", "!~*", "^@", "@@", "<^", ">^",
];

fn check_element(
    key: &IndexKeyClause,
    operator: &Spanned<Operator>,
    method: &str,
    table_name: &QualifiedName,
    table: &Table,
    checker: &mut Checker<'_>,
) -> Option<ExclusionElement> {
    let resolved = key.check(method, table_name, table, Context::Index, checker)?;
    // Two rows are compared as two values of the key are.
    let operand = || Box::new(key.expression.value.clone());
    let kind = ExpressionKind::Binary { operator: operator.value.clone(), left: operand(), right: operand() };
    let compared = Spanned { value: Expression::new(kind, operator.at), at: operator.at };
    let compared = checker.condition(&compared, table_name, table, Context::Index)?;
    let (written, at) = (operator, operator.at);
    let operator = match compared.kind {
        ExpressionKind::Binary { operator, .. } => operator,
        _ => written.value.clone(),
    };
    let is_own = operator.schema.as_deref().is_some_and(|schema| schema != "pg_catalog");
    if ONE_WAY.contains(&operator.symbol.as_str()) && !is_own {
        let message = format!("operator `{}` is not commutative, so it cannot exclude rows", operator.symbol);
        let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, at);
        checker.report(
            mistake.help("write an operator that gives the same with its sides exchanged, such as `=` or `&&`"),
        );
        return None;
    }
    Some(ExclusionElement { key: resolved, operator })
}
