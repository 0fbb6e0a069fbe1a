//! `create policy own on bookings for select to app using (user_id = current_setting("app.user")::uuid);`

use migrate_core::catalog::Role;
use migrate_core::expression::Expression;
use migrate_core::object::{Definition, Kind, Object, ObjectId, Policy, PolicyCommand};
use migrate_core::name::QualifiedName;
use migrate_core::token::{At, Bracket, Token};

use super::{Action, Identity, Write, Written};
use crate::check::{Checker, Context};
use crate::clause::parse_roles;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use migrate_core::sorted::SortedSet;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, bracketed, identity, role};

pub(super) struct Syntax;

/// `own on bookings`
pub(super) struct OnTable {
    pub(super) kind: Kind,
    pub(super) name: Name,
    pub(super) table: Spanned<QualifiedName>,
}

struct Clauses {
    is_restrictive: bool,
    command: PolicyCommand,
    rest: Rest,
}

/// What `alter policy` changes, too.
#[derive(Default)]
struct Rest {
    roles: Option<Vec<Spanned<Role>>>,
    using: Option<Spanned<Expression>>,
    check: Option<Spanned<Expression>>,
    at: At,
}

impl Write for Syntax {
    const KIND: Kind = Kind::Policy;
    const ACTIONS: &'static [&'static str] = &["to", "using", "with check"];

    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        Ok(Box::new(OnTable::parse(Kind::Policy, parser)?))
    }

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let mut clauses = Clauses { is_restrictive: false, command: PolicyCommand::All, rest: Rest::default() };
        if parser.cursor.take_word("as") {
            clauses.is_restrictive = parser.cursor.take_word("restrictive");
            if !clauses.is_restrictive && !parser.cursor.take_word("permissive") {
                return parser.expected("`permissive` or `restrictive`");
            }
        }
        if parser.cursor.take_word("for") {
            let commands = [
                ("all", PolicyCommand::All),
                ("select", PolicyCommand::Select),
                ("insert", PolicyCommand::Insert),
                ("update", PolicyCommand::Update),
                ("delete", PolicyCommand::Delete),
            ];
            match commands.into_iter().find(|(word, _)| parser.cursor.take_word(word)) {
                Some((_, command)) => clauses.command = command,
                None => return parser.expected("`all`, `select`, `insert`, `update` or `delete`"),
            }
        }
        clauses.rest = Rest::parse(parser)?;
        Ok(Box::new(clauses))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        match Rest::starts_at(parser) {
            true => Ok(Some(Box::new(Rest::parse(parser)?))),
            false => Ok(None),
        }
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::Policy(policy) = definition else { return Err(not_of_kind(id)) };
        let mut written = format!("policy {}", identity(id));
        if policy.is_restrictive {
            written.push_str(" as restrictive");
        }
        written.push_str(match policy.command {
            PolicyCommand::All => "",
            PolicyCommand::Select => " for select",
            PolicyCommand::Insert => " for insert",
            PolicyCommand::Update => " for update",
            PolicyCommand::Delete => " for delete",
        });
        if policy.roles != SortedSet::from([Role::Public]) {
            written.push_str(&format!(" to {}", print_roles(policy)));
        }
        if let Some(using) = &policy.using {
            written.push_str(&format!(" using {}", bracketed(using, catalog)?));
        }
        if let Some(check) = &policy.check {
            written.push_str(&format!(" with check {}", bracketed(check, catalog)?));
        }
        Ok(written)
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::Policy(before), Definition::Policy(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let is_one = before.is_restrictive == after.is_restrictive && before.command == after.command;
        let is_taken_away = |before: &Option<Expression>, after: &Option<Expression>| before.is_some() && after.is_none();
        if !is_one || is_taken_away(&before.using, &after.using) || is_taken_away(&before.check, &after.check) {
            let what = format!("a change of {}", id.told());
            return Err(Unprintable::new(what, "it must be dropped and created again"));
        }
        let mut clauses = Vec::new();
        if before.roles != after.roles {
            clauses.push(format!("to {}", print_roles(after)));
        }
        if let Some(using) = after.using.as_ref().filter(|_| before.using != after.using) {
            clauses.push(format!("using {}", bracketed(using, catalog)?));
        }
        if let Some(check) = after.check.as_ref().filter(|_| before.check != after.check) {
            clauses.push(format!("with check {}", bracketed(check, catalog)?));
        }
        Ok(vec![super::action(id, clauses.join(" "))])
    }
}

