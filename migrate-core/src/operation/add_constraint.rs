use std::iter;

use super::{
    CommentTarget, DropConstraint, Inverse, Operate, Operation, SetNullability, Touched, comments, ddl, indexes, not_null,
    partitions, validation,
};
use crate::catalog::{Catalog, Constraint, ConstraintKind, ForeignKey, Unique};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Duration, Hazard, LockMode, Lowering};

/// `ALTER TABLE ... ADD CONSTRAINT`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct AddConstraint {
    /// The table.
    pub table: QualifiedName,
    /// The constraint's name.
    pub name: String,
    /// What it demands.
    pub constraint: Constraint,
}

impl AddConstraint {
    /// The key columns that take NULL before, of a primary key.
    fn nullable_key_columns(&self, before: &Catalog) -> Vec<String> {
        let (ConstraintKind::PrimaryKey(key), Some(table)) = (&self.constraint.kind, before.table(&self.table)) else {
            return Vec::new();
        };
        let is_nullable = |name: &&String| table.column(name).is_some_and(|column| column.nullable);
        key.columns.iter().filter(is_nullable).cloned().collect()
    }

    fn lower_new(&self, plan: &mut Lowering) {
        let added = plan.sql(ddl::add_constraint(&self.table, &self.name, &self.constraint).finish());
        if let ConstraintKind::ForeignKey(key) = &self.constraint.kind {
            added.locking(&key.table, LockMode::ShareRowExclusive);
        }
    }

    fn lower_check(&self, plan: &mut Lowering) {
        plan.sql(self.not_valid()).locking(&self.table, LockMode::AccessExclusive);
        self.lower_comment(plan);
        if !self.constraint.not_valid {
            validation::lower_validation(&self.table, &self.name, &self.constraint.kind, plan);
        }
    }

    /// No form of it builds the index beside writes.
    fn lower_exclusion(&self, plan: &mut Lowering) {
        plan.sql(ddl::add_constraint(&self.table, &self.name, &self.constraint).finish())
            .locking(&self.table, LockMode::AccessExclusive)
            .taking(Duration::IndexBuild);
        self.lower_comment(plan);
    }

    fn lower_foreign_key(&self, key: &ForeignKey, plan: &mut Lowering) {
        let is_to_itself = key.table == self.table;
        let added = plan.sql(self.not_valid()).locking(&self.table, LockMode::ShareRowExclusive);
        if !is_to_itself {
            added.locking(&key.table, LockMode::ShareRowExclusive);
        }
        self.lower_comment(plan);
        if !self.constraint.not_valid {
            validation::lower_validation(&self.table, &self.name, &self.constraint.kind, plan);
        }
    }

    /// The index first, without stopping writes; then it becomes the constraint's.
    fn lower_key(&self, key: &Unique, words: &'static str, before: &Catalog, plan: &mut Lowering) {
        for column in self.nullable_key_columns(before) {
            not_null::lower_set_not_null(&self.table, before.table(&self.table), &column, plan);
        }
        indexes::lower_create(&self.table, &self.name, &ddl::index_of(key), plan);
        let writer = ddl::alter_table(&self.table)
            .keyword("ADD CONSTRAINT")
            .identifier(&self.name)
            .keyword(words)
            .identifier(&self.name);
        plan.sql(ddl::deferral(writer, key.deferral).finish()).locking(&self.table, LockMode::AccessExclusive);
        self.lower_comment(plan);
    }

    /// Adds what is done to each partition first, where PostgreSQL has no form beside traffic for all at once, or names them
    /// as it likes; `false`: nothing is.
    fn lower_on_partitions(&self, before: &Catalog, plan: &mut Lowering) -> bool {
        let mut after = before.clone();
        Operation::from(self.clone()).apply(&mut after);
        match &self.constraint.kind {
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => {
                for column in self.nullable_key_columns(before) {
                    not_null::lower_set_not_null(&self.table, before.table(&self.table), &column, plan);
                }
                partitions::lower_key(&self.table, &self.name, &self.constraint, &after, plan);
            }
            ConstraintKind::ForeignKey(key) if !self.constraint.not_valid => {
                let lower_one = |table: &QualifiedName, name: &str, constraint: &Constraint, plan: &mut Lowering| {
                    let (table, name) = (table.clone(), name.to_owned());
                    AddConstraint { table, name, constraint: constraint.clone() }.lower(before, plan);
                };
                let constraint = (&self.constraint, key);
                partitions::lower_foreign_key(&self.table, &self.name, constraint, &after, plan, &lower_one);
            }
            ConstraintKind::ForeignKey(_) | ConstraintKind::Check(_) | ConstraintKind::Exclusion(_) => return false,
        }
        self.lower_comment(plan);
        true
    }

    fn not_valid(&self) -> String {
        ddl::add_constraint_not_valid(&self.table, &self.name, &self.constraint)
    }

    fn lower_comment(&self, plan: &mut Lowering) {
        let target = CommentTarget::Constraint(self.table.clone(), self.name.clone());
        comments::lower_comment_if_any(&target, self.constraint.comment.as_deref(), plan);
    }
}

