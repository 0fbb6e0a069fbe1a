//! Histories made by chance, in the language: every one of them compiles.

use std::fmt::Write as _;

/// Numbers that look random and are the same in every run.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Begins with a seed.
    pub fn new(seed: u64) -> Self {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }
}

/// How histories are made.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How many migrations.
    pub migrations: usize,
    /// How many tables there are at most at a time.
    pub tables: usize,
    /// Of a hundred migrations, how many insert, update or delete rows.
    pub rows: usize,
    /// Of a hundred migrations, how many are raw SQL.
    pub raw: usize,
}

struct Table {
    name: String,
    columns: Vec<String>,
    rows: usize,
    references: Option<String>,
}

struct History {
    chance: Chance,
    shape: Shape,
    number: usize,
    tables: Vec<Table>,
    enums: Vec<(String, Vec<String>)>,
    text: String,
}

/// A history as `migration "0001_m" { ... } ...`.
pub fn by_chance(seed: u64, shape: Shape) -> String {
    let mut history = History {
        chance: Chance::new(seed),
        shape,
        number: 0,
        tables: Vec::new(),
        enums: vec![("mood".to_string(), vec!["a".to_string(), "b".to_string()])],
        text: "migration \"0001_mood\" { create enum mood { a, b } }\n".to_string(),
    };
    for version in 2..=shape.migrations {
        let block = history.block();
        let _ = writeln!(history.text, "migration \"{version:04}_m\" {{ {block} }}");
    }
    history.text
}

impl History {
    fn fresh(&mut self, start: &str) -> String {
        self.number += 1;
        format!("{start}{}", self.number)
    }

    fn block(&mut self) -> String {
        if self.tables.is_empty() {
            return self.create();
        }
        if self.chance.below(100) < self.shape.raw {
            return self.raw();
        }
        if self.chance.below(100) < self.shape.rows {
            return self.change_rows();
        }
        let full = self.tables.len() >= self.shape.tables;
        match self.chance.below(12) {
            0 | 1 if !full => self.create(),
            0..=2 => self.drop_table().unwrap_or_else(|| self.add()),
            3 => self.rename_table(),
            4 => self.drop_column().unwrap_or_else(|| self.add()),
            5 => self.rename_column().unwrap_or_else(|| self.add()),
            6 => self.index(),
            7 => self.rename_value(),
            8 => self.add_value(),
            9 => self.default().unwrap_or_else(|| self.add()),
            _ => self.add(),
        }
    }

    fn create(&mut self) -> String {
        let name = self.fresh("t");
        let column = self.fresh("c");
        let mut text = format!("create table {name} {{ id: bigint primary key, {column}: int = 7");
        if self.chance.below(3) == 0 {
            let column = self.fresh("e");
            let value = self.enums.first().and_then(|(_, values)| values.first()).cloned().unwrap_or_default();
            let _ = write!(text, ", {column}: mood = {value}");
        }
        let target = self.chance.below(self.tables.len() + 1);
        let references = self.tables.get(target).map(|table| table.name.clone());
        if let Some(target) = &references {
            let _ = write!(text, ", parent_id: bigint? references {target} on delete cascade");
        }
        text.push_str(" }");
        self.tables.push(Table { name, columns: vec![column], rows: 0, references });
        text
    }

    fn pick(&mut self) -> usize {
        self.chance.below(self.tables.len())
    }

    fn name(&self, table: usize) -> String {
        self.tables.get(table).map(|table| table.name.clone()).unwrap_or_default()
    }

    fn add(&mut self) -> String {
        let table = self.pick();
        let column = self.fresh("c");
        let value = self.chance.below(100);
        let unique = if self.chance.below(6) == 0 { "?" } else { &format!(" = {value}") };
        let text = format!("alter table {} {{ add {column}: int{unique} }}", self.name(table));
        if let Some(table) = self.tables.get_mut(table) {
            table.columns.push(column);
        }
        text
    }

    fn drop_column(&mut self) -> Option<String> {
        let at = self.pick();
        let table = self.tables.get_mut(at).filter(|table| table.columns.len() > 1)?;
        let column = table.columns.remove(0);
        Some(format!("#[allow(drops_data, reason = \"chance\")] alter table {} {{ drop {column} }}", table.name))
    }

