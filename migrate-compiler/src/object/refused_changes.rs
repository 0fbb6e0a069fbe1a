//! Tables whose rows PostgreSQL refuses to update and to delete while a publication sends them: where the publication is made or
//! changed, and where the table loses what told its rows apart.

use migrate_core::catalog::Catalog;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, ObjectId, Publication, RefusedChanges};
use migrate_core::operation::{Operate as _, Operation};
use migrate_core::token::At;

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};

/// Warns of such tables of a publication, for as long as they are.
pub(super) fn warn_of_refused_changes(id: &ObjectId, publication: &Publication, at: At, checker: &mut Checker<'_>) {
    for (table, why) in refused_changes(publication, checker.catalog()) {
        warn_of(id.clone(), table, &why, at, checker);
    }
}

impl Checker<'_> {
    /// Warns of such tables that an operation makes of others, for as long as they are.
    pub(crate) fn warn_of_newly_refused_changes(&mut self, operation: &Operation, at: At) {
        let may_refuse = matches!(
            operation,
            Operation::CreateTable(_)
                | Operation::MoveTable(_)
                | Operation::DropConstraint(_)
                | Operation::DropIndex(_)
                | Operation::DropColumn(_)
                | Operation::SetTableSettings(_)
        );
        let is_publication = |id: &ObjectId| id.kind == Kind::Publication;
        if !may_refuse || !self.catalog().objects.keys().any(is_publication) {
            return;
        }
        let known = all_refused_changes(self.catalog());
        let mut after = self.catalog().clone();
        operation.apply(&mut after);
        for (id, table, why) in all_refused_changes(&after) {
            if !known.iter().any(|(other, name, _)| *other == id && *name == table) {
                warn_of(id, table, &why, at, self);
            }
        }
    }
}

/// The tables of a publication, with the reason.
fn refused_changes(publication: &Publication, catalog: &Catalog) -> Vec<(QualifiedName, RefusedChanges)> {
    let refused = |name: &QualifiedName| Some((name.clone(), publication.refuses_changes_of(name, catalog)?));
    catalog.tables.keys().filter_map(refused).collect()
}

/// The tables of all publications, with the publication and the reason.
fn all_refused_changes(catalog: &Catalog) -> Vec<(ObjectId, QualifiedName, RefusedChanges)> {
    let mut all = Vec::new();
    for (id, object) in &catalog.objects {
        let Definition::Publication(publication) = &object.definition else { continue };
        let refused = refused_changes(publication, catalog).into_iter();
        all.extend(refused.map(|(table, why)| (id.clone(), table, why)));
    }
    all
}

fn warn_of(id: ObjectId, table: QualifiedName, why: &RefusedChanges, at: At, checker: &mut Checker<'_>) {
    let (why, help) = match why {
        RefusedChanges::NoIdentity => (
            "the table has no replica identity".to_owned(),
            "add a primary key, or write `replica identity full`, or `publish = \"insert\"`".to_owned(),
        ),
        RefusedChanges::NotSent(column) => (
            format!("`{column}` of its replica identity is not sent"),
            format!("add `{column}` to the columns, or write `publish = \"insert\"`"),
        ),
        RefusedChanges::Outside(column) => (
            format!("the condition reads `{column}`, which is not in its replica identity"),
            "leave it out of the condition, or write `replica identity full`, or `publish = \"insert\"`".to_owned(),
        ),
    };
    let headline = format!("PostgreSQL refuses to update and to delete rows of `{table}`, which {id} sends: {why}");
    let warning = Diagnostic::new(code::REFUSED_CHANGES, headline, at).help(help);
    checker.warn_if_still(warning, move |catalog| match catalog.object(&id).map(|object| &object.definition) {
        Some(Definition::Publication(publication)) => publication.refuses_changes_of(&table, catalog).is_some(),
        _ => false,
    });
}
