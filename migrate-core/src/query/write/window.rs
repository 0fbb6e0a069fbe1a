//! Writing orders and windows.

use crate::expression::{Expression, Output};
use crate::query::{Direction, Exclusion, FrameBound, FrameUnit, Nulls, OrderItem, Over, Window};

impl Output<'_> {
    /// ` ORDER BY ...`, unless there is nothing to order by.
    pub(crate) fn order_by(&mut self, items: &[OrderItem]) {
        if !items.is_empty() {
            self.push(" ORDER BY ");
            self.list(items, Self::order_item);
        }
    }

    pub(crate) fn order_item(&mut self, item: &OrderItem) {
        self.expression(&item.value);
        match &item.direction {
            Direction::Ascending => {}
            Direction::Descending => self.push(" DESC"),
            Direction::Using(operator) => {
                self.push(" USING ");
                self.operator(operator);
            }
        }
        self.push(match item.nulls {
            None => "",
            Some(Nulls::First) => " NULLS FIRST",
            Some(Nulls::Last) => " NULLS LAST",
        });
    }

    pub(crate) fn aggregate_filter(&mut self, filter: Option<&Expression>) {
        if let Some(filter) = filter {
            self.push(" FILTER (WHERE ");
            self.expression(filter);
            self.push(")");
        }
    }

    pub(crate) fn over(&mut self, over: Option<&Over>) {
        match over {
            None => {}
            Some(Over::Named(name)) => {
                self.push(" OVER ");
                self.name(name);
            }
            Some(Over::Defined(window)) => {
                self.push(" OVER ");
                self.window(window);
            }
        }
    }

    pub(super) fn window(&mut self, window: &Window) {
        self.push("(");
        let before = self.text.len();
        if let Some(base) = &window.base {
            self.name(base);
        }
        if !window.partition_by.is_empty() {
            self.push(" PARTITION BY ");
            self.list(&window.partition_by, |output, item| output.expression(item));
        }
        self.order_by(&window.order_by);
        if let Some(frame) = &window.frame {
            self.push(match frame.unit {
                FrameUnit::Range => " RANGE ",
                FrameUnit::Rows => " ROWS ",
                FrameUnit::Groups => " GROUPS ",
            });
            match &frame.end {
                None => self.bound(&frame.start),
                Some(end) => {
                    self.push("BETWEEN ");
                    self.bound(&frame.start);
                    self.push(" AND ");
                    self.bound(end);
                }
            }
            self.push(match frame.exclusion {
                None => "",
                Some(Exclusion::CurrentRow) => " EXCLUDE CURRENT ROW",
                Some(Exclusion::Group) => " EXCLUDE GROUP",
                Some(Exclusion::Ties) => " EXCLUDE TIES",
                Some(Exclusion::NoOthers) => " EXCLUDE NO OTHERS",
            });
        }
        if self.text[before..].starts_with(' ') {
            self.text.remove(before);
        }
        self.push(")");
    }

    fn bound(&mut self, bound: &FrameBound) {
        match bound {
            FrameBound::UnboundedPreceding => self.push("UNBOUNDED PRECEDING"),
            FrameBound::Preceding(distance) => {
                self.expression(distance);
                self.push(" PRECEDING");
            }
            FrameBound::CurrentRow => self.push("CURRENT ROW"),
            FrameBound::Following(distance) => {
                self.expression(distance);
                self.push(" FOLLOWING");
            }
            FrameBound::UnboundedFollowing => self.push("UNBOUNDED FOLLOWING"),
        }
    }
}
