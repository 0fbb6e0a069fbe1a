//! Queries.

use super::schema::{TABLES, Ty};
use super::{Column, Common, Level, Maker};

impl Maker {
    pub(super) fn top(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        self.levels.last_mut().expect("a level")
    }

    /// A query of these columns.
    pub(super) fn query(&mut self, types: &[Ty], depth: u32) -> (String, Vec<Column>) {
        let common = self.common.len();
        let mut with = String::new();
        if depth > 1 && self.one_in(4) {
            with = self.with(depth - 1);
        }
        let (body, columns) = match self.below(if depth == 0 { 6 } else { 10 }) {
            0 => {
                let rows = self.values(types);
                let columns = types
                    .iter()
                    .enumerate()
                    .map(|(index, ty)| Column { name: format!("column{}", index + 1), ty: *ty });
                (format!("values {rows}"), columns.collect())
            }
            6 | 7 => self.set(types, depth - 1),
            _ => self.select(types, depth),
        };
        self.common.truncate(common);
        (format!("{with}{body}"), columns)
    }

    pub(super) fn with(&mut self, depth: u32) -> String {
        let count = 1 + self.below(2);
        let mut tables = Vec::new();
        let is_recursive = self.one_in(3);
        let levels = std::mem::take(&mut self.levels);
        for _ in 0..count {
            let name = self.name("w");
            let types: Vec<Ty> = (0..1 + self.below(3)).map(|_| self.ordered_ty()).collect();
            if is_recursive && self.one_in(2) {
                let columns: Vec<Column> =
                    (0..types.len()).map(|index| Column { name: format!("r{index}"), ty: types[index] }).collect();
                let (first, _) = self.select(&types, 1);
                let mut names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
                if self.slips(15) {
                    names.push("more".to_owned());
                }
                let second = self.recursive(&name, &columns, &types);
                let all = self.pick(&["all ", ""]);
                let operator = if self.slips(15) { "intersect" } else { "union" };
                let rest = match self.below(8) {
                    0 => " search depth first by r0 set o",
                    1 => " cycle r0 set c using p",
                    3 => " search breadth first by r0 set o cycle r0 set c to 1 default 0 using p",
                    4 if self.slips(3) => " search depth first by nowhere set o",
                    2 if self.slips(3) => " cycle nowhere set c using p",
                    _ => "",
                };
                tables.push(format!("{name} ({}) as (({first}) {operator} {all}{second}){rest}", names.join(", ")));
                self.common.push(Common { name, columns });
                continue;
            }
            let (query, mut columns) = self.query(&types, depth.saturating_sub(1));
            columns.iter_mut().enumerate().for_each(|(index, column)| column.name = format!("c{index}"));
            let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
            let word = self.pick(&["", "materialized ", "not materialized "]);
            let shown = if self.slips(30) { "w1".to_owned() } else { name.clone() };
            tables.push(format!("{shown} ({}) as {word}({query})", names.join(", ")));
            self.common.push(Common { name, columns });
        }
        self.levels = levels;
        format!("with {}{} ", if is_recursive { "recursive " } else { "" }, tables.join(", "))
    }

    /// The part of a recursive table that names itself.
    fn recursive(&mut self, name: &str, columns: &[Column], types: &[Ty]) -> String {
        self.levels.push(Level::default());
        let alias = self.name("s");
        self.see(&alias, columns.to_vec());
        let items: Vec<String> = types
            .iter()
            .enumerate()
            .map(|(index, ty)| match self.below(4) {
                0 if self.slips(4) => self.other_value(*ty),
                1 => self.value(*ty, 1),
                2 if self.slips(6) => format!("max({alias}.r{index})"),
                _ => format!("{alias}.r{index}"),
            })
            .collect();
        let filter = self.value(Ty::Bool, 1);
        let join = match self.below(8) {
            0 if self.slips(2) => format!("people as o left join {name} as {alias} on true"),
            1 => format!("people as o join {name} as {alias} on true"),
            2 if self.slips(2) => format!("{name} as {alias}, {name} as again"),
            _ => format!("{name} as {alias}"),
        };
        let rest = if self.slips(12) { " order by 1" } else { "" };
        self.levels.pop();
        format!("select {} from {join} where {filter}{rest}", items.join(", "))
    }

