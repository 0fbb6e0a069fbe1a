//! `inherits (places, owned)`

use std::sync::Arc;

use migrate_core::catalog::Table;
use migrate_core::catalog::inheritance::{Conflict, inherited};
use migrate_core::name::QualifiedName;
use migrate_core::token::{At, Bracket};

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Parsed, Parser, Spanned};

/// `inherits (...)` as written.
#[derive(Debug)]
pub(crate) struct InheritsClause {
    pub(crate) parents: Vec<Spanned<QualifiedName>>,
    pub(crate) at: At,
}

/// A mistake where two tables do not fit together.
pub(crate) fn mistake(conflict: Conflict, at: At) -> Diagnostic {
    Diagnostic::new(code::INVALID_DEFINITION, conflict.message, at).maybe_help(conflict.help)
}

/// Takes `inherits (...)`, if it stands here.
pub(crate) fn parse_inherits(parser: &mut Parser<'_>) -> Parsed<Option<InheritsClause>> {
    let start = parser.cursor.index();
    if !parser.cursor.take_word("inherits") {
        return Ok(None);
    }
    parser.open(Bracket::Round, "`(` and the tables that it inherits from")?;
    let parents = parser.separated(Bracket::Round, |parser| parser.qualified_name("a table"))?;
    let at = parser.cursor.since(start);
    if parents.is_empty() {
        return Err(Diagnostic::new(code::SYNTAX, "`inherits` needs at least one table", at));
    }
    Ok(Some(InheritsClause { parents, at }))
}

/// The table that another one is to inherit from. `None`: it cannot, which is a mistake.
pub(crate) fn check_parent(parent: &Spanned<QualifiedName>, checker: &mut Checker<'_>) -> Option<Arc<Table>> {
    let table = checker.table(parent)?;
    let (what, help) = if table.partitioning.is_some() {
        ("is partitioned", "write `create table ... partition of`, or `attach partition`")
    } else if table.partition_of.is_some() {
        ("is a partition", "inherit from a table that is none")
    } else {
        return Some(table);
    };
    let message = format!("table `{}` {what}, and nothing can inherit from it", parent.value);
    checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, parent.at).help(help));
    None
}

impl InheritsClause {
    /// What a table has by it. `None`: there is a mistake.
    pub(crate) fn check(&self, checker: &mut Checker<'_>) -> Option<Table> {
        let mut parents: Vec<(&QualifiedName, Arc<Table>)> = Vec::new();
        for parent in &self.parents {
            if parents.iter().any(|(name, _)| **name == parent.value) {
                let message = format!("`{}` is inherited from more than once", parent.value);
                checker.report(Diagnostic::new(code::DUPLICATE_CLAUSE, message, parent.at).help("remove it"));
                return None;
            }
            parents.push((&parent.value, check_parent(parent, checker)?));
        }
        let parents: Vec<(&QualifiedName, &Table)> = parents.iter().map(|(name, table)| (*name, &**table)).collect();
        match inherited(&parents) {
            Ok(table) => {
                let inherits = self.parents.iter().map(|parent| parent.value.clone()).collect();
                Some(Table { inherits, ..table })
            }
            Err(conflict) => {
                checker.report(mistake(conflict, self.at));
                None
            }
        }
    }
}
