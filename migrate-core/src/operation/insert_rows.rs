use super::{DeleteRows, Inverse, Operate, Touched, is_numbered, move_sequence, rows};
use crate::catalog::{Catalog, Identity, Table};
use crate::expression::{Expression, ExpressionKind};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Duration, Lowering};
use crate::sql::Writer;

/// `INSERT INTO ... VALUES`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct InsertRows {
    /// The table.
    pub table: QualifiedName,
    /// The columns given.
    pub columns: Vec<String>,
    /// The rows; `None` is DEFAULT.
    pub rows: Vec<Vec<Option<Expression>>>,
    /// `ON CONFLICT DO NOTHING`
    pub on_conflict_do_nothing: bool,
}

impl InsertRows {
    /// The condition that finds exactly these rows again: by the values of a key, where all of them are given.
    fn condition(&self, table: &Table) -> Option<Expression> {
        rows::keys(table).into_iter().find_map(|key| self.condition_over(key))
    }

    fn condition_over(&self, key: &[String]) -> Option<Expression> {
        let positions: Option<Vec<usize>> =
            key.iter().map(|name| self.columns.iter().position(|column| column == name)).collect();
        let positions = positions?;
        let mut values_of_rows = Vec::new();
        for row in &self.rows {
            let values: Option<Vec<Expression>> = positions
                .iter()
                .map(|&position| row.get(position)?.clone().filter(|value| value.is_literal() && !value.is_null()))
                .collect();
            values_of_rows.push(values?);
        }
        Some(match key {
            [column] => one_of(column, values_of_rows.into_iter().flatten().collect()),
            columns => any(values_of_rows.into_iter().map(|values| equal(columns, values)).collect()),
        })
    }

    /// The columns given that take their values from a sequence where none are given.
    fn numbered_columns<'c>(&'c self, table: Option<&'c Table>) -> impl Iterator<Item = &'c str> {
        self.columns.iter().enumerate().filter_map(move |(position, name)| {
            let is_numbered = is_numbered(table?.column(name)?);
            let is_given = self.rows.iter().any(|row| row.get(position).is_some_and(Option::is_some));
            (is_numbered && is_given).then_some(name.as_str())
        })
    }

    fn gives_identity(&self, table: Option<&Table>) -> bool {
        let is_always = |name: &String| {
            table.and_then(|table| table.column(name)).is_some_and(|column| column.identity == Some(Identity::Always))
        };
        self.columns.iter().enumerate().any(|(position, name)| {
            is_always(name) && self.rows.iter().any(|row| row.get(position).is_some_and(Option::is_some))
        })
    }
}

/// `column = value`, `column IN (values)`
fn one_of(column: &str, mut values: Vec<Expression>) -> Expression {
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => Expression::binary(Expression::name(column), "=", value),
        (last, _) => {
            values.extend(last);
            let operand = Box::new(Expression::name(column));
            ExpressionKind::In { operand, items: values, is_negated: false }.into()
        }
    }
}

/// `a = 1 AND b = 2`
fn equal(columns: &[String], values: Vec<Expression>) -> Expression {
    let parts = columns.iter().zip(values);
    ExpressionKind::And(parts.map(|(name, value)| Expression::binary(Expression::name(name), "=", value)).collect())
        .into()
}

/// `a OR b`
fn any(mut alternatives: Vec<Expression>) -> Expression {
    match (alternatives.pop(), alternatives.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            alternatives.extend(last);
            ExpressionKind::Or(alternatives).into()
        }
    }
}

impl Operate for InsertRows {
    fn apply(&self, _catalog: &mut Catalog) {}

