//! `collate "de-x-icu"`, `collate app.german`

use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Kind, ObjectId};
use migrate_core::token::At;

use crate::check::Checker;
use crate::parser::{Parsed, Parser, Spanned};

/// A collation as written.
pub(crate) struct Collation {
    name: Spanned<QualifiedName>,
}

/// Takes `collate NAME`, if it stands here.
pub(crate) fn parse_collation(parser: &mut Parser<'_>) -> Parsed<Option<Collation>> {
    if !parser.cursor.take_word("collate") {
        return Ok(None);
    }
    Ok(Some(Collation::parse_name(parser)?))
}

impl Collation {
    /// Takes the name of a collation.
    pub(crate) fn parse_name(parser: &mut Parser<'_>) -> Parsed<Self> {
        Ok(Collation { name: parser.qualified_name("a collation")? })
    }

    /// [`Collation::name`]; reported where its schema has no such collation.
    pub(crate) fn check(&self, checker: &mut Checker<'_>) -> Option<String> {
        let schema = self.name.value.schema.as_str();
        if !matches!(schema, DEFAULT_SCHEMA | "pg_catalog") && !checker.may_be_collation(&self.name.value) {
            checker.object(&ObjectId::new(Kind::Collation, self.name.value.clone()), self.name.at)?;
        } else if schema == DEFAULT_SCHEMA
            && let Some(mistake) =
                checker.unknown_collation_at(std::slice::from_ref(&self.name.value.name), self.name.at)
        {
            checker.report(mistake);
            return None;
        }
        Some(self.name(checker))
    }

    /// Its name, with its schema where it is not the system's.
    pub(crate) fn name(&self, checker: &Checker<'_>) -> String {
        let QualifiedName { schema, name } = &self.name.value;
        match schema.as_str() {
            DEFAULT_SCHEMA => checker.collation_name(name),
            "pg_catalog" => name.clone(),
            schema => format!("{schema}.{name}"),
        }
    }

    /// Where it stands.
    pub(crate) fn at(&self) -> At {
        self.name.at
    }
}
