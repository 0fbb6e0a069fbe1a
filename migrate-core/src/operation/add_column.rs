use super::{
    CommentTarget, DropColumn, Inverse, Operate, Touched, access, comments, ddl, expressions, not_null, on_update, rows,
    settings,
};
use crate::catalog::{AccessTarget, Catalog, Column};
use crate::expression::{Expression, Volatility};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Duration, Hazard, LockMode, Lowering};

/// `ALTER TABLE ... ADD COLUMN`, without constraints: these are operations of their own, so that each gets its online
/// form.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct AddColumn {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: Column,
}

impl AddColumn {
    /// Whether rows that are there get a value.
    /// Whether each row needs a value of its own, so that PostgreSQL would rewrite the table.
    fn has_volatile_default(&self) -> bool {
        self.column.default.as_ref().is_some_and(|default| default.volatility() >= Volatility::Unknown)
    }

    /// The column without its default, taking NULL: added in no time.
    fn lower_bare(&self, before: &Catalog, plan: &mut Lowering) {
        let bare = Column { nullable: true, default: None, ..self.column.clone() };
        self.lower_add(&bare, before, plan);
    }

    fn lower_add(&self, column: &Column, before: &Catalog, plan: &mut Lowering) {
        let added = plan
            .sql(ddl::column_definition(ddl::alter_table(&self.table).keyword("ADD COLUMN"), &self.table, column).finish())
            .locking(&self.table, LockMode::AccessExclusive);
        if rewrites_table(column) || before.constrained_domain(column).is_some() {
            added.taking(Duration::Rewrite);
        }
    }

    fn lower_beside(&self, plan: &mut Lowering) {
        settings::lower_new_column(&self.table, &self.column, plan);
        let target = CommentTarget::Column(self.table.clone(), self.column.name.clone());
        comments::lower_comment_if_any(&target, self.column.comment.as_deref(), plan);
        let target = AccessTarget::Column(self.table.clone(), self.column.name.clone());
        access::lower_new_grants(&target, &self.column.grants, plan);
        if let Some(on_update) = &self.column.on_update {
            on_update::lower_create(&self.table, &self.column.name, on_update, plan);
        }
    }

    fn lower_filling(&self, default: &Expression, before: &Catalog, plan: &mut Lowering) {
        self.lower_bare(before, plan);
        plan.sql(
            ddl::alter_column(&self.table, &self.column.name)
                .keyword("SET DEFAULT")
                .default_expression(default)
                .finish(),
        )
        .locking(&self.table, LockMode::AccessExclusive);
        self.lower_beside(plan);
        rows::lower_backfill(
            &self.table,
            before.table(&self.table),
            &[(self.column.name.clone(), default.clone())],
            Some(&expressions::is_null(Expression::name(&self.column.name))),
            rows::DEFAULT_BATCH,
            plan,
        );
        if !self.column.nullable {
            not_null::lower_set_not_null(&self.table, before.table(&self.table), &self.column.name, plan);
        }
    }
}

fn rewrites_table(column: &Column) -> bool {
    column.identity.is_some() || column.generated.as_ref().is_some_and(|generated| generated.stored)
}

