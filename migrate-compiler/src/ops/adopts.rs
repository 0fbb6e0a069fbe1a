//! `adopts sqlx through 20260312094500 { checksum "...", versions [20260101000000, 20260312094500] }`

use migrate_core::adopt::{Adoption, Tool, VersionForm};
use migrate_core::name::QualifiedName;
use migrate_core::plan::Checksum;
use migrate_core::sorted::SortedSet;
use migrate_core::token::{At, Bracket, Token};

use super::Item;
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["adopts"]];

pub(super) struct Adopts {
    tool: Tool,
    through: Version,
    table: Option<Spanned<QualifiedName>>,
    checksum: Option<Name>,
    versions: Vec<Version>,
    at: At,
}

/// A version as it is written: a number, or a text in quotes.
struct Version {
    text: String,
    is_text: bool,
    at: At,
}

/// A property in the braces.
enum Property {
    Table(Spanned<QualifiedName>),
    Checksum(Name),
    Versions(Vec<Version>),
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Adopts> {
    let start = parser.cursor.index();
    let name = parser.name("the tool whose table is taken over")?;
    let Some(tool) = Tool::from_word(&name.value) else {
        let words = Tool::ALL.iter().map(|tool| tool.word());
        // All of them, where none is close: nobody knows them by heart.
        let list = || words.clone().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let close = choices(&name.value, words.clone(), "tools").filter(|help| help.starts_with("did you"));
        let message = format!("cannot find tool `{}`", name.value);
        return Err(Diagnostic::new(code::INVALID_ADOPTION, message, name.at)
            .help(close.unwrap_or_else(|| format!("tools: {}", list()))));
    };
    parser.word("through")?;
    let through = version(parser)?;
    let mut adopts = Adopts { tool, through, table: None, checksum: None, versions: Vec::new(), at: At::default() };
    let (mut has_versions, mut twice) = (false, None);
    for Spanned { value: property, at } in parser.body(property)? {
        let is_twice = match property {
            Property::Table(table) => adopts.table.replace(table).is_some(),
            Property::Checksum(checksum) => adopts.checksum.replace(checksum).is_some(),
            Property::Versions(versions) => {
                adopts.versions = versions;
                std::mem::replace(&mut has_versions, true)
            }
        };
        if is_twice {
            twice.get_or_insert(at);
        }
    }
    adopts.at = parser.cursor.since(start);
    if let Some(at) = twice {
        return Err(Diagnostic::new(code::SYNTAX, "this is given more than once", at).help("remove one of them"));
    }
    if !has_versions && parser.mistakes.is_empty() {
        return Err(Diagnostic::new(code::INVALID_ADOPTION, "`versions` is missing", adopts.at)
            .help(format!("write `versions [...]`: the versions that `{}` has, the last one at the end", tool.table())));
    }
    Ok(adopts)
}

fn property(parser: &mut Parser<'_>) -> Parsed<Spanned<Property>> {
    let start = parser.cursor.index();
    let property = if parser.cursor.take_word("table") {
        Property::Table(parser.qualified_name("the table")?)
    } else if parser.cursor.take_word("checksum") {
        Property::Checksum(parser.text("the checksum in double quotes")?)
    } else if parser.cursor.take_word("versions") {
        parser.open(Bracket::Square, "`[`")?;
        Property::Versions(parser.separated(Bracket::Square, version)?)
    } else {
        return parser.expected("`table`, `checksum` or `versions`");
    };
    Ok(Spanned { value: property, at: parser.cursor.since(start) })
}

fn version(parser: &mut Parser<'_>) -> Parsed<Version> {
    let at = parser.cursor.at();
    let (text, is_text) = match parser.cursor.peek() {
        Token::Number(number) => (number.clone(), false),
        Token::Text(text) => (text.clone(), true),
        _ => return parser.expected("a version: a number, or a text in double quotes"),
    };
    parser.cursor.next();
    Ok(Version { text, is_text, at })
}

impl Adopts {
    /// What is wrong with the form of a version.
    fn wrong_form(&self, version: &Version) -> Option<Diagnostic> {
        let form = self.tool.version_form();
        let tool = self.tool.name();
        let (what, example) = match form {
            VersionForm::Number => ("a whole number, as its table has it", version.text.trim_start_matches('0')),
            VersionForm::Text => ("a text in double quotes", version.text.as_str()),
        };
        let fits = version.is_text == (form == VersionForm::Text) && form.fits(&version.text);
        (!fits).then(|| {
            let message = format!("a version of {tool} must be {what}");
            let mistake = Diagnostic::new(code::INVALID_ADOPTION, message, version.at);
            match form {
                VersionForm::Number if VersionForm::Number.fits(example) => mistake.help(format!("write `{example}`")),
                VersionForm::Text if !example.is_empty() => mistake.help(format!("write `{example:?}`")),
                _ => mistake,
            }
        })
    }

    fn mistakes(&self) -> Vec<Diagnostic> {
        let mut mistakes: Vec<Diagnostic> =
            std::iter::once(&self.through).chain(&self.versions).filter_map(|version| self.wrong_form(version)).collect();
        let mut seen = SortedSet::new();
        for twice in self.versions.iter().filter(|version| !seen.insert(&version.text)) {
            let message = format!("the version `{}` is listed more than once", twice.text);
            mistakes.push(Diagnostic::new(code::INVALID_ADOPTION, message, twice.at).help("remove one of them"));
        }
        if self.versions.last().is_none_or(|last| last.text != self.through.text) && mistakes.is_empty() {
            let message = format!("the last of `versions` is not `{}`", self.through.text);
            let at = self.versions.last().map_or(self.at, |last| last.at);
            mistakes.push(
                Diagnostic::new(code::INVALID_ADOPTION, message, at)
                    .help("`through` repeats the last version, so that a reader need not search for it"),
            );
        }
        if let Some(checksum) = self.checksum.as_ref().filter(|text| Checksum::from_hex(&text.value).is_none()) {
            mistakes.push(
                Diagnostic::new(code::INVALID_ADOPTION, "a checksum must be 64 hexadecimal digits", checksum.at)
                    .help("use the one that `cargo migrate adopt` writes, or leave it out"),
            );
        }
        mistakes
    }
}

impl Item for Adopts {
    fn changes_catalog(&self) -> bool {
        false
    }

    fn is_declaration(&self) -> bool {
        true
    }

    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`adopts`");
        let mistakes = self.mistakes();
        if !mistakes.is_empty() {
            mistakes.into_iter().for_each(|mistake| checker.report(mistake));
            return;
        }
        let adoption = Adoption {
            tool: self.tool,
            table: self.table.as_ref().map_or_else(|| self.tool.table(), |table| table.value.clone()),
            versions: self.versions.iter().map(|version| version.text.clone()).collect(),
            checksum: self.checksum.as_ref().and_then(|text| Checksum::from_hex(&text.value)),
        };
        checker.adopt(adoption, self.at);
    }
}
