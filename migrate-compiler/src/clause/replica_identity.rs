//! `replica identity full`, `nothing`, `default`, `using index users_email_idx`

use migrate_core::catalog::{ConstraintKind, ReplicaIdentity, Table};
use migrate_core::name::QualifiedName;

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser};

/// What stands behind `replica identity`.
pub(crate) enum ReplicaIdentityClause {
    Default,
    Full,
    Nothing,
    Index(Name),
}

impl ReplicaIdentityClause {
    pub(crate) fn parse(parser: &mut Parser<'_>) -> Parsed<Self> {
        Ok(if parser.cursor.take_word("default") {
            ReplicaIdentityClause::Default
        } else if parser.cursor.take_word("full") {
            ReplicaIdentityClause::Full
        } else if parser.cursor.take_word("nothing") {
            ReplicaIdentityClause::Nothing
        } else if parser.cursor.take_words(&["using", "index"]) {
            ReplicaIdentityClause::Index(parser.name("the index")?)
        } else {
            return parser.expected("`default`, `full`, `nothing` or `using index`");
        })
    }

    /// Checks it against its table (PostgreSQL manual, ALTER TABLE, REPLICA IDENTITY). `None`: there is a mistake.
    pub(crate) fn check(
        &self,
        name: &QualifiedName,
        table: &Table,
        checker: &mut Checker<'_>,
    ) -> Option<ReplicaIdentity> {
        let index = match self {
            ReplicaIdentityClause::Default => return Some(ReplicaIdentity::Default),
            ReplicaIdentityClause::Full => return Some(ReplicaIdentity::Full),
            ReplicaIdentityClause::Nothing => return Some(ReplicaIdentity::Nothing),
            ReplicaIdentityClause::Index(index) => index,
        };
        let why = match unfit(&index.value, table) {
            Ok(()) => return Some(ReplicaIdentity::Index(index.value.clone())),
            Err(Some(why)) => format!("`{}` cannot be the replica identity of `{name}`: {why}", index.value),
            // Raw SQL may have made it.
            Err(None) if checker.state.undeclared.index(&name.sibling(index.value.clone())).is_some() => {
                return Some(ReplicaIdentity::Index(index.value.clone()));
            }
            Err(None) => {
                let text = format!("cannot find index `{}` of `{name}`", index.value);
                let keys = table.constraints.iter().filter(|(_, one)| one.kind.has_index()).map(|(name, _)| name);
                let known = table.indexes.keys().chain(keys).map(String::as_str);
                let help = choices(&index.value, known, "indexes");
                checker.report(Diagnostic::new(code::UNKNOWN_INDEX, text, index.at).maybe_help(help));
                return None;
            }
        };
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, why, index.at)
                .help("name a unique index on NOT NULL columns, without a predicate"),
        );
        None
    }
}

/// Why it cannot be; the inner `None`: there is no such index.
fn unfit(index: &str, table: &Table) -> Result<(), Option<&'static str>> {
    let takes_null =
        |columns: &[String]| columns.iter().any(|name| table.column(name).is_some_and(|column| column.nullable));
    if let Some(constraint) = table.constraints.get(index) {
        return match &constraint.kind {
            ConstraintKind::PrimaryKey(_) => Ok(()),
            ConstraintKind::Unique(key) if takes_null(&key.columns) => Err(Some("its columns are nullable")),
            ConstraintKind::Unique(_) => Ok(()),
            _ => Err(Some("it is not unique")),
        };
    }
    let index = table.indexes.get(index).ok_or(None)?;
    let columns: Option<Vec<String>> = index.keys.iter().map(|key| key.column().map(str::to_owned)).collect();
    match columns {
        _ if !index.unique => Err(Some("it is not unique")),
        _ if index.predicate.is_some() => Err(Some("it has a predicate")),
        None => Err(Some("it has an expression")),
        Some(columns) if takes_null(&columns) => Err(Some("its columns are nullable")),
        Some(_) => Ok(()),
    }
}