    pub(super) fn values(&mut self, types: &[Ty]) -> String {
        let rows: Vec<String> = (0..1 + self.below(3))
            .map(|_| {
                let mut row: Vec<String> = types
                    .iter()
                    .map(|ty| {
                        self.levels.push(Level::default());
                        let value = if self.slips(20) { self.other_value(*ty) } else { self.value(*ty, 1) };
                        self.levels.pop();
                        value
                    })
                    .collect();
                if self.slips(25) {
                    row.push("1".to_owned());
                }
                format!("({})", row.join(", "))
            })
            .collect();
        rows.join(", ")
    }

    fn set(&mut self, types: &[Ty], depth: u32) -> (String, Vec<Column>) {
        let operator = self.pick(&["union", "union all", "intersect", "except", "except all"]);
        let types: Vec<Ty> = types.iter().map(|ty| if ty.is_ordered() { *ty } else { Ty::Text }).collect();
        let (left, columns) = self.query(&types, depth);
        let right_types: Vec<Ty> = if self.slips(8) {
            types.iter().map(|_| self.ty()).collect()
        } else if self.slips(8) {
            types.iter().copied().chain([Ty::Int]).collect()
        } else {
            types.clone()
        };
        let (right, _) = self.query(&right_types, depth);
        let mut text = format!("({left}) {operator} ({right})");
        match self.below(8) {
            0 => text.push_str(" order by 1"),
            1 if self.slips(2) => text.push_str(" order by 9"),
            2 if self.slips(2) => text.push_str(" order by 1 + 1"),
            3 => text.push_str(" limit 3 offset 1"),
            4 if self.slips(2) => text.push_str(" for update"),
            _ => {}
        }
        (text, columns)
    }

    /// `SELECT`
    pub(super) fn select(&mut self, types: &[Ty], depth: u32) -> (String, Vec<Column>) {
        self.levels.push(Level::default());
        let mut text = String::new();
        if !self.one_in(10) {
            text = format!(" from {}", self.from(depth.saturating_sub(1)));
            if self.one_in(2) {
                let condition = if self.slips(40) { self.value(Ty::Text, 1) } else { self.value(Ty::Bool, 2) };
                let condition = if self.slips(40) { format!("{condition} and max(1) > 1") } else { condition };
                let condition =
                    if self.slips(40) { format!("{condition} and row_number() over () = 1") } else { condition };
                text = format!("{text} where {condition}");
            }
        }
        let is_grouped = self.one_in(4);
        if is_grouped {
            text.push_str(&self.group_by());
        }
        self.top().has_windows = self.levels.len() == 1 || self.one_in(2);
        let mut windows = Vec::new();
        if self.top().has_windows && self.one_in(6) {
            let definition = self.window();
            let name = self.name("win");
            windows.push(format!("{name} as {definition}"));
            self.top().windows.push(name);
        }
        let mut items = Vec::new();
        let mut columns = Vec::new();
        for ty in types {
            let value = self.value(*ty, depth.min(2));
            let value = if self.slips(30) { self.other_value(*ty) } else { value };
            let name = self.name("o");
            // Without an alias the column has a name of its own, which only the outermost query may have twice.
            if self.levels.len() == 1 && self.one_in(4) {
                items.push(value);
                columns.push(Column { name: "nowhere".to_owned(), ty: *ty });
                continue;
            }
            items.push(format!("{value} as {name}"));
            columns.push(Column { name, ty: *ty });
        }
        if self.levels.len() == 1 && !is_grouped && self.one_in(12) && !self.top().sources.is_empty() {
            let count = self.top().sources.len();
            let index = self.below(count);
            let alias = self.top().sources[index].alias.clone();
            items.push(if self.one_in(2) { format!("{alias}.*") } else { format!("{alias} is not null") });
        }
        if !is_grouped && self.slips(25) {
            items.push(format!("count(*) as {}", self.name("o")));
        }
        let mut distinct = String::new();
        let mut order = Vec::new();
        let is_distinct = types.iter().all(|ty| ty.is_ordered()) && self.one_in(8);
        if is_distinct || self.slips(60) {
            distinct = "distinct ".to_owned();
        } else if !is_grouped && self.one_in(12) {
            let ty = self.ordered_ty();
            let key = self.without_windows(|maker| maker.value(ty, 0));
            let is_constant = !key.contains('.');
            distinct = format!("distinct on ({}) ", if is_constant { "1" } else { key.as_str() });
            if types[0].is_ordered() || !is_constant {
                order.push(if is_constant { "1".to_owned() } else { key });
            }
            if self.slips(3) {
                let other = self.value(Ty::Int, 1);
                order.insert(0, other);
            }
        }
        for _ in 0..self.below(3) {
            let index = self.below(columns.len());
            let is_ordered = types[index].is_ordered() || self.slips(10);
            match self.below(4) {
                0 if is_ordered => order.push(format!("{}", index + 1)),
                1 if is_ordered && columns[index].name != "nowhere" => {
                    order.push(format!("{} desc nulls last", columns[index].name));
                }
                2 if !is_distinct || self.slips(3) => {
                    let ty = self.ordered_ty();
                    let value = self.value(ty, 1);
                    // A bare constant would be the place of a column, or nothing at all.
                    order.push(format!("({value}) is null"));
                }
                3 if self.slips(10) => order.push("77".to_owned()),
                3 if self.slips(10) => order.push("nowhere".to_owned()),
                _ => {}
            }
        }
        if !windows.is_empty() {
            text = format!("{text} window {}", windows.join(", "));
        }
        if !order.is_empty() {
            text = format!("{text} order by {}", order.join(", "));
        }
        let is_ordered = !order.is_empty();
        let listed = items.join(", ");
        let is_of_rows = [" over ", "generate_series(", "unnest("].iter().any(|word| listed.contains(word));
        let is_plain = !is_grouped
            && distinct.is_empty()
            && windows.is_empty()
            && !self.has_slipped
            && !is_of_rows
            && !text.contains(" over ")
            && self.top().sources.len() == 1
            && TABLES.iter().any(|(table, _)| text.starts_with(&format!(" from {table} as ")));
        match self.below(20) {
            0 => text.push_str(" limit 10"),
            5 if is_ordered || self.slips(4) => text.push_str(" fetch first 2 rows with ties"),
            6 if is_plain => {
                let alias = self.top().sources.first().map(|source| source.alias.clone()).unwrap_or_default();
                let alias = if self.slips(4) { "nowhere".to_owned() } else { alias };
                let strength = self.pick(&["update", "no key update", "share", "key share"]);
                let waits = self.pick(&["", " nowait", " skip locked"]);
                text = format!("{text} for {strength} of {alias}{waits}");
            }
            1 => text.push_str(" limit 5 offset 2"),
            2 if self.slips(4) => text = format!("{text} limit {}", self.value(Ty::Int, 0)),
            3 if self.slips(4) => text = format!("{text} limit 'x'"),
            4 if self.slips(4) => text = format!("{text} offset now()"),
            _ => {}
        }
        if self.slips(80) {
            text.push_str(" for update");
        }
        self.levels.pop();
        (format!("select {distinct}{}{text}", items.join(", ")), columns)
    }

