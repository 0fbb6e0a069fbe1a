//! Whether a space stands between two tokens.

use migrate_core::token::Bracket;

use super::layout::Layout;
use super::lex::Kind;

/// Words before `(` that are no functions and no types.
const APART: &[&str] = &[
    "all",
    "and",
    "any",
    "as",
    "between",
    "by",
    "case",
    "check",
    "conflict",
    "default",
    "distinct",
    "do",
    "else",
    "except",
    "exclude",
    "exists",
    "filter",
    "from",
    "group",
    "having",
    "ilike",
    "in",
    "include",
    "insert",
    "intersect",
    "is",
    "join",
    "lateral",
    "like",
    "limit",
    "materialized",
    "not",
    "null",
    "offset",
    "on",
    "option",
    "or",
    "over",
    "privileges",
    "references",
    "reset",
    "returning",
    "select",
    "set",
    "sets",
    "some",
    "symmetric",
    "table",
    "then",
    "to",
    "union",
    "unique",
    "update",
    "using",
    "values",
    "when",
    "where",
    "with",
    "zone",
];

/// Words before the name of what is listed in the brackets behind it.
const NAMES: &[&str] = &["into", "references", "view", "statistics", "using"];

/// Words behind which `-` is a sign.
const BEFORE_SIGN: &[&str] = &[
    "and",
    "between",
    "by",
    "case",
    "default",
    "else",
    "from",
    "in",
    "limit",
    "maxvalue",
    "minvalue",
    "not",
    "offset",
    "or",
    "return",
    "select",
    "start",
    "symmetric",
    "then",
    "to",
    "values",
    "when",
    "where",
    "with",
];

