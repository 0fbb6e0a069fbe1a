//! Makes expressions by chance.

use migrate_core::system::{self, AggregateKind, Function, FunctionKind, SystemOperator, TypeId, TypeKind};
use migrate_core::types::Type;

use crate::own::{OWN, TYPES};

pub struct Maker {
    random: fastrand::Rng,
    functions: Vec<Function>,
    ordered_sets: Vec<Function>,
    windows: Vec<Function>,
    operators: Vec<SystemOperator>,
}

impl Maker {
    pub fn new(major: u32, seed: u64) -> Maker {
        let is_usable = |id: TypeId| !matches!(id.entry().name(), "internal" | "cstring");
        let mut names: Vec<&str> = system::function_names().map(|(name, _)| name).collect();
        names.dedup();
        let all: Vec<Function> = names.into_iter().flat_map(system::functions).collect();
        let usable = all.into_iter().filter(|function| {
            function.extension().is_none()
                && function.versions().has(major)
                // A word of the grammar, which nobody calls as a function.
                && function.name() != "like"
                && function.kind() != FunctionKind::Procedure
                && function.arguments().iter().all(is_usable)
                && function
                    .name()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        });
        let operators =
            system::all_operators().filter(|operator| operator.extension().is_none() && operator.versions().has(major));
        let (windows, others): (Vec<Function>, Vec<Function>) =
            usable.partition(|function| function.kind() == FunctionKind::Window);
        let (functions, ordered_sets) =
            others.into_iter().partition(|function| function.aggregate_kind() == AggregateKind::Normal);
        Maker {
            functions,
            ordered_sets,
            windows,
            operators: operators.collect(),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    fn column(&mut self) -> String {
        format!("c{}", self.random.usize(..TYPES.len()))
    }

    fn literal(&mut self) -> String {
        self.random.choice(["1", "2.5", "null", "'1'", "true", "99999999999", "'x'"]).unwrap_or("1").to_owned()
    }

    /// Something of a type, most of the time.
    fn of_type(&mut self, id: TypeId, depth: u32) -> String {
        match self.random.u32(..20) {
            0 => return self.column(),
            1 => return self.literal(),
            2 => return "null".to_owned(),
            3 if depth > 0 => return self.expression(depth - 1),
            _ => {}
        }
        if id.entry().kind() == TypeKind::Pseudo {
            return self.column();
        }
        let name = id.entry().name();
        let same: Vec<usize> = (0..TYPES.len())
            .filter(|index| {
                let data_type: Type = TYPES.get(*index).unwrap_or(&"text").parse().expect("a type");
                match data_type.element() {
                    Some(element) => {
                        element.internal_name().is_some_and(|element| name.strip_prefix('_') == Some(element))
                    }
                    None => data_type.internal_name() == Some(name),
                }
            })
            .collect();
        match self.random.choice(&same) {
            Some(index) => format!("c{index}"),
            None => format!("null::pg_catalog.\"{name}\""),
        }
    }

    pub fn expression(&mut self, depth: u32) -> String {
        let next = depth.saturating_sub(1);
        match self.random.u32(..if depth == 0 { 2 } else { 46 }) {
            0 => self.literal(),
            1 | 2 => self.column(),
            3..=11 => {
                let index = self.random.usize(..self.functions.len());
                let function = self.functions[index];
                let mut arguments: Vec<String> = function.arguments().iter().map(|id| self.of_type(id, next)).collect();
                if self.random.u32(..15) == 0 {
                    arguments.pop();
                }
                format!("{}({})", function.name(), arguments.join(", "))
            }
            12..=20 => {
                let index = self.random.usize(..self.operators.len());
                let operator = self.operators[index];
                let right = self.of_type(operator.right(), next);
                match operator.left() {
                    Some(left) => {
                        let left = self.of_type(left, next);
                        format!("(({left}) {} ({right}))", operator.symbol())
                    }
                    None => format!("({} ({right}))", operator.symbol()),
                }
            }
            21 => format!("coalesce({}, {})", self.expression(next), self.expression(next)),
            22 => format!("greatest({}, {})", self.column(), self.expression(0)),
            23 => {
                let (one, two, three) = (self.expression(next), self.expression(0), self.expression(0));
                format!("(case when {one} then {two} else {three} end)")
            }
            24 => format!("array[{}, {}]", self.expression(0), self.expression(0)),
            25 => {
                let target = self.random.choice(TYPES).copied().unwrap_or("text");
                format!("({})::{target}", self.expression(next))
            }
            26 => format!("({} in ({}, {}))", self.column(), self.literal(), self.expression(0)),
            27 => format!("({} = any ({}))", self.expression(0), self.column()),
            28 => {
                let words = ["like", "not like", "ilike", "is distinct from", "similar to"];
                let word = self.random.choice(words).unwrap_or("like");
                format!("({} {word} {})", self.column(), self.expression(0))
            }
            30..=34 => self.own_call(next),
            35 | 36 => self.aggregated(next),
            37 => self.over(next),
            38 | 39 => self.of_rows(next),
            40..=42 => self.spelled(next),
            _ => match self.random.u32(..6) {
                0 => format!("({})[1]", self.column()),
                1 => format!("(not {})", self.expression(0)),
                2 => format!("({} and {})", self.expression(0), self.column()),
                3 => format!("extract(year from {})", self.column()),
                4 => format!("nullif({}, {})", self.expression(0), self.expression(0)),
                _ => format!("({} between {} and {})", self.column(), self.literal(), self.expression(0)),
            },
        }
    }
}

impl Maker {
    /// A call of a function of the user: by position, by name, with the last argument as an array.
    fn own_call(&mut self, depth: u32) -> String {
        let own = &OWN[self.random.usize(..OWN.len())];
        let mut arguments: Vec<(&str, String)> = Vec::new();
        for (name, data_type, default) in own.arguments {
            if !default.is_empty() && self.random.u32(..3) == 0 {
                continue;
            }
            let value = match data_type.parse::<Type>() {
                Ok(found) if !data_type.starts_with("any") => {
                    let same: Vec<usize> =
                        (0..TYPES.len()).filter(|index| TYPES[*index].parse::<Type>() == Ok(found.clone())).collect();
                    match self.random.choice(&same) {
                        Some(index) if self.random.u32(..4) > 0 => format!("c{index}"),
                        _ => self.expression(depth.min(1)),
                    }
                }
                _ => self.column(),
            };
            arguments.push((name, value));
        }
        let count = arguments.len();
        let is_named = self.random.u32(..5) == 0;
        let is_spread = own.is_variadic && self.random.u32(..2) == 0;
        let mut written: Vec<String> = Vec::new();
        for (index, (name, value)) in arguments.into_iter().enumerate() {
            let is_last = index + 1 == count;
            if is_named && !own.is_variadic {
                let name = if self.random.u32(..30) == 0 { "nosuch" } else { name };
                written.push(format!("{name} => {value}"));
            } else if is_last && is_spread {
                written.push(format!("variadic {value}"));
            } else if is_last && own.is_variadic {
                for _ in 0..self.random.usize(1..4) {
                    let value = if self.random.bool() { self.literal() } else { self.column() };
                    written.push(value);
                }
            } else {
                written.push(value);
            }
        }
        if self.random.u32(..20) == 0 {
            written.pop();
        }
        if self.random.u32(..30) == 0 && !is_named && !is_spread {
            written.push(self.literal());
        }
        format!("{}({})", own.name, written.join(", "))
    }

    /// An aggregate with what can stand in it and behind it.
    fn aggregated(&mut self, depth: u32) -> String {
        if self.random.u32(..3) == 0
            && let Some(function) = self.random.choice(&self.ordered_sets).copied()
        {
            let arguments: Vec<String> = function.arguments().iter().map(|id| self.of_type(id, 0)).collect();
            let ordered = if arguments.is_empty() { 0 } else { self.random.usize(..=arguments.len().min(2)) };
            let (direct, order) = arguments.split_at(arguments.len() - ordered);
            let order = if order.is_empty() { self.column() } else { order.join(", ") };
            return format!("{}({}) within group (order by {order})", function.name(), direct.join(", "));
        }
        let (one, two) = (self.column(), self.column());
        let call = self.random.choice([
            "count(distinct #)",
            "max(#)",
            "min(#)",
            "sum(#)",
            "avg(#)",
            "array_agg(# order by @)",
            "string_agg(#, ',')",
            "string_agg(#, @)",
            "jsonb_agg(#)",
            "json_object_agg(#, @)",
            "bool_and(#)",
            "bit_or(#)",
            "range_agg(#)",
            "range_intersect_agg(#)",
            "count(*)",
            "count()",
            "corr(#, @)",
            "lower(distinct #)",
            "xmlagg(#)",
        ]);
        let call = call.unwrap_or("max(#)").replace('#', &one).replace('@', &two);
        match self.random.u32(..4) {
            0 => format!("{call} filter (where {})", self.expression(depth.min(1))),
            _ => call,
        }
    }

    /// A window function or an aggregate over a window.
    fn over(&mut self, depth: u32) -> String {
        let call = match self.random.choice(&self.windows).copied() {
            Some(function) if self.random.bool() => {
                let arguments: Vec<String> = function.arguments().iter().map(|id| self.of_type(id, 0)).collect();
                format!("{}({})", function.name(), arguments.join(", "))
            }
            _ => format!("sum({})", self.column()),
        };
        let (partition, order) = (self.expression(depth.min(1)), self.column());
        let offset = self.random.choice(["1", "'1 day'", "1.5", "'x'::text", "interval '1 hour'"]).unwrap_or("1");
        let frame = match self.random.u32(..6) {
            0 => format!(" range between {offset} preceding and current row"),
            1 => " rows 2 preceding".to_owned(),
            2 => " groups between 1 preceding and 1 following exclude ties".to_owned(),
            _ => String::new(),
        };
        match self.random.u32(..8) {
            0 => call,
            1 => format!("{call} over ()"),
            2 => format!("{call} over (partition by {partition})"),
            _ => format!("{call} over (order by {order}{frame})"),
        }
    }

    /// Rows, fields of composite values.
    fn of_rows(&mut self, depth: u32) -> String {
        let next = depth.min(1);
        let (one, two, three, four) = (self.expression(next), self.column(), self.expression(next), self.literal());
        let operator = self.random.choice(["=", "<>", "<", ">=", "@>", "||"]).unwrap_or("=");
        let homes = TYPES.iter().position(|name| *name == "address").unwrap_or_default();
        match self.random.u32(..10) {
            0 => format!("(row({one}, {two}) {operator} row({three}, {four}))"),
            1 => format!("(({one}, {two}) {operator} ({three}, {four}))"),
            2 => format!("(({one}, {two}) in (({three}, {four}), ({two}, {two})))"),
            3 => format!("(row({one}, {two})::address)"),
            4 => format!("(row({one}, {two}) is distinct from row({three}, {four}))"),
            5 => format!("(c{homes}).street"),
            6 => format!("(c{homes}).{}", self.random.choice(["number", "nosuch", "street"]).unwrap_or("number")),
            7 => format!("(row('a', 1)::address = c{homes})"),
            8 => format!("(({two}).street)"),
            _ => format!("(({one}, {two}) overlaps ({three}, {two}))"),
        }
    }

    /// What has a grammar of its own.
    fn spelled(&mut self, depth: u32) -> String {
        let next = depth.min(1);
        let (one, two, three) = (self.expression(next), self.column(), self.literal());
        let operator = self.random.choice(["=", "<>", "<", "@>", "&&", "~", "+"]).unwrap_or("=");
        let word = self.random.choice(["any", "all", "some"]).unwrap_or("any");
        let test =
            self.random.choice(["true", "not false", "unknown", "null", "not null", "document"]).unwrap_or("null");
        match self.random.u32(..20) {
            0 => format!("substring({one} from {two} for {three})"),
            1 => format!("overlay({one} placing {two} from {three})"),
            2 => format!("position({one} in {two})"),
            3 => format!("trim(both {two} from {one})"),
            4 => format!("({two} at time zone {three})"),
            5 => format!("(({one}) collate \"C\")"),
            6 => format!("({two} {operator} {word} ({one}))"),
            7 => format!("({two} like {word} ({one}))"),
            8 => format!("(({one}) is {test})"),
            9 => format!("({two})[{three}:{one}]"),
            10 => format!("({two})[{one}]"),
            11 => format!("array[{one}, {two}, {three}]"),
            12 => format!("array[array[{two}], array[{one}]]"),
            13 => format!("cast({one} as {})", self.random.choice(TYPES).copied().unwrap_or("text")),
            14 => format!("(case {two} when {one} then {three} else {two} end)"),
            15 => format!("least({one}, {two}, {three})"),
            16 => format!("({two} not between symmetric {one} and {three})"),
            17 => format!("({two} similar to {one} escape {three})"),
            18 => format!("array[]::{}[]", self.random.choice(TYPES).copied().unwrap_or("text")),
            _ => format!("normalize({one}, nfc)"),
        }
    }
}
