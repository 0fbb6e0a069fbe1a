//! `create table bookings { id: uuid primary key, ..., unique (a, b) }`

use migrate_core::catalog::inheritance::{merged, same_check};
use migrate_core::catalog::{PartitionOf, RowSecurity, Table, TableSettings};
use migrate_core::name::{QualifiedName, object_name};
use migrate_core::operation::{AddConstraint, CreateTable, SetTableSettings, partitions};
use migrate_core::token::{At, Bracket, Token};

use super::Item;
use crate::check::{Checker, Origin, Renamed};
use crate::clause::{
    ColumnClause, ConstraintClause, GeneratedClause, InheritsClause, PartitionOfClause, PartitioningClause, ReplicaIdentityClause, Serial, check_bound, inheritance_mistake, parse_inherits, parse_partitioning, parse_storage,
};
use crate::diagnostic::{Diagnostic, code};
use crate::habit;
use crate::object::IdentityOptions;
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["create", "table"], &["create", "unlogged", "table"]];

pub(super) struct Create {
    name: Spanned<QualifiedName>,
    entries: Vec<Entry>,
    /// Whether some of them could not be read.
    is_incomplete: bool,
    /// What columns were called before, in a schema.
    renamed: Vec<(String, Spanned<QualifiedName>)>,
    /// What stands before the entries.
    heads: Head,
    row_security: RowSecurity,
    replica_identity: Option<ReplicaIdentityClause>,
    settings: TableSettings,
    inherits: Option<InheritsClause>,
    partitioning: Option<PartitioningClause>,
    partition_of: Option<PartitionOfClause>,
}

enum Entry {
    Column(Box<ColumnClause>),
    Constraint(Box<ConstraintClause>),
    /// A column that could not be parsed: nothing is said about its name.
    Broken(Name),
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Create> {
    let start = parser.cursor.index();
    let unlogged = {
        let mut back = parser.cursor.clone();
        back.go_to(start.saturating_sub(2));
        back.is_word("unlogged")
    };
    let name = parser.qualified_name("the table's name")?;
    let mut row_security = RowSecurity::default();
    let mut replica_identity = None;
    let partition_of = PartitionOfClause::parse(parser)?;
    if parser.cursor.is_word("as") {
        let mistake = Diagnostic::new(code::SYNTAX, "unexpected `as`", parser.cursor.at());
        let help = format!("write the columns in braces, and `insert into {} (...) select ...` after it", name.value);
        return Err(mistake.help(help));
    }
    let mut heads = Head::default();
    let mut renamed = Vec::new();
    let known = parser.mistakes.len();
    // A partition has what its table has.
    let entries = if partition_of.is_some() { Vec::new() } else { parser.body(|parser| {
        let mut head = parser.head()?;
        heads.allowed.append(&mut head.allowed);
        if parse_row_security(parser, &mut row_security) {
            return Ok(None);
        }
        if parser.cursor.take_words(&["replica", "identity"]) {
            replica_identity = Some(ReplicaIdentityClause::parse(parser)?);
            return Ok(None);
        }
        if ConstraintClause::starts_at(parser) {
            head.without_was("a constraint")?;
            return Ok(Some(Entry::Constraint(Box::new(ConstraintClause::parse_in_table(parser, head.comment)?))));
        }
        if let Some(mistake) = habit::instead_of_entry(&parser.cursor) {
            return Err(mistake);
        }
        let start = parser.cursor.clone();
        match (ColumnClause::parse(parser, head.comment), start.peek()) {
            (Ok(column), _) => {
                renamed.extend(head.was.map(|was| (column.name.value.clone(), was)));
                Ok(Some(Entry::Column(Box::new(column))))
            }
            (Err(mistake), Token::Word(name)) => {
                parser.mistakes.push(mistake);
                parser.cursor.go_to(start.index());
                parser.skip_to_comma();
                Ok(Some(Entry::Broken(Name { value: name.clone(), at: start.at() })))
            }
            (Err(mistake), _) => Err(mistake),
        }
    })? };
    let is_incomplete = parser.mistakes.len() > known;
    let entries = entries.into_iter().flatten().collect();
    let inherits = if partition_of.is_some() { None } else { parse_inherits(parser)? };
    let partitioning = parse_partitioning(parser)?;
    let settings = parse_settings(parser, unlogged)?;
    Ok(Create {
        name,
        entries,
        is_incomplete,
        renamed,
        heads,
        row_security,
        replica_identity,
        settings,
        inherits,
        partitioning,
        partition_of,
    })
}

/// Takes `with (fillfactor = 70)`, if it is there.
fn parse_settings(parser: &mut Parser<'_>, unlogged: bool) -> Parsed<TableSettings> {
    let is_there = parser.cursor.take_word_before("with", Bracket::Round);
    let parameters = if is_there { parse_storage(parser)? } else { Default::default() };
    Ok(TableSettings { unlogged, parameters, ..TableSettings::default() })
}

/// Takes `enable row level security` or `force row level security`.
fn parse_row_security(parser: &mut Parser<'_>, row_security: &mut RowSecurity) -> bool {
    if parser.cursor.take_words(&["enable", "row", "level", "security"]) {
        row_security.is_enabled = true;
    } else if parser.cursor.take_words(&["force", "row", "level", "security"]) {
        row_security.is_forced = true;
    } else {
        return false;
    }
    true
}

impl Item for Create {
    fn creates(&self) -> Option<&QualifiedName> {
        Some(&self.name.value)
    }

