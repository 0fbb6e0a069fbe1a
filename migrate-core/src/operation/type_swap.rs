//! Replacing an enum type by another of the same name, and converting everything that depends on it.
//!
//! All in one transaction, behind one LOCK TABLE: half-way, columns of the old and the new type could not be compared.

use super::{CommentTarget, access, comments, ddl, expressions};
use crate::catalog::{AccessTarget, Catalog, Column, Constraint, ConstraintKind, EnumType, Index, Table};
use crate::expression::Expression;
use crate::name::{QualifiedName, free_object_name};
use crate::plan::{Duration, LockMode, Lowering};
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::types::Type;

/// Adds the statements.
pub(super) fn lower(name: &QualifiedName, definition: &EnumType, catalog: &Catalog, plan: &mut Lowering) {
    let swaps: Vec<Swap<'_>> =
        catalog.tables.iter().filter_map(|(table, definition)| Swap::of(table, definition, name, catalog)).collect();
    let locked: SortedSet<&QualifiedName> =
        swaps.iter().flat_map(Swap::locked).filter(|table| !plan.is_new(table)).collect();
    if !locked.is_empty() {
        let sql = Writer::new()
            .keyword("LOCK TABLE")
            .comma_separated(&locked, |writer, table| writer.name(table))
            .keyword("IN ACCESS EXCLUSIVE MODE");
        let mut added = plan.sql(sql.finish());
        for table in locked {
            added = added.locking(table, LockMode::AccessExclusive);
        }
    }
    let old = name.sibling(free_object_name(&name.name, None, "old", |taken| {
        catalog.enums.contains_key(&name.sibling(taken)) || catalog.has_relation(&name.sibling(taken))
    }));
    for swap in &swaps {
        swap.lower_before(plan);
    }
    plan.sql(Writer::new().keyword("ALTER TYPE").name(name).keyword("RENAME TO").identifier(&old.name).finish());
    plan.sql(ddl::create_enum(name, &definition.values));
    for swap in &swaps {
        swap.lower_conversion(plan);
        swap.lower_generated(plan);
    }
    // Foreign keys last: both of their ends are converted by now.
    for swap in &swaps {
        swap.lower_after(plan);
    }
    for swap in &swaps {
        swap.lower_foreign_keys(plan);
    }
    plan.sql(Writer::new().keyword("DROP TYPE").name(&old).finish());
    comments::lower_comment_if_any(&CommentTarget::Enum(name.clone()), definition.comment.as_deref(), plan);
    access::lower_new(&AccessTarget::Enum(name.clone()), &definition.access, plan);
}

/// The generated columns that are of the type, or read a column of it or a literal.
fn generated_over<'t>(table: &'t Table, type_name: &QualifiedName) -> Vec<&'t Column> {
    let is_of_type = |column: &Column| column.data_type.depends_on() == Some(type_name);
    let read: Vec<&Column> = table.columns.iter().filter(|column| is_of_type(column)).collect();
    let depends = |column: &&Column| {
        column.generated.as_ref().is_some_and(|generated| {
            is_of_type(column)
                || expressions::mentions_type(&generated.expression, type_name)
                || read.iter().any(|other| generated.expression.reads(&other.name))
        })
    };
    table.columns.iter().filter(depends).collect()
}

/// Notes in the catalog that generated columns which depend on the type were made anew: they are last.
pub(super) fn apply(type_name: &QualifiedName, catalog: &mut Catalog) {
    let concerned = |table: &Table| !generated_over(table, type_name).is_empty();
    let names: Vec<QualifiedName> =
        catalog.tables.iter().filter(|(_, table)| concerned(table)).map(|(name, _)| name.clone()).collect();
    for name in names {
        let Some(table) = catalog.table_mut(&name) else { continue };
        let moved: Vec<Column> = generated_over(table, type_name).into_iter().cloned().collect();
        table.columns.retain(|column| moved.iter().all(|other| other.name != column.name));
        table.columns.extend(moved);
    }
}

