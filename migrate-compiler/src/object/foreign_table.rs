//! `create foreign table prices { id: bigint, price: numeric? options (column_name "p") } server shop options (table_name "all");`
//! `create foreign table old partition of events for values from (minvalue) to ("2020-01-01") server archive;`

use migrate_core::catalog::inheritance::{merged, same_check};
use migrate_core::catalog::{Constraint, ConstraintKind, PartitionOf, Table};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, ForeignCheck, ForeignColumn, ForeignTable, Kind, ObjectId, Server};
use migrate_core::operation::partitions;
use migrate_core::token::{At, Bracket};

use super::foreign_change::parse_change;
use super::foreign_column::{ColumnClause, only_check};
#[cfg(feature = "print")]
use super::foreign_print;
use super::options::OptionsClause;
use super::{Action, Write, Written};
use crate::check::Checker;
use crate::clause::{
    ConstraintClause, InheritsClause, PartitionOfClause, check_bound, inheritance_mistake, parse_inherits,
};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Name, Parsed, Parser};
#[cfg(feature = "print")]
use crate::print::{Piece, Printed};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedMap;

pub(super) struct Syntax;

struct Clauses {
    columns: Vec<ColumnClause>,
    checks: Vec<ConstraintClause>,
    above: Above,
    server: Name,
    options: OptionsClause,
}

/// What it is below.
enum Above {
    Nothing,
    Inherits(InheritsClause),
    Partitioned(PartitionOfClause),
}

pub(super) enum Entry {
    Column(Box<ColumnClause>),
    Check(Box<ConstraintClause>),
}

impl Write for Syntax {
    const KIND: Kind = Kind::ForeignTable;
    const ACTIONS: &'static [&'static str] = &["add", "alter", "drop", "validate constraint", "inherit", "no inherit", "options"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let (mut columns, mut checks) = (Vec::new(), Vec::new());
        let above = match PartitionOfClause::parse(parser)? {
            // A partition has what its table has.
            Some(clause) => Above::Partitioned(clause),
            None if !parser.cursor.is_open(Bracket::Curly) => {
                return parser.expected("`{` and the columns of a foreign table, or `partition of`");
            }
            None => {
                for entry in parser.body(parse_entry)? {
                    match entry {
                        Entry::Column(column) => columns.push(*column),
                        Entry::Check(check) => checks.push(*check),
                    }
                }
                parse_inherits(parser)?.map_or(Above::Nothing, Above::Inherits)
            }
        };
        if !parser.cursor.take_word("server") {
            return match above {
                Above::Nothing => parser.expected("`inherits` or `server`"),
                _ => parser.expected("`server`"),
            };
        }
        let server = parser.name("the server")?;
        let options = OptionsClause::parse(parser, false)?.unwrap_or_default();
        Ok(Box::new(Clauses { columns, checks, above, server, options }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        parse_change(parser)
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::ForeignTable(table) = definition else { return Err(super::not_of_kind(id)) };
        foreign_print::print(id, table, catalog)
    }

    #[cfg(feature = "print")]
    fn as_made(definition: &Definition, catalog: &Catalog) -> Definition {
        match definition {
            Definition::ForeignTable(table) => foreign_print::as_made(table, catalog).into(),
            other => other.clone(),
        }
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::ForeignTable(before), Definition::ForeignTable(after)) = (before, after) else {
            return Err(super::not_of_kind(id));
        };
        foreign_print::print_change(id, before, after, catalog)
    }
}

/// Takes a column or a check.
pub(super) fn parse_entry(parser: &mut Parser<'_>) -> Parsed<Entry> {
    if ConstraintClause::starts_at(parser) {
        return Ok(Entry::Check(Box::new(only_check(ConstraintClause::parse_in_table(parser, None)?)?)));
    }
    let name = parser.name("a column or a check")?;
    Ok(Entry::Column(Box::new(ColumnClause::parse(name, parser)?)))
}

/// Adds a column, or makes one that is inherited its own.
pub(super) fn add(
    table: &mut ForeignTable,
    written: &ColumnClause,
    id: &ObjectId,
    checker: &mut Checker<'_>,
) -> Option<()> {
    let known = table.as_table().column(&written.name.value).cloned();
    if known.as_ref().is_some_and(|known| !known.inherited) {
        let headline = format!("{id} already has a column `{}`", written.name.value);
        checker.report(
            Diagnostic::new(code::DUPLICATE_COLUMN, headline, written.name.at).help("choose another name"),
        );
        return None;
    }
    let column = written.check(checker)?;
    let Some(inherited) = known else {
        table.columns.push(column);
        return Some(());
    };
    match merged(&inherited, &column.as_column(), &id.name) {
        Ok(merged) => {
            let own = table.columns.iter_mut().find(|own| own.name == column.name)?;
            *own = ForeignColumn { options: column.options, ..ForeignColumn::of_parent(&merged) };
            Some(())
        }
        Err(conflict) => {
            checker.report(inheritance_mistake(conflict, written.name.at));
            None
        }
    }
}