    fn invert(&self, before: &Catalog) -> Inverse {
        if self.on_conflict_do_nothing {
            return Inverse::NotDerivable { why: "the new rows cannot be told apart from those that were there \
                                                 before".into() };
        }
        if self.rows.is_empty() {
            return Inverse::operations(Vec::new());
        }
        match before.table(&self.table).and_then(|table| self.condition(table)) {
            Some(condition) => Inverse::operation(DeleteRows { table: self.table.clone(), condition: Some(condition) }),
            None => Inverse::NotDerivable {
                why: format!("the rows have no values for a primary key or unique constraint of `{}`", self.table),
            },
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        if self.rows.is_empty() {
            return;
        }
        let sql = Writer::new()
            .keyword("INSERT INTO")
            .name(&self.table)
            .identifiers(&self.columns)
            .keyword_if(self.gives_identity(before.table(&self.table)), "OVERRIDING SYSTEM VALUE")
            .keyword("VALUES")
            .comma_separated(&self.rows, |writer, row| {
                writer.list(row, |writer, value| match value {
                    Some(value) => writer.expression(value),
                    None => writer.keyword("DEFAULT"),
                })
            })
            .keyword_if(self.on_conflict_do_nothing, "ON CONFLICT DO NOTHING")
            .finish();
        // Functions and queries among the values may take any time.
        let is_written_down = self.rows.iter().flatten().flatten().all(Expression::is_literal);
        let duration = if is_written_down { Duration::Constant } else { Duration::Unknown };
        rows::lower_write(&self.table, sql, duration, plan);
        for column in self.numbered_columns(before.table(&self.table)) {
            plan.sql(move_sequence(&self.table, column));
        }
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::operation::DropConstraint;
    use crate::plan::cut_into_segments;

    fn two_users() -> InsertRows {
        InsertRows {
            table: name("users"),
            columns: strings(&["id", "email", "nick"]),
            rows: vec![
                vec![Some(expression("1")), Some(expression("'a@example.org'")), None],
                vec![Some(expression("2")), Some(expression("'b@example.org'")), Some(Expression::null())],
            ],
            on_conflict_do_nothing: false,
        }
    }

    #[test]
    fn rows_are_inserted() {
        assert_eq!(
            lowered(&catalog(), two_users()),
            [
                "-- transaction",
                "INSERT INTO public.users (id, email, nick) VALUES (1, 'a@example.org', DEFAULT), (2, 'b@example.org', NULL)",
            ]
        );
    }

    #[test]
    fn only_rows_that_are_written_down_take_a_known_time() {
        let duration = |rows: &InsertRows| {
            let mut plan = Lowering::new(15);
            rows.lower(&catalog(), &mut plan);
            cut_into_segments(plan).statements().next().map(|statement| statement.duration)
        };
        assert_eq!(duration(&two_users()), Some(Duration::Constant));
        let mut called = two_users();
        called.rows[1][1] = Some(expression("greeting_of(2)"));
        assert_eq!(duration(&called), Some(Duration::Unknown));
    }

    #[test]
    fn rows_are_taken_back_by_their_key() {
        let delete = |condition| DeleteRows { table: name("users"), condition: Some(expression(condition)) };
        assert_eq!(two_users().invert(&catalog()), Inverse::operation(delete("id IN (1, 2)")));
        let mut one = two_users();
        one.rows.truncate(1);
        assert_eq!(one.invert(&catalog()), Inverse::operation(delete("id = 1")));
        // The key of several columns: each row by all of them.
        let mut catalog = catalog();
        DropConstraint { table: name("users"), name: "users_pkey".into() }.apply(&mut catalog);
        DropConstraint { table: name("users"), name: "users_email_key".into() }.apply(&mut catalog);
        catalog.table_mut(&name("users")).unwrap().constraints.insert("k".into(), unique(&["id", "email"]));
        assert_eq!(
            two_users().invert(&catalog),
            Inverse::operation(delete("id = 1 AND email = 'a@example.org' OR id = 2 AND email = 'b@example.org'"))
        );
    }

    #[test]
    fn rows_that_cannot_be_found_again_have_no_inverse() {
        let mut generated = two_users();
        generated.columns = strings(&["nick", "x", "y"]);
        assert_eq!(
            why_not_derivable(&catalog(), generated),
            "the rows have no values for a primary key or unique constraint of `users`"
        );
        let ignoring = InsertRows { on_conflict_do_nothing: true, ..two_users() };
        assert_eq!(why_not_derivable(&catalog(), ignoring), "the new rows cannot be told apart from those that were \
                                                             there before");
    }

    #[test]
    fn values_for_an_identity_override_it() {
        let mut catalog = catalog();
        let users = catalog.table_mut(&name("users")).unwrap();
        users.column_mut("id").unwrap().identity = Some(Identity::Always);
        let sql = lowered(&catalog, two_users());
        assert!(sql[1].contains(" OVERRIDING SYSTEM VALUE VALUES (1, "), "{sql:?}");
        // What the application inserts next gets a number of its own.
        assert!(sql[2].contains("pg_get_serial_sequence ('public.users', 'id')"), "{sql:?}");
        let generated = InsertRows { columns: strings(&["email", "nick", "x"]), ..two_users() };
        assert_eq!(lowered(&catalog, generated).len(), 2);
    }
}