impl Operate for AddConstraint {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(table) = catalog.table_mut(&self.table) {
            table.constraints.insert(self.name.clone(), self.constraint.clone());
            table.mark_primary_key_not_null();
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let drop = DropConstraint { table: self.table.clone(), name: self.name.clone() };
        // A primary key leaves its columns NOT NULL when it goes.
        let make_nullable = self
            .nullable_key_columns(before)
            .into_iter()
            .map(|column| SetNullability { table: self.table.clone(), column, nullable: true }.into());
        Inverse::operations(iter::once(drop.into()).chain(make_nullable).collect())
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        if partitions::is_partitioned(before, &self.table) && self.lower_on_partitions(before, plan) {
            return;
        }
        if plan.is_new(&self.table) {
            self.lower_new(plan);
            self.lower_comment(plan);
            return;
        }
        match &self.constraint.kind {
            ConstraintKind::Check(_) => self.lower_check(plan),
            ConstraintKind::ForeignKey(key) => self.lower_foreign_key(key, plan),
            ConstraintKind::Exclusion(_) => self.lower_exclusion(plan),
            ConstraintKind::Unique(key) => self.lower_key(key, "UNIQUE USING INDEX", before, plan),
            ConstraintKind::PrimaryKey(key) => self.lower_key(key, "PRIMARY KEY USING INDEX", before, plan),
        }
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        if let ConstraintKind::ForeignKey(key) = &self.constraint.kind {
            touched.uses_table(&key.table);
        }
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        match &self.constraint.kind {
            ConstraintKind::ForeignKey(key) => {
                before.table(&self.table).and_then(|table| key.impossible_action(table)).into_iter().collect()
            }
            ConstraintKind::Exclusion(_) if !is_new(&self.table) => vec![(
                Hazard::BlocksWrites,
                format!(
                    "nobody can read or write `{}` while the index of `{}` is built: PostgreSQL cannot build an \
                     exclusion constraint concurrently",
                    self.table, self.name
                ),
            )],
            _ => Vec::new(),
        }
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        self.nullable_key_columns(before)
            .into_iter()
            .map(|column| format!("`{}.{column}` no longer accepts NULL", self.table))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn without_key() -> Catalog {
        let mut catalog = catalog();
        DropConstraint { table: name("users"), name: "users_pkey".into() }.apply(&mut catalog);
        catalog
    }

    #[test]
    fn a_check_is_validated_apart() {
        assert_eq!(
            lowered(
                &catalog(),
                AddConstraint { table: name("users"), name: "c".into(), constraint: check("length(email) > 3") }
            ),
            [
                "-- transaction",
                "ALTER TABLE public.users ADD CONSTRAINT c CHECK (length(email) > 3) NOT VALID",
                "-- transaction",
                "ALTER TABLE public.users VALIDATE CONSTRAINT c",
            ]
        );
    }

    #[test]
    fn a_foreign_key_is_validated_apart() {
        assert_eq!(
            lowered(
                &catalog(),
                AddConstraint {
                    table: name("users"),
                    name: "f".into(),
                    constraint: foreign_key(&["nick"], "bookings", &["note"])
                }
            ),
            [
                "-- transaction",
                "ALTER TABLE public.users ADD CONSTRAINT f FOREIGN KEY (nick) REFERENCES public.bookings (note) NOT VALID",
                "-- transaction",
                "ALTER TABLE public.users VALIDATE CONSTRAINT f",
            ]
        );
    }

    #[test]
    fn a_unique_constraint_takes_over_an_index_built_beside_traffic() {
        assert_eq!(
            lowered(
                &catalog(),
                AddConstraint { table: name("users"), name: "users_nick_key".into(), constraint: unique(&["nick"]) }
            ),
            [
                "-- alone",
                "CREATE UNIQUE INDEX CONCURRENTLY users_nick_key ON public.users (nick)",
                "-- transaction",
                "ALTER TABLE public.users ADD CONSTRAINT users_nick_key UNIQUE USING INDEX users_nick_key",
            ]
        );
    }

    #[test]
    fn a_primary_key_makes_its_columns_not_null_first() {
        assert_eq!(
            lowered(
                &without_key(),
                AddConstraint {
                    table: name("users"),
                    name: "users_pkey".into(),
                    constraint: primary_key(&["id", "nick"])
                }
            ),
            [
                "-- transaction",
                "ALTER TABLE public.users ADD CONSTRAINT users_nick_not_null CHECK (nick IS NOT NULL) NOT VALID",
                "-- transaction",
                "ALTER TABLE public.users VALIDATE CONSTRAINT users_nick_not_null",
                "-- transaction",
                "ALTER TABLE public.users ALTER COLUMN nick SET NOT NULL",
                "ALTER TABLE public.users DROP CONSTRAINT users_nick_not_null",
                "-- alone",
                "CREATE UNIQUE INDEX CONCURRENTLY users_pkey ON public.users (id, nick)",
                "-- transaction",
                "ALTER TABLE public.users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_pkey",
            ]
        );
    }

    #[test]
    fn on_a_new_table_it_is_one_statement() {
        assert_eq!(
            lowered_on_new(
                &catalog(),
                &["users"],
                AddConstraint { table: name("users"), name: "users_nick_key".into(), constraint: unique(&["nick"]) }
            ),
            ["-- transaction", "ALTER TABLE public.users ADD CONSTRAINT users_nick_key UNIQUE (nick)",]
        );
    }

    #[test]
    fn a_primary_key_is_undone_with_the_nullability_it_forced() {
        let add =
            AddConstraint { table: name("users"), name: "users_pkey".into(), constraint: primary_key(&["id", "nick"]) };
        assert_undone(&without_key(), add.clone());
        assert_eq!(add.breaks(&without_key()), ["`users.nick` no longer accepts NULL"]);
    }
}
