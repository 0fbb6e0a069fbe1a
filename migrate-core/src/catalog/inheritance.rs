//! What tables have because they inherit from others.

use super::{Catalog, Column, Constraint, ConstraintKind, Generated, Table};
use crate::expression::canonical;
use crate::name::QualifiedName;
use crate::sorted::SortedSet;

/// Two columns or checks that cannot be one: what differs, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What is wrong, as a sentence.
    pub message: String,
    /// The way out, as an action.
    pub help: String,
}

impl Conflict {
    fn new(message: String, help: impl Into<String>) -> Self {
        Conflict { message, help: help.into() }
    }
}

/// Whether tables that inherit have a constraint, too.
pub fn is_inherited(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Check(_)) && !constraint.no_inherit
}

/// A column as a table has it that inherits it.
pub fn inherited_column(column: &Column) -> Column {
    let settings =
        super::ColumnSettings { statistics: None, parameters: Default::default(), ..column.settings.clone() };
    let (identity, sequence, on_update, comment, grants) = Default::default();
    Column { identity, sequence, on_update, comment, grants, settings, inherited: true, ..column.clone() }
}

/// A check as a table has it that inherits it.
pub fn inherited_check(name: &str, constraint: &Constraint) -> Constraint {
    Constraint { attached_to: Some(name.to_owned()), comment: None, not_valid: false, ..constraint.clone() }
}

/// What a table has of those that it inherits from, before anything of its own: in the order of PostgreSQL. `has_default`
/// tells the columns that it gives a default itself: then those above may have different ones.
///
/// # Errors
/// Two of them do not fit together.
pub fn inherited(parents: &[(&QualifiedName, &Table)], has_default: &dyn Fn(&str) -> bool) -> Result<Table, Conflict> {
    let mut made = Table::default();
    let mut origins: Vec<(&str, &QualifiedName)> = Vec::new();
    for (parent, table) in parents {
        for column in &table.columns {
            let Some(known) = made.column_mut(&column.name) else {
                origins.push((&column.name, parent));
                made.columns.push(inherited_column(column));
                continue;
            };
            let first = origins.iter().find(|(name, _)| *name == column.name).map_or(*parent, |(_, parent)| *parent);
            merge(known, column, (first, parent), has_default(&column.name))?;
        }
        for (name, constraint) in table.constraints.iter().filter(|(_, constraint)| is_inherited(constraint)) {
            if made.constraints.get(name).is_some_and(|known| !same_check(known, constraint)) {
                let message = format!("the check `{name}` of `{parent}` differs from that of another parent");
                return Err(Conflict::new(message, "rename one of the two"));
            }
            made.constraints.insert(name.clone(), inherited_check(name, constraint));
        }
    }
    Ok(made)
}

fn generated(column: &Column) -> Option<&Generated> {
    column.generated.as_ref()
}

fn merge(
    known: &mut Column,
    column: &Column,
    (first, second): (&QualifiedName, &QualifiedName),
    has_default: bool,
) -> Result<(), Conflict> {
    let name = &column.name;
    if known.data_type != column.data_type || known.collation != column.collation {
        let told = |column: &Column| match &column.collation {
            Some(collation) => format!("`{} collate {collation}`", column.data_type),
            None => format!("`{}`", column.data_type),
        };
        let message = format!("`{name}` is {} in `{first}`, and {} in `{second}`", told(known), told(column));
        return Err(Conflict::new(message, "a column that two parents have must have the same type in both"));
    }
    if generated(known) != generated(column) {
        let message = format!("`{name}` is not generated in the same way in `{first}` and in `{second}`");
        return Err(Conflict::new(message, "make it the same in both"));
    }
    if known.default != column.default {
        match (&known.default, &column.default) {
            (None, Some(_)) => known.default.clone_from(&column.default),
            (Some(_), None) => {}
            _ if has_default => {}
            _ => {
                let message = format!("`{name}` has one default in `{first}`, but another in `{second}`");
                return Err(Conflict::new(message, "make it the same in both, or give the column its own default"));
            }
        }
    }
    known.nullable &= column.nullable;
    Ok(())
}

/// A column of a table that one that it inherits from has as well.
///
/// # Errors
/// They do not fit together.
pub fn merged(inherited: &Column, own: &Column, table: &QualifiedName) -> Result<Column, Conflict> {
    let mut own = own.clone();
    if own.default.is_none() && own.generated.is_none() {
        own.default.clone_from(&inherited.default);
    }
    if own.generated.is_none() {
        own.generated.clone_from(&inherited.generated);
    }
    own.nullable &= inherited.nullable;
    if own.collation.is_none() {
        own.collation.clone_from(&inherited.collation);
    }
    fits(inherited, &own, table)?;
    Ok(own)
}

