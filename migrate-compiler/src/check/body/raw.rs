//! What raw SQL makes, and what that uses: the names in a view, a policy, a trigger or the body of a function that raw SQL
//! creates count as uses, although the language knows nothing else of it.

use migrate_core::catalog::Used;
use migrate_core::expression::{self, Expression};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Define as _, Kind, Namespace, ObjectId, Rule, RuleAction};
use migrate_core::operation::{Operate as _, Operation, made_by_hand};
use migrate_core::plan::Place;
use migrate_core::query::{Body, Item, Query, Select, Statement, parse};
use migrate_core::sorted::SortedSet;
use migrate_core::sql::lex;
use migrate_core::token::{At, Bracket, Cursor, Token};

use super::{Lookup, plpgsql, sql};
use crate::check::Checker;
use crate::check::query::{QueryCheck, Scope};
use crate::check::state::told;
use crate::diagnostic::{Diagnostic, code};

/// Something that raw SQL makes and that uses something else.
#[derive(Clone, Debug)]
pub(crate) struct RawUser {
    kind: Kind,
    name: QualifiedName,
    /// The table that it belongs to, and goes with.
    table: Option<QualifiedName>,
    uses: SortedSet<Used>,
    place: Place,
}

impl RawUser {
    /// Whether PostgreSQL keeps it as a text, in which nothing is renamed.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Function | Kind::Procedure)
    }

    pub(super) fn uses(&self, used: &Used) -> bool {
        self.uses.contains(used)
    }

    /// The mistake that it is in the way.
    pub(super) fn in_the_way(&self, verb: &str, what: &str, at: At) -> Diagnostic {
        let told_kind = self.kind.noun();
        let told_name = match &self.table {
            Some(table) => format!("`{}` of table `{table}`", self.name.name),
            None => format!("`{}`", self.name),
        };
        let message = format!("cannot {verb} {what}, because {told_kind} {told_name}, which raw SQL creates, uses it");
        let mut mistake = Diagnostic::new(code::STILL_NEEDED, message, at).help(format!(
            "drop that {told_kind} before this, and create it again afterwards: `sql \"drop {told_kind} ...\"`"
        ));
        if let Some(place) = told(&self.place) {
            mistake = mistake.note(format!("that SQL is {place}"));
        }
        mistake
    }
}

