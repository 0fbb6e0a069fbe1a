//! Expressions that two catalogs have as different trees, and that may mean the same all the same: only the server can
//! say, by printing both.

use super::expressions::{same_expression, same_value};
use crate::catalog::{Catalog, ConstraintKind, Table};
use crate::expression::{Expression, ExpressionKind, canonical};
use crate::name::QualifiedName;
use crate::object::{Definition, Kind, MaterializedView, ObjectId};
use crate::sql::{Writer, quote_literal};

/// An expression of the expected catalog that stands as another tree in the actual one.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// The table.
    pub table: QualifiedName,
    /// Where in it.
    pub place: DoubtPlace,
    /// What is expected.
    pub expression: Expression,
}

/// Where in a table an expression stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DoubtPlace {
    /// The default of a column.
    Default(String),
    /// What generates a column.
    Generated(String),
    /// A check constraint.
    Check(String),
    /// A key of an index, by its number.
    Key(String, usize),
    /// The predicate of an index.
    Predicate(String),
    /// `USING` of a policy.
    Using(String),
    /// `WITH CHECK` of a policy.
    WithCheck(String),
}

impl Catalog {
    /// The expressions that only the server can compare with those of the actual catalog.
    pub fn doubts(&self, actual: &Catalog) -> Vec<Doubt> {
        let both =
            self.tables.iter().filter_map(|(name, expected)| Some((name, expected.clone(), actual.table(name)?)));
        let of_views = self.materialized_views().flat_map(|(name, view)| {
            let found = actual.materialized_view(name).map(MaterializedView::as_table);
            let table = view.as_table();
            let doubts = found.map(|found| of_tables(&table, &found)).unwrap_or_default().into_iter();
            let doubt = |(place, expression): (DoubtPlace, &Expression)| Doubt {
                table: name.clone(),
                place,
                expression: expression.clone(),
            };
            doubts.map(doubt).collect::<Vec<_>>()
        });
        let of_foreign = self.objects.iter().flat_map(|(id, object)| {
            let (Definition::ForeignTable(expected), Some(Definition::ForeignTable(found))) =
                (&object.definition, actual.object(id).map(|object| &object.definition))
            else {
                return Vec::new();
            };
            let table = expected.as_table();
            let doubt = |(place, expression): (DoubtPlace, &Expression)| Doubt {
                table: id.name.clone(),
                place,
                expression: expression.clone(),
            };
            of_tables(&table, &found.as_table()).into_iter().map(doubt).collect()
        });
        let of_tables = both.flat_map(|(name, table, found)| {
            let doubt = |(place, expression): (DoubtPlace, &Expression)| Doubt {
                table: name.clone(),
                place,
                expression: expression.clone(),
            };
            let of_policies = of_policies(name, self, actual);
            of_tables(&table, found).into_iter().chain(of_policies).map(doubt).collect::<Vec<_>>()
        });
        of_tables.chain(of_views).chain(of_foreign).collect()
    }

    /// Puts an expression in place of another one: as the server prints it.
    pub fn settle(&mut self, doubt: &Doubt, printed: Expression) {
        if let DoubtPlace::Using(policy) | DoubtPlace::WithCheck(policy) = &doubt.place {
            let id = ObjectId::on_table(Kind::Policy, policy, &doubt.table);
            if let Some(Definition::Policy(policy)) = self.object_mut(&id).map(|object| &mut object.definition) {
                match doubt.place {
                    DoubtPlace::Using(_) => policy.using = Some(printed),
                    _ => policy.check = Some(printed),
                }
            }
            return;
        }
        if let DoubtPlace::Key(index, _) | DoubtPlace::Predicate(index) = &doubt.place {
            let Some(index) = self.indexes_mut(&doubt.table).and_then(|indexes| indexes.get_mut(index)) else { return };
            let place = match &doubt.place {
                DoubtPlace::Key(_, number) => index.keys.get_mut(*number).map(|key| &mut key.expression),
                _ => index.predicate.as_mut(),
            };
            if let Some(expression) = place {
                *expression = printed;
            }
            return;
        }
        let foreign = ObjectId::new(Kind::ForeignTable, doubt.table.clone());
        if let Some(Definition::ForeignTable(table)) = self.object_mut(&foreign).map(|object| &mut object.definition) {
            if let Some(expression) = table.expression_mut(&doubt.place) {
                *expression = printed;
            }
            return;
        }
        let Some(table) = self.table_mut(&doubt.table) else { return };
        let place = match &doubt.place {
            DoubtPlace::Using(_) | DoubtPlace::WithCheck(_) | DoubtPlace::Key(..) | DoubtPlace::Predicate(_) => None,
            DoubtPlace::Default(column) => table.column_mut(column).and_then(|column| column.default.as_mut()),
            DoubtPlace::Generated(column) => {
                let generated = table.column_mut(column).and_then(|column| column.generated.as_mut());
                generated.map(|generated| &mut generated.expression)
            }
            DoubtPlace::Check(name) => match table.constraints.get_mut(name).map(|constraint| &mut constraint.kind) {
                Some(ConstraintKind::Check(condition)) => Some(condition),
                Some(ConstraintKind::Exclusion(exclusion)) => exclusion.predicate.as_mut(),
                _ => None,
            },
        };
        if let Some(expression) = place {
            *expression = printed;
        }
    }
}