impl Operate for AddColumn {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(table) = catalog.table_mut(&self.table) {
            table.columns.push(self.column.clone());
        }
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(DropColumn { table: self.table.clone(), column: self.column.name.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let is_virtual = self.column.generated.as_ref().is_some_and(|generated| !generated.stored);
        // To a table whose rows are stored inside others PostgreSQL adds no column with a value.
        let is_stored = self.column.default.is_some() && before.stored_rows(&self.table).is_some();
        match &self.column.default {
            _ if plan.is_new(&self.table) && !is_stored => {
                self.lower_add(&self.column, before, plan);
                self.lower_beside(plan);
            }
            Some(default) if is_stored || self.has_volatile_default() => self.lower_filling(default, before, plan),
            // NOT NULL on a virtual column scans the table.
            _ if is_virtual && !self.column.nullable => {
                self.lower_bare(before, plan);
                self.lower_beside(plan);
                not_null::lower_set_not_null(&self.table, before.table(&self.table), &self.column.name, plan);
            }
            // NOT NULL without a default fails at once, changing nothing, while there are rows.
            _ => {
                self.lower_add(&self.column, before, plan);
                self.lower_beside(plan);
            }
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        touched.uses_type_of(&self.column, before);
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.table) {
            return Vec::new();
        }
        if before.needs_value(&self.column) {
            let Column { name, data_type, .. } = &self.column;
            return vec![(
                Hazard::NotNullWithoutDefault,
                format!(
                    "`{name}` is NOT NULL and has no default, but `{}` may have rows; give it a default, `{name}: \
                     {data_type} = ...`, or make it nullable, `{name}: {data_type}?`",
                    self.table
                ),
            )];
        }
        if let Some(domain) = before.constrained_domain(&self.column) {
            let text = format!(
                "a column of the domain `{domain}` makes PostgreSQL rewrite `{}` while nobody can read or write it; a \
                 column of its base type with a check does not",
                self.table
            );
            return vec![(Hazard::RewritesTable, text)];
        }
        if !rewrites_table(&self.column) {
            return Vec::new();
        }
        let (what, way_out) = if self.column.identity.is_some() {
            ("an identity", "a column with `= gen_random_uuid()` as its default is filled in batches")
        } else {
            ("a stored generated", "a plain column that is filled in batches is not")
        };
        vec![(
            Hazard::RewritesTable,
            format!(
                "{what} column makes PostgreSQL rewrite `{}` while nobody can read or write it; {way_out}",
                self.table
            ),
        )]
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        if !before.needs_value(&self.column) {
            return Vec::new();
        }
        vec![format!("`{}.{}` has no default: inserts without a value for it fail", self.table, self.column.name)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::catalog::{Generated, Identity};

    #[test]
    fn a_constant_default_is_added_with_the_column() {
        assert_eq!(
            lowered(&catalog(), AddColumn { table: name("users"), column: column("level", "integer = 1") }),
            ["-- transaction", "ALTER TABLE public.users ADD COLUMN level integer NOT NULL DEFAULT 1",]
        );
    }

    #[test]
    fn a_volatile_default_is_filled_in_batches() {
        assert_eq!(
            lowered(
                &catalog(),
                AddColumn { table: name("users"), column: column("token", "uuid = gen_random_uuid()") }
            ),
            [
                "-- transaction",
                "ALTER TABLE public.users ADD COLUMN token uuid",
                "ALTER TABLE public.users ALTER COLUMN token SET DEFAULT gen_random_uuid()",
                "-- alone",
                "backfill public.users by (id) set token = gen_random_uuid() where token IS NULL in batches of 5000",
                "-- transaction",
                "ALTER TABLE public.users ADD CONSTRAINT users_token_not_null CHECK (token IS NOT NULL) NOT VALID",
                "-- transaction",
                "ALTER TABLE public.users VALIDATE CONSTRAINT users_token_not_null",
                "-- transaction",
                "ALTER TABLE public.users ALTER COLUMN token SET NOT NULL",
                "ALTER TABLE public.users DROP CONSTRAINT users_token_not_null",
            ]
        );
    }

    #[test]
    fn a_volatile_default_on_a_new_table_is_plain() {
        assert_eq!(
            lowered_on_new(
                &catalog(),
                &["users"],
                AddColumn { table: name("users"), column: column("token", "uuid = gen_random_uuid()") }
            ),
            ["-- transaction", "ALTER TABLE public.users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()",]
        );
    }

    #[test]
    fn only_what_has_no_online_form_is_a_hazard() {
        let add = |column| AddColumn { table: name("users"), column };
        let mut identity = column("n", "bigint");
        identity.identity = Some(Identity::ByDefault);
        let mut stored = column("n", "text?");
        stored.generated = Some(Generated { expression: expression("upper(nick)"), stored: true });
        assert_eq!(hazard_codes(&catalog(), add(identity)), ["rewrites_table"]);
        assert_eq!(hazard_codes(&catalog(), add(stored)), ["rewrites_table"]);
        assert_eq!(hazard_codes(&catalog(), add(column("n", "integer"))), ["not_null_without_default"]);
        assert!(hazard_codes(&catalog(), add(column("n", "uuid = gen_random_uuid()"))).is_empty());
    }

    #[test]
    fn only_a_column_that_inserts_must_give_breaks_them() {
        let breaks = |text| AddColumn { table: name("users"), column: column("n", text) }.breaks(&catalog());
        assert!(breaks("text?").is_empty());
        assert!(breaks("integer = 1").is_empty());
        assert_eq!(breaks("integer"), ["`users.n` has no default: inserts without a value for it fail"]);
    }

    #[test]
    fn not_null_without_a_default_is_left_to_fail_on_rows() {
        let add = AddColumn { table: name("users"), column: column("n", "integer") };
        assert_eq!(
            lowered(&catalog(), add),
            ["-- transaction", "ALTER TABLE public.users ADD COLUMN n integer NOT NULL"]
        );
    }
}
