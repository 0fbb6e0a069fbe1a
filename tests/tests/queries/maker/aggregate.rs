//! Aggregates and windows.

use super::Maker;
use super::schema::Ty;

impl Maker {
    /// A value over all rows of a group, outside of what it is grouped by.
    fn of_rows(&mut self, ty: Ty, depth: u32) -> String {
        let keys = self.top().keys.take();
        let value = self.without_windows(|maker| maker.value(ty, depth));
        self.top().keys = keys;
        value
    }

    /// An aggregate of this type.
    pub(super) fn aggregate(&mut self, ty: Ty) -> Option<String> {
        let any = self.ordered_ty();
        let mut call = match (ty, self.below(4)) {
            (Ty::Int, 0) => format!("mode() within group (order by {})", self.of_rows(Ty::Int, 0)),
            (Ty::Int, 1) => format!("percentile_disc(0.5) within group (order by {})", self.of_rows(Ty::Int, 0)),
            (Ty::Big, 0) => "count(*)".to_owned(),
            (Ty::Big, 1) => format!("count(distinct {})", self.of_rows(any, 1)),
            (Ty::Big, 2) => format!("sum({})", self.of_rows(Ty::Int, 1)),
            (Ty::Big, _) => format!("rank({0}) within group (order by {0})", self.of_rows(Ty::Int, 0)),
            (Ty::Num, 0) => format!("avg({})", self.of_rows(Ty::Int, 1)),
            (Ty::Num, 1) => format!("sum({})", self.of_rows(Ty::Num, 1)),
            (Ty::Float, 0) => {
                format!("percentile_cont(0.5) within group (order by {} desc)", self.of_rows(Ty::Float, 0))
            }
            (Ty::Float, 1) => format!("corr({}, {})", self.of_rows(Ty::Float, 0), self.of_rows(Ty::Float, 0)),
            (Ty::Text, 0 | 1) => {
                let (one, two) = (self.of_rows(Ty::Text, 1), self.of_rows(any, 0));
                format!("string_agg({one}, ',' order by {two})")
            }
            (Ty::Bool, _) => format!("{}({})", self.pick(&["bool_and", "bool_or", "every"]), self.of_rows(Ty::Bool, 1)),
            (Ty::Jsonb, 0) => format!("jsonb_object_agg({}, {})", self.of_rows(Ty::Text, 0), self.of_rows(any, 1)),
            (Ty::Jsonb, _) => format!("jsonb_agg({} order by {})", self.of_rows(any, 1), self.of_rows(Ty::Int, 0)),
            (Ty::Json, _) => format!("json_agg({})", self.of_rows(any, 1)),
            (Ty::Multi, _) => format!("range_agg({})", self.of_rows(Ty::Range, 1)),
            (Ty::Range, _) => format!("range_intersect_agg({})", self.of_rows(Ty::Range, 1)),
            (Ty::Moods, _) => format!("array_agg({} order by 1)", self.of_rows(Ty::Mood, 1)),
            (Ty::Ints, _) => format!("array_agg({})", self.of_rows(Ty::Int, 1)),
            (Ty::Texts, _) => format!("array_agg({} order by 1)", self.of_rows(Ty::Text, 1)),
            (Ty::Int | Ty::Num | Ty::Float | Ty::Text | Ty::Date | Ty::At | Ty::Span | Ty::Mood, _) => {
                format!("{}({})", self.pick(&["max", "min"]), self.of_rows(ty, 1))
            }
            _ => return None,
        };
        if self.slips(12) {
            call = match self.below(7) {
                0 => call.replacen('(', "(max(1), ", 1),
                1 => format!("max({call})"),
                2 => call.replace("within group", "over"),
                3 => call.replacen('(', "(distinct ", 1),
                4 => format!("{call} over (order by 1)"),
                5 => call.replacen("(", " within group (order by ", 1),
                _ => format!("lower({call}) filter (where true)"),
            };
        }
        if self.one_in(5) && !call.contains("within group") {
            let condition = self.of_rows(Ty::Bool, 1);
            call = format!("{call} filter (where {condition})");
        }
        Some(call)
    }

    /// `(partition by ... order by ...)`
    pub(super) fn window(&mut self) -> String {
        let mut parts = Vec::new();
        if let Some(name) = self.top().windows.first().cloned()
            && self.slips(6)
        {
            parts.push(format!("{name} partition by 1"));
        }
        if self.one_in(2) && parts.is_empty() {
            let ty = self.ordered_ty();
            let ty = if self.slips(20) { Ty::Json } else { ty };
            parts.push(format!("partition by {}", self.without_windows(|maker| maker.value(ty, 1))));
        }
        let is_ordered = self.one_in(2);
        if is_ordered {
            let ty = self.ordered_ty();
            let ty = if self.slips(20) { Ty::Json } else { ty };
            parts.push(format!("order by {}", self.without_windows(|maker| maker.value(ty, 1))));
        }
        match self.below(11) {
            8 => parts.push("rows between unbounded preceding and 1 following exclude current row".to_owned()),
            9 if is_ordered => parts.push("groups between current row and 1 following exclude group".to_owned()),
            10 => parts.push("range between current row and unbounded following exclude no others".to_owned()),
            0 => parts.push("rows between 1 preceding and current row".to_owned()),
            1 => parts.push("range between unbounded preceding and current row exclude ties".to_owned()),
            2 if is_ordered || self.slips(3) => parts.push("groups 2 preceding".to_owned()),
            3 if self.slips(3) => parts.push("range between 1 preceding and 1 following".to_owned()),
            4 if self.slips(3) => parts.push("rows between 1 following and 1 preceding".to_owned()),
            5 if self.slips(3) => parts.push(format!("rows {} preceding", self.value(Ty::Int, 0))),
            6 if self.slips(3) => parts.push("rows 'x' preceding".to_owned()),
            _ => {}
        }
        format!("({})", parts.join(" "))
    }

    /// A value of a window.
    pub(super) fn over(&mut self, ty: Ty) -> Option<String> {
        let value = |maker: &mut Maker, ty| maker.without_windows(|maker| maker.value(ty, 1));
        let call = match (ty, self.below(3)) {
            (Ty::Big, 0) => "row_number()".to_owned(),
            (Ty::Big, 1) => "dense_rank()".to_owned(),
            (Ty::Big, _) => format!("sum({})", value(self, Ty::Int)),
            (Ty::Int, 0) => format!("ntile({})", value(self, Ty::Int)),
            (Ty::Float, 0) => self.pick(&["percent_rank()", "cume_dist()"]).to_owned(),
            (Ty::Num, 0) => format!("avg({})", value(self, Ty::Int)),
            (Ty::Json | Ty::Email | Ty::Code, _) => return None,
            (ty, 1) => format!("lag({}, 1, {})", value(self, ty), value(self, ty)),
            (ty, _) => format!("{}({})", self.pick(&["first_value", "last_value", "lead"]), value(self, ty)),
        };
        let window = match self.top().windows.first().cloned() {
            Some(name) if self.one_in(2) => name,
            _ => self.window(),
        };
        Some(match self.below(8) {
            0 if self.slips(2) => format!("{call} over nowhere"),
            1 if self.slips(2) => call,
            2 if self.slips(2) => format!("{} over {window}", call.replacen('(', "(distinct ", 1)),
            3 if self.slips(2) => format!("lower('x') over {window}"),
            4 if self.slips(2) => format!("{} over {window}", call.replacen('(', "(row_number() over (), ", 1)),
            _ => format!("{call} over {window}"),
        })
    }
}
