//! Whether operations can run in their order, each on the catalog that those before it leave: that of a derived down is the order
//! of the migration backwards, which what is made and used in one migration may not allow.

use super::script::Placed;
use super::{Operate, Operation};
use crate::catalog::{Catalog, Column, Part, StoredRows, Table, Used, User};
use crate::name::QualifiedName;
use crate::sorted::SortedSet;

/// Why an operation cannot run where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The operation, by its place in the list that was given.
    pub operation: usize,
    /// What is in the way, as a clause: "`t.c` still uses it".
    pub why: String,
}

/// Puts operations into an order in which each of them can run: what is still needed is removed later, and what is not there
/// yet is used later. `after` is the catalog they begin with, `before` the one they must lead to.
///
/// # Errors
/// What cannot run in any such order.
pub fn in_order(operations: Vec<Placed>, after: &Catalog, before: &Catalog) -> Result<Vec<Placed>, Obstacle> {
    let known = [after, before];
    let mut catalog = after.clone();
    let mut ordered: Vec<Placed> = Vec::with_capacity(operations.len());
    let mut waiting: Vec<(usize, Placed)> = Vec::new();
    for (index, placed) in operations.into_iter().enumerate() {
        let operation = &placed.0;
        if let Some(why) = obstacle(operation, &catalog, known) {
            if !is_structural(operation) {
                return Err(Obstacle { operation: index, why });
            }
            waiting.push((index, placed));
            continue;
        }
        operation.apply(&mut catalog);
        ordered.push(placed);
        // What waits is tried as soon as it may be possible.
        while let Some(next) = waiting.iter().position(|(_, (next, ..))| obstacle(next, &catalog, known).is_none()) {
            let (_, placed) = waiting.remove(next);
            placed.0.apply(&mut catalog);
            ordered.push(placed);
        }
    }
    match waiting.first() {
        None => match lost(&catalog, before) {
            Some(why) => Err(Obstacle { operation: ordered.len().saturating_sub(1), why }),
            None => Ok(ordered),
        },
        Some((index, (operation, ..))) => {
            let why = obstacle(operation, &catalog, known).unwrap_or_default();
            Err(Obstacle { operation: *index, why })
        }
    }
}

/// What is not as it was before.
fn lost(is: &Catalog, was: &Catalog) -> Option<String> {
    let table = is.tables.difference(&was.tables);
    let rest = (is.enums != was.enums)
        .then_some("the enums")
        .or_else(|| (is.extensions != was.extensions).then_some("the extensions"))
        .or_else(|| (is.objects != was.objects).then_some("other objects"))
        .or_else(|| (is.public != was.public).then_some("the privileges of the schema `public`"));
    let what = table.map(|name| format!("table `{name}`")).or_else(|| rest.map(str::to_owned));
    what.map(|what| format!("the derived `down` does not restore {what}"))
}

/// Whether it changes nothing but the schema, so that it may as well run later.
fn is_structural(operation: &Operation) -> bool {
    !matches!(
        operation,
        Operation::InsertRows(_)
            | Operation::DeleteRows(_)
            | Operation::UpdateRows(_)
            | Operation::RunStatement(_)
            | Operation::CallProcedure(_)
            | Operation::TruncateTables(_)
            | Operation::RestartSequence(_)
            | Operation::BackfillRows(_)
            | Operation::RawSql(_)
            | Operation::RunFunction(_)
    )
}

/// What is in the way of an operation. What only raw SQL may have made is not known, and so no obstacle.
fn obstacle(operation: &Operation, catalog: &Catalog, known: [&Catalog; 2]) -> Option<String> {
    if let Some(why) = absent(operation, catalog, known) {
        return Some(why);
    }
    let needed = operation.still_needed_by(catalog);
    if let Some((user, _)) = needed.first() {
        return Some(format!("{} still uses what it removes", named(user)));
    }
    if let Some(StoredRows { rows_of, relation, column }) = catalog.rows_in_the_way(operation) {
        return Some(format!("`{relation}.{column}` stores rows of `{rows_of}`, which PostgreSQL does not change"));
    }
    let uses = new_uses(operation, catalog);
    uses.iter()
        .find(|used| is_in(used, catalog) == Some(false) && known.iter().any(|one| is_in(used, one) == Some(true)))
        .map(missing)
}

