//! Writing `WITH`.

use crate::expression::{Level, Output};
use crate::query::{CommonTable, With};

impl Output<'_> {
    pub(super) fn with(&mut self, with: Option<&With>) {
        if let Some(with) = with {
            self.push(if with.is_recursive { "WITH RECURSIVE " } else { "WITH " });
            self.list(&with.tables, Self::common_table);
            self.push(" ");
        }
    }

    fn common_table(&mut self, table: &CommonTable) {
        self.name(&table.name);
        if !table.columns.is_empty() {
            self.names(&table.columns);
        }
        self.push(match table.is_materialized {
            None => " AS (",
            Some(true) => " AS MATERIALIZED (",
            Some(false) => " AS NOT MATERIALIZED (",
        });
        self.statement(&table.statement);
        self.push(")");
        if let Some(search) = &table.search {
            self.push(if search.is_breadth_first { " SEARCH BREADTH FIRST BY " } else { " SEARCH DEPTH FIRST BY " });
            self.list(&search.columns, Self::name);
            self.push(" SET ");
            self.name(&search.sequence);
        }
        if let Some(cycle) = &table.cycle {
            self.push(" CYCLE ");
            self.list(&cycle.columns, Self::name);
            self.push(" SET ");
            self.name(&cycle.mark);
            if let Some(values) = &cycle.values {
                self.push(" TO ");
                self.within(Level::Cast, &values.0);
                self.push(" DEFAULT ");
                self.within(Level::Cast, &values.1);
            }
            self.push(" USING ");
            self.name(&cycle.path);
        }
    }
}