    fn references(&self) -> Vec<At> {
        self.clauses().filter(|clause| clause.is_foreign_key()).map(|clause| clause.at).collect()
    }

    fn check_references(&self, checker: &mut Checker<'_>) {
        let name = &self.name.value;
        for clause in self.clauses().filter(|clause| clause.is_foreign_key()) {
            let Some(table) = checker.catalog().tables.get(name).cloned() else { return };
            if let Some((constraint_name, constraint)) = clause.check(name, &table, checker) {
                drop(table);
                checker.note_origin(Origin::Constraint(name.clone(), constraint_name.clone()), clause.at);
                checker.emit(AddConstraint { table: name.clone(), name: constraint_name, constraint }, clause.at);
            }
        }
        let Some(table) = checker.catalog().tables.get(name).cloned() else { return };
        if self.partition_of.is_none() {
            self.check_settings(&table, checker);
        }
    }

    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        let name = &self.name.value;
        let fits = checker.name_fits(&Name { value: name.name.clone(), at: self.name.at });
        checker.schema_exists(&name.schema, self.name.at);
        if !checker.relation_name_is_free(&self.name, code::DUPLICATE_TABLE) || !fits {
            return;
        }
        checker.note_origin(Origin::Table(name.clone()), self.name.at);
        match &self.partition_of {
            Some(clause) => self.check_partition(clause, head, checker),
            None => checker.within(&self.heads, |checker| self.check_entries(head, checker)),
        }
    }
}

impl Create {
    /// Notes that it is not made for a mistake of its own: nothing that needs it is one.
    fn is_broken(&self, checker: &mut Checker<'_>) {
        checker.state.broken.relations.insert(self.name.value.clone());
        checker.state.broken.members_of.insert(self.name.value.clone());
    }

