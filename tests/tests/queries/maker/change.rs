//! `INSERT`, `UPDATE`, `DELETE`, `MERGE`.

use super::schema::{TABLES, Ty};
use super::{Column, Level, Maker};

impl Maker {
    /// A statement that changes rows.
    pub(super) fn change(&mut self) -> String {
        let with = if self.one_in(4) { self.with(1) } else { String::new() };
        let (table, columns) = TABLES[self.below(TABLES.len() - 1)];
        let columns: Vec<Column> = columns
            .iter()
            .filter(|(name, _)| table != "app.events" || !matches!(*name, "id" | "twice"))
            .map(|(name, ty)| Column { name: (*name).to_owned(), ty: *ty })
            .collect();
        let table = if self.slips(40) { "ordrs" } else { table };
        let body = match self.below(if self.major >= 15 { 4 } else { 3 }) {
            0 => self.insert(table, &columns),
            1 => self.update(table, &columns),
            2 => self.delete(table, &columns),
            _ => self.merge(table, &columns),
        };
        format!("{with}{body}")
    }

    /// A few of the columns.
    fn some(&mut self, columns: &[Column]) -> Vec<Column> {
        let first = self.below(columns.len());
        let mut some: Vec<Column> = columns[first..].iter().take(1 + self.below(3)).cloned().collect();
        if self.slips(15) {
            some.push(Column { name: "nme".to_owned(), ty: Ty::Int });
        }
        if self.slips(15) {
            some.push(some[0].clone());
        }
        some
    }

    fn assigned(&mut self, ty: Ty) -> String {
        match self.below(10) {
            0 => "default".to_owned(),
            1 if self.slips(3) => self.other_value(ty),
            2 => "null".to_owned(),
            _ => self.value(ty, 1),
        }
    }

    fn assignments(&mut self, columns: &[Column]) -> String {
        let some = self.some(columns);
        if self.one_in(4) {
            let names: Vec<String> = some.iter().map(|column| column.name.clone()).collect();
            let mut values: Vec<String> = some.iter().map(|column| self.assigned(column.ty)).collect();
            if self.slips(6) {
                values.push("1".to_owned());
            }
            if self.one_in(3) {
                let types: Vec<Ty> = some.iter().map(|column| column.ty).collect();
                let types = if self.slips(6) { vec![Ty::Int; types.len() + 1] } else { types };
                let (query, _) = self.query(&types, 1);
                return format!("({}) = ({query})", names.join(", "));
            }
            return format!("({}) = row({})", names.join(", "), values.join(", "));
        }
        let parts: Vec<String> =
            some.iter().map(|column| format!("{} = {}", column.name, self.assigned(column.ty))).collect();
        parts.join(", ")
    }

    fn returning(&mut self) -> String {
        match self.below(4) {
            0 => {
                let ty = self.ty();
                let value = self.value(ty, 1);
                let value = if self.slips(8) { "max(1)".to_owned() } else { value };
                format!(" returning {value} as r")
            }
            1 => " returning *".to_owned(),
            _ => String::new(),
        }
    }

    fn insert(&mut self, table: &str, columns: &[Column]) -> String {
        let some = self.some(columns);
        let names: Vec<String> = some.iter().map(|column| column.name.clone()).collect();
        let types: Vec<Ty> = some.iter().map(|column| column.ty).collect();
        let source = match self.below(4) {
            0 => {
                let rows: Vec<String> = (0..1 + self.below(2))
                    .map(|_| {
                        self.levels.push(Level::default());
                        let mut row: Vec<String> = types.iter().map(|ty| self.assigned(*ty)).collect();
                        self.levels.pop();
                        if self.slips(10) {
                            row.push("1".to_owned());
                        }
                        format!("({})", row.join(", "))
                    })
                    .collect();
                format!("values {}", rows.join(", "))
            }
            _ => {
                let types = if self.slips(8) { vec![Ty::Int; types.len() + 1] } else { types };
                self.query(&types, 2).0
            }
        };
        self.levels.push(Level::default());
        self.see("t", columns.to_vec());
        let conflict = match self.below(8) {
            0 => " on conflict do nothing".to_owned(),
            5 if table == "orders" => " on conflict on constraint orders_token_key do nothing".to_owned(),
            1 | 2 if matches!(table, "people" | "orders") => {
                self.see("excluded", columns.to_vec());
                let target = match self.below(6) {
                    0 if self.slips(2) => "nme",
                    1 if table == "orders" => "token",
                    _ => "id",
                };
                let assignments = self.assignments(columns);
                let filter = if self.one_in(2) { format!(" where {}", self.value(Ty::Bool, 1)) } else { String::new() };
                self.top().sources.pop();
                format!(" on conflict ({target}) do update set {assignments}{filter}")
            }
            3 if self.slips(2) => " on conflict on constraint nowhere do nothing".to_owned(),
            4 if self.slips(2) => " on conflict do update set id = 1".to_owned(),
            _ => String::new(),
        };
        let returning = self.returning();
        self.levels.pop();
        format!("insert into {table} as t ({}) {source}{conflict}{returning}", names.join(", "))
    }