    fn rename_column(&mut self) -> Option<String> {
        let to = self.fresh("c");
        let at = self.pick();
        let table = self.tables.get_mut(at)?;
        let from = table.columns.pop()?;
        table.columns.push(to.clone());
        Some(format!("alter table {} {{ rename {from} to {to} }}", table.name))
    }

    fn default(&mut self) -> Option<String> {
        let value = self.chance.below(1000);
        let at = self.pick();
        let table = self.tables.get(at)?;
        Some(format!("alter table {} {{ alter {} set default {value} }}", table.name, table.columns.first()?))
    }

    fn rename_table(&mut self) -> String {
        let to = self.fresh("t");
        let at = self.pick();
        let from = self.name(at);
        for table in &mut self.tables {
            if table.references.as_deref() == Some(&from) {
                table.references = Some(to.clone());
            }
        }
        if let Some(table) = self.tables.get_mut(at) {
            table.name.clone_from(&to);
        }
        format!("alter table {from} rename to {to};")
    }

    fn drop_table(&mut self) -> Option<String> {
        let at = self.pick();
        let name = self.name(at);
        if self.tables.len() < 2 || self.tables.iter().any(|table| table.references.as_deref() == Some(&name)) {
            return None;
        }
        self.tables.remove(at);
        Some(format!("#[allow(drops_data, reason = \"chance\")] drop table {name};"))
    }

    fn index(&mut self) -> String {
        let at = self.pick();
        let index = self.fresh("i");
        let column = self.tables.get(at).and_then(|table| table.columns.first()).cloned().unwrap_or_default();
        format!("create index {index} on {} ({column});", self.name(at))
    }

    fn add_value(&mut self) -> String {
        let value = self.fresh("v");
        if let Some((_, values)) = self.enums.first_mut() {
            values.push(value.clone());
        }
        format!("alter enum mood add {value};")
    }

    /// Two values swap their names: what was stored under one is then shown as the other.
    fn rename_value(&mut self) -> String {
        let between = self.fresh("v");
        let Some((_, values)) = self.enums.first_mut() else { return String::new() };
        let (one, two) = (values.first().cloned().unwrap_or_default(), values.get(1).cloned().unwrap_or_default());
        values.swap(0, 1);
        format!(
            "alter enum mood {{ rename {one} to {between} }} alter enum mood {{ rename {two} to {one} }} \
             alter enum mood {{ rename {between} to {two} }}"
        )
    }

    fn change_rows(&mut self) -> String {
        let at = self.pick();
        let value = self.chance.below(1000);
        let kind = self.chance.below(6);
        let parent_rows = self
            .tables
            .get(at)
            .and_then(|table| table.references.clone())
            .and_then(|name| self.tables.iter().find(|table| table.name == name))
            .map_or(0, |table| table.rows);
        let Some(table) = self.tables.get_mut(at) else { return String::new() };
        let (name, column) = (&table.name, table.columns.last().cloned().unwrap_or_default());
        match kind {
            0 => format!(
                "backfill {name} set {column} = {column} + {value} where {column} < {value} in batches of 100 irreversible \"chance\";"
            ),
            1 => format!("update {name} set {column} = {value} where id = 1 irreversible \"chance\";"),
            2 if table.rows > 0 => format!("delete from {name} where id = {} irreversible \"chance\";", table.rows),
            _ => {
                table.rows += 1;
                let id = table.rows;
                if parent_rows > 0 && table.references.is_some() && value.is_multiple_of(2) {
                    // The parent with this id may have been deleted: then the row has none.
                    format!("insert into {name} (id, {column}) values ({id}, {value}) irreversible \"chance\";")
                } else {
                    format!("insert into {name} (id) values ({id}) irreversible \"chance\";")
                }
            }
        }
    }

    fn raw(&mut self) -> String {
        let at = self.pick();
        let name = self.name(at);
        if let Some(table) = self.tables.get_mut(at) {
            table.rows += 1;
        }
        let id = self.tables.get(at).map_or(0, |table| table.rows);
        format!("sql \"insert into {name} (id) values ({id})\" irreversible \"chance\";")
    }
}
