//! Histories made by chance that change what exists, again and again, and few names for all of it: retypes, enums that get
//! and lose values, tables and columns that are renamed and made again under their old names, and everything that mentions them.
//! What does not compile is thrown away, so that the compiler alone says what is legal.

use migrate_core::catalog::{Catalog, Column, ConstraintKind, Table};
use migrate_core::name::QualifiedName;
use migrate_core::plan::Migration;

use crate::histories::Chance;
use crate::predicted;

const TABLES: &[&str] = &["a", "b", "c", "d"];
const COLUMNS: &[&str] = &["k", "l", "m", "n", "o"];
const ENUMS: &[&str] = &["e", "f"];
const VALUES: &[&str] = &["v1", "v2", "v3", "v4"];
const ALLOW: &str = "#[allow(drops_data, rewrites_table, blocks_writes, unbatched_update, narrows_type, \
                     not_null_without_default, reason = \"chance\")]";

/// Types, each with values that it reads.
const TYPES: &[(&str, &[&str])] = &[
    ("int", &["1", "-7", "20"]),
    ("bigint", &["1", "42"]),
    ("smallint", &["1", "3"]),
    ("numeric", &["1", "1.50"]),
    ("numeric(12, 2)", &["1", "1.5"]),
    ("real", &["1.5"]),
    ("double precision", &["1", "0.1"]),
    ("money", &["\"1.50\""]),
    ("text", &["\"7\"", "\"v1\"", "\"10.0.0.1\"", "\"2020-01-02\"", "\"it's\"", "\"true\"", "\"[1,5]\""]),
    ("varchar(30)", &["\"7\"", "\"v1\"", "\"v2\""]),
    ("varchar", &["\"1\""]),
    ("char(3)", &["\"1\"", "\"v1\""]),
    ("bool", &["true", "false"]),
    ("date", &["\"2020-01-02\"", "current_date"]),
    ("timestamp", &["\"2020-01-02 03:04:05.678\"", "now()"]),
    ("timestamp(0)", &["\"2020-01-02 03:04:05.678\""]),
    ("timestamptz", &["\"2020-01-02 03:04:05.678+02\"", "now()"]),
    ("time", &["\"03:04:05\""]),
    ("timetz", &["\"03:04:05+02\""]),
    ("interval", &["\"1.5 hours\"", "\"1 day\""]),
    ("uuid", &["\"00000000-0000-0000-0000-000000000ABC\"", "gen_random_uuid()"]),
    ("inet", &["\"10.0.0.1\"", "\"10.0.0.0/8\""]),
    ("cidr", &["\"10.0.0.0/8\""]),
    ("jsonb", &["{}", "{ \"a\": [1, 2] }"]),
    ("json", &["[1]"]),
    ("text[]", &["[]", "[\"v1\"]"]),
    ("int[]", &["[]", "[1, 2]"]),
    ("bytea", &["\"\\\\x01\""]),
    ("bit(4)", &["\"0101\""]),
    ("int4range", &["\"[1,5]\""]),
    ("e", &["v1", "v2", "v3"]),
    ("f", &["v1", "v4"]),
    ("e[]", &["[]", "[v1]", "[v2]"]),
];

/// How many of them are enums, at the end.
const ENUM_TYPES: usize = 3;

/// A history of so many migrations, as `migration "0001_m" { ... } ...`, compiled.
pub fn by_surgery(seed: u64, migrations: usize) -> (String, Vec<Migration>) {
    let mut surgeon = Surgeon { chance: Chance::new(seed), catalog: Catalog::default() };
    let mut text = String::new();
    let mut compiled = Vec::new();
    for version in 1..=migrations {
        let mut block = String::new();
        let wanted = if version == 1 { 5 } else { 1 + surgeon.chance.below(3) };
        let (mut items, mut tries) = (0, 0);
        while items < wanted && tries < 60 {
            tries += 1;
            let item = surgeon.item(version);
            for item in [item.clone(), format!("{item} irreversible \"chance\"")] {
                let tried = format!("{text}migration \"{version:04}_m\" {{\n{block}    {item}\n}}\n");
                match migrate_compiler::compile_history(&tried) {
                    Ok(found) => {
                        block = format!("{block}    {item}\n");
                        surgeon.catalog = predicted(&found);
                        compiled = found;
                        items += 1;
                        break;
                    }
                    // Only what cannot be undone is tried once more.
                    Err(mistakes) if mistakes.iter().all(|mistake| mistake.text.contains("[not_invertible]")) => {}
                    Err(_) => break,
                }
            }
        }
        if items == 0 {
            break;
        }
        text = format!("{text}migration \"{version:04}_m\" {{\n{block}}}\n");
    }
    (text, compiled)
}

