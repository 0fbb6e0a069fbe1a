//! What a comparison ignores: patterns of kinds, schemas and names.

use std::fmt;
use std::str::FromStr;

use super::Object;
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object;

/// Objects to ignore, for example `table public._sqlx_*`: a kind and a name, in which `*` stands for any characters and
/// `?` for one. Without a schema, it is `public`.
///
/// What belongs to a table is ignored with it; `schema audit` ignores everything in a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    kind: Kind,
    schema: String,
    name: String,
    /// The column of a `column schema.table.column`.
    column: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Schema,
    Extension,
    Enum,
    Table,
    Column,
    Constraint,
    Index,
    /// One of the kinds that are alike.
    Other(object::Kind),
}

/// The kinds by the words for them.
const KINDS: [(&str, Kind); 7] = [
    ("schema", Kind::Schema),
    ("extension", Kind::Extension),
    ("enum", Kind::Enum),
    ("table", Kind::Table),
    ("column", Kind::Column),
    ("constraint", Kind::Constraint),
    ("index", Kind::Index),
];

/// Why a text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreError {
    text: String,
    problem: &'static str,
}

impl std::error::Error for IgnoreError {}

impl fmt::Display for IgnoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "`{}` {}\nhelp: write a kind and a name, as in `table public._sqlx_*`",
            self.text, self.problem
        )
    }
}

impl FromStr for Ignore {
    type Err = IgnoreError;

    fn from_str(text: &str) -> Result<Self, IgnoreError> {
        let error = |problem| IgnoreError { text: text.to_string(), problem };
        let (word, name) =
            text.trim().split_once(char::is_whitespace).ok_or_else(|| error("lacks a kind or a name"))?;
        let (kind, word, name) = match kind_of_objects(text.trim()) {
            Some((kind, word, name)) => (Kind::Other(kind), word, name),
            None => {
                let found = KINDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, kind)| *kind);
                let problem = "does not begin with `schema`, `extension`, `enum`, `table`, `column`, `constraint`, \
                               `index`, `view`, `function` or another kind of object";
                (found.ok_or_else(|| error(problem))?, word, name)
            }
        };
        debug_assert!(!word.is_empty());
        let parts: Vec<String> = name.trim().split('.').map(|part| part.trim_matches('"').to_string()).collect();
        if parts.iter().any(String::is_empty) {
            return Err(error("has an empty name"));
        }
        let new = |schema: &str, name: &str, column: Option<&String>| Ignore {
            kind,
            schema: schema.to_string(),
            name: name.to_string(),
            column: column.cloned(),
        };
        match (kind, parts.as_slice()) {
            (Kind::Schema, [schema]) => Ok(new(schema, "*", None)),
            (Kind::Extension, [name]) => Ok(new("*", name, None)),
            (Kind::Schema | Kind::Extension, _) => Err(error("has a dot, and its name has no schema")),
            (Kind::Column, [table, column]) => Ok(new(DEFAULT_SCHEMA, table, Some(column))),
            (Kind::Column, [schema, table, column]) => Ok(new(schema, table, Some(column))),
            (Kind::Column, _) => Err(error("does not name a column as `schema.table.column`")),
            (_, [name]) => Ok(new(DEFAULT_SCHEMA, name, None)),
            (_, [schema, name]) => Ok(new(schema, name, None)),
            _ => Err(error("has too many dots")),
        }
    }
}

impl fmt::Display for Ignore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.kind {
            Kind::Other(kind) => kind.noun(),
            _ => KINDS.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(word, _)| word),
        };
        match (self.kind, &self.column) {
            (Kind::Schema, _) => write!(formatter, "{word} {}", self.schema),
            (Kind::Extension, _) => write!(formatter, "{word} {}", self.name),
            (_, Some(column)) => write!(formatter, "{word} {}.{}.{column}", self.schema, self.name),
            (_, None) => write!(formatter, "{word} {}.{}", self.schema, self.name),
        }
    }
}

impl Ignore {
    /// Everything of the tables of that name.
    pub fn table(name: &QualifiedName) -> Self {
        Ignore { kind: Kind::Table, schema: name.schema.clone(), name: name.name.clone(), column: None }
    }