pub(super) fn add_check(
    table: &mut ForeignTable,
    written: &ConstraintClause,
    id: &ObjectId,
    checker: &mut Checker<'_>,
) -> Option<()> {
    // A check that is inherited may be said again.
    let name = written.name.as_ref().map(|name| name.value.clone());
    let inherited = name.filter(|name| table.checks.get(name).is_some_and(|check| check.inherited));
    let inherited = inherited.and_then(|name| table.checks.remove(&name));
    let (name, constraint) = written.check(&id.name, &table.as_table(), checker)?;
    if let Some(ForeignCheck { condition, .. }) = inherited
        && (constraint.no_inherit || !same_check(&Constraint::new(ConstraintKind::Check(condition)), &constraint))
    {
        let message = format!("the inherited check `{name}` has a different condition");
        let mistake = Diagnostic::new(code::DUPLICATE_CONSTRAINT, message, written.at);
        checker.report(mistake.help("choose another name, or write the same condition"));
        return None;
    }
    if let ConstraintKind::Check(condition) = constraint.kind {
        let (no_inherit, not_valid) = (constraint.no_inherit, constraint.not_valid);
        table.checks.insert(name, ForeignCheck { condition, no_inherit, not_valid, inherited: false });
    }
    Some(())
}

/// What a foreign table has as a partition of a table. `None`: it cannot be one, which is a mistake.
fn check_partition(clause: &PartitionOfClause, checker: &mut Checker<'_>) -> Option<Table> {
    let parent = checker.table(&clause.parent)?;
    let name = &clause.parent.value;
    let bound = check_bound(&clause.bound, clause.parent.at, name, &parent, checker)?;
    if !report_no_foreign_partition(name, &parent, clause.parent.at, checker) {
        return None;
    }
    let columns = parent.columns.iter().map(partitions::column_of_partition).collect();
    let mut table = Table { columns, partition_of: Some(PartitionOf { parent: name.clone(), bound }), ..Table::default() };
    for (of, constraint) in parent.constraints.iter().filter(|(_, constraint)| !constraint.no_inherit) {
        table.constraints.insert(of.clone(), partitions::constraint_of_partition(of, constraint));
    }
    Some(table)
}

/// Whether a foreign table can be a partition of a table; reported when it cannot.
pub(crate) fn report_no_foreign_partition(
    name: &QualifiedName,
    parent: &Table,
    at: At,
    checker: &mut Checker<'_>,
) -> bool {
    let keys = parent.constraints.iter().filter(|(_, one)| !matches!(one.kind, ConstraintKind::Check(_)));
    let keys = keys.map(|(own, one)| format!("the {} `{own}`", one.kind.noun()));
    let indexes = parent.indexes.iter().filter(|(_, index)| index.unique);
    let indexes = indexes.map(|(own, _)| format!("the unique index `{own}`"));
    let triggers = checker.catalog().belongings(name, None).filter_map(|(id, object)| match &object.definition {
        Definition::Trigger(trigger) if trigger.constraint.is_some() => {
            Some(format!("the constraint trigger `{}`", id.name.name))
        }
        _ => None,
    });
    let Some(what) = keys.chain(indexes).chain(triggers).next() else { return true };
    let message = format!("a foreign table cannot be a partition of `{name}`, which has {what}");
    let help = "drop it first, and give the other partitions one each: a foreign table cannot have one";
    checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, at).help(help));
    false
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let server = checker.object(&Server::id(self.server.value.clone()), self.server.at);
        let has_default =
            |name: &str| self.columns.iter().any(|column| column.name.value == name && column.default.is_some());
        let from_above = match &self.above {
            Above::Nothing => Table::default(),
            Above::Inherits(clause) => clause.check(&has_default, checker)?,
            Above::Partitioned(clause) => check_partition(clause, checker)?,
        };
        let mut table = ForeignTable {
            server: self.server.value.clone(),
            columns: Vec::new(),
            checks: SortedMap::new(),
            options: SortedMap::new(),
            inherits: Vec::new(),
            partition_of: None,
        }
        .with_table(&from_above);
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
