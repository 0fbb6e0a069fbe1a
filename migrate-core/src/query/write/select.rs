//! Writing `SELECT`.

use crate::expression::{Expression, Level, Output};
use crate::query::{Distinct, GroupItem, Item, Select};

impl Output<'_> {
    pub(super) fn select(&mut self, select: &Select) {
        self.push("SELECT");
        match &select.distinct {
            Distinct::All => {}
            Distinct::Rows => self.push(" DISTINCT"),
            Distinct::On(items) => {
                self.push(" DISTINCT ON (");
                self.separated(", ", Level::Or, items);
                self.push(")");
            }
        }
        if !select.items.is_empty() {
            self.push(" ");
            self.items(&select.items);
        }
        if !select.from.is_empty() {
            self.push(" FROM ");
            self.list(&select.from, Self::source);
        }
        self.filter(select.filter.as_ref());
        if let Some(group_by) = &select.group_by {
            self.push(if group_by.is_distinct { " GROUP BY DISTINCT " } else { " GROUP BY " });
            self.list(&group_by.items, Self::group_item);
        }
        self.keyword_argument(" HAVING ", select.having.as_ref());
        if !select.windows.is_empty() {
            self.push(" WINDOW ");
            self.list(&select.windows, |output, window| {
                output.name(&window.name);
                output.push(" AS ");
                output.window(&window.window);
            });
        }
    }

    /// What comes out.
    pub(super) fn items(&mut self, items: &[Item]) {
        self.list(items, |output, item| {
            output.expression(&item.value);
            if let Some(alias) = &item.alias {
                output.push(" AS ");
                output.name(alias);
            }
        });
    }

    pub(super) fn filter(&mut self, filter: Option<&Expression>) {
        self.keyword_argument(" WHERE ", filter);
    }

    fn group_item(&mut self, item: &GroupItem) {
        let (word, items) = match item {
            GroupItem::Expression(expression) => return self.expression(expression),
            GroupItem::List(items) => {
                self.push("(");
                self.separated(", ", Level::Or, items);
                return self.push(")");
            }
            GroupItem::Rollup(items) => ("ROLLUP (", items),
            GroupItem::Cube(items) => ("CUBE (", items),
            GroupItem::Sets(items) => ("GROUPING SETS (", items),
        };
        self.push(word);
        self.list(items, Self::group_item);
        self.push(")");
    }
}