    fn check_entries(&self, head: &Head, checker: &mut Checker<'_>) {
        let name = &self.name.value;
        if self.is_incomplete {
            checker.state.broken.members_of.insert(name.clone());
        }
        for entry in &self.entries {
            if let Entry::Broken(column) = entry {
                checker.state.broken.columns.insert((name.clone(), column.value.clone()));
            }
        }
        let (comment, settings) = (head.comment.clone(), self.settings.clone());
        let inherited = match &self.inherits {
            Some(clause) if self.partitioning.is_some() => {
                let message = format!("`{name}` is partitioned, so it cannot inherit from another table");
                let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, clause.at);
                checker.report(mistake.help("remove one of the two"));
                None
            }
            Some(clause) => {
                let has_default = |name: &str| {
                    self.entries.iter().any(|entry| match entry {
                        Entry::Column(column) => column.name.value == name && column.default.is_some(),
                        Entry::Constraint(_) | Entry::Broken(_) => false,
                    })
                };
                clause.check(&has_default, checker)
            }
            None => Some(Table::default()),
        };
        let Some(inherited) = inherited else {
            return self.is_broken(checker);
        };
        let mut table = Table { comment, row_security: self.row_security, settings, ..inherited };
        let serials = self.check_columns(&mut table, checker);
        for (column, was) in &self.renamed {
            checker.note_was(Renamed::Column(name.clone(), column.clone()), was);
        }
        // A foreign key may reference a key of the same table that stands below it; in a schema, that of any table.
        let (mut foreign_keys, others): (Vec<_>, Vec<_>) = self.clauses().partition(|clause| clause.is_foreign_key());
        if checker.is_schema() {
            foreign_keys.clear();
        }
        for clause in others.into_iter().chain(foreign_keys) {
            // A check that is inherited may be said again.
            let written = clause.name.as_ref().map(|written| written.value.clone());
            let inherited = written.filter(|written| {
                table.constraints.get(written).is_some_and(|constraint| constraint.attached_to.is_some())
            });
            let inherited = inherited.and_then(|written| table.constraints.remove_entry(&written));
            if let Some((constraint_name, constraint)) = clause.check(name, &table, checker) {
                checker.note_origin(Origin::Constraint(name.clone(), constraint_name.clone()), clause.at);
                if inherited.is_some_and(|(_, inherited)| constraint.no_inherit || !same_check(&inherited, &constraint)) {
                    let message = format!("the inherited check `{constraint_name}` has a different condition");
                    let mistake = Diagnostic::new(code::DUPLICATE_CONSTRAINT, message, clause.at);
                    checker.report(mistake.help("choose another name, or write the same condition"));
                    continue;
                }
                table.constraints.insert(constraint_name, constraint);
            } else if let Some(constraint_name) = &clause.name {
                checker.state.broken.members.insert(name.sibling(constraint_name.value.clone()));
            } else if clause.is_key() {
                checker.state.broken.unnamed_members_of.insert(name.clone());
            }
        }
        if let Some(clause) = &self.replica_identity {
            let identity = clause.check(name, &table, checker);
            let Some(identity) = checker.accounted_part(self.name.at, identity) else { return self.is_broken(checker) };
            table.settings.replica_identity = identity;
        }
        if let Some(clause) = &self.partitioning {
            let partitioning = clause.check(name, &table, checker);
            let Some(partitioning) = checker.accounted_part(clause.at(), partitioning) else {
                return self.is_broken(checker);
            };
            table.partitioning = Some(partitioning);
        }
        if !self.check_settings(&table, checker) {
            return self.is_broken(checker);
        }
        serials.iter().for_each(|serial| serial.emit_sequence(checker));
        checker.coming.clear();
        // From PostgreSQL 15 on the sequences of an unlogged table are unlogged: they follow when it becomes that. A table
        // with foreign keys to others that are unlogged has to be so from the beginning.
        let settings = table.settings.clone();
        let references_unlogged = table.foreign_keys().any(|(_, key)| {
            checker.catalog().table(&key.table).is_some_and(|referenced| referenced.settings.unlogged)
        });
        let becomes_unlogged = settings.unlogged && !serials.is_empty() && !references_unlogged;
        table.settings.unlogged &= !becomes_unlogged;
        checker.emit(CreateTable { name: name.clone(), definition: table }, self.name.at);
        checker.advise_on_table(name, self.name.at);
        serials.iter().for_each(|serial| serial.emit_owner(checker));
        if becomes_unlogged {
            checker.emit(SetTableSettings { table: name.clone(), settings }, self.name.at);
        }
    }

    /// Its constraints: those in columns come first.
    fn clauses(&self) -> impl Iterator<Item = &ConstraintClause> {
        let in_columns = self.entries.iter().flat_map(|entry| match entry {
            Entry::Column(column) => column.constraints.as_slice(),
            Entry::Constraint(_) | Entry::Broken(_) => &[],
        });
        let of_table = self.entries.iter().filter_map(|entry| match entry {
            Entry::Constraint(constraint) => Some(&**constraint),
            Entry::Column(_) | Entry::Broken(_) => None,
        });
        in_columns.chain(of_table)
    }

    /// Reports settings that the table cannot have.
    fn check_settings(&self, table: &Table, checker: &mut Checker<'_>) -> bool {
        let name = &self.name.value;
        let text = if table.partitioning.is_some()
            && (self.settings.unlogged || !self.settings.parameters.is_empty())
        {
            format!("`{name}` is partitioned, so it has no rows of its own")
        } else if let Some((_, key)) = table.foreign_keys().find(|(_, key)| {
            let referenced = checker.catalog().table(&key.table);
            !self.settings.unlogged && referenced.is_some_and(|referenced| referenced.settings.unlogged)
        }) {
            format!("`{name}` is logged, so it cannot reference `{}`, which is unlogged", key.table)
        } else {
            return true;
        };
        checker.report(Diagnostic::new(code::INVALID_DEFINITION, text, self.name.at));
        false
    }

    /// A partition has the columns, the constraints and the indexes of the table that it is of.
    fn check_partition(&self, clause: &PartitionOfClause, head: &Head, checker: &mut Checker<'_>) {
        let name = &self.name.value;
        let Some(parent) = checker.table(&clause.parent) else {
            return self.is_broken(checker);
        };
        let parent_name = &clause.parent.value;
        let Some(bound) = check_bound(&clause.bound, clause.parent.at, parent_name, &parent, checker) else {
            return self.is_broken(checker);
        };
        let columns = parent.columns.iter().map(partitions::column_of_partition).collect();
        let settings = self.settings.clone();
        let mut table = Table { columns, comment: head.comment.clone(), settings, ..Table::default() };
        for (of, constraint) in parent.constraints.iter().filter(|(_, constraint)| !constraint.no_inherit) {
            let own = partitions::name_of_constraint(of, &constraint.kind, name, &table, checker.catalog());
            table.constraints.insert(own, partitions::constraint_of_partition(of, constraint));
        }
        for (of, index) in &parent.indexes {
            let own = partitions::name_of_index(index, name, &table, checker.catalog());
            table.indexes.insert(own, partitions::index_of_partition(of, index));
        }
        if let Some(clause) = &self.partitioning {
            let partitioning = clause.check(name, &table, checker);
            let Some(partitioning) = checker.accounted_part(clause.at(), partitioning) else {
                return self.is_broken(checker);
            };
            table.partitioning = Some(partitioning);
        }
        table.partition_of = Some(PartitionOf { parent: parent_name.clone(), bound });
        drop(parent);
        checker.emit(CreateTable { name: name.clone(), definition: table }, self.name.at);
    }

    /// Puts the columns into the table, and gives the sequences of those that are serial.
    fn check_columns(&self, table: &mut Table, checker: &mut Checker<'_>) -> Vec<Serial> {
        let mut serials = Vec::new();
        let name = &self.name.value;
        let columns = || {
            self.entries.iter().filter_map(|entry| match entry {
                Entry::Column(column) => Some(column),
                Entry::Constraint(_) | Entry::Broken(_) => None,
            })
        };
        // Generated columns may name columns that stand below them.
        let inherited: Vec<_> = table.columns.clone();
        let all = Table {
            columns: columns()
                .map(|clause| {
                    let data_type = clause.data_type.value.clone();
                    let mut column = migrate_core::catalog::Column::new(clause.name.value.clone(), data_type);
                    column.nullable = clause.nullable;
                    column.generated = clause.generated.as_ref().map(GeneratedClause::as_written);
                    column
                })
                .chain(inherited.iter().filter(|one| columns().all(|clause| clause.name.value != one.name)).cloned())
                .collect(),
            ..Table::default()
        };
        let numbered = columns().filter(|clause| clause.is_serial || clause.identity.is_some());
        let sequences = numbered.map(|clause| {
            let own = clause.sequence.as_ref().and_then(IdentityOptions::name).map(str::to_owned);
            name.sibling(own.unwrap_or_else(|| object_name(&name.name, Some(&clause.name.value), "seq")))
        });
        checker.coming = sequences.collect();
        for clause in columns() {
            checker.no_system_column(&clause.name);
            if table.column(&clause.name.value).is_some_and(|column| !column.inherited) {
                checker.report(
                    Diagnostic::new(
                        code::DUPLICATE_COLUMN,
                        format!("table `{name}` already has a column `{}`", clause.name.value),
                        clause.name.at,
                    )
                    .help("choose another name"),
                );
                continue;
            }
            match clause.check(name, &all, checker) {
                Some(mut column) => {
                    // Those of the columns above are taken, too.
                    if let Some(on_update) = &mut column.on_update {
                        on_update.trigger = checker.on_update_name(clause.trigger.as_ref(), name, table, &column.name);
                    }
                    checker.note_origin(Origin::Column(name.clone(), column.name.clone()), clause.name.at);
                    if clause.is_serial {
                        let serial = Serial::of(&mut column, name, table, &serials, clause.name.at, checker);
                        serials.extend(serial);
                    }
                    let Some(inherited) = table.column_mut(&column.name) else {
                        table.columns.push(column);
                        continue;
                    };
                    match merged(inherited, &column, name) {
                        Ok(merged) => *inherited = merged,
                        Err(conflict) => checker.report(inheritance_mistake(conflict, clause.at)),
                    }
                }
                None => {
                    checker.state.broken.columns.insert((name.clone(), clause.name.value.clone()));
                }
            }
        }
        serials
    }
}
