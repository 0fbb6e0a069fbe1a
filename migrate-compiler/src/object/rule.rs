//! `create rule keep as on delete to users where old.is_kept do instead nothing;`

use migrate_core::catalog::Table;
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, Namespace, ObjectId, Rule, RuleAction, RuleEvent};
use migrate_core::query::Part;
use migrate_core::sql::lex;
use migrate_core::token::{At, Cursor, Token};

use super::{Identity, Write, Written};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use super::{not_of_kind, trigger::print_firing};
#[cfg(feature = "print")]
use migrate_core::object::Firing;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, bracketed, qualified, statement, text};

pub(super) struct Syntax;

/// A rule and its table or view.
#[derive(Clone)]
struct OnRelation {
    name: Name,
    table: Spanned<QualifiedName>,
}

struct Clauses {
    rule: Rule,
    /// The text's place, where what is done is a text: all in it is said to be there.
    text_at: Option<At>,
    at: At,
}

impl Write for Syntax {
    const KIND: Kind = Kind::Rule;
    const IS_REPLACED: bool = true;

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        let name = parser.name("the rule")?;
        parser.word("on")?;
        Ok(Box::new(OnRelation { name, table: parser.qualified_name("the table")? }))
    }

    fn created(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<(Box<dyn Identity>, Box<dyn Written>)> {
        let name = parser.name("the rule")?;
        parser.word("as")?;
        parser.word("on")?;
        if parser.cursor.is_word("select") {
            let mistake = Diagnostic::new(code::SYNTAX, "a rule cannot be `on select`", parser.cursor.at());
            return Err(mistake.help("write `create view`: such a rule is a view"));
        }
        let event = RuleEvent::ALL.into_iter().find(|event| parser.cursor.take_word(&event.to_string()));
        let Some(event) = event else { return parser.expected("`insert`, `update` or `delete`") };
        parser.word("to")?;
        let table = parser.qualified_name("the table")?;
        let start = parser.cursor.index();
        let (rule, text_at) = parse_rest(parser, event)?;
        let clauses = Clauses { rule, text_at, at: parser.cursor.since(start) };
        Ok((Box::new(OnRelation { name, table }), Box::new(clauses)))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let (Definition::Rule(rule), Some(table)) = (definition, id.table()) else { return Err(not_of_kind(id)) };
        let name = crate::print::name(&id.name.name);
        let mut written = format!("rule {name} as on {} to {}", rule.event, qualified(&table));
        if let Some(condition) = &rule.condition {
            written.push_str(&format!(" where {}", bracketed(condition, catalog)?));
        }
        let word = if rule.is_instead { "instead" } else { "also" };
        Ok(format!("{written} do {word} {}", print_actions(&rule.actions, catalog)))
    }

    #[cfg(feature = "print")]
    fn as_made(definition: &Definition, _: &Catalog) -> Definition {
        match definition {
            Definition::Rule(rule) => Rule { firing: Firing::Usual, ..rule.clone() }.into(),
            other => other.clone(),
        }
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::Rule(old), Definition::Rule(new)) = (before, after) else { return Err(not_of_kind(id)) };
        let made = Self::as_made(after, catalog);
        let is_replaced = Self::as_made(before, catalog) != made;
        let mut pieces = Vec::new();
        if is_replaced {
            pieces.push(Piece::item(format!("create or replace {}", Self::print(id, &made, catalog)?)));
        }
        let firing = if is_replaced { Firing::Usual } else { old.firing };
        pieces.extend(print_firing(id, firing, new.firing));
        Ok(pieces)
    }
}

/// Takes the condition and what is done: as tokens, or the latter as a text that holds SQL.
fn parse_rest(parser: &mut Parser<'_>, event: RuleEvent) -> Parsed<(Rule, Option<At>)> {
    let mut ahead = parser.cursor.clone();
    while !ahead.is_at_end() && !ahead.is_word("do") && !ahead.is_symbol(';') {
        ahead.next();
    }
    ahead.take_word("do");
    let is_instead = ahead.take_word("instead");
    if !is_instead {
        ahead.take_word("also");
    }
    let Token::Text(text) = ahead.peek() else { return Ok((Rule::parse(event, &mut parser.cursor)?, None)) };
    let at = ahead.at();
    let failed =
        |message: String| Diagnostic::new(code::INVALID_SQL, format!("this SQL cannot be read: {message}"), at);
    let condition = match parser.cursor.take_word("where") {
        true => Some(parser.expression()?.value),
        false => None,
    };
    let tokens = lex(text).map_err(|error| failed(error.message))?;
    let mut cursor = Cursor::new(&tokens);
    let mut actions = Vec::new();
    while !cursor.is_at_end() {
        actions.push(RuleAction::parse(&mut cursor).map_err(|error| failed(error.message))?);
        if !cursor.take_symbol(';') && !cursor.is_at_end() {
            return Err(failed(cursor.expected("`;`").message));
        }
    }
    ahead.next();
    parser.cursor.go_to(ahead.index());
    Ok((Rule { event, condition, is_instead, actions, firing: Default::default() }, Some(at)))
}

