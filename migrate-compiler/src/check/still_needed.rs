//! What is still needed cannot be removed: the mistake names each user, and where it is made.

use migrate_core::catalog::{ConstraintKind, Part, Used, User};
use migrate_core::operation::{Operate as _, Operation};
use migrate_core::token::At;

use super::{Checker, Origin};
use crate::diagnostic::{Diagnostic, code};

impl Checker<'_> {
    /// Reports what still needs something that the operation removes; says whether there is anything.
    pub(super) fn report_still_needed(&mut self, operation: &Operation, at: At) -> bool {
        let needed_by = operation.still_needed_by(&self.state.catalog);
        if needed_by.is_empty() {
            return false;
        }
        let removed = operation.removes(&self.state.catalog);
        let Some((what, help)) = removed.iter().next().map(|used| self.told(operation, used)) else { return false };
        let mut mistake =
            Diagnostic::new(code::STILL_NEEDED, format!("cannot drop {what}, because it is still used"), at).help(help);
        for (user, used) in &needed_by {
            mistake = mistake.note(relation(user, used));
            let origin = origin(user);
            mistake.notes.extend(self.state.made_in(&format!("`{}`", name(user)), &origin));
        }
        self.report(mistake);
        true
    }

    /// What is removed, and what to do about its users.
    fn told(&self, operation: &Operation, used: &Used) -> (String, &'static str) {
        match (used, operation) {
            (Used::Extension(name), _) => (format!("extension `{name}`"), "drop or change these first"),
            (Used::Type(name), _) => (format!("enum `{name}`"), "drop these, or change their types, first"),
            (Used::Value(name, value), _) => {
                (format!("value `{value}` of enum `{name}`"), "change or drop these first")
            }
            (Used::Table(name), _) => (format!("table `{name}`"), "drop these foreign keys, or their tables, first"),
            (Used::Column(table, column), _) => (
                format!("column `{column}` of table `{table}`"),
                "drop or change what uses it first, which may be in the same block",
            ),
            (Used::Key(table, _), Operation::DropConstraint(drop)) => {
                let found = self.state.catalog.table(table).and_then(|table| table.constraints.get(&drop.name));
                let noun = found.map_or("constraint", |constraint| constraint.kind.noun());
                (format!("{noun} `{}` of table `{table}`", drop.name), "drop these foreign keys first")
            }
            (Used::Key(table, _), Operation::DropIndex(drop)) => {
                (format!("index `{}`", table.sibling(drop.name.clone())), "drop these foreign keys first")
            }
            (Used::Key(table, _), _) => (format!("a key of `{table}`"), "drop these foreign keys first"),
        }
    }
}

/// What a user has to do with what it uses.
fn relation(user: &User<'_>, used: &Used) -> String {
    let table = user.table;
    match (user.part, used) {
        (Part::Type(column), _) => format!("column `{table}.{}` is of type `{}`", column.name, column.data_type),
        (Part::Generated(column), Used::Column(..)) => {
            format!("column `{}` of table `{table}` is generated from it", column.name)
        }
        (Part::OnUpdate(column), Used::Column(..)) => {
            format!("the `on update` of column `{}` of table `{table}` reads it", column.name)
        }
        (Part::Constraint(name, constraint), Used::Key(..) | Used::Table(_)) => {
            format!("{} `{name}` of table `{table}` references it", constraint.kind.noun())
        }
        (Part::Constraint(name, constraint), Used::Column(other, _)) => match &constraint.kind {
            ConstraintKind::ForeignKey(key) if key.table == *other && table != other => {
                format!("foreign key `{name}` of table `{table}` references it")
            }
            kind => format!("{} `{name}` of table `{table}` covers it and other columns", kind.noun()),
        },
        (Part::Index(name, _), Used::Column(..)) => {
            format!("index `{name}` of table `{table}` covers it and other columns")
        }
        (Part::Default(column), _) => format!("the default of `{table}.{}` uses it", column.name),
        (Part::Generated(column), _) => format!("the expression of generated column `{table}.{}` uses it", column.name),
        (Part::OnUpdate(column), _) => format!("the `on update` of `{table}.{}` uses it", column.name),
        (Part::Constraint(name, constraint), _) => {
            format!("{} `{name}` of table `{table}` uses it", constraint.kind.noun())
        }
        (Part::Index(name, _), _) => format!("index `{name}` of table `{table}` uses it"),
    }
}

/// The name that a user is known by.
pub(super) fn name(user: &User<'_>) -> String {
    match user.part {
        Part::Type(column) | Part::Default(column) | Part::Generated(column) | Part::OnUpdate(column) => {
            format!("{}.{}", user.table, column.name)
        }
        Part::Constraint(name, _) | Part::Index(name, _) => name.to_owned(),
    }
}

/// What is known of where a user is made.
pub(super) fn origin(user: &User<'_>) -> Origin {
    match user.part {
        Part::Type(column) | Part::Default(column) | Part::Generated(column) | Part::OnUpdate(column) => {
            Origin::Column(user.table.clone(), column.name.clone())
        }
        Part::Constraint(name, _) => Origin::Constraint(user.table.clone(), name.to_owned()),
        Part::Index(name, _) => Origin::Index(user.table.sibling(name)),
    }
}
