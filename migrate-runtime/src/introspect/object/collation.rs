use migrate_core::name::QualifiedName;
use migrate_core::object::{Collation, CollationLocale, Definition, Kind, ObjectId};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    provider: String,
    collate: Option<String>,
    ctype: Option<String>,
    locale: Option<String>,
    rules: Option<String>,
    deterministic: bool,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "collations";

    /// The locale of ICU is `collcollate` up to PostgreSQL 14, `colliculocale` up to 16, `colllocale` since.
    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, l.collname AS name, l.collprovider AS provider,
  l.collcollate AS collate, l.collctype AS ctype,
  coalesce(to_jsonb(l) ->> 'colllocale', to_jsonb(l) ->> 'colliculocale', l.collcollate) AS locale,
  to_jsonb(l) ->> 'collicurules' AS rules,
  l.collisdeterministic AS deterministic,
  obj_description(l.oid, 'pg_collation') AS comment
FROM pg_collation l
JOIN spaces ON spaces.oid = l.collnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_collation'::regclass AND m.objid = l.oid)
ORDER BY spaces.name, l.collname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(ObjectId::new(Kind::Collation, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, _: &Placed) -> Result<Definition, (String, String)> {
        let locale = self.locale.unwrap_or_default();
        let locale = match self.provider.as_str() {
            "c" => CollationLocale::Libc {
                collate: self.collate.unwrap_or_default(),
                ctype: self.ctype.unwrap_or_default(),
            },
            "i" => CollationLocale::Icu { locale, rules: self.rules },
            "b" => CollationLocale::Builtin { locale },
            other => return Err((other.to_owned(), "a collation of this provider is not supported".to_owned())),
        };
        Ok(Collation { locale, is_deterministic: self.deterministic }.into())
    }
}