/// What depends on the type in one table.
struct Swap<'c> {
    name: &'c QualifiedName,
    type_name: &'c QualifiedName,
    columns: Vec<&'c Column>,
    /// Generated columns over it or of it: PostgreSQL converts none of these, so they are made anew.
    generated: Vec<&'c Column>,
    /// Columns of other types whose default mentions the type.
    defaults: Vec<(&'c str, &'c Expression)>,
    checks: Vec<(&'c str, &'c Constraint)>,
    foreign_keys: Vec<(&'c str, &'c Constraint)>,
    /// Indexes with an expression or a predicate: these hold constants and operators of the old type.
    indexes: Vec<(&'c str, &'c Index)>,
}

impl<'c> Swap<'c> {
    fn of(
        name: &'c QualifiedName,
        table: &'c Table,
        type_name: &'c QualifiedName,
        catalog: &'c Catalog,
    ) -> Option<Self> {
        let is_of_type = |column: &Column| column.data_type.depends_on() == Some(type_name);
        let generated = generated_over(table, type_name);
        let is_plain = |column: &&Column| is_of_type(column) && column.generated.is_none();
        let columns: Vec<&Column> = table.columns.iter().filter(is_plain).collect();
        let depends = |expression: &Expression| {
            expressions::mentions_type(expression, type_name)
                || columns.iter().chain(&generated).any(|column| expression.reads(&column.name))
        };
        let has_generated = |names: SortedSet<String>| generated.iter().any(|column| names.contains(&column.name));
        let has_column =
            |table: &Table, names: &[String]| names.iter().any(|name| table.column(name).is_some_and(is_of_type));
        let mut checks = Vec::new();
        let mut foreign_keys = Vec::new();
        for (constraint_name, constraint) in &table.constraints {
            let is_over_generated = has_generated(table.columns_of_constraint(&constraint.kind));
            let name = constraint_name;
            match &constraint.kind {
                ConstraintKind::Check(expression) if depends(expression) => checks.push((name.as_str(), constraint)),
                ConstraintKind::Exclusion(exclusion) if exclusion.expressions().any(depends) => {
                    checks.push((name.as_str(), constraint));
                }
                kind if kind.has_index() && is_over_generated => {
                    checks.push((name.as_str(), constraint));
                }
                ConstraintKind::ForeignKey(key)
                    if has_column(table, &key.columns)
                        || catalog.table(&key.table).is_some_and(|table| has_column(table, &key.referenced)) =>
                {
                    foreign_keys.push((name.as_str(), constraint));
                }
                _ => {}
            }
        }
        let indexes: Vec<(&str, &Index)> = table
            .indexes
            .iter()
            .filter(|(_, index)| {
                index.predicate.as_ref().is_some_and(depends)
                    || (index.predicate.is_some() && index.keys.iter().any(|key| depends(&key.expression)))
                    || index.keys.iter().any(|key| key.column().is_none() && depends(&key.expression))
                    || has_generated(table.columns_of_index(index))
            })
            .map(|(name, index)| (name.as_str(), index))
            .collect();
        let defaults: Vec<(&str, &Expression)> = table
            .columns
            .iter()
            .filter(|column| !is_of_type(column))
            .filter_map(|column| Some((column.name.as_str(), column.default.as_ref()?)))
            .filter(|(_, default)| expressions::mentions_type(default, type_name))
            .collect();
        let swap = Swap { name, type_name, columns, generated, defaults, checks, foreign_keys, indexes };
        let is_concerned = !(swap.columns.is_empty()
            && swap.generated.is_empty()
            && swap.defaults.is_empty()
            && swap.checks.is_empty()
            && swap.foreign_keys.is_empty()
            && swap.indexes.is_empty());
        is_concerned.then_some(swap)
    }

