//! Expressions.

use super::Maker;
use super::schema::Ty;

impl Maker {
    /// A column of this type, with the name of its source or without, where that is clear.
    pub(super) fn column(&mut self, ty: Ty, is_own: bool) -> Option<String> {
        let mut found = Vec::new();
        let skipped = if is_own { self.levels.len().saturating_sub(1) } else { 0 };
        for level in self.levels.iter().skip(skipped) {
            for source in &level.sources {
                let columns = source.columns.iter().filter(|column| column.ty == ty);
                found.extend(columns.map(|column| (source.alias.clone(), column.name.clone())));
            }
        }
        let (source, name) = self.random.choice(&found)?.clone();
        if self.slips(25) {
            return Some(match self.below(3) {
                0 => format!("{source}.nme"),
                1 => format!("nowhere.{name}"),
                _ => name,
            });
        }
        Some(format!("{source}.{name}"))
    }

    /// A value of another type.
    pub(super) fn other_value(&mut self, ty: Ty) -> String {
        let other = self.ty();
        if other == ty { "'x'::point".to_owned() } else { self.value(other, 1) }
    }

    pub(super) fn literal(&mut self, ty: Ty) -> String {
        let wrong = self.slips(25);
        let (right, broken): (&[&str], &str) = match ty {
            Ty::Int => (&["1", "42", "'7'::integer", "-3", "null::integer"], "'x'::integer"),
            Ty::Big => (&["5::bigint", "99999999999", "null::bigint"], "'5.5'::bigint"),
            Ty::Num => (&["1.5", "2.25::numeric", "null::numeric"], "'1,5'::numeric"),
            Ty::Float => (&["0.5::double precision", "'NaN'::double precision"], "'zero'::double precision"),
            Ty::Text => (&["'a'::text", "'it''s'::text", "null::text"], "'x'::txt"),
            Ty::Code => (&["'b'::varchar", "'c'::varchar(3)"], "'c'::varchar(0)"),
            Ty::Email => (&["'a@b.c'::email"], "'a@b.c'::emial"),
            Ty::Bool => (&["true", "false", "null::boolean"], "'maybe'::boolean"),
            Ty::Date => (&["'2026-01-02'::date", "date '2026-02-28'", "current_date"], "date '2026-02-30'"),
            Ty::At => (&["now()", "current_timestamp", "'2026-01-02 10:00+00'::timestamptz"], "'noon?'::timestamptz"),
            Ty::Span => (&["interval '1 day'", "'2 hours'::interval"], "interval '1 fortnight'"),
            Ty::Uuid => (&["gen_random_uuid()", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid"], "'a0ee'::uuid"),
            Ty::Json => (&["'{}'::json", "'[1]'::json"], "'{'::json"),
            Ty::Jsonb => (&["'{\"a\": 1}'::jsonb", "'[]'::jsonb"], "'{a}'::jsonb"),
            Ty::Ints => (&["array[1, 2]", "'{1,2}'::integer[]"], "'{1,x}'::integer[]"),
            Ty::Texts => (&["array['a', 'b']", "'{a,b}'::text[]"], "'{a'::text[]"),
            Ty::Mood => (&["'calm'::mood", "'sad'::mood"], "'glad'::mood"),
            Ty::Home => (&["row('a', 'b')::address", "'(a,b)'::address"], "row('a')::address"),
            Ty::Range => (&["'[1,5)'::int4range", "int4range(1, 5)", "'empty'::int4range"], "'[5,1)'::int4range"),
            Ty::Multi => {
                (&["'{[1,2),[4,5)}'::int4multirange", "int4multirange(int4range(1, 2))"], "'{[1,2}'::int4multirange")
            }
            Ty::Moods => (&["'{calm,sad}'::mood[]", "array['calm']::mood[]"], "'{calm,glad}'::mood[]"),
        };
        if wrong { broken.to_owned() } else { self.pick(right).to_owned() }
    }

    /// A value of this type, which can stand at this place.
    pub(super) fn value(&mut self, ty: Ty, depth: u32) -> String {
        if let Some(keys) = self.top().keys.clone() {
            let same: Vec<String> = keys.into_iter().filter(|(_, found)| *found == ty).map(|(key, _)| key).collect();
            match self.below(4) {
                0 | 1 if !same.is_empty() => return same[self.below(same.len())].clone(),
                0..=2 => {
                    if let Some(aggregate) = self.aggregate(ty) {
                        return aggregate;
                    }
                }
                _ => {}
            }
            if self.slips(8)
                && let Some(column) = self.column(ty, true)
            {
                return column;
            }
            if depth == 0 {
                return self.literal(ty);
            }
        }
        if self.top().has_windows
            && self.one_in(12)
            && let Some(over) = self.over(ty)
        {
            return over;
        }
        if depth == 0 || self.one_in(3) {
            let is_grouped = self.top().keys.is_some();
            return match self.column(ty, false) {
                Some(column) if !is_grouped && !self.one_in(6) => column,
                _ => self.literal(ty),
            };
        }
        let next = depth - 1;
        match self.below(16) {
            14 => return self.polymorphic(ty, next),
            0 => {
                let (one, two) = (self.value(ty, next), self.value(ty, next));
                return format!("coalesce({one}, {two})");
            }
            1 => {
                let (condition, one, two) = (self.value(Ty::Bool, next), self.value(ty, next), self.value(ty, next));
                let two = if self.slips(20) { self.other_value(ty) } else { two };
                return format!("case when {condition} then {one} else {two} end");
            }
            2 => return self.scalar(ty, next),
            3 => {
                let keys = self.top().keys.clone();
                if let Some(constructed) = self.constructed(ty, next).filter(|_| keys.is_none()) {
                    return constructed;
                }
            }
            _ => {}
        }
        self.composed(ty, next)
    }

    /// `(select ...)`
    fn scalar(&mut self, ty: Ty, depth: u32) -> String {
        let types = if self.slips(12) { vec![ty, Ty::Int] } else { vec![ty] };
        let types = if self.slips(12) { vec![self.ty()] } else { types };
        let grouped = self.top().keys.is_some();
        let (query, _) = if grouped {
            // What is not grouped must not be seen.
            let levels = std::mem::take(&mut self.levels);
            let made = self.query(&types, depth);
            self.levels = levels;
            made
        } else {
            self.query(&types, depth)
        };
        format!("({query})")
    }

    /// A call of a function of the user that takes any type.
    fn polymorphic(&mut self, ty: Ty, next: u32) -> String {
        let (one, two) = (self.value(ty, next), self.value(ty, next));
        let two = if self.slips(10) { self.other_value(ty) } else { two };
        match self.below(4) {
            0 if !ty.is_array() || self.slips(4) => format!("top_of(wrapped({one}))"),
            1 if ty != Ty::Json => format!("nullif({one}, {two})"),
            2 => format!("chosen(b => {one}, a => {two})"),
            _ => format!("chosen({one}, {two})"),
        }
    }

    /// A call of an overloaded function of the user, with defaults, by name or with any number of arguments.
    fn overloaded(&mut self, ty: Ty, next: u32) -> String {
        let int = if self.slips(20) { Ty::Texts } else { Ty::Int };
        let text = if self.slips(20) { Ty::Ints } else { Ty::Text };
        match (ty, self.below(4)) {
            (Ty::Int, 0) => format!("shifted({})", self.value(int, next)),
            (Ty::Int, 1) => format!("shifted({}, {})", self.value(Ty::Int, next), self.value(int, next)),
            (Ty::Int, 2) if self.slips(4) => "shifted(1, nosuch => 2)".to_owned(),
            (Ty::Int, 3) if self.slips(4) => "shifted(by => 2)".to_owned(),
            (Ty::Int, _) => format!("shifted(scale => {}, n => {})", self.value(int, next), self.value(Ty::Int, 0)),
            (_, 0) if self.slips(2) => format!("titled({})", self.value(Ty::Text, next)),
            (_, 0) => format!("titled({}, {})", self.value(Ty::Text, next), self.value(text, next)),
            (_, 1) => {
                format!("glued(variadic {})", self.value(if text == Ty::Text { Ty::Texts } else { Ty::Text }, next))
            }
            (_, 2) => format!("titled(mark => {}, v => {})", self.value(text, next), self.value(Ty::Text, 0)),
            _ => format!("glued({}, {}, 'x')", self.value(Ty::Text, next), self.value(text, next)),
        }
    }

    fn composed(&mut self, ty: Ty, next: u32) -> String {
        let wrong = self.slips(40);
        let int = if wrong { Ty::Texts } else { Ty::Int };
        let text = if wrong { Ty::Ints } else { Ty::Text };
        if matches!(ty, Ty::Int | Ty::Text) && self.one_in(5) {
            return self.overloaded(ty, next);
        }
        match ty {
            Ty::Int => match self.below(10) {
                9 => format!("{}({})", self.pick(&["lower", "upper"]), self.value(Ty::Range, next)),
                0 => format!("{} + {}", self.paren(int, next), self.paren(Ty::Int, next)),
                1 => format!("{} * {}", self.paren(Ty::Int, next), self.paren(int, next)),
                2 => format!("length({})", self.value(text, next)),
                3 => format!("cardinality({})", self.value(Ty::Texts, next)),
                4 => format!("doubled({})", self.value(int, next)),
                5 => format!("{}[1]", self.paren(Ty::Ints, next)),
                6 => format!("({} - {})", self.paren(Ty::Date, next), self.paren(Ty::Date, next)),
                7 => format!("extract(year from {})::integer", self.value(Ty::Date, next)),
                _ => format!("abs({})", self.value(int, next)),
            },
            Ty::Big => match self.below(3) {
                0 => format!("{} + {}", self.paren(Ty::Big, next), self.paren(int, next)),
                1 => format!("{}::bigint", self.paren(Ty::Int, next)),
                _ => format!("greatest({}, {})", self.value(Ty::Big, next), self.value(Ty::Int, next)),
            },
            Ty::Num => match self.below(4) {
                0 => format!("round({}, 2)", self.value(Ty::Num, next)),
                1 => format!("{} / {}", self.paren(Ty::Num, next), self.paren(int, next)),
                2 => format!("extract(epoch from {})", self.value(Ty::At, next)),
                _ => format!("nullif({}, 0)", self.value(Ty::Num, next)),
            },
            Ty::Float => match self.below(2) {
                0 => format!("sqrt({})", self.value(Ty::Float, next)),
                _ => format!("{} * {}", self.paren(Ty::Float, next), self.paren(int, next)),
            },
            Ty::Text => match self.below(10) {
                0 => format!("lower({})", self.value(text, next)),
                1 => format!("{} || {}", self.paren(Ty::Text, next), self.paren(Ty::Int, next)),
                2 => format!("substring({} from 1 for {})", self.value(Ty::Text, next), self.value(int, next)),
                3 => format!("{} ->> 'a'", self.paren(Ty::Jsonb, next)),
                4 => format!("{}[{}]", self.paren(Ty::Texts, next), self.value(Ty::Int, next)),
                5 => format!("{}.zip", self.paren(Ty::Home, next)),
                6 => format!("to_char({}, 'YYYY')", self.value(Ty::At, next)),
                7 => format!("{}::text", self.paren(Ty::Mood, next)),
                8 if self.top().keys.is_none() => self.xml(),
                _ => format!("trim(both from {})", self.value(Ty::Text, next)),
            },
            Ty::Code => format!("{}::varchar(5)", self.paren(Ty::Text, next)),
            Ty::Email => format!("{}::email", self.paren(Ty::Text, next)),
            Ty::Bool => self.truth(next),
            Ty::Date => match self.below(3) {
                0 => format!("{} + {}", self.paren(Ty::Date, next), self.paren(int, next)),
                1 => format!("{}::date", self.paren(Ty::At, next)),
                _ => format!("least({}, {})", self.value(Ty::Date, next), self.value(Ty::Date, next)),
            },
            Ty::At => match self.below(3) {
                0 => format!("{} + {}", self.paren(Ty::At, next), self.paren(Ty::Span, next)),
                1 => format!("date_trunc('day', {})", self.value(Ty::At, next)),
                _ => format!("{} - {}", self.paren(Ty::At, next), self.paren(Ty::Span, next)),
            },
            Ty::Span => match self.below(2) {
                0 => format!("{} - {}", self.paren(Ty::At, next), self.paren(Ty::At, next)),
                _ => format!("{} * {}", self.paren(Ty::Span, next), self.paren(Ty::Float, next)),
            },
            Ty::Uuid => format!("{}::text::uuid", self.paren(Ty::Uuid, next)),
            Ty::Json => match self.below(2) {
                0 => {
                    let other = self.ty();
                    format!("to_json({})", self.value(other, next))
                }
                _ => format!("{} -> 'a'", self.paren(Ty::Json, next)),
            },
            Ty::Jsonb => match self.below(4) {
                0 => format!("{} || {}", self.paren(Ty::Jsonb, next), self.paren(Ty::Jsonb, next)),
                1 => format!("{} #> '{{a,b}}'", self.paren(Ty::Jsonb, next)),
                2 => {
                    let other = self.ty();
                    format!("jsonb_build_object('a', {})", self.value(other, next))
                }
                _ => format!("{}['a']", self.paren(Ty::Jsonb, next)),
            },
            Ty::Ints => match self.below(4) {
                0 => format!("array[{}, {}]", self.value(Ty::Int, next), self.value(int, next)),
                1 => format!("array_append({}, {})", self.value(Ty::Ints, next), self.value(int, next)),
                2 if self.top().keys.is_none() => {
                    let (query, _) = self.query(&[Ty::Int], next);
                    format!("array({query})")
                }
                _ => format!("{} || {}", self.paren(Ty::Ints, next), self.paren(Ty::Ints, next)),
            },
            Ty::Texts => match self.below(2) {
                0 => format!("string_to_array({}, ',')", self.value(text, next)),
                _ => format!("array_remove({}, {})", self.value(Ty::Texts, next), self.value(text, next)),
            },
            Ty::Mood => format!("{}::mood", self.paren(Ty::Text, next)),
            Ty::Home => match self.below(3) {
                0 => format!("rehomed({})", self.value(Ty::Home, next)),
                1 => format!("rehomed({}, zip => {})", self.value(Ty::Home, next), self.value(text, next)),
                _ => format!("row({}, {})::address", self.value(Ty::Text, next), self.value(text, next)),
            },
            Ty::Range => match self.below(4) {
                0 => format!("{} * {}", self.paren(Ty::Range, next), self.paren(Ty::Range, next)),
                1 => format!("range_merge({}, {})", self.value(Ty::Range, next), self.value(Ty::Range, next)),
                2 => format!("range_merge({})", self.value(Ty::Multi, next)),
                _ => format!("int4range({}, {}, '[]')", self.value(int, next), self.value(Ty::Int, next)),
            },
            Ty::Multi => match self.below(3) {
                0 => format!("{} + {}", self.paren(Ty::Multi, next), self.paren(Ty::Multi, next)),
                1 => format!("multirange({})", self.value(Ty::Range, next)),
                _ => format!("int4multirange({}, {})", self.value(Ty::Range, next), self.value(Ty::Range, next)),
            },
            Ty::Moods => match self.below(3) {
                0 => format!("{} || {}", self.paren(Ty::Moods, next), self.paren(Ty::Mood, next)),
                1 => format!("array[{}, {}]", self.value(Ty::Mood, next), self.value(Ty::Mood, next)),
                _ => format!("array_append({}, {})", self.value(Ty::Moods, next), self.value(Ty::Mood, next)),
            },
        }
    }

    pub(super) fn paren(&mut self, ty: Ty, depth: u32) -> String {
        format!("({})", self.value(ty, depth))
    }

    fn truth(&mut self, next: u32) -> String {
        let ty = self.ordered_ty();
        let other = if self.slips(10) { self.ty() } else { ty };
        let is_grouped = self.top().keys.is_some();
        match self.below(22) {
            16 => {
                let operator = self.pick(&["&&", "@>", "-|-", "<<"]);
                format!("{} {operator} {}", self.paren(Ty::Range, next), self.paren(Ty::Range, next))
            }
            17 => format!("{} @> {}", self.paren(Ty::Multi, next), self.paren(Ty::Range, next)),
            18 => format!("{} @> {}", self.paren(Ty::Range, next), self.paren(Ty::Int, next)),
            19 => format!("{} = any ({})", self.paren(Ty::Mood, next), self.value(Ty::Moods, next)),
            0 => format!("{} is null", self.paren(ty, next)),
            1 => format!("{} is distinct from {}", self.paren(ty, next), self.paren(other, next)),
            2 => {
                let word = self.pick(&["like", "not ilike", "similar to", "~", "!~*"]);
                format!("{} {word} {}", self.paren(Ty::Text, next), self.paren(Ty::Text, next))
            }
            3 => format!("{} between {} and {}", self.paren(ty, next), self.paren(ty, next), self.paren(other, next)),
            4 => format!("{} in ({}, {})", self.paren(ty, next), self.value(ty, next), self.value(other, next)),
            5 if !is_grouped => {
                let types = if self.slips(5) { vec![ty, ty] } else { vec![other] };
                let (query, _) = self.query(&types, next);
                format!("{} in ({query})", self.paren(ty, next))
            }
            6 if !is_grouped => {
                let (query, _) = self.query(&[ty], next);
                format!("exists ({query})")
            }
            7 => {
                let second = self.ordered_ty();
                let operator = self.pick(&["=", "<>", "<", ">="]);
                let operator = if self.slips(8) { "@>" } else { operator };
                let (a, b) = (self.value(ty, next), self.value(second, next));
                let (c, d) = (self.value(other, next), self.value(second, next));
                if self.slips(8) {
                    format!("({a}, {b}) {operator} ({c})")
                } else {
                    format!("({a}, {b}) {operator} ({c}, {d})")
                }
            }
            8 if !is_grouped => {
                let second = self.ordered_ty();
                let types = if self.slips(5) { vec![ty, second, ty] } else { vec![other, second] };
                let (query, _) = self.query(&types, next);
                format!("({}, {}) in ({query})", self.value(ty, next), self.value(second, next))
            }
            9 => format!("{} = any ({})", self.paren(Ty::Int, next), self.value(Ty::Ints, next)),
            10 if !is_grouped => {
                let (query, _) = self.query(&[ty], next);
                format!("{} >= all ({query})", self.paren(other, next))
            }
            11 => format!("not {}", self.paren(Ty::Bool, next)),
            12 => format!("{} and {}", self.paren(Ty::Bool, next), self.paren(Ty::Bool, next)),
            13 => format!("{} or {}", self.paren(Ty::Bool, next), self.paren(Ty::Bool, next)),
            14 => {
                let operator = self.pick(&["@>", "<@"]);
                format!("{} {operator} {}", self.paren(Ty::Jsonb, next), self.paren(Ty::Jsonb, next))
            }
            15 => format!("{} ? {}", self.paren(Ty::Jsonb, next), self.paren(Ty::Text, next)),
            _ => {
                let operator = self.pick(&["=", "<>", "<", ">", "<=", ">="]);
                let operator = if self.slips(10) { self.pick(&["==", "&&", "@@", "->", "+"]) } else { operator };
                format!("{} {operator} {}", self.paren(ty, next), self.paren(other, next))
            }
        }
    }
}