impl Checker<'_> {
    /// Notes what a command of raw SQL makes or drops.
    pub(crate) fn note_raw_user(&mut self, command: &str, at: At) {
        if self.leaves_no_trace {
            return;
        }
        if let Some(name) = dropped(command) {
            self.state.raw_users.retain(|user| user.name != name);
        }
        let Some((kind, name)) = made_by_hand(command) else { return };
        self.state.raw_users.retain(|user| user.name != name || user.kind != kind);
        let is_known = self.catalog().objects.keys().any(|id| id.kind == kind && id.name == name);
        if is_known {
            // `changes` says what it is.
            return;
        }
        let Ok(tokens) = lex(command) else { return };
        let known = self.mistakes.len();
        let table = table_of(kind, &tokens);
        let mut uses = match kind {
            Kind::View | Kind::MaterializedView => self.uses_of_view(&tokens),
            Kind::Function | Kind::Procedure => self.uses_of_routine(&tokens),
            Kind::Policy => self.uses_of_policy(&tokens, table.as_ref()),
            Kind::Trigger => uses_of_trigger(&tokens, table.as_ref()),
            Kind::Rule => self.uses_of_rule(command, table.as_ref()),
            Kind::Aggregate | Kind::RangeType => uses_of_properties(&tokens),
            _ => SortedSet::new(),
        };
        // Whether it is right is for the server to say.
        self.mistakes.truncate(known);
        if let Some(table) = &table {
            uses.remove(&Used::Table(table.clone()));
        }
        uses.remove(&Used::Function(name.clone()));
        let place = self.place(at);
        self.state.raw_users.push(RawUser { kind, name, table, uses, place });
    }

    fn uses_of_query(&mut self, query: Query) -> SortedSet<Used> {
        let mut uses = SortedSet::new();
        let mut statement = Statement::Query(query);
        let scope = Scope { is_sql: true, ..Scope::default() };
        self.lookup = Some(Lookup::of_caller());
        QueryCheck::new(self).statement(&mut statement, Some(&scope));
        self.lookup = None;
        statement.note_uses(&migrate_core::catalog::Scope::of(&self.state.catalog), &mut uses);
        uses
    }

    fn uses_of_view(&mut self, tokens: &[Token]) -> SortedSet<Used> {
        let mut cursor = Cursor::of_sql(tokens);
        let mut depth = 0_u32;
        while !cursor.is_at_end() {
            match cursor.next() {
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth = depth.saturating_sub(1),
                Token::Word(word) if word == "as" && depth == 0 => break,
                _ => {}
            }
        }
        parse(&mut cursor).map_or_else(|_| SortedSet::new(), |query| self.uses_of_query(query))
    }

    fn uses_of_routine(&mut self, tokens: &[Token]) -> SortedSet<Used> {
        let behind = |word: &str| {
            let position = tokens.iter().position(|token| matches!(token, Token::Word(found) if found == word))?;
            tokens.get(position + 1)
        };
        let Some(Token::Text(body)) = behind("as") else { return SortedSet::new() };
        let language = match behind("language") {
            Some(Token::Word(language) | Token::QuotedWord(language) | Token::Text(language)) => {
                language.to_lowercase()
            }
            _ => "sql".to_owned(),
        };
        self.lookup = Some(Lookup::of_caller());
        let scope = Scope { is_sql: true, ..Scope::default() };
        let mut check = QueryCheck::new(self);
        let uses = match language.as_str() {
            "plpgsql" => plpgsql::check(&mut check, body, None, &scope),
            "sql" => sql::uses(&mut check, body, &scope),
            _ => SortedSet::new(),
        };
        self.lookup = None;
        uses
    }

    /// The conditions are read as a query over the table.
    fn uses_of_policy(&mut self, tokens: &[Token], table: Option<&QualifiedName>) -> SortedSet<Used> {
        let Some(table) = table else { return SortedSet::new() };
        let mut cursor = Cursor::of_sql(tokens);
        let mut uses = SortedSet::new();
        while !cursor.is_at_end() {
            let is_condition = cursor.take_word("using") || cursor.take_words(&["with", "check"]);
            if !is_condition || !cursor.is_open(Bracket::Round) {
                if !is_condition {
                    cursor.next();
                }
                continue;
            }
            let Ok(condition) = expression::parse(&mut cursor) else { break };
            uses.extend(self.uses_of_query(over(table, condition)));
        }
        uses
    }

    /// The condition is read as a query over the table, and what is done as statements over its rows.
    fn uses_of_rule(&mut self, command: &str, table: Option<&QualifiedName>) -> SortedSet<Used> {
        let (Ok(mut rule), Some(table)) = (Rule::read(command), table) else { return SortedSet::new() };
        for action in &mut rule.actions {
            if let RuleAction::Statement(statement) = action {
                self.lookup = Some(Lookup::of_caller());
                self.statement_over(statement, &["old", "new"], table, None);
                self.lookup = None;
            }
        }
        let mut uses = SortedSet::new();
        let id = ObjectId::on_table(Kind::Rule, "", table);
        rule.note_uses(&id, &migrate_core::catalog::Scope::of(&self.state.catalog), &mut uses);
        uses
    }

    /// Reports what raw SQL has made over something that an operation takes away, or whose type it changes.
    pub(in crate::check) fn report_raw_users(&mut self, operation: &Operation, at: At) -> bool {
        if self.state.raw_users.is_empty() || self.leaves_no_trace {
            return false;
        }
        let before = &self.state.catalog;
        let (removed, disturbed) = (operation.removes(before), operation.disturbs(before));
        let mistakes: Vec<Diagnostic> = (self.state.raw_users.iter())
            .filter(|user| !user.is_text())
            .filter_map(|user| {
                let goes_along = |used: &&Used| {
                    matches!(used, Used::Table(name) | Used::Column(name, _)
                    if removed.contains(&Used::Table(name.clone())) && user.table.as_ref() == Some(name))
                };
                if let Some(used) = removed.iter().filter(|used| !goes_along(used)).find(|used| user.uses(used)) {
                    return Some(user.in_the_way("drop", &super::still_used::told(used), at));
                }
                let used = disturbed.iter().find(|used| matches!(used, Used::Column(..)) && user.uses(used))?;
                Some(user.in_the_way("change", &super::still_used::told(used), at))
            })
            .collect();
        let found = !mistakes.is_empty();
        self.mistakes.extend(mistakes);
        found
    }
}

