//! Expressions as the server prints them, in the words in which people write them.
//!
//! `(email)::text ~~ '%@%'::text` is `email like '%@%'`. Each part is changed only where PostgreSQL then finds the same operators and
//! functions for the same types, and reads each literal as the same: it prints the same again. What is not known stays as it is.

mod cast;
mod scope;
mod word;

use migrate_core::catalog::{Catalog, ConstraintKind, Table};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, ObjectId};
use migrate_core::query::{PartMut, Query};

use crate::DEFAULT_POSTGRES;
use crate::check::around::Around;
use crate::check::query::Scope;
use crate::check::{Checker, State};
use crate::source::Source;

/// Reads expressions of a catalog.
pub(super) struct Reader<'c> {
    checker: Checker<'c>,
}

/// Calls `see` with a reader of what a catalog has.
pub(super) fn with_reader<T>(catalog: &Catalog, see: impl FnOnce(&Reader<'_>) -> T) -> T {
    let mut state = State::default();
    state.catalog = catalog.clone();
    let mut mistakes = Vec::new();
    let span = proc_macro2::Span::call_site();
    let source = Source::new(proc_macro2::TokenStream::new(), span, "", &mut mistakes);
    see(&Reader { checker: Checker::new(&mut state, &source, "", DEFAULT_POSTGRES) })
}

impl Reader<'_> {
    /// All expressions of a table.
    pub(super) fn table(&self, name: &QualifiedName, table: &mut Table) {
        let known = table.clone();
        let see = &mut |expression: &mut Expression| self.of_table(expression, name, &known);
        for column in &mut table.columns {
            column.default.iter_mut().for_each(&mut *see);
            if let Some(generated) = &mut column.generated {
                see(&mut generated.expression);
            }
        }
        for constraint in table.constraints.values_mut() {
            match &mut constraint.kind {
                ConstraintKind::Check(check) => see(check),
                ConstraintKind::Exclusion(exclusion) => exclusion.expressions_mut().for_each(&mut *see),
                ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::ForeignKey(_) => {}
            }
        }
        for index in table.indexes.values_mut() {
            let keys = index.keys.iter_mut().map(|key| &mut key.expression);
            keys.chain(&mut index.predicate).for_each(&mut *see);
        }
    }

    /// All expressions of an object, as far as it is known what their names mean.
    pub(super) fn object(&self, id: &ObjectId, definition: &mut Definition) {
        match definition {
            Definition::View(view) => self.query(&mut view.query),
            Definition::MaterializedView(view) => self.query(&mut view.query),
            Definition::Domain(domain) => {
                let scope = scope::of_value(&domain.data_type);
                domain.checks.values_mut().for_each(|check| self.within(check, Around::Query(&scope)));
            }
            Definition::Policy(policy) => {
                let all = policy.using.iter_mut().chain(&mut policy.check);
                all.for_each(|expression| self.of_table_of(expression, id));
            }
            Definition::Trigger(trigger) => {
                trigger.condition.iter_mut().for_each(|condition| self.of_table_of(condition, id));
            }
            _ => {}
        }
    }

    fn of_table_of(&self, expression: &mut Expression, id: &ObjectId) {
        if let Some(name) = id.table()
            && let Some(table) = self.checker.catalog().table(&name)
        {
            self.of_table(expression, &name, table);
        }
    }

    fn of_table(&self, expression: &mut Expression, name: &QualifiedName, table: &Table) {
        if !expression.has_subquery() {
            return self.within(expression, Around::Table(name, table));
        }
        let mut scope = Scope::default();
        scope.sources.push(scope::of_table(&name.name, name, table));
        expression.walk(&mut |part| scope::note(part, self.checker.catalog(), &mut scope));
        self.within(expression, Around::Query(&scope));
    }

    fn query(&self, query: &mut Query) {
        let mut scope = Scope::default();
        query.walk(&mut |part| scope::note(part, self.checker.catalog(), &mut scope));
        let around = Around::Query(&scope);
        query.walk_mut(&mut |part| self.part(part, around));
    }

    fn within(&self, expression: &mut Expression, around: Around<'_>) {
        expression.walk_mut(&mut |part| self.part(part, around));
    }

    /// What is in a part is changed already.
    fn part(&self, part: PartMut<'_>, around: Around<'_>) {
        if let PartMut::Expression(expression) = part {
            self.without_casts(expression, around);
            self.with_words(expression, around);
        }
    }
}