/// The questions about the expressions of one table, as commands of a transaction that is rolled back.
///
/// A temporary table with the columns of the table takes them, as a default or as a check that is not validated: then the
/// server only parses them, resolves what they name, and runs nothing that they call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Questions {
    /// Makes the table and gives it the expressions; under the search path of the statements of migrations.
    pub ask: Vec<String>,
    /// A query for the answers: of each the number and the text that the server prints; under the search path of a
    /// reading of the catalog.
    pub answers: String,
}

/// What to ask the server about expressions of one table. Their numbers are their places in the list.
pub fn questions(doubts: &[&Doubt]) -> Questions {
    let Some(first) = doubts.first() else { return Questions { ask: Vec::new(), answers: "SELECT".to_string() } };
    let scratch = QualifiedName::in_schema("pg_temp", first.table.name.clone());
    let create = Writer::new()
        .keyword("CREATE TEMPORARY TABLE")
        .name(&scratch)
        .parenthesized(|writer| writer.keyword("LIKE").name(&first.table));
    let mut ask = vec![create.finish()];
    let alter = || Writer::new().keyword("ALTER TABLE").name(&scratch);
    let check = |number: usize| alter().keyword("ADD CONSTRAINT").identifier(&format!("c{number}")).keyword("CHECK");
    let mut defaults = Vec::new();
    for (number, doubt) in doubts.iter().enumerate() {
        let writer = match &doubt.place {
            DoubtPlace::Default(column) => {
                defaults.push((number, column));
                let writer = alter().keyword("ALTER COLUMN").identifier(column).keyword("SET DEFAULT");
                writer.default_expression(&doubt.expression)
            }
            DoubtPlace::Check(_) | DoubtPlace::Predicate(_) => {
                check(number).enclosed_expression(&doubt.expression).keyword("NOT VALID")
            }
            // A policy may hold queries, which a check may not.
            DoubtPlace::Using(_) | DoubtPlace::WithCheck(_) => Writer::new()
                .keyword("CREATE POLICY")
                .identifier(&format!("c{number}"))
                .keyword("ON")
                .name(&scratch)
                .keyword("USING")
                .enclosed_expression(&doubt.expression),
            DoubtPlace::Key(..) | DoubtPlace::Generated(_) => check(number)
                .parenthesized(|writer| writer.enclosed_expression(&doubt.expression).keyword("IS NOT NULL"))
                .keyword("NOT VALID"),
        };
        ask.push(writer.finish());
    }
    let table = format!("{}::pg_catalog.regclass", quote_literal(&Writer::new().name(&scratch).finish()));
    let mut answers = format!(
        "SELECT pg_catalog.substr(conname::text, 2), pg_catalog.pg_get_expr(conbin, conrelid) \
         FROM pg_catalog.pg_constraint WHERE conrelid = {table} AND contype = 'c'"
    );
    if doubts.iter().any(|doubt| matches!(doubt.place, DoubtPlace::Using(_) | DoubtPlace::WithCheck(_))) {
        answers.push_str(&format!(
            " UNION ALL SELECT pg_catalog.substr(polname::text, 2), pg_catalog.pg_get_expr(polqual, polrelid) \
             FROM pg_catalog.pg_policy WHERE polrelid = {table}"
        ));
    }
    for (number, column) in defaults {
        answers.push_str(&format!(
            " UNION ALL SELECT '{number}', pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef AS d \
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum \
             WHERE d.adrelid = {table} AND a.attname = {}",
            quote_literal(column)
        ));
    }
    Questions { ask, answers }
}

impl Doubt {
    /// What the server has printed of it, taken out of the form in which it was asked; `None` where it is not in that form.
    pub fn answer(&self, printed: Expression) -> Option<Expression> {
        match (&self.place, printed.kind) {
            (DoubtPlace::Key(..) | DoubtPlace::Generated(_), ExpressionKind::Is { operand, .. }) => Some(*operand),
            (DoubtPlace::Key(..) | DoubtPlace::Generated(_), _) => None,
            (_, kind) => Some(kind.into()),
        }
    }
}

fn of_policies<'e>(table: &QualifiedName, expected: &'e Catalog, found: &Catalog) -> Vec<(DoubtPlace, &'e Expression)> {
    let mut doubts = Vec::new();
    for (id, object) in expected.objects.iter().filter(|(id, _)| id.table().as_ref() == Some(table)) {
        let (Definition::Policy(policy), Some(Definition::Policy(other))) =
            (&object.definition, found.object(id).map(|object| &object.definition))
        else {
            continue;
        };
        let name = || id.name.name.clone();
        for (place, one, two) in [
            (DoubtPlace::Using(name()), &policy.using, &other.using),
            (DoubtPlace::WithCheck(name()), &policy.check, &other.check),
        ] {
            if let (Some(one), Some(two)) = (one, two)
                && canonical(one) != canonical(two)
            {
                doubts.push((place, one));
            }
        }
    }
    doubts
}

