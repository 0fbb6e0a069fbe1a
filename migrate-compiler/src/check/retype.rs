//! Whatever uses a column must still be right once the column has another type. Each part is checked again, as it would be
//! where it is written.

use migrate_core::catalog::{Column, ConstraintKind, ForeignKey, Index, Part, Table, Used, User};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{ChangeType, Operate as _};
use migrate_core::token::At;
use migrate_core::types::{operator_class, operator_classes};

use super::{Checker, Context, still_needed};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::Spanned;

impl Checker<'_> {
    /// Reports what uses the column and does not fit its new type; says whether there is anything.
    pub(crate) fn report_misfits(&mut self, change: &ChangeType, at: At) -> bool {
        let before = self.state.catalog.clone();
        let mut after = before.clone();
        change.apply(&mut after);
        let (table, column) = (&change.table, &change.column);
        let (Some(was), Some(is)) = (before.table(table), after.table(table)) else { return false };
        let mut users = before.users(&Used::Column(table.clone(), column.clone()));
        let own = was.parts().filter(|part| is_part_of(part, column)).map(|part| User::Table(table, part));
        let own: Vec<User<'_>> = own.filter(|user| !users.contains(user)).collect();
        users.extend(own);
        let mut notes = Vec::new();
        for user in users.iter().filter(|user| user.table() == Some(table)) {
            let is_default = matches!(user.part(), Some(Part::Default(default)) if default.name == *column);
            let misfit = match is_default {
                true if change.moves_default(&before) => {
                    Some(format!("its value as `{}` would depend on the time zone", change.data_type))
                }
                _ => self.misfit(user, change, table, is, at),
            };
            if let Some(misfit) = misfit {
                notes.push(format!("{}: {misfit}", noun(user)));
                notes.extend(self.state.made_in(&still_needed::name(user), &still_needed::origin(user)));
            }
        }
        if notes.is_empty() {
            return false;
        }
        let headline = format!("cannot change the type of `{column}` to `{}`", change.data_type);
        let mut mistake = Diagnostic::new(code::STILL_NEEDED, headline, at)
            .help("first drop or change what does not fit, and add it again afterwards");
        mistake.notes = notes;
        self.report(mistake);
        true
    }

    /// Why a generated column cannot be made anew: a foreign key references a key over it.
    fn referenced_over(&self, table: &QualifiedName, column: &str) -> Option<String> {
        let references = |key: &ForeignKey| key.referenced.iter().any(|name| name == column);
        let (other, name, _) = self.state.catalog.references_to(table).find(|(_, _, key)| references(key))?;
        Some(format!("foreign key `{name}` of table `{other}` references it, so it cannot be re-created"))
    }

    /// Why a part does not fit the table as it is after the change.
    fn misfit(
        &mut self,
        user: &User<'_>,
        change: &ChangeType,
        table: &QualifiedName,
        after: &Table,
        at: At,
    ) -> Option<String> {
        let known = self.mistakes.len();
        let mut told = None;
        let written = |expression: &Expression| Spanned { value: expression.clone(), at };
        match user.part()? {
            Part::Itself | Part::PartitionOf(_) | Part::Inherits(_) => {}
            Part::Partitioning(_) => told = Some("the table is partitioned by it".to_owned()),
            Part::Default(column) => {
                let column = after.column(&column.name)?;
                let default = written(column.default.as_ref()?);
                self.value_for(&default, &column.data_type, &column.name, column.nullable, Context::Default);
            }
            Part::OnUpdate(column) => {
                let column = after.column(&column.name)?;
                self.on_update_value(&written(&column.on_update.as_ref()?.expression), column, table, after);
            }
            // It is made anew, from the column as it is then.
            Part::Generated(column) => {
                let column = after.column(&column.name)?;
                let generated = written(&column.generated.as_ref()?.expression);
                self.generated(&generated, &column.data_type, table, after);
                told = self.referenced_over(table, &column.name);
            }
            Part::Constraint(name, _) => match &after.constraints.get(name)?.kind {
                ConstraintKind::Check(check) => drop(self.condition(&written(check), table, after, Context::Check)),
                ConstraintKind::Exclusion(exclusion) => {
                    for expression in exclusion.expressions().filter(|one| one.as_name().is_none()) {
                        self.column_expression(&written(expression), table, after, Context::Index);
                    }
                    let is_key = exclusion.elements.iter().any(|one| one.key.column() == Some(&change.column));
                    let has_class = change.data_type.has_default_operator_class(&exclusion.method);
                    told = (is_key && has_class == Some(false)).then(|| {
                        format!("`{}` has no default operator class for `{}`", change.data_type, exclusion.method)
                    });
                }
                ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => {
                    let is_ordered = change.data_type.has_default_operator_class("btree");
                    told = (is_ordered == Some(false)).then(|| format!("`{}` has no order", change.data_type));
                }
                ConstraintKind::ForeignKey(_) => {}
            },
            Part::Index(name, _) => {
                let index = after.indexes.get(name)?;
                told = misfit_of_keys(index, change, after.column(&change.column)?);
                for key in index.keys.iter().filter(|key| key.column().is_none()) {
                    self.column_expression(&written(&key.expression), table, after, Context::Index);
                }
                if let Some(predicate) = &index.predicate {
                    self.condition(&written(predicate), table, after, Context::IndexPredicate);
                }
            }
            Part::Type(column) => {
                let is_number = column.identity.is_none() || change.data_type.is_integer();
                told = (!is_number).then(|| "an identity column must be `smallint`, `int` or `bigint`".to_owned());
            }
        }
        let mistakes = self.mistakes.split_off(known);
        told.or_else(|| mistakes.into_iter().next().map(|mistake| mistake.message))
    }
}