/// A table, column, constraint, index or enum that an operation changes, and that is not there.
fn absent(operation: &Operation, catalog: &Catalog, known: [&Catalog; 2]) -> Option<String> {
    let (table, member): (&QualifiedName, Option<(&str, Has)>) = match operation {
        Operation::DropTable(drop) => (&drop.name, None),
        Operation::RenameTable(rename) => (&rename.from, None),
        Operation::AddColumn(add) => (&add.table, None),
        Operation::DropColumn(drop) => (&drop.table, Some((&drop.column, Table::has_column))),
        Operation::RenameColumn(rename) => (&rename.table, Some((&rename.from, Table::has_column))),
        Operation::ChangeType(change) => (&change.table, Some((&change.column, Table::has_column))),
        Operation::SetDefault(set) => (&set.table, Some((&set.column, Table::has_column))),
        Operation::SetNullability(set) => (&set.table, Some((&set.column, Table::has_column))),
        Operation::SetOnUpdate(set) => (&set.table, Some((&set.column, Table::has_column))),
        Operation::AddConstraint(add) => (&add.table, None),
        Operation::DropConstraint(drop) => (&drop.table, Some((&drop.name, Table::has_constraint_or_index))),
        Operation::ValidateConstraint(validate) => {
            (&validate.table, Some((&validate.name, Table::has_constraint_or_index)))
        }
        Operation::AlterConstraint(alter) => (&alter.table, Some((&alter.name, Table::has_constraint_or_index))),
        Operation::RenameConstraint(rename) => (&rename.table, Some((&rename.from, Table::has_constraint_or_index))),
        Operation::AttachPartition(attach) => (&attach.partition, None),
        Operation::DetachPartition(detach) => (&detach.partition, None),
        Operation::Inherit(inherit) => (&inherit.table, None),
        Operation::NoInherit(end) => (&end.table, None),
        Operation::CreateIndex(create) => (&create.table, None),
        Operation::DropIndex(drop) => (&drop.table, Some((&drop.name, Table::has_constraint_or_index))),
        Operation::RenameIndex(rename) => (&rename.table, Some((&rename.from, Table::has_constraint_or_index))),
        Operation::SetIndexSettings(set) => (&set.table, Some((&set.name, Table::has_constraint_or_index))),
        Operation::DropEnum(drop) => return absent_enum(&drop.name, catalog, known),
        Operation::RenameEnum(rename) => return absent_enum(&rename.from, catalog, known),
        Operation::AddEnumValue(add) => return absent_enum(&add.name, catalog, known),
        Operation::RemoveEnumValue(remove) => return absent_enum(&remove.name, catalog, known),
        Operation::RenameEnumValue(rename) => return absent_enum(&rename.name, catalog, known),
        _ => return None,
    };
    let is_known =
        |one: &&Catalog| one.table(table).is_some_and(|table| member.is_none_or(|(member, has)| has(table, member)));
    if is_known(&catalog) || !known.iter().any(is_known) {
        return None;
    }
    Some(match member {
        Some((member, _)) => format!("`{member}` of `{table}` does not exist at that point"),
        None => format!("`{table}` does not exist at that point"),
    })
}

/// Whether a table has something of that name.
type Has = fn(&Table, &str) -> bool;

fn absent_enum(name: &QualifiedName, catalog: &Catalog, known: [&Catalog; 2]) -> Option<String> {
    let is_lost = !catalog.enums.contains_key(name) && known.iter().any(|one| one.enums.contains_key(name));
    is_lost.then(|| format!("`{name}` does not exist at that point"))
}

/// What is used by what an operation makes.
fn new_uses(operation: &Operation, catalog: &Catalog) -> SortedSet<Used> {
    let of = |table: &QualifiedName, part: Part<'_>| catalog.uses_of(&User::Table(table, part));
    let of_column = |table: &QualifiedName, column: &Column| -> SortedSet<Used> {
        let parts = [Part::Type(column), Part::Default(column), Part::Generated(column), Part::OnUpdate(column)];
        let uses = parts.into_iter().flat_map(|part| of(table, part));
        // What is generated may read what comes with it.
        uses.filter(|used| *used != Used::Column(table.clone(), column.name.clone())).collect()
    };
    match operation {
        Operation::CreateTable(create) => {
            let mut after = catalog.clone();
            operation.apply(&mut after);
            let parts = create.definition.parts();
            let uses = parts.flat_map(|part| after.uses_of(&User::Table(&create.name, part)));
            uses.filter(|used| !is_of_table(used, &create.name)).collect()
        }
        Operation::AddColumn(add) => of_column(&add.table, &add.column),
        Operation::AddConstraint(add) => of(&add.table, Part::Constraint(&add.name, &add.constraint)),
        Operation::CreateIndex(create) => of(&create.table, Part::Index(&create.name, &create.index)),
        Operation::ChangeType(change) => {
            of_column(&change.table, &Column::new(change.column.clone(), change.data_type.clone()))
        }
        Operation::SetDefault(set) => {
            let column = catalog.table(&set.table).and_then(|table| table.column(&set.column));
            let column = column.map(|column| Column { default: set.default.clone(), ..column.clone() });
            column.map_or_else(SortedSet::new, |column| of(&set.table, Part::Default(&column)))
        }
        _ => SortedSet::new(),
    }
}

