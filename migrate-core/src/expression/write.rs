//! Writing expressions as SQL text, with the fewest parentheses that keep the meaning.

use super::operator::Level;
use super::{
    Call, Expression, ExpressionKind, IsTest, JsonShape, LikeForm, NormalForm, Operator, Quantifier, Subscript,
    TrimSide,
};
use crate::sql::writer::{quote_function_name, quote_identifier, quote_literal};
use crate::types::Type;

/// The SQL text of an expression.
pub fn write(expression: &Expression) -> String {
    let mut text = String::new();
    write_into(&mut text, expression);
    text
}

/// [`write`] at the end of a text.
pub(crate) fn write_into(text: &mut String, expression: &Expression) {
    Output { text }.expression(expression);
}

impl Expression {
    /// Whether it may stand after `DEFAULT` without parentheses.
    pub fn is_operand(&self) -> bool {
        level(&self.kind) >= Level::Sign
    }

    /// Whether it may be an element of an index without parentheses: a column or a call.
    pub fn is_index_element(&self) -> bool {
        match &self.kind {
            ExpressionKind::Name(parts) => parts.len() == 1,
            ExpressionKind::Call(call) => {
                call.filter.is_none() && !call.is_distinct && call.over.is_none() && call.within_group.is_empty()
            }
            _ => false,
        }
    }
}

/// How tightly the outermost part of an expression binds.
fn level(kind: &ExpressionKind) -> Level {
    match kind {
        ExpressionKind::Or(_) => Level::Or,
        ExpressionKind::And(_) => Level::And,
        ExpressionKind::Not(_) => Level::Not,
        ExpressionKind::Is { .. } | ExpressionKind::IsDistinct { .. } => Level::Is,
        ExpressionKind::In { .. } | ExpressionKind::Between { .. } | ExpressionKind::Like { .. } => Level::Membership,
        ExpressionKind::Binary { operator, .. } | ExpressionKind::Quantified { operator, .. } => operator.level(),
        ExpressionKind::Unary { operator, .. } => operator.prefix_level(),
        ExpressionKind::AtTimeZone { .. } => Level::AtTimeZone,
        ExpressionKind::Collate { .. } => Level::Collate,
        ExpressionKind::Cast { .. } => Level::Cast,
        _ => Level::Operand,
    }
}

/// What all rules share that write.
pub(crate) struct Output<'t> {
    pub(crate) text: &'t mut String,
}