    fn group_by(&mut self) -> String {
        let mut keys = Vec::new();
        for _ in 0..1 + self.below(2) {
            let ty = self.ordered_ty();
            let key = match self.column(ty, true) {
                Some(column) if !self.one_in(5) => column,
                _ => {
                    let value = self.without_windows(|maker| maker.value(ty, 1));
                    // A constant is the place of a column.
                    if value.contains('.') { value } else { continue }
                }
            };
            keys.push((key, ty));
        }
        if self.slips(30) {
            keys.push(("max(1)".to_owned(), Ty::Int));
        }
        let listed: Vec<String> = keys.iter().map(|(key, _)| key.clone()).collect();
        let mut text = match self.below(11) {
            8 if !keys.is_empty() => format!(" group by grouping sets (rollup ({0}), ({0}), ())", listed.join(", ")),
            9 if !keys.is_empty() => format!(" group by distinct rollup ({0}), cube ({0})", listed.join(", ")),
            _ if keys.is_empty() => String::new(),
            0 => format!(" group by rollup ({})", listed.join(", ")),
            1 => format!(" group by cube ({})", listed.join(", ")),
            2 => format!(" group by grouping sets (({}), ())", listed.join(", ")),
            3 => format!(" group by ({})", listed.join(", ")),
            _ => format!(" group by {}", listed.join(", ")),
        };
        self.top().keys = Some(keys);
        if self.one_in(3) || text.is_empty() {
            let condition = self.value(Ty::Bool, 1);
            text = format!("{text} having {condition}");
        }
        text
    }

    /// Something that no window can stand in.
    pub(super) fn without_windows<T>(&mut self, make: impl FnOnce(&mut Maker) -> T) -> T {
        let before = std::mem::replace(&mut self.top().has_windows, false);
        let made = make(self);
        self.top().has_windows = before;
        made
    }
}