/// Whether a table's own column can be what another table's is to which it belongs.
fn fits(wanted: &Column, own: &Column, table: &QualifiedName) -> Result<(), Conflict> {
    let name = &own.name;
    if wanted.data_type != own.data_type || wanted.collation != own.collation {
        let what = if wanted.data_type == own.data_type { "collation" } else { "type" };
        let message = match what {
            "type" => format!(
                "column `{name}` of `{table}` is of type `{}`, but must be of type `{}`",
                own.data_type, wanted.data_type
            ),
            _ => format!("column `{name}` of `{table}` has a different collation"),
        };
        return Err(Conflict::new(
            message,
            format!("give the column the {what} of the inherited column, or another name"),
        ));
    }
    if wanted.generated.is_some() != own.generated.is_some() || (wanted.generated.is_some() && own.default.is_some()) {
        let (which, other) = if wanted.generated.is_some() { ("not generated", "is") } else { ("generated", "is not") };
        let message = format!("column `{name}` of `{table}` is {which}, but the inherited column {other}");
        return Err(Conflict::new(message, "make them the same"));
    }
    if own.nullable && !wanted.nullable {
        let message = format!("column `{name}` of `{table}` is nullable, but the inherited column is NOT NULL");
        return Err(Conflict::new(message, format!("write `alter table {table} alter {name} set not null` first")));
    }
    Ok(())
}

/// Why a table that is there cannot begin to inherit from another one.
///
/// # Errors
/// What it lacks, or has otherwise.
pub fn can_inherit(name: &QualifiedName, table: &Table, parent: &QualifiedName, of: &Table) -> Result<(), Conflict> {
    for column in &of.columns {
        let Some(own) = table.column(&column.name) else {
            let message = format!("table `{name}` lacks the column `{}` of `{parent}`", column.name);
            let help = format!("write `alter table {name} add {}: {}` first", column.name, column.data_type);
            return Err(Conflict::new(message, help));
        };
        fits(column, own, name)?;
    }
    for (check, wanted) in of.constraints.iter().filter(|(_, constraint)| is_inherited(constraint)) {
        let own = table.constraints.get(check);
        let Some(own) = own.filter(|own| matches!(own.kind, ConstraintKind::Check(_))) else {
            let message = format!("table `{name}` lacks the check `{check}` of `{parent}`");
            return Err(Conflict::new(
                message,
                format!("write `alter table {name} add constraint {check} check (...)` first"),
            ));
        };
        let problem = if own.no_inherit {
            "is `no inherit`, unlike"
        } else if own.not_valid && !wanted.not_valid {
            "is not validated, unlike"
        } else if !same_check(own, wanted) {
            "has a different condition than"
        } else {
            continue;
        };
        let message = format!("the check `{check}` of `{name}` {problem} that of `{parent}`");
        return Err(Conflict::new(message, "first replace it with the same check"));
    }
    Ok(())
}

/// Whether two checks demand the same.
pub fn same_check(one: &Constraint, other: &Constraint) -> bool {
    let meaning = |constraint: &Constraint| match &constraint.kind {
        ConstraintKind::Check(expression) => Some(canonical(expression)),
        _ => None,
    };
    meaning(one) == meaning(other)
}

impl Catalog {
    /// The tables that inherit from a table directly, by name.
    pub fn heirs<'c>(&'c self, parent: &'c QualifiedName) -> impl Iterator<Item = (&'c QualifiedName, &'c Table)> {
        self.tables.dependents(parent).into_iter().filter(move |(_, table)| table.inherits.contains(parent))
    }

    /// The tables that a table inherits from directly, as far as they are known, in their order.
    pub fn inherited_from<'c>(&'c self, table: &'c Table) -> Vec<(&'c QualifiedName, &'c Table)> {
        table.inherits.iter().filter_map(|parent| Some((parent, self.table(parent)?))).collect()
    }

    /// All tables below one: its partitions, or those that inherit from it; each once, behind one that it is below.
    pub fn tables_below(&self, root: &QualifiedName) -> Vec<QualifiedName> {
        let mut found: Vec<QualifiedName> = self.partition_tree(root);
        let mut seen: SortedSet<QualifiedName> = SortedSet::from([root.clone()]);
        let mut waiting = vec![root.clone()];
        while let Some(parent) = waiting.pop() {
            for (name, _) in self.heirs(&parent) {
                if seen.insert(name.clone()) {
                    found.push(name.clone());
                    waiting.push(name.clone());
                }
            }
        }
        found
    }

    /// The tables that a column of a table is inherited from, by name.
    pub fn parents_with_column<'c>(&'c self, table: &'c Table, column: &str) -> Vec<&'c QualifiedName> {
        let parents = self.inherited_from(table).into_iter();
        parents.filter(|(_, parent)| parent.has_column(column)).map(|(name, _)| name).collect()
    }

    /// The tables that a check of a table is inherited from, by name.
    pub fn parents_with_check<'c>(&'c self, table: &'c Table, check: &str) -> Vec<&'c QualifiedName> {
        let has = |parent: &Table| parent.constraints.get(check).is_some_and(is_inherited);
        self.inherited_from(table).into_iter().filter(|(_, parent)| has(parent)).map(|(name, _)| name).collect()
    }
}