fn of_tables<'e>(expected: &'e Table, found: &Table) -> Vec<(DoubtPlace, &'e Expression)> {
    let mut doubts = Vec::new();
    for (column, other) in expected.columns.iter().filter_map(|column| Some((column, found.column(&column.name)?))) {
        if let (Some(one), Some(two)) = (&column.default, &other.default)
            && !same_value(one, two, column, expected)
        {
            doubts.push((DoubtPlace::Default(column.name.clone()), one));
        }
        if let (Some(one), Some(two)) = (&column.generated, &other.generated)
            && !same_value(&one.expression, &two.expression, column, expected)
        {
            doubts.push((DoubtPlace::Generated(column.name.clone()), &one.expression));
        }
    }
    for (name, constraint) in &expected.constraints {
        let other = found.constraints.get(name).map(|constraint| &constraint.kind);
        if let (ConstraintKind::Check(one), Some(ConstraintKind::Check(two))) = (&constraint.kind, other)
            && !same_expression(one, two, expected)
        {
            doubts.push((DoubtPlace::Check(name.clone()), one));
        }
        if let (ConstraintKind::Exclusion(one), Some(ConstraintKind::Exclusion(two))) = (&constraint.kind, other)
            && let (Some(one), Some(two)) = (&one.predicate, &two.predicate)
            && !same_expression(one, two, expected)
        {
            doubts.push((DoubtPlace::Check(name.clone()), one));
        }
    }
    for (name, index, other) in
        expected.indexes.iter().filter_map(|(name, index)| Some((name, index, found.indexes.get(name)?)))
    {
        for (number, (one, two)) in index.keys.iter().zip(&other.keys).enumerate() {
            let (one, two) = (&one.expression, &two.expression);
            if !matches!(one.kind, ExpressionKind::Name(_)) && !same_expression(one, two, expected) {
                doubts.push((DoubtPlace::Key(name.clone(), number), one));
            }
        }
        if let (Some(one), Some(two)) = (&index.predicate, &other.predicate)
            && !same_expression(one, two, expected)
        {
            doubts.push((DoubtPlace::Predicate(name.clone()), one));
        }
    }
    doubts
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalog::{Column, Constraint};
    use crate::types::Type;

    fn catalog(check: &str, default: &str) -> Catalog {
        let column = Column { default: Some(default.parse().unwrap()), ..Column::new("a", Type::TEXT) };
        let mut table = Table { columns: vec![column], ..Table::default() };
        let kind = ConstraintKind::Check(check.parse().unwrap());
        table.constraints.insert("t_check".into(), Constraint::new(kind));
        let mut catalog = Catalog::default();
        catalog.tables.insert(QualifiedName::new("t"), Arc::new(table));
        catalog
    }

    #[test]
    fn only_what_stands_as_another_tree_is_asked() {
        let expected = catalog("f(a || 'x') > 1", "lower('A')");
        assert_eq!(expected.doubts(&catalog("(f((a || 'x'::text)) > 1)", "lower('A'::text)")), []);
        const PRINTED: &str = "(public.f(((a || 'x'::text))::character varying) > 1)";
        let live = catalog(PRINTED, "lower('A'::text)");
        let doubts = expected.doubts(&live);
        let Questions { ask, answers } = questions(&doubts.iter().collect::<Vec<_>>());
        assert_eq!(
            ask,
            [
                "CREATE TEMPORARY TABLE pg_temp.t (LIKE public.t)",
                "ALTER TABLE pg_temp.t ADD CONSTRAINT c0 CHECK (f(a || 'x') > 1) NOT VALID",
            ]
        );
        assert!(answers.contains("'pg_temp.t'::pg_catalog.regclass"), "{answers}");
        let mut settled = expected.clone();
        settled.settle(&doubts[0], doubts[0].answer(PRINTED.parse().unwrap()).unwrap());
        assert_eq!(settled.differences(&live), []);
    }

    #[test]
    fn a_key_is_asked_about_as_what_is_not_null() {
        let key = Doubt {
            table: QualifiedName::new("t"),
            place: DoubtPlace::Key("i".into(), 0),
            expression: "f(a)".parse().unwrap(),
        };
        assert_eq!(
            questions(&[&key]).ask[1],
            "ALTER TABLE pg_temp.t ADD CONSTRAINT c0 CHECK ((f(a)) IS NOT NULL) NOT VALID"
        );
        assert_eq!(key.answer("(public.f(a) IS NOT NULL)".parse().unwrap()), Some("public.f(a)".parse().unwrap()));
        assert_eq!(key.answer("public.f(a)".parse().unwrap()), None);
    }
}