/// `SELECT condition FROM table`
fn over(table: &QualifiedName, condition: Expression) -> Query {
    let text = migrate_core::sql::Writer::new().keyword("SELECT 1 FROM").name(table).finish();
    let mut query: Query = text.parse().unwrap_or_else(|_| Query::new(Body::Values(Vec::new()), At::default()));
    if let Body::Select(select) = &mut query.body {
        let Select { items, .. } = select.as_mut();
        *items = vec![Item { value: condition, alias: None }];
    }
    query
}

/// What `drop KIND [if exists] NAME` names.
fn dropped(command: &str) -> Option<QualifiedName> {
    let tokens = lex(command).ok()?;
    let mut cursor = Cursor::of_sql(&tokens);
    if !cursor.take_word("drop") {
        return None;
    }
    let mut is_kind = |kind: &&Kind| {
        let words = kind.keywords().to_lowercase();
        cursor.take_words(&words.split(' ').collect::<Vec<_>>())
    };
    let kind = Kind::ALL.iter().find(&mut is_kind)?;
    cursor.take_words(&["if", "exists"]);
    let name = name(&mut cursor)?;
    Some(if kind.namespace() == Namespace::Database { QualifiedName::in_schema("", name.name) } else { name })
}

/// The table of a policy or a trigger: what stands behind `on`; of a rule, behind `to`.
fn table_of(kind: Kind, tokens: &[Token]) -> Option<QualifiedName> {
    let word = match kind {
        Kind::Policy | Kind::Trigger => "on",
        Kind::Rule => "to",
        _ => return None,
    };
    let mut cursor = Cursor::of_sql(tokens);
    while !cursor.is_at_end() {
        if cursor.take_word(word) {
            return name(&mut cursor);
        }
        cursor.next();
    }
    None
}

/// A trigger uses its function and the columns that it is limited to.
fn uses_of_trigger(tokens: &[Token], table: Option<&QualifiedName>) -> SortedSet<Used> {
    let mut uses = SortedSet::new();
    let mut cursor = Cursor::of_sql(tokens);
    while !cursor.is_at_end() {
        if cursor.take_words(&["update", "of"]) {
            while let Some(column) = cursor.name_ahead(0) {
                uses.extend(table.map(|table| Used::Column(table.clone(), column.to_owned())));
                cursor.next();
                if !cursor.take_symbol(',') {
                    break;
                }
            }
        } else if cursor.take_words(&["execute", "function"]) || cursor.take_words(&["execute", "procedure"]) {
            if let Some(function) = name(&mut cursor) {
                uses.insert(Used::Object(ObjectId::new(Kind::Function, function.clone())));
                uses.insert(Used::Function(function));
            }
        } else {
            cursor.next();
        }
    }
    uses
}

/// The functions and types that stand behind `=` in `(sfunc = f, stype = int)`.
fn uses_of_properties(tokens: &[Token]) -> SortedSet<Used> {
    let mut uses = SortedSet::new();
    let mut cursor = Cursor::of_sql(tokens);
    while !cursor.is_at_end() {
        if cursor.take_symbol('=')
            && let Some(found) = name(&mut cursor)
        {
            uses.insert(Used::Type(found.clone()));
            uses.insert(Used::Function(found));
        } else {
            cursor.next();
        }
    }
    uses
}

/// A name that may have a schema.
fn name(cursor: &mut Cursor<'_>) -> Option<QualifiedName> {
    let first = cursor.name_ahead(0)?.to_owned();
    cursor.next();
    if cursor.take_symbol('.') {
        let second = cursor.name_ahead(0)?.to_owned();
        cursor.next();
        return Some(QualifiedName::in_schema(first, second));
    }
    Some(QualifiedName::in_schema(DEFAULT_SCHEMA, first))
}