/// Whether it is a part of the column itself.
fn is_part_of(part: &Part<'_>, name: &str) -> bool {
    match part {
        Part::Type(column) | Part::Default(column) | Part::OnUpdate(column) | Part::Generated(column) => {
            column.name == name
        }
        Part::Itself
        | Part::Constraint(..)
        | Part::Index(..)
        | Part::Partitioning(_)
        | Part::PartitionOf(_)
        | Part::Inherits(_) => false,
    }
}

/// An index over the bare column: its method must have operators for the new type.
fn misfit_of_keys(index: &Index, change: &ChangeType, column: &Column) -> Option<String> {
    let key = index.keys.iter().find(|key| key.column() == Some(&change.column))?;
    let data_type = &change.data_type;
    if key.collation.is_some() && data_type.is_collatable() == Some(false) {
        return Some(format!("`{data_type}` has no collations"));
    }
    match key.operator_class.as_deref() {
        Some(class) => {
            let known = operator_class(&index.method, class.rsplit('.').next().unwrap_or(class))?;
            let takes = operator_classes(&index.method, &column.data_type).any(|other| other.name == known.name);
            (!takes).then(|| format!("`{class}` is not an operator class of `{}` for `{data_type}`", index.method))
        }
        None => (data_type.has_default_operator_class(&index.method) == Some(false))
            .then(|| format!("`{data_type}` has no default operator class for `{}`", index.method)),
    }
}

fn noun(user: &User<'_>) -> String {
    let (table, part) = match user {
        User::Table(table, part) => (table, part),
        User::Object(id, _) => return id.told(),
    };
    match part {
        Part::Itself | Part::Partitioning(_) | Part::PartitionOf(_) | Part::Inherits(_) => format!("table `{table}`"),
        Part::Type(column) => format!("`{table}.{}`", column.name),
        Part::Default(column) => format!("default of `{table}.{}`", column.name),
        Part::Generated(column) => format!("generated column `{table}.{}`", column.name),
        Part::OnUpdate(column) => format!("`on update` of `{table}.{}`", column.name),
        Part::Constraint(name, constraint) => format!("{} `{name}` of table `{table}`", constraint.kind.noun()),
        Part::Index(name, _) => format!("index `{name}` of table `{table}`"),
    }
}
