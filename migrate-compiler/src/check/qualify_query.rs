//! Giving the names in a sub-select, which is kept as its tokens, their schemas.

use migrate_core::name::DEFAULT_SCHEMA;
use migrate_core::sql::keywords::{KeywordCategory, category};
use migrate_core::token::{Bracket, Cursor, Token};
use migrate_core::types::Type;

use super::qualify::{Names, is_system_function};

/// Gives the tables, functions and types of a query their schemas, and comparisons with a column of an extension's type
/// the operator of the extension.
pub(super) fn qualify_query(tokens: &mut Vec<Token>, names: &Names<'_>) {
    let written = std::mem::take(tokens);
    let query = Query { tokens: &written, names, shared: shared_names(&written) };
    let mut expects_table = false;
    let mut tables_at: Vec<bool> = vec![false];
    for (index, token) in written.iter().enumerate() {
        if let Some(schema) = query.schema_at(index, expects_table) {
            tokens.extend([Token::QuotedWord(schema), Token::Symbol { symbol: '.', joint: false }]);
        }
        match token {
            Token::Word(word) => {
                let word = word.to_ascii_lowercase();
                let is_tables = tables_at.last_mut();
                expects_table = match word.as_str() {
                    "from" if !query.follows(index, "distinct") && !query.is_argument(index) => {
                        if let Some(is_tables) = is_tables {
                            *is_tables = true;
                        }
                        true
                    }
                    "join" => true,
                    "only" | "lateral" => expects_table,
                    "where" | "group" | "order" | "having" | "limit" | "union" | "except" | "intersect" | "window"
                    | "on" | "using" | "offset" | "fetch" | "for" => {
                        if let Some(is_tables) = is_tables.filter(|_| !matches!(word.as_str(), "on" | "using")) {
                            *is_tables = false;
                        }
                        false
                    }
                    _ => false,
                };
            }
            Token::Symbol { symbol: ',', .. } => expects_table = tables_at.last() == Some(&true),
            Token::Open(_) => tables_at.push(expects_table),
            Token::Close(_) => {
                tables_at.pop();
                expects_table = false;
            }
            _ => expects_table = false,
        }
        match query.operator_at(index) {
            Some((schema, length, is_first)) if is_first => {
                tokens.extend([
                    Token::Word("operator".into()),
                    Token::Open(Bracket::Round),
                    Token::QuotedWord(schema),
                    Token::Symbol { symbol: '.', joint: true },
                ]);
                tokens.push(token.clone());
                if length == 1 {
                    tokens.push(Token::Close(Bracket::Round));
                }
            }
            Some(_) => tokens.extend([token.clone(), Token::Close(Bracket::Round)]),
            None => tokens.push(token.clone()),
        }
    }
}

/// The names that the query gives itself: `with NAME as (...)`.
fn shared_names(tokens: &[Token]) -> Vec<String> {
    let mut shared = Vec::new();
    if !tokens.iter().any(|token| is_word(token, "with")) {
        return shared;
    }
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        let begins = before.is_some_and(|before| {
            is_word(before, "with")
                || is_word(before, "recursive")
                || matches!(before, Token::Symbol { symbol: ',', .. })
        });
        if let (true, Token::Word(name) | Token::QuotedWord(name)) = (begins, token) {
            shared.push(name.clone());
        }
    }
    shared
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found.eq_ignore_ascii_case(word))
}

struct Query<'q> {
    tokens: &'q [Token],
    names: &'q Names<'q>,
    shared: Vec<String>,
}

