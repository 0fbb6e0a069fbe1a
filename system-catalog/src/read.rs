//! Reading the entries of a server: its own, and those of each extension that can be created there.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use crate::entry::{
    CastEntry, CollationEntry, Entries, ExtensionEntry, FunctionEntry, OperatorClassEntry, OperatorEntry, TypeEntry,
    TypeKey,
};

/// The first number of what is not PostgreSQL's own (`FirstNormalObjectId`).
const FIRST_OF_OTHERS: &str = "16384";

type Types = HashMap<i64, TypeKey>;

/// Reads what the server itself has, and what its extensions bring. An extension that cannot be created is told.
///
/// # Errors
/// What the server says to a query.
pub async fn read(connection: &mut PgConnection) -> Result<Entries, sqlx::Error> {
    let mut entries = Entries::default();
    add(connection, "", &mut entries).await?;
    let listed = sqlx::query(
        "select distinct on (v.name) v.name::text, coalesce(v.schema, '')::text, coalesce(v.requires, '{}')::text[] \
         from pg_available_extensions e join pg_available_extension_versions v \
         on v.name = e.name and v.version = e.default_version where v.name !~ '^pl|_pl(perl|python)' order by v.name",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in listed {
        let extension = ExtensionEntry { name: row.try_get(0)?, schema: row.try_get(1)?, requires: row.try_get(2)? };
        let mut transaction = connection.begin().await?;
        let create = format!("create extension \"{}\" cascade", extension.name);
        match sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *transaction).await {
            Ok(_) => {
                add(&mut transaction, &extension.name, &mut entries).await?;
                entries.extensions.push(extension);
            }
            Err(error) => crate::say(&format!("without the extension {}: {error}", extension.name)),
        }
        transaction.rollback().await?;
    }
    Ok(entries)
}

/// Functions for `pg_upgrade` alone. Minor releases differ in them, and a server refuses them unless it is started for that.
const OF_UPGRADES: &str = "p.proname ~ '^binary_upgrade_'";

/// A condition for the objects of an extension, or of PostgreSQL itself.
fn members(class: &str, oid: &str, namespace: Option<&str>, extension: &str) -> String {
    if extension.is_empty() {
        let in_schema = namespace.map_or(String::new(), |column| format!(" and {column} = 'pg_catalog'::regnamespace"));
        return format!("{oid} < {FIRST_OF_OTHERS}{in_schema}");
    }
    format!(
        "exists (select from pg_depend d join pg_extension e on e.oid = d.refobjid \
         where d.classid = '{class}'::regclass and d.objid = {oid} and d.refclassid = 'pg_extension'::regclass \
         and d.deptype = 'e' and e.extname = '{extension}')"
    )
}

fn letter(text: &str) -> u8 {
    text.bytes().next().unwrap_or_default()
}

async fn rows(connection: &mut PgConnection, query: String) -> Result<Vec<sqlx::postgres::PgRow>, sqlx::Error> {
    sqlx::query(AssertSqlSafe(query)).fetch_all(connection).await
}

/// Adds the entries of an extension that is created, or of PostgreSQL itself.
async fn add(connection: &mut PgConnection, extension: &str, entries: &mut Entries) -> Result<(), sqlx::Error> {
    let types = add_types(connection, extension, entries).await?;
    add_functions(connection, extension, &types, entries).await?;
    add_operators(connection, extension, &types, entries).await?;
    add_casts(connection, extension, &types, entries).await?;
    add_operator_classes(connection, extension, &types, entries).await?;
    if extension.is_empty() {
        add_collations(connection, entries).await?;
    }
    Ok(())
}

