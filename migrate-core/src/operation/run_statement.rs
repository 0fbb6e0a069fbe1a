use super::{Inverse, Operate, Touched, is_numbered, move_sequence};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Duration, Hazard, LockMode, Lowering};
use crate::query::{InsertSource, Statement, TableRole, full_name};
use crate::sql::Writer;

/// A statement that changes rows by what a query gives: `INSERT ... SELECT`, `UPDATE ... FROM`, `DELETE ... USING`, `MERGE`; or a
/// query for what the functions do that it calls.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RunStatement {
    /// The statement, which names everything in full.
    pub statement: Statement,
}

/// What a statement does to the rows of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// It only adds some.
    Adds,
    /// It changes or removes some, said with this word.
    Changes(&'static str),
}

impl RunStatement {
    /// The tables whose rows are changed, also by what stands in `WITH`.
    fn tables(&self) -> Vec<(QualifiedName, Change)> {
        let mut tables = Vec::new();
        collect(&self.statement, &mut tables);
        tables
    }

    /// The columns that an insert gives numbers for which a sequence gives otherwise.
    fn given_numbers(&self, before: &Catalog) -> Vec<(QualifiedName, String)> {
        let Statement::Insert(insert) = &self.statement else { return Vec::new() };
        let target = full_name(&insert.table.name);
        let named = insert.columns.iter().map(|target| target.column.value.clone()).collect::<Vec<_>>();
        let given = match (named.is_empty(), &insert.source) {
            (false, _) => named,
            (true, InsertSource::DefaultValues) => return Vec::new(),
            (true, InsertSource::Query(_)) => before.column_names(&target),
        };
        let Some((name, given)) = before.inserted_behind(&target, &given) else { return Vec::new() };
        let Some(table) = before.table(&name) else { return Vec::new() };
        let numbered = table.columns.iter().filter(|column| given.contains(&column.name) && is_numbered(column));
        numbered.map(|column| (name.clone(), column.name.clone())).collect()
    }

    /// Whether nothing is known but that functions are called.
    fn is_query(&self) -> bool {
        matches!(self.statement, Statement::Query(_))
    }
}

fn collect(statement: &Statement, tables: &mut Vec<(QualifiedName, Change)>) {
    for table in statement.with().iter().flat_map(|with| &with.tables) {
        collect(&table.statement, tables);
    }
    let Some(target) = statement.target() else { return };
    let change = match statement {
        Statement::Insert(insert) if insert.on_conflict.is_none() => Change::Adds,
        Statement::Query(_) | Statement::Insert(_) | Statement::Merge(_) => Change::Changes("changed"),
        Statement::Update(_) => Change::Changes("updated"),
        Statement::Delete(_) => Change::Changes("deleted"),
    };
    tables.push((full_name(&target.name), change));
}

impl Operate for RunStatement {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, _before: &Catalog) -> Inverse {
        let why = match &self.statement {
            Statement::Insert(_) => "which rows are inserted is known only when it runs",
            Statement::Delete(_) => "the deleted rows are not kept",
            Statement::Query(_) => "it is not known what the functions in a query do",
            _ => "the old values are not kept",
        };
        Inverse::NotDerivable { why: why.into() }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let tables: Vec<Vec<QualifiedName>> =
            self.tables().iter().map(|(table, _)| before.changed_behind(table)).collect();
        let is_live = self.is_query() || tables.iter().filter_map(|behind| behind.last()).any(|table| !plan.is_new(table));
        let mut added = plan.sql(Writer::new().statement(&self.statement).finish()).taking(Duration::Unknown);
        for table in tables.iter().flatten() {
            added = added.locking(table, LockMode::RowExclusive);
        }
        if is_live {
            added.apart_from_locks();
        }
        for (table, column) in self.given_numbers(before) {
            plan.sql(move_sequence(&table, &column));
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        for table in self.tables().iter().flat_map(|(table, _)| before.changed_behind(table)) {
            touched.table(&table);
        }
        self.statement.walk(&mut |part| {
            if let crate::query::Part::Table(name, TableRole::Read | TableRole::Target) = part {
                touched.table(&full_name(name));
            }
        });
        if self.is_query() {
            touched.anything();
        }
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        let mut hazards = Vec::new();
        for (table, change) in self.tables() {
            let Change::Changes(verb) = change else { continue };
            if before.changed_behind(&table).last().is_some_and(is_new) {
                continue;
            }
            hazards.push((
                Hazard::UnbatchedUpdate,
                format!(
                    "all matching rows of `{table}` are {verb} in one transaction; if there are many, change them in \
                     batches: `backfill`, or a Rust function (`run path::to::function`)"
                ),
            ));
        }
        hazards
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

    #[test]
    fn a_query_runs_for_what_its_functions_do() {
        let sql = "SELECT setval('public.numbers', 5)";
        assert_eq!(lowered(&catalog(), statement(sql)), ["-- transaction", sql]);
        assert_eq!(why_not_derivable(&catalog(), statement(sql)), "it is not known what the functions in a query do");
        let sql = "WITH gone AS (DELETE FROM public.users RETURNING email) INSERT INTO public.users (email) SELECT email FROM gone";
        assert_eq!(hazard_codes(&catalog(), statement(sql)), ["unbatched_update"]);
    }
}