    fn update(&mut self, table: &str, columns: &[Column]) -> String {
        self.levels.push(Level::default());
        self.see("t", columns.to_vec());
        let from = if self.one_in(2) {
            let target = std::mem::take(&mut self.top().sources);
            let from = self.from(1);
            self.top().sources.extend(target);
            format!(" from {from}")
        } else {
            String::new()
        };
        let assignments = self.assignments(columns);
        let assignments =
            if self.slips(15) && table == "app.events" { format!("{assignments}, twice = 1") } else { assignments };
        let filter = if self.one_in(2) { format!(" where {}", self.value(Ty::Bool, 1)) } else { String::new() };
        let filter = if self.slips(20) { " where max(1) = 1".to_owned() } else { filter };
        let returning = self.returning();
        self.levels.pop();
        format!("update {table} as t set {assignments}{from}{filter}{returning}")
    }

    fn delete(&mut self, table: &str, columns: &[Column]) -> String {
        self.levels.push(Level::default());
        self.see("t", columns.to_vec());
        let using = if self.one_in(2) {
            let target = std::mem::take(&mut self.top().sources);
            let from = self.from(1);
            self.top().sources.extend(target);
            format!(" using {from}")
        } else {
            String::new()
        };
        let filter = format!(" where {}", self.value(Ty::Bool, 2));
        let returning = self.returning();
        self.levels.pop();
        format!("delete from {table} as t{using}{filter}{returning}")
    }

    fn merge(&mut self, table: &str, columns: &[Column]) -> String {
        let types: Vec<Ty> = (0..1 + self.below(2)).map(|_| self.ordered_ty()).collect();
        let (query, mut found) = self.query(&types, 1);
        found.iter_mut().enumerate().for_each(|(index, column)| column.name = format!("m{index}"));
        let names: Vec<String> = found.iter().map(|column| column.name.clone()).collect();
        self.levels.push(Level::default());
        self.see("t", columns.to_vec());
        self.see("s", found);
        let condition = self.value(Ty::Bool, 1);
        let matched = match self.below(3) {
            0 => "delete".to_owned(),
            1 => "do nothing".to_owned(),
            _ => format!("update set {}", self.assignments(columns)),
        };
        let and = if self.one_in(2) { format!(" and {}", self.value(Ty::Bool, 1)) } else { String::new() };
        // Only the source is seen where nothing matched.
        let target = self.top().sources.remove(0);
        let some = self.some(columns);
        let mut values: Vec<String> = some.iter().map(|column| self.assigned(column.ty)).collect();
        if self.slips(8) {
            values.push("1".to_owned());
        }
        if self.slips(8) {
            values[0] = format!("t.{}", target.columns[0].name);
        }
        self.levels.pop();
        let inserted: Vec<String> = some.iter().map(|column| column.name.clone()).collect();
        let (more, returning) = match self.major {
            17.. => {
                let action = self.pick(&["delete", "do nothing"]);
                let more = format!(" when not matched by source and t.{} is null then {action}", columns[0].name);
                let returned = if self.slips(8) { "merge_action() + 1" } else { "merge_action(), t.*" };
                (if self.one_in(2) { more } else { String::new() }, format!(" returning {returned}"))
            }
            _ => Default::default(),
        };
        format!(
            "merge into {table} as t using ({query}) as s ({}) on {condition} when matched{and} then {matched} \
             when not matched then insert ({}) values ({}){more}{returning}",
            names.join(", "),
            inserted.join(", "),
            values.join(", ")
        )
    }
}
