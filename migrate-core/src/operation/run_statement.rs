use serde::{Deserialize, Serialize};

use super::{Inverse, Operate, Touched, rows};
use crate::catalog::Catalog;
use crate::name::QualifiedName;
use crate::plan::{Duration, Hazard, Lowering};
use crate::query::{Statement, TableRole, full_name};
use crate::sql::Writer;

/// A statement that changes rows by what a query gives: `INSERT ... SELECT`, `UPDATE ... FROM`, `DELETE ... USING`, `MERGE`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStatement {
    /// The statement, which names everything in full.
    pub statement: Statement,
}

impl RunStatement {
    /// The table whose rows are changed.
    pub fn table(&self) -> Option<QualifiedName> {
        self.statement.target().map(|table| full_name(&table.name))
    }
}

impl Operate for RunStatement {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, _before: &Catalog) -> Inverse {
        let why = match &self.statement {
            Statement::Insert(_) => "which rows are inserted is known only when it runs",
            Statement::Delete(_) => "the deleted rows are not kept",
            _ => "the old values are not kept",
        };
        Inverse::NotDerivable { why: why.into() }
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        if let Some(table) = self.table() {
            let sql = Writer::new().statement(&self.statement).finish();
            rows::lower_write(&table, sql, Duration::Unknown, plan);
        }
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        self.statement.walk(&mut |part| {
            if let crate::query::Part::Table(name, TableRole::Read | TableRole::Target) = part {
                touched.table(&full_name(name));
            }
        });
    }

    fn hazards(&self, _before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        let Some(table) = self.table().filter(|table| !is_new(table)) else { return Vec::new() };
        let verb = match &self.statement {
            Statement::Insert(insert) if insert.on_conflict.is_none() => return Vec::new(),
            Statement::Query(_) => return Vec::new(),
            Statement::Insert(_) | Statement::Merge(_) => "changed",
            Statement::Update(_) => "updated",
            Statement::Delete(_) => "deleted",
        };
        vec![(
            Hazard::UnbatchedUpdate,
            format!(
                "all matching rows of `{table}` are {verb} in one transaction; where they are many, change them in \
                 batches: `backfill`, or a Rust function (`run path::to::function`)"
            ),
        )]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn statement(sql: &str) -> RunStatement {
        RunStatement { statement: sql.parse().unwrap() }
    }

    #[test]
    fn a_statement_runs_as_it_is_written() {
        let sql = "INSERT INTO public.users (email) SELECT b.note FROM public.bookings AS b";
        assert_eq!(lowered(&catalog(), statement(sql)), ["-- transaction", sql]);
        let sql = "DELETE FROM public.users USING public.bookings AS b WHERE b.user_id = users.id";
        assert_eq!(lowered(&catalog(), statement(sql)), ["-- transaction", sql]);
    }

    #[test]
    fn rows_that_are_changed_at_once_are_a_hazard() {
        let codes = |sql: &str| hazard_codes(&catalog(), statement(sql));
        assert!(codes("INSERT INTO public.users (email) SELECT note FROM public.bookings").is_empty());
        assert_eq!(codes("UPDATE public.users SET nick = b.note FROM public.bookings AS b"), ["unbatched_update"]);
        assert_eq!(codes("DELETE FROM public.users USING public.bookings AS b"), ["unbatched_update"]);
    }

    #[test]
    fn what_it_changes_does_not_come_back() {
        let sql = "UPDATE public.users SET nick = b.note FROM public.bookings AS b";
        assert_eq!(why_not_derivable(&catalog(), statement(sql)), "the old values are not kept");
    }
}
