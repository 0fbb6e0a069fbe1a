//! `alter default privileges in schema app grant select on tables to reader;`

use migrate_core::catalog::{Privilege, Privileges, Role, Said};
use migrate_core::object::{DefaultPrivileges, DefaultsOf, Definition, Object};
use migrate_core::operation::{ChangeObject, CreateObject, DropObject};
use migrate_core::sorted::SortedMap;
use migrate_core::token::At;

use super::Item;
use crate::check::Checker;
use crate::clause::{PrivilegesClause, list, parse_roles};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["alter", "default", "privileges"]];

pub(super) struct Alter {
    makers: Vec<Name>,
    schemas: Vec<Name>,
    grants: bool,
    option_only: bool,
    privileges: PrivilegesClause,
    of: DefaultsOf,
    roles: Vec<Spanned<Role>>,
    with_option: bool,
    at: At,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Alter> {
    let start = parser.cursor.index();
    let mut makers = Vec::new();
    if parser.cursor.take_words(&["for", "role"]) || parser.cursor.take_words(&["for", "user"]) {
        makers = list(parser, |parser| parser.name("a role"))?;
    }
    let mut schemas = Vec::new();
    if parser.cursor.take_words(&["in", "schema"]) {
        schemas = list(parser, |parser| parser.name("the schema"))?;
    }
    let grants = parser.cursor.take_word("grant");
    if !grants {
        parser.word("revoke")?;
    }
    let option_only = !grants && parser.cursor.take_words(&["grant", "option", "for"]);
    let privileges = PrivilegesClause::parse(parser)?;
    parser.word("on")?;
    let words = [
        ("tables", DefaultsOf::Tables),
        ("sequences", DefaultsOf::Sequences),
        ("functions", DefaultsOf::Functions),
        ("routines", DefaultsOf::Functions),
        ("types", DefaultsOf::Types),
        ("schemas", DefaultsOf::Schemas),
    ];
    let Some((_, of)) = words.into_iter().find(|(word, _)| parser.cursor.take_word(word)) else {
        return parser.expected("`tables`, `sequences`, `functions`, `types` or `schemas`");
    };
    parser.word(if grants { "to" } else { "from" })?;
    let roles = parse_roles(parser, |_| false)?;
    let with_option = grants && parser.cursor.take_words(&["with", "grant", "option"]);
    let at = parser.cursor.since(start);
    Ok(Alter { makers, schemas, grants, option_only, privileges, of, roles, with_option, at })
}

impl Alter {
    fn change(&self, of_role: &mut Privileges, defaults: &DefaultPrivileges, role: &Role, privilege: Privilege) {
        let before = of_role.get(&privilege).copied();
        match before {
            // What is built in is there unless the opposite is said.
            _ if self.grants && !self.with_option && defaults.is_built_in(role, privilege) => {
                of_role.remove(&privilege);
            }
            _ if self.grants => {
                if before != Some(Said::Granted { with_option: true }) {
                    of_role.insert(privilege, Said::Granted { with_option: self.with_option });
                }
            }
            Some(Said::Granted { .. }) if self.option_only => {
                of_role.insert(privilege, Said::Granted { with_option: false });
            }
            _ if self.option_only => {}
            // What is built in is there unless this is said.
            _ if defaults.is_built_in(role, privilege) => {
                of_role.insert(privilege, Said::Revoked);
            }
            _ => {
                of_role.remove(&privilege);
            }
        }
    }
}

impl Item for Alter {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`alter default privileges`");
        if let (DefaultsOf::Schemas, Some(schema)) = (self.of, self.schemas.first()) {
            let mistake =
                Diagnostic::new(code::INVALID_DEFINITION, "a schema cannot be in another schema", schema.at);
            return checker.report(mistake.help("remove `in schema`"));
        }
        let noun = self.of.keyword().to_lowercase();
        let noun = noun.strip_suffix('s').unwrap_or(&noun);
        let Some((privileges, columns)) = self.privileges.check(self.of.securable(), noun, checker) else { return };
        if let Some((_, (at, _))) = columns.iter().next() {
            let mistake = Diagnostic::new(code::INVALID_DEFINITION, "default privileges have no columns", *at);
            return checker.report(mistake.help("remove the columns"));
        }
        let Some(roles) = checker.roles(&self.roles) else { return };
        for schema in &self.schemas {
            if !checker.schema_exists(&schema.value, schema.at) {
                return;
            }
        }
        let makers: Vec<Option<String>> = match self.makers.is_empty() {
            true => vec![None],
            false => self.makers.iter().map(|name| Some(name.value.clone())).collect(),
        };
        let schemas: Vec<Option<String>> = match self.schemas.is_empty() {
            true => vec![None],
            false => self.schemas.iter().map(|name| Some(name.value.clone())).collect(),
        };
        let mut emitted = false;
        for (maker, schema) in
            makers.iter().flat_map(|maker| schemas.iter().map(move |schema| (maker.clone(), schema.clone())))
        {
            let mut defaults = DefaultPrivileges::new(maker, schema, self.of);
            let id = defaults.id();
            let before = checker.catalog().object(&id).cloned();
            if let Some(Definition::DefaultPrivileges(known)) = before.as_ref().map(|object| &object.definition) {
                defaults.grants.clone_from(&known.grants);
            }
            let scope = DefaultPrivileges::clone(&defaults);
            let mut grants: SortedMap<Role, Privileges> = std::mem::take(&mut defaults.grants.0);
            for role in &roles {
                let of_role = grants.entry(role.clone()).or_default();
                privileges.iter().for_each(|privilege| self.change(of_role, &scope, role, *privilege));
            }
            grants.retain(|_, privileges| !privileges.is_empty());
            defaults.grants.0 = grants;
            let is_empty = defaults.grants.is_empty();
            match before {
                Some(before) if before.definition == Definition::from(defaults.clone()) => continue,
                Some(_) if is_empty => checker.emit(DropObject { id }, self.at),
                Some(_) => checker.emit(ChangeObject { id, definition: defaults.into() }, self.at),
                None if is_empty => continue,
                None => checker.emit(CreateObject { id, object: Object::new(defaults) }, self.at),
            }
            emitted = true;
        }
        if !emitted {
            let headline = format!("the default privileges on {} are already like this", self.of.keyword().to_lowercase());
            checker.report(Diagnostic::new(code::EMPTY, headline, self.at).help("remove it, or write what should change"));
        }
    }
}