impl Identity for OnRelation {
    fn at(&self) -> At {
        self.name.at
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        let found = checker.catalog().object_named(Namespace::Relation, &self.table.value);
        if found.is_none_or(|(id, _)| id.kind == Kind::Sequence) {
            checker.table(&self.table)?;
        }
        Some(ObjectId::on_table(Kind::Rule, self.name.value.clone(), &self.table.value))
    }
}

impl Clauses {
    /// A row that the command does not have.
    fn report_wrong_row(&self, parts: &[String], at: At, checker: &mut Checker<'_>) {
        if let Some(row) = parts.first().filter(|row| matches!(row.as_str(), "old" | "new"))
            && !self.rule.event.has_row(row)
        {
            let headline = format!("`{}` has no row `{row}`", self.rule.event);
            let other = if row == "old" { "new" } else { "old" };
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, headline, at).help(format!("write `{other}`")),
            );
        }
    }

    fn check_condition(&self, id: &ObjectId, checker: &mut Checker<'_>) -> Option<Option<Expression>> {
        let Some(condition) = &self.rule.condition else { return Some(None) };
        let name = id.table()?;
        condition.visit(&mut |part| {
            if let ExpressionKind::Name(parts) | ExpressionKind::Star(parts) = &part.kind {
                self.report_wrong_row(parts, part.at, checker);
            }
        });
        let Some(table) = checker.catalog().table(&name).cloned() else {
            let mut condition = condition.clone();
            let is_good = checker.condition_over(&mut condition, &["old", "new"], &name, self.text_at);
            return is_good.then_some(Some(condition));
        };
        let table: Table = table;
        let written = Spanned { value: condition.clone(), at: condition.at };
        checker.condition(&written, &name, &table, Context::Rule).map(Some)
    }
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let known = checker.mistakes();
        let table = id.table()?;
        let is_view = checker.catalog().table(&table).is_none();
        let condition = self.check_condition(id, checker);
        let mut actions = self.rule.actions.clone();
        for action in &mut actions {
            match action {
                RuleAction::Statement(statement) => {
                    statement.walk(&mut |part| {
                        if let Part::Expression(expression) = part
                            && let ExpressionKind::Name(parts) | ExpressionKind::Star(parts) = &expression.kind
                        {
                            self.report_wrong_row(parts, self.text_at.unwrap_or(expression.at), checker);
                        }
                    });
                    checker.statement_over(statement, &["old", "new"], &table, self.text_at);
                }
                RuleAction::Notify { .. } if self.rule.condition.is_some() => {
                    checker.report(
                        Diagnostic::new(code::INVALID_DEFINITION, "a rule with `where` cannot `notify`", self.at)
                            .help("remove `where`, or write a trigger"),
                    );
                }
                RuleAction::Notify { .. } => {}
            }
        }
        if is_view && self.rule.condition.is_none() && !self.rule.is_instead && actions.is_empty() {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "this rule does nothing", self.at)
                    .help("write `do instead nothing`, or what it should do"),
            );
        }
        let condition = condition?;
        (checker.mistakes() == known).then(|| Rule { condition, actions, ..self.rule.clone() }.into())
    }
}

/// What is done, as tokens; as a text with SQL where those would be read as something else.
#[cfg(feature = "print")]
fn print_actions(actions: &[RuleAction], catalog: &Catalog) -> String {
    let written: Printed<Vec<String>> = actions
        .iter()
        .map(|action| match action {
            RuleAction::Statement(written) => statement(written, catalog),
            RuleAction::Notify { channel, payload } => {
                let payload = payload.as_ref().map_or_else(String::new, |payload| format!(", {}", text(payload)));
                Ok(format!("notify {}{payload}", crate::print::name(channel)))
            }
        })
        .collect();
    match written.as_deref() {
        Ok([]) => "nothing".to_owned(),
        Ok([one]) => one.clone(),
        Ok(several) => format!("({};)", several.join("; ")),
        Err(_) => text(&actions.iter().map(RuleAction::sql).collect::<Vec<_>>().join("; ")),
    }
}