/// Whether it is of the table itself, which a table that is made brings along.
fn is_of_table(used: &Used, name: &QualifiedName) -> bool {
    match used {
        Used::Table(table) | Used::Key(table, _) | Used::Column(table, _) => table == name,
        _ => false,
    }
}

/// Whether a catalog has it; unknown for what not all of is in a catalog.
fn is_in(used: &Used, catalog: &Catalog) -> Option<bool> {
    Some(match used {
        Used::Table(name) => catalog.tables.contains_key(name),
        Used::Column(table, column) => catalog.table(table).is_some_and(|table| table.column(column).is_some()),
        Used::Type(name) => catalog.enums.contains_key(name),
        Used::Value(name, value) => catalog.enum_type(name).is_some_and(|one| one.values.contains(value)),
        Used::Extension(name) => catalog.extensions.contains_key(name),
        Used::Object(id) => catalog.object(id).is_some(),
        Used::Key(..) | Used::Function(_) => return None,
    })
}

fn missing(used: &Used) -> String {
    let what = match used {
        Used::Table(name) | Used::Type(name) | Used::Key(name, _) | Used::Function(name) => name.to_string(),
        Used::Column(table, column) => format!("{table}.{column}"),
        Used::Value(name, value) => format!("{name}.{value}"),
        Used::Extension(name) => name.clone(),
        Used::Object(id) => id.name.to_string(),
    };
    format!("`{what}`, which it uses, does not exist at that point")
}

fn named(user: &User<'_>) -> String {
    match user {
        User::Table(table, part) => match part {
            Part::Itself | Part::Partitioning(_) | Part::PartitionOf(_) | Part::Inherits(_) => format!("`{table}`"),
            Part::Type(column) | Part::Default(column) | Part::Generated(column) | Part::OnUpdate(column) => {
                format!("`{table}.{}`", column.name)
            }
            Part::Constraint(name, _) | Part::Index(name, _) => format!("`{name}`"),
        },
        User::Object(id, _) => format!("`{}`", id.name),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{AddColumn, CreateEnum, DropColumn, DropEnum, DropIndex, script};
    use super::*;
    use crate::catalog::{EnumType, Generated};
    use crate::plan::Place;

    fn placed(operations: Vec<Operation>) -> Vec<Placed> {
        operations.into_iter().map(|operation| (operation, Place::default(), Vec::new())).collect()
    }

    fn names(placed: &[Placed]) -> Vec<&'static str> {
        placed.iter().map(|(operation, ..)| operation.name()).collect()
    }

    #[test]
    fn what_is_still_used_is_removed_later() {
        let before = catalog();
        let made: [Operation; 2] = [
            CreateEnum { name: name("mood"), definition: EnumType { values: strings(&["a"]), ..EnumType::default() } }
                .into(),
            AddColumn { table: name("users"), column: column("mood", "mood?") }.into(),
        ];
        let after = script::fold(&before, &made);
        let down = placed(vec![
            DropEnum { name: name("mood") }.into(),
            DropColumn { table: name("users"), column: "mood".into() }.into(),
        ]);
        let ordered = in_order(down, &after, &before).unwrap();
        assert_eq!(names(&ordered), ["drop_column", "drop_enum"]);
    }

    #[test]
    fn what_is_not_there_yet_is_used_later() {
        let before = catalog();
        let gone: [Operation; 1] = [DropIndex { table: name("bookings"), name: "bookings_note_idx".into() }.into()];
        let after = script::fold(&before, &gone);
        let rename =
            super::super::RenameIndex { table: name("bookings"), from: "bookings_note_idx".into(), to: "other".into() };
        let obstacle = in_order(placed(vec![rename.into()]), &after, &before).unwrap_err();
        assert_eq!(obstacle.why, "`bookings_note_idx` of `bookings` does not exist at that point");
    }

    #[test]
    fn what_can_never_run_is_told() {
        let catalog = catalog();
        let obstacle =
            in_order(placed(vec![DropEnum { name: name("status") }.into()]), &catalog, &catalog).unwrap_err();
        assert_eq!(obstacle, Obstacle { operation: 0, why: "`bookings.status` still uses what it removes".to_owned() });
    }

    #[test]
    fn a_value_in_each_row_cannot_come_back_where_rows_are_stored_elsewhere() {
        let mut before = catalog();
        before.table_mut(&name("bookings")).unwrap().columns.push(column("by", "users?"));
        let gone: [Operation; 1] = [DropColumn { table: name("users"), column: "nick".into() }.into()];
        let after = script::fold(&before, &gone);
        let mut again = column("nick", "text?");
        again.generated = Some(Generated { expression: expression("lower(email)"), stored: true });
        let add = placed(vec![AddColumn { table: name("users"), column: again }.into()]);
        let obstacle = in_order(add, &after, &before).unwrap_err();
        assert_eq!(obstacle.why, "`bookings.by` stores rows of `users`, which PostgreSQL does not change");
    }
}