impl OnTable {
    pub(super) fn parse(kind: Kind, parser: &mut Parser<'_>) -> Parsed<Self> {
        let name = parser.name(&format!("the {}", kind.noun()))?;
        parser.word("on")?;
        Ok(OnTable { kind, name, table: parser.qualified_name("the table")? })
    }
}

impl Identity for OnTable {
    fn at(&self) -> At {
        self.name.at
    }

    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        checker.table(&self.table)?;
        Some(ObjectId::on_table(self.kind, self.name.value.clone(), &self.table.value))
    }
}

impl Rest {
    fn starts_at(parser: &Parser<'_>) -> bool {
        let is_using = parser.cursor.is_word("using") && *parser.cursor.look_ahead(1) == Token::Open(Bracket::Round);
        parser.cursor.is_word("to") || is_using || parser.cursor.is_words(&["with", "check"])
    }

    fn parse(parser: &mut Parser<'_>) -> Parsed<Self> {
        let mut rest = Rest::default();
        let start = parser.cursor.index();
        if parser.cursor.take_word("to") {
            rest.roles = Some(parse_roles(parser, |parser| {
                Rest::starts_at(parser) || parser.cursor.is_words(&["rename", "to"])
            })?);
        }
        if parser.cursor.take_word("using") {
            rest.using = Some(parser.bracketed_expression()?);
        }
        if parser.cursor.take_words(&["with", "check"]) {
            rest.check = Some(parser.bracketed_expression()?);
        }
        rest.at = parser.cursor.since(start);
        Ok(rest)
    }

    fn put_into(&self, policy: &mut Policy, id: &ObjectId, checker: &mut Checker<'_>) -> Option<()> {
        let name = id.table()?;
        let table = checker.table(&Spanned { value: name.clone(), at: self.at })?;
        if let Some(using) = &self.using
            && policy.command == PolicyCommand::Insert
        {
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, "a policy for `insert` cannot have `using`", using.at)
                    .help("write `with check (...)`: an insert reads no existing row"),
            );
            return None;
        }
        if let Some(check) = &self.check
            && matches!(policy.command, PolicyCommand::Select | PolicyCommand::Delete)
        {
            let headline = format!("a policy for `{}` cannot have `with check`", policy.command);
            checker.report(
                Diagnostic::new(code::INVALID_DEFINITION, headline, check.at)
                    .help("write `using (...)`: it writes no row"),
            );
            return None;
        }
        if let Some(roles) = &self.roles {
            policy.roles = checker.roles(roles)?;
            if let Some(public) = roles.iter().find(|role| role.value == Role::Public)
                && roles.len() > 1
            {
                checker.report(
                    Diagnostic::new(code::INVALID_DEFINITION, "`public` is every role", public.at)
                        .help("remove the others, or `public`"),
                );
                return None;
            }
        }
        let mut condition = |written: &Option<Spanned<Expression>>| match written {
            Some(written) => checker.condition(written, &name, &table, Context::Policy).map(Some),
            None => Some(None),
        };
        let (using, check) = (condition(&self.using)?, condition(&self.check)?);
        policy.using = using.or(policy.using.take());
        policy.check = check.or(policy.check.take());
        Some(())
    }
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        warn_if_ignored(id, at, checker);
        let mut policy = Policy {
            is_restrictive: self.is_restrictive,
            command: self.command,
            roles: [Role::Public].into(),
            using: None,
            check: None,
        };
        self.rest.put_into(&mut policy, id, checker)?;
        Some(policy.into())
    }
}

/// A policy does nothing before row level security of its table is enabled, which may be in a later item.
fn warn_if_ignored(id: &ObjectId, at: At, checker: &mut Checker<'_>) {
    let Some(table) = id.table() else { return };
    let headline = format!("{id} does nothing, because row level security of the table is not enabled");
    let warning = Diagnostic::new(code::IGNORED_POLICY, headline, at)
        .help(format!("write `alter table {table} enable row level security;`"));
    checker.warn_if_still(warning, move |catalog| {
        catalog.table(&table).is_some_and(|table| !table.row_security.is_enabled)
    });
}

impl Action for Rest {
    fn at(&self) -> At {
        self.at
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::Policy(policy) = &before.definition else { return None };
        let mut policy = policy.clone();
        self.put_into(&mut policy, id, checker)?;
        Some(policy.into())
    }
}

#[cfg(feature = "print")]
fn print_roles(policy: &Policy) -> String {
    let roles: Vec<String> = policy.roles.iter().map(role).collect();
    roles.join(", ")
}