impl Output<'_> {
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes an expression where only what binds at least as tightly as `minimum` may stand bare.
    pub(crate) fn within(&mut self, minimum: Level, expression: &Expression) {
        if level(&expression.kind) < minimum {
            self.parenthesized(expression);
        } else {
            self.expression(expression);
        }
    }

    pub(crate) fn parenthesized(&mut self, expression: &Expression) {
        self.push("(");
        self.expression(expression);
        self.push(")");
    }

    pub(crate) fn separated(&mut self, separator: &str, minimum: Level, items: &[Expression]) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(separator);
            }
            self.within(minimum, item);
        }
    }

    pub(crate) fn dotted(&mut self, parts: &[String]) {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.push(".");
            }
            self.push(&quote_identifier(part));
        }
    }

    pub(crate) fn operator(&mut self, operator: &Operator) {
        match &operator.schema {
            Some(schema) => {
                self.push("OPERATOR(");
                self.push(&quote_identifier(schema));
                self.push(".");
                self.push(&operator.symbol);
                self.push(")");
            }
            None => self.push(&operator.symbol),
        }
    }

    /// What `write` writes for each, with commas between.
    pub(crate) fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            write(self, item);
        }
    }

    pub(crate) fn keyword_argument(&mut self, keyword: &str, argument: Option<&Expression>) {
        if let Some(argument) = argument {
            self.push(keyword);
            self.expression(argument);
        }
    }

    pub(crate) fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Null => self.push("NULL"),
            ExpressionKind::Boolean(value) => self.push(if *value { "TRUE" } else { "FALSE" }),
            ExpressionKind::Number(number) => self.push(number),
            ExpressionKind::Text(text) => self.push(&quote_literal(text)),
            ExpressionKind::BitText { is_hexadecimal, digits } => {
                self.push(if *is_hexadecimal { "X" } else { "B" });
                self.push(&quote_literal(digits));
            }
            ExpressionKind::Json(value) => self.push(&quote_literal(&value.to_string())),
            ExpressionKind::Parameter(number) => self.push(&format!("${number}")),
            ExpressionKind::Name(parts) => self.dotted(parts),
            ExpressionKind::Star(parts) => {
                self.dotted(parts);
                self.push(if parts.is_empty() { "*" } else { ".*" });
            }
            ExpressionKind::SessionValue { value, precision } => {
                self.push(value.sql());
                if let Some(precision) = precision {
                    self.push(&format!("({precision})"));
                }
            }
            ExpressionKind::Call(call) => self.call(call),
            ExpressionKind::Unary { operator, operand } => {
                self.operator(operator);
                // Two operators would run into one; after a sign, a second one is in parentheses.
                if !operator.is("-") {
                    self.push(" ");
                }
                self.within(operator.prefix_level().next(), operand);
            }
            ExpressionKind::Binary { operator, left, right } => {
                let level = operator.level();
                let left_level = if level == Level::Comparison { level.next() } else { level };
                self.within(left_level, left);
                self.push(" ");
                self.operator(operator);
                self.push(" ");
                self.within(level.next(), right);
            }
            ExpressionKind::And(items) => self.separated(" AND ", Level::Not, items),
            ExpressionKind::Or(items) => self.separated(" OR ", Level::And, items),
            ExpressionKind::Not(operand) => {
                self.push("NOT ");
                self.within(Level::Not, operand);
            }
            ExpressionKind::Is { operand, test, is_negated } => {
                self.within(Level::Comparison, operand);
                self.push(if *is_negated { " IS NOT " } else { " IS " });
                self.push(&is_test(*test));
            }
            ExpressionKind::IsDistinct { left, right, is_negated, .. } => {
                self.within(Level::Comparison, left);
                self.push(if *is_negated { " IS NOT DISTINCT FROM " } else { " IS DISTINCT FROM " });
                self.within(Level::Comparison, right);
            }
            ExpressionKind::In { operand, items, is_negated } => {
                self.within(Level::Other, operand);
                self.push(if *is_negated { " NOT IN " } else { " IN " });
                match items.as_slice() {
                    [Expression { kind: ExpressionKind::Subquery(query), .. }] => self.enclosed_query(query),
                    items => {
                        self.push("(");
                        self.separated(", ", Level::Or, items);
                        self.push(")");
                    }
                }
            }
            ExpressionKind::Between { operand, low, high, is_symmetric, is_negated } => {
                self.within(Level::Other, operand);
                self.push(if *is_negated { " NOT BETWEEN " } else { " BETWEEN " });
                self.push(if *is_symmetric { "SYMMETRIC " } else { "" });
                // The lower end is a `b_expr` of the grammar: no AT TIME ZONE, no COLLATE at any place.
                self.within(Level::Sign, low);
                self.push(" AND ");
                self.within(Level::Other, high);
            }
            ExpressionKind::Like { form, operand, pattern, escape, is_negated, .. } => {
                self.within(Level::Other, operand);
                self.push(if *is_negated { " NOT" } else { "" });
                self.push(match form {
                    LikeForm::Like => " LIKE ",
                    LikeForm::ILike => " ILIKE ",
                    LikeForm::SimilarTo => " SIMILAR TO ",
                });
                self.within(Level::Other, pattern);
                if let Some(escape) = escape {
                    self.push(" ESCAPE ");
                    self.within(Level::Other, escape);
                }
            }
            ExpressionKind::Quantified { operand, operator, quantifier, array } => {
                let level = operator.level();
                self.within(if level == Level::Comparison { level.next() } else { level }, operand);
                self.push(" ");
                self.operator(operator);
                self.push(match quantifier {
                    Quantifier::Any => " ANY ",
                    Quantifier::All => " ALL ",
                });
                match &array.kind {
                    ExpressionKind::Subquery(query) => self.enclosed_query(query),
                    _ => self.parenthesized(array),
                }
            }
            ExpressionKind::Cast { operand, target, .. } => {
                self.within(Level::Cast, operand);
                self.push("::");
                target.write_sql(self.text);
            }
            // The fields of an interval stand behind the text.
            ExpressionKind::TypedText { target: Type::Interval { fields: Some(fields), precision }, text } => {
                self.push("interval ");
                self.push(&quote_literal(text));
                for word in fields.words() {
                    self.push(" ");
                    self.push(word);
                }
                if let Some(precision) = precision {
                    self.push(&format!("({precision})"));
                }
            }
            ExpressionKind::TypedText { target, text } => {
                target.write_sql(self.text);
                self.push(" ");
                self.push(&quote_literal(text));
            }
            ExpressionKind::Array(items) => {
                self.push("ARRAY[");
                self.separated(", ", Level::Or, items);
                self.push("]");
            }
            ExpressionKind::ArraySubquery(query) => {
                self.push("ARRAY");
                self.enclosed_query(query);
            }
            ExpressionKind::Row(items) => {
                self.push("ROW(");
                self.separated(", ", Level::Or, items);
                self.push(")");
            }
            ExpressionKind::Case { operand, branches, otherwise } => {
                self.push("CASE");
                self.keyword_argument(" ", operand.as_deref());
                for branch in branches {
                    self.keyword_argument(" WHEN ", Some(&branch.condition));
                    self.keyword_argument(" THEN ", Some(&branch.result));
                }
                self.keyword_argument(" ELSE ", otherwise.as_deref());
                self.push(" END");
            }
            ExpressionKind::AtTimeZone { operand, zone } => {
                self.within(Level::AtTimeZone, operand);
                self.push(" AT TIME ZONE ");
                self.within(Level::AtTimeZone.next(), zone);
            }
            ExpressionKind::Collate { operand, collation } => {
                self.within(Level::Collate, operand);
                self.push(" COLLATE ");
                self.dotted(collation);
            }
            ExpressionKind::Subscript { operand, subscripts } => {
                match operand.kind {
                    ExpressionKind::Name(_) | ExpressionKind::Parameter(_) => self.expression(operand),
                    _ => self.parenthesized(operand),
                }
                for subscript in subscripts {
                    self.subscript(subscript);
                }
            }
            ExpressionKind::Field { operand, field } => {
                self.parenthesized(operand);
                self.push(".");
                self.push(&quote_identifier(field));
            }
            ExpressionKind::Subquery(query) => self.enclosed_query(query),
            ExpressionKind::Exists(query) => {
                self.push("EXISTS ");
                self.enclosed_query(query);
            }
            ExpressionKind::Fields(operand) => {
                self.parenthesized(operand);
                self.push(".*");
            }
            ExpressionKind::Extract { field, source } => {
                self.push("EXTRACT(");
                self.push(&quote_identifier(field));
                self.keyword_argument(" FROM ", Some(source));
                self.push(")");
            }
            ExpressionKind::Position { needle, haystack } => {
                self.push("POSITION(");
                self.within(Level::Sign, needle);
                self.keyword_argument(" IN ", Some(haystack));
                self.push(")");
            }
            ExpressionKind::Substring { source, start, length } => {
                self.push("SUBSTRING(");
                self.expression(source);
                self.keyword_argument(" FROM ", start.as_deref());
                self.keyword_argument(" FOR ", length.as_deref());
                self.push(")");
            }
            ExpressionKind::Overlay { source, replacement, start, length } => {
                self.push("OVERLAY(");
                self.expression(source);
                self.keyword_argument(" PLACING ", Some(replacement));
                self.keyword_argument(" FROM ", Some(start));
                self.keyword_argument(" FOR ", length.as_deref());
                self.push(")");
            }
            ExpressionKind::Trim { side, characters, source } => {
                self.push(match side {
                    TrimSide::Both => "TRIM(BOTH",
                    TrimSide::Leading => "TRIM(LEADING",
                    TrimSide::Trailing => "TRIM(TRAILING",
                });
                self.keyword_argument(" ", characters.as_deref());
                self.keyword_argument(" FROM ", Some(source));
                self.push(")");
            }
            ExpressionKind::Normalize { operand, form } => {
                self.push("NORMALIZE(");
                self.expression(operand);
                self.push(", ");
                self.push(normal_form(*form));
                self.push(")");
            }
            ExpressionKind::Treat { operand, target } => {
                self.push("TREAT(");
                self.expression(operand);
                self.push(" AS ");
                target.write_sql(self.text);
                self.push(")");
            }
            ExpressionKind::JsonFunction(function) => self.json_function(function),
            ExpressionKind::XmlFunction(function) => self.xml_function(function),
            ExpressionKind::Default => self.push("DEFAULT"),
            ExpressionKind::CurrentOf(cursor) => {
                self.push("CURRENT OF ");
                self.push(&quote_identifier(cursor));
            }
        }
    }

    fn call(&mut self, call: &Call) {
        if let Some([start, end, other_start, other_end]) = overlapping(call) {
            self.push("((");
            self.list(&[start, end], |output, part| output.expression(part));
            self.push(") OVERLAPS (");
            self.list(&[other_start, other_end], |output, part| output.expression(part));
            return self.push("))");
        }
        if let Some(schema) = &call.schema {
            self.push(&quote_identifier(schema));
            self.push(".");
        }
        match call.name.as_str() {
            "coalesce" if call.schema.is_none() => self.push("COALESCE"),
            "nullif" if call.schema.is_none() => self.push("NULLIF"),
            "greatest" if call.schema.is_none() => self.push("GREATEST"),
            "least" if call.schema.is_none() => self.push("LEAST"),
            name => self.push(&quote_function_name(name)),
        }
        self.push(if call.is_distinct { "(DISTINCT " } else { "(" });
        for (index, argument) in call.arguments.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            if call.is_variadic && index + 1 == call.arguments.len() {
                self.push("VARIADIC ");
            }
            if let Some(name) = &argument.name {
                self.push(&quote_identifier(name));
                self.push(" => ");
            }
            self.expression(&argument.value);
        }
        self.order_by(&call.order_by);
        self.push(")");
        if !call.within_group.is_empty() {
            self.push(" WITHIN GROUP (ORDER BY ");
            self.list(&call.within_group, Self::order_item);
            self.push(")");
        }
        self.aggregate_filter(call.filter.as_deref());
        self.over(call.over.as_deref());
    }

    pub(crate) fn subscript(&mut self, subscript: &Subscript) {
        self.push("[");
        match subscript {
            Subscript::Index(index) => self.expression(index),
            Subscript::Slice(low, high) => {
                if let Some(low) = low {
                    self.expression(low);
                }
                self.push(":");
                if let Some(high) = high {
                    self.expression(high);
                }
            }
        }
        self.push("]");
    }
}