struct Surgeon {
    chance: Chance,
    catalog: Catalog,
}

impl Surgeon {
    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.chance.below(of.len())]
    }

    fn table(&mut self) -> (String, Table) {
        let tables: Vec<(&QualifiedName, Table)> =
            self.catalog.tables.iter().map(|(name, table)| (name, (**table).clone())).collect();
        match tables.get(self.chance.below(tables.len())) {
            Some((name, table)) => (name.name.clone(), table.clone()),
            None => ("a".into(), Table::default()),
        }
    }

    fn column(&mut self) -> (String, Table, Column) {
        let (name, table) = self.table();
        let columns: Vec<&Column> = table.columns.iter().filter(|column| column.name != "id").collect();
        let column = columns.get(self.chance.below(columns.len())).map(|column| (*column).clone());
        (name, table.clone(), column.unwrap_or_else(|| Column::new("k", "text".parse().expect("a type"))))
    }

    fn type_and_value(&mut self) -> (&'static str, &'static str) {
        // The last ones are enums, of which the rest is about.
        let is_enum = self.chance.below(3) == 0 && !self.catalog.enums.is_empty();
        let from = if is_enum { TYPES.len() - ENUM_TYPES } else { 0 };
        let (data_type, values) = TYPES[from + self.chance.below(TYPES.len() - from)];
        (data_type, self.one(values))
    }

    /// A value for a column that exists.
    fn value_of(&mut self, column: &Column) -> &'static str {
        let is_it = |text: &str| text.parse().ok().is_some_and(|data_type| column.data_type == data_type);
        let values: Vec<&[&str]> = TYPES.iter().filter(|(text, _)| is_it(text)).map(|(_, values)| *values).collect();
        match values.first() {
            Some(values) => self.one(values),
            None => self.type_and_value().1,
        }
    }

    fn added(&mut self) -> String {
        let name = self.one(COLUMNS);
        let (data_type, value) = self.type_and_value();
        match self.chance.below(8) {
            0 | 1 => format!("{name}: {data_type}?"),
            2 => format!("{name}: {data_type}? = {value}"),
            3 => format!("/// {name}.\n        {name}: {data_type} = {value}"),
            4 => format!("{name}: {data_type} = {value} on update {value}"),
            _ => format!("{name}: {data_type} = {value}"),
        }
    }

    /// An expression that is true or not, about one column.
    fn condition(&mut self, column: &Column) -> String {
        let (name, value) = (&column.name, self.value_of(column));
        match self.chance.below(7) {
            0 => format!("{name} is not null"),
            1 => format!("{name} is not distinct from {name}"),
            2 => format!("{name} in ({value}, {value})"),
            3 => format!("length({name}) < 100"),
            4 => format!("{name} = {value} or {name} <> {value}"),
            _ => format!("{name} <> {value}"),
        }
    }

    fn item(&mut self, version: usize) -> String {
        let (table, definition, column) = self.column();
        let name = column.name.clone();
        match self.chance.below(30) {
            0 => self.create_enum(),
            1 | 2 => self.alter_enum(),
            3 => format!("{ALLOW} drop enum {};", self.one(ENUMS)),
            4 if self.catalog.tables.len() > 1 => format!("{ALLOW} drop table {table};"),
            5 => format!("alter table {table} rename to {};", self.one(TABLES)),
            6 | 7 => format!("{ALLOW} alter table {table} {{ drop {name} }}"),
            8 | 9 => format!("alter table {table} {{ rename {name} to {} }}", self.one(COLUMNS)),
            10..=12 => format!("{ALLOW} alter table {table} {{ add {} }}", self.added()),
            13..=16 => self.retype(&table, &column),
            17 => format!("alter table {table} {{ alter {name} set default {} }}", self.value_of(&column)),
            18 => self.alter_column(&table, &name),
            19 => self.index(&table, &column),
            20 => format!("{ALLOW} alter table {table} {{ add check ({}) }}", self.condition(&column)),
            21 => self.drop_by_name(&table, &definition),
            22 => self.generated(&table, &column),
            23 => self.references(&table),
            24 => self.on_update(&table, &column),
            25 => format!("insert into {table} (id) values ({}) irreversible \"chance\";", 1000 + version),
            26 => format!(
                "backfill {table} set {name} = {} where {name} is null in batches of 100 irreversible \"chance\";",
                self.value_of(&column)
            ),
            27 => format!(
                "insert into {table} (id, {name}) values ({}, {}) irreversible \"chance\";",
                2000 + version,
                self.value_of(&column)
            ),
            _ if self.catalog.enums.is_empty() => self.create_enum(),
            _ => self.create_table(),
        }
    }

    fn create_enum(&mut self) -> String {
        let count = 2 + self.chance.below(3);
        let values: Vec<&str> = VALUES.iter().take(count).copied().collect();
        format!("create enum {} {{ {} }}", self.one(ENUMS), values.join(", "))
    }

    fn alter_enum(&mut self) -> String {
        let (name, value, other) = (self.one(ENUMS), self.one(VALUES), self.one(VALUES));
        match self.chance.below(6) {
            0 => format!("alter enum {name} {{ add {value} }}"),
            1 => format!("alter enum {name} {{ add {value} before {other} }}"),
            2 => format!("alter enum {name} {{ rename {value} to {other} }}"),
            3 => format!("alter enum {name} rename to {};", self.one(ENUMS)),
            _ => format!("{ALLOW} alter enum {name} {{ drop {value} }}"),
        }
    }

    fn create_table(&mut self) -> String {
        let id = self.one(&["bigint", "bigint", "int", "bigint generated by default as identity"]);
        let mut columns: Vec<String> = Vec::new();
        for _ in 0..1 + self.chance.below(4) {
            columns.push(self.added());
        }
        let extra = self.one(&["", "", ", unique (id, k)", ", check (id > 0)"]);
        format!("create table {} {{ id: {id} primary key, {}{extra} }}", self.one(TABLES), columns.join(", "))
    }

    fn retype(&mut self, table: &str, column: &Column) -> String {
        let (name, data_type) = (&column.name, self.type_and_value().0);
        let mark = if column.nullable { "?" } else { "" };
        let using = match self.chance.below(5) {
            0 => format!(" using {name}::{data_type}"),
            1 => format!(" using {name}::text::{data_type}"),
            _ => String::new(),
        };
        format!("{ALLOW} alter table {table} {{ alter {name}: {data_type}{mark}{using} }}")
    }

    fn alter_column(&mut self, table: &str, name: &str) -> String {
        let what = self.one(&["drop default", "set not null", "drop not null"]);
        format!("{ALLOW} alter table {table} {{ alter {name} {what} }}")
    }

    fn index(&mut self, table: &str, column: &Column) -> String {
        let (_, _, other) = self.column();
        let condition = self.condition(column);
        let (name, other) = (&column.name, &other.name);
        match self.chance.below(6) {
            0 => format!("create index on {table} ({name});"),
            1 => format!("create unique index on {table} (id, {name}) where {condition};"),
            2 => format!("create index on {table} ({name}, {other});"),
            3 => format!("create index on {table} ((lower({name})));"),
            4 => format!("create index on {table} (({name} is null));"),
            _ => format!("create index on {table} ({other}) where {condition};"),
        }
    }

    fn drop_by_name(&mut self, table: &str, definition: &Table) -> String {
        let constraints = definition.constraints.iter();
        let constraints: Vec<&String> = constraints
            .filter(|(_, constraint)| !matches!(constraint.kind, ConstraintKind::PrimaryKey(_)))
            .map(|(name, _)| name)
            .collect();
        let indexes: Vec<&String> = definition.indexes.keys().collect();
        let all = constraints.len() + indexes.len();
        let at = self.chance.below(all);
        match (constraints.get(at), indexes.get(at.saturating_sub(constraints.len()))) {
            (Some(name), _) => format!("alter table {table} {{ drop constraint {name} }}"),
            (None, Some(name)) => format!("drop index {name};"),
            (None, None) => "drop index none;".to_string(),
        }
    }

    fn generated(&mut self, table: &str, column: &Column) -> String {
        let added = self.one(COLUMNS);
        let (name, value) = (&column.name, self.value_of(column));
        let (data_type, expression) = match self.chance.below(4) {
            0 => ("bool", format!("{name} is null")),
            1 => ("bool", format!("{name} = {value}")),
            2 => ("int", format!("length({name})")),
            _ => ("text", format!("case when {name} = {value} then \"yes\" else \"no\" end")),
        };
        format!("{ALLOW} alter table {table} {{ add {added}: {data_type}? generated always as ({expression}) stored }}")
    }

    fn references(&mut self, table: &str) -> String {
        let (other, _) = self.table();
        let added = self.one(COLUMNS);
        let data_type = self.one(&["bigint", "int"]);
        let action = self.one(&["", " on delete cascade", " on delete set null"]);
        format!("{ALLOW} alter table {table} {{ add {added}: {data_type}? references {other}{action} }}")
    }

    fn on_update(&mut self, table: &str, column: &Column) -> String {
        let (name, value) = (&column.name, self.value_of(column));
        let what = match self.chance.below(4) {
            0 => "drop on update".to_string(),
            1 => format!("set on update old.{name}"),
            _ => format!("set on update {value}"),
        };
        format!("alter table {table} {{ alter {name} {what} }}")
    }
}
