//! What two forms of applied migrations do otherwise.

use super::Repairing;
use crate::catalog::Catalog;
use crate::diff::{Difference, Property};
use crate::operation::script::{Placed, lower};
use crate::operation::{CommentTarget, Operate as _, Operation, SetComment};
use crate::plan::{Place, Script, Statement, Work};
use crate::sql::quote_literal;

/// The operations of an applied migration, as it was applied and as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Forms {
    /// Its version.
    pub version: i64,
    /// What was applied; `None` where nobody knows.
    pub applied: Option<Vec<Operation>>,
    /// What it is now.
    pub corrected: Vec<Operation>,
}

/// The catalogs that the two forms of a whole history make, and what each changed migration does otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reform {
    /// What was applied.
    pub applied: Catalog,
    /// What would be applied now.
    pub corrected: Catalog,
    /// One line each, of each of the migrations that change; `None` where nobody knows what was applied.
    pub changes: Vec<(i64, Option<Vec<String>>)>,
}

impl Reform {
    /// Folds the applied migrations, by version, in both forms. `changed` are those of which there are two.
    pub fn of(forms: &[Forms], changed: &[Repairing<'_>], oldest_server: u32) -> Self {
        let mut reform = Reform::default();
        for Forms { version, applied, corrected } in forms {
            let is_changed = changed.iter().any(|one| one.row.version == *version);
            if is_changed {
                let lines =
                    applied.as_deref().map(|applied| changes(&reform.corrected, applied, corrected, oldest_server));
                reform.changes.push((*version, lines));
            }
            let before = if is_changed { applied.as_deref().unwrap_or_default() } else { corrected };
            apply(&mut reform.applied, before);
            apply(&mut reform.corrected, corrected);
        }
        reform
    }

    /// What sets the comments that are others now.
    pub fn comments(&self) -> Script {
        let changed = self.applied.differences(&self.corrected);
        let operations: Vec<_> = changed.iter().filter_map(set_comment).collect();
        lower(&self.corrected, &operations, 14)
    }
}

fn apply(catalog: &mut Catalog, operations: &[Operation]) {
    operations.iter().for_each(|operation| operation.apply(catalog));
}

/// The operation that gives an object the comment that was found.
fn set_comment(difference: &Difference) -> Option<Placed> {
    let Difference::Different { object, property: Property::Comment, found, .. } = difference else { return None };
    let target = CommentTarget::from(object.clone());
    Some((SetComment { target, comment: found.clone() }.into(), Place::default(), Vec::new()))
}

/// A statement that does nothing where what it is about is not there: somebody dropped it by hand.
pub fn if_there(statement: &Statement) -> Option<String> {
    let Work::Sql(sql) = &statement.work else { return None };
    let body = format!(
        "BEGIN EXECUTE {}; EXCEPTION WHEN undefined_object OR undefined_table OR undefined_column OR \
         invalid_schema_name THEN NULL; END",
        quote_literal(sql)
    );
    Some(format!("DO {}", quote_literal(&body)))
}

/// What one form does otherwise than the other, one line each: `-` for what is no longer done, `+` for what is new.
fn changes(before: &Catalog, applied: &[Operation], corrected: &[Operation], oldest_server: u32) -> Vec<String> {
    let (mut one, mut other) = (before.clone(), before.clone());
    let (gone, new) = (effects(&mut one, applied, oldest_server), effects(&mut other, corrected, oldest_server));
    let mut lines: Vec<String> = one.differences(&other).iter().map(line).collect();
    let without = |all: &[String], others: &[String]| {
        let mut others = others.to_vec();
        let is_left = |text: &&String| match others.iter().position(|other| other == *text) {
            Some(at) => {
                others.remove(at);
                false
            }
            None => true,
        };
        all.iter().filter(is_left).cloned().collect::<Vec<_>>()
    };
    lines.extend(without(&gone, &new).into_iter().map(|sql| format!("- {sql}")));
    lines.extend(without(&new, &gone).into_iter().map(|sql| format!("+ {sql}")));
    lines
}

/// Applies operations, and answers the statements of those that a catalog does not show: rows, raw SQL, Rust functions.
fn effects(catalog: &mut Catalog, operations: &[Operation], oldest_server: u32) -> Vec<String> {
    let mut texts = Vec::new();
    for operation in operations {
        let before = catalog.clone();
        operation.apply(catalog);
        if *catalog == before {
            let script = lower(&before, &[(operation.clone(), Place::default(), Vec::new())], oldest_server);
            texts.extend(script.statements().map(|statement| match &statement.work {
                Work::Sql(sql) => sql.to_string(),
                Work::Run(path) => format!("run {path}"),
                Work::Backfill(backfill) => format!(
                    "UPDATE {}.{} SET {} WHERE {}",
                    backfill.schema, backfill.table, backfill.assignments, backfill.condition
                ),
            }));
        }
    }
    texts
}

fn line(difference: &Difference) -> String {
    match difference {
        Difference::Missing(object) => format!("- {object}"),
        Difference::Unexpected(object) => format!("+ {object}"),
        Difference::Different { object, property, expected, found } => {
            let value =
                |value: &Option<String>| value.as_ref().map_or("none".to_string(), |value| format!("`{value}`"));
            format!("~ {object}: {property} was {}, is {}", value(expected), value(found))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{applied, migration};
    use super::*;
    use crate::catalog::{Column, Table};
    use crate::name::QualifiedName;
    use crate::operation::{CreateTable, RawSql};
    use crate::types::Type;

    fn create(comment: &str, nullable: bool) -> Operation {
        let column = Column { nullable, comment: Some(comment.into()), ..Column::new("a", Type::TEXT) };
        let table = Table { columns: vec![column], ..Table::default() };
        CreateTable { name: QualifiedName::new("t"), definition: table }.into()
    }

    fn raw(sql: &str) -> Operation {
        RawSql { commands: vec![sql.to_string()], changes: Vec::new() }.into()
    }

    #[test]
    fn what_two_forms_do_otherwise_is_told_line_by_line() {
        let (row, now) = (applied(1, "a"), migration(1, "a"));
        let forms = Forms {
            version: 1,
            applied: Some(vec![create("old", false), raw("SELECT 1"), raw("SELECT 2")]),
            corrected: vec![create("new", true), raw("SELECT 2"), raw("SELECT 3")],
        };
        let reform = Reform::of(&[forms], &[Repairing { row: &row, migration: &now }], 14);
        let lines = [
            "~ column `t.a`: nullability was `not null`, is `null`",
            "~ column `t.a`: comment was `old`, is `new`",
            "- SELECT 1",
            "+ SELECT 3",
        ];
        assert_eq!(reform.changes, [(1, Some(lines.map(String::from).to_vec()))]);
        let script = reform.comments();
        let sql: Vec<String> = script.statements().filter_map(if_there).collect();
        assert_eq!(sql.len(), 1);
        assert!(sql[0].contains("COMMENT ON COLUMN public.t.a IS ''''new''''"), "{sql:?}");
    }
}
