//! What the tests of all operations share: a catalog with a bit of everything, and the law of inverses.

use std::sync::Arc;

use super::{Inverse, Operate, Operation, script};
use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, EnumType, Extension, ForeignKey, Generated, Index, IndexKey, OnUpdate,
    Table, Unique,
};
use crate::expression::Expression;
use crate::name::QualifiedName;
use crate::plan::{Lowering, Mode, Script, Work, cut_into_segments};
use crate::types::Type;

pub(crate) fn name(text: &str) -> QualifiedName {
    QualifiedName::new(text)
}

pub(crate) fn expression(text: &str) -> Expression {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

pub(crate) fn data_type(text: &str) -> Type {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// A column; `?` after the type makes it nullable, `= expression` is its default.
pub(crate) fn column(name: &str, text: &str) -> Column {
    let (type_text, default) = match text.split_once(" = ") {
        Some((type_text, default)) => (type_text, Some(expression(default))),
        None => (text, None),
    };
    let nullable = type_text.ends_with('?');
    Column { nullable, default, ..Column::new(name, data_type(type_text.trim_end_matches('?'))) }
}

pub(crate) fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(crate) fn primary_key(columns: &[&str]) -> Constraint {
    Constraint::new(ConstraintKind::PrimaryKey(Unique { columns: strings(columns), ..Unique::default() }))
}

pub(crate) fn unique(columns: &[&str]) -> Constraint {
    Constraint::new(ConstraintKind::Unique(Unique { columns: strings(columns), ..Unique::default() }))
}

pub(crate) fn check(text: &str) -> Constraint {
    Constraint::new(ConstraintKind::Check(expression(text)))
}

pub(crate) fn foreign_key(columns: &[&str], table: &str, referenced: &[&str]) -> Constraint {
    Constraint::new(ConstraintKind::ForeignKey(ForeignKey {
        columns: strings(columns),
        table: name(table),
        referenced: strings(referenced),
        on_delete: Default::default(),
        on_update: Default::default(),
        match_full: false,
        deferral: Default::default(),
    }))
}

pub(crate) fn index(keys: &[&str]) -> Index {
    Index {
        method: "btree".into(),
        keys: keys.iter().map(|key| IndexKey::new(expression(key))).collect(),
        unique: false,
        nulls_not_distinct: false,
        include: Vec::new(),
        predicate: None,
        attached_to: None,
        statistics: Default::default(),
        parameters: Default::default(),
        comment: None,
    }
}

pub(crate) fn on_update(value: &str, trigger: &str) -> OnUpdate {
    OnUpdate { expression: expression(value), trigger: trigger.into() }
}

/// Users and their bookings: enums (alone and in an array), a generated column, `on update`, checks, keys, indexes with
/// expressions and predicates, comments.
pub(crate) fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    catalog.extensions.insert("citext".into(), Extension::default());
    catalog.enums.insert(
        name("status"),
        Arc::new(EnumType {
            values: strings(&["pending", "confirmed", "cancelled"]),
            comment: Some("Where a booking stands.".into()),
            ..EnumType::default()
        }),
    );
    catalog.enums.insert(name("unused"), Arc::new(EnumType { values: strings(&["a"]), ..EnumType::default() }));
    let users = Table {
        columns: vec![column("id", "bigint"), column("email", "text"), column("nick", "varchar(20)?")],
        constraints: [("users_pkey".into(), primary_key(&["id"])), ("users_email_key".into(), unique(&["email"]))]
            .into(),
        ..Table::default()
    };
    catalog.tables.insert(name("users"), Arc::new(users));
    let mut label = column("label", "text?");
    label.generated = Some(Generated { expression: expression("upper(note)"), stored: true });
    let mut updated_at = column("updated_at", "timestamptz = now()");
    updated_at.on_update = Some(on_update("now()", "bookings_updated_at"));
    let mut status = column("status", "status = 'pending'");
    status.comment = Some("Its state.".into());
    let bookings = Table {
        columns: vec![
            column("id", "uuid = gen_random_uuid()"),
            column("user_id", "bigint"),
            status,
            column("history", "status[] = '{pending,confirmed}'"),
            column("total", "numeric(12,2)"),
            column("note", "text?"),
            label,
            updated_at,
            column("made_at", "timestamp?"),
        ],
        constraints: [
            ("bookings_pkey".into(), primary_key(&["id"])),
            ("bookings_user_id_fkey".into(), foreign_key(&["user_id"], "users", &["id"])),
            ("bookings_total_check".into(), check("total >= 0 AND note IS NOT NULL")),
            ("bookings_status_check".into(), check("status <> 'cancelled' OR note <> ''")),
            ("bookings_user_id_made_at_key".into(), unique(&["user_id", "made_at"])),
        ]
        .into(),
        indexes: [
            ("bookings_user_id_idx".into(), index(&["user_id"])),
            ("bookings_note_idx".into(), index(&["lower(note)"])),
            (
                "bookings_status_idx".into(),
                Index {
                    predicate: Some(expression("status = 'pending'::public.status")),
                    include: strings(&["total"]),
                    comment: Some("Open ones.".into()),
                    ..index(&["status", "made_at"])
                },
            ),
        ]
        .into(),
        comment: Some("One reservation by one user.".into()),
        ..Table::default()
    };
    catalog.tables.insert(name("bookings"), Arc::new(bookings));
    catalog
}

/// The statements of an operation on live tables, with a line before each segment that starts: `-- transaction`,
/// `-- alone`.
pub(crate) fn lowered(before: &Catalog, operation: impl Into<Operation>) -> Vec<String> {
    lowered_on_new(before, &[], operation)
}

/// The same on tables that were made in the same migration.
pub(crate) fn lowered_on_new(before: &Catalog, new: &[&str], operation: impl Into<Operation>) -> Vec<String> {
    let mut plan = Lowering::new(15);
    new.iter().for_each(|table| plan.note_new_table(&name(table)));
    operation.into().lower(before, &mut plan);
    lines(&cut_into_segments(plan))
}

pub(crate) fn lines(script: &Script) -> Vec<String> {
    let mut lines = Vec::new();
    for segment in script.segments.iter() {
        lines.push(match segment.mode {
            Mode::Transaction => "-- transaction".to_owned(),
            Mode::Alone => "-- alone".to_owned(),
        });
        for statement in segment.statements.iter() {
            lines.push(match &statement.work {
                Work::Sql(sql) => sql.to_string(),
                Work::Run(path) => format!("run {path}"),
                Work::Backfill(backfill) => format!(
                    "backfill {}.{} by ({}) set {} where {} in batches of {}",
                    backfill.schema,
                    backfill.table,
                    backfill.key.join(", "),
                    backfill.assignments,
                    backfill.condition,
                    backfill.batch
                ),
            });
        }
    }
    lines
}

/// Asserts that undoing the operation gives the catalog from before; answers what is lost.
pub(crate) fn assert_undone(before: &Catalog, operation: impl Into<Operation>) -> Vec<String> {
    let operation = operation.into();
    let mut after = before.clone();
    operation.apply(&mut after);
    match operation.invert(before) {
        Inverse::Operations { operations, loses } => {
            let back = script::fold(&after, &operations);
            assert!(back.same_as(before), "{operation:?}\nis undone by {operations:?}");
            loses
        }
        Inverse::NotDerivable { why } => panic!("{operation:?} has no inverse: {why}"),
    }
}

/// Why an operation has no inverse.
pub(crate) fn why_not_derivable(before: &Catalog, operation: impl Into<Operation>) -> String {
    match operation.into().invert(before) {
        Inverse::NotDerivable { why } => why,
        Inverse::Operations { operations, .. } => panic!("undone by {operations:?}"),
    }
}

/// The codes of the hazards of an operation on live tables.
pub(crate) fn hazard_codes(before: &Catalog, operation: impl Into<Operation>) -> Vec<&'static str> {
    operation.into().hazards(before, &|_| false).into_iter().map(|(hazard, _)| hazard.code()).collect()
}
