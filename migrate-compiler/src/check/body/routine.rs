//! When the body of a function or procedure is checked, and what it sees.

use std::sync::Arc;

use migrate_core::name::QualifiedName;
use migrate_core::object::{
    Body, Definition, Function, Kind, Object, ObjectId, Procedure, Returns, StandardBody, Trigger,
};
use migrate_core::plan::Hazard;
use migrate_core::sorted::SortedSet;
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Type};

use super::{Lookup, Waiting, function_of, plpgsql};
use crate::attribute::Allowance;
use crate::check::Checker;
use crate::check::query::{Output, QueryCheck, Scope, Visible};
use crate::diagnostic::{Diagnostic, code};

impl Checker<'_> {
    /// Reads a body; `None`: it cannot be read, which is a mistake. What it names is looked up at the end of the migration,
    /// or at once where the server does that, too: in SQL.
    pub(crate) fn body(&mut self, id: &ObjectId, function: &Function, at: At) -> Option<()> {
        let Body::Text(text) = &function.body else { return Some(()) };
        let known = self.mistakes.len();
        let read = match function.language.as_str() {
            "plpgsql" => migrate_core::plpgsql::parse(text).map(|_| ()),
            "sql" => super::sql::statements(text).map(|_| ()),
            _ => return Some(()),
        };
        if let Err(error) = read {
            let message = format!("the body cannot be read: {}", error.message);
            self.report(Diagnostic::new(code::INVALID_SQL, message, error.at).maybe_help(error.help));
            self.place_in_body(known, text, at);
            return None;
        }
        let is_allowed = self.is_allowed(Allowance::Hazard(Hazard::UncheckedBody));
        // In a schema everything is there in the end.
        if function.language != "sql" || is_allowed || self.is_schema() {
            self.bodies.push(Waiting { id: id.clone(), at, is_allowed });
            return Some(());
        }
        // It may call itself.
        let definition: Definition = match id.kind {
            Kind::Procedure => Procedure(function.clone()).into(),
            _ => function.clone().into(),
        };
        let itself = Arc::new(Object::new(definition));
        let before = self.state.catalog.objects.insert(id.clone(), itself);
        let uses = self.check_body(id, function, at);
        match before {
            Some(before) => self.state.catalog.objects.insert(id.clone(), before),
            None => self.state.catalog.objects.remove(id),
        };
        self.state.bodies.insert(id.clone(), uses);
        (self.mistakes.len() == known).then_some(())
    }

    /// Looks up everything in a body in standard SQL, as the server does when the function is made, and names it in full.
    /// Where it is written as a text, mistakes are said to be at the text. `None`: there is a mistake.
    pub(crate) fn standard_body(
        &mut self,
        id: &ObjectId,
        function: &Function,
        body: &mut StandardBody,
        text_at: Option<At>,
    ) -> Option<()> {
        let known = self.mistakes.len();
        let scope = Scope { is_sql: text_at.is_some(), ..self.scope_of(id, function, &[]) };
        let mut check = QueryCheck::new(self);
        check.is_kept = true;
        super::sql::check_standard(&mut check, body, function, &scope);
        let (failed, is_open) = (check.failed, check.is_open);
        if is_open && !failed && self.mistakes.len() == known {
            self.report_open_star(text_at.unwrap_or_else(|| body.at()));
        }
        if let Some(at) = text_at {
            self.mistakes.iter_mut().skip(known).for_each(|mistake| mistake.at = at);
        }
        (!failed && self.mistakes.len() == known).then_some(())
    }

    /// The body of a function is not a text anymore.
    pub(crate) fn forget_body(&mut self, id: &ObjectId) {
        self.state.bodies.remove(id);
        self.bodies.retain(|waiting| waiting.id != *id);
    }

    /// A trigger is made: the function that it runs sees the rows of its table.
    pub(crate) fn body_of_trigger(&mut self, function: &QualifiedName, at: At) {
        let id = ObjectId::new(Kind::Function, function.clone());
        if self.catalog().object(&id).is_some() && !self.bodies.iter().any(|waiting| waiting.id == id) {
            let is_allowed = self.is_allowed(Allowance::Hazard(Hazard::UncheckedBody));
            self.bodies.push(Waiting { id, at, is_allowed });
        }
    }

    /// Checks the bodies that wait for it, and gives those that have mistakes. What a later item took away from a body is
    /// said there alone.
    pub(in crate::check) fn check_bodies(&mut self) -> SortedSet<ObjectId> {
        let mut wrong = SortedSet::new();
        for (number, Waiting { id, at, is_allowed }) in std::mem::take(&mut self.bodies).into_iter().enumerate() {
            let Some(object) = self.catalog().object(&id) else { continue };
            let Some(function) = function_of(&object.definition).cloned() else { continue };
            let known = self.mistakes.len();
            let uses = match is_allowed {
                true => SortedSet::new(),
                false => self.check_body(&id, &function, at),
            };
            if self.mistakes.len() > known {
                match self.is_left_behind(&uses, number) {
                    true => self.mistakes.truncate(known),
                    false => {
                        wrong.insert(id.clone());
                    }
                }
            }
            self.state.bodies.insert(id, uses);
        }
        wrong
    }

    /// Checks a body, and gives what it uses.
    fn check_body(&mut self, id: &ObjectId, function: &Function, at: At) -> SortedSet<migrate_core::catalog::Used> {
        let Body::Text(text) = &function.body else { return SortedSet::new() };
        let known = self.mistakes.len();
        let triggers = self.triggers_of(&id.name);
        let mut lookup = Lookup::of(function);
        let is_trigger = function.result() == Type::BuiltIn(BuiltIn::Trigger);
        lookup.is_open = is_trigger && triggers.is_empty();
        let transitions = triggers.iter().flat_map(|(_, trigger)| [&trigger.old_table, &trigger.new_table]);
        lookup.passing.extend(transitions.flatten().cloned());
        for (table, trigger) in &triggers {
            for name in trigger.old_table.iter().chain(&trigger.new_table) {
                let is_of_one = triggers.iter().all(|(other, trigger)| {
                    other == table || ![&trigger.old_table, &trigger.new_table].contains(&&Some(name.clone()))
                });
                if is_of_one {
                    lookup.transitions.insert(name.clone(), table.clone());
                }
            }
        }
        lookup.passing.extend(passing_tables(text));
        self.lookup = Some(lookup);
        let scope = self.scope_of(id, function, &triggers);
        let mut check = QueryCheck::new(self);
        let uses = match function.language.as_str() {
            "plpgsql" => plpgsql::check(&mut check, text, Some((function, id.kind)), &scope),
            "sql" => super::sql::check(&mut check, text, function, &scope),
            _ => SortedSet::new(),
        };
        self.lookup = None;
        self.place_in_body(known, text, at);
        uses
    }

    /// The triggers that run a function, with their tables.
    fn triggers_of(&self, function: &QualifiedName) -> Vec<(QualifiedName, Trigger)> {
        let found = self.catalog().objects.iter().filter_map(|(id, object)| match &object.definition {
            Definition::Trigger(trigger) if trigger.function == *function => Some((id.table()?, trigger.clone())),
            _ => None,
        });
        found.collect()
    }

    /// What a body sees from the start: the arguments, and what a trigger gives its function.
    fn scope_of(&self, id: &ObjectId, function: &Function, triggers: &[(QualifiedName, Trigger)]) -> Scope<'static> {
        let mut variables: Vec<(String, Option<Type>)> = Vec::new();
        for argument in &function.arguments {
            // Each call has a type of its own, which the server looks at when it runs.
            let data_type = Some(argument.data_type.clone()).filter(|data_type| !data_type.is_polymorphic());
            variables.extend(argument.name.clone().map(|name| (name, data_type)));
        }
        if let Returns::Table(columns) = &function.returns {
            variables.extend(columns.iter().map(|(name, data_type)| (name.clone(), Some(data_type.clone()))));
        }
        let mut rows = Vec::new();
        if function.language == "plpgsql" {
            variables.push(("found".to_owned(), Some(Type::BOOLEAN)));
            variables.extend(["sqlstate", "sqlerrm"].map(|name| (name.to_owned(), Some(Type::TEXT))));
            match function.result() {
                Type::BuiltIn(BuiltIn::Trigger) => {
                    variables.extend(TRIGGER_TEXTS.map(|name| (name.to_owned(), Some(Type::TEXT))));
                    variables.push(("tg_nargs".to_owned(), Some(Type::INTEGER)));
                    variables.push(("tg_argv".to_owned(), Some(Type::TEXT.array())));
                    variables.push(("tg_relid".to_owned(), None));
                    let first = triggers.first().map(|(table, _)| table);
                    let table = first.filter(|first| triggers.iter().all(|(table, _)| table == *first));
                    rows.extend(["old", "new"].map(|name| self.row_of(name, table)));
                }
                Type::BuiltIn(BuiltIn::EventTrigger) => {
                    variables.extend(["tg_event", "tg_tag"].map(|name| (name.to_owned(), Some(Type::TEXT))));
                }
                _ => {}
            }
        }
        let sources = self.variables(&id.name.name, variables).into_iter().chain(rows).collect();
        Scope { sources, is_sql: true, ..Scope::default() }
    }

    /// A row of a table; of any table where it is not said of which.
    pub(in crate::check) fn row_of(&self, name: &str, table: Option<&QualifiedName>) -> Visible {
        let columns = table.and_then(|table| match self.catalog().table(table) {
            Some(definition) => Some(crate::check::query::outputs_of(definition)),
            None => {
                Some(self.catalog().columns_of_object(table)).filter(|columns| !columns.is_empty()).map(|columns| {
                    let columns = columns.into_iter();
                    let output = |name, data_type, nullable| Output { name, data_type, nullable };
                    columns.map(|column| output(column.name, column.data_type, column.nullable)).collect()
                })
            }
        });
        let is_altered = table.is_some_and(|table| self.state.undeclared.is_altered(table));
        Visible {
            name: name.to_owned(),
            relation: table.cloned(),
            is_open: columns.is_none() || is_altered,
            columns: columns.unwrap_or_default(),
            is_by_name_only: true,
            is_function: false,
        }
    }

    /// Variables, as a query sees them: all of a block, and each that is a row for itself.
    pub(super) fn variables(&self, block: &str, variables: Vec<(String, Option<Type>)>) -> Vec<Visible> {
        let mut rows = Vec::new();
        let mut columns = Vec::new();
        for (name, data_type) in variables {
            let named = data_type.as_ref().and_then(Type::as_named);
            let is_record = data_type.as_ref().is_none_or(|found| *found == Type::BuiltIn(BuiltIn::Record));
            if let Some(named) = named.filter(|named| self.catalog().tables.contains_key(*named)) {
                rows.push(self.row_of(&name, Some(named)));
            } else if let Some((of, fields)) = named.and_then(|named| Some((named.clone(), self.fields(named)?))) {
                let field = |(name, data_type)| Output { name, data_type: Some(data_type), nullable: true };
                let columns = fields.into_iter().map(field).collect();
                let name = name.clone();
                rows.push(Visible {
                    name,
                    relation: Some(of),
                    columns,
                    is_open: false,
                    is_by_name_only: true,
                    is_function: false,
                });
            } else if is_record || named.is_some_and(|named| !self.catalog().enums.contains_key(named)) {
                rows.push(self.row_of(&name, None));
            }
            columns.push(Output { name, data_type: data_type.filter(is_plain), nullable: true });
        }
        let block = Visible {
            name: block.to_owned(),
            relation: None,
            columns,
            is_open: false,
            is_by_name_only: false,
            is_function: false,
        };
        std::iter::once(block).chain(rows).collect()
    }
}