/// The ends of the two spans that are compared, where it is `OVERLAPS`.
fn overlapping(call: &Call) -> Option<[&Expression; 4]> {
    let is_plain = call.schema.is_none()
        && call.name == "overlaps"
        && !call.is_variadic
        && call.arguments.iter().all(|argument| argument.name.is_none());
    let [one, two, three, four] = call.arguments.as_slice() else { return None };
    is_plain.then_some([&one.value, &two.value, &three.value, &four.value])
}

fn is_test(test: IsTest) -> String {
    match test {
        IsTest::Null => "NULL".into(),
        IsTest::True => "TRUE".into(),
        IsTest::False => "FALSE".into(),
        IsTest::Unknown => "UNKNOWN".into(),
        IsTest::Document => "DOCUMENT".into(),
        IsTest::Normalized(None) => "NORMALIZED".into(),
        IsTest::Normalized(Some(form)) => format!("{} NORMALIZED", normal_form(form)),
        IsTest::Json { shape, is_unique } => {
            let shape = match shape {
                JsonShape::Value => "JSON",
                JsonShape::Scalar => "JSON SCALAR",
                JsonShape::Array => "JSON ARRAY",
                JsonShape::Object => "JSON OBJECT",
            };
            format!("{shape}{}", if is_unique { " WITH UNIQUE KEYS" } else { "" })
        }
    }
}

