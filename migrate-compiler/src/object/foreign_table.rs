//! `create foreign table prices { id: bigint, price: numeric? options (column_name "p") } server shop options (table_name "all");`

use std::collections::BTreeMap;

use migrate_core::catalog::ConstraintKind;
use migrate_core::expression::Expression;
use migrate_core::object::{Definition, ForeignCheck, ForeignColumn, ForeignTable, Kind, Object, ObjectId, Server};
use migrate_core::token::{At, Bracket};

use super::foreign_column::{ColumnClause, only_check};
use super::options::OptionsClause;
use super::{Action, Write, Written};
use crate::check::{Checker, Context};
use crate::clause::ConstraintClause;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use migrate_core::name::object_name;
#[cfg(feature = "print")]
use super::default_value::print_changed_default;
#[cfg(feature = "print")]
use super::foreign_column::print_column;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use super::options::{print_changed_options, print_options};
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, bracketed, name, qualified};

pub(super) struct Syntax;

#[derive(Debug)]
struct Clauses {
    columns: Vec<ColumnClause>,
    checks: Vec<ConstraintClause>,
    server: Name,
    options: OptionsClause,
}

#[derive(Debug)]
enum Entry {
    Column(Box<ColumnClause>),
    Check(Box<ConstraintClause>),
}

#[derive(Debug)]
enum Change {
    Add(ColumnClause),
    AddCheck(ConstraintClause),
    DropConstraint(Name),
    ValidateConstraint(Name),
    /// Its options stay.
    Alter(ColumnClause),
    ColumnOptions(Name, OptionsClause),
    SetDefault(Name, Spanned<Expression>),
    DropDefault(Name),
    Drop(Name),
    Options(OptionsClause),
}

#[derive(Debug)]
struct ChangeClause {
    change: Change,
    at: At,
}