impl Query<'_> {
    fn at(&self, index: Option<usize>) -> Option<&Token> {
        self.tokens.get(index?)
    }

    fn before(&self, index: usize) -> Option<&Token> {
        self.at(index.checked_sub(1))
    }

    fn is_dot(&self, index: Option<usize>) -> bool {
        matches!(self.at(index), Some(Token::Symbol { symbol: '.', .. }))
    }

    fn follows(&self, index: usize, word: &str) -> bool {
        self.before(index).is_some_and(|token| is_word(token, word))
    }

    /// Whether `from` belongs to `extract (... from ...)` and its kin.
    fn is_argument(&self, index: usize) -> bool {
        let mut depth = 0_i32;
        for at in (0..index).rev() {
            match &self.tokens[at] {
                Token::Close(_) => depth += 1,
                Token::Open(_) if depth == 0 => {
                    let called = self.before(at);
                    return ["extract", "substring", "trim", "overlay", "position"]
                        .iter()
                        .any(|word| called.is_some_and(|called| is_word(called, word)));
                }
                Token::Open(_) => depth -= 1,
                _ => {}
            }
        }
        false
    }

    /// The schema of the name that begins at this token, if it needs one.
    fn schema_at(&self, index: usize, expects_table: bool) -> Option<String> {
        let (Token::Word(name) | Token::QuotedWord(name)) = &self.tokens[index] else { return None };
        let is_quoted = matches!(self.tokens[index], Token::QuotedWord(_));
        if self.is_dot(Some(index + 1)) || self.is_dot(index.checked_sub(1)) {
            return None;
        }
        let is_called = matches!(self.at(Some(index + 1)), Some(Token::Open(Bracket::Round)));
        if self.is_cast(index) {
            return self.schema_of_cast(index);
        }
        if is_called {
            let is_keyword = !is_quoted
                && category(&name.to_ascii_lowercase()).is_some_and(|one| one != KeywordCategory::Unreserved);
            let is_alias = match self.before(index) {
                Some(Token::Close(_)) => true,
                Some(Token::Word(word)) => {
                    category(&word.to_ascii_lowercase()).is_none() || word.eq_ignore_ascii_case("as")
                }
                Some(Token::QuotedWord(_)) => true,
                _ => false,
            };
            let is_given = self.shared.contains(name) && !expects_table;
            let is_system = is_system_function(&name.to_ascii_lowercase());
            return (!is_keyword && !is_alias && !is_given && !is_system).then(|| self.names.schema_of_function(name));
        }
        let is_keyword =
            !is_quoted && category(&name.to_ascii_lowercase()).is_some_and(|one| one == KeywordCategory::Reserved);
        let is_relation = expects_table
            && !is_keyword
            && !["only", "lateral"].contains(&name.to_ascii_lowercase().as_str())
            && !self.shared.contains(name)
            && !name.starts_with("pg_");
        is_relation.then(|| DEFAULT_SCHEMA.to_owned())
    }

    /// Whether the token is behind `::`.
    fn is_cast(&self, index: usize) -> bool {
        let is_colon = |at: Option<usize>| matches!(self.at(at), Some(Token::Symbol { symbol: ':', .. }));
        is_colon(index.checked_sub(1)) && is_colon(index.checked_sub(2))
    }

    fn schema_of_cast(&self, index: usize) -> Option<String> {
        let mut cursor = Cursor::new(self.tokens);
        cursor.go_to(u32::try_from(index).ok()?);
        let data_type = Type::parse(&mut cursor).ok()?;
        data_type.depends_on().map(|name| name.schema.clone())
    }

    /// The extension's schema, where the operator at this token compares a column of an extension's type; how many tokens
    /// it has, and whether this is the first.
    fn operator_at(&self, index: usize) -> Option<(String, usize, bool)> {
        let is_sign =
            |at: Option<usize>| matches!(self.at(at), Some(Token::Symbol { symbol, .. }) if "=<>!~*".contains(*symbol));
        if !is_sign(Some(index)) {
            return None;
        }
        let joint = |at: usize| matches!(self.tokens[at], Token::Symbol { joint: true, .. }) && is_sign(Some(at + 1));
        let first = match index.checked_sub(1) {
            Some(before) if is_sign(Some(before)) && joint(before) => before,
            _ => index,
        };
        let length = if joint(first) { 2 } else { 1 };
        if matches!((&self.tokens[first], length), (Token::Symbol { symbol: '*' | '!', .. }, 1)) {
            return None;
        }
        let left = first.checked_sub(1).and_then(|at| self.schema_of_column(at));
        let right_end = {
            let mut at = first + length;
            while self.is_dot(Some(at + 1)) {
                at += 2;
            }
            at
        };
        let is_text = |at: usize| self.is_text_column(at);
        let schema = match (left, self.schema_of_column(right_end)) {
            (Some(schema), _) if !is_text(right_end) => schema,
            (_, Some(schema)) if !first.checked_sub(1).is_some_and(is_text) => schema,
            _ => return None,
        };
        Some((schema, length, index == first))
    }

    /// The types of the columns of this name, in any table that the query names.
    fn column_types(&self, at: usize) -> Vec<Type> {
        let (Some(Token::Word(column) | Token::QuotedWord(column)), false) =
            (self.tokens.get(at), self.is_dot(Some(at + 1)))
        else {
            return Vec::new();
        };
        let named = |table: &str| {
            self.tokens
                .iter()
                .any(|token| matches!(token, Token::Word(name) | Token::QuotedWord(name) if name == table))
        };
        let tables = self.names.catalog.tables.iter().filter(|(name, _)| named(&name.name)).map(|(_, table)| &**table);
        let columns = tables.chain(self.names.table).filter_map(|table| table.column(column));
        columns.map(|column| column.data_type.clone()).collect()
    }

    fn schema_of_column(&self, at: usize) -> Option<String> {
        self.column_types(at).iter().find_map(|data_type| self.names.schema_of_type(data_type))
    }

    fn is_text_column(&self, at: usize) -> bool {
        let types = self.column_types(at);
        !types.is_empty() && types.iter().all(|data_type| self.names.schema_of_type(data_type).is_none())
    }
}
