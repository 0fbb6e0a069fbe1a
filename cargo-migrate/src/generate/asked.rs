//! What is renamed and what is dropped, as somebody says it.

use dialoguer::Select;
use migrate_compiler::Renamed;
use migrate_compiler::generate::{Question, questions};
use migrate_runtime::core::catalog::Catalog;
use migrate_runtime::core::difference::Renames;
use migrate_runtime::core::name::QualifiedName;

use super::told::noun;
use super::{argument, last_part};
use crate::failure::Failure;

/// Takes `bookings.total=amount`.
pub(super) fn rename(text: &str, from: &Catalog, to: &Catalog, renames: &mut Renames) -> Result<(), Failure> {
    let Some((old, new)) = text.split_once('=').filter(|(old, new)| !old.is_empty() && !new.is_empty()) else {
        return Err(Failure::new(format!("`--rename {text}` has no old and new name"))
            .help("write it as `--rename bookings.total=amount`, or `--rename users=people`"));
    };
    let gone = gone(old, from)?;
    let table_now = |table: &QualifiedName| renames.tables.get(table).unwrap_or(table).clone();
    let enum_now = |name: &QualifiedName| renames.enums.get(name).unwrap_or(name).clone();
    let part = || new.rsplit('.').next().unwrap_or(new).to_owned();
    let renamed = match &gone {
        Renamed::Table(old) => Renamed::Table(whole(new, old)),
        Renamed::Enum(old) => Renamed::Enum(whole(new, old)),
        Renamed::Column(table, _) => Renamed::Column(table_now(table), part()),
        Renamed::Value(name, _) => Renamed::Value(enum_now(name), part()),
        Renamed::Index(table, _) => Renamed::Index(table_now(table), part()),
        Renamed::Object(id) => {
            Renamed::Object(migrate_runtime::core::object::ObjectId { name: whole(new, &id.name), ..id.clone() })
        }
    };
    let is_there = match &renamed {
        Renamed::Table(name) => to.tables.contains_key(name),
        Renamed::Enum(name) => to.enums.contains_key(name),
        Renamed::Column(table, column) => to.table(table).is_some_and(|table| table.column(column).is_some()),
        Renamed::Value(name, value) => to.enum_type(name).is_some_and(|one| one.has(value)),
        Renamed::Index(table, index) => to.indexable(table).is_some_and(|table| table.indexes.contains_key(index)),
        Renamed::Object(id) => to.objects.contains_key(id),
    };
    if !is_there {
        return Err(Failure::new(format!("cannot find {} `{}` in the target", noun(&renamed), argument(&renamed)))
            .help("`--rename OLD=NEW` takes a name from the migrations, and the new name from the schema"));
    }
    note(&gone, &renamed, renames);
    Ok(())
}

/// A name with the schema of the old one where it has none.
fn whole(text: &str, old: &QualifiedName) -> QualifiedName {
    match text.split_once('.') {
        Some((schema, name)) => QualifiedName::in_schema(schema, name),
        None => old.sibling(text),
    }
}

fn note(gone: &Renamed, renamed: &Renamed, renames: &mut Renames) {
    let part = last_part(renamed);
    match (gone, renamed) {
        (Renamed::Table(old), Renamed::Table(new)) => drop(renames.tables.insert(old.clone(), new.clone())),
        (Renamed::Enum(old), Renamed::Enum(new)) => drop(renames.enums.insert(old.clone(), new.clone())),
        (Renamed::Object(old), Renamed::Object(new)) => drop(renames.objects.insert(old.clone(), new.name.clone())),
        (Renamed::Column(table, old), _) => drop(renames.columns.insert((table.clone(), old.clone()), part)),
        (Renamed::Value(name, old), _) => drop(renames.values.insert((name.clone(), old.clone()), part)),
        (Renamed::Index(table, old), _) => drop(renames.indexes.insert((table.clone(), old.clone()), part)),
        _ => {}
    }
}

/// What the migrations make under a name: `users`, `bookings.total`, `billing.invoices.total`.
pub(super) fn gone(text: &str, from: &Catalog) -> Result<Renamed, Failure> {
    let parts: Vec<&str> = text.split('.').collect();
    let found = match parts.as_slice() {
        [name] => named(&QualifiedName::new(*name), from),
        [first, second] => part(&QualifiedName::new(*first), second, from)
            .or_else(|| named(&QualifiedName::in_schema(*first, *second), from)),
        [schema, name, last] => part(&QualifiedName::in_schema(*schema, *name), last, from),
        _ => None,
    };
    found.ok_or_else(|| {
        Failure::new(format!("the migrations do not create `{text}`"))
            .help("name a table, an enum, a column as `bookings.total`, or a value as `booking_status.pending`")
    })
}

fn named(name: &QualifiedName, from: &Catalog) -> Option<Renamed> {
    if from.tables.contains_key(name) {
        return Some(Renamed::Table(name.clone()));
    }
    if from.enums.contains_key(name) {
        return Some(Renamed::Enum(name.clone()));
    }
    let of_table =
        from.tables.iter().find(|(table, found)| table.schema == name.schema && found.indexes.contains_key(&name.name));
    if let Some((table, _)) = of_table {
        return Some(Renamed::Index(table.clone(), name.name.clone()));
    }
    let object = from.objects.keys().find(|id| id.table.is_none() && id.name == *name);
    object.map(|id| Renamed::Object(id.clone()))
}

fn part(of: &QualifiedName, name: &str, from: &Catalog) -> Option<Renamed> {
    if from.table(of).is_some_and(|table| table.column(name).is_some()) {
        return Some(Renamed::Column(of.clone(), name.to_owned()));
    }
    from.enum_type(of).filter(|one| one.has(name)).map(|_| Renamed::Value(of.clone(), name.to_owned()))
}

/// Asks until everything is answered.
pub(super) fn on_terminal(
    from: &Catalog,
    to: &Catalog,
    renames: &mut Renames,
    dropped: &mut Vec<Renamed>,
) -> Result<(), Failure> {
    while let Some(Question { gone, new }) = questions(from, to, renames, dropped).into_iter().next() {
        let now = new.iter().map(|one| format!("it is now `{}`", last_part(one)));
        let choices: Vec<String> = now.chain([format!("it is dropped: `--drop {}`", argument(&gone))]).collect();
        let chosen = Select::new()
            .with_prompt(format!("What became of {} `{}`?", noun(&gone), argument(&gone)))
            .items(&choices)
            .default(0)
            .interact_opt()
            .map_err(|error| Failure::new(format!("cannot ask: {error}")))?;
        let Some(chosen) = chosen else { return Ok(()) };
        match new.get(chosen) {
            Some(renamed) => note(&gone, renamed, renames),
            None => dropped.push(gone),
        }
    }
    Ok(())
}
