//! `create foreign table prices { id: bigint, price: numeric? options (column_name "p") } server shop options (table_name "all");`

use std::collections::BTreeMap;

use migrate_core::expression::Expression;
use migrate_core::object::{Definition, ForeignColumn, ForeignTable, Kind, Object, ObjectId, Server};
use migrate_core::token::{At, Bracket};
use migrate_core::types::Type;

use super::options::OptionsClause;
use super::{Action, Write, Written};
use crate::check::{Checker, Context};
use crate::clause::{Collation, parse_collation};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use super::default_value::print_changed_default;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use super::options::{print_changed_options, print_options};
#[cfg(feature = "print")]
use crate::print::{Behind, Piece, Printed, Unprintable, data_type, declared, name, qualified, text, value};

pub(super) struct Syntax;

#[derive(Debug)]
struct Clauses {
    columns: Vec<ColumnClause>,
    server: Name,
    options: OptionsClause,
}

/// `price: numeric? collate german options (column_name "p")`
#[derive(Debug)]
struct ColumnClause {
    name: Name,
    data_type: Spanned<Type>,
    nullable: bool,
    collation: Option<Collation>,
    default: Option<Spanned<Expression>>,
    options: Option<OptionsClause>,
}

#[derive(Debug)]
enum Change {
    Add(ColumnClause),
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
    const ACTIONS: &'static [&'static str] = &["add", "alter", "drop", "options"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        if !parser.cursor.is_open(Bracket::Curly) {
            return parser.expected("`{` and the columns of a foreign table");
        }
        let columns = parser.body(parse_column)?;
        if !parser.cursor.take_word("server") {
            return parser.expected("`server`");
        }
        let server = parser.name("the server")?;
        let options = OptionsClause::parse(parser, false)?.unwrap_or_default();
        Ok(Box::new(Clauses { columns, server, options }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        let change = if parser.cursor.take_word("add") {
            Change::Add(parse_column(parser)?)
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
                    let column = parse_rest_of_column(name, parser)?;
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
        let columns: Vec<String> =
            table.columns.iter().map(|column| print_column(column, catalog)).collect::<Printed<_>>()?;
        let (columns, options) = (columns.join(", "), print_options(&table.options));
        Ok(format!("foreign table {} {{ {columns} }} server {}{options}", qualified(&id.name), name(&table.server)))
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::ForeignTable(before), Definition::ForeignTable(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let mut made = before.clone();
        made.columns.retain(|column| after.column(&column.name).is_some());
        let gone = before.columns.iter().filter(|column| after.column(&column.name).is_none());
        let mut actions: Vec<String> = gone.map(|column| format!("drop {}", name(&column.name))).collect();
        for column in &after.columns {
            let Some(known) = made.columns.iter_mut().find(|known| known.name == column.name) else {
                actions.push(format!("add {}", print_column(column, catalog)?));
                made.columns.push(column.clone());
                continue;
            };
            let (options, default) = (known.options.clone(), known.default.clone());
            if (ForeignColumn { options, default, ..column.clone() }) != *known {
                let bare = ForeignColumn { options: BTreeMap::new(), default: None, ..column.clone() };
                actions.push(format!("alter {}", print_column(&bare, catalog)?));
            }
            let (was, is) = (known.default.as_ref(), column.default.as_ref());
            let default = print_changed_default(was, is, Some(&column.data_type), catalog)?;
            actions.extend(default.map(|default| format!("alter {} {default}", name(&column.name))));
            let options = print_changed_options(&known.options, &column.options);
            actions.extend(options.map(|options| format!("alter {} {options}", name(&column.name))));
            known.clone_from(column);
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

fn parse_column(parser: &mut Parser<'_>) -> Parsed<ColumnClause> {
    let name = parser.name("a column")?;
    parse_rest_of_column(name, parser)
}

/// Takes what stands behind the name.
fn parse_rest_of_column(name: Name, parser: &mut Parser<'_>) -> Parsed<ColumnClause> {
    parser.symbol(':')?;
    let (data_type, nullable) = parser.column_type()?;
    let collation = parse_collation(parser)?;
    let default = match parser.cursor.take_symbol('=') {
        true => Some(parser.default_expression()?),
        false => None,
    };
    let options = OptionsClause::parse(parser, false)?;
    Ok(ColumnClause { name, data_type, nullable, collation, default, options })
}

impl ColumnClause {
    fn check(&self, checker: &mut Checker<'_>) -> Option<ForeignColumn> {
        let fits = checker.name_fits(&self.name);
        let data_type = checker.data_type(&self.data_type).filter(|_| fits)?;
        let collation = match &self.collation {
            Some(collation) => Some(collation.check(checker)?),
            None => None,
        };
        let mut options = BTreeMap::new();
        if let Some(written) = &self.options {
            written.put_into(&mut options, checker)?;
        }
        let default = match &self.default {
            Some(value) => {
                let name = &self.name.value;
                Some(checker.value_for(value, &data_type, name, self.nullable, Context::Default)?)
            }
            None => None,
        };
        let (name, nullable) = (self.name.value.clone(), self.nullable);
        Some(ForeignColumn { name, data_type, nullable, default, collation, options })
    }
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

impl Written for Clauses {
    fn check(&self, id: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let server = checker.object(&Server::id(self.server.value.clone()), self.server.at);
        let server_name = self.server.value.clone();
        let mut table = ForeignTable { server: server_name, columns: Vec::new(), options: BTreeMap::new() };
        let columns = self.columns.iter().map(|written| add(&mut table, written, id, checker)).collect::<Vec<_>>();
        self.options.put_into(&mut table.options, checker)?;
        columns.into_iter().collect::<Option<()>>()?;
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
            Change::Add(_) | Change::Options(_) => None,
        };
        if let Some(name) = named.filter(|name| table.column(&name.value).is_none()) {
            let known = table.columns.iter().map(|column| column.name.as_str());
            let headline = format!("cannot find column `{}` in {id}", name.value);
            let mistake = Diagnostic::new(code::UNKNOWN_COLUMN, headline, name.at);
            checker.report(mistake.maybe_help(choices(&name.value, known, "columns")));
            return None;
        }
        match &self.change {
            Change::Add(written) => add(&mut table, written, id, checker)?,
            Change::Alter(written) => {
                let altered = written.check(checker)?;
                let place = table.columns.iter().position(|column| column.name == altered.name)?;
                let column = table.columns.get_mut(place)?;
                let is_other = altered.data_type != column.data_type || altered.collation != column.collation;
                if is_other && checker.report_type_needed(&id.name, &written.name) {
                    return None;
                }
                let (options, default) = (std::mem::take(&mut column.options), column.default.take());
                *column = ForeignColumn { options, default, ..altered };
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
            Change::Drop(name) => table.columns.retain(|column| column.name != name.value),
            Change::Options(options) => options.put_into(&mut table.options, checker)?,
        }
        Some(table.into())
    }
}

#[cfg(feature = "print")]
fn print_column(column: &ForeignColumn, catalog: &Catalog) -> Printed {
    let nullable = if column.nullable { "?" } else { "" };
    let collation = column.collation.as_deref().map_or_else(String::new, |collation| format!(" collate {}", text(collation)));
    let options = print_options(&column.options);
    let default = match &column.default {
        Some(default) => format!(" = {}", value(default, &column.data_type, Behind::Options, catalog)?),
        None => String::new(),
    };
    Ok(format!("{}: {}{nullable}{collation}{default}{options}", declared(&column.name), data_type(&column.data_type)))
}
