//! `FROM`.

use super::schema::{TABLES, Ty};
use super::{Column, Maker, Visible};

impl Maker {
    /// A list of sources, which the last level sees from then on.
    pub(super) fn from(&mut self, depth: u32) -> String {
        let mut text = self.joined(depth);
        if self.one_in(6) {
            text = format!("{text}, {}", self.joined(depth));
        }
        text
    }

    fn joined(&mut self, depth: u32) -> String {
        let mut text = self.source(depth);
        let count = if depth > 1 { self.below(3) } else { self.below(2) };
        for _ in 0..count {
            let before = self.top().sources.len();
            let kind = self.pick(&["join", "left join", "right join", "full join", "inner join", "cross join"]);
            let kind = if self.slips(60) { "outer join" } else { kind };
            let right = self.source(depth);
            if kind == "cross join" {
                text = format!("{text} cross join {right}");
                continue;
            }
            // Columns of the same name on both sides, once on each.
            let (left, other) = (self.top().sources[..before].to_vec(), self.top().sources[before..].to_vec());
            let shared: Vec<String> = other[0]
                .columns
                .iter()
                .filter(|column| {
                    let same: Vec<&Column> =
                        left.iter().flat_map(|source| &source.columns).filter(|one| one.name == column.name).collect();
                    same.len() == 1 && same[0].ty == column.ty && column.ty != Ty::Json
                })
                .map(|column| column.name.clone())
                .collect();
            if self.one_in(12) && shared.len() == 1 && left.len() == 1 {
                let same =
                    other[0].columns.iter().filter(|column| left[0].columns.iter().any(|one| one.name == column.name));
                if same.count() == 1 {
                    text = format!("{text} natural {} {right}", kind.replace("inner ", "").replace("outer ", ""));
                    continue;
                }
            }
            if self.one_in(4) && (!shared.is_empty() || self.slips(3)) {
                let name = shared.first().cloned().unwrap_or_else(|| "id".to_owned());
                let name = if self.slips(10) { "nme".to_owned() } else { name };
                text = format!("{text} {kind} {right} using ({name})");
                continue;
            }
            let condition =
                self.without_windows(
                    |maker| {
                        if maker.slips(60) { maker.value(Ty::Int, 1) } else { maker.value(Ty::Bool, 1) }
                    },
                );
            text = format!("{text} {kind} {right} on {condition}");
        }
        text
    }

    /// One source.
    fn source(&mut self, depth: u32) -> String {
        let alias = self.name("s");
        let alias = if self.slips(60) { "s1".to_owned() } else { alias };
        match self.below(if depth == 0 { 5 } else { 10 }) {
            0 if !self.common.is_empty() => {
                let index = self.below(self.common.len());
                let common = self.common[index].clone();
                let name = if self.slips(30) { "nowhere".to_owned() } else { common.name };
                self.see(&alias, common.columns);
                format!("{name} as {alias}")
            }
            0..=4 => {
                let (table, columns) = TABLES[self.below(TABLES.len())];
                let table = if self.slips(40) { "ordrs" } else { table };
                let columns = columns.iter().map(|(name, ty)| Column { name: (*name).to_owned(), ty: *ty }).collect();
                self.see(&alias, columns);
                let sample = if self.one_in(15) && table != "adults" {
                    let method = if self.slips(4) { "nowhere" } else { self.pick(&["bernoulli", "system"]) };
                    format!(" tablesample {method} (10){}", self.pick(&["", " repeatable (1)"]))
                } else {
                    String::new()
                };
                format!("{table} as {alias}{sample}")
            }
            5 | 6 => {
                let types: Vec<Ty> = (0..1 + self.below(3)).map(|_| self.ty()).collect();
                let is_lateral = self.one_in(2);
                let (query, mut columns) = if is_lateral {
                    self.query(&types, depth - 1)
                } else {
                    // It sees nothing of its own level.
                    let hidden = std::mem::take(&mut self.top().sources);
                    let made = self.query(&types, depth - 1);
                    self.top().sources = hidden;
                    made
                };
                let word = if is_lateral { "lateral " } else { "" };
                let mut names = String::new();
                if self.one_in(3)
                    || columns
                        .iter()
                        .enumerate()
                        .any(|(index, column)| columns[..index].iter().any(|other| other.name == column.name))
                {
                    columns.iter_mut().enumerate().for_each(|(index, column)| column.name = format!("n{index}"));
                    let mut listed: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
                    if self.slips(10) {
                        listed.push("more".to_owned());
                    }
                    names = format!(" ({})", listed.join(", "));
                }
                self.see(&alias, columns);
                format!("{word}({query}) as {alias}{names}")
            }
            7 => {
                let types: Vec<Ty> = (0..1 + self.below(2)).map(|_| self.ordered_ty()).collect();
                let rows = self.values(&types);
                let columns = (0..types.len()).map(|index| Column { name: format!("v{index}"), ty: types[index] });
                let columns: Vec<Column> = columns.collect();
                let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
                self.see(&alias, columns);
                format!("(values {rows}) as {alias} ({})", names.join(", "))
            }
            _ => self.function(&alias),
        }
    }