/// Adds the types, and gives the keys of all that are there: an extension uses those of others.
async fn add_types(
    connection: &mut PgConnection,
    extension: &str,
    entries: &mut Entries,
) -> Result<Types, sqlx::Error> {
    // An array, a multirange and the row type of a table are no members themselves.
    let query = format!(
        "select t.oid::int8, t.typname::text, coalesce(e.extname, '')::text, t.typtype::text, t.typcategory::text, \
         t.typispreferred, t.typcollation <> 0, t.typmodin <> 0, \
         case t.typsubscript::text when '-' then 0 when 'array_subscript_handler' then 1 \
         when 'raw_array_subscript_handler' then 2 else 3 end, \
         t.typelem::int8, t.typarray::int8, coalesce(nullif(t.typbasetype, 0), r.rngsubtype, m.rngtypid)::int8, \
         input.provolatile = 'i', output.provolatile = 'i' \
         from pg_type t left join pg_type element on element.oid = t.typelem and t.typcategory = 'A' \
         join pg_proc input on input.oid = t.typinput join pg_proc output on output.oid = t.typoutput \
         left join pg_range r on r.rngtypid = t.oid left join pg_range m on m.rngmultitypid = coalesce(element.oid, t.oid) \
         left join lateral (select e.extname from pg_depend d join pg_extension e on e.oid = d.refobjid \
         where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' \
         and (d.classid = 'pg_type'::regclass and d.objid in (t.oid, element.oid, m.rngtypid) \
         or d.classid = 'pg_class'::regclass and d.objid in (t.typrelid, element.typrelid))) e on true \
         where (t.typnamespace = 'pg_catalog'::regnamespace and t.oid < {FIRST_OF_OTHERS} \
         and coalesce(element.typtype, t.typtype) <> 'c') or t.oid >= {FIRST_OF_OTHERS} order by t.oid"
    );
    let rows = rows(connection, query).await?;
    let mut types = Types::new();
    for row in &rows {
        types.insert(row.try_get(0)?, (row.try_get(2)?, row.try_get(1)?));
    }
    for row in &rows {
        let key: TypeKey = (row.try_get(2)?, row.try_get(1)?);
        if key.0 != extension {
            continue;
        }
        let other = |oid: Option<i64>| types.get(&oid?).cloned();
        entries.types.push(TypeEntry {
            key,
            kind: letter(row.try_get(3)?),
            category: letter(row.try_get(4)?),
            is_preferred: row.try_get(5)?,
            is_collatable: row.try_get(6)?,
            has_modifiers: row.try_get(7)?,
            has_fixed_input: row.try_get(12)?,
            has_fixed_output: row.try_get(13)?,
            subscripting: row.try_get::<i32, _>(8)? as u8,
            element: other(row.try_get(9)?),
            array: other(row.try_get(10)?),
            base: other(row.try_get(11)?),
        });
    }
    Ok(types)
}

async fn add_functions(
    connection: &mut PgConnection,
    extension: &str,
    types: &Types,
    entries: &mut Entries,
) -> Result<(), sqlx::Error> {
    let query = format!(
        "select p.proname::text, p.prokind::text, p.provolatile::text, p.proisstrict, p.proretset, \
         p.provariadic::int8, p.pronargdefaults::int4, array(select unnest(p.proargtypes)::int8), p.prorettype::int8, \
         p.proallargtypes::int8[], p.proargmodes::text[], p.proargnames, coalesce(a.aggkind::text, ''), \
         coalesce(a.aggnumdirectargs, 0)::int4 \
         from pg_proc p left join pg_aggregate a on a.aggfnoid = p.oid where {} and not {OF_UPGRADES} order by p.oid",
        members("pg_proc", "p.oid", Some("p.pronamespace"), extension)
    );
    for row in rows(connection, query).await? {
        let keys = |oids: Vec<i64>| oids.iter().map(|oid| types.get(oid).cloned()).collect::<Option<Vec<_>>>();
        let inputs: Vec<i64> = row.try_get(7)?;
        let all: Option<Vec<i64>> = row.try_get(9)?;
        let modes: Option<Vec<String>> = row.try_get(10)?;
        let names: Option<Vec<String>> = row.try_get(11)?;
        let (all, modes) = match (all, modes) {
            (Some(all), Some(modes)) => (all, modes),
            _ => (inputs.clone(), vec!["i".to_owned(); inputs.len()]),
        };
        let (Some(arguments), Some(mut result), Some(all)) = (keys(inputs), keys(vec![row.try_get(8)?]), keys(all))
        else {
            crate::say(&format!("without the function {}: of a row type", row.try_get::<String, _>(0)?));
            continue;
        };
        let names = names.unwrap_or_default();
        let name_of = |index: usize| names.get(index).cloned().unwrap_or_default();
        let is = |index: usize, letters: &[&str]| modes.get(index).is_some_and(|mode| letters.contains(&mode.as_str()));
        let mut argument_names: Vec<String> =
            (0..all.len()).filter(|index| is(*index, &["i", "b", "v"])).map(name_of).collect();
        if argument_names.iter().all(String::is_empty) {
            argument_names.clear();
        }
        let columns = all.iter().enumerate().filter(|(index, _)| is(*index, &["o", "b", "t"]));
        entries.functions.push(FunctionEntry {
            name: row.try_get(0)?,
            extension: extension.to_owned(),
            arguments,
            result: result.remove(0),
            kind: letter(row.try_get(1)?),
            volatility: letter(row.try_get(2)?),
            is_strict: row.try_get(3)?,
            returns_set: row.try_get(4)?,
            variadic: types.get(&row.try_get(5)?).cloned(),
            defaults: row.try_get::<i32, _>(6)? as u8,
            aggregate_kind: letter(row.try_get(12)?),
            direct_arguments: row.try_get::<i32, _>(13)? as u8,
            argument_names,
            columns: columns.map(|(index, key)| (name_of(index), key.clone())).collect(),
        });
    }
    Ok(())
}

