//! `WITH`.

use migrate_core::query::{CommonTable, Part, Statement, With};
use migrate_core::sorted::SortedSet;
use migrate_core::types::{BuiltIn, Type};

use super::{Common, Output, QueryCheck, Scope, counted};
use crate::diagnostic::{Diagnostic, choices, code};

impl QueryCheck<'_, '_> {
    /// `WITH`: each table sees those before it; with `RECURSIVE` itself as well, and those behind it.
    pub(super) fn with(&mut self, with: &mut With, outer: Option<&Scope<'_>>) {
        let mut names: SortedSet<String> = SortedSet::new();
        // Of two of the same name the first one counts.
        let mut left: Vec<&mut CommonTable> = Vec::new();
        for table in &mut with.tables {
            if names.insert(table.name.value.clone()) {
                left.push(table);
                continue;
            }
            let message = format!("`with` has more than one table `{}`", table.name.value);
            let mistake = Diagnostic::new(code::INVALID_QUERY, message, table.name.at);
            self.fail(mistake.help("choose another name"));
        }
        if !with.is_recursive {
            for table in left {
                self.common_table(table, false, outer);
            }
            return;
        }
        while !left.is_empty() {
            let waiting: SortedSet<String> = left.iter().map(|table| table.name.value.clone()).collect();
            let is_ready = |table: &CommonTable| {
                let named = tables_named(&table.statement);
                named.iter().all(|name| *name == table.name.value || !waiting.contains(name))
            };
            let Some(next) = left.iter().position(|table| is_ready(table)) else {
                let at = left.first().map_or_else(Default::default, |table| table.name.at);
                let message = "tables of `with recursive` cannot refer to each other in a circle";
                self.fail(Diagnostic::new(code::INVALID_QUERY, message, at));
                return;
            };
            let table = left.remove(next);
            self.common_table(table, true, outer);
        }
    }

    fn common_table(&mut self, table: &mut CommonTable, is_recursive: bool, outer: Option<&Scope<'_>>) {
        let name = table.name.value.clone();
        let names_itself = is_recursive && tables_named(&table.statement).contains(&name);
        if names_itself {
            if !self.recursive_form(table) {
                self.common.insert(name, Common { is_open: true, ..Common::default() });
                return;
            }
            self.announce(table, outer);
        }
        let (known, is_open) = (self.checker.mistakes.len(), std::mem::take(&mut self.is_open));
        let mut outputs = self.statement(&mut table.statement, outer);
        let is_whole = !self.is_open && self.checker.mistakes.len() == known;
        self.is_open |= is_open;
        if table.columns.len() > outputs.len() {
            let (found, named) = (outputs.len(), table.columns.len());
            self.fail(Diagnostic::new(
                code::INVALID_QUERY,
                format!("`{name}` has {}, but {named} column names are given", counted(found, "column")),
                table.columns.get(found).map_or(table.name.at, |extra| extra.at),
            ));
        }
        for (output, name) in outputs.iter_mut().zip(&table.columns) {
            output.name.clone_from(&name.value);
        }
        if names_itself && is_whole {
            self.same_types(table, &outputs);
        }
        let of_search = table.search.iter().flat_map(|search| &search.columns);
        let of_cycle = table.cycle.iter().flat_map(|cycle| &cycle.columns);
        for column in of_search.chain(of_cycle) {
            if is_whole && !outputs.iter().any(|output| output.name == column.value) {
                let message = format!("cannot find column `{}` in `{name}`", column.value);
                let known = outputs.iter().map(|output| output.name.as_str());
                let help = choices(&column.value, known, "columns");
                self.fail(Diagnostic::new(code::UNKNOWN_COLUMN, message, column.at).maybe_help(help));
            }
        }
        let mut own: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
        let of_search = table.search.iter().map(|search| &search.sequence);
        let of_cycle = table.cycle.iter().flat_map(|cycle| [&cycle.mark, &cycle.path]);
        for column in of_search.chain(of_cycle).filter(|_| is_whole) {
            if own.contains(&column.value.as_str()) {
                let message = format!("`{name}` has a column `{}` already", column.value);
                self.failed = true;
                self.checker
                    .report(Diagnostic::new(code::INVALID_QUERY, message, column.at).help("choose another name"));
            }
            own.push(&column.value);
        }
        let record = Type::BuiltIn(BuiltIn::Record);
        let added = table.search.iter().map(|search| {
            let data_type = if search.is_breadth_first { record.clone() } else { record.clone().array() };
            Output { data_type: Some(data_type), ..Output::named(search.sequence.value.clone()) }
        });
        let added = added.chain(table.cycle.iter().flat_map(|cycle| {
            let mark = Output { data_type: is_plain_mark(cycle), ..Output::named(cycle.mark.value.clone()) };
            let path = Output { data_type: Some(record.clone().array()), ..Output::named(cycle.path.value.clone()) };
            [mark, path]
        }));
        outputs.extend(added);
        let is_silent = !matches!(&*table.statement, Statement::Query(_)) && table.statement.returning().is_none();
        self.common.insert(name, Common { columns: outputs, is_open: false, is_silent });
    }
}

/// The mark of a cycle is true or false where nothing else is said.
fn is_plain_mark(cycle: &migrate_core::query::Cycle) -> Option<Type> {
    cycle.values.is_none().then_some(Type::BOOLEAN)
}

/// The names without a schema of the tables that a statement reads.
pub(super) fn tables_named(statement: &Statement) -> SortedSet<String> {
    let mut names = SortedSet::new();
    statement.walk(&mut |part| {
        if let Part::Table(name, migrate_core::query::TableRole::Read) = part
            && name.schema.is_none()
        {
            names.insert(name.name.value.clone());
        }
    });
    names
}