    fn function(&mut self, alias: &str) -> String {
        let column = |name: &str, ty: Ty| Column { name: name.to_owned(), ty };
        let is_numbered = self.one_in(3);
        let (call, mut columns) = match self.below(14) {
            12 => {
                let (one, two) = (self.value(Ty::Int, 0), self.value(Ty::Int, 0));
                self.see(alias, vec![column("x", Ty::Int), column("y", Ty::Text), column("z", Ty::Int)]);
                return format!(
                    "rows from (anything({one}) as (x integer, y text), generate_series(1, {two})) as {alias} (x, y, z)"
                );
            }
            9 => {
                let (one, two) = (self.value(Ty::Texts, 0), self.value(Ty::Ints, 0));
                let call = match self.one_in(2) {
                    true => format!("unnest({one}, {two})"),
                    false => format!("rows from (unnest({one}), unnest({two}))"),
                };
                self.see(alias, vec![column("x", Ty::Text), column("y", Ty::Int)]);
                return format!("{call} as {alias} (x, y)");
            }
            10 => {
                let xml = self.xml();
                self.see(alias, vec![column("n", Ty::Int), column("t", Ty::Text)]);
                return format!(
                    "xmltable('/r' passing ({xml})::xml columns n for ordinality, t text path 'a' default 'x') as {alias}"
                );
            }
            11 if self.major >= 17 => {
                let document = self.value(Ty::Jsonb, 0);
                self.see(alias, vec![column("n", Ty::Int), column("t", Ty::Text)]);
                return format!(
                    "json_table({document}, '$[*]' columns (n for ordinality, t text path '$.a')) as {alias}"
                );
            }
            0 => (format!("generate_series(1, {})", self.value(Ty::Int, 0)), vec![column(alias, Ty::Int)]),
            1 => (format!("unnest({})", self.value(Ty::Texts, 0)), vec![column(alias, Ty::Text)]),
            2 => (format!("unnest({})", self.value(Ty::Ints, 0)), vec![column(alias, Ty::Int)]),
            3 => (
                format!("jsonb_each({})", self.value(Ty::Jsonb, 0)),
                vec![column("key", Ty::Text), column("value", Ty::Jsonb)],
            ),
            4 => (format!("jsonb_array_elements({})", self.value(Ty::Jsonb, 0)), vec![column("value", Ty::Jsonb)]),
            5 => (format!("listed({})", self.value(Ty::Int, 0)), vec![column(alias, Ty::Int)]),
            6 => (format!("paired({})", self.value(Ty::Int, 0)), vec![column("a", Ty::Int), column("b", Ty::Text)]),
            7 => {
                let value = self.value(Ty::Int, 0);
                let definition = if self.slips(6) { "" } else { "(x integer, y text)" };
                self.see(alias, vec![column("x", Ty::Int), column("y", Ty::Text)]);
                return format!("anything({value}) as {alias} {definition}");
            }
            _ => {
                let value = self.value(Ty::Jsonb, 0);
                self.see(alias, vec![column("p", Ty::Int), column("q", Ty::Texts)]);
                return format!("jsonb_to_record({value}) as {alias} (p integer, q text[])");
            }
        };
        let call = if self.slips(12) { call.replacen('(', "s(", 1) } else { call };
        let mut text = call;
        if is_numbered {
            columns.push(column("ordinality", Ty::Big));
            text.push_str(" with ordinality");
        }
        text = format!("{text} as {alias}");
        if self.one_in(3) {
            columns.iter_mut().enumerate().for_each(|(index, column)| column.name = format!("f{index}"));
            let mut names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
            if self.slips(8) {
                names.push("more".to_owned());
            }
            text = format!("{text} ({})", names.join(", "));
        }
        self.see(alias, columns);
        text
    }

    pub(super) fn see(&mut self, alias: &str, columns: Vec<Column>) {
        self.top().sources.push(Visible { alias: alias.to_owned(), columns });
    }
}