    fn locked(&self) -> impl Iterator<Item = &'c QualifiedName> {
        let referenced = self.foreign_keys.iter().filter_map(|(_, constraint)| match &constraint.kind {
            ConstraintKind::ForeignKey(key) => Some(&key.table),
            _ => None,
        });
        std::iter::once(self.name).chain(referenced)
    }

    fn lower_before(&self, plan: &mut Lowering) {
        for (name, constraint) in self.foreign_keys.iter().chain(&self.checks) {
            let added = plan.sql(ddl::drop_constraint(self.name, name)).locking(self.name, LockMode::AccessExclusive);
            if let ConstraintKind::ForeignKey(key) = &constraint.kind
                && key.table != *self.name
            {
                added.locking(&key.table, LockMode::AccessExclusive);
            }
        }
        for (name, _) in &self.indexes {
            plan.sql(ddl::drop_index(self.name, name, false)).locking(self.name, LockMode::AccessExclusive);
        }
        for column in &self.generated {
            plan.sql(ddl::alter_table(self.name).keyword("DROP COLUMN").identifier(&column.name).finish())
                .locking(self.name, LockMode::AccessExclusive);
        }
    }

    fn lower_generated(&self, plan: &mut Lowering) {
        for column in &self.generated {
            let sql =
                ddl::column_definition(ddl::alter_table(self.name).keyword("ADD COLUMN"), self.name, column).finish();
            plan.sql(sql).locking(self.name, LockMode::AccessExclusive).taking(Duration::Rewrite);
            let target = CommentTarget::Column(self.name.clone(), column.name.clone());
            comments::lower_comment_if_any(&target, column.comment.as_deref(), plan);
            let target = AccessTarget::Column(self.name.clone(), column.name.clone());
            access::lower_new_grants(&target, &column.grants, plan);
        }
    }

    fn lower_conversion(&self, plan: &mut Lowering) {
        enum Change<'c> {
            DropDefault(&'c str),
            Type(&'c Column),
            SetDefault(&'c str, &'c Expression),
        }
        let own_defaults =
            self.columns.iter().filter_map(|column| Some((column.name.as_str(), column.default.as_ref()?)));
        let defaults: Vec<(&str, &Expression)> = own_defaults.chain(self.defaults.iter().copied()).collect();
        let changes: Vec<Change<'_>> = defaults
            .iter()
            .map(|(name, _)| Change::DropDefault(name))
            .chain(self.columns.iter().map(|column| Change::Type(column)))
            .chain(defaults.iter().map(|(name, default)| Change::SetDefault(name, default)))
            .collect();
        if changes.is_empty() {
            return;
        }
        let sql = ddl::alter_table(self.name).comma_separated(changes, |writer, change| {
            let writer = writer.keyword("ALTER COLUMN");
            match change {
                Change::DropDefault(name) => writer.identifier(name).keyword("DROP DEFAULT"),
                Change::Type(column) => writer
                    .identifier(&column.name)
                    .keyword("TYPE")
                    .type_(&column.data_type)
                    .keyword("USING")
                    .expression(&self.conversion(column)),
                Change::SetDefault(name, default) => {
                    writer.identifier(name).keyword("SET DEFAULT").default_expression(default)
                }
            }
        });
        let added = plan.sql(sql.finish()).locking(self.name, LockMode::AccessExclusive);
        if !self.columns.is_empty() {
            added.taking(Duration::Rewrite);
        }
    }

    /// `column::text::type`
    fn conversion(&self, column: &Column) -> Expression {
        let text = match &column.data_type {
            Type::Array(_) => Type::TEXT.array(),
            _ => Type::TEXT,
        };
        debug_assert_eq!(column.data_type.depends_on(), Some(self.type_name));
        Expression::cast(Expression::cast(Expression::name(&column.name), text), column.data_type.clone())
    }

    fn lower_after(&self, plan: &mut Lowering) {
        for (name, index) in &self.indexes {
            plan.sql(ddl::create_index(self.name, name, index, false))
                .locking(self.name, LockMode::Share)
                .taking(Duration::IndexBuild);
            let target = CommentTarget::Index(self.name.clone(), (*name).to_owned());
            comments::lower_comment_if_any(&target, index.comment.as_deref(), plan);
        }
        for (name, constraint) in &self.checks {
            self.lower_constraint(name, constraint, plan);
        }
    }

    fn lower_foreign_keys(&self, plan: &mut Lowering) {
        for (name, constraint) in &self.foreign_keys {
            self.lower_constraint(name, constraint, plan);
        }
    }

    fn lower_constraint(&self, name: &str, constraint: &Constraint, plan: &mut Lowering) {
        plan.sql(ddl::add_constraint(self.name, name, constraint).finish())
            .locking(self.name, LockMode::AccessExclusive)
            .taking(Duration::Scan);
        let target = CommentTarget::Constraint(self.name.clone(), name.to_owned());
        comments::lower_comment_if_any(&target, constraint.comment.as_deref(), plan);
    }
}