    /// Whether to ignore the object.
    pub fn matches(&self, object: &Object) -> bool {
        let in_schema = |name: &QualifiedName| glob(&self.schema, &name.schema);
        let named = |name: &QualifiedName| in_schema(name) && glob(&self.name, &name.name);
        let beside = |table: &QualifiedName, name: &str| in_schema(table) && glob(&self.name, name);
        match (self.kind, object) {
            (Kind::Schema, Object::Enum(name)) => in_schema(name),
            (Kind::Schema, Object::Other(id)) if id.kind == object::Kind::Schema => glob(&self.schema, &id.name.name),
            (Kind::Schema, Object::Other(id)) => id.schema().is_some_and(|schema| glob(&self.schema, schema)),
            (Kind::Other(kind), Object::Other(id)) => {
                kind == id.kind
                    && id.schema().is_none_or(|schema| glob(&self.schema, schema))
                    && glob(&self.name, &id.name.name)
            }
            (Kind::Schema, object) => object.table().is_some_and(in_schema),
            (Kind::Extension, Object::Extension(name)) => glob(&self.name, name),
            (Kind::Enum, Object::Enum(name)) => named(name),
            (Kind::Table, object) => object.table().is_some_and(named),
            (Kind::Column, Object::Column { table, column }) => {
                named(table) && self.column.as_ref().is_some_and(|pattern| glob(pattern, column))
            }
            (Kind::Constraint, Object::Constraint { table, name }) | (Kind::Index, Object::Index { table, name }) => {
                beside(table, name)
            }
            _ => false,
        }
    }
}

/// The kind of objects that are alike with which a pattern begins, its noun, and the rest.
fn kind_of_objects(text: &str) -> Option<(object::Kind, &'static str, &str)> {
    let lower = text.to_lowercase();
    // A schema stands for all that is in it; and `event trigger` begins with no other kind.
    let kinds = object::Kind::ALL.iter().filter(|kind| **kind != object::Kind::Schema);
    let found = kinds.filter(|kind| lower.strip_prefix(kind.noun()).is_some_and(|rest| rest.starts_with(' ')));
    let kind = *found.max_by_key(|kind| kind.noun().len())?;
    Some((kind, kind.noun(), text.get(kind.noun().len()..)?))
}

/// Whether a text is as a pattern says.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // Where the last star stands, and how much of the text it stands for: the earlier ones need no second try.
    let (mut at, mut position, mut star) = (0, 0, None);
    while position < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, position));
                at += 1;
            }
            Some(character) if *character == '?' || text.get(position) == Some(character) => {
                at += 1;
                position += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                position = taken + 1;
            }
        }
    }
    pattern.iter().skip(at).all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignores(pattern: &str, object: &Object) -> bool {
        pattern.parse::<Ignore>().unwrap().matches(object)
    }

    fn column(schema: &str, table: &str, column: &str) -> Object {
        Object::Column { table: QualifiedName::in_schema(schema, table), column: column.into() }
    }

    #[test]
    fn stars_and_question_marks_stand_for_characters() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("_sqlx_*", "_sqlx_migrations", true),
            ("_sqlx_*", "sqlx_migrations", false),
            ("*_idx", "a_idx_idx", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxb", true),
            ("*a*b*", "xxbxxa", false),
            ("é?", "éé", true),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_belongs_to_a_table_is_left_alone_with_it() {
        let object = column("public", "_sqlx_migrations", "version");
        assert!(ignores("table public._sqlx_*", &object));
        assert!(ignores("table _sqlx_*", &object));
        assert!(ignores("schema pub*", &object));
        assert!(!ignores("table other._sqlx_*", &object));
        assert!(!ignores("index public._sqlx_*", &object));
    }

    #[test]
    fn a_kind_is_its_own() {
        assert!(ignores("column users.debug_*", &column("public", "users", "debug_a")));
        assert!(!ignores("column users.debug_*", &column("public", "users", "name")));
        assert!(ignores("extension pg_*", &Object::Extension("pg_trgm".into())));
        assert!(ignores("enum app.*", &Object::Enum(QualifiedName::in_schema("app", "status"))));
        let index = Object::Index { table: QualifiedName::new("users"), name: "dba_users_idx".into() };
        assert!(ignores("index dba_*", &index));
        assert!(!ignores("constraint dba_*", &index));
    }

    #[test]
    fn a_pattern_reads_what_it_writes_and_says_what_is_wrong() {
        for text in ["table public._sqlx_*", "schema audit", "extension pg_*", "column public.users.debug_*"] {
            assert_eq!(text.parse::<Ignore>().unwrap().to_string(), text);
        }
        let wrong = |text: &str| text.parse::<Ignore>().unwrap_err().to_string();
        assert_eq!(
            wrong("tabel users"),
            "`tabel users` does not begin with `schema`, `extension`, `enum`, `table`, `column`, `constraint`, \
             `index`, `view`, \
             `function` or another kind of object\n\
             help: write a kind and a name, as in `table public._sqlx_*`"
        );
        assert!(wrong("users").starts_with("`users` lacks a kind or a name"));
        assert!(wrong("table a.b.c").starts_with("`table a.b.c` has too many dots"));
        assert!(wrong("column users").starts_with("`column users` does not name a column"));
    }
}