impl Write for Syntax {
    const KIND: Kind = Kind::ForeignTable;
    const ACTIONS: &'static [&'static str] = &["add", "alter", "drop", "validate constraint", "options"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        if !parser.cursor.is_open(Bracket::Curly) {
            return parser.expected("`{` and the columns of a foreign table");
        }
        let (mut columns, mut checks) = (Vec::new(), Vec::new());
        for entry in parser.body(parse_entry)? {
            match entry {
                Entry::Column(column) => columns.push(*column),
                Entry::Check(check) => checks.push(*check),
            }
        }
        if !parser.cursor.take_word("server") {
            return parser.expected("`server`");
        }
        let server = parser.name("the server")?;
        let options = OptionsClause::parse(parser, false)?.unwrap_or_default();
        Ok(Box::new(Clauses { columns, checks, server, options }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        let change = if parser.cursor.take_word("add") {
            match parse_entry(parser)? {
                Entry::Column(column) => Change::Add(*column),
                Entry::Check(check) => Change::AddCheck(*check),
            }
        } else if parser.cursor.take_words(&["drop", "constraint"]) {
            Change::DropConstraint(parser.name("the constraint")?)
        } else if parser.cursor.take_words(&["validate", "constraint"]) {
            Change::ValidateConstraint(parser.name("the constraint")?)
        } else if parser.cursor.take_word("drop") {
            Change::Drop(parser.name("a column")?)
        } else if parser.cursor.take_word("alter") {
            let name = parser.name("a column")?;
            match OptionsClause::parse(parser, true)? {
                Some(options) => Change::ColumnOptions(name, options),
                None if parser.cursor.take_words(&["set", "default"]) => {
                    Change::SetDefault(name, parser.default_expression()?)
                }
                None if parser.cursor.take_words(&["drop", "default"]) => Change::DropDefault(name),
                None => {
                    let column = ColumnClause::parse(name, parser)?;
                    if let Some(default) = &column.default {
                        let mistake = Diagnostic::new(code::SYNTAX, "unexpected default", default.at);
                        let help = format!("write it separately: `alter {} set default ...`", column.name.value);
                        return Err(mistake.help(help));
                    }
                    if column.options.is_some() {
                        let mistake = Diagnostic::new(code::SYNTAX, "unexpected `options`", parser.cursor.since(start));
                        let help = format!("write them separately: `alter {} options (...)`", column.name.value);
                        return Err(mistake.help(help));
                    }
                    if let Some(generated) = &column.generated {
                        let mistake = Diagnostic::new(code::SYNTAX, "unexpected `generated`", generated.expression.at);
                        return Err(mistake.help("remove it: what generates a column stays"));
                    }
                    if let Some(check) = column.checks.first() {
                        let mistake = Diagnostic::new(code::SYNTAX, "unexpected check", check.at);
                        return Err(mistake.help("write it by itself: `add check (...)`"));
                    }
                    Change::Alter(column)
                }
            }
        } else if let Some(options) = OptionsClause::parse(parser, true)? {
            Change::Options(options)
        } else {
            return Ok(None);
        };
        Ok(Some(Box::new(ChangeClause { change, at: parser.cursor.since(start) })))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::ForeignTable(table) = definition else { return Err(not_of_kind(id)) };
        let columns = table.columns.iter().map(|column| print_column(column, catalog));
        let checks = table.checks.iter().map(|(name, check)| print_check(name, check, table, id, catalog));
        let entries = columns.chain(checks).collect::<Printed<Vec<String>>>()?;
        let (entries, options) = (entries.join(", "), print_options(&table.options));
        Ok(format!("foreign table {} {{ {entries} }} server {}{options}", qualified(&id.name), name(&table.server)))
    }

    #[cfg(feature = "print")]
    fn as_made(definition: &Definition) -> Definition {
        match definition {
            Definition::ForeignTable(table) => {
                let mut made = table.clone();
                made.checks.retain(|_, check| !check.not_valid);
                made.into()
            }
            other => other.clone(),
        }
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::ForeignTable(before), Definition::ForeignTable(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let mut made = before.clone();
        let stays = |name: &String, check: &ForeignCheck| {
            let validated = ForeignCheck { not_valid: false, ..check.clone() };
            after.checks.get(name).is_some_and(|other| other == check || *other == validated)
        };
        made.checks.retain(|name, check| stays(name, check));
        let gone = before.checks.iter().filter(|(name, check)| !stays(name, check));
        let mut actions: Vec<String> = gone.map(|(check, _)| format!("drop constraint {}", name(check))).collect();
        made.columns.retain(|column| after.column(&column.name).is_some());
        let gone = before.columns.iter().filter(|column| after.column(&column.name).is_none());
        actions.extend(gone.map(|column| format!("drop {}", name(&column.name))));
        for column in &after.columns {
            let Some(known) = made.columns.iter_mut().find(|known| known.name == column.name) else {
                actions.push(format!("add {}", print_column(column, catalog)?));
                made.columns.push(column.clone());
                continue;
            };
            let ForeignColumn { options, default, generated, .. } = known.clone();
            if generated == column.generated
                && (ForeignColumn { options, default, ..column.clone() }) != *known
            {
                let bare = ForeignColumn { options: BTreeMap::new(), default: None, generated: None, ..column.clone() };
                actions.push(format!("alter {}", print_column(&bare, catalog)?));
            }
            let (was, is) = (known.default.as_ref(), column.default.as_ref());
            let default = print_changed_default(was, is, Some(&column.data_type), catalog)?;
            actions.extend(default.map(|default| format!("alter {} {default}", name(&column.name))));
            let options = print_changed_options(&known.options, &column.options);
            actions.extend(options.map(|options| format!("alter {} {options}", name(&column.name))));
            *known = ForeignColumn { generated, ..column.clone() };
        }
        for (check_name, check) in &after.checks {
            match made.checks.get(check_name) {
                None => {
                    let not_valid = if check.not_valid { " not valid" } else { "" };
                    actions.push(format!("add {}{not_valid}", print_check(check_name, check, after, id, catalog)?));
                }
                Some(known) if known != check => actions.push(format!("validate constraint {}", name(check_name))),
                Some(_) => {}
            }
            made.checks.insert(check_name.clone(), check.clone());
        }
        actions.extend(print_changed_options(&before.options, &after.options));
        made.options.clone_from(&after.options);
        if made != *after || actions.is_empty() {
            let what = format!("a change of {}", id.told());
            return Err(Unprintable::new(what, "it must be dropped and created again"));
        }
        Ok(actions.into_iter().map(|text| super::action(id, text)).collect())
    }
}

/// Takes a column or a check.
fn parse_entry(parser: &mut Parser<'_>) -> Parsed<Entry> {
    if ConstraintClause::starts_at(parser) {
        return Ok(Entry::Check(Box::new(only_check(ConstraintClause::parse_in_table(parser, None)?)?)));
    }
    let name = parser.name("a column or a check")?;
    Ok(Entry::Column(Box::new(ColumnClause::parse(name, parser)?)))
}

fn add(table: &mut ForeignTable, written: &ColumnClause, id: &ObjectId, checker: &mut Checker<'_>) -> Option<()> {
    if table.column(&written.name.value).is_some() {
        let headline = format!("{id} already has a column `{}`", written.name.value);
        checker.report(
            Diagnostic::new(code::DUPLICATE_COLUMN, headline, written.name.at).help("choose another name"),
        );
        return None;
    }
    table.columns.push(written.check(checker)?);
    Some(())
}

fn add_check(
    table: &mut ForeignTable,
    written: &ConstraintClause,
    id: &ObjectId,
    checker: &mut Checker<'_>,
) -> Option<()> {
    let (name, constraint) = written.check(&id.name, &table.as_table(), checker)?;
    if let ConstraintKind::Check(condition) = constraint.kind {
        let (no_inherit, not_valid) = (constraint.no_inherit, constraint.not_valid);
        table.checks.insert(name, ForeignCheck { condition, no_inherit, not_valid });
    }
    Some(())
}

/// Reports what reads a column, which can neither go nor get another type then; says whether there is anything. A change of type
/// leaves checks alone.
fn report_read(table: &ForeignTable, id: &ObjectId, column: &Name, is_dropped: bool, checker: &mut Checker<'_>) -> bool {
    let as_table = table.as_table();
    let reads = |expression: &Expression| as_table.columns_read(expression).contains(column.value.as_str());
    let generated = table.columns.iter().filter_map(|one| Some((one, one.generated.as_ref()?)));
    let generated = generated.filter(|(_, generated)| reads(&generated.expression));
    let generated = generated.map(|(one, _)| format!("column `{}` of {id} is generated from it", one.name));
    let checks = table.checks.iter().filter(|(_, check)| is_dropped && reads(&check.condition));
    let checks = checks.map(|(name, _)| format!("check `{name}` of {id} reads it"));
    let users: Vec<String> = generated.chain(checks).collect();
    if users.is_empty() {
        return false;
    }
    let what = if is_dropped { "drop" } else { "change the type of" };
    let headline = format!("cannot {what} `{}`, because it is still used", column.value);
    let mistake = Diagnostic::new(code::STILL_NEEDED, headline, column.at).help("drop what uses it first");
    checker.report(users.into_iter().fold(mistake, Diagnostic::note));
    true
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let server = checker.object(&Server::id(self.server.value.clone()), self.server.at);
        let server_name = self.server.value.clone();
        let mut table = ForeignTable {
            server: server_name,
            columns: Vec::new(),
            checks: BTreeMap::new(),
            options: BTreeMap::new(),
        };
        let columns = self.columns.iter().map(|written| add(&mut table, written, id, checker)).collect::<Vec<_>>();
        self.options.put_into(&mut table.options, checker)?;
        columns.into_iter().collect::<Option<()>>()?;
        let generated = self.columns.iter().map(|written| written.check_generated(&mut table, id, checker));
        let generated = generated.collect::<Vec<_>>();
        let checks = self.columns.iter().flat_map(|column| &column.checks).chain(&self.checks);
        let mut fits = true;
        for written in checks {
            if let Some(at) = written.not_valid {
                let mistake = Diagnostic::new(code::SYNTAX, "unexpected `not valid`", at);
                checker.report(mistake.help("remove it: PostgreSQL takes the checks of a new foreign table for valid"));
                fits = false;
            }
            fits &= add_check(&mut table, written, id, checker).is_some();
        }
        generated.into_iter().collect::<Option<()>>().filter(|()| fits)?;
        server.map(|_| table.into())
    }
}

impl Action for ChangeClause {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::ForeignTable(table) = &before.definition else { return None };
        let mut table = table.clone();
        let named = match &self.change {
            Change::Alter(ColumnClause { name, .. })
            | Change::ColumnOptions(name, _)
            | Change::SetDefault(name, _)
            | Change::DropDefault(name)
            | Change::Drop(name) => Some(name),
            Change::Add(_)
            | Change::AddCheck(_)
            | Change::DropConstraint(_)
            | Change::ValidateConstraint(_)
            | Change::Options(_) => None,
        };
        if let Some(name) = named.filter(|name| table.column(&name.value).is_none()) {
            let known = table.columns.iter().map(|column| column.name.as_str());
            let headline = format!("cannot find column `{}` in {id}", name.value);
            let mistake = Diagnostic::new(code::UNKNOWN_COLUMN, headline, name.at);
            checker.report(mistake.maybe_help(choices(&name.value, known, "columns")));
            return None;
        }
        if let Change::DropConstraint(name) | Change::ValidateConstraint(name) = &self.change
            && !table.checks.contains_key(&name.value)
        {
            let headline = format!("cannot find constraint `{}` of {id}", name.value);
            let known = table.checks.keys().map(String::as_str);
            let mistake = Diagnostic::new(code::UNKNOWN_CONSTRAINT, headline, name.at);
            checker.report(mistake.maybe_help(choices(&name.value, known, "constraints")));
            return None;
        }
        match &self.change {
            Change::Add(written) => {
                add(&mut table, written, id, checker)?;
                written.check_generated(&mut table, id, checker)?;
                for check in &written.checks {
                    add_check(&mut table, check, id, checker)?;
                }
            }
            Change::AddCheck(written) => add_check(&mut table, written, id, checker)?,
            Change::DropConstraint(name) => {
                table.checks.remove(&name.value);
            }
            Change::ValidateConstraint(name) => {
                let check = table.checks.get_mut(&name.value)?;
                if !check.not_valid {
                    let headline = format!("constraint `{}` of {id} is valid already", name.value);
                    checker.report(Diagnostic::new(code::NO_CHANGE, headline, name.at).help("remove it"));
                    return None;
                }
                check.not_valid = false;
            }
            Change::Alter(written) => {
                let altered = written.check(checker)?;
                let column = table.column(&altered.name)?;
                let is_other = altered.data_type != column.data_type || altered.collation != column.collation;
                if is_other
                    && (checker.report_type_needed(&id.name, &written.name)
                        || report_read(&table, id, &written.name, false, checker))
                {
                    return None;
                }
                let column = table.columns.iter_mut().find(|column| column.name == altered.name)?;
                let ForeignColumn { options, default, generated, .. } = column.clone();
                *column = ForeignColumn { options, default, generated, ..altered };
            }
            Change::SetDefault(name, value) => {
                let column = table.columns.iter_mut().find(|column| column.name == name.value)?;
                let (data_type, nullable) = (column.data_type.clone(), column.nullable);
                let default = checker.value_for(value, &data_type, &name.value, nullable, Context::Default)?;
                column.default = Some(default);
            }
            Change::DropDefault(name) => {
                table.columns.iter_mut().find(|column| column.name == name.value)?.default = None;
            }
            Change::ColumnOptions(name, options) => {
                let column = table.columns.iter_mut().find(|column| column.name == name.value)?;
                options.put_into(&mut column.options, checker)?;
            }
            Change::Drop(name) => {
                if report_read(&table, id, name, true, checker) {
                    return None;
                }
                table.columns.retain(|column| column.name != name.value);
            }
            Change::Options(options) => options.put_into(&mut table.options, checker)?,
        }
        Some(table.into())
    }
}

/// `constraint NAME check (...)`, without the name where it is the one that would be chosen.
#[cfg(feature = "print")]
fn print_check(check_name: &str, check: &ForeignCheck, table: &ForeignTable, id: &ObjectId, catalog: &Catalog) -> Printed {
    let implied = |check: &ForeignCheck| {
        let columns = check.condition.columns();
        let only = if let [only] = columns.as_slice() { Some(*only) } else { None };
        object_name(&id.name.name, only, "check")
    };
    let own = implied(check);
    let is_implied = own == check_name && table.checks.values().filter(|other| implied(other) == own).count() == 1;
    let named = if is_implied { String::new() } else { format!("constraint {} ", name(check_name)) };
    let no_inherit = if check.no_inherit { " no inherit" } else { "" };
    Ok(format!("{named}check {}{no_inherit}", bracketed(&check.condition, catalog)?))
}