fn normal_form(form: NormalForm) -> &'static str {
    match form {
        NormalForm::Nfc => "NFC",
        NormalForm::Nfd => "NFD",
        NormalForm::Nfkc => "NFKC",
        NormalForm::Nfkd => "NFKD",
    }
}

#[cfg(test)]
mod tests {
    use super::super::deparsed_samples::SAMPLES;
    use super::*;
    use crate::sql::Writer;

    fn parsed(text: &str) -> Expression {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn what_is_written_reads_back_as_the_same_tree() {
        for text in SAMPLES.iter().flat_map(|(written, deparsed)| [written, deparsed]) {
            let expression = parsed(text);
            let again = write(&expression);
            assert_eq!(parsed(&again), expression, "{text}\n{again}");
            assert_eq!(write(&parsed(&again)), again);
        }
    }

    #[test]
    fn parentheses_are_written_only_where_they_matter() {
        for (text, expected) in [
            ("((a + b)) * c", "(a + b) * c"),
            ("a + (b * c)", "a + b * c"),
            ("a - (b - c)", "a - (b - c)"),
            ("(a - b) - c", "a - b - c"),
            ("(a = b) = c", "(a = b) = c"),
            ("(a AND b) OR c", "a AND b OR c"),
            ("a AND (b OR c)", "a AND (b OR c)"),
            ("NOT (a AND b)", "NOT (a AND b)"),
            ("(NOT a) AND b", "NOT a AND b"),
            ("(NOT a) = b", "(NOT a) = b"),
            ("- (- a)", "-(-a)"),
            ("(-1)::int", "(-1)::integer"),
            ("-1::int", "-1::integer"),
            ("(a || b)::text", "(a || b)::text"),
            ("(a).b.c", "((a).b).c"),
            ("(f(a))[1]", "(f(a))[1]"),
            ("a BETWEEN (b + 1) AND (c + 1)", "a BETWEEN (b + 1) AND c + 1"),
            ("(a IN (1)) IS NULL", "a IN (1) IS NULL"),
            ("(a IS NULL) = (b IS NULL)", "(a IS NULL) = (b IS NULL)"),
            ("a COLLATE \"C\" || b", "a COLLATE \"C\" || b"),
            ("(a || b) COLLATE \"C\"", "(a || b) COLLATE \"C\""),
            ("a ->> 'b' = 'c'", "a ->> 'b' = 'c'"),
            ("~ (a & b)", "~ (a & b)"),
            ("(~ a) & b", "~ a & b"),
        ] {
            assert_eq!(write(&parsed(text)), expected);
        }
    }

    #[test]
    fn names_are_quoted_and_functions_are_not_when_they_need_not_be() {
        for (text, expected) in [
            ("\"userId\" > t.\"order\"", "\"userId\" > t.\"order\""),
            ("left(a, 1)", "left(a, 1)"),
            ("\"position\"(a, b)", "\"position\"(a, b)"),
            ("Coalesce(a, b)", "COALESCE(a, b)"),
            ("f(x => 1, y := 2)", "f(x => 1, y => 2)"),
            ("count(distinct a) filter (where b)", "count(DISTINCT a) FILTER (WHERE b)"),
            ("count(*)", "count(*)"),
            ("interval '1' day", "interval '1' day"),
            ("\"user\"", "\"user\""),
            ("exists (select 1 from t where a = 1)", "EXISTS (SELECT 1 FROM t WHERE a = 1)"),
        ] {
            assert_eq!(write(&parsed(text)), expected);
        }
    }

    #[test]
    fn a_default_and_an_index_element_get_parentheses_when_they_need_them() {
        let written = |text: &str| {
            let expression = parsed(text);
            (Writer::new().default_expression(&expression).finish(), Writer::new().index_element(&expression).finish())
        };
        assert_eq!(written("now()"), ("now()".into(), "now()".into()));
        assert_eq!(written("-1"), ("-1".into(), "(-1)".into()));
        assert_eq!(written("a + 1"), ("(a + 1)".into(), "(a + 1)".into()));
        assert_eq!(written("now() AT TIME ZONE 'utc'").0, "(now() AT TIME ZONE 'utc')");
        assert_eq!(written("a").1, "a");
        assert_eq!(written("a::text"), ("a::text".into(), "(a::text)".into()));
        assert_eq!(written("coalesce(a, b)").1, "COALESCE(a, b)");
    }

    #[test]
    fn serde_goes_through_the_sql_text() {
        let expression = parsed("status <> 'cancelled' AND total > 0");
        let json = crate::json::to_json(&expression);
        assert_eq!(json, "\"status <> 'cancelled' AND total > 0\"");
        assert_eq!(serde_json::from_str::<Expression>(&json).unwrap(), expression);
        assert!(serde_json::from_str::<Expression>("\"a +\"").is_err());
    }
}
