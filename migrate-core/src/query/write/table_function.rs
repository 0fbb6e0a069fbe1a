//! Writing `XMLTABLE` and `JSON_TABLE`.

use crate::expression::{Expression, Level, Output};
use crate::query::{JsonTable, JsonTableColumn, Name, XmlTable, XmlTableColumnKind};

impl Output<'_> {
    pub(super) fn xml_table(&mut self, table: &XmlTable) {
        self.push("XMLTABLE(");
        if !table.namespaces.is_empty() {
            self.push("XMLNAMESPACES(");
            self.list(&table.namespaces, |output, namespace| {
                output.push(if namespace.name.is_none() { "DEFAULT " } else { "" });
                output.within(Level::Sign, &namespace.address);
                output.path_name(namespace.name.as_ref());
            });
            self.push("), ");
        }
        self.xml_operand(&table.row);
        self.push(" PASSING ");
        self.xml_operand(&table.document);
        self.push(" COLUMNS ");
        self.list(&table.columns, |output, column| {
            output.name(&column.name);
            match &column.kind {
                XmlTableColumnKind::Ordinality => output.push(" FOR ORDINALITY"),
                XmlTableColumnKind::Value { data_type, path, default, is_not_null } => {
                    output.push(" ");
                    output.data_type(data_type);
                    for (word, value) in [(" PATH ", path), (" DEFAULT ", default)] {
                        if let Some(value) = value {
                            output.push(word);
                            output.within(Level::Sign, value);
                        }
                    }
                    output.push(if *is_not_null { " NOT NULL" } else { "" });
                }
            }
        });
        self.push(")");
    }

    /// ` AS p`, if there is a name.
    fn path_name(&mut self, name: Option<&Name>) {
        if let Some(name) = name {
            self.push(" AS ");
            self.name(name);
        }
    }

    pub(super) fn json_table(&mut self, table: &JsonTable) {
        self.push("JSON_TABLE(");
        self.json_value(&table.document);
        self.push(", ");
        self.expression(&table.path);
        self.path_name(table.name.as_ref());
        self.json_passing(&table.passing);
        self.json_table_columns(&table.columns);
        self.json_behaviors(None, table.on_error.as_ref());
        self.push(")");
    }

    fn json_table_columns(&mut self, columns: &[JsonTableColumn]) {
        self.push(" COLUMNS (");
        self.list(columns, Self::json_table_column);
        self.push(")");
    }

    fn json_table_column(&mut self, column: &JsonTableColumn) {
        let column_path = |output: &mut Self, path: &Option<Expression>| {
            output.keyword_argument(" PATH ", path.as_ref());
        };
        match column {
            JsonTableColumn::Ordinality(name) => {
                self.name(name);
                self.push(" FOR ORDINALITY");
            }
            JsonTableColumn::Value { name, data_type, format, path, wrapper, quotes, on_empty, on_error } => {
                self.name(name);
                self.push(" ");
                self.data_type(data_type);
                self.json_format(format.as_ref());
                column_path(self, path);
                self.json_wrapper(*wrapper);
                self.json_quotes(*quotes);
                self.json_behaviors(on_empty.as_ref(), on_error.as_ref());
            }
            JsonTableColumn::Exists { name, data_type, path, on_error } => {
                self.name(name);
                self.push(" ");
                self.data_type(data_type);
                self.push(" EXISTS");
                column_path(self, path);
                self.json_behaviors(None, on_error.as_ref());
            }
            JsonTableColumn::Nested { path, name, columns } => {
                self.keyword_argument("NESTED PATH ", Some(path));
                self.path_name(name.as_ref());
                self.json_table_columns(columns);
            }
        }
    }
}
