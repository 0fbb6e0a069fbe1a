//! `alter foreign table prices { add note: text?, inherit places, options (...) }`

use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, ForeignColumn, ForeignTable, Object, ObjectId};
use migrate_core::operation::foreign_below::can_foreign_inherit;
use migrate_core::token::At;

use super::Action;
use super::foreign_column::ColumnClause;
use super::foreign_table::{Entry, add, add_check, parse_entry};
use super::options::OptionsClause;
use crate::check::{Checker, Context};
use crate::clause::{ConstraintClause, check_parent, inheritance_mistake};
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser, Spanned};

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
    Inherit(Spanned<QualifiedName>),
    NoInherit(Spanned<QualifiedName>),
}

struct ChangeClause {
    change: Change,
    at: At,
}

/// Takes an action, where one begins here.
pub(super) fn parse_change(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
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
    } else if parser.cursor.take_word("inherit") {
        Change::Inherit(parser.qualified_name("the table to inherit from")?)
    } else if parser.cursor.take_words(&["no", "inherit"]) {
        Change::NoInherit(parser.qualified_name("the table that is inherited from")?)
    } else if let Some(options) = OptionsClause::parse(parser, true)? {
        Change::Options(options)
    } else {
        return Ok(None);
    };
    Ok(Some(Box::new(ChangeClause { change, at: parser.cursor.since(start) })))
}

impl ChangeClause {
    /// What is wrong where it changes what comes from a table above, which can only be changed there.
    fn instead(&self, table: &ForeignTable, id: &ObjectId, checker: &Checker<'_>) -> Option<Diagnostic> {
        match &self.change {
            Change::Add(_) => {
                let parent = &table.partition_of.as_ref()?.parent;
                Some(of_partition(&id.name, parent, "its columns", self.at))
            }
            Change::Drop(name) => from_above(table, id, &name.value, self.at, checker),
            Change::Alter(written) => {
                let column = table.column(&written.name.value)?;
                let from_above = from_above(table, id, &written.name.value, self.at, checker)?;
                let is_same_type = written.data_type.value == column.data_type && written.collation.is_none();
                if !is_same_type {
                    return Some(from_above);
                }
                let is_not_null = |parent: &&QualifiedName| {
                    let of = checker.catalog().table(parent).and_then(|of| of.column(&column.name));
                    of.is_some_and(|of| !of.nullable)
                };
                let parent = table.parents().find(is_not_null).filter(|_| written.nullable)?;
                let message = format!("`{}` has `{}` from `{parent}`, where it is NOT NULL", id.name, column.name);
                let help = format!("write `alter table {parent} alter {} drop not null`", column.name);
                Some(Diagnostic::new(code::INVALID_DEFINITION, message, self.at).help(help))
            }
            Change::DropConstraint(name) => {
                let check = table.checks.get(&name.value)?;
                if let Some(of) = table.partition_of.as_ref().filter(|_| check.inherited) {
                    return Some(of_partition(&id.name, &of.parent, "this check", self.at));
                }
                let as_table = table.as_table();
                let parents = checker.catalog().parents_with_check(&as_table, &name.value);
                Some(inherited(&id.name, parents.first()?, "check", &name.value, self.at))
            }
            Change::Inherit(_) => {
                let parent = &table.partition_of.as_ref()?.parent;
                let message =
                    format!("`{}` is a partition of `{parent}`, so it cannot inherit from another table", id.name);
                let help = format!("write `alter table {parent} detach partition {}` first", id.name);
                Some(Diagnostic::new(code::INVALID_DEFINITION, message, self.at).help(help))
            }
            _ => None,
        }
    }
}

/// A mistake where a column comes from a table above, so that only that can be changed.
pub(super) fn from_above(
    table: &ForeignTable,
    id: &ObjectId,
    column: &str,
    at: At,
    checker: &Checker<'_>,
) -> Option<Diagnostic> {
    table.column(column)?;
    if let Some(of) = &table.partition_of {
        return Some(of_partition(&id.name, &of.parent, "its columns", at));
    }
    let as_table = table.as_table();
    let parents = checker.catalog().parents_with_column(&as_table, column);
    Some(inherited(&id.name, parents.first()?, "column", column, at))
}

fn of_partition(name: &QualifiedName, parent: &QualifiedName, what: &str, at: At) -> Diagnostic {
    let message = format!("`{name}` is a partition of `{parent}`, from which it has {what}");
    let help = format!("write `alter table {parent}`: its partitions follow");
    Diagnostic::new(code::INVALID_DEFINITION, message, at).help(help)
}

fn inherited(name: &QualifiedName, parent: &QualifiedName, what: &str, of: &str, at: At) -> Diagnostic {
    let message = format!("`{name}` inherits the {what} `{of}` from `{parent}`");
    let help = format!("write `alter table {parent}`: tables that inherit from it follow");
    Diagnostic::new(code::INVALID_DEFINITION, message, at).help(help)
}

fn inherit(
    table: &mut ForeignTable,
    id: &ObjectId,
    parent: &Spanned<QualifiedName>,
    checker: &mut Checker<'_>,
) -> Option<()> {
    let of = check_parent(parent, checker)?;
    if table.inherits.contains(&parent.value) {
        let headline = format!("`{}` already inherits from `{}`", id.name, parent.value);
        checker.report(Diagnostic::new(code::NO_CHANGE, headline, parent.at).help("remove it"));
        return None;
    }
    if let Err(conflict) = can_foreign_inherit(&id.name, table, &parent.value, &of) {
        checker.report(inheritance_mistake(conflict, parent.at));
        return None;
    }
    table.inherits.push(parent.value.clone());
    Some(())
}

fn no_inherit(
    table: &mut ForeignTable,
    id: &ObjectId,
    parent: &Spanned<QualifiedName>,
    checker: &mut Checker<'_>,
) -> Option<()> {
    if !table.inherits.contains(&parent.value) {
        let written = parent.value.to_string();
        let known: Vec<String> = table.inherits.iter().map(ToString::to_string).collect();
        let headline = format!("`{}` does not inherit from `{written}`", id.name);
        let mistake = Diagnostic::new(code::INVALID_DEFINITION, headline, parent.at);
        checker.report(mistake.maybe_help(choices(&written, known.iter().map(String::as_str), "tables")));
        return None;
    }
    table.inherits.retain(|one| *one != parent.value);
    let left = table.as_table();
    let catalog = checker.catalog();
    for column in &mut table.columns {
        column.inherited &= !catalog.parents_with_column(&left, &column.name).is_empty();
    }
    for (name, check) in &mut table.checks {
        check.inherited &= !catalog.parents_with_check(&left, name).is_empty();
    }
    Some(())
}

/// Reports what reads a column, which can neither go nor get another type then; says whether there is anything. A change of type
/// leaves checks alone.
fn report_read(
    table: &ForeignTable,
    id: &ObjectId,
    column: &Name,
    is_dropped: bool,
    checker: &mut Checker<'_>,
) -> bool {
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
            | Change::Inherit(_)
            | Change::NoInherit(_)
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
        if let Some(mistake) = self.instead(&table, id, checker) {
            checker.report(mistake);
            return None;
        }
        match &self.change {
            Change::Inherit(parent) => inherit(&mut table, id, parent, checker)?,
            Change::NoInherit(parent) => no_inherit(&mut table, id, parent, checker)?,
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
                let ForeignColumn { options, default, generated, inherited, .. } = column.clone();
                *column = ForeignColumn { options, default, generated, inherited, ..altered };
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
