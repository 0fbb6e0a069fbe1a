use super::kind::Facts;
use super::{Define, Kind, Namespace, ObjectId, Renaming, compared};
use crate::catalog::{Catalog, Scope, Used};
use crate::json::ToJson;
use crate::name::{QualifiedName, split_schema};
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;

/// A collation: an order of strings.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Collation {
    /// Whose order it is.
    pub locale: CollationLocale,
    /// Whether strings that are equal in it have the same bytes.
    pub is_deterministic: bool,
}

/// Whose order a collation has.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum CollationLocale {
    /// That of the operating system.
    Libc {
        /// `LC_COLLATE`
        collate: String,
        /// `LC_CTYPE`
        ctype: String,
    },
    /// That of the library ICU.
    Icu {
        /// The locale.
        locale: String,
        /// Rules beside those of the locale (PostgreSQL 16).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rules: Option<String>,
    },
    /// PostgreSQL's own (PostgreSQL 17).
    Builtin {
        /// The locale.
        locale: String,
    },
}

impl CollationLocale {
    /// The word of the provider.
    pub fn provider(&self) -> &'static str {
        match self {
            CollationLocale::Libc { .. } => "libc",
            CollationLocale::Icu { .. } => "icu",
            CollationLocale::Builtin { .. } => "builtin",
        }
    }

    fn told(&self) -> String {
        match self {
            CollationLocale::Libc { collate, ctype } if collate == ctype => collate.clone(),
            CollationLocale::Libc { collate, ctype } => format!("{collate}, {ctype}"),
            // From PostgreSQL 16 on the server keeps the language tag.
            CollationLocale::Icu { locale, .. } => locale.replace('_', "-"),
            CollationLocale::Builtin { locale } => locale.clone(),
        }
    }

    fn rules(&self) -> Option<&String> {
        match self {
            CollationLocale::Icu { rules, .. } => rules.as_ref(),
            CollationLocale::Libc { .. } | CollationLocale::Builtin { .. } => None,
        }
    }
}

/// The collation of the user that is named where one is: `app.german`. Those of the system are named without a schema.
pub fn collation_id(name: &str) -> Option<ObjectId> {
    let (schema, name) = split_schema(name)?;
    (schema != "pg_catalog").then(|| ObjectId::new(Kind::Collation, QualifiedName::in_schema(schema, name)))
}

/// Notes the collation that is named.
pub(crate) fn note_collation(name: Option<&str>, uses: &mut SortedSet<Used>) {
    uses.extend(name.and_then(collation_id).map(Used::Object));
}

/// Follows the collation that is named to another name.
pub(crate) fn follow_collation(name: &mut Option<String>, renaming: &Renaming<'_>) {
    if let Renaming::Object { from, to, .. } = renaming
        && from.kind == Kind::Collation
        && name.as_deref().and_then(collation_id).as_ref() == Some(*from)
    {
        *name = Some(format!("{}.{}", to.schema, to.name));
    }
}

/// The name of a collation or an operator class as it is compared: without the schemas that the server does not say.
pub(super) fn bare_name(name: Option<&str>) -> Option<String> {
    name.map(|name| match split_schema(name) {
        Some(("public" | "pg_catalog", name)) => name.to_owned(),
        _ => name.to_owned(),
    })
}

impl Collation {
    pub(super) const FACTS: Facts = Facts {
        noun: "collation",
        keywords: "COLLATION",
        namespace: Namespace::Schema,
        on_table: None,
        securable: None,
    };
}

impl Define for Collation {
    fn note_uses(&self, _id: &ObjectId, _scope: &Scope<'_>, _uses: &mut SortedSet<Used>) {}

    fn follow(&mut self, _id: &ObjectId, _renaming: &Renaming<'_>) {}

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = Writer::new().keyword("CREATE COLLATION").name(&id.name).parenthesized(|writer| {
            let writer = writer.keyword("provider =").keyword(self.locale.provider()).comma();
            let writer = match &self.locale {
                CollationLocale::Libc { collate, ctype } if collate == ctype => {
                    writer.keyword("locale =").literal(collate)
                }
                CollationLocale::Libc { collate, ctype } => {
                    writer.keyword("lc_collate =").literal(collate).comma().keyword("lc_ctype =").literal(ctype)
                }
                CollationLocale::Icu { locale, rules } => writer
                    .keyword("locale =")
                    .literal(locale)
                    .optional(rules.as_deref(), |writer, rules| writer.comma().keyword("rules =").literal(rules)),
                CollationLocale::Builtin { locale } => writer.keyword("locale =").literal(locale),
            };
            writer.when(!self.is_deterministic, |writer| writer.comma().keyword("deterministic = false"))
        });
        plan.sql(writer.finish());
    }

    fn change(&self, _id: &ObjectId, _to: &Self, _before: &Catalog, _plan: &mut Lowering) -> bool {
        false
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        [
            compared("provider", Some(&self.locale.provider()), Some(&found.locale.provider())),
            compared("locale", Some(&self.locale.told()), Some(&found.locale.told())),
            compared("rules", self.locale.rules(), found.locale.rules()),
            compared("deterministic", Some(&self.is_deterministic), Some(&found.is_deterministic)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
