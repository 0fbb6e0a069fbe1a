//! Writing what stands behind `FROM`.

use crate::expression::{Expression, ExpressionKind, Level, Output};
use crate::query::{
    Alias, ColumnDefinition, FunctionSource, Join, JoinCondition, JoinKind, ObjectName, Source, SourceKind, TableSource,
};
use crate::types::Type;

impl Output<'_> {
    pub(crate) fn object_name(&mut self, name: &ObjectName) {
        for part in name.database.iter().chain(&name.schema) {
            self.name(part);
            self.push(".");
        }
        self.name(&name.name);
    }

    pub(super) fn data_type(&mut self, data_type: &Type) {
        data_type.write_sql(self.text);
    }

    pub(super) fn source(&mut self, source: &Source) {
        let lateral = |is_lateral: bool| if is_lateral { "LATERAL " } else { "" };
        match &source.kind {
            SourceKind::Table(table) => {
                self.table(table);
                self.alias(source.alias.as_ref());
                if let Some(sample) = &table.sample {
                    self.push(" TABLESAMPLE ");
                    self.object_name(&sample.method);
                    self.push("(");
                    self.separated(", ", Level::Or, &sample.arguments);
                    self.push(")");
                    if let Some(seed) = &sample.seed {
                        self.push(" REPEATABLE ");
                        self.parenthesized(seed);
                    }
                }
                return;
            }
            SourceKind::Query(query) => {
                self.push(lateral(query.is_lateral));
                self.enclosed_query(&query.query);
            }
            SourceKind::Function(function) => {
                self.push(lateral(function.is_lateral));
                return self.function_source(function, source.alias.as_ref());
            }
            SourceKind::Xml(table) => {
                self.push(lateral(table.is_lateral));
                self.xml_table(table);
            }
            SourceKind::Json(table) => {
                self.push(lateral(table.is_lateral));
                self.json_table(table);
            }
            SourceKind::Join(join) if source.alias.is_some() => {
                self.push("(");
                self.join(join);
                self.push(")");
            }
            SourceKind::Join(join) => return self.join(join),
        }
        self.alias(source.alias.as_ref());
    }

    pub(super) fn table(&mut self, table: &TableSource) {
        self.push(if table.is_only { "ONLY " } else { "" });
        self.object_name(&table.name);
    }

    fn alias(&mut self, alias: Option<&Alias>) {
        if let Some(alias) = alias {
            self.push(" AS ");
            self.name(&alias.name);
            if !alias.columns.is_empty() {
                self.names(&alias.columns);
            }
        }
    }

    fn function_source(&mut self, source: &FunctionSource, alias: Option<&Alias>) {
        if source.is_rows_from {
            self.push("ROWS FROM (");
        }
        self.list(&source.functions, |output, function| {
            output.function_call(&function.call);
            if !function.columns.is_empty() {
                output.push(" AS ");
                output.column_definitions(&function.columns);
            }
        });
        if source.is_rows_from {
            self.push(")");
        }
        self.push(if source.with_ordinality { " WITH ORDINALITY" } else { "" });
        self.alias(alias);
        if !source.columns.is_empty() {
            self.push(if alias.is_none() { " AS " } else { "" });
            self.column_definitions(&source.columns);
        }
    }

    /// Where the grammar takes what looks like a call.
    fn function_call(&mut self, call: &Expression) {
        match &call.kind {
            ExpressionKind::Cast { operand, target, .. } => {
                self.push("CAST(");
                self.expression(operand);
                self.push(" AS ");
                self.data_type(target);
                self.push(")");
            }
            _ => self.expression(call),
        }
    }

    fn column_definitions(&mut self, columns: &[ColumnDefinition]) {
        self.push("(");
        self.list(columns, |output, column| {
            output.name(&column.name);
            output.push(" ");
            output.data_type(&column.data_type);
            if !column.collation.is_empty() {
                output.push(" COLLATE ");
                output.dotted(&column.collation);
            }
        });
        self.push(")");
    }

    fn join(&mut self, join: &Join) {
        self.source(&join.left);
        let kind = match join.kind {
            JoinKind::Inner => "JOIN ",
            JoinKind::Left => "LEFT JOIN ",
            JoinKind::Right => "RIGHT JOIN ",
            JoinKind::Full => "FULL JOIN ",
        };
        match &join.condition {
            JoinCondition::Always => self.push(" CROSS JOIN "),
            JoinCondition::Natural => {
                self.push(" NATURAL ");
                self.push(kind);
            }
            _ => {
                self.push(" ");
                self.push(kind);
            }
        }
        // On the right side a join is in brackets of its own.
        if matches!(join.right.kind, SourceKind::Join(_)) && join.right.alias.is_none() {
            self.push("(");
            self.source(&join.right);
            self.push(")");
        } else {
            self.source(&join.right);
        }
        match &join.condition {
            JoinCondition::Always | JoinCondition::Natural => {}
            JoinCondition::On(condition) => self.keyword_argument(" ON ", Some(condition)),
            JoinCondition::Using { columns, alias } => {
                self.push(" USING ");
                self.names(columns);
                if let Some(alias) = alias {
                    self.push(" AS ");
                    self.name(alias);
                }
            }
        }
    }
}