async fn add_operators(
    connection: &mut PgConnection,
    extension: &str,
    types: &Types,
    entries: &mut Entries,
) -> Result<(), sqlx::Error> {
    let query = format!(
        "select o.oprname::text, o.oprleft::int8, o.oprright::int8, o.oprresult::int8, p.provolatile::text, p.proisstrict \
         from pg_operator o join pg_proc p on p.oid = o.oprcode where {} order by o.oid",
        members("pg_operator", "o.oid", Some("o.oprnamespace"), extension)
    );
    for row in rows(connection, query).await? {
        let (right, result) = (types.get(&row.try_get(2)?), types.get(&row.try_get(3)?));
        let (Some(right), Some(result)) = (right.cloned(), result.cloned()) else { continue };
        entries.operators.push(OperatorEntry {
            symbol: row.try_get(0)?,
            left: types.get(&row.try_get(1)?).cloned(),
            right,
            extension: extension.to_owned(),
            result,
            volatility: letter(row.try_get(4)?),
            is_strict: row.try_get(5)?,
        });
    }
    Ok(())
}

async fn add_casts(
    connection: &mut PgConnection,
    extension: &str,
    types: &Types,
    entries: &mut Entries,
) -> Result<(), sqlx::Error> {
    let query = format!(
        "select c.castsource::int8, c.casttarget::int8, c.castcontext::text, c.castmethod::text, \
         coalesce(p.provolatile::text, 'i') \
         from pg_cast c left join pg_proc p on p.oid = c.castfunc where {} order by c.oid",
        members("pg_cast", "c.oid", None, extension)
    );
    for row in rows(connection, query).await? {
        let (source, target) = (types.get(&row.try_get(0)?), types.get(&row.try_get(1)?));
        let (Some(source), Some(target)) = (source.cloned(), target.cloned()) else { continue };
        entries.casts.push(CastEntry {
            source,
            target,
            extension: extension.to_owned(),
            context: letter(row.try_get(2)?),
            method: letter(row.try_get(3)?),
            volatility: letter(row.try_get(4)?),
        });
    }
    Ok(())
}

async fn add_operator_classes(
    connection: &mut PgConnection,
    extension: &str,
    types: &Types,
    entries: &mut Entries,
) -> Result<(), sqlx::Error> {
    let query = format!(
        "select m.amname::text, c.opcname::text, c.opcintype::int8, c.opcdefault \
         from pg_opclass c join pg_am m on m.oid = c.opcmethod where {} order by c.oid",
        members("pg_opclass", "c.oid", Some("c.opcnamespace"), extension)
    );
    for row in rows(connection, query).await? {
        let Some(type_) = types.get(&row.try_get(2)?).cloned() else { continue };
        entries.operator_classes.push(OperatorClassEntry {
            method: row.try_get(0)?,
            name: row.try_get(1)?,
            type_,
            extension: extension.to_owned(),
            is_default: row.try_get(3)?,
        });
    }
    Ok(())
}

async fn add_collations(connection: &mut PgConnection, entries: &mut Entries) -> Result<(), sqlx::Error> {
    // Those of the operating system differ from machine to machine, and so do those that `initdb` takes from ICU.
    let query = "select collname::text, collprovider::text from pg_collation \
                 where oid < 10000 and collnamespace = 'pg_catalog'::regnamespace order by oid";
    for row in rows(connection, query.to_owned()).await? {
        entries.collations.push(CollationEntry { name: row.try_get(0)?, provider: letter(row.try_get(1)?) });
    }
    Ok(())
}