const TRIGGER_TEXTS: [&str; 7] =
    ["tg_name", "tg_when", "tg_level", "tg_op", "tg_table_name", "tg_relname", "tg_table_schema"];

/// Whether a value is of that type, and not of whichever a call gives.
fn is_plain(data_type: &Type) -> bool {
    !matches!(
        data_type,
        Type::BuiltIn(
            BuiltIn::Any
                | BuiltIn::AnyArray
                | BuiltIn::AnyCompatibleArray
                | BuiltIn::AnyElement
                | BuiltIn::AnyCompatible
                | BuiltIn::AnyNonArray
                | BuiltIn::AnyEnum
                | BuiltIn::Record
        )
    )
}

/// The tables that a body makes for itself: what stands behind `create temporary table`.
fn passing_tables(text: &str) -> SortedSet<String> {
    use migrate_core::token::{Cursor, Token};
    let tokens = migrate_core::sql::lex(text).unwrap_or_default();
    let mut cursor = Cursor::of_sql(&tokens);
    let mut found = SortedSet::new();
    while !cursor.is_at_end() {
        if !cursor.take_word("create") {
            cursor.next();
            continue;
        }
        for word in ["global", "local", "temporary", "temp", "unlogged", "or", "replace", "materialized"] {
            cursor.take_word(word);
        }
        if cursor.take_word("table") || cursor.take_word("view") {
            cursor.take_words(&["if", "not", "exists"]);
            if let Token::Word(name) | Token::QuotedWord(name) = cursor.next() {
                found.insert(name.clone());
                if cursor.take_symbol('.') {
                    found.extend(cursor.name_ahead(0).map(str::to_owned));
                }
            }
        }
    }
    found
}
