//! Walking over expressions: visiting, changing, and what follows from that.

use super::{Expression, ExpressionKind, Subscript};
use crate::query::{JsonFunction, Query};

impl Expression {
    /// Calls `see` for this expression and everything in it but sub-selects, parents first. [`Expression::walk`] goes
    /// into these too.
    pub fn visit<'e>(&'e self, see: &mut dyn FnMut(&'e Expression)) {
        see(self);
        self.for_each_child(&mut |child| child.visit(see));
    }

    /// Calls `change` for this expression and everything in it but sub-selects, children first.
    /// [`Expression::walk_mut`] goes into these too.
    pub fn visit_mut(&mut self, change: &mut dyn FnMut(&mut Expression)) {
        self.for_each_child_mut(&mut |child| child.visit_mut(change));
        change(self);
    }

    /// The expression with `change` applied to everything in it, children first.
    pub fn map(mut self, change: &mut dyn FnMut(Expression) -> Expression) -> Expression {
        self.visit_mut(&mut |part| {
            let taken = std::mem::replace(part, Expression::null());
            *part = change(taken);
        });
        self
    }

    /// The names that stand for columns, in the order of the text, with repetitions: `["total"]`,
    /// `["bookings", "total"]`. Names inside sub-selects are not among them.
    pub fn names(&self) -> Vec<&[String]> {
        let mut names = Vec::new();
        self.visit(&mut |part| {
            if let ExpressionKind::Name(parts) = &part.kind {
                names.push(parts.as_slice());
            }
        });
        names
    }

    /// The columns that the expression reads: the last part of each name, each once, in the order of the text.
    pub fn columns(&self) -> Vec<&str> {
        let mut columns: Vec<&str> = Vec::new();
        for parts in self.names() {
            if let Some(column) = parts.last()
                && !columns.contains(&column.as_str())
            {
                columns.push(column);
            }
        }
        columns
    }

    /// Whether the expression reads the column.
    pub fn reads(&self, column: &str) -> bool {
        let mut found = false;
        self.visit(&mut |part| {
            found |=
                matches!(&part.kind, ExpressionKind::Name(parts) if parts.last().is_some_and(|last| last == column));
        });
        found
    }

    /// Renames a column. In `a.b` only the last part is a column. Says whether it occurred.
    pub fn rename_column(&mut self, from: &str, to: &str) -> bool {
        let mut found = false;
        self.visit_mut(&mut |part| {
            if let ExpressionKind::Name(parts) = &mut part.kind
                && let Some(last) = parts.last_mut()
                && last == from
            {
                to.clone_into(last);
                found = true;
            }
        });
        found
    }

    /// Whether it stands for all columns of something: `*`, `users.*`, `(home).*`.
    pub fn is_star(&self) -> bool {
        matches!(self.kind, ExpressionKind::Star(_) | ExpressionKind::Fields(_))
    }

    /// The query that stands directly in it.
    pub fn query(&self) -> Option<&Query> {
        match &self.kind {
            ExpressionKind::Subquery(query) | ExpressionKind::Exists(query) | ExpressionKind::ArraySubquery(query) => {
                Some(query)
            }
            ExpressionKind::JsonFunction(function) => match &**function {
                JsonFunction::ArrayQuery { query, .. } => Some(query),
                _ => None,
            },
            _ => None,
        }
    }

