//! Makes statements by chance: right ones, and ones in which something was done wrong at one place.

mod aggregate;
mod change;
mod json;
mod query;
pub mod schema;
mod source;
mod value;

use schema::Ty;

/// A column that can be named.
#[derive(Clone, Debug)]
struct Column {
    name: String,
    ty: Ty,
}

/// Something behind `FROM`.
#[derive(Clone, Debug)]
struct Visible {
    alias: String,
    columns: Vec<Column>,
}

/// What one `SELECT` sees.
#[derive(Clone, Debug, Default)]
struct Level {
    sources: Vec<Visible>,
    /// What its rows are grouped by: only that, and aggregates, come out.
    keys: Option<Vec<(String, Ty)>>,
    /// Whether windows can stand here.
    has_windows: bool,
    /// The windows that have names.
    windows: Vec<String>,
}

/// A common table.
#[derive(Clone, Debug)]
struct Common {
    name: String,
    columns: Vec<Column>,
}

/// Makes statements by chance.
pub struct Maker {
    random: fastrand::Rng,
    major: u32,
    /// Whether something is done wrong, where there is an occasion.
    is_wrong: bool,
    has_slipped: bool,
    levels: Vec<Level>,
    common: Vec<Common>,
    number: u32,
}

impl Maker {
    /// One for servers of this major version.
    pub fn new(major: u32, seed: u64) -> Maker {
        let random = fastrand::Rng::with_seed(seed);
        Maker { random, major, is_wrong: false, has_slipped: false, levels: Vec::new(), common: Vec::new(), number: 0 }
    }

    /// A statement; whether it is a query, of which a view can be made.
    pub fn statement(&mut self, is_wrong: bool) -> (String, bool) {
        self.is_wrong = is_wrong;
        self.has_slipped = false;
        self.levels.clear();
        self.common.clear();
        self.number = 0;
        if self.one_in(5) {
            return (self.change(), false);
        }
        let width = 1 + self.below(4);
        let types: Vec<Ty> = (0..width).map(|_| self.ty()).collect();
        (self.query(&types, 3).0, true)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.usize(..limit.max(1))
    }

    fn one_in(&mut self, count: u32) -> bool {
        self.random.u32(..count) == 0
    }

    fn pick<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        self.random.choice(choices).copied().unwrap_or("")
    }

    fn ty(&mut self) -> Ty {
        self.random.choice(Ty::ALL).unwrap_or(Ty::Int)
    }

    fn ordered_ty(&mut self) -> Ty {
        let ty = self.ty();
        if ty.is_ordered() { ty } else { Ty::Int }
    }

    fn name(&mut self, prefix: &str) -> String {
        self.number += 1;
        format!("{prefix}{}", self.number)
    }

    /// Whether to do something wrong here: once in a statement that is to be wrong.
    fn slips(&mut self, count: u32) -> bool {
        let slips = self.is_wrong && !self.has_slipped && self.one_in(count);
        self.has_slipped |= slips;
        slips
    }
}