impl Layout<'_> {
    fn kind(&self, index: usize) -> Kind {
        self.tokens.get(index).map_or(Kind::End, |token| token.kind)
    }

    fn text(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| token.text)
    }

    /// Whether a space stands between two tokens that follow one another.
    pub(super) fn is_apart(&self, before: usize, after: usize) -> bool {
        let (first, second) = (self.text(before), self.text(after));
        match (self.kind(before), self.kind(after)) {
            (_, Kind::Symbol) if matches!(second, "," | ";") => false,
            (Kind::Symbol, _) if matches!(first, "," | ";") => true,
            (_, Kind::Nullable) => false,
            // `users.email%type`
            (_, Kind::Operator) if second == "%" && self.text(after + 1) == "type" => false,
            (Kind::Operator, _) if first == "%" && second == "type" => false,
            // Apart as they are, so that they stay two.
            (Kind::Operator, Kind::Operator) => true,
            (Kind::Symbol, Kind::Operator) => first != ".",
            (Kind::Operator | Kind::Nullable, Kind::Symbol) => true,
            (Kind::Symbol, Kind::Symbol) => matches!(first, ":" | "::") && matches!(second, ":" | "::"),
            (Kind::Number, Kind::Symbol) => second == "." || second != ":" && second != "::",
            (Kind::Symbol, Kind::Number) if first == "." => self.is_written_apart(after),
            (Kind::Symbol, _) => match first {
                ":" => !self.is_slice(before),
                "::" | "." => false,
                _ => self.is_written_apart(after),
            },
            (_, Kind::Symbol) => match second {
                ":" | "::" | "." => false,
                _ => self.is_written_apart(after),
            },
            (Kind::Operator, Kind::Open(Bracket::Square)) if first == "#" && self.is_attribute(after) => false,
            (Kind::Operator, _) => !self.is_sign(before),
            (_, Kind::Open(Bracket::Square)) => self.is_list_of_versions(before) || self.is_apart_from_square(before),
            (_, Kind::Open(Bracket::Round)) => self.is_apart_from_round(before, after),
            _ => true,
        }
    }

    /// Whether something stands between a token and the one before it, as it is written.
    fn is_written_apart(&self, index: usize) -> bool {
        let before = index.checked_sub(1).and_then(|before| self.tokens.get(before));
        match (before, self.tokens.get(index)) {
            (Some(before), Some(token)) => before.end() != token.start,
            _ => false,
        }
    }

    /// Whether a `:` stands in the index of an array.
    fn is_slice(&self, index: usize) -> bool {
        self.enclosing(index) == Some(Bracket::Square)
    }

    /// Whether `versions` begins an entry of `adopts`, rather than that it is an array.
    fn is_list_of_versions(&self, index: usize) -> bool {
        let begins = || index.checked_sub(1).is_some_and(|before| matches!(self.text(before), "{" | ","));
        self.text(index) == "versions" && begins() && self.enclosing(index) == Some(Bracket::Curly)
    }

    /// The kind of the brackets around a token.
    fn enclosing(&self, index: usize) -> Option<Bracket> {
        let mut open = index;
        while let Some(before) = open.checked_sub(1) {
            open = match self.kind(before) {
                Kind::Close(_) => self.partners.get(before).copied().unwrap_or(before),
                Kind::Open(bracket) => return Some(bracket),
                _ => before,
            };
        }
        None
    }

    fn is_attribute(&self, open: usize) -> bool {
        matches!(self.text(open + 1), "allow" | "limits" | "doc" | "was")
    }

    /// Whether `-` or `+` is a sign rather than an operation.
    fn is_sign(&self, index: usize) -> bool {
        if !matches!(self.text(index), "-" | "+") {
            return false;
        }
        let Some(before) = index.checked_sub(1) else { return true };
        match self.kind(before) {
            Kind::Operator | Kind::Open(_) | Kind::End => true,
            Kind::Symbol => self.text(before) != ".",
            Kind::Word if BEFORE_SIGN.contains(&self.keyword(before)) => true,
            Kind::Word => self.is_written_apart(index) && !self.is_written_apart(index + 1),
            _ => false,
        }
    }

    fn is_apart_from_square(&self, before: usize) -> bool {
        match self.kind(before) {
            Kind::Word => APART.contains(&self.keyword(before)),
            Kind::Text | Kind::Close(_) | Kind::Nullable => false,
            _ => true,
        }
    }

    fn is_apart_from_round(&self, before: usize, open: usize) -> bool {
        match self.kind(before) {
            Kind::Word | Kind::Text => {}
            _ => return true,
        }
        let keyword = self.keyword(before);
        if APART.contains(&keyword) {
            return true;
        }
        let word = |back: usize| before.checked_sub(back).map_or("", |index| self.keyword(index));
        match keyword {
            "key" => return matches!(word(1), "primary" | "foreign"),
            // The object, and not the expression.
            "cast" => return matches!(word(1), "create" | "drop") || word(1) == "on" && word(2) == "comment",
            "options" => return self.kind(open + 1) == Kind::Word,
            "range" | "list" | "hash" if word(1) == "by" && word(2) == "partition" => return true,
            _ => {}
        }
        let name = self.start_of_name(before);
        let word = |back: usize| name.checked_sub(back).map_or("", |index| self.keyword(index));
        match word(1) {
            "as" => !self.is_in_cast(name) && word(3) != "domain",
            "on" => self.is_index(name - 1),
            "with" | "recursive" => true,
            "table" => self.is_list_of_tables(name),
            "index" => false,
            first if NAMES.contains(&first) => true,
            // The second of `with a (x) as (...), b (y) as (...)`.
            _ => {
                let close = self.partners.get(open).copied().unwrap_or(open);
                let is_listed = name.checked_sub(1).is_some_and(|comma| self.text(comma) == ",");
                let is_query = self.keyword(close + 1) == "as" && matches!(self.kind(close + 2), Kind::Open(_));
                is_listed && (is_query || self.is_list_of_tables(name))
            }
        }
    }

    /// Where a name with a schema before it begins.
    fn start_of_name(&self, last: usize) -> usize {
        let mut start = last;
        while let Some(before) = start.checked_sub(2)
            && self.text(start - 1) == "."
            && matches!(self.kind(before), Kind::Word | Kind::Text)
        {
            start = before;
        }
        start
    }

    /// Whether a name is that of a table of a publication: `for table users (id), trips (id)`.
    fn is_list_of_tables(&self, name: usize) -> bool {
        let mut at = name;
        while let Some(before) = at.checked_sub(1) {
            at = match self.kind(before) {
                Kind::Close(_) => self.partners.get(before).copied().unwrap_or(before),
                Kind::Open(_) | Kind::Operator => return false,
                _ if self.text(before) == ";" => return false,
                _ if self.keyword(before) == "table" => {
                    let word = before.checked_sub(1).map_or("", |index| self.keyword(index));
                    return matches!(word, "for" | "add" | "set");
                }
                _ => before,
            };
        }
        false
    }

    /// Whether something stands in `cast(... as ...)`.
    fn is_in_cast(&self, index: usize) -> bool {
        let mut at = index;
        while let Some(before) = at.checked_sub(1) {
            at = match self.kind(before) {
                Kind::Close(_) => self.partners.get(before).copied().unwrap_or(before),
                Kind::Open(_) => return before.checked_sub(1).is_some_and(|cast| self.keyword(cast) == "cast"),
                _ => before,
            };
        }
        false
    }

    /// Whether this `on` is that of an index.
    fn is_index(&self, on: usize) -> bool {
        let Some(before) = on.checked_sub(1) else { return false };
        let start = self.start_of_name(before);
        self.keyword(before) == "index" || start.checked_sub(1).is_some_and(|index| self.keyword(index) == "index")
    }
}