    /// [`Expression::query`], to change it.
    pub fn query_mut(&mut self) -> Option<&mut Query> {
        match &mut self.kind {
            ExpressionKind::Subquery(query) | ExpressionKind::Exists(query) | ExpressionKind::ArraySubquery(query) => {
                Some(query)
            }
            ExpressionKind::JsonFunction(function) => match &mut **function {
                JsonFunction::ArrayQuery { query, .. } => Some(query),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether there is a sub-select in it.
    pub fn has_subquery(&self) -> bool {
        let mut found = false;
        self.visit(&mut |part| found |= part.query().is_some());
        found
    }
}

/// The two walks over the children of a node differ in `&` and `&mut` only.
macro_rules! children {
    ($name:ident, [$($mutable:tt)?], $iterate:ident, $as_deref:ident, $lifetime:lifetime, $expressions:ident) => {
        /// Calls `see` for each direct part, in the order of the text.
        pub fn $name<$lifetime>(&$lifetime $($mutable)? self, see: &mut dyn FnMut(&$lifetime $($mutable)? Expression)) {
            use ExpressionKind as Kind;
            match & $($mutable)? self.kind {
                Kind::Null
                | Kind::Boolean(_)
                | Kind::Number(_)
                | Kind::Text(_)
                | Kind::BitText { .. }
                | Kind::Json(_)
                | Kind::Parameter(_)
                | Kind::Name(_)
                | Kind::Star(_)
                | Kind::SessionValue { .. }
                | Kind::TypedText { .. }
                | Kind::ArraySubquery(_)
                | Kind::Subquery(_)
                | Kind::Exists(_)
                | Kind::Default
                | Kind::CurrentOf(_) => {}
                Kind::Call(call) => {
                    for argument in call.arguments.$iterate() {
                        see(& $($mutable)? argument.value);
                    }
                    for item in call.order_by.$iterate().chain(call.within_group.$iterate()) {
                        see(& $($mutable)? item.value);
                    }
                    if let Some(filter) = call.filter.$as_deref() {
                        see(filter);
                    }
                    if let Some(over) = call.over.$as_deref() {
                        over.$expressions(see);
                    }
                }
                Kind::Unary { operand, .. }
                | Kind::Not(operand)
                | Kind::Is { operand, .. }
                | Kind::Cast { operand, .. }
                | Kind::Collate { operand, .. }
                | Kind::Field { operand, .. }
                | Kind::Fields(operand)
                | Kind::Normalize { operand, .. }
                | Kind::Treat { operand, .. }
                | Kind::Extract { source: operand, .. } => see(operand),
                Kind::Binary { left, right, .. }
                | Kind::IsDistinct { left, right, .. }
                | Kind::Quantified { operand: left, array: right, .. }
                | Kind::AtTimeZone { operand: left, zone: right }
                | Kind::Position { needle: left, haystack: right } => {
                    see(left);
                    see(right);
                }
                Kind::JsonFunction(function) => function.$expressions(see),
                Kind::XmlFunction(function) => function.$expressions(see),
                Kind::And(items) | Kind::Or(items) | Kind::Array(items) | Kind::Row(items) => {
                    items.$iterate().for_each(see);
                }
                Kind::In { operand, items, .. } => {
                    see(operand);
                    items.$iterate().for_each(see);
                }
                Kind::Between { operand, low, high, .. } => {
                    see(operand);
                    see(low);
                    see(high);
                }
                Kind::Like { operand, pattern, escape, .. } => {
                    see(operand);
                    see(pattern);
                    escape.$as_deref().into_iter().for_each(see);
                }
                Kind::Case { operand, branches, otherwise } => {
                    operand.$as_deref().into_iter().for_each(&mut *see);
                    for branch in branches.$iterate() {
                        see(& $($mutable)? branch.condition);
                        see(& $($mutable)? branch.result);
                    }
                    otherwise.$as_deref().into_iter().for_each(see);
                }
                Kind::Subscript { operand, subscripts } => {
                    see(operand);
                    for subscript in subscripts.$iterate() {
                        match subscript {
                            Subscript::Index(index) => see(index),
                            Subscript::Slice(low, high) => low.$iterate().chain(high).for_each(&mut *see),
                        }
                    }
                }
                Kind::Substring { source, start, length } => {
                    see(source);
                    start.$as_deref().into_iter().chain(length.$as_deref()).for_each(see);
                }
                Kind::Overlay { source, replacement, start, length } => {
                    see(source);
                    see(replacement);
                    see(start);
                    length.$as_deref().into_iter().for_each(see);
                }
                Kind::Trim { characters, source, .. } => {
                    characters.$as_deref().into_iter().for_each(&mut *see);
                    see(source);
                }
            }
        }
    };
}

impl Expression {
    children!(for_each_child, [], iter, as_deref, 'e, for_each_expression);
    children!(for_each_child_mut, [mut], iter_mut, as_deref_mut, 'e, for_each_expression_mut);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Expression {
        text.parse().unwrap()
    }

    #[test]
    fn columns_are_found_everywhere_and_once() {
        let expression = parsed(
            "CASE WHEN a[b] > 0 THEN coalesce(c, t.d) ELSE trim(both e from f) END IN (g, a) AND h BETWEEN i AND j",
        );
        assert_eq!(expression.columns(), ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]);
        assert!(expression.reads("j") && !expression.reads("t"));
    }

    #[test]
    fn a_renamed_column_is_renamed_everywhere() {
        let mut expression = parsed("total > 0 AND bookings.total < f(total)");
        assert!(expression.rename_column("total", "amount"));
        assert_eq!(expression.sql(), "amount > 0 AND bookings.amount < f(amount)");
        assert!(!expression.rename_column("total", "amount"));
    }

    #[test]
    fn calls_and_types_are_found() {
        let expression = parsed("app.f(lower(a))::mood = any (x::mood[])");
        let names: Vec<_> = expression.functions().iter().map(|call| call.name.as_str()).collect();
        assert_eq!(names, ["f", "lower"]);
        assert_eq!(expression.types().len(), 2);
        assert!(parsed("a IN (select 1)").has_subquery());
    }
}
