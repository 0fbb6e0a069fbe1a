//! `create collation german { provider: icu, locale: "de-DE" }`

use migrate_core::object::{Collation, CollationLocale, Definition, Kind, ObjectId};
use migrate_core::token::At;

use super::properties::{parse_flag, parse_properties};
use super::{Write, Written};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Name, Parsed, Parser};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
#[cfg(feature = "print")]
use super::{not_of_kind, properties::print_properties};
#[cfg(feature = "print")]
use crate::print::{Printed, qualified, text};

pub(super) struct Syntax;

#[derive(Default)]
struct Clauses {
    provider: Option<Name>,
    locale: Option<Name>,
    lc_collate: Option<Name>,
    lc_ctype: Option<Name>,
    rules: Option<Name>,
    deterministic: Option<(bool, At)>,
}

const PROPERTIES: [&str; 6] = ["provider", "locale", "lc_collate", "lc_ctype", "deterministic", "rules"];

const PROVIDERS: [&str; 3] = ["icu", "libc", "builtin"];

impl Write for Syntax {
    const KIND: Kind = Kind::Collation;
    const ACTIONS: &'static [&'static str] = &["refresh version"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        if parser.cursor.is_word("from") {
            let mistake = Diagnostic::new(code::SYNTAX, "unexpected `from`", parser.cursor.at());
            return Err(mistake.help("write its definition: `{ provider: icu, locale: \"de-DE\" }`"));
        }
        let mut clauses = Clauses::default();
        parse_properties(parser, &PROPERTIES, "a collation", |parser, name| {
            match name {
                "provider" => clauses.provider = Some(parser.name("`icu`, `libc` or `builtin`")?),
                "deterministic" => {
                    let at = parser.cursor.at();
                    clauses.deterministic = Some((parse_flag(parser)?, at));
                }
                "locale" => clauses.locale = Some(parser.text("the locale in double quotes")?),
                "lc_collate" => clauses.lc_collate = Some(parser.text("the locale in double quotes")?),
                "lc_ctype" => clauses.lc_ctype = Some(parser.text("the locale in double quotes")?),
                _ => clauses.rules = Some(parser.text("the rules in double quotes")?),
            }
            Ok(())
        })?;
        Ok(Box::new(clauses))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, _: &Catalog) -> Printed {
        let Definition::Collation(collation) = definition else { return Err(not_of_kind(id)) };
        let mut properties = vec![("provider", Some(collation.locale.provider().to_owned()))];
        match &collation.locale {
            CollationLocale::Libc { collate, ctype } if collate == ctype => {
                properties.push(("locale", Some(text(collate))));
            }
            CollationLocale::Libc { collate, ctype } => {
                properties.push(("lc_collate", Some(text(collate))));
                properties.push(("lc_ctype", Some(text(ctype))));
            }
            CollationLocale::Icu { locale, rules } => {
                properties.push(("locale", Some(text(locale))));
                properties.push(("rules", rules.as_deref().map(text)));
            }
            CollationLocale::Builtin { locale } => properties.push(("locale", Some(text(locale)))),
        }
        properties.push(("deterministic", (!collation.is_deterministic).then(|| "false".to_owned())));
        Ok(format!("collation {} {}", qualified(&id.name), print_properties(properties)))
    }
}

fn refuse(headline: impl Into<String>, help: &str, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
    checker.report(Diagnostic::new(code::INVALID_DEFINITION, headline, at).help(help));
    None
}

impl Clauses {
    fn check_libc(&self, at: At, checker: &mut Checker<'_>) -> Option<CollationLocale> {
        let whole = self.locale.as_ref();
        if let (Some(locale), Some(_)) = (whole, self.lc_collate.as_ref().or(self.lc_ctype.as_ref())) {
            refuse("`locale` stands for `lc_collate` and `lc_ctype`", "remove it, or the others", locale.at, checker);
            return None;
        }
        let (collate, ctype) = (self.lc_collate.as_ref().or(whole), self.lc_ctype.as_ref().or(whole));
        let (Some(collate), Some(ctype)) = (collate, ctype) else {
            refuse("a collation needs a locale", "write `locale: \"...\"`, or `lc_collate` and `lc_ctype`", at, checker);
            return None;
        };
        Some(CollationLocale::Libc { collate: collate.value.clone(), ctype: ctype.value.clone() })
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let provider = self.provider.as_ref().map_or("libc", |provider| provider.value.as_str());
        if let Some(written) = self.provider.as_ref().filter(|written| !PROVIDERS.contains(&written.value.as_str())) {
            checker.report(
                Diagnostic::new(code::SYNTAX, format!("cannot find the provider `{}`", written.value), written.at)
                    .maybe_help(choices(&written.value, PROVIDERS, "providers")),
            );
            return None;
        }
        let locale = match provider {
            "libc" => self.check_libc(at, checker)?,
            _ => {
                if let Some(other) = self.lc_collate.as_ref().or(self.lc_ctype.as_ref()) {
                    let headline = format!("a collation of the provider `{provider}` has a single `locale`");
                    return refuse(headline, "write `locale: \"...\"`", other.at, checker);
                }
                let Some(locale) = &self.locale else {
                    return refuse("a collation needs a locale", "write `locale: \"...\"`", at, checker);
                };
                let rules = self.rules.as_ref().map(|rules| rules.value.clone());
                match (provider, &self.provider) {
                    ("builtin", Some(written)) => {
                        checker.needs_postgres(17, "the provider `builtin`", written.at);
                        CollationLocale::Builtin { locale: locale.value.clone() }
                    }
                    _ => CollationLocale::Icu { locale: locale.value.clone(), rules },
                }
            }
        };
        if let Some(rules) = &self.rules {
            if provider != "icu" {
                return refuse("only collations of `icu` have `rules`", "remove them", rules.at, checker);
            }
            checker.needs_postgres(16, "`rules` of a collation", rules.at);
        }
        if let Some((false, at)) = self.deterministic
            && provider != "icu"
        {
            let help = "write `provider: icu`, or remove `deterministic`";
            return refuse("only collations of `icu` can be nondeterministic", help, at, checker);
        }
        Some(Collation { locale, is_deterministic: self.deterministic.is_none_or(|(flag, _)| flag) }.into())
    }
}
